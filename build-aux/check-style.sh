#!/bin/sh
# SPDX-License-Identifier: MIT
# The limits of the house style.	check-style.sh [DIRECTORY]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "${1:-${srcdir:-.}}"
dirs=
for dir in src tests bench build-aux scripts; do
	test ! -d "$dir" || dirs="$dirs $dir"
done
exec ${AWK:-awk} -f "$here/check-style.awk" $(find $dirs -type f \
    \( -name '*.[ch]' -o -name '*.def' -o -name '*.awk' -o -name '*.sh' \
    -o -name '*.py' -o -name '*.sql' -o -name '*.psql' -o -path 'scripts/*' \) \
    ! -name 'local.mk' ! -path '*/node_modules/*' ! -path '*/.*' \
    | LC_ALL=C sort)
