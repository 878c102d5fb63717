/* SPDX-License-Identifier: MIT */
/* The option table as rows; for the files of conf/ and their tests only. */
#ifndef CONF_OPTIONS_H
#define CONF_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"

enum conf_type {
	CONF_TYPE_STRING,	/* printable, no spaces */
	CONF_TYPE_WORDS,	/* one or more such, kept with one space */
	CONF_TYPE_INT,
	CONF_TYPE_SECONDS,
	CONF_TYPE_PORT,
	CONF_TYPE_ENUM,
	CONF_TYPE_PATH,		/* absolute, or from ~/ */
	CONF_TYPE_SECRET,	/* such a path; the value is what it holds */
	CONF_TYPE_URL,		/* http or https, trailing slashes removed */
	CONF_TYPE_ISSUER,	/* the same, kept to the byte */
	CONF_TYPE_DATABASE,	/* what libpq takes; may hold a password */
	CONF_TYPE_ZONE,		/* shaped like an IANA name */
	CONF_TYPE_TOOLS,	/* names of tools, as words or with commas */
	CONF_TYPES
};

/* Programs that read an option. */
#define CONF_FOR_STDIO	0x1

struct conf_option {
	const char	*keyword;
	enum conf_type	 type;
	const char	*preset;	/* the default, or NULL */
	int64_t		 min, max;
	const char	*choices;
	const char	*environment;
	unsigned int	 used;
	const char	*description;
};

/* The row of a key; never NULL for key < CONF_KEYS. */
const struct conf_option *options_row(enum conf_key key);
/* 0 and *key, or ERR_NOT_FOUND. */
int		 options_find(const char *keyword, enum conf_key *key);
/* The keyword most like the text; NULL if none is alike. */
const char	*options_nearest(const char *text);

#endif
