/* SPDX-License-Identifier: MIT */
/*
 * The answers of a batch.  Runs in the worker; ids are the client's bytes,
 * checked by the scan; answers are of mcp/write.h, each a line.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "mcp/batch.h"
#include "mcp/message.h"

/* Enough for the error that a message is answered with. */
#define BATCH_ERROR_MAX	1024

struct mcp_batch {
	struct mcp_batch_id	*ids;
	bool			*answered;	/* of each id */
	size_t			 nids;
	size_t			 size;
	size_t			 waiting;	/* requests without answer */
	bool			 reading;	/* not all messages are read */
	bool			 done;
	struct buf		 answers;
};

struct mcp_batch *
mcp_batch_new(size_t size)
{
	struct mcp_batch	*b = calloc(1, sizeof(*b));

	if (b == NULL)
		return NULL;
	b->size = size;
	b->reading = true;
	buf_init(&b->answers, MCP_BATCH_ANSWERS_MAX + size * BATCH_ERROR_MAX);
	b->ids = calloc(size, sizeof(*b->ids));
	b->answered = calloc(size, sizeof(*b->answered));
	if (b->ids == NULL || b->answered == NULL) {
		mcp_batch_free(b);
		return NULL;
	}
	return b;
}

void
mcp_batch_free(struct mcp_batch *b)
{
	if (b == NULL)
		return;
	buf_free(&b->answers);
	free(b->ids);
	free(b->answered);
	free(b);
}

bool
mcp_batch_is_done(const struct mcp_batch *b)
{
	return b->done;
}

size_t
mcp_batch_size(const struct mcp_batch *b)
{
	return b->size;
}

const struct mcp_batch_id *
mcp_batch_ids(const struct mcp_batch *b, size_t *n)
{
	*n = b->nids;
	return b->ids;
}

struct buf *
mcp_batch_answers(struct mcp_batch *b)
{
	return &b->answers;
}

static void
batch_add_id(struct mcp_batch *b, const struct mcp_slice *id, bool answered)
{
	/* The size is the number of messages: there is always room. */
	if (id->data == NULL || b->nids == b->size)
		return;
	b->ids[b->nids].len = (uint32_t)id->len;
	memcpy(b->ids[b->nids].raw, id->data, id->len);
	b->answered[b->nids++] = answered;
}

void
mcp_batch_expect(struct mcp_batch *b, struct mcp_slice id)
{
	batch_add_id(b, &id, false);
	b->waiting++;
}

/* The first id like that of a request that waits, or nids. */
static size_t
batch_find(const struct mcp_batch *b, const struct mcp_request *req)
{
	size_t	i;

	for (i = 0; i < b->nids; i++)
		if (!b->answered[i] && b->ids[i].len == req->id_len &&
		    memcmp(b->ids[i].raw, req->id, req->id_len) == 0)
			break;
	return i;
}

/* The lines as one array in one line, once nothing is missing. */
static int
batch_finish(struct mcp_batch *b, struct buf *out)
{
	size_t	start = out->len, i;
	int	error;

	if (b->reading || b->waiting > 0)
		return 0;
	if (b->answers.len > 0) {
		buf_addc(out, '[');
		buf_add(out, b->answers.data, b->answers.len);
		buf_addc(out, '\n');
		error = buf_error(out);
		if (error != 0) {
			out->error = 0;
			buf_truncate(out, start);
			return error;
		}
		for (i = start; i < out->len - 2; i++)
			if (out->data[i] == '\n')
				out->data[i] = ',';
		out->data[out->len - 2] = ']';
	}
	b->done = true;
	return 0;
}

int
mcp_batch_answered(struct mcp_batch *b, const struct mcp_request *req,
    size_t start, bool is_error, struct buf *out)
{
	size_t	i = batch_find(b, req);
	int	error = ERR_LIMIT;

	b->waiting--;
	if (is_error || b->answers.len <= MCP_BATCH_ANSWERS_MAX)
		error = batch_finish(b, out);
	if (error != 0) {
		b->waiting++;
		buf_truncate(&b->answers, start);
	} else if (i < b->nids)
		b->answered[i] = true;
	return error;
}

int
mcp_batch_drop(struct mcp_batch *b, const struct mcp_request *req,
    struct buf *out)
{
	size_t	i = batch_find(b, req);
	int	error;

	b->waiting--;
	error = batch_finish(b, out);
	if (error != 0)
		b->waiting++;
	else if (i < b->nids) {
		b->ids[i] = b->ids[--b->nids];
		b->answered[i] = b->answered[b->nids];
	}
	return error;
}

int
mcp_batch_release(struct mcp_batch *b, struct buf *out)
{
	b->reading = false;
	return batch_finish(b, out);
}

/* A line with the array of ids, then the answers. */
void
mcp_batch_save(const struct mcp_batch *b, struct buf *out)
{
	bool	first = true;
	size_t	i;

	buf_addc(out, '[');
	for (i = 0; i < b->nids; i++) {
		if (!b->answered[i])
			continue;
		if (!first)
			buf_addc(out, ',');
		first = false;
		buf_add(out, b->ids[i].raw, b->ids[i].len);
	}
	buf_adds(out, "]\n");
	buf_add(out, b->answers.data, b->answers.len);
}

int
mcp_batch_restore(struct mcp_batch *b, const char *saved, size_t len)
{
	const char		*end = memchr(saved, '\n', len);
	struct mcp_slice	 array = { .data = saved }, id;
	size_t			 at = 0;

	if (end == NULL)
		return ERR_FORMAT;
	array.len = (size_t)(end - saved);
	while (mcp_scan_element(&array, &at, &id)) {
		if (!mcp_scan_is_id(id.data, id.len))
			return ERR_FORMAT;
		batch_add_id(b, &id, true);
	}
	buf_add(&b->answers, end + 1, len - array.len - 1);
	return buf_error(&b->answers);
}
