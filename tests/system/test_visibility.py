# SPDX-License-Identifier: MIT
"""For every user of the data and every tool: exactly the rows that person
may see, by SQL that was written without a look at the product's."""

import json
import re
import time

import pytest

from harness.asker import Asker
from harness.exchange import Exchange
from harness.visible import Visible, user_id

NAMED = ["manager_maya", "member_milo", "viewer_vera", "two_org_theo",
         "nowhere_nora", "patient_pia", "dual_dora", "super_sven",
         "root_rita", "portal_paul", "empty_emil", "weird_wanda",
         "typed_tina", "manager_max"]
# With claims only lists differ: some of the ids are enough there.
SOME = slice(0, None, 4)
CANNOT_LOG_IN = ["inactive_ines", "inactive_ivo"]
NOWHERE = 39999, 49999, 99999999    # a study, a patient, an observation


def stored_login(tmp_path, template, user, **members):
    """The home of a user who signed in before: nobody checks a password.

    Only the id is changed, which is all that the database is asked with."""
    home = tmp_path / str(user)
    directory = home / ".jhe_mcp"
    directory.mkdir(parents=True, mode=0o700)
    cache = dict(json.loads(json.dumps(template)), **members)
    cache["person"] = dict(cache["person"], sub=type(
        template["person"]["sub"])(user))
    path = directory / "token_cache.json"
    path.write_text(json.dumps(cache))
    path.chmod(0o600)
    return str(home)


@pytest.fixture(scope="module")
def template():
    """A place for one login's cache, made by the first who needs it."""
    return {}


@pytest.fixture
def login_of(start_server, template, tmp_path):
    def make(user, **members):
        if not template:
            one = start_server(user="manager_maya")
            one.initialize()
            one.call_tool("get_study_count")
            template.update(one.cache())
        return start_server(home=stored_login(tmp_path, template, user,
                                              **members))
    return make


@pytest.fixture
def everything(pg):
    """Ids of all studies and patients there are."""
    return (pg.column("SELECT id FROM core_study ORDER BY 1"),
            pg.column("SELECT id FROM core_patient ORDER BY 1"))


def has_profile(pg, user):
    return pg.value(
        "SELECT u.is_active AND (EXISTS (SELECT FROM core_practitioner p"
        " WHERE p.jhe_user_id = u.id) OR EXISTS (SELECT FROM core_patient p"
        " WHERE p.jhe_user_id = u.id)) FROM core_jheuser u WHERE u.id = %s",
        user)


def age_of(pg, patient):
    """Full years today (UTC), at most 90; None: not born or not known."""
    return pg.value(
        "SELECT CASE WHEN birth_date <= (now() AT TIME ZONE 'UTC')::date THEN"
        " least(90, extract(year FROM age((now() AT TIME ZONE 'UTC')"
        "::date, birth_date))::int) END FROM core_patient WHERE id = %s",
        patient)


def once(visible):
    """Asks the database each question once; nothing is written here."""
    known, ask = {}, visible._ids

    def look(sql, **args):
        key = sql, tuple(sorted(args.items()))
        if key not in known:
            known[key] = ask(sql, **args)
        return known[key]

    visible._ids = look
    return visible


class Refusals:
    """What forbidden and unknown ids are answered with: one text, in which
    only the id differs."""

    def __init__(self):
        self.texts = {}

    def add(self, tool, kind, ident, error):
        assert error is not None, (tool, kind, ident)
        text, count = re.subn(rf"\b{ident}\b", "ID", error)
        assert count == 1 and text.startswith("not_found: ")
        self.texts.setdefault((tool, kind), set()).add(text)

    def check(self):
        for key, texts in self.texts.items():
            assert len(texts) == 1, (key, texts)


