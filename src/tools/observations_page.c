/* SPDX-License-Identifier: MIT */
/*
 * Rows of the statement observation_page taken over, because what a table
 * looks like is known only when all have arrived.  Runs in the worker.  Every
 * text of a row is what somebody or some device stored.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "compat/compat.h"
#include "tools/observations_page.h"
#include "tools/text.h"

/* Of all rows together; a page's result is much smaller. */
#define PAGE_TEXTS_MAX	(16 * 1024 * 1024)
/* Characters of status, modality and the like. */
#define PAGE_SHORT_MAX	80

struct page_text
page_add(struct page *page, const char *s, size_t len)
{
	struct page_text	t = { page->texts.len + 1, len };

	buf_add(&page->texts, s, len);
	buf_addc(&page->texts, '\0');
	return t;
}

struct page_text
page_add_clean(struct page *page, const char *s, size_t len,
    size_t max_characters)
{
	struct page_text	t = { 0, 0 };
	size_t			start = page->texts.len;

	if (s == NULL)
		return t;
	text_clean(&page->texts, s, len, max_characters);
	t.at = start + 1;
	t.len = page->texts.len - start;
	buf_addc(&page->texts, '\0');
	return t;
}

const char *
page_string(const struct page *page, struct page_text t)
{
	if (t.at == 0 || buf_error(&page->texts) != 0)
		return "";
	return page->texts.data + t.at - 1;
}

void
page_time(const struct page *page, int64_t us, int offset_s,
    char text[MOMENT_TEXT_SIZE])
{
	bool	utc = window_is_utc(&page->query.window) ||
	    (page->query.window.recorded && offset_s == 0);

	moment_format(us, offset_s, utc, text);
}

static struct page_text
page_add_column(struct page *page, const struct db_row *row, int column,
    size_t max_characters)
{
	const char	*s;
	size_t		 len = 0;

	s = db_text(row, column, &len);
	return page_add_clean(page, s, len, max_characters);
}

static struct page_text
page_add_json(struct page *page, const struct db_row *row, int column)
{
	struct page_text	 none = { 0, 0 };
	const char		*s;
	size_t			 len = 0;

	if ((s = db_text(row, column, &len)) == NULL)
		return none;
	return page_add(page, s, len);
}

/* Of a column that may be NULL; false: it is. */
static bool
page_read_int(const struct db_row *row, int column, int64_t *value)
{
	*value = 0;
	return db_int(row, column, value) == 0;
}

static int
page_read_head(struct page *page, const struct db_row *row)
{
	struct window_resolved	*r = &page->resolved;
	const char		*s;
	size_t			 len = 0;
	int64_t			 offset;
	int			 error;

	page->seen = true;
	if ((error = db_bool(row, COL_OBSERVATION_PAGE_READABLE,
	    &page->readable)) != 0)
		return error;
	page_read_int(row, COL_OBSERVATION_PAGE_TOTAL, &page->total);
	page_read_int(row, COL_OBSERVATION_PAGE_INSIDE, &page->inside);
	page_read_int(row, COL_OBSERVATION_PAGE_UNDATED, &page->undated);
	page_read_int(row, COL_OBSERVATION_PAGE_WITHHELD, &page->withheld);
	r->has_lower = page_read_int(row, COL_OBSERVATION_PAGE_LOWER_US,
	    &r->lower_us);
	r->has_upper = page_read_int(row, COL_OBSERVATION_PAGE_UPPER_US,
	    &r->upper_us);
	page_read_int(row, COL_OBSERVATION_PAGE_LOWER_OFFSET, &offset);
	r->lower_offset_s = (int)offset;
	page_read_int(row, COL_OBSERVATION_PAGE_UPPER_OFFSET, &offset);
	r->upper_offset_s = (int)offset;
	if ((s = db_text(row, COL_OBSERVATION_PAGE_MISSED, &len)) != NULL)
		buf_add(&page->missed, s, len);
	if ((s = db_text(row, COL_OBSERVATION_PAGE_HAVE, &len)) != NULL)
		buf_add(&page->have, s, len);
	return 0;
}

