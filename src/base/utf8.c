/* SPDX-License-Identifier: MIT */
/*
 * UTF-8 checking.  Runs wherever bytes of a client, an exchange or a
 * database are looked at; they may be anything.
 */
#include "base/utf8.h"

static bool
utf8_more(const char *s, size_t i, uint32_t *cp)
{
	unsigned char	c = (unsigned char)s[i];

	if ((c & 0xc0) != 0x80)
		return false;
	*cp = *cp << 6 | (c & 0x3f);
	return true;
}

size_t
utf8_decode(const char *s, size_t len, uint32_t *cp)
{
	static const uint32_t	least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char		c;
	size_t			n, i;

	if (len == 0)
		return 0;
	c = (unsigned char)s[0];
	if (c < 0x80) {
		*cp = c;
		return 1;
	}
	n = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
	if (c < 0xc2 || c > 0xf4 || len < n)
		return 0;
	*cp = c & (0xffu >> (n + 1));
	for (i = 1; i < n; i++)
		if (!utf8_more(s, i, cp))
			return 0;
	if (*cp < least[n] || *cp > 0x10ffff ||
	    (*cp >= 0xd800 && *cp <= 0xdfff))
		return 0;
	return n;
}

size_t
utf8_sequence(const char *s, size_t len)
{
	uint32_t	cp;

	return utf8_decode(s, len, &cp);
}

bool
utf8_valid(const char *s, size_t len)
{
	size_t	i = 0, n;

	while (i < len) {
		n = utf8_sequence(s + i, len - i);
		if (n == 0)
			return false;
		i += n;
	}
	return true;
}
