/* SPDX-License-Identifier: MIT */
/*
 * Where an answer comes from, for the member _meta of a result: which
 * request, exchange, statements and filters, and how many rows.  Ids, codes
 * and times, but no value of a record and no name.
 */
#ifndef TOOLS_PROVENANCE_H
#define TOOLS_PROVENANCE_H

/* Bytes of it, braces included. */
#define PROVENANCE_MAX	1024

struct buf;
struct tools_call;

/*
 * The answer is made: write the object.  Of an error only what is ours is
 * told, as its arguments may be anything.  If it gets longer than
 * PROVENANCE_MAX the filters are left out; empty if there is no memory.
 */
void	provenance_write(const struct tools_call *call, struct buf *out);

#endif
