/* SPDX-License-Identifier: MIT */
/*
 * Values of FHIR.  Runs in the worker.  The records are what other systems
 * sent: any member may be missing, of another type, or hostile.
 */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "compat/compat.h"
#include "tools/fhir.h"
#include "tools/text.h"

/* Digits of a number that is given as it is; more are no measurement. */
#define FHIR_DIGITS_MAX	100
/* Bytes of one text, cleaned. */
#define FHIR_TEXT_BYTES	(4 * TEXT_CELL_MAX + 16)
#define FHIR_UNIT_MAX	40
/* "<", "<=", ">=", ">", "ad" */
#define FHIR_COMPARATOR_MAX	2
#define FHIR_NAME_SIZE	64

/* Whether there is a value of its type; text and unit are empty before. */
typedef bool	fhir_read_fn(struct omh_piece p, struct fhir_value *v);

static bool
fhir_is(struct omh_piece p, char first)
{
	return p.text != NULL && p.len > 0 && p.text[0] == first;
}

void
fhir_string(struct omh_piece p, struct buf *out)
{
	struct buf	plain;

	if (!fhir_is(p, '"'))
		return;
	buf_init(&plain, p.len + 1);
	if (omh_string(&plain, p))
		text_clean(out, buf_string(&plain), plain.len, TEXT_CELL_MAX);
	buf_free(&plain);
}

static bool
fhir_add_number(struct omh_piece p, struct buf *out)
{
	if (p.text == NULL || p.len > FHIR_DIGITS_MAX ||
	    !json_is_number(p.text, p.len))
		return false;
	buf_add(out, p.text, p.len);
	return true;
}

/* A member that is text; true if anything was appended. */
static bool
fhir_add_member(struct omh_piece object, const char *name, struct buf *out)
{
	size_t	before = out->len;

	fhir_string(omh_member(object, name), out);
	return out->len > before;
}

/* --- Concepts. ------------------------------------------------------------ */

/* What stands under a name, one level: text, display, code. */
static bool
fhir_add_coding(struct omh_piece p, struct buf *out)
{
	return fhir_add_member(p, "text", out) ||
	    fhir_add_member(p, "display", out);
}

void
fhir_concept(struct omh_piece p, struct buf *out)
{
	struct omh_piece	none = { NULL, 0 }, coding, inner;

	if (!fhir_is(p, '{'))
		return;
	inner = omh_member(p, "concept");
	if (fhir_is(inner, '{'))
		p = inner;
	coding = omh_next(omh_member(p, "coding"), none);
	if (fhir_add_coding(p, out) || fhir_add_coding(coding, out) ||
	    fhir_add_member(coding, "code", out) ||
	    fhir_add_member(p, "code", out))
		return;
	inner = omh_member(p, "reference");
	if (fhir_is(inner, '{'))
		fhir_add_coding(inner, out);
}

/* --- Types of value[x]. --------------------------------------------------- */

static bool
fhir_read_number(struct omh_piece p, struct fhir_value *v)
{
	v->kind = FHIR_NUMBER;
	return fhir_add_number(p, &v->text);
}

static bool
fhir_read_boolean(struct omh_piece p, struct fhir_value *v)
{
	v->kind = FHIR_BOOLEAN;
	if (p.len == 4 && memcmp(p.text, "true", 4) == 0)
		buf_adds(&v->text, "true");
	else if (p.len == 5 && memcmp(p.text, "false", 5) == 0)
		buf_adds(&v->text, "false");
	return v->text.len > 0;
}

static bool
fhir_read_words(struct omh_piece p, struct fhir_value *v)
{
	v->kind = FHIR_WORDS;
	fhir_string(p, &v->text);
	return v->text.len > 0;
}

/* Text, but not anybody's words. */
static bool
fhir_read_code(struct omh_piece p, struct fhir_value *v)
{
	v->kind = FHIR_CODED;
	fhir_string(p, &v->text);
	return v->text.len > 0;
}

