/* SPDX-License-Identifier: MIT */
/*
 * Loading libpq.  Runs in the worker, before its first filter; the name is
 * ours, and it is looked for where the system's libraries are.
 */
#define LIBPQ_NAMES
#include "db/libpq.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"

/* The name that its ABI has since PostgreSQL 8.2. */
#define LIBPQ_NAME	"libpq.so.5"

struct libpq	libpq;

static const struct {
	const char	*name;
	size_t		 offset;
} libpq_functions[] = {
#define LIBPQ(name)	{ #name, offsetof(struct libpq, name) },
#include "db/libpq.def"
#undef LIBPQ
};

int
libpq_load(void)
{
	void	*library, *function;
	size_t	 i;

	if (libpq.PQfinish != NULL)
		return 0;
	library = dlopen(LIBPQ_NAME, RTLD_NOW | RTLD_LOCAL);
	if (library == NULL) {
		log_warnx("%s could not be loaded", LIBPQ_NAME);
		return ERR_SYSTEM;
	}
	for (i = 0; i < sizeof(libpq_functions) / sizeof(libpq_functions[0]);
	    i++) {
		function = dlsym(library, libpq_functions[i].name);
		if (function == NULL) {
			log_warnx("%s is too old: no %s", LIBPQ_NAME,
			    libpq_functions[i].name);
			memset(&libpq, 0, sizeof(libpq));
			dlclose(library);
			return ERR_SYSTEM;
		}
		memcpy((char *)&libpq + libpq_functions[i].offset, &function,
		    sizeof(function));
	}
	return 0;
}
