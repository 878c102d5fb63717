/* SPDX-License-Identifier: MIT */
/*
 * The jobs that bring no tokens: ending a sign-in, and a look at the
 * exchange.  Runs in the broker behind its final filter; every answer is a
 * server's: untrusted.
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "broker/http.h"
#include "broker/job_private.h"
#include "compat/compat.h"
#include "oauth/authorize.h"
#include "oauth/pkce.h"

/* --- Ending a sign-in (RFC 7009) --- */

/* An unknown token counts as revoked: the server answers 200 (§2.2). */
static void
job_revoke_one(struct job *j, const char *token, const char *hint)
{
	struct buf	form, body;
	uint32_t	status;

	if (token[0] == '\0' || j->failed.code != 0)
		return;
	buf_init(&body, HTTP_BODY_MAX);
	job_begin_form(j, "token", token, &form);
	url_add_param(&form, '&', "token_type_hint", hint);
	if (buf_error(&form) != 0)
		job_fail(j, IPC_BROK_INTERNAL, 0);
	else if (job_request(j, j->in->revocation_endpoint, &form, &body,
	    &status) && status != 200)
		job_fail_refused(j, &body, status);
	buf_free(&form);
	buf_free(&body);
}

void
job_revoke(struct job *j)
{
	/* The refresh token first: it is the one that lasts. */
	job_revoke_one(j, j->in->token, "refresh_token");
	job_revoke_one(j, j->in->access_token, "access_token");
}

/* --- A look --- */

/* Keep what failed, and go on: a report tells all of it. */
static void
job_note(struct job *j, uint32_t *code, uint32_t *status)
{
	*code = j->failed.code;
	*status = j->failed.http_status;
	memset(&j->failed, 0, sizeof(j->failed));
}

static void
job_note_date(struct job *j)
{
	if (j->report.date_s != 0)
		return;
	j->report.date_s = http_date_s(j->http);
	j->report.our_date_s = clock_wall_s();
}

/*
 * A code that cannot exist: a client that is known is told that the grant is
 * not valid, another one that it is not known (RFC 6749 §5.2).
 */
static void
job_check_client(struct job *j, const char *endpoint)
{
	struct ipc_brok_report	*r = &j->report;
	struct buf		 form, body;
	uint32_t		 status;

	buf_init(&body, HTTP_BODY_MAX);
	job_begin_form(j, "grant_type", "authorization_code", &form);
	url_add_param(&form, '&', "code", "none");
	url_add_param(&form, '&', "redirect_uri", j->in->redirect_uri);
	url_add_param(&form, '&', "code_verifier", j->in->verifier);
	if (buf_error(&form) != 0)
		job_fail(j, IPC_BROK_INTERNAL, 0);
	else if (job_request(j, endpoint, &form, &body, &status)) {
		job_note_date(j);
		job_fail_refused(j, &body, status);
		r->client_error = j->failed.oauth_error;
		if (r->client_error == IPC_OAUTH_INVALID_GRANT)
			j->failed.code = 0;
	}
	job_note(j, &r->client, &r->client_status);
	buf_free(&form);
	buf_free(&body);
}

/*
 * As a browser would ask that nobody is signed in with.  true for any answer;
 * *refused: by an error of the request itself (RFC 6749 §4.1.2.1), *by_name:
 * which is about the redirect address, whatever the server calls it.
 */
static bool
job_ask_sign_in(struct job *j, const char *redirect, uint32_t *status,
    bool *by_name)
{
	static const char *const	names[] = {
		"redirect_uri", "redirect uri", "redirect url", "callback url",
	};
	struct authorize_request	request = {
		.endpoint = j->endpoints.authorization_endpoint,
		.client_id = j->in->client_id,
		.redirect_uri = redirect,
		.scope = "openid",
		.state = "none",
		.nonce = "none",
	};
	char				challenge[PKCE_CHALLENGE_SIZE];
	struct buf			url, body;
	size_t				i;
	bool				asked = false;

	buf_init(&url, URL_SIZE);
	buf_init(&body, HTTP_BODY_MAX);
	*by_name = false;
	request.challenge = challenge;
	if (pkce_challenge(j->in->verifier, challenge) == 0 &&
	    authorize_make_url(&request, &url) == 0)
		asked = job_request(j, buf_string(&url), NULL, &body, status);
	for (i = 0; asked && i < sizeof(names) / sizeof(names[0]); i++)
		if (strcasestr(buf_string(&body), names[i]) != NULL)
			*by_name = true;
	memset(&j->failed, 0, sizeof(j->failed));
	buf_free(&url);
	buf_free(&body);
	return asked;
}

static bool
job_is_refusal(uint32_t status)
{
	return status >= 400 && status < 500;
}

/*
 * Some servers look at the redirect address before anybody has signed in,
 * django-oauth-toolkit does not: so a refusal is a refusal, but the absence
 * of one says something only where an address that nobody registers is
 * refused.
 */
static void
job_check_redirect(struct job *j)
{
	struct ipc_brok_report	*r = &j->report;
	char			 other[sizeof(j->in->redirect_uri) + 16];
	uint32_t		 status;
	bool			 by_name;

	if (j->in->redirect_uri[0] == '\0' || !job_ask_sign_in(j,
	    j->in->redirect_uri, &r->redirect_status, &by_name))
		return;
	if (job_is_refusal(r->redirect_status)) {
		if (by_name)
			r->redirect = IPC_REDIRECT_REFUSED;
		return;
	}
	if (r->redirect_status >= 400)
		return;
	(void)snprintf(other, sizeof(other), "%s/none",
	    j->in->redirect_uri);
	if (job_ask_sign_in(j, other, &status, &by_name) && by_name &&
	    job_is_refusal(status))
		r->redirect = IPC_REDIRECT_TAKEN;
}

void
job_check(struct job *j)
{
	struct ipc_brok_report		*r = &j->report;
	const struct ipc_brok_job	*in = j->in;
	struct ipc_brok_endpoints	*e = &j->endpoints;

	job_discover(j);
	job_note_date(j);
	r->found = e->found;
	job_note(j, &r->discovery, &r->discovery_status);
	strlcpy(r->issuer, e->found ? e->issuer : in->issuer,
	    sizeof(r->issuer));
	job_get_keys(j, e->found ? e->jwks_uri : in->jwks_uri);
	job_note_date(j);
	r->nkeys = (uint32_t)j->keys.nkeys;
	job_note(j, &r->keys, &r->keys_status);
	job_check_client(j, e->found ? e->token_endpoint :
	    in->token_endpoint);
	/* A stranger's sign-in is refused whatever its address. */
	if (e->found && r->client == 0)
		job_check_redirect(j);
}
