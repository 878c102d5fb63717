/* SPDX-License-Identifier: MIT */
/*
 * The authorization URL.  Runs in the master; the endpoint was checked by
 * the broker, the rest is the master's own.
 */
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "oauth/authorize.h"
#include "oauth/url.h"

int
authorize_make_url(const struct authorize_request *r, struct buf *out)
{
	const struct {
		const char	*name, *value;
	} params[] = {
		{ "response_type",		"code" },
		{ "client_id",			r->client_id },
		{ "redirect_uri",		r->redirect_uri },
		{ "scope",			r->scope },
		{ "state",			r->state },
		{ "nonce",			r->nonce },
		{ "code_challenge",		r->challenge },
		{ "code_challenge_method",	"S256" },
	};
	struct url	u;
	size_t		i;
	char		separator;

	if (r->endpoint == NULL || url_split(r->endpoint, &u) != 0)
		return ERR_FORMAT;
	for (i = 0; i < sizeof(params) / sizeof(params[0]); i++)
		if (params[i].value == NULL || params[i].value[0] == '\0')
			return ERR_FORMAT;
	buf_adds(out, r->endpoint);
	separator = strchr(r->endpoint, '?') == NULL ? '?' : '&';
	for (i = 0; i < sizeof(params) / sizeof(params[0]); i++) {
		url_add_param(out, separator, params[i].name,
		    params[i].value);
		separator = '&';
	}
	if (r->prompt != NULL)
		url_add_param(out, '&', "prompt", r->prompt);
	return buf_error(out);
}
