/* SPDX-License-Identifier: MIT */
/*
 * Tries every row of the table inside the real sandbox of each process, one
 * exec'ed child a row, and compares what happened with what should.  Run by
 * root it does so as root and as a user who is nobody.  Check-only.
 *
 *	probe			all, as a test
 *	probe PROCESS ROW	the child: row number ROW
 *	probe PROCESS wait	the child: stay in the sandbox, to be looked at
 */
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "broker/sandbox.h"
#include "compat/compat.h"
#include "gate/sandbox.h"
#include "probe.h"
#include "sandbox/landlock.h"
#include "sandbox/sandbox.h"
#include "worker/sandbox.h"

#define PROBE_NOBODY	65534
#define PROBE_SKIPPED	77
#define PROBE_PROCESSES	3
#define PROBE_TEXT_MAX	4096

static const struct sandbox_profile *const probe_profiles[PROBE_PROCESSES] = {
	&worker_sandbox, &gate_sandbox, &broker_sandbox
};

/* ---- The child ---------------------------------------------------------- */
static void
probe_place(int from, int to)
{
	if (from == -1 || dup2(from, to) == -1)
		fatal("descriptor %d", to);
	if (from != to)
		close(from);
}

static void
probe_open_all(void)
{
	int	pair[2];

	probe_place(socket(AF_INET, SOCK_STREAM, 0), PROBE_TCP);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1)
		fatal("socketpair");
	/* Away from the fixed numbers first. */
	pair[0] = fcntl(pair[0], F_DUPFD, 20);
	pair[1] = fcntl(pair[1], F_DUPFD, 20);
	probe_place(pair[0], PROBE_PAIR_A);
	probe_place(pair[1], PROBE_PAIR_B);
	probe_place(memfd_create("program", 0), PROBE_MEMORY);
	if (write(PROBE_MEMORY, "#!/bin/sh\n", 10) != 10)
		fatal("memory file");
	probe_place(open("/", O_RDONLY | O_DIRECTORY), PROBE_DIRECTORY);
}

static long
probe_value(long arg)
{
	if (arg == PROBE_SELF)
		return (long)getpid();
	if (arg == PROBE_PARENT)
		return (long)getppid();
	return arg;
}

/* What the row does; its values are looked up before the sandbox. */
static int
probe_try(const struct probe_row *row, const long args[PROBE_ARGS])
{
	if (row->act != NULL)
		return row->act();
	errno = 0;
	return syscall(row->call, args[0], args[1], args[2], args[3],
	    args[4], args[5]) == -1 ? errno : 0;
}