def check_studies(asker, visible):
    expected = visible.studies()
    count, error = asker.ask("get_study_count")
    assert error is None and count == {"count": len(expected)}
    rows, total = asker.table("list_studies")
    assert [row["study_id"] for row in rows] == expected == sorted(expected)
    assert total == len(expected)
    paged, total = asker.table("list_studies", limit=2)
    assert paged == rows and total == len(expected)
    for row in rows:
        name, organization = visible.pg.query(
            "SELECT name, organization_id FROM core_study WHERE id = %s",
            row["study_id"])[0]
        # What turns a line of text round is taken out of free text.
        assert row["name"] == re.sub("[\u202a-\u202e]", "", name)
        assert row["organization_id"] == organization


def check_metadata(asker, visible, studies, refusals):
    seen = visible.studies()
    for study in [*studies, NOWHERE[0]]:
        one, error = asker.ask("get_study_metadata", study_id=study)
        if study not in seen:
            refusals.add("get_study_metadata", "study", study, error)
            continue
        assert error is None, error
        assert one["study_id"] == study
        assert one["patients"] == len(visible.roster(study))
        assert one["observations"] == len(visible.observations(study=study))
        by_type = dict(zip(*[[row[one["data_types"]["columns"].index(name)]
                              for row in one["data_types"]["rows"]]
                             for name in ("data_type", "observations")]))
        assert sum(by_type.values()) == one["observations"]


def check_rosters(asker, visible, studies, refusals):
    for study in [*studies, NOWHERE[0]]:
        rows, total = asker.table("get_patient_demographics", study_id=study,
                                  limit=4)
        roster = visible.roster(study)
        if roster is None:
            refusals.add("get_patient_demographics", "study", study, total)
            continue
        assert [row["patient_id"] for row in rows] == roster
        assert total == len(roster)
        for row in rows:
            assert row["age"] == age_of(visible.pg, row["patient_id"])


def check_patients(asker, visible, patients, refusals, whole):
    seen = visible.patients()
    for patient in [*patients, NOWHERE[1]]:
        one, error = asker.ask("get_patient_demographics",
                               patient_id=patient)
        rows, total = (asker.table(
            "get_patient_observations", patient_id=patient, limit=1000)
                       if whole else one_page(asker, patient))
        if patient not in seen:
            refusals.add("get_patient_demographics", "patient", patient,
                         error)
            refusals.add("get_patient_observations", "patient", patient,
                         total)
            continue
        assert error is None, error
        assert [row[0] for row in one["rows"]] == [patient]
        expected = visible.observations(patient=patient)
        assert total == len(expected)
        found = [row["observation_id"] for row in rows]
        assert len(set(found)) == len(found)
        assert set(found) <= set(expected)
        if whole:
            assert sorted(found) == expected


def one_page(asker, patient):
    page, error = asker.ask("get_patient_observations", patient_id=patient)
    if error is not None:
        return None, error
    return ([dict(zip(page["columns"], row)) for row in page["rows"]],
            page["total"])


def check_no_profile(asker, studies, patients):
    """Nothing is visible, and no id makes a difference."""
    texts = set()
    for tool, arguments in [("get_study_count", {}), ("list_studies", {})] + [
            ("get_study_metadata", {"study_id": one})
            for one in (studies[0], NOWHERE[0])] + [
            (tool, {"patient_id": one}) for one in (patients[0], NOWHERE[1])
            for tool in ("get_patient_demographics",
                         "get_patient_observations")]:
        _, error = asker.ask(tool, **arguments)
        assert error is not None and error.startswith("no_profile: ")
        texts.add(error)
    assert len(texts) == 1


def check_person(asker, visible, everything, whole):
    studies, patients = everything
    if not has_profile(visible.pg, visible.user):
        assert visible.studies() == visible.patients() == []
        check_no_profile(asker, studies, patients)
        return
    refusals = Refusals()
    check_studies(asker, visible)
    check_metadata(asker, visible, studies, refusals)
    check_rosters(asker, visible, studies, refusals)
    check_patients(asker, visible, patients, refusals, whole)
    refusals.check()


