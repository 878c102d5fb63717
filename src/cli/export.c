/* SPDX-License-Identifier: MIT */
/*
 * Rows of answers as a file.  Runs in jhe-mcp; cells hold what anybody
 * stored, and are read by spreadsheets, which take some texts for formulas,
 * and shown by terminals.
 */
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "cli/export.h"
#include "cli/terminal.h"
#include "compat/compat.h"

#define EXPORT_COLUMNS_MAX	256
#define EXPORT_ROW_MAX		(16 * 1024 * 1024)
/* The column of what the first page had not, unless that had one so named. */
#define EXPORT_OTHER		"other"

struct export {
	enum export_format	 format;
	FILE			*out;
	int64_t			 rows;
	bool			 begun;
	/* Of CSV, from the first page on. */
	char			*header[EXPORT_COLUMNS_MAX];
	size_t			 nheader;
	bool			 other;		/* the last is for those */
	struct buf		 line;
	struct buf		 clean;
};

/* One page, taken apart; all of it is the answer's. */
struct export_page {
	struct json_object	*columns;	/* NULL: rows are objects */
	struct json_object	*rows;
	struct json_object	*common;	/* or NULL */
};

struct export *
export_new(enum export_format format, FILE *out)
{
	struct export	*e = calloc(1, sizeof(*e));

	if (e == NULL)
		return NULL;
	e->format = format;
	e->out = out;
	buf_init(&e->line, EXPORT_ROW_MAX);
	buf_init(&e->clean, EXPORT_ROW_MAX);
	return e;
}

void
export_free(struct export *e)
{
	size_t	i;

	if (e == NULL)
		return;
	for (i = 0; i < e->nheader; i++)
		free(e->header[i]);
	buf_free(&e->line);
	buf_free(&e->clean);
	free(e);
}

int64_t
export_rows(const struct export *e)
{
	return e->rows;
}

/* --- Reading a page. ------------------------------------------------------ */

static struct json_object *
export_array(struct json_object *answer, const char *name)
{
	struct json_object	*v;

	if (!json_object_object_get_ex(answer, name, &v) ||
	    !json_object_is_type(v, json_type_array))
		return NULL;
	return v;
}

static int
export_read(struct json_object *answer, struct export_page *p)
{
	static const char *const	objects[] = { "observations",
	    "resources" };
	size_t				i;

	memset(p, 0, sizeof(*p));
	if (!json_object_is_type(answer, json_type_object))
		return ERR_UNSUPPORTED;
	p->columns = export_array(answer, "columns");
	p->rows = export_array(answer, "rows");
	if (json_object_object_get_ex(answer, "common", &p->common) &&
	    !json_object_is_type(p->common, json_type_object))
		p->common = NULL;
	if (p->columns != NULL && p->rows != NULL)
		return 0;
	p->columns = p->common = NULL;
	for (i = 0; i < sizeof(objects) / sizeof(objects[0]); i++) {
		p->rows = export_array(answer, objects[i]);
		if (p->rows != NULL)
			return 0;
	}
	return ERR_UNSUPPORTED;
}

static const char *
export_column(const struct export_page *p, size_t i)
{
	return json_object_get_string(json_object_array_get_idx(p->columns,
	    i));
}

/* The cell of a row by its column's name; false: the page has no such. */
static bool
export_cell(const struct export_page *p, struct json_object *row,
    const char *name, struct json_object **cell)
{
	size_t	i, n = json_object_array_length(p->columns);

	for (i = 0; i < n; i++) {
		if (strcmp(export_column(p, i), name) == 0) {
			*cell = json_object_array_get_idx(row, i);
			return true;
		}
	}
	return p->common != NULL &&
	    json_object_object_get_ex(p->common, name, cell);
}

/* --- CSV (RFC 4180; lines end with LF). ----------------------------------- */

/* But for that of the others: a later page may have one of its name. */
static bool
export_has_column(const struct export *e, const char *name)
{
	size_t	i;

	for (i = 0; i + e->other < e->nheader; i++) {
		if (strcmp(e->header[i], name) == 0)
			return true;
	}
	return false;
}

