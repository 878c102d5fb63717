/* SPDX-License-Identifier: MIT */
/*
 * Log lines on stderr: "jhe-mcp[worker 4711]: text".  No caller passes a
 * token, a payload or patient data, at any level; there is no function that
 * prints a buffer.  Control characters in arguments are printed as '?', so
 * that no peer can forge a line.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

enum log_level {
	LOG_LEVEL_ERROR = 0,
	LOG_LEVEL_WARNING = 1,
	LOG_LEVEL_INFO = 2,
	LOG_LEVEL_DEBUG = 3
};

/* process: a literal such as "worker"; kept, not copied. */
void	log_init(const char *process, enum log_level level);
void	log_set_level(enum log_level level);
enum log_level	log_get_level(void);

/* With the text of errno. */
void	log_warn(const char *fmt, ...)
	    __attribute__((__format__(__printf__, 1, 2)));
void	log_warnx(const char *fmt, ...)
	    __attribute__((__format__(__printf__, 1, 2)));
void	log_info(const char *fmt, ...)
	    __attribute__((__format__(__printf__, 1, 2)));
void	log_debug(const char *fmt, ...)
	    __attribute__((__format__(__printf__, 1, 2)));

/* Log and _exit(1); only in process folders.  fatal adds errno's text. */
_Noreturn void	fatal(const char *fmt, ...)
	    __attribute__((__format__(__printf__, 1, 2)));
_Noreturn void	fatalx(const char *fmt, ...)
	    __attribute__((__format__(__printf__, 1, 2)));

#endif
