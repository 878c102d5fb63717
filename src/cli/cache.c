/* SPDX-License-Identifier: MIT */
/*
 * The token cache on disk.  Runs in the user's program.  The directory may
 * hold what somebody else put there while it was open to them: nothing in it
 * is followed, waited for or believed before it was looked at.
 */
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/num.h"
#include "cli/cache.h"
#include "cli/cache_json.h"
#include "vault/tokens.h"

/* token_cache.json.PID.16 hexadecimal digits */
#define CACHE_TEMP_PREFIX	CACHE_FILE "."
/* Names of all that is ours begin so. */
#define CACHE_PREFIX		"token_cache."
#define CACHE_TEMP_SIZE		64
#define CACHE_TEMP_DIGITS	16
/* Nobody writes so little for so long. */
#define CACHE_TEMP_AGE_S	60
/* The longest line at a lock. */
#define CACHE_NOTE_MAX		4096

struct cache {
	int	dir_fd;
	int	lock_fd;	/* -1: not held */
	int	temp_fd;	/* -1: nothing is reserved */
	char	temp_name[CACHE_TEMP_SIZE];
};

static const char *const cache_texts[CACHE_STATE_COUNT] = {
	[CACHE_VALID] = "valid",
	[CACHE_EXPIRED] = "the cached login has expired",
	[CACHE_ENDED] = "the cached login has expired and cannot be refreshed",
	[CACHE_MISSING] = "there is no cached login",
	[CACHE_OTHER_EXCHANGE] = "the cached login is for another exchange",
	[CACHE_OTHER_CLIENT] = "the cached login is for another client id",
	[CACHE_NOT_A_FILE] = "the token cache is not a plain file",
	[CACHE_FOREIGN] = "the token cache belongs to another user",
	[CACHE_EXPOSED] = "other users may read or write the token cache",
	[CACHE_TOO_LARGE] = "the token cache is too large",
	[CACHE_TRUNCATED] = "the token cache ends in the middle",
	[CACHE_MALFORMED] = "the token cache is damaged",
	[CACHE_INCOMPLETE] = "the token cache lacks members: "
	    "another program wrote it",
	[CACHE_NO_DIRECTORY] = "the token cache's directory cannot be made",
	[CACHE_DIRECTORY_NOT_ONE] = "the token cache's directory is something "
	    "else",
	[CACHE_DIRECTORY_SHARED] = "the token cache's directory is open to "
	    "others and holds other files: it needs one of its own",
	[CACHE_DIRECTORY_FOREIGN] = "the token cache's directory belongs to "
	    "another user",
	[CACHE_FAILED] = "the token cache cannot be read",
	[CACHE_MEMORY] = "out of memory"
};

const char *
cache_state_text(unsigned int state)
{
	return state < CACHE_STATE_COUNT ? cache_texts[state] : "unknown";
}

/* True if nothing but the cache is in the directory. */
static bool
cache_is_alone(int dir_fd)
{
	struct dirent	*entry;
	DIR		*dir;
	bool		 alone = true;
	int		 fd;

	fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = fd == -1 ? NULL : fdopendir(fd);
	if (dir == NULL) {
		fd_close(&fd);
		return false;
	}
	while (alone && (entry = readdir(dir)) != NULL)
		alone = strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0 ||
		    strncmp(entry->d_name, CACHE_PREFIX,
		    sizeof(CACHE_PREFIX) - 1) == 0;
	closedir(dir);
	return alone;
}

static enum cache_state
cache_open_directory(const char *directory, int *fd)
{
	struct stat	st;

	if (mkdir(directory, 0700) == -1 && errno != EEXIST)
		return CACHE_NO_DIRECTORY;
	*fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*fd == -1)
		return errno == ENOTDIR ? CACHE_DIRECTORY_NOT_ONE :
		    CACHE_FAILED;
	if (fstat(*fd, &st) == -1)
		return CACHE_FAILED;
	if (st.st_uid != geteuid())
		return CACHE_DIRECTORY_FOREIGN;
	if ((st.st_mode & 07777) == 0700)
		return CACHE_VALID;
	if (!cache_is_alone(*fd))
		return CACHE_DIRECTORY_SHARED;
	return fchmod(*fd, 0700) == -1 ? CACHE_FAILED : CACHE_VALID;
}

