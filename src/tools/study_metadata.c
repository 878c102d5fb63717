/* SPDX-License-Identifier: MIT */
/*
 * get_study_metadata.  Runs in the worker.  Names, descriptions and display
 * texts are free text of people.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "compat/compat.h"
#include "omh/types.h"
#include "tools/call.h"
#include "tools/cell.h"
#include "tools/studies.h"
#include "tools/text.h"

/* Data types and data sources that are listed, each. */
#define METADATA_ROWS_MAX	100
#define METADATA_DATE_SIZE	16

enum {
	METADATA_HEAD,
	METADATA_REQUESTS,
	METADATA_SOURCES,
	METADATA_OBSERVATIONS,
	METADATA_QUERIES
};

/* A data type that the study requests. */
struct metadata_type {
	int64_t	concept_id;
	char	*name;
	char	*code;
	int64_t	consented, refused, pending;
	int64_t	patients, observations;
	char	first[METADATA_DATE_SIZE];	/* "" if there is none */
	char	last[METADATA_DATE_SIZE];
};

struct metadata {
	bool			 found;
	bool			 team;
	bool			 counts;
	int64_t			 study_id;
	int64_t			 patients, unreadable, observations;
	int64_t			 organization_id;
	struct buf		 name, description;
	struct buf		 organization, organization_type;
	struct metadata_type	*types;
	size_t			 ntypes, nsources;
	size_t			 more_types, more_sources;
	struct buf		 sources_out;
	struct json		 sources;
};

static void
metadata_clear(void *arg)
{
	struct metadata	*m = arg;
	size_t		 i;

	for (i = 0; i < m->ntypes; i++) {
		free(m->types[i].name);
		free(m->types[i].code);
	}
	free(m->types);
	buf_free(&m->name);
	buf_free(&m->description);
	buf_free(&m->organization);
	buf_free(&m->organization_type);
	buf_free(&m->sources_out);
}

static void
metadata_init(struct tools_call *call)
{
	struct metadata	*m = call->state;

	m->study_id = args_integer(&call->args, "study_id");
	m->counts = args_boolean(&call->args, "counts");
	buf_init(&m->name, TOOLS_RESULT_MAX);
	buf_init(&m->description, TOOLS_RESULT_MAX);
	buf_init(&m->organization, TOOLS_RESULT_MAX);
	buf_init(&m->organization_type, TOOLS_RESULT_MAX);
	buf_init(&m->sources_out, TOOLS_RESULT_MAX);
	json_init(&m->sources, &m->sources_out);
	json_array_begin(&m->sources);
}

static int
metadata_start(struct tools_call *call)
{
	static const enum db_statement	 statements[METADATA_QUERIES] = {
		[METADATA_HEAD] = DB_STUDY_HEAD,
		[METADATA_REQUESTS] = DB_STUDY_REQUESTS,
		[METADATA_SOURCES] = DB_STUDY_SOURCES,
		[METADATA_OBSERVATIONS] = DB_STUDY_OBSERVATIONS
	};
	struct metadata		*m = call->state;
	const char		*zone = call->ctx.default_timezone;
	struct db_params	 one, observations;
	struct db_query		 q[METADATA_QUERIES];
	size_t			 i;
	int			 error;

	metadata_init(call);
	if (zone == NULL)
		zone = "UTC";
	/* All but the last one have the same three parameters. */
	call_params(call, &one, PARS_STUDY_HEAD);
	call_params(call, &observations, PARS_STUDY_OBSERVATIONS);
	db_params_int(&one, PAR_STUDY_HEAD_STUDY, m->study_id);
	db_params_int(&observations, PAR_STUDY_OBSERVATIONS_STUDY,
	    m->study_id);
	db_params_text(&observations, PAR_STUDY_OBSERVATIONS_TIMEZONE, zone,
	    strlen(zone));
	if ((error = db_params_done(&one)) != 0 ||
	    (error = db_params_done(&observations)) != 0)
		goto out;
	for (i = 0; i < METADATA_QUERIES; i++)
		q[i] = (struct db_query){ statements[i], one.values, one.n,
		    NULL };
	q[METADATA_OBSERVATIONS].params = observations.values;
	q[METADATA_OBSERVATIONS].nparams = observations.n;
	error = call_submit(call, q, m->counts ? METADATA_QUERIES :
	    METADATA_OBSERVATIONS);
out:
	db_params_free(&one);
	db_params_free(&observations);
	return error;
}

