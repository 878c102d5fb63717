/* SPDX-License-Identifier: MIT */
/* The tool get_patient_observations: rows of one patient. */
#ifndef TOOLS_OBSERVATIONS_H
#define TOOLS_OBSERVATIONS_H

#include "tools/call.h"

extern const struct tool_ops observations_tool;

#endif
