/* SPDX-License-Identifier: MIT */
/*
 * The steps of a sign-in.  Runs in jhe-mcp.  What gates and brokers report
 * is theirs: the state is compared here, and what a callback may do depends
 * on the step that this process is in.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/loop.h"
#include "cli/browser.h"
#include "cli/callback.h"
#include "cli/exchange.h"
#include "cli/login_private.h"
#include "cli/program.h"
#include "compat/compat.h"
#include "conf/conf.h"
#include "oauth/authorize.h"
#include "oauth/pkce.h"
#include "oauth/redirect.h"
#include "oauth/secret.h"
#include "vault/tokens.h"

static void	login_expired(void *);
static void	login_browse(struct login *);

const char *
login_text(const struct login *l, enum conf_key key)
{
	const char	*text = conf_string(l->p->conf, key);

	return text != NULL ? text : "";
}

static void
login_close(struct login *l)
{
	l->step = LOGIN_OVER;
	loop_timer_clear(l->p->loop, login_look, l);
	loop_timer_clear(l->p->loop, login_expired, l);
	exchange_job_free(l->job);
	l->job = NULL;
	callback_free(l->callback);
	l->callback = NULL;
	l->gate = NULL;
	cache_close(l->cache);
	l->cache = NULL;
}

void
login_free(struct login *l)
{
	if (l == NULL)
		return;
	login_close(l);
	vault_tokens_free(l->tokens);
	buf_free(&l->url);
	freezero(l, sizeof(*l));
}

void
login_fail(struct login *l, enum ipc_reason reason)
{
	login_close(l);
	l->done(l->arg, NULL, reason, buf_string(&l->url));
}

void
login_succeed(struct login *l)
{
	login_close(l);
	l->done(l->arg, &l->tokens->person, IPC_REASON_INTERNAL, "");
}

/* --- Brokers --- */

static void
login_job_fill(const struct login *l, enum ipc_job kind,
    struct ipc_brok_job *job)
{
	memset(job, 0, sizeof(*job));
	job->kind = kind;
	strlcpy(job->exchange_url, login_text(l, CONF_EXCHANGE_URL),
	    sizeof(job->exchange_url));
	strlcpy(job->issuer, l->endpoints.issuer, sizeof(job->issuer));
	strlcpy(job->token_endpoint, l->endpoints.token_endpoint,
	    sizeof(job->token_endpoint));
	strlcpy(job->jwks_uri, l->endpoints.jwks_uri, sizeof(job->jwks_uri));
	strlcpy(job->client_id, login_text(l, CONF_CLIENT_ID),
	    sizeof(job->client_id));
	strlcpy(job->client_secret, login_text(l, CONF_CLIENT_SECRET),
	    sizeof(job->client_secret));
}

static void	login_job_done(void *, const struct exchange_answer *);

static void
login_job(struct login *l, enum login_step step, struct ipc_brok_job *job)
{
	l->step = step;
	l->job = exchange_job_start(l->p, job, login_job_done, l);
	explicit_bzero(job, sizeof(*job));
	if (l->job == NULL)
		login_fail(l, IPC_REASON_INTERNAL);
}

void
login_discover(struct login *l)
{
	struct ipc_brok_job	job;

	login_job_fill(l, IPC_JOB_DISCOVER, &job);
	login_job(l, LOGIN_DISCOVER, &job);
}

void
login_refresh(struct login *l)
{
	struct ipc_brok_job	job;

	login_job_fill(l, IPC_JOB_REFRESH, &job);
	strlcpy(job.token, l->tokens->refresh_token, sizeof(job.token));
	/* What an ID token narrowed holds whatever userinfo says. */
	if (!l->tokens->person.narrowed)
		strlcpy(job.userinfo_endpoint,
		    l->endpoints.userinfo_endpoint,
		    sizeof(job.userinfo_endpoint));
	login_job(l, LOGIN_REFRESH, &job);
}

