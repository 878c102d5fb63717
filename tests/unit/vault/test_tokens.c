/* SPDX-License-Identifier: MIT */
/* The rules of a login's record. */
#include <sys/wait.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "compat/compat.h"
#include "vault/tokens.h"

#define EXCHANGE	"https://jhe.example.org"
#define ISSUER		"https://jhe.example.org/o"
#define CLIENT		"client-1"
#define NOW		INT64_C(1787000000)
static struct vault_tokens	*t;
static struct ipc_brok_tokens	 answer;
static struct ipc_person	 person;

static void
answer_is(const char *access, const char *refresh, const char *id,
    const char *scope)
{
	memset(&answer, 0, sizeof(answer));
	strlcpy(answer.access_token, access, sizeof(answer.access_token));
	strlcpy(answer.refresh_token, refresh, sizeof(answer.refresh_token));
	strlcpy(answer.id_token, id, sizeof(answer.id_token));
	strlcpy(answer.scope, scope, sizeof(answer.scope));
	answer.expires_in_s = 600;
}

static int
login(void)
{
	return vault_tokens_login(t, EXCHANGE, ISSUER, CLIENT, &answer,
	    &person, NOW);
}

static int
setup(void **state)
{
	(void)state;
	t = vault_tokens_new();
	answer_is("A1", "R1", "I1", "openid");
	memset(&person, 0, sizeof(person));
	person.person = 10001;
	person.narrowed = 1;
	person.nstudies = 2;
	person.studies[0] = 30001;
	person.studies[1] = 30002;
	return t == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	(void)state;
	vault_tokens_free(t);
	return 0;
}

static enum vault_state
state_at(int64_t now)
{
	return vault_tokens_state(t, EXCHANGE, CLIENT, now);
}

static void
test_validity(void **state)
{
	(void)state;
	assert_int_equal(state_at(NOW), VAULT_EMPTY);
	assert_int_equal(login(), 0);
	assert_int_equal(t->expires_at_s, NOW + 600);
	assert_int_equal(t->person.valid_until_s, NOW + 540);
	assert_int_equal(state_at(NOW), VAULT_VALID);
	assert_int_equal(state_at(NOW + 539), VAULT_VALID);
	assert_int_equal(state_at(NOW + 540), VAULT_EXPIRED);
	t->refresh_token[0] = '\0';
	assert_int_equal(state_at(NOW + 540), VAULT_ENDED);
	vault_tokens_clear(t);
	assert_int_equal(state_at(NOW), VAULT_EMPTY);
}

static void
test_binding(void **state)
{
	(void)state;
	assert_int_equal(login(), 0);
	assert_int_equal(vault_tokens_state(t, "https://jhe.example.com",
	    CLIENT, NOW), VAULT_OTHER_EXCHANGE);
	assert_int_equal(vault_tokens_state(t, EXCHANGE "/", CLIENT, NOW),
	    VAULT_OTHER_EXCHANGE);
	assert_int_equal(vault_tokens_state(t, EXCHANGE, "client-2", NOW),
	    VAULT_OTHER_CLIENT);
	/* Also an expired one is not refreshed for somebody else. */
	assert_int_equal(vault_tokens_state(t, EXCHANGE, "client-2",
	    NOW + 9999), VAULT_OTHER_CLIENT);
}

static void
login_refused(const char *exchange, const char *issuer, const char *client)
{
	static const struct vault_tokens	empty;

	assert_int_equal(vault_tokens_login(t, exchange, issuer, client,
	    &answer, &person, NOW), ERR_FORMAT);
	assert_memory_equal(t, &empty, sizeof(empty));
}

static void
test_login_refused(void **state)
{
	(void)state;
	assert_int_equal(login(), 0);
	login_refused("", ISSUER, CLIENT);
	login_refused(EXCHANGE, "", CLIENT);
	login_refused(EXCHANGE, ISSUER, "");
	answer_is("", "R1", "I1", "");
	login_refused(EXCHANGE, ISSUER, CLIENT);
	answer_is("A1", "R1", "I1", "");
	person.person = 0;
	login_refused(EXCHANGE, ISSUER, CLIENT);
	person.person = -1;
	login_refused(EXCHANGE, ISSUER, CLIENT);
}