@pytest.mark.parametrize("user", NAMED)
def test_a_person_sees_exactly_what_is_theirs(start_server, sees, user,
                                              everything):
    asker = Asker(start_server(user=user))
    asker.ask("get_study_count")
    assert asker.claimed() is None
    check_person(asker, once(sees(user)), everything, whole=True)
    assert Exchange.canary(asker.server.stderr) is None


@pytest.mark.parametrize("user", NAMED)
def test_with_claims_a_person_sees_what_they_leave(
        start_server, exchange, sees, user, everything):
    exchange.set(claims=True)
    asker = Asker(start_server(user=user))
    asker.ask("get_study_count")
    check_person(asker, once(sees(user, asker.claimed())),
                 (everything[0], everything[1][SOME]), whole=False)


@pytest.mark.parametrize("user, studies", [
    ("manager_max", [30001, 30004, 30007]), ("manager_max", []),
    ("dual_dora", [30002]), ("dual_dora", [30004, 30009]),
    ("patient_pia", [30004]), ("two_org_theo", [30003, 30002])])
def test_claims_hide_a_study_and_its_roster_but_no_patient(
        start_server, exchange, sees, user, studies, everything):
    exchange.set(claims=True, claims_set={"jhe_permissions": {
        "studies": studies, "organizations": []}})
    asker = Asker(start_server(user=user))
    asker.ask("get_study_count")
    assert asker.claimed() == studies
    visible = sees(user, studies)
    check_person(asker, once(visible), (everything[0], everything[1][SOME]),
                 whole=False)
    assert visible.patients() == sees(user).patients()


@pytest.mark.parametrize("user", CANNOT_LOG_IN)
def test_an_inactive_person_sees_nothing_with_a_login_from_before(
        login_of, pg, user, everything):
    number = user_id(pg, user)
    asker = Asker(login_of(number))
    visible = Visible(pg, number)
    assert visible.studies() == visible.patients() == []
    check_no_profile(asker, *everything)


def test_a_person_who_is_gone_sees_nothing(login_of, everything):
    check_no_profile(Asker(login_of(19999)), *everything)


def test_every_patient_sees_themself_alone(login_of, pg, everything):
    """All users of the data that have no name of their own."""
    users = pg.query(
        "SELECT u.id, p.id FROM core_jheuser u JOIN core_patient p"
        " ON p.jhe_user_id = u.id WHERE u.email LIKE %s AND u.is_active"
        " ORDER BY 1", "patient\\_4%")
    assert len(users) >= 40
    for number, patient in users:
        asker = Asker(login_of(number))
        visible = Visible(pg, number)
        assert visible.patients() == [patient]
        near = [one for one in everything[1]
                if abs(one - patient) <= 1 or one == 40050]
        some = sorted({*visible.studies(), 30001, 30007})
        check_person(asker, once(visible), (some, near), whole=False)
        asker.server.close()


# --- Ids of single observations, cursors ---

def test_an_observation_is_reached_only_through_its_patient(
        start_server, sees, pg):
    asker = Asker(start_server(user="manager_maya"))
    visible = sees("manager_maya")
    mine = visible.observations(patient=40004)[:3]
    rows, total = asker.table("get_patient_observations", patient_id=40004,
                              observation_ids=mine)
    assert sorted(row["observation_id"] for row in rows) == mine
    refusals = Refusals()
    others = visible.observations(patient=40005)[:1] + pg.column(
        "SELECT min(id) FROM core_observation WHERE subject_patient_id ="
        " 40016") + [NOWHERE[2]]
    for other in others:
        _, error = asker.ask("get_patient_observations", patient_id=40004,
                             observation_ids=[other])
        refusals.add("get_patient_observations", "observation", other, error)
    refusals.check()


