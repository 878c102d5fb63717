/* SPDX-License-Identifier: MIT */
/*
 * The configuration put together from its four sources.  Runs in the
 * master; what it reads was written by the person who starts it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "compat/compat.h"
#include "conf/file.h"
#include "conf/line.h"
#include "conf/options.h"
#include "conf/report.h"
#include "conf/tools.h"
#include "conf/values.h"

#define PATH_MAX_OWN	4096	/* bytes of the configuration file's path */
#define WHY_MAX		256	/* bytes of a sentence of values.c */
#define SHOWN_MAX	32	/* an unknown keyword is repeated up to this */

struct value {
	char			*text;
	int64_t			 number;
	enum conf_source	 source;
	unsigned int		 line;		/* of the file */
	unsigned int		 seen;		/* bit: given by a source */
	bool			 bad;		/* given, but refused */
};

struct conf {
	struct value	values[CONF_KEYS];
	char		file[PATH_MAX_OWN];
};

/* One loading run. */
struct run {
	struct conf	*conf;
	struct report	 report;
	int		 fatal;		/* ERR_MEMORY, or 0 */
};

static void
value_wipe(struct value *v)
{
	if (v->text != NULL)
		freezero(v->text, strlen(v->text));
	v->text = NULL;
}

/* The text is taken over. */
static void
value_store(struct value *v, char *text, int64_t number,
    enum conf_source source, unsigned int line)
{
	value_wipe(v);
	v->text = text;
	v->number = number;
	v->source = source;
	v->line = line;
}

static bool
is_secret_itself(enum conf_key key, enum conf_source source)
{
	return options_row(key)->type == CONF_TYPE_SECRET &&
	    source == CONF_SOURCE_ENVIRONMENT;
}

/* One value of one source; called in rising order of precedence. */
static void
take(struct run *run, enum conf_key key, const char *text,
    enum conf_source source, const struct place *at)
{
	struct value	*v = &run->conf->values[key];
	struct buf	 why;
	char		*canonical = NULL;
	int64_t		 number = 0;
	int		 r;

	buf_init(&why, WHY_MAX);
	if (is_secret_itself(key, source))
		r = value_parse_secret(options_row(key), text, &canonical,
		    &why);
	else
		r = value_parse(options_row(key), text, &canonical, &number,
		    &why);
	if (r == 0)
		value_store(v, canonical, number, source, at->line);
	else if (r == ERR_MEMORY)
		run->fatal = ERR_MEMORY;
	else {
		v->bad = true;
		report_error(&run->report, at, "%s: %s", conf_keyword(key),
		    buf_string(&why));
	}
	buf_free(&why);
}

