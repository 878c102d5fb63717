/* SPDX-License-Identifier: MIT */
/*
 * The resources: schema://jupyterhealth/..., the exchange's tables as they
 * are now, from the live catalogue, and the permission model in words;
 * omh://schema/..., the bodies of data types; jhe://guide.  Nothing in them
 * is of a person.  Besides, by template only, jhe://study/... and
 * jhe://patient/.../summary: these are answers of tools.
 */
#ifndef TOOLS_RESOURCES_H
#define TOOLS_RESOURCES_H

#include <stdbool.h>
#include <stddef.h>

#include "mcp/write.h"

struct buf;
struct db;
struct json_object;
struct resource_read;

#define RESOURCE_TEMPLATES_MAX	4

/* How a resource is read. */
enum resource_kind {
	RESOURCE_NONE,		/* there is none of this URI */
	RESOURCE_WORDS,		/* resource_write() */
	RESOURCE_TABLE,		/* resource_read_start() */
	RESOURCE_ANSWER		/* resource_tool() */
};

/*
 * JSON text of the resource, len bytes, for the duration of the call; or an
 * error: ERR_TIMEOUT, ERR_CLOSED and the like.  A table that this generation
 * of the exchange does not have is told by a note.  May free the read.
 */
typedef void	resource_done_fn(void *arg, int error, const char *text,
		    size_t len);

/* What there is, in the order it is listed. */
const struct mcp_resource	*resources_offer(size_t *n);
/* Whether a tool may be called. */
typedef bool	resource_has_tool_fn(const void *arg, const char *tool);
/*
 * Copy the templates, without those of tools that may not be called.
 * Returns how many; out has RESOURCE_TEMPLATES_MAX places.
 */
size_t	resources_templates(struct mcp_template *out,
	    resource_has_tool_fn *has_tool, const void *arg);

enum resource_kind	 resource_kind(const char *uri);
/* Of the text that is read. */
const char	*resource_mime_type(const char *uri);
/* The name in schema://jupyterhealth/{table} of the offer, else NULL. */
const char	*resource_table(const char *uri);
/* 0; ERR_NOT_FOUND: it is of another kind; the buffer's errors. */
int	resource_write(const char *uri, struct buf *out);
/*
 * The tool whose structured answer the resource is, and the arguments, for
 * mcp_arguments_drop(), also after NULL: there is no such resource.
 * *arguments is NULL before.
 */
const char *resource_tool(const char *uri, struct json_object **arguments);

/*
 * Read the resource uri, a table.  0: done is called once,
 * later, from the db's event functions.  ERR_NOT_FOUND, ERR_MEMORY, or an
 * error of db_submit(): there is no read.
 */
int	resource_read_start(struct resource_read **out, const char *uri,
	    struct db *db, resource_done_fn *done, void *arg);
/* Give it up, NULL is allowed; done is not called any more. */
void	resource_read_free(struct resource_read *r);
#endif
