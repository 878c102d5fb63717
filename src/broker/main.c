/* SPDX-License-Identifier: MIT */
/*
 * The broker: one job of OAuth over HTTP, then its end.  Started by the
 * master for each job.  Untrusted are the exchange's answers; it holds that
 * job's secrets and nothing else.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "broker/ca.h"
#include "broker/connect.h"
#include "broker/http.h"
#include "broker/job.h"
#include "broker/sandbox.h"
#include "ipc/boot.h"
#include "ipc/ipc.h"
#include "sandbox/sandbox.h"

static _Noreturn void
broker_fail(struct ipc_boot *boot, enum ipc_stage stage,
    enum ipc_reason reason)
{
	ipc_boot_failed(boot, stage, reason);
	_exit(1);
}

/* All that needs files or new connections. */
static void
broker_prepare(struct ipc_boot *boot, const struct ipc_boot_broker *cfg,
    struct broker_connections *connections, struct buf *ca)
{
	struct broker_failure	why;
	int			r;

	if (http_init() != 0)
		broker_fail(boot, IPC_STAGE_MEMORY, IPC_REASON_INTERNAL);
	if (cfg->tls && (r = ca_load(cfg->ca_file, ca)) != 0) {
		log_warnx("CA bundle: %s%s%s", err_text(r),
		    r == ERR_SYSTEM ? ": " : "",
		    r == ERR_SYSTEM ? strerror(errno) : "");
		broker_fail(boot, IPC_STAGE_CA_FILE, IPC_REASON_INTERNAL);
	}
	if (connect_open(cfg, connections, &why) != 0)
		broker_fail(boot, why.stage, why.reason);
}

/* The job of the master; what else comes is no job. */
static int
broker_serve(struct ipc_boot *boot, const struct ipc_boot_broker *cfg,
    struct http *http)
{
	struct ipc_message	m;
	int			r;

	if ((r = ipc_wait(boot->ch, &m)) != 0)
		return r;
	if (m.row->type == BROK_JOB)
		r = job_run(cfg, m.payload, http, boot->ch);
	ipc_message_done(boot->ch, &m);
	return r == 0 ? ipc_flush_wait(boot->ch) : r;
}

int
main(void)
{
	struct ipc_boot			 boot;
	struct ipc_boot_broker		 cfg;
	struct broker_connections	 connections;
	struct buf			 ca;
	struct sandbox			*sb;
	struct http			*http;
	int				 r;

	r = ipc_boot_receive(&boot, IPC_BROKER, "broker", BOOT_BROKER, &cfg,
	    sizeof(cfg));
	if (r != 0)
		_exit(r == ERR_STATE ? IPC_EXIT_MISMATCH :
		    r == ERR_CLOSED ? 0 : 1);
	signal(SIGPIPE, SIG_IGN);
	if ((r = sandbox_enter_boot(&broker_sandbox, &sb)) != 0) {
		log_warnx("sandbox: %s", err_text(r));
		broker_fail(&boot, IPC_STAGE_LIMITS, IPC_REASON_INTERNAL);
	}
	buf_init(&ca, CA_BYTES_MAX);
	broker_prepare(&boot, &cfg, &connections, &ca);
	http = http_new(&cfg, &connections, &ca, ipc_channel_fd(boot.ch));
	if (http == NULL)
		broker_fail(&boot, IPC_STAGE_MEMORY, IPC_REASON_INTERNAL);
	if ((r = sandbox_enter_final(sb)) != 0) {
		log_warnx("sandbox: %s", err_text(r));
		broker_fail(&boot, IPC_STAGE_FINAL, IPC_REASON_INTERNAL);
	}
	if (ipc_boot_ready(&boot) != 0)
		_exit(1);
	r = broker_serve(&boot, &cfg, http);
	http_free(http);
	connect_close(&connections);
	buf_free(&ca);
	ipc_channel_free(boot.ch);
	return r == 0 || r == ERR_CLOSED ? 0 : 1;
}
