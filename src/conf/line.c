/* SPDX-License-Identifier: MIT */
/*
 * Lines to words.  Runs in the master; the bytes are those of a file that
 * only its user or root can write, but may still be anything.
 */
#include <stdbool.h>

#include "base/err.h"
#include "base/utf8.h"
#include "conf/line.h"

static bool
is_space(char c)
{
	return c == ' ' || c == '\t';
}

static bool
has_control(const char *text, size_t len)
{
	size_t	i;

	for (i = 0; i < len; i++) {
		if (((unsigned char)text[i] < ' ' && text[i] != '\t') ||
		    text[i] == 0x7f)
			return true;
	}
	return false;
}

/* From the byte after the quote; returns that after the closing one. */
static char *
unquote(char *s, char **end, const char **why)
{
	char	*out = s;

	for (; *s != '"'; s++) {
		if (*s == '\\' && s[1] != '"' && s[1] != '\\') {
			*why = "in quotes, \\ must stand before \" or \\";
			return NULL;
		}
		if (*s == '\\')
			s++;
		if (*s == '\0') {
			*why = "a closing quote is missing";
			return NULL;
		}
		*out++ = *s;
	}
	*end = out;
	return s + 1;
}

static char *
plain(char *s, char **end, const char **why)
{
	for (; *s != '\0' && !is_space(*s); s++) {
		if (*s == '"') {
			*why = "a quote in the middle of a word";
			return NULL;
		}
	}
	*end = s;
	return s;
}

static int
split(char *s, struct line *line, const char **why)
{
	char	*end;

	for (;;) {
		while (is_space(*s))
			s++;
		if (*s == '\0' || *s == '#')
			return 0;
		if (line->count == LINE_WORDS_MAX) {
			*why = "too many words";
			return ERR_FORMAT;
		}
		line->words[line->count] = *s == '"' ? s + 1 : s;
		s = *s == '"' ? unquote(s + 1, &end, why) :
		    plain(s, &end, why);
		if (s == NULL)
			return ERR_FORMAT;
		if (*s != '\0' && !is_space(*s)) {
			*why = "a space is missing after a closing quote";
			return ERR_FORMAT;
		}
		line->count++;
		if (*s != '\0')
			s++;
		*end = '\0';
	}
}

int
line_split(char *text, size_t len, struct line *line, const char **why)
{
	line->count = 0;
	if (len > 0 && text[len - 1] == '\r')
		text[--len] = '\0';
	if (has_control(text, len)) {
		*why = "a control character";
		return ERR_FORMAT;
	}
	if (!utf8_valid(text, len)) {
		*why = "not UTF-8";
		return ERR_FORMAT;
	}
	return split(text, line, why);
}
