/* SPDX-License-Identifier: MIT */
/*
 * Reasons as people are told them.  Runs in jhe-mcp.  Nothing here repeats
 * what the exchange or the database said.
 */
#include <string.h>

#include "cli/program.h"
#include "cli/reasons.h"

#define NEEDED		PROGRAM_LOGIN, "login_needed"
#define UNAVAILABLE	PROGRAM_UNREACHABLE, "unavailable"

static const struct reason	reasons[] = {
	[IPC_REASON_TIMEOUT] = { NEEDED, "nobody signed in in time",
	    "If the page of the exchange shows an error instead of a sign-in, "
	    "client-id or the redirect address is not registered there." },
	[IPC_REASON_DENIED] = { NEEDED,
	    "the sign-in was declined in the browser",
	    "Sign in again, and agree there." },
	[IPC_REASON_GRANT] = { NEEDED,
	    "the exchange did not take the sign-in any more: it was too late "
	    "or used already", "Sign in again." },
	[IPC_REASON_LIMIT] = { NEEDED,
	    "too many sign-ins were begun in the last minute",
	    "Wait a minute, then try again." },
	[IPC_REASON_PORT] = { NEEDED,
	    "another program uses the port that the browser returns to",
	    "End that program, or set callback-port to another one that is "
	    "registered at the exchange." },
	[IPC_REASON_EXCHANGE_DOWN] = { UNAVAILABLE,
	    "the exchange cannot be reached",
	    "Check exchange-url and the network; try again in a minute." },
	[IPC_REASON_EXCHANGE_ANSWER] = { UNAVAILABLE,
	    "the exchange's answer to the sign-in was not acceptable",
	    "jhe-mcp doctor says more; tell the exchange's administrator." },
	[IPC_REASON_CLIENT] = { NEEDED,
	    "the exchange does not accept our client-id, or its secret",
	    "Have the application registered, or correct client-id." },
	[IPC_REASON_UNSIGNED] = { NEEDED,
	    "the exchange's application for us does not sign with RS256",
	    "The exchange's administrator sets the algorithm of the "
	    "application to RS256." },
	[IPC_REASON_TOO_MANY_STUDIES] = { NEEDED,
	    "the exchange's token names more than 4096 studies",
	    "Sign in as somebody who sees fewer studies." },
	[IPC_REASON_DB_DOWN] = { UNAVAILABLE,
	    "the database cannot be reached", "See jhe-mcp doctor." },
	[IPC_REASON_DB_REFUSED] = { UNAVAILABLE,
	    "the database refuses the login", "See jhe-mcp doctor." },
	[IPC_REASON_DB_UNFIT] = { UNAVAILABLE,
	    "the database is not an exchange's", "See jhe-mcp doctor." },
	[IPC_REASON_DB_PRIVILEGE] = { UNAVAILABLE,
	    "the database login lacks a privilege", "See jhe-mcp doctor." },
	[IPC_REASON_ZONE] = { UNAVAILABLE,
	    "PostgreSQL knows no time zone of the name in default-timezone",
	    "Correct the option, as in Europe/Berlin." },
	[IPC_REASON_INTERNAL] = { UNAVAILABLE,
	    "jhe-mcp failed; its log says more",
	    "Try again with -o log-level=debug." },
};

static const struct {
	const char	*word;
	int		 code;
} words[] = {
	{ "login_needed", PROGRAM_LOGIN },
	{ "unavailable", PROGRAM_UNREACHABLE },
};

const struct reason *
reason_of_login(enum ipc_reason reason)
{
	return &reasons[reason];
}

int
reason_of_text(const char *text, size_t *len)
{
	size_t	i;

	*len = strspn(text, "abcdefghijklmnopqrstuvwxyz_");
	if (text[*len] != ':')
		*len = 0;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i].word) == *len &&
		    strncmp(words[i].word, text, *len) == 0)
			return words[i].code;
	return PROGRAM_TOOL_ERROR;
}
