#!/bin/sh
# SPDX-License-Identifier: MIT
# Each check can fail: a tree with one fault, and the fault must be told.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
bad=0
ran=0

# An innocent tree to put one fault into.
fresh()
{
	rm -rf "$tmp/tree"
	mkdir -p "$tmp/tree"
	cd "$tmp/tree"
	mkdir -p src/base src/db/sql/study src/db/sql/rbac src/conf src/ipc \
	    src/cli src/tools/definitions src/sandbox src/worker src/gate \
	    src/oauth tests scripts build-aux man etc
	spdx='/* SPDX-License-Identifier: MIT */'
	cat >src/base/good.c <<-EOF
	$spdx
	#include <string.h>

	#include "base/good.h"

	/* strcpy(a, b) in a comment, sprintf( too. */
	int
	good_size(const char *s)
	{
		if (s == "strcpy(") {
			return 1;
		}
		return (int)strlen(s);
	}
	EOF
	echo "$spdx" >src/base/good.h
	{
		printf '%s\nOPTION("colour", COLOUR, STRING, ' "$spdx"
		echo '"red", 1, 9, NULL, "JHE_COLOUR", STDIO, "hue")'
	} >src/conf/options.def
	printf '%s\n' "$spdx" 'M(BOOT_HELLO, 1, IPC_MASTER)' \
	    >src/ipc/messages.def
	printf '%s\n' "$spdx" 'COMMAND("stdio", command_stdio,' \
	    >src/cli/commands.def
	echo '{' >src/tools/definitions/get_study_count.json
	echo '#colour red' >etc/jhe-mcp.conf
	page jhe-mcp.conf 5 '.It Ic colour Ar hue' '.It Ev JHE_COLOUR'
	page jhe-mcp-ipc 7 '.It Dv BOOT_HELLO'
	page jhe-mcp 1 '.It Cm stdio'
	page jhe-mcp-tools 7 '.It Ic get_study_count'
	printf '%s\n' '-- SPDX-License-Identifier: MIT' 'PREPARE c AS' \
	    'SELECT count(*) FROM public.core_study s WHERE :study_mine;' \
	    >src/db/sql/study/count.sql
	echo 'db_statements += %D%/count.sql' >src/db/sql/study/local.mk
}

page()
{
	name=$1
	section=$2
	shift 2
	{
		printf '%s\n' '.\" SPDX-License-Identifier: MIT' \
		    '.Dd August 21, 2026' ".Dt $(echo "$name" |
		    tr a-z A-Z) $section" '.Os' '.Sh NAME' ".Nm $name" \
		    '.Nd a page' '.Sh DESCRIPTION' '.Bl -tag -width Ds'
		for item; do
			printf '%s\n' "$item" 'Text.'
		done
		printf '%s\n' '.El'
	} >"man/$name.$section"
}

# expect CHECK STATUS TEXT: the check in the tree, and what it must say.
expect()
{
	ran=$((ran + 1))
	status=0
	"$here/check-$1.sh" "$tmp/tree" >"$tmp/out" 2>&1 || status=$?
	if [ "$status" -eq 77 ]; then
		echo "SKIP: check-$1.sh cannot run here"
	elif [ "$status" -ne "$2" ] ||
	    { [ -n "$3" ] && ! grep -qF -e "$3" "$tmp/out"; }; then
		echo "check-$1.sh: status $status, should be $2, with: $3"
		cat "$tmp/out"
		bad=1
	fi
}

add()
{
	file=$1
	shift
	printf '%s\n' "$@" >>"$file"
}

all="includes style docs sql man"
for check in $all; do
	fresh
	expect "$check" 0 ''
done

# --- Includes ---------------------------------------------------------------
include_fails()
{
	fresh
	mkdir -p "${1%/*}"
	add "$1" '/* SPDX-License-Identifier: MIT */' "#include $2"
	expect includes 1 "$1:2:"
}
include_fails src/base/bad.c '"ipc/ipc.h"'
include_fails src/ipc/bad.c '"sandbox/sandbox.h"'
include_fails src/worker/bad.c '"gate/gate.h"'
include_fails src/oauth/bad.c '"worker/worker.h"'
include_fails src/oauth/bad.c '<json-c/json.h>'
include_fails src/gate/bad.c '<openssl/evp.h>'
include_fails src/worker/bad.c '<libpq-fe.h>'
include_fails src/worker/bad.c '"db/private.h"'
include_fails src/worker/bad.c '"oauth/jwt.h"'
include_fails src/db/db.h '<libpq-fe.h>'
include_fails src/mcp/bad.c '"http/request.h"'
include_fails src/tools/bad.c '<curl/curl.h>'
include_fails src/worker/bad.c '<seccomp.h>'
include_fails src/worker/bad.c '<linux/seccomp.h>'
include_fails src/base/bad.c '"good.h"'
fresh
mkdir src/strange
add src/strange/a.c '/* SPDX-License-Identifier: MIT */'
expect includes 1 'folder without a row'

