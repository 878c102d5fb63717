/* SPDX-License-Identifier: MIT */
/*
 * The pass over a client's line before json-c sees it.  Runs in the worker.
 * Every byte here is a stranger's.  Recursion is bounded by MCP_DEPTH_MAX,
 * time by the length of the line.
 */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/num.h"
#include "base/utf8.h"
#include "mcp/meta.h"
#include "mcp/scan.h"

/* Where in a message a value stands, as far as it matters. */
enum scan_place {
	PLACE_ELSEWHERE,
	PLACE_TOP,
	PLACE_JSONRPC,
	PLACE_ID,
	PLACE_METHOD,
	PLACE_PARAMS,
	PLACE_RESULT,
	PLACE_ERROR,
	PLACE_META,
	PLACE_ARGUMENTS,
	PLACE_CURSOR,
	PLACE_NAME,
	PLACE_REQUEST_ID,
	PLACE_URI,
	PLACE_VERSION,
	PLACE_CAPABILITIES,
	PLACE_CLIENT,
	PLACE_NOTIFICATIONS,
	PLACE_REF,
	PLACE_ARGUMENT,
	PLACE_PROGRESS_TOKEN,
	PLACE_META_VERSION,
	PLACE_META_CAPABILITIES,
	PLACE_META_CLIENT,
	PLACE_META_LOG_LEVEL
};

static const struct scan_member {
	enum scan_place	 in;
	const char	*key;
	enum scan_place	 place;
	unsigned int	 has;
} scan_members[] = {
	{ PLACE_TOP,	"jsonrpc",	PLACE_JSONRPC,	MCP_HAS_JSONRPC },
	{ PLACE_TOP,	"id",		PLACE_ID,	MCP_HAS_ID },
	{ PLACE_TOP,	"method",	PLACE_METHOD,	MCP_HAS_METHOD },
	{ PLACE_TOP,	"params",	PLACE_PARAMS,	MCP_HAS_PARAMS },
	{ PLACE_TOP,	"result",	PLACE_RESULT,	MCP_HAS_RESULT },
	{ PLACE_TOP,	"error",	PLACE_ERROR,	MCP_HAS_ERROR },
	{ PLACE_PARAMS,	"_meta",	PLACE_META,	0 },
	{ PLACE_PARAMS,	"arguments",	PLACE_ARGUMENTS, 0 },
	{ PLACE_PARAMS,	"cursor",	PLACE_CURSOR,	0 },
	{ PLACE_PARAMS,	"name",		PLACE_NAME,	0 },
	{ PLACE_PARAMS,	"requestId",	PLACE_REQUEST_ID, 0 },
	{ PLACE_PARAMS,	"uri",		PLACE_URI,	0 },
	{ PLACE_PARAMS,	"protocolVersion", PLACE_VERSION, 0 },
	{ PLACE_PARAMS,	"capabilities",	PLACE_CAPABILITIES, 0 },
	{ PLACE_PARAMS,	"clientInfo",	PLACE_CLIENT,	0 },
	{ PLACE_PARAMS,	"notifications", PLACE_NOTIFICATIONS, 0 },
	{ PLACE_PARAMS,	"ref",		PLACE_REF,	0 },
	{ PLACE_PARAMS,	"argument",	PLACE_ARGUMENT,	0 },
	{ PLACE_META,	"progressToken", PLACE_PROGRESS_TOKEN, 0 },
	{ PLACE_META,	MCP_META_VERSION, PLACE_META_VERSION, 0 },
	{ PLACE_META,	MCP_META_CAPABILITIES, PLACE_META_CAPABILITIES, 0 },
	{ PLACE_META,	MCP_META_CLIENT, PLACE_META_CLIENT, 0 },
	{ PLACE_META,	MCP_META_LOG_LEVEL, PLACE_META_LOG_LEVEL, 0 }
};

#define SCAN_KEY_MAX	48	/* more than any key above */

/* A key without its escapes, as far as it fits. */
struct scan_key {
	char	text[SCAN_KEY_MAX];
	size_t	len;
};

struct scanner {
	const char	*p;
	const char	*end;
	unsigned int	 depth;
	unsigned int	 count;
	unsigned int	 seen;		/* bit n: the place n was met */
	struct mcp_scan	*scan;
};

