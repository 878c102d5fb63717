/* SPDX-License-Identifier: MIT */
/* The argument data_type.  Runs in the worker; names are a client's. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "db/param.h"
#include "tools/args.h"
#include "tools/data_types.h"
#include "tools/errors.h"

/* A name of no known type: as the statement compares it. */
static int
data_types_add_other(struct data_types *d, const char *name, size_t len)
{
	char	*other;
	size_t	 i;

	if (d->nothers == DATA_TYPES_OTHERS_MAX || len >= DATA_TYPES_NAME_SIZE)
		return ERR_LIMIT;
	other = d->others[d->nothers++];
	for (i = 0; i < len; i++)
		other[i] = name[i] == ' ' || name[i] == '_' ? '-' :
		    (char)tolower((unsigned char)name[i]);
	other[len] = '\0';
	return 0;
}

static int
data_types_add(struct data_types *d, const char *name, size_t len)
{
	const struct omh_type	*type;
	uint32_t		 group;

	if ((group = omh_type_group(name, len)) != 0)
		d->known |= group;
	else if ((type = omh_type_find(name, len)) != NULL)
		d->known |= UINT32_C(1) << omh_type_index(type);
	else
		return data_types_add_other(d, name, len);
	return 0;
}

int
data_types_parse(struct data_types *d, const struct args *args,
    struct buf *error)
{
	const char	*s = args_string(args, "data_type");
	size_t		 len, next;

	memset(d, 0, sizeof(*d));
	while (s != NULL && *s != '\0') {
		s += strspn(s, " ,");
		next = len = strcspn(s, ",");
		while (len > 0 && s[len - 1] == ' ')
			len--;
		if (len > 0 && data_types_add(d, s, len) != 0) {
			errors_set(error, ERRORS_BAD_ARGUMENT, "data_type has "
			    "too many or too long names. Use short names such "
			    "as blood-glucose.");
			return ERR_FORMAT;
		}
		s += next;
	}
	d->filtered = d->known != 0 || d->nothers > 0;
	d->single = (d->known & (d->known - 1)) == 0 &&
	    (d->known != 0) + d->nothers == 1;
	if (d->single && d->known != 0)
		d->type = omh_type_at((size_t)__builtin_ctz(d->known));
	return 0;
}

void
data_types_params(const struct data_types *d, struct db_params *p, int types,
    int others)
{
	char		 names[OMH_TYPES][DATA_TYPES_NAME_SIZE];
	const char	*values[OMH_TYPES], *texts[DATA_TYPES_OTHERS_MAX];
	size_t		 i, n = 0;

	if (!d->filtered)
		return;
	for (i = 0; i < OMH_TYPES; i++) {
		if ((d->known & UINT32_C(1) << i) == 0)
			continue;
		snprintf(names[n], sizeof(names[n]), "%s:%s",
		    omh_type_at(i)->space, omh_type_at(i)->name);
		values[n] = names[n];
		n++;
	}
	for (i = 0; i < d->nothers; i++)
		texts[i] = d->others[i];
	db_params_texts(p, types, values, n);
	db_params_texts(p, others, texts, d->nothers);
}
