/* SPDX-License-Identifier: MIT */
/*
 * Cursors.  Runs in the worker.  The bytes come from a client, sealed: a
 * cursor that opens is one of ours for this person, but of any tool, age and
 * version.
 */
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "tools/args_value.h"
#include "tools/cursor.h"
#include "tools/errors.h"
#include "tools/pack.h"

/* The first byte: form of the cursor, number of the tool. */
#define CURSOR_FORM		0x40
#define CURSOR_TOOL_MAX		0x3f
/* Seconds are counted from 2025-01-01. */
#define CURSOR_EPOCH_S		INT64_C(1735689600)
/* Bytes of a UUID. */
#define CURSOR_WIDE_ID		16

/* The argument is one of the filters that a cursor remembers. */
static bool
cursor_keeps(const struct schema_property *p)
{
	return !p->required && strcmp(p->name, "cursor") != 0;
}

/* Of the required arguments; *name is the first of them, NULL if none. */
static uint32_t
cursor_required(const struct args *a, const char **name)
{
	const struct schema_property	*p;
	uint32_t			 h = 0;
	size_t				 i;

	*name = NULL;
	for (i = 0; i < a->schema->nproperties; i++) {
		p = &a->schema->properties[i];
		if (!p->required || !a->values[i].present)
			continue;
		h = h * 31 + pack_hash(p, &a->values[i]);
		if (*name == NULL)
			*name = p->name;
	}
	return h;
}

/* Of the arguments in the set, one bit each. */
static uint32_t
cursor_hash(const struct args *a, uint64_t set)
{
	uint32_t	h = 0;
	size_t		i;

	for (i = 0; i < a->schema->nproperties; i++) {
		if ((set >> i & 1) != 0)
			h = h * 31 + pack_hash(&a->schema->properties[i],
			    &a->values[i]);
	}
	return h;
}

/* The filters that are given. */
static uint64_t
cursor_present(const struct args *a)
{
	uint64_t	present = 0;
	size_t		i;

	for (i = 0; i < a->schema->nproperties; i++) {
		if (cursor_keeps(&a->schema->properties[i]) &&
		    a->values[i].present)
			present |= UINT64_C(1) << i;
	}
	return present;
}

/* Of an id that is two numbers of any size. */
static void
cursor_write_half(struct buf *out, uint64_t half)
{
	pack_fixed32(out, (uint32_t)(half >> 32));
	pack_fixed32(out, (uint32_t)half);
}

static void
cursor_write(const struct cursor *c, const struct args *a, uint64_t left_out,
    struct buf *out)
{
	const char	*name;
	uint64_t	 present = cursor_present(a);
	uint32_t	 required = cursor_required(a, &name);
	size_t		 i;

	buf_reset(out);
	buf_addc(out, (char)(CURSOR_FORM | c->tool));
	pack_signed(out, c->issued_s - CURSOR_EPOCH_S);
	pack_signed(out, c->issued_s - c->base_s);
	if (name != NULL)
		pack_fixed32(out, required);
	pack_unsigned(out, present << 2 | (left_out != 0 ? 2 : 0) |
	    (c->position.untimed ? 1 : 0));
	if (left_out != 0) {
		pack_unsigned(out, left_out);
		pack_fixed32(out, cursor_hash(a, left_out));
	}
	for (i = 0; i < a->schema->nproperties; i++) {
		if (((present & ~left_out) >> i & 1) != 0)
			pack_value(out, &a->schema->properties[i],
			    &a->values[i]);
	}
	if (!c->position.untimed)
		pack_signed(out, c->position.time_us);
	if (c->position.wide) {
		cursor_write_half(out, (uint64_t)c->position.id);
		cursor_write_half(out, c->position.id_rest);
	} else
		pack_signed(out, c->position.id);
}

/* The longest of the values that are not left out yet, or -1. */
static int
cursor_longest(const struct args *a, uint64_t left_out)
{
	struct buf	packed;
	uint64_t	set = cursor_present(a) & ~left_out;
	size_t		i, most = 0;
	int		longest = -1;

	buf_init(&packed, 8192);
	for (i = 0; i < a->schema->nproperties; i++) {
		if ((set >> i & 1) == 0)
			continue;
		buf_reset(&packed);
		pack_value(&packed, &a->schema->properties[i], &a->values[i]);
		if (packed.len > most || buf_error(&packed) != 0) {
			most = buf_error(&packed) != 0 ? SIZE_MAX : packed.len;
			longest = (int)i;
		}
	}
	buf_free(&packed);
	return longest;
}

int
cursor_pack(const struct cursor *c, const struct args *a, struct buf *plain)
{
	uint64_t	left_out = 0;
	int		longest;

	if (c->tool > CURSOR_TOOL_MAX)
		return ERR_RANGE;
	for (;;) {
		cursor_write(c, a, left_out, plain);
		if (buf_error(plain) == 0 && plain->len <= CURSOR_PLAIN_MAX)
			return 0;
		if ((longest = cursor_longest(a, left_out)) < 0)
			return ERR_LIMIT;
		left_out |= UINT64_C(1) << longest;
	}
}

/*
 * One argument as the cursor has it (if kept) against the one of this call,
 * which may be missing.
 */
static int
cursor_merge(struct pack_reader *r, struct args *a, size_t i, bool kept,
    struct buf *error)
{
	const struct schema_property	*p = &a->schema->properties[i];
	struct args_value		*v = &a->values[i], old;
	int				 result = 0;

