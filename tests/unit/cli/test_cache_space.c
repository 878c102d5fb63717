/* SPDX-License-Identifier: MIT */
/* Of the token cache: the space that is reserved, the note at the lock. */
#include <sys/stat.h>

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "cli/cache.h"
#include "compat/compat.h"
#include "vault/tokens.h"

#define EXCHANGE	"https://jhe.example.org"
#define NOW		INT64_C(1787000000)

static char			 directory[64], file[96];
static struct cache		*cache;
static struct vault_tokens	*tokens, *saved;

static int
setup(void **state)
{
	(void)state;
	strlcpy(directory, "/tmp/test_cache.XXXXXX", sizeof(directory));
	if (mkdtemp(directory) == NULL)
		return -1;
	snprintf(file, sizeof(file), "%s/%s", directory, CACHE_FILE);
	tokens = vault_tokens_new();
	saved = vault_tokens_new();
	if (tokens == NULL || saved == NULL)
		return -1;
	strlcpy(saved->access_token, "A1", sizeof(saved->access_token));
	strlcpy(saved->exchange_url, EXCHANGE, sizeof(saved->exchange_url));
	strlcpy(saved->issuer, EXCHANGE "/o", sizeof(saved->issuer));
	strlcpy(saved->client_id, "client-1", sizeof(saved->client_id));
	saved->expires_in_s = 600;
	saved->expires_at_s = NOW + 600;
	saved->person.person = 10001;
	return cache_open(directory, &cache) == CACHE_VALID ? 0 : -1;
}

static int
teardown(void **state)
{
	char	command[128];

	(void)state;
	cache_close(cache);
	vault_tokens_free(tokens);
	vault_tokens_free(saved);
	snprintf(command, sizeof(command), "rm -rf '%s'", directory);
	return system(command) == 0 ? 0 : -1;
}

static enum cache_state
load(void)
{
	return cache_load(cache, EXCHANGE, "client-1", NOW, tokens);
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

/* The one temporary file there is. */
static void
temporary(char *path, size_t size)
{
	struct dirent	*entry;
	DIR		*dir = opendir(directory);

	path[0] = '\0';
	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL)
		if (strncmp(entry->d_name, CACHE_FILE ".",
		    strlen(CACHE_FILE ".")) == 0)
			snprintf(path, size, "%s/%s", directory,
			    entry->d_name);
	closedir(dir);
}

static void
test_reserve(void **state)
{
	char		path[400];
	struct stat	st;
	ino_t		ino;

	(void)state;
	assert_int_equal(cache_reserve(cache), 0);
	assert_int_equal(cache_reserve(cache), 0);
	assert_int_equal(names(), 1);
	temporary(path, sizeof(path));
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_blocks * 512 >= CACHE_SIZE_MAX);
	assert_int_equal(st.st_mode & 07777, 0600);
	ino = st.st_ino;
	assert_int_equal(load(), CACHE_MISSING);
	assert_int_equal(cache_save(cache, saved), 0);
	assert_int_equal(names(), 1);
	assert_int_equal(stat(file, &st), 0);
	assert_true(st.st_ino == ino && st.st_size < 4096);
	assert_int_equal(load(), CACHE_VALID);
	/* Given back by itself, and with the cache. */
	assert_int_equal(cache_reserve(cache), 0);
	cache_release(cache);
	assert_int_equal(names(), 1);
	assert_int_equal(cache_reserve(cache), 0);
	cache_close(cache);
	assert_int_equal(names(), 1);
	assert_int_equal(cache_open(directory, &cache), CACHE_VALID);
	/* Another program may have taken it for left over. */
	assert_int_equal(cache_reserve(cache), 0);
	temporary(path, sizeof(path));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(cache_save(cache, saved), 0);
	assert_int_equal(names(), 1);
	assert_int_equal(load(), CACHE_VALID);
}

static void
test_note(void **state)
{
	struct cache	*other;
	struct buf	 out;

	(void)state;
	buf_init(&out, 8192);
	assert_int_equal(cache_open(directory, &other), CACHE_VALID);
	assert_int_equal(cache_lock_note(other, EXCHANGE, &out), ERR_SYSTEM);
	assert_int_equal(cache_lock(cache), 0);
	assert_int_equal(cache_lock(other), ERR_AGAIN);
	assert_int_equal(cache_lock_note(other, EXCHANGE, &out),
	    ERR_NOT_FOUND);
	cache_lock_tell(cache, EXCHANGE "/o/authorize/?a=b");
	assert_int_equal(cache_lock_note(other, EXCHANGE, &out), 0);
	assert_string_equal(buf_string(&out), EXCHANGE "/o/authorize/?a=b");
	/* Not of the exchange, or not a line of an address. */
	assert_int_equal(cache_lock_note(other, "https://jhe.example.or",
	    &out), ERR_NOT_FOUND);
	cache_lock_tell(cache, EXCHANGE "/\033[2J");
	assert_int_equal(cache_lock_note(other, EXCHANGE, &out),
	    ERR_NOT_FOUND);
	cache_lock_tell(cache, EXCHANGE "/last");
	cache_unlock(cache);
	assert_int_equal(cache_lock(other), 0);
	assert_int_equal(cache_lock_note(cache, EXCHANGE, &out),
	    ERR_NOT_FOUND);
	cache_close(other);
	buf_free(&out);
}

int
main(void)
{
#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest	tests[] = {
		TEST(test_reserve), TEST(test_note)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
