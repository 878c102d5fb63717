/* SPDX-License-Identifier: MIT */
/*
 * One pass over a line before json-c sees it: RFC 8259 to the letter, UTF-8,
 * limits, and the raw bytes of what must go back as it came.
 *
 * A fault is hard if the line cannot be understood (syntax, UTF-8, depth):
 * nothing else is known of it then.  After a soft fault (a number beyond
 * 64 bits, a lone surrogate, U+0000, a string or a number of members over
 * the limit, a member given twice) the pass goes on, so that the refusal can
 * carry the id and the client does not wait for ever.
 *
 * Members the protocol reads (the top level's; of params: _meta, argument,
 * arguments, capabilities, clientInfo, cursor, name, notifications,
 * protocolVersion, ref, requestId, uri; of _meta: progressToken and those of
 * mcp/meta.h) may not be given twice.  Elsewhere the last one counts, as
 * json-c has it.
 *
 * Of an array only the syntax and the limits are looked at: its elements are
 * messages, each to be scanned by itself.
 */
#ifndef MCP_SCAN_H
#define MCP_SCAN_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of a line without its newline: the most a caller may allow. */
#define MCP_LINE_MAX	(64 * 1024 * 1024)
/* Objects and arrays within each other. */
#define MCP_DEPTH_MAX	64
/* Members of all objects and elements of all arrays of a line. */
#define MCP_COUNT_MAX	16384
/* Bytes of one string as it is written, escapes included. */
#define MCP_STRING_MAX	(1024 * 1024)
/* Bytes of a number, the id and the progress token excepted. */
#define MCP_NUMBER_MAX	128
/* Raw bytes of an id or a progress token, a string's quotes included. */
#define MCP_ID_MAX	256

enum mcp_fault {
	MCP_FAULT_NONE = 0,
	/* hard */
	MCP_FAULT_SYNTAX,
	MCP_FAULT_UTF8,
	MCP_FAULT_DEPTH,
	MCP_FAULT_LINE,		/* longer than the caller allows */
	/* soft; the first goes before the others, it holds for an array too */
	MCP_FAULT_COUNT,
	MCP_FAULT_STRING,
	MCP_FAULT_NUMBER,	/* outside int64_t, or no finite double */
	MCP_FAULT_SURROGATE,
	MCP_FAULT_NUL,
	MCP_FAULT_DUPLICATE
};

enum mcp_shape {
	MCP_SHAPE_BLANK,	/* white space only */
	MCP_SHAPE_OBJECT,
	MCP_SHAPE_ARRAY,
	MCP_SHAPE_OTHER		/* a string, a number, a literal */
};

/* Which top-level members there are. */
#define MCP_HAS_JSONRPC	0x01u
#define MCP_HAS_ID	0x02u
#define MCP_HAS_METHOD	0x04u
#define MCP_HAS_PARAMS	0x08u
#define MCP_HAS_RESULT	0x10u
#define MCP_HAS_ERROR	0x20u

/* Bytes of the line, as they are there. */
struct mcp_slice {
	const char	*data;		/* NULL: not there, or not usable */
	size_t		 len;
};

struct mcp_scan {
	enum mcp_fault	 fault;		/* the first one, but for COUNT */
	enum mcp_shape	 shape;
	unsigned int	 has;		/* MCP_HAS_ */
	/*
	 * An integer or a string of at most MCP_ID_MAX bytes; anything else
	 * that was given (a fraction, null, an object) is not usable.
	 */
	struct mcp_slice id;
	struct mcp_slice progress_token; /* params._meta.progressToken */
	struct mcp_slice request_id;	/* params.requestId */
};

/*
 * Look at len bytes; they need no NUL.  The slices point into the line.  Of
 * a line longer than line_max (or MCP_LINE_MAX) only the length is looked at.
 */
void	mcp_scan_line(const char *line, size_t len, size_t line_max,
	    struct mcp_scan *scan);
/*
 * The next element of an array in which the scan found no hard fault; *at is
 * 0 for the first one and moved on.  False: there is none.
 */
bool	mcp_scan_element(const struct mcp_slice *array, size_t *at,
	    struct mcp_slice *element);
/* True if len bytes are what may stand as an id: see struct mcp_scan. */
bool	mcp_scan_is_id(const char *raw, size_t len);

#endif
