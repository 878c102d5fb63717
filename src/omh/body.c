/* SPDX-License-Identifier: MIT */
/*
 * Reading values out of the JSON text of a body.  Runs in the worker.  What a
 * device, an importer or a patient's program stored is untrusted.
 */
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "omh/body.h"

struct omh_cursor {
	const char	*at;
	const char	*end;
};

static void
omh_skip_space(struct omh_cursor *c)
{
	while (c->at < c->end && (*c->at == ' ' || *c->at == '\n' ||
	    *c->at == '\t' || *c->at == '\r'))
		c->at++;
}

static bool
omh_take(struct omh_cursor *c, char wanted)
{
	omh_skip_space(c);
	if (c->at == c->end || *c->at != wanted)
		return false;
	c->at++;
	return true;
}

/* Past the string that begins at the quote. */
static bool
omh_skip_string(struct omh_cursor *c)
{
	for (c->at++; c->at < c->end; c->at++) {
		if (*c->at == '\\') {
			if (++c->at == c->end)
				return false;
		} else if (*c->at == '"') {
			c->at++;
			return true;
		}
	}
	return false;
}

/* Past an object or array, whatever its depth. */
static bool
omh_skip_nested(struct omh_cursor *c)
{
	size_t	depth = 0;

	while (c->at < c->end) {
		if (*c->at == '"') {
			if (!omh_skip_string(c))
				return false;
			continue;
		}
		if (*c->at == '{' || *c->at == '[')
			depth++;
		else if ((*c->at == '}' || *c->at == ']') && --depth == 0) {
			c->at++;
			return true;
		}
		c->at++;
	}
	return false;
}

static bool
omh_skip_value(struct omh_cursor *c, struct omh_piece *value)
{
	bool	ok = true;

	omh_skip_space(c);
	value->text = c->at;
	if (c->at == c->end)
		ok = false;
	else if (*c->at == '"')
		ok = omh_skip_string(c);
	else if (*c->at == '{' || *c->at == '[')
		ok = omh_skip_nested(c);
	else
		while (c->at < c->end && strchr(",]} \n\t\r", *c->at) == NULL)
			c->at++;
	value->len = (size_t)(c->at - value->text);
	return ok && value->len > 0;
}

static bool
omh_object_begin(struct omh_cursor *c, struct omh_piece object)
{
	c->at = object.text;
	c->end = object.text == NULL ? NULL : object.text + object.len;
	return object.text != NULL && omh_take(c, '{');
}

/* The next member, name with its quotes; false at the end. */
static bool
omh_object_next(struct omh_cursor *c, struct omh_piece *name,
    struct omh_piece *value)
{
	omh_take(c, ',');
	omh_skip_space(c);
	if (c->at == c->end || *c->at != '"')
		return false;
	return omh_skip_value(c, name) && omh_take(c, ':') &&
	    omh_skip_value(c, value);
}

struct omh_piece
omh_member(struct omh_piece object, const char *name)
{
	struct omh_piece	found = { NULL, 0 }, key, value;
	struct omh_cursor	c;
	size_t			len = strlen(name);

	if (!omh_object_begin(&c, object))
		return found;
	while (omh_object_next(&c, &key, &value))
		if (key.len == len + 2 && memcmp(key.text + 1, name, len) == 0)
			return value;
	return found;
}

struct omh_piece
omh_next(struct omh_piece array, struct omh_piece before)
{
	struct omh_piece	found = { NULL, 0 }, none = { NULL, 0 };
	struct omh_cursor	c = { array.text, array.text };

	if (array.text == NULL)
		return none;
	c.end = array.text + array.len;
	if (before.text == NULL) {
		if (!omh_take(&c, '['))
			return none;
	} else {
		c.at = before.text + before.len;
		if (!omh_take(&c, ','))
			return none;
	}
	omh_skip_space(&c);
	if (c.at == c.end || *c.at == ']' || !omh_skip_value(&c, &found))
		return none;
	return found;
}

static bool
omh_is_string(struct omh_piece p)
{
	return p.text != NULL && p.len >= 2 && p.text[0] == '"';
}

static bool
omh_is_number(struct omh_piece p)
{
	return p.text != NULL && json_is_number(p.text, p.len);
}

