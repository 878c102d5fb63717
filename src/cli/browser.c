/* SPDX-License-Identifier: MIT */
/*
 * Starting the user's browser.  Runs in the user's program, during a login.
 * The URL holds what discovery said of the exchange, so it is checked before
 * it becomes a word of a command; $BROWSER is the user's own.
 */
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "cli/browser.h"
#include "compat/compat.h"

#define BROWSER_URL_MAX		8192
#define BROWSER_COMMANDS_MAX	8
#define BROWSER_WORDS_MAX	16
#define BROWSER_LAST		"xdg-open"

/* One command: words with their NULs, and where they begin. */
struct browser_command {
	struct buf	 text;
	char		*argv[BROWSER_WORDS_MAX + 1];
};

struct browser_list {
	struct browser_command	command[BROWSER_COMMANDS_MAX];
	size_t			count;
};

static bool
browser_url_ok(const char *url)
{
	size_t	i, len = strlen(url);

	if (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0)
		return false;
	if (len > BROWSER_URL_MAX)
		return false;
	for (i = 0; i < len; i++)
		if (url[i] <= ' ' || url[i] >= 0x7f || url[i] == '"' ||
		    url[i] == '\\')
			return false;
	return true;
}

/* A word of a command, each %s the URL; true if there was one. */
static bool
browser_add_word(struct buf *text, const char *word, size_t len,
    const char *url)
{
	bool	found = false;
	size_t	i = 0;

	while (i < len) {
		if (len - i >= 2 && word[i] == '%' && word[i + 1] == 's') {
			buf_adds(text, url);
			found = true;
			i += 2;
		} else
			buf_addc(text, word[i++]);
	}
	buf_addc(text, '\0');
	return found;
}

/* Split len bytes into words; 0, ERR_NOT_FOUND if there is none, or so. */
static int
browser_parse(struct browser_command *c, const char *s, size_t len,
    const char *url)
{
	static const char	blank[] = " \t";
	bool			found = false;
	size_t			i = 0, n, words = 0, at = 0;

	while (i < len) {
		n = strspn(s + i, blank);
		i += n > len - i ? len - i : n;
		n = strcspn(s + i, blank);
		n = n > len - i ? len - i : n;
		if (n == 0)
			break;
		/* One place is for the URL. */
		if (++words == BROWSER_WORDS_MAX)
			return ERR_LIMIT;
		found |= browser_add_word(&c->text, s + i, n, url);
		i += n;
	}
	if (words == 0)
		return ERR_NOT_FOUND;
	if (!found) {
		buf_add(&c->text, url, strlen(url) + 1);
		words++;
	}
	if (buf_error(&c->text) != 0)
		return buf_error(&c->text);
	for (i = 0; i < words; i++) {
		c->argv[i] = c->text.data + at;
		at += strlen(c->argv[i]) + 1;
	}
	return 0;
}

static int
browser_list_add(struct browser_list *list, const char *s, size_t len,
    const char *url)
{
	struct browser_command	*c;
	int			 r;

	if (list->count == BROWSER_COMMANDS_MAX)
		return 0;
	c = &list->command[list->count];
	memset(c, 0, sizeof(*c));
	buf_init(&c->text, (size_t)BROWSER_WORDS_MAX * BROWSER_URL_MAX);
	r = browser_parse(c, s, len, url);
	if (r != 0) {
		buf_free(&c->text);
		/* A command that cannot be used is passed over. */
		return r == ERR_MEMORY ? r : 0;
	}
	list->count++;
	return 0;
}

static int
browser_list_make(struct browser_list *list, const char *url)
{
	const char	*s = getenv("BROWSER");
	size_t		 n;
	int		 r = 0;

	list->count = 0;
	while (r == 0 && s != NULL && *s != '\0' &&
	    list->count < BROWSER_COMMANDS_MAX - 1) {
		n = strcspn(s, ":");
		r = browser_list_add(list, s, n, url);
		s += s[n] == ':' ? n + 1 : n;
	}
	return r != 0 ? r : browser_list_add(list, BROWSER_LAST,
	    strlen(BROWSER_LAST), url);
}

