/* SPDX-License-Identifier: MIT */
/* The tool list_study_patients: who is enrolled in a study. */
#ifndef TOOLS_ROSTER_H
#define TOOLS_ROSTER_H

struct tool_ops;

extern const struct tool_ops	roster_tool;

#endif
