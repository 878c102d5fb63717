/* SPDX-License-Identifier: MIT */
/* Errors of one run, told one line each. */
#ifndef CONF_REPORT_H
#define CONF_REPORT_H

#include <stddef.h>

#include "conf/conf.h"

struct report {
	conf_error_fn	*fn;
	void		*arg;
	size_t		 count;
};

/* Where an error is: a file and, if not 0, its line; or a text alone. */
struct place {
	const char	*name;
	unsigned int	 line;
};

/* Tell one error; the text repeats no value. */
void	report_error(struct report *r, const struct place *at,
	    const char *fmt, ...)
	    __attribute__((__format__(__printf__, 3, 4)));
/* Tell how many more there were than CONF_ERRORS_MAX. */
void	report_end(struct report *r);

#endif
