/* SPDX-License-Identifier: MIT */
/* Who listens on a port. */
#ifndef CLI_PORT_OWNER_H
#define CLI_PORT_OWNER_H

#include <stddef.h>
#include <stdint.h>

/*
 * "taken by NAME (process 4711)" for a TCP port of this computer, into
 * text[size]; the name is cleaned.  0, or ERR_NOT_FOUND: nobody whose
 * descriptors we may see.
 */
int	port_owner(uint16_t port, char *text, size_t size);

#endif
