# SPDX-License-Identifier: MIT
"""The token cache: what is believed, what is refreshed, what is replaced."""

import json
import os
import time

import pytest

from harness import proc
from harness.person import browse, waits_for_login
from harness.wire import sign_in_url

root_only = pytest.mark.skipif(os.geteuid() != 0,
                               reason="needs root: files of other users")


@pytest.fixture
def stored(start_server, tmp_path):
    """The home of somebody who has signed in."""
    one = start_server(user="manager_maya", home=str(tmp_path))
    one.initialize()
    assert one.call_tool("get_study_count")["structuredContent"]["count"] == 2
    one.close()
    return one


def change(stored, **members):
    cache = stored.cache()
    cache.update(members)
    with open(stored.cache_path, "w", encoding="utf-8") as file:
        json.dump({name: value for name, value in cache.items()
                   if value is not None}, file)


def again(start_server, stored, user="manager_max", **more):
    """The next start: (server, its count of studies, browser opened?)."""
    one = start_server(user=user, home=stored.home, **more)
    one.initialize()
    result = one.call_tool("get_study_count")
    assert not result.get("isError"), result
    return (one, result["structuredContent"]["count"],
            sign_in_url(one.stderr) is not None)


def token_requests(exchange):
    return [line for line in exchange.requests() if "/o/token/" in line]


# --- Not believed: the browser opens, the file is replaced ---

