# SPDX-License-Identifier: MIT
"""Signing in: the first call opens the browser, the next start needs none."""

import json
import os
import stat
import time

import pytest

from harness import proc
from harness.person import (Person, browse, query_of, visit, waiting_server,
                            waits_for_login)
from harness.wire import short, sign_in_url


def count_of(server, **more):
    result = server.call_tool("get_study_count", **more)
    assert not result.get("isError"), result
    return result["structuredContent"]["count"]


def asked(exchange, what):
    return [line for line in exchange.requests() if what in line]


def write_browser(path, text):
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)
    return str(path)


# --- The whole way ---

def test_the_first_call_signs_in_and_the_next_start_needs_no_browser(
        start_server, exchange, tmp_path):
    first = start_server(user="manager_max", home=str(tmp_path))
    first.initialize()
    assert not os.path.exists(first.cache_dir)
    assert count_of(first) == 8
    assert first.cache_modes() == ("0o700", "0o600")
    assert sign_in_url(first.stderr)
    assert first.close() == 0
    exchange.forget()
    second = start_server(home=str(tmp_path), env={"BROWSER": "/bin/false"})
    second.initialize()
    assert count_of(second) == 8
    assert sign_in_url(second.stderr) is None
    # Nothing at all is asked of the exchange for a stored sign-in.
    assert exchange.requests() == []


def test_the_cache_is_bound_to_what_it_was_made_for(start_server, exchange):
    one = start_server(user="manager_maya")
    one.initialize()
    assert count_of(one) == 2
    cache = one.cache()
    assert cache["exchange"] == exchange.base_url
    assert cache["client_id"] == "jhe-universal-mcp"
    assert cache["issuer"] == exchange.issuer
    assert str(cache["person"]["sub"]) == "10001"
    assert cache["token_type"].lower() == "bearer"
    assert abs(cache["expires_at"] - time.time() - 1209600) < 120
    assert sorted(os.listdir(one.cache_dir)) == ["token_cache.json",
                                                 "token_cache.lock"]


def test_the_url_asks_for_what_the_protocol_wants(start_server, exchange):
    _, _, url = waiting_server(start_server)
    assert url.startswith(f"{exchange.issuer}/authorize/?")
    query = query_of(url)
    assert query["response_type"] == "code"
    assert query["code_challenge_method"] == "S256"
    assert len(query["code_challenge"]) == 43
    assert len(query["state"]) >= 22 and len(query["nonce"]) >= 22
    assert query["client_id"] == "jhe-universal-mcp"
    assert query["redirect_uri"].startswith("http://localhost:")
    # This exchange's discovery lists no scopes.
    assert query["scope"] == "openid"


def test_the_scope_may_be_configured(start_server, exchange):
    server, ident, url = waiting_server(
        start_server, args=["stdio", "-o", "scope=openid email"])
    assert query_of(url)["scope"] == "openid email"
    assert browse(exchange, url) == 0
    assert "structuredContent" in server.answer(ident)["result"]
    assert server.cache()["person"]["email"] == "manager_maya@example.com"


def test_every_sign_in_has_its_own_state_nonce_and_challenge(start_server):
    seen = {name: set() for name in ("state", "nonce", "code_challenge")}
    for _ in range(3):
        server, _, url = waiting_server(start_server)
        for name, values in seen.items():
            values.add(query_of(url)[name])
        server.close()
    assert all(len(values) == 3 for values in seen.values())


def test_two_calls_wait_for_one_login_and_ping_is_answered_meanwhile(
        start_server, exchange, tmp_path):
    log = tmp_path / "log"
    browser = write_browser(tmp_path / "browser",
                            f'printf "x\\n" >>{log}\nsleep 1\n'
                            f'exec {exchange.facts["BROWSER"]} "$1"\n')
    one = start_server(user="manager_maya", env={"BROWSER": browser})
    one.initialize()
    first = one.start_request("tools/call", {"name": "get_study_count"})
    second = one.start_request("tools/call", {"name": "list_studies"})
    third = one.start_request("resources/read", {
        "uri": "schema://jupyterhealth/core_study"})
    waits_for_login(one)
    start = time.monotonic()
    assert one.request("ping")["result"] == {}
    assert one.request("tools/list")["result"]["tools"]
    assert time.monotonic() - start < 0.5
    assert one.answer(first)["result"]["structuredContent"] == {"count": 2}
    assert one.answer(second)["result"]["structuredContent"]["total"] == 2
    assert one.answer(third)["result"]["contents"]
    assert log.read_text() == "x\n"
    assert len(asked(exchange, "POST /o/token/ 200")) == 1


