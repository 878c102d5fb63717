/* SPDX-License-Identifier: MIT */
/* The token cache: every damage, every right, and writers that are killed. */
#include <sys/stat.h>
#include <sys/wait.h>

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/fd.h"
#include "cli/cache.h"
#include "compat/compat.h"
#include "vault/tokens.h"

#define EXCHANGE	"https://jhe.example.org"
#define CLIENT		"client-1"
#define NOW		INT64_C(1787000000)
#define KILLS		40
#define OTHER_UID	65534

#define GOOD	"{\"access_token\":\"A\",\"refresh_token\":\"R\"," \
	"\"id_token\":\"I\",\"expires_in\":600,\"expires_at\":1787000600," \
	"\"exchange\":\"" EXCHANGE "\",\"issuer\":\"" EXCHANGE "/o\"," \
	"\"client_id\":\"" CLIENT "\",\"person\":{\"sub\":\"10001\"}}"

static char			 top[64], directory[96], file[128], lock[128];
static struct cache		*cache;
static struct vault_tokens	*tokens, *saved;

static int
setup(void **state)
{
	(void)state;
	strlcpy(top, "/tmp/test_cache.XXXXXX", sizeof(top));
	if (mkdtemp(top) == NULL)
		return -1;
	snprintf(directory, sizeof(directory), "%s/cache", top);
	snprintf(file, sizeof(file), "%s/%s", directory, CACHE_FILE);
	snprintf(lock, sizeof(lock), "%s/%s", directory, CACHE_LOCK_FILE);
	tokens = vault_tokens_new();
	saved = vault_tokens_new();
	if (tokens == NULL || saved == NULL)
		return -1;
	strlcpy(saved->access_token, "A \"1\"", sizeof(saved->access_token));
	strlcpy(saved->refresh_token, "R1", sizeof(saved->refresh_token));
	strlcpy(saved->id_token, "I1", sizeof(saved->id_token));
	strlcpy(saved->scope, "openid", sizeof(saved->scope));
	strlcpy(saved->exchange_url, EXCHANGE, sizeof(saved->exchange_url));
	strlcpy(saved->issuer, EXCHANGE "/o", sizeof(saved->issuer));
	strlcpy(saved->client_id, CLIENT, sizeof(saved->client_id));
	saved->expires_in_s = 600;
	saved->expires_at_s = NOW + 600;
	saved->person.person = 10001;
	saved->person.valid_until_s = NOW + 540;
	strlcpy(saved->person.user_type, "practitioner",
	    sizeof(saved->person.user_type));
	strlcpy(saved->person.email, "a@example.org",
	    sizeof(saved->person.email));
	saved->person.narrowed = 1;
	saved->person.nstudies = 2;
	saved->person.studies[0] = 30001;
	saved->person.studies[1] = INT64_MAX;
	return cache_open(directory, &cache) == CACHE_VALID ? 0 : -1;
}

static int
teardown(void **state)
{
	char	command[128];

	(void)state;
	cache_close(cache);
	cache = NULL;
	vault_tokens_free(tokens);
	vault_tokens_free(saved);
	snprintf(command, sizeof(command), "rm -rf '%s'", top);
	return system(command) == 0 ? 0 : -1;
}

static enum cache_state
load(void)
{
	return cache_load(cache, EXCHANGE, CLIENT, NOW, tokens);
}

static void
put_n(const char *text, size_t len)
{
	int	fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd != -1);
	assert_int_equal(fchmod(fd, 0600), 0);
	assert_int_equal(fd_write_all(fd, text, len), 0);
	close(fd);
}

static enum cache_state
load_text(const char *text)
{
	static const struct vault_tokens	empty;
	enum cache_state			state;

	put_n(text, strlen(text));
	state = load();
	if (state > CACHE_EXPIRED)
		assert_memory_equal(tokens, &empty, sizeof(empty));
	return state;
}

/* How many names the directory has. */
static int
names(void)
{
	DIR	*dir = opendir(directory);
	int	 n = 0;

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n - 2;
}