/* --- Rows. ---------------------------------------------------------------- */

static int
metadata_head_row(struct metadata *m, const struct db_row *row)
{
	m->found = true;
	m->team = cell_get_boolean(row, COL_STUDY_HEAD_TEAM);
	m->patients = cell_get_integer(row, COL_STUDY_HEAD_PATIENTS, 0);
	m->unreadable = cell_get_integer(row, COL_STUDY_HEAD_UNREADABLE, 0);
	m->organization_id = cell_get_integer(row,
	    COL_STUDY_HEAD_ORGANIZATION_ID, 0);
	cell_get_text(&m->name, row, COL_STUDY_HEAD_NAME, TEXT_CELL_MAX);
	cell_get_text(&m->description, row, COL_STUDY_HEAD_DESCRIPTION,
	    TEXT_FULL_MAX);
	cell_get_text(&m->organization, row, COL_STUDY_HEAD_ORGANIZATION_NAME,
	    TEXT_CELL_MAX);
	cell_get_text(&m->organization_type, row,
	    COL_STUDY_HEAD_ORGANIZATION_TYPE, TEXT_CELL_MAX);
	return 0;
}

/* The name by which a type is shown, cleaned; to be freed. */
static char *
metadata_type_name(const char *code, size_t code_len, const char *text,
    size_t text_len)
{
	struct buf	 shown, clean;
	char		*name = NULL;

	buf_init(&shown, TOOLS_RESULT_MAX);
	buf_init(&clean, TOOLS_RESULT_MAX);
	if (code != NULL)
		omh_type_show(&shown, code, code_len, text, text_len);
	text_clean(&clean, buf_string(&shown), shown.len, TEXT_CELL_MAX);
	if (buf_error(&shown) == 0 && buf_error(&clean) == 0)
		name = strdup(buf_string(&clean));
	buf_free(&shown);
	buf_free(&clean);
	return name;
}

static int
metadata_request_row(struct metadata *m, const struct db_row *row)
{
	struct metadata_type	*types, *t;
	struct buf		 clean;
	const char		*code, *text;
	size_t			 code_len = 0, text_len = 0;

	if (m->ntypes == METADATA_ROWS_MAX) {
		m->more_types++;
		return 0;
	}
	types = recallocarray(m->types, m->ntypes, m->ntypes + 1,
	    sizeof(*types));
	if (types == NULL)
		return ERR_MEMORY;
	m->types = types;
	t = &types[m->ntypes++];
	t->concept_id = cell_get_integer(row, COL_STUDY_REQUESTS_CONCEPT_ID,
	    0);
	t->consented = cell_get_integer(row, COL_STUDY_REQUESTS_CONSENTED, 0);
	t->refused = cell_get_integer(row, COL_STUDY_REQUESTS_REFUSED, 0);
	t->pending = cell_get_integer(row, COL_STUDY_REQUESTS_PENDING, 0);
	code = db_text(row, COL_STUDY_REQUESTS_CODE, &code_len);
	text = db_text(row, COL_STUDY_REQUESTS_TEXT, &text_len);
	t->name = metadata_type_name(code, code_len, text, text_len);
	buf_init(&clean, TOOLS_RESULT_MAX);
	text_clean(&clean, code, code_len, TEXT_CELL_MAX);
	t->code = strdup(buf_string(&clean));
	buf_free(&clean);
	return t->name == NULL || t->code == NULL ? ERR_MEMORY : 0;
}

static int
metadata_source_row(struct metadata *m, const struct db_row *row)
{
	if (m->nsources == METADATA_ROWS_MAX) {
		m->more_sources++;
		return 0;
	}
	m->nsources++;
	json_array_begin(&m->sources);
	cell_integer(&m->sources, row, COL_STUDY_SOURCES_DATA_SOURCE_ID);
	cell_text(&m->sources, row, COL_STUDY_SOURCES_NAME, TEXT_CELL_MAX);
	cell_text(&m->sources, row, COL_STUDY_SOURCES_TYPE, TEXT_CELL_MAX);
	json_array_end(&m->sources);
	return 0;
}

