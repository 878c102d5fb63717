# SPDX-License-Identifier: MIT
"""The processes as the kernel sees them: descriptors, privileges, memory;
and what happens when one of them goes."""

import json
import os
import re
import signal
import socket
import subprocess
import time

import pytest

from harness import built, inside, proc, server
from harness.person import Person, visit, waiting_server, waits_for_login
from harness.wire import sign_in_url

NOBODY = 65534
NOWHERE = "postgresql://nobody@127.0.0.1:9/none"
root_only = pytest.mark.skipif(
    os.geteuid() != 0, reason="needs root: memory and files of other users")
STANDARD = {0: "/dev/null", 1: "/dev/null", 2: "pipe", 3: "unix seqpacket"}


def libexec(name):
    return os.path.join(os.path.dirname(os.path.dirname(server.program())),
                        "libexec", "jhe-mcp", name)


@pytest.fixture
def connected(start_server):
    """A server whose person has signed in, and its worker."""
    def start(**options):
        options.setdefault("user", "manager_maya")
        one = start_server(**options)
        one.initialize()
        assert one.call_tool("get_study_count")["structuredContent"] == {
            "count": 2}
        workers = [pid for pid, command in one.children().items()
                   if "worker" in command]
        assert len(workers) == 1
        return one, workers[0]
    return start


@pytest.fixture
def sandbox():
    built.need_sandbox()


def bare(start_server, **options):
    options.setdefault("env", {})["JHE_DB_CONN"] = NOWHERE
    one = start_server(**options)
    one.initialize()

    # The oldest; younger ones try to connect.
    worker = min(one.children())
    assert proc.wait_until(lambda: is_walled(worker, one.pid))
    return one, worker


def status_of(pid, name):
    try:
        return inside.status(pid).get(name)
    except OSError:
        return None


def is_walled(pid, master):
    """Both filters are on.  The boot filter is one or two programs, and so
    is the final one: with the first alone there are no three."""
    counts = [int(status_of(one, "Seccomp_filters") or 0)
              for one in (pid, master)]
    return counts[0] - counts[1] >= 3


def above(pid, least=4):
    return {number: kind for number, kind in inside.kinds(pid).items()
            if number >= least}


def only_standard(pid):
    return {number: kind for number, kind in inside.kinds(pid).items()
            if number < 4} == STANDARD


# --- Descriptors ---

@root_only
def test_a_connected_worker_has_its_client_its_database_and_no_more(
        connected):
    one, worker = connected()
    assert only_standard(worker)
    found = inside.descriptors(worker)
    assert sorted(kind.split(" /")[0] for kind in above(worker).values()) \
        == ["pipe", "pipe", "unix stream"]
    client = {f"pipe:[{os.fstat(file.fileno()).st_ino}]"
              for file in (one.process.stdin, one.process.stdout)}
    assert {found[number] for number, kind in above(worker).items()
            if kind == "pipe"} == client
    log = f"pipe:[{os.fstat(one.process.stderr.fileno()).st_ino}]"
    assert found[2] == log


@root_only
@pytest.mark.usefixtures("sandbox")
def test_a_bare_worker_has_its_client_and_no_more(start_server):
    one, worker = bare(start_server)
    assert only_standard(worker)
    assert sorted(above(worker).values()) == ["pipe", "pipe"]


@root_only
def test_a_gate_has_one_connection_and_no_more(start_server, callback_port):
    one, _, _ = waiting_server(start_server, port=callback_port)
    with socket.create_connection(("127.0.0.1", callback_port)):
        gate = one.child("gate")
        assert proc.wait_until(lambda: list(above(gate).values()) == ["tcp"])
        assert only_standard(gate)
        # The worker does not get what came to the port.
        worker = one.child("worker")
        assert "tcp" not in above(worker).values()


@pytest.mark.usefixtures("sandbox")
def test_a_broker_has_connections_to_the_exchange_and_no_more(
        start_server, exchange):
    exchange.set(delay={"/o/.well-known/openid-configuration/": 3,
                        "/o/.well-known/openid-configuration": 3})
    one = start_server()
    one.initialize()
    one.start_request("tools/call", {"name": "get_study_count"})
    broker = one.child("broker")
    assert proc.wait_until(lambda: is_walled(broker, one.pid))
    check_walls(broker, one.pid)
    if os.geteuid() == 0:
        assert only_standard(broker)
        assert set(above(broker).values()) == {"tcp"}
        assert len(above(broker)) <= 4


# --- Walls ---