static void
login_code(struct login *l, const char *code)
{
	struct ipc_brok_job	job;

	login_job_fill(l, IPC_JOB_CODE, &job);
	strlcpy(job.code, code, sizeof(job.code));
	strlcpy(job.verifier, l->verifier, sizeof(job.verifier));
	strlcpy(job.nonce, l->nonce, sizeof(job.nonce));
	strlcpy(job.redirect_uri, l->redirect_uri, sizeof(job.redirect_uri));
	login_reserve(l);
	login_job(l, LOGIN_CODE, &job);
}

/* The endpoints as discovered or as known; what is configured counts. */
static void
login_discovered(struct login *l, const struct ipc_brok_endpoints *found)
{
	const char	*issuer = login_text(l, CONF_ISSUER);

	l->endpoints = *found;
	if (!found->found)
		exchange_known_endpoints(login_text(l, CONF_EXCHANGE_URL),
		    &l->endpoints);
	if (!exchange_owns(login_text(l, CONF_EXCHANGE_URL), &l->endpoints)) {
		log_warnx("the broker names an endpoint elsewhere");
		login_fail(l, IPC_REASON_EXCHANGE_ANSWER);
		return;
	}
	if (issuer[0] != '\0')
		strlcpy(l->endpoints.issuer, issuer,
		    sizeof(l->endpoints.issuer));
	if (l->refreshable)
		login_refresh(l);
	else
		login_browse(l);
}

static void
login_refreshed(struct login *l, const struct exchange_answer *a)
{
	int	error;

	error = vault_tokens_refresh(l->tokens, a->tokens, a->person,
	    clock_wall_s());
	if (error != 0) {
		log_warnx("refresh: %s", err_text(error));
		login_browse(l);
		return;
	}
	(void)login_store(l);
	login_succeed(l);
}

static void
login_redeemed(struct login *l, const struct exchange_answer *a)
{
	int	error;

	error = vault_tokens_login(l->tokens,
	    login_text(l, CONF_EXCHANGE_URL), l->endpoints.issuer,
	    login_text(l, CONF_CLIENT_ID), a->tokens, a->person,
	    clock_wall_s());
	if (error != 0) {
		log_warnx("sign-in: %s", err_text(error));
		callback_answer(l->gate, IPC_PAGE_REFUSED);
		login_fail(l, IPC_REASON_EXCHANGE_ANSWER);
		return;
	}
	callback_answer(l->gate, login_store(l) ? IPC_PAGE_SIGNED_IN :
	    IPC_PAGE_NOT_STORED);
	login_succeed(l);
}

/*
 * Only the exchange can say that a sign-in is over: what else fails may do
 * better the next time.
 */
static void
login_refresh_failed(struct login *l, const struct exchange_answer *a)
{
	if (!a->refused)
		login_fail(l, a->reason);
	else if (!login_look_again(l)) {
		log_warnx("the exchange refreshes the sign-in no more: a new "
		    "one is needed");
		login_browse(l);
	}
}

static void
login_job_failed(struct login *l, const struct exchange_answer *a)
{
	if (l->step == LOGIN_REFRESH) {
		login_refresh_failed(l, a);
		return;
	}
	if (l->step == LOGIN_CODE)
		callback_report(l->gate, a->refused ||
		    a->reason == IPC_REASON_EXCHANGE_DOWN ?
		    IPC_PAGE_EXCHANGE : IPC_PAGE_REFUSED, a->oauth_error);
	login_fail(l, a->reason);
}

static void
login_job_done(void *arg, const struct exchange_answer *a)
{
	struct login		*l = arg;
	struct exchange_job	*job = l->job;

	l->job = NULL;
	if (a->failed)
		login_job_failed(l, a);
	else if (l->step == LOGIN_DISCOVER)
		login_discovered(l, a->endpoints);
	else if (l->step == LOGIN_REFRESH)
		login_refreshed(l, a);
	else
		login_redeemed(l, a);
	/* The answer was the job's; l may be gone by now. */
	exchange_job_free(job);
}

