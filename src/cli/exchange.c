/* SPDX-License-Identifier: MIT */
/*
 * A job at the exchange.  Runs in jhe-mcp.  The broker's messages were
 * checked by the table; what a broker says is its word only, and ends with
 * the job it was started for.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/loop.h"
#include "cli/exchange.h"
#include "cli/program.h"
#include "compat/compat.h"
#include "conf/conf.h"
#include "ipc/child.h"
#include "oauth/error_code.h"
#include "oauth/url.h"
#include "sandbox/sandbox.h"

/* A broker starts, beyond what its connections may take. */
#define EXCHANGE_BOOT_MS	5000

struct exchange_job {
	struct program		*p;
	struct ipc_child	*broker;
	exchange_done_fn	*done;
	void			*arg;
	bool			 over;
	enum ipc_job		 kind;
	struct ipc_brok_job	 job;
	struct ipc_person	*person;
};

static const struct {
	enum ipc_reason	 reason;
	const char	*text;
} exchange_failures[] = {
	[IPC_BROK_CONNECTION] = { IPC_REASON_EXCHANGE_DOWN,
	    "the connection was lost" },
	[IPC_BROK_TLS] = { IPC_REASON_EXCHANGE_DOWN,
	    "its certificate was not accepted, or TLS failed (ca-file)" },
	[IPC_BROK_TIMEOUT] = { IPC_REASON_EXCHANGE_DOWN,
	    "no answer in time (http-timeout)" },
	[IPC_BROK_HTTP_STATUS] = { IPC_REASON_EXCHANGE_DOWN,
	    "an unexpected HTTP status" },
	[IPC_BROK_FORMAT] = { IPC_REASON_EXCHANGE_ANSWER,
	    "the answer is not the JSON it should be" },
	[IPC_BROK_TOO_LARGE] = { IPC_REASON_EXCHANGE_ANSWER,
	    "the answer is too large" },
	[IPC_BROK_OAUTH] = { IPC_REASON_EXCHANGE_ANSWER,
	    "an OAuth error" },
	[IPC_BROK_UNSIGNED] = { IPC_REASON_UNSIGNED,
	    "the application is registered without RS256" },
	[IPC_BROK_FOREIGN_ENDPOINT] = { IPC_REASON_EXCHANGE_ANSWER,
	    "its discovery document names an endpoint elsewhere; is "
	    "exchange-url the address it calls itself?" },
	[IPC_BROK_KEYS] = { IPC_REASON_EXCHANGE_ANSWER,
	    "it has no key set, or not the key of the token" },
	[IPC_BROK_NO_ID_TOKEN] = { IPC_REASON_EXCHANGE_ANSWER,
	    "no ID token came (scope openid)" },
	[IPC_BROK_ID_FORMAT] = { IPC_REASON_EXCHANGE_ANSWER,
	    "the ID token is malformed" },
	[IPC_BROK_ID_ALGORITHM] = { IPC_REASON_UNSIGNED,
	    "the ID token is not signed with RS256" },
	[IPC_BROK_ID_SIGNATURE] = { IPC_REASON_EXCHANGE_ANSWER,
	    "the ID token's signature is wrong" },
	[IPC_BROK_ID_ISSUER] = { IPC_REASON_EXCHANGE_ANSWER,
	    "the ID token has another issuer (option issuer)" },
	[IPC_BROK_ID_AUDIENCE] = { IPC_REASON_EXCHANGE_ANSWER,
	    "the ID token is for another client" },
	[IPC_BROK_ID_EXPIRED] = { IPC_REASON_EXCHANGE_ANSWER,
	    "the ID token has expired; are both clocks right?" },
	[IPC_BROK_ID_NONCE] = { IPC_REASON_EXCHANGE_ANSWER,
	    "the ID token belongs to another sign-in" },
	[IPC_BROK_ID_SUBJECT] = { IPC_REASON_EXCHANGE_ANSWER,
	    "the ID token names no user of the exchange" },
	[IPC_BROK_ID_ACCESS_HASH] = { IPC_REASON_EXCHANGE_ANSWER,
	    "the ID token belongs to another access token" },
	[IPC_BROK_TOO_MANY_STUDIES] = { IPC_REASON_TOO_MANY_STUDIES,
	    "the ID token names more than 4096 studies" },
	[IPC_BROK_INTERNAL] = { IPC_REASON_INTERNAL,
	    "the broker failed" },
};

