/* SPDX-License-Identifier: MIT */
/*
 * The token cache as JSON.  Runs in the user's program.  What is read is a
 * file of the user's own, which anything of theirs may have damaged: every
 * type, length and range is checked.
 */
#include <json-c/json.h>

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/num.h"
#include "cli/cache_json.h"
#include "oauth/json_check.h"
#include "vault/tokens.h"

#define CACHE_JSON_DEPTH	16
#define CACHE_TIME_MAX		253402300799	/* the end of the year 9999 */

/* The texts at the top, and where they go. */
static const struct {
	const char	*key;
	size_t		 offset;
	size_t		 size;
	bool		 required;
} cache_texts[] = {
#define TEXT(key, member, required) { key, \
	offsetof(struct vault_tokens, member), \
	sizeof(((struct vault_tokens *)0)->member), required }
	TEXT("access_token", access_token, true),
	TEXT("refresh_token", refresh_token, false),
	TEXT("id_token", id_token, false),
	TEXT("scope", scope, false),
	TEXT("exchange", exchange_url, true),
	TEXT("issuer", issuer, true),
	TEXT("client_id", client_id, true)
#undef TEXT
};

#define CACHE_TEXTS	(sizeof(cache_texts) / sizeof(cache_texts[0]))

static void
cache_json_person(struct json *j, const struct ipc_person *person)
{
	uint32_t	i;

	json_key(j, "person");
	json_object_begin(j);
	json_key(j, "sub");
	json_stringf(j, "%" PRId64, person->person);
	if (person->user_type[0] != '\0') {
		json_key(j, "user_type");
		json_string(j, person->user_type);
	}
	if (person->email[0] != '\0') {
		json_key(j, "email");
		json_string(j, person->email);
	}
	if (person->narrowed) {
		json_key(j, "studies");
		json_array_begin(j);
		for (i = 0; i < person->nstudies; i++)
			json_int(j, person->studies[i]);
		json_array_end(j);
	}
	json_object_end(j);
}

int
cache_json_write(struct buf *out, const struct vault_tokens *tokens)
{
	struct json	 j;
	const char	*text;
	size_t		 i;

	json_init(&j, out);
	json_object_begin(&j);
	for (i = 0; i < CACHE_TEXTS; i++) {
		text = (const char *)tokens + cache_texts[i].offset;
		if (*text == '\0')
			continue;
		json_key(&j, cache_texts[i].key);
		json_string(&j, text);
	}
	json_key(&j, "token_type");
	json_string(&j, "Bearer");
	json_key(&j, "expires_in");
	json_int(&j, tokens->expires_in_s);
	json_key(&j, "expires_at");
	json_int(&j, tokens->expires_at_s);
	cache_json_person(&j, &tokens->person);
	json_object_end(&j);
	buf_addc(out, '\n');
	return buf_error(out);
}

/* A text member into its place; null is as good as missing. */
static enum cache_state
cache_json_text(struct json_object *object, const char *key, char *dst,
    size_t size, bool required)
{
	struct json_object	*value = NULL;
	size_t			 len;

	json_object_object_get_ex(object, key, &value);
	if (value == NULL)
		return required ? CACHE_INCOMPLETE : CACHE_VALID;
	if (!json_object_is_type(value, json_type_string))
		return CACHE_MALFORMED;
	len = (size_t)json_object_get_string_len(value);
	if (len >= size)
		return CACHE_MALFORMED;
	if (len == 0 && required)
		return CACHE_INCOMPLETE;
	memcpy(dst, json_object_get_string(value), len);
	return CACHE_VALID;
}

/* A number of seconds, whole or (as the first server wrote it) not. */
static enum cache_state
cache_json_seconds(struct json_object *object, const char *key, double max,
    int64_t *seconds)
{
	struct json_object	*value = NULL;
	double			 number;

	json_object_object_get_ex(object, key, &value);
	if (value == NULL)
		return CACHE_INCOMPLETE;
	if (!json_object_is_type(value, json_type_int) &&
	    !json_object_is_type(value, json_type_double))
		return CACHE_MALFORMED;
	number = json_object_get_double(value);
	if (!(number >= 0 && number <= max))
		return CACHE_MALFORMED;
	*seconds = (int64_t)number;
	return CACHE_VALID;
}

static enum cache_state
cache_json_studies(struct json_object *object, struct ipc_person *person)
{
	struct json_object	*list = NULL, *value;
	size_t			 i, n;

	json_object_object_get_ex(object, "studies", &list);
	if (list == NULL)
		return CACHE_VALID;
	if (!json_object_is_type(list, json_type_array))
		return CACHE_MALFORMED;
	n = json_object_array_length(list);
	if (n > IPC_STUDIES_MAX)
		return CACHE_MALFORMED;
	for (i = 0; i < n; i++) {
		value = json_object_array_get_idx(list, i);
		if (!json_object_is_type(value, json_type_int))
			return CACHE_MALFORMED;
		person->studies[i] = json_object_get_int64(value);
	}
	person->narrowed = 1;
	person->nstudies = (uint32_t)n;
	return CACHE_VALID;
}

