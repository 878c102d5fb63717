/* SPDX-License-Identifier: MIT */
/*
 * What the gate may do.  It meets a stranger's bytes and needs nothing but
 * its two sockets: it prepares nothing, so already its boot filter has no
 * network.
 */
#include <stddef.h>

#include "gate/sandbox.h"
#include "sandbox/sandbox.h"

const struct sandbox_profile gate_sandbox = {
	.name = "gate",
	.boot = {
		sandbox_list_boot,
		sandbox_list_stream,
		sandbox_list_basic,
		sandbox_list_killed,
		NULL
	},
	.final = {
		sandbox_list_stream,
		sandbox_list_basic,
		sandbox_list_refused,
		sandbox_list_killed,
		NULL
	},
	.open_files = 16,
	.data_bytes = (uint64_t)64 << 20,
};
