/* SPDX-License-Identifier: MIT */
/*
 * A poll(2) loop for a handful of descriptors and timers: no threads, no
 * hidden state.  A callback may add and remove anything, itself included.
 */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include <stdint.h>

struct loop;

typedef void	loop_fd_fn(void *arg, int fd, short revents);
typedef void	loop_timer_fn(void *arg);

/* NULL when out of memory. */
struct loop	*loop_new(void);
void		 loop_free(struct loop *l);
/*
 * Watch fd for events (POLLIN, POLLOUT; 0 = only errors), or change how.
 * POLLHUP and POLLERR are always reported.  0 or ERR_MEMORY.
 */
int		 loop_fd_set(struct loop *l, int fd, short events,
		    loop_fd_fn *fn, void *arg);
void		 loop_fd_clear(struct loop *l, int fd);
/*
 * Call fn(arg) once at due_ms (clock_monotonic_ms); setting the same
 * (fn, arg) again moves it.  0 or ERR_MEMORY.
 */
int		 loop_timer_set(struct loop *l, int64_t due_ms,
		    loop_timer_fn *fn, void *arg);
void		 loop_timer_clear(struct loop *l, loop_timer_fn *fn,
		    void *arg);
/* Until loop_stop(): 0; ERR_SYSTEM if poll fails. */
int		 loop_run(struct loop *l);
void		 loop_stop(struct loop *l);

#endif
