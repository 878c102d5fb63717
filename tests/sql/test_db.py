# SPDX-License-Identifier: MIT
"""src/db through db_probe: pipelines, errors, time-outs, losing the server."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import time

import psycopg2
import psycopg2.extensions
import pytest

from conftest import PG_START, PROBE, wait_until

pytestmark = pytest.mark.newest

# base/err.h and db/db.h
ERR_FORMAT, ERR_LIMIT, ERR_RANGE, ERR_DENIED = -3, -4, -5, -6
ERR_CLOSED, ERR_TIMEOUT, ERR_UNREACHABLE, ERR_UNSUPPORTED = -9, -10, -11, -14
TIMEOUT, PRIVILEGE, INPUT, LOST, STOPPED, INTERNAL = 1, 2, 3, 4, 5, 6
(CONNINFO, UNREACHABLE, TLS, LOGIN, NO_DATABASE, BUSY, OLD_SERVER, POOLER,
 NOT_EXCHANGE, GENERATION, PRIVILEGE_MISSING, INTERNAL_FAILURE) = range(1, 13)


class Lock(psycopg2.extensions.connection):
    def take(self):
        self.cursor().execute(
            "LOCK TABLE public.core_studypatient IN ACCESS EXCLUSIVE MODE")


@pytest.fixture
def lock(facts):
    """A connection whose take() blocks all that read core_studypatient."""
    connection = psycopg2.connect(facts["JHE_DB_ADMIN"],
                                  connection_factory=Lock)
    yield connection
    connection.close()


def waiting(admin, pid):
    """True once the backend waits for a lock."""
    cursor = admin.cursor()
    cursor.execute("SELECT wait_event_type = 'Lock' FROM pg_stat_activity"
                   " WHERE pid = %s", (pid,))
    row = cursor.fetchone()
    admin.rollback()
    return row and row[0]


def gone(admin, pid):
    cursor = admin.cursor()
    cursor.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", (pid,))
    row = cursor.fetchone()
    admin.rollback()
    return row is None


# --- running -----------------------------------------------------------------

def test_one_statement(probe):
    p = probe()
    assert p.hello["connected"] and not p.hello["superuser"]
    assert p.hello["version"] >= 140000
    rows, end = p.run("study_count", 10016, None)
    assert rows == [(0, ["8"])]
    assert end == {"done": 0, "error": 0, "alive": True}
    assert p.close() == (0, "")


def test_pipeline(probe):
    p = probe()
    p.add("study_count", 10016, None)
    p.add("person_profile", 999999)
    p.add("study_count", 10016, "{30001,30002}")
    p.add("person_profile", 10007)
    rows, end = p.go()
    assert [q for q, _ in rows] == [0, 2, 3]
    assert rows[1][1] == ["2"] and rows[2][1][4] == "dual_dora@example.com"
    assert end["done"] == 0


def test_sixteen_and_no_more(probe):
    p = probe()
    for _ in range(16):
        p.add("study_count", 10001, None)
    rows, end = p.go()
    assert rows == [(i, ["2"]) for i in range(16)] and end["done"] == 0
    for _ in range(17):
        p.add("study_count", 10001, None)
    assert p.go() == ([], {"refused": ERR_RANGE})
    assert p.go() == ([], {"refused": ERR_RANGE}), "no query at all"
    p.add("study_count", 10001)
    assert p.go() == ([], {"refused": ERR_RANGE}), "a parameter too few"
    p.add("nonesuch", 10001)
    assert p.go() == ([], {"refused": ERR_RANGE}), "no such statement"
    assert p.run("study_count", 10001, None)[0] == [(0, ["2"])]


def test_many_rows_and_stopping(probe):
    p = probe()
    rows, end = p.run("schema_generation", "{core_patient.identifier}")
    assert len(rows) > 40 and end["done"] == 0
    p.send("stop 3")
    p.add("schema_generation", "{core_patient.identifier}")
    p.add("study_count", 10001, None)
    few, end = p.go()
    assert few == rows[:3]
    assert end == {"done": ERR_LIMIT, "error": STOPPED, "alive": True}
    assert p.run("study_count", 10001, None)[0] == [(0, ["2"])]


def test_one_snapshot(probe, lock, admin):
    """What is committed between two statements of a pipeline is not seen."""
    p = probe()
    lock.take()
    p.add("person_profile", 10001)
    p.add("study_count", 10001, None)
    p.send("go")
    wait_until(lambda: waiting(admin, p.hello["pid"]))
    cursor = lock.cursor()
    cursor.execute(
        "INSERT INTO public.core_study (id, name, description,"
        " organization_id, last_updated) VALUES (39999, 'x', '', 20001, now())")
    lock.commit()
    try:
        rows, end = p.answer()
        assert [r for _, r in rows[1:]] == [["2"]] and end["done"] == 0
        assert p.run("study_count", 10001, None)[0] == [(0, ["3"])]
    finally:
        cursor.execute("DELETE FROM public.core_study WHERE id = 39999")
        lock.commit()


def test_error_in_the_middle(probe):
    p = probe(env=dict(os.environ, DB_PROBE_DEBUG="1"))
    p.add("study_count", 10001, None)
    p.add("study_count", "no-number-CANARY", None)
    p.add("study_count", 10001, None)
    rows, end = p.go()
    assert rows == [(0, ["2"])]
    assert end == {"done": ERR_RANGE, "error": INPUT, "alive": True}
    assert p.run("study_count", 10001, None)[0] == [(0, ["2"])]
    code, log = p.close()
    assert "statement study_count: SQLSTATE 22P02" in log
    assert "CANARY" not in log and "invalid" not in log


def test_timeout(probe, lock):
    p = probe(statement_ms=200)
    lock.take()
    before = time.monotonic()
    rows, end = p.run("study_count", 10016, None)
    assert rows == [] and time.monotonic() - before < 5
    assert end == {"done": ERR_TIMEOUT, "error": TIMEOUT, "alive": True}
    lock.rollback()
    assert p.run("study_count", 10016, None)[0] == [(0, ["8"])]


def test_privilege_revoked_later(probe, admin):
    p = probe()
    cursor = admin.cursor()
    cursor.execute("REVOKE SELECT ON public.core_study FROM jhe_mcp_reader")
    admin.commit()
    try:
        assert p.run("study_count", 10016, None) == (
            [], {"done": ERR_DENIED, "error": PRIVILEGE, "alive": True})
    finally:
        cursor.execute("GRANT SELECT ON public.core_study TO jhe_mcp_reader")
        admin.commit()


# --- losing it ---------------------------------------------------------------

def test_terminated_while_running(probe, lock, admin):
    p = probe()
    lock.take()
    p.add("study_count", 10016, None)
    p.send("go")
    wait_until(lambda: waiting(admin, p.hello["pid"]))
    admin.cursor().execute("SELECT pg_terminate_backend(%s)",
                           (p.hello["pid"],))
    rows, end = p.answer()
    assert rows == [] and (end["done"], end["error"]) == (ERR_CLOSED, LOST)
    p.send("wait 2000")
    assert p.read() == {"alive": 0}
    p.add("study_count", 10016, None)
    assert p.go() == ([], {"refused": ERR_CLOSED})
    assert p.close() == (0, "")


def test_terminated_while_idle(probe, admin):
    p = probe()
    admin.cursor().execute("SELECT pg_terminate_backend(%s)",
                           (p.hello["pid"],))
    p.send("wait 5000")
    assert p.read() == {"alive": 0}
    assert p.close() == (0, "")


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_statement_ends_with_us(probe, lock, admin, how):
    """Nobody has to cancel: the server notices that we are gone."""
    p = probe()
    lock.take()
    p.add("study_count", 10016, None)
    p.send("go")
    wait_until(lambda: waiting(admin, p.hello["pid"]))
    os.kill(p.process.pid, how)
    before = time.monotonic()
    wait_until(lambda: gone(admin, p.hello["pid"]))
    assert time.monotonic() - before < 2


def test_server_stops(probe, tmp_path):
    """A server of its own, because it is stopped at once."""
    where = subprocess.run([PG_START, "start"], check=True, text=True,
                           stdout=subprocess.PIPE).stdout.strip()
    fake_exchange(where)
    p = probe("host=%s user=postgres dbname=postgres" % where)
    assert p.hello["connected"] and p.hello["superuser"]
    subprocess.run([PG_START, "stop", where], check=True)
    p.send("wait 5000")
    assert p.read() == {"alive": 0}
    late = probe("host=%s user=postgres dbname=postgres" % where)
    assert late.hello["code"] == UNREACHABLE and late.hello["retry"]


def fake_exchange(where):
    """The schema without data in a second server."""
    schema = os.path.join(os.path.dirname(PG_START), "schema.sql")
    subprocess.run(["psql", "-X", "-q", "-h", where, "-U", "postgres", "-o",
                    os.devnull, "-f", schema], check=True)


# --- not getting it ----------------------------------------------------------

def refused(probe, conninfo, code, error, **more):
    p = probe(conninfo, **more)
    assert not p.hello["connected"]
    assert (p.hello["code"], p.hello["error"]) == (code, error), p.hello
    status, log = p.close()
    assert status == 1
    return p.hello, log


def test_not_a_connection_string(probe):
    hello, _ = refused(probe, "nonsense", CONNINFO, ERR_FORMAT)
    assert not hello["retry"]
    refused(probe, "hots=/tmp", CONNINFO, ERR_FORMAT)
    refused(probe, "postgresql://[", CONNINFO, ERR_FORMAT)


def test_bad_settings_of_the_operator(probe, facts):
    base = facts["JHE_DB_CONN"]
    refused(probe, base + "&options=-c%20no_such_thing%3D1", CONNINFO,
            ERR_FORMAT)
    p = probe(base + "&options=-c%20work_mem%3D8MB%20"
              "-c%20default_transaction_read_only%3Doff")
    assert p.hello["connected"]


def test_login_and_database(probe, facts):
    where = "host=%s " % facts["PGHOST"]
    hello, log = refused(probe, where + "dbname=exchange user=nobody_here "
                         "password=CANARY", LOGIN, ERR_DENIED)
    assert hello["sqlstate"] == "28000" and "CANARY" not in repr(hello) + log
    hello, _ = refused(probe, where + "dbname=none user=jhe_mcp_reader",
                       NO_DATABASE, ERR_DENIED)
    assert hello["database"] == "none" and hello["host"] == facts["PGHOST"]
    hello, _ = refused(probe, where + "dbname=postgres user=jhe_mcp_reader",
                       NOT_EXCHANGE, ERR_UNSUPPORTED)
    assert not hello["retry"]


def test_unreachable(probe, tmp_path):
    hello, _ = refused(probe, "host=%s dbname=x" % tmp_path, UNREACHABLE,
                       ERR_UNREACHABLE)
    assert hello["retry"]
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        refused(probe, "host=127.0.0.1 port=%d dbname=x" % s.getsockname()[1],
                UNREACHABLE, ERR_UNREACHABLE)
        s.listen()
        before = time.monotonic()
        refused(probe, "host=127.0.0.1 port=%d dbname=x" % s.getsockname()[1],
                UNREACHABLE, ERR_TIMEOUT, connect_ms=500)
        assert 0.4 < time.monotonic() - before < 3
    refused(probe, "host=no-such-host.invalid dbname=x", UNREACHABLE,
            ERR_UNREACHABLE)


def test_tls_demanded(probe, facts, tmp_path):
    with FakeServer(lambda c: c.recv(8) and c.sendall(b"N")) as port:
        refused(probe, "host=127.0.0.1 port=%d dbname=x sslmode=require"
                % port, TLS, ERR_DENIED)


@pytest.fixture
def copy(facts):
    """A database like the exchange's, to be changed."""
    connection = psycopg2.connect(facts["JHE_DB_ADMIN"].replace(
        "/exchange", "/postgres"))
    connection.autocommit = True
    connection.cursor().execute("CREATE DATABASE copy TEMPLATE exchange")

    def change(*commands):
        other = psycopg2.connect(facts["JHE_DB_ADMIN"].replace(
            "/exchange", "/copy"))
        for command in commands:
            other.cursor().execute(command)
        other.commit()
        other.close()
        return facts["JHE_DB_CONN"].replace("/exchange", "/copy")

    yield change
    connection.cursor().execute("DROP DATABASE copy WITH (FORCE)")
    connection.close()


