/* SPDX-License-Identifier: MIT */
/* A server with a worker behind it that only notes what it was asked. */
#ifndef TESTS_UNIT_MCP_FAKE_H
#define TESTS_UNIT_MCP_FAKE_H

#include "base/buf.h"
#include "mcp/server.h"

#define LINE_MAX_TEST	(4 * 1024 * 1024)
#define FAKE_MAX	64

#define RPC(id, method)	"{\"jsonrpc\":\"2.0\",\"id\":" id ",\"method\":\"" \
	method "\"}"
#define RPCP(id, method, params) "{\"jsonrpc\":\"2.0\",\"id\":" id \
	",\"method\":\"" method "\",\"params\":" params "}"
#define NOTE(method, params) "{\"jsonrpc\":\"2.0\",\"method\":\"" method \
	"\",\"params\":" params "}"
#define CALL(id)	RPCP(id, "tools/call", "{\"name\":\"get_study_count\"}")

struct fake {
	struct mcp_server	*server;
	struct mcp_session	 session;
	struct mcp_offer	 offer;
	struct buf		 out;
	/* What the ops were called with, and how often. */
	struct mcp_request	 asked;
	char			 what[2048];
	int			 times;
	struct json_object	*kept;
	/* Calls without answers, as they were read, and the batch kept. */
	struct mcp_request	 calls[FAKE_MAX];
	char			 raws[FAKE_MAX][512];
	size_t			 ncalls;
	struct mcp_batch	*batch;
};

extern struct fake	fake;

/*
 * One tool get_study_count, one resource schema://a/b, one template
 * schema://a/{c}/d, prompts greet and plain; no session yet.
 */
int	fake_setup(void **state);
int	fake_teardown(void **state);
/* The answers to a line, "" for none; each one line of its own. */
const char	*fake_say(const char *line);
const char	*fake_resume(const char *saved, size_t len);
/* One of the answers has this part. */
void	fake_has(const char *line, const char *part);
/* initialize at a revision. */
void	fake_initialize(const char *revision);
/* Answer call n with this text; what is written for it. */
const char	*fake_answer(size_t n, const char *text);

#endif
