/* SPDX-License-Identifier: MIT */
/* Tools about studies: get_study_count, list_studies, get_study_metadata. */
#ifndef TOOLS_STUDIES_H
#define TOOLS_STUDIES_H

struct tool_ops;

extern const struct tool_ops	studies_count_tool;
extern const struct tool_ops	studies_list_tool;
extern const struct tool_ops	studies_metadata_tool;

#endif
