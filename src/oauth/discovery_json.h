/* SPDX-License-Identifier: MIT */
/* The OpenID provider's metadata (OIDC Discovery 1.0 §3).  Untrusted. */
#ifndef OAUTH_DISCOVERY_JSON_H
#define OAUTH_DISCOVERY_JSON_H

#include <stdbool.h>
#include <stddef.h>

struct url;

#define DISCOVERY_URL_SIZE	512

struct discovery {
	char	issuer[DISCOVERY_URL_SIZE];
	char	authorization_endpoint[DISCOVERY_URL_SIZE];
	char	token_endpoint[DISCOVERY_URL_SIZE];
	char	jwks_uri[DISCOVERY_URL_SIZE];
	char	userinfo_endpoint[DISCOVERY_URL_SIZE];	/* "": absent */
	char	revocation_endpoint[DISCOVERY_URL_SIZE];/* "": absent */
	bool	scope_email;		/* scopes_supported has "email" */
	bool	iss_promised;		/* callbacks carry iss (RFC 9207 §3) */
};

/*
 * 0; ERR_FORMAT if it is no such document (issuer, the authorization and
 * token endpoints and jwks_uri are needed); ERR_LIMIT; ERR_DUPLICATE;
 * ERR_MEMORY.
 */
int	discovery_parse(const char *text, size_t len, struct discovery *d);
/*
 * Are all endpoints URLs on the exchange's own origin?  0; ERR_FORMAT if
 * one is no URL; ERR_DENIED if one is elsewhere.  The issuer is a name, not
 * an endpoint, and not compared.
 */
int	discovery_check(const struct discovery *d, const struct url *exchange);

#endif
