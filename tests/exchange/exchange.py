#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The test exchange: a real OAuth 2.0 / OpenID Connect server on loopback.

django-oauth-toolkit, which the exchange itself is built on, configured as the
exchange configures it, over the exchange's own table of users.

    exchange.py migrate       makes the oauth2_provider_* tables and clients
    exchange.py serve PORT    serves; port 0 takes a free one
    exchange.py up PORT       both

When it accepts it prints one line, `exchange http://127.0.0.1:PORT`.  It ends
with SIGTERM, and when its standard input does (a caller that keeps a pipe
open there cannot leave it behind).  The database is found by PGHOST,
PGPORT, PGUSER, PGDATABASE.

Environment, read once:
    EXCHANGE_KEY        PEM of the signing key, made if absent, read again
                        whenever it changes (key rotation)
    EXCHANGE_CALLBACKS  more redirect URIs, or ports of localhost, by spaces
    EXCHANGE_CONSENT    1: every client gets the consent page
    EXCHANGE_LOG        a file that gets "METHOD path status" per request
    EXCHANGE_KNOBS      a JSON file of knobs, read at every request

Knobs, by that file or in the environment as EXCHANGE_ and the name in upper
case (as JSON; a word that is no JSON is a string):
    claims      true: ID token and userinfo carry user_type, user_id and (not
                for patients) jhe_permissions; default false, as the exchange
                has it today.  e-mail comes with its scope either way
    claims_set  an object laid over the claims; a null removes one
    access_ttl code_ttl id_ttl      seconds (1209600, 60, 36000)
    issuer      a fixed issuer (else made from the Host header)
    discovery   "slash" (as this version does), "both", "noslash", "none"
    scopes      the scopes known, default ["openid", "email"]
    rotate      false: a refresh brings no other refresh token
    refresh_id_token    true: it brings an ID token, as newer versions do
    fail        {path: status}: answers that instead, with an HTML body
    delay       {path: seconds}
    clock       seconds that its clock, as Date has it, is ahead
A knob of another kind is one more line in `Knobs.defaults` and one where it
acts, mostly in `middleware`.
"""

import json
import os
import signal
import sys
import threading
import time
from email.utils import formatdate

import django
from django.apps import AppConfig
from django.conf import settings

sys.modules.setdefault("exchange", sys.modules[__name__])

CLIENTS = [
    # client_id, secret, type, algorithm, asks for consent
    ("jhe-universal-mcp", "", "public", "RS256", False),
    ("other-public", "", "public", "RS256", True),
    ("confidential", "CANARY-client-secret", "confidential", "RS256", False),
    ("no-algorithm", "", "public", "", False),
]

PAGE = "<!doctype html><title>Test exchange</title><h1>Test exchange</h1>"
TEMPLATES = {
    "registration/login.html": PAGE + """
<form method="post">{% csrf_token %}{{ form.non_field_errors }}
<label>E-mail <input name="username" type="email"></label>
<label>Password <input name="password" type="password"></label>
<input type="hidden" name="next" value="{{ next }}">
<button type="submit">Log in</button></form>""",
    "oauth2_provider/authorize.html": PAGE + """{% if error %}