static mode_t
rights(const char *path)
{
	struct stat	st;

	assert_int_equal(lstat(path, &st), 0);
	return st.st_mode & 07777;
}

static void
test_round(void **state)
{
	(void)state;
	assert_int_equal(load(), CACHE_MISSING);
	assert_int_equal(cache_save(cache, saved), 0);
	assert_int_equal(load(), CACHE_VALID);
	assert_memory_equal(tokens, saved, sizeof(*saved));
	assert_int_equal(rights(directory), 0700);
	assert_int_equal(rights(file), 0600);
	assert_int_equal(names(), 1);
	assert_int_equal(cache_remove(cache), 0);
	assert_int_equal(load(), CACHE_MISSING);
	assert_int_equal(cache_remove(cache), 0);
}

static void
test_umask(void **state)
{
	mode_t	old = umask(0777);
	int	r = cache_save(cache, saved);

	(void)state;
	umask(old);
	assert_int_equal(r, 0);
	assert_int_equal(rights(file), 0600);
}

/* The largest record there can be is read back. */
static void
test_largest(void **state)
{
	uint32_t	i;

	(void)state;
	memset(saved->access_token, 'a', sizeof(saved->access_token) - 1);
	memset(saved->refresh_token, '\x01',
	    sizeof(saved->refresh_token) - 1);
	memset(saved->id_token, 'i', sizeof(saved->id_token) - 1);
	saved->person.nstudies = IPC_STUDIES_MAX;
	for (i = 0; i < IPC_STUDIES_MAX; i++)
		saved->person.studies[i] = INT64_MAX - i;
	assert_int_equal(cache_save(cache, saved), 0);
	assert_int_equal(load(), CACHE_VALID);
	assert_memory_equal(tokens, saved, sizeof(*saved));
}

static void
test_bound(void **state)
{
	(void)state;
	assert_int_equal(load_text(GOOD), CACHE_VALID);
	assert_int_equal(tokens->person.narrowed, 0);
	assert_int_equal(tokens->person.valid_until_s, NOW + 540);
	assert_int_equal(cache_load(cache, "https://other.example", CLIENT,
	    NOW, tokens), CACHE_OTHER_EXCHANGE);
	assert_string_equal(tokens->access_token, "");
	assert_int_equal(cache_load(cache, EXCHANGE, "client-2", NOW, tokens),
	    CACHE_OTHER_CLIENT);
	assert_int_equal(cache_load(cache, EXCHANGE, CLIENT, NOW + 540,
	    tokens), CACHE_EXPIRED);
	assert_string_equal(tokens->refresh_token, "R");
	assert_int_equal(load_text("{\"access_token\":\"A\",\"id_token\":\"I\","
	    "\"expires_in\":1,\"expires_at\":1,\"exchange\":\"" EXCHANGE
	    "\",\"issuer\":\"i\",\"client_id\":\"" CLIENT "\",\"person\":"
	    "{\"sub\":\"1\"},\"x\":[{}]}"), CACHE_ENDED);
}

static void
test_truncated(void **state)
{
	size_t	i;

	(void)state;
	for (i = 0; i < strlen(GOOD); i++) {
		put_n(GOOD, i);
		assert_int_equal(load(), CACHE_TRUNCATED);
		assert_string_equal(tokens->access_token, "");
	}
	put_n(GOOD "\r\n \t", strlen(GOOD) + 4);
	assert_int_equal(load(), CACHE_VALID);
}

/* The good text with one member's value, or its name, replaced. */
static enum cache_state
load_changed(const char *from, const char *to)
{
	const char	*at = strstr(GOOD, from);
	char		 text[4096];

	assert_non_null(at);
	snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - GOOD), GOOD, to,
	    at + strlen(from));
	return load_text(text);
}