def check_walls(pid, master):
    """What holds for every child."""
    found = inside.status(pid)
    assert found["Seccomp"] == "2"
    assert is_walled(pid, master)
    assert found["NoNewPrivs"] == "1"
    for name in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
        assert int(found[name], 16) == 0, name
    if os.geteuid() == 0:
        assert int(found["CapBnd"], 16) == 0
        assert os.listdir(f"/proc/{pid}/root/") == []
        assert os.readlink(f"/proc/{pid}/cwd") == os.readlink(
            f"/proc/{pid}/root")
        assert inside.read(pid, "environ") == b""
    limits = inside.limits(pid)
    assert limits["Max core file size"] == ("0", "0")
    assert limits["Max processes"] == ("0", "0")
    assert int(limits["Max open files"][1]) <= 64
    assert limits["Max file size"][0] == "unlimited"
    _, parent, session = proc.stat_fields(pid)
    assert parent == master and session == pid
    assert re.fullmatch(rb"jhe-mcp: (worker|gate|broker)\0",
                        inside.read(pid, "cmdline"))
    # Not dumpable: its files belong to root, whoever it runs as.
    assert os.stat(f"/proc/{pid}/mem").st_uid == 0


@pytest.mark.usefixtures("sandbox")
def test_workers_are_walled_in(connected, start_server):
    one, worker = connected()
    check_walls(worker, one.pid)
    one, worker = bare(start_server)
    check_walls(worker, one.pid)


@pytest.mark.usefixtures("sandbox")
def test_a_gate_is_walled_in(start_server, callback_port):
    one, _, _ = waiting_server(start_server, port=callback_port)
    with socket.create_connection(("127.0.0.1", callback_port)):
        gate = one.child("gate")
        assert proc.wait_until(lambda: is_walled(gate, one.pid))
        check_walls(gate, one.pid)


def test_the_master_keeps_its_memory_to_itself(connected):
    one, _ = connected()
    assert os.stat(f"/proc/{one.pid}/mem").st_uid == 0
    assert inside.limits(one.pid)["Max core file size"] == ("0", "0")
    assert "CANARY" not in proc.command_of(one.pid)


@pytest.fixture
def as_nobody(program, exchange, tmp_path_factory):
    """Words before a command that make it another user's."""
    if os.geteuid() != 0:
        pytest.skip("needs root: to start it as another user")
    # Group 0 passes the door of the throw-away database.
    words = ["setpriv", f"--reuid={NOBODY}", "--regid=0", "--clear-groups",
             "--inh-caps=-all"]
    for path in (program, exchange.facts["BROWSER"]):
        if subprocess.run([*words, "test", "-x", path],
                          check=False).returncode != 0:
            pytest.skip(f"{path}: not reachable for another user")
    home = tmp_path_factory.mktemp("home")
    os.chown(home, NOBODY, 0)
    for parent in home.parents:
        if parent.stat().st_uid == os.geteuid() and str(
                parent).startswith("/tmp/pytest"):
            parent.chmod(0o711)
    return words, str(home)


@pytest.mark.usefixtures("sandbox")
def test_without_root_the_walls_are_the_same(connected, as_nobody, program,
                                             callback_port):
    words, home = as_nobody
    one, worker = connected(command=[*words, program], home=home,
                            port=callback_port)
    found = inside.status(worker)
    assert found["Uid"].split() == [str(NOBODY)] * 4
    assert found["Seccomp"] == "2" and found["NoNewPrivs"] == "1"
    assert is_walled(worker, one.pid)
    assert int(found["CapEff"], 16) == int(found["CapPrm"], 16) == 0
    assert only_standard(worker)
    assert inside.limits(worker)["Max processes"] == ("0", "0")
    assert inside.read(worker, "environ") == b""
    assert os.stat(one.cache_path).st_uid == NOBODY
    # Another process of the same user reads neither of them.
    for pid in (one.pid, worker):
        for name in ("mem", "environ", "maps", "fd/0"):
            assert subprocess.run(
                [*words, "head", "-c", "1", f"/proc/{pid}/{name}"],
                check=False, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL).returncode != 0, name


@pytest.mark.parametrize("name, never", [
    ("worker", ["libcurl", "libssl", "libpq"]),
    ("gate", ["libcurl", "libssl", "libpq"]),
    ("broker", ["libpq"]),
    ("jhe-mcp", ["libcurl", "libssl", "libpq"])])
