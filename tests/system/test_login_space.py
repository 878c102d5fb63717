# SPDX-License-Identifier: MIT
"""No valid token is lost: disks that are full, refreshes that are refused or
cut off, and programs of one user that sign in at the same time."""

import json
import os
import signal
import subprocess
import time

import pytest

from harness import proc
from harness.person import Person, browse, visit, waits_for_login
from harness.server import program as program_path
from harness.shell import Shell
from harness.wire import sign_in_url

RESERVED = 256 * 1024       # as src/cli/cache.h has it
TOKEN = "/o/token/"


class Disk:
    """A small file system of its own, with the cache's directory in it."""

    def __init__(self, place):
        self.place = str(place)
        self.cache_dir = os.path.join(self.place, "cache")
        self.filler = os.path.join(self.place, "filler")
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,mode=0700",
                        "jhe-test", self.place], check=True)

    def fill(self):
        with open(self.filler, "ab", buffering=0) as file:
            try:
                while True:
                    file.write(b"x" * 4096)
            except OSError as error:
                assert error.errno == 28        # ENOSPC

    def free(self):
        os.unlink(self.filler)

    def remount(self, option):
        subprocess.run(["mount", "-o", "remount," + option, self.place],
                       check=True)


@pytest.fixture
def disk(tmp_path):
    if os.geteuid() != 0:
        pytest.skip("needs root: a file system of its own")
    place = tmp_path / "disk"
    place.mkdir()
    try:
        one = Disk(place)
    except subprocess.CalledProcessError:
        pytest.skip("no file system can be mounted here")
    yield one
    subprocess.run(["umount", "-l", one.place], check=True)


@pytest.fixture
def start(start_server, tmp_path):
    """start(directory, ...): a server whose cache is there."""
    def make(directory=None, **options):
        options.setdefault("user", "manager_maya")
        env = options.pop("env", {})
        if directory:
            env["TOKEN_CACHE_DIR"] = directory
        one = start_server(home=str(tmp_path), env=env, **options)
        if directory:
            one.cache_dir = directory
        one.initialize()
        return one
    return make


@pytest.fixture
def stored(start, disk):
    """manager_maya has signed in, and the tokens are on the disk."""
    one = start(disk.cache_dir)
    assert count_of(one) == 2
    one.close()
    return one


def count_of(server):
    result = server.call_tool("get_study_count", timeout=20)
    assert not result.get("isError"), (server.text(result), server.stderr)
    return result["structuredContent"]["count"]


def change(stored, **members):
    cache = stored.cache()
    cache.update(members)
    with open(stored.cache_path, "w", encoding="utf-8") as file:
        json.dump(cache, file)
    return cache


def token_requests(exchange):
    return [line for line in exchange.requests() if TOKEN in line]


def temporary(directory):
    return [name for name in os.listdir(directory)
            if name.startswith("token_cache.json.")]


# --- A full disk ---

def test_the_space_is_taken_before_the_exchange_is_asked(start, disk, stored,
                                                         exchange):
    """The disk is filled while the exchange makes the new tokens."""
    before = change(stored, expires_at=time.time() - 5)
    exchange.set(delay={TOKEN: 1.5})
    one = start(disk.cache_dir)
    ident = one.start_request("tools/call", {"name": "get_study_count"})
    assert proc.wait_until(lambda: temporary(disk.cache_dir))
    name = os.path.join(disk.cache_dir, temporary(disk.cache_dir)[0])
    assert proc.wait_until(lambda: os.stat(name).st_blocks * 512 >= RESERVED)
    assert os.stat(name).st_mode & 0o777 == 0o600
    disk.fill()
    assert "structuredContent" in one.answer(ident)["result"]
    after = one.cache()
    assert after["refresh_token"] != before["refresh_token"]
    assert os.path.getsize(one.cache_path) < 65536
    assert temporary(disk.cache_dir) == []
    assert "room" not in one.stderr and sign_in_url(one.stderr) is None


def test_without_room_nothing_is_refreshed_and_the_token_serves_on(
        start, disk, stored, exchange):
    """It would have been given up a minute before its end."""
    before = change(stored, expires_at=time.time() + 6)
    disk.fill()
    exchange.forget()
    one = start(disk.cache_dir)
    assert count_of(one) == 2
    assert proc.wait_until(lambda: "no room for a sign-in" in one.stderr)
    assert "No space left on device" in one.stderr
    assert disk.cache_dir in one.stderr
    assert exchange.requests() == [] and sign_in_url(one.stderr) is None
    assert one.cache() == before
    # With room again it is refreshed when it is needed next.
    disk.free()
    time.sleep(max(0, before["expires_at"] - time.time() + 1))
    assert count_of(one) == 2
    assert token_requests(exchange) == ["POST /o/token/ 200"]
    assert sign_in_url(one.stderr) is None
    assert one.cache()["refresh_token"] != before["refresh_token"]


