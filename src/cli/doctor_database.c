/* SPDX-License-Identifier: MIT */
/*
 * Doctor's look at the database.  Runs in jhe-mcp; a worker connects and
 * reports numbers and cleaned names.
 */
#include <sys/wait.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "cli/doctor.h"
#include "compat/compat.h"
#include "cli/worker_boot.h"
#include "conf/conf.h"
#include "ipc/child.h"
#include "sandbox/sandbox.h"

/* A worker starts, beyond what its connection may take. */
#define DOCTOR_WORKER_MS	10000

static const struct {
	enum doctor_check	 check;
	const char		*text;
	const char		*cure;
} doctor_faults[] = {
	[IPC_DB_FINE] = { DOCTOR_DATABASE, "", "" },
	[IPC_DB_CONNINFO] = { DOCTOR_DATABASE,
	    "the connection string is not understood, or names a setting "
	    "that the server does not take",
	    "Correct the option database: postgresql://user@host/name, or "
	    "host=... dbname=... user=..." },
	[IPC_DB_UNREACHABLE] = { DOCTOR_DATABASE,
	    "no database server answers",
	    "Check host and port in the option database; is the server up, "
	    "and the network (VPN, firewall) open?" },
	[IPC_DB_TLS] = { DOCTOR_DATABASE,
	    "no agreement about encryption",
	    "Check sslmode and sslrootcert in the option database." },
	[IPC_DB_LOGIN] = { DOCTOR_DATABASE,
	    "the server refuses the login",
	    "Correct the user in the option database and the password in "
	    "~/.pgpass (mode 600), or have pg_hba.conf let them in." },
	[IPC_DB_NO_DATABASE] = { DOCTOR_DATABASE,
	    "there is no database of this name",
	    "Correct the database's name in the option database." },
	[IPC_DB_BUSY] = { DOCTOR_DATABASE,
	    "the server takes no connections at the moment",
	    "It is starting, stopping or full; try again in a minute." },
	[IPC_DB_OLD_SERVER] = { DOCTOR_SERVER,
	    "older than PostgreSQL 14",
	    "The database's administrator has to upgrade it." },
	[IPC_DB_POOLER] = { DOCTOR_POOLER,
	    "a connection pooler is in between, and drops our settings",
	    "Connect to the PostgreSQL server itself." },
	[IPC_DB_NOT_EXCHANGE] = { DOCTOR_GENERATION,
	    "there are no tables of a JupyterHealth Exchange in it",
	    "Correct the database's name in the option database." },
	[IPC_DB_GENERATION] = { DOCTOR_GENERATION,
	    "an exchange's, but not as this version knows them",
	    "Upgrade jhe-mcp, or the exchange." },
	[IPC_DB_PRIVILEGE] = { DOCTOR_ROLE,
	    "it may not read all that is needed", NULL },
	[IPC_DB_INTERNAL] = { DOCTOR_DATABASE,
	    "it answered something unexpected",
	    "Run jhe-mcp doctor -o log-level=debug, and report it." },
	[IPC_DB_ZONE] = { DOCTOR_CONFIGURATION,
	    "the server knows no time zone of the name in default-timezone",
	    "Set default-timezone to one that pg_timezone_names lists, such "
	    "as Europe/Berlin; without, it is UTC." },
};

static void
doctor_report_connection(struct doctor *d, const struct ipc_work_facts *f)
{
	bool	local = f->host[0] == '/' || f->host[0] == '\0' ||
		    strcmp(f->host, "localhost") == 0 ||
		    strncmp(f->host, "127.", 4) == 0 ||
		    strcmp(f->host, "::1") == 0;

	if (local || f->tls) {
		doctor_add(d, DOCTOR_DATABASE, DOCTOR_PASS, "%s on %s%s%s%s",
		    f->database, f->host[0] != '\0' ? f->host :
		    "this computer", f->role[0] != '\0' ? " as " : "",
		    f->role, f->tls ? ", encrypted" : "");
		return;
	}
	doctor_add(d, DOCTOR_DATABASE, DOCTOR_WARN, "%s on %s: the "
	    "connection is not encrypted", f->database, f->host);
	doctor_cure(d, "Add sslmode=verify-full to the option database.");
}

static void
doctor_report_server(struct doctor *d, const struct ipc_work_facts *f)
{
	if (f->server_version == 0 || f->fault == IPC_DB_OLD_SERVER)
		return;
	doctor_add(d, DOCTOR_SERVER, DOCTOR_PASS, "PostgreSQL %u.%u%s",
	    f->server_version / 10000, f->server_version % 10000,
	    f->standby ? ", a standby" : "");
}