static void
test_valid_until(void **state)
{
	(void)state;
	assert_int_equal(vault_tokens_valid_until(NOW + 600, 600), NOW + 540);
	assert_int_equal(vault_tokens_valid_until(NOW + 120, 120), NOW + 60);
	assert_int_equal(vault_tokens_valid_until(NOW + 63, 63), NOW + 3);
	assert_int_equal(vault_tokens_valid_until(NOW + 61, 61), NOW + 2);
	assert_int_equal(vault_tokens_valid_until(NOW + 5, 5), NOW + 2);
	assert_int_equal(vault_tokens_valid_until(NOW, 0), NOW + 2);
	/* Not said: an hour. */
	answer.expires_in_s = 0;
	assert_int_equal(login(), 0);
	assert_int_equal(t->person.valid_until_s, NOW + 3540);
}

static void
test_login_too_long(void **state)
{
	static const struct vault_tokens	empty;
	char					url[600];

	(void)state;
	memset(url, 'u', sizeof(url) - 1);
	url[sizeof(url) - 1] = '\0';
	assert_int_equal(vault_tokens_login(t, url, ISSUER, CLIENT, &answer,
	    &person, NOW), ERR_LIMIT);
	assert_memory_equal(t, &empty, sizeof(empty));
}

static void
test_refresh_keeps(void **state)
{
	(void)state;
	assert_int_equal(login(), 0);
	answer_is("A2", "", "", "");
	assert_int_equal(vault_tokens_refresh(t, &answer, NULL, NOW + 700), 0);
	assert_string_equal(t->access_token, "A2");
	assert_string_equal(t->refresh_token, "R1");
	assert_string_equal(t->id_token, "I1");
	assert_string_equal(t->scope, "openid");
	assert_int_equal(t->person.person, 10001);
	assert_int_equal(t->person.nstudies, 2);
	assert_int_equal(t->expires_at_s, NOW + 1300);
	assert_int_equal(t->person.valid_until_s, NOW + 1240);
	assert_int_equal(state_at(NOW + 700), VAULT_VALID);
}

static void
test_refresh_replaces(void **state)
{
	(void)state;
	assert_int_equal(login(), 0);
	answer_is("A2", "R2", "I2", "openid email");
	person.nstudies = 0;
	assert_int_equal(vault_tokens_refresh(t, &answer, &person, NOW), 0);
	assert_string_equal(t->refresh_token, "R2");
	assert_string_equal(t->id_token, "I2");
	assert_string_equal(t->scope, "openid email");
	assert_int_equal(t->person.narrowed, 1);
	assert_int_equal(t->person.nstudies, 0);
}

static void
test_refresh_refused(void **state)
{
	struct vault_tokens	*before = vault_tokens_new();

	(void)state;
	assert_non_null(before);
	assert_int_equal(vault_tokens_refresh(t, &answer, &person, NOW),
	    ERR_STATE);
	assert_int_equal(login(), 0);
	*before = *t;
	answer_is("A2", "R2", "I2", "");
	person.person = 10002;
	assert_int_equal(vault_tokens_refresh(t, &answer, &person, NOW),
	    ERR_DENIED);
	person.person = 10001;
	assert_int_equal(vault_tokens_refresh(t, &answer, NULL, NOW),
	    ERR_FORMAT);
	answer_is("", "R2", "", "");
	assert_int_equal(vault_tokens_refresh(t, &answer, NULL, NOW),
	    ERR_FORMAT);
	assert_memory_equal(t, before, sizeof(*t));
	vault_tokens_free(before);
}

/* A shorter text leaves nothing of the longer one behind its end. */
static void
test_no_rest(void **state)
{
	static const char	zero[16];

	(void)state;
	answer_is("AAAAAAAAAAAAAAAA", "R1", "I1", "");
	assert_int_equal(login(), 0);
	answer_is("B", "", "", "");
	assert_int_equal(vault_tokens_refresh(t, &answer, NULL, NOW), 0);
	assert_memory_equal(t->access_token + 1, zero, sizeof(zero));
}

static void
test_fork(void **state)
{
	int	status;
	pid_t	pid;

	(void)state;
	assert_int_equal(login(), 0);
	pid = fork();
	if (pid == 0)
		_exit(t->access_token[0] == '\0' ? 0 : 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int
main(void)
{
#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest	tests[] = {
		TEST(test_validity), TEST(test_binding),
		TEST(test_login_refused), TEST(test_valid_until),
		TEST(test_login_too_long),
		TEST(test_refresh_keeps), TEST(test_refresh_replaces),
		TEST(test_refresh_refused), TEST(test_no_rest),
		TEST(test_fork)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