def make_truncated(stored):
    with open(stored.cache_path, "r+b") as file:
        file.truncate(os.path.getsize(stored.cache_path) // 2)


def make_empty(stored):
    open(stored.cache_path, "wb").close()


def make_readable(stored):
    os.chmod(stored.cache_path, 0o644)


def make_group_writable(stored):
    os.chmod(stored.cache_path, 0o620)


def make_symlink(stored):
    moved = os.path.join(stored.home, "moved.json")
    os.rename(stored.cache_path, moved)
    os.symlink(moved, stored.cache_path)


def make_second_name(stored):
    os.link(stored.cache_path, os.path.join(stored.home, "name.json"))


def make_fifo(stored):
    os.unlink(stored.cache_path)
    os.mkfifo(stored.cache_path, 0o600)


def make_huge(stored):
    with open(stored.cache_path, "ab") as file:
        file.write(b" " * (1 << 20))


def make_other_json(stored):
    inner = stored.cache()
    with open(stored.cache_path, "w", encoding="utf-8") as file:
        json.dump([inner], file)


def make_first_servers(stored):
    """What the exchange's first server wrote: bound to nothing."""
    change(stored, exchange=None, issuer=None, client_id=None, person=None)


def make_wrong_types(stored):
    change(stored, access_token=5, expires_at="tomorrow")


def make_bad_person(stored):
    change(stored, person={"sub": "10016; DROP TABLE core_study"})


def make_other_exchange(stored):
    change(stored, exchange="https://exchange.example.org")


def make_other_client(stored):
    change(stored, client_id="other-public")


def make_endless(stored):
    change(stored, expires_at=1e300)


@pytest.mark.parametrize("make", [
    make_truncated, make_empty, make_readable, make_group_writable,
    make_symlink, make_second_name, make_fifo, make_huge, make_other_json,
    make_first_servers, make_wrong_types, make_bad_person,
    make_other_exchange, make_other_client, make_endless])
def test_a_cache_that_is_not_ours_whole_and_private_is_replaced(
        start_server, stored, make):
    make(stored)
    target = os.path.join(stored.home, "moved.json")
    before = os.path.exists(target) and open(target, "rb").read()
    one, count, asked = again(start_server, stored)
    assert (count, asked) == (8, True)
    assert os.path.isfile(one.cache_path)
    assert not os.path.islink(one.cache_path)
    assert one.cache_modes() == ("0o700", "0o600")
    assert os.stat(one.cache_path).st_nlink == 1
    # What a link points to is not written.
    assert (os.path.exists(target) and open(target, "rb").read()) == before
    assert sorted(set(os.listdir(one.cache_dir))
                  - {"token_cache.lock"}) == ["token_cache.json"]
    one.close()
    _, count, asked = again(start_server, stored)
    assert (count, asked) == (8, False)


@root_only
def test_a_cache_of_another_user_is_replaced(start_server, stored):
    os.chown(stored.cache_path, 65534, 65534)
    one, count, asked = again(start_server, stored)
    assert (count, asked) == (8, True)
    assert os.stat(one.cache_path).st_uid == os.geteuid()


def test_an_open_directory_is_closed(start_server, stored):
    """As the exchange's first server left it."""
    os.chmod(stored.cache_dir, 0o755)
    one, count, asked = again(start_server, stored)
    assert (count, asked) == (2, False)
    assert one.cache_modes() == ("0o700", "0o600")


# --- No place for a cache: the sign-in holds for this run ---

def no_parent(home):
    return os.path.join(home, "no", "such", "place")


def a_file(home):
    path = os.path.join(home, "file")
    open(path, "wb").close()
    return path


def a_cache_that_is_a_directory(home):
    os.makedirs(os.path.join(home, "cache", "token_cache.json", "sub"))
    os.chmod(os.path.join(home, "cache"), 0o700)
    return os.path.join(home, "cache")


def of_another_user(home):
    path = os.path.join(home, "foreign")
    os.mkdir(path)
    os.chown(path, 65534, 65534)
    return path


def not_writable(_):
    return "/proc/self"


@pytest.mark.parametrize("make", [
    no_parent, a_file, a_cache_that_is_a_directory, not_writable,
    pytest.param(of_another_user, marks=root_only)])
def test_without_a_place_for_the_cache_the_login_holds_for_the_run(
        start_server, tmp_path, make):
    place = make(str(tmp_path))
    one = start_server(user="manager_maya", home=str(tmp_path),
                       env={"TOKEN_CACHE_DIR": place})
    one.initialize()
    for _ in range(2):
        result = one.call_tool("get_study_count")
        assert result["structuredContent"]["count"] == 2
    assert one.stderr.count("open this address") == 1
    assert "ends with this program" in one.stderr
    assert place in one.stderr


# --- Refresh ---

def test_an_expired_access_token_is_refreshed_without_a_browser(
        start_server, stored, exchange):
    before = stored.cache()
    change(stored, expires_at=time.time() - 5)
    exchange.forget()
    one, count, asked = again(start_server, stored)
    assert (count, asked) == (2, False)
    after = one.cache()
    assert after["access_token"] != before["access_token"]
    assert after["refresh_token"] != before["refresh_token"]
    # This exchange sends no ID token with a refresh: the first one's stays.
    assert after["id_token"] == before["id_token"]
    assert after["person"] == before["person"]
    assert after["expires_at"] > time.time() + 1000000
    assert one.cache_modes() == ("0o700", "0o600")
    assert token_requests(exchange) == ["POST /o/token/ 200"]
    assert not any("authorize" in line for line in exchange.requests())


def test_a_login_ends_a_minute_before_its_access_token(
        start_server, stored, exchange):
    change(stored, expires_at=time.time() + 55)
    exchange.forget()
    assert again(start_server, stored)[1:] == (2, False)
    assert token_requests(exchange) == ["POST /o/token/ 200"]
    change(stored, expires_at=time.time() + 90)
    exchange.forget()
    assert again(start_server, stored)[1:] == (2, False)
    assert token_requests(exchange) == []


def test_a_token_that_runs_out_amid_a_session_is_refreshed(
        start_server, stored, exchange):
    change(stored, expires_at=time.time() + 63)
    exchange.forget()
    one, count, asked = again(start_server, stored)
    assert (count, asked) == (2, False)
    assert token_requests(exchange) == []
    time.sleep(3.5)
    assert one.call_tool("get_study_count")["structuredContent"]["count"] == 2
    assert sign_in_url(one.stderr) is None
    assert token_requests(exchange) == ["POST /o/token/ 200"]


def test_tokens_that_are_too_short_lived_do_not_hang_a_call(
        start_server, exchange):
    """Less than the minute that a login ends before its token."""
    exchange.set(access_ttl=30)
    one = start_server(user="manager_maya")
    one.initialize()
    result = one.call_tool("get_study_count", timeout=6)
    if not result.get("isError"):
        assert result["structuredContent"]["count"] == 2
    assert len(token_requests(exchange)) < 10


def test_a_refused_refresh_asks_for_a_new_login(start_server, stored,
                                                exchange):
    change(stored, expires_at=time.time() - 5, refresh_token="revoked")
    exchange.forget()
    _, count, asked = again(start_server, stored)
    assert (count, asked) == (8, True)
    assert token_requests(exchange) == ["POST /o/token/ 400",
                                        "POST /o/token/ 200"]


def test_without_a_refresh_token_an_expired_login_is_over(
        start_server, stored, exchange):
    change(stored, expires_at=time.time() - 5, refresh_token=None)
    exchange.forget()
    assert again(start_server, stored)[1:] == (8, True)
    assert token_requests(exchange) == ["POST /o/token/ 200"]


def test_a_refresh_that_finds_nobody_keeps_the_login_for_later(
        start_server, stored, exchange):
    change(stored, expires_at=time.time() - 5)
    before = stored.cache()
    exchange.set(fail={"/o/token/": 503})
    one = start_server(home=stored.home)
    one.initialize()
    result = one.call_tool("get_study_count")
    assert result["isError"]
    assert one.text(result).startswith("unavailable: ")
    assert sign_in_url(one.stderr) is None
    assert one.cache() == before
    exchange.reset()
    assert one.call_tool("get_study_count")["structuredContent"]["count"] == 2


def test_two_programs_refresh_once(start_server, stored, exchange):
    change(stored, expires_at=time.time() - 5)
    exchange.set(delay={"/o/token/": 1})
    exchange.forget()
    both = [start_server(home=stored.home) for _ in range(2)]
    for one in both:
        one.initialize()
    idents = [one.start_request("tools/call", {"name": "get_study_count"})
              for one in both]
    for one, ident in zip(both, idents):
        answer = one.answer(ident)["result"]
        assert answer["structuredContent"]["count"] == 2
        assert sign_in_url(one.stderr) is None
    assert token_requests(exchange) == ["POST /o/token/ 200"]


def test_a_login_of_another_program_is_found_by_the_next_call(
        start_server, exchange, tmp_path):
    """Two clients start at once: one window is enough."""
    waiting = start_server(user="manager_maya", home=str(tmp_path),
                           env={"BROWSER_NEVER": "1"},
                           args=["stdio", "-o", "login-timeout=10"])
    waiting.initialize()
    other = start_server(user="manager_maya", home=str(tmp_path),
                         env={"BROWSER_NEVER": "1"})
    other.initialize()
    ident = other.start_request("tools/call", {"name": "get_study_count"})
    assert browse(exchange, waits_for_login(other)) == 0
    assert "result" in other.answer(ident)
    result = waiting.call_tool("get_study_count")
    assert result["structuredContent"]["count"] == 2
    assert sign_in_url(waiting.stderr) is None


def test_what_a_killed_writer_left_is_removed_by_the_next(
        start_server, stored):
    left = os.path.join(stored.cache_dir,
                        "token_cache.json.99999999.0123456789abcdef")
    with open(left, "w", encoding="utf-8") as file:
        file.write("half a tok")
    change(stored, expires_at=time.time() - 5)
    again(start_server, stored)
    assert not os.path.exists(left)
    assert proc.wait_until(lambda: sorted(os.listdir(stored.cache_dir)) in (
        ["token_cache.json"], ["token_cache.json", "token_cache.lock"]), 1)