enum cache_state
cache_open_as_is(const char *directory, struct cache **out)
{
	struct cache	*c;
	int		 fd;

	*out = NULL;
	fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return errno == ENOENT ? CACHE_MISSING :
		    errno == ENOTDIR ? CACHE_DIRECTORY_NOT_ONE : CACHE_FAILED;
	c = calloc(1, sizeof(*c));
	if (c == NULL) {
		fd_close(&fd);
		return CACHE_MEMORY;
	}
	c->dir_fd = fd;
	c->lock_fd = c->temp_fd = -1;
	*out = c;
	return CACHE_VALID;
}

enum cache_state
cache_open(const char *directory, struct cache **out)
{
	enum cache_state	 state;
	struct cache		*c;

	*out = NULL;
	c = calloc(1, sizeof(*c));
	if (c == NULL)
		return CACHE_MEMORY;
	c->dir_fd = c->lock_fd = c->temp_fd = -1;
	state = cache_open_directory(directory, &c->dir_fd);
	if (state == CACHE_VALID)
		*out = c;
	else
		cache_close(c);
	return state;
}

void
cache_close(struct cache *c)
{
	if (c == NULL)
		return;
	cache_release(c);
	cache_unlock(c);
	fd_close(&c->dir_fd);
	free(c);
}

/* Whether an open file may be believed. */
static enum cache_state
cache_judge(const struct stat *st)
{
	if (!S_ISREG(st->st_mode) || st->st_nlink != 1)
		return CACHE_NOT_A_FILE;
	if (st->st_uid != geteuid())
		return CACHE_FOREIGN;
	if ((st->st_mode & 077) != 0)
		return CACHE_EXPOSED;
	if (st->st_size > CACHE_SIZE_MAX)
		return CACHE_TOO_LARGE;
	return CACHE_VALID;
}

/* Why it could not be opened. */
static enum cache_state
cache_judge_closed(struct cache *c)
{
	int		saved = errno;
	struct stat	st;

	if (saved == ENOENT)
		return CACHE_MISSING;
	if (saved == ELOOP || saved == ENXIO)
		return CACHE_NOT_A_FILE;
	if (saved == EACCES && fstatat(c->dir_fd, CACHE_FILE, &st,
	    AT_SYMLINK_NOFOLLOW) == 0 && st.st_uid != geteuid())
		return CACHE_FOREIGN;
	errno = saved;
	return CACHE_FAILED;
}

static enum cache_state
cache_read_all(int fd, struct buf *text)
{
	ssize_t	n;

	/* One byte more than is allowed: it may have grown since. */
	while (text->len <= CACHE_SIZE_MAX) {
		if (buf_reserve(text, CACHE_SIZE_MAX + 1 - text->len) != 0)
			return CACHE_MEMORY;
		n = read(fd, text->data + text->len,
		    CACHE_SIZE_MAX + 1 - text->len);
		if (n == 0)
			return CACHE_VALID;
		if (n == -1 && errno != EINTR)
			return CACHE_FAILED;
		if (n > 0)
			text->len += (size_t)n;
	}
	return CACHE_TOO_LARGE;
}

static enum cache_state
cache_read(struct cache *c, struct buf *text)
{
	enum cache_state	state;
	struct stat		st;
	int			fd;

	fd = openat(c->dir_fd, CACHE_FILE,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd == -1)
		return cache_judge_closed(c);
	if (fstat(fd, &st) == -1)
		state = CACHE_FAILED;
	else
		state = cache_judge(&st);
	if (state == CACHE_VALID)
		state = cache_read_all(fd, text);
	fd_close(&fd);
	return state;
}