static int
metadata_observations_row(struct metadata *m, const struct db_row *row)
{
	struct metadata_type	*t;
	const char		*date;
	int64_t			 id;
	size_t			 i;

	id = cell_get_integer(row, COL_STUDY_OBSERVATIONS_CONCEPT_ID, 0);
	m->observations += cell_get_integer(row,
	    COL_STUDY_OBSERVATIONS_OBSERVATIONS, 0);
	for (i = 0; i < m->ntypes && m->types[i].concept_id != id; i++)
		continue;
	if (i == m->ntypes)
		return m->more_types > 0 ? 0 : ERR_STATE;
	t = &m->types[i];
	t->patients = cell_get_integer(row, COL_STUDY_OBSERVATIONS_PATIENTS,
	    0);
	t->observations = cell_get_integer(row,
	    COL_STUDY_OBSERVATIONS_OBSERVATIONS, 0);
	if ((date = db_text(row, COL_STUDY_OBSERVATIONS_FIRST, NULL)) != NULL)
		strlcpy(t->first, date, sizeof(t->first));
	if ((date = db_text(row, COL_STUDY_OBSERVATIONS_LAST, NULL)) != NULL)
		strlcpy(t->last, date, sizeof(t->last));
	return 0;
}

static int
metadata_row(struct tools_call *call, size_t query, const struct db_row *row)
{
	static int	(*const rows[METADATA_QUERIES])(struct metadata *,
			    const struct db_row *) = {
		[METADATA_HEAD] = metadata_head_row,
		[METADATA_REQUESTS] = metadata_request_row,
		[METADATA_SOURCES] = metadata_source_row,
		[METADATA_OBSERVATIONS] = metadata_observations_row
	};

	return rows[query](call->state, row);
}

/* --- The answer. ---------------------------------------------------------- */

/* Two codes may have one short name: then both are shown as codes. */
static const char *
metadata_shown(const struct metadata *m, size_t i)
{
	size_t	k;

	for (k = 0; k < m->ntypes; k++) {
		if (k != i && strcmp(m->types[k].name, m->types[i].name) == 0)
			return m->types[i].code;
	}
	return m->types[i].name;
}

static void
metadata_write_date(struct json *j, const char *date)
{
	if (*date != '\0')
		json_string(j, date);
	else
		json_null(j);
}

static void
metadata_write_types(const struct metadata *m, struct json *j)
{
	static const char *const	 columns[] = { "data_type", "patients",
	    "observations", "first", "last", "consented", "refused",
	    "pending" };
	const struct metadata_type	*t;
	size_t				 i;

	json_key(j, "data_types");
	json_object_begin(j);
	json_key(j, "columns");
	json_array_begin(j);
	for (i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
		/* What was not counted has no column. */
		if (m->counts || i == 0 || i > 4)
			json_string(j, columns[i]);
	}
	json_array_end(j);
	json_key(j, "rows");
	json_array_begin(j);
	for (i = 0; i < m->ntypes; i++) {
		t = &m->types[i];
		json_array_begin(j);
		json_string(j, metadata_shown(m, i));
		if (m->counts) {
			json_int(j, t->patients);
			json_int(j, t->observations);
			metadata_write_date(j, t->first);
			metadata_write_date(j, t->last);
		}
		json_int(j, t->consented);
		json_int(j, t->refused);
		json_int(j, t->pending);
		json_array_end(j);
	}
	json_array_end(j);
	json_object_end(j);
}

