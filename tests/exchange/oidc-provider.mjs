#!/usr/bin/env node
// SPDX-License-Identifier: MIT
//
// A second provider for the tests: npm's oidc-provider, other code than the
// exchange's and stricter.  PKCE with S256 only, `iss` in the callback (RFC
// 9207), a consent page, refresh tokens that rotate and whose reuse ends the
// whole grant, an ID token with each refresh.  Same paths, pages and users as
// exchange.py.  Everything is in memory.
//
//     node oidc-provider.mjs USERS.json [PORT]
//
// USERS.json: [{"id": 10001, "email": "...", "is_active": true,
// "user_type": "..."}, ...]; all have the password of the test data.  When it
// accepts, it prints one line, `exchange http://127.0.0.1:PORT`.  It ends with
// SIGTERM, and when its standard input does.  It needs Node 22 and the
// packages of tests/interop.
//
// Environment:
//     PROVIDER_LOG    a file that gets "METHOD path status" per request, and
//                     "grant TYPE ok", "grant TYPE ERROR: the true reason"
//                     and "revoked": a family of tokens was ended
//     PROVIDER_KNOBS  a JSON file of knobs, read at every request
//
// Knobs: access_ttl, code_ttl, id_ttl (seconds); claims (true: user_type and
// user_id come too); iss ("none": not in the callback, a text: that one
// instead); rotate (false: refresh tokens stay).
//
// Clients: jhe-universal-mcp (public, native: any port of localhost); web-only
// (public, exactly http://localhost:8765/callback); signs-es256 (public, its
// ID tokens have another algorithm than RS256); confidential (its secret is
// that of exchange.py).

import crypto from "node:crypto";
import fs from "node:fs";
import http from "node:http";
import { Provider } from "oidc-provider";

const PASSWORD = "Jhe1234!";
const CALLBACK = "http://localhost:8765/callback";
const MOUNT = "/o";

const CLIENT = {
    redirect_uris: [CALLBACK],
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    token_endpoint_auth_method: "none",
    application_type: "native",
};
const CLIENTS = [
    { ...CLIENT, client_id: "jhe-universal-mcp" },
    { ...CLIENT, client_id: "web-only", application_type: "web" },
    { ...CLIENT, client_id: "signs-es256",
      id_token_signed_response_alg: "ES256" },
    { ...CLIENT, client_id: "confidential",
      client_secret: "CANARY-client-secret",
      token_endpoint_auth_method: "client_secret_basic" },
];

const DEFAULTS = {
    access_ttl: 1209600, code_ttl: 60, id_ttl: 36000, claims: false,
    iss: null, rotate: true,
};

function knob(name)
{
    let values = {};
    try {
        values = JSON.parse(fs.readFileSync(process.env.PROVIDER_KNOBS));
    } catch {
        // None were set.
    }
    return values[name] ?? DEFAULTS[name];
}

function log(line)
{
    if (process.env.PROVIDER_LOG)
        fs.appendFileSync(process.env.PROVIDER_LOG, `${line}\n`);
}

// --- Keys and people ---

function newKey(type, options, more)
{
    const { privateKey } = crypto.generateKeyPairSync(type, options);
    return { ...privateKey.export({ format: "jwk" }), use: "sig", ...more };
}

const users = JSON.parse(fs.readFileSync(process.argv[2]));

function account(user)
{
    return user && {
        accountId: String(user.id),
        claims: () => ({
            sub: String(user.id),
            email: user.email,
            ...(knob("claims") && {
                user_type: user.user_type,
                user_id: user.id,
            }),
        }),
    };
}

// --- The provider ---

function configuration()
{
    return {
        clients: CLIENTS,
        jwks: { keys: [
            newKey("rsa", { modulusLength: 2048 }, { alg: "RS256" }),
            newKey("ec", { namedCurve: "P-256" }, { alg: "ES256" }),
        ] },
        enabledJWA: {
            idTokenSigningAlgValues: ["RS256", "ES256"],
        },
        cookies: { keys: [crypto.randomBytes(32).toString("hex")] },
        claims: {
            openid: ["sub", "user_type", "user_id"],
            email: ["email"],
        },
        // As the exchange does: claims are in the ID token, not only in
        // userinfo.
        conformIdTokenClaims: false,
        scopes: ["openid", "email"],
        findAccount: (ctx, id) =>
            account(users.find((user) => String(user.id) === id)),
        pkce: { required: () => true },
        issueRefreshToken: () => true,
        rotateRefreshToken: () => knob("rotate"),
        ttl: {
            AccessToken: () => knob("access_ttl"),
            AuthorizationCode: () => knob("code_ttl"),
            IdToken: () => knob("id_ttl"),
            RefreshToken: 30 * 86400, Grant: 30 * 86400,
            Interaction: 600, Session: 86400,
        },
        features: {
            devInteractions: { enabled: false },
            revocation: { enabled: true },
            introspection: { enabled: true },
            userinfo: { enabled: true },
        },
        routes: {
            authorization: "/authorize/", token: "/token/",
            userinfo: "/userinfo/", jwks: "/.well-known/jwks.json",
            revocation: "/revoke_token/", introspection: "/introspect/",
        },
        interactions: {
            url: (ctx, interaction) =>
                `${MOUNT}/interaction/${interaction.uid}`,
        },
        renderError: (ctx, out) => {
            ctx.type = "html";
            ctx.body = page(`<p>Error: ${out.error}</p>`);
        },
    };
}

