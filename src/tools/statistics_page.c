/* SPDX-License-Identifier: MIT */
/*
 * Rows of the statistics statement.  Runs in the worker.  Names of data
 * sources and descriptive statistics are what anybody stored.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "compat/compat.h"
#include "db/array.h"
#include "tools/cell.h"
#include "tools/statistics_page.h"
#include "tools/text.h"

#define COL(name)	COL_OBSERVATION_STATISTICS_ ## name

/* Characters of a descriptive_statistic that are shown. */
#define STATISTICS_LABEL_MAX	40
#define STATISTICS_TEXTS_MAX	(4 * 1024 * 1024)
#define STATISTICS_HAVE_MAX	(256 * 1024)

static const char *const	statistics_kinds[STATISTICS_KINDS] = {
	[STATISTICS_GROUP] = "group",
	[STATISTICS_BETWEEN] = "between",
	[STATISTICS_MIN] = "min",
	[STATISTICS_MAX] = "max"
};

void
statistics_page_init(struct statistics_page *page)
{
	buf_init(&page->texts, STATISTICS_TEXTS_MAX);
	buf_init(&page->have, STATISTICS_HAVE_MAX);
	/* Offset 0 is "". */
	buf_addc(&page->texts, '\0');
}

void
statistics_page_clear(struct statistics_page *page)
{
	size_t	i;

	for (i = 0; i < STATISTICS_KINDS; i++)
		free(page->rows[i]);
	free(page->small);
	buf_free(&page->texts);
	buf_free(&page->have);
}

const char *
statistics_page_text(const struct statistics_page *page, size_t text)
{
	return text < page->texts.len ? page->texts.data + text : "";
}

static size_t
statistics_add_text(struct statistics_page *page, const struct db_row *row,
    int column, size_t max_characters)
{
	size_t	at = page->texts.len;

	if (db_is_null(row, column))
		return 0;
	cell_get_text(&page->texts, row, column, max_characters);
	if (page->texts.len == at)
		return 0;
	buf_addc(&page->texts, '\0');
	return at;
}

static double
statistics_get_double(const struct db_row *row, int column)
{
	double	value;

	return db_double(row, column, &value) == 0 ? value : NAN;
}

/* Elements that are missing become NaN. */
static int
statistics_get_doubles(const struct db_row *row, int column, double *values,
    size_t max)
{
	struct db_array	 array;
	const char	*text;
	char		 element[64], *end;
	size_t		 i, len;
	bool		 null;
	int		 more = 1;

	for (i = 0; i < max; i++)
		values[i] = NAN;
	if ((text = db_text(row, column, &len)) == NULL)
		return 0;
	if (db_array_begin(&array, text, len) != 0)
		return ERR_FORMAT;
	for (i = 0; i < max && (more = db_array_next(&array, element,
	    sizeof(element), &len, &null)) > 0; i++) {
		if (null)
			continue;
		values[i] = strtod(element, &end);
		if (end == element || *end != '\0')
			return ERR_FORMAT;
	}
	return more < 0 ? more : 0;
}

static int
statistics_read_head(struct statistics_page *page, const struct db_row *row)
{
	struct window_resolved	*w = &page->resolved;
	const char		*have;
	size_t			 len;

	page->seen = true;
	page->found = cell_get_boolean(row, COL(FOUND));
	page->team = cell_get_boolean(row, COL(TEAM));
	page->subjects = cell_get_integer(row, COL(SUBJECTS), 0);
	page->unreadable_subjects = cell_get_integer(row,
	    COL(UNREADABLE_SUBJECTS), 0);
	w->has_lower = db_int(row, COL(LOWER_US), &w->lower_us) == 0;
	w->has_upper = db_int(row, COL(UPPER_US), &w->upper_us) == 0;
	w->lower_offset_s = (int)cell_get_integer(row, COL(LOWER_OFFSET), 0);
	w->upper_offset_s = (int)cell_get_integer(row, COL(UPPER_OFFSET), 0);
	page->undated = cell_get_integer(row, COL(UNDATED), 0);
	page->held = cell_get_integer(row, COL(HELD), 0);
	page->unreadable = cell_get_integer(row, COL(UNREADABLE), 0);
	page->erroneous = cell_get_integer(row, COL(ERRONEOUS), 0);
	page->naps = cell_get_integer(row, COL(NAPS), 0);
	page->duplicates = cell_get_integer(row, COL(DUPLICATES), 0);
	page->converted = cell_get_integer(row, COL(CONVERTED), 0);
	page->dated = db_int(row, COL(FIRST_US), &page->first_us) == 0 &&
	    db_int(row, COL(LAST_US), &page->last_us) == 0;
	if ((have = db_text(row, COL(HAVE), &len)) != NULL)
		buf_add(&page->have, have, len);
	return statistics_get_doubles(row, COL(SPACING), page->spacing_s, 3);
}

