/* SPDX-License-Identifier: MIT */
/* Words of this process for what went wrong, and what would help. */
#ifndef CLI_REASONS_H
#define CLI_REASONS_H

#include "ipc/ipc.h"

struct reason {
	int		 code;		/* exit code */
	const char	*word;		/* for programs: "login_needed" */
	const char	*text;
	const char	*cure;
};

/* Why nobody signed in. */
const struct reason	*reason_of_login(enum ipc_reason reason);
/*
 * The exit code of a tool's error: texts begin with a word for programs and
 * ": "; *len is the word's length, 0 if there is none.
 */
int			 reason_of_text(const char *text, size_t *len);

#endif
