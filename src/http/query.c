/* SPDX-License-Identifier: MIT */
/*
 * Query parameters and Host.  Runs in the processes that face a network;
 * every byte is a stranger's.
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "base/num.h"
#include "http/query.h"

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The byte at s, and in *used how many stood for it; negative: none. */
static int
decode(const char *s, size_t len, size_t *used)
{
	int	high, low;

	*used = 1;
	if (s[0] == '+')
		return ' ';
	if (s[0] != '%')
		return s[0] == '\0' ? ERR_FORMAT : (unsigned char)s[0];
	if (len < 3)
		return ERR_FORMAT;
	high = hex(s[1]);
	low = hex(s[2]);
	if (high < 0 || low < 0 || high + low == 0)
		return ERR_FORMAT;
	*used = 3;
	return high << 4 | low;
}

/* Check an encoded piece, and say whether it is the name. */
static int
compare(const char *s, size_t len, const char *name, bool *same)
{
	size_t	i, used, n = 0, name_len = strlen(name);
	int	c;

	*same = true;
	for (i = 0; i < len; i += used, n++) {
		c = decode(s + i, len - i, &used);
		if (c < 0)
			return c;
		if (n >= name_len || (unsigned char)name[n] != c)
			*same = false;
	}
	if (n != name_len)
		*same = false;
	return 0;
}

static int
copy(const char *s, size_t len, char *value, size_t size)
{
	size_t	i, used, n = 0;
	int	c;

	for (i = 0; i < len; i += used) {
		c = decode(s + i, len - i, &used);
		if (c < 0)
			return c;
		if (size - n <= 1)
			return ERR_LIMIT;
		value[n++] = (char)c;
	}
	value[n] = '\0';
	return (int)n;
}

int
http_query_get(const char *query, size_t len, const char *name, char *value,
    size_t size)
{
	const char	*equals;
	size_t		 at, end, name_len;
	bool		 same, ignored;
	int		 e, found = ERR_NOT_FOUND;

	for (at = 0; at < len; at = end + 1) {
		for (end = at; end < len && query[end] != '&'; end++)
			continue;
		if (end == at)
			continue;
		equals = memchr(query + at, '=', end - at);
		name_len = equals == NULL ? end - at :
		    (size_t)(equals - (query + at));
		e = compare(query + at, name_len, name, &same);
		if (e != 0)
			return e;
		if (equals != NULL)
			name_len++;
		at += name_len;
		if (!same)
			e = compare(query + at, end - at, "", &ignored);
		else if (found != ERR_NOT_FOUND)
			e = ERR_DUPLICATE;
		else
			found = e = copy(query + at, end - at, value, size);
		if (e < 0)
			return e;
	}
	return found;
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Bytes of "[...]" or of a name at s. */
static size_t
host_len(const char *s, size_t len)
{
	static const char	allowed[] = "abcdefghijklmnopqrstuvwxyz"
	    "0123456789.-_";
	bool			bracket = len > 0 && s[0] == '[';
	size_t			n = bracket ? 1 : 0;

	while (n < len && s[n] != '\0' && (bracket ?
	    hex(s[n]) >= 0 || s[n] == ':' || s[n] == '.' :
	    strchr(allowed, lower(s[n])) != NULL))
		n++;
	if (!bracket)
		return n;
	return n > 1 && n < len && s[n] == ']' ? n + 1 : 0;
}

int
http_host_parse(const char *field, size_t len, char *host, size_t size)
{
	size_t	n = host_len(field, len), i;
	int64_t	port;

	if (n == 0)
		return ERR_FORMAT;
	if (n < len && (field[n] != ':' || num_parse(field + n + 1,
	    len - n - 1, 1, UINT16_MAX, &port) != 0))
		return ERR_FORMAT;
	if (n >= size)
		return ERR_LIMIT;
	for (i = 0; i < n; i++)
		host[i] = lower(field[i]);
	host[n] = '\0';
	return 0;
}