/* Anything may stand there; without a date's characters it is words. */
static bool
fhir_add_date(struct omh_piece p, struct fhir_value *v)
{
	size_t	before = v->text.len;

	fhir_string(p, &v->text);
	if (v->text.len == before)
		return false;
	if (!v->words && strspn(buf_string(&v->text) + before,
	    "0123456789-+:.TZ") < v->text.len - before)
		v->kind = FHIR_WORDS;
	return true;
}

static bool
fhir_read_date(struct omh_piece p, struct fhir_value *v)
{
	v->kind = FHIR_CODED;
	return fhir_add_date(p, v);
}

/* "" is none: a display beside it would pass for coded. */
static bool
fhir_has_code(struct omh_piece coding)
{
	struct omh_piece	code = omh_member(coding, "code");

	return fhir_is(code, '"') && code.len > 2;
}

static bool
fhir_read_concept(struct omh_piece p, struct fhir_value *v)
{
	struct omh_piece	none = { NULL, 0 }, coding;

	coding = omh_next(omh_member(p, "coding"), none);
	/* Without any code it is somebody's own words. */
	if (!fhir_has_code(coding) && fhir_has_code(p))
		coding = p;
	v->kind = fhir_has_code(coding) ? FHIR_CODED : FHIR_WORDS;
	if (v->words || v->kind == FHIR_WORDS)
		fhir_concept(p, &v->text);
	else if (!fhir_add_member(coding, "display", &v->text))
		fhir_add_member(coding, "code", &v->text);
	return v->text.len > 0;
}

static bool
fhir_add_unit(struct omh_piece p, struct buf *out)
{
	struct buf	unit;
	bool		any;

	buf_init(&unit, FHIR_TEXT_BYTES);
	any = fhir_add_member(p, "unit", &unit) ||
	    fhir_add_member(p, "code", &unit);
	text_clean(out, buf_string(&unit), unit.len, FHIR_UNIT_MAX);
	buf_free(&unit);
	return any;
}

static bool
fhir_read_quantity(struct omh_piece p, struct fhir_value *v)
{
	v->kind = FHIR_NUMBER;
	/* "<5" is no number. */
	if (fhir_add_member(p, "comparator", &v->text))
		v->kind = FHIR_CODED;
	if (v->text.len > FHIR_COMPARATOR_MAX)
		return false;
	if (!fhir_add_number(omh_member(p, "value"), &v->text))
		return false;
	fhir_add_unit(p, &v->unit);
	return true;
}

bool
fhir_quantity(struct omh_piece p, struct buf *out)
{
	struct fhir_value	v;
	bool			any;

	fhir_value_init(&v, true);
	any = fhir_read_quantity(p, &v);
	if (any)
		fhir_value_show(&v, out);
	fhir_value_free(&v);
	return any;
}

static bool
fhir_read_range(struct omh_piece p, struct fhir_value *v)
{
	v->kind = FHIR_CODED;
	if (!fhir_quantity(omh_member(p, "low"), &v->text))
		buf_adds(&v->text, "up");
	buf_adds(&v->text, " to ");
	if (!fhir_quantity(omh_member(p, "high"), &v->text))
		buf_adds(&v->text, "more");
	return strcmp(buf_string(&v->text), "up to more") != 0;
}

static bool
fhir_read_ratio(struct omh_piece p, struct fhir_value *v)
{
	v->kind = FHIR_CODED;
	if (!fhir_quantity(omh_member(p, "numerator"), &v->text))
		return false;
	buf_adds(&v->text, " / ");
	return fhir_quantity(omh_member(p, "denominator"), &v->text);
}

static bool
fhir_read_period(struct omh_piece p, struct fhir_value *v)
{
	bool	start, end;

	v->kind = FHIR_CODED;
	start = fhir_add_date(omh_member(p, "start"), v);
	buf_adds(&v->text, start ? " to " : "until ");
	end = fhir_add_date(omh_member(p, "end"), v);
	if (start && !end)
		buf_truncate(&v->text, v->text.len - strlen(" to "));
	return start || end;
}

