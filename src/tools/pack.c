/* SPDX-License-Identifier: MIT */
/*
 * Packing of argument values.  Runs in the worker.  What is unpacked was
 * sealed by us but is read as if it had not been.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "compat/compat.h"
#include "tools/moment.h"
#include "tools/pack.h"

#define PACK_TEXT_MAX	256
#define PACK_CODEC_BITS	3
/* Day 0 of the two-byte form is 1900-01-01, counted from 1970. */
#define PACK_DAY_ZERO	(-25567)

enum pack_codec {
	PACK_RAW,	/* n bytes follow */
	PACK_NARROW,	/* n characters of pack_alphabet, 6 bits each */
	PACK_WORD,	/* n is an index of pack_words */
	PACK_DAY,	/* YYYY-MM-DD in two bytes */
	PACK_INSTANT,	/* YYYY-MM-DDTHH:MM:SSZ in four bytes */
	PACK_CHOICE	/* n is the index of the choice */
};

static const char	pack_alphabet[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-/";

/* Append only: a cursor may be older than this program. */
static const char *const	pack_words[] = {
	"blood-glucose", "blood-pressure", "body-temperature", "body-weight",
	"forced-expiratory-volume-1-second", "forced-vital-capacity",
	"heart-rate", "oxygen-saturation", "physical-activity",
	"respiratory-rate", "rr-interval", "sleep-duration", "sleep-episode",
	"sleep-stage-summary", "step-count", "sleep", "activity", "vitals",
	"UTC", "recorded", "America/Los_Angeles", "America/Denver",
	"America/Chicago", "America/New_York", "Europe/London",
	"Europe/Berlin", "Europe/Paris", "Asia/Kolkata", "Asia/Tokyo",
	"Asia/Shanghai", "Australia/Sydney", "America/Sao_Paulo", "systolic",
	"diastolic", "mg/dL", "mmol/L", "beats/min", "mmHg",
	"weekly-symptom-severity-vas", "active", "completed", "final",
	"finished", "Condition", "MedicationRequest", "Encounter",
	"Observation", "QuestionnaireResponse", "medications", "conditions",
	"labs"
};

#define PACK_WORDS	(sizeof(pack_words) / sizeof(pack_words[0]))

/* --- Numbers: seven bits a byte, the low ones first. ---------------------- */

void
pack_unsigned(struct buf *out, uint64_t value)
{
	while (value >= 0x80) {
		buf_addc(out, (char)(value | 0x80));
		value >>= 7;
	}
	buf_addc(out, (char)value);
}

void
pack_signed(struct buf *out, int64_t value)
{
	pack_unsigned(out, value < 0 ? ~((uint64_t)value << 1) :
	    (uint64_t)value << 1);
}

void
pack_fixed32(struct buf *out, uint32_t value)
{
	buf_add(out, &value, sizeof(value));
}

int
unpack_unsigned(struct pack_reader *r, uint64_t *value)
{
	unsigned int	shift = 0;
	uint64_t	v = 0;

	for (; shift < 64; shift += 7) {
		if (r->at == r->end)
			return ERR_FORMAT;
		v |= (uint64_t)(*r->at & 0x7f) << shift;
		if ((*r->at++ & 0x80) == 0) {
			*value = v;
			return 0;
		}
	}
	return ERR_FORMAT;
}

int
unpack_signed(struct pack_reader *r, int64_t *value)
{
	uint64_t	v;

	if (unpack_unsigned(r, &v) != 0)
		return ERR_FORMAT;
	*value = (int64_t)((v & 1) != 0 ? ~(v >> 1) : v >> 1);
	return 0;
}

static int
unpack_bytes(struct pack_reader *r, void *data, size_t n)
{
	if ((size_t)(r->end - r->at) < n)
		return ERR_FORMAT;
	memcpy(data, r->at, n);
	r->at += n;
	return 0;
}

int
unpack_fixed32(struct pack_reader *r, uint32_t *value)
{
	return unpack_bytes(r, value, sizeof(*value));
}

static void
pack_head(struct buf *out, enum pack_codec codec, uint64_t n)
{
	pack_unsigned(out, n << PACK_CODEC_BITS | (uint64_t)codec);
}

/* --- Days and instants. --------------------------------------------------- */

static void
pack_instant_text(uint32_t seconds, char *text, size_t size)
{
	char		day[MOMENT_TEXT_SIZE];
	uint32_t	s = seconds % 86400;

	moment_format_day(seconds / 86400, day);
	snprintf(text, size, "%sT%02u:%02u:%02uZ", day, s / 3600,
	    s / 60 % 60, s % 60);
}

/* True if the text is a day that the two bytes give back exactly. */
static bool
pack_is_day(const char *text, uint16_t *number)
{
	int64_t	day;

	if (!moment_parse_day(text, &day) || day < PACK_DAY_ZERO ||
	    day - PACK_DAY_ZERO > UINT16_MAX)
		return false;
	*number = (uint16_t)(day - PACK_DAY_ZERO);
	return true;
}

/* True if the text is an instant in the very form of the four bytes. */
static bool
pack_is_instant(const char *text, uint32_t *seconds)
{
	int64_t	us;
	bool	zoned;
	char	again[PACK_TEXT_MAX];

	if (!moment_parse_instant(text, &us, &zoned) || us < 0 ||
	    us / MOMENT_US_PER_S > UINT32_MAX)
		return false;
	*seconds = (uint32_t)(us / MOMENT_US_PER_S);
	pack_instant_text(*seconds, again, sizeof(again));
	return strcmp(text, again) == 0;
}

/* --- Texts. --------------------------------------------------------------- */

static void
pack_narrow(struct buf *out, const char *text, size_t len)
{
	unsigned int	bits = 0, n = 0;
	size_t		i;

	pack_head(out, PACK_NARROW, len);
	for (i = 0; i < len; i++) {
		bits = bits << 6 |
		    (unsigned int)(strchr(pack_alphabet, text[i]) -
		    pack_alphabet);
		for (n += 6; n >= 8; n -= 8)
			buf_addc(out, (char)(bits >> (n - 8)));
	}
	if (n > 0)
		buf_addc(out, (char)(bits << (8 - n)));
}

static int
unpack_narrow(struct pack_reader *r, char *text, size_t len)
{
	unsigned int	bits = 0, n = 0;
	size_t		i;

	for (i = 0; i < len; i++) {
		if (n < 6) {
			if (r->at == r->end)
				return ERR_FORMAT;
			bits = bits << 8 | *r->at++;
			n += 8;
		}
		n -= 6;
		text[i] = pack_alphabet[bits >> n & 0x3f];
	}
	return 0;
}

static void
pack_text(struct buf *out, const char *text)
{
	size_t		i, len = strlen(text);
	uint16_t	day;
	uint32_t	seconds;

	for (i = 0; i < PACK_WORDS; i++) {
		if (strcmp(text, pack_words[i]) == 0) {
			pack_head(out, PACK_WORD, i);
			return;
		}
	}
	if (pack_is_day(text, &day)) {
		pack_head(out, PACK_DAY, 0);
		buf_add(out, &day, sizeof(day));
	} else if (pack_is_instant(text, &seconds)) {
		pack_head(out, PACK_INSTANT, 0);
		pack_fixed32(out, seconds);
	} else if (strspn(text, pack_alphabet) == len)
		pack_narrow(out, text, len);
	else {
		pack_head(out, PACK_RAW, len);
		buf_add(out, text, len);
	}
}

/* text has PACK_TEXT_MAX bytes. */
static int
unpack_text(struct pack_reader *r, enum pack_codec codec, uint64_t n,
    char *text)
{
	uint16_t	day;
	uint32_t	seconds;

	if (n >= PACK_TEXT_MAX)
		return ERR_FORMAT;
	text[n] = '\0';
	switch (codec) {
	case PACK_RAW:
		return unpack_bytes(r, text, n);
	case PACK_NARROW:
		return unpack_narrow(r, text, n);
	case PACK_WORD:
		if (n >= PACK_WORDS)
			return ERR_FORMAT;
		strlcpy(text, pack_words[n], PACK_TEXT_MAX);
		return 0;
	case PACK_DAY:
		if (unpack_bytes(r, &day, sizeof(day)) != 0)
			return ERR_FORMAT;
		moment_format_day(day + PACK_DAY_ZERO, text);
		return 0;
	case PACK_INSTANT:
		if (unpack_fixed32(r, &seconds) != 0)
			return ERR_FORMAT;
		pack_instant_text(seconds, text, PACK_TEXT_MAX);
		return 0;
	default:
		return ERR_FORMAT;
	}
}

/* --- Values. -------------------------------------------------------------- */

static uint32_t
pack_hash_bytes(const void *data, size_t len)
{
	const unsigned char	*p = data;
	uint64_t		 h = UINT64_C(0xcbf29ce484222325);

	for (; len > 0; len--)
		h = (h ^ *p++) * UINT64_C(0x100000001b3);
	return (uint32_t)(h ^ h >> 32);
}

uint32_t
pack_hash(const struct schema_property *p, const struct args_value *v)
{
	uint32_t	h = 0;
	size_t		i;

	switch (p->type) {
	case SCHEMA_STRING:
		return pack_hash_bytes(v->string, strlen(v->string));
	case SCHEMA_NUMBER:
		return pack_hash_bytes(&v->number, sizeof(v->number));
	case SCHEMA_LIST:
		if (schema_is_texts(p))
			return pack_hash_bytes(v->string, strlen(v->string));
		for (i = 0; i < v->nitems; i++)
			h += pack_hash_bytes(&v->items[i],
			    sizeof(v->items[i]));
		return h;
	default:
		return pack_hash_bytes(&v->integer, sizeof(v->integer));
	}
}

static void
pack_number(struct buf *out, double value)
{
	if (value > -1e9 && value < 1e9 && value == (double)(int64_t)value)
		pack_signed(out, (int64_t)value * 2);
	else {
		pack_signed(out, 1);
		buf_add(out, &value, sizeof(value));
	}
}

static int
unpack_number(struct pack_reader *r, double *value)
{
	int64_t	n;

	if (unpack_signed(r, &n) != 0)
		return ERR_FORMAT;
	if (n == 1)
		return unpack_bytes(r, value, sizeof(*value));
	*value = (double)(n / 2);
	return 0;
}

static void
pack_item(struct buf *out, enum schema_type type, int64_t item)
{
	double	value;

	if (type != SCHEMA_NUMBER) {
		pack_signed(out, item);
		return;
	}
	memcpy(&value, &item, sizeof(value));
	pack_number(out, value);
}

static int
unpack_item(struct pack_reader *r, enum schema_type type, int64_t *item)
{
	double	value;
	int	error;

	if (type != SCHEMA_NUMBER)
		return unpack_signed(r, item);
	if ((error = unpack_number(r, &value)) == 0)
		memcpy(item, &value, sizeof(value));
	return error;
}

/* Choices as bits, or numbers one by one. */
static void
pack_list(struct buf *out, const struct schema_property *p,
    const struct args_value *v)
{
	uint64_t	bits = 0;
	size_t		i;

	if (schema_is_texts(p)) {
		pack_text(out, v->string);
		return;
	}
	if (p->item == SCHEMA_STRING) {
		for (i = 0; i < v->nitems; i++)
			bits |= UINT64_C(1) << v->items[i];
		pack_head(out, PACK_RAW, bits);
		return;
	}
	pack_head(out, PACK_RAW, v->nitems);
	for (i = 0; i < v->nitems; i++)
		pack_item(out, p->item, v->items[i]);
}

static int
unpack_list(struct pack_reader *r, const struct schema_property *p,
    uint64_t n, struct args_value *v)
{
	size_t	i;

	if (p->item != SCHEMA_STRING && n > ARGS_ITEMS_MAX)
		return ERR_FORMAT;
	v->items = calloc(ARGS_ITEMS_MAX, sizeof(*v->items));
	if (v->items == NULL)
		return ERR_MEMORY;
	if (p->item != SCHEMA_STRING) {
		for (; v->nitems < n; v->nitems++) {
			if (unpack_item(r, p->item,
			    &v->items[v->nitems]) != 0)
				return ERR_FORMAT;
		}
		return 0;
	}
	for (i = 0; i < p->nchoices; i++) {
		if ((n >> i & 1) != 0)
			v->items[v->nitems++] = (int64_t)i;
	}
	return n >> p->nchoices == 0 ? 0 : ERR_FORMAT;
}

void
pack_value(struct buf *out, const struct schema_property *p,
    const struct args_value *v)
{
	if (p->type == SCHEMA_LIST)
		pack_list(out, p, v);
	else if (p->type == SCHEMA_NUMBER)
		pack_number(out, v->number);
	else if (p->type != SCHEMA_STRING)
		pack_signed(out, v->integer);
	else if (p->nchoices > 0)
		pack_head(out, PACK_CHOICE, (uint64_t)v->integer);
	else
		pack_text(out, v->string);
}

static int
unpack_string(struct pack_reader *r, const struct schema_property *p,
    enum pack_codec codec, uint64_t n, struct args_value *v)
{
	char	text[PACK_TEXT_MAX];
	int	error;

	if (p->nchoices > 0) {
		if (codec != PACK_CHOICE || n >= p->nchoices)
			return ERR_FORMAT;
		v->integer = (int64_t)n;
		strlcpy(text, p->choices[n], sizeof(text));
	} else if ((error = unpack_text(r, codec, n, text)) != 0)
		return error;
	v->string = strdup(text);
	return v->string == NULL ? ERR_MEMORY : 0;
}

int
unpack_value(struct pack_reader *r, const struct schema_property *p,
    struct args_value *v)
{
	enum pack_codec	codec;
	uint64_t	n;

	v->present = true;
	if (p->type == SCHEMA_NUMBER)
		return unpack_number(r, &v->number);
	if (p->type != SCHEMA_STRING && p->type != SCHEMA_LIST)
		return unpack_signed(r, &v->integer);
	if (unpack_unsigned(r, &n) != 0)
		return ERR_FORMAT;
	codec = (enum pack_codec)(n & ((1 << PACK_CODEC_BITS) - 1));
	n >>= PACK_CODEC_BITS;
	if (schema_is_texts(p))
		v->nitems = 1;
	else if (p->type == SCHEMA_LIST)
		return unpack_list(r, p, n, v);
	return unpack_string(r, p, codec, n, v);
}