static bool	scan_value(struct scanner *, enum scan_place);

static bool
scan_hard(struct scanner *s, enum mcp_fault fault)
{
	s->scan->fault = fault;
	return false;
}

static void
scan_soft(struct scanner *s, enum mcp_fault fault)
{
	if (s->scan->fault == MCP_FAULT_NONE || fault == MCP_FAULT_COUNT)
		s->scan->fault = fault;
}

static void
scan_space(struct scanner *s)
{
	while (s->p < s->end && (*s->p == ' ' || *s->p == '\t' ||
	    *s->p == '\r' || *s->p == '\n'))
		s->p++;
}

/* The next byte that is no space, or 0 at the end. */
static char
scan_peek(struct scanner *s)
{
	scan_space(s);
	return s->p < s->end ? *s->p : '\0';
}

static void
scan_count(struct scanner *s)
{
	if (s->count == MCP_COUNT_MAX)
		scan_soft(s, MCP_FAULT_COUNT);
	else
		s->count++;
}

static void
scan_key_add(struct scan_key *key, const char *bytes, size_t n)
{
	if (key == NULL)
		return;
	if (SCAN_KEY_MAX - key->len < n)
		n = SCAN_KEY_MAX - key->len;
	memcpy(key->text + key->len, bytes, n);
	key->len += n;
}

/* Four hexadecimal digits at p, or -1. */
static int32_t
scan_hex4(const char *p, const char *end)
{
	static const char	 digits[] = "0123456789abcdef";
	const char		*d;
	int32_t			 value = 0;
	int			 i;

	if (end - p < 4)
		return -1;
	for (i = 0; i < 4; i++) {
		if (p[i] == '\0')
			return -1;
		d = strchr(digits, p[i] >= 'A' && p[i] <= 'F' ?
		    p[i] + ('a' - 'A') : p[i]);
		if (d == NULL)
			return -1;
		value = value * 16 + (int32_t)(d - digits);
	}
	return value;
}

/* After \u: one escape, or the two of a surrogate pair. */
static bool
scan_unicode(struct scanner *s, struct scan_key *key)
{
	int32_t	unit = scan_hex4(s->p, s->end), low;
	char	c;

	if (unit == -1)
		return scan_hard(s, MCP_FAULT_SYNTAX);
	s->p += 4;
	if (unit == 0)
		scan_soft(s, MCP_FAULT_NUL);
	if ((unit & 0xf800) == 0xd800) {
		low = s->end - s->p >= 2 && s->p[0] == '\\' &&
		    s->p[1] == 'u' ? scan_hex4(s->p + 2, s->end) : -1;
		if ((unit & 0x0400) != 0 || (low & 0xfc00) != 0xdc00)
			scan_soft(s, MCP_FAULT_SURROGATE);
		else
			s->p += 6;
	}
	/* No key that matters has anything else than ASCII letters. */
	c = unit < 0x80 ? (char)unit : '\0';
	scan_key_add(key, &c, 1);
	return true;
}

/* After a backslash. */
static bool
scan_escape(struct scanner *s, struct scan_key *key)
{
	static const char	 from[] = "\"\\/bfnrt";
	static const char	 to[] = "\"\\/\b\f\n\r\t";
	const char		*c;

	if (s->p == s->end || *s->p == '\0')
		return scan_hard(s, MCP_FAULT_SYNTAX);
	if (*s->p == 'u') {
		s->p++;
		return scan_unicode(s, key);
	}
	c = strchr(from, *s->p++);
	if (c == NULL)
		return scan_hard(s, MCP_FAULT_SYNTAX);
	scan_key_add(key, to + (c - from), 1);
	return true;
}

/* A string that begins at its quote; key NULL: its text is of no interest. */
static bool
scan_string(struct scanner *s, struct scan_key *key)
{
	const char	*start = ++s->p;
	unsigned char	 c;
	size_t		 n;

	for (;;) {
		if (s->p == s->end)
			return scan_hard(s, MCP_FAULT_SYNTAX);
		c = (unsigned char)*s->p;
		if (c == '"')
			break;
		if (c < 0x20)
			return scan_hard(s, MCP_FAULT_SYNTAX);
		if (c == '\\') {
			s->p++;
			if (!scan_escape(s, key))
				return false;
			continue;
		}
		n = c < 0x80 ? 1 :
		    utf8_sequence(s->p, (size_t)(s->end - s->p));
		if (n == 0)
			return scan_hard(s, MCP_FAULT_UTF8);
		scan_key_add(key, s->p, n);
		s->p += n;
	}
	if ((size_t)(s->p - start) > MCP_STRING_MAX)
		scan_soft(s, MCP_FAULT_STRING);
	s->p++;
	return true;
}

