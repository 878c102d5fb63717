/* SPDX-License-Identifier: MIT */
/*
 * Reading the CA bundle.  Runs in the broker before its final filter; the
 * file is the administrator's.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <curl/curl.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "broker/ca.h"

#define CA_READ_BYTES	65536

static int
ca_read(int fd, struct buf *out)
{
	ssize_t	n;

	do {
		if (buf_reserve(out, CA_READ_BYTES) != 0)
			return buf_error(out);
		n = read(fd, out->data + out->len, CA_READ_BYTES);
		if (n > 0) {
			out->len += (size_t)n;
			out->data[out->len] = '\0';
		}
	} while (n > 0 || (n == -1 && errno == EINTR));
	return n == 0 ? 0 : ERR_SYSTEM;
}

int
ca_load(const char *path, struct buf *out)
{
	int	fd, r;

	if (path[0] == '\0')
		path = curl_version_info(CURLVERSION_NOW)->cainfo;
	if (path == NULL) {
		errno = ENOENT;
		return ERR_SYSTEM;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return ERR_SYSTEM;
	r = ca_read(fd, out);
	fd_close(&fd);
	if (r == 0 && strstr(buf_string(out), "-----BEGIN ") == NULL)
		r = ERR_FORMAT;
	return r;
}
