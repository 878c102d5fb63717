/* SPDX-License-Identifier: MIT */
/*
 * Words for what a worker cannot have.  Runs in the worker; no untrusted
 * bytes.
 */
#include "base/buf.h"
#include "worker/reasons.h"

const char	reasons_no_login[] =
    "login_needed: nobody has signed in. Ask again to open the sign-in page "
    "in a browser.";
const char	reasons_no_database[] =
    "unavailable: the exchange's database cannot be reached. Nothing is "
    "wrong with the question; try again in a minute.";
const char	reasons_too_slow[] =
    "too_slow: the database did not finish in time. Try again in a minute.";
const char	reasons_lost[] =
    "unavailable: the connection to the exchange's database was lost. "
    "Nothing is wrong with the question; ask again.";
const char	reasons_silent[] =
    "too_slow: the exchange's database did not answer, and its connection "
    "was given up. Nothing is wrong with the question; try again in a minute.";
const char	reasons_died[] =
    "unavailable: the process that worked on this request ended before it "
    "had an answer. Nothing was changed; ask again.";

const char	reasons_signing_in[] =
    "waiting for the sign-in in the browser";
const char	reasons_connecting[] = "waiting for the database";
const char	reasons_queued[] = "waiting for an earlier request";
const char	reasons_working[] = "the database is working on it";

static const char *const reason_texts[] = {
	[IPC_REASON_TIMEOUT] =
	    "login_needed: nobody is signed in. Ask again: the sign-in page "
	    "of the exchange opens in a browser.",
	[IPC_REASON_DENIED] =
	    "login_needed: the sign-in was declined in the browser.",
	[IPC_REASON_GRANT] =
	    "login_needed: the exchange did not take the sign-in any more, "
	    "for it was too late or used already. Ask again: the sign-in "
	    "page of the exchange opens in a browser.",
	[IPC_REASON_LIMIT] =
	    "login_needed: too many sign-ins were begun in the last minute. "
	    "Wait a minute, then ask again.",
	[IPC_REASON_PORT] =
	    "login_needed: the sign-in cannot begin, because another program "
	    "uses the port that the browser returns to (option "
	    "callback-port). End that program or change the option.",
	[IPC_REASON_EXCHANGE_DOWN] =
	    "unavailable: the exchange cannot be reached for the sign-in. "
	    "Nothing is wrong with the question; check exchange-url and try "
	    "again in a minute.",
	[IPC_REASON_EXCHANGE_ANSWER] =
	    "unavailable: the exchange's answer to the sign-in was not "
	    "acceptable. The log of jhe-mcp says what was wrong; tell the "
	    "exchange's administrator.",
	[IPC_REASON_CLIENT] =
	    "login_needed: the exchange does not accept this program's "
	    "client-id (or its secret). Have it registered, or correct the "
	    "option client-id.",
	[IPC_REASON_UNSIGNED] =
	    "login_needed: the exchange's application for this program was "
	    "registered without the signing algorithm RS256. Its "
	    "administrator can set it.",
	[IPC_REASON_TOO_MANY_STUDIES] =
	    "login_needed: the exchange's token names more than 4096 "
	    "studies, which is more than this program takes.",
	[IPC_REASON_DB_DOWN] = reasons_no_database,
	[IPC_REASON_DB_REFUSED] =
	    "unavailable: the database refuses the login of this program "
	    "(option database). Its administrator can correct it; nothing "
	    "is wrong with the question.",
	[IPC_REASON_DB_UNFIT] =
	    "unavailable: the database that the option database names is "
	    "not a JupyterHealth Exchange this version can read. The log of "
	    "jhe-mcp says more.",
	[IPC_REASON_DB_PRIVILEGE] =
	    "unavailable: the database login lacks SELECT on a table of the "
	    "exchange. The log of jhe-mcp names it; the database's "
	    "administrator can grant it.",
	[IPC_REASON_ZONE] =
	    "unavailable: the database server knows no time zone of the name "
	    "that the option default-timezone has. Correct it, as in "
	    "Europe/Berlin; nothing is wrong with the question.",
	[IPC_REASON_INTERNAL] =
	    "unavailable: jhe-mcp failed. Its log says more; try again.",
};

void
reasons_write(struct buf *out, enum ipc_reason reason, uint32_t port,
    const char *url)
{
	if (reason == IPC_REASON_TIMEOUT && url[0] != '\0') {
		buf_addf(out, "login_needed: open %s in a browser, then ask "
		    "again.", url);
		return;
	}
	buf_adds(out, reason_texts[reason]);
	if (reason == IPC_REASON_PORT)
		buf_addf(out, " The port is %u.", port);
}
