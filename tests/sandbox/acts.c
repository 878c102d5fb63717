/* SPDX-License-Identifier: MIT */
/*
 * What the probe tries by functions rather than by one call: mostly what
 * must go on working in a sandbox.  Check-only.
 */
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fd.h"
#include "base/log.h"
#include "probe.h"

#define ACT_LARGE	((size_t)20 << 20)
#define ACT_SORTED	100000

int
act_malloc(void)
{
	char	*p = malloc(ACT_LARGE), *q;

	if (p == NULL)
		return errno;
	memset(p, 1, ACT_LARGE);
	q = realloc(p, ACT_LARGE * 2);
	if (q == NULL) {
		free(p);
		return errno;
	}
	memset(q, 2, ACT_LARGE * 2);
	free(q);
	return 0;
}

int
act_malloc_limit(void)
{
	volatile char	*p = malloc((size_t)1 << 30);

	if (p == NULL)
		return errno;
	p[0] = 'x';
	return 0;
}

int
act_poll(void)
{
	struct pollfd	pfd = { .fd = PROBE_PAIR_A, .events = POLLOUT };

	if (poll(&pfd, 1, 10) != 1)
		return errno != 0 ? errno : EIO;
	return 0;
}

/* Bytes through the socket pair, by each of the calls for it. */
int
act_pipe(void)
{
	char	text[4] = "";

	if (write(PROBE_PAIR_A, "ab", 2) != 2 ||
	    send(PROBE_PAIR_A, "c", 1, MSG_NOSIGNAL) != 1 ||
	    recv(PROBE_PAIR_B, text, 1, MSG_PEEK) != 1 ||
	    read(PROBE_PAIR_B, text, 3) < 1)
		return errno;
	return text[0] == 'a' ? 0 : EIO;
}

int
act_random(void)
{
	char	bytes[32];

	return getrandom(bytes, sizeof(bytes), 0) == sizeof(bytes) ?
	    0 : errno;
}

int
act_abort(void)
{
	abort();
}

int
act_log(void)
{
	log_warnx("the probe writes a line");
	return 0;
}

static int
act_compare(const void *a, const void *b)
{
	const uint32_t	*x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

int
act_sort(void)
{
	uint32_t	*list = calloc(ACT_SORTED, sizeof(*list));
	size_t		 i;
	int		 result = 0;

	if (list == NULL)
		return errno;
	for (i = 0; i < ACT_SORTED; i++)
		list[i] = (uint32_t)(i * 2654435761U);
	qsort(list, ACT_SORTED, sizeof(*list), act_compare);
	for (i = 1; i < ACT_SORTED; i++)
		if (list[i - 1] > list[i])
			result = EIO;
	free(list);
	return result;
}

int
act_sleep(void)
{
	struct timespec	ts = { 0, 1000000 };

	return nanosleep(&ts, NULL) == 0 ? 0 : errno;
}

static int
act_send_descriptor(int fd)
{
	union {
		struct cmsghdr	header;
		char		bytes[CMSG_SPACE(sizeof(int))];
	} control = { .bytes = "" };
	char		 one = 'x';
	struct iovec	 iov = { &one, 1 };
	struct msghdr	 msg = { .msg_iov = &iov, .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = sizeof(control) };

	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	return sendmsg(PROBE_PAIR_A, &msg, MSG_NOSIGNAL) == 1 ? 0 : errno;
}

static int
act_receive_descriptor(int *fd)
{
	union {
		struct cmsghdr	header;
		char		bytes[CMSG_SPACE(sizeof(int))];
	} control = { .bytes = "" };
	char		 one;
	struct iovec	 iov = { &one, 1 };
	struct msghdr	 msg = { .msg_iov = &iov, .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = sizeof(control) };

	if (recvmsg(PROBE_PAIR_B, &msg, MSG_CMSG_CLOEXEC) != 1)
		return errno;
	if (msg.msg_controllen < CMSG_LEN(sizeof(int)))
		return EIO;
	memcpy(fd, CMSG_DATA(&control.header), sizeof(*fd));
	return 0;
}

/* A memory file: made, sealed, sent over a socket, received, read. */
int
act_memory_file(void)
{
	struct buf	 text;
	int		 fd = fd_memory_file("probe", "hello", 5);
	int		 result;

	if (fd < 0)
		return errno;
	result = act_send_descriptor(fd);
	close(fd);
	if (result == 0)
		result = act_receive_descriptor(&fd);
	if (result != 0)
		return result;
	buf_init(&text, 100);
	if (fd_read_memory_file(fd, 100, &text) != 0)
		result = errno;
	else if (strcmp(buf_string(&text), "hello") != 0)
		result = EIO;
	buf_free(&text);
	close(fd);
	return result;
}

int
act_nonblock(void)
{
	return fd_set_nonblock(PROBE_PAIR_A) == 0 ? 0 : errno;
}

int
act_libc_fork(void)
{
	pid_t	pid = fork();

	if (pid == 0)
		_exit(0);
	return pid == -1 ? errno : 0;
}

int
act_libc_system(void)
{
	int	status;

	errno = 0;
	status = system("exit 0");
	return status == -1 ? errno : 0;
}

static void *
act_thread(void *arg)
{
	return arg;
}

int
act_libc_thread(void)
{
	pthread_t	thread;
	int		error = pthread_create(&thread, NULL, act_thread, NULL);

	if (error == 0)
		pthread_join(thread, NULL);
	return error;
}

/* stdio allocates its buffer and asks what the descriptor is. */
int
act_stdio(void)
{
	FILE	*f = fdopen(PROBE_PAIR_A, "w");

	if (f == NULL)
		return errno;
	if (fprintf(f, "%d %s %.3f\n", 1, "two", 3.0) < 0 || fflush(f) != 0)
		return errno;
	return 0;
}

#ifdef __x86_64__
/* getpid by its number of the x32 ABI. */
int
act_x32(void)
{
	return syscall(0x40000000 | 39) == -1 ? errno : 0;
}

/* getpid by the 32-bit gate: another table of calls. */
int
act_ia32(void)
{
	long	result;

	__asm__ volatile("int $0x80" : "=a"(result) : "a"(20L) : "memory",
	    "r8", "r9", "r10", "r11");
	return result < 0 ? (int)-result : 0;
}
#endif