static void
test_malformed(void **state)
{
	static const struct {
		const char		*from;
		const char		*to;
		enum cache_state	 state;
	} rows[] = {
		{ "\"A\"", "5", CACHE_MALFORMED },
		{ "\"A\"", "null", CACHE_INCOMPLETE },
		{ "\"A\"", "\"\"", CACHE_INCOMPLETE },
		{ "\"A\"", "\"\\u0000\"", CACHE_MALFORMED },
		{ "\"A\"", "\"\xff\"", CACHE_MALFORMED },
		{ "\"A\"", "[", CACHE_MALFORMED },
		{ "\"R\"", "{}", CACHE_MALFORMED },
		{ "\"R\"", "null", CACHE_VALID },
		{ "\"access_token\"", "\"x\"", CACHE_INCOMPLETE },
		{ "\"exchange\"", "\"x\"", CACHE_INCOMPLETE },
		{ "\"client_id\"", "\"x\"", CACHE_INCOMPLETE },
		{ "\"expires_at\"", "\"x\"", CACHE_INCOMPLETE },
		{ "\"person\"", "\"x\"", CACHE_INCOMPLETE },
		{ "1787000600", "\"1787000600\"", CACHE_MALFORMED },
		{ "1787000600", "1787000600.75", CACHE_VALID },
		{ "1787000600", "1e99", CACHE_MALFORMED },
		{ "1787000600", "-1", CACHE_MALFORMED },
		{ "1787000600", "99999999999999999999", CACHE_MALFORMED },
		{ "1787000600", "NaN", CACHE_MALFORMED },
		{ "\"10001\"", "10001", CACHE_MALFORMED },
		{ "\"10001\"", "\"0\"", CACHE_MALFORMED },
		{ "\"10001\"", "\"-5\"", CACHE_MALFORMED },
		{ "\"10001\"", "\"99999999999999999999\"", CACHE_MALFORMED },
		{ "\"10001\"", "\"1\",\"studies\":5", CACHE_MALFORMED },
		{ "\"10001\"", "\"1\",\"studies\":[\"5\"]", CACHE_MALFORMED },
		{ "\"10001\"", "\"1\",\"studies\":[null]", CACHE_MALFORMED },
		{ "\"10001\"", "\"1\",\"studies\":[]", CACHE_VALID },
		{ "{\"sub\":\"10001\"}", "[]", CACHE_MALFORMED },
		{ "\"I\"", "\"I\" /* x */", CACHE_MALFORMED },
		{ "{\"acc", "[{\"acc", CACHE_TRUNCATED },
		{ "\"A\"", "'A'", CACHE_MALFORMED }
	};
	size_t	i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (load_changed(rows[i].from, rows[i].to) != rows[i].state)
			fail_msg("%s: %s", rows[i].from, rows[i].to);
	assert_int_equal(load_text("{}"), CACHE_INCOMPLETE);
	assert_int_equal(load_text("[]"), CACHE_TRUNCATED);
	assert_int_equal(load_text("}"), CACHE_MALFORMED);
}

static void
test_long_texts(void **state)
{
	char	text[8192];
	size_t	n;

	(void)state;
	n = (size_t)snprintf(text, sizeof(text), "{\"access_token\":\"");
	memset(text + n, 'a', sizeof(tokens->access_token));
	strlcpy(text + n + sizeof(tokens->access_token), "\"}", 3);
	assert_int_equal(load_text(text), CACHE_MALFORMED);
}

static void
test_large(void **state)
{
	char	*text = malloc(CACHE_SIZE_MAX + 1);

	(void)state;
	assert_non_null(text);
	memset(text, ' ', CACHE_SIZE_MAX + 1);
	memcpy(text, GOOD, strlen(GOOD));
	put_n(text, CACHE_SIZE_MAX);
	assert_int_equal(load(), CACHE_VALID);
	put_n(text, CACHE_SIZE_MAX + 1);
	assert_int_equal(load(), CACHE_TOO_LARGE);
	free(text);
}

