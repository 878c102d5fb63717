/* SPDX-License-Identifier: MIT */
/*
 * Reading the command line.  Runs in jhe-mcp; the words are its user's own,
 * and may be wrong.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "cli/arguments.h"
#include "cli/nearest.h"
#include "cli/terminal.h"

/* Options of every command. */
enum arguments_option {
	OPTION_FILE,
	OPTION_KEYWORD,
	OPTION_HELP,
	OPTION_VERSION,
	OPTIONS_COMMON
};

static const struct {
	const char	*name;
	char		 letter;
	bool		 has_value;
} common[OPTIONS_COMMON] = {
	[OPTION_FILE] = { "--file", 'f', true },
	[OPTION_KEYWORD] = { "--option", 'o', true },
	[OPTION_HELP] = { "--help", 'h', false },
	[OPTION_VERSION] = { "--version", 'V', false },
};

struct parser {
	struct arguments	*a;
	int			 argc;
	char *const		*argv;
	int			 next;
	bool			 ended;		/* by "--" */
	const char		*flags[COMMAND_ARGS_MAX];	/* to be seen */
	const char		*values[COMMAND_ARGS_MAX];	/* or NULL */
	size_t			 nflags;	/* when the command is known */
};

/* A complaint: what is wrong with a word, and what may have been meant. */
static int
wrong(const char *what, const char *word, const char *nearest)
{
	fprintf(stderr, "jhe-mcp: %s \"", what);
	terminal_print(stderr, word);
	if (nearest != NULL)
		fprintf(stderr, "\"; is \"%s\" meant?\n", nearest);
	else
		fputs("\"; see jhe-mcp --help\n", stderr);
	return 1;
}

static int
too_many(const char *what, int most)
{
	fprintf(stderr, "jhe-mcp: more than %d %s\n", most, what);
	return 1;
}

static int
set_common(struct parser *p, enum arguments_option option, const char *value)
{
	struct command_line	*line = &p->a->line;

	switch (option) {
	case OPTION_FILE:
		line->file = value;
		return 0;
	case OPTION_KEYWORD:
		if (line->noptions == COMMAND_OPTIONS_MAX)
			return too_many("-o options", COMMAND_OPTIONS_MAX);
		line->options[line->noptions++] = value;
		return 0;
	case OPTION_HELP:
		p->a->help = true;
		return 0;
	default:
		p->a->version = true;
		return 0;
	}
}

/* One that takes a value: it is the rest of the word, or the next word. */
static int
take_common(struct parser *p, enum arguments_option option, const char *word,
    const char *rest)
{
	if (!common[option].has_value)
		return rest == NULL ? set_common(p, option, NULL) :
		    wrong("no value is taken by", word, NULL);
	if (rest == NULL && p->next == p->argc)
		return wrong("a value is missing after", word, NULL);
	return set_common(p, option, rest != NULL ? rest :
	    p->argv[p->next++]);
}

static int
parse_letters(struct parser *p, const char *word)
{
	const char	*s = word + 1;
	size_t		 i;
	int		 r;

	for (; *s != '\0'; s++) {
		for (i = 0; i < OPTIONS_COMMON; i++)
			if (common[i].letter == *s)
				break;
		if (i == OPTIONS_COMMON)
			return wrong("there is no option", word, NULL);
		if (common[i].has_value)
			return take_common(p, (enum arguments_option)i, word,
			    s[1] != '\0' ? s + 1 : NULL);
		r = take_common(p, (enum arguments_option)i, word, NULL);
		if (r != 0)
			return r;
	}
	return 0;
}

/* Options of whatever command that take a value have names of their own. */
static bool
takes_choice(const char *word, size_t len)
{
	const struct command_flag	*f;
	size_t				 i;

	for (i = 0; (f = command_flag_at(i)) != NULL; i++)
		if (f->choices != NULL && strlen(f->name) == len &&
		    strncmp(f->name, word, len) == 0)
			return true;
	return false;
}

static int
parse_long(struct parser *p, const char *word)
{
	size_t	i, len = strcspn(word, "=");

	for (i = 0; i < OPTIONS_COMMON; i++)
		if (strlen(common[i].name) == len &&
		    strncmp(common[i].name, word, len) == 0)
			return take_common(p, (enum arguments_option)i, word,
			    word[len] == '=' ? word + len + 1 : NULL);
	/* It may be the command's, which may not be known yet. */
	if (p->nflags == COMMAND_ARGS_MAX)
		return too_many("options", COMMAND_ARGS_MAX);
	p->flags[p->nflags] = word;
	if (takes_choice(word, len)) {
		if (word[len] != '=' && p->next == p->argc)
			return wrong("a value is missing after", word, NULL);
		p->values[p->nflags] = word[len] == '=' ? word + len + 1 :
		    p->argv[p->next++];
	}
	p->nflags++;
	return 0;
}

