/* SPDX-License-Identifier: MIT */
/*
 * The jobs that bring a sign-in: discovery, code, refresh.  Runs in the
 * broker behind its final filter; the job is the master's, every answer is a
 * server's: untrusted.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "broker/http.h"
#include "broker/job.h"
#include "broker/job_private.h"
#include "compat/compat.h"
#include "ipc/ipc.h"
#include "oauth/discovery_json.h"
#include "oauth/id_token.h"
#include "oauth/jwt.h"
#include "oauth/jwt_json.h"
#include "oauth/url.h"

_Static_assert(ID_TOKEN_STUDIES_MAX == IPC_STUDIES_MAX, "same limit");
_Static_assert(ID_TOKEN_EMAIL_SIZE ==
    sizeof(((struct ipc_person *)0)->email), "same size");
_Static_assert(ID_TOKEN_TYPE_SIZE ==
    sizeof(((struct ipc_person *)0)->user_type), "same size");
_Static_assert(DISCOVERY_URL_SIZE ==
    sizeof(((struct ipc_brok_endpoints *)0)->issuer), "same size");
_Static_assert(TOKEN_ANSWER_TEXT_SIZE ==
    sizeof(((struct ipc_brok_tokens *)0)->access_token), "same size");

static const uint32_t fault_codes[ID_TOKEN_FAULT_COUNT] = {
	[ID_TOKEN_NO_MEMORY] = IPC_BROK_INTERNAL,
	[ID_TOKEN_MALFORMED] = IPC_BROK_ID_FORMAT,
	[ID_TOKEN_ALGORITHM] = IPC_BROK_ID_ALGORITHM,
	[ID_TOKEN_KEY] = IPC_BROK_KEYS,
	[ID_TOKEN_SIGNATURE] = IPC_BROK_ID_SIGNATURE,
	[ID_TOKEN_ISSUER] = IPC_BROK_ID_ISSUER,
	[ID_TOKEN_AUDIENCE] = IPC_BROK_ID_AUDIENCE,
	[ID_TOKEN_TIME] = IPC_BROK_ID_EXPIRED,
	[ID_TOKEN_NONCE] = IPC_BROK_ID_NONCE,
	[ID_TOKEN_ACCESS_HASH] = IPC_BROK_ID_ACCESS_HASH,
	[ID_TOKEN_SUBJECT] = IPC_BROK_ID_SUBJECT,
	[ID_TOKEN_STUDIES] = IPC_BROK_TOO_MANY_STUDIES,
};

static const uint32_t oauth_codes[OAUTH_ERROR_COUNT] = {
	[OAUTH_ERROR_UNKNOWN] = IPC_OAUTH_OTHER,
	[OAUTH_ERROR_ACCESS_DENIED] = IPC_OAUTH_ACCESS_DENIED,
	[OAUTH_ERROR_INVALID_REQUEST] = IPC_OAUTH_INVALID_REQUEST,
	[OAUTH_ERROR_INVALID_CLIENT] = IPC_OAUTH_INVALID_CLIENT,
	[OAUTH_ERROR_INVALID_GRANT] = IPC_OAUTH_INVALID_GRANT,
	[OAUTH_ERROR_INVALID_SCOPE] = IPC_OAUTH_INVALID_SCOPE,
	[OAUTH_ERROR_UNAUTHORIZED_CLIENT] = IPC_OAUTH_UNAUTHORIZED_CLIENT,
	[OAUTH_ERROR_UNSUPPORTED_GRANT_TYPE] =
	    IPC_OAUTH_UNSUPPORTED_GRANT_TYPE,
	[OAUTH_ERROR_UNSUPPORTED_RESPONSE_TYPE] =
	    IPC_OAUTH_UNSUPPORTED_RESPONSE_TYPE,
	[OAUTH_ERROR_SERVER_ERROR] = IPC_OAUTH_SERVER_ERROR,
	[OAUTH_ERROR_TEMPORARILY_UNAVAILABLE] =
	    IPC_OAUTH_TEMPORARILY_UNAVAILABLE,
	[OAUTH_ERROR_LOGIN_REQUIRED] = IPC_OAUTH_LOGIN_REQUIRED,
};

void
job_fail(struct job *j, uint32_t code, uint32_t http_status)
{
	memset(&j->failed, 0, sizeof(j->failed));
	j->failed.code = code;
	j->failed.http_status = http_status;
}

/* What an error of parsing an answer is to the master. */
static void
job_fail_parse(struct job *j, int err, uint32_t http_status)
{
	job_fail(j, err == ERR_MEMORY ? IPC_BROK_INTERNAL :
	    err == ERR_LIMIT ? IPC_BROK_TOO_LARGE : IPC_BROK_FORMAT,
	    http_status);
}