/* "The last week" is ours, what is stored has its times from there. */
static void
doctor_report_its_clock(struct doctor *d, const struct ipc_work_facts *f)
{
	int64_t	off_s = f->our_clock_s - f->clock_s;
	int64_t	size_s = off_s < 0 ? -off_s : off_s;

	if (f->clock_s == 0 || size_s <= DOCTOR_CLOCK_MAX_S)
		return;
	doctor_add(d, DOCTOR_CLOCK, DOCTOR_WARN, "%lld seconds %s of the "
	    "database server's", (long long)size_s, off_s > 0 ? "ahead" :
	    "short");
	doctor_cure(d, "Set this computer's clock (timedatectl set-ntp true), "
	    "or tell the database's administrator.");
}

static void
doctor_report_pooler(struct doctor *d, const struct ipc_work_facts *f)
{
	if (!f->known)
		return;
	if (!f->pooled) {
		doctor_add(d, DOCTOR_POOLER, DOCTOR_PASS,
		    "none: the server itself answers");
		return;
	}
	doctor_add(d, DOCTOR_POOLER, DOCTOR_FAIL, "a connection pooler is in "
	    "between: another server process answers than was promised");
	doctor_cure(d, "Connect to the PostgreSQL server itself.");
}

static void
doctor_report_grants(struct doctor *d, const struct ipc_work_facts *f)
{
	doctor_add(d, DOCTOR_ROLE, DOCTOR_FAIL, "%s may not read %s",
	    f->role[0] != '\0' ? f->role : "the login", f->object);
	doctor_cure(d, "As the owner of the tables: GRANT USAGE ON SCHEMA "
	    "public TO %s; GRANT SELECT ON %s TO %s;", f->role,
	    f->ungranted[0] != '\0' ? f->ungranted : f->object, f->role);
}

/* What it may do beyond what is needed; true if that is nothing. */
static bool
doctor_report_excess(struct doctor *d, const struct ipc_work_facts *f)
{
	if (f->superuser) {
		doctor_add(d, DOCTOR_ROLE, DOCTOR_WARN, "%s is a superuser",
		    f->role);
		doctor_cure(d, "Have a role made that may only read.");
		return false;
	}
	if (f->writable[0] != '\0') {
		doctor_add(d, DOCTOR_ROLE, DOCTOR_WARN, "%s may change %s",
		    f->role, f->writable);
		doctor_cure(d, "Nothing here writes: REVOKE INSERT, UPDATE, "
		    "DELETE, TRUNCATE ON ALL TABLES IN SCHEMA public FROM "
		    "%s; or have a role made that may only read.", f->role);
	}
	if (f->secret[0] != '\0') {
		doctor_add(d, DOCTOR_ROLE, DOCTOR_WARN, "%s may read %s, "
		    "which holds secrets", f->role, f->secret);
		doctor_cure(d, "As its owner: REVOKE SELECT ON %.*s FROM %s;",
		    (int)strcspn(f->secret, "."), f->secret, f->role);
	}
	if (f->bypasses_rls) {
		doctor_add(d, DOCTOR_ROLE, DOCTOR_WARN, "%s is above "
		    "row-level security", f->role);
		doctor_cure(d, "As a superuser: ALTER ROLE %s NOBYPASSRLS;",
		    f->role);
	}
	return f->writable[0] == '\0' && f->secret[0] == '\0' &&
	    !f->bypasses_rls;
}

static void
doctor_report_role(struct doctor *d, const struct ipc_work_facts *f)
{
	if (f->fault == IPC_DB_PRIVILEGE)
		doctor_report_grants(d, f);
	if (!f->known)
		return;
	if (doctor_report_excess(d, f) && (f->fault == IPC_DB_FINE ||
	    f->fault == IPC_DB_ZONE))
		doctor_add(d, DOCTOR_ROLE, DOCTOR_PASS, "%s may read what is "
		    "needed, and change nothing", f->role);
}

