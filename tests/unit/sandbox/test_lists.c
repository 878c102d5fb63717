/* SPDX-License-Identifier: MIT */
/* The lists as such: every name is a call, every row has its reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <seccomp.h>

#include "broker/sandbox.h"
#include "gate/sandbox.h"
#include "sandbox/filter.h"
#include "sandbox/sandbox.h"
#include "worker/sandbox.h"

static const struct sandbox_profile *const profiles[] = {
	&worker_sandbox, &gate_sandbox, &broker_sandbox
};

#define PROFILES	(sizeof(profiles) / sizeof(profiles[0]))

/* The row that decides about a call, NULL if none does. */
static const struct sandbox_rule *
decides(const struct sandbox_rule *const *lists, const char *name)
{
	const struct sandbox_rule	*rule;
	size_t				 i;

	for (i = 0; lists[i] != NULL; i++)
		for (rule = lists[i]; rule->name != NULL; rule++)
			if (strcmp(rule->name, name) == 0)
				return rule;
	return NULL;
}

static void
check_list(const struct sandbox_rule *rule)
{
	bool	with_test;

	for (; rule->name != NULL; rule++) {
		if (seccomp_syscall_resolve_name(rule->name) ==
		    __NR_SCMP_ERROR)
			fail_msg("no such call: %s", rule->name);
		if (rule->why == NULL || rule->why[0] == '\0')
			fail_msg("no reason: %s", rule->name);
		with_test = rule->args[0].test != SANDBOX_TEST_NONE;
		if (rule->action != SANDBOX_ACTION_ALLOW && with_test)
			fail_msg("%s: only allowing looks at arguments",
			    rule->name);
		if ((rule->action == SANDBOX_ACTION_ANSWER) !=
		    (rule->error > 0))
			fail_msg("%s: which answer?", rule->name);
	}
}

static void
test_rows(void **state)
{
	size_t	p, i;

	(void)state;
	for (p = 0; p < PROFILES; p++) {
		for (i = 0; profiles[p]->boot[i] != NULL; i++)
			check_list(profiles[p]->boot[i]);
		for (i = 0; profiles[p]->final[i] != NULL; i++)
			check_list(profiles[p]->final[i]);
	}
}

/* What the issue of the sandbox is: never allowed by any final list. */
static void
test_never(void **state)
{
	static const char *const	never[] = {
		"socket", "socketpair", "connect", "bind", "listen", "accept",
		"accept4", "execve", "execveat", "fork", "vfork", "clone",
		"clone3", "ptrace", "kill", "tkill", "process_vm_readv",
		"process_vm_writev", "pidfd_getfd", "open", "openat",
		"openat2", "creat", "bpf", "io_uring_setup", "seccomp",
		"chroot", "mount", "unshare", "setns", "setuid", "sendmmsg",
		"ioctl", "prctl", "pkey_mprotect", "memfd_secret", "mknod"
	};
	const struct sandbox_rule	*rule;
	size_t				 p, i;

	(void)state;
	for (p = 0; p < PROFILES; p++)
		for (i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
			rule = decides(profiles[p]->final, never[i]);
			if (rule != NULL &&
			    rule->action == SANDBOX_ACTION_ALLOW)
				fail_msg("%s allows %s", profiles[p]->name,
				    never[i]);
		}
}

/*
 * Filters add up, and the stricter answer counts: what final allows must be
 * allowed in boot, what it answers must not be killed there.
 */
static void
check_within_boot(const struct sandbox_profile *profile,
    const struct sandbox_rule *rule)
{
	const struct sandbox_rule	*boot, *final;
	enum sandbox_action		 action = SANDBOX_ACTION_ANSWER;

	final = decides(profile->final, rule->name);
	boot = decides(profile->boot, rule->name);
	if (boot != NULL)
		action = boot->action;
	if (final != NULL && final->action < action)
		fail_msg("%s: boot is stricter about %s", profile->name,
		    rule->name);
}

static void
test_final_within_boot(void **state)
{
	const struct sandbox_rule	*rule;
	size_t				 p, i;

	(void)state;
	for (p = 0; p < PROFILES; p++)
		for (i = 0; profiles[p]->final[i] != NULL; i++)
			for (rule = profiles[p]->final[i];
			    rule->name != NULL; rule++)
				check_within_boot(profiles[p], rule);
}

static void
test_compile(void **state)
{
	struct filter	f;
	size_t		p;

	(void)state;
	for (p = 0; p < PROFILES; p++) {
		assert_int_equal(filter_compile(profiles[p]->boot, NULL, &f),
		    0);
		assert_int_not_equal(f.names.count, 0);
		filter_free(&f);
		assert_int_equal(filter_compile(profiles[p]->final,
		    profiles[p]->boot, &f), 0);
		assert_int_not_equal(f.names.count, 0);
		assert_int_not_equal(f.arguments.count, 0);
		filter_free(&f);
	}
}

int
main(void)
{
	const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_never),
		cmocka_unit_test(test_final_within_boot),
		cmocka_unit_test(test_compile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
