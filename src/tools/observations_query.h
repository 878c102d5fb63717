/* SPDX-License-Identifier: MIT */
/* What get_patient_observations was asked for, understood and checked. */
#ifndef TOOLS_OBSERVATIONS_QUERY_H
#define TOOLS_OBSERVATIONS_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "omh/types.h"
#include "tools/call.h"
#include "tools/data_types.h"
#include "tools/window.h"

/* Bytes of a stored body in a page, and of one that is asked for alone. */
#define OBSERVATIONS_BODY_MAX		30000
#define OBSERVATIONS_BODY_ALONE_MAX	(256 * 1024)

struct observations_query {
	int64_t				 patient_id;
	struct data_types		 wanted;
	const struct omh_measure	*measure;	/* asked; NULL */
	const struct omh_measure	*bounded;	/* of bounds */
	const char			*unit;	/* asked for, or NULL */
	const struct omh_unit		*bound_unit;	/* NULL: count */
	bool				 has_above, has_below;
	double				 above, below;
	bool				 newest;
	bool				 full;
	bool				 alone;	/* one id with its body */
	const int64_t			*ids;
	size_t				 nids;
	struct window			 window;
};

/*
 * From the call's arguments.  0; ERR_FORMAT with the answer in call->error.
 * Points into the call's arguments.
 */
int	observations_query_parse(struct observations_query *q,
	    struct tools_call *call);
/* Submit it: the statement is the last query; time_zone may precede it. */
int	observations_query_submit(const struct observations_query *q,
	    struct tools_call *call);
/* Names no other filter than patient and ids. */
bool	observations_query_is_ids(const struct observations_query *q);

#endif
