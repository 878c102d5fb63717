/* SPDX-License-Identifier: MIT */
/*
 * What the gate says to a person.  Nothing of a request is in any page, nor
 * any word that an exchange sent: every text stands here.
 */
#include "base/err.h"
#include "gate/gate.h"
#include "http/response.h"

/*
 * The one style element, and the hash of its bytes by which the response
 * allows it (Content Security Policy Level 3, §2.3.1); a test compares them.
 */
#define STYLE								\
	":root{color-scheme:light dark;--paper:#f4f6f8;--card:#fff;" \
	"--ink:#1d2733;--quiet:#5a6878;--good:#1a7f4b;--bad:#b3362b;" \
	"--plain:#44608a}" \
	"@media(prefers-color-scheme:dark){:root{--paper:#12171d;" \
	"--card:#1c242d;--ink:#e8edf2;--quiet:#9aa8b6;--good:#4cc38a;" \
	"--bad:#f0807a;--plain:#8fb3e0}}" \
	"*{box-sizing:border-box}" \
	"body{margin:0;min-height:100vh;display:flex;" \
	"align-items:center;justify-content:center;padding:1.5rem;" \
	"background:var(--paper);color:var(--ink);" \
	"font:1.05rem/1.55 system-ui,sans-serif}" \
	"main{max-width:31rem;width:100%;padding:2.25rem 2.5rem;" \
	"background:var(--card);border-radius:.9rem;" \
	"border-top:.35rem solid var(--plain);" \
	"box-shadow:0 .3rem 1.6rem rgba(0,0,0,.1)}" \
	"main.good{border-color:var(--good)}" \
	"main.bad{border-color:var(--bad)}" \
	"h1{margin:0 0 .75rem;font-size:1.45rem;line-height:1.3;" \
	"font-weight:600}" \
	"p{margin:.75rem 0}" \
	"footer{margin-top:1.75rem;color:var(--quiet);font-size:.88rem}"
#define STYLE_HASH							\
	"'sha256-qYy+uaRW9/uMOcqKqI3rP8U/QsWCEIzkydJ4lie9Y9I='"

#define CLOSE	" You may close this window."

static const struct page {
	int		 status;
	const char	*tone;		/* class of the card */
	const char	*title;
	const char	*text;
} pages[GATE_PAGES] = {
	[GATE_PAGE_SIGNED_IN] = { 200, "good", "You are signed in",
	    "jhe-mcp can now answer questions with what you may see at the "
	    "exchange. You may close this window and go back to your "
	    "assistant: the question that was waiting is being answered." },
	[GATE_PAGE_NOT_STORED] = { 200, "good", "You are signed in for now",
	    "jhe-mcp can answer questions with what you may see at the "
	    "exchange, but it could not store the sign-in: you will have to "
	    "sign in again when it is started anew. Its log says why; mostly "
	    "a disk is full (option token-cache-dir)." CLOSE },
	[GATE_PAGE_DENIED] = { 403, "bad", "The sign-in was declined",
	    "The exchange reports that access was not granted, and nothing "
	    "was stored. Your assistant still waits: if that was a mistake, "
	    "open the address of the sign-in again." CLOSE },
	[GATE_PAGE_STATE] = { 400, "plain", "Nothing happened",
	    "This is not a sign-in that jhe-mcp is waiting for, or it was "
	    "used already. If one is open in another window, it goes on "
	    "waiting there." CLOSE },
	[GATE_PAGE_EXCHANGE] = { 502, "bad",
	    "The exchange could not complete the sign-in",
	    "It did not answer, or it reported an error, and nothing was "
	    "stored. Ask your question again to start over; if that does "
	    "not help, the log of jhe-mcp says more." CLOSE },
	[GATE_PAGE_REFUSED] = { 502, "bad", "The sign-in was not accepted",
	    "What the exchange answered did not pass the checks of jhe-mcp, "
	    "and nothing was stored. The log of jhe-mcp says which check it "
	    "was." CLOSE },
	[GATE_PAGE_EXPIRED] = { 410, "bad", "Too late",
	    "The question that needed this sign-in is no longer waiting. "
	    "Ask it again to start over." CLOSE },
	[GATE_PAGE_NO_VERDICT] = { 504, "bad", "This took too long",
	    "The sign-in was not completed in time. Ask your question again "
	    "to start over." CLOSE },
	[GATE_PAGE_BAD_REQUEST] = { 400, "plain", "This cannot be read",
	    "The request was not one that a sign-in ends with. Nothing "
	    "happened." CLOSE },
	[GATE_PAGE_NOT_FOUND] = { 404, "plain", "There is nothing here",
	    "This address only receives the end of a sign-in." CLOSE },
	[GATE_PAGE_METHOD] = { 405, "plain", "Not this way",
	    "This address answers GET only." CLOSE },
	[GATE_PAGE_HOST] = { 421, "plain", "Not by this name",
	    "This address answers to localhost only." CLOSE },
	[GATE_PAGE_SLOW] = { 408, "plain", "This took too long",
	    "The request was not complete in time. Nothing happened." CLOSE }
};

