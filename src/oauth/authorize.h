/* SPDX-License-Identifier: MIT */
/* The authorization request as a URL (RFC 6749 §4.1.1, OIDC Core §3.1.2.1). */
#ifndef OAUTH_AUTHORIZE_H
#define OAUTH_AUTHORIZE_H

struct buf;

struct authorize_request {
	const char	*endpoint;	/* may have a query already */
	const char	*client_id;
	const char	*redirect_uri;
	const char	*scope;
	const char	*state;
	const char	*nonce;
	const char	*challenge;	/* PKCE, S256 */
	const char	*prompt;	/* "login": ask again; NULL: none */
};

/*
 * Append the URL to open in the browser.  All members but prompt are needed.
 * 0; ERR_FORMAT if the endpoint is no URL or a member is empty; ERR_MEMORY
 * or ERR_LIMIT of the buffer.
 */
int	authorize_make_url(const struct authorize_request *r,
	    struct buf *out);

#endif