static enum cache_state
cache_json_read_person(struct json_object *tree, struct ipc_person *person)
{
	struct json_object	*object = NULL;
	enum cache_state	 state;
	char			 sub[32] = "";

	json_object_object_get_ex(tree, "person", &object);
	if (object == NULL)
		return CACHE_INCOMPLETE;
	if (!json_object_is_type(object, json_type_object))
		return CACHE_MALFORMED;
	state = cache_json_text(object, "sub", sub, sizeof(sub), true);
	if (state != CACHE_VALID)
		return state;
	if (num_parse(sub, strlen(sub), 1, INT64_MAX, &person->person) != 0)
		return CACHE_MALFORMED;
	state = cache_json_text(object, "user_type", person->user_type,
	    sizeof(person->user_type), false);
	if (state == CACHE_VALID)
		state = cache_json_text(object, "email", person->email,
		    sizeof(person->email), false);
	return state != CACHE_VALID ? state :
	    cache_json_studies(object, person);
}

static enum cache_state
cache_json_fill(struct json_object *tree, struct vault_tokens *t)
{
	enum cache_state	state = CACHE_VALID;
	int64_t			seconds = 0;
	size_t			i;

	for (i = 0; i < CACHE_TEXTS && state == CACHE_VALID; i++)
		state = cache_json_text(tree, cache_texts[i].key,
		    (char *)t + cache_texts[i].offset, cache_texts[i].size,
		    cache_texts[i].required);
	if (state == CACHE_VALID)
		state = cache_json_seconds(tree, "expires_at", CACHE_TIME_MAX,
		    &t->expires_at_s);
	if (state == CACHE_VALID)
		state = cache_json_seconds(tree, "expires_in", INT32_MAX,
		    &seconds);
	if (state == CACHE_VALID)
		state = cache_json_read_person(tree, &t->person);
	t->expires_in_s = (uint32_t)seconds;
	t->person.valid_until_s = vault_tokens_valid_until(t->expires_at_s,
	    t->expires_in_s);
	return state;
}

/* json-c frees its strings as they are; ours are secrets. */
static void
cache_json_wipe(struct json_object *tree)
{
	struct json_object	*value;
	size_t			 i;

	for (i = 0; i < CACHE_TEXTS; i++) {
		value = NULL;
		json_object_object_get_ex(tree, cache_texts[i].key, &value);
		if (json_object_is_type(value, json_type_string))
			explicit_bzero((void *)(uintptr_t)
			    json_object_get_string(value),
			    (size_t)json_object_get_string_len(value));
	}
}

static bool
cache_json_ends(const char *text, size_t len)
{
	while (len > 0 && strchr(" \t\r\n", text[len - 1]) != NULL &&
	    text[len - 1] != '\0')
		len--;
	return len > 0 && text[len - 1] == '}';
}

static enum cache_state
cache_json_parse(const char *text, size_t len, struct json_object **tree)
{
	struct json_tokener	*tokener;
	enum json_tokener_error	 error;
	size_t			 members;

	*tree = NULL;
	if (!cache_json_ends(text, len))
		return CACHE_TRUNCATED;
	if (len > CACHE_SIZE_MAX || json_check_text(text, len, &members) != 0)
		return CACHE_MALFORMED;
	tokener = json_tokener_new_ex(CACHE_JSON_DEPTH);
	if (tokener == NULL)
		return CACHE_MEMORY;
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	*tree = json_tokener_parse_ex(tokener, text, (int)len);
	error = json_tokener_get_error(tokener);
	json_tokener_free(tokener);
	if (error == json_tokener_continue)
		return CACHE_TRUNCATED;
	if (error != json_tokener_success ||
	    !json_object_is_type(*tree, json_type_object))
		return CACHE_MALFORMED;
	return CACHE_VALID;
}

enum cache_state
cache_json_read(const char *text, size_t len, struct vault_tokens *tokens)
{
	struct json_object	*tree;
	enum cache_state	 state;

	vault_tokens_clear(tokens);
	state = cache_json_parse(text, len, &tree);
	if (state == CACHE_VALID) {
		state = cache_json_fill(tree, tokens);
		cache_json_wipe(tree);
	}
	json_object_put(tree);
	if (state != CACHE_VALID)
		vault_tokens_clear(tokens);
	return state;
}
