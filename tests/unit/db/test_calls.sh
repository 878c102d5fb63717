#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Nothing but the table of statements can be run: no call of libpq that takes
# SQL text stands anywhere but PQsendPrepare, once, with the table's text.
# Nothing that needs a new socket either, and libpq only in src/db.
set -eu
cd "${srcdir:-.}"
failures=0

names='exec|execParams|execPrepared|prepare|sendQuery|sendQueryParams|fn'
names="$names|cancel|getCancel|requestCancel|reset|resetStart|resetPoll"
names="$names|putCopyData|connectdb|connectdbParams|setdbLogin"
calls=$(grep -rnE --include='*.[ch]' "\\bPQ($names)\\b" src || :)
if [ -n "$calls" ]; then
	echo "these calls are not allowed:" >&2
	echo "$calls" >&2
	failures=1
fi
sends=$(grep -rnhE --include='*.[ch]' '\bPQsend[A-Za-z]+\(' src |
    grep -oE 'PQsend[A-Za-z]+' | sort | tr '\n' ' ')
if [ "$sends" != "PQsendPrepare PQsendQueryPrepared " ]; then
	echo "statements are sent by: $sends" >&2
	failures=1
fi
others=$(grep -rlE --include='*.[ch]' '#include <libpq' src |
    grep -v '^src/db/' || :)
others="$others$(grep -l libpq-fe src/db/db.h || :)"
if [ -n "$others" ]; then
	echo "libpq is for src/db alone: $others" >&2
	failures=1
fi
[ "$failures" -eq 0 ]