def test_a_call_waits_as_long_as_login_timeout_says(start_server):
    server, ident, url = waiting_server(
        start_server, args=["stdio", "-o", "login-timeout=10"])
    start = time.monotonic()
    result = server.answer(ident, 15)["result"]
    assert 8 < time.monotonic() - start < 13
    assert result["isError"]
    text = server.text(result)
    assert text.startswith("login_needed: ") and url in text
    # That address is still good; the next call joins what is under way.
    ident = server.start_request("tools/call", {"name": "get_study_count"})
    assert waits_for_login(server, 2) == url
    back = Person("manager_maya").agree(url)
    assert visit(back)[0] == 200
    assert "structuredContent" in server.answer(ident)["result"]


def test_a_sign_in_may_end_after_the_call_that_began_it(start_server):
    server, ident, url = waiting_server(
        start_server, args=["stdio", "-o", "login-timeout=10"])
    assert url in server.text(server.answer(ident, 15)["result"])
    back = Person("manager_maya").agree(url)
    assert visit(back)[0] == 200
    result = server.call_tool("get_study_count")
    assert result["structuredContent"] == {"count": 2}
    assert server.stderr.count("open this address") == 1


def test_the_callback_is_heard_on_both_families(start_server, callback_port):
    server, ident, url = waiting_server(start_server, port=callback_port)
    back = Person("manager_maya").agree(url)
    status, page = visit(back, "::1")
    assert status == 200 and "<" in page
    assert "structuredContent" in server.answer(ident)["result"]
    # Once signed in, nobody listens any more.
    for host in ("127.0.0.1", "::1"):
        with pytest.raises(ConnectionRefusedError):
            visit(back, host)


def test_nobody_listens_before_a_login_is_needed(start_server,
                                                 callback_port):
    one = start_server(port=callback_port)
    one.initialize()
    for host in ("127.0.0.1", "::1"):
        with pytest.raises(ConnectionRefusedError):
            visit(f"http://localhost:{callback_port}/callback", host)


def test_another_person_may_sign_in_after_the_first_ones_time(
        start_server, exchange):
    """One worker serves one person: the next gets another worker."""
    first = start_server(user="manager_maya")
    first.initialize()
    assert count_of(first) == 2
    cache = dict(first.cache(), refresh_token="revoked-by-the-test",
                 expires_at=time.time() + 63)
    with open(first.cache_path, "w", encoding="utf-8") as file:
        json.dump(cache, file)
    one = start_server(home=first.home, env={"BROWSER_NEVER": "1"})
    one.initialize()
    assert count_of(one) == 2
    worker = one.child("worker")
    # A minute before the access token ends it is looked for a new one.
    time.sleep(3.5)
    ident = one.start_request("tools/call", {"name": "get_study_count"})
    assert browse(exchange, waits_for_login(one), "manager_max") == 0
    answer = one.answer(ident)
    assert count_of(one) == 8
    assert not proc.alive(worker)
    assert answer["result"]["structuredContent"] == {"count": 8}


# --- $BROWSER ---

@pytest.mark.parametrize("value", [
    "{script}", "{script} --new-window", "{script} %s",
    "{script} --url=%s", "/no/such/browser:{script}",
    "/no/such/browser %s:{script} -x", "  {script}  a  b ",
    ":{script}", "/dev/null:/:{script}"], ids=short)
def test_browser_is_a_command_with_words_and_alternatives(
        start_server, exchange, tmp_path, value):
    directory = tmp_path / "dir"
    directory.mkdir()
    script = write_browser(
        directory / "browser", f'for word; do\n\turl=$word\ndone\n'
        f'printf "%s\\n" "$@" >{tmp_path}/words\necho said on stdout\n'
        f'exec {exchange.facts["BROWSER"]} "${{url#--url=}}"\n')
    one = start_server(user="manager_maya",
                       env={"BROWSER": value.format(script=script)})
    one.initialize()
    assert count_of(one) == 2
    words = (tmp_path / "words").read_text().split("\n")[:-1]
    assert words[-1].removeprefix("--url=") == sign_in_url(one.stderr)
    assert "said on stdout" in one.stderr


@pytest.mark.parametrize("value", ["/no/such/browser", "/bin/false",
                                   "/dev/null", "::", "%s", "/etc"], ids=short)
def test_a_browser_that_fails_leaves_the_printed_address(
        start_server, exchange, value):
    one = start_server(user="manager_maya",
                       env={"BROWSER": value, "PATH": "/nowhere"})
    one.initialize()
    ident = one.start_request("tools/call", {"name": "get_study_count"})
    url = waits_for_login(one)
    assert browse(exchange, url) == 0
    assert one.answer(ident)["result"]["structuredContent"] == {"count": 2}


