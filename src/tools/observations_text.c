/* SPDX-License-Identifier: MIT */
/*
 * The text beside the table: for each observation the lines that the first
 * MCP server of the exchange gave.  Runs in the worker.
 */
#include <string.h>

#include "tools/observations_page.h"
#include "tools/text.h"

/* Characters kept free for what follows the lines. */
#define TEXT_AROUND	1200

static void
text_line(const struct page *page, struct buf *out, const char *name,
    struct page_text value)
{
	buf_addf(out, "  %s: %s\n", name,
	    value.len > 0 ? page_string(page, value) : "N/A");
}

static void
text_spaces(struct buf *out, size_t n)
{
	while (n-- > 0)
		buf_addc(out, ' ');
}

/* Where a JSON string that begins at json[i] ends. */
static size_t
text_string_end(const char *json, size_t i, size_t len)
{
	for (i++; i < len && json[i] != '"'; i++)
		if (json[i] == '\\')
			i++;
	return i < len ? i + 1 : len;
}

void
page_pretty(struct buf *out, const char *json, size_t len, size_t indent)
{
	size_t	i = 0, end;
	char	c;

	while (i < len) {
		c = json[i];
		if (c == '"') {
			end = text_string_end(json, i, len);
			buf_add(out, json + i, end - i);
			i = end;
			continue;
		}
		i++;
		if (c == ' ')
			continue;
		if ((c == '{' || c == '[') && i < len &&
		    (json[i] == '}' || json[i] == ']')) {
			buf_addc(out, c);
			buf_addc(out, json[i++]);
			continue;
		}
		if ((c == '}' || c == ']') && indent >= 2) {
			indent -= 2;
			buf_addc(out, '\n');
			text_spaces(out, indent);
		}
		buf_addc(out, c);
		if (c == '{' || c == '[')
			indent += 2;
		if (c == '{' || c == '[' || c == ',') {
			buf_addc(out, '\n');
			text_spaces(out, indent);
		} else if (c == ':')
			buf_addc(out, ' ');
	}
}

static void
text_payload(const struct page *page, const struct page_row *r,
    struct buf *out)
{
	buf_adds(out, "  Data: {\n    \"header\": ");
	if (r->header.at != 0)
		page_pretty(out, page_string(page, r->header), r->header.len,
		    4);
	else
		buf_adds(out, "null");
	buf_adds(out, ",\n    \"body\": ");
	if (r->body.at != 0)
		page_pretty(out, page_string(page, r->body), r->body.len, 4);
	else
		buf_adds(out, "null");
	buf_adds(out, "\n  }\n");
}

static void
text_observation(const struct page *page, const struct page_row *r,
    struct buf *out)
{
	char	updated[MOMENT_TEXT_SIZE];

	buf_addf(out, "\nObservation %lld\n", (long long)r->id);
	text_line(page, out, "Status", r->status);
	if (r->code.at != 0) {
		buf_addf(out, "  Code: %s ", page_string(page, r->display));
		buf_addf(out, "(%s#", page_string(page, r->system));
		buf_addf(out, "%s)\n", page_string(page, r->code));
	} else
		buf_adds(out, "  Code: N/A\n");
	text_line(page, out, "Data Source", r->source);
	if (r->has_updated) {
		moment_format(r->updated_us, 0, true, updated);
		buf_addf(out, "  Last Updated: %s\n", updated);
	} else
		buf_adds(out, "  Last Updated: N/A\n");
}

/* True if what stands behind mark still fits; else it is taken back. */
static bool
text_keep(struct buf *out, size_t mark, size_t *characters, size_t room)
{
	size_t	n;

	if (buf_error(out) != 0)
		return false;
	n = text_characters(out->data + mark, out->len - mark);
	if (*characters + n > room) {
		buf_truncate(out, mark);
		return false;
	}
	*characters += n;
	return true;
}

void
page_write_lines(const struct page *page, struct tools_call *call)
{
	struct buf	*out = &call->result.lines;
	size_t		 i, mark, characters = 0;
	size_t		 room = call->result.max_characters - TEXT_AROUND;

	for (i = 0; i < call->result.nrows; i++) {
		mark = out->len;
		text_observation(page, &page->rows[i], out);
		if (!text_keep(out, mark, &characters, room))
			break;
		if (!page->query.full)
			continue;
		mark = out->len;
		text_payload(page, &page->rows[i], out);
		if (!text_keep(out, mark, &characters, room))
			buf_adds(out, "  Data: see the structured result\n");
	}
	if (i < call->result.nrows)
		buf_addf(out, "\n(%zu more: see the structured result)\n",
		    call->result.nrows - i);
}
