/* SPDX-License-Identifier: MIT */
/*
 * The configuration: "keyword value" lines of a file, environment variables
 * and -o options, checked against the table conf/options.def.
 * Precedence: command line, environment, file, default.
 *
 * Nothing here logs or exits.  Errors come as finished lines through a
 * callback, all of them in one run; no line repeats a value that may hold a
 * secret.
 */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONF_FILE_MAX	65536	/* bytes of a configuration file */
#define CONF_LINE_MAX	4096	/* bytes of one line of it */
#define CONF_ERRORS_MAX	100	/* errors told in one run; then their count */

/* Names after CONF_ are the second column of conf/options.def. */
enum conf_key {
#define OPTION(keyword, key, ...) CONF_##key,
#include "conf/options.def"
#undef OPTION
	CONF_KEYS
};

enum conf_source {
	CONF_SOURCE_NONE = 0,		/* not set, and no default */
	CONF_SOURCE_DEFAULT,
	CONF_SOURCE_FILE,
	CONF_SOURCE_ENVIRONMENT,
	CONF_SOURCE_COMMAND_LINE
};

/* Of identity-fields; log-level is an enum log_level (base/log.h). */
enum conf_identity_fields {
	CONF_IDENTITY_ON_REQUEST = 0,
	CONF_IDENTITY_NEVER = 1,
	CONF_IDENTITY_ALWAYS = 2
};

enum conf_consent_gate {
	CONF_CONSENT_GATE_NO = 0,
	CONF_CONSENT_GATE_YES = 1
};

enum conf_disclosure {
	CONF_DISCLOSURE_IDENTIFIED = 0,
	CONF_DISCLOSURE_PSEUDONYMOUS = 1,
	CONF_DISCLOSURE_AGGREGATE = 2
};

struct conf;

/* One line without newline: "file:line: what", "-o keyword: what", … */
typedef void	conf_error_fn(void *arg, const char *message);

struct conf_input {
	/*
	 * The -f argument: must exist.  NULL: $XDG_CONFIG_HOME/jhe-mcp/
	 * jhe-mcp.conf, or ~/.config/jhe-mcp/jhe-mcp.conf, if it exists.
	 */
	const char		*file;
	const char *const	*options;	/* -o: "keyword=value" */
	size_t			 options_len;
	const enum conf_key	*required;	/* must have a value */
	size_t			 required_len;
};

/*
 * Read and check everything.  0 and *out, which the caller frees; or
 * ERR_FORMAT after every error was told through fn(arg, ...); or ERR_MEMORY.
 * Reads HOME, XDG_CONFIG_HOME and the environment twins; an empty variable
 * counts as not set.
 */
int	 conf_load(const struct conf_input *in, conf_error_fn *fn, void *arg,
	    struct conf **out);
/* Wipe and free; NULL is no error. */
void	 conf_free(struct conf *c);

/*
 * The value as text, checked: URLs without trailing slash, paths absolute,
 * scopes and names of tools parted by one space ("all" and "original" as
 * those they stand for); NULL if it has none.  Owned by c.
 * CONF_CLIENT_SECRET gives the secret, never the file's name.
 */
const char	*conf_string(const struct conf *c, enum conf_key key);
/* Of SECONDS, PORT and INT the number, of ENUM the choice's index. */
int64_t		 conf_int(const struct conf *c, enum conf_key key);
enum conf_source conf_source(const struct conf *c, enum conf_key key);
/* True if text, words parted by one space as above, has that one. */
bool		 conf_has_word(const char *text, const char *word);
/* The file that was read, or would have been were it there; "": none. */
const char	*conf_file(const struct conf *c);
/* "exchange-url" */
const char	*conf_keyword(enum conf_key key);
/* "JHE_BASE_URL", or NULL if it has no environment twin. */
const char	*conf_environment(enum conf_key key);

#endif
