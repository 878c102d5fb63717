/* SPDX-License-Identifier: MIT */
/*
 * What each type of option accepts.  Runs in the master; the texts are a
 * person's, from a file, the environment or the command line.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/num.h"
#include "base/utf8.h"
#include "conf/tools.h"
#include "conf/values.h"

#define EXPAND_MAX	8192	/* bytes of a path with HOME in it */

/* A row's check: 0 with the canonical text in out, or ERR_FORMAT and why. */
typedef int	value_fn(const struct conf_option *o, const char *text,
		    struct buf *out, int64_t *number, struct buf *why);

static bool
printable(const char *s, bool space)
{
	const char	*p;

	for (p = s; *p != '\0'; p++) {
		if ((unsigned char)*p < ' ' || *p == 0x7f ||
		    (*p == ' ' && !space))
			return false;
	}
	return utf8_valid(s, strlen(s));
}

static int
refuse(struct buf *why, const char *sentence)
{
	buf_adds(why, sentence);
	return ERR_FORMAT;
}

static int
value_string(const struct conf_option *o, const char *text, struct buf *out,
    int64_t *number, struct buf *why)
{
	(void)o;
	(void)number;
	if (!printable(text, false))
		return refuse(why, "expected text without spaces");
	buf_adds(out, text);
	return 0;
}

static int
value_words(const struct conf_option *o, const char *text, struct buf *out,
    int64_t *number, struct buf *why)
{
	const char	*p = text;
	size_t		 n;

	(void)o;
	(void)number;
	if (!printable(text, true))
		return refuse(why, "expected words parted by spaces");
	while (p += strspn(p, " "), (n = strcspn(p, " ")) > 0) {
		if (out->len > 0)
			buf_addc(out, ' ');
		buf_add(out, p, n);
		p += n;
	}
	if (out->len == 0)
		return refuse(why, "expected at least one word");
	return 0;
}

static int
value_number(const struct conf_option *o, const char *text, struct buf *out,
    int64_t *number, struct buf *why)
{
	const char	*unit = o->type == CONF_TYPE_SECONDS ?
	    "a number of seconds" : "a number";

	if (num_parse(text, strlen(text), o->min, o->max, number) != 0) {
		buf_addf(why, "expected %s from %lld to %lld", unit,
		    (long long)o->min, (long long)o->max);
		return ERR_FORMAT;
	}
	buf_addf(out, "%lld", (long long)*number);
	return 0;
}

static int
value_enum(const struct conf_option *o, const char *text, struct buf *out,
    int64_t *number, struct buf *why)
{
	const char	*p = o->choices;
	size_t		 n, len = strlen(text);
	int64_t		 index;

	for (index = 0;; index++, p += n + 1) {
		n = strcspn(p, "|");
		if (n == len && memcmp(p, text, n) == 0) {
			*number = index;
			buf_adds(out, text);
			return 0;
		}
		if (p[n] == '\0')
			break;
	}
	buf_addf(why, "expected one of %s", o->choices);
	return ERR_FORMAT;
}

static int
value_path(const struct conf_option *o, const char *text, struct buf *out,
    int64_t *number, struct buf *why)
{
	const char	*home;

	(void)o;
	(void)number;
	if (!printable(text, true))
		return refuse(why, "expected a path");
	if (text[0] == '~' && (text[1] == '/' || text[1] == '\0')) {
		home = getenv("HOME");
		if (home == NULL || home[0] != '/' || !printable(home, true))
			return refuse(why, "~ needs HOME, which is not set");
		buf_adds(out, home);
		text++;
	} else if (text[0] != '/')
		return refuse(why, "expected a path that begins with / or ~/");
	buf_adds(out, text);
	return 0;
}

