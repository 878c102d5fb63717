/* SPDX-License-Identifier: MIT */
/* UTF-8 as RFC 3629 has it: shortest form, no surrogates, to U+10FFFF. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the sequence at s (1 to 4), or 0 if there is no valid one. */
size_t	utf8_sequence(const char *s, size_t len);
/* As above, and the code point. */
size_t	utf8_decode(const char *s, size_t len, uint32_t *cp);
bool	utf8_valid(const char *s, size_t len);

#endif
