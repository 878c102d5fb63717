/* SPDX-License-Identifier: MIT */
/* Tools about patients: get_patient_demographics. */
#ifndef TOOLS_PATIENTS_H
#define TOOLS_PATIENTS_H

struct tool_ops;

extern const struct tool_ops	patients_demographics_tool;

#endif