static void
test_not_a_file(void **state)
{
	char	other[160];

	(void)state;
	assert_int_equal(mkdir(file, 0700), 0);
	assert_int_equal(load(), CACHE_NOT_A_FILE);
	assert_int_equal(cache_save(cache, saved), ERR_SYSTEM);
	assert_int_equal(names(), 1);
	assert_int_equal(cache_reserve(cache), 0);
	assert_int_equal(cache_save(cache, saved), ERR_SYSTEM);
	assert_int_equal(names(), 1);
	assert_int_equal(rmdir(file), 0);
	assert_int_equal(mkfifo(file, 0600), 0);
	assert_int_equal(load(), CACHE_NOT_A_FILE);
	assert_int_equal(unlink(file), 0);
	/* A link is not followed, and is what the next login replaces. */
	snprintf(other, sizeof(other), "%s/other", top);
	put_n(GOOD, strlen(GOOD));
	assert_int_equal(rename(file, other), 0);
	assert_int_equal(symlink(other, file), 0);
	assert_int_equal(load(), CACHE_NOT_A_FILE);
	assert_int_equal(cache_save(cache, saved), 0);
	assert_int_equal(load(), CACHE_VALID);
	assert_string_equal(tokens->access_token, "A \"1\"");
	assert_int_equal(unlink(file), 0);
	/* A second name is somebody's way to keep an eye on it. */
	assert_int_equal(link(other, file), 0);
	assert_int_equal(load(), CACHE_NOT_A_FILE);
}

static void
test_rights(void **state)
{
	(void)state;
	put_n(GOOD, strlen(GOOD));
	assert_int_equal(chmod(file, 0640), 0);
	assert_int_equal(load(), CACHE_EXPOSED);
	assert_int_equal(chmod(file, 0602), 0);
	assert_int_equal(load(), CACHE_EXPOSED);
	assert_int_equal(chmod(file, 0400), 0);
	assert_int_equal(load(), CACHE_VALID);
	if (geteuid() != 0) {
		print_message("not root: foreign owners are not tried\n");
		return;
	}
	assert_int_equal(chown(file, OTHER_UID, OTHER_UID), 0);
	assert_int_equal(load(), CACHE_FOREIGN);
}

static void
test_directory(void **state)
{
	struct cache	*c;
	char		 path[128];

	(void)state;
	cache_close(cache);
	cache = NULL;
	assert_int_equal(chmod(directory, 0777), 0);
	assert_int_equal(cache_open(directory, &cache), CACHE_VALID);
	assert_int_equal(rights(directory), 0700);
	/* Somebody else's things are not shut in. */
	cache_close(cache);
	cache = NULL;
	assert_int_equal(chmod(directory, 0755), 0);
	snprintf(path, sizeof(path), "%s/thesis", directory);
	assert_int_equal(mkdir(path, 0755), 0);
	assert_int_equal(cache_open(directory, &c), CACHE_DIRECTORY_SHARED);
	assert_null(c);
	assert_int_equal(rights(directory), 0755);
	assert_int_equal(rmdir(path), 0);
	snprintf(path, sizeof(path), "%s/a/b", top);
	assert_int_equal(cache_open(path, &c), CACHE_NO_DIRECTORY);
	assert_null(c);
	put_n("x", 1);
	assert_int_equal(cache_open(file, &c), CACHE_DIRECTORY_NOT_ONE);
	assert_int_equal(cache_open("", &c), CACHE_NO_DIRECTORY);
	if (geteuid() != 0)
		return;
	assert_int_equal(chown(directory, OTHER_UID, OTHER_UID), 0);
	assert_int_equal(cache_open(directory, &c), CACHE_DIRECTORY_FOREIGN);
	assert_null(c);
}

static void
make(const char *name, time_t age)
{
	struct timespec	times[2] = {
		{ .tv_sec = time(NULL) - age }, { .tv_sec = time(NULL) - age }
	};
	char		path[160];
	int		fd;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	assert_true(fd != -1);
	assert_int_equal(futimens(fd, times), 0);
	close(fd);
}

