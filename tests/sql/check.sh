#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The tests of this folder, with a PostgreSQL of their own; skipped aloud
# where there is none.
set -eu

top=$(cd "${srcdir:-.}" && pwd)
python=${PYTHON3:-/usr/bin/python3}
DB_PROBE=$(pwd)/tests/sql/db_probe
export DB_PROBE PYTHONDONTWRITEBYTECODE=1

skip()
{
	echo "SKIPPED: $*" >&2
	exit 77
}

[ -x "$("$top/tests/exchange/pg-start.sh" bindir)/initdb" ] ||
    skip "PostgreSQL's programs are not installed"
"$python" -c 'import psycopg2, pytest' 2>/dev/null ||
    skip "python3-pytest or python3-psycopg2 is not installed"
exec "$python" -m pytest -p no:cacheprovider -q -rs "$top/tests/sql"
