# SPDX-License-Identifier: MIT
#
# Makes C of the statement files, so that the worker prepares exactly the text
# which anybody can run with psql.
#
#	awk -v form=header|source -f embed-sql.awk rules.psql
#	    rbac/*.sql omh/*.sql fhir/*.sql layout/*.sql <topic>/*.sql
#
# A file in a folder named rbac, omh, fhir or layout is a rule, any other .sql
# file is a statement; their forms: rules.psql, and src/db/sql/study/count.sql.
# A rule of layout has variants, of which the program takes one when it knows
# the database: in the statements it stays a mark.
# Everything that is wrong is told as file:line, and then nothing is made.
# Written for mawk: no extension of gawk.

BEGIN {
	letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	if (form != "header" && form != "source")
		usage = "form is neither header nor source"
	oid["bigint"] = 20;		oid["bigint[]"] = 1016
	oid["integer"] = 23;		oid["integer[]"] = 1007
	oid["smallint"] = 21;		oid["smallint[]"] = 1005
	oid["boolean"] = 16;		oid["boolean[]"] = 1000
	oid["text"] = 25;		oid["text[]"] = 1009
	oid["date"] = 1082;		oid["date[]"] = 1182
	oid["timestamptz"] = 1184;	oid["timestamptz[]"] = 1185
	oid["interval"] = 1186;		oid["interval[]"] = 1187
	oid["float8"] = 701;		oid["float8[]"] = 1022
	oid["numeric"] = 1700;		oid["numeric[]"] = 1231
	oid["uuid"] = 2950;		oid["uuid[]"] = 2951
	oid["jsonb"] = 3802;		oid["jsonb[]"] = 3807
	split("study patient observation record", words, " ")
	for (w in words)
		clinical[words[w]] = 1
	split(":study_mine :study_as_team :study_as_participant " \
	    ":roster_listed :patient_readable", words, " ")
	for (w in words)
		visibility[words[w]] = 1
	# Live credentials, keys and secrets: no statement has business there.
	forbidden = "^(oauth2_.*|password|core_jhesetting|core_jheclient|" \
	    "core_patientinvitation|core_practitionerclient|django_.*)$"
	if (usage != "") {
		complain("embed-sql.awk", 0, usage)
		exit 1
	}
}

function complain(file, line, text)
{
	printf "%s:%d: %s\n", file, line, text > "/dev/stderr"
	failed = 1
}

FNR == 1 {
	nfiles++
	path[nfiles] = FILENAME
	text[nfiles] = ""
}

{
	if ($0 ~ /\r/)
		complain(FILENAME, FNR, "carriage return")
	text[nfiles] = text[nfiles] $0 "\n"
}

END {
	if (usage != "")
		exit 1
	for (f = 1; f <= nfiles; f++) {
		if (path[f] ~ /(^|\/)rules\.psql$/)
			read_list(path[f], text[f])
		else if (path[f] ~ \
		    /(^|\/)(rbac|omh|fhir|layout)\/[a-z][a-z0-9_]*\.sql$/)
			read_rule(path[f], text[f])
		else if (path[f] ~ /(^|\/)[a-z]+\/[a-z][a-z0-9_]*\.sql$/)
			read_statement(path[f], text[f])
		else
			complain(path[f], 0, "not named topic/name.sql")
	}
	check_list()
	for (s = 1; s <= nstatements; s++)
		body[s] = expand(body[s], st_file[s], st_line[s], "")
	for (r in rule)
		expand(rule[r], rule_file[r], 1, " " r " ")
	if (nstatements == 0)
		complain("embed-sql.awk", 0, "no statements")
	if (nlayouts == 0)
		complain("embed-sql.awk", 0, "no rules of layout")
	if (failed)
		exit 1
	if (form == "header")
		write_header()
	else
		write_source()
}

# "src/db/sql/study/count.sql" is topic study, name count.
function topic_of(file,    parts, n)
{
	n = split(file, parts, "/")
	return parts[n - 1]
}

function name_of(file,    parts, n)
{
	n = split(file, parts, "/")
	sub(/\.sql$/, "", parts[n])
	return parts[n]
}

