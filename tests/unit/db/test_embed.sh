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
mkdir db rbac layout study
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
	    rbac/*.sql layout/*.sql study/*.sql 2>err
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
(s.c = 'x;y -- z' OR :new)
END
# Its name is not that of a rule of rbac.
cat >layout/new.sql <<'END'
-- SPDX-License-Identifier: MIT
-- s: of many generations
-- Reads: core_a.b core_a.c
--     core_d.e
-- Else: (s.old OR
--     s.older)
-- Reads: core_a.old core_a.older
-- Else: '-- no; "b"'::text
-- Reads: none
(s.b = s.c AND EXISTS (SELECT e FROM public.core_d))
END
echo '\set new `cat layout/new.sql`' >>rbac/rules.psql
cat >layout/other.sql <<'END'
-- SPDX-License-Identifier: MIT
-- Reads: core_a.c
-- Else: s.old
-- Reads: core_a.old
s.c
END
echo '\set other `cat layout/other.sql`' >>rbac/rules.psql
{ head_of; cat <<'END'; } >study/good.sql
PREPARE study_good (bigint, bigint[]) AS
SELECT   count(*) AS total, "odd ""name""" -- words
FROM public.core_study s	/* more
words */
WHERE :study_mine AND s.d::text = 'it''s  ' 'x'
	'y'
	'z' AND s.e = '$9 :none' AND :other;
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
	    "FROM public.core_study s WHERE (s.a = $1 AND (s.c = 'x;y -- z' "
	    "OR \001" "A) OR s.b = ANY ($2) ) AND s.d::text = "
	    "'it''s  ' 'x'\n'y'\n'z' AND s.e = '$9 :none' AND \001" "B";
	const struct db_statement_row *r = &db_statement_table[DB_STUDY_GOOD];
	const struct db_layout_row *l = &db_layout_table[DB_LAYOUT_NEW];
	const struct db_variant *v = l->variants;

	if (strcmp(r->text, want) != 0)
		return printf("text: %s\n", r->text), 1;
	if (strcmp(r->name, "study_good") != 0 || r->nparams != 2 ||
	    r->types[0] != 20 || r->types[1] != 1016 || r->ncolumns != 1)
		return puts("the rest"), 1;
	if (DB_LAYOUTS != 2 || DB_LAYOUT_NEW != 0 || DB_LAYOUT_MARK != 1 ||
	    l->nvariants != 3 || DB_LAYOUT_COLUMNS != 5 ||
	    strcmp(v[0].text, "(s.b = s.c AND EXISTS (SELECT e FROM "
	    "public.core_d))") != 0 ||
	    strcmp(v[1].text, "(s.old OR s.older)") != 0 ||
	    strcmp(v[2].text, "'-- no; \"b\"'::text") != 0 ||
	    strcmp(db_layout_columns[2], "core_d.e") != 0 ||
	    strcmp(db_layout_columns[3], "core_a.old") != 0 ||
	    v[0].reads != 7 || v[1].reads != 24 || v[2].reads != 0 ||
	    db_layout_table[DB_LAYOUT_OTHER].variants[0].reads != 2 ||
	    db_layout_table[DB_LAYOUT_OTHER].variants[1].reads != 8)
		return puts("the variants"), 1;
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
bad_body 12 ':fhir_records without :patient_readable' <<END
$G FROM public.core_study s
CROSS JOIN :fhir_records f WHERE :study_mine;
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

# --- bad variants ------------------------------------------------------------
# bad_variant LINE WORDS SED: layout/new.sql, changed
bad_variant()
{
	cp layout/new.sql saved
	sed "$3" saved >layout/new.sql
	if run header >/dev/null; then
		fail "variant not refused: $2"
	elif ! grep -F "layout/new.sql:$1: " err | grep -qF -e "$2"; then
		fail "expected \"layout/new.sql:$1: $2\", got: $(cat err)"
	fi
	mv saved layout/new.sql
}
bad_variant 1 'no "-- Else:' '5,9d'
bad_variant 1 'no "-- Reads: …" of this variant' '3,4d'
bad_variant 5 'no "-- Reads: …" of this variant' 7d
bad_variant 8 'no "-- Reads: …" of this variant' 9d
bad_variant 5 'a second Reads' '5,6d'
bad_variant 8 'an empty variant' '8s/:.*/:/'
bad_variant 5 'an empty variant' '5,6c\
-- Else: -- words'
bad_variant 1 'what follows never comes' '3,4c\
-- Reads: none'
bad_variant 5 'columns, or "-- Reads: none"' '7s/:.*/:/'
bad_variant 5 'old is no table.column' '7s/core_a.old /old /'
bad_variant 5 'none is no table.column' '7s/:/: none/'
bad_variant 1 'core_a.z is not read' '3s/$/ core_a.z/'
bad_variant 5 'core_a.z is not read' '7s/$/ core_a.z/'
bad_variant 5 ':other in a variant' '6s/s.older/:other/'
bad_variant 1 ':other in a variant' '10s/e FROM/:other, e FROM/'
bad_variant 5 '$1 in a variant' '6s/s.older/$1/'
bad_variant 5 "';' in a rule" '6s/$/;/'
bad_variant 6 'quote without an end' "6s/s.older/'/"
bad_variant 6 'password is not for us' '6s/s.older/password/'
bad_variant 10 'without "public."' '10s/public.//'
bad_variant 4 'not understood' '4s/     / /'
if "$AWK" -v form=header -f "$top/build-aux/embed-sql.awk" \
    rbac/rules.psql rbac/*.sql study/*.sql >/dev/null 2>err ||
    ! grep -q 'no rules of layout' err; then
	fail 'rules of layout were not missed'
fi

cp rbac/rules.psql saved
echo '\set gone `cat rbac/gone.sql`' >>rbac/rules.psql
if run header >/dev/null || ! grep -q 'no such rule: gone' err; then
	fail 'a listed rule without a file was not refused'
fi

[ "$failures" -eq 0 ]