static int
statistics_read_row(struct statistics_page *page, struct statistics_row *r,
    const struct db_row *row)
{
	double	bins[STATISTICS_BINS];
	size_t	i;
	int	error;

	i = (size_t)cell_get_integer(row, COL(MEASURE), 0);
	if (i < 1 || i > page->query.nmeasures)
		return ERR_STATE;
	r->measure = i - 1;
	r->statistic = statistics_add_text(page, row, COL(STATISTIC),
	    STATISTICS_LABEL_MAX);
	r->source = cell_get_integer(row, COL(SOURCE), 0);
	r->source_name = statistics_add_text(page, row, COL(SOURCE_NAME),
	    TEXT_CELL_MAX);
	r->key = cell_get_integer(row, COL(KEY), 0);
	r->key_name = statistics_add_text(page, row, COL(KEY_NAME),
	    TEXT_CELL_MAX);
	r->bucket = cell_get_integer(row, COL(BUCKET), 0);
	r->shift_s = (int)cell_get_integer(row, COL(SHIFT), 0);
	r->patients = cell_get_integer(row, COL(PATIENTS), 0);
	r->n = cell_get_integer(row, COL(N), 0);
	r->mean = statistics_get_double(row, COL(MEAN));
	r->sd = statistics_get_double(row, COL(SD));
	r->low = statistics_get_double(row, COL(LOW));
	r->high = statistics_get_double(row, COL(HIGH));
	if ((error = statistics_get_doubles(row, COL(POINTS), r->points,
	    STATISTICS_POINTS_MAX)) != 0 ||
	    (error = statistics_get_doubles(row, COL(BINS), bins,
	    STATISTICS_BINS)) != 0)
		return error;
	for (i = 0; i < STATISTICS_BINS; i++)
		r->bins[i] = isnan(bins[i]) ? 0 : (int64_t)bins[i];
	r->patient = cell_get_integer(row, COL(PATIENT), 0);
	r->id = cell_get_integer(row, COL(ID), 0);
	r->timed = db_int(row, COL(AT_US), &r->at_us) == 0 &&
	    db_int(row, COL(LOCAL_US), &r->local_us) == 0;
	return 0;
}

static int
statistics_add_row(struct statistics_page *page, enum statistics_kind kind,
    const struct db_row *row)
{
	struct statistics_row	*rows = page->rows[kind], *r;
	size_t			 size = page->sizes[kind];
	int			 error;

	if (page->nrows[kind] == size) {
		size = size == 0 ? 16 : size * 2;
		rows = recallocarray(rows, page->sizes[kind], size,
		    sizeof(*rows));
		if (rows == NULL)
			return ERR_MEMORY;
		page->rows[kind] = rows;
		page->sizes[kind] = size;
	}
	r = &rows[page->nrows[kind]];
	r->kind = kind;
	if ((error = statistics_read_row(page, r, row)) != 0)
		return error;
	page->nrows[kind]++;
	if (kind == STATISTICS_BETWEEN) {
		page->mixed = page->mixed || r->statistic != 0;
		page->split = page->split || r->source != 0;
	}
	return buf_error(&page->texts);
}

int
statistics_page_read(struct statistics_page *page, const struct db_row *row)
{
	const char	*kind = db_text(row, COL(KIND), NULL);
	size_t		 i;
	int		 error;

	if (!page->seen && (error = statistics_read_head(page, row)) != 0)
		return error;
	if (kind == NULL)
		return buf_error(&page->have);
	if (page->total == 0)
		page->total = cell_get_integer(row, COL(TOTAL), 0);
	for (i = 0; i < STATISTICS_KINDS; i++)
		if (strcmp(kind, statistics_kinds[i]) == 0)
			return statistics_add_row(page,
			    (enum statistics_kind)i, row);
	return ERR_STATE;
}