static int
export_add_column(struct export *e, const char *name)
{
	if (name == NULL || export_has_column(e, name))
		return 0;
	if (e->nheader == EXPORT_COLUMNS_MAX)
		return ERR_LIMIT;
	if ((e->header[e->nheader] = strdup(name)) == NULL)
		return ERR_MEMORY;
	e->nheader++;
	return 0;
}

/*
 * One cell.  A text that a spreadsheet would run as a formula gets an
 * apostrophe in front; a number is a number whatever its sign.
 */
static void
export_csv_text(struct export *e, const char *text, size_t len, bool guarded)
{
	bool	formula = guarded && len > 0 &&
		    strchr("=+-@\t\r", text[0]) != NULL;
	size_t	i;

	buf_reset(&e->clean);
	terminal_clean(&e->clean, text, len);
	text = buf_string(&e->clean);
	len = e->clean.len;
	if (!formula && strcspn(text, ",\"\r\n") == len &&
	    (len == 0 || (text[0] != ' ' && text[len - 1] != ' '))) {
		buf_add(&e->line, text, len);
		return;
	}
	buf_addc(&e->line, '"');
	if (formula)
		buf_addc(&e->line, '\'');
	for (i = 0; i < len; i++) {
		if (text[i] == '"')
			buf_addc(&e->line, '"');
		buf_addc(&e->line, text[i]);
	}
	buf_addc(&e->line, '"');
}

static const char *
export_json_text(struct json_object *value)
{
	return json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN |
	    JSON_C_TO_STRING_NOSLASHESCAPE);
}

static void
export_csv_cell(struct export *e, struct json_object *cell)
{
	const char	*text;

	if (cell == NULL)
		return;
	if (json_object_is_type(cell, json_type_string)) {
		export_csv_text(e, json_object_get_string(cell),
		    (size_t)json_object_get_string_len(cell), true);
		return;
	}
	text = export_json_text(cell);
	export_csv_text(e, text, strlen(text), false);
}

/* "name=value; name=value" of what the header has no column for. */
static void
export_csv_other(struct export *e, const struct export_page *p,
    struct json_object *row)
{
	struct buf		 all;
	struct json_object	*cell;
	size_t			 i, n = json_object_array_length(p->columns);

	buf_init(&all, EXPORT_ROW_MAX);
	for (i = 0; i < n; i++) {
		cell = json_object_array_get_idx(row, i);
		if (cell != NULL && !export_has_column(e, export_column(p, i)))
			buf_addf(&all, "%s%s=%s", all.len > 0 ? "; " : "",
			    export_column(p, i), json_object_get_string(cell));
	}
	if (p->common != NULL) {
		json_object_object_foreach(p->common, name, value) {
			if (value != NULL && !export_has_column(e, name))
				buf_addf(&all, "%s%s=%s", all.len > 0 ? "; " :
				    "", name, json_object_get_string(value));
		}
	}
	export_csv_text(e, buf_string(&all), all.len, true);
	buf_free(&all);
}

static void
export_csv_row(struct export *e, const struct export_page *p,
    struct json_object *row)
{
	struct json_object	*cell;
	size_t			 i;

	for (i = 0; i < e->nheader; i++) {
		if (i > 0)
			buf_addc(&e->line, ',');
		if (e->other && i + 1 == e->nheader)
			export_csv_other(e, p, row);
		else if (export_cell(p, row, e->header[i], &cell))
			export_csv_cell(e, cell);
	}
}

/* "other", "other (2)": a name that no column of the first page has. */
static int
export_add_other(struct export *e)
{
	char		name[sizeof(EXPORT_OTHER) + 16];
	unsigned int	n;
	int		error;

	strlcpy(name, EXPORT_OTHER, sizeof(name));
	for (n = 2; export_has_column(e, name); n++)
		snprintf(name, sizeof(name), EXPORT_OTHER " (%u)", n);
	if ((error = export_add_column(e, name)) != 0)
		return error;
	e->other = true;
	return 0;
}

/*
 * What all rows of a page share is under common there, and may be a column of
 * the next page: both are columns here.  What comes up later has no place in
 * a header that is written already.
 */
