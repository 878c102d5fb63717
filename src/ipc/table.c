/* SPDX-License-Identifier: MIT */
/*
 * The message table and the checks of a payload by its fields.  Runs in
 * every process.  The payload is the peer's: nothing in it is believed
 * before these checks are through.
 */
#include <string.h>

#include "ipc/ipc.h"

enum field_kind {
	FIELD_END, FIELD_U32, FIELD_U64, FIELD_I64, FIELD_STR, FIELD_BYTES,
	FIELD_DATA, FIELD_I64S
};

/*
 * A field.  Offsets are running sums of sizes, as no struct has padding.
 * A counted field names the U32 that counts its members.
 */
struct field {
	const char	*name;
	enum field_kind	 kind;
	uint32_t	 size;		/* bytes */
	uint32_t	 min, max;	/* of a U32 */
	uint32_t	 unit;		/* bytes of a counted member */
	const char	*count;
};

#define PAYLOAD(pname)							\
	static const struct field fields_##pname[] = {
#define PAYLOAD_END(pname)	{ NULL, FIELD_END, 0, 0, 0, 0, NULL } };
#define U32(fname, lo, hi)	{ #fname, FIELD_U32, 4, lo, hi, 0, NULL },
#define U64(fname)		{ #fname, FIELD_U64, 8, 0, 0, 0, NULL },
#define I64(fname)		{ #fname, FIELD_I64, 8, 0, 0, 0, NULL },
#define STR(fname, n)		{ #fname, FIELD_STR, n, 0, 0, 0, NULL },
#define BYTES(fname, n)		{ #fname, FIELD_BYTES, n, 0, 0, 0, NULL },
#define DATA(fname, n, by)	{ #fname, FIELD_DATA, n, 0, 0, 1, #by },
#define I64S(fname, n, by)	{ #fname, FIELD_I64S, (n) * 8, 0, 0, 8, #by },
#include "ipc/payloads.def"
#undef PAYLOAD
#undef PAYLOAD_END
#undef U32
#undef U64
#undef I64
#undef STR
#undef BYTES
#undef DATA
#undef I64S

