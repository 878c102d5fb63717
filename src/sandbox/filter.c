/* SPDX-License-Identifier: MIT */
/*
 * Compiles lists of rows with libseccomp and loads them.  Runs in every
 * child before it has read a stranger's byte; no untrusted input.
 */
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <errno.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "compat/compat.h"
#include "sandbox/filter.h"
#include "sandbox/violation.h"
#include "sandbox/sandbox.h"

#ifdef JHE_DEBUG
#define FILTER_KILL	SCMP_ACT_TRAP
#else
#define FILTER_KILL	SCMP_ACT_KILL_PROCESS
#endif

/*
 * libseccomp's two layouts.  The tree needs a dozen comparisons a call
 * instead of a hundred, but longer to make: not worth it in boot.
 */
#define FILTER_LIST	1
#define FILTER_TREE	2

/* A row, the number of its call, and whether it is the first of that call. */
struct filter_row {
	const struct sandbox_rule	*rule;
	size_t				 list;
	int				 number;
	bool				 first;
};

struct filter_table {
	struct filter_row	*rows;
	size_t			 count;
};

/* The deciding row of a call, NULL if none yet. */
static const struct filter_row *
filter_table_find(const struct filter_table *t, int number)
{
	size_t	i;

	for (i = 0; i < t->count; i++)
		if (t->rows[i].number == number)
			return &t->rows[i];
	return NULL;
}

static size_t
filter_count_rows(const struct sandbox_rule *const *lists)
{
	const struct sandbox_rule	*rule;
	size_t				 i, n = 0;

	for (i = 0; i < SANDBOX_LISTS_MAX && lists[i] != NULL; i++)
		for (rule = lists[i]; rule->name != NULL; rule++)
			n++;
	return n;
}

static void
filter_table_add(struct filter_table *t, const struct sandbox_rule *rule,
    size_t list)
{
	int				 number;
	const struct filter_row		*decided;

	number = seccomp_syscall_resolve_name(rule->name);
	/* Negative: a call that this architecture does not have. */
	if (number < 0)
		return;
	decided = filter_table_find(t, number);
	if (decided != NULL && decided->list != list)
		return;
	t->rows[t->count].rule = rule;
	t->rows[t->count].list = list;
	t->rows[t->count].number = number;
	t->rows[t->count].first = decided == NULL;
	t->count++;
}

/* All rows that count, with their numbers; the caller frees t->rows. */
static int
filter_table_fill(const struct sandbox_rule *const *lists,
    struct filter_table *t)
{
	const struct sandbox_rule	*rule;
	size_t				 i, n = filter_count_rows(lists);

	t->count = 0;
	t->rows = calloc(n + 1, sizeof(*t->rows));
	if (t->rows == NULL)
		return ERR_MEMORY;
	for (i = 0; i < SANDBOX_LISTS_MAX && lists[i] != NULL; i++)
		for (rule = lists[i]; rule->name != NULL; rule++)
			filter_table_add(t, rule, i);
	return 0;
}

static int
filter_error(int rc)
{
	if (rc == -ENOMEM)
		return ERR_MEMORY;
	errno = -rc;
	return rc == -EINVAL ? ERR_FORMAT : ERR_SYSTEM;
}

/* Calls in no rule answer `otherwise`; other tables of calls kill. */
static scmp_filter_ctx
filter_context(int otherwise, uint32_t layout)
{
	scmp_filter_ctx	ctx;

	ctx = seccomp_init(SCMP_ACT_ERRNO((uint32_t)otherwise));

	if (ctx == NULL)
		return NULL;
	if (seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH,
	    SCMP_ACT_KILL_PROCESS) != 0 ||
	    seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, layout) != 0) {
		seccomp_release(ctx);
		return NULL;
	}
	return ctx;
}

/* The program as the kernel takes it; libseccomp gives it to a file only. */
static int
filter_export(scmp_filter_ctx ctx, struct filter_program *p)
{
	struct stat	st;
	int		fd, rc, result = ERR_SYSTEM;
	size_t		len;

	fd = memfd_create("filter", MFD_CLOEXEC);
	if (fd == -1)
		return ERR_SYSTEM;
	rc = seccomp_export_bpf(ctx, fd);
	if (rc != 0) {
		result = filter_error(rc);
		goto out;
	}
	if (fstat(fd, &st) == -1)
		goto out;
	len = (size_t)st.st_size;
	if (len == 0 || len / sizeof(*p->code) > BPF_MAXINSNS) {
		result = ERR_LIMIT;
		goto out;
	}
	p->code = malloc(len);
	if (p->code == NULL) {
		result = ERR_MEMORY;
		goto out;
	}
	if (pread(fd, p->code, len, 0) != (ssize_t)len)
		goto out;
	p->count = (unsigned short)(len / sizeof(*p->code));
	result = 0;
out:
	fd_close(&fd);
	return result;
}

/* A row with its arguments, as an allowed call. */
static int
filter_add_allowed(scmp_filter_ctx ctx, const struct filter_row *row)
{
	const struct sandbox_arg	*arg;
	struct scmp_arg_cmp		 cmp[SANDBOX_ARGS_MAX];
	unsigned int			 n;

	for (n = 0; n < SANDBOX_ARGS_MAX; n++) {
		arg = &row->rule->args[n];
		if (arg->test == SANDBOX_TEST_NONE)
			break;
		cmp[n].arg = arg->index;
		cmp[n].op = SCMP_CMP_MASKED_EQ;
		cmp[n].datum_a = arg->mask;
		cmp[n].datum_b = arg->value;
		if (arg->test == SANDBOX_TEST_SELF) {
			cmp[n].op = SCMP_CMP_EQ;
			cmp[n].datum_a = (scmp_datum_t)getpid();
			cmp[n].datum_b = 0;
		}
	}
	return seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, row->number, n,
	    cmp);
}

