/* SPDX-License-Identifier: MIT */
/*
 * An MCP client within jhe-mcp: what the commands tools, call and whoami
 * ask, they ask as any client does, of a worker, over a socket pair.
 */
#ifndef CLI_CLIENT_H
#define CLI_CLIENT_H

#include <stdbool.h>

struct client;
struct json_object;
struct program;

/*
 * The answer to a request: its result, or its error object; lent.  Both NULL:
 * there will be none, the server is gone.
 */
typedef void	client_fn(void *arg, struct json_object *result,
		    struct json_object *error);

/*
 * Start a server in this process's children and say initialize.
 * stored_only: no browser is opened for a sign-in.  NULL when out of memory.
 */
struct client	*client_start(struct program *p, bool stored_only);
/*
 * Send a request; params is taken over, NULL for none.  fn is called once,
 * from the loop.  0 or ERR_MEMORY.
 */
int		 client_request(struct client *c, const char *method,
		    struct json_object *params, client_fn *fn, void *arg);
/* End the server; NULL is allowed. */
void		 client_free(struct client *c);

#endif