static bool
looks_like_keyword(const char *s)
{
	size_t	len = strlen(s);

	return len <= SHOWN_MAX && s[strspn(s, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ-_")] == '\0';
}

/* What is no keyword may be a secret on the wrong line. */
static void
tell_unknown(struct run *run, const char *keyword, const struct place *at)
{
	const char	*nearest;

	if (!looks_like_keyword(keyword)) {
		report_error(&run->report, at, "expected a keyword");
		return;
	}
	nearest = options_nearest(keyword);
	if (nearest == NULL)
		report_error(&run->report, at, "unknown keyword \"%s\"",
		    keyword);
	else
		report_error(&run->report, at,
		    "unknown keyword \"%s\": is \"%s\" meant?", keyword,
		    nearest);
}

/* False if this source gave the keyword before. */
static bool
first_of_source(struct run *run, enum conf_key key, enum conf_source source,
    const struct place *at)
{
	struct value	*v = &run->conf->values[key];
	unsigned int	 bit = 1U << source;

	if ((v->seen & bit) != 0) {
		report_error(&run->report, at, "%s is given twice",
		    conf_keyword(key));
		v->bad = true;
		return false;
	}
	v->seen |= bit;
	return true;
}

/* The words after the keyword as one text, in place; NULL: too many. */
static const char *
join(const struct conf_option *o, struct line *line, struct buf *joined)
{
	size_t	i;

	if (line->count == 2)
		return line->words[1];
	if (line->count > 2 && o->type != CONF_TYPE_WORDS &&
	    o->type != CONF_TYPE_TOOLS)
		return NULL;
	for (i = 1; i < line->count; i++) {
		if (i > 1)
			buf_addc(joined, ' ');
		buf_adds(joined, line->words[i]);
	}
	return buf_string(joined);
}

static void
take_line(struct run *run, char *text, size_t len, const struct place *at)
{
	struct line	 line;
	struct buf	 joined;
	const char	*value, *why;
	enum conf_key	 key;

	if (len > CONF_LINE_MAX) {
		report_error(&run->report, at, "longer than %d bytes",
		    CONF_LINE_MAX);
		return;
	}
	if (line_split(text, len, &line, &why) != 0) {
		report_error(&run->report, at, "%s", why);
		return;
	}
	if (line.count == 0)
		return;
	if (options_find(line.words[0], &key) != 0) {
		tell_unknown(run, line.words[0], at);
		return;
	}
	if (!first_of_source(run, key, CONF_SOURCE_FILE, at))
		return;
	buf_init(&joined, CONF_LINE_MAX);
	value = join(options_row(key), &line, &joined);
	if (value == NULL) {
		run->conf->values[key].bad = true;
		report_error(&run->report, at, "%s: more than one value; one "
		    "with spaces stands in double quotes", conf_keyword(key));
	} else if (buf_error(&joined) != 0)
		run->fatal = ERR_MEMORY;
	else
		take(run, key, value, CONF_SOURCE_FILE, at);
	buf_free(&joined);
}

static void
take_lines(struct run *run, struct buf *bytes, const char *path)
{
	struct place	 at = { path, 0 };
	char		*p = bytes->data, *end, *stop;

	if (p == NULL)
		return;
	for (stop = p + bytes->len; p < stop; p = end + 1) {
		at.line++;
		end = memchr(p, '\n', (size_t)(stop - p));
		if (end == NULL)
			end = stop;
		*end = '\0';
		take_line(run, p, (size_t)(end - p), &at);
	}
}

/* The user's own file; false if there is no place for one. */
static bool
default_file(char *path, size_t size)
{
	const char	*xdg = getenv("XDG_CONFIG_HOME");
	const char	*home = getenv("HOME");
	const char	*dir = "/.config";

	if (xdg != NULL && xdg[0] == '/') {
		home = xdg;
		dir = "";
	}
	if (home == NULL || home[0] != '/')
		return false;
	if (strlcpy(path, home, size) >= size ||
	    strlcat(path, dir, size) >= size ||
	    strlcat(path, "/jhe-mcp/jhe-mcp.conf", size) >= size)
		return false;
	return true;
}

static void
take_file(struct run *run, const char *file)
{
	struct place	 at = { run->conf->file, 0 };
	struct buf	 bytes;
	const char	*why = "cannot be read";
	int		 r;

	if (file == NULL && !default_file(run->conf->file,
	    sizeof(run->conf->file)))
		return;
	if (file != NULL && strlcpy(run->conf->file, file,
	    sizeof(run->conf->file)) >= sizeof(run->conf->file)) {
		at.name = "-f";
		report_error(&run->report, &at, "the path is too long");
		return;
	}
	buf_init(&bytes, CONF_FILE_MAX);
	r = file_read(run->conf->file, FILE_NOT_WRITABLE, &bytes, &why);
	if (r == 0)
		take_lines(run, &bytes, run->conf->file);
	else if (r == ERR_MEMORY)
		run->fatal = ERR_MEMORY;
	else if (r != ERR_NOT_FOUND || file != NULL)
		report_error(&run->report, &at, "%s", why);
	buf_free(&bytes);
}

static void
take_environment(struct run *run)
{
	struct place	 at = { NULL, 0 };
	const char	*value;
	size_t		 i;

	for (i = 0; i < CONF_KEYS; i++) {
		at.name = conf_environment((enum conf_key)i);
		if (at.name == NULL)
			continue;
		value = getenv(at.name);
		if (value != NULL && value[0] != '\0')
			take(run, (enum conf_key)i, value,
			    CONF_SOURCE_ENVIRONMENT, &at);
	}
}

static void
take_option(struct run *run, const char *text)
{
	struct place	 at = { "-o", 0 };
	char		 keyword[SHOWN_MAX + 2];
	size_t		 n = strcspn(text, "=");
	enum conf_key	 key;

	if (text[n] != '=') {
		report_error(&run->report, &at, "expected keyword=value");
		return;
	}
	if (n > SHOWN_MAX)
		n = SHOWN_MAX + 1;
	memcpy(keyword, text, n);
	keyword[n] = '\0';
	if (options_find(keyword, &key) != 0)
		tell_unknown(run, keyword, &at);
	else if (first_of_source(run, key, CONF_SOURCE_COMMAND_LINE, &at))
		take(run, key, text + n + 1, CONF_SOURCE_COMMAND_LINE, &at);
}

static void
take_defaults(struct run *run)
{
	struct place		 at = { "default", 0 };
	const struct conf_option *o;
	size_t			 i;

	for (i = 0; i < CONF_KEYS; i++) {
		o = options_row((enum conf_key)i);
		if (o->preset != NULL && run->conf->values[i].text == NULL &&
		    !run->conf->values[i].bad)
			take(run, (enum conf_key)i, o->preset,
			    CONF_SOURCE_DEFAULT, &at);
	}
}

/* What the file holds, without the newline an editor puts at its end. */
static int
read_secret(const struct conf_option *o, const char *path, char **secret,
    struct buf *why)
{
	struct buf	 bytes;
	const char	*sentence = "cannot be read";
	int		 r;

	buf_init(&bytes, (size_t)o->max + 2);
	r = file_read(path, FILE_NOT_READABLE, &bytes, &sentence);
	if (r != 0 && r != ERR_MEMORY) {
		buf_addf(why, "the file: %s", sentence);
		r = ERR_FORMAT;
	}
	if (bytes.len > 0 && bytes.data[bytes.len - 1] == '\n')
		buf_truncate(&bytes, bytes.len - 1);
	if (r == 0 && memchr(buf_string(&bytes), '\0', bytes.len) != NULL) {
		buf_adds(why, "the file: a NUL byte");
		r = ERR_FORMAT;
	}
	if (r == 0)
		r = value_parse_secret(o, buf_string(&bytes), secret, why);
	buf_free(&bytes);
	return r;
}

/* Once it is known which path counts: the secret in the path's place. */
static void
take_secrets(struct run *run)
{
	struct value	*v = &run->conf->values[CONF_CLIENT_SECRET];
	struct place	 at = { "-o", 0 };
	struct buf	 why;
	char		*secret = NULL;
	int		 r;

	if (v->text == NULL || v->source == CONF_SOURCE_ENVIRONMENT)
		return;
	if (v->source == CONF_SOURCE_FILE)
		at = (struct place){ run->conf->file, v->line };
	buf_init(&why, WHY_MAX);
	r = read_secret(options_row(CONF_CLIENT_SECRET), v->text, &secret,
	    &why);
	if (r == 0)
		value_store(v, secret, 0, v->source, v->line);
	else if (r == ERR_MEMORY)
		run->fatal = ERR_MEMORY;
	else
		report_error(&run->report, &at, "%s: %s",
		    conf_keyword(CONF_CLIENT_SECRET), buf_string(&why));
	buf_free(&why);
}

static void
check_required(struct run *run, const struct conf_input *in)
{
	struct place	 at = { "configuration", 0 };
	const char	*name;
	size_t		 i;
	enum conf_key	 key;

	for (i = 0; i < in->required_len; i++) {
		key = in->required[i];
		if (run->conf->values[key].text != NULL ||
		    run->conf->values[key].bad)
			continue;
		name = conf_environment(key);
		if (name == NULL)
			report_error(&run->report, &at, "%s is not set",
			    conf_keyword(key));
		else
			report_error(&run->report, &at,
			    "%s (environment %s) is not set",
			    conf_keyword(key), name);
	}
}

int
conf_load(const struct conf_input *in, conf_error_fn *fn, void *arg,
    struct conf **out)
{
	struct run	run = { NULL, { fn, arg, 0 }, 0 };
	size_t		i;

	*out = NULL;
	run.conf = calloc(1, sizeof(*run.conf));
	if (run.conf == NULL)
		return ERR_MEMORY;
	take_file(&run, in->file);
	take_environment(&run);
	for (i = 0; i < in->options_len; i++)
		take_option(&run, in->options[i]);
	take_defaults(&run);
	take_secrets(&run);
	check_required(&run, in);
	report_end(&run.report);
	if (run.fatal == 0 && run.report.count == 0) {
		*out = run.conf;
		return 0;
	}
	conf_free(run.conf);
	return run.fatal != 0 ? run.fatal : ERR_FORMAT;
}

void
conf_free(struct conf *c)
{
	size_t	i;

	if (c == NULL)
		return;
	for (i = 0; i < CONF_KEYS; i++)
		value_wipe(&c->values[i]);
	free(c);
}

const char *
conf_string(const struct conf *c, enum conf_key key)
{
	return c->values[key].text;
}

int64_t
conf_int(const struct conf *c, enum conf_key key)
{
	return c->values[key].number;
}

enum conf_source
conf_source(const struct conf *c, enum conf_key key)
{
	return c->values[key].source;
}

const char *
conf_file(const struct conf *c)
{
	return c->file;
}

const char *
conf_keyword(enum conf_key key)
{
	return options_row(key)->keyword;
}

const char *
conf_environment(enum conf_key key)
{
	return options_row(key)->environment;
}

bool
conf_has_word(const char *text, const char *word)
{
	return conf_tools_has(text, word, strlen(word));
}
