/* SPDX-License-Identifier: MIT */
/*
 * Doctor's look at this computer: the sandbox as it holds a child, files,
 * the port, the browser.  Runs in jhe-mcp; changes nothing.
 */
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "cli/browser.h"
#include "cli/cache.h"
#include "cli/callback.h"
#include "cli/conninfo.h"
#include "cli/doctor.h"
#include "cli/port_owner.h"
#include "cli/signed_in.h"
#include "compat/compat.h"
#include "conf/conf.h"
#include "ipc/child.h"
#include "sandbox/landlock.h"
#include "sandbox/sandbox.h"

#define DOCTOR_GATE_MS		10000
#define DOCTOR_ROOM_BYTES	(4 * CACHE_SIZE_MAX)

/* --- The sandbox --- */

/* A number of /proc/PID/status; -1 if it is not there. */
static int
doctor_process_number(pid_t pid, const char *name)
{
	char	 path[64], line[256];
	size_t	 len = strlen(name);
	int	 value = -1;
	FILE	*f;

	snprintf(path, sizeof(path), "/proc/%ld/status", (long)pid);
	f = fopen(path, "re");
	if (f == NULL)
		return -1;
	while (value == -1 && fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, name, len) == 0 && line[len] == ':')
			value = (int)strtol(line + len + 1, NULL, 10);
	fclose(f);
	return value;
}

/* A child that is ready, as the kernel sees it. */
static void
doctor_report_sandbox(struct doctor *d, pid_t pid)
{
	int	filtered = doctor_process_number(pid, "Seccomp") == 2;
	int	filters = doctor_process_number(pid, "Seccomp_filters");
	int	no_new = doctor_process_number(pid, "NoNewPrivs");
	int	abi = landlock_abi();

	if (!sandbox_is_built())
		return;
	if (!filtered || no_new != 1) {
		doctor_add(d, DOCTOR_SANDBOX, DOCTOR_FAIL, "process %ld runs "
		    "without its filter", (long)pid);
		doctor_cure(d, "Do not use this installation; report it.");
	} else if (abi == 0) {
		doctor_add(d, DOCTOR_SANDBOX, DOCTOR_WARN, "on: %d filters "
		    "and no new privileges in process %ld; this kernel has no "
		    "Landlock, which would be one more wall", filters,
		    (long)pid);
		doctor_cure(d, "Boot with Landlock (lsm=landlock,...), or a "
		    "kernel of 5.13 or later.");
	} else
		doctor_add(d, DOCTOR_SANDBOX, DOCTOR_PASS, "on: %d filters "
		    "and no new privileges in process %ld, Landlock ABI %d",
		    filters, (long)pid, abi);
}

static int
doctor_gate_ready(void *arg, struct ipc_child *c, struct ipc_message *m)
{
	(void)m;
	doctor_report_sandbox(arg, ipc_child_pid(c));
	ipc_child_kill(c, NULL);
	return 0;
}

static int
doctor_gate_failed(void *arg, struct ipc_child *c, struct ipc_message *m)
{
	(void)c;
	(void)m;
	doctor_add(arg, DOCTOR_SANDBOX, DOCTOR_FAIL, "a process could not "
	    "lock itself up, and does not run without");
	doctor_cure(arg, "The kernel needs seccomp filters; a container may "
	    "forbid them.");
	return 0;
}

static void
doctor_gate_gone(void *arg, struct ipc_child *c, int status)
{
	struct doctor	*d = arg;
	char		 text[SANDBOX_EXIT_TEXT_SIZE];

	(void)c;
	d->gate = NULL;
	/* Killed by us, or it has said why. */
	if (WIFEXITED(status) && WEXITSTATUS(status) == IPC_EXIT_MISMATCH) {
		doctor_add(d, DOCTOR_SANDBOX, DOCTOR_FAIL, "the programs in "
		    "libexec are of another version");
		doctor_cure(d, "Install jhe-mcp again.");
	} else if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL) {
		doctor_add(d, DOCTOR_SANDBOX, DOCTOR_FAIL, "a process died "
		    "at its start: %s", sandbox_describe_exit(status, text,
		    sizeof(text)));
		doctor_cure(d, "Report it, with the name of your system.");
	}
	doctor_over(d);
}

