/* SPDX-License-Identifier: MIT */
/*
 * The worker: one client, one database connection, our statements.  It is
 * started by the master, makes its connection, locks itself up, and only
 * then reads a client's first byte.  Everything a client, and everything
 * anybody stored in the database, is untrusted here.
 */
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "base/loop.h"
#include "compat/compat.h"
#include "db/db.h"
#include "ipc/boot.h"
#include "mcp/write.h"
#include "sandbox/sandbox.h"
#include "tools/guide.h"
#include "tools/prompts.h"
#include "tools/resources.h"
#include "tools/tools.h"
#include "worker/sandbox.h"
#include "worker/worker.h"

_Noreturn static void
worker_fail(struct ipc_boot *boot, enum ipc_stage stage,
    enum ipc_reason reason)
{
	ipc_boot_failed(boot, stage, reason);
	_exit(1);
}

/* Receive the configuration; the process ends if there is none. */
static void
worker_receive(struct ipc_boot *boot, struct ipc_boot_worker *cfg)
{
	int	error;

	error = ipc_boot_receive(boot, IPC_WORKER, "worker", BOOT_WORKER, cfg,
	    sizeof(*cfg));
	if (error == ERR_CLOSED)
		_exit(0);
	if (error == ERR_STATE)
		_exit(IPC_EXIT_MISMATCH);
	if (error != 0)
		fatalx("start: %s", err_text(error));
}

/* What was wrong, for the administrator: never the library's own words. */
static void
worker_log_failure(const struct db_failure *f)
{
	log_warnx("database%s%s on %s: %s%s%s%s%s",
	    f->database[0] != '\0' ? " " : "", f->database,
	    f->host[0] != '\0' ? f->host : "this host",
	    db_failure_text(f->code),
	    f->object[0] != '\0' ? ": " : "", f->object,
	    f->sqlstate[0] != '\0' ? ", SQLSTATE " : "", f->sqlstate);
}

static enum ipc_reason
worker_reason(enum db_failure_code code)
{
	switch (code) {
	case DB_FAILURE_CONNINFO:
	case DB_FAILURE_TLS:
	case DB_FAILURE_LOGIN:
	case DB_FAILURE_NO_DATABASE:
		return IPC_REASON_DB_REFUSED;
	case DB_FAILURE_UNREACHABLE:
	case DB_FAILURE_BUSY:
		return IPC_REASON_DB_DOWN;
	case DB_FAILURE_OLD_SERVER:
	case DB_FAILURE_POOLER:
	case DB_FAILURE_NOT_EXCHANGE:
	case DB_FAILURE_GENERATION:
		return IPC_REASON_DB_UNFIT;
	case DB_FAILURE_PRIVILEGE:
		return IPC_REASON_DB_PRIVILEGE;
	case DB_FAILURE_ZONE:
		return IPC_REASON_ZONE;
	default:
		return IPC_REASON_INTERNAL;
	}
}

_Static_assert((int)DB_FAILURE_NONE == (int)IPC_DB_FINE &&
    (int)DB_FAILURE_ZONE == (int)IPC_DB_ZONE, "the same numbers");

/* For doctor: names were cleaned by db, everything else is a number. */
static void
worker_tell_facts(struct worker *w, const struct db_facts *f,
    const struct db_failure *failure)
{
	struct ipc_work_facts	m = {
		.fault = (uint32_t)failure->code,
		.server_version = (uint32_t)failure->server_version,
		.known = f->known,
		.tls = f->tls,
		.superuser = f->superuser,
		.bypasses_rls = f->bypasses_rls,
		.pooled = f->pooled,
		.recent_index = f->recent_index,
		.standby = f->standby,
		.clock_s = f->clock_s,
		.our_clock_s = f->our_clock_s,
	};

	strlcpy(m.sqlstate, failure->sqlstate, sizeof(m.sqlstate));
	strlcpy(m.host, failure->host, sizeof(m.host));
	strlcpy(m.database, failure->database, sizeof(m.database));
	strlcpy(m.object, failure->object, sizeof(m.object));
	strlcpy(m.role, f->role, sizeof(m.role));
	strlcpy(m.generation, f->generation, sizeof(m.generation));
	strlcpy(m.ungranted, f->ungranted, sizeof(m.ungranted));
	strlcpy(m.writable, f->writable, sizeof(m.writable));
	strlcpy(m.secret, f->secret, sizeof(m.secret));
	master_send(w, WORK_FACTS, &m, NULL, 0);
}