def test_a_program_links_what_its_role_needs(name, never):
    path = server.program() if name == "jhe-mcp" else libexec(name)
    needed = {"worker": {"libjson-c", "libcrypto", "libseccomp"},
              "gate": {"libjson-c", "libcrypto", "libseccomp"},
              "broker": {"libcurl", "libjson-c", "libssl", "libcrypto",
                         "libseccomp"},
              "jhe-mcp": {"libcrypto", "libseccomp", "libjson-c"}}[name]
    text = subprocess.run(["readelf", "-d", path], check=True, text=True,
                          stdout=subprocess.PIPE).stdout
    found = {one.split(".so")[0] for one in re.findall(
        r"\(NEEDED\).*\[(.*)\]", text)}
    found -= {"libc", "ld-linux-x86-64", "ld-linux-aarch64", "libgcc_s",
              "libasan", "libubsan", "libm"}
    assert found <= needed, found
    assert not found & set(never)


# --- Memory ---

def secrets_of(cache, **more):
    """What must not be found, whole or in parts of it."""
    header, payload, signature = cache["id_token"].split(".")
    return dict(more, access=cache["access_token"],
                refresh=cache["refresh_token"], payload=payload,
                signature=signature)


@root_only
@pytest.mark.usefixtures("sandbox")
def test_no_token_is_in_a_workers_memory(start_server, exchange,
                                         callback_port):
    """After a login and calls; the code and the verifier's challenge
    neither.  The master, which keeps them, shows that looking finds them."""
    one, ident, url = waiting_server(
        start_server, port=callback_port, env={
            "JHE_CLIENT_ID": "confidential", "BROWSER_NEVER": "1",
            "JHE_CLIENT_SECRET": "CANARY-client-secret"})
    back = Person("manager_maya").agree(url)
    assert visit(back)[0] == 200
    assert "structuredContent" in one.answer(ident)["result"]
    for tool, arguments in [("list_studies", {}), (
            "get_patient_observations", {"patient_id": 40004})]:
        assert not one.call_tool(tool, **arguments).get("isError")
    state = re.search(r"state=([^&]*)", url).group(1)
    secrets = secrets_of(one.cache(), client="CANARY-client-secret",
                         code=re.search(r"code=([^&]*)", back).group(1),
                         state=state)
    worker = one.child("worker")
    assert inside.holds(worker, secrets) == set()
    assert "client" in inside.holds(one.pid, secrets)
    # That looking finds something, and no row is in the master's.
    assert inside.holds(worker, {"name": "get_patient_observations"})
    assert not inside.holds(one.pid, {"row": "Blue Lake Glucose"})


@root_only
@pytest.mark.usefixtures("sandbox")
def test_a_gate_and_a_broker_know_nothing_of_others(
        start_server, exchange, callback_port):
    """Both in a program that already has tokens, and asks for new ones."""
    first = start_server(user="manager_maya")
    first.initialize()
    first.call_tool("get_study_count")
    password = "CANARY-database-password"
    cache = dict(first.cache(), expires_at=time.time() + 64)
    secrets = secrets_of(cache, password=password)
    with open(first.cache_path, "w", encoding="utf-8") as file:
        json.dump(cache, file)
    one = start_server(home=first.home, port=callback_port, env={
        "BROWSER_NEVER": "1", "JHE_DB_CONN": exchange.pg.url().replace(
            "@", f":{password}@")})
    one.initialize()
    assert not one.call_tool("get_study_count").get("isError")
    assert inside.holds(one.pid, secrets) - {"password"}
    with open(first.cache_path, "w", encoding="utf-8") as file:
        json.dump(dict(cache, refresh_token="revoked"), file)
    time.sleep(4.5)
    exchange.set(delay={"/o/.well-known/openid-configuration/": 1})
    one.start_request("tools/call", {"name": "get_study_count"})
    broker = one.child("broker")
    assert proc.wait_until(lambda: status_of(broker, "Seccomp") == "2")
    assert inside.holds(broker, secrets) == set()
    waits_for_login(one)
    with socket.create_connection(("127.0.0.1", callback_port)):
        gate = one.child("gate")
        assert proc.wait_until(lambda: above(gate))
        assert inside.holds(gate, secrets) == set()
    for pid in [one.pid, *one.children()]:
        assert password not in proc.command_of(pid)


@root_only
@pytest.mark.usefixtures("sandbox")
def test_a_bare_worker_does_not_know_the_databases_password(start_server):
    one = start_server(env={"JHE_DB_CONN":
                            "postgresql://x:CANARY-password@127.0.0.1:9/x"})
    one.initialize()
    assert proc.wait_until(lambda: "no database server" in one.stderr)
    worker = min(one.children())
    assert inside.holds(worker, {"name": "get_patient_observations"})
    assert inside.holds(worker, {"password": "CANARY-password"}) == set()
    assert "CANARY" not in one.stderr


# --- Death ---

