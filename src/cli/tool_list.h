/* SPDX-License-Identifier: MIT */
/* The tools that a server offers, and what each takes. */
#ifndef CLI_TOOL_LIST_H
#define CLI_TOOL_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct client;
struct json_object;
struct run;
struct tool_list;

/* tools is the receiver's to be freed; NULL: it did not come. */
typedef void	tool_list_fn(void *arg, struct tool_list *tools);

/* Ask for all pages of it; fn is called once, later.  0 or an error. */
int	tool_list_ask(struct client *c, tool_list_fn *fn, void *arg);
void	tool_list_free(struct tool_list *t);

/* The i-th definition, or NULL; lent, as all that follows. */
struct json_object *tool_list_at(const struct tool_list *t, size_t i);
struct json_object *tool_list_array(const struct tool_list *t);
/* By name; NULL after it was told that there is none, and what is near. */
struct json_object *tool_list_find(const struct tool_list *t, struct run *r,
		    const char *name);
/* A member of it as text, "" if it has none. */
const char	*tool_list_text(struct json_object *tool, const char *name);

/* One argument of a tool, as far as it is shown and used. */
struct tool_argument {
	char		 type[32];	/* "integer"; "text" of a string */
	char		 choices[256];	/* by ", "; "": any */
	const char	*name;
	const char	*description;
	bool		 required;
	bool		 is_text;	/* a string, and nothing else */
};

/* The properties of its input; NULL if it has none. */
struct json_object *tool_list_arguments(struct json_object *tool);
void	tool_list_argument(struct json_object *tool, const char *name,
	    struct json_object *schema, struct tool_argument *a);

#endif
