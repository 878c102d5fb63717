#!/bin/sh
# SPDX-License-Identifier: MIT
#
# build-aux/embed-sql.awk: what it makes of good files, and that each bad file
# is refused with its name and line.
set -eu

srcdir=${srcdir:-.}
AWK=${AWK:-awk}
top=$(cd "$srcdir" && pwd)
dir=$(mktemp -d "${TMPDIR:-/tmp}/embed.XXXXXX")
trap 'rm -rf "$dir"' EXIT
cd "$dir"
mkdir db rbac study
failures=0

# rule NAME: stdin is its text, without the first line
rule()
{
	{ echo '-- SPDX-License-Identifier: MIT'; cat; } >"rbac/$1.sql"
	echo "\\set $1 \`cat rbac/$1.sql\`" >>rbac/rules.psql
}

head_of()
{
	cat <<-HEAD
	-- SPDX-License-Identifier: MIT
	-- Purpose: a test.
	-- Parameters:
	--   \$1 person  bigint    who
	--   \$2 claims  bigint[]  what
	-- Columns:
	--   total  bigint
	-- Example: 1, NULL
	\\ir ../rbac/rules.psql

	HEAD
}

run()
{
	"$AWK" -v form="$1" -f "$top/build-aux/embed-sql.awk" rbac/rules.psql \
	    rbac/*.sql study/*.sql 2>err
}

fail()
{
	echo "$*" >&2
	failures=$((failures + 1))
}

# bad WHERE WORDS: study/bad.sql from stdin is refused with that message
bad()
{
	cat >study/bad.sql
	if run header >/dev/null; then
		fail "not refused: $1 $2"
	elif ! grep -F -e "$1: " err | grep -qF -e "$2"; then
		fail "expected \"$1: $2\", got: $(cat err)"
	fi
	rm study/bad.sql
}

# bad_body LINE WORDS: the good head, then the statement of stdin
bad_body()
{
	{ head_of; cat; } >body
	bad "study/bad.sql:$1" "$2" <body
}

# bad_rule WORDS [unlisted]: one more rule, from stdin
bad_rule()
{
	cp -r rbac saved
	cat >rbac/wrong.sql
	[ -n "${2-}" ] || echo '\set wrong `cat rbac/wrong.sql`' \
	    >>rbac/rules.psql
	if run header >/dev/null || ! grep -qF -e "$1" err; then
		fail "rule not refused: $1: $(cat err)"
	fi
	rm -r rbac
	mv saved rbac
}

# --- what is right -----------------------------------------------------------
rule study_mine <<'END'
-- s: mine
(s.a = $1 AND :inner /* a comment; with a semicolon */
OR s.b = ANY ($2)
)
END
rule inner <<'END'
(s.c = 'x;y -- z')
END
{ head_of; cat <<'END'; } >study/good.sql
PREPARE study_good (bigint, bigint[]) AS
SELECT   count(*) AS total, "odd ""name""" -- words
FROM public.core_study s	/* more
words */
WHERE :study_mine AND s.d::text = 'it''s  ' 'x'
	'y'
	'z' AND s.e = '$9 :none';
END
run header >db/statements.h || { cat err >&2; exit 1; }
run source >good.c
cat >check.c <<'END'
#include <stdio.h>
#include <string.h>
#include "db/statement.h"
int
main(void)
{
	const char *want =
	    "SELECT count(*) AS total, \"odd \"\"name\"\"\" "
	    "FROM public.core_study s WHERE (s.a = $1 AND (s.c = 'x;y -- z') "
	    "OR s.b = ANY ($2) ) AND s.d::text = 'it''s  ' 'x'\n'y'\n'z' "
	    "AND s.e = '$9 :none'";
	const struct db_statement_row *r = &db_statement_table[DB_STUDY_GOOD];

	if (strcmp(r->text, want) != 0)
		return printf("text: %s\n", r->text), 1;
	if (strcmp(r->name, "study_good") != 0 || r->nparams != 2 ||
	    r->types[0] != 20 || r->types[1] != 1016 || r->ncolumns != 1)
		return puts("the rest"), 1;
	return !(PAR_STUDY_GOOD_CLAIMS == 1 && PARS_STUDY_GOOD == 2 &&
	    COL_STUDY_GOOD_TOTAL == 0 && COLS_STUDY_GOOD == 1 &&
	    DB_STATEMENTS == 1);
}
END
# The header made here is found before one in a built source tree.
${CC:-cc} -I. -I"$top/src" -o check check.c good.c
./check || fail 'the table is not what it should be'