static bool
scan_is_integer(const char *raw, size_t len)
{
	return json_is_number(raw, len) && memchr(raw, '.', len) == NULL &&
	    memchr(raw, 'e', len) == NULL && memchr(raw, 'E', len) == NULL;
}

/* Whether json-c gives this number's value, not a near one. */
static bool
scan_number_fits(const char *raw, size_t len)
{
	char	text[MCP_NUMBER_MAX + 1];
	int64_t	value;

	if (len > MCP_NUMBER_MAX)
		return false;
	if (scan_is_integer(raw, len))
		return num_parse(raw, len, INT64_MIN, INT64_MAX, &value) == 0;
	memcpy(text, raw, len);
	text[len] = '\0';
	return isfinite(strtod(text, NULL));
}

static bool
scan_number(struct scanner *s, enum scan_place place)
{
	const char	*start = s->p;
	size_t		 len;

	while (s->p < s->end && *s->p != '\0' &&
	    strchr("+-.0123456789Ee", *s->p) != NULL)
		s->p++;
	len = (size_t)(s->p - start);
	if (!json_is_number(start, len))
		return scan_hard(s, MCP_FAULT_SYNTAX);
	/* These go back as they came; json-c's value of them is not used. */
	if (place != PLACE_ID && place != PLACE_REQUEST_ID &&
	    place != PLACE_PROGRESS_TOKEN && !scan_number_fits(start, len))
		scan_soft(s, MCP_FAULT_NUMBER);
	return true;
}

static bool
scan_literal(struct scanner *s)
{
	static const char *const	words[] = { "true", "false", "null" };
	size_t				i, n;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		n = strlen(words[i]);
		if ((size_t)(s->end - s->p) >= n &&
		    memcmp(s->p, words[i], n) == 0) {
			s->p += n;
			return true;
		}
	}
	return scan_hard(s, MCP_FAULT_SYNTAX);
}

/* What a member of that name is in an object at that place. */
static enum scan_place
scan_member_place(struct scanner *s, enum scan_place in,
    const struct scan_key *key)
{
	const struct scan_member	*m;
	size_t				 i;

	if (in != PLACE_TOP && in != PLACE_PARAMS && in != PLACE_META)
		return PLACE_ELSEWHERE;
	for (i = 0; i < sizeof(scan_members) / sizeof(scan_members[0]); i++) {
		m = &scan_members[i];
		if (m->in != in || strlen(m->key) != key->len ||
		    memcmp(m->key, key->text, key->len) != 0)
			continue;
		if ((s->seen & 1u << m->place) != 0)
			scan_soft(s, MCP_FAULT_DUPLICATE);
		s->seen |= 1u << m->place;
		s->scan->has |= m->has;
		return m->place;
	}
	return PLACE_ELSEWHERE;
}

static bool
scan_member(struct scanner *s, enum scan_place in)
{
	struct scan_key	key = { .len = 0 };
	enum scan_place	place;

	if (scan_peek(s) != '"')
		return scan_hard(s, MCP_FAULT_SYNTAX);
	if (!scan_string(s, &key))
		return false;
	place = scan_member_place(s, in, &key);
	if (scan_peek(s) != ':')
		return scan_hard(s, MCP_FAULT_SYNTAX);
	s->p++;
	return scan_value(s, place);
}

/* An object or an array that begins at its bracket. */
static bool
scan_container(struct scanner *s, enum scan_place place)
{
	bool	object = *s->p == '{';
	char	close = object ? '}' : ']', c;

	if (s->depth == MCP_DEPTH_MAX)
		return scan_hard(s, MCP_FAULT_DEPTH);
	s->depth++;
	s->p++;
	c = scan_peek(s);
	while (c != close) {
		scan_count(s);
		if (!(object ? scan_member(s, place) :
		    scan_value(s, PLACE_ELSEWHERE)))
			return false;
		c = scan_peek(s);
		if (c == close)
			break;
		if (c != ',')
			return scan_hard(s, MCP_FAULT_SYNTAX);
		s->p++;
		/* A comma promises one more. */
		c = scan_peek(s);
		if (c == close)
			return scan_hard(s, MCP_FAULT_SYNTAX);
	}
	s->p++;
	s->depth--;
	return true;
}