/* --- The browser --- */

/* openid, and email where the exchange lists it; or what is configured. */
static void
login_scope(const struct login *l, char *scope, size_t size)
{
	strlcpy(scope, login_text(l, CONF_SCOPE), size);
	if (conf_source(l->p->conf, CONF_SCOPE) == CONF_SOURCE_DEFAULT &&
	    l->endpoints.scope_email)
		strlcat(scope, " email", size);
}

static int
login_make_url(struct login *l)
{
	char				scope[256];
	char				challenge[PKCE_CHALLENGE_SIZE];
	struct authorize_request	r = {
		.endpoint = l->endpoints.authorization_endpoint,
		.client_id = login_text(l, CONF_CLIENT_ID),
		.redirect_uri = l->redirect_uri,
		.scope = scope,
		.state = l->state,
		.nonce = l->nonce,
		.challenge = challenge,
		.prompt = l->options.force ? "login" : NULL,
	};
	int64_t				port;

	port = conf_int(l->p->conf, CONF_CALLBACK_PORT);
	login_scope(l, scope, sizeof(scope));
	if (secret_make(l->state) != 0 || secret_make(l->nonce) != 0 ||
	    pkce_make_verifier(l->verifier) != 0 ||
	    pkce_challenge(l->verifier, challenge) != 0)
		return ERR_CRYPTO;
	if (redirect_make((uint16_t)port, l->redirect_uri,
	    sizeof(l->redirect_uri)) != 0)
		return ERR_RANGE;
	buf_reset(&l->url);
	return authorize_make_url(&r, &l->url);
}

/* The state is good once. */
static void
login_forget_state(struct login *l)
{
	explicit_bzero(l->state, sizeof(l->state));
}

/*
 * Errors that a second try would meet again end the wait; a refusal by the
 * person does not: the page can be opened again.
 */
static void
login_callback_error(struct login *l, struct callback_gate *g,
    enum ipc_oauth_error error)
{
	enum ipc_reason	reason;

	if (error == IPC_OAUTH_ACCESS_DENIED && l->options.denial_ends) {
		callback_answer(g, IPC_PAGE_DENIED);
		login_fail(l, IPC_REASON_DENIED);
		return;
	}
	if (error == IPC_OAUTH_ACCESS_DENIED) {
		log_info("the sign-in was refused at the exchange; its "
		    "address can be opened again");
		callback_answer(g, IPC_PAGE_DENIED);
		return;
	}
	reason = error == IPC_OAUTH_UNAUTHORIZED_CLIENT ||
	    error == IPC_OAUTH_INVALID_CLIENT ? IPC_REASON_CLIENT :
	    error == IPC_OAUTH_SERVER_ERROR ||
	    error == IPC_OAUTH_TEMPORARILY_UNAVAILABLE ?
	    IPC_REASON_EXCHANGE_DOWN : IPC_REASON_EXCHANGE_ANSWER;
	log_warnx("the exchange refused the authorization request: %s",
	    exchange_error_text(error));
	callback_answer(g, IPC_PAGE_EXCHANGE);
	login_fail(l, reason);
}

static void
login_callback(void *arg, struct callback_gate *g,
    const struct ipc_gate_callback *cb)
{
	struct login	*l = arg;

	if (l->step != LOGIN_BROWSER || !secret_equal(l->state, cb->state)) {
		log_info("a callback that nobody waits for was turned away");
		callback_answer(g, IPC_PAGE_STATE);
		return;
	}
	/* RFC 9207 §2.4: where it is promised, it must be there. */
	if ((cb->iss[0] != '\0' || l->endpoints.iss_promised) &&
	    strcmp(cb->iss, l->endpoints.issuer) != 0) {
		log_warnx("a callback names another issuer, or none");
		callback_answer(g, IPC_PAGE_REFUSED);
		return;
	}
	if (cb->error != IPC_OAUTH_NONE) {
		login_callback_error(l, g, (enum ipc_oauth_error)cb->error);
		return;
	}
	login_forget_state(l);
	l->gate = g;
	login_code(l, cb->code);
}