# --- bad statements ----------------------------------------------------------
G='PREPARE study_bad (bigint, bigint[]) AS SELECT 1 AS total'
bad_body 12 'no rule :nonesuch' <<END
$G
WHERE :study_mine AND :nonesuch;
END
bad_body 12 'something after' <<END
$G WHERE :study_mine;
SELECT 2;
END
bad_body 11 'something after' <<END
$G WHERE :study_mine; DROP TABLE x
END
bad_body 11 "no ';'" <<END
$G WHERE :study_mine
END
bad_body 11 'no visibility rule' <<END
$G WHERE :inner;
END
bad_body 12 'core_observation without :patient_readable' <<END
$G FROM public.core_study s,
public.core_observation o WHERE :study_mine;
END
bad_body 11 'without "public."' <<END
$G FROM core_study s WHERE :study_mine;
END
bad_body 12 'password is not for us' <<END
$G WHERE :study_mine AND
password = '';
END
bad_body 11 'oauth2_provider_accesstoken is not for us' <<END
$G FROM public.oauth2_provider_accesstoken WHERE :study_mine;
END
bad_body 12 'parameter $3 undeclared' <<END
$G WHERE :study_mine
AND \$3;
END
bad_body 11 'does not begin' <<END
PREPARE study_other (bigint, bigint[]) AS SELECT 1 WHERE :study_mine;
END
bad_body 11 'does not begin' <<END
PREPARE study_bad (bigint, text[]) AS SELECT 1 WHERE :study_mine;
END
bad_body 11 'neither SELECT nor WITH' <<END
PREPARE study_bad (bigint, bigint[]) AS
DELETE FROM public.core_study s WHERE :study_mine;
END
bad_body 11 'quote without an end' <<END
$G WHERE :study_mine AND 'x;
END
bad_body 12 'comment without an end' <<END
$G
/* WHERE :study_mine;
END
bad_body 11 'dollar quotes' <<END
$G WHERE :study_mine AND \$\$x\$\$ = 'x';
END
bad_body 11 'only plain' <<END
$G WHERE :study_mine AND E'x' = 'x';
END
bad_body 11 'backslash' <<END
$G WHERE :study_mine AND 'a\\b' = 'x';
END
bad_body 11 "a ':' that is no rule" <<END
$G WHERE :study_mine AND :'x' = 'x';
END
bad_body 12 'a backslash outside the head' <<END
$G WHERE :study_mine
\\gexec
END
bad_body 11 'not ASCII' <<END
$G WHERE :study_mine AND ä;
END
{ head_of | sed 's/claims  bigint\[\]/query  text/'; cat <<'END'; } >body
PREPARE study_bad (bigint, text) AS SELECT 1 WHERE :study_mine;
END
bad study/bad.sql:11 '$1 person bigint, $2 claims' <body
{ head_of | sed '/ir /d'; echo "$G WHERE :study_mine;"; } >body
bad study/bad.sql:10 'rules without' <body

# --- bad heads ---------------------------------------------------------------
bad_head()
{
	head_of | sed "$3" >body
	bad "study/bad.sql:$1" "$2" <body
}
bad_head 1 'SPDX' 's/^-- SPDX.*/--/'
bad_head 1 'no "-- Purpose' '/Purpose/d'
bad_head 1 'no "-- Example' '/^-- Example/d'
bad_head 1 'no "-- Columns' '/total/d'
bad_head 5 'expected $2' 's/\$2 claims/$3 claims/'
bad_head 5 'name type' 's/bigint\[\]/varchar/'
bad_head 6 'not understood' 's/Columns:/Colums:/'

# --- bad rules ---------------------------------------------------------------
S='-- SPDX-License-Identifier: MIT'
printf '%s\n(:wrong)\n' "$S" | bad_rule 'contains itself'
printf '%s\n(true)\n' "$S" | bad_rule 'is not listed' unlisted
printf '%s\n(true) -- x\n' "$S" | bad_rule 'last line is a comment'
printf '%s\n(true);\n' "$S" | bad_rule "';' in a rule"
printf '%s\n(:nonesuch)\n' "$S" | bad_rule 'no rule :nonesuch'
printf '%s\n(SELECT FROM core_study)\n' "$S" | bad_rule 'public.'
printf '%s\n' "$S" | bad_rule 'empty rule'
printf '(true)\n' | bad_rule 'SPDX'
cp rbac/rules.psql saved
echo '\set gone `cat rbac/gone.sql`' >>rbac/rules.psql
if run header >/dev/null || ! grep -q 'no such rule: gone' err; then
	fail 'a listed rule without a file was not refused'
fi

[ "$failures" -eq 0 ]