function watch(provider)
{
    const type = (ctx) => ctx.oidc?.params?.grant_type;

    provider.on("grant.success", (ctx) => log(`grant ${type(ctx)} ok`));
    provider.on("grant.error", (ctx, error) => log(`grant ${type(ctx)} `
        + `${error.error}: ${error.error_detail ?? error.message}`));
    provider.on("grant.revoked", () => log("revoked"));
    provider.on("server_error", (ctx, error) => console.error(error));
}

// --- Its pages ---

function page(body)
{
    return `<!doctype html><html lang="en"><meta name="viewport"
content="width=device-width,initial-scale=1"><title>Second provider</title>
<h1>Second provider</h1>
${body}`;
}

function loginPage(problem)
{
    return page(`<form method="post"><p>${problem}</p>
<label>E-mail <input name="username" type="email"></label>
<label>Password <input name="password" type="password"></label>
<button type="submit">Log in</button></form>`);
}

const escape = (text) => text.replace(/[&<>"]/g, (one) =>
    `&#${one.charCodeAt(0)};`);

function consentPage({ params, uid })
{
    return page(`<form method="post"><p>${escape(params.client_id)} asks for:
${escape(params.scope)}</p>
<input type="hidden" name="interaction" value="${uid}">
<input type="submit" value="Cancel">
<input type="submit" name="allow" value="Authorize"></form>`);
}

async function formOf(req)
{
    let text = "";
    for await (const part of req)
        text += part;
    return new URLSearchParams(text);
}

function show(res, body)
{
    res.writeHead(200, { "content-type": "text/html; charset=utf-8" });
    res.end(body);
}

async function consent(provider, { params, session, prompt })
{
    const grant = new provider.Grant({
        accountId: session.accountId, clientId: params.client_id });
    grant.addOIDCScope((prompt.details.missingOIDCScope
        ?? params.scope.split(" ")).join(" "));
    return { consent: { grantId: await grant.save() } };
}

async function interaction(provider, req, res)
{
    const details = await provider.interactionDetails(req, res);
    const login = details.prompt.name === "login";

    if (req.method !== "POST") {
        show(res, login ? loginPage("") : consentPage(details));
        return;
    }
    const form = await formOf(req);
    let result;
    if (login) {
        const user = users.find((one) => one.email === form.get("username")
            && one.is_active !== false);
        if (!user || form.get("password") !== PASSWORD) {
            show(res, loginPage("That is not right."));
            return;
        }
        result = { login: { accountId: String(user.id) } };
    } else if (form.has("allow")) {
        result = await consent(provider, details);
    } else {
        result = { error: "access_denied" };
    }
    await provider.interactionFinished(req, res, result,
        { mergeWithLastSubmission: true });
}

// --- Its server ---

// What a provider sends to the callback, as the knob `iss` has it.
function withIssuer(location)
{
    const iss = knob("iss");
    if (iss === null || !/\/callback\?/.test(location))
        return location;
    const url = new URL(location);
    url.searchParams.delete("iss");
    if (iss !== "none")
        url.searchParams.set("iss", iss);
    return url.href;
}

function serve(port)
{
    const server = http.createServer();
    server.listen(port, "127.0.0.1", () => {
        const base = `http://127.0.0.1:${server.address().port}`;
        const provider = new Provider(base + MOUNT, configuration());
        const answer = provider.callback();

        watch(provider);
        server.on("request", (req, res) => {
            const path = req.url.split("?")[0];
            const setHeader = res.setHeader;

            res.setHeader = (name, value) => setHeader.call(res, name,
                /^location$/i.test(name) ? withIssuer(value) : value);
            res.on("finish", () =>
                log(`${req.method} ${path} ${res.statusCode}`));
            if (path.startsWith(`${MOUNT}/interaction/`)) {
                interaction(provider, req, res).catch((error) => {
                    res.writeHead(400, { "content-type": "text/html" });
                    res.end(page(`<p>Error: ${escape(error.message)}</p>`));
                });
            } else if (path.startsWith(`${MOUNT}/`)) {
                req.originalUrl = req.url;
                req.url = req.url.slice(MOUNT.length);
                answer(req, res);
            } else {
                res.writeHead(404).end();
            }
        });
        console.log(`exchange ${base}`);
    });
}

process.on("SIGTERM", () => process.exit(0));
process.stdin.on("end", () => process.exit(0)).resume();
serve(Number(process.argv[3] ?? 0));
