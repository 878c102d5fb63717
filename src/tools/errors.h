/* SPDX-License-Identifier: MIT */
/*
 * The errors of tools, as a model reads them: a stable code, the cause, the
 * next step.  Each function replaces what is in out.
 */
#ifndef TOOLS_ERRORS_H
#define TOOLS_ERRORS_H

#include <stdint.h>

struct buf;

/* Bytes of an error's text. */
#define ERRORS_TEXT_MAX	2000

enum errors_code {
	ERRORS_NOT_FOUND,
	ERRORS_BAD_ARGUMENT,
	ERRORS_UNKNOWN_TYPE,
	ERRORS_UNKNOWN_UNIT,
	ERRORS_UNKNOWN_MEASURE,
	ERRORS_BAD_CURSOR,
	ERRORS_CURSOR_MISMATCH,
	ERRORS_NOT_AVAILABLE,
	ERRORS_TOO_BROAD,
	ERRORS_TOO_SLOW,
	ERRORS_LOGIN_NEEDED,
	ERRORS_NO_PROFILE,
	ERRORS_UNAVAILABLE,
	ERRORS_INTERNAL,
	ERRORS_CODE_COUNT
};

/* "not_found"; never NULL for a code of the table. */
const char *errors_name(enum errors_code code);
/* "<code>: <text>".  What came from outside is cleaned by the caller. */
void	errors_set(struct buf *out, enum errors_code code,
	    const char *fmt, ...)
	    __attribute__((__format__(__printf__, 3, 4)));

/* Unknown and forbidden alike: nothing but the id differs. */
void	errors_set_no_study(struct buf *out, int64_t study_id);
void	errors_set_no_patient(struct buf *out, int64_t patient_id);
void	errors_set_no_observation(struct buf *out, int64_t observation_id);
/* type, id: of a FHIR record, cleaned. */
void	errors_set_no_record(struct buf *out, const char *type,
	    const char *id);
/* The database is of a generation without FHIR records. */
void	errors_set_no_records(struct buf *out);
void	errors_set_bad_cursor(struct buf *out);
/* argument: the one that differs. */
void	errors_set_cursor_mismatch(struct buf *out, const char *argument);
/* argument: one that did not fit into the cursor. */
void	errors_set_cursor_repeat(struct buf *out, const char *argument);
void	errors_set_too_slow(struct buf *out, unsigned int timeout_s);
/* request_id may be NULL. */
void	errors_set_unavailable(struct buf *out, const char *request_id);
void	errors_set_internal(struct buf *out, const char *request_id);
/* For the worker: where to log in. */
void	errors_set_login_needed(struct buf *out, const char *url);
/* who: cleaned e-mail address or the like; active: of the account. */
void	errors_set_no_profile(struct buf *out, const char *who, int active);

#endif
