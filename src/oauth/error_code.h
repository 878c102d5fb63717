/* SPDX-License-Identifier: MIT */
/*
 * The registered OAuth error codes, of the authorization endpoint (RFC 6749
 * §4.1.2.1, OIDC Core §3.1.2.6) and of the token endpoint (RFC 6749 §5.2).
 * A peer's word becomes one of these numbers and never goes further as text.
 */
#ifndef OAUTH_ERROR_CODE_H
#define OAUTH_ERROR_CODE_H

#include <stddef.h>

enum oauth_error {
	OAUTH_ERROR_NONE = 0,
	OAUTH_ERROR_UNKNOWN,		/* not one of these */
	OAUTH_ERROR_ACCESS_DENIED,
	OAUTH_ERROR_INVALID_REQUEST,
	OAUTH_ERROR_INVALID_CLIENT,
	OAUTH_ERROR_INVALID_GRANT,
	OAUTH_ERROR_INVALID_SCOPE,
	OAUTH_ERROR_UNAUTHORIZED_CLIENT,
	OAUTH_ERROR_UNSUPPORTED_GRANT_TYPE,
	OAUTH_ERROR_UNSUPPORTED_RESPONSE_TYPE,
	OAUTH_ERROR_SERVER_ERROR,
	OAUTH_ERROR_TEMPORARILY_UNAVAILABLE,
	OAUTH_ERROR_LOGIN_REQUIRED,
	OAUTH_ERROR_COUNT
};

/* The code of len bytes; OAUTH_ERROR_UNKNOWN if they are none. */
enum oauth_error oauth_error_find(const char *name, size_t len);
/* "invalid_grant"; "unknown" for a number without a name. */
const char	*oauth_error_name(unsigned int code);

#endif
