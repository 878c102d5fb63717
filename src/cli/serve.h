/* SPDX-License-Identifier: MIT */
/*
 * Serving one MCP client: workers, sign-in, database, deaths.  The client is
 * two descriptors, whoever is behind them.
 */
#ifndef CLI_SERVE_H
#define CLI_SERVE_H

#include <stdbool.h>

struct ipc_person;
struct program;
struct serve;

struct serve_client {
	int	in_fd, out_fd;	/* lent; may be the same */
	bool	stored_only;	/* never open a browser: a stored sign-in */
	bool	bare;		/* nothing that needs a database is asked */
	const struct ipc_person	*person;	/* who is signed in, or NULL */
};

/*
 * The client has left and has all its answers, or the worker did as it was
 * told by serve_stop().  Comes from the loop; serve_free() is for later.
 */
typedef void	serve_ended_fn(void *arg);

/* Start the first worker.  NULL if there is no memory; fatal otherwise. */
struct serve	*serve_start(struct program *p,
		    const struct serve_client *client, serve_ended_fn *ended,
		    void *arg);
/* End soon: the worker may finish the line that it writes. */
void		 serve_stop(struct serve *s);
/* Kill its workers and forget the client; NULL is allowed. */
void		 serve_free(struct serve *s);

#endif
