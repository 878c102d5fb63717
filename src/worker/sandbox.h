/* SPDX-License-Identifier: MIT */
/* What the worker may do: the lists, each call with its reason. */
#ifndef WORKER_SANDBOX_H
#define WORKER_SANDBOX_H

struct sandbox_profile;

extern const struct sandbox_profile	worker_sandbox;

#endif