static void
omh_read_number(struct omh_piece found, struct omh_value *v)
{
	memset(v, 0, sizeof(*v));
	if (omh_is_number(found)) {
		v->value = found;
		v->kind = OMH_VALUE_NUMBER;
		return;
	}
	v->value = omh_member(found, "value");
	v->unit = omh_member(found, "unit");
	if (!omh_is_string(v->unit))
		memset(&v->unit, 0, sizeof(v->unit));
	if (omh_is_number(v->value))
		v->kind = OMH_VALUE_NUMBER;
}

void
omh_body_value(struct omh_piece body, const struct omh_measure *m,
    struct omh_value *v)
{
	struct omh_piece	found = omh_member(body, m->path[0]);

	if (m->path[1] != NULL)
		found = omh_member(found, m->path[1]);
	if (m->kind == OMH_NUMBER) {
		omh_read_number(found, v);
		return;
	}
	memset(v, 0, sizeof(*v));
	if (omh_is_string(found)) {
		v->value = found;
		v->kind = OMH_VALUE_TEXT;
	}
}

void
omh_body_any_value(struct omh_piece body, struct omh_value *v)
{
	static const char	 frame[] = "\"effective_time_frame\"";
	struct omh_piece	 key, value;
	struct omh_cursor	 c;

	memset(v, 0, sizeof(*v));
	if (!omh_object_begin(&c, body))
		return;
	while (omh_object_next(&c, &key, &value)) {
		if (key.len == sizeof(frame) - 1 &&
		    memcmp(key.text, frame, key.len) == 0)
			continue;
		if (value.text[0] != '{' ||
		    omh_member(value, "value").text == NULL)
			continue;
		body = value;
		break;
	}
	omh_read_number(body, v);
	if (v->kind == OMH_VALUE_NONE && omh_is_string(v->value))
		v->kind = OMH_VALUE_TEXT;
}

static bool
omh_hex4(const char *s, const char *end, uint32_t *value)
{
	int	i, digit;

	*value = 0;
	if (end - s < 4)
		return false;
	for (i = 0; i < 4; i++) {
		if (s[i] >= '0' && s[i] <= '9')
			digit = s[i] - '0';
		else if ((s[i] | 0x20) >= 'a' && (s[i] | 0x20) <= 'f')
			digit = (s[i] | 0x20) - 'a' + 10;
		else
			return false;
		*value = *value << 4 | (uint32_t)digit;
	}
	return true;
}

static void
omh_add_character(struct buf *out, uint32_t cp)
{
	if (cp == 0 || (cp >= 0xd800 && cp <= 0xdfff))
		cp = 0xfffd;
	if (cp < 0x80) {
		buf_addc(out, (char)cp);
		return;
	}
	if (cp < 0x800)
		buf_addc(out, (char)(0xc0 | cp >> 6));
	else {
		if (cp < 0x10000)
			buf_addc(out, (char)(0xe0 | cp >> 12));
		else {
			buf_addc(out, (char)(0xf0 | cp >> 18));
			buf_addc(out, (char)(0x80 | (cp >> 12 & 0x3f)));
		}
		buf_addc(out, (char)(0x80 | (cp >> 6 & 0x3f)));
	}
	buf_addc(out, (char)(0x80 | (cp & 0x3f)));
}

/* What follows \u, a second half of a pair too; returns where it ends. */
static const char *
omh_add_escaped(struct buf *out, const char *s, const char *end)
{
	uint32_t	high, low;

	if (!omh_hex4(s, end, &high)) {
		omh_add_character(out, 0xfffd);
		return s;
	}
	s += 4;
	if (high >= 0xd800 && high < 0xdc00 && end - s >= 6 && s[0] == '\\' &&
	    s[1] == 'u' && omh_hex4(s + 2, end, &low) && low >= 0xdc00 &&
	    low <= 0xdfff) {
		high = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
		s += 6;
	}
	omh_add_character(out, high);
	return s;
}

bool
omh_string(struct buf *out, struct omh_piece string)
{
	static const char	 from[] = "bfnrt", to[] = "\b\f\n\r\t";
	const char		*s, *end, *which;

	if (!omh_is_string(string))
		return false;
	s = string.text + 1;
	end = string.text + string.len - 1;
	while (s < end) {
		if (*s != '\\' || s + 1 == end) {
			buf_addc(out, *s++);
			continue;
		}
		s++;
		if (*s == 'u') {
			s = omh_add_escaped(out, s + 1, end);
			continue;
		}
		which = strchr(from, *s);
		buf_addc(out, which != NULL ? to[which - from] : *s);
		s++;
	}
	return true;
}