/* A row that is not "allow". */
static int
filter_add_refused(scmp_filter_ctx ctx, const struct filter_row *row)
{
	if (row->rule->action == SANDBOX_ACTION_KILL) {
		violation_add(row->number, row->rule->name);
		return seccomp_rule_add_array(ctx, FILTER_KILL, row->number,
		    0, NULL);
	}
	/* The answer of everything not listed is no rule to libseccomp. */
	if (row->rule->error == ENOSYS)
		return 0;
	return seccomp_rule_add_array(ctx,
	    SCMP_ACT_ERRNO((uint32_t)row->rule->error), row->number, 0, NULL);
}

/* The boot filter: names and arguments in one. */
static int
filter_add_boot(scmp_filter_ctx ctx, const struct filter_table *t)
{
	const struct filter_row	*row;
	size_t			 i;
	int			 rc = 0;

	for (i = 0; i < t->count && rc == 0; i++) {
		row = &t->rows[i];
		if (row->rule->action == SANDBOX_ACTION_ALLOW)
			rc = filter_add_allowed(ctx, row);
		else if (row->first)
			rc = filter_add_refused(ctx, row);
	}
	return rc;
}

static bool
filter_kills(const struct filter_table *t, int number)
{
	const struct filter_row	*row = filter_table_find(t, number);

	return row != NULL && row->rule->action == SANDBOX_ACTION_KILL;
}

/* The final filter's first half: the names, whatever the arguments. */
static int
filter_add_names(scmp_filter_ctx ctx, const struct filter_table *t,
    const struct filter_table *before)
{
	const struct filter_row	*row;
	size_t			 i;
	int			 rc = 0;

	for (i = 0; i < t->count && rc == 0; i++) {
		row = &t->rows[i];
		if (!row->first || filter_kills(before, row->number))
			continue;
		if (row->rule->action == SANDBOX_ACTION_ALLOW)
			rc = seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW,
			    row->number, 0, NULL);
		else
			rc = filter_add_refused(ctx, row);
	}
	return rc;
}

/* The second half: of the names allowed, the arguments. */
static int
filter_add_arguments(scmp_filter_ctx ctx, const struct filter_table *t)
{
	size_t	i;
	int	rc;

	/* The names are put on second, and that must be possible. */
	rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(seccomp), 0);
	for (i = 0; i < t->count && rc == 0; i++)
		if (t->rows[i].rule->action == SANDBOX_ACTION_ALLOW)
			rc = filter_add_allowed(ctx, &t->rows[i]);
	return rc;
}

/* Close a context: the program, if all rows were taken. */
static int
filter_end(scmp_filter_ctx ctx, int rc, struct filter_program *p)
{
	int	result = rc == 0 ? filter_export(ctx, p) : filter_error(rc);

	seccomp_release(ctx);
	return result;
}

static int
filter_compile_boot(const struct filter_table *t, struct filter *f)
{
	scmp_filter_ctx	ctx = filter_context(ENOSYS, FILTER_LIST);

	if (ctx == NULL)
		return ERR_MEMORY;
	return filter_end(ctx, filter_add_boot(ctx, t), &f->names);
}

static int
filter_compile_final(const struct filter_table *t,
    const struct filter_table *before, struct filter *f)
{
	scmp_filter_ctx	ctx = filter_context(EPERM, FILTER_TREE);
	int		result;

	if (ctx == NULL)
		return ERR_MEMORY;
	result = filter_end(ctx, filter_add_arguments(ctx, t), &f->arguments);
	if (result != 0)
		return result;
	ctx = filter_context(ENOSYS, FILTER_TREE);
	if (ctx == NULL)
		return ERR_MEMORY;
	return filter_end(ctx, filter_add_names(ctx, t, before), &f->names);
}

int
filter_compile(const struct sandbox_rule *const *lists,
    const struct sandbox_rule *const *before, struct filter *f)
{
	struct filter_table	table, table_before = { NULL, 0 };
	int			result;

	memset(f, 0, sizeof(*f));
	result = filter_table_fill(lists, &table);
	if (result == 0 && before != NULL)
		result = filter_table_fill(before, &table_before);
	if (result == 0 && before == NULL)
		result = filter_compile_boot(&table, f);
	else if (result == 0)
		result = filter_compile_final(&table, &table_before, f);
	free(table.rows);
	free(table_before.rows);
	return result;
}

static int
filter_load_program(const struct filter_program *p)
{
	struct sock_fprog	prog = { .len = p->count, .filter = p->code };
	long			rc;

	/* Should a library have started a thread, it comes along or we fail. */
	rc = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
	    SECCOMP_FILTER_FLAG_TSYNC, &prog);
	if (rc > 0)
		errno = EBUSY;
	if (rc == 0)
		return 0;
	return errno == ENOSYS ? ERR_UNSUPPORTED : ERR_SYSTEM;
}

int
filter_load(const struct filter *f)
{
	int	result = 0;

	if (f->arguments.code != NULL)
		result = filter_load_program(&f->arguments);
	return result == 0 ? filter_load_program(&f->names) : result;
}

void
filter_free(struct filter *f)
{
	free(f->arguments.code);
	free(f->names.code);
	memset(f, 0, sizeof(*f));
}
