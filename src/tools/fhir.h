/* SPDX-License-Identifier: MIT */
/*
 * FHIR JSON as short text: values of the many types that value[x] may have,
 * concepts, dosages.  R4 and R5 forms; members of another shape than they
 * should be are as if they were not there.  Whatever is appended is cleaned
 * as text_clean() does.
 */
#ifndef TOOLS_FHIR_H
#define TOOLS_FHIR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "omh/body.h"

enum fhir_kind {
	FHIR_NONE = 0,
	FHIR_NUMBER,	/* text is a number by RFC 8259 */
	FHIR_BOOLEAN,	/* text is true or false */
	FHIR_CODED,	/* from a list of codes, a date, a quantity in words */
	FHIR_WORDS	/* free text */
};

struct fhir_value {
	enum fhir_kind	 kind;
	bool		 words;	/* false: of a concept with a code no text */
	const char	*type;	/* as items name it: "integer", "choice" */
	struct buf	 text;
	struct buf	 unit;	/* of a quantity with a number */
};

/*
 * words: free text may be given.  Else what stands beside a code is left out,
 * and a value that is not of its type is FHIR_WORDS, for the caller to
 * withhold.
 */
void	fhir_value_init(struct fhir_value *v, bool words);
void	fhir_value_free(struct fhir_value *v);
/*
 * The member of object whose name is base and a type, as valueQuantity; kind
 * NONE if there is none.  Replaces *v.
 */
void	fhir_choice(struct omh_piece object, const char *base,
	    struct fhir_value *v);
/* The same in words: "7.1 %". */
void	fhir_value_show(const struct fhir_value *v, struct buf *out);
/*
 * Append a CodeableConcept, Coding, CodeableReference or Reference; nothing
 * for anything else.
 */
void	fhir_concept(struct omh_piece p, struct buf *out);
/* Append a Quantity in words; false if it is none. */
bool	fhir_quantity(struct omh_piece p, struct buf *out);
/* Append a string's characters. */
void	fhir_string(struct omh_piece p, struct buf *out);

/*
 * What a record of the type has beyond date, code, display and status, in a
 * line: dosage, reason, reaction, end.  shown: the display, which is not
 * repeated.
 */
void	fhir_detail(const char *type, struct omh_piece body,
	    const char *shown, struct buf *out);
/*
 * The value of an Observation: of its own, or of two components that are a
 * blood pressure as "124/78".
 */
void	fhir_observation(struct omh_piece body, struct fhir_value *v);

#endif
