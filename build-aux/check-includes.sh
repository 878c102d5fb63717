#!/bin/sh
# SPDX-License-Identifier: MIT
# Include directions of src/.	check-includes.sh [DIRECTORY]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "${1:-${srcdir:-.}}"
exec ${AWK:-awk} -f "$here/check-includes.awk" \
    $(find src -name '*.[ch]' -o -name '*.def' | LC_ALL=C sort)