static void
page_read_code(struct page *page, struct page_row *r,
    const struct db_row *row)
{
	const char	*code, *display;
	struct buf	 name;
	size_t		 code_len = 0, display_len = 0;

	code = db_text(row, COL_OBSERVATION_PAGE_CODE, &code_len);
	if (code == NULL)
		return;
	display = db_text(row, COL_OBSERVATION_PAGE_CODE_TEXT, &display_len);
	r->type = omh_type_of_code(code, code_len);
	buf_init(&name, PAGE_TEXTS_MAX);
	omh_type_show(&name, code, code_len, display, display_len);
	r->name = page_add_clean(page, buf_string(&name), name.len,
	    PAGE_SHORT_MAX);
	buf_free(&name);
	r->code = page_add_clean(page, code, code_len, TEXT_CELL_MAX);
	r->display = page_add_clean(page, display, display_len,
	    TEXT_CELL_MAX);
	r->system = page_add_column(page, row,
	    COL_OBSERVATION_PAGE_CODE_SYSTEM, TEXT_CELL_MAX);
}

static void
page_read_times(struct page_row *r, const struct db_row *row)
{
	int64_t	offset;

	r->has_start = page_read_int(row, COL_OBSERVATION_PAGE_START_US,
	    &r->start_us);
	page_read_int(row, COL_OBSERVATION_PAGE_START_OFFSET, &offset);
	r->start_offset_s = (int)offset;
	r->has_end = page_read_int(row, COL_OBSERVATION_PAGE_END_US,
	    &r->end_us);
	page_read_int(row, COL_OBSERVATION_PAGE_END_OFFSET, &offset);
	r->end_offset_s = (int)offset;
	r->has_updated = page_read_int(row, COL_OBSERVATION_PAGE_UPDATED_US,
	    &r->updated_us);
}

static void
page_read_stored(struct page *page, struct page_row *r,
    const struct db_row *row)
{
	(void)db_bool(row, COL_OBSERVATION_PAGE_OMITTED, &r->omitted);
	(void)db_bool(row, COL_OBSERVATION_PAGE_LATER, &r->later);
	r->header = page_add_json(page, row,
	    COL_OBSERVATION_PAGE_STORED_HEADER);
	r->body = page_add_json(page, row, COL_OBSERVATION_PAGE_STORED_BODY);
}

static int
page_grow(struct page *page)
{
	struct page_row	*rows;
	size_t		 size = page->size == 0 ? 16 : 2 * page->size;

	if (page->nrows < page->size)
		return 0;
	rows = recallocarray(page->rows, page->size, size, sizeof(*rows));
	if (rows == NULL)
		return ERR_MEMORY;
	page->rows = rows;
	page->size = size;
	return 0;
}

int
page_read_row(struct page *page, const struct db_row *row, size_t max_rows)
{
	struct page_row	*r;
	const char	*body;
	int64_t		 id;
	size_t		 len = 0;
	int		 error;

	if (!page->seen && (error = page_read_head(page, row)) != 0)
		return error;
	if (!page_read_int(row, COL_OBSERVATION_PAGE_ID, &id))
		return 0;
	/* One more than the page: that it is there is all that counts. */
	if ((error = page_grow(page)) != 0)
		return error;
	r = &page->rows[page->nrows++];
	r->id = id;
	if (page->nrows > max_rows)
		return 0;
	page_read_times(r, row);
	page_read_code(page, r, row);
	r->status = page_add_column(page, row, COL_OBSERVATION_PAGE_STATUS,
	    PAGE_SHORT_MAX);
	r->source = page_add_column(page, row, COL_OBSERVATION_PAGE_SOURCE,
	    TEXT_CELL_MAX);
	r->modality = page_add_column(page, row,
	    COL_OBSERVATION_PAGE_MODALITY, PAGE_SHORT_MAX);
	if (page->query.full)
		page_read_stored(page, r, row);
	else {
		body = db_text(row, COL_OBSERVATION_PAGE_BODY, &len);
		page_read_values(page, r, body, len);
	}
	return buf_error(&page->texts);
}

void
page_clear(struct page *page)
{
	freezero(page->rows, page->size * sizeof(*page->rows));
	buf_free(&page->texts);
	buf_free(&page->missed);
	buf_free(&page->have);
}