bool
job_request(struct job *j, const char *url, const struct buf *form,
    struct buf *body, uint32_t *status)
{
	struct url	u;
	uint32_t	code;

	*status = 0;
	if (url_split(url, &u) != 0 || !url_same_origin(&u, &j->exchange)) {
		job_fail(j, IPC_BROK_FOREIGN_ENDPOINT, 0);
		return false;
	}
	code = http_request(j->http, url, form, body, status);
	if (code != 0)
		job_fail(j, code, 0);
	return code == 0;
}

/* --- Discovery ------------------------------------------------------------ */

static bool
job_read_discovery(struct job *j, const struct buf *body, uint32_t status)
{
	struct ipc_brok_endpoints	*e = &j->endpoints;
	struct discovery		 d;
	int				 r;

	if ((r = discovery_parse(buf_string(body), body->len, &d)) != 0) {
		job_fail_parse(j, r, status);
		return false;
	}
	r = discovery_check(&d, &j->exchange);
	if (r != 0) {
		job_fail(j, r == ERR_DENIED ? IPC_BROK_FOREIGN_ENDPOINT :
		    IPC_BROK_FORMAT, status);
		return false;
	}
	e->found = 1;
	e->scope_email = d.scope_email;
	e->iss_promised = d.iss_promised;
	strlcpy(e->issuer, d.issuer, sizeof(e->issuer));
	strlcpy(e->authorization_endpoint, d.authorization_endpoint,
	    sizeof(e->authorization_endpoint));
	strlcpy(e->token_endpoint, d.token_endpoint,
	    sizeof(e->token_endpoint));
	strlcpy(e->jwks_uri, d.jwks_uri, sizeof(e->jwks_uri));
	strlcpy(e->userinfo_endpoint, d.userinfo_endpoint,
	    sizeof(e->userinfo_endpoint));
	strlcpy(e->revocation_endpoint, d.revocation_endpoint,
	    sizeof(e->revocation_endpoint));
	return true;
}

/* "Nothing here" or "look at the other spelling". */
static bool
job_is_absent(uint32_t status)
{
	return status == 404 || status == 410 ||
	    (status >= 300 && status < 400);
}

static bool
job_try_discovery(struct job *j, const char *path)
{
	struct buf	body, url;
	uint32_t	status;
	bool		done = true;

	buf_init(&body, HTTP_BODY_MAX);
	buf_init(&url, URL_SIZE);
	buf_adds(&url, j->in->exchange_url);
	buf_adds(&url, path);
	if (buf_error(&url) != 0)
		job_fail(j, IPC_BROK_INTERNAL, 0);
	else if (job_request(j, buf_string(&url), NULL, &body, &status)) {
		if (job_is_absent(status))
			done = false;
		else if (status != 200)
			job_fail(j, IPC_BROK_HTTP_STATUS, status);
		else
			done = job_read_discovery(j, &body, status);
	}
	buf_free(&url);
	buf_free(&body);
	return done;
}

void
job_discover(struct job *j)
{
	/* Old exchanges have only the first, and some proxies the other. */
	static const char *const paths[] = {
		"/o/.well-known/openid-configuration/",
		"/o/.well-known/openid-configuration",
	};
	struct ipc_brok_failed	failed = { 0 };
	size_t			i;

	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		memset(&j->failed, 0, sizeof(j->failed));
		if (job_try_discovery(j, paths[i]))
			return;
		/* A page for people may stand at one of the two. */
		if (failed.code == 0)
			failed = j->failed;
	}
	j->failed = failed;
}

/* --- Tokens --------------------------------------------------------------- */

void
job_get_keys(struct job *j, const char *uri)
{
	struct buf	body;
	uint32_t	status;
	int		r;

	buf_init(&body, HTTP_BODY_MAX);
	if (job_request(j, uri, NULL, &body, &status)) {
		r = status != 200 ? ERR_NOT_FOUND :
		    jwt_json_keys(buf_string(&body), body.len, &j->keys);
		if (r == ERR_MEMORY)
			job_fail(j, IPC_BROK_INTERNAL, status);
		else if (r != 0)
			job_fail(j, IPC_BROK_KEYS, status);
	}
	buf_free(&body);
}