def test_without_room_an_expired_login_is_made_anew_and_none_is_lost(
        start, disk, stored, exchange):
    before = change(stored, expires_at=time.time() - 5)
    disk.fill()
    exchange.forget()
    one = start(disk.cache_dir, env={"BROWSER_NEVER": "1"})
    ident = one.start_request("tools/call", {"name": "get_study_count"})
    status, page = visit(Person("manager_maya").agree(waits_for_login(one)))
    assert status == 200 and "signed in for now" in page
    assert "token-cache-dir" in page
    answer = one.answer(ident)["result"]
    assert answer["structuredContent"] == {"count": 2}
    assert "no room for a sign-in" in one.stderr
    assert proc.wait_until(
        lambda: "the sign-in ends with this program" in one.stderr)
    # One sign-in is enough for the run.
    assert count_of(one) == 2
    assert one.stderr.count("open this address") == 1
    assert one.cache() == before and temporary(disk.cache_dir) == []
    one.close()
    # What was stored was not used up: with room it is refreshed.
    disk.free()
    exchange.forget()
    again = start(disk.cache_dir)
    assert count_of(again) == 2
    assert sign_in_url(again.stderr) is None
    assert token_requests(exchange) == ["POST /o/token/ 200"]


def test_a_first_login_without_room_holds_for_the_run(start, disk):
    os.mkdir(disk.cache_dir, 0o700)
    disk.fill()
    one = start(disk.cache_dir)
    assert count_of(one) == 2
    assert "the sign-in ends with this program" in one.stderr
    assert one.cache() is None and temporary(disk.cache_dir) == []
    assert count_of(one) == 2
    assert one.stderr.count("open this address") == 1


def test_a_read_only_disk_is_like_a_full_one(start, disk, stored, exchange):
    before = change(stored, expires_at=time.time() + 30)
    disk.remount("ro")
    exchange.forget()
    try:
        one = start(disk.cache_dir)
        assert count_of(one) == 2
        assert "Read-only file system" in one.stderr
        assert exchange.requests() == [] and one.cache() == before
        one.close()
    finally:
        disk.remount("rw")


def test_the_command_says_so_before_anybody_signs_in(
        exchange, callback_port, tmp_path, disk):
    shell = Shell(exchange, tmp_path, "manager_maya", callback_port)
    os.mkdir(disk.cache_dir, 0o700)
    shell.env["TOKEN_CACHE_DIR"] = disk.cache_dir
    disk.fill()
    done = shell.run("login", "--json")
    assert done.code == 3 and done.error["code"] == "not_stored"
    assert "No space left on device" in done.error["message"]
    assert "token-cache-dir" in done.error["message"]
    assert exchange.requests() == [] and "http" not in done.err
    assert temporary(disk.cache_dir) == []
    disk.free()
    assert shell.run("login", "--json").code == 0


def test_a_limit_of_file_sizes_is_like_a_full_disk(start, exchange):
    """It comes with a signal that ends programs."""
    exchange.set(claims=True, claims_set={"jhe_permissions": {
        "studies": list(range(30001, 31001)), "organizations": []}})
    one = start(command=["prlimit", "--fsize=4096", program_path()])
    assert count_of(one) == 2
    assert "File too large" in one.stderr
    assert "the sign-in ends with this program" in one.stderr
    assert one.cache() is None
    assert one.close() == 0


# --- A refresh that is refused, or whose answer is lost ---

def test_a_refused_refresh_looks_whether_another_program_was_quicker(
        start, exchange):
    """One that does not know the lock."""
    one = start()
    assert count_of(one) == 2
    old = one.cache()
    one.close()
    status, _, new = exchange.token(
        grant_type="refresh_token", client_id=old["client_id"],
        refresh_token=old["refresh_token"])
    assert status == 200
    change(one, expires_at=time.time() - 5)
    exchange.set(delay={TOKEN: 1.5})
    exchange.forget()
    two = start()
    ident = two.start_request("tools/call", {"name": "get_study_count"})
    assert proc.wait_until(lambda: any(
        "jwks" in line for line in exchange.requests()))
    change(one, access_token=new["access_token"],
           refresh_token=new["refresh_token"],
           expires_at=time.time() + 3600)
    answer = two.answer(ident)["result"]
    assert answer["structuredContent"] == {"count": 2}
    assert token_requests(exchange) == ["POST /o/token/ 400"]
    assert sign_in_url(two.stderr) is None
    assert two.cache()["refresh_token"] == new["refresh_token"]


def test_killed_between_rotation_and_storing_the_person_is_asked(start,
                                                                 exchange):
    """The one instant in which a token can be lost."""
    one = start()
    assert count_of(one) == 2
    one.close()
    before = change(one, expires_at=time.time() - 5)
    exchange.set(delay={TOKEN: 1})
    exchange.forget()
    two = start()
    two.start_request("tools/call", {"name": "get_study_count"})
    assert proc.wait_until(lambda: any(
        "jwks" in line for line in exchange.requests()))
    two.signal(signal.SIGSTOP)
    assert proc.wait_until(lambda: token_requests(exchange))
    assert token_requests(exchange) == ["POST /o/token/ 200"]
    two.kill()
    two.close()
    assert two.cache() == before
    exchange.reset()
    # What it had reserved lies there until the next one writes.
    assert len(temporary(two.cache_dir)) == 1
    three = start(env={"BROWSER_NEVER": "1"})
    ident = three.start_request("tools/call", {"name": "get_study_count"})
    url = waits_for_login(three)
    assert "a new one is needed" in three.stderr
    assert browse(exchange, url) == 0
    answer = three.answer(ident)["result"]
    assert answer["structuredContent"] == {"count": 2}
    assert three.cache()["refresh_token"] != before["refresh_token"]
    assert temporary(two.cache_dir) == []


