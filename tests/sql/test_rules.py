# SPDX-License-Identifier: MIT
"""The visibility rules of src/db/sql/rbac against the same rules written down
twice more: in Python over the bare rows, here, and in the SQL of
tests/system/harness/visible.py; for every user of the data, with and without
claims."""

import os
import re
import sys
from collections import defaultdict

import pytest

from conftest import TOP, rule_files

sys.path.insert(0, os.path.join(TOP, "tests", "system", "harness"))

from visible import Visible, stored                         # noqa: E402,F401

RULES = rule_files()


def expand(text):
    """A statement or a rule with its :rules put in, without comments."""
    def rule(match):
        return "(" + expand(RULES[match.group(1)]) + ")"

    parts = re.split(r"('(?:[^']|'')*'|--[^\n]*|/\*.*?\*/)", text,
                     flags=re.S)
    return "".join(
        part if part.startswith("'") else
        " " if part.startswith(("--", "/*")) else
        re.sub(r"(?<!:):([a-z_]+)", rule, part) for part in parts)


def bind(text):
    """The same with $1 and $2 as psycopg2 wants them."""
    return expand(text).replace("$1", "%(person)s::bigint").replace(
        "$2", "%(claims)s::bigint[]")


class World:
    """All rows that decide, and what follows from them."""

    def __init__(self, cursor):
        def rows(columns, table):
            cursor.execute("SELECT %s FROM public.%s" % (columns, table))
            return cursor.fetchall()

        self.active = dict(rows("id, is_active", "core_jheuser"))
        self.superusers = {i for i, s in rows("id, is_superuser",
                                              "core_jheuser") if s}
        self.practitioner = {u: i for i, u in rows("id, jhe_user_id",
                                                   "core_practitioner")}
        self.patients = dict(rows("id, jhe_user_id", "core_patient"))
        self.studies = dict(rows("id, organization_id", "core_study"))
        self.members = defaultdict(set)
        for p, o in rows("practitioner_id, organization_id",
                         "core_practitionerorganization"):
            self.members[p].add(o)
        self.belongs = defaultdict(set)
        for p, o in rows("patient_id, organization_id",
                         "core_patientorganization"):
            self.belongs[p].add(o)
        self.enrolled = set(rows("study_id, patient_id", "core_studypatient"))
        self.requested = set(rows("study_id, scope_code_id",
                                  "core_studyscoperequest"))
        self.observations = rows(
            "id, subject_patient_id, codeable_concept_id", "core_observation")

    def organizations(self, user):
        if not self.active.get(user):
            return set()
        return self.members.get(self.practitioner.get(user), set())

    def own(self, user):
        if not self.active.get(user):
            return set()
        return {p for p, u in self.patients.items() if u == user}

    def team(self, user, claims):
        return {s for s, o in self.studies.items()
                if o in self.organizations(user)
                and (claims is None or s in claims)}

    def part(self, user, claims):
        return {s for s, p in self.enrolled if p in self.own(user)
                and (claims is None or s in claims)}

    def roster(self, user, claims):
        team, part = self.team(user, claims), self.part(user, claims)
        return {(s, p) for s, p in self.enrolled
                if s in team or (s in part and p in self.own(user))}

    def readable(self, user):
        return {p for p in self.patients
                if p in self.own(user)
                or self.belongs[p] & self.organizations(user)}

    def of_studies(self, user, claims):
        readable = self.readable(user)
        mine = self.team(user, claims) | self.part(user, claims)
        found = set()
        for o, p, c in self.observations:
            if p in readable:
                found |= {(s, o) for s in mine if (s, p) in self.enrolled
                          and (s, c) in self.requested}
        return found


@pytest.fixture(scope="module")
def world(facts):
    import psycopg2
    connection = psycopg2.connect(facts["JHE_DB_ADMIN"])
    yield World(connection.cursor())
    connection.close()


def claims_of(world, user):
    """No claims, none allowed, one of one's own and one foreign study."""
    mine = sorted(world.team(user, None) | world.part(user, None))
    foreign = sorted(set(world.studies) - set(mine))
    return [None, [], mine[:1] + foreign[:1] + [999999], mine]


