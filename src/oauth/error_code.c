/* SPDX-License-Identifier: MIT */
/*
 * OAuth's error codes.  Runs in the broker and the gate; names are
 * untrusted.
 */
#include <string.h>

#include "oauth/error_code.h"

static const char *const names[OAUTH_ERROR_COUNT] = {
	[OAUTH_ERROR_NONE] = "none",
	[OAUTH_ERROR_UNKNOWN] = "unknown",
	[OAUTH_ERROR_ACCESS_DENIED] = "access_denied",
	[OAUTH_ERROR_INVALID_REQUEST] = "invalid_request",
	[OAUTH_ERROR_INVALID_CLIENT] = "invalid_client",
	[OAUTH_ERROR_INVALID_GRANT] = "invalid_grant",
	[OAUTH_ERROR_INVALID_SCOPE] = "invalid_scope",
	[OAUTH_ERROR_UNAUTHORIZED_CLIENT] = "unauthorized_client",
	[OAUTH_ERROR_UNSUPPORTED_GRANT_TYPE] = "unsupported_grant_type",
	[OAUTH_ERROR_UNSUPPORTED_RESPONSE_TYPE] = "unsupported_response_type",
	[OAUTH_ERROR_SERVER_ERROR] = "server_error",
	[OAUTH_ERROR_TEMPORARILY_UNAVAILABLE] = "temporarily_unavailable",
	[OAUTH_ERROR_LOGIN_REQUIRED] = "login_required",
};

enum oauth_error
oauth_error_find(const char *name, size_t len)
{
	unsigned int	i;

	for (i = OAUTH_ERROR_UNKNOWN + 1; i < OAUTH_ERROR_COUNT; i++)
		if (strlen(names[i]) == len &&
		    memcmp(names[i], name, len) == 0)
			return (enum oauth_error)i;
	return OAUTH_ERROR_UNKNOWN;
}

const char *
oauth_error_name(unsigned int code)
{
	return names[code < OAUTH_ERROR_COUNT ? code : OAUTH_ERROR_UNKNOWN];
}
