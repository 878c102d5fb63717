/* SPDX-License-Identifier: MIT */
/*
 * A master for one broker, for tests: starts the program given, sends the
 * boot message and the job that standard input describes ("boot.host
 * 127.0.0.1", a line each), and prints what came back as one JSON object.
 * Check-only; the values it prints are those of tests.
 */
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "compat/compat.h"
#include "ipc/boot.h"
#include "ipc/ipc.h"
#include "ipc/spawn.h"
#include "sandbox/sandbox.h"

#define DRIVER_WAIT_MS	60000

static struct ipc_boot_broker	boot = {
	.connections = 2,
	.connect_timeout_ms = 3000,
	.request_timeout_ms = 5000,
};
static struct ipc_brok_job	job;
static uint32_t			hold_ms;	/* from READY to the job */
static uint32_t			hangup_ms;	/* from the job to close */
static uint32_t			log_level = LOG_LEVEL_WARNING;

#define TEXT(s, field)	{ #s "." #field, (s).field, sizeof((s).field), NULL }
#define NUMBER(s, field) { #s "." #field, NULL, 0, &(s).field }

static const struct {
	const char	*name;
	char		*text;
	size_t		 size;
	uint32_t	*number;
} fields[] = {
	TEXT(boot, host), NUMBER(boot, port), NUMBER(boot, tls),
	NUMBER(boot, connections), NUMBER(boot, connect_timeout_ms),
	NUMBER(boot, request_timeout_ms), TEXT(boot, ca_file),
	NUMBER(job, kind), TEXT(job, exchange_url), TEXT(job, issuer),
	TEXT(job, token_endpoint), TEXT(job, jwks_uri),
	TEXT(job, client_id), TEXT(job, client_secret),
	TEXT(job, redirect_uri), TEXT(job, code), TEXT(job, verifier),
	TEXT(job, nonce), TEXT(job, token), TEXT(job, access_token),
	TEXT(job, userinfo_endpoint), TEXT(job, revocation_endpoint),
	{ "hold_ms", NULL, 0, &hold_ms },
	{ "hangup_ms", NULL, 0, &hangup_ms },
	{ "log_level", NULL, 0, &log_level },
};

static void
driver_set(const char *name, const char *value)
{
	size_t	i;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (strcmp(fields[i].name, name) != 0)
			continue;
		if (fields[i].number != NULL)
			*fields[i].number = (uint32_t)strtoul(value, NULL, 10);
		else if (strlcpy(fields[i].text, value, fields[i].size) >=
		    fields[i].size)
			fatalx("%s is too long", name);
		return;
	}
	fatalx("no field %s", name);
}

static void
driver_read_input(void)
{
	char	*line = NULL, *value;
	size_t	 size = 0;

	while (getline(&line, &size, stdin) != -1) {
		line[strcspn(line, "\n")] = '\0';
		if ((value = strchr(line, ' ')) == NULL)
			fatalx("no value: %s", line);
		*value++ = '\0';
		driver_set(line, value);
	}
	free(line);
}

static void
driver_text(struct json *j, const char *name, const char *value)
{
	json_key(j, name);
	json_string(j, value);
}

static void
driver_number(struct json *j, const char *name, int64_t value)
{
	json_key(j, name);
	json_int(j, value);
}

static void
driver_show_endpoints(struct json *j, const struct ipc_brok_endpoints *e)
{
	driver_number(j, "found", e->found);
	driver_number(j, "scope_email", e->scope_email);
	driver_text(j, "issuer", e->issuer);
	driver_text(j, "authorization_endpoint", e->authorization_endpoint);
	driver_text(j, "token_endpoint", e->token_endpoint);
	driver_text(j, "jwks_uri", e->jwks_uri);
	driver_text(j, "userinfo_endpoint", e->userinfo_endpoint);
	driver_text(j, "revocation_endpoint", e->revocation_endpoint);
}

static void
driver_show_person(struct json *j, const struct ipc_person *p)
{
	uint32_t	i;

	driver_number(j, "person", p->person);
	driver_number(j, "narrowed", p->narrowed);
	driver_text(j, "user_type", p->user_type);
	driver_text(j, "email", p->email);
	json_key(j, "studies");
	json_array_begin(j);
	for (i = 0; i < p->nstudies; i++)
		json_int(j, p->studies[i]);
	json_array_end(j);
}

static void
driver_show_tokens(struct json *j, const struct ipc_brok_tokens *t)
{
	driver_number(j, "expires_in_s", t->expires_in_s);
	driver_number(j, "has_person", t->has_person);
	driver_text(j, "scope", t->scope);
	driver_text(j, "access_token", t->access_token);
	driver_text(j, "refresh_token", t->refresh_token);
	driver_text(j, "id_token", t->id_token);
}