def test_layouts(probe, copy):
    conninfo = copy("REVOKE SELECT ON public.core_organization"
                    " FROM jhe_mcp_reader")
    hello, _ = refused(probe, conninfo, PRIVILEGE_MISSING, ERR_DENIED)
    assert hello["object"] == "core_organization.id"
    copy("GRANT SELECT ON public.core_organization TO jhe_mcp_reader",
         "REVOKE USAGE ON SCHEMA public FROM PUBLIC, jhe_mcp_reader")
    refused(probe, conninfo, PRIVILEGE_MISSING, ERR_DENIED)
    copy("GRANT USAGE ON SCHEMA public TO jhe_mcp_reader",
         "ALTER TABLE public.core_study DROP COLUMN description")
    hello, _ = refused(probe, conninfo, GENERATION, ERR_UNSUPPORTED)
    assert hello["object"] == "core_study.description"
    copy("DROP TABLE public.core_study CASCADE")
    hello, _ = refused(probe, conninfo, NOT_EXCHANGE, ERR_UNSUPPORTED)
    assert hello["object"] == ""
    copy("REVOKE CONNECT ON DATABASE copy FROM PUBLIC")
    refused(probe, conninfo, LOGIN, ERR_DENIED)


# Rules of layout in their order: date_time, period_end, period_start, FHIR
# records, payload, identified, identifiers.
@pytest.mark.parametrize("commands, generation, layout", [
    ([], "July 2026 or newer", "0000000"),
    (["ALTER TABLE public.core_observation DROP COLUMN effective_date_time"],
     "between generations", "1000000"),
    (["ALTER TABLE public.core_observation"
      " RENAME omh_data TO value_attachment_data"],
     "between generations", "0000100"),
    (["ALTER TABLE public.core_patient ADD COLUMN identifier varchar",
      "DROP TABLE public.core_patientidentifier"],
     "between generations", "0000011"),
    (["ALTER TABLE public.core_patientidentifier DROP COLUMN system",
      "ALTER TABLE public.core_patient ADD COLUMN identifier varchar",
      "GRANT SELECT ON public.core_patient TO jhe_mcp_reader"],
     "between generations", "0000011"),
    (["ALTER TABLE public.core_fhirauxresource DROP COLUMN fhir_source_id"],
     "between generations", "0001000"),
    (["DROP TABLE public.core_fhirsource CASCADE"],
     "between generations", "0001000"),
    # Both: a database amidst its migrations.
    (["ALTER TABLE public.core_patient ADD COLUMN identifier varchar",
      "ALTER TABLE public.core_observation"
      " ADD COLUMN value_attachment_data jsonb"],
     "July 2026 or newer", "0000000"),
])
def test_columns_one_by_one(probe, copy, commands, generation, layout):
    p = probe(copy(*commands))
    assert (p.hello["generation"], p.hello["layout"]) == (generation, layout)
    rows, end = p.run("patient_one", 10016, None, 40010, "2026-08-21Z", "UTC",
                      None, "t", "t", "t", "t")
    assert len(rows) == 1 and end["done"] == 0
    assert p.run("study_observations", 10016, None, 30001, "UTC")[1][
        "done"] == 0