static void
doctor_report_tables(struct doctor *d, const struct ipc_work_facts *f)
{
	if (f->generation[0] == '\0')
		return;
	doctor_add(d, DOCTOR_GENERATION, DOCTOR_PASS, "of %s", f->generation);
	if (f->recent_index) {
		doctor_add(d, DOCTOR_INDEX, DOCTOR_PASS, "newest observations "
		    "of a patient have one");
		return;
	}
	doctor_add(d, DOCTOR_INDEX, DOCTOR_WARN, "none for the newest "
	    "observations of a patient: list_study_patients takes 30 times "
	    "as long, or more");
	doctor_cure(d, "As the owner of the tables: CREATE INDEX CONCURRENTLY "
	    "core_observation_recent ON core_observation "
	    "(subject_patient_id, last_updated DESC);");
}

/* No connection, or one that is of no use. */
static void
doctor_report_fault(struct doctor *d, const struct ipc_work_facts *f)
{
	char	where[256];

	if (f->fault == IPC_DB_FINE || f->fault == IPC_DB_PRIVILEGE)
		return;
	snprintf(where, sizeof(where), "%s%s%s", f->database,
	    f->database[0] != '\0' ? " on " : "",
	    f->host[0] != '\0' ? f->host : "this computer");
	doctor_add(d, doctor_faults[f->fault].check, DOCTOR_FAIL,
	    "%s: %s%s%s%s%s", where, doctor_faults[f->fault].text,
	    f->object[0] != '\0' ? ": " : "", f->object,
	    f->sqlstate[0] != '\0' ? ", SQLSTATE " : "", f->sqlstate);
	doctor_cure(d, "%s", doctor_faults[f->fault].cure);
}

static void
doctor_report_database(struct doctor *d)
{
	const struct ipc_work_facts	*f = &d->facts;

	doctor_report_fault(d, f);
	if (f->server_version == 0)
		return;
	doctor_report_connection(d, f);
	doctor_report_server(d, f);
	doctor_report_its_clock(d, f);
	doctor_report_pooler(d, f);
	doctor_report_role(d, f);
	doctor_report_tables(d, f);
}

static int
doctor_worker_facts(void *arg, struct ipc_child *c, struct ipc_message *m)
{
	struct doctor	*d = arg;

	(void)c;
	memcpy(&d->facts, m->payload, sizeof(d->facts));
	d->has_facts = true;
	return 0;
}

/* Either way it has said what it knows. */
static int
doctor_worker_started(void *arg, struct ipc_child *c, struct ipc_message *m)
{
	(void)arg;
	(void)m;
	ipc_child_kill(c, NULL);
	return 0;
}

static void
doctor_worker_gone(void *arg, struct ipc_child *c, int status)
{
	struct doctor	*d = arg;
	char		 text[SANDBOX_EXIT_TEXT_SIZE];

	(void)c;
	d->worker = NULL;
	if (d->has_facts)
		doctor_report_database(d);
	else {
		doctor_add(d, DOCTOR_DATABASE, DOCTOR_FAIL, "the worker ended "
		    "before it had connected: %s", sandbox_describe_exit(
		    status, text, sizeof(text)));
		doctor_cure(d, "Run jhe-mcp doctor -o log-level=debug, and "
		    "report it.");
	}
	doctor_over(d);
}

static const struct ipc_handler	doctor_worker_handlers[] = {
	{ BOOT_READY, doctor_worker_started },
	{ BOOT_FAILED, doctor_worker_started },
	{ WORK_FACTS, doctor_worker_facts },
	{ 0, NULL },
};

static const struct ipc_child_kind	doctor_worker = {
	.role = IPC_WORKER, .name = "worker",
	.handlers = doctor_worker_handlers, .gone = doctor_worker_gone,
};

void
doctor_start_database(struct doctor *d)
{
	const struct conf	*conf = d->r.conf;
	struct ipc_boot_worker	 boot;
	int			 error = worker_boot_fill(&boot, conf, true);

	boot.facts = 1;
	if (error == 0)
		error = ipc_child_start(d->r.p.children, &doctor_worker,
		    d->r.p.worker_fd, BOOT_WORKER, &boot, DOCTOR_WORKER_MS +
		    boot.connect_timeout_ms, d, &d->worker);
	explicit_bzero(&boot, sizeof(boot));
	if (error == 0)
		return;
	doctor_add(d, DOCTOR_DATABASE, DOCTOR_FAIL, "no worker could be "
	    "started: %s", err_text(error));
	doctor_over(d);
}

void
doctor_stop_database(struct doctor *d)
{
	if (d->worker == NULL)
		return;
	ipc_child_detach(d->worker);
	ipc_child_kill(d->worker, NULL);
	d->worker = NULL;
}
