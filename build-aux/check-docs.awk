# SPDX-License-Identifier: MIT
#
# Are the tables of the sources and the documents complete, both ways?
#
#	awk -f check-docs.awk TABLE ... DOCUMENT ...
#
# Tables: conf/options.def, ipc/messages.def, cli/commands.def and the tools'
# definitions, of which the file names count.  What is wrong is told as
# file:line.  Written for mawk: no extension of gawk.

function complain(file, line, text)
{
	printf "%s:%d: %s\n", file, line, text
	bad = 1
}

# A name of a table, to be found in a document.
function need(name, document)
{
	nneeded++
	needed[nneeded] = name
	needed_in[nneeded] = document
	needed_by[nneeded] = FILENAME
	needed_line[nneeded] = FNR
	known[name, document] = 1
}

# The text between the first two double quotes.
function quoted(text)
{
	if (!match(text, /"[^"]*"/))
		return ""
	return substr(text, RSTART + 1, RLENGTH - 2)
}

function read_option(row,    name, parts, text)
{
	name = quoted(row)
	need(name, "jhe-mcp.conf.5")
	need(name, "jhe-mcp.conf")
	# Keyword, KEY, TYPE, then the default.
	text = row
	sub(/^OPTION\("[^"]*",[^,]*,[^,]*,[ ]*/, "", text)
	if (text ~ /^"/)
		default_of[name] = quoted(text)
	# The variable is the last text in capitals before the description.
	if (match(text, /, "[A-Z][A-Z0-9_]*", [A-Z]/))
		need(quoted(substr(text, RSTART)), "jhe-mcp.conf.5")
}

FNR == 1 {
	nfiles++
	base = FILENAME
	sub(/^.*\//, "", base)
	seen[base] = 1
	path[base] = FILENAME
}

base == "options.def" && /^OPTION\(/ { read_option($0) }

base == "messages.def" && /^M\(/ {
	name = $0
	sub(/^M\(/, "", name)
	sub(/,.*$/, "", name)
	need(name, "jhe-mcp-ipc.7")
}

base == "commands.def" && /^COMMAND\(/ {
	need(quoted($0), "jhe-mcp.1")
}

base ~ /\.json$/ && FNR == 1 {
	name = base
	sub(/\.json$/, "", name)
	need(name, "jhe-mcp-tools.7")
}

# What a manual page is about stands in its list items and headings.
base ~ /\.[1-8]$/ && /^\.(It|Ss|Sh|Ev) / {
	for (i = 2; i <= NF; i++)
		item[$i, base] = 1
	if (base == "jhe-mcp.conf.5" && $2 == "Ic")
		stale($3)
	if (base == "jhe-mcp-ipc.7" && $2 == "Dv")
		stale($3)
}

# "#keyword value", without a blank after the sign.
base == "jhe-mcp.conf" && /^#?[a-z]/ {
	name = $1
	sub(/^#/, "", name)
	item[name, base] = 1
	value = $0
	sub(/^[^ ]+ */, "", value)
	gsub(/"/, "", value)
	stale(name)
	if (name in default_of && value != default_of[name])
		complain(FILENAME, FNR, "the default of " name " is " \
		    default_of[name])
}

function stale(name)
{
	if (!((name, base) in known))
		complain(FILENAME, FNR, "in no table: " name)
}

END {
	for (i = 1; i <= nneeded; i++) {
		if (!(needed_in[i] in seen)) {
			if (!missing[needed_in[i]]++)
				complain(needed_in[i], 0, "missing")
		} else if (!((needed[i], needed_in[i]) in item))
			complain(needed_by[i], needed_line[i], needed[i] \
			    " is not in " path[needed_in[i]])
	}
	if (nneeded == 0) {
		print "check-docs.awk: no tables"
		bad = 1
	}
	exit bad
}