<p>Error: {{ error.error }}</p><p>{{ error.description }}</p>{% else %}
<form method="post">{% csrf_token %}<p>{{ application.name }} asks for:
{{ scopes_descriptions|join:", " }}</p>
{% for field in form %}{% if field.is_hidden %}{{ field }}{% endif %}
{% endfor %}<input type="submit" value="Cancel">
<input type="submit" name="allow" value="Authorize"></form>{% endif %}""",
}


class Knobs:
    """Values by name; the file wins over the environment."""

    defaults = {
        "claims": False, "claims_set": {}, "access_ttl": 1209600,
        "code_ttl": 60, "id_ttl": 36000, "issuer": "", "discovery": "slash",
        "scopes": ["openid", "email"], "fail": {}, "delay": {},
        "rotate": True, "refresh_id_token": False, "clock": 0,
    }

    def __init__(self):
        self.base = dict(self.defaults)
        for name in self.defaults:
            text = os.environ.get("EXCHANGE_" + name.upper())
            if text is None:
                continue
            try:
                self.base[name] = json.loads(text)
            except ValueError:
                self.base[name] = text

    def read(self):
        values = dict(self.base)
        try:
            with open(os.environ["EXCHANGE_KNOBS"], encoding="utf-8") as file:
                values.update(json.load(file))
        except (KeyError, FileNotFoundError):
            pass
        return values


class Key:
    """The signing key's PEM, made if need be and read again on a change."""

    def __init__(self, path):
        self.path = path
        self.stamp = None
        self.pem = ""

    def get(self):
        from jwcrypto import jwk
        if not self.path:
            if not self.pem:
                self.pem = self.make(jwk)
            return self.pem
        if not os.path.exists(self.path):
            handle = os.open(self.path, os.O_WRONLY | os.O_CREAT, 0o600)
            with os.fdopen(handle, "w") as file:
                file.write(self.make(jwk))
        stamp = os.stat(self.path).st_mtime_ns
        if stamp != self.stamp:
            with open(self.path, encoding="ascii") as file:
                self.pem = file.read()
            self.stamp = stamp
        return self.pem

    @staticmethod
    def make(jwk):
        key = jwk.JWK.generate(kty="RSA", size=2048)
        return key.export_to_pem(private_key=True, password=None).decode()


knobs = Knobs()
signing_key = Key(os.environ.get("EXCHANGE_KEY"))


class Core(AppConfig):
    """The exchange's app, as far as OAuth needs it: its users."""

    name = "exchange"
    label = "core"
    path = os.path.dirname(os.path.abspath(__file__))
    default_auto_field = "django.db.models.BigAutoField"

    def import_models(self):
        from django.contrib.auth import base_user
        from django.db import models

        class JheUser(base_user.AbstractBaseUser):
            id = models.BigAutoField(primary_key=True)
            email = models.EmailField(unique=True)
            is_active = models.BooleanField(default=True)
            user_type = models.TextField(null=True)
            objects = base_user.BaseUserManager()
            USERNAME_FIELD = EMAIL_FIELD = "email"

            class Meta:
                app_label = "core"
                db_table = "core_jheuser"
                managed = False

        self.models_module = sys.modules[__name__]
        self.models = self.apps.all_models[self.label]


def permissions(user_id):
    from django.db import connection
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT o.id, o.name, po.role FROM core_practitioner p"
            " JOIN core_practitionerorganization po"
            " ON po.practitioner_id = p.id"
            " JOIN core_organization o ON o.id = po.organization_id"
            " WHERE p.jhe_user_id = %s ORDER BY 1", [user_id])
        member = cursor.fetchall()
        cursor.execute(
            "SELECT id FROM core_study WHERE organization_id = ANY (%s)"
            " ORDER BY 1", [[row[0] for row in member]])
        studies = [row[0] for row in cursor.fetchall()]
    return {"studies": studies,
            "organizations": [dict(zip(("id", "name", "role"), row))
                              for row in member]}


def additional_claims(request):
    user = request.user
    values = knobs.read()
    claims = {}
    if "email" in (request.scopes or []):
        claims["email"] = user.email
    if values["claims"]:
        claims["user_type"] = user.user_type
        claims["user_id"] = user.id
        if user.user_type != "patient":
            claims["jhe_permissions"] = permissions(user.id)
    claims.update(values["claims_set"])
    return {name: value for name, value in claims.items()
            if value is not None or name == "user_type"}