static const enum oauth_error exchange_errors[] = {
	[IPC_OAUTH_NONE] = OAUTH_ERROR_NONE,
	[IPC_OAUTH_ACCESS_DENIED] = OAUTH_ERROR_ACCESS_DENIED,
	[IPC_OAUTH_INVALID_REQUEST] = OAUTH_ERROR_INVALID_REQUEST,
	[IPC_OAUTH_INVALID_CLIENT] = OAUTH_ERROR_INVALID_CLIENT,
	[IPC_OAUTH_INVALID_GRANT] = OAUTH_ERROR_INVALID_GRANT,
	[IPC_OAUTH_INVALID_SCOPE] = OAUTH_ERROR_INVALID_SCOPE,
	[IPC_OAUTH_UNAUTHORIZED_CLIENT] = OAUTH_ERROR_UNAUTHORIZED_CLIENT,
	[IPC_OAUTH_UNSUPPORTED_GRANT_TYPE] =
	    OAUTH_ERROR_UNSUPPORTED_GRANT_TYPE,
	[IPC_OAUTH_UNSUPPORTED_RESPONSE_TYPE] =
	    OAUTH_ERROR_UNSUPPORTED_RESPONSE_TYPE,
	[IPC_OAUTH_SERVER_ERROR] = OAUTH_ERROR_SERVER_ERROR,
	[IPC_OAUTH_TEMPORARILY_UNAVAILABLE] =
	    OAUTH_ERROR_TEMPORARILY_UNAVAILABLE,
	[IPC_OAUTH_LOGIN_REQUIRED] = OAUTH_ERROR_LOGIN_REQUIRED,
	[IPC_OAUTH_OTHER] = OAUTH_ERROR_UNKNOWN,
};

const char *
exchange_failure_text(uint32_t code)
{
	return exchange_failures[code].text;
}

const char *
exchange_error_text(enum ipc_oauth_error error)
{
	return oauth_error_name(exchange_errors[error]);
}

static void
exchange_over(struct exchange_job *j, const struct exchange_answer *a)
{
	j->over = true;
	j->done(j->arg, a);
}

static void
exchange_fail(struct exchange_job *j, enum ipc_reason reason,
    const char *why)
{
	struct exchange_answer	a = {
		.failed = true, .reason = reason, .why = why,
	};

	exchange_over(j, &a);
}

static int
exchange_ready(void *arg, struct ipc_child *c, struct ipc_message *m)
{
	struct exchange_job	*j = arg;

	(void)m;
	ipc_child_send(c, BROK_JOB, &j->job, NULL, 0);
	explicit_bzero(&j->job, sizeof(j->job));
	/* Each request has its own time-out; this is for a broker gone mad. */
	ipc_child_deadline(c, clock_monotonic_ms() + EXCHANGE_BOOT_MS +
	    IPC_BROKER_CONNECTIONS * 1000 *
	    conf_int(j->p->conf, CONF_HTTP_TIMEOUT));
	return 0;
}

static int
exchange_boot_failed(void *arg, struct ipc_child *c, struct ipc_message *m)
{
	static const char *const	 stages[] = {
		[IPC_STAGE_LIMITS] = "the sandbox cannot be set up",
		[IPC_STAGE_RESOLVE] = "its name has no address",
		[IPC_STAGE_CONNECT] = "no connection (connect-timeout)",
		[IPC_STAGE_CA_FILE] = "the CA file cannot be used (ca-file)",
		[IPC_STAGE_DATABASE] = "it failed",
		[IPC_STAGE_FINAL] = "the sandbox cannot be set up",
		[IPC_STAGE_MEMORY] = "out of memory",
	};
	struct exchange_job		*j = arg;
	const struct ipc_boot_failed	*f = m->payload;

	(void)c;
	log_warnx("exchange %s: %s", conf_string(j->p->conf,
	    CONF_EXCHANGE_URL), stages[f->stage]);
	exchange_fail(j, (enum ipc_reason)f->reason, stages[f->stage]);
	return 0;
}

static int
exchange_endpoints(void *arg, struct ipc_child *c, struct ipc_message *m)
{
	struct exchange_job	*j = arg;
	struct exchange_answer	 a = { .endpoints = m->payload };

	(void)c;
	if (j->over || j->kind != IPC_JOB_DISCOVER)
		return ERR_DENIED;
	exchange_over(j, &a);
	return 0;
}

static int
exchange_person(void *arg, struct ipc_child *c, struct ipc_message *m)
{
	struct exchange_job	*j = arg;

	(void)c;
	if (j->person == NULL)
		j->person = malloc(sizeof(*j->person));
	if (j->person == NULL)
		return ERR_DENIED;
	memcpy(j->person, m->payload, sizeof(*j->person));
	return 0;
}