static const struct ipc_handler	doctor_gate_handlers[] = {
	{ BOOT_READY, doctor_gate_ready },
	{ BOOT_FAILED, doctor_gate_failed },
	{ 0, NULL },
};

static const struct ipc_child_kind	doctor_gate = {
	.role = IPC_GATE, .name = "gate",
	.handlers = doctor_gate_handlers, .gone = doctor_gate_gone,
};

void
doctor_start_sandbox(struct doctor *d)
{
	struct ipc_boot_gate	boot = {
		.head_timeout_ms = DOCTOR_GATE_MS,
		.verdict_timeout_ms = DOCTOR_GATE_MS,
	};
	int			error;

	if (!sandbox_is_built()) {
		doctor_add(d, DOCTOR_SANDBOX, DOCTOR_FAIL, "this program was "
		    "built without it (--disable-sandbox)");
		doctor_cure(d, "Install one that was built with it; such a "
		    "build is for tests and protects nothing.");
	}
	error = ipc_child_start(d->r.p.children, &doctor_gate,
	    d->r.p.gate_fd, BOOT_GATE, &boot, DOCTOR_GATE_MS, d, &d->gate);
	if (error == 0)
		return;
	doctor_add(d, DOCTOR_SANDBOX, DOCTOR_FAIL, "no process could be "
	    "started: %s", err_text(error));
	doctor_over(d);
}

void
doctor_stop_sandbox(struct doctor *d)
{
	if (d->gate == NULL)
		return;
	ipc_child_detach(d->gate);
	ipc_child_kill(d->gate, NULL);
	d->gate = NULL;
}

/* --- Files --- */

static bool
doctor_has_password(const char *conninfo)
{
	struct buf	text;
	bool		had = false;

	buf_init(&text, strlen(conninfo) + 1);
	(void)conninfo_without_password(conninfo, &text, &had);
	buf_free(&text);
	return had;
}

static void
doctor_look_at_conf(struct doctor *d)
{
	const char	*path = conf_file(d->r.conf);
	struct stat	 st;

	if (path[0] == '\0' || stat(path, &st) == -1)
		return;
	/* What others may write was refused before. */
	if (conf_source(d->r.conf, CONF_DATABASE) == CONF_SOURCE_FILE &&
	    (st.st_mode & 044) != 0 &&
	    doctor_has_password(conf_string(d->r.conf, CONF_DATABASE))) {
		doctor_add(d, DOCTOR_FILES, DOCTOR_WARN, "%s holds a password "
		    "and can be read by others (mode %04o)", path,
		    (unsigned int)st.st_mode & 07777);
		doctor_cure(d, "chmod 600 %s, or better keep passwords in "
		    "~/.pgpass", path);
		return;
	}
	doctor_add(d, DOCTOR_FILES, DOCTOR_PASS, "%s, mode %04o", path,
	    (unsigned int)st.st_mode & 07777);
}

/* The directory of the token cache; false if there is none to look into. */
static bool
doctor_look_at_directory(struct doctor *d, const char *directory)
{
	struct statvfs	vfs;
	struct stat	st;

	if (stat(directory, &st) == -1 && errno == ENOENT) {
		doctor_add(d, DOCTOR_FILES, DOCTOR_PASS, "%s does not exist "
		    "yet; the first sign-in makes it", directory);
		return false;
	}
	if (stat(directory, &st) == -1 || !S_ISDIR(st.st_mode) ||
	    st.st_uid != geteuid() ||
	    access(directory, R_OK | W_OK | X_OK) == -1) {
		doctor_add(d, DOCTOR_FILES, DOCTOR_FAIL, "%s is no directory "
		    "of yours that can be used, so that sign-ins are not kept",
		    directory);
		doctor_cure(d, "Move it away, correct its owner and mode "
		    "(700), or set token-cache-dir.");
		return false;
	}
	if (statvfs(directory, &vfs) == 0 && (uint64_t)vfs.f_bavail *
	    vfs.f_frsize < DOCTOR_ROOM_BYTES) {
		doctor_add(d, DOCTOR_FILES, DOCTOR_FAIL, "no room is left "
		    "where %s is: sign-ins cannot be kept", directory);
		doctor_cure(d, "Make room there, or set token-cache-dir.");
	}
	if ((st.st_mode & 077) == 0)
		return true;
	doctor_add(d, DOCTOR_FILES, DOCTOR_WARN, "%s is open to others (mode "
	    "%04o)", directory, (unsigned int)st.st_mode & 07777);
	doctor_cure(d, "chmod 700 %s; the next sign-in does it, too.",
	    directory);
	return true;
}

