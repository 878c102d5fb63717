/* SPDX-License-Identifier: MIT */
/*
 * Words for the error codes.  Runs in every process; no untrusted input.
 */
#include "base/err.h"

static const char *const err_texts[] = {
	[-ERR_NONE] = "no error",
	[-ERR_MEMORY] = "out of memory",
	[-ERR_SYSTEM] = "system call failed",
	[-ERR_FORMAT] = "malformed",
	[-ERR_LIMIT] = "over a limit",
	[-ERR_RANGE] = "out of range",
	[-ERR_DENIED] = "denied",
	[-ERR_NOT_FOUND] = "not found",
	[-ERR_AGAIN] = "would block",
	[-ERR_CLOSED] = "closed by the other end",
	[-ERR_TIMEOUT] = "timed out",
	[-ERR_UNREACHABLE] = "unreachable",
	[-ERR_EXPIRED] = "expired",
	[-ERR_STATE] = "out of order",
	[-ERR_UNSUPPORTED] = "not supported",
	[-ERR_CRYPTO] = "cryptographic failure",
	[-ERR_DUPLICATE] = "given twice",
};

const char *
err_text(int err)
{
	int	n = (int)(sizeof(err_texts) / sizeof(err_texts[0]));

	if (err > 0 || err <= -n)
		return "unknown error";
	return err_texts[-err];
}
