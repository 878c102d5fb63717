# SPDX-License-Identifier: MIT
#
# The limits of the house style.
#
#	awk -f check-style.awk FILE ...
#
# Everywhere: the licence in the first lines, 80 columns (a tab goes to the
# next multiple of 8), no blanks at the end of a line, no marks of unfinished
# work.  In C also: files under 600 lines, functions of at most 100, at most
# four levels of indent, nothing commented out by #if 0, no call that the
# project does without.  What is wrong is told as file:line.
# Written for mawk: no extension of gawk.

BEGIN {
	COLUMNS = 80
	FILE_LINES = 600
	FUNCTION_LINES = 100
	LEVELS = 4
	n = split("strcpy strcat stpcpy sprintf vsprintf gets alloca " \
	    "localtime localtime_r mktime ctime asctime system popen strtok " \
	    "atoi atol atof tmpnam mktemp rand srand bzero " \
	    "PQexec PQsendQuery PQescapeLiteral PQescapeString", words, " ")
	for (i = 1; i <= n; i++)
		forbidden[words[i]] = 1
}

function complain(line, text)
{
	printf "%s:%d: %s\n", file, line, text
	bad = 1
}

function width(text,    i, n, parts, columns)
{
	n = split(text, parts, "\t")
	columns = 0
	for (i = 1; i <= n; i++) {
		columns += characters(parts[i])
		if (i < n)
			columns += 8 - columns % 8
	}
	return columns
}

# mawk counts bytes: leave the second and later ones of UTF-8 out.
function characters(text)
{
	gsub(/[\200-\277]/, "", text)
	return length(text)
}

# The line without comments and without what stands in quotes.
function code_of(text,    out, at)
{
	out = ""
	while (text != "") {
		if (in_comment) {
			at = index(text, "*/")
			if (at == 0)
				return out
			text = substr(text, at + 2)
			in_comment = 0
		} else if (match(text, /\/\*|"|'/)) {
			out = out substr(text, 1, RSTART - 1)
			at = substr(text, RSTART, RLENGTH)
			text = substr(text, RSTART + RLENGTH)
			if (at == "/*") {
				in_comment = 1
			} else {
				out = out at at
				text = after_quote(text, at)
			}
		} else {
			return out text
		}
	}
	return out
}

function after_quote(text, quote,    c)
{
	while (text != "") {
		c = substr(text, 1, 1)
		text = substr(text, 2)
		if (c == "\\")
			text = substr(text, 2)
		else if (c == quote)
			return text
	}
	return ""
}

function check_calls(code,    name)
{
	while (match(code, /[A-Za-z_][A-Za-z0-9_]*[ \t]*\(/)) {
		name = substr(code, RSTART, RLENGTH - 1)
		sub(/[ \t]+$/, "", name)
		if (name in forbidden && own_code)
			complain(FNR, name "() is not used in this project")
		code = substr(code, RSTART + RLENGTH)
	}
}

# Where a statement begins (not where one goes on), count the tabs.
function check_indent(code,    tabs)
{
	if (code ~ /^[ \t]*$/)
		return
	match(code, /^\t*/)
	tabs = RLENGTH
	if (tabs > LEVELS && statement_ended &&
	    substr(code, tabs + 1, 1) != " ")
		complain(FNR, tabs " levels, " LEVELS " are allowed")
	statement_ended = code ~ /([;{}:]|\)|else|do)[ \t]*$/
}

function check_c(line,    code)
{
	code = code_of(line)
	if (code ~ /\/\//)
		complain(FNR, "comments are written with /* */")
	if (code ~ /^[ \t]*#[ \t]*if[ \t]+0([ \t]|$)/)
		complain(FNR, "code that is never compiled")
	check_calls(code)
	if (code ~ /^\{/) {
		opened = FNR
		statement_ended = 1
	} else if (opened && code ~ /^\}/) {
		if (FNR - opened - 1 > FUNCTION_LINES)
			complain(opened, "a function of " \
			    (FNR - opened - 1) " lines, " FUNCTION_LINES \
			    " are allowed")
		opened = 0
	} else if (opened) {
		check_indent(code)
	}
}

function finish()
{
	if (file == "" || skipped)
		return
	if (!licensed)
		complain(1, "no SPDX-License-Identifier: MIT at the top")
	if (is_c && lines >= FILE_LINES)
		complain(lines, lines " lines, under " FILE_LINES \
		    " are allowed")
}

FNR == 1 {
	finish()
	file = FILENAME
	nfiles++
	is_c = file ~ /\.[ch]$/
	own_code = file ~ /(^|\/)src\//
	in_comment = opened = licensed = skipped = lines = 0
}

# Made in the build, should the build be here.
FNR <= 3 && /Made by [a-z\/-]*\.awk/ {
	skipped = 1
}

skipped {
	next
}

{
	lines = FNR
	if (FNR <= 2 && /SPDX-License-Identifier: MIT/)
		licensed = 1
	# A table's row may be one long line.
	if (width($0) > COLUMNS && file !~ /\.(def|sql)$/)
		complain(FNR, width($0) " columns, " COLUMNS " are allowed")
	if ($0 ~ /[ \t\r]$/)
		complain(FNR, "blanks at the end of the line")
	if (file !~ /check-style\.awk$/ &&
	    $0 ~ /(^|[^A-Za-z])(TODO|FIXME|XXX)([^A-Za-z]|$)/)
		complain(FNR, "a mark of unfinished work")
	if (is_c)
		check_c($0)
}

END {
	finish()
	if (nfiles == 0) {
		print "check-style.awk: no files"
		bad = 1
	}
	exit bad
}