static int
exchange_tokens(void *arg, struct ipc_child *c, struct ipc_message *m)
{
	struct exchange_job	*j = arg;
	struct exchange_answer	 a = { .tokens = m->payload };

	(void)c;
	if (j->over || a.tokens->has_person != (j->person != NULL) ||
	    (j->kind != IPC_JOB_CODE && j->kind != IPC_JOB_REFRESH) ||
	    (j->kind == IPC_JOB_CODE && j->person == NULL))
		return ERR_DENIED;
	a.person = j->person;
	exchange_over(j, &a);
	return 0;
}

static int
exchange_revoked(void *arg, struct ipc_child *c, struct ipc_message *m)
{
	struct exchange_job	*j = arg;
	struct exchange_answer	 a = { 0 };

	(void)c;
	(void)m;
	if (j->over || j->kind != IPC_JOB_REVOKE)
		return ERR_DENIED;
	exchange_over(j, &a);
	return 0;
}

static int
exchange_report(void *arg, struct ipc_child *c, struct ipc_message *m)
{
	struct exchange_job	*j = arg;
	struct exchange_answer	 a = { .report = m->payload };

	(void)c;
	if (j->over || j->kind != IPC_JOB_CHECK)
		return ERR_DENIED;
	exchange_over(j, &a);
	return 0;
}

/* What the exchange thinks of our client is the configuration's matter. */
static enum ipc_reason
exchange_reason(const struct ipc_brok_failed *f)
{
	if (f->oauth_error == IPC_OAUTH_INVALID_CLIENT ||
	    f->oauth_error == IPC_OAUTH_UNAUTHORIZED_CLIENT)
		return IPC_REASON_CLIENT;
	if (f->oauth_error == IPC_OAUTH_INVALID_GRANT)
		return IPC_REASON_GRANT;
	if (f->code == IPC_BROK_OAUTH &&
	    (f->oauth_error == IPC_OAUTH_SERVER_ERROR ||
	    f->oauth_error == IPC_OAUTH_TEMPORARILY_UNAVAILABLE))
		return IPC_REASON_EXCHANGE_DOWN;
	return exchange_failures[f->code].reason;
}

static int
exchange_failed(void *arg, struct ipc_child *c, struct ipc_message *m)
{
	struct exchange_job		*j = arg;
	const struct ipc_brok_failed	*f = m->payload;
	char				 more[64] = "";
	struct exchange_answer		 a = {
		.failed = true,
		.oauth_error = (enum ipc_oauth_error)f->oauth_error,
	};

	(void)c;
	if (j->over)
		return ERR_DENIED;
	if (f->oauth_error != IPC_OAUTH_NONE)
		snprintf(more, sizeof(more), " (%s)", exchange_error_text(
		    (enum ipc_oauth_error)f->oauth_error));
	else if (f->code == IPC_BROK_HTTP_STATUS)
		snprintf(more, sizeof(more), " (%u)", f->http_status);
	log_warnx("exchange %s: %s%s", conf_string(j->p->conf,
	    CONF_EXCHANGE_URL), exchange_failures[f->code].text, more);
	a.reason = exchange_reason(f);
	a.why = exchange_failures[f->code].text;
	a.refused = (f->code == IPC_BROK_OAUTH ||
	    f->code == IPC_BROK_UNSIGNED) &&
	    a.reason != IPC_REASON_EXCHANGE_DOWN;
	exchange_over(j, &a);
	return 0;
}

static void
exchange_free(struct exchange_job *j)
{
	freezero(j->person, sizeof(*j->person));
	freezero(j, sizeof(*j));
}

static void
exchange_gone(void *arg, struct ipc_child *c, int status)
{
	struct exchange_job	*j = arg;
	char			 text[SANDBOX_EXIT_TEXT_SIZE];

	j->broker = NULL;
	if (j->over)
		return;
	log_warnx("broker %ld ended before its answer: %s",
	    (long)ipc_child_pid(c), sandbox_describe_exit(status, text,
	    sizeof(text)));
	exchange_fail(j, IPC_REASON_INTERNAL, "the broker died");
}

static const struct ipc_handler	exchange_handlers[] = {
	{ BOOT_READY, exchange_ready },
	{ BOOT_FAILED, exchange_boot_failed },
	{ BROK_ENDPOINTS, exchange_endpoints },
	{ BROK_PERSON, exchange_person },
	{ BROK_TOKENS, exchange_tokens },
	{ BROK_FAILED, exchange_failed },
	{ BROK_REVOKED, exchange_revoked },
	{ BROK_REPORT, exchange_report },
	{ 0, NULL },
};

