/* SPDX-License-Identifier: MIT */
/*
 * The jobs that bring no tokens: ending a sign-in, and a look at the
 * exchange.  Runs in the broker behind its final filter; every answer is a
 * server's: untrusted.
 */
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "broker/http.h"
#include "broker/job_private.h"
#include "compat/compat.h"

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
}