def test_children_follow_a_killed_master(start_server, exchange,
                                         callback_port):
    one, _, _ = waiting_server(start_server, port=callback_port)
    silent = socket.create_connection(("127.0.0.1", callback_port))
    one.child("gate")
    assert proc.wait_until(lambda: len(one.children()) == 2), one.children()
    children = list(one.children())
    start = time.monotonic()
    one.kill()
    assert proc.wait_until(lambda: not any(map(proc.alive, children)), 2)
    assert time.monotonic() - start < 1
    silent.close()
    one.close()


def test_a_broker_follows_a_killed_master(start_server, exchange):
    exchange.set(delay={"/o/.well-known/openid-configuration/": 5})
    one = start_server()
    one.initialize()
    one.start_request("tools/call", {"name": "get_study_count"})
    broker = one.child("broker")
    one.kill()
    assert proc.wait_until(lambda: not proc.alive(broker), 2)
    one.close()


def test_a_killed_workers_request_is_answered_once_and_the_next_works(
        connected, pg):
    one, worker = connected()
    lock = pg.connect()
    lock.autocommit = False
    try:
        with lock.cursor() as cursor:
            cursor.execute("LOCK TABLE core_jheuser, core_study"
                           " IN ACCESS EXCLUSIVE MODE")
        idents = [one.start_request("tools/call", {"name": "list_studies"},
                                    f"call-{number}") for number in range(3)]
        assert proc.wait_until(lambda: pg.value(
            "SELECT count(*) FROM pg_stat_activity WHERE usename ="
            " 'jhe_mcp_reader' AND wait_event_type = 'Lock'") > 0)
        os.kill(worker, signal.SIGKILL)
        for ident in idents:
            answer = one.answer(ident, 5)
            assert answer["error"]["code"] == -32603
            assert answer["error"]["message"].startswith("unavailable: ")
        assert one.request("ping")["result"] == {}
    finally:
        lock.close()
    result = one.call_tool("get_study_count")
    assert result["structuredContent"] == {"count": 2}
    assert one.unclaimed() == []
    assert "SIGKILL" in one.stderr
    assert sign_in_url(one.stderr.split("SIGKILL")[1]) is None
    # The session went along with the client: the same revision, ids in use.
    assert len(one.request("tools/list")["result"]["tools"]) >= 5


def test_an_idle_workers_death_leaves_no_mark_on_the_output(connected):
    """Its successor ends a line only if one may have been cut."""
    one, worker = connected()
    time.sleep(0.3)
    os.kill(worker, signal.SIGKILL)
    assert one.request("ping")["result"] == {}
    assert one.blank_lines == 0


def test_a_session_survives_its_workers_death(connected):
    """What was agreed on with initialize is the master's to keep."""
    one, worker = connected()
    one.may_be_cut = True
    one.initialize("2024-11-05")
    assert "title" not in one.request("tools/list")["result"]["tools"][0]
    os.kill(one.child("worker"), signal.SIGKILL)
    assert "title" not in one.request("tools/list")["result"]["tools"][0]


def test_a_bare_worker_that_is_killed_is_replaced(start_server):
    for pause_s in (0, 0.005, 0.05):
        one = start_server(env={"JHE_DB_CONN": NOWHERE})
        one.child("worker")
        time.sleep(pause_s)
        # The oldest; younger ones try to connect.
        os.kill(min(one.children()), signal.SIGKILL)
        one.initialize(timeout=5)
        assert proc.wait_until(lambda: "SIGKILL" in one.stderr, 2)
        one.close()


def test_a_worker_killed_around_the_hand_over_is_replaced(start_server,
                                                          exchange):
    """The bare one, the connected one, or whichever it is by then."""
    for pause_s in (0, 0.01, 0.02, 0.04, 0.08):
        one = start_server(user="manager_maya", env={"BROWSER_NEVER": "1"})
        one.may_be_cut = True
        time.sleep(pause_s)
        for pid, command in one.children().items():
            if "worker" in command:
                os.kill(pid, signal.SIGKILL)
        one.initialize(timeout=5)
        assert one.request("ping")["result"] == {}
        one.close()


def test_a_worker_that_dies_again_and_again_ends_the_program(connected):
    """Ten within a minute are no accident."""
    one, _ = connected()
    one.may_be_cut = True
    killed = []
    while one.process.poll() is None and len(killed) < 30:
        for pid, command in one.children().items():
            if "worker" in command and pid not in killed:
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)
        time.sleep(0.02)
    assert one.process.wait(5) not in (0, None)
    assert 8 < len(killed) <= 30
    one.close()
    assert "again and again" in one.stderr
