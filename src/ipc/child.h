/* SPDX-License-Identifier: MIT */
/*
 * A master's children: started, listened to, killed for a broken rule,
 * reaped.  What a message means is the process's business, in a table of
 * handlers; when one may come is the message table's.
 */
#ifndef IPC_CHILD_H
#define IPC_CHILD_H

#include <sys/types.h>

#include <stdint.h>

#include "ipc/ipc.h"

struct loop;
struct ipc_child;
struct ipc_children;

/*
 * 0, or ERR_DENIED if the message is against the rules in a way the table
 * cannot know: the child is then killed.  Descriptors that are kept are set
 * to -1 in m->fds.
 */
typedef int	ipc_handler_fn(void *arg, struct ipc_child *c,
		    struct ipc_message *m);
/*
 * The child is dead and reaped, all its messages were handled; status as of
 * waitpid(2).  c is freed afterwards.
 */
typedef void	ipc_gone_fn(void *arg, struct ipc_child *c, int status);

struct ipc_handler {
	enum ipc_type	 type;
	ipc_handler_fn	*fn;
};

/* What a master makes of one kind of child. */
struct ipc_child_kind {
	uint32_t			 role;
	const char			*name;		/* "worker" */
	const struct ipc_handler	*handlers;	/* ended by NULL */
	ipc_gone_fn			*gone;
};

/* NULL when out of memory.  log_fd is lent. */
struct ipc_children	*ipc_children_new(struct loop *loop, int log_fd);
/* Kill and reap what is left, without callbacks. */
void	ipc_children_free(struct ipc_children *set);
/* True while there is one, even if it only has to end. */
bool	ipc_children_any(const struct ipc_children *set);
/* After SIGCHLD: reap; calls the gone functions. */
void	ipc_children_reap(struct ipc_children *set);

/*
 * Start a child behind program_fd and send it BOOT_HELLO and its own BOOT_
 * message.  It is killed if it is not ready within boot_ms.
 * 0, ERR_SYSTEM or ERR_MEMORY.
 */
int	ipc_child_start(struct ipc_children *set,
	    const struct ipc_child_kind *kind, int program_fd,
	    enum ipc_type boot, const void *payload, int64_t boot_ms,
	    void *arg, struct ipc_child **out);
/*
 * As ipc_send().  A child that does not read is killed here, and one that
 * is gone will be heard to its end: callers need not look at the result, the
 * gone function comes.
 */
void	ipc_child_send(struct ipc_child *c, enum ipc_type type,
	    const void *payload, const int *fds, size_t nfds);
/* Kill it unless the deadline is moved again; 0: no deadline. */
void	ipc_child_deadline(struct ipc_child *c, int64_t due_ms);
/*
 * From now on nobody hears of it: its messages are dropped, gone is not
 * called; it ends by itself, by its deadline, or when the set is freed.
 */
void	ipc_child_detach(struct ipc_child *c);
/* Kill it at once; why is logged, NULL: nothing is. */
void	ipc_child_kill(struct ipc_child *c, const char *why);
uint32_t ipc_child_state(const struct ipc_child *c);
pid_t	ipc_child_pid(const struct ipc_child *c);
/* True once it was killed for having another message table. */
bool	ipc_child_is_outdated(const struct ipc_child *c);
/* True once it was killed for a broken rule. */
bool	ipc_child_is_faulty(const struct ipc_child *c);

#endif
