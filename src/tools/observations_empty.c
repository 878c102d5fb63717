/* SPDX-License-Identifier: MIT */
/*
 * What is said instead of rows: what the patient has, and that a name is no
 * data type.  Runs in the worker.  Names come from a client and from codes.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "db/array.h"
#include "tools/have.h"
#include "tools/observations_page.h"
#include "tools/text.h"

void
page_write_subject(const struct page *page, struct buf *out, int64_t n)
{
	const struct observations_query	*q = &page->query;
	char				 count[RESULT_COUNT_SIZE];

	buf_addf(out, "%s ", result_count(n, count));
	buf_adds(out, q->wanted.single ? "reading" : "observation");
	if (n != 1)
		buf_addc(out, 's');
	if (q->has_above)
		buf_addf(out, " above %.12g", q->above);
	if (q->has_above && q->has_below)
		buf_adds(out, " and");
	if (q->has_below)
		buf_addf(out, " below %.12g", q->below);
	if (q->bounded != NULL && q->bound_unit != NULL)
		buf_addf(out, " %s", q->bound_unit->name);
}

/* The names asked for, as far as they are short; else nothing. */
static void
empty_write_asked(const struct page *page, struct buf *out)
{
	const struct observations_query	*q = &page->query;
	struct buf			 clean;

	if (!q->wanted.single)
		return;
	if (q->wanted.type != NULL) {
		buf_addf(out, "%s ", q->wanted.type->name);
		return;
	}
	buf_init(&clean, 1024);
	text_clean(&clean, q->wanted.others[0],
	    strlen(q->wanted.others[0]), 60);
	buf_addf(out, "%s ", buf_string(&clean));
	buf_free(&clean);
}

void
page_write_empty(const struct page *page, struct tools_call *call)
{
	const struct observations_query	*q = &page->query;
	struct buf			*out = &call->result.summary, subject;
	struct have_types		*all;

	buf_init(&subject, 1024);
	page_write_subject(page, &subject, 0);
	buf_adds(out, "0 ");
	empty_write_asked(page, out);
	buf_addf(out, "%s of patient %lld", buf_string(&subject) + 2,
	    (long long)q->patient_id);
	buf_free(&subject);
	if (!window_is_open(&q->window))
		buf_adds(out, " in this window");
	if ((all = calloc(1, sizeof(*all))) == NULL) {
		out->error = ERR_MEMORY;
		return;
	}
	if (have_read(all, buf_string(&page->have), page->have.len) != 0 ||
	    all->n == 0)
		buf_adds(out, "; there is no observation of this patient "
		    "with a code.");
	else {
		buf_adds(out, "; the patient has ");
		have_write(all, out);
		buf_addc(out, '.');
	}
	free(all);
}

/* --- unknown_type. -------------------------------------------------------- */

static void
empty_set_unknown(const struct page *page, struct tools_call *call,
    const char *name, size_t len)
{
	const struct omh_type	*nearest = omh_type_nearest(name, len);
	struct have_types	*all;
	struct buf		 clean, names;

	buf_init(&clean, 1024);
	buf_init(&names, ERRORS_TEXT_MAX);
	text_clean(&clean, name, len, 60);
	if ((all = calloc(1, sizeof(*all))) != NULL &&
	    have_read(all, buf_string(&page->have), page->have.len) == 0)
		have_write_names(all, &names);
	errors_set(&call->error, ERRORS_UNKNOWN_TYPE, "\"%s\" is not a data "
	    "type.%s%s%s With data for this patient: %s.",
	    buf_string(&clean), nearest != NULL ? " Nearest: " : "",
	    nearest != NULL ? nearest->name : "", nearest != NULL ? "." : "",
	    names.len > 0 ? buf_string(&names) : "none");
	free(all);
	buf_free(&clean);
	buf_free(&names);
}

bool
page_check_types(const struct page *page, struct tools_call *call)
{
	char		 name[DATA_TYPES_NAME_SIZE];
	struct db_array	 array;
	size_t		 len;
	bool		 null;

	if (page->missed.len == 0 ||
	    db_array_begin(&array, page->missed.data, page->missed.len) != 0 ||
	    db_array_next(&array, name, sizeof(name), &len, &null) != 1)
		return true;
	empty_set_unknown(page, call, name, len);
	return false;
}
