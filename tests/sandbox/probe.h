/* SPDX-License-Identifier: MIT */
/* What the probe tries inside a sandbox, and what is to happen. */
#ifndef PROBE_H
#define PROBE_H

#include <stddef.h>

#define PROBE_ARGS	6

/* An outcome: an errno, or one of these. */
#define PROBE_OK	0
#define PROBE_KILLED	(-1)	/* SIGSYS */
#define PROBE_ABORTED	(-2)	/* SIGABRT */

/* Values known only when the probe runs. */
#define PROBE_SELF	(-0x7001L)
#define PROBE_PARENT	(-0x7002L)
#define PROBE_NO_CALL	(-1)

/* Descriptors that the probe opens before it enters the sandbox. */
#define PROBE_RESULT	5	/* a pipe to the runner */
#define PROBE_TCP	10	/* a TCP socket that was never connected */
#define PROBE_PAIR_A	11
#define PROBE_PAIR_B	12
#define PROBE_MEMORY	13	/* a memory file that holds a program */
#define PROBE_DIRECTORY	14	/* "/" */

enum probe_stage {
	PROBE_BOOT,
	PROBE_FINAL
};

struct probe_row {
	/* The call, then perhaps " (what about it)". */
	const char	*name;
	enum probe_stage stage;
	/* Outcome in worker, gate, broker. */
	int		 worker;
	int		 gate;
	int		 broker;
	/* A call with its arguments, or a function: 0 or errno. */
	long		 call;
	long		 args[PROBE_ARGS];
	int		(*act)(void);
};

extern const struct probe_row	probe_rows[];
extern const size_t		probe_rows_count;

int	act_malloc(void);
int	act_malloc_limit(void);
int	act_poll(void);
int	act_pipe(void);
int	act_random(void);
int	act_abort(void);
int	act_log(void);
int	act_sort(void);
int	act_sleep(void);
int	act_memory_file(void);
int	act_nonblock(void);
int	act_libc_fork(void);
int	act_libc_system(void);
int	act_libc_thread(void);
int	act_stdio(void);
#ifdef __x86_64__
int	act_x32(void);
int	act_ia32(void);
#endif

#endif
