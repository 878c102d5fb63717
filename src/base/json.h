/* SPDX-License-Identifier: MIT */
/*
 * A streaming JSON writer (RFC 8259) over a struct buf: no tree, commas by
 * itself, nothing allocated but the buffer.  Bytes that are not UTF-8 become
 * U+FFFD, so that whatever was stored, the output is valid JSON.
 * Errors stick in the buffer; nesting deeper than JSON_DEPTH_MAX is
 * ERR_LIMIT.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

#define JSON_DEPTH_MAX	63

struct json {
	struct buf	*out;
	uint64_t	 filled;	/* bit n: level n has a member */
	unsigned int	 depth;
	bool		 after_key;
};

void	json_init(struct json *j, struct buf *out);
void	json_object_begin(struct json *j);
void	json_object_end(struct json *j);
void	json_array_begin(struct json *j);
void	json_array_end(struct json *j);
/* A member's name; the next call writes its value. */
void	json_key(struct json *j, const char *key);
void	json_string(struct json *j, const char *s);
void	json_stringn(struct json *j, const char *s, size_t len);
void	json_stringf(struct json *j, const char *fmt, ...)
	    __attribute__((__format__(__printf__, 2, 3)));
void	json_int(struct json *j, int64_t value);
void	json_boolean(struct json *j, bool value);
void	json_null(struct json *j);
/*
 * At most `decimals` digits after the point, trailing zeros dropped; a value
 * that JSON cannot hold (NaN, infinite) becomes null.
 */
void	json_double(struct json *j, double value, int decimals);
/* JSON text that is known to be valid (of PostgreSQL, of this writer). */
void	json_raw(struct json *j, const char *text, size_t len);
/* True if len bytes are a number by RFC 8259 §6, so json_raw may take them. */
bool	json_is_number(const char *text, size_t len);
/* Append len bytes to out, quoted and escaped as a JSON string. */
void	json_escape(struct buf *out, const char *s, size_t len);

#endif
