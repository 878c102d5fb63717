#!/bin/sh
# SPDX-License-Identifier: MIT
# Statements keep to the rules of visibility, and are the only SQL there is.
#	check-sql.sh [DIRECTORY]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "${1:-${srcdir:-.}}"
bad=0

# Rules themselves, and what only converts measurements, stand in for others.
files=$(find src/db/sql -name '*.sql' ! -path '*/rbac/*' ! -path '*/omh/*' \
    ! -path '*/layout/*' |
    LC_ALL=C sort)
${AWK:-awk} -f "$here/check-sql.awk" $files || bad=1

# A file that no local.mk names is in no build.
for file in $(find src/db/sql -name '*.sql' | LC_ALL=C sort); do
	if ! grep -qs "%D%/${file##*/}" "${file%/*}/local.mk" &&
	    ! grep -qs "$file" src/db/sql/*/local.mk; then
		echo "$file:1: not named in a local.mk"
		bad=1
	fi
done

# Text that is run must be a statement of the table: no call takes any other,
# and no text of the sources begins as one.
begins='SELECT|INSERT|UPDATE|DELETE|WITH|COPY|CALL|DO|SET|CREATE|ALTER|DROP'
begins="$begins|GRANT|TRUNCATE|PREPARE|EXECUTE|BEGIN|COMMIT"
sources=$(find src -name '*.[ch]' | LC_ALL=C sort)
made=$(grep -l 'Made by .*embed-sql\.awk' $sources || :)
for file in $sources; do
	case " $made " in *"$file"*) continue ;; esac
	if grep -nE '(^|[^A-Za-z_])PQ(exec|sendQuery)[ \t]*\(' "$file" |
	    sed "s|^|$file:|; s|\$|  <- runs any text|" | grep .; then
		bad=1
	fi
	if grep -nE "\"[ (]*($begins) " "$file" |
	    sed "s|^|$file:|; s|\$|  <- SQL in C|" | grep .; then
		bad=1
	fi
done
exit $bad
