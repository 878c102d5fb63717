/* SPDX-License-Identifier: MIT */
/*
 * jhe-mcp stdio: serves the client on standard input and output.  Runs as
 * the user; reads not one byte of the client itself.
 */
#include "base/err.h"
#include "base/log.h"
#include "base/loop.h"
#include "cli/program.h"
#include "cli/serve.h"
#include "cli/settings.h"
#include "conf/conf.h"

struct stdio {
	struct program	 p;
	struct serve	*serve;
};

static void
stdio_ended(void *arg)
{
	struct stdio	*s = arg;

	loop_stop(s->p.loop);
}

static void
stdio_signal(void *arg)
{
	struct stdio	*s = arg;

	if (s->serve != NULL)
		serve_stop(s->serve);
}

int
command_stdio(const struct command_line *line)
{
	static struct stdio	 s;
	struct serve_client	 client = { .stored_only = false };
	struct conf		*conf;
	int			 code = settings_load(line,
				    SETTINGS_ALL, &conf);

	if (code != PROGRAM_OK)
		return code;
	program_take_messages(&client.in_fd, &client.out_fd);
	program_start(&s.p, conf, stdio_signal, &s);
	s.serve = serve_start(&s.p, &client, stdio_ended, &s);
	if (s.serve == NULL)
		fatalx("start: %s", err_text(ERR_MEMORY));
	if (loop_run(s.p.loop) != 0)
		fatal("loop");
	serve_free(s.serve);
	program_end(&s.p);
	conf_free(conf);
	return PROGRAM_OK;
}