static int
export_csv_header(struct export *e, const struct export_page *p, bool more)
{
	size_t	i, n = json_object_array_length(p->columns);
	int	error;

	for (i = 0; i < n; i++) {
		if ((error = export_add_column(e, export_column(p, i))) != 0)
			return error;
	}
	if (p->common != NULL) {
		json_object_object_foreach(p->common, name, value) {
			(void)value;
			if ((error = export_add_column(e, name)) != 0)
				return error;
		}
	}
	if (more && (error = export_add_other(e)) != 0)
		return error;
	for (i = 0; i < e->nheader; i++) {
		if (i > 0)
			buf_addc(&e->line, ',');
		export_csv_text(e, e->header[i], strlen(e->header[i]), true);
	}
	buf_addc(&e->line, '\n');
	return 0;
}

/* --- JSON. ---------------------------------------------------------------- */

static void
export_json_member(struct export *e, const char *name,
    struct json_object *value, bool *first)
{
	const char	*text = export_json_text(value);

	buf_addc(&e->line, *first ? '{' : ',');
	json_escape(&e->line, name, strlen(name));
	buf_addc(&e->line, ':');
	terminal_clean_json(&e->line, text, strlen(text));
	*first = false;
}

static void
export_json_row(struct export *e, const struct export_page *p,
    struct json_object *row)
{
	const char	*text;
	size_t		 i, n;
	bool		 first = true;

	if (p->columns == NULL) {
		text = export_json_text(row);
		terminal_clean_json(&e->line, text, strlen(text));
		return;
	}
	n = json_object_array_length(p->columns);
	for (i = 0; i < n; i++)
		export_json_member(e, export_column(p, i),
		    json_object_array_get_idx(row, i), &first);
	if (p->common != NULL) {
		json_object_object_foreach(p->common, name, value) {
			export_json_member(e, name, value, &first);
		}
	}
	buf_adds(&e->line, first ? "{}" : "}");
}

/* --- Pages. --------------------------------------------------------------- */

static int
export_flush(struct export *e)
{
	size_t	len = e->line.len;
	int	error = buf_error(&e->line);

	if (error == 0)
		error = buf_error(&e->clean);
	if (error != 0)
		return error;
	if (len > 0 && fwrite(e->line.data, 1, len, e->out) != len)
		return ERR_SYSTEM;
	buf_reset(&e->line);
	return 0;
}

static int
export_row(struct export *e, const struct export_page *p,
    struct json_object *row)
{
	/* A row that is not what its answer says it is has no cells. */
	if (p->columns != NULL && !json_object_is_type(row, json_type_array))
		return ERR_FORMAT;
	if (e->format == EXPORT_CSV)
		export_csv_row(e, p, row);
	else {
		if (e->format == EXPORT_JSON)
			buf_adds(&e->line, e->rows > 0 ? ",\n" : "\n");
		export_json_row(e, p, row);
	}
	if (e->format != EXPORT_JSON)
		buf_addc(&e->line, '\n');
	e->rows++;
	return export_flush(e);
}

int
export_page(struct export *e, struct json_object *answer, bool more)
{
	struct export_page	p;
	size_t			i, n;
	int			error;

	if ((error = export_read(answer, &p)) != 0)
		return error;
	if (e->format == EXPORT_CSV && p.columns == NULL)
		return ERR_UNSUPPORTED;
	if (!e->begun && e->format == EXPORT_JSON)
		buf_addc(&e->line, '[');
	if (!e->begun && e->format == EXPORT_CSV &&
	    (error = export_csv_header(e, &p, more)) != 0)
		return error;
	e->begun = true;
	n = json_object_array_length(p.rows);
	for (i = 0; i < n; i++) {
		error = export_row(e, &p, json_object_array_get_idx(p.rows,
		    i));
		if (error != 0)
			return error;
	}
	error = export_flush(e);
	return error == 0 && fflush(e->out) != 0 ? ERR_SYSTEM : error;
}

int
export_end(struct export *e)
{
	int	error;

	if (e->format == EXPORT_JSON)
		buf_adds(&e->line, e->rows > 0 ? "\n]\n" : "]\n");
	error = export_flush(e);
	return error == 0 && fflush(e->out) != 0 ? ERR_SYSTEM : error;
}
