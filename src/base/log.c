/* SPDX-License-Identifier: MIT */
/*
 * Log lines on stderr, each by one write(2).  Runs in every process, also
 * after the final filter: no locale, no time zone, no file.  Arguments may
 * hold bytes of a peer (a name, a reason), so control bytes are replaced.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"

#define LOG_LINE_MAX	1024

static const char	*log_process = "jhe-mcp";
static enum log_level	 log_level = LOG_LEVEL_INFO;

void
log_init(const char *process, enum log_level level)
{
	log_process = process;
	log_level = level;
}

void
log_set_level(enum log_level level)
{
	log_level = level;
}

enum log_level
log_get_level(void)
{
	return log_level;
}

static size_t
log_bound(int n, size_t room)
{
	if (n < 0)
		return 0;
	return (size_t)n < room ? (size_t)n : room - 1;
}

static void __attribute__((__format__(__printf__, 3, 0)))
log_write(enum log_level level, int code, const char *fmt, va_list ap)
{
	char	line[LOG_LINE_MAX];
	size_t	len, i, start;
	ssize_t	n;

	if (level > log_level)
		return;
	len = log_bound(snprintf(line, sizeof(line), "jhe-mcp[%s %ld]: ",
	    log_process, (long)getpid()), sizeof(line));
	start = len;
	len += log_bound(vsnprintf(line + len, sizeof(line) - len, fmt, ap),
	    sizeof(line) - len);
	if (code != 0)
		len += log_bound(snprintf(line + len, sizeof(line) - len,
		    ": %s", strerror(code)), sizeof(line) - len);
	for (i = start; i < len; i++)
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
			line[i] = '?';
	if (len > sizeof(line) - 2)
		len = sizeof(line) - 2;
	line[len++] = '\n';
	do {
		n = write(STDERR_FILENO, line, len);
	} while (n == -1 && errno == EINTR);
}

#define LOG_BODY(level, code) do {					\
	va_list	ap;							\
	int	saved = errno;						\
									\
	va_start(ap, fmt);						\
	log_write(level, code, fmt, ap);				\
	va_end(ap);							\
	errno = saved;							\
} while (0)

void
log_warn(const char *fmt, ...)
{
	LOG_BODY(LOG_LEVEL_WARNING, saved);
}

void
log_warnx(const char *fmt, ...)
{
	LOG_BODY(LOG_LEVEL_WARNING, 0);
}

void
log_info(const char *fmt, ...)
{
	LOG_BODY(LOG_LEVEL_INFO, 0);
}

void
log_debug(const char *fmt, ...)
{
	LOG_BODY(LOG_LEVEL_DEBUG, 0);
}

void
fatal(const char *fmt, ...)
{
	LOG_BODY(LOG_LEVEL_ERROR, saved);
	_exit(1);
}

void
fatalx(const char *fmt, ...)
{
	LOG_BODY(LOG_LEVEL_ERROR, 0);
	_exit(1);
}
