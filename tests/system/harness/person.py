# SPDX-License-Identifier: MIT
"""A person who signs in, step by step, where browser.sh goes all the way.

    server, ident, url = waiting_server(start_server)
    back = Person("manager_maya").agree(url)    where the exchange sends us
    visit(back)                                 what the program says there
"""

import html
import http.cookiejar
import os
import re
import socket
import subprocess
import urllib.error
import urllib.parse
import urllib.request

from . import proc
from .exchange import PASSWORD
from .wire import sign_in_url


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Person:
    def __init__(self, user, password=PASSWORD):
        self.email = f"{user}@example.com"
        self.password = password
        self.opener = urllib.request.build_opener(
            NoRedirect, urllib.request.ProxyHandler({}),
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def _open(self, url, form=None):
        data = urllib.parse.urlencode(form).encode() if form else None
        request = urllib.request.Request(url, data, {"Referer": url})
        try:
            with self.opener.open(request, timeout=20) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, error.read().decode()

    def agree(self, url, allow=True):
        """Where the redirect to the callback leads; None if there is none."""
        origin = urllib.parse.urlsplit(url)[:2]
        form = None
        for _ in range(8):
            status, headers, page = self._open(url, form)
            form = None
            if status in (301, 302, 303):
                url = urllib.parse.urljoin(url, headers["Location"])
                if urllib.parse.urlsplit(url)[:2] != origin:
                    return url
                continue
            form = {name: html.unescape(value) for name, value in re.findall(
                r'<input type="hidden" name="([^"]*)" value="([^"]*)"', page)}
            if 'name="password"' in page:
                form.update(username=self.email, password=self.password)
            elif 'name="allow"' in page:
                form.update({"allow": "Authorize"} if allow else {})
            else:
                return None
        return None


def visit(url, host="127.0.0.1", timeout=20):
    """GET of a URL of localhost, at one address: (status, page)."""
    parts = urllib.parse.urlsplit(url)
    target = parts.path + ("?" + parts.query if parts.query else "")
    with socket.create_connection((host, parts.port), timeout) as one:
        one.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost:{parts.port}"
                    "\r\nConnection: close\r\n\r\n".encode())
        data = b""
        while more := one.recv(65536):
            data += more
    head, _, page = data.partition(b"\r\n\r\n")
    return int(head.split(b" ")[1]), page.decode()


def query_of(url):
    """The parameters of a URL."""
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query,
                                       keep_blank_values=True))


def with_query(url, **changes):
    """A URL with other parameters; None removes one."""
    query = query_of(url)
    query.update(changes)
    query = {name: value for name, value in query.items()
             if value is not None}
    return urllib.parse.urlsplit(url)._replace(
        query=urllib.parse.urlencode(query)).geturl()


def browse(exchange, url, user="manager_maya", **environment):
    """The exit status of browser.sh with this person in front of it."""
    env = dict(os.environ, **exchange.browser_environment(user))
    env.update(environment)
    return subprocess.run([env["BROWSER"], url], env=env, check=False,
                          timeout=60).returncode


def waits_for_login(server, nth=1, timeout=20):
    """The URL printed for the nth time that a login was needed."""
    def printed():
        return server.stderr.count("open this address in a browser") >= nth \
            and sign_in_url(server.stderr)

    assert proc.wait_until(printed, timeout), server.stderr
    return sign_in_url(server.stderr)


def waiting_server(start_server, **options):
    """(server, id of a call that waits for a login, URL)."""
    options.setdefault("env", {}).setdefault("BROWSER_NEVER", "1")
    options.setdefault("user", "manager_maya")
    server = start_server(**options)
    server.initialize()
    ident = server.start_request("tools/call", {"name": "get_study_count"})
    return server, ident, waits_for_login(server)