@pytest.mark.parametrize("commands, code, column", [
    (["ALTER TABLE public.core_observation DROP COLUMN omh_data"],
     NOT_EXCHANGE, "core_observation.omh_data"),
    (["DROP TABLE public.core_patientidentifier"],
     GENERATION, "core_patientidentifier.id"),
    (["ALTER TABLE public.core_patientidentifier DROP COLUMN system"],
     GENERATION, "core_patientidentifier.system"),
    # What is there and may not be read is not missing.
    (["REVOKE SELECT ON public.core_patientidentifier FROM jhe_mcp_reader",
      "ALTER TABLE public.core_patient ADD COLUMN identifier varchar"],
     PRIVILEGE_MISSING, "core_patientidentifier.id"),
    (["REVOKE SELECT ON public.core_observation FROM jhe_mcp_reader",
      "GRANT SELECT (id, subject_patient_id, codeable_concept_id,"
      " data_source_id, omh_data, status, last_updated, effective_date_time,"
      " effective_period_end) ON public.core_observation TO jhe_mcp_reader"],
     PRIVILEGE_MISSING, "core_observation.effective_period_start"),
    (["REVOKE SELECT ON public.core_patient FROM jhe_mcp_reader",
      "GRANT SELECT (id, jhe_user_id, name_family, name_given, birth_date,"
      " telecom_phone) ON public.core_patient TO jhe_mcp_reader",
      "ALTER TABLE public.core_patient ADD COLUMN identifier varchar",
      "DROP TABLE public.core_patientidentifier"],
     PRIVILEGE_MISSING, "core_patient.identifier"),
])
def test_columns_that_are_not_right(probe, copy, commands, code, column):
    hello, _ = refused(probe, copy(*commands), code, ERR_DENIED
                       if code == PRIVILEGE_MISSING else ERR_UNSUPPORTED)
    assert hello["object"] == column