/* What an exchange reported, in our words. */
static const char *const	reports[IPC_OAUTH_ERROR_MAX + 1] = {
	[IPC_OAUTH_ACCESS_DENIED] = "access was denied (access_denied)",
	[IPC_OAUTH_INVALID_REQUEST] =
	    "the request was not valid (invalid_request)",
	[IPC_OAUTH_INVALID_CLIENT] =
	    "it does not know this application (invalid_client)",
	[IPC_OAUTH_INVALID_GRANT] =
	    "the sign-in was not valid any more (invalid_grant)",
	[IPC_OAUTH_INVALID_SCOPE] =
	    "it does not offer what was asked for (invalid_scope)",
	[IPC_OAUTH_UNAUTHORIZED_CLIENT] = "this application is not registered "
	    "for this kind of sign-in (unauthorized_client)",
	[IPC_OAUTH_UNSUPPORTED_GRANT_TYPE] =
	    "it has no such sign-in (unsupported_grant_type)",
	[IPC_OAUTH_UNSUPPORTED_RESPONSE_TYPE] =
	    "it has no such sign-in (unsupported_response_type)",
	[IPC_OAUTH_SERVER_ERROR] = "it has a problem (server_error)",
	[IPC_OAUTH_TEMPORARILY_UNAVAILABLE] =
	    "it is not available now (temporarily_unavailable)",
	[IPC_OAUTH_LOGIN_REQUIRED] = "nobody signed in (login_required)",
	[IPC_OAUTH_OTHER] = "the sign-in was refused"
};

static const enum gate_page	verdicts[IPC_PAGE_MAX + 1] = {
	[IPC_PAGE_SIGNED_IN] = GATE_PAGE_SIGNED_IN,
	[IPC_PAGE_DENIED] = GATE_PAGE_DENIED,
	[IPC_PAGE_STATE] = GATE_PAGE_STATE,
	[IPC_PAGE_EXCHANGE] = GATE_PAGE_EXCHANGE,
	[IPC_PAGE_REFUSED] = GATE_PAGE_REFUSED,
	[IPC_PAGE_EXPIRED] = GATE_PAGE_EXPIRED,
	[IPC_PAGE_NOT_STORED] = GATE_PAGE_NOT_STORED
};

enum gate_page
pages_of_verdict(uint32_t page)
{
	return page <= IPC_PAGE_MAX ? verdicts[page] : GATE_PAGE_EXCHANGE;
}

/* A report says why a sign-in failed, and nothing on other pages. */
static const char *
report_of(enum gate_page page, enum ipc_oauth_error error)
{
	if (page != GATE_PAGE_DENIED && page != GATE_PAGE_EXCHANGE &&
	    page != GATE_PAGE_REFUSED)
		return NULL;
	return error <= IPC_OAUTH_ERROR_MAX ? reports[error] : NULL;
}

void
pages_write(struct buf *out, enum gate_page page, int status,
    enum ipc_oauth_error error, bool head_only)
{
	const struct page	*p = &pages[page];
	const char		*report = report_of(page, error);
	struct buf		 body;
	struct http_response	 r = {
		.status = status != 0 ? status : p->status,
		.content_type = "text/html; charset=utf-8",
		.allow = page == GATE_PAGE_METHOD ? "GET" : NULL,
		.style_hash = STYLE_HASH,
		.head_only = head_only
	};

	buf_init(&body, out->max);
	buf_addf(&body, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
	    "<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
	    "content=\"width=device-width,initial-scale=1\">\n"
	    "<title>%s - jhe-mcp</title>\n<style>%s</style>\n</head>\n"
	    "<body>\n<main class=\"%s\">\n<h1>%s</h1>\n<p>%s</p>\n",
	    p->title, STYLE, p->tone, p->title, p->text);
	if (report != NULL)
		buf_addf(&body, "<p>The exchange said: %s.</p>\n", report);
	buf_adds(&body, "<footer>jhe-mcp for JupyterHealth Exchange</footer>\n"
	    "</main>\n</body>\n</html>\n");
	r.body = buf_string(&body);
	if (buf_error(&body) == 0)
		http_response_write(out, &r);
	else
		out->error = buf_error(&body);
	buf_free(&body);
}