def compare(world, reader, text, expected, users=None):
    cursor = reader.cursor()
    statement = bind(text)
    different = []
    for user in users or list(world.active) + [999999]:
        for claims in claims_of(world, user):
            cursor.execute(statement, {"person": user, "claims": claims})
            rows = cursor.fetchall()
            found = {r[0] if len(r) == 1 else r for r in rows}
            assert len(found) == len(rows), "a row twice"
            if found != expected(user, claims):
                different.append((user, claims, found ^ expected(
                    user, claims)))
    assert different == []


def test_the_data_are_worth_it(world):
    assert len(world.active) > 50 and not all(world.active.values())
    assert world.superusers
    sees = [u for u in world.active if world.team(u, None)]
    both = [u for u in world.active
            if world.own(u) and world.organizations(u)]
    assert len(sees) >= 8 and both
    assert any(world.roster(u, None) != {
        (s, p) for s, p in world.roster(u, None) if p in world.readable(u)}
        for u in sees), "somebody listed and not readable"


def test_studies(world, reader):
    compare(world, reader,
            "SELECT s.id FROM public.core_study s WHERE :study_mine",
            lambda u, c: world.team(u, c) | world.part(u, c))


def test_studies_as_team(world, reader):
    compare(world, reader,
            "SELECT s.id FROM public.core_study s WHERE :study_as_team",
            world.team)


def test_studies_as_participant(world, reader):
    compare(world, reader, "SELECT s.id FROM public.core_study s "
            "WHERE :study_as_participant", world.part)


def test_roster(world, reader):
    compare(world, reader,
            "SELECT s.id, sp.patient_id FROM public.core_study s "
            "JOIN public.core_studypatient sp ON sp.study_id = s.id "
            "WHERE :roster_listed", world.roster)


def test_patients(world, reader):
    compare(world, reader, "SELECT p.id FROM public.core_patient p "
            "WHERE :patient_readable", lambda u, c: world.readable(u))


def test_rules_are_never_null(world, reader):
    """As a column they are true or false, for everybody."""
    cursor = reader.cursor()
    cursor.execute(bind(
        "SELECT DISTINCT u.id FROM public.core_jheuser u, public.core_study s,"
        " public.core_studypatient sp, public.core_patient p"
        " WHERE sp.study_id = s.id AND sp.patient_id = p.id AND"
        " ((:study_mine) IS NULL OR (:roster_listed) IS NULL"
        " OR (:patient_readable) IS NULL)").replace(
            "%(person)s::bigint", "u.id"), {"claims": None})
    assert cursor.fetchall() == []


def test_observations_of_studies(world, reader):
    people = [u for u in world.active
              if u < 10100 or u % 10 == 4] + [999999]
    compare(world, reader,
            "SELECT s.id, o.id FROM public.core_study s"
            " JOIN public.core_studypatient sp ON sp.study_id = s.id"
            " JOIN public.core_patient p ON p.id = sp.patient_id"
            " JOIN public.core_observation o ON o.subject_patient_id = p.id"
            " WHERE :study_mine AND :patient_readable"
            " AND :observation_requested", world.of_studies, people)


def test_nobody_and_the_superuser(world, reader):
    cursor = reader.cursor()
    for user in world.superusers | {999999, 0, -1, None}:
        for text in ("core_study s WHERE :study_mine",
                     "core_patient p WHERE :patient_readable"):
            cursor.execute(bind("SELECT count(*) FROM public." + text),
                           {"person": user, "claims": None})
            assert cursor.fetchone()[0] == 0


class Direct:
    """What Visible needs of the harness's Postgres."""

    def __init__(self, connection):
        self.connection = connection


def test_the_other_reference_agrees(world, admin):
    """Visible, which the system tests judge by, and World."""
    pg = Direct(admin)
    for user in list(world.active) + [999999]:
        for claims in claims_of(world, user):
            seen = Visible(pg, user, claims)
            mine = world.team(user, claims) | world.part(user, claims)
            assert set(seen.studies()) == mine
            assert set(seen.patients()) == world.readable(user)
            roster = {(s, p) for s in mine for p in seen.roster(s)}
            assert roster == world.roster(user, claims)
    for user in (10001, 10004, 10006, 10007, 10016):
        seen = Visible(pg, user)
        mine = world.team(user, None) | world.part(user, None)
        found = {(s, o) for s in mine for o in seen.observations(study=s)}
        assert found == world.of_studies(user, None)
