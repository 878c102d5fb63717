/* SPDX-License-Identifier: MIT */
/* The tool get_study_consents. */
#ifndef TOOLS_CONSENTS_H
#define TOOLS_CONSENTS_H

struct tool_ops;

extern const struct tool_ops	consents_tool;

#endif
