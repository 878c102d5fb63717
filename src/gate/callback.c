/* SPDX-License-Identifier: MIT */
/*
 * The parameters that a browser brings back from a login.  Any page and any
 * program can send them; they are read here and judged by the master.
 */
#include <string.h>

#include "base/err.h"
#include "gate/gate.h"
#include "http/query.h"

#define ERROR_MAX	64	/* bytes of the error parameter and a NUL */
#define HOST_MAX	16	/* of a host that could be ours, and a NUL */
#define IGNORED_MAX	8192	/* as long as a request line may be */

/* RFC 6749 §4.1.2.1, §5.2 and OpenID Connect Core 1.0 §3.1.2.6 */
static const struct {
	const char		*text;
	enum ipc_oauth_error	 error;
} errors[] = {
	{ "access_denied", IPC_OAUTH_ACCESS_DENIED },
	{ "invalid_request", IPC_OAUTH_INVALID_REQUEST },
	{ "invalid_client", IPC_OAUTH_INVALID_CLIENT },
	{ "invalid_grant", IPC_OAUTH_INVALID_GRANT },
	{ "invalid_scope", IPC_OAUTH_INVALID_SCOPE },
	{ "unauthorized_client", IPC_OAUTH_UNAUTHORIZED_CLIENT },
	{ "unsupported_grant_type", IPC_OAUTH_UNSUPPORTED_GRANT_TYPE },
	{ "unsupported_response_type", IPC_OAUTH_UNSUPPORTED_RESPONSE_TYPE },
	{ "server_error", IPC_OAUTH_SERVER_ERROR },
	{ "temporarily_unavailable", IPC_OAUTH_TEMPORARILY_UNAVAILABLE },
	{ "login_required", IPC_OAUTH_LOGIN_REQUIRED },
	{ "interaction_required", IPC_OAUTH_LOGIN_REQUIRED },
	{ "account_selection_required", IPC_OAUTH_LOGIN_REQUIRED },
	{ "consent_required", IPC_OAUTH_ACCESS_DENIED }
};

static enum ipc_oauth_error
error_of(const char *text)
{
	size_t	i;

	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		if (strcmp(errors[i].text, text) == 0)
			return errors[i].error;
	}
	return IPC_OAUTH_OTHER;
}

/* RFC 6749, appendix A: state, code and error are of these bytes. */
static bool
is_visible(const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s < ' ' || *s > '~')
			return false;
	}
	return true;
}

/* Zeroed first: messages must be zero behind the end of a text. */
static int
get(const char *query, size_t len, const char *name, char *value, size_t size)
{
	int	n;

	memset(value, 0, size);
	n = http_query_get(query, len, name, value, size);
	if (n == ERR_NOT_FOUND)
		return 0;
	if (n < 0 || !is_visible(value)) {
		explicit_bzero(value, size);
		return ERR_FORMAT;
	}
	return 0;
}

/* A parameter that may stand there once and says nothing to us. */
static int
ignore(const char *query, size_t len, const char *name)
{
	char	value[IGNORED_MAX];
	int	n;

	n = http_query_get(query, len, name, value, sizeof(value));
	explicit_bzero(value, sizeof(value));
	return n >= 0 || n == ERR_NOT_FOUND ? 0 : ERR_FORMAT;
}

int
callback_parse(const char *query, size_t len, struct ipc_gate_callback *cb)
{
	char	error[ERROR_MAX];

	memset(cb, 0, sizeof(*cb));
	if (get(query, len, "state", cb->state, sizeof(cb->state)) != 0 ||
	    get(query, len, "code", cb->code, sizeof(cb->code)) != 0 ||
	    get(query, len, "iss", cb->iss, sizeof(cb->iss)) != 0 ||
	    get(query, len, "error", error, sizeof(error)) != 0 ||
	    ignore(query, len, "error_description") != 0 ||
	    ignore(query, len, "error_uri") != 0)
		return ERR_FORMAT;
	if (cb->state[0] == '\0')
		return ERR_FORMAT;
	if ((cb->code[0] == '\0') == (error[0] == '\0'))
		return ERR_FORMAT;
	cb->error = error[0] == '\0' ? IPC_OAUTH_NONE : error_of(error);
	return 0;
}

/*
 * A page elsewhere can point a name of its own to 127.0.0.1 (DNS
 * rebinding); its requests still carry that name.
 */
bool
callback_is_local(const char *host, size_t len)
{
	char	name[HOST_MAX];

	if (http_host_parse(host, len, name, sizeof(name)) != 0)
		return false;
	return strcmp(name, "localhost") == 0 ||
	    strcmp(name, "127.0.0.1") == 0 || strcmp(name, "[::1]") == 0;
}
