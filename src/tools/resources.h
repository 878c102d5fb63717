/* SPDX-License-Identifier: MIT */
/*
 * The resources schema://jupyterhealth/...: the exchange's tables as they
 * are now, from the live catalogue, and the permission model in words.
 * Nothing in them is of a person.
 */
#ifndef TOOLS_RESOURCES_H
#define TOOLS_RESOURCES_H

#include <stddef.h>

#include "mcp/write.h"

struct buf;
struct db;
struct resource_read;

/*
 * JSON text of the resource, len bytes, for the duration of the call; or an
 * error: ERR_TIMEOUT, ERR_CLOSED and the like.  A table that this generation
 * of the exchange does not have is told by a note.  May free the read.
 */
typedef void	resource_done_fn(void *arg, int error, const char *text,
		    size_t len);

/* What there is, in the order it is listed. */
const struct mcp_resource	*resources_offer(size_t *n);

/*
 * Read the resource uri, which is one of the offer.  0: done is called once,
 * later, from the db's event functions.  ERR_NOT_FOUND, ERR_MEMORY, or an
 * error of db_submit(): there is no read.
 */
int	resource_read_start(struct resource_read **out, const char *uri,
	    struct db *db, resource_done_fn *done, void *arg);
/* Give it up, NULL is allowed; done is not called any more. */
void	resource_read_free(struct resource_read *r);
/*
 * Append the JSON of the permission model, which needs no database, if that
 * is what uri names.  0; ERR_NOT_FOUND: it is another one; the buffer's
 * errors.
 */
int	resource_permission_model(const char *uri, struct buf *out);

#endif