void
job_fail_refused(struct job *j, const struct buf *body, uint32_t status)
{
	struct token_refusal	refusal;

	if (jwt_json_token_refusal(buf_string(body), body->len,
	    &refusal) != 0) {
		job_fail(j, status == 200 ? IPC_BROK_FORMAT :
		    IPC_BROK_HTTP_STATUS, status);
		return;
	}
	job_fail(j, refusal.unsigned_application ? IPC_BROK_UNSIGNED :
	    IPC_BROK_OAUTH, status);
	j->failed.oauth_error = oauth_codes[refusal.code];
}

static void
job_get_tokens(struct job *j, const struct buf *form)
{
	struct buf	body;
	uint32_t	status;
	int		r;

	buf_init(&body, HTTP_BODY_MAX);
	if (!job_request(j, j->in->token_endpoint, form, &body, &status))
		goto out;
	if (status != 200) {
		job_fail_refused(j, &body, status);
		goto out;
	}
	r = jwt_json_token_answer(buf_string(&body), body.len, &j->tokens);
	if (r == ERR_FORMAT)
		job_fail_refused(j, &body, status);
	else if (r != 0)
		job_fail_parse(j, r, status);
out:
	buf_free(&body);
}

static void
job_fill_person(struct job *j, int64_t person)
{
	struct ipc_person	*p = &j->person;

	p->person = person;
	p->narrowed = j->claims.has_studies;
	p->nstudies = (uint32_t)j->claims.nstudies;
	strlcpy(p->user_type, j->claims.user_type, sizeof(p->user_type));
	strlcpy(p->email, j->claims.email, sizeof(p->email));
	memcpy(p->studies, j->claims.studies,
	    j->claims.nstudies * sizeof(p->studies[0]));
	j->has_person = true;
}

static void
job_verify(struct job *j, const char *nonce, const char *access_token)
{
	struct id_token_expected	expected = {
		.issuer = j->in->issuer,
		.client_id = j->in->client_id,
		.nonce = nonce,
		.access_token = access_token,
		.now_s = clock_wall_s(),
	};
	enum id_token_fault		fault;
	int64_t				person;

	fault = id_token_verify(j->tokens.id_token, j->tokens.id_token_len,
	    &j->keys, &expected, &j->claims, &person);
	if (fault == ID_TOKEN_OK) {
		job_fill_person(j, person);
		return;
	}
	log_info("ID token refused: %s", id_token_fault_text(fault));
	job_fail(j, fault_codes[fault], 200);
}

void
job_begin_form(const struct job *j, const char *name, const char *value,
    struct buf *form)
{
	buf_init(form, JOB_FORM_MAX);
	url_add_param(form, 0, name, value);
	url_add_param(form, '&', "client_id", j->in->client_id);
	if (j->in->client_secret[0] != '\0')
		url_add_param(form, '&', "client_secret",
		    j->in->client_secret);
}

static void
job_post_form(struct job *j, struct buf *form)
{
	if (buf_error(form) != 0)
		job_fail(j, IPC_BROK_INTERNAL, 0);
	else
		job_get_tokens(j, form);
	buf_free(form);
}

/*
 * What the claims are now, where no ID token tells (OIDC Core §5.3).  The
 * tokens are there and must not be lost, so that a failure here is none: the
 * person stays as the master knows them.
 */
static void
job_userinfo(struct job *j)
{
	struct buf	body;
	uint32_t	status;
	int64_t		person;

	buf_init(&body, HTTP_BODY_MAX);
	http_set_bearer(j->http, j->tokens.access_token);
	if (job_request(j, j->in->userinfo_endpoint, NULL, &body, &status) &&
	    status == 200 && jwt_json_userinfo(buf_string(&body), body.len,
	    &j->claims) == 0 && id_token_check_person(&j->claims,
	    &person) == ID_TOKEN_OK)
		job_fill_person(j, person);
	else
		log_info("userinfo brought nothing: status %u", status);
	http_set_bearer(j->http, NULL);
	memset(&j->failed, 0, sizeof(j->failed));
	buf_free(&body);
}

static void
job_code(struct job *j)
{
	struct buf	form;

	/* An empty nonce would be no check: it is refused as not equal. */
	job_get_keys(j, j->in->jwks_uri);
	if (j->failed.code != 0)
		return;
	job_begin_form(j, "grant_type", "authorization_code", &form);
	url_add_param(&form, '&', "code", j->in->code);
	url_add_param(&form, '&', "redirect_uri", j->in->redirect_uri);
	url_add_param(&form, '&', "code_verifier", j->in->verifier);
	job_post_form(j, &form);
	if (j->failed.code != 0)
		return;
	if (j->tokens.id_token == NULL)
		job_fail(j, IPC_BROK_NO_ID_TOKEN, 200);
	else
		job_verify(j, j->in->nonce, j->tokens.access_token);
}