/* No padding and no payload over the limit: sizes of fields add up. */
#define PAYLOAD(pname)							\
	_Static_assert(sizeof(struct pname) <= IPC_PAYLOAD_MAX &&	\
	    sizeof(struct pname) == (0
#define PAYLOAD_END(pname)	), "padding or size of " #pname);
#define U32(fname, lo, hi)	+ 4
#define U64(fname)		+ 8
#define I64(fname)		+ 8
#define STR(fname, n)		+ (n)
#define BYTES(fname, n)		+ (n)
#define DATA(fname, n, by)	+ (n)
#define I64S(fname, n, by)	+ (n) * 8
#include "ipc/payloads.def"
#undef PAYLOAD
#undef PAYLOAD_END
#undef U32
#undef U64
#undef I64
#undef STR
#undef BYTES
#undef DATA
#undef I64S

enum payload_number {
#define PAYLOAD(pname)			PAYLOAD_##pname,
#define PAYLOAD_END(pname)
#define U32(fname, lo, hi)
#define U64(fname)
#define I64(fname)
#define STR(fname, n)
#define BYTES(fname, n)
#define DATA(fname, n, by)
#define I64S(fname, n, by)
#include "ipc/payloads.def"
	PAYLOAD_COUNT
};
#undef PAYLOAD

static const struct field *const payload_fields[PAYLOAD_COUNT] = {
#define PAYLOAD(pname)			[PAYLOAD_##pname] = fields_##pname,
#include "ipc/payloads.def"
};

#define M(mname, number, sender, receiver, pname, least, most, when, then, \
    bits) { #mname, mname, sender, receiver, sizeof(struct pname),	\
	PAYLOAD_##pname, least, most, when, then, bits },
static const struct ipc_row ipc_rows[] = {
#include "ipc/messages.def"
};
#undef M

static const char *const fault_texts[] = {
	[IPC_FAULT_NONE] = "no fault",
	[IPC_FAULT_HEADER] = "no such message",
	[IPC_FAULT_ROLE] = "not permitted to send it",
	[IPC_FAULT_STATE] = "not permitted now",
	[IPC_FAULT_SIZE] = "wrong size",
	[IPC_FAULT_FDS] = "wrong number of descriptors",
	[IPC_FAULT_PADDING] = "padding is not zero",
	[IPC_FAULT_STRING] = "string is not terminated",
	[IPC_FAULT_RANGE] = "value out of range",
	[IPC_FAULT_ONCE] = "sent twice",
	[IPC_FAULT_CONDUCT] = "against the rules",
};

const char *
ipc_fault_text(enum ipc_fault fault)
{
	return fault_texts[fault];
}

const struct ipc_row *
ipc_row_at(size_t i)
{
	if (i >= sizeof(ipc_rows) / sizeof(ipc_rows[0]))
		return NULL;
	return &ipc_rows[i];
}

const struct ipc_row *
ipc_row(uint32_t type)
{
	const struct ipc_row	*row;
	size_t			 i;

	for (i = 0; (row = ipc_row_at(i)) != NULL; i++)
		if (row->type == type)
			return row;
	return NULL;
}

static uint64_t
hash_bytes(uint64_t h, const void *data, size_t len)
{
	const unsigned char	*p = data;
	size_t			 i;

	for (i = 0; i < len; i++)
		h = (h ^ p[i]) * UINT64_C(0x100000001b3);
	return h;
}

static uint64_t
hash_field(uint64_t h, const struct field *f)
{
	uint32_t	numbers[] = { f->kind, f->size, f->min, f->max };

	h = hash_bytes(h, f->name, strlen(f->name));
	return hash_bytes(h, numbers, sizeof(numbers));
}

uint64_t
ipc_table_hash(void)
{
	uint64_t		 h = UINT64_C(0xcbf29ce484222325);
	const struct ipc_row	*row;
	const struct field	*f;
	size_t			 i;

	for (i = 0; (row = ipc_row_at(i)) != NULL; i++) {
		uint32_t numbers[] = { row->type, row->from, row->to,
		    row->size, row->fds_min, row->fds_max, row->states,
		    row->after, row->flags };

		h = hash_bytes(h, row->name, strlen(row->name));
		h = hash_bytes(h, numbers, sizeof(numbers));
		for (f = payload_fields[row->payload]; f->kind != FIELD_END;
		    f++)
			h = hash_field(h, f);
	}
	return h;
}

static bool
all_zero(const unsigned char *p, size_t len)
{
	size_t	i;

	for (i = 0; i < len; i++)
		if (p[i] != 0)
			return false;
	return true;
}

static uint32_t
get_u32(const unsigned char *p)
{
	uint32_t	v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* The U32 that counts a field's members; in range, as it stands before. */
static uint32_t
field_count(const struct field *fields, const char *name,
    const unsigned char *payload)
{
	uint32_t	offset = 0;

	while (strcmp(fields->name, name) != 0)
		offset += fields++->size;
	return get_u32(payload + offset);
}

static enum ipc_fault
check_string(const struct field *f, const unsigned char *p)
{
	const unsigned char	*end = memchr(p, 0, f->size);

	if (end == NULL)
		return IPC_FAULT_STRING;
	return all_zero(end, f->size - (size_t)(end - p)) ? IPC_FAULT_NONE :
	    IPC_FAULT_PADDING;
}

static enum ipc_fault
check_counted(const struct field *f, const struct field *fields,
    const unsigned char *payload, const unsigned char *p)
{
	uint32_t	n = field_count(fields, f->count, payload);

	if (n > f->size / f->unit)
		return IPC_FAULT_RANGE;
	n *= f->unit;
	return all_zero(p + n, f->size - n) ? IPC_FAULT_NONE :
	    IPC_FAULT_PADDING;
}

enum ipc_fault
ipc_check_payload(const struct ipc_row *row, const void *payload)
{
	const struct field	*fields = payload_fields[row->payload], *f;
	const unsigned char	*p = payload;
	enum ipc_fault		 fault = IPC_FAULT_NONE;
	uint32_t		 v;

	for (f = fields; f->kind != FIELD_END && fault == IPC_FAULT_NONE;
	    p += f->size, f++) {
		switch (f->kind) {
		case FIELD_U32:
			v = get_u32(p);
			if (v < f->min || v > f->max)
				fault = f->max == 0 ? IPC_FAULT_PADDING :
				    IPC_FAULT_RANGE;
			break;
		case FIELD_STR:
			fault = check_string(f, p);
			break;
		case FIELD_DATA:
		case FIELD_I64S:
			fault = check_counted(f, fields, payload, p);
			break;
		default:
			break;
		}
	}
	return fault;
}