static const struct ipc_child_kind	exchange_broker = {
	.role = IPC_BROKER, .name = "broker",
	.handlers = exchange_handlers, .gone = exchange_gone,
};

/* Requests of each kind of job: each has a connection of its own. */
static const uint32_t exchange_connections[] = {
	[IPC_JOB_DISCOVER] = 2,		/* with and without slash */
	[IPC_JOB_CODE] = 2,		/* tokens, keys */
	[IPC_JOB_REFRESH] = 3,		/* keys, tokens, userinfo */
	[IPC_JOB_REVOKE] = 2,		/* each token */
	[IPC_JOB_CHECK] = 6,		/* all but userinfo; two sign-ins */
};

static int
exchange_boot(const struct conf *conf, enum ipc_job kind,
    struct ipc_boot_broker *boot)
{
	struct url	 u;
	int		 error;

	error = url_split(conf_string(conf, CONF_EXCHANGE_URL), &u);
	if (error != 0)
		return error;
	memset(boot, 0, sizeof(*boot));
	strlcpy(boot->host, u.host, sizeof(boot->host));
	boot->port = u.port;
	boot->tls = u.https;
	boot->connections = exchange_connections[kind];
	boot->connect_timeout_ms =
	    (uint32_t)conf_int(conf, CONF_CONNECT_TIMEOUT) * 1000;
	boot->request_timeout_ms =
	    (uint32_t)conf_int(conf, CONF_HTTP_TIMEOUT) * 1000;
	if (u.https)
		strlcpy(boot->ca_file, conf_string(conf, CONF_CA_FILE),
		    sizeof(boot->ca_file));
	return 0;
}

struct exchange_job *
exchange_job_start(struct program *p, const struct ipc_brok_job *job,
    exchange_done_fn *done, void *arg)
{
	struct exchange_job	*j = calloc(1, sizeof(*j));
	struct ipc_boot_broker	 boot;
	int			 error;

	if (j == NULL)
		return NULL;
	j->p = p;
	j->job = *job;
	j->kind = (enum ipc_job)job->kind;
	j->done = done;
	j->arg = arg;
	error = exchange_boot(p->conf, (enum ipc_job)job->kind, &boot);
	if (error == 0)
		error = ipc_child_start(p->children, &exchange_broker,
		    p->broker_fd, BOOT_BROKER, &boot, EXCHANGE_BOOT_MS +
		    boot.connect_timeout_ms, j, &j->broker);
	if (error != 0) {
		log_warnx("broker: %s", err_text(error));
		exchange_free(j);
		return NULL;
	}
	return j;
}

void
exchange_job_free(struct exchange_job *j)
{
	if (j == NULL)
		return;
	if (j->broker != NULL) {
		ipc_child_detach(j->broker);
		/* One that has answered ends by itself. */
		if (!j->over)
			ipc_child_kill(j->broker, NULL);
	}
	exchange_free(j);
}

static void
exchange_path(char *out, size_t size, const char *url, const char *path)
{
	strlcpy(out, url, size);
	strlcat(out, path, size);
}

void
exchange_known_endpoints(const char *url, struct ipc_brok_endpoints *e)
{
	memset(e, 0, sizeof(*e));
	exchange_path(e->issuer, sizeof(e->issuer), url, "/o");
	exchange_path(e->authorization_endpoint,
	    sizeof(e->authorization_endpoint), url, "/o/authorize/");
	exchange_path(e->token_endpoint, sizeof(e->token_endpoint), url,
	    "/o/token/");
	exchange_path(e->jwks_uri, sizeof(e->jwks_uri), url,
	    "/o/.well-known/jwks.json");
	exchange_path(e->userinfo_endpoint, sizeof(e->userinfo_endpoint), url,
	    "/o/userinfo/");
	exchange_path(e->revocation_endpoint,
	    sizeof(e->revocation_endpoint), url, "/o/revoke_token/");
}

bool
exchange_owns(const char *exchange_url, const struct ipc_brok_endpoints *e)
{
	const char	*urls[] = { e->authorization_endpoint,
			    e->token_endpoint, e->jwks_uri,
			    e->userinfo_endpoint, e->revocation_endpoint };
	struct url	 exchange, u;
	size_t		 i;

	if (url_split(exchange_url, &exchange) != 0)
		return false;
	for (i = 0; i < sizeof(urls) / sizeof(urls[0]); i++)
		if (urls[i][0] != '\0' && (url_split(urls[i], &u) != 0 ||
		    !url_same_origin(&exchange, &u)))
			return false;
	return true;
}
