/* SPDX-License-Identifier: MIT */
/* What the gate may do: the lists, each call with its reason. */
#ifndef GATE_SANDBOX_H
#define GATE_SANDBOX_H

struct sandbox_profile;

extern const struct sandbox_profile	gate_sandbox;

#endif
