# SPDX-License-Identifier: MIT
# The definitions of the tools, src/tools/definitions/*.json, as a table in C.
# One member a line, so that no JSON parser is needed: a member is
#	"name": value[,]
# Text members become C strings, the others JSON text in a C string.

function fail(message)
{
	printf "%s:%d: %s\n", FILENAME, FNR, message > "/dev/stderr"
	failed = 1
	exit 1
}

# JSON text as the body of a C string literal.
function c_quote(text)
{
	gsub(/\\/, "&&", text)
	gsub(/"/, "\\\"", text)
	return text
}

# A JSON string without its quotes; only escapes that C has too.
function c_string(text)
{
	if (text !~ /^".*"$/)
		fail("not a text")
	text = substr(text, 2, length(text) - 2)
	if (text ~ /\\[^"\\nt]/)
		fail("this escape is not understood")
	return text
}

function finish(	i)
{
	for (i = 1; i <= nmembers; i++) {
		if (!(member[i] in value))
			fail("no member \"" member[i] "\"")
		printf "\t\t\"%s\",\n", value[member[i]]
	}
	print "\t},"
}

BEGIN {
	nmembers = split("name title description inputSchema outputSchema " \
	    "annotations", member, " ")
	print "/* Made by embed-tools.awk; do not edit. */"
	print "#include \"mcp/write.h\""
	print "#include \"tools/definitions.h\""
	print ""
	print "const struct mcp_tool tools_definition_table[] = {"
}

FNR == 1 {
	if ($0 != "{")
		fail("the first line is not {")
	split("", value)
	print "\t{"
	next
}

$0 == "}" {
	finish()
	count++
	next
}

{
	colon = index($0, "\": ")
	if (substr($0, 1, 1) != "\"" || colon == 0)
		fail("not a member on a line of its own")
	name = substr($0, 2, colon - 2)
	text = substr($0, colon + 3)
	sub(/,$/, "", text)
	if (name in value)
		fail("twice: " name)
	if (name == "name" || name == "title" || name == "description")
		value[name] = c_string(text)
	else
		value[name] = c_quote(text)
}

END {
	if (failed)
		exit 1
	print "};"
	print ""
	printf "const size_t tools_definition_count = %d;\n", count
}
