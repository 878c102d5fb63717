/* SPDX-License-Identifier: MIT */
/*
 * Text for people.  Runs in jhe-mcp; what is shown may come from the
 * database or the exchange, and is untrusted.
 */
#include <sys/ioctl.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "cli/terminal.h"

#define TERMINAL_REPLACEMENT	"\xef\xbf\xbd"	/* U+FFFD */
#define TERMINAL_LINE_MAX	65536

/* Does something other than standing where it is written. */
static bool
terminal_is_command(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp <= 0x9f) ||
	    cp == 0x061c || cp == 0x200e || cp == 0x200f ||
	    (cp >= 0x2028 && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069);
}

static void
terminal_filter(struct buf *out, const char *s, size_t len,
    const char *allowed)
{
	uint32_t	cp;
	size_t		i, n;

	for (i = 0; i < len; i += n) {
		n = utf8_decode(s + i, len - i, &cp);
		if (n == 1 && cp != 0 && strchr(allowed, s[i]) != NULL)
			buf_addc(out, s[i]);
		else if (n == 0 || terminal_is_command(cp)) {
			buf_adds(out, TERMINAL_REPLACEMENT);
			n = n == 0 ? 1 : n;
		} else
			buf_add(out, s + i, n);
	}
}

void
terminal_clean(struct buf *out, const char *s, size_t len)
{
	terminal_filter(out, s, len, "\n\t");
}

void
terminal_print(FILE *out, const char *s)
{
	struct buf	b;

	buf_init(&b, TERMINAL_LINE_MAX);
	terminal_filter(&b, s, strlen(s), "");
	fputs(buf_string(&b), out);
	buf_free(&b);
}

void
terminal_clean_json(struct buf *out, const char *s, size_t len)
{
	uint32_t	cp;
	size_t		i, n;

	for (i = 0; i < len; i += n) {
		n = utf8_decode(s + i, len - i, &cp);
		if (n == 0) {
			/* Only within a string, as the rest is ASCII. */
			buf_adds(out, "\\ufffd");
			n = 1;
		} else if (cp >= 0x7f && terminal_is_command(cp))
			buf_addf(out, "\\u%04x", (unsigned int)cp);
		else
			buf_add(out, s + i, n);
	}
}

bool
terminal_has_colour(FILE *out)
{
	const char	*no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(fileno(out)) == 1 && (no == NULL || no[0] == '\0') &&
	    term != NULL && term[0] != '\0' && strcmp(term, "dumb") != 0;
}

const char *
terminal_style(FILE *out, enum terminal_style style)
{
	static const char *const	sequences[] = {
		[TERMINAL_PLAIN] = "\033[0m",
		[TERMINAL_BOLD] = "\033[1m",
		[TERMINAL_GREEN] = "\033[32m",
		[TERMINAL_YELLOW] = "\033[33m",
		[TERMINAL_RED] = "\033[31m",
	};

	return terminal_has_colour(out) ? sequences[style] : "";
}

int
terminal_columns(FILE *out)
{
	struct winsize	size;

	if (isatty(fileno(out)) != 1)
		return 0;
	if (ioctl(fileno(out), TIOCGWINSZ, &size) == -1 || size.ws_col == 0)
		return 80;
	return size.ws_col;
}

bool
terminal_is_attended(void)
{
	/* Where the address to sign in at is written. */
	return isatty(STDERR_FILENO) == 1;
}
