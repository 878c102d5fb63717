/* SPDX-License-Identifier: MIT */
/*
 * What the worker may do.  It meets a client's bytes and the database's:
 * after the final filter it has its sockets, memory and the time, and hands
 * its client over by messages with descriptors and sealed memory files.
 */
#include <sys/mman.h>

#include <fcntl.h>
#include <stddef.h>

#include "sandbox/sandbox.h"
#include "worker/sandbox.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL	0x0008U
#endif

#define WORKER_MEMFD	(MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL)

#define ROW_FCNTL(name, command, why)					\
	SANDBOX_ALLOW_IF(name, SANDBOX_IS(1, command), why)

static const struct sandbox_rule worker_final[] = {
	SANDBOX_ALLOW_IF("memfd_create", SANDBOX_ONLY(1, WORKER_MEMFD),
	    "hand-over of more than a message holds"),
	SANDBOX_ALLOW("pread64", "hand-over: reading the memory file"),
	SANDBOX_ALLOW("lseek", "hand-over: how large the memory file is"),
	SANDBOX_ALLOW("_llseek", "the same on 32 bit"),
	ROW_FCNTL("fcntl", F_ADD_SEALS, "hand-over: sealing it"),
	ROW_FCNTL("fcntl", F_GET_SEALS, "hand-over: is it sealed"),
	ROW_FCNTL("fcntl", F_GETFL, "blocking or not"),
	SANDBOX_ALLOW_IF2("fcntl", SANDBOX_IS(1, F_SETFL),
	    SANDBOX_WITHOUT(2, O_ASYNC), "the same; no signals to owners"),
	ROW_FCNTL("fcntl", F_GETFD, "close-on-exec of received ones"),
	ROW_FCNTL("fcntl", F_SETFD, "the same"),
	ROW_FCNTL("fcntl64", F_ADD_SEALS, "fcntl on 32 bit"),
	ROW_FCNTL("fcntl64", F_GET_SEALS, "the same"),
	ROW_FCNTL("fcntl64", F_GETFL, "the same"),
	SANDBOX_ALLOW_IF2("fcntl64", SANDBOX_IS(1, F_SETFL),
	    SANDBOX_WITHOUT(2, O_ASYNC), "the same"),
	ROW_FCNTL("fcntl64", F_GETFD, "the same"),
	ROW_FCNTL("fcntl64", F_SETFD, "the same"),
	SANDBOX_END
};

const struct sandbox_profile worker_sandbox = {
	.name = "worker",
	.boot = {
		sandbox_list_network,
		sandbox_list_boot,
		worker_final,
		sandbox_list_stream,
		sandbox_list_basic,
		sandbox_list_killed,
		NULL
	},
	.final = {
		worker_final,
		sandbox_list_stream,
		sandbox_list_basic,
		sandbox_list_refused,
		sandbox_list_killed,
		NULL
	},
	.open_files = 64,
	.data_bytes = (uint64_t)512 << 20,
};
