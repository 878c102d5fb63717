/* SPDX-License-Identifier: MIT */
/*
 * Parameters of a query (application/x-www-form-urlencoded) and the Host
 * field.  Nothing is allocated.
 */
#ifndef HTTP_QUERY_H
#define HTTP_QUERY_H

#include <stddef.h>

/*
 * The parameter `name`, decoded (%XX, and + for a space), with a NUL into
 * value[size].  The whole query is read each time, so that one bad encoding
 * anywhere is found whatever is asked for.  Returns the length, or
 * ERR_NOT_FOUND; ERR_DUPLICATE if it is there twice; ERR_LIMIT if it does
 * not fit; ERR_FORMAT: a broken % or a NUL.
 */
int	http_query_get(const char *query, size_t len, const char *name,
	    char *value, size_t size);

/*
 * The host of a Host field (RFC 9110 §7.2), without its port, in lower case,
 * an IPv6 address with its brackets.  0; ERR_FORMAT; ERR_LIMIT.
 */
int	http_host_parse(const char *field, size_t len, char *host,
	    size_t size);

#endif