@pytest.mark.parametrize("command", [
    "ALTER TABLE public.core_observation RENAME omh_data"
    " TO value_attachment_data",
    "DROP TABLE public.core_patientidentifier;"
    " ALTER TABLE public.core_patient ADD COLUMN identifier varchar"])
def test_migrated_under_us(probe, copy, command):
    """The connection ends; the next one knows the tables again."""
    patient = (10016, None, 40001, "2026-08-21Z", "UTC", None, "t", "t", "t",
               "t")
    p = probe(copy())
    assert p.run("patient_one", *patient)[1]["done"] == 0
    conninfo = copy(command)
    p.add("study_observations", 10016, None, 30001, "UTC")
    p.add("patient_one", *patient)
    rows, end = p.go()
    assert end == {"done": ERR_CLOSED, "error": LOST, "alive": False}
    again = probe(conninfo)
    assert again.hello["layout"] in ("0000100", "0000011")
    assert again.run("patient_one", *patient)[1]["done"] == 0


def test_locked_while_connecting(probe, lock, facts):
    """A migration holds the tables: not now, but perhaps soon."""
    lock.take()
    hello, _ = refused(probe, facts["JHE_DB_CONN"], BUSY, ERR_UNREACHABLE,
                       statement_ms=200)
    assert hello["retry"] and hello["sqlstate"] == "57014"
    refused(probe, facts["JHE_DB_CONN"], UNREACHABLE, ERR_TIMEOUT,
            connect_ms=300)


