/* SPDX-License-Identifier: MIT */
/*
 * Starts an MCP server on stdio and takes times.
 *
 *	client REQUESTS COMMAND [ARGUMENT ...]
 *
 * Of REQUESTS each line is a request behind its id: "method":...,"params":...}
 * The first is sent at once; what its answer took, counted from before the
 * server was started, is the first line printed.  Then each line "INDEX COUNT"
 * read sends that request so many times, one after the other, and prints what
 * each took; COUNT 0 prints one answer itself.  At the end of the input the
 * server's input is closed, and what it and the children it waited for used of
 * the processor is printed.  Times are nanoseconds.
 */
#include <sys/resource.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define REQUESTS_MAX	256

extern char	**environ;

static char	*requests[REQUESTS_MAX];
static size_t	 nrequests;
static int	 in_fd, out_fd;
static char	*answer;
static size_t	 answer_size, answer_len;

static int64_t
now_ns(void)
{
	struct timespec	ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static void
read_requests(const char *path)
{
	FILE	*f = fopen(path, "re");
	size_t	 size;
	ssize_t	 len;

	if (f == NULL)
		err(1, "%s", path);
	while (nrequests < REQUESTS_MAX) {
		size = 0;
		len = getline(&requests[nrequests], &size, f);
		if (len <= 0)
			break;
		nrequests++;
	}
	fclose(f);
	if (nrequests == 0)
		errx(1, "%s: no requests", path);
}

static pid_t
start(char **argv)
{
	posix_spawn_file_actions_t	actions;
	int				in[2], out[2];
	pid_t				pid;

	if (pipe2(in, O_CLOEXEC) == -1 || pipe2(out, O_CLOEXEC) == -1)
		err(1, "pipe");
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in[0], 0);
	posix_spawn_file_actions_adddup2(&actions, out[1], 1);
	if ((errno = posix_spawnp(&pid, argv[0], &actions, NULL, argv,
	    environ)) != 0)
		err(1, "%s", argv[0]);
	posix_spawn_file_actions_destroy(&actions);
	close(in[0]);
	close(out[1]);
	in_fd = in[1];
	out_fd = out[0];
	return pid;
}

static void
send_text(const char *text, size_t len)
{
	ssize_t	n;

	while (len > 0) {
		if ((n = write(in_fd, text, len)) <= 0)
			err(1, "the server reads no more");
		text += n;
		len -= (size_t)n;
	}
}

static void
send_request(size_t index)
{
	static int64_t	 id;
	char		*text;
	int		 len;

	len = asprintf(&text, "{\"jsonrpc\":\"2.0\",\"id\":%" PRId64 ",%s",
	    ++id, requests[index]);
	if (len == -1)
		err(1, "request");
	send_text(text, (size_t)len);
	free(text);
}

static bool
is_notification(void)
{
	static const char *const	begins[] = {
		"{\"jsonrpc\":\"2.0\",\"method\":", "{\"method\":",
	};
	size_t				i;

	for (i = 0; i < sizeof(begins) / sizeof(begins[0]); i++)
		if (strncmp(answer, begins[i], strlen(begins[i])) == 0)
			return true;
	return false;
}

static void
read_some(void)
{
	ssize_t	n;

	if (answer_size - answer_len < 65536) {
		answer_size = answer_size * 2 + 131072;
		answer = realloc(answer, answer_size);
		if (answer == NULL)
			err(1, "answer");
	}
	n = read(out_fd, answer + answer_len, answer_size - answer_len - 1);
	if (n <= 0)
		errx(1, "the server ended");
	answer_len += (size_t)n;
}

/* One message at a time: nobody sends ahead, so each ends what was read. */
static void
read_answer(void)
{
	do {
		answer_len = 0;
		do
			read_some();
		while (answer[answer_len - 1] != '\n');
		answer[answer_len] = '\0';
	} while (is_notification());
}

static void
run(size_t index, int count)
{
	int64_t	begun;
	int	i;

	if (index >= nrequests)
		errx(1, "no request %zu", index);
	if (count == 0) {
		send_request(index);
		read_answer();
		fputs(answer, stdout);
	}
	for (i = 0; i < count; i++) {
		begun = now_ns();
		send_request(index);
		read_answer();
		printf("%" PRId64 "\n", now_ns() - begun);
	}
	fflush(stdout);
}

int
main(int argc, char *argv[])
{
	static const char	started[] = "{\"jsonrpc\":\"2.0\",\"method\":"
				    "\"notifications/initialized\"}\n";
	struct rusage		usage;
	int64_t			begun;
	size_t			index;
	pid_t			pid;
	int			count;

	if (argc < 3)
		errx(1, "usage: client REQUESTS COMMAND [ARGUMENT ...]");
	read_requests(argv[1]);
	begun = now_ns();
	pid = start(argv + 2);
	send_request(0);
	read_answer();
	printf("%" PRId64 "\n", now_ns() - begun);
	fflush(stdout);
	send_text(started, sizeof(started) - 1);
	while (scanf("%zu %d", &index, &count) == 2)
		run(index, count);
	close(in_fd);
	if (wait4(pid, NULL, 0, &usage) != pid)
		err(1, "wait");
	printf("%" PRId64 "\n", ((int64_t)usage.ru_utime.tv_sec +
	    usage.ru_stime.tv_sec) * 1000000000 +
	    ((int64_t)usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000);
	return 0;
}
