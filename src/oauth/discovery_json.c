/* SPDX-License-Identifier: MIT */
/*
 * Discovery documents.  Runs in the broker; the text is a server's:
 * untrusted, and so are the URLs in it.
 */
#include <string.h>

#include <json-c/json.h>

#include "base/err.h"
#include "oauth/discovery_json.h"
#include "oauth/jwt_json.h"
#include "oauth/url.h"

static int
discovery_read_urls(struct json_object *o, struct discovery *d)
{
	const struct {
		const char	*name;
		char		*text;
		bool		 needed;
	} rows[] = {
		{ "issuer", d->issuer, true },
		{ "authorization_endpoint", d->authorization_endpoint, true },
		{ "token_endpoint", d->token_endpoint, true },
		{ "jwks_uri", d->jwks_uri, true },
		{ "userinfo_endpoint", d->userinfo_endpoint, false },
		{ "revocation_endpoint", d->revocation_endpoint, false },
	};
	size_t	i;
	int	r;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		r = jwt_json_string(o, rows[i].name, rows[i].text,
		    DISCOVERY_URL_SIZE);
		if (r == ERR_NOT_FOUND && !rows[i].needed)
			continue;
		if (r == 0 && rows[i].text[0] == '\0')
			r = ERR_FORMAT;
		if (r != 0)
			return r == ERR_NOT_FOUND ? ERR_FORMAT : r;
	}
	return 0;
}

static bool
discovery_has_email(struct json_object *o)
{
	struct json_object	*scopes, *v;
	size_t			 i;

	if (!json_object_object_get_ex(o, "scopes_supported", &scopes) ||
	    !json_object_is_type(scopes, json_type_array))
		return false;
	for (i = 0; i < json_object_array_length(scopes); i++) {
		v = json_object_array_get_idx(scopes, i);
		if (json_object_is_type(v, json_type_string) &&
		    strcmp(json_object_get_string(v), "email") == 0)
			return true;
	}
	return false;
}

int
discovery_parse(const char *text, size_t len, struct discovery *d)
{
	struct json_object	*o, *promised;
	int			 r;

	memset(d, 0, sizeof(*d));
	if ((r = jwt_json_parse(text, len, &o)) != 0)
		return r;
	r = discovery_read_urls(o, d);
	d->scope_email = discovery_has_email(o);
	d->iss_promised = json_object_object_get_ex(o,
	    "authorization_response_iss_parameter_supported", &promised) &&
	    json_object_get_boolean(promised);
	json_object_put(o);
	return r;
}

int
discovery_check(const struct discovery *d, const struct url *exchange)
{
	const char *const endpoints[] = {
		d->authorization_endpoint, d->token_endpoint, d->jwks_uri,
		d->userinfo_endpoint, d->revocation_endpoint,
	};
	struct url	u;
	size_t		i;

	for (i = 0; i < sizeof(endpoints) / sizeof(endpoints[0]); i++) {
		if (endpoints[i][0] == '\0')
			continue;
		if (url_split(endpoints[i], &u) != 0)
			return ERR_FORMAT;
		if (!url_same_origin(&u, exchange))
			return ERR_DENIED;
	}
	return 0;
}
