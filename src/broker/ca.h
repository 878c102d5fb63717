/* SPDX-License-Identifier: MIT */
/* The authorities whose certificates are trusted, read in the boot phase. */
#ifndef BROKER_CA_H
#define BROKER_CA_H

struct buf;

#define CA_BYTES_MAX	(8 * 1024 * 1024)

/*
 * Append a bundle of PEM certificates.  An empty path is the bundle that
 * libcurl was built to use, the system's.  0; ERR_SYSTEM (errno tells),
 * ERR_FORMAT if no certificate is in it, ERR_LIMIT, ERR_MEMORY.
 */
int	ca_load(const char *path, struct buf *out);

#endif
