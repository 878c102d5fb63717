/* SPDX-License-Identifier: MIT */
/*
 * A batch of JSON-RPC messages (2025-03-26 only): its answers are collected
 * and go out as one array when the last of them is there.  The functions of
 * mcp/write.h see to that for a request that has a batch; the process keeps
 * the ids known, and can move a batch that is not done to another process.
 */
#ifndef MCP_BATCH_H
#define MCP_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mcp/scan.h"

struct buf;
struct mcp_batch;
struct mcp_request;

/* Bytes of answers of one batch; what comes then is refused as too large. */
#define MCP_BATCH_ANSWERS_MAX	(16 * 1024 * 1024)

/* An id as the client wrote it. */
struct mcp_batch_id {
	uint32_t	len;
	char		raw[MCP_ID_MAX];
};

/* --- For the worker. --- */

/* All is answered, or given up: its array is written. */
bool	mcp_batch_is_done(const struct mcp_batch *b);
/* The most requests that can be in it. */
size_t	mcp_batch_size(const struct mcp_batch *b);
/* The ids of its requests, answered or not; until it is changed. */
const struct mcp_batch_id *mcp_batch_ids(const struct mcp_batch *b,
	    size_t *n);
/*
 * The client gave this request up: it is not answered, its id is forgotten.
 * If it was the last one that was waited for, the array is appended to out.
 * 0 or an error of the buffer.
 */
int	mcp_batch_drop(struct mcp_batch *b, const struct mcp_request *req,
	    struct buf *out);
/*
 * Append what another process needs to go on with the batch: the ids that
 * are answered and the answers.  The caller adds the array of the requests
 * that are not, each as it was read; mcp_server_resume() takes it all.
 */
void	mcp_batch_save(const struct mcp_batch *b, struct buf *out);
void	mcp_batch_free(struct mcp_batch *b);

/* --- For mcp/. --- */

/* NULL when out of memory.  It is not done before mcp_batch_release(). */
struct mcp_batch *mcp_batch_new(size_t size);
/* A request that will be answered; id.data NULL: without an id. */
void	mcp_batch_expect(struct mcp_batch *b, struct mcp_slice id);
/* len bytes that mcp_batch_save() made, without the array behind them. */
int	mcp_batch_restore(struct mcp_batch *b, const char *saved, size_t len);
/* Where the answers are collected, each a line. */
struct buf *mcp_batch_answers(struct mcp_batch *b);
/*
 * An answer was appended at start.  After the last one the array is appended
 * to out.  0; else the answer is taken back: ERR_LIMIT if there are too many
 * bytes of them (an error, which is small, is always taken), or an error of
 * out.
 */
int	mcp_batch_answered(struct mcp_batch *b, const struct mcp_request *req,
	    size_t start, bool is_error, struct buf *out);
/* All its messages were read. */
int	mcp_batch_release(struct mcp_batch *b, struct buf *out);

#endif