# --- rules -------------------------------------------------------------------

function read_list(file, t,    lines, n, i, name)
{
	list_file = file
	n = split(t, lines, "\n")
	for (i = 1; i <= n; i++) {
		if (lines[i] ~ /^--/ || lines[i] == "")
			continue
		if (lines[i] !~ /^\\set [a-z_]+ `cat [a-z]+\/[a-z_]+\.sql`$/ ||
		    lines[i] !~ /`cat (rbac|omh|fhir|layout)\//) {
			complain(file, i,
			    "only \\set name `cat folder/name.sql`")
			continue
		}
		name = lines[i]
		sub(/^\\set /, "", name)
		sub(/ .*/, "", name)
		if (index(lines[i], "/" name ".sql`") == 0)
			complain(file, i, "the rule and its file differ")
		listed[name] = i
	}
}

function check_list(    r)
{
	for (r in rule)
		if (list_file != "" && !(r in listed))
			complain(list_file, 1, "rule " r " is not listed")
	for (r in listed)
		if (!(r in rule))
			complain(list_file, listed[r], "no such rule: " r)
}

function read_rule(file, t,    name)
{
	name = name_of(file)
	if (substr(t, 1, 32) != "-- SPDX-License-Identifier: MIT\n")
		complain(file, 1, "the first line is not the SPDX line")
	rule[name] = squeeze(file, t, 1)
	rule_file[name] = file
	# psql puts what follows on the rule's last line.
	if (commented)
		complain(file, 1, "the last line is a comment")
	if (ends > 0)
		complain(file, ends, "';' in a rule")
	if (rule[name] == "")
		complain(file, 1, "an empty rule")
	if (topic_of(file) == "layout")
		read_variants(file, t, name)
}

# --- variants ----------------------------------------------------------------

# What a rule of layout is in older databases.  In its head stand, from the
# newest to the oldest, what a variant reads and then what is there instead.
# The first whose columns are all there is taken; a variant is an expression
# by itself, with no rules or parameters.
function read_variants(file, t, name,    lines, n, i, l, v, first, at)
{
	nlayouts++
	layout_name[nlayouts] = name
	layout_index[name] = nlayouts
	if (nlayouts > length(letters))
		complain(file, 1, "too many rules of layout")
	v = 1
	at = ""
	variant[name, v] = rule[name]
	n = split(t, lines, "\n")
	for (i = 2; i <= n && lines[i] ~ /^--/; i++) {
		l = lines[i]
		sub(/^-- */, "", l)
		if (l ~ /^Else:/) {
			first[++v] = i
			at = "Else"
			variant[name, v] = ""
		} else if (l ~ /^Reads:/) {
			at = "Reads"
			if ((name, v) in reads)
				complain(file, i, "a second Reads:")
			reads[name, v] = ""
		} else if (at == "" || lines[i] !~ /^--     /) {
			if (at != "")
				complain(file, i, "not understood in the head")
			continue
		}
		sub(/^(Else|Reads): */, "", l)
		if (at == "Else")
			variant[name, v] = variant[name, v] l "\n"
		else
			reads[name, v] = reads[name, v] " " l
	}
	nvariants[name] = v
	for (i = 1; i <= v; i++)
		check_variant(file, name, i, i == 1 ? 1 : first[i])
	if (v == 1)
		complain(file, 1, "no \"-- Else: …\"")
}

function check_variant(file, name, v, line,    words, n, i, parts)
{
	# The newest was squeezed as a rule just before.
	if (v > 1)
		variant[name, v] = squeeze(file, variant[name, v], line)
	if (ends > 0)
		complain(file, line, "';' in a rule")
	if (variant[name, v] == "")
		complain(file, line, "an empty variant")
	for (i in found)
		if (i ~ /^[$:]/)
			complain(file, line, i " in a variant")
	if (!((name, v) in reads))
		complain(file, line, "no \"-- Reads: …\" of this variant")
	n = split(reads[name, v], words, " ")
	if (n == 1 && words[1] == "none") {
		if (v < nvariants[name])
			complain(file, line,
			    "fits every database: what follows never comes")
		n = 0
	} else if (n == 0)
		complain(file, line, "columns, or \"-- Reads: none\"")
	read_mask[name, v] = 0
	for (i = 1; i <= n; i++) {
		if (words[i] !~ /^core_[a-z]+\.[a-z][a-z0-9_]*$/) {
			complain(file, line, words[i] " is no table.column")
			continue
		}
		split(words[i], parts, ".")
		if (!(parts[2] in found))
			complain(file, line, words[i] " is not read")
		if (!(words[i] in layout_bit)) {
			layout_bit[words[i]] = nbits
			layout_column[nbits++] = words[i]
		}
		# A word twice would make another number of it.
		if (!((name, v, words[i]) in names))
			read_mask[name, v] += 2 ^ layout_bit[words[i]]
		names[name, v, words[i]] = 1
	}
	if (nbits > 31)
		complain(file, line, "too many columns")
}

# Put the rules where \001name\002 stands; seen guards against circles.  A rule
# of layout becomes \003 and its letter.
function expand(t, file, line, seen,    out, i, j, name)
{
	out = ""
	while ((i = index(t, "\001")) > 0) {
		j = index(t, "\002")
		name = substr(t, i + 1, j - i - 1)
		out = out substr(t, 1, i - 1)
		t = substr(t, j + 1)
		if (!(name in rule)) {
			if (!((file, name) in told))
				complain(file, used_at[file, name],
				    "no rule :" name)
			told[file, name] = 1
		} else if (index(seen, " " name " ") > 0) {
			complain(file, line, "rule :" name " contains itself")
			return out t
		} else if (name in layout_index)
			out = out "\003" \
			    substr(letters, layout_index[name], 1)
		else
			out = out expand(rule[name], rule_file[name], 1,
			    seen " " name " ")
	}
	return out t
}

# --- SQL ---------------------------------------------------------------------

# SQL without comments, every run of white space one blank (one newline where
# it joins two quoted texts to one), rules as \001name\002.  Sets ends (line
# of the first ';', 0 if none), after (line of the first thing after it) and
# commented (a comment comes last); leaves the words met in found[].
function squeeze(file, t, line,    out, i, n, c, two, word, blank, last)
{
	out = last = blank = ""
	ends = after = commented = 0
	for (word in found)
		delete found[word]
	n = length(t)
	for (i = 1; i <= n; ) {
		c = substr(t, i, 1)
		two = substr(t, i, 2)
		if (c ~ /[ \t\n]/) {
			line += c == "\n"
			blank = c == "\n" || blank == "\n" ? "\n" : " "
			i++
			continue
		}
		if (two == "--") {
			commented = 1
			word = substr(t, i)
			i += index(word, "\n") - 1
			continue
		}
		if (two == "/*") {
			word = substr(t, i)
			if (index(word, "*/") == 0) {
				complain(file, line, "comment without an end")
				return out
			}
			word = substr(word, 1, index(word, "*/") + 1)
			i += length(word)
			if (index(substr(word, 3), "/*") > 0)
				complain(file, line, "comment in a comment")
			line += gsub(/\n/, "", word)
			blank = blank == "" ? " " : blank
			continue
		}
		if (ends > 0 && after == 0)
			after = line
		if (c == ";") {
			if (ends == 0)
				ends = line
			i++
			continue
		}
		word = token(file, t, i, c, two, line)
		if (word == "")
			return out
		i += length(word)
		if (blank == "\n" && !(c == "'" && last == "'"))
			blank = " "
		out = out (out != "" ? blank : "") made
		blank = ""
		commented = 0
		last = c
		line += newlines
	}
	return out
}

# The token at i: its source text; sets made (what becomes of it) and newlines.
function token(file, t, i, c, two, line,    rest, word, name)
{
	newlines = 0
	rest = substr(t, i)
	if (c == "'" || c == "\"") {
		word = quoted(rest, c)
		if (word == "")
			complain(file, line, "quote without an end")
		made = name = word
		newlines = gsub(/\n/, "", name)
		if (index(word, "\\") > 0)
			complain(file, line, "backslash in a quoted text")
		return word
	}
	if (match(rest, /^[A-Za-z_][A-Za-z0-9_$]*/)) {
		word = made = substr(rest, 1, RLENGTH)
		check_word(file, t, i, word, line)
		if (word ~ /^([EeBbXxNn]|[Uu]&)$/ &&
		    substr(rest, RLENGTH + 1, 1) == "'")
			complain(file, line, "only plain '…' texts")
		return word
	}
	if (match(rest, /^\$[0-9]+/)) {
		made = substr(rest, 1, RLENGTH)
		found[made] = line
		return made
	}
	if (c == "$") {
		complain(file, line, "dollar quotes are not read here")
		return ""
	}
	if (two == "::" || two == ":=") {
		made = two
		return two
	}
	if (c == ":") {
		if (!match(rest, /^:[a-z][a-z0-9_]*/)) {
			complain(file, line, "a ':' that is no rule")
			made = c
			return c
		}
		word = substr(rest, 1, RLENGTH)
		name = substr(word, 2)
		found[word] = line
		if (!((file, name) in used_at))
			used_at[file, name] = line
		made = "\001" name "\002"
		return word
	}
	if (c == "\\") {
		complain(file, line, "a backslash outside the head")
		return ""
	}
	if (c ~ /[^ -~]/)
		complain(file, line, "not ASCII outside quotes")
	made = c
	return c
}

function quoted(rest, q,    i, n)
{
	n = length(rest)
	for (i = 2; i <= n; i++) {
		if (substr(rest, i, 1) != q)
			continue
		if (substr(rest, i + 1, 1) != q)
			return substr(rest, 1, i)
		i++
	}
	return ""
}

function check_word(file, t, i, word, line,    lower)
{
	lower = tolower(word)
	found[lower] = line
	if (lower ~ /^core_/ && (i < 8 || substr(t, i - 7, 7) != "public."))
		complain(file, line, word " without \"public.\"")
	if (lower ~ forbidden)
		complain(file, line, word " is not for us")
}

# --- statements --------------------------------------------------------------

function read_statement(file, t,    lines, n, i, s, lead)
{
	s = ++nstatements
	st_file[s] = file
	st_name[s] = topic_of(file) "_" name_of(file)
	nparams[s] = ncolumns[s] = 0
	if (st_name[s] in st_index)
		complain(file, 1, "a second " st_name[s])
	st_index[st_name[s]] = s
	if (substr(t, 1, 32) != "-- SPDX-License-Identifier: MIT\n")
		complain(file, 1, "the first line is not the SPDX line")
	n = split(t, lines, "\n")
	i = read_head(file, s, lines, n)
	lead = 0
	while (i <= n && lines[i] ~ /^(\\ir \.\.\/rbac\/rules\.psql|--.*)?$/) {
		if (lines[i] ~ /^\\ir/)
			lead++
		i++
	}
	st_line[s] = i
	t = ""
	for (; i <= n; i++)
		t = t lines[i] "\n"
	read_body(file, s, t, lead)
}

# The comment before the statement; returns the line after it.
function read_head(file, s, lines, n,    i, section, l, parts, np)
{
	section = ""
	for (i = 2; i <= n && lines[i] ~ /^--/; i++) {
		l = lines[i]
		if (l ~ /^-- (Purpose|Parameters|Columns|Example|Note):/) {
			section = substr(l, 4)
			sub(/:.*/, "", section)
			if ((s, section) in head && section != "Note")
				complain(file, i, "a second " section ":")
			head[s, section] = l
			continue
		}
		if (l ~ /^--($|     )/)
			continue
		np = split(substr(l, 3), parts, " ")
		if (section == "Parameters" && l ~ /^--   \$[0-9]/)
			add_param(file, i, s, parts, np)
		else if (section == "Columns" && l ~ /^--   [a-z]/)
			add_column(file, i, s, parts, np)
		else if (section != "Note")
			complain(file, i, "not understood in the head")
	}
	if (head[s, "Purpose"] !~ /^-- Purpose: [^ ]/)
		complain(file, 1, "no \"-- Purpose: …\"")
	if (!((s, "Parameters") in head))
		complain(file, 1, "no \"-- Parameters:\"")
	else if ((head[s, "Parameters"] ~ /none$/) != (nparams[s] == 0))
		complain(file, 1, "parameters, or \"-- Parameters: none\"")
	if (ncolumns[s] == 0)
		complain(file, 1, "no \"-- Columns:\" with one a line")
	if (!((s, "Example") in head))
		complain(file, 1, "no \"-- Example: …\"")
	return i
}

function add_param(file, line, s, parts, np,    k)
{
	k = nparams[s]++
	if (parts[1] != "$" (k + 1))
		complain(file, line, "expected $" (k + 1))
	if (np < 3 || parts[2] !~ /^[a-z][a-z0-9_]*$/ || !(parts[3] in oid))
		complain(file, line, "not \"$n name type …\"")
	if ((s, "p", parts[2]) in names)
		complain(file, line, "a second " parts[2])
	names[s, "p", parts[2]] = 1
	param_name[s, k] = parts[2]
	param_type[s, k] = parts[3]
}

function add_column(file, line, s, parts, np,    k)
{
	k = ncolumns[s]++
	if (np < 2 || parts[1] !~ /^[a-z][a-z0-9_]*$/ || !(parts[2] in oid))
		complain(file, line, "not \"name type …\"")
	if ((s, "c", parts[1]) in names)
		complain(file, line, "a second " parts[1])
	names[s, "c", parts[1]] = 1
	column_name[s, k] = parts[1]
}

function read_body(file, s, t, lead,    b, k, types, want, w)
{
	b = squeeze(file, t, st_line[s])
	want = ""
	for (k = 0; k < nparams[s]; k++)
		want = want (k > 0 ? ", " : "") param_type[s, k]
	want = "PREPARE " st_name[s] " " (want != "" ? "(" want ") " : "") "AS "
	if (substr(b, 1, length(want)) != want)
		complain(file, st_line[s], "does not begin \"" want "\"")
	if (ends == 0)
		complain(file, st_line[s], "no ';' at the end")
	else if (after > 0)
		complain(file, after, "something after the statement's ';'")
	b = substr(b, length(want) + 1)
	if (b !~ /^(SELECT|WITH) /)
		complain(file, st_line[s], "neither SELECT nor WITH")
	for (w in found) {
		if (w ~ /^\$/ && substr(w, 2) + 0 > nparams[s])
			complain(file, found[w], "parameter " w " undeclared")
		if (w ~ /^:/ && !lead)
			complain(file, found[w],
			    "rules without \"\\ir ../rbac/rules.psql\"")
	}
	check_visibility(file, s, topic_of(file))
	body[s] = b
}

# A statement about people's data starts from the person and their rules.
function check_visibility(file, s, topic,    w, ruled)
{
	if (!(topic in clinical))
		return
	if (param_name[s, 0] != "person" || param_type[s, 0] != "bigint" ||
	    param_name[s, 1] != "claims" || param_type[s, 1] != "bigint[]")
		complain(file, st_line[s],
		    "$1 person bigint, $2 claims bigint[] have to come first")
	ruled = 0
	for (w in found)
		if (w in visibility)
			ruled = 1
	if (!ruled)
		complain(file, st_line[s], "no visibility rule in it")
	if ("core_observation" in found && !(":patient_readable" in found))
		complain(file, found["core_observation"],
		    "core_observation without :patient_readable")
	if (":fhir_records" in found && !(":patient_readable" in found))
		complain(file, found[":fhir_records"],
		    ":fhir_records without :patient_readable")
}

# --- C -----------------------------------------------------------------------

function write_header(    s, k, up)
{
	print "/* SPDX-License-Identifier: MIT */"
	print "/* Made by build-aux/embed-sql.awk: do not edit. */"
	print "#ifndef DB_STATEMENTS_H\n#define DB_STATEMENTS_H\n"
	print "enum db_statement {"
	for (s = 1; s <= nstatements; s++)
		printf "\tDB_%s,\n", toupper(st_name[s])
	print "\tDB_STATEMENTS\n};"
	for (s = 1; s <= nstatements; s++) {
		up = toupper(st_name[s])
		print "\nenum {"
		for (k = 0; k < nparams[s]; k++)
			printf "\tPAR_%s_%s,\n", up, toupper(param_name[s, k])
		printf "\tPARS_%s\n};\nenum {\n", up
		for (k = 0; k < ncolumns[s]; k++)
			printf "\tCOL_%s_%s,\n", up, toupper(column_name[s, k])
		printf "\tCOLS_%s\n};\n", up
	}
	print "\nenum db_layout {"
	for (s = 1; s <= nlayouts; s++)
		printf "\tDB_LAYOUT_%s,\n", toupper(layout_name[s])
	print "\tDB_LAYOUTS\n};"
	printf "enum { DB_LAYOUT_COLUMNS = %d };\n", nbits
	print "\n#endif"
}

function write_source(    s, k)
{
	print "/* SPDX-License-Identifier: MIT */"
	print "/* Made by build-aux/embed-sql.awk: do not edit. */"
	print "#include <stddef.h>\n\n#include \"db/statement.h\"\n"
	for (s = 1; s <= nstatements; s++) {
		if (nparams[s] == 0)
			continue
		printf "static const unsigned int types_%s[] = {", st_name[s]
		for (k = 0; k < nparams[s]; k++)
			printf "%s%d", (k > 0 ? ", " : " "), \
			    oid[param_type[s, k]]
		print " };"
	}
	print "\nconst struct db_statement_row"
	print "db_statement_table[DB_STATEMENTS] = {"
	for (s = 1; s <= nstatements; s++) {
		printf "\t[DB_%s] = {\n", toupper(st_name[s])
		printf "\t\t.name = \"%s\",\n\t\t.text =\n", st_name[s]
		write_text(body[s])
		printf "\t\t.types = %s,\n", \
		    (nparams[s] > 0 ? "types_" st_name[s] : "NULL")
		printf "\t\t.nparams = %d,\n", nparams[s]
		printf "\t\t.ncolumns = %d,\n\t},\n", ncolumns[s]
	}
	print "};"
	write_layouts()
}

function write_layouts(    s, v, name)
{
	for (s = 1; s <= nlayouts; s++) {
		name = layout_name[s]
		printf "\nstatic const struct db_variant variants_%s[] = {\n", \
		    name
		for (v = 1; v <= nvariants[name]; v++) {
			print "\t{\n\t\t.text ="
			write_text(variant[name, v])
			printf "\t\t.reads = 0x%x,\n\t},\n", \
			    read_mask[name, v]
		}
		print "};"
	}
	print "\nconst struct db_layout_row db_layout_table[DB_LAYOUTS] = {"
	for (s = 1; s <= nlayouts; s++) {
		name = layout_name[s]
		printf "\t[DB_LAYOUT_%s] = { variants_%s, %d },\n", \
		    toupper(name), name, nvariants[name]
	}
	print "};\nconst char *const db_layout_columns[DB_LAYOUT_COLUMNS] = {"
	for (s = 0; s < nbits; s++)
		printf "\t\"%s\",\n", layout_column[s]
	print "};"
}

# C strings of at most 56 characters a line, cut at blanks if possible.
function write_text(t,    cut)
{
	while (t != "") {
		cut = length(t)
		if (cut > 56) {
			cut = 56
			while (cut > 1 && substr(t, cut, 1) != " ")
				cut--
			if (cut == 1)
				cut = 56
		}
		printf "\t\t    \"%s\"%s\n", c_escape(substr(t, 1, cut)), \
		    (cut == length(t) ? "," : "")
		t = substr(t, cut + 1)
	}
}

function c_escape(t)
{
	gsub(/"/, "\\\"", t)
	gsub(/\n/, "\\n", t)
	gsub(/\t/, "\\t", t)
	gsub(/\003/, "\\001", t)
	return t
}
