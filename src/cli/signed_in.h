/* SPDX-License-Identifier: MIT */
/* Who is signed in, as the commands tell it. */
#ifndef CLI_SIGNED_IN_H
#define CLI_SIGNED_IN_H

#include "cli/cache.h"
#include "ipc/ipc.h"

struct buf;
struct conf;
struct json;

struct signed_in {
	struct ipc_person	person;
	bool			refreshable;	/* as it is stored */
};

/*
 * What is stored.  CACHE_VALID or CACHE_EXPIRED and *s, else what is wrong
 * with the file or its directory.  Nothing is made or changed.
 */
enum cache_state signed_in_look(const struct conf *conf,
		    struct signed_in *s);
/* "manager@example.com (user 10001)", not cleaned. */
void		 signed_in_name(struct buf *out,
		    const struct ipc_person *person);
/* The members person, exchange, client_id and until of an open object. */
void		 signed_in_json(struct json *j, const struct conf *conf,
		    const struct ipc_person *person);

#endif