static int
no_command(const char *word)
{
	const struct command	*c;
	struct nearest		 n;
	size_t			 i;

	nearest_begin(&n, word);
	for (i = 0; (c = command_at(i)) != NULL; i++)
		nearest_try(&n, c->name);
	return wrong("there is no command", word, nearest_found(&n));
}

static int
parse_word(struct parser *p, const char *word)
{
	struct arguments	*a = p->a;

	if (a->command == NULL) {
		a->command = command_find(word);
		return a->command != NULL ? 0 : no_command(word);
	}
	if (a->line.nargs == COMMAND_ARGS_MAX)
		return too_many("words", COMMAND_ARGS_MAX);
	a->line.args[a->line.nargs++] = word;
	return 0;
}

static int
unknown_flag(const struct command *c, const char *word)
{
	const struct command_flag	*f;
	struct nearest			 n;
	char				 what[64];
	size_t				 i;

	nearest_begin(&n, word);
	for (i = 0; (f = command_flag_at(i)) != NULL; i++)
		if (c == NULL || strcmp(f->command, c->name) == 0)
			nearest_try(&n, f->name);
	for (i = 0; i < OPTIONS_COMMON; i++)
		nearest_try(&n, common[i].name);
	snprintf(what, sizeof(what), "%s%sthere is no option",
	    c != NULL ? c->name : "", c != NULL ? ": " : "");
	return wrong(what, word, nearest_found(&n));
}

static int
resolve_choice(struct arguments *a, const struct command_flag *f,
    const char *value)
{
	const char	*p = f->choices;
	size_t		 n, len = strlen(value);
	int		 i;

	for (i = 0;; i++, p += n + 1) {
		n = strcspn(p, "|");
		if (n == len && strncmp(p, value, n) == 0) {
			a->line.choice = i;
			return 0;
		}
		if (p[n] == '\0')
			break;
	}
	fprintf(stderr, "jhe-mcp: %s takes one of %s\n", f->name, f->choices);
	return 1;
}

static int
resolve_flag(struct arguments *a, const char *word, const char *value)
{
	const struct command_flag	*f;
	size_t				 i, len = strlen(word);

	if (value != NULL)
		len = strcspn(word, "=");
	for (i = 0; (f = command_flag_at(i)) != NULL; i++)
		if (a->command != NULL && strlen(f->name) == len &&
		    strncmp(f->name, word, len) == 0 &&
		    strcmp(f->command, a->command->name) == 0) {
			a->line.flags |= f->bit;
			return f->choices == NULL ? 0 :
			    resolve_choice(a, f, value);
		}
	return unknown_flag(a->command, word);
}

static int
check_words(const struct arguments *a)
{
	const struct command	*c = a->command;
	char			 what[64];

	snprintf(what, sizeof(what), "%s takes no word", c->name);
	if (a->line.nargs > c->words_max)
		return wrong(what, a->line.args[c->words_max], NULL);
	if (a->line.nargs < c->words_min) {
		fprintf(stderr, "usage: jhe-mcp %s %s\n", c->name, c->words);
		return 1;
	}
	return 0;
}

int
arguments_parse(int argc, char *const argv[], struct arguments *a)
{
	struct parser	 p = { .a = a, .argc = argc, .argv = argv, .next = 1 };
	const char	*word;
	size_t		 i;
	int		 r = 0;

	memset(a, 0, sizeof(*a));
	a->line.choice = -1;
	while (r == 0 && p.next < argc) {
		word = argv[p.next++];
		if (p.ended || word[0] != '-' || word[1] == '\0')
			r = parse_word(&p, word);
		else if (word[1] != '-')
			r = parse_letters(&p, word);
		else if (word[2] == '\0')
			p.ended = true;
		else
			r = parse_long(&p, word);
	}
	for (i = 0; r == 0 && i < p.nflags; i++)
		r = resolve_flag(a, p.flags[i], p.values[i]);
	if (r == 0 && a->command != NULL && !a->help && !a->version)
		r = check_words(a);
	return r;
}

static bool
is_secret(const char *option)
{
	static const char	keyword[] = "database";
	size_t			len = sizeof(keyword) - 1;

	return strncmp(option, keyword, len) == 0 &&
	    option[len] == '=';
}

int
arguments_hide(struct arguments *a)
{
	const char	*word;
	size_t		 i;

	for (i = 0; i < a->line.noptions; i++) {
		word = a->line.options[i];
		if (!is_secret(word))
			continue;
		a->line.options[i] = strdup(word);
		if (a->line.options[i] == NULL)
			return ERR_MEMORY;
		word += strcspn(word, "=") + 1;
		/* The words of main() are its own to write to. */
		memset((void *)(uintptr_t)word, '*', strlen(word));
	}
	return 0;
}
