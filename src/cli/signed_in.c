/* SPDX-License-Identifier: MIT */
/*
 * Who is signed in.  Runs in jhe-mcp; names and addresses are what the
 * exchange said of its user.
 */
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "cli/signed_in.h"
#include "conf/conf.h"
#include "vault/tokens.h"

enum cache_state
signed_in_look(const struct conf *conf, struct signed_in *s)
{
	struct vault_tokens	*tokens;
	enum cache_state	 state;
	struct cache		*cache;

	memset(s, 0, sizeof(*s));
	state = cache_open_as_is(conf_string(conf, CONF_TOKEN_CACHE_DIR),
	    &cache);
	if (state != CACHE_VALID)
		return state;
	tokens = vault_tokens_new();
	state = tokens == NULL ? CACHE_MEMORY : cache_load(cache,
	    conf_string(conf, CONF_EXCHANGE_URL),
	    conf_string(conf, CONF_CLIENT_ID), clock_wall_s(), tokens);
	if (state == CACHE_VALID || state == CACHE_EXPIRED) {
		s->person = tokens->person;
		s->refreshable = tokens->refresh_token[0] != '\0';
	}
	vault_tokens_free(tokens);
	cache_close(cache);
	return state;
}

void
signed_in_name(struct buf *out, const struct ipc_person *person)
{
	if (person->email[0] != '\0')
		buf_addf(out, "%s (user %lld)", person->email,
		    (long long)person->person);
	else
		buf_addf(out, "user %lld", (long long)person->person);
}

static void
signed_in_text(struct json *j, const char *key, const char *value)
{
	if (value == NULL || value[0] == '\0')
		return;
	json_key(j, key);
	json_string(j, value);
}

void
signed_in_json(struct json *j, const struct conf *conf,
    const struct ipc_person *person)
{
	char	until[CLOCK_TEXT_SIZE];

	clock_format(person->valid_until_s, until, sizeof(until));
	json_key(j, "person");
	json_object_begin(j);
	json_key(j, "id");
	json_int(j, person->person);
	signed_in_text(j, "email", person->email);
	signed_in_text(j, "user_type", person->user_type);
	json_object_end(j);
	signed_in_text(j, "exchange", conf_string(conf, CONF_EXCHANGE_URL));
	signed_in_text(j, "client_id", conf_string(conf, CONF_CLIENT_ID));
	signed_in_text(j, "until", until);
}
