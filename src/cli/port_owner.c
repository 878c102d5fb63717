/* SPDX-License-Identifier: MIT */
/*
 * The owner of a listening port, by /proc.  Runs in jhe-mcp; the names of
 * other processes are whatever they call themselves.
 */
#include <ctype.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "cli/port_owner.h"
#include "compat/compat.h"

#define PORT_OWNER_LISTENING	0x0a	/* TCP_LISTEN, as the kernel has it */
#define PORT_OWNER_SOCKETS	4	/* both families, more on one each */

/* Inodes of sockets that listen on the port. */
struct listeners {
	unsigned long	inode[PORT_OWNER_SOCKETS];
	size_t		n;
};

/* "  0: 0100007F:1F90 00000000:0000 0A ... uid timeout inode" */
static void
listeners_read_line(struct listeners *l, const char *line, uint16_t port)
{
	unsigned int	local, state;
	unsigned long	inode;

	if (sscanf(line, " %*u: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x "
	    "%*x:%*x %*x:%*x %*x %*u %*u %lu", &local, &state,
	    &inode) != 3)
		return;
	if (local == port && state == PORT_OWNER_LISTENING &&
	    l->n < PORT_OWNER_SOCKETS)
		l->inode[l->n++] = inode;
}

static void
listeners_read(struct listeners *l, const char *path, uint16_t port)
{
	char	 line[512];
	FILE	*f = fopen(path, "re");

	if (f == NULL)
		return;
	while (fgets(line, sizeof(line), f) != NULL)
		listeners_read_line(l, line, port);
	fclose(f);
}

static bool
listeners_have(const struct listeners *l, const char *link)
{
	unsigned long	inode;
	size_t		i;

	if (sscanf(link, "socket:[%lu]", &inode) != 1)
		return false;
	for (i = 0; i < l->n; i++)
		if (l->inode[i] == inode)
			return true;
	return false;
}

/* Does the process hold one of them? */
static bool
process_holds(const char *pid, const struct listeners *l)
{
	struct dirent	*entry;
	char		 path[512], link[128];
	bool		 found = false;
	ssize_t		 n;
	DIR		*dir;

	snprintf(path, sizeof(path), "/proc/%.20s/fd", pid);
	dir = opendir(path);
	if (dir == NULL)
		return false;
	while (!found && (entry = readdir(dir)) != NULL) {
		n = readlinkat(dirfd(dir), entry->d_name, link,
		    sizeof(link) - 1);
		if (n <= 0)
			continue;
		link[n] = '\0';
		found = listeners_have(l, link);
	}
	closedir(dir);
	return found;
}

static void
process_name(const char *pid, char *name, size_t size)
{
	char	 path[64];
	size_t	 i;
	FILE	*f;

	strlcpy(name, "?", size);
	snprintf(path, sizeof(path), "/proc/%.20s/comm", pid);
	f = fopen(path, "re");
	if (f == NULL)
		return;
	if (fgets(name, (int)size, f) == NULL)
		strlcpy(name, "?", size);
	fclose(f);
	name[strcspn(name, "\n")] = '\0';
	for (i = 0; name[i] != '\0'; i++)
		if (name[i] < ' ' || name[i] > '~')
			name[i] = '?';
}

int
port_owner(uint16_t port, char *text, size_t size)
{
	struct listeners	 l = { .n = 0 };
	struct dirent		*entry;
	char			 name[32];
	int			 r = ERR_NOT_FOUND;
	DIR			*dir;

	listeners_read(&l, "/proc/net/tcp", port);
	listeners_read(&l, "/proc/net/tcp6", port);
	dir = l.n > 0 ? opendir("/proc") : NULL;
	if (dir == NULL)
		return ERR_NOT_FOUND;
	while (r != 0 && (entry = readdir(dir)) != NULL) {
		if (!isdigit((unsigned char)entry->d_name[0]) ||
		    !process_holds(entry->d_name, &l))
			continue;
		process_name(entry->d_name, name, sizeof(name));
		snprintf(text, size, "taken by %s (process %.20s)", name,
		    entry->d_name);
		r = 0;
	}
	closedir(dir);
	return r;
}