# --- what we say to the server -----------------------------------------------

class FakeServer:
    """Each connection, in turn, is handed to talk(socket)."""

    def __init__(self, talk):
        self.talk = talk

    def __enter__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self.serve, daemon=True).start()
        return self.socket.getsockname()[1]

    def serve(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                try:
                    self.talk(connection)
                except OSError:
                    pass

    def __exit__(self, *_):
        self.socket.close()


def start_packet(connection):
    """The settings of the packet that opens a session."""
    size = int.from_bytes(connection.recv(4), "big") - 4
    packet = b""
    while len(packet) < size:
        packet += connection.recv(size - len(packet))
    words = packet[4:].rstrip(b"\0").decode().split("\0")
    return dict(zip(words[::2], words[1::2]))


def message(kind, *fields):
    body = b"".join(f if isinstance(f, bytes) else f.encode() + b"\0"
                    for f in fields)
    return kind + (len(body) + 4).to_bytes(4, "big") + body


def error(state):
    return message(b"E", b"SFATAL\0VFATAL\0C" + state.encode() +
                   b"\0Mwords with CANARY\0\0")


def welcome(version, read_only="on"):
    return (message(b"R", (0).to_bytes(4, "big"))
            + message(b"S", "server_version", version)
            + message(b"S", "default_transaction_read_only", read_only)
            + message(b"K", (1).to_bytes(4, "big"), (2).to_bytes(4, "big"))
            + message(b"Z", b"I"))


def fake(probe, talk, more=""):
    with FakeServer(talk) as port:
        p = probe("host=127.0.0.1 port=%d user=u dbname=d sslmode=disable %s"
                  % (port, more), connect_ms=3000)
        hello = p.hello
        _, log = p.close()
    assert "CANARY" not in repr(hello) + log
    return hello


def test_the_start_packet(probe):
    seen = []

    def talk(connection):
        seen.append(start_packet(connection))
        connection.sendall(welcome("13.4"))
        connection.recv(1)

    hello = fake(probe, talk, "options='-c work_mem=8MB -c TimeZone=Asia/Tokyo"
                 " -c default_transaction_read_only=off'")
    assert (hello["code"], hello["error"]) == (OLD_SERVER, ERR_UNSUPPORTED)
    packet = seen[0]
    assert packet["user"] == "u" and packet["database"] == "d"
    assert packet["application_name"] == "jhe-mcp"
    assert packet["client_encoding"] == "UTF8"
    settings = [s.replace("\\ ", " ") for s in re.findall(
        r"-c ((?:\\.|[^ ])+)", packet["options"])]
    last = dict(s.split("=", 1) for s in settings)
    assert settings[0] == "work_mem=8MB"
    assert last["default_transaction_read_only"] == "on"
    assert last["default_transaction_isolation"] == "repeatable read"
    assert last["search_path"] == "pg_catalog,pg_temp"
    assert last["statement_timeout"] == "20000"
    assert last["client_connection_check_interval"] == "100"
    assert last["TimeZone"] == "UTC" and last["DateStyle"] == "ISO,YMD"


def test_without_the_interval(probe):
    """A server that has no such setting is asked again without it."""
    seen = []

    def talk(connection):
        packet = start_packet(connection)
        seen.append("client_connection_check_interval" in packet["options"])
        connection.sendall(error("42704") if seen[-1] else welcome("13.4"))
        connection.recv(1)

    assert fake(probe, talk)["code"] == OLD_SERVER
    assert seen == [True, False]


@pytest.mark.parametrize("state,code", [
    ("28P01", LOGIN), ("28000", LOGIN), ("3D000", NO_DATABASE),
    ("53300", BUSY), ("57P03", BUSY), ("57P01", BUSY), ("08P01", POOLER),
    ("42501", LOGIN), ("XX000", INTERNAL_FAILURE)])
def test_refusals(probe, state, code):
    def talk(connection):
        start_packet(connection)
        connection.sendall(error(state))

    hello = fake(probe, talk)
    assert (hello["code"], hello["sqlstate"]) == (code, state)
    assert hello["retry"] == (code == BUSY)


def test_password_wanted(probe):
    def talk(connection):
        start_packet(connection)
        connection.sendall(message(b"R", (3).to_bytes(4, "big")))
        connection.recv(1)

    assert fake(probe, talk)["code"] == LOGIN


def test_settings_lost_on_the_way(probe):
    def talk(connection):
        start_packet(connection)
        connection.sendall(welcome("15.1", read_only="off"))
        connection.recv(1)

    assert fake(probe, talk)["code"] == POOLER


def test_closed_at_once(probe):
    hello = fake(probe, lambda connection: connection.recv(8))
    assert hello["code"] == UNREACHABLE and hello["retry"]


# --- what the sandbox has to allow --------------------------------------------

# Sending, receiving, waiting, memory; db_probe itself reads and writes.
ALLOWED = {"sendto", "recvfrom", "poll", "brk", "mmap", "munmap", "mremap",
           "madvise", "futex", "getrandom", "getpid", "clock_gettime",
           "read", "write", "newfstatat", "fstat", "close", "exit_group"}


def sanitized():
    """Sanitizers make system calls of their own."""
    with open(PROBE, "rb") as f:
        return b"__asan_init" in f.read()


@pytest.mark.skipif(not shutil.which("strace"), reason="no strace")
@pytest.mark.parametrize("ending", ["quits", "is terminated"])
def test_system_calls(facts, admin, tmp_path, ending):
    if sanitized():
        pytest.skip("a sanitizer makes system calls of its own")
    trace = tmp_path / "trace"
    process = subprocess.Popen(
        ["strace", "-f", "-o", str(trace), PROBE, facts["JHE_DB_CONN"]],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    hello = json.loads(process.stdout.readline())
    assert hello["connected"]
    lines = ["add schema_generation\t\\N", "add person_profile\t10001", "go",
             "add study_count\tx\t\\N", "go"]
    if ending == "is terminated":
        admin.cursor().execute("SELECT pg_terminate_backend(%s)",
                               (hello["pid"],))
        lines = ["wait 3000"]
    process.communicate("\n".join(lines) + "\n", timeout=60)
    after = trace.read_text().split('"{\\"connected\\"', 1)[1]
    calls = set(re.findall(r"^\d+ +(\w+)\(", after, re.M))
    assert {"poll", "recvfrom"} <= calls
    assert calls <= ALLOWED