static void
driver_show_report(struct json *j, const struct ipc_brok_report *r)
{
	driver_number(j, "date_s", r->date_s);
	driver_number(j, "our_date_s", r->our_date_s);
	driver_number(j, "discovery", r->discovery);
	driver_number(j, "discovery_status", r->discovery_status);
	driver_number(j, "found", r->found);
	driver_number(j, "nkeys", r->nkeys);
	driver_number(j, "keys", r->keys);
	driver_number(j, "keys_status", r->keys_status);
	driver_number(j, "client", r->client);
	driver_number(j, "client_status", r->client_status);
	driver_number(j, "client_error", r->client_error);
	driver_text(j, "issuer", r->issuer);
}

static void
driver_show(struct json *j, const struct ipc_message *m)
{
	const struct ipc_boot_failed	*stage = m->payload;
	const struct ipc_brok_failed	*failed = m->payload;

	json_object_begin(j);
	driver_text(j, "message", m->row->name);
	switch (m->row->type) {
	case BOOT_FAILED:
		driver_number(j, "stage", stage->stage);
		driver_number(j, "reason", stage->reason);
		break;
	case BROK_ENDPOINTS:
		driver_show_endpoints(j, m->payload);
		break;
	case BROK_PERSON:
		driver_show_person(j, m->payload);
		break;
	case BROK_TOKENS:
		driver_show_tokens(j, m->payload);
		break;
	case BROK_REPORT:
		driver_show_report(j, m->payload);
		break;
	case BROK_FAILED:
		driver_number(j, "code", failed->code);
		driver_number(j, "http_status", failed->http_status);
		driver_number(j, "oauth_error", failed->oauth_error);
		break;
	}
	json_object_end(j);
}

static void
driver_pause(uint32_t ms)
{
	struct timespec	ts = { ms / 1000, (long)(ms % 1000) * 1000000 };

	nanosleep(&ts, NULL);
}

/* All messages until the broker hangs up, or until we do. */
static void
driver_talk(struct ipc_channel *ch, struct json *j)
{
	struct ipc_message	m;
	const char		*name;
	enum ipc_fault		 fault;
	int			 r;

	while ((r = ipc_wait_until(ch, &m,
	    clock_monotonic_ms() + DRIVER_WAIT_MS)) == 0) {
		driver_show(j, &m);
		if (m.row->type == BOOT_READY && job.kind != 0) {
			driver_pause(hold_ms);
			r = ipc_send(ch, BROK_JOB, &job, NULL, 0);
			if (r != 0)
				fatalx("BROK_JOB: %s", err_text(r));
		}
		ipc_message_done(ch, &m);
		if (hangup_ms != 0 && job.kind != 0) {
			driver_pause(hangup_ms);
			return;
		}
	}
	if (r == ERR_DENIED) {
		fault = ipc_channel_fault(ch, &name);
		fatalx("%s: %s", name, ipc_fault_text(fault));
	}
	if (r != ERR_CLOSED)
		fatalx("receive: %s", err_text(r));
}

static struct ipc_channel *
driver_start(const char *path, pid_t *pid)
{
	struct ipc_boot_hello	 hello = {
		.table_hash = ipc_table_hash(),
		.role = IPC_BROKER,
		.log_level = log_level,
	};
	struct ipc_channel	*ch;
	int			 program, fd;

	/* ipc_spawn() wants it above IPC_CHANNEL_FD. */
	if ((fd = open(path, O_PATH | O_CLOEXEC)) == -1 ||
	    (program = fcntl(fd, F_DUPFD_CLOEXEC, 10)) == -1)
		fatal("%s", path);
	close(fd);
	if (ipc_spawn(program, "broker", STDERR_FILENO, pid, &fd) != 0)
		fatal("spawn");
	close(program);
	if ((ch = ipc_channel_new(fd, IPC_MASTER, IPC_BROKER)) == NULL ||
	    ipc_send(ch, BOOT_HELLO, &hello, NULL, 0) != 0 ||
	    ipc_send(ch, BOOT_BROKER, &boot, NULL, 0) != 0)
		fatalx("cannot send the boot messages");
	return ch;
}

int
main(int argc, char **argv)
{
	char			 text[SANDBOX_EXIT_TEXT_SIZE];
	struct buf		 out;
	struct ipc_channel	*ch;
	struct json		 j;
	int64_t			 start_ms;
	pid_t			 pid;
	int			 status;

	log_init("driver", LOG_LEVEL_WARNING);
	if (argc != 2)
		fatalx("usage: broker_driver PROGRAM <description");
	driver_read_input();
	buf_init(&out, 1024 * 1024);
	json_init(&j, &out);
	json_object_begin(&j);
	json_key(&j, "messages");
	json_array_begin(&j);
	ch = driver_start(argv[1], &pid);
	driver_talk(ch, &j);
	ipc_channel_free(ch);
	start_ms = clock_monotonic_ms();
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		continue;
	json_array_end(&j);
	driver_text(&j, "exit",
	    sandbox_describe_exit(status, text, sizeof(text)));
	driver_number(&j, "exit_ms", clock_monotonic_ms() - start_ms);
	json_object_end(&j);
	if (buf_error(&out) != 0)
		fatalx("output: %s", err_text(buf_error(&out)));
	puts(buf_string(&out));
	buf_free(&out);
	return 0;
}