static int64_t
probe_now_us(void)
{
	struct timespec	ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static void
probe_enter(const struct sandbox_profile *profile, enum probe_stage stage,
    int64_t us[2])
{
	struct sandbox	*sb;
	int64_t		 start = probe_now_us();

	if (sandbox_enter_boot(profile, &sb) != 0)
		fatal("%s: boot", profile->name);
	us[0] = probe_now_us() - start;
	if (stage == PROBE_BOOT)
		return;
	start = probe_now_us();
	if (sandbox_enter_final(sb) != 0)
		fatal("%s: final", profile->name);
	us[1] = probe_now_us() - start;
}

static int
probe_child(const struct sandbox_profile *profile, const char *what)
{
	const struct probe_row	*row = NULL;
	long			 args[PROBE_ARGS] = { 0 };
	int64_t			 us[2] = { 0, 0 };
	size_t			 i;
	char			 byte;
	int			 outcome;

	log_init("probe", LOG_LEVEL_DEBUG);
	probe_open_all();
	if (strcmp(what, "wait") != 0) {
		row = &probe_rows[strtoul(what, NULL, 10)];
		for (i = 0; i < PROBE_ARGS; i++)
			args[i] = probe_value(row->args[i]);
	}
	probe_enter(profile, row == NULL ? PROBE_FINAL : row->stage, us);
	if (row == NULL) {
		if (write(PROBE_RESULT, us, sizeof(us)) != sizeof(us) ||
		    read(STDIN_FILENO, &byte, 1) == -1)
			_exit(1);
		_exit(0);
	}
	outcome = probe_try(row, args);
	if (write(PROBE_RESULT, &outcome, sizeof(outcome)) == -1)
		_exit(1);
	_exit(0);
}

/* ---- The runner --------------------------------------------------------- */
struct probe_run {
	pid_t	pid;
	int	input;		/* its descriptor 0 */
	int	result;		/* what it wrote to PROBE_RESULT */
	int	log;		/* what it wrote to descriptor 2 */
};

static void
probe_become_nobody(void)
{
	if (setresgid(PROBE_NOBODY, PROBE_NOBODY, PROBE_NOBODY) == -1 ||
	    setresuid(PROBE_NOBODY, PROBE_NOBODY, PROBE_NOBODY) == -1)
		_exit(PROBE_SKIPPED);
}

static void
probe_spawn(const char *process, const char *what, int nobody,
    struct probe_run *run)
{
	char	self[PATH_MAX] = "";
	int	in[2], out[2], log[2];

	if (readlink("/proc/self/exe", self, sizeof(self) - 1) == -1 ||
	    pipe2(in, O_CLOEXEC) == -1 || pipe2(out, O_CLOEXEC) == -1 ||
	    pipe2(log, O_CLOEXEC) == -1)
		fatal("pipe");
	run->pid = fork();
	if (run->pid == -1)
		fatal("fork");
	if (run->pid == 0) {
		in[0] = fcntl(in[0], F_DUPFD, 30);
		out[1] = fcntl(out[1], F_DUPFD, 30);
		log[1] = fcntl(log[1], F_DUPFD, 30);
		probe_place(in[0], STDIN_FILENO);
		probe_place(out[1], PROBE_RESULT);
		probe_place(log[1], STDERR_FILENO);
		if (nobody)
			probe_become_nobody();
		execl(self, self, process, what, (char *)NULL);
		_exit(PROBE_SKIPPED);
	}
	close(in[0]);
	close(out[1]);
	close(log[1]);
	run->input = in[1];
	run->result = out[0];
	run->log = log[0];
}

/* Wait for it; its wait status, and what it had to say. */
static int
probe_reap(struct probe_run *run, char *text, size_t size)
{
	ssize_t	n;
	size_t	len = 0;
	int	status = -1;

	close(run->input);
	while (len < size - 1 &&
	    (n = read(run->log, text + len, size - 1 - len)) > 0)
		len += (size_t)n;
	text[len] = '\0';
	close(run->log);
	close(run->result);
	if (waitpid(run->pid, &status, 0) == -1)
		fatal("waitpid");
	return status;
}

static void
probe_describe(int outcome, char *text, size_t size)
{
	const char	*name = strerrorname_np(outcome);

	if (outcome == PROBE_OK)
		strlcpy(text, "works", size);
	else if (outcome == PROBE_KILLED)
		strlcpy(text, "killed by the sandbox (SIGSYS)", size);
	else if (outcome == PROBE_ABORTED)
		strlcpy(text, "SIGABRT", size);
	else
		strlcpy(text, name != NULL ? name : "?", size);
}

/* --enable-debug: the log must name the call. */
static int
probe_is_named(const struct probe_row *row, const char *text)
{
#ifdef JHE_DEBUG
	char	line[128] = "forbidden system call: ";

	strlcat(line, row->name, sizeof(line));
	line[strcspn(line, "(")] = '\0';
	if (row->name[0] == '(')
		return 1;
	while (line[strlen(line) - 1] == ' ')
		line[strlen(line) - 1] = '\0';
	return strstr(text, line) != NULL;
#else
	(void)row;
	(void)text;
	return 1;
#endif
}

/* 0 as it should be, 1 not. */
static int
probe_check(const struct sandbox_profile *profile, size_t index,
    int expected, int nobody)
{
	const struct probe_row	*row = &probe_rows[index];
	struct probe_run	 run;
	char			 what[24], got[64], want[64];
	char			 text[PROBE_TEXT_MAX];
	int			 outcome = -1000, status, right;
	ssize_t			 n;

	snprintf(what, sizeof(what), "%zu", index);
	probe_spawn(profile->name, what, nobody, &run);
	n = read(run.result, &outcome, sizeof(outcome));
	status = probe_reap(&run, text, sizeof(text));
	if (n == sizeof(outcome))
		probe_describe(outcome, got, sizeof(got));
	else
		sandbox_describe_exit(status, got, sizeof(got));
	probe_describe(expected, want, sizeof(want));
	right = strcmp(got, want) == 0;
	if (right && expected == PROBE_KILLED)
		right = probe_is_named(row, text);
	if (!right)
		printf("FAIL %s%s, %s, %s: %s, should be: %s\n%s",
		    profile->name, nobody ? " (nobody)" : "",
		    row->stage == PROBE_BOOT ? "boot" : "final",
		    row->name, got, want, text);
	return !right;
}

static int
probe_expected(const struct probe_row *row, size_t process)
{
	const int	all[PROBE_PROCESSES] = {
		row->worker, row->gate, row->broker
	};

	return all[process];
}

/* A line of /proc/PID/status or limits that must be there. */
static int
probe_state_has(pid_t pid, const char *file, const char *pattern)
{
	char	path[64], text[PROBE_TEXT_MAX];
	size_t	len;
	FILE	*f;

	snprintf(path, sizeof(path), "/proc/%ld/%s", (long)pid, file);
	f = fopen(path, "re");
	if (f == NULL) {
		printf("FAIL %s: %s\n", path, strerror(errno));
		return 0;
	}
	len = fread(text, 1, sizeof(text) - 1, f);
	text[len] = '\0';
	fclose(f);
	if (strstr(text, pattern) != NULL)
		return 1;
	printf("FAIL %s lacks: %s\n%s", path, pattern, text);
	return 0;
}

/* Is its root the empty directory?  Only root may look. */
static int
probe_root_is_empty(pid_t pid, int nobody)
{
	char	path[64], target[PATH_MAX] = "";

	if (geteuid() != 0)
		return 1;
	snprintf(path, sizeof(path), "/proc/%ld/root", (long)pid);
	if (readlink(path, target, sizeof(target) - 1) == -1) {
		printf("FAIL %s: %s\n", path, strerror(errno));
		return 0;
	}
	if (nobody)
		return 1;
	if (strstr(target, "(deleted)") == NULL) {
		printf("FAIL %s is %s\n", path, target);
		return 0;
	}
	return 1;
}

static int
probe_check_state(const struct sandbox_profile *profile, int nobody)
{
	static const char *const	lines[] = {
		"CapInh:\t0000000000000000", "CapPrm:\t0000000000000000",
		"CapEff:\t0000000000000000", "CapAmb:\t0000000000000000",
		"NoNewPrivs:\t1", "Seccomp:\t2", "Threads:\t1"
	};
	struct probe_run	run;
	char			text[PROBE_TEXT_MAX];
	int64_t			us[2] = { 0, 0 };
	size_t			i;
	int			bad = 0, status;

	probe_spawn(profile->name, "wait", nobody, &run);
	if (read(run.result, us, sizeof(us)) != sizeof(us))
		bad++;
	for (i = 0; bad == 0 && i < sizeof(lines) / sizeof(lines[0]); i++)
		bad += !probe_state_has(run.pid, "status", lines[i]);
	if (bad == 0 && geteuid() == 0 && !nobody)
		bad += !probe_state_has(run.pid, "status",
		    "CapBnd:\t0000000000000000");
	if (bad == 0)
		bad += !probe_root_is_empty(run.pid, nobody);
	status = probe_reap(&run, text, sizeof(text));
	if (bad != 0 || status != 0)
		printf("FAIL %s: state, status 0x%x\n%s", profile->name,
		    (unsigned int)status, text);
	else
		printf("%s%s: boot %ld us, final %ld us\n", profile->name,
		    nobody ? " (nobody)" : "", (long)us[0], (long)us[1]);
	return bad != 0 || status != 0;
}

/* May the user nobody run this file at all? */
static int
probe_nobody_can(void)
{
	struct probe_run	run;
	char			text[PROBE_TEXT_MAX];

	probe_spawn("gate", "wait", 1, &run);
	return probe_reap(&run, text, sizeof(text)) == 0;
}

static int
probe_all(int nobody)
{
	size_t	i, p;
	int	bad = 0;

	for (p = 0; p < PROBE_PROCESSES; p++) {
		bad += probe_check_state(probe_profiles[p], nobody);
		for (i = 0; i < probe_rows_count; i++)
			bad += probe_check(probe_profiles[p], i,
			    probe_expected(&probe_rows[i], p), nobody);
	}
	printf("%s: %zu rows in %d processes, %d wrong\n",
	    nobody ? "as nobody" : geteuid() == 0 ? "as root" : "as a user",
	    probe_rows_count, PROBE_PROCESSES, bad);
	return bad;
}

int
main(int argc, char *argv[])
{
	size_t	p;
	int	bad;

	for (p = 0; argc == 3 && p < PROBE_PROCESSES; p++)
		if (strcmp(argv[1], probe_profiles[p]->name) == 0)
			return probe_child(probe_profiles[p], argv[2]);
	if (argc != 1)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!sandbox_is_built()) {
		printf("SKIP: built without the sandbox\n");
		return PROBE_SKIPPED;
	}
	printf("Landlock ABI %d\n", landlock_abi());
	bad = probe_all(0);
	if (geteuid() != 0)
		printf("SKIP: as root (this user is not)\n");
	else if (!probe_nobody_can())
		printf("SKIP: as nobody (who cannot run this file)\n");
	else
		bad += probe_all(1);
	return bad == 0 ? 0 : 1;
}