static void
worker_connect(struct worker *w, struct ipc_boot *boot,
    const struct ipc_boot_worker *cfg)
{
	struct db_facts		facts;
	struct db_options	options = {
		.conninfo = cfg->conninfo,
		.connect_timeout_ms = (int)cfg->connect_timeout_ms,
		.statement_timeout_ms = (int)cfg->statement_timeout_ms,
		.consent_gate = cfg->consent_gate != 0,
		.default_timezone = cfg->default_timezone,
		.facts = cfg->facts ? &facts : NULL,
	};
	struct db_failure	failure;
	int			error;

	memset(&failure, 0, sizeof(failure));
	error = db_connect(&w->db, &options, &failure);
	if (cfg->facts)
		worker_tell_facts(w, &facts, &failure);
	if (error == 0) {
		log_info("database %s on %s: exchange of %s", failure.database,
		    failure.host[0] != '\0' ? failure.host : "this host",
		    db_generation(w->db));
		if (db_login_is_superuser(w->db))
			log_warnx("the database login is a superuser: give "
			    "this program a role that may only read");
		return;
	}
	worker_log_failure(&failure);
	worker_fail(boot, IPC_STAGE_DATABASE, worker_reason(failure.code));
}

static void
worker_configure(struct worker *w, const struct ipc_boot_worker *cfg)
{
	w->statement_timeout_ms = cfg->statement_timeout_ms;
	w->login_timeout_ms = cfg->login_timeout_ms;
	w->identity_fields = cfg->identity_fields;
	w->line_max = cfg->line_max < MCP_LINE_MAX ? cfg->line_max :
	    MCP_LINE_MAX;
	memcpy(w->cursor_key, cfg->cursor_key, sizeof(w->cursor_key));
	strlcpy(w->default_timezone, cfg->default_timezone,
	    sizeof(w->default_timezone));
	strlcpy(w->exchange_url, cfg->exchange_url, sizeof(w->exchange_url));
	w->disclosure = cfg->disclosure;
	w->minimum_cell = cfg->minimum_cell;
	w->consent_gate = cfg->consent_gate != 0;
	w->in_fd = w->out_fd = -1;
	/* A line, and what one read may bring behind it. */
	buf_init(&w->in, (size_t)w->line_max + 2 * 65536);
	buf_init(&w->out, WORKER_OUT_MAX);
}

static bool
worker_has_tool(const void *arg, const char *tool)
{
	return tools_find(arg, tool) != NULL;
}

/* All that needs more than the final filter allows; names: of tools. */
static void
worker_prepare(struct worker *w, struct mcp_offer *offer, const char *names)
{
	static struct mcp_template	templates[RESOURCE_TEMPLATES_MAX];
	struct tools_context		ctx;

	context_fill(w, &ctx);
	memset(offer, 0, sizeof(*offer));
	offer->instructions = guide_instructions();
	offer->resources = resources_offer(&offer->nresources);
	offer->prompts = prompts_offer(&offer->nprompts);
	offer->write_prompt = prompts_write;
	w->loop = loop_new();
	w->tools = tools_new();
	if (w->tools == NULL || tools_choose(w->tools, names, &ctx) != 0)
		fatalx("start: %s", err_text(ERR_MEMORY));
	offer->tools = tools_offer(w->tools, &offer->ntools);
	offer->ntemplates = resources_templates(templates,
	    worker_has_tool, w->tools);
	offer->templates = templates;
	w->mcp = mcp_server_new(offer, &calls_ops, w, w->line_max);
	if (w->loop == NULL || w->mcp == NULL)
		fatalx("start: %s", err_text(ERR_MEMORY));
}

static void
worker_boot(struct worker *w, struct mcp_offer *offer)
{
	struct ipc_boot		 boot;
	struct ipc_boot_worker	 cfg;
	struct sandbox		*sb;

	worker_receive(&boot, &cfg);
	/* Before the filters, as what is linked. */
	if (cfg.connect && db_load() != 0)
		worker_fail(&boot, IPC_STAGE_DATABASE, IPC_REASON_INTERNAL);
	if (sandbox_enter_boot(&worker_sandbox, &sb) != 0) {
		log_warn("boot filter");
		worker_fail(&boot, IPC_STAGE_LIMITS, IPC_REASON_INTERNAL);
	}
	w->ch = boot.ch;
	worker_configure(w, &cfg);
	worker_prepare(w, offer, cfg.tools);
	if (cfg.connect)
		worker_connect(w, &boot, &cfg);
	/* The password was needed once. */
	explicit_bzero(&cfg, sizeof(cfg));
	if (sandbox_enter_final(sb) != 0) {
		log_warn("final filter");
		worker_fail(&boot, IPC_STAGE_FINAL, IPC_REASON_INTERNAL);
	}
	if (ipc_boot_ready(&boot) != 0)
		_exit(0);
}

int
main(void)
{
	static struct worker	w;
	struct mcp_offer	offer;

	log_init("worker", LOG_LEVEL_INFO);
	signal(SIGPIPE, SIG_IGN);
	worker_boot(&w, &offer);
	worker_watch_db(&w);
	if (loop_fd_set(w.loop, ipc_channel_fd(w.ch), POLLIN, master_event,
	    &w) != 0 || loop_run(w.loop) != 0)
		fatalx("loop: %s", err_text(ERR_MEMORY));
	calls_free(&w);
	listens_free(&w);
	db_close(w.db);
	buf_free(&w.in);
	buf_free(&w.out);
	freezero(w.studies, w.nstudies * sizeof(*w.studies));
	explicit_bzero(w.cursor_key, sizeof(w.cursor_key));
	return 0;
}