static void
test_leftovers(void **state)
{
	char	name[64];

	(void)state;
	/* Of a process that is gone; of one that lives, new and old. */
	make(CACHE_FILE ".2147483647.0123456789abcdef", 0);
	snprintf(name, sizeof(name), CACHE_FILE ".%d.0123456789abcdef",
	    (int)getppid());
	make(name, 0);
	snprintf(name, sizeof(name), CACHE_FILE ".%d.0123456789abcdee",
	    (int)getppid());
	make(name, 300);
	/* Others' business. */
	make(CACHE_FILE ".bak", 999);
	make(CACHE_FILE ".2147483647.0123456789ABCDEF", 999);
	make(CACHE_FILE ".2147483647.0123456789abcdef0", 999);
	make("x" CACHE_FILE ".2147483647.0123456789abcdef", 999);
	assert_int_equal(cache_save(cache, saved), 0);
	assert_int_equal(names(), 6);
}

static void
write_for_ever(void)
{
	for (;;) {
		saved->person.person++;
		if (cache_save(cache, saved) != 0)
			_exit(1);
	}
}

/* Whatever a writer is doing when it is killed, a reader finds all of it. */
static void
test_kill(void **state)
{
	struct timespec	ts = { .tv_nsec = 0 };
	enum cache_state found;
	int		i, status;
	pid_t		pid;

	(void)state;
	for (i = 0; i < KILLS; i++) {
		/* The pages of a record are not inherited: one more each. */
		pid = fork();
		if (pid == 0) {
			strlcpy(saved->access_token, "A", 2);
			strlcpy(saved->id_token, "I", 2);
			strlcpy(saved->exchange_url, EXCHANGE, 64);
			strlcpy(saved->issuer, EXCHANGE "/o", 64);
			strlcpy(saved->client_id, CLIENT, 64);
			saved->person.person = 1;
			saved->expires_at_s = NOW + 600;
			write_for_ever();
		}
		assert_true(pid > 0);
		ts.tv_nsec = 200000L + i * 311717L;
		nanosleep(&ts, NULL);
		assert_int_equal(kill(pid, SIGKILL), 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
		found = load();
		if (found != CACHE_VALID && found != CACHE_MISSING)
			fail_msg("%s", cache_state_text(found));
	}
	assert_int_equal(cache_save(cache, saved), 0);
	assert_int_equal(names(), 1);
}

static void
test_lock(void **state)
{
	struct cache	*second;

	(void)state;
	assert_int_equal(cache_open(directory, &second), CACHE_VALID);
	assert_int_equal(cache_lock(cache), 0);
	assert_int_equal(cache_lock(cache), 0);
	assert_int_equal(cache_lock(second), ERR_AGAIN);
	cache_unlock(cache);
	assert_int_equal(cache_lock(second), 0);
	assert_int_equal(cache_lock(cache), ERR_AGAIN);
	cache_close(second);
	assert_int_equal(cache_lock(cache), 0);
	cache_unlock(cache);
	assert_int_equal(rights(lock), 0600);
	assert_int_equal(unlink(lock), 0);
	assert_int_equal(symlink("/dev/null", lock), 0);
	assert_int_equal(cache_lock(cache), ERR_DENIED);
	assert_int_equal(unlink(lock), 0);
	assert_int_equal(mkfifo(lock, 0600), 0);
	assert_int_equal(cache_lock(cache), ERR_DENIED);
}

static void
test_texts(void **state)
{
	unsigned int	i;

	(void)state;
	for (i = 0; i < CACHE_STATE_COUNT; i++)
		assert_non_null(cache_state_text(i));
	assert_string_equal(cache_state_text(CACHE_STATE_COUNT), "unknown");
}

int
main(void)
{
#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest	tests[] = {
		TEST(test_round), TEST(test_umask), TEST(test_largest),
		TEST(test_bound), TEST(test_truncated), TEST(test_malformed),
		TEST(test_long_texts), TEST(test_large), TEST(test_not_a_file),
		TEST(test_rights), TEST(test_directory), TEST(test_leftovers),
		TEST(test_kill), TEST(test_lock), TEST(test_texts)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
