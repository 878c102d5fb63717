/* SPDX-License-Identifier: MIT */
/*
 * Stands where a child's program was.  Of its starts the first SKIP become
 * the real program, the next START follow a plan, all later ones become the
 * real program again.  Built by the tests that use it, never installed.
 *
 * Beside it lie EXE.real, the program; EXE.plan, steps of one letter, a
 * number of eight bytes and that many bytes (or what the number means); and
 * EXE.N, made by the Nth start.
 *
 *	S data		send a message, header and all
 *	F data		the same, with a descriptor
 *	R number	receive so many messages
 *	H number	BOOT_READY as it should be, its hash plus number
 *	N number	repeat the next step so often
 *	X number	exit with this status
 *	A number	signal to itself
 *	C -		close the channel and stay
 */
#include <sys/socket.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHANNEL		3
#define BOOT_READY	5

static unsigned char	plan[1 << 20], message[1 << 20];
static uint64_t		hash;

static void
send_message(const unsigned char *data, size_t len, int with_fd)
{
	union {
		char		buf[CMSG_SPACE(sizeof(int))];
		struct cmsghdr	align;
	} control;
	struct iovec	 iov = { .iov_base = (void *)(uintptr_t)data,
			    .iov_len = len };
	struct msghdr	 msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr	*c;
	int		 fd = 0;

	memset(&control, 0, sizeof(control));
	if (with_fd) {
		msg.msg_control = control.buf;
		msg.msg_controllen = sizeof(control.buf);
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(fd));
		memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	}
	(void)sendmsg(CHANNEL, &msg, MSG_NOSIGNAL);
}

static void
receive_message(void)
{
	ssize_t	n = recv(CHANNEL, message, sizeof(message), 0);

	/* BOOT_HELLO comes first and begins with the table's hash. */
	if (n >= 16 && hash == 0)
		memcpy(&hash, message + 8, sizeof(hash));
	if (n <= 0)
		_exit(0);
}

static void
send_ready(uint64_t add)
{
	uint32_t	header[2] = { BOOT_READY, 8 };
	uint64_t	sum = hash + add;

	memcpy(message, header, sizeof(header));
	memcpy(message + sizeof(header), &sum, sizeof(sum));
	send_message(message, sizeof(header) + sizeof(sum), 0);
}

static void
do_step(char step, uint64_t number, const unsigned char *data)
{
	if (step == 'S' || step == 'F')
		send_message(data, number, step == 'F');
	else if (step == 'R')
		while (number-- > 0)
			receive_message();
	else if (step == 'H')
		send_ready(number);
	else if (step == 'X')
		_exit((int)number);
	else if (step == 'A')
		raise((int)number);
	else if (step == 'C')
		close(CHANNEL);
}

static void
follow(const unsigned char *p, const unsigned char *end)
{
	uint64_t	number, times = 1;
	char		step;

	while (end - p >= 9) {
		step = (char)p[0];
		memcpy(&number, p + 1, sizeof(number));
		p += 9;
		if (step == 'N') {
			times = number;
			continue;
		}
		for (; times > 0; times--)
			do_step(step, number, p);
		times = 1;
		if (step == 'S' || step == 'F')
			p += number;
	}
}

int
main(int argc, char *argv[], char *envp[])
{
	char		exe[4096], path[4200];
	ssize_t		n;
	int		fd, i;

	(void)argc;
	n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	if (n <= 0)
		return 1;
	exe[n] = '\0';
	for (i = 1; i <= SKIP + START; i++) {
		snprintf(path, sizeof(path), "%s.%d", exe, i);
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
		if (fd != -1)
			break;
	}
	if (i <= SKIP || i > SKIP + START) {
		snprintf(path, sizeof(path), "%s.real", exe);
		execve(path, argv, envp);
		return 1;
	}
	close(fd);
	snprintf(path, sizeof(path), "%s.plan", exe);
	fd = open(path, O_RDONLY);
	n = read(fd, plan, sizeof(plan));
	close(fd);
	if (n > 0)
		follow(plan, plan + n);
	for (;;)
		pause();
}