# --- Style ------------------------------------------------------------------
style_fails()
{
	expect style 1 "$1"
}
body()
{
	fresh
	add src/base/good.c 'void' 'bad(void)' '{' "$@" '}'
}
tab=$(printf '\t')
fresh; echo 'int x;' >src/base/bad.h
style_fails 'bad.h:1: no SPDX'
fresh; add src/base/good.c "$(printf '%081d' 0)"
style_fails 'good.c:15: 81 columns'
fresh; add src/base/good.c "$(printf '%073d' 0)${tab}x"
style_fails 'good.c:15: 81 columns'
fresh; add src/base/good.c 'int x; '
style_fails 'good.c:15: blanks at the end'
body "${tab}strcpy(a, b);"
style_fails 'good.c:18: strcpy() is not used'
body "${tab}x = sprintf (a, b);"
style_fails 'good.c:18: sprintf() is not used'
body "${tab}r = PQexec(conn, text);"
style_fails 'good.c:18: PQexec() is not used'
body "${tab}t = localtime(&now);"
style_fails 'good.c:18: localtime() is not used'
body "${tab}x = 1;${tab}// so"
style_fails 'good.c:18: comments are written'
fresh; add src/base/good.c '#if 0' '#endif'
style_fails 'good.c:15: code that is never compiled'
fresh; add src/base/good.c "/* $(echo to""do | tr a-z A-Z): later */"
style_fails 'good.c:15: a mark of unfinished work'
body "$(yes "${tab}x();" | head -n 101)"
style_fails 'good.c:17: a function of 101 lines'
fresh; yes 'int x;' | head -n 600 >>src/base/good.c
style_fails '614 lines, under 600'
body "${tab}if (a) {" "${tab}${tab}if (b) {" "${tab}${tab}${tab}if (c) {" \
    "${tab}${tab}${tab}${tab}if (d) {" "${tab}${tab}${tab}${tab}${tab}e();"
style_fails 'good.c:22: 5 levels'
body "$(yes "${tab}x();" | head -n 100)"
expect style 0 ''

# --- Documents --------------------------------------------------------------
fresh; sed '/JHE_COLOUR/d' man/jhe-mcp.conf.5 >x; mv x man/jhe-mcp.conf.5
expect docs 1 'options.def:2: JHE_COLOUR is not in man/jhe-mcp.conf.5'
fresh; page jhe-mcp.conf 5 '.It Ev JHE_COLOUR'
expect docs 1 'options.def:2: colour is not in man/jhe-mcp.conf.5'
fresh; echo '#other 1' >etc/jhe-mcp.conf
expect docs 1 'options.def:2: colour is not in etc/jhe-mcp.conf'
expect docs 1 'jhe-mcp.conf:1: in no table: other'
fresh; echo '#colour blue' >etc/jhe-mcp.conf
expect docs 1 'jhe-mcp.conf:1: the default of colour is red'
fresh; page jhe-mcp-ipc 7 '.It Dv BOOT_GONE'
expect docs 1 'messages.def:2: BOOT_HELLO is not in man/jhe-mcp-ipc.7'
expect docs 1 'in no table: BOOT_GONE'
fresh; page jhe-mcp 1 '.It Cm other'
expect docs 1 'commands.def:2: stdio is not in man/jhe-mcp.1'
fresh; page jhe-mcp-tools 7 '.It Ic other'
expect docs 1 'get_study_count is not in man/jhe-mcp-tools.7'
fresh; rm man/jhe-mcp-ipc.7
expect docs 1 'jhe-mcp-ipc.7:0: missing'

# --- SQL --------------------------------------------------------------------
statement()
{
	fresh
	add src/db/sql/study/bad.sql '-- SPDX-License-Identifier: MIT' "$@"
	add src/db/sql/study/local.mk 'db_statements += %D%/bad.sql'
}
statement 'SELECT 1 FROM public.core_study s;'
expect sql 1 'bad.sql:2: reads core_study'
statement '-- :study_mine' 'SELECT s::study_mine FROM public.core_study s;'
expect sql 1 'bad.sql:3: reads core_study'
statement 'SELECT 1 FROM core_patient p WHERE :study_mine;'
expect sql 1 'bad.sql:2: reads core_patient'
statement 'SELECT 1 FROM core_observation o WHERE :observation_time IS NULL;'
expect sql 1 'bad.sql:2: reads core_observation'
statement "SELECT 'core_study';"
expect sql 0 ''
fresh; echo >src/db/sql/study/local.mk
expect sql 1 'count.sql:1: not named'
body "${tab}r = PQexec(conn, text);"
expect sql 1 'good.c:18:'
body "${tab}run(\"SELECT 1\");"
expect sql 1 'good.c:18:'

# --- Manual pages -----------------------------------------------------------
fresh; echo '.Xy' >>man/jhe-mcp.1
expect man 1 'man/jhe-mcp.1:'

# --- Linked libraries -------------------------------------------------------
fresh
mkdir bin
cp /bin/ls bin/jhe-mcp
expect needed 1 'bin/jhe-mcp:0: does not link libcrypto'
expect needed 1 'libexec/jhe-mcp/worker:0: not built'

echo "$ran faults tried"
exit $bad
