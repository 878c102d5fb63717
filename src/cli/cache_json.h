/* SPDX-License-Identifier: MIT */
/* The JSON of the token cache; members as cli/cache.h lists them. */
#ifndef CLI_CACHE_JSON_H
#define CLI_CACHE_JSON_H

#include <stddef.h>

#include "cli/cache.h"

struct buf;
struct vault_tokens;

/* Append the record; 0, ERR_MEMORY or ERR_LIMIT. */
int		 cache_json_write(struct buf *out,
		    const struct vault_tokens *tokens);
/*
 * Fill tokens in from len bytes.  CACHE_VALID (nothing is said of its time
 * and its owner), CACHE_TRUNCATED, CACHE_MALFORMED, CACHE_INCOMPLETE or
 * CACHE_MEMORY; tokens is then empty.
 */
enum cache_state cache_json_read(const char *text, size_t len,
		    struct vault_tokens *tokens);

#endif
