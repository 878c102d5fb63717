/* SPDX-License-Identifier: MIT */
/*
 * The user's token cache: token_cache.json in a directory of its own.  The
 * file is the exchange's token response (access_token, refresh_token,
 * id_token, token_type, expires_in, scope) with expires_at, exchange,
 * issuer, client_id and person {sub, user_type, email, studies}; other
 * members are passed over.
 *
 * The directory must be ours; rights that others have to it are taken away
 * (the exchange's first MCP server left them there), unless it holds other
 * files, too: then it is not ours to close.  The file must be ours,
 * a plain file with one name, and nobody else's to read or write: such a
 * file is not believed, and the next login replaces it.
 */
#ifndef CLI_CACHE_H
#define CLI_CACHE_H

#include <stdint.h>

struct buf;
struct cache;
struct vault_tokens;

#define CACHE_FILE		"token_cache.json"
#define CACHE_LOCK_FILE		"token_cache.lock"
#define CACHE_SIZE_MAX		(256 * 1024)

enum cache_state {
	CACHE_VALID = 0,
	CACHE_EXPIRED,		/* but can be refreshed */
	/* Log in again: */
	CACHE_ENDED,		/* expired, and cannot be refreshed */
	CACHE_MISSING,
	CACHE_OTHER_EXCHANGE,
	CACHE_OTHER_CLIENT,
	CACHE_NOT_A_FILE,	/* a directory, a link, a pipe, ... */
	CACHE_FOREIGN,		/* of another user */
	CACHE_EXPOSED,		/* others may read or write it */
	CACHE_TOO_LARGE,
	CACHE_TRUNCATED,	/* empty, or ends in the middle */
	CACHE_MALFORMED,	/* no JSON, or members of wrong types */
	CACHE_INCOMPLETE,	/* a member is missing: not written by us */
	/* The directory cannot be used: there is no cache. */
	CACHE_NO_DIRECTORY,	/* it cannot be made */
	CACHE_DIRECTORY_NOT_ONE,
	CACHE_DIRECTORY_FOREIGN,
	CACHE_DIRECTORY_SHARED,	/* open to others, and not for this alone */
	CACHE_FAILED,		/* a system call; errno tells */
	CACHE_MEMORY,
	CACHE_STATE_COUNT
};

/* What is wrong, in a few words for a log line; never NULL. */
const char	*cache_state_text(unsigned int state);

/*
 * Open the directory, made (0700) if it is not there; its parent must be.
 * CACHE_VALID and *out, which cache_close() frees; else what is wrong with
 * the directory, and *out is NULL.
 */
enum cache_state cache_open(const char *directory, struct cache **out);
/* The same for one that only looks: makes and changes nothing. */
enum cache_state cache_open_as_is(const char *directory, struct cache **out);
void		 cache_close(struct cache *c);

/*
 * Read the file.  tokens is filled in for CACHE_VALID and CACHE_EXPIRED and
 * empty otherwise.  Never follows a link, never waits.
 */
enum cache_state cache_load(struct cache *c, const char *exchange_url,
		    const char *client_id, int64_t now_s,
		    struct vault_tokens *tokens);
/*
 * Take the space that any content of the file can need, in a temporary file
 * that cache_save() fills and cache_release() or cache_close() gives back: to
 * be called before the exchange is asked for tokens that replace others, so
 * that no full disk, quota or right is met when they are here.  Removes what
 * killed predecessors left.  0; ERR_SYSTEM (errno): there is nothing to
 * save to.
 */
int		 cache_reserve(struct cache *c);
void		 cache_release(struct cache *c);	/* keeps errno */
/*
 * Write the file, whole or not at all, also when killed or when the power
 * goes.  Removes what killed predecessors left.  0; ERR_SYSTEM (errno);
 * ERR_MEMORY.
 */
int		 cache_save(struct cache *c, const struct vault_tokens *tokens);
/* Remove the file (logout); also if it is not there: 0; ERR_SYSTEM. */
int		 cache_remove(struct cache *c);

/*
 * The advisory lock of a refresh, so that two programs of this user do not
 * use one refresh token twice.  Never waits, ends with the process.  After
 * it was got, the cache must be loaded again.  0; ERR_AGAIN if another
 * program has it; ERR_DENIED if the lock's file is no file of ours;
 * ERR_SYSTEM.
 */
int		 cache_lock(struct cache *c);
void		 cache_unlock(struct cache *c);
/*
 * Leave a line at the lock that is held, until it is given up, for those who
 * wait for it; as far as that can be done.
 */
void		 cache_lock_tell(struct cache *c, const char *line);
/*
 * What the holder of the lock left there: one line of printable ASCII that
 * begins with prefix and a slash, appended to out.  0; ERR_NOT_FOUND;
 * ERR_SYSTEM.
 */
int		 cache_lock_note(struct cache *c, const char *prefix,
		    struct buf *out);

#endif
