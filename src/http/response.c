/* SPDX-License-Identifier: MIT */
/*
 * Responses.  Runs in the processes that face a network; nothing of the
 * request may reach a header here.
 */
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "http/response.h"

#define DAY_S	86400

static const struct {
	int		 status;
	const char	*text;
} statuses[] = {
	{ 200, "OK" },
	{ 400, "Bad Request" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 408, "Request Timeout" },
	{ 410, "Gone" },
	{ 414, "URI Too Long" },
	{ 421, "Misdirected Request" },
	{ 431, "Request Header Fields Too Large" },
	{ 501, "Not Implemented" },
	{ 502, "Bad Gateway" },
	{ 504, "Gateway Timeout" },
	{ 505, "HTTP Version Not Supported" }
};

const char *
http_status_text(int status)
{
	size_t	i;

	for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		if (statuses[i].status == status)
			return statuses[i].text;
	}
	return "Status";
}

/* RFC 9110 §5.6.7, from "2026-08-21T14:20:05Z". */
static void
add_date(struct buf *out)
{
	static const char	days[] = "ThuFriSatSunMonTueWed";
	static const char	months[] = "JanFebMarAprMayJun"
				    "JulAugSepOctNovDec";
	char			text[CLOCK_TEXT_SIZE];
	int64_t			now_s = clock_wall_s();
	int			month;

	clock_format(now_s, text, sizeof(text));
	if (now_s < 0 || strlen(text) != 20)
		return;
	month = (text[5] - '0') * 10 + text[6] - '0' - 1;
	buf_addf(out, "Date: %.3s, %.2s %.3s %.4s %.8s GMT\r\n",
	    days + now_s / DAY_S % 7 * 3, text + 8, months + month * 3, text,
	    text + 11);
}

void
http_response_write(struct buf *out, const struct http_response *r)
{
	buf_addf(out, "HTTP/1.1 %d %s\r\n", r->status,
	    http_status_text(r->status));
	add_date(out);
	buf_addf(out, "Content-Type: %s\r\nContent-Length: %zu\r\n",
	    r->content_type, strlen(r->body));
	if (r->allow != NULL)
		buf_addf(out, "Allow: %s\r\n", r->allow);
	buf_adds(out, "Cache-Control: no-store\r\n"
	    "Content-Security-Policy: default-src 'none'; base-uri 'none'; "
	    "form-action 'none'; frame-ancestors 'none'");
	if (r->style_hash != NULL)
		buf_addf(out, "; style-src %s", r->style_hash);
	buf_adds(out, "\r\nX-Content-Type-Options: nosniff\r\n"
	    "Referrer-Policy: no-referrer\r\nX-Frame-Options: DENY\r\n"
	    "Connection: close\r\n\r\n");
	if (!r->head_only)
		buf_adds(out, r->body);
}
