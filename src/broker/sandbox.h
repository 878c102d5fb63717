/* SPDX-License-Identifier: MIT */
/* What the broker may do: the lists, each call with its reason. */
#ifndef BROKER_SANDBOX_H
#define BROKER_SANDBOX_H

struct sandbox_profile;

extern const struct sandbox_profile	broker_sandbox;

#endif