enum cache_state
cache_load(struct cache *c, const char *exchange_url, const char *client_id,
    int64_t now_s, struct vault_tokens *tokens)
{
	static const enum cache_state	states[] = {
		[VAULT_VALID] = CACHE_VALID,
		[VAULT_EXPIRED] = CACHE_EXPIRED,
		[VAULT_ENDED] = CACHE_ENDED,
		[VAULT_EMPTY] = CACHE_INCOMPLETE,
		[VAULT_OTHER_EXCHANGE] = CACHE_OTHER_EXCHANGE,
		[VAULT_OTHER_CLIENT] = CACHE_OTHER_CLIENT
	};
	enum cache_state		state;
	struct buf			text;

	vault_tokens_clear(tokens);
	buf_init(&text, CACHE_SIZE_MAX + 1);
	state = cache_read(c, &text);
	if (state == CACHE_VALID)
		state = cache_json_read(buf_string(&text), text.len, tokens);
	buf_free(&text);
	if (state == CACHE_VALID)
		state = states[vault_tokens_state(tokens, exchange_url,
		    client_id, now_s)];
	if (state != CACHE_VALID && state != CACHE_EXPIRED)
		vault_tokens_clear(tokens);
	return state;
}

/* The writer's process id if it is a name as cache_temp_open() makes it. */
static bool
cache_temp_writer(const char *name, int64_t *pid)
{
	const char	*p = name, *dot;

	if (strncmp(p, CACHE_TEMP_PREFIX, strlen(CACHE_TEMP_PREFIX)) != 0)
		return false;
	p += strlen(CACHE_TEMP_PREFIX);
	dot = strchr(p, '.');
	return dot != NULL && num_parse(p, (size_t)(dot - p), 1, INT32_MAX,
	    pid) == 0 && strlen(dot + 1) == CACHE_TEMP_DIGITS &&
	    strspn(dot + 1, "0123456789abcdef") == CACHE_TEMP_DIGITS;
}

