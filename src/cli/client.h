/* SPDX-License-Identifier: MIT */
/*
 * An MCP client within jhe-mcp: what the commands tools, call and whoami
 * ask, they ask as any client does, of a worker, over a socket pair.
 */
#ifndef CLI_CLIENT_H
#define CLI_CLIENT_H

struct client;
struct json_object;
struct program;
struct serve_client;

/*
 * The answer to a request: its result, or its error object; lent.  Both NULL:
 * there will be none, the server is gone.
 */
typedef void	client_fn(void *arg, struct json_object *result,
		    struct json_object *error);

/* A notification of the server; lent. */
typedef void	client_notice_fn(void *arg, const char *method,
		    struct json_object *params);

/*
 * Start a server in this process's children and say initialize; of how, the
 * descriptors are set here.  notice may be NULL.  NULL when out of memory.
 */
struct client	*client_start(struct program *p,
		    const struct serve_client *how, client_notice_fn *notice,
		    void *arg);
/*
 * Send a request; params is taken over, NULL for none.  fn is called once,
 * from the loop; it may ask more and must not free the client.  0;
 * ERR_CLOSED if the server is gone; ERR_LIMIT if too many have no answer
 * yet; ERR_MEMORY.
 */
int		 client_request(struct client *c, const char *method,
		    struct json_object *params, client_fn *fn, void *arg);
/* End the server; NULL is allowed. */
void		 client_free(struct client *c);

#endif