static bool
fhir_read_reference(struct omh_piece p, struct fhir_value *v)
{
	v->kind = FHIR_WORDS;
	if (fhir_add_member(p, "display", &v->text))
		return true;
	/* Whom or what it points to is nobody's words, but may be somebody. */
	if (v->words)
		v->kind = FHIR_CODED;
	return fhir_add_member(p, "reference", &v->text);
}

/* Never the file itself, nor where it is. */
static bool
fhir_read_attachment(struct omh_piece p, struct fhir_value *v)
{
	v->kind = FHIR_WORDS;
	if (!fhir_is(p, '{'))
		return false;
	if (!fhir_add_member(p, "title", &v->text))
		buf_adds(&v->text, "file");
	buf_adds(&v->text, " (");
	if (!fhir_add_member(p, "contentType", &v->text))
		buf_adds(&v->text, "of unknown type");
	buf_addc(&v->text, ')');
	return true;
}

static const struct {
	const char	*suffix;
	const char	*type;
	fhir_read_fn	*read;
} fhir_types[] = {
	{ "Integer",		"integer",	fhir_read_number },
	{ "Decimal",		"decimal",	fhir_read_number },
	{ "Boolean",		"boolean",	fhir_read_boolean },
	{ "Quantity",		"quantity",	fhir_read_quantity },
	{ "CodeableConcept",	"choice",	fhir_read_concept },
	{ "Coding",		"choice",	fhir_read_concept },
	{ "String",		"string",	fhir_read_words },
	{ "Markdown",		"string",	fhir_read_words },
	{ "DateTime",		"dateTime",	fhir_read_date },
	{ "Date",		"date",		fhir_read_date },
	{ "Time",		"time",		fhir_read_date },
	{ "Instant",		"dateTime",	fhir_read_date },
	{ "Code",		"code",		fhir_read_code },
	{ "Uri",		"uri",		fhir_read_words },
	{ "PositiveInt",	"integer",	fhir_read_number },
	{ "UnsignedInt",	"integer",	fhir_read_number },
	{ "Age",		"quantity",	fhir_read_quantity },
	{ "Duration",		"quantity",	fhir_read_quantity },
	{ "Range",		"range",	fhir_read_range },
	{ "Ratio",		"ratio",	fhir_read_ratio },
	{ "Period",		"period",	fhir_read_period },
	{ "Reference",		"reference",	fhir_read_reference },
	{ "Attachment",		"attachment",	fhir_read_attachment }
};

#define FHIR_TYPES	(sizeof(fhir_types) / sizeof(fhir_types[0]))

void
fhir_value_init(struct fhir_value *v, bool words)
{
	memset(v, 0, sizeof(*v));
	v->words = words;
	buf_init(&v->text, 2 * FHIR_TEXT_BYTES);
	buf_init(&v->unit, FHIR_TEXT_BYTES);
}

void
fhir_value_free(struct fhir_value *v)
{
	buf_free(&v->text);
	buf_free(&v->unit);
}

void
fhir_choice(struct omh_piece object, const char *base, struct fhir_value *v)
{
	struct omh_piece	p;
	char			name[FHIR_NAME_SIZE];
	size_t			i;

	for (i = 0; i < FHIR_TYPES; i++) {
		buf_reset(&v->text);
		buf_reset(&v->unit);
		snprintf(name, sizeof(name), "%s%s", base,
		    fhir_types[i].suffix);
		p = omh_member(object, name);
		if (p.text == NULL || !fhir_types[i].read(p, v) ||
		    buf_error(&v->text) != 0)
			continue;
		v->type = fhir_types[i].type;
		return;
	}
	buf_reset(&v->text);
	v->kind = FHIR_NONE;
	v->type = NULL;
}

void
fhir_value_show(const struct fhir_value *v, struct buf *out)
{
	buf_add(out, buf_string(&v->text), v->text.len);
	if (v->unit.len > 0)
		buf_addf(out, " %s", buf_string(&v->unit));
}
