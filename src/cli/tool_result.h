/* SPDX-License-Identifier: MIT */
/* tools/call, seen from a client. */
#ifndef CLI_TOOL_RESULT_H
#define CLI_TOOL_RESULT_H

#include <stddef.h>

struct json_object;
struct progress;

struct tool_result {
	int			 code;		/* exit code */
	char			 word[32];	/* of an error, for programs */
	const char		*text;		/* of the answer or the error */
	struct json_object	*structured;	/* lent; NULL: none */
};

/* What an answer means; text lives as long as the answer. */
void	tool_result_read(struct tool_result *t, struct json_object *result,
	    struct json_object *error);
/* Parameters of tools/call that ask for progress; arguments is taken over,
 * NULL for none. */
struct json_object *tool_result_params(const char *tool,
	    struct json_object *arguments);
/* A notification of progress becomes what is told to wait for. */
void	tool_result_progress(struct progress *p, const char *method,
	    struct json_object *params);

#endif