static enum doctor_status
doctor_cache_status(enum cache_state state)
{
	switch (state) {
	case CACHE_VALID:
	case CACHE_EXPIRED:
	case CACHE_ENDED:
	case CACHE_MISSING:
	case CACHE_OTHER_EXCHANGE:
	case CACHE_OTHER_CLIENT:
		return DOCTOR_PASS;
	case CACHE_EXPOSED:
	case CACHE_TOO_LARGE:
	case CACHE_TRUNCATED:
	case CACHE_MALFORMED:
	case CACHE_INCOMPLETE:
		return DOCTOR_WARN;
	default:
		return DOCTOR_FAIL;
	}
}

void
doctor_look_at_files(struct doctor *d)
{
	const char		*directory =
				    conf_string(d->r.conf,
				    CONF_TOKEN_CACHE_DIR);
	struct signed_in	 s;
	enum cache_state	 state;
	enum doctor_status	 status;

	doctor_look_at_conf(d);
	if (!doctor_look_at_directory(d, directory))
		return;
	if (conf_string(d->r.conf, CONF_EXCHANGE_URL) == NULL ||
	    conf_string(d->r.conf, CONF_CLIENT_ID) == NULL)
		return;
	state = signed_in_look(d->r.conf, &s);
	status = doctor_cache_status(state);
	doctor_add(d, DOCTOR_FILES, status, "%s/%s: %s", directory,
	    CACHE_FILE, cache_state_text(state));
	if (status == DOCTOR_WARN)
		doctor_cure(d, "jhe-mcp login replaces it.");
	else if (status == DOCTOR_FAIL)
		doctor_cure(d, "Move it away: mv %s/%s %s/old", directory,
		    CACHE_FILE, directory);
}

/* --- The port --- */

static void
doctor_no_callback(void *arg, struct callback_gate *g,
    const struct ipc_gate_callback *cb)
{
	(void)arg;
	(void)g;
	(void)cb;
}

static void
doctor_no_gone(void *arg, struct callback_gate *g)
{
	(void)arg;
	(void)g;
}

void
doctor_look_at_port(struct doctor *d)
{
	uint16_t	 port = (uint16_t)conf_int(d->r.conf,
			     CONF_CALLBACK_PORT);
	struct callback	*cb;
	char		 owner[128];
	int		 error;

	error = callback_open(&d->r.p, port, doctor_no_callback,
	    doctor_no_gone, d, &cb);
	if (error == 0) {
		callback_free(cb);
		doctor_add(d, DOCTOR_PORT, DOCTOR_PASS, "%u on localhost is "
		    "free for the browser's return", port);
		return;
	}
	if (error != ERR_DUPLICATE)
		strlcpy(owner, err_text(error), sizeof(owner));
	else if (port_owner(port, owner, sizeof(owner)) != 0)
		strlcpy(owner, "taken by a program of another user",
		    sizeof(owner));
	doctor_add(d, DOCTOR_PORT, DOCTOR_WARN, "%u on localhost: %s", port,
	    owner);
	doctor_cure(d, "End that program before the next sign-in, or set "
	    "callback-port to another one and have "
	    "http://localhost:PORT/callback registered at the exchange.");
}

/* --- The browser --- */

void
doctor_look_for_browser(struct doctor *d)
{
	char	name[256];

	if (browser_find(name, sizeof(name)) != 0)
		doctor_add(d, DOCTOR_BROWSER, DOCTOR_WARN, "no command can "
		    "open one");
	else if (strcmp(name, "xdg-open") == 0 && getenv("DISPLAY") == NULL &&
	    getenv("WAYLAND_DISPLAY") == NULL)
		doctor_add(d, DOCTOR_BROWSER, DOCTOR_WARN, "xdg-open, but "
		    "there is no display");
	else {
		doctor_add(d, DOCTOR_BROWSER, DOCTOR_PASS, "%s", name);
		return;
	}
	doctor_cure(d, "Set BROWSER, or sign in with jhe-mcp login "
	    "--no-browser.");
}