/* Keep the raw bytes of a value that goes back to the client. */
static void
scan_keep(struct scanner *s, enum scan_place place, const char *start)
{
	struct mcp_slice	*slice;
	size_t			 len = (size_t)(s->p - start);

	if (place == PLACE_ID)
		slice = &s->scan->id;
	else if (place == PLACE_REQUEST_ID)
		slice = &s->scan->request_id;
	else if (place == PLACE_PROGRESS_TOKEN)
		slice = &s->scan->progress_token;
	else
		return;
	slice->data = NULL;
	slice->len = 0;
	if (len > MCP_ID_MAX || (*start != '"' && !scan_is_integer(start,
	    len)))
		return;
	slice->data = start;
	slice->len = len;
}

static bool
scan_value(struct scanner *s, enum scan_place place)
{
	char		 c = scan_peek(s);
	const char	*start = s->p;
	bool		 ok;

	if (c == '{' || c == '[')
		ok = scan_container(s, place);
	else if (c == '"')
		ok = scan_string(s, NULL);
	else if (c == '-' || (c >= '0' && c <= '9'))
		ok = scan_number(s, place);
	else
		ok = scan_literal(s);
	if (ok)
		scan_keep(s, place, start);
	return ok;
}

static enum mcp_shape
scan_shape(struct scanner *s)
{
	char	c = scan_peek(s);

	if (s->p == s->end)
		return MCP_SHAPE_BLANK;
	return c == '{' ? MCP_SHAPE_OBJECT : c == '[' ? MCP_SHAPE_ARRAY :
	    MCP_SHAPE_OTHER;
}

static bool
scan_all(struct scanner *s)
{
	s->scan->shape = scan_shape(s);
	if (s->scan->shape == MCP_SHAPE_BLANK)
		return true;
	if (!scan_value(s, PLACE_TOP))
		return false;
	scan_space(s);
	return s->p == s->end || scan_hard(s, MCP_FAULT_SYNTAX);
}

void
mcp_scan_line(const char *line, size_t len, size_t line_max,
    struct mcp_scan *scan)
{
	struct scanner	 s = { .p = line, .scan = scan };
	enum mcp_shape	 shape;
	enum mcp_fault	 fault;

	memset(scan, 0, sizeof(*scan));
	if (len > line_max || len > MCP_LINE_MAX) {
		scan->shape = MCP_SHAPE_OTHER;
		scan->fault = MCP_FAULT_LINE;
		return;
	}
	s.end = line + len;
	if (scan_all(&s))
		return;
	/* Half a line is no source of an id. */
	shape = scan->shape;
	fault = scan->fault;
	memset(scan, 0, sizeof(*scan));
	scan->shape = shape;
	scan->fault = fault;
}

bool
mcp_scan_element(const struct mcp_slice *array, size_t *at,
    struct mcp_slice *element)
{
	struct mcp_scan	 scan = { .fault = MCP_FAULT_NONE };
	struct scanner	 s = {
		.p = array->data + *at, .end = array->data + array->len,
		.scan = &scan
	};
	char		 c = scan_peek(&s);

	/* The bracket before the first one, the comma before any other. */
	if (c != (*at == 0 ? '[' : ','))
		return false;
	s.p++;
	if (scan_peek(&s) == ']')
		return false;
	element->data = s.p;
	if (!scan_value(&s, PLACE_ELSEWHERE))
		return false;
	element->len = (size_t)(s.p - element->data);
	*at = (size_t)(s.p - array->data);
	return true;
}

bool
mcp_scan_is_id(const char *raw, size_t len)
{
	struct mcp_scan	 scan = { .fault = MCP_FAULT_NONE };
	struct scanner	 s = { .p = raw, .end = raw + len, .scan = &scan };

	if (len == 0 || len > MCP_ID_MAX)
		return false;
	if (*raw != '"')
		return scan_is_integer(raw, len);
	return scan_string(&s, NULL) && s.p == s.end;
}
