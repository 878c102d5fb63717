/* SPDX-License-Identifier: MIT */
/*
 * Values in a body, read where they stand in its JSON text: no tree, no
 * memory.  The text is what PostgreSQL prints of a jsonb, so its syntax is
 * right, but nothing else is: any shape, any depth, any number.  For text
 * that is not JSON the answer is "none", never a byte outside of it.
 */
#ifndef OMH_BODY_H
#define OMH_BODY_H

#include <stdbool.h>
#include <stddef.h>

#include "omh/types.h"

struct buf;

/* A piece of JSON text. */
struct omh_piece {
	const char	*text;		/* NULL: there is none */
	size_t		 len;
};

enum omh_value_kind {
	OMH_VALUE_NONE = 0,	/* nothing there, or not what belongs there */
	OMH_VALUE_NUMBER,	/* value is a number by RFC 8259 */
	OMH_VALUE_TEXT		/* value is a JSON string with its quotes */
};

struct omh_value {
	enum omh_value_kind	 kind;
	struct omh_piece	 value;
	struct omh_piece	 unit;	/* JSON string, or none */
};

/* The member of an object; no piece if object is none, or has none. */
struct omh_piece omh_member(struct omh_piece object, const char *name);
/*
 * The element of an array after `before`, the first after none; no piece at
 * its end, or if it is no array.
 */
struct omh_piece omh_next(struct omh_piece array, struct omh_piece before);
/* The measure's value; kind NONE if it is not of the measure's kind. */
void	omh_body_value(struct omh_piece body, const struct omh_measure *m,
	    struct omh_value *v);
/*
 * Of a type that is not known: the first member but effective_time_frame that
 * is an object with a value, else the value and unit of the body itself.
 */
void	omh_body_any_value(struct omh_piece body, struct omh_value *v);
/*
 * Append the characters of a JSON string; \u0000 and lone surrogates become
 * U+FFFD.  False, with nothing appended, if the piece is no string.
 */
bool	omh_string(struct buf *out, struct omh_piece string);

#endif
