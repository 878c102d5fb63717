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
#include "tools/call.h"
#include "tools/cell.h"
#include "tools/requested.h"
#include "tools/studies.h"
#include "tools/text.h"

/* Data sources that are listed. */
#define METADATA_SOURCES_MAX	100

enum {
	METADATA_HEAD,
	METADATA_REQUESTS,
	METADATA_SOURCES,
	METADATA_OBSERVATIONS,
	METADATA_QUERIES
};

struct metadata {
	bool			 found;
	bool			 team;
	bool			 counts;
	int64_t			 study_id;
	int64_t			 patients, unreadable, observations;
	int64_t			 withheld;	/* by the consent gate */
	int64_t			 withheld_patients;	/* at least */
	int64_t			 organization_id;
	struct buf		 name, description;
	struct buf		 organization, organization_type;
	struct requested	 requested;
	size_t			 nsources, more_sources;
	/* What is held back, as groups are too small. */
	bool			 few;		/* all of the study */
	size_t			 nsuppressed;	/* types, and consents */
	struct policy_group	*groups;	/* of types */
	struct buf		 sources_out;
	struct json		 sources;
};

static void
metadata_clear(void *arg)
{
	struct metadata	*m = arg;

	requested_clear(&m->requested);
	free(m->groups);
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

static int
metadata_request_row(struct metadata *m, const struct db_row *row)
{
	static const struct requested_columns	columns = {
		COL_STUDY_REQUESTS_CONCEPT_ID, COL_STUDY_REQUESTS_CODE,
		COL_STUDY_REQUESTS_TEXT, COL_STUDY_REQUESTS_CONSENTED,
		COL_STUDY_REQUESTS_REFUSED, COL_STUDY_REQUESTS_PENDING
	};
	int					error;

	(void)requested_add(&m->requested, row, &columns, &error);
	return error;
}

static int
metadata_source_row(struct metadata *m, const struct db_row *row)
{
	if (m->nsources == METADATA_SOURCES_MAX) {
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
	struct requested_type	*t;
	const char		*date;
	int64_t			 id, patients;

	patients = cell_get_integer(row,
	    COL_STUDY_OBSERVATIONS_WITHHELD_PATIENTS, 0);
	if (patients > m->withheld_patients)
		m->withheld_patients = patients;
	id = cell_get_integer(row, COL_STUDY_OBSERVATIONS_CONCEPT_ID, 0);
	m->observations += cell_get_integer(row,
	    COL_STUDY_OBSERVATIONS_OBSERVATIONS, 0);
	m->withheld += cell_get_integer(row, COL_STUDY_OBSERVATIONS_WITHHELD,
	    0);
	if ((t = requested_find(&m->requested, id)) == NULL)
		return m->requested.more > 0 ? 0 : ERR_STATE;
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

static void
metadata_write_date(struct json *j, const char *date)
{
	if (*date != '\0')
		json_string(j, date);
	else
		json_null(j);
}

/* An integer that is not told if it is of too few. */
static void
metadata_write_count(struct json *j, int64_t n, bool suppressed)
{
	if (suppressed)
		json_null(j);
	else
		json_int(j, n);
}

/* The answers to one request part the patients; so hiding one needs two. */
static void
metadata_write_consents(struct tools_call *call,
    const struct requested_type *t, struct json *j)
{
	struct metadata		*m = call->state;
	struct policy_group	 groups[] = {
		{ t->consented, false, 0 }, { t->refused, false, 0 },
		{ t->pending, false, 0 }
	};
	size_t			 i;

	m->nsuppressed += policy_suppress_disjoint(&call->ctx, groups, 3);
	for (i = 0; i < 3; i++)
		metadata_write_count(j, groups[i].patients,
		    groups[i].suppressed);
}

static void
metadata_write_type(struct tools_call *call, size_t i, struct json *j)
{
	const struct metadata		*m = call->state;
	const struct requested_type	*t = &m->requested.types[i];
	bool				 suppressed = m->groups[i].suppressed;
	bool				 dated, near;

	/* The edges are those of single patients. */
	dated = !suppressed && policy_single_patients(&call->ctx);
	near = policy_too_near(&call->ctx, t->patients, m->patients) ||
	    policy_too_near(&call->ctx, t->patients,
	    m->patients - m->unreadable);

	json_array_begin(j);
	json_string(j, requested_shown(&m->requested, i));
	if (m->counts) {
		metadata_write_count(j, t->patients, suppressed || near);
		metadata_write_count(j, t->observations, suppressed);
		metadata_write_date(j, dated ? t->first : "");
		metadata_write_date(j, dated ? t->last : "");
	}
	metadata_write_consents(call, t, j);
	json_array_end(j);
}

static void
metadata_write_types(struct tools_call *call, struct json *j)
{
	const struct metadata		*m = call->state;
	static const char *const	 columns[] = { "data_type", "patients",
	    "observations", "first", "last", "consented", "refused",
	    "pending" };
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
	for (i = 0; i < m->requested.n; i++)
		metadata_write_type(call, i, j);
	json_array_end(j);
	json_object_end(j);
}

static void
metadata_write_head(struct tools_call *call, struct json *j)
{
	struct metadata	*m = call->state;

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
	json_int(j, m->few ? 0 : m->patients);
	if (m->counts && !m->few && m->nsuppressed == 0) {
		json_key(j, "observations");
		json_int(j, m->observations);
	}
	metadata_write_types(call, j);
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
metadata_write_summary(const struct metadata *m, struct tools_call *call)
{
	struct buf	*out = &call->result.summary;
	const char	*first = "", *last = "";
	char		 n[RESULT_COUNT_SIZE];
	size_t		 i;

	for (i = 0; i < m->requested.n; i++) {
		if (m->groups[i].suppressed)
			continue;
		if (*first == '\0' || (*m->requested.types[i].first != '\0' &&
		    strcmp(m->requested.types[i].first, first) < 0))
			first = m->requested.types[i].first;
		if (strcmp(m->requested.types[i].last, last) > 0)
			last = m->requested.types[i].last;
	}
	if (m->name.len > 0)
		buf_addf(out, "%s: ", buf_string(&m->name));
	else
		buf_addf(out, "Study %" PRId64 ": ", m->study_id);
	if (m->few)
		buf_adds(out, "too few patients to be told of, ");
	else
		buf_addf(out, "%s patient%s, ", result_count(m->patients, n),
		    m->patients == 1 ? "" : "s");
	if (m->counts && !m->few && m->nsuppressed == 0)
		buf_addf(out, "%s observation%s of ",
		    result_count(m->observations, n),
		    m->observations == 1 ? "" : "s");
	i = m->requested.n + m->requested.more;
	buf_addf(out, "%zu requested type%s", i, i == 1 ? "" : "s");
	if (*first != '\0' && policy_single_patients(&call->ctx))
		buf_addf(out, ", %s to %s", first, last);
	buf_addc(out, '.');
}

static void
metadata_write_text(const struct metadata *m, struct buf *out)
{
	buf_addf(out, "Study ID: %" PRId64 "\nName: %s\nDescription: %s\n"
	    "Organization: %s (%s)\n", m->study_id, buf_string(&m->name),
	    m->description.len > 0 ? buf_string(&m->description) : "N/A",
	    buf_string(&m->organization), buf_string(&m->organization_type));
	if (m->few)
		buf_adds(out, "Patients: too few to be told of\n");
	else
		buf_addf(out, "Patients: %" PRId64 "\n", m->patients);
	if (!m->counts)
		buf_adds(out, "Observations: not counted");
	else if (m->few || m->nsuppressed > 0)
		buf_adds(out, "Observations: held back");
	else
		buf_addf(out, "Observations: %" PRId64, m->observations);
}

/* Which numbers are of too few patients to be told. */
static int
metadata_suppress(struct tools_call *call)
{
	struct metadata	*m = call->state;
	size_t		 i;

	m->groups = calloc(m->requested.n + 1, sizeof(*m->groups));
	if (m->groups == NULL)
		return ERR_MEMORY;
	m->few = policy_too_few(&call->ctx, m->patients);
	for (i = 0; i < m->requested.n; i++)
		m->groups[i].patients = m->requested.types[i].patients;
	m->nsuppressed = policy_suppress(&call->ctx, m->groups, m->requested.n);
	return 0;
}

static void
metadata_write_withheld(struct tools_call *call)
{
	struct metadata	*m = call->state;
	struct result	*r = &call->result;

	result_withheld(r, "small_groups", (int64_t)m->nsuppressed + m->few);
	if (m->nsuppressed > 0 || m->few)
		result_notef(r, "Numbers of fewer than %u patients are held "
		    "back, and those that would tell them%s.",
		    policy_minimum(&call->ctx), m->few ? "; patients is given "
		    "as 0" : "");
}

static int
metadata_step(struct tools_call *call)
{
	struct metadata	*m = call->state;
	struct result	*r = &call->result;
	int		 error;

	if (!m->found) {
		errors_set_no_study(&call->error, m->study_id);
		return 0;
	}
	if ((error = metadata_suppress(call)) != 0)
		return error;
	metadata_write_summary(m, call);
	metadata_write_text(m, &r->text);
	metadata_write_head(call, &r->head);
	metadata_write_withheld(call);
	if (!m->team)
		result_note(r, "You take part in this study: patients, "
		    "consents and observations are your own; those of others "
		    "are for its team.");
	if (policy_too_few(&call->ctx, m->unreadable) && m->counts)
		result_note(r, POLICY_NOTE_FEW);
	else if (m->unreadable > 0 && m->counts) {
		result_withheld(r, "unreadable", m->unreadable);
		result_notef(r, "%" PRId64 " enrolled patient%s with no "
		    "organization of yours: their observations are not "
		    "counted.", m->unreadable, m->unreadable == 1 ? "" : "s");
	}
	policy_withheld(call, "consent", m->withheld, m->withheld_patients);
	if (m->requested.more > 0)
		result_notef(r, "%zu more data types are requested than are "
		    "listed; observations counts them too.", m->requested.more);
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
	.about = TOOL_ABOUT_STUDY,
	.state_size = sizeof(struct metadata),
	.start = metadata_start,
	.row = metadata_row,
	.step = metadata_step,
	.clear = metadata_clear
};
