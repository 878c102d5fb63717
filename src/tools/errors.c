/* SPDX-License-Identifier: MIT */
/*
 * The errors of tools.  Runs in the worker.  Nothing in a text comes from
 * the database's or a library's own words.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/buf.h"
#include "tools/errors.h"

static const char *const	errors_names[ERRORS_CODE_COUNT] = {
	[ERRORS_NOT_FOUND] = "not_found",
	[ERRORS_BAD_ARGUMENT] = "bad_argument",
	[ERRORS_UNKNOWN_TYPE] = "unknown_type",
	[ERRORS_UNKNOWN_UNIT] = "unknown_unit",
	[ERRORS_UNKNOWN_MEASURE] = "unknown_measure",
	[ERRORS_BAD_CURSOR] = "bad_cursor",
	[ERRORS_CURSOR_MISMATCH] = "cursor_mismatch",
	[ERRORS_NOT_AVAILABLE] = "not_available",
	[ERRORS_TOO_BROAD] = "too_broad",
	[ERRORS_TOO_SLOW] = "too_slow",
	[ERRORS_LOGIN_NEEDED] = "login_needed",
	[ERRORS_NO_PROFILE] = "no_profile",
	[ERRORS_UNAVAILABLE] = "unavailable",
	[ERRORS_INTERNAL] = "internal"
};

const char *
errors_name(enum errors_code code)
{
	return errors_names[code];
}

void
errors_set(struct buf *out, enum errors_code code, const char *fmt, ...)
{
	char	text[ERRORS_TEXT_MAX];
	va_list	ap;

	va_start(ap, fmt);
	if (vsnprintf(text, sizeof(text), fmt, ap) < 0)
		text[0] = '\0';
	va_end(ap);
	buf_reset(out);
	buf_addf(out, "%s: %s", errors_names[code], text);
}

void
errors_set_no_study(struct buf *out, int64_t study_id)
{
	errors_set(out, ERRORS_NOT_FOUND, "no study %" PRId64
	    " that you may see. list_studies shows yours.", study_id);
}

void
errors_set_no_patient(struct buf *out, int64_t patient_id)
{
	errors_set(out, ERRORS_NOT_FOUND, "no patient %" PRId64
	    " whose data you may see. search_patients finds ids; a roster row "
	    "with readable=false has no data for you.", patient_id);
}

void
errors_set_no_observation(struct buf *out, int64_t observation_id)
{
	errors_set(out, ERRORS_NOT_FOUND, "no observation %" PRId64
	    " that you may see. get_patient_observations shows ids.",
	    observation_id);
}

void
errors_set_no_record(struct buf *out, const char *type, const char *id)
{
	errors_set(out, ERRORS_NOT_FOUND, "no %s record %s that you may see. "
	    "get_fhir_resources shows ids.", type, id);
}

void
errors_set_no_records(struct buf *out)
{
	errors_set(out, ERRORS_NOT_AVAILABLE, "this exchange's database has no "
	    "clinical records (older generation). Device data: "
	    "summarize_patient_observations.");
}

void
errors_set_bad_cursor(struct buf *out)
{
	errors_set(out, ERRORS_BAD_CURSOR, "it is damaged, expired or of "
	    "another person or tool. Repeat the first call without cursor.");
}

void
errors_set_cursor_mismatch(struct buf *out, const char *argument)
{
	errors_set(out, ERRORS_CURSOR_MISMATCH, "%s differs from the call that "
	    "gave this cursor. Send only the id and cursor.", argument);
}

void
errors_set_cursor_repeat(struct buf *out, const char *argument)
{
	errors_set(out, ERRORS_CURSOR_MISMATCH, "%s was too long for this "
	    "cursor. Send it again, as it was, with the id and cursor.",
	    argument);
}

void
errors_set_too_slow(struct buf *out, unsigned int timeout_s)
{
	errors_set(out, ERRORS_TOO_SLOW, "the database did not finish in %u s. "
	    "Narrow the window or name a data_type; counts=false skips "
	    "counting.", timeout_s);
}

void
errors_set_unavailable(struct buf *out, const char *request_id)
{
	errors_set(out, ERRORS_UNAVAILABLE, "the exchange's database cannot be "
	    "reached. Nothing is wrong with the question; try again in a "
	    "minute.%s%s%s", request_id != NULL ? " (request " : "",
	    request_id != NULL ? request_id : "",
	    request_id != NULL ? ")" : "");
}

void
errors_set_internal(struct buf *out, const char *request_id)
{
	errors_set(out, ERRORS_INTERNAL, "this server could not make the "
	    "answer. Nothing is wrong with the question; its administrator "
	    "finds more in the log.%s%s%s",
	    request_id != NULL ? " (request " : "",
	    request_id != NULL ? request_id : "",
	    request_id != NULL ? ")" : "");
}

void
errors_set_login_needed(struct buf *out, const char *url)
{
	errors_set(out, ERRORS_LOGIN_NEEDED,
	    "open %s in a browser, then ask again.", url);
}

void
errors_set_no_profile(struct buf *out, const char *who, int active)
{
	if (active)
		errors_set(out, ERRORS_NO_PROFILE, "you are signed in as %s, "
		    "who has neither a practitioner nor a patient profile in "
		    "the exchange, so nothing is visible. Ask its "
		    "administrator.", who);
	else
		errors_set(out, ERRORS_NO_PROFILE, "you are signed in as %s, "
		    "whose account in the exchange is not active, so nothing "
		    "is visible. Ask its administrator.", who);
}
