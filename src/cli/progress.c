/* SPDX-License-Identifier: MIT */
/*
 * Telling a person that a command is waiting.  Runs in jhe-mcp.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/loop.h"
#include "cli/progress.h"
#include "cli/terminal.h"
#include "compat/compat.h"

#define PROGRESS_MS	1000	/* before the first word, and between */

static void	progress_tick(void *);

/* Without memory for a timer nothing is told; the command goes on. */
static void
progress_later(struct progress *p)
{
	(void)loop_timer_set(p->loop, clock_monotonic_ms() + PROGRESS_MS,
	    progress_tick, p);
}

void
progress_begin(struct progress *p, struct loop *loop)
{
	memset(p, 0, sizeof(*p));
	p->loop = loop;
	p->since_ms = clock_monotonic_ms();
	progress_later(p);
}

static void
progress_rewrite(struct progress *p)
{
	char	line[192];
	int	n;

	n = snprintf(line, sizeof(line), "jhe-mcp: %s (%lld s)", p->text,
	    (long long)(clock_monotonic_ms() - p->since_ms) / 1000);
	/* No longer than the terminal is wide: it could not be wiped. */
	if (n >= terminal_columns(stderr))
		n = terminal_columns(stderr) - 1;
	if (n <= 0)
		return;
	progress_clear(p);
	fprintf(stderr, "%.*s\r", n, line);
	p->width = (size_t)n;
}

static void
progress_tick(void *arg)
{
	struct progress	*p = arg;

	progress_later(p);
	if (p->text[0] == '\0')
		return;
	if (isatty(STDERR_FILENO) == 1)
		progress_rewrite(p);
	else if (!p->told)
		fprintf(stderr, "jhe-mcp: %s ...\n", p->text);
	p->told = true;
}

void
progress_say(struct progress *p, const char *text)
{
	struct buf	clean;

	buf_init(&clean, 1024);
	terminal_clean(&clean, text, strlen(text));
	if (strncmp(p->text, buf_string(&clean), sizeof(p->text) - 1) != 0) {
		strlcpy(p->text, buf_string(&clean), sizeof(p->text));
		p->told = false;
	}
	buf_free(&clean);
}

void
progress_clear(struct progress *p)
{
	if (p->width > 0)
		fprintf(stderr, "%*s\r", (int)p->width, "");
	p->width = 0;
}

void
progress_end(struct progress *p)
{
	progress_clear(p);
	if (p->loop != NULL)
		loop_timer_clear(p->loop, progress_tick, p);
	p->loop = NULL;
}