def apply_knobs(values):
    from oauth2_provider.settings import oauth2_settings as to
    to.ACCESS_TOKEN_EXPIRE_SECONDS = values["access_ttl"]
    to.AUTHORIZATION_CODE_EXPIRE_SECONDS = values["code_ttl"]
    to.ID_TOKEN_EXPIRE_SECONDS = values["id_ttl"]
    to.OIDC_ISS_ENDPOINT = values["issuer"]
    to.OIDC_RSA_PRIVATE_KEY = signing_key.get()
    to.SCOPES = {name: name for name in values["scopes"]}
    to._SCOPES = to._DEFAULT_SCOPES = list(values["scopes"])
    to.ROTATE_REFRESH_TOKEN = values["rotate"]


def add_id_token(response, issuer):
    """What a refresh may bring besides (OpenID Connect Core §12.2)."""
    from jwcrypto import jwt
    from oauth2_provider.models import get_access_token_model
    answer = json.loads(response.content)
    token = get_access_token_model().objects.get(
        token=answer["access_token"])
    key = token.application.jwk_key
    now = int(time.time())
    signed = jwt.JWT(
        header={"typ": "JWT", "alg": "RS256", "kid": key.thumbprint()},
        claims={"iss": issuer, "aud": token.application.client_id,
                "sub": str(token.user_id), "iat": now, "exp": now + 600,
                "jti": os.urandom(8).hex()})
    signed.make_signed_token(key)
    answer["id_token"] = signed.serialize()
    response.content = json.dumps(answer).encode()
    response["Content-Length"] = str(len(response.content))


def middleware(get_response):
    from django.http import HttpResponse
    well_known = "/o/.well-known/openid-configuration"
    shown = {"slash": (well_known + "/",), "noslash": (well_known,),
             "both": (well_known, well_known + "/"), "none": ()}

    def answer(request):
        values = knobs.read()
        apply_knobs(values)
        path = request.path
        time.sleep(values["delay"].get(path, 0))
        if path in values["fail"]:
            return HttpResponse("<h1>as told by a knob</h1>",
                                status=values["fail"][path])
        if path.rstrip("/") == well_known and \
                path not in shown[values["discovery"]]:
            return HttpResponse("<h1>Not Found</h1>", status=404)
        return get_response(request)

    def logged(request):
        response = answer(request)
        ahead_s = knobs.read()["clock"]
        if ahead_s:
            response["Date"] = formatdate(time.time() + ahead_s, usegmt=True)
        log = os.environ.get("EXCHANGE_LOG")
        if log:
            with open(log, "a", encoding="utf-8") as file:
                file.write(f"{request.method} {request.path} "
                           f"{response.status_code}\n")
        return response

    return logged


def configure():
    settings.configure(
        SECRET_KEY=os.urandom(32).hex(),
        ALLOWED_HOSTS=["127.0.0.1", "localhost", "[::1]"],
        ROOT_URLCONF="exchange",
        APPEND_SLASH=False,
        USE_TZ=True,
        AUTH_USER_MODEL="core.JheUser",
        LOGIN_REDIRECT_URL="/health",
        SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
        PASSWORD_HASHERS=["exchange.Hasher"],
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes",
                        "django.contrib.sessions", "exchange.Core",
                        "oauth2_provider"],
        MIDDLEWARE=["exchange.middleware",
                    "django.contrib.sessions.middleware.SessionMiddleware",
                    "django.middleware.csrf.CsrfViewMiddleware",
                    "django.contrib.auth.middleware.AuthenticationMiddleware"],
        TEMPLATES=[{
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {
                "context_processors":
                    ["django.template.context_processors.request"],
                "loaders": [("django.template.loaders.locmem.Loader",
                             TEMPLATES)]}}],
        DATABASES={"default": {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": os.environ.get("PGHOST", ""),
            "PORT": os.environ.get("PGPORT", ""),
            "USER": os.environ.get("PGUSER", "postgres"),
            "NAME": os.environ.get("PGDATABASE", "exchange")}},
        OAUTH2_PROVIDER={
            "OIDC_ENABLED": True,
            "PKCE_REQUIRED": True,
            "OIDC_RSA_PRIVATE_KEY": "-",
            "SCOPES": {"openid": "openid", "email": "email"},
            "REFRESH_TOKEN_EXPIRE_SECONDS": None,
            "ROTATE_REFRESH_TOKEN": True,
            "ALWAYS_RELOAD_OAUTHLIB_CORE": True,
        },
        LOGGING={"version": 1, "disable_existing_loggers": False,
                 "loggers": {"django": {"level": "ERROR"},
                             "oauth2_provider": {"level": "CRITICAL"}}},
    )
    django.setup()


