/* SPDX-License-Identifier: MIT */
/*
 * The walls around a child process: limits, privileges, an empty root,
 * Landlock and two seccomp filters.  The order is fixed here, once:
 *
 *	receive BOOT_ messages
 *	sandbox_enter_boot()	limits, drop, compile both filters, boot filter
 *	prepare			resolve, connect, load the CA
 *	sandbox_enter_final()	empty root, last capability, Landlock, filter
 *	send BOOT_READY		only now may a stranger's byte be read
 *
 * In a normal build every step that fails is an error and the process must
 * end: there is no running on with less.  Only two walls depend on where it
 * runs: the empty root needs CAP_SYS_CHROOT (root), Landlock a kernel that
 * has it.  A build with --disable-sandbox does nothing, and says so loudly.
 */
#ifndef SANDBOX_SANDBOX_H
#define SANDBOX_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- Lists --------------------------------------------------------------
 *
 * A process's calls are arrays of rows, each with its reason, ended by
 * SANDBOX_END.  Calls are named as in syscalls(2); a name that the
 * architecture does not have is skipped.  Of the lists of one stage the
 * first that names a call decides about it; the rows of that call in later
 * lists do not count.  Several SANDBOX_ALLOW_IF rows of one call are
 * alternatives; if none fits, the call answers EPERM (ENOSYS in boot).  A
 * call in no list answers ENOSYS.  Filters add up: a call that boot kills is
 * killed for good.
 */
enum sandbox_action {
	SANDBOX_ACTION_ALLOW,
	SANDBOX_ACTION_ANSWER,		/* fail with .error, do nothing */
	SANDBOX_ACTION_KILL		/* the whole process, by SIGSYS */
};

enum sandbox_test {
	SANDBOX_TEST_NONE = 0,
	SANDBOX_TEST_EQUAL,		/* (argument & mask) == value */
	SANDBOX_TEST_SELF		/* argument == getpid() */
};

struct sandbox_arg {
	enum sandbox_test	 test;
	unsigned int		 index;		/* 0 to 5 */
	uint64_t		 mask;
	uint64_t		 value;
};

#define SANDBOX_ARGS_MAX	2

struct sandbox_rule {
	const char		*name;		/* NULL ends the list */
	enum sandbox_action	 action;
	int			 error;		/* SANDBOX_ACTION_ANSWER */
	struct sandbox_arg	 args[SANDBOX_ARGS_MAX]; /* all must fit */
	const char		*why;
};

/* Tests: the argument is the value; has none of the bits; only those bits. */
#define SANDBOX_IS(i, v)						\
	{ SANDBOX_TEST_EQUAL, (i), ~(uint64_t)0, (uint64_t)(v) }
#define SANDBOX_WITHOUT(i, bits)					\
	{ SANDBOX_TEST_EQUAL, (i), (uint64_t)(bits), 0 }
#define SANDBOX_ONLY(i, bits)						\
	{ SANDBOX_TEST_EQUAL, (i), ~(uint64_t)(bits), 0 }
/* The same with `bits` left out of the comparison. */
#define SANDBOX_IS_BUT(i, v, bits)					\
	{ SANDBOX_TEST_EQUAL, (i), ~(uint64_t)(bits), (uint64_t)(v) }
#define SANDBOX_IS_SELF(i)						\
	{ SANDBOX_TEST_SELF, (i), 0, 0 }

#define SANDBOX_ALLOW(name, why)					\
	{ (name), SANDBOX_ACTION_ALLOW, 0, { { 0, 0, 0, 0 } }, (why) }
#define SANDBOX_ALLOW_IF(name, test, why)				\
	{ (name), SANDBOX_ACTION_ALLOW, 0, { test }, (why) }
#define SANDBOX_ALLOW_IF2(name, test1, test2, why)			\
	{ (name), SANDBOX_ACTION_ALLOW, 0, { test1, test2 }, (why) }
#define SANDBOX_ANSWER(name, error, why)				\
	{ (name), SANDBOX_ACTION_ANSWER, (error), { { 0, 0, 0, 0 } }, (why) }
#define SANDBOX_KILL(name, why)						\
	{ (name), SANDBOX_ACTION_KILL, 0, { { 0, 0, 0, 0 } }, (why) }
#define SANDBOX_END							\
	{ NULL, SANDBOX_ACTION_KILL, 0, { { 0, 0, 0, 0 } }, NULL }

#define SANDBOX_LISTS_MAX	8

/* What one kind of process may do; const, in src/<process>/sandbox.c. */
struct sandbox_profile {
	const char			*name;		/* "worker" */
	const struct sandbox_rule	*boot[SANDBOX_LISTS_MAX];
	const struct sandbox_rule	*final[SANDBOX_LISTS_MAX];
	unsigned int			 open_files;	/* RLIMIT_NOFILE */
	uint64_t			 data_bytes;	/* RLIMIT_DATA */
};

/* Shared lists; lists.c says what stands in them and why. */
extern const struct sandbox_rule	 sandbox_list_basic[];
extern const struct sandbox_rule	 sandbox_list_boot[];
extern const struct sandbox_rule	 sandbox_list_network[];
extern const struct sandbox_rule	 sandbox_list_stream[];
extern const struct sandbox_rule	 sandbox_list_refused[];
extern const struct sandbox_rule	 sandbox_list_killed[];

/* ---- The child's side --------------------------------------------------- */
struct sandbox;

/*
 * Call once, single-threaded, before anything is resolved or connected.
 * Sets the limits (no core, no processes, descriptors and data by profile);
 * drops every capability but CAP_SYS_CHROOT, empties the bounding set, sets
 * no_new_privs, makes the process undumpable; compiles both filters; puts
 * the boot filter on.  *out is to be given to sandbox_enter_final().
 * 0; ERR_SYSTEM (errno tells), ERR_MEMORY, ERR_UNSUPPORTED (no seccomp
 * filters here).  After an error the process must end.
 */
int	sandbox_enter_boot(const struct sandbox_profile *profile,
	    struct sandbox **out);

/*
 * Where the process has CAP_SYS_CHROOT: into an empty root, and the
 * capability is dropped.  Landlock: no file, no TCP bind or connect, no
 * signal to outside, as far as the kernel can.  Then the final filter.
 * Frees sb, also on error.  0 or as above; after an error the process must
 * end.
 */
int	sandbox_enter_final(struct sandbox *sb);

/* ---- The parent's side -------------------------------------------------- */
#define SANDBOX_EXIT_TEXT_SIZE	48

/*
 * A wait status in words: "exit code 3", "SIGSEGV", "killed by the sandbox
 * (SIGSYS)".  Returns text.
 */
const char	*sandbox_describe_exit(int status, char *text, size_t size);

/* True unless built with --disable-sandbox. */
bool	sandbox_is_built(void);

/*
 * For a process without filters that holds secrets: no core file, and no
 * other process of the user may read its memory.  0 or ERR_SYSTEM.
 */
int	sandbox_protect_memory(void);

#endif