static void
metadata_write_head(struct metadata *m, struct json *j)
{
	json_key(j, "study_id");
	json_int(j, m->study_id);
	json_key(j, "name");
	json_stringn(j, buf_string(&m->name), m->name.len);
	json_key(j, "description");
	json_stringn(j, buf_string(&m->description), m->description.len);
	json_key(j, "organization");
	json_object_begin(j);
	json_key(j, "organization_id");
	json_int(j, m->organization_id);
	json_key(j, "name");
	json_stringn(j, buf_string(&m->organization), m->organization.len);
	json_key(j, "type");
	json_stringn(j, buf_string(&m->organization_type),
	    m->organization_type.len);
	json_object_end(j);
	json_key(j, "patients");
	json_int(j, m->patients);
	if (m->counts) {
		json_key(j, "observations");
		json_int(j, m->observations);
	}
	metadata_write_types(m, j);
	json_array_end(&m->sources);
	json_key(j, "data_sources");
	json_object_begin(j);
	json_key(j, "columns");
	json_raw(j, "[\"data_source_id\",\"name\",\"type\"]",
	    sizeof("[\"data_source_id\",\"name\",\"type\"]") - 1);
	json_key(j, "rows");
	json_raw(j, m->sources_out.data, m->sources_out.len);
	json_object_end(j);
}

static void
metadata_write_summary(const struct metadata *m, struct buf *out)
{
	const char	*first = "", *last = "";
	char		 n[RESULT_COUNT_SIZE];
	size_t		 i;

	for (i = 0; i < m->ntypes; i++) {
		if (*first == '\0' || (*m->types[i].first != '\0' &&
		    strcmp(m->types[i].first, first) < 0))
			first = m->types[i].first;
		if (strcmp(m->types[i].last, last) > 0)
			last = m->types[i].last;
	}
	if (m->name.len > 0)
		buf_addf(out, "%s: ", buf_string(&m->name));
	else
		buf_addf(out, "Study %" PRId64 ": ", m->study_id);
	buf_addf(out, "%s patient%s, ", result_count(m->patients, n),
	    m->patients == 1 ? "" : "s");
	if (m->counts)
		buf_addf(out, "%s observation%s of ",
		    result_count(m->observations, n),
		    m->observations == 1 ? "" : "s");
	i = m->ntypes + m->more_types;
	buf_addf(out, "%zu requested type%s", i, i == 1 ? "" : "s");
	if (*first != '\0')
		buf_addf(out, ", %s to %s", first, last);
	buf_addc(out, '.');
}

static void
metadata_write_text(const struct metadata *m, struct buf *out)
{
	buf_addf(out, "Study ID: %" PRId64 "\nName: %s\nDescription: %s\n"
	    "Organization: %s (%s)\nPatients: %" PRId64 "\n", m->study_id,
	    buf_string(&m->name),
	    m->description.len > 0 ? buf_string(&m->description) : "N/A",
	    buf_string(&m->organization), buf_string(&m->organization_type),
	    m->patients);
	if (m->counts)
		buf_addf(out, "Observations: %" PRId64, m->observations);
	else
		buf_adds(out, "Observations: not counted");
}

static int
metadata_step(struct tools_call *call)
{
	struct metadata	*m = call->state;
	struct result	*r = &call->result;

	if (!m->found) {
		errors_set_no_study(&call->error, m->study_id);
		return 0;
	}
	metadata_write_summary(m, &r->summary);
	metadata_write_head(m, &r->head);
	metadata_write_text(m, &r->text);
	if (!m->team)
		result_note(r, "You take part in this study: patients, "
		    "consents and observations are your own; those of others "
		    "are for its team.");
	if (m->unreadable > 0 && m->counts) {
		result_withheld(r, "unreadable", m->unreadable);
		result_notef(r, "%" PRId64 " enrolled patient%s with no "
		    "organization of yours: their observations are not "
		    "counted.", m->unreadable, m->unreadable == 1 ? "" : "s");
	}
	if (m->more_types > 0)
		result_notef(r, "%zu more data types are requested than are "
		    "listed; observations counts them too.", m->more_types);
	if (m->more_sources > 0)
		result_notef(r, "%zu more data sources than are listed.",
		    m->more_sources);
	if (m->description.len > 0)
		result_note(r, RESULT_NOTE_RECORDS);
	if (buf_error(&m->sources_out) != 0)
		return buf_error(&m->sources_out);
	return call_finish(call, NULL, NULL);
}

const struct tool_ops	studies_metadata_tool = {
	.name = "get_study_metadata",
	.state_size = sizeof(struct metadata),
	.start = metadata_start,
	.row = metadata_row,
	.step = metadata_step,
	.clear = metadata_clear
};