def test_a_broker_killed_amid_a_refresh_opens_no_browser(start, exchange):
    one = start()
    assert count_of(one) == 2
    one.close()
    change(one, expires_at=time.time() - 5)
    exchange.set(delay={"/o/.well-known/jwks.json": 1})
    exchange.forget()
    two = start()
    ident = two.start_request("tools/call", {"name": "get_study_count"})
    assert proc.wait_until(lambda: any(
        "openid-configuration" in line for line in exchange.requests()))
    time.sleep(0.2)
    os.kill(two.child("broker"), signal.SIGKILL)
    result = two.answer(ident)["result"]
    assert result["isError"]
    assert two.text(result).startswith("unavailable: ")
    exchange.reset()
    assert count_of(two) == 2
    assert sign_in_url(two.stderr) is None


@pytest.mark.parametrize("rotates", [True, False])
@pytest.mark.parametrize("gives_id_token", [True, False])
def test_refreshes_of_every_kind(start, exchange, rotates, gives_id_token):
    """Exchanges differ in what comes with a refresh: what does not come
    stays as it was."""
    exchange.set(rotate=rotates, refresh_id_token=gives_id_token)
    one = start()
    assert count_of(one) == 2
    one.close()
    for _ in range(2):
        before = change(one, expires_at=time.time() - 5)
        exchange.forget()
        two = start()
        assert count_of(two) == 2
        assert sign_in_url(two.stderr) is None
        assert token_requests(exchange) == ["POST /o/token/ 200"]
        after = two.cache()
        two.close()
        assert after["access_token"] != before["access_token"]
        assert (after["refresh_token"] != before["refresh_token"]) == rotates
        assert (after["id_token"] != before["id_token"]) == gives_id_token
        # The claims are asked for where no ID token brings them.
        asked = any("/o/userinfo/" in line for line in exchange.requests())
        assert asked != gives_id_token
        assert after["person"] == before["person"]


# --- Programs of one user at the same time ---

def both_ask(start, exchange, **options):
    """Two servers of one home and one port; the second waits for the first."""
    options["port"] = proc.free_port()
    exchange.allow_port(options["port"])
    first, second = start(**options), start(**options)
    idents = [first.start_request("tools/call", {"name": "get_study_count"})]
    url = waits_for_login(first)
    idents.append(second.start_request("tools/call",
                                       {"name": "get_study_count"}))
    assert proc.wait_until(lambda: url in second.stderr), second.stderr
    assert "another jhe-mcp waits for this sign-in" in second.stderr
    return (first, second), idents, url


def test_two_servers_started_at_once_share_one_login(start, exchange):
    port = proc.free_port()
    exchange.allow_port(port)
    both = [start(port=port) for _ in range(2)]
    idents = [one.start_request("tools/call", {"name": "get_study_count"})
              for one in both]
    for one, ident in zip(both, idents):
        answer = one.answer(ident)["result"]
        assert answer["structuredContent"] == {"count": 2}, one.stderr
    assert sum(one.stderr.count("open this address") for one in both) == 1
    assert token_requests(exchange) == ["POST /o/token/ 200"]


def test_who_waits_for_the_login_of_another_names_its_address(start,
                                                              exchange):
    (first, second), idents, url = both_ask(
        start, exchange, env={"BROWSER_NEVER": "1"},
        args=["stdio", "-o", "login-timeout=10"])
    for one, ident in zip((first, second), idents):
        result = one.answer(ident)["result"]
        assert result["isError"]
        assert one.text(result).startswith("login_needed: open " + url)
    assert second.stderr.count(url) == 1


def test_who_waits_goes_on_when_the_other_is_killed(start, exchange):
    (first, second), idents, url = both_ask(start, exchange,
                                            env={"BROWSER_NEVER": "1"})
    first.kill()
    first.close()
    other = waits_for_login(second)
    assert other != url
    assert browse(exchange, other) == 0
    answer = second.answer(idents[1])["result"]
    assert answer["structuredContent"] == {"count": 2}


def test_a_script_does_not_wait_for_a_person_elsewhere(start, exchange,
                                                       callback_port,
                                                       tmp_path):
    """A refresh ends soon; who is asked in a browser need not come."""
    one = start()
    assert count_of(one) == 2
    one.close()
    change(one, expires_at=time.time() - 5, refresh_token="revoked")
    waiting = start(env={"BROWSER_NEVER": "1"})
    waiting.start_request("tools/call", {"name": "get_study_count"})
    waits_for_login(waiting)
    shell = Shell(exchange, tmp_path, "manager_maya", callback_port)
    began = time.monotonic()
    done = shell.run("call", "get_study_count")
    assert done.code == 3 and done.out == ""
    assert time.monotonic() - began < 5