/* Between fork and exec: only what is safe there. */
static void
browser_settle(int report_fd)
{
	struct sigaction	sa = { .sa_handler = SIG_DFL };
	sigset_t		none;
	int			sig, null;

	for (sig = 1; sig < NSIG; sig++)
		sigaction(sig, &sa, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	null = open("/dev/null", O_RDWR);
	if (null == -1)
		_exit(1);
	if (fcntl(STDERR_FILENO, F_GETFD) == -1)
		dup2(null, STDERR_FILENO);
	/* Standard output is for messages of the protocol alone. */
	if (dup2(null, STDIN_FILENO) == -1 ||
	    dup2(STDERR_FILENO, STDOUT_FILENO) == -1)
		_exit(1);
	close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
	fcntl(report_fd, F_SETFD, FD_CLOEXEC);
}

static _Noreturn void
browser_run(const struct browser_list *list, int report_fd)
{
	size_t	i;

	browser_settle(report_fd);
	for (i = 0; i < list->count; i++)
		execvp(list->command[i].argv[0], list->command[i].argv);
	/* Silence, and the end of the pipe by exec, is success. */
	while (write(report_fd, "", 1) == -1 && errno == EINTR)
		continue;
	_exit(127);
}

/* Twice forked, so that nobody has to wait for the browser's end. */
static _Noreturn void
browser_detach(const struct browser_list *list, int report_fd)
{
	pid_t	pid;

	setsid();
	pid = fork();
	if (pid == 0)
		browser_run(list, report_fd);
	_exit(pid == -1 ? 1 : 0);
}

static int
browser_wait(pid_t pid, int fd)
{
	int	status;
	pid_t	r;
	ssize_t	n;
	char	c;

	do
		r = waitpid(pid, &status, 0);
	while (r == -1 && errno == EINTR);
	/* With SIGCHLD ignored there is no status; then the pipe tells. */
	if (r == pid && status != 0)
		return ERR_SYSTEM;
	do
		n = read(fd, &c, 1);
	while (n == -1 && errno == EINTR);
	return n == 0 ? 0 : ERR_NOT_FOUND;
}

static int
browser_start(const struct browser_list *list)
{
	int	fds[2], r;
	pid_t	pid;

	if (pipe2(fds, O_CLOEXEC) == -1)
		return ERR_SYSTEM;
	pid = fork();
	if (pid == 0)
		browser_detach(list, fds[1]);
	fd_close(&fds[1]);
	r = pid == -1 ? ERR_SYSTEM : browser_wait(pid, fds[0]);
	fd_close(&fds[0]);
	return r;
}

int
browser_open(const char *url)
{
	struct browser_list	*list;
	size_t			 i;
	int			 r;

	if (!browser_url_ok(url))
		return ERR_FORMAT;
	list = calloc(1, sizeof(*list));
	if (list == NULL)
		return ERR_MEMORY;
	r = browser_list_make(list, url);
	if (r == 0)
		r = browser_start(list);
	for (i = 0; i < list->count; i++)
		buf_free(&list->command[i].text);
	free(list);
	return r;
}

/* As execvp(3) looks for it. */
static bool
browser_is_there(const char *name)
{
	const char	*path = getenv("PATH");
	char		 file[4096];
	size_t		 n;

	if (strchr(name, '/') != NULL)
		return access(name, X_OK) == 0;
	if (path == NULL)
		path = "/bin:/usr/bin";
	for (; *path != '\0'; path += n + (path[n] == ':')) {
		n = strcspn(path, ":");
		if (snprintf(file, sizeof(file), "%.*s/%s", (int)n, path,
		    name) < (int)sizeof(file) && access(file, X_OK) == 0)
			return true;
	}
	return false;
}

int
browser_find(char *name, size_t size)
{
	struct browser_list	*list = calloc(1, sizeof(*list));
	size_t			 i;
	int			 r;

	if (list == NULL)
		return ERR_MEMORY;
	r = browser_list_make(list, "http://localhost/");
	if (r == 0)
		r = ERR_NOT_FOUND;
	for (i = 0; i < list->count; i++) {
		if (r == ERR_NOT_FOUND &&
		    browser_is_there(list->command[i].argv[0])) {
			strlcpy(name, list->command[i].argv[0], size);
			r = 0;
		}
		buf_free(&list->command[i].text);
	}
	free(list);
	return r;
}
