/* SPDX-License-Identifier: MIT */
/* From lists of rows to BPF programs, and into the kernel. */
#ifndef SANDBOX_FILTER_H
#define SANDBOX_FILTER_H

struct sandbox_rule;
struct sock_filter;

struct filter_program {
	struct sock_filter	*code;
	unsigned short		 count;		/* instructions */
};

/*
 * The final filter is two programs, of which the kernel takes the stricter
 * answer: libseccomp has one default answer a program, and a wrong argument
 * (EPERM) is not the same as an unknown call (ENOSYS).  The boot filter is
 * the names alone, and there both are ENOSYS.
 */
struct filter {
	struct filter_program	 arguments;
	struct filter_program	 names;
};

/*
 * Compile lists (NULL after the last).  Filters add up, so what the lists
 * `before` kill needs no second row; NULL: this is the first stage, the boot
 * filter.  Arguments compared with "self" take this process's id.  Each call
 * to be killed is told to violation_add().  0, ERR_MEMORY, ERR_SYSTEM,
 * ERR_FORMAT (a row that makes no sense).  filter_free() in any case.
 */
int	filter_compile(const struct sandbox_rule *const *lists,
	    const struct sandbox_rule *const *before, struct filter *f);
/* Put it on for good; needs no_new_privs.  0, ERR_UNSUPPORTED, ERR_SYSTEM. */
int	filter_load(const struct filter *f);
void	filter_free(struct filter *f);

#endif
