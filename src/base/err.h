/* SPDX-License-Identifier: MIT */
/*
 * The one set of error codes.  A function that can fail returns 0 (or a
 * count, or a descriptor) on success and one of these, all negative, on
 * failure.  Libraries return them; processes decide what they mean.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

enum err {
	ERR_NONE	= 0,
	ERR_MEMORY	= -1,	/* out of memory */
	ERR_SYSTEM	= -2,	/* a system call failed: errno tells */
	ERR_FORMAT	= -3,	/* bytes that are not what they should be */
	ERR_LIMIT	= -4,	/* larger, longer or more than allowed */
	ERR_RANGE	= -5,	/* a value outside its range */
	ERR_DENIED	= -6,	/* not permitted, or proved false */
	ERR_NOT_FOUND	= -7,	/* no such thing */
	ERR_AGAIN	= -8,	/* nothing now; wait for the descriptor */
	ERR_CLOSED	= -9,	/* the other end is gone */
	ERR_TIMEOUT	= -10,	/* not within the time allowed */
	ERR_UNREACHABLE	= -11,	/* no connection could be made */
	ERR_EXPIRED	= -12,	/* was valid, is no longer */
	ERR_STATE	= -13,	/* not now: the order of things is wrong */
	ERR_UNSUPPORTED	= -14,	/* this build, kernel or peer cannot */
	ERR_CRYPTO	= -15,	/* the cryptographic library failed */
	ERR_DUPLICATE	= -16	/* given twice */
};

/* A few words for a log line; never NULL, never errno's text. */
const char	*err_text(int err);

#endif