	memset(&old, 0, sizeof(old));
	if (kept && (result = unpack_value(r, p, &old)) != 0)
		errors_set_bad_cursor(error);
	else if (v->present && !args_value_equal(p, v, &old)) {
		errors_set_cursor_mismatch(error, p->name);
		result = ERR_FORMAT;
	} else if (kept && !v->present) {
		*v = old;
		memset(&old, 0, sizeof(old));
	}
	args_value_clear(&old);
	return result;
}

/* The arguments that did not fit must be here, and the same. */
static int
cursor_check_left_out(const struct args *a, uint64_t left_out, uint32_t hash,
    struct buf *error)
{
	const struct schema_property	*p;
	struct buf			 names;
	size_t				 i;
	int				 result = 0;

	buf_init(&names, 1024);
	for (i = 0; i < a->schema->nproperties; i++) {
		p = &a->schema->properties[i];
		if ((left_out >> i & 1) == 0)
			continue;
		if (!a->values[i].present) {
			errors_set_cursor_repeat(error, p->name);
			buf_free(&names);
			return ERR_FORMAT;
		}
		buf_addf(&names, "%s%s", names.len > 0 ? " or " : "", p->name);
	}
	if (left_out != 0 && cursor_hash(a, left_out) != hash) {
		errors_set_cursor_mismatch(error, buf_string(&names));
		result = ERR_FORMAT;
	}
	buf_free(&names);
	return result;
}

static int
cursor_read_filters(struct pack_reader *r, struct args *a, bool *untimed,
    struct buf *error)
{
	uint64_t	head, present, left_out = 0, bit;
	uint32_t	hash = 0;
	size_t		i;
	int		result;

	if (unpack_unsigned(r, &head) != 0 ||
	    ((head & 2) != 0 && (unpack_unsigned(r, &left_out) != 0 ||
	    unpack_fixed32(r, &hash) != 0))) {
		errors_set_bad_cursor(error);
		return ERR_FORMAT;
	}
	*untimed = (head & 1) != 0;
	present = head >> 2;
	if (present >> a->schema->nproperties != 0 ||
	    (left_out & ~present) != 0) {
		errors_set_bad_cursor(error);
		return ERR_FORMAT;
	}
	for (i = 0; i < a->schema->nproperties; i++) {
		bit = UINT64_C(1) << i;
		if (!cursor_keeps(&a->schema->properties[i]) ||
		    (left_out & bit) != 0)
			continue;
		if ((result = cursor_merge(r, a, i, (present & bit) != 0,
		    error)) != 0)
			return result;
	}
	return cursor_check_left_out(a, left_out, hash, error);
}

static int
cursor_read_head(struct cursor *c, unsigned int tool, int64_t now_s,
    struct pack_reader *r)
{
	int64_t	age;

	if (r->at == r->end || *r->at++ != (CURSOR_FORM | tool) ||
	    unpack_signed(r, &c->issued_s) != 0 ||
	    unpack_signed(r, &age) != 0)
		return ERR_FORMAT;
	/* Far outside these the sums below would overflow. */
	if (c->issued_s > INT64_MAX / 2 || c->issued_s < INT64_MIN / 2 ||
	    age < 0 || age > INT32_MAX)
		return ERR_FORMAT;
	c->issued_s += CURSOR_EPOCH_S;
	c->base_s = c->issued_s - age;
	/* A clock may be set back a little between two calls. */
	if (now_s - c->issued_s > CURSOR_LIFE_S ||
	    c->issued_s - now_s > CURSOR_LIFE_S)
		return ERR_FORMAT;
	return 0;
}

static int
cursor_read_half(struct pack_reader *r, uint64_t *half)
{
	uint32_t	high, low;

	if (unpack_fixed32(r, &high) != 0 || unpack_fixed32(r, &low) != 0)
		return ERR_FORMAT;
	*half = (uint64_t)high << 32 | low;
	return 0;
}

static int
cursor_read_position(struct cursor *c, struct pack_reader *r, bool untimed)
{
	uint64_t	id = 0;

	c->position.set = true;
	c->position.untimed = untimed;
	if (!untimed && unpack_signed(r, &c->position.time_us) != 0)
		return ERR_FORMAT;
	/* No single number is that long. */
	c->position.wide = untimed && r->end - r->at == CURSOR_WIDE_ID;
	if (c->position.wide) {
		if (cursor_read_half(r, &id) != 0 ||
		    cursor_read_half(r, &c->position.id_rest) != 0)
			return ERR_FORMAT;
		c->position.id = (int64_t)id;
	} else if (unpack_signed(r, &c->position.id) != 0)
		return ERR_FORMAT;
	return r->at == r->end ? 0 : ERR_FORMAT;
}

int
cursor_unpack(struct cursor *c, unsigned int tool, int64_t now_s,
    const void *plain, size_t len, struct args *a, struct buf *error)
{
	struct pack_reader	 r = { plain, (const unsigned char *)plain +
				    len };
	const char		*name;
	uint32_t		 now, then = 0;
	bool			 untimed;
	int			 result;

	memset(c, 0, sizeof(*c));
	c->tool = tool;
	if (cursor_read_head(c, tool, now_s, &r) != 0)
		goto bad;
	now = cursor_required(a, &name);
	if (name != NULL && unpack_fixed32(&r, &then) != 0)
		goto bad;
	if (name != NULL && now != then) {
		errors_set_cursor_mismatch(error, name);
		return ERR_FORMAT;
	}
	if ((result = cursor_read_filters(&r, a, &untimed, error)) != 0)
		return result;
	if (cursor_read_position(c, &r, untimed) == 0)
		return 0;
bad:
	errors_set_bad_cursor(error);
	return ERR_FORMAT;
}
