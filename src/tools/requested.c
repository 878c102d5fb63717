/* SPDX-License-Identifier: MIT */
/*
 * The data types that a study requests.  Runs in the worker.  Codes and their
 * texts are free text of people.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "compat/compat.h"
#include "db/db.h"
#include "omh/types.h"
#include "tools/cell.h"
#include "tools/requested.h"
#include "tools/text.h"
#include "tools/tools.h"

/* The name by which a type is shown, cleaned; to be freed. */
static char *
requested_name(const char *code, size_t code_len, const char *text,
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

struct requested_type *
requested_add(struct requested *r, const struct db_row *row,
    const struct requested_columns *columns, int *error)
{
	const struct omh_type	*type;
	struct requested_type	*types, *t;
	struct buf		 clean;
	const char		*code, *text;
	size_t			 code_len = 0, text_len = 0;

	*error = 0;
	if (r->n == REQUESTED_MAX) {
		r->more++;
		return NULL;
	}
	*error = ERR_MEMORY;
	types = recallocarray(r->types, r->n, r->n + 1, sizeof(*types));
	if (types == NULL)
		return NULL;
	r->types = types;
	t = &types[r->n++];
	t->concept_id = cell_get_integer(row, columns->concept_id, 0);
	t->consented = cell_get_integer(row, columns->consented, 0);
	t->refused = cell_get_integer(row, columns->refused, 0);
	t->pending = cell_get_integer(row, columns->pending, 0);
	code = db_text(row, columns->code, &code_len);
	text = db_text(row, columns->text, &text_len);
	type = code != NULL ? omh_type_of_code(code, code_len) : NULL;
	t->known = type != NULL ? (int)omh_type_index(type) : -1;
	t->name = requested_name(code, code_len, text, text_len);
	buf_init(&clean, TOOLS_RESULT_MAX);
	text_clean(&clean, code, code_len, TEXT_CELL_MAX);
	t->code = strdup(buf_string(&clean));
	buf_free(&clean);
	if (t->name == NULL || t->code == NULL)
		return NULL;
	*error = 0;
	return t;
}

void
requested_clear(struct requested *r)
{
	size_t	i;

	for (i = 0; i < r->n; i++) {
		free(r->types[i].name);
		free(r->types[i].code);
	}
	free(r->types);
	memset(r, 0, sizeof(*r));
}

struct requested_type *
requested_find(const struct requested *r, int64_t concept_id)
{
	size_t	i;

	for (i = 0; i < r->n; i++) {
		if (r->types[i].concept_id == concept_id)
			return &r->types[i];
	}
	return NULL;
}

const char *
requested_shown(const struct requested *r, size_t i)
{
	size_t	k;

	for (k = 0; k < r->n; k++) {
		if (k != i && strcmp(r->types[k].name, r->types[i].name) == 0)
			return r->types[i].code;
	}
	return r->types[i].name;
}

void
requested_write_names(const struct requested *r, struct buf *out, size_t max)
{
	size_t	i;

	for (i = 0; i < r->n && out->len < max; i++)
		buf_addf(out, "%s%s", i > 0 ? ", " : "",
		    requested_shown(r, i));
	if (i < r->n || r->more > 0)
		buf_addf(out, " and %zu more", r->n - i + r->more);
}
