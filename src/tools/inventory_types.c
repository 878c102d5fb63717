/* SPDX-License-Identifier: MIT */
/*
 * Rows of observation_inventory.  Runs in the worker.  Bodies, codes and
 * names of sources are what was stored.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "compat/compat.h"
#include "omh/types.h"
#include "tools/cell.h"
#include "tools/inventory_types.h"
#include "tools/observations_page.h"
#include "tools/policy.h"
#include "tools/text.h"
#include "tools/type_params.h"

#define INVENTORY_TEXTS_MAX	(64 * 1024)
#define INVENTORY_MISSED_MAX	(256 * 1024)

int
inventory_submit(struct inventory *v, struct tools_call *call, bool timed)
{
	struct db_params	p;

	buf_init(&v->missed, INVENTORY_MISSED_MAX);
	v->patient_id = args_integer(&call->args, "patient_id");
	if (windowed_parse(&v->w, call) != 0 ||
	    data_types_parse(&v->asked, &call->args, &call->error) != 0)
		return 0;
	call_params(call, &p, PARS_OBSERVATION_INVENTORY);
	db_params_int(&p, PAR_OBSERVATION_INVENTORY_PATIENT, v->patient_id);
	data_types_params(&v->asked, &p, PAR_OBSERVATION_INVENTORY_TYPES,
	    PAR_OBSERVATION_INVENTORY_OTHERS);
	window_db_params(&v->w.window, &p,
	    PAR_OBSERVATION_INVENTORY_FIRST_DAY);
	type_params_nights(&p, PAR_OBSERVATION_INVENTORY_NIGHTS);
	db_params_bool(&p, PAR_OBSERVATION_INVENTORY_TIMED, timed);
	return windowed_submit(&v->w, call, DB_OBSERVATION_INVENTORY, &p);
}

/* --- Rows. ---------------------------------------------------------------- */

/* The names of sources, each on a line, as "Dexcom, Oura". */
static char *
inventory_sources(const struct db_row *row)
{
	const char	*s;
	struct buf	 out;
	char		*text = NULL;
	size_t		 len = 0, n;

	s = db_text(row, COL_OBSERVATION_INVENTORY_SOURCES, &len);
	if (s == NULL)
		return NULL;
	buf_init(&out, INVENTORY_TEXTS_MAX);
	while (len > 0) {
		n = strcspn(s, "\n");
		if (out.len > 0)
			buf_adds(&out, ", ");
		text_clean(&out, s, n, TEXT_CELL_MAX);
		s += n;
		len -= n;
		if (len > 0) {
			s++;
			len--;
		}
	}
	if (buf_error(&out) == 0)
		text = strdup(buf_string(&out));
	buf_free(&out);
	return text;
}

/* The values of the newest observation, as get_patient_observations has. */
static char *
inventory_latest(struct inventory *v, const struct tools_call *call,
    const struct omh_type *type, const struct db_row *row)
{
	struct page	 page;
	struct page_row	 r;
	const char	*body;
	char		*text = NULL;
	size_t		 len = 0;

	body = db_text(row, COL_OBSERVATION_INVENTORY_BODY, &len);
	if (body == NULL)
		return NULL;
	memset(&page, 0, sizeof(page));
	memset(&r, 0, sizeof(r));
	buf_init(&page.texts, INVENTORY_TEXTS_MAX);
	r.type = type;
	/* Nights are compared in hours, whatever the device writes. */
	if (type != NULL && type->analysed_as == OMH_NIGHT)
		page.query.unit = "h";
	page_read_values(&page, &r, body, len);
	if (page.free_text && !policy_free_text(&call->ctx))
		v->texts_withheld++;
	else if (r.values[0].text.len > 0 && buf_error(&page.texts) == 0) {
		v->free_text |= page.free_text;
		text = strdup(page_string(&page, r.values[0].text));
	}
	buf_free(&page.texts);
	return text;
}

static int
inventory_read_holding(struct inventory *v, const struct db_row *row)
{
	struct holding	t;

	memset(&t, 0, sizeof(t));
	t.name = holdings_row_name(row, COL_OBSERVATION_INVENTORY_CODE,
	    COL_OBSERVATION_INVENTORY_CODE_TEXT);
	t.count = cell_get_integer(row, COL_OBSERVATION_INVENTORY_COUNT, 0);
	t.dated = !db_is_null(row, COL_OBSERVATION_INVENTORY_FIRST_US);
	t.first_us = cell_get_integer(row,
	    COL_OBSERVATION_INVENTORY_FIRST_US, 0);
	t.last_us = cell_get_integer(row, COL_OBSERVATION_INVENTORY_LAST_US,
	    0);
	return holdings_add(&v->have, &t);
}

static void
inventory_read_times(struct inventory_type *t, const struct db_row *row)
{
	t->dated = !db_is_null(row, COL_OBSERVATION_INVENTORY_FIRST_US);
	t->first_us = cell_get_integer(row,
	    COL_OBSERVATION_INVENTORY_FIRST_US, 0);
	t->last_us = cell_get_integer(row, COL_OBSERVATION_INVENTORY_LAST_US,
	    0);
	t->first_offset_s = (int)cell_get_integer(row,
	    COL_OBSERVATION_INVENTORY_FIRST_OFFSET, 0);
	t->last_offset_s = (int)cell_get_integer(row,
	    COL_OBSERVATION_INVENTORY_LAST_OFFSET, 0);
	t->first_day = cell_get_integer(row,
	    COL_OBSERVATION_INVENTORY_FIRST_DAY, 0);
	t->last_day = cell_get_integer(row,
	    COL_OBSERVATION_INVENTORY_LAST_DAY, 0);
}

