/* SPDX-License-Identifier: MIT */
/*
 * Connection strings without their passwords.  Runs in jhe-mcp; the string is
 * the user's own.  libpq, which reads it in a worker, is not linked here: the
 * two forms are those of its manual (34.1.1).
 */
#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "cli/conninfo.h"

static bool
conninfo_is_secret(const char *name, size_t len)
{
	static const char *const	names[] = { "password", "sslpassword" };
	size_t				i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (len == strlen(names[i]) &&
		    strncmp(name, names[i], len) == 0)
			return true;
	/* A name in disguise: nobody needs one. */
	return memchr(name, '%', len) != NULL;
}

/* --- postgresql://user:password@host/name?keyword=value&... --- */

static void
conninfo_query(const char *query, struct buf *out, bool *had)
{
	char	separator = '?';
	size_t	len;

	for (;; query += len + 1) {
		len = strcspn(query, "&");
		if (conninfo_is_secret(query, strcspn(query, "=&")))
			*had = true;
		else {
			buf_addc(out, separator);
			buf_add(out, query, len);
			separator = '&';
		}
		if (query[len] == '\0')
			return;
	}
}

static void
conninfo_url(const char *url, size_t scheme, struct buf *out, bool *had)
{
	const char	*rest = url + scheme;
	size_t		 user = strcspn(rest, ":@/"), end;

	buf_add(out, url, scheme);
	end = strcspn(rest, "@/");
	if (rest[end] == '@') {
		buf_add(out, rest, user);
		*had = rest[user] == ':';
		rest += end;
	}
	end = strcspn(rest, "?");
	buf_add(out, rest, end);
	if (rest[end] == '?')
		conninfo_query(rest + end + 1, out, had);
}

/* --- keyword = value keyword = 'value' --- */

static const char *
conninfo_skip_space(const char *s)
{
	while (isspace((unsigned char)*s))
		s++;
	return s;
}

/* Behind the value; NULL if a quote is missing. */
static const char *
conninfo_skip_value(const char *s)
{
	bool	quoted = *s == '\'';

	for (s += quoted; *s != '\0'; s++) {
		if (quoted ? *s == '\'' : isspace((unsigned char)*s))
			return s + quoted;
		if (*s == '\\' && s[1] != '\0')
			s++;
	}
	return quoted ? NULL : s;
}

static int
conninfo_pairs(const char *s, struct buf *out, bool *had)
{
	const char	*name, *end;
	size_t		 len;

	for (s = conninfo_skip_space(s); *s != '\0';
	    s = conninfo_skip_space(end)) {
		name = s;
		len = strcspn(s, "= \t\n\r\f\v");
		s = conninfo_skip_space(s + len);
		if (len == 0 || *s != '=')
			return ERR_FORMAT;
		end = conninfo_skip_value(conninfo_skip_space(s + 1));
		if (end == NULL)
			return ERR_FORMAT;
		if (conninfo_is_secret(name, len)) {
			*had = true;
			continue;
		}
		if (out->len > 0)
			buf_addc(out, ' ');
		buf_add(out, name, (size_t)(end - name));
	}
	return 0;
}

int
conninfo_without_password(const char *conninfo, struct buf *out, bool *had)
{
	static const char *const	schemes[] = {
		"postgresql://", "postgres://",
	};
	struct buf			text;
	size_t				i;
	int				r = 0;

	*had = false;
	for (i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (strncmp(conninfo, schemes[i], strlen(schemes[i])) == 0)
			break;
	buf_init(&text, strlen(conninfo) + 1);
	if (i < sizeof(schemes) / sizeof(schemes[0]))
		conninfo_url(conninfo, strlen(schemes[i]), &text, had);
	else
		r = conninfo_pairs(conninfo, &text, had);
	if (r == 0 && (r = buf_error(&text)) == 0) {
		buf_adds(out, buf_string(&text));
		r = buf_error(out);
	}
	buf_free(&text);
	return r;
}
