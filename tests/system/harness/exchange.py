# SPDX-License-Identifier: MIT
"""The test exchange with its database, and a client of it for tests.

    exchange = Exchange.start()
    exchange.set(claims=True)           knobs, see tests/exchange/exchange.py
    exchange.reset()
    tokens = exchange.login("manager_maya")
    exchange.stop()
"""

import base64
import hashlib
import http.server
import json
import os
import re
import secrets
import subprocess
import threading
import urllib.error
import urllib.parse
import urllib.request

from .postgres import EXCHANGE, Postgres

PASSWORD = "Jhe1234!"
CLIENT = "jhe-universal-mcp"


class Callback:
    """A listener for one redirect, as a client of the exchange has it."""

    def __init__(self, port=0):
        owner = self
        self.paths = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                owner.paths.append(self.path)
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"done\n")

            def log_message(self, *args):
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", port), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever,
                         daemon=True).start()

    def query(self):
        """The parameters of the last redirect."""
        query = urllib.parse.urlsplit(self.paths[-1]).query
        return dict(urllib.parse.parse_qsl(query, keep_blank_values=True))

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def claims_of(id_token):
    """Header and payload of a JWT, unverified."""
    parts = id_token.split(".")
    return tuple(json.loads(base64.urlsafe_b64decode(
        part + "=" * (-len(part) % 4))) for part in parts[:2])


def fetch(url, data=None, headers=None, method=None):
    """(status, headers, bytes); an error status is no exception."""
    if isinstance(data, dict):
        data = urllib.parse.urlencode(data).encode()
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    request = urllib.request.Request(url, data, headers or {}, method=method)
    try:
        with opener.open(request, timeout=30) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


class Exchange:
    def __init__(self, facts, process=None):
        self.facts = facts
        self.process = process
        self.base_url = facts["JHE_BASE_URL"]
        self.issuer = self.base_url + "/o"
        self.pg = Postgres(facts["EXCHANGE_DIR"])

    @classmethod
    def start(cls, **environment):
        """Starts `up`; keyword arguments go into its environment."""
        process = subprocess.Popen(
            [os.path.join(EXCHANGE, "up"), "--json", "--until-eof"],
            env=dict(os.environ, **environment), stdin=subprocess.PIPE,
            stdout=subprocess.PIPE)
        line = process.stdout.readline()
        if not line:
            raise RuntimeError("the exchange did not start: "
                               f"status {process.wait()}")
        return cls(json.loads(line), process)

    def stop(self):
        self.pg.close()
        if self.process:
            self.process.stdin.close()
            self.process.stdout.close()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    # Knobs.  They hold for every later request, until reset().

    def set(self, **values):
        path = self.facts["EXCHANGE_KNOBS"]
        now = {}
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                now = json.load(file)
        now.update(values)
        with open(path + ".tmp", "w", encoding="utf-8") as file:
            json.dump(now, file)
        os.rename(path + ".tmp", path)

    def reset(self):
        """Every knob as at the start."""
        try:
            os.unlink(self.facts["EXCHANGE_KNOBS"])
        except FileNotFoundError:
            pass

    def new_key(self):
        """The exchange signs with another key from now on."""
        os.unlink(self.facts["EXCHANGE_KEY"])

    # What was asked of it.

    def requests(self):
        """["METHOD path status", ...] since the start or forget()."""
        try:
            with open(self.facts["EXCHANGE_LOG"], encoding="utf-8") as file:
                return file.read().splitlines()
        except FileNotFoundError:
            return []

    def forget(self):
        try:
            os.unlink(self.facts["EXCHANGE_LOG"])
        except FileNotFoundError:
            pass

    # Its clients.

    def allow_port(self, port):
        """Registers http://localhost:PORT/callback with every client."""
        self.pg.execute(
            "UPDATE oauth2_provider_application SET redirect_uris ="
            " redirect_uris || %s WHERE redirect_uris || ' ' NOT LIKE %s",
            f" http://localhost:{port}/callback",
            f"%http://localhost:{port}/callback %")

    def set_consent(self, client_id, asked):
        """Whether the consent page is shown for a client."""
        self.pg.execute("UPDATE oauth2_provider_application"
                        " SET skip_authorization = %s WHERE client_id = %s",
                        not asked, client_id)

    # A browser and a client of our own.

    def browser_environment(self, user):
        """Environment that makes browser.sh log in this user."""
        return {"BROWSER": self.facts["BROWSER"],
                "LOGIN_USER": f"{user}@example.com", "LOGIN_PASS": PASSWORD}

    def authorize(self, user, client=CLIENT, callback=None, scope="openid",
                  password=PASSWORD, verifier=None, **environment):
        """Runs the browser to the callback.

        Gives (its exit status, parameters of the redirect or None, verifier,
        redirect URI).
        """
        verifier = verifier or secrets.token_urlsafe(48)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(
            verifier.encode()).digest()).rstrip(b"=").decode()
        own = callback or Callback()
        try:
            self.allow_port(own.port)
            redirect = f"http://localhost:{own.port}/callback"
            url = f"{self.issuer}/authorize/?" + urllib.parse.urlencode({
                "response_type": "code", "client_id": client,
                "redirect_uri": redirect, "scope": scope,
                "state": "st&\"<'%2F", "nonce": "nonce-of-the-test",
                "code_challenge": challenge,
                "code_challenge_method": "S256"})
            status = subprocess.run(
                [self.facts["BROWSER"], url], check=False,
                env=dict(os.environ, **dict(
                    self.browser_environment(user), LOGIN_PASS=password,
                    **environment))).returncode
            query = own.query() if own.paths else None
            return status, query, verifier, redirect
        finally:
            if callback is None:
                own.close()

    def token(self, **form):
        """POST to the token endpoint: (status, headers, JSON)."""
        status, headers, body = fetch(f"{self.issuer}/token/", form)
        return status, headers, json.loads(body)

    def login(self, user, client=CLIENT, scope="openid", **more):
        """A whole login; the token response."""
        status, query, verifier, redirect = self.authorize(
            user, client, scope=scope)
        assert status == 0 and "code" in query, (status, query)
        status, _, tokens = self.token(
            grant_type="authorization_code", code=query["code"],
            client_id=client, redirect_uri=redirect,
            code_verifier=verifier, **more)
        assert status == 200, tokens
        return tokens

    def userinfo(self, access_token):
        status, _, body = fetch(f"{self.issuer}/userinfo/", headers={
            "Authorization": f"Bearer {access_token}"})
        return status, json.loads(body)

    @staticmethod
    def canary(text):
        """The first secret found in a text (str or bytes), or None.

        For the logs, results and errors of the program under test."""
        if isinstance(text, bytes):
            text = text.decode("utf-8", "replace")
        found = re.search(r"CANARY[-\w]*", text)
        return found.group(0) if found else None