static int
inventory_read_type(struct inventory *v, const struct tools_call *call,
    const struct db_row *row, int64_t count)
{
	struct inventory_type	*types, *t;
	struct buf		 clean;
	const char		*code;
	size_t			 len = 0;

	if (v->ntypes == INVENTORY_TYPES_MAX) {
		v->more_types++;
		return 0;
	}
	types = recallocarray(v->types, v->ntypes, v->ntypes + 1,
	    sizeof(*types));
	if (types == NULL)
		return ERR_MEMORY;
	v->types = types;
	t = &types[v->ntypes++];
	t->count = count;
	t->days = cell_get_integer(row, COL_OBSERVATION_INVENTORY_DAYS, 0);
	inventory_read_times(t, row);
	t->sources = inventory_sources(row);
	code = db_text(row, COL_OBSERVATION_INVENTORY_CODE, &len);
	if (code != NULL) {
		t->type = omh_type_of_code(code, len);
		t->name = holdings_row_name(row,
		    COL_OBSERVATION_INVENTORY_CODE,
		    COL_OBSERVATION_INVENTORY_CODE_TEXT);
		buf_init(&clean, INVENTORY_TEXTS_MAX);
		text_clean(&clean, code, len, TEXT_CELL_MAX);
		t->code = strdup(buf_string(&clean));
		buf_free(&clean);
		if (t->name == NULL || t->code == NULL)
			return ERR_MEMORY;
	}
	t->latest = inventory_latest(v, call, t->type, row);
	return 0;
}

int
inventory_read(struct inventory *v, struct tools_call *call, size_t query,
    const struct db_row *row)
{
	const char	*s;
	size_t		 len = 0;
	int64_t		 count;

	if (windowed_is_zone(&v->w, query))
		return 0;
	if (!v->seen) {
		v->seen = true;
		v->readable = cell_get_boolean(row,
		    COL_OBSERVATION_INVENTORY_READABLE);
		windowed_read(&v->w, row, COL_OBSERVATION_INVENTORY_LOWER_US);
		s = db_text(row, COL_OBSERVATION_INVENTORY_MISSED, &len);
		buf_add(&v->missed, s != NULL ? s : "", len);
	}
	if (db_is_null(row, COL_OBSERVATION_INVENTORY_KIND))
		return buf_error(&v->missed);
	if (!cell_get_boolean(row, COL_OBSERVATION_INVENTORY_ASKED))
		return inventory_read_holding(v, row);
	count = cell_get_integer(row, COL_OBSERVATION_INVENTORY_COUNT, 0);
	v->total += count;
	v->undated += cell_get_integer(row,
	    COL_OBSERVATION_INVENTORY_UNDATED, 0);
	v->withheld += cell_get_integer(row,
	    COL_OBSERVATION_INVENTORY_WITHHELD, 0);
	return count > 0 ? inventory_read_type(v, call, row, count) : 0;
}

void
inventory_clear(struct inventory *v)
{
	size_t	i;

	for (i = 0; i < v->ntypes; i++) {
		free(v->types[i].name);
		free(v->types[i].code);
		free(v->types[i].sources);
		free(v->types[i].latest);
	}
	freezero(v->types, v->ntypes * sizeof(*v->types));
	buf_free(&v->missed);
	holdings_clear(&v->have);
}

/* --- What the tools have in common. --------------------------------------- */

bool
inventory_check(const struct inventory *v, struct tools_call *call)
{
	if (!v->readable) {
		errors_set_no_patient(&call->error, v->patient_id);
		return false;
	}
	return windowed_check(&v->w, call) && holdings_check(&v->have,
	    &v->missed, "With data for this patient", call);
}

void
inventory_write_empty(const struct inventory *v, struct tools_call *call)
{
	struct buf	*out = &call->result.summary;

	buf_adds(out, "0 ");
	holdings_write_asked(&v->asked, out);
	buf_addf(out, "observations of patient %lld",
	    (long long)v->patient_id);
	if (!window_is_open(&v->w.window))
		buf_adds(out, " in this window");
	if (v->have.n == 0)
		buf_adds(out, "; there is none of any type");
	else {
		buf_adds(out, "; the patient has ");
		holdings_write(&v->have, out);
	}
	buf_addc(out, '.');
}

void
inventory_notes(const struct inventory *v, struct tools_call *call)
{
	struct result	*r = &call->result;
	char		 count[RESULT_COUNT_SIZE];

	result_withheld(r, "consent", v->withheld);
	if (v->withheld > 0)
		result_note(r, "Observations of types that the patient does "
		    "not consent to share are held back.");
	if (v->undated > 0 && !window_is_open(&v->w.window))
		result_notef(r, "%s undated observation%s no window and %s "
		    "not counted.", result_count(v->undated, count),
		    v->undated == 1 ? " is in" : "s are in",
		    v->undated == 1 ? "is" : "are");
}

const struct inventory_type *
inventory_first(const struct inventory *v)
{
	const struct inventory_type	*found = NULL;
	size_t				 i;

	for (i = 0; i < v->ntypes; i++)
		if (v->types[i].dated && (found == NULL ||
		    v->types[i].first_us < found->first_us))
			found = &v->types[i];
	return found;
}

const struct inventory_type *
inventory_last(const struct inventory *v)
{
	const struct inventory_type	*found = NULL;
	size_t				 i;

	for (i = 0; i < v->ntypes; i++)
		if (v->types[i].dated && (found == NULL ||
		    v->types[i].last_us > found->last_us))
			found = &v->types[i];
	return found;
}

void
inventory_time(const struct inventory *v, int64_t us, int offset_s,
    char text[MOMENT_TEXT_SIZE])
{
	const struct window	*w = &v->w.window;
	bool			 utc = window_is_utc(w) ||
				    (w->recorded && offset_s == 0);

	moment_format(us, offset_s, utc, text);
}
