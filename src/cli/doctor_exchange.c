/* SPDX-License-Identifier: MIT */
/*
 * Doctor's look at the exchange.  Runs in jhe-mcp; a broker looks, and
 * reports numbers and the exchange's own address.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/doctor.h"
#include "cli/exchange.h"
#include "compat/compat.h"
#include "conf/conf.h"
#include "oauth/pkce.h"
#include "oauth/redirect.h"

static const char *
doctor_text(const struct doctor *d, enum conf_key key)
{
	const char	*text = conf_string(d->r.conf, key);

	return text != NULL ? text : "";
}

/* "an unexpected HTTP status (503)" */
static void
doctor_failure(char *text, size_t size, uint32_t code, uint32_t status)
{
	if (status != 0)
		snprintf(text, size, "%s (HTTP status %u)",
		    exchange_failure_text(code), status);
	else
		strlcpy(text, exchange_failure_text(code), size);
}

static const char *
doctor_exchange_cure(uint32_t code)
{
	switch (code) {
	case IPC_BROK_FOREIGN_ENDPOINT:
		return "Set exchange-url to the address by which the exchange "
		    "calls itself, scheme, name and port.";
	case IPC_BROK_TLS:
		return "Set ca-file to the certificates of your network's "
		    "authority, or have the exchange's certificate renewed.";
	case IPC_BROK_CONNECTION:
	case IPC_BROK_TIMEOUT:
		return "Is the exchange up, and the network open?  Try again, "
		    "or raise http-timeout.";
	default:
		return "Check exchange-url: it is the exchange's address, "
		    "without a path that is not its own.";
	}
}

static void
doctor_report_exchange(struct doctor *d, const struct ipc_brok_report *r)
{
	const char	*url = doctor_text(d, CONF_EXCHANGE_URL);
	const char	*issuer = doctor_text(d, CONF_ISSUER);
	char		 why[256];

	if (r->discovery != 0 || (!r->found && r->keys != 0)) {
		doctor_failure(why, sizeof(why), r->discovery != 0 ?
		    r->discovery : r->keys, r->discovery != 0 ?
		    r->discovery_status : r->keys_status);
		doctor_add(d, DOCTOR_EXCHANGE, DOCTOR_FAIL, "%s answers, but "
		    "not as an exchange: %s", url, why);
		doctor_cure(d, "%s", doctor_exchange_cure(r->discovery));
	} else if (issuer[0] != '\0' && strcmp(issuer, r->issuer) != 0) {
		doctor_add(d, DOCTOR_EXCHANGE, DOCTOR_FAIL, "%s calls itself "
		    "%s, but issuer is %s", url, r->issuer, issuer);
		doctor_cure(d, "Remove the option issuer, or correct it.");
	} else if (!r->found)
		doctor_add(d, DOCTOR_EXCHANGE, DOCTOR_PASS, "%s; without a "
		    "discovery document, its paths are known", url);
	else
		doctor_add(d, DOCTOR_EXCHANGE, DOCTOR_PASS, "%s calls itself "
		    "%s", url, r->issuer);
}

static void
doctor_report_keys(struct doctor *d, const struct ipc_brok_report *r)
{
	char	why[256];

	if (r->keys != 0) {
		doctor_failure(why, sizeof(why), r->keys, r->keys_status);
		doctor_add(d, DOCTOR_KEYS, DOCTOR_FAIL, "no key to verify ID "
		    "tokens with: %s", why);
		doctor_cure(d, "The exchange's administrator sets its RSA "
		    "key (OIDC_RSA_PRIVATE_KEY).");
		return;
	}
	doctor_add(d, DOCTOR_KEYS, DOCTOR_PASS, "%u for RS256", r->nkeys);
}

static void
doctor_report_client(struct doctor *d, const struct ipc_brok_report *r)
{
	const char	*id = doctor_text(d, CONF_CLIENT_ID);
	char		 why[256];

	if (r->client == 0)
		doctor_add(d, DOCTOR_CLIENT, DOCTOR_PASS, "%s is known to the "
		    "exchange", id);
	else if (r->client_error == IPC_OAUTH_INVALID_CLIENT) {
		doctor_add(d, DOCTOR_CLIENT, DOCTOR_FAIL, "%s is not accepted "
		    "by the exchange (invalid_client)", id);
		doctor_cure(d, doctor_text(d, CONF_CLIENT_SECRET)[0] != '\0' ?
		    "Correct client-id, or the secret (client-secret-file)." :
		    "Correct client-id, or have it registered; one that is "
		    "registered as confidential needs client-secret-file.");
	} else if (r->client_error == IPC_OAUTH_UNAUTHORIZED_CLIENT) {
		doctor_add(d, DOCTOR_CLIENT, DOCTOR_FAIL, "%s may not use "
		    "authorization codes", id);
		doctor_cure(d, "The exchange's administrator sets its grant "
		    "type to authorization-code.");
	} else {
		doctor_failure(why, sizeof(why), r->client, r->client_status);
		doctor_add(d, DOCTOR_CLIENT, DOCTOR_WARN, "whether %s is known "
		    "to the exchange could not be told: %s", id, why);
	}
}