def test_a_cursor_is_its_makers_alone(start_server, login_of, template):
    """Of another person, of another tool, of another start, or changed."""
    login_of(10001).close()
    server = login_of(10016, expires_at=time.time() + 65)
    server.initialize()
    first = server.call_tool("list_studies", limit=1)
    cursor = first["structuredContent"]["next_cursor"]
    assert len(cursor) <= 96
    asker = Asker(server)
    again, _ = asker.ask("list_studies", cursor=cursor)
    assert again["rows"][0][0] == 30002

    def refused(error):
        assert error is not None and error.startswith("bad_cursor: ")
        return error

    said = {refused(asker.ask("get_patient_demographics", study_id=30001,
                              cursor=cursor)[1])}
    for changed in (cursor[:-1], cursor[1:], "A" * len(cursor),
                    cursor[:-1] + ("A" if cursor[-1] != "A" else "B"),
                    cursor[::-1], "%%%", " "):
        said.add(refused(asker.ask("list_studies", cursor=changed)[1]))
    other = Asker(start_server(home=server.home))
    said.add(refused(other.ask("list_studies", cursor=cursor)[1]))
    # In the same program, another person, when the first one's time is over.
    time.sleep(5.5)
    cache = dict(template, person=dict(template["person"]))
    assert str(cache["person"]["sub"]) == "10001"
    with open(server.cache_path, "w", encoding="utf-8") as file:
        json.dump(cache, file)
    server.request("tools/call", {"name": "get_study_count",
                                  "arguments": {}})
    assert asker.ask("get_study_count")[0] == {"count": 2}
    said.add(refused(asker.ask("list_studies", cursor=cursor)[1]))
    assert len(said) == 1


def test_what_identifies_a_person_is_shown_only_when_asked_for(
        start_server, pg):
    asker = Asker(start_server(user="manager_maya"))
    rows, _ = asker.table("get_patient_demographics", study_id=30001)
    assert set(rows[0]) == {"patient_id", "age"}
    text = asker.server.text(asker.server.call_tool(
        "get_patient_demographics", study_id=30001))
    for word in ("Family", "Given", "@example.com", "1984", "555", "MRN"):
        assert word not in text
    rows, _ = asker.table("get_patient_demographics", study_id=30001, limit=5,
                          include=["name", "birth_date", "contact",
                                   "identifiers"])
    by_id = {row["patient_id"]: row for row in rows}
    born, phone, email = pg.query(
        "SELECT p.birth_date::text, p.telecom_phone, u.email FROM"
        " core_patient p JOIN core_jheuser u ON u.id = p.jhe_user_id"
        " WHERE p.id = 40015")[0]
    row = by_id[40015]
    assert (row["birth_date"], row["phone"], row["email"]) == (
        born, phone, email)
    assert (row["given_name"], row["family_name"]) == ("Given 40015",
                                                       "Family 40015")


def test_identity_fields_never_refuses_them(start_server):
    asker = Asker(start_server(user="manager_maya", args=[
        "stdio", "-o", "identity-fields=never"]))
    for member in ("name", "birth_date", "contact", "identifiers"):
        page, error = asker.ask("get_patient_demographics", study_id=30001,
                                include=[member])
        if error is None:
            assert page["columns"] == ["patient_id", "age"]
            text = json.dumps(page)
            assert "Family" not in text and "@" not in text


# --- Resources ---

def test_resources_describe_tables_and_hold_no_row(start_server, pg):
    """Of the columns, those that the database login may read."""
    reader = pg.connect("jhe_mcp_reader").cursor()
    asker = Asker(start_server(user="super_sven"))
    server = asker.server
    listed = server.request("resources/list")["result"]["resources"]
    assert len(listed) >= 6
    for resource in listed:
        answer = server.request("resources/read", {"uri": resource["uri"]})
        content, = answer["result"]["contents"]
        assert content["uri"] == resource["uri"]
        text = content["text"]
        assert "CANARY" not in text and "@example.com" not in text
        if not resource["name"].startswith("core_"):
            continue
        described = json.loads(text)
        assert described["table"] == resource["name"]
        reader.execute("SELECT column_name::text FROM"
                       " information_schema.columns WHERE table_name = %s",
                       [resource["name"]])
        assert sorted(one["name"] for one in described["columns"]) == sorted(
            row[0] for row in reader.fetchall())
