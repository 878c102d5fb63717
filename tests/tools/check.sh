#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The tools on a PostgreSQL of their own, compared with SQL written without a
# look at the product's; skipped aloud where there is none.
set -eu

top=$(cd "${srcdir:-.}" && pwd)
python=${PYTHON3:-/usr/bin/python3}
TOOLS_CALL=$(pwd)/tests/tools/call
: "${EXCHANGE_GENERATIONS=${TOOLS_GENERATIONS:-2026 2026b 2026a 2025}}"
export TOOLS_CALL EXCHANGE_GENERATIONS PYTHONDONTWRITEBYTECODE=1

skip()
{
	echo "SKIPPED: $*" >&2
	exit 77
}

[ -x "$("$top/tests/exchange/pg-start.sh" bindir)/initdb" ] ||
    skip "PostgreSQL's programs are not installed"
"$python" -c 'import psycopg2, pytest' 2>/dev/null ||
    skip "python3-pytest or python3-psycopg2 is not installed"
exec "$python" -m pytest -p no:cacheprovider -q -rs "$top/tests/tools"
