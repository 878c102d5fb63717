/* SPDX-License-Identifier: MIT */
/*
 * Calls that have not begun, on their way to the next worker.  Runs in the
 * worker; what is passed on is the client's bytes, and of a batch our own
 * answers.
 */
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "compat/compat.h"
#include "mcp/batch.h"
#include "worker/call.h"
#include "worker/worker.h"

void
calls_pass_on(struct worker *w, int64_t deadline_ms, const char *request,
    size_t len)
{
	struct ipc_call	msg;
	int		fd = -1;

	memset(&msg, 0, sizeof(msg));
	msg.deadline_ms = deadline_ms;
	if (len <= IPC_INLINE_MAX) {
		msg.data_len = (uint32_t)len;
		memcpy(msg.data, request, len);
	} else {
		fd = fd_memory_file("call", request, len);
		if (fd < 0)
			fatal("hand-over");
	}
	master_send(w, WORK_WAITING, &msg, &fd, fd == -1 ? 0 : 1);
	fd_close(&fd);
	explicit_bzero(&msg, sizeof(msg));
}

/* What a batch has answered goes along, so that nothing is done twice. */
static void
call_save_batch(const struct call *c, struct buf *out)
{
	const struct call	*d;
	char			 separator = '[';

	mcp_batch_save(c->req.batch, out);
	for (d = c; d != NULL; d = d->next) {
		if (d->req.batch != c->req.batch)
			continue;
		buf_addc(out, separator);
		buf_add(out, d->line, d->line_len);
		separator = ',';
	}
	buf_addc(out, ']');
}

void
calls_hand_over(struct worker *w)
{
	struct call	*c;
	struct buf	 batch;

	while ((c = w->calls) != NULL) {
		if (c->req.batch == NULL)
			calls_pass_on(w, c->deadline_ms, c->line,
			    c->line_len);
		else {
			buf_init(&batch, WORKER_OUT_MAX);
			call_save_batch(c, &batch);
			if (buf_error(&batch) != 0)
				fatalx("hand-over: %s",
				    err_text(buf_error(&batch)));
			calls_pass_on(w, c->deadline_ms, batch.data,
			    batch.len);
			buf_free(&batch);
		}
		call_give_up(c);
	}
}
