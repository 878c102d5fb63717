/* SPDX-License-Identifier: MIT */
/*
 * Short binary forms of the values of arguments, for cursors: the usual
 * texts (data types, zones, days, instants) take two to five bytes.
 */
#ifndef TOOLS_PACK_H
#define TOOLS_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tools/args.h"

struct buf;

/* Bytes still to be read. */
struct pack_reader {
	const unsigned char	*at;
	const unsigned char	*end;
};

void	pack_unsigned(struct buf *out, uint64_t value);
void	pack_signed(struct buf *out, int64_t value);
void	pack_fixed32(struct buf *out, uint32_t value);
/* 0, or ERR_FORMAT when the bytes end or are no number. */
int	unpack_unsigned(struct pack_reader *r, uint64_t *value);
int	unpack_signed(struct pack_reader *r, int64_t *value);
int	unpack_fixed32(struct pack_reader *r, uint32_t *value);

/* A value that is present. */
void	pack_value(struct buf *out, const struct schema_property *p,
	    const struct args_value *v);
/* The value into v, which is empty.  0, ERR_FORMAT, ERR_MEMORY. */
int	unpack_value(struct pack_reader *r, const struct schema_property *p,
	    struct args_value *v);
/* The same for equal values, whatever the order of a list. */
uint32_t pack_hash(const struct schema_property *p,
	    const struct args_value *v);

#endif