/* Left by one who was killed: ours, plain, and nobody is at it any more. */
static bool
cache_temp_is_left(struct cache *c, const char *name, int64_t pid)
{
	struct stat	st;

	if (fstatat(c->dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == -1 ||
	    !S_ISREG(st.st_mode) || st.st_uid != geteuid() ||
	    st.st_nlink != 1)
		return false;
	/* The process may be one of another machine with the same home. */
	return (kill((pid_t)pid, 0) == -1 && errno == ESRCH) ||
	    clock_wall_s() - st.st_mtime > CACHE_TEMP_AGE_S;
}

/* Tokens must not lie about; a failure here is no reason to write none. */
static void
cache_temp_sweep(struct cache *c)
{
	struct dirent	*entry;
	int64_t		 pid;
	DIR		*dir;
	int		 fd;

	fd = openat(c->dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return;
	dir = fdopendir(fd);
	if (dir == NULL) {
		fd_close(&fd);
		return;
	}
	while ((entry = readdir(dir)) != NULL)
		if (cache_temp_writer(entry->d_name, &pid) &&
		    (c->temp_fd == -1 ||
		    strcmp(entry->d_name, c->temp_name) != 0) &&
		    cache_temp_is_left(c, entry->d_name, pid))
			unlinkat(c->dir_fd, entry->d_name, 0);
	closedir(dir);
}

static int
cache_temp_open(struct cache *c)
{
	uint64_t	random;

	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		return ERR_SYSTEM;
	snprintf(c->temp_name, sizeof(c->temp_name),
	    CACHE_TEMP_PREFIX "%ld.%016" PRIx64, (long)getpid(), random);
	c->temp_fd = openat(c->dir_fd, c->temp_name,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (c->temp_fd == -1)
		return ERR_SYSTEM;
	/* A umask may only have taken away too much. */
	if (fchmod(c->temp_fd, 0600) == 0)
		return 0;
	cache_release(c);
	return ERR_SYSTEM;
}

/* Where a file system cannot reserve, the library writes zeros. */
static int
cache_temp_take(struct cache *c, size_t size)
{
	int	error;

	if (cache_temp_open(c) != 0)
		return ERR_SYSTEM;
	do
		error = posix_fallocate(c->temp_fd, 0, (off_t)size);
	while (error == EINTR);
	if (error == 0)
		return 0;
	cache_release(c);
	errno = error;
	return ERR_SYSTEM;
}

int
cache_reserve(struct cache *c)
{
	if (c->temp_fd != -1)
		return 0;
	cache_temp_sweep(c);
	return cache_temp_take(c, CACHE_SIZE_MAX);
}

void
cache_release(struct cache *c)
{
	int	saved = errno;

	if (c->temp_fd == -1)
		return;
	unlinkat(c->dir_fd, c->temp_name, 0);
	fd_close(&c->temp_fd);
	errno = saved;
}

/* Write, flush, rename, flush the name; in this order it is all or nothing. */
static int
cache_fill(struct cache *c, const struct buf *text)
{
	/* Shortened last: until then the blocks are ours. */
	if (fd_write_all(c->temp_fd, text->data, text->len) != 0 ||
	    ftruncate(c->temp_fd, (off_t)text->len) == -1 ||
	    fsync(c->temp_fd) == -1 || renameat(c->dir_fd, c->temp_name,
	    c->dir_fd, CACHE_FILE) == -1) {
		cache_release(c);
		return ERR_SYSTEM;
	}
	fd_close(&c->temp_fd);
	/* Not every file system can; the file is whole anyway. */
	(void)fsync(c->dir_fd);
	return 0;
}

int
cache_save(struct cache *c, const struct vault_tokens *tokens)
{
	struct buf	text;
	bool		reserved = c->temp_fd != -1;
	int		r;

	buf_init(&text, CACHE_SIZE_MAX);
	r = cache_json_write(&text, tokens);
	if (r != 0)
		goto out;
	cache_temp_sweep(c);
	r = reserved ? cache_fill(c, &text) : ERR_AGAIN;
	/* Another program may have taken one of long ago for left over. */
	if (r == ERR_AGAIN || (r != 0 && errno == ENOENT)) {
		r = cache_temp_take(c, text.len);
		if (r == 0)
			r = cache_fill(c, &text);
	}
out:
	buf_free(&text);
	return r;
}

int
cache_remove(struct cache *c)
{
	cache_temp_sweep(c);
	if (unlinkat(c->dir_fd, CACHE_FILE, 0) == -1 && errno != ENOENT)
		return ERR_SYSTEM;
	return 0;
}

int
cache_lock(struct cache *c)
{
	struct stat	st;
	int		fd, r;

	if (c->lock_fd != -1)
		return 0;
	fd = openat(c->dir_fd, CACHE_LOCK_FILE, O_RDWR | O_CREAT |
	    O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600);
	if (fd == -1)
		return errno == ELOOP || errno == EISDIR ? ERR_DENIED :
		    ERR_SYSTEM;
	if (fstat(fd, &st) == -1)
		r = ERR_SYSTEM;
	else if (!S_ISREG(st.st_mode) || st.st_uid != geteuid())
		r = ERR_DENIED;
	else if (flock(fd, LOCK_EX | LOCK_NB) == -1)
		r = errno == EWOULDBLOCK ? ERR_AGAIN : ERR_SYSTEM;
	else
		r = 0;
	if (r == 0) {
		c->lock_fd = fd;
		/* What one who was killed said there. */
		cache_lock_tell(c, "");
	} else
		fd_close(&fd);
	return r;
}

void
cache_unlock(struct cache *c)
{
	if (c->lock_fd != -1)
		cache_lock_tell(c, "");
	fd_close(&c->lock_fd);
}

void
cache_lock_tell(struct cache *c, const char *line)
{
	if (ftruncate(c->lock_fd, 0) == 0 && line[0] != '\0')
		(void)fd_write_all(c->lock_fd, line, strlen(line));
}

int
cache_lock_note(struct cache *c, const char *prefix, struct buf *out)
{
	char		text[CACHE_NOTE_MAX + 1];
	struct stat	st;
	ssize_t		n = -1, i;
	int		fd;

	fd = openat(c->dir_fd, CACHE_LOCK_FILE,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd == -1)
		return ERR_SYSTEM;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_uid == geteuid())
		n = read(fd, text, sizeof(text));
	fd_close(&fd);
	if (n <= 0 || n > CACHE_NOTE_MAX)
		return n == -1 ? ERR_SYSTEM : ERR_NOT_FOUND;
	for (i = 0; i < n; i++)
		if (text[i] <= ' ' || text[i] > '~')
			return ERR_NOT_FOUND;
	text[n] = '\0';
	if (strncmp(text, prefix, strlen(prefix)) != 0 ||
	    text[strlen(prefix)] != '/')
		return ERR_NOT_FOUND;
	buf_adds(out, text);
	return buf_error(out);
}
