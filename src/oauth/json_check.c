/* SPDX-License-Identifier: MIT */
/*
 * The pass before json-c.  Runs in the broker; the text is a server's:
 * untrusted.
 */
#include <stdbool.h>
#include <string.h>

#include "base/err.h"
#include "base/utf8.h"
#include "oauth/json_check.h"

#define ESCAPED_NUL	"\\u0000"

/* All that stands outside strings (RFC 8259 §2): no comments, no NaN. */
static const char plain_characters[] = " \t\r\n{}[],:0123456789+-.eEtrufalsn";

/* Bytes of the string whose opening quote is at text; 0 if it is bad. */
static size_t
json_check_string(const char *text, size_t len)
{
	const size_t	nul = sizeof(ESCAPED_NUL) - 1;
	size_t		i = 1;

	while (i < len && text[i] != '"') {
		if (text[i] != '\\') {
			i++;
			continue;
		}
		if (len - i >= nul && memcmp(text + i, ESCAPED_NUL, nul) == 0)
			return 0;
		if (len - i < 2)
			return 0;
		i += 2;
	}
	return i < len ? i + 1 : 0;
}

int
json_check_text(const char *text, size_t len, size_t *members)
{
	size_t	i = 0, n, values = 0;

	*members = 0;
	if (!utf8_valid(text, len) || memchr(text, '\0', len) != NULL)
		return ERR_FORMAT;
	while (i < len) {
		if (text[i] == '"') {
			n = json_check_string(text + i, len - i);
			if (n == 0)
				return ERR_FORMAT;
			i += n;
			continue;
		}
		if (strchr(plain_characters, text[i]) == NULL)
			return ERR_FORMAT;
		if (text[i] == ':')
			(*members)++;
		if ((text[i] == ':' || text[i] == ',') &&
		    ++values > JSON_CHECK_VALUES_MAX)
			return ERR_LIMIT;
		i++;
	}
	return 0;
}
