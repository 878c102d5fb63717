/* SPDX-License-Identifier: MIT */
/*
 * Cells of results.  Runs in the worker.  The texts are what anybody ever
 * stored in the exchange.
 */
#include "base/buf.h"
#include "base/json.h"
#include "db/db.h"
#include "tools/cell.h"
#include "tools/text.h"

/* Bytes of a cleaned text. */
#define CELL_BYTES_MAX	(4 * TEXT_FULL_MAX + 4)

void
cell_integer(struct json *j, const struct db_row *row, int column)
{
	int64_t	value;

	if (db_int(row, column, &value) == 0)
		json_int(j, value);
	else
		json_null(j);
}

bool
cell_text(struct json *j, const struct db_row *row, int column,
    size_t max_characters)
{
	struct buf	text;
	bool		any;

	if (db_is_null(row, column)) {
		json_null(j);
		return false;
	}
	buf_init(&text, CELL_BYTES_MAX);
	cell_get_text(&text, row, column, max_characters);
	json_stringn(j, buf_string(&text), text.len);
	any = text.len > 0;
	buf_free(&text);
	return any;
}

void
cell_plain(struct json *j, const struct db_row *row, int column)
{
	const char	*text;
	size_t		 len;

	if ((text = db_text(row, column, &len)) != NULL)
		json_stringn(j, text, len);
	else
		json_null(j);
}

int64_t
cell_get_integer(const struct db_row *row, int column, int64_t other)
{
	int64_t	value;

	return db_int(row, column, &value) == 0 ? value : other;
}

bool
cell_get_boolean(const struct db_row *row, int column)
{
	bool	value = false;

	return db_bool(row, column, &value) == 0 && value;
}

void
cell_get_text(struct buf *out, const struct db_row *row, int column,
    size_t max_characters)
{
	const char	*text;
	size_t		 len = 0;

	if ((text = db_text(row, column, &len)) != NULL)
		text_clean(out, text, len, max_characters);
}
