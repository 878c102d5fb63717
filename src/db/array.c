/* SPDX-License-Identifier: MIT */
/*
 * PostgreSQL's array literals, element by element.  Runs in the worker; the
 * text is the server's, but what is in it was once somebody's.
 */
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "db/array.h"

struct target {
	char	*buf;
	size_t	 size;		/* with room for the NUL */
	size_t	 len;
};

int
db_array_begin(struct db_array *a, const char *text, size_t len)
{
	if (len < 2 || text[0] != '{' || text[len - 1] != '}')
		return ERR_FORMAT;
	a->at = text + 1;
	a->end = text + len - 1;
	a->first = true;
	a->ended = false;
	return 0;
}

static int
target_add(struct target *t, char c)
{
	if (t->size - t->len < 2)
		return ERR_LIMIT;
	t->buf[t->len++] = c;
	return 0;
}

/* "…" with \" and \\ inside; at is behind the first quote. */
static int
array_quoted(struct db_array *a, struct target *t)
{
	int	error;

	while (a->at < a->end && *a->at != '"') {
		if (*a->at == '\\' && ++a->at == a->end)
			return ERR_FORMAT;
		if ((error = target_add(t, *a->at++)) != 0)
			return error;
	}
	if (a->at == a->end)
		return ERR_FORMAT;
	a->at++;
	return 0;
}

static int
array_plain(struct db_array *a, struct target *t)
{
	const char	*begin = a->at;
	int		 error;

	while (a->at < a->end && *a->at != ',') {
		if (strchr("{}\"\\", *a->at) != NULL)
			return ERR_FORMAT;
		if ((error = target_add(t, *a->at++)) != 0)
			return error;
	}
	return a->at > begin ? 0 : ERR_FORMAT;
}

int
db_array_next(struct db_array *a, char *buf, size_t size, size_t *len,
    bool *null)
{
	struct target	 t = { buf, size, 0 };
	int		 error;

	*null = false;
	*len = 0;
	if (size == 0)
		return ERR_LIMIT;
	if (a->ended || (a->first && a->at == a->end))
		return 0;
	a->first = false;
	if (a->at < a->end && *a->at == '"') {
		a->at++;
		error = array_quoted(a, &t);
	} else {
		error = array_plain(a, &t);
		*null = error == 0 && t.len == 4 &&
		    strncasecmp(buf, "NULL", 4) == 0;
	}
	if (error != 0)
		return error;
	if (*null)
		t.len = 0;
	buf[t.len] = '\0';
	*len = t.len;
	if (a->at == a->end)
		a->ended = true;
	else if (*a->at++ != ',')
		return ERR_FORMAT;
	return 1;
}
