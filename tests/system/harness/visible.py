# SPDX-License-Identifier: MIT
"""What a person may see, by SQL written without a look at the product's.

The rules: an active person sees the studies of the organizations of which
they are a practitioner, the patients enrolled in those studies (by id), and
the patients who share such an organization, with their observations; as a
patient, themself, their observations and the studies they are enrolled in.
Both profiles give the union.  Role, superuser and parent organizations change
nothing.  A study filter keeps enrolled patients and requested codes.

`claimed` is the optional claim jhe_permissions.studies: None narrows nothing;
a list hides every other study with its roster, but no patient or observation
that is readable otherwise.

Who sees what is decided by tables that each generation of the exchange has.
Where else they differ, stored() knows.
"""

ORGANIZATIONS = """
    SELECT m.organization_id
    FROM core_jheuser a
    JOIN core_practitioner b ON b.jhe_user_id = a.id
    JOIN core_practitionerorganization m ON m.practitioner_id = b.id
    WHERE a.id = %(user)s AND a.is_active
"""

SELF = """
    SELECT c.id
    FROM core_jheuser a JOIN core_patient c ON c.jhe_user_id = a.id
    WHERE a.id = %(user)s AND a.is_active
"""

STAFF_STUDIES = f"""
    SELECT d.id FROM core_study d WHERE d.organization_id IN ({ORGANIZATIONS})
"""

STUDIES = f"""
    {STAFF_STUDIES} UNION
    SELECT e.study_id FROM core_studypatient e WHERE e.patient_id IN ({SELF})
"""

PATIENTS = f"""
    {SELF} UNION
    SELECT f.patient_id FROM core_patientorganization f
    WHERE f.organization_id IN ({ORGANIZATIONS})
"""

ROSTER = f"""
    SELECT e.patient_id FROM core_studypatient e
    WHERE e.study_id = %(study)s AND (
        e.study_id IN ({STAFF_STUDIES}) OR e.patient_id IN ({SELF}))
    ORDER BY 1
"""

OBSERVATIONS = f"""
    SELECT g.id FROM core_observation g
    WHERE g.subject_patient_id IN ({PATIENTS})
    AND (%(patient)s::bigint IS NULL OR g.subject_patient_id = %(patient)s)
    AND (%(study)s::bigint IS NULL OR (g.subject_patient_id,
        g.codeable_concept_id) IN (
        SELECT e.patient_id, h.scope_code_id
        FROM core_studypatient e
        JOIN core_studyscoperequest h ON h.study_id = e.study_id
        WHERE e.study_id = %(study)s))
    ORDER BY 1
"""


class Visible:
    """pg: harness.postgres.Postgres; user: id in core_jheuser."""

    def __init__(self, pg, user, claimed=None):
        self.pg = pg
        self.user = user
        self.claimed = claimed

    def _ids(self, sql, **args):
        args["user"] = self.user
        with self.pg.connection.cursor() as cursor:
            cursor.execute(sql, args)
            return [row[0] for row in cursor.fetchall()]

    def studies(self):
        found = self._ids(f"{STUDIES} ORDER BY 1")
        return [one for one in found
                if self.claimed is None or one in self.claimed]

    def patients(self):
        """Those whose person data and observations are readable."""
        return self._ids(f"{PATIENTS} ORDER BY 1")

    def roster(self, study):
        """Patients listed in a study; None if the study is not visible."""
        if study not in self.studies():
            return None
        return self._ids(ROSTER, study=study)

    def observations(self, patient=None, study=None):
        """Ids; None if the patient or the study named is not visible."""
        if patient is not None and patient not in self.patients():
            return None
        if study is not None and study not in self.studies():
            return None
        return self._ids(OBSERVATIONS, patient=patient, study=study)


def stored(pg):
    """SQL of what the exchange's generations keep in different places.

    payload, at, start and end are of o (core_observation), identifiers is of
    p (core_patient).
    """
    with pg.connection.cursor() as cursor:
        cursor.execute("SELECT table_name || '.' || column_name"
                       " FROM information_schema.columns"
                       " WHERE table_schema = 'public'")
        there = {row[0] for row in cursor.fetchall()}

    def time(name):
        return (f"o.{name}" if f"core_observation.{name}" in there
                else "NULL::timestamptz")

    return {
        "payload": "o.omh_data" if "core_observation.omh_data" in there
                   else "o.value_attachment_data",
        "at": time("effective_date_time"),
        "start": time("effective_period_start"),
        "end": time("effective_period_end"),
        "identifiers": """(
            SELECT string_agg(i.system || '|' || i.value, ', ' ORDER BY i.id)
            FROM core_patientidentifier i WHERE i.patient_id = p.id)"""
            if "core_patientidentifier.value" in there
            else "CASE WHEN p.identifier <> '' THEN p.identifier END"}


def user_id(pg, name):
    """The id of NAME@example.com."""
    return pg.value("SELECT id FROM core_jheuser WHERE email = %s",
                    f"{name}@example.com")
