/* SPDX-License-Identifier: MIT */
/*
 * URLs.  Runs in the master (configuration), the broker (endpoints that the
 * exchange names: untrusted) and the gate.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/num.h"
#include "compat/compat.h"
#include "oauth/url.h"

#define ALPHA_DIGIT \
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

static const char unreserved[] = ALPHA_DIGIT "-._~";
/* pchar of RFC 3986 §3.3 and '/'; '%' is looked at apart. */
static const char path_characters[] = ALPHA_DIGIT "-._~!$&'()*+,;=:@/";
static const char query_characters[] = ALPHA_DIGIT "-._~!$&'()*+,;=:@/?";
static const char name_characters[] =
    "abcdefghijklmnopqrstuvwxyz0123456789-._";
static const char ipv6_characters[] = "abcdef0123456789:.";

/* len bytes, all of the set or %XX. */
static bool
url_has_only(const char *s, size_t len, const char *set)
{
	size_t	i;

	for (i = 0; i < len; i++) {
		if (s[i] == '%') {
			if (len - i < 3 || !isxdigit((unsigned char)s[i + 1]) ||
			    !isxdigit((unsigned char)s[i + 2]))
				return false;
			i += 2;
		} else if (s[i] == '\0' || strchr(set, s[i]) == NULL)
			return false;
	}
	return true;
}

/* len bytes into to[size] if they are all of the set. */
static int
url_copy(char *to, size_t size, const char *from, size_t len, const char *set)
{
	if (len >= size || !url_has_only(from, len, set))
		return ERR_FORMAT;
	memcpy(to, from, len);
	to[len] = '\0';
	return 0;
}

static int
url_set_port(struct url *u, const char *s, size_t len)
{
	int64_t	port;

	if (len == 0 || s[0] != ':' || len > sizeof(":65535") - 1 ||
	    s[1] == '-' || num_parse(s + 1, len - 1, 1, 65535, &port) != 0)
		return ERR_FORMAT;
	u->port = (uint16_t)port;
	u->has_port = true;
	return 0;
}

/* "host", "host:port", "[v6]" or "[v6]:port" in len bytes. */
static int
url_set_authority(struct url *u, const char *s, size_t len)
{
	const char	*host = s, *end;
	size_t		 i, host_len;

	u->ipv6 = len > 0 && s[0] == '[';
	if (u->ipv6) {
		host++;
		end = memchr(s, ']', len);
	} else if ((end = memchr(s, ':', len)) == NULL)
		end = s + len;
	if (end == NULL || end == host)
		return ERR_FORMAT;
	host_len = (size_t)(end - host);
	if (host_len >= sizeof(u->host))
		return ERR_FORMAT;
	for (i = 0; i < host_len; i++)
		u->host[i] = (char)tolower((unsigned char)host[i]);
	u->host[host_len] = '\0';
	if (strspn(u->host, u->ipv6 ? ipv6_characters : name_characters) !=
	    host_len || (!u->ipv6 && (u->host[0] == '.' || u->host[0] == '-')))
		return ERR_FORMAT;
	if (u->ipv6)
		end++;
	if (end == s + len)
		return 0;
	return url_set_port(u, end, (size_t)(s + len - end));
}

int
url_split(const char *text, struct url *u)
{
	const char	*s;
	size_t		 len;
	int		 r;

	memset(u, 0, sizeof(*u));
	if (strlen(text) >= URL_SIZE)
		return ERR_LIMIT;
	if (strncasecmp(text, "https://", 8) == 0) {
		u->https = true;
		s = text + 8;
	} else if (strncasecmp(text, "http://", 7) == 0)
		s = text + 7;
	else
		return ERR_FORMAT;
	u->port = u->https ? 443 : 80;
	len = strcspn(s, "/?");
	if ((r = url_set_authority(u, s, len)) != 0)
		return r;
	s += len;
	len = strcspn(s, "?");
	if ((r = url_copy(u->path, sizeof(u->path), s, len,
	    path_characters)) != 0)
		return r;
	s += len;
	if (*s == '?')
		s++;
	return url_copy(u->query, sizeof(u->query), s, strlen(s),
	    query_characters);
}

bool
url_same_origin(const struct url *a, const struct url *b)
{
	return a->https == b->https && a->port == b->port &&
	    a->ipv6 == b->ipv6 && strcmp(a->host, b->host) == 0;
}

bool
url_is_loopback(const struct url *u)
{
	return strcmp(u->host, u->ipv6 ? "::1" : "localhost") == 0 ||
	    (!u->ipv6 && strcmp(u->host, "127.0.0.1") == 0);
}

void
url_encode(struct buf *out, const char *s)
{
	for (; *s != '\0'; s++) {
		if (strchr(unreserved, *s) != NULL)
			buf_addc(out, *s);
		else
			buf_addf(out, "%%%02X", (unsigned char)*s);
	}
}

void
url_add_param(struct buf *out, char separator, const char *name,
    const char *value)
{
	if (separator != 0)
		buf_addc(out, separator);
	url_encode(out, name);
	buf_addc(out, '=');
	url_encode(out, value);
}