def test_no_shell_sees_the_url_or_the_browser(start_server, tmp_path):
    mark = tmp_path / "mark"
    one = start_server(env={"BROWSER": f"/bin/true ;touch {mark}; $(touch"
                            f" {mark}) `touch {mark}`"})
    one.initialize()
    one.start_request("tools/call", {"name": "get_study_count"})
    waits_for_login(one)
    assert one.request("ping")["result"] == {}
    assert not mark.exists()


def test_a_browser_gets_no_descriptor_and_no_secret_of_ours(
        start_server, exchange, tmp_path):
    script = write_browser(
        tmp_path / "browser", f'ls -l /proc/$$/fd >{tmp_path}/fds\n'
        f'env >{tmp_path}/env\n: >{tmp_path}/done\n')
    one = start_server(env={
        "BROWSER": script, "JHE_CLIENT_SECRET": "CANARY-client-secret",
        "JHE_CLIENT_ID": "confidential"})
    one.initialize()
    one.start_request("tools/call", {"name": "get_study_count"})
    assert proc.wait_until((tmp_path / "done").exists)
    env = (tmp_path / "env").read_text()
    assert "JHE_DB_CONN" not in env and "CANARY" not in env
    fds = [line.split(" -> ")[-1]
           for line in (tmp_path / "fds").read_text().splitlines()
           if " -> " in line]
    # Standard ones, the script itself, and where it writes the list.
    assert len(fds) <= 5 and not any(
        "socket:" in fd or "memfd" in fd for fd in fds), fds


def test_the_browser_is_nobodys_child_for_long(start_server, exchange,
                                               tmp_path):
    script = write_browser(tmp_path / "browser",
                           f'echo $$ >{tmp_path}/pid\n'
                           'exec sleep 60 >/dev/null 2>&1\n')
    one = start_server(env={"BROWSER": script})
    one.initialize()
    one.start_request("tools/call", {"name": "get_study_count"})
    assert proc.wait_until(lambda: (tmp_path / "pid").exists()
                           and (tmp_path / "pid").read_text().strip())
    pid = int((tmp_path / "pid").read_text())
    try:
        assert pid not in one.children()
        assert one.close() == 0
        assert proc.alive(pid), "the browser ended with us"
    finally:
        os.kill(pid, 9)


# --- What must not be told ---

def test_no_secret_of_a_login_is_logged_at_any_level(
        start_server, exchange, tmp_path, callback_port):
    import base64
    import hashlib
    import re
    options = {"home": str(tmp_path), "port": callback_port,
               "args": ["stdio", "-o", "log-level=debug"]}
    server, ident, url = waiting_server(start_server, **options)
    back = Person("manager_maya").agree(url)
    assert visit(back)[0] == 200
    server.answer(ident)
    first = server.cache()
    server.close()
    # The second run refreshes.
    aged = dict(first, expires_at=time.time() - 10)
    with open(server.cache_path, "w", encoding="utf-8") as file:
        json.dump(aged, file)
    again = start_server(**dict(options, env={"BROWSER_NEVER": "1"}))
    again.initialize()
    assert count_of(again) == 2
    second = again.cache()
    assert second["access_token"] != first["access_token"]
    query = query_of(url)
    for text in (server.stderr, again.stderr):
        rest = text.replace(url, "")
        for secret in [query_of(back)["code"], query["state"],
                       query["nonce"], query["code_challenge"]] + [
                cache[name] for cache in (first, second)
                for name in ("access_token", "refresh_token", "id_token")]:
            assert secret not in rest
        for word in re.findall(r"[-\w.~]{43,128}", rest):
            digest = hashlib.sha256(word.encode()).digest()
            assert base64.urlsafe_b64encode(digest).rstrip(
                b"=").decode() != query["code_challenge"], "the verifier"
        assert exchange.canary(text) is None
    # Something was logged: the level was in force.
    assert "signed in" in server.stderr


def test_the_client_is_told_no_token(start_server):
    one = start_server(user="manager_maya")
    one.initialize()
    results = [one.call_tool("get_study_count"), one.call_tool(
        "list_studies"), one.request("resources/list")]
    cache = one.cache()
    for name in ("access_token", "refresh_token", "id_token"):
        assert cache[name] not in json.dumps(results)


def test_the_umask_opens_nothing(start_server, program):
    one = start_server(user="manager_maya", command=[
        "/bin/sh", "-c", 'umask 0; exec "$0" "$@"', program])
    one.initialize()
    assert count_of(one) == 2
    assert one.cache_modes() == ("0o700", "0o600")
    assert stat.S_ISREG(os.lstat(one.cache_path).st_mode)
