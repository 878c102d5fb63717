/* SPDX-License-Identifier: MIT */
/*
 * The streaming JSON writer.  Runs in the worker for every answer and in
 * the user's program for its cache.  Strings may hold anything a patient, a
 * clerk or a device ever stored.
 */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/utf8.h"

void
json_init(struct json *j, struct buf *out)
{
	memset(j, 0, sizeof(*j));
	j->out = out;
}

/* Before a value or a name: the comma, unless it is the first. */
static void
json_separate(struct json *j)
{
	uint64_t	bit = UINT64_C(1) << j->depth;

	if (j->after_key) {
		j->after_key = false;
		return;
	}
	if (j->depth > 0 && (j->filled & bit) != 0)
		buf_addc(j->out, ',');
	j->filled |= bit;
}

static void
json_open(struct json *j, char c)
{
	json_separate(j);
	if (j->depth == JSON_DEPTH_MAX) {
		j->out->error = ERR_LIMIT;
		return;
	}
	j->depth++;
	j->filled &= ~(UINT64_C(1) << j->depth);
	buf_addc(j->out, c);
}

static void
json_close(struct json *j, char c)
{
	if (j->depth > 0)
		j->depth--;
	buf_addc(j->out, c);
}

void
json_object_begin(struct json *j)
{
	json_open(j, '{');
}

void
json_object_end(struct json *j)
{
	json_close(j, '}');
}

void
json_array_begin(struct json *j)
{
	json_open(j, '[');
}

void
json_array_end(struct json *j)
{
	json_close(j, ']');
}

void
json_key(struct json *j, const char *key)
{
	json_separate(j);
	json_escape(j->out, key, strlen(key));
	buf_addc(j->out, ':');
	j->after_key = true;
}

void
json_string(struct json *j, const char *s)
{
	json_stringn(j, s, strlen(s));
}

void
json_stringn(struct json *j, const char *s, size_t len)
{
	json_separate(j);
	json_escape(j->out, s, len);
}

void
json_stringf(struct json *j, const char *fmt, ...)
{
	struct buf	text;
	va_list		ap;
	int		n;

	buf_init(&text, j->out->max);
	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0 || buf_reserve(&text, (size_t)n) != 0) {
		j->out->error = n < 0 ? ERR_SYSTEM : buf_error(&text);
		buf_free(&text);
		return;
	}
	va_start(ap, fmt);
	vsnprintf(text.data, (size_t)n + 1, fmt, ap);
	va_end(ap);
	text.len = (size_t)n;
	json_stringn(j, text.data, text.len);
	buf_free(&text);
}

void
json_int(struct json *j, int64_t value)
{
	json_separate(j);
	buf_addf(j->out, "%lld", (long long)value);
}

void
json_boolean(struct json *j, bool value)
{
	json_separate(j);
	buf_adds(j->out, value ? "true" : "false");
}

void
json_null(struct json *j)
{
	json_separate(j);
	buf_adds(j->out, "null");
}

void
json_double(struct json *j, double value, int decimals)
{
	char	text[352];	/* DBL_MAX has 309 digits */
	int	n;

	if (!isfinite(value) || decimals < 0 || decimals > 17) {
		json_null(j);
		return;
	}
	n = snprintf(text, sizeof(text), "%.*f", decimals, value);
	if (n < 0 || (size_t)n >= sizeof(text)) {
		json_null(j);
		return;
	}
	if (decimals > 0) {
		while (text[n - 1] == '0')
			n--;
		if (text[n - 1] == '.')
			n--;
	}
	if (n == 2 && memcmp(text, "-0", 2) == 0)
		json_raw(j, "0", 1);
	else
		json_raw(j, text, (size_t)n);
}

void
json_raw(struct json *j, const char *text, size_t len)
{
	json_separate(j);
	buf_add(j->out, text, len);
}

static size_t
json_digits(const char *text, size_t i, size_t len)
{
	while (i < len && text[i] >= '0' && text[i] <= '9')
		i++;
	return i;
}

bool
json_is_number(const char *text, size_t len)
{
	size_t	i = 0, start;

	if (i < len && text[i] == '-')
		i++;
	start = i;
	i = json_digits(text, i, len);
	if (i == start || (text[start] == '0' && i - start > 1))
		return false;
	if (i < len && text[i] == '.') {
		start = ++i;
		i = json_digits(text, i, len);
		if (i == start)
			return false;
	}
	if (i < len && (text[i] == 'e' || text[i] == 'E')) {
		i++;
		if (i < len && (text[i] == '+' || text[i] == '-'))
			i++;
		start = i;
		i = json_digits(text, i, len);
		if (i == start)
			return false;
	}
	return i == len && len > 0;
}

/* One byte below 0x20, or a quote, a backslash, DEL: its escape. */
static void
json_escape_byte(struct buf *out, unsigned char c)
{
	static const char	 letters[] = "btn?fr";

	if (c == '"' || c == '\\') {
		buf_addc(out, '\\');
		buf_addc(out, (char)c);
	} else if (c >= 8 && c <= 13 && c != 11) {
		buf_addc(out, '\\');
		buf_addc(out, letters[c - 8]);
	} else
		buf_addf(out, "\\u%04x", c);
}

void
json_escape(struct buf *out, const char *s, size_t len)
{
	size_t		i = 0, start = 0, n;
	unsigned char	c;

	buf_addc(out, '"');
	while (i < len) {
		c = (unsigned char)s[i];
		if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\') {
			i++;
			continue;
		}
		n = c < 0x80 ? 0 : utf8_sequence(s + i, len - i);
		if (n > 0) {
			i += n;
			continue;
		}
		buf_add(out, s + start, i - start);
		if (c < 0x80)
			json_escape_byte(out, c);
		else
			buf_adds(out, "\xef\xbf\xbd");
		start = ++i;
	}
	buf_add(out, s + start, len - start);
	buf_addc(out, '"');
}
