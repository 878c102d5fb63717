/* SPDX-License-Identifier: MIT */
/*
 * The option table and looking things up in it.  Runs in the master, before
 * anything else does; the text looked up is what a person wrote.
 */
#include <string.h>

#include "base/err.h"
#include "conf/options.h"

#define KEYWORD_MAX	32	/* longer texts are like no keyword */
#define PIECE_MIN	4	/* letters of a piece of one */

#define STDIO	CONF_FOR_STDIO
static const struct conf_option	options[CONF_KEYS] = {
#define OPTION(keyword, key, type, preset, min, max, choices, environment,   \
    used, description)							     \
	[CONF_##key] = { keyword, CONF_TYPE_##type, preset, min, max,	     \
	    choices, environment, used, description },
#include "conf/options.def"
#undef OPTION
};
#undef STDIO

const struct conf_option *
options_row(enum conf_key key)
{
	return &options[key];
}

int
options_find(const char *keyword, enum conf_key *key)
{
	size_t	i;

	for (i = 0; i < CONF_KEYS; i++) {
		if (strcmp(options[i].keyword, keyword) == 0) {
			*key = (enum conf_key)i;
			return 0;
		}
	}
	return ERR_NOT_FOUND;
}

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static char
lower(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');
	return c == '_' ? '-' : c;
}

/* Levenshtein's distance; b has at most KEYWORD_MAX bytes. */
static size_t
distance(const char *a, const char *b)
{
	size_t	row[KEYWORD_MAX + 1], i, j, diagonal, above;
	size_t	blen = strlen(b);

	for (j = 0; j <= blen; j++)
		row[j] = j;
	for (i = 0; a[i] != '\0'; i++) {
		diagonal = row[0];
		row[0] = i + 1;
		for (j = 0; j < blen; j++) {
			above = row[j + 1];
			if (lower(a[i]) != b[j])
				diagonal++;
			row[j + 1] = least(diagonal,
			    least(above, row[j]) + 1);
			diagonal = above;
		}
	}
	return row[blen];
}

/* A piece of a keyword ("timezone") is as good as one wrong letter. */
static size_t
alike(const char *text, size_t len, const char *keyword)
{
	if (len >= PIECE_MIN && strstr(keyword, text) != NULL)
		return 1;
	return distance(text, keyword);
}

const char *
options_nearest(const char *text)
{
	const char	*found = NULL;
	size_t		 i, d, len = strlen(text), best;

	if (len > KEYWORD_MAX)
		return NULL;
	best = len / 2 + 2;
	for (i = 0; i < CONF_KEYS; i++) {
		d = alike(text, len, options[i].keyword);
		if (d < best) {
			best = d;
			found = options[i].keyword;
		}
	}
	return found;
}
