/* SPDX-License-Identifier: MIT */
/*
 * What the broker may do.  It meets the answers of the exchange's web server
 * over connections that it opened while preparing; after the final filter
 * libcurl speaks TLS and HTTP over them.
 */
#include <sys/socket.h>

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>

#include "broker/sandbox.h"
#include "sandbox/sandbox.h"

#define ROW_SETSOCKOPT(level, option, why)				\
	SANDBOX_ALLOW_IF2("setsockopt", SANDBOX_IS(1, level),		\
	    SANDBOX_IS(2, option), why)

static const struct sandbox_rule broker_both[] = {
	SANDBOX_ANSWER("socketpair", ENOSYS,
	    "libcurl wants one to wake itself and does without"),
	SANDBOX_END
};

static const struct sandbox_rule broker_final[] = {
	SANDBOX_ANSWER("connect", EINPROGRESS,
	    "libcurl connects the connected socket; poll then says: done"),
	SANDBOX_ALLOW("getsockname", "libcurl: the addresses, for its log"),
	SANDBOX_ALLOW("getpeername", "the same"),
	ROW_SETSOCKOPT(IPPROTO_TCP, TCP_NODELAY, "libcurl, always"),
	SANDBOX_END
};

const struct sandbox_profile broker_sandbox = {
	.name = "broker",
	.boot = {
		broker_both,
		sandbox_list_network,
		sandbox_list_boot,
		sandbox_list_stream,
		sandbox_list_basic,
		sandbox_list_killed,
		NULL
	},
	.final = {
		broker_both,
		broker_final,
		sandbox_list_stream,
		sandbox_list_basic,
		sandbox_list_refused,
		sandbox_list_killed,
		NULL
	},
	.open_files = 32,
	.data_bytes = (uint64_t)256 << 20,
};