void
statistics_measure_name(const struct statistics_page *page,
    const struct statistics_row *r, struct buf *out)
{
	const struct statistics_query	*q = &page->query;
	struct buf			 clean;

	if (q->type != NULL)
		buf_adds(out, q->measures[r->measure]->name);
	else {
		buf_init(&clean, 4 * STATISTICS_NAME_SIZE);
		text_clean(&clean, q->item, strlen(q->item), TEXT_CELL_MAX);
		buf_adds(out, buf_string(&clean));
		buf_free(&clean);
	}
	if (r->statistic != 0)
		buf_addf(out, " (%s)", statistics_page_text(page,
		    r->statistic));
}

double
statistics_page_median(const struct statistics_page *page, int64_t patients,
    double median)
{
	return patients < page->median_min ? NAN : median;
}

double
statistics_pooled_mean(const struct statistics_page *page, size_t measure)
{
	const struct statistics_row	*r = page->rows[STATISTICS_BETWEEN];
	double				 sum = 0;
	int64_t				 n = 0;
	size_t				 i;

	for (i = 0; i < page->nrows[STATISTICS_BETWEEN]; i++) {
		if (r[i].measure != measure || isnan(r[i].points[1]))
			continue;
		sum += r[i].points[1] * (double)r[i].n;
		n += r[i].n;
	}
	return n == 0 ? NAN : sum / (double)n;
}

int
statistics_decimals(const struct statistics_page *page, size_t measure)
{
	const struct omh_unit	*unit = page->query.units[measure];
	double			 size;
	int			 decimals = 1;

	if (unit != NULL && (strcmp(unit->name, "mmol/L") == 0 ||
	    unit->quantity == OMH_VOLUME))
		decimals = 2;
	size = fabs(statistics_pooled_mean(page, measure));
	/* Three digits of small numbers. */
	if (isfinite(size) && size > 0 && size < 1)
		while (decimals < 15 && size * pow(10, decimals) < 100)
			decimals++;
	return decimals;
}

int64_t
statistics_page_n(const struct statistics_page *page)
{
	const struct statistics_row	*r = page->rows[STATISTICS_BETWEEN];
	int64_t				 n, most = 0;
	size_t				 i, m;

	/* Of several measures the one that most rows have. */
	for (m = 0; m < page->query.nmeasures; m++) {
		n = 0;
		for (i = 0; i < page->nrows[STATISTICS_BETWEEN]; i++)
			if (r[i].measure == m)
				n += r[i].n;
		if (n > most)
			most = n;
	}
	return most;
}

int64_t
statistics_page_patients(const struct statistics_page *page)
{
	const struct statistics_row	*r = page->rows[STATISTICS_BETWEEN];
	int64_t				 most = 0;
	size_t				 i;

	for (i = 0; i < page->nrows[STATISTICS_BETWEEN]; i++)
		if (r[i].patients > most)
			most = r[i].patients;
	return most;
}

double
statistics_share(const struct statistics_row *r, size_t bin)
{
	int64_t	sum = 0;
	size_t	i;

	for (i = 0; i < STATISTICS_BINS; i++)
		sum += r->bins[i];
	return sum == 0 ? NAN : 100.0 * (double)r->bins[bin] / (double)sum;
}

int64_t
statistics_days(const struct statistics_page *page)
{
	const struct window		*w = &page->query.window;
	const struct window_resolved	*r = &page->resolved;
	int64_t				 from, to;

	if (w->start.kind == WINDOW_DAY && w->end.kind == WINDOW_DAY)
		return w->end.day - w->start.day + 1;
	if (w->span_days > 0)
		return w->span_days;
	if (!page->dated && !(r->has_lower && r->has_upper))
		return 0;
	from = r->has_lower ? r->lower_us : page->first_us;
	to = r->has_upper ? r->upper_us : page->last_us;
	if (!page->dated || to <= from)
		return 1;
	return (to - from + MOMENT_US_PER_DAY - 1) / MOMENT_US_PER_DAY;
}