/* The gate that waits for our verdict died before it. */
static void
login_gate_gone(void *arg, struct callback_gate *g)
{
	struct login	*l = arg;

	if (l->gate == g)
		l->gate = NULL;
}

static void
login_ask(struct login *l)
{
	if (l->options.asked != NULL)
		l->options.asked(l->arg);
	/* Whatever the log level: without it nobody could sign in. */
	dprintf(STDERR_FILENO,
	    "jhe-mcp: to sign in, open this address in a browser:\n%s\n",
	    buf_string(&l->url));
	if (l->options.no_browser)
		return;
	if (browser_open(buf_string(&l->url)) != 0)
		log_warnx("no browser could be started; open the address "
		    "above yourself");
}

static void
login_browse(struct login *l)
{
	int64_t	port = conf_int(l->p->conf, CONF_CALLBACK_PORT);
	int	error;

	vault_tokens_clear(l->tokens);
	if (l->stored_only) {
		login_fail(l, IPC_REASON_TIMEOUT);
		return;
	}
	error = callback_open(l->p, (uint16_t)port, login_callback,
	    login_gate_gone, l, &l->callback);
	if (error != 0) {
		log_warnx("port %d for the browser's return (callback-port) "
		    "cannot be used: %s", (int)port,
		    error == ERR_DUPLICATE ? "another program listens there" :
		    err_text(error));
		login_fail(l, IPC_REASON_PORT);
		return;
	}
	error = login_make_url(l);
	if (error != 0) {
		log_warnx("the address for the sign-in: %s", err_text(error));
		login_fail(l, IPC_REASON_INTERNAL);
		return;
	}
	l->step = LOGIN_BROWSER;
	login_tell_others(l);
	login_ask(l);
}

static int
login_start_timer(struct login *l)
{
	int64_t	timeout_s = conf_int(l->p->conf, CONF_LOGIN_TIMEOUT);

	return loop_timer_set(l->p->loop, clock_monotonic_ms() +
	    timeout_s * 1000, login_expired, l);
}

static void
login_expired(void *arg)
{
	struct login	*l = arg;

	if (l->options.lingers && !l->lingering &&
	    l->step == LOGIN_BROWSER && login_start_timer(l) == 0) {
		l->lingering = true;
		l->done(l->arg, NULL, IPC_REASON_TIMEOUT,
		    buf_string(&l->url));
		return;
	}
	if (l->gate != NULL)
		callback_answer(l->gate, IPC_PAGE_EXPIRED);
	log_info("nobody signed in in time");
	/* The page of another program may still be open. */
	if (l->step != LOGIN_CACHE)
		buf_reset(&l->url);
	login_fail(l, IPC_REASON_TIMEOUT);
}

bool
login_is_open(const struct login *l)
{
	return l->step != LOGIN_OVER;
}

void
login_join(struct login *l)
{
	if (!l->lingering)
		return;
	l->lingering = false;
	login_start_timer(l);
	login_ask(l);
}

void
login_stored_only(struct login *l)
{
	l->stored_only = true;
	if (l->step == LOGIN_BROWSER)
		login_fail(l, IPC_REASON_TIMEOUT);
}

struct login *
login_start(struct program *p, const struct login_options *options,
    login_done_fn *done, void *arg)
{
	struct login	*l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->p = p;
	if (options != NULL)
		l->options = *options;
	l->done = done;
	l->arg = arg;
	buf_init(&l->url, 4096);
	l->tokens = vault_tokens_new();
	if (l->tokens == NULL ||
	    loop_timer_set(p->loop, clock_monotonic_ms(), login_look,
	    l) != 0 || login_start_timer(l) != 0) {
		login_free(l);
		return NULL;
	}
	login_open_cache(l);
	return l;
}