def prepare():
    """What can only be defined when Django is set up."""
    from django.contrib.auth import hashers, views as auth_views
    from django.http import JsonResponse
    from django.urls import include, path
    from django.views.decorators.csrf import csrf_exempt
    from oauth2_provider import oauth2_validators, views
    from oauth2_provider.settings import oauth2_settings

    class Hasher(hashers.PBKDF2PasswordHasher):
        iterations = 1000       # as in the data, or each login rehashes

    class Validator(oauth2_validators.OAuth2Validator):
        def get_additional_claims(self, request):
            return additional_claims(request)

    @csrf_exempt
    def token(request):
        try:
            response = views.TokenView.as_view()(request)
            if knobs.read()["refresh_id_token"] and \
                    response.status_code == 200 and \
                    request.POST.get("grant_type") == "refresh_token":
                add_id_token(response, oauth2_settings.oidc_issuer(request))
            return response
        except Exception as error:
            return JsonResponse({"error": "server_error",
                                 "error_description": str(error)}, status=500)

    oauth2_settings.OAUTH2_VALIDATOR_CLASS = Validator
    discovery = views.ConnectDiscoveryInfoView.as_view()
    globals().update(Hasher=Hasher, urlpatterns=[
        path("health", lambda request: JsonResponse({"status": "ok"})),
        path("accounts/login/", auth_views.LoginView.as_view()),
        path("o/token/", token),
        path("o/.well-known/openid-configuration", discovery),
        path("o/", include("oauth2_provider.urls")),
    ])


def redirects():
    uris = ["http://localhost:8765/callback"]
    for word in os.environ.get("EXCHANGE_CALLBACKS", "").split():
        uris.append(f"http://localhost:{word}/callback"
                    if word.isdigit() else word)
    return " ".join(uris)


def migrate():
    from django.core.management import call_command
    from oauth2_provider.models import Application
    call_command("migrate", "oauth2_provider", verbosity=0)
    always = os.environ.get("EXCHANGE_CONSENT") == "1"
    for client_id, secret, kind, algorithm, consent in CLIENTS:
        Application.objects.update_or_create(client_id=client_id, defaults={
            "name": client_id, "client_secret": secret, "client_type": kind,
            "authorization_grant_type": "authorization-code",
            "algorithm": algorithm, "redirect_uris": redirects(),
            "skip_authorization": not (consent or always)})


def serve(port):
    from django.core.handlers.wsgi import WSGIHandler
    from django.core.servers.basehttp import (ThreadedWSGIServer,
                                              WSGIRequestHandler)

    class Handler(WSGIRequestHandler):
        def log_message(self, *args):
            pass

    signing_key.get()
    server = ThreadedWSGIServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    server.set_app(WSGIHandler())
    print(f"exchange http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


def end_with_stdin():
    while os.read(0, 4096):
        pass
    os._exit(0)


def main(args):
    if not args or args[0] not in ("migrate", "serve", "up") or \
            len(args) != (1 if args[0] == "migrate" else 2):
        sys.exit("usage: exchange.py migrate | serve PORT | up PORT")
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    signal.signal(signal.SIGINT, lambda *_: os._exit(0))
    if args[0] != "migrate":
        threading.Thread(target=end_with_stdin, daemon=True).start()
    configure()
    prepare()
    if args[0] != "serve":
        migrate()
    if args[0] != "migrate":
        serve(int(args[1]))


if __name__ == "__main__":
    main(sys.argv[1:])
