#!/bin/sh
# SPDX-License-Identifier: MIT
# Documents are complete.	check-docs.sh [DIRECTORY]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "${1:-${srcdir:-.}}"
# Tables first: documents are judged by them.
set --
for file in src/conf/options.def src/ipc/messages.def src/cli/commands.def \
    src/tools/definitions/*.json man/*.[1-8] etc/jhe-mcp.conf; do
	test ! -f "$file" || set -- "$@" "$file"
done
exec ${AWK:-awk} -f "$here/check-docs.awk" "$@" /dev/null