/* Nothing is said where the exchange does not say. */
static void
doctor_report_redirect(struct doctor *d, const struct ipc_brok_report *r)
{
	int	port = (int)conf_int(d->r.conf, CONF_CALLBACK_PORT);

	d->redirect_known = r->redirect != IPC_REDIRECT_UNKNOWN;
	if (r->redirect == IPC_REDIRECT_TAKEN)
		doctor_add(d, DOCTOR_REDIRECT, DOCTOR_PASS,
		    "http://localhost:%d/callback is taken by the exchange, "
		    "and another one is not", port);
	else if (r->redirect == IPC_REDIRECT_REFUSED) {
		doctor_add(d, DOCTOR_REDIRECT, DOCTOR_FAIL, "the exchange "
		    "refuses http://localhost:%d/callback as redirect address "
		    "of %s (HTTP status %u)", port,
		    doctor_text(d, CONF_CLIENT_ID), r->redirect_status);
		doctor_cure(d, "Have http://localhost:%d/callback registered "
		    "at the exchange for %s, or set callback-port to the port "
		    "that is.", port, doctor_text(d, CONF_CLIENT_ID));
	}
}

static void
doctor_report_clock(struct doctor *d, const struct ipc_brok_report *r)
{
	int64_t			 off_s = r->our_date_s - r->date_s;
	int64_t			 size_s = off_s < 0 ? -off_s : off_s;
	enum doctor_status	 status = DOCTOR_PASS;

	if (r->date_s == 0) {
		doctor_add(d, DOCTOR_CLOCK, DOCTOR_WARN, "the exchange's "
		    "answers have no date to compare with");
		return;
	}
	if (size_s > DOCTOR_CLOCK_MAX_S)
		status = DOCTOR_FAIL;
	else if (size_s > DOCTOR_CLOCK_FINE_S)
		status = DOCTOR_WARN;
	if (size_s <= 1)
		doctor_add(d, DOCTOR_CLOCK, DOCTOR_PASS, "the same as the "
		    "exchange's");
	else
		doctor_add(d, DOCTOR_CLOCK, status, "%lld seconds %s of the "
		    "exchange's", (long long)size_s, off_s > 0 ? "ahead" :
		    "short");
	if (status != DOCTOR_PASS)
		doctor_cure(d, "Set this computer's clock (timedatectl "
		    "set-ntp true), or tell the exchange's administrator; "
		    "above %d seconds nobody can sign in.",
		    DOCTOR_CLOCK_MAX_S);
}

static void
doctor_exchange_done(void *arg, const struct exchange_answer *a)
{
	struct doctor		*d = arg;
	struct exchange_job	*job = d->job;

	d->job = NULL;
	if (a->failed) {
		doctor_add(d, DOCTOR_EXCHANGE, DOCTOR_FAIL, "%s: %s",
		    doctor_text(d, CONF_EXCHANGE_URL), a->why);
		doctor_cure(d, "Check exchange-url; is the exchange up, and "
		    "the network (VPN, firewall) open?");
	} else {
		doctor_report_exchange(d, a->report);
		doctor_report_keys(d, a->report);
		doctor_report_client(d, a->report);
		doctor_report_redirect(d, a->report);
		doctor_report_clock(d, a->report);
		d->exchange_good = a->report->discovery == 0 &&
		    a->report->keys == 0;
	}
	/* The report was the job's. */
	exchange_job_free(job);
	doctor_over(d);
}

void
doctor_start_exchange(struct doctor *d)
{
	struct ipc_brok_job		job = { .kind = IPC_JOB_CHECK };
	struct ipc_brok_endpoints	known;
	const char			*url =
					    doctor_text(d, CONF_EXCHANGE_URL);

	exchange_known_endpoints(url, &known);
	strlcpy(job.exchange_url, url, sizeof(job.exchange_url));
	strlcpy(job.issuer, known.issuer, sizeof(job.issuer));
	strlcpy(job.token_endpoint, known.token_endpoint,
	    sizeof(job.token_endpoint));
	strlcpy(job.jwks_uri, known.jwks_uri, sizeof(job.jwks_uri));
	strlcpy(job.client_id, doctor_text(d, CONF_CLIENT_ID),
	    sizeof(job.client_id));
	strlcpy(job.client_secret, doctor_text(d, CONF_CLIENT_SECRET),
	    sizeof(job.client_secret));
	if (redirect_make((uint16_t)conf_int(d->r.conf, CONF_CALLBACK_PORT),
	    job.redirect_uri, sizeof(job.redirect_uri)) != 0 ||
	    pkce_make_verifier(job.verifier) != 0)
		job.redirect_uri[0] = '\0';
	d->job = exchange_job_start(&d->r.p, &job, doctor_exchange_done, d);
	explicit_bzero(&job, sizeof(job));
	if (d->job != NULL)
		return;
	doctor_add(d, DOCTOR_EXCHANGE, DOCTOR_FAIL, "no broker could be "
	    "started");
	doctor_over(d);
}

void
doctor_stop_exchange(struct doctor *d)
{
	exchange_job_free(d->job);
	d->job = NULL;
}