/* Of "host", "host:port", "[::1]:port": is it one? */
static bool
is_authority(const char *s, size_t len)
{
	static const char	 name[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
	static const char	 address[] = "0123456789abcdefABCDEF:.";
	size_t			 host;
	int64_t			 port;

	if (len > 0 && s[0] == '[') {
		host = 1 + strspn(s + 1, address);
		if (host == 1 || s[host] != ']')
			return false;
		host++;
	} else
		host = strspn(s, name);
	if (host == 0 || host > len)
		return false;
	if (host == len)
		return true;
	return s[host] == ':' && num_parse(s + host + 1, len - host - 1, 1,
	    65535, &port) == 0;
}

static int
value_issuer(const struct conf_option *o, const char *text, struct buf *out,
    int64_t *number, struct buf *why)
{
	const char	*rest = NULL;

	(void)o;
	(void)number;
	if (strncmp(text, "https://", 8) == 0)
		rest = text + 8;
	else if (strncmp(text, "http://", 7) == 0)
		rest = text + 7;
	if (rest == NULL)
		return refuse(why,
		    "expected a URL that begins with https:// or http://");
	if (!printable(text, false) || strpbrk(text, "?#\\\"<>") != NULL)
		return refuse(why, "expected a URL without spaces, query and "
		    "fragment");
	/* A name or password in it would travel to every log of requests. */
	if (!is_authority(rest, strcspn(rest, "/")))
		return refuse(why, "expected a URL with a host and, at most, "
		    "a port and a path");
	buf_adds(out, text);
	return 0;
}

static int
value_url(const struct conf_option *o, const char *text, struct buf *out,
    int64_t *number, struct buf *why)
{
	int	r;

	r = value_issuer(o, text, out, number, why);
	while (r == 0 && out->len > 0 && out->data[out->len - 1] == '/')
		buf_truncate(out, out->len - 1);
	return r;
}

static int
value_database(const struct conf_option *o, const char *text, struct buf *out,
    int64_t *number, struct buf *why)
{
	(void)o;
	(void)number;
	if (!printable(text, true))
		return refuse(why, "expected a PostgreSQL URL or conninfo");
	if (strncmp(text, "postgresql://", 13) != 0 &&
	    strncmp(text, "postgres://", 11) != 0 && strchr(text, '=') == NULL)
		return refuse(why, "expected a PostgreSQL URL, or conninfo "
		    "such as \"host=... dbname=...\"");
	buf_adds(out, text);
	return 0;
}

static int
value_zone(const struct conf_option *o, const char *text, struct buf *out,
    int64_t *number, struct buf *why)
{
	static const char	allowed[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_+-";

	(void)o;
	(void)number;
	if (text[strspn(text, allowed)] != '\0' || text[0] == '/' ||
	    text[strlen(text) - 1] == '/')
		return refuse(why, "expected the name of a time zone, such as "
		    "Europe/Berlin");
	buf_adds(out, text);
	return 0;
}

/* One name, or what stands for several; a name that is there is not added. */
static int
value_tool(const struct conf_option *o, const char *word, size_t len,
    struct buf *out, struct buf *why)
{
	if (o->preset != NULL && conf_tools_set(word, len, out) == 0)
		return 0;
	if (conf_tools_known(word, len)) {
		if (!conf_tools_has(buf_string(out), word, len))
			buf_addf(out, "%s%.*s", out->len > 0 ? " " : "",
			    (int)len, word);
		return 0;
	}
	conf_tools_unknown(word, len, why);
	return ERR_FORMAT;
}

static int
value_tools(const struct conf_option *o, const char *text, struct buf *out,
    int64_t *number, struct buf *why)
{
	const char	*p = text;
	size_t		 n;
	int		 r;

	(void)number;
	if (!printable(text, true))
		return refuse(why, "expected names of tools");
	while (p += strspn(p, " ,"), (n = strcspn(p, " ,")) > 0) {
		if ((r = value_tool(o, p, n, out, why)) != 0)
			return r;
		p += n;
	}
	if (out->len == 0)
		return refuse(why, "expected names of tools");
	return 0;
}

static value_fn *const	checks[CONF_TYPES] = {
	[CONF_TYPE_STRING] = value_string,
	[CONF_TYPE_WORDS] = value_words,
	[CONF_TYPE_INT] = value_number,
	[CONF_TYPE_SECONDS] = value_number,
	[CONF_TYPE_PORT] = value_number,
	[CONF_TYPE_ENUM] = value_enum,
	[CONF_TYPE_PATH] = value_path,
	[CONF_TYPE_SECRET] = value_path,
	[CONF_TYPE_URL] = value_url,
	[CONF_TYPE_ISSUER] = value_issuer,
	[CONF_TYPE_DATABASE] = value_database,
	[CONF_TYPE_ZONE] = value_zone,
	[CONF_TYPE_TOOLS] = value_tools
};

/* min and max are the length of these, not the value. */
static bool
has_length(enum conf_type type)
{
	return type != CONF_TYPE_INT && type != CONF_TYPE_SECONDS &&
	    type != CONF_TYPE_PORT && type != CONF_TYPE_ENUM &&
	    type != CONF_TYPE_SECRET;
}

static int
check_length(const struct conf_option *o, size_t len, struct buf *why)
{
	if (len >= (size_t)o->min && len <= (size_t)o->max)
		return 0;
	buf_addf(why, "expected %lld to %lld bytes", (long long)o->min,
	    (long long)o->max);
	return ERR_FORMAT;
}

static int
finish(struct buf *canonical, char **out)
{
	if (buf_error(canonical) != 0)
		return ERR_MEMORY;
	*out = strdup(buf_string(canonical));
	return *out == NULL ? ERR_MEMORY : 0;
}

int
value_parse(const struct conf_option *o, const char *text, char **out,
    int64_t *number, struct buf *why)
{
	struct buf	canonical;
	int		r;

	buf_init(&canonical, EXPAND_MAX);
	if (text[0] == '\0')
		r = refuse(why, "the value is empty");
	else
		r = checks[o->type](o, text, &canonical, number, why);
	if (r == 0 && buf_error(&canonical) == ERR_LIMIT)
		r = refuse(why, "too long");
	if (r == 0 && has_length(o->type))
		r = check_length(o, canonical.len, why);
	if (r == 0)
		r = finish(&canonical, out);
	buf_free(&canonical);
	return r;
}

int
value_parse_secret(const struct conf_option *o, const char *text, char **out,
    struct buf *why)
{
	int	r;

	if (!printable(text, true))
		return refuse(why, "the secret has control characters");
	r = check_length(o, strlen(text), why);
	if (r != 0)
		return r;
	*out = strdup(text);
	return *out == NULL ? ERR_MEMORY : 0;
}