static void
job_refresh(struct job *j)
{
	struct buf	form;

	job_get_keys(j, j->in->jwks_uri);
	if (j->failed.code != 0)
		return;
	job_begin_form(j, "grant_type", "refresh_token", &form);
	url_add_param(&form, '&', "refresh_token", j->in->token);
	job_post_form(j, &form);
	/*
	 * Many servers send no ID token here, and none repeats a nonce that
	 * it must; two refreshes at once can share an access token that
	 * at_hash is not of.
	 */
	if (j->failed.code != 0)
		return;
	if (j->tokens.id_token != NULL)
		job_verify(j, NULL, NULL);
	else if (j->in->userinfo_endpoint[0] != '\0')
		job_userinfo(j);
}

/* --- Answers -------------------------------------------------------------- */

static int
job_send_tokens(struct job *j, struct ipc_channel *ch)
{
	struct ipc_brok_tokens	*t = calloc(1, sizeof(*t));
	int			 r = 0;

	if (t == NULL)
		return ERR_MEMORY;
	t->expires_in_s = (uint32_t)j->tokens.expires_in_s;
	t->has_person = j->has_person;
	strlcpy(t->scope, j->tokens.scope, sizeof(t->scope));
	strlcpy(t->access_token, j->tokens.access_token,
	    sizeof(t->access_token));
	strlcpy(t->refresh_token, j->tokens.refresh_token,
	    sizeof(t->refresh_token));
	/* One too long to be kept was verified all the same. */
	if (j->tokens.id_token_len < sizeof(t->id_token) &&
	    j->tokens.id_token != NULL)
		memcpy(t->id_token, j->tokens.id_token,
		    j->tokens.id_token_len);
	if (j->has_person)
		r = ipc_send(ch, BROK_PERSON, &j->person, NULL, 0);
	if (r == 0)
		r = ipc_send(ch, BROK_TOKENS, t, NULL, 0);
	freezero(t, sizeof(*t));
	return r;
}

static int
job_send(struct job *j, struct ipc_channel *ch)
{
	struct ipc_empty	empty = { 0 };

	if (j->failed.code != 0)
		return ipc_send(ch, BROK_FAILED, &j->failed, NULL, 0);
	switch (j->in->kind) {
	case IPC_JOB_DISCOVER:
		return ipc_send(ch, BROK_ENDPOINTS, &j->endpoints, NULL, 0);
	case IPC_JOB_REVOKE:
		return ipc_send(ch, BROK_REVOKED, &empty, NULL, 0);
	case IPC_JOB_CHECK:
		return ipc_send(ch, BROK_REPORT, &j->report, NULL, 0);
	default:
		return job_send_tokens(j, ch);
	}
}

/* Is the job for the place this broker is connected to? */
static bool
job_set_exchange(struct job *j, const struct ipc_boot_broker *cfg)
{
	return url_split(j->in->exchange_url, &j->exchange) == 0 &&
	    j->exchange.https == (cfg->tls != 0) &&
	    j->exchange.port == cfg->port &&
	    strcasecmp(j->exchange.host, cfg->host) == 0;
}

int
job_run(const struct ipc_boot_broker *cfg, const struct ipc_brok_job *in,
    struct http *http, struct ipc_channel *ch)
{
	static job_fn *const	 kinds[] = {
		[IPC_JOB_DISCOVER] = job_discover,
		[IPC_JOB_CODE] = job_code,
		[IPC_JOB_REFRESH] = job_refresh,
		[IPC_JOB_REVOKE] = job_revoke,
		[IPC_JOB_CHECK] = job_check,
	};
	struct job		*j = calloc(1, sizeof(*j));
	int			 r;

	if (j == NULL)
		return ERR_MEMORY;
	j->in = in;
	j->http = http;
	if (!job_set_exchange(j, cfg))
		job_fail(j, IPC_BROK_FOREIGN_ENDPOINT, 0);
	else
		kinds[in->kind](j);
	if (j->failed.code != 0)
		log_info("job failed: code %u, status %u, error %u",
		    j->failed.code, j->failed.http_status,
		    j->failed.oauth_error);
	r = job_send(j, ch);
	token_answer_free(&j->tokens);
	freezero(j, sizeof(*j));
	return r;
}
