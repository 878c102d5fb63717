/* SPDX-License-Identifier: MIT */
/*
 * The privacy rules of all tools, in one place: which tool runs under which
 * disclosure, which identity fields, texts and ages a result may hold, and
 * which groups of patients are too small to be shown.
 */
#ifndef TOOLS_POLICY_H
#define TOOLS_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct tools_call;
struct tools_context;

/* Fewer patients than this are noted, and in aggregate held back. */
#define POLICY_SMALL	5
/* Older people are given as this old. */
#define POLICY_AGE_CAP	90

#define POLICY_NOTE_FEW	"What is left out of too few patients is not counted."

/* What a tool tells about; struct tool_ops says it of each. */
enum tool_about {
	TOOL_ABOUT_PATIENT,	/* single patients: not in aggregate */
	TOOL_ABOUT_EITHER,	/* a study, or patients named in arguments */
	TOOL_ABOUT_STUDY,	/* a study or several */
	TOOL_ABOUT_PERSON,	/* who asks; also somebody without profile */
	TOOL_ABOUT_NOTHING	/* the server; no person's data */
};

/* Identity fields, by the members of the argument include. */
enum policy_field {
	POLICY_NAME = 1,
	POLICY_BIRTH_DATE = 2,
	POLICY_CONTACT = 4,
	POLICY_IDENTIFIERS = 8
};

/* --- Whether a call runs at all: for tools.c and call.c ------------------ */

/* True if a tool about that can answer anything under this disclosure. */
bool	policy_offers(const struct tools_context *ctx, enum tool_about about);
/*
 * After the arguments were read, before start(): false if they ask for what
 * the disclosure holds back; then call->error is set.
 *   aggregate	patient_id, patient_ids, observation_ids, resource_ids,
 *		group_by=patient and by_patient are refused, and bounds of
 *		time that are not whole days
 *   aggregate, pseudonymous, identity NEVER	verbosity=full and a search
 *		by name or birth date are refused
 */
bool	policy_allows(struct tools_call *call);

/* --- What a result may hold ---------------------------------------------- */

/*
 * The enum policy_field a call may show, or'ed.  by_default: those the tool
 * shows without being asked (search_patients: name and birth date), 0 for
 * most.  Read nothing else from the database either.
 */
unsigned int policy_fields(const struct tools_call *call,
	    unsigned int by_default);
/*
 * Notes for include that was not honoured and for capped ages; cap: the
 * result has ages.
 */
void	policy_note_fields(struct tools_call *call, bool ages);
/* Ages from this on are given as this; 0: as they are. */
unsigned int policy_age_cap(const struct tools_context *ctx);
/*
 * False in aggregate: no row, id, minimum, maximum, extreme or example that
 * is of one patient.
 */
bool	policy_single_patients(const struct tools_context *ctx);
/*
 * False: free text of records (survey answers in words, notes, displays
 * without a code, dosage texts) is withheld: write null, count it, and say
 * result_withheld(r, "free_text", n).  Names of studies, organizations and
 * data sources are not records.
 */
bool	policy_free_text(const struct tools_context *ctx);

/* --- Small groups --------------------------------------------------------- */

/* One group of a cohort's result: how many patients it has. */
struct policy_group {
	int64_t		patients;
	bool		suppressed;	/* by policy_suppress() */
	/* Of results about several things (measures): groups of one add up. */
	unsigned int	part;
};

/* Fewer patients than this are held back; 0: no group is too small. */
unsigned int policy_minimum(const struct tools_context *ctx);
/*
 * Mark the groups not to be shown and return how many they are.  groups must
 * be all of the result, not those of a page, or pages would differ.  A group
 * without patients is shown.  Besides groups under the minimum it takes the
 * next smallest ones, until what is hidden of each part is more than one group
 * and not under the minimum itself, so that no difference tells it.
 *
 * Groups may share patients, as weeks and sources do: five groups of one can
 * be the same one, so that the largest of the hidden ones has to reach the
 * minimum.
 */
size_t	policy_suppress(const struct tools_context *ctx,
	    struct policy_group *groups, size_t n);
/*
 * The same of groups no two of which can share a patient (age bands, answers
 * to one question): hidden ones add up.
 */
size_t	policy_suppress_disjoint(const struct tools_context *ctx,
	    struct policy_group *groups, size_t n);
/*
 * One cohort, in place of an array: true if n patients are too few to be
 * told of, or to count.
 */
bool	policy_too_few(const struct tools_context *ctx, int64_t patients);
/*
 * result_withheld() of a cohort: without the number, but with a note, if the
 * n are of too few patients.
 */
void	policy_withheld(struct tools_call *call, const char *what, int64_t n,
	    int64_t patients);
/* A number beside its total: true if it or what is left is of too few. */
bool	policy_too_near(const struct tools_context *ctx, int64_t patients,
	    int64_t total);
/*
 * "23 patients", or "more than 18 patients" if groups are suppressed: then
 * the true total would tell them.  total is of groups that share no patient;
 * of groups that do, the largest shown one is the "more than".
 */
void	policy_write_total(struct buf *out,
	    const struct policy_group *groups, size_t n, int64_t total,
	    bool disjoint);
/* The number that policy_write_total() names. */
int64_t	policy_total(const struct policy_group *groups, size_t n,
	    int64_t total, bool disjoint);
/*
 * The notes on groups: that some are held back, or, where none is, that some
 * have fewer than POLICY_SMALL patients and are not for publication.
 */
void	policy_note_groups(struct tools_call *call,
	    const struct policy_group *groups, size_t n);

/* --- Patients who ask ----------------------------------------------------- */

/* True of somebody who is a patient and nothing else; from step() on. */
bool	policy_self_only(const struct tools_call *call);
/*
 * For a tool whose answer are a study's numbers: team is what the statement
 * says (the person is of the study's team, not a participant).  False:
 * call->error says that numbers of others are not available.
 */
bool	policy_cohort(struct tools_call *call, int64_t study_id, bool team);

#endif
