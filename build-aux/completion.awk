# SPDX-License-Identifier: MIT
#
# Makes the completions of a shell from the tables that the program itself is
# made from, so that they know what it knows.
#
#	awk -v shell=bash|zsh|fish -f completion.awk src/cli/commands.def
#	    src/conf/options.def src/tools/definitions/*.json
#
# What is not understood is told as file:line, and then nothing is made.
# Written for mawk: no extension of gawk.

function fail(text)
{
	printf "%s:%d: %s\n", FILENAME, FNR, text > "/dev/stderr"
	failed = 1
	exit 1
}

# The texts of a row of C into texts[1..]; texts side by side are one.
function read_texts(row,    n, word, joined)
{
	n = 0
	joined = 0
	while (match(row, /"([^"\\]|\\.)*"/)) {
		if (substr(row, 1, RSTART - 1) !~ /^[ \t]*$/)
			joined = 0
		word = substr(row, RSTART + 1, RLENGTH - 2)
		row = substr(row, RSTART + RLENGTH)
		if (joined)
			texts[n] = texts[n] word
		else
			texts[++n] = word
		joined = 1
	}
	return n
}

function take_command(row)
{
	if (read_texts(row) != 4)
		fail("a command has name, words, summary and details")
	commands[++ncommands] = texts[1]
	summary[texts[1]] = texts[3]
}

function take_flag(row)
{
	if (read_texts(row) != 3 || !(texts[1] in summary))
		fail("an option has its command, name and summary")
	flags[++nflags] = texts[2]
	flag_command[nflags] = texts[1]
	flag_summary[nflags] = texts[3]
}

# An option with a value of its own, which is one of a few.
function take_choice(row)
{
	if (read_texts(row) != 4 || !(texts[1] in summary))
		fail("a choice has its command, name, values and summary")
	flags[++nflags] = texts[2]
	flag_command[nflags] = texts[1]
	flag_summary[nflags] = texts[4]
	flag_values[nflags] = texts[3]
	gsub(/\|/, " ", flag_values[nflags])
}

function take_option(row,    n)
{
	n = read_texts(row)
	options[++noptions] = texts[1]
	option_summary[noptions] = texts[n]
	option_values[noptions] = ""
	if (row ~ /, ENUM,/ && match(row, /"[a-z-]+(\|[a-z-]+)+"/)) {
		option_values[noptions] = substr(row, RSTART + 1, RLENGTH - 2)
		gsub(/\|/, " ", option_values[noptions])
	}
}

# The value of a member that is a JSON text, from what stands behind its name.
function json_text(text)
{
	if (!match(text, /^"([^"\\]|\\.)*"/))
		fail("not a text")
	return substr(text, 2, RLENGTH - 2)
}

# What may be written for an argument: an enum, or a truth.
function argument_values(schema,    list)
{
	if (match(schema, /"enum":\[[^\]]*\]/)) {
		list = substr(schema, RSTART + 8, RLENGTH - 9)
		# Several of them are a list, which is written as JSON.
		if (schema ~ /^\{"type":"array"/)
			return ""
		gsub(/[",]/, " ", list)
		gsub(/  +/, " ", list)
		sub(/^ /, "", list)
		sub(/ $/, "", list)
		return list
	}
	return schema ~ /^\{"type":"boolean"/ ? "true false" : ""
}

# {"a":{...},"b":{...}}: names of the first level.
function take_arguments(tool, text,    name, depth, i, c, start)
{
	text = substr(text, 2)
	while (match(text, /^,?"[a-z_]+":/)) {
		name = substr(text, RSTART, RLENGTH)
		gsub(/[",:]/, "", name)
		text = substr(text, RSTART + RLENGTH)
		depth = 0
		for (i = 1; i <= length(text); i++) {
			c = substr(text, i, 1)
			if (c == "\"") {
				match(substr(text, i), /^"([^"\\]|\\.)*"/)
				i += RLENGTH - 1
			} else if (c == "{")
				depth++
			else if (c == "}" && --depth == 0)
				break
		}
		start = substr(text, 1, i)
		text = substr(text, i + 1)
		arguments[tool] = arguments[tool] \
		    (arguments[tool] == "" ? "" : " ") name
		values[tool, name] = argument_values(start)
	}
	if (substr(text, 1, 1) != "}")
		fail("properties end in the middle")
}

FNR == 1 {
	pending = ""
	is_tool = FILENAME ~ /\.json$/
	is_options = FILENAME ~ /options\.def$/
	if (is_tool)
		ntools++
}

is_options && /^OPTION\(/ { take_option($0); next }

# Rows of commands.def go on until the line that ends with ')'.
!is_tool && !is_options && (pending != "" || /^(COMMAND|FLAG|CHOICE)\(/) {
	pending = pending $0
	if ($0 !~ /\)$/)
		next
	if (pending ~ /^COMMAND/)
		take_command(pending)
	else if (pending ~ /^FLAG/)
		take_flag(pending)
	else
		take_choice(pending)
	pending = ""
}

is_tool && /^"name": / {
	tool = tools[ntools] = json_text(substr($0, 9))
	arguments[tool] = ""
}

is_tool && /^"title": / { title[tool] = json_text(substr($0, 10)) }

is_tool && /^"inputSchema": / {
	if (!match($0, /"properties":\{/))
		fail("no properties")
	take_arguments(tool, substr($0, RSTART + RLENGTH - 1))
}

END {
	if (failed)
		exit 1
	if (ncommands == 0 || noptions == 0 || ntools == 0) {
		print "completion.awk: a table is empty" > "/dev/stderr"
		exit 1
	}
	if (shell == "bash")
		write_bash()
	else if (shell == "zsh")
		write_zsh()
	else if (shell == "fish")
		write_fish()
	else {
		print "completion.awk: no such shell" > "/dev/stderr"
		exit 1
	}
}

function head()
{
	print "# SPDX-License-Identifier: MIT"
	print "# Made by completion.awk; do not edit."
}

function list(array, n,    i, out)
{
	for (i = 1; i <= n; i++)
		out = out (i > 1 ? " " : "") array[i]
	return out
}

function flags_of(command,    i, out)
{
	for (i = 1; i <= nflags; i++)
		if (flag_command[i] == command)
			out = out " " flags[i]
	return out
}

# Names of the options with a value of their own, each with `before` in front.
function choices(before,    i, out)
{
	for (i = 1; i <= nflags; i++)
		if (flag_values[i] != "")
			out = out before flags[i]
	return out
}

# A text in single quotes.
function quote(text)
{
	gsub(/'/, "'\\''", text)
	return "'" text "'"
}

# --- bash -------------------------------------------------------------------

function bash_cases(    i, k, n, parts)
{
	print "# Values of -o options, and of arguments of tools."
	print "_jhe_mcp_values()\n{\n\tcase $1 in"
	for (i = 1; i <= noptions; i++)
		if (option_values[i] != "")
			printf "\t-o:%s) echo %s ;;\n", options[i], \
			    quote(option_values[i])
	for (i = 1; i <= ntools; i++) {
		n = split(arguments[tools[i]], parts, " ")
		for (k = 1; k <= n; k++)
			if (values[tools[i], parts[k]] != "")
				printf "\t%s:%s) echo %s ;;\n", tools[i], \
				    parts[k], \
				    quote(values[tools[i], parts[k]])
	}
	print "\tesac\n}\n"
	print "_jhe_mcp_arguments()\n{\n\tcase $1 in"
	for (i = 1; i <= ntools; i++)
		printf "\t%s) echo %s ;;\n", tools[i], \
		    quote(arguments[tools[i]])
	print "\tesac\n}\n"
	print "_jhe_mcp_flags()\n{\n\tcase $1 in"
	for (i = 1; i <= ncommands; i++)
		if (flags_of(commands[i]) != "")
			printf "\t%s) echo %s ;;\n", commands[i], \
			    quote(substr(flags_of(commands[i]), 2))
	print "\tesac\n}\n"
}

function write_bash(    i)
{
	head()
	print ""
	bash_cases()
	print "_jhe_mcp_reply()\n{"
	print "\tCOMPREPLY=($(compgen \"$@\" -- \"$cur\"))"
	print "}\n"
	print "_jhe_mcp()\n{"
	print "\tlocal cur=${COMP_WORDS[COMP_CWORD]} at=$COMP_CWORD name= i=1"
	print "\tlocal command= tool= before word"
	print "\tlocal tools=" quote(list(tools, ntools))
	print "\tCOMPREPLY=()"
	print "\t# name=value comes as two words or three."
	print "\tif [[ $cur == = ]]; then"
	print "\t\tat=$((at - 1)) name=${COMP_WORDS[COMP_CWORD - 1]} cur="
	print "\telif [[ ${COMP_WORDS[COMP_CWORD - 1]} == = ]]; then"
	print "\t\tat=$((at - 2)) name=${COMP_WORDS[COMP_CWORD - 2]}"
	print "\tfi"
	print "\tbefore=${COMP_WORDS[at - 1]}"
	print "\twhile ((i < at)); do"
	print "\t\tword=${COMP_WORDS[i]}"
	print "\t\tcase $word in"
	print "\t\t--file | --option" choices(" | ") ")"
	print "\t\t\t[[ ${COMP_WORDS[i + 1]} != = ]] || i=$((i + 1))"
	print "\t\t\ti=$((i + 1)) ;;"
	print "\t\t-f | -o) i=$((i + 1)) ;;"
	print "\t\t=) i=$((i + 1)) ;;"
	print "\t\t-*) ;;"
	print "\t\t*)"
	print "\t\t\tif [[ -z $command ]]; then command=$word"
	print "\t\t\telif [[ -z $tool ]]; then tool=$word"
	print "\t\t\tfi ;;"
	print "\t\tesac"
	print "\t\ti=$((i + 1))"
	print "\tdone"
	for (i = 1; i <= nflags; i++) {
		if (flag_values[i] == "")
			continue
		printf "\tif [[ $name == %s || ( -z $name && $before == %s )" \
		    " ]]; then\n", flags[i], flags[i]
		printf "\t\t_jhe_mcp_reply -W %s\n\t\treturn\n\tfi\n", \
		    quote(flag_values[i])
	}
	print "\tcase $before in"
	print "\t-f | --file) _jhe_mcp_reply -f; return ;;"
	print "\t-o | --option)"
	print "\t\tif [[ -n $name ]]; then"
	print "\t\t\t_jhe_mcp_reply -W \"$(_jhe_mcp_values \"-o:$name\")\""
	print "\t\telse"
	print "\t\t\tcompopt -o nospace"
	printf "\t\t\t_jhe_mcp_reply -S = -W %s\n", \
	    quote(list(options, noptions))
	print "\t\tfi"
	print "\t\treturn ;;"
	print "\tesac"
	print "\tif [[ -z $name && $cur == -* ]]; then"
	print "\t\t_jhe_mcp_reply -W \"--file --help --option --version" \
	    " $(_jhe_mcp_flags \"$command\")\""
	print "\telif [[ -z $command ]]; then"
	printf "\t\t_jhe_mcp_reply -W %s\n", quote(list(commands, ncommands))
	print "\telif [[ $command == call || $command == tools ]] && " \
	    "[[ -z $tool ]]; then"
	print "\t\t_jhe_mcp_reply -W \"$tools\""
	print "\telif [[ $command == call && -n $name ]]; then"
	print "\t\t_jhe_mcp_reply -W \"$(_jhe_mcp_values \"$tool:$name\")\""
	print "\telif [[ $command == call ]]; then"
	print "\t\tcompopt -o nospace"
	print "\t\t_jhe_mcp_reply -S = -W \"$(_jhe_mcp_arguments \"$tool\")\""
	print "\tfi"
	print "}\n"
	print "complete -F _jhe_mcp jhe-mcp"
}

# --- zsh --------------------------------------------------------------------

# In the lists of _describe and _values a colon or bracket ends the word.
function zsh_text(text)
{
	gsub(/\\"/, "\"", text)
	gsub(/:/, "\\:", text)
	gsub(/[\[\]]/, "", text)
	return text
}

function zsh_specs()
{
	print "\tlocal -a common"
	print "\tcommon=("
	print "\t\t'(-f --file)'{-f,--file}'[configuration file]" \
	    ":file:_files'"
	print "\t\t'*'{-o,--option}'[option of the configuration]" \
	    ":keyword=value:_jhe_mcp_options'"
	print "\t\t'(-h --help)'{-h,--help}'[help]'"
	print "\t)"
}

function write_zsh(    i, k, n, parts)
{
	print "#compdef jhe-mcp"
	head()
	print "\n_jhe_mcp_options()\n{\n\tlocal -a options"
	print "\tif compset -P '*='; then\n\t\tcase ${IPREFIX%=} in"
	for (i = 1; i <= noptions; i++)
		if (option_values[i] != "")
			printf "\t\t%s) compadd %s ;;\n", options[i], \
			    option_values[i]
	print "\t\tesac\n\t\treturn\n\tfi\n\toptions=("
	for (i = 1; i <= noptions; i++)
		printf "\t\t%s\n", quote(options[i] ":" \
		    zsh_text(option_summary[i]))
	print "\t)\n\t_describe -t options option options -S =\n}\n"
	print "_jhe_mcp_tools()\n{\n\tlocal -a tools\n\ttools=("
	for (i = 1; i <= ntools; i++)
		printf "\t\t%s\n", quote(tools[i] ":" \
		    zsh_text(title[tools[i]]))
	print "\t)\n\t_describe -t tools tool tools\n}\n"
	print "_jhe_mcp_arguments()\n{"
	print "\t# The first word behind the command."
	print "\tlocal tool=${${words:#-*}[2]}"
	print "\tif compset -P '*='; then\n\t\tcase $tool:${IPREFIX%=} in"
	for (i = 1; i <= ntools; i++) {
		n = split(arguments[tools[i]], parts, " ")
		for (k = 1; k <= n; k++)
			if (values[tools[i], parts[k]] != "")
				printf "\t\t%s:%s) compadd %s ;;\n", \
				    tools[i], parts[k], \
				    values[tools[i], parts[k]]
	}
	print "\t\tesac\n\t\treturn\n\tfi\n\tcase $tool in"
	for (i = 1; i <= ntools; i++)
		if (arguments[tools[i]] != "")
			printf "\t%s) compadd -S = %s ;;\n", tools[i], \
			    arguments[tools[i]]
	print "\tesac\n}\n"
	print "_jhe_mcp()\n{\n\tlocal -a commands\n\tlocal state line"
	print "\ttypeset -A opt_args"
	zsh_specs()
	print "\tcommands=("
	for (i = 1; i <= ncommands; i++)
		printf "\t\t%s\n", quote(commands[i] ":" \
		    zsh_text(summary[commands[i]]))
	print "\t)"
	print "\t_arguments -C $common '(-V --version)'{-V,--version}" \
	    "'[version]' \\\n\t    '1:command:->command' " \
	    "'*::word:->word' && return"
	print "\tcase $state in"
	print "\tcommand) _describe -t commands command commands ;;"
	print "\tword)\n\t\tcase $words[1] in"
	for (i = 1; i <= ncommands; i++) {
		printf "\t\t%s) _arguments $common", commands[i]
		for (k = 1; k <= nflags; k++)
			if (flag_command[k] == commands[i])
				printf " \\\n\t\t    %s", quote(flags[k] \
				    (flag_values[k] != "" ? "=" : "") \
				    "[" zsh_text(flag_summary[k]) "]" \
				    (flag_values[k] != "" ? ":value:(" \
				    flag_values[k] ")" : ""))
		if (commands[i] == "call" || commands[i] == "tools")
			printf " \\\n\t\t    '1:tool:_jhe_mcp_tools'"
		if (commands[i] == "call")
			printf " \\\n\t\t    '*:argument:_jhe_mcp_arguments'"
		print " ;;"
	}
	print "\t\tesac ;;\n\tesac\n}\n\n_jhe_mcp \"$@\""
}

# --- fish -------------------------------------------------------------------

function fish_text(text)
{
	gsub(/\\"/, "\"", text)
	gsub(/'/, "\\'", text)
	return "'" text "'"
}

function write_fish(    i, j, k, m, n, parts, parts2, c)
{
	head()
	print ""
	print "function __jhe_mcp_words"
	print "\tset -l skip 0"
	print "\tfor word in (commandline -opc)[2..-1]"
	print "\t\tif test $skip = 1"
	print "\t\t\tset skip 0"
	print "\t\telse if contains -- $word -f -o --file --option" \
	    choices(" ")
	print "\t\t\tset skip 1"
	print "\t\telse if not string match -q -- '-*' $word"
	print "\t\t\techo $word"
	print "\t\tend"
	print "\tend"
	print "end\n"
	print "function __jhe_mcp_is"
	print "\tset -l words (__jhe_mcp_words)"
	print "\ttest (count $words) -ge (count $argv)"
	print "\tand test \"$words[1..\"(count $argv)\"]\" = \"$argv\""
	print "end\n"
	print "function __jhe_mcp_lacks_command"
	print "\ttest (count (__jhe_mcp_words)) = 0"
	print "end\n"
	print "function __jhe_mcp_lacks_tool"
	print "\ttest (count (__jhe_mcp_words)) = 1"
	print "end\n"
	print "complete -c jhe-mcp -f"
	print "complete -c jhe-mcp -s f -l file -r -F" \
	    " -d 'configuration file'"
	print "complete -c jhe-mcp -s h -l help -d help"
	print "complete -c jhe-mcp -s V -l version -d version"
	for (i = 1; i <= noptions; i++) {
		c = "complete -c jhe-mcp -s o -l option -x -a "
		printf "%s%s -d %s\n", c, quote(options[i] "="), \
		    fish_text(option_summary[i])
		n = split(option_values[i], parts, " ")
		for (k = 1; k <= n; k++)
			printf "%s%s\n", c, quote(options[i] "=" parts[k])
	}
	for (i = 1; i <= ncommands; i++)
		printf "complete -c jhe-mcp -n __jhe_mcp_lacks_command " \
		    "-a %s -d %s\n", commands[i], \
		    fish_text(summary[commands[i]])
	for (i = 1; i <= nflags; i++)
		printf "complete -c jhe-mcp -n '__jhe_mcp_is %s' -l %s%s " \
		    "-d %s\n", flag_command[i], substr(flags[i], 3), \
		    flag_values[i] != "" ? " -x -a " quote(flag_values[i]) : \
		    "", fish_text(flag_summary[i])
	for (i = 1; i <= ntools; i++) {
		for (k = 1; k <= 2; k++)
			printf "complete -c jhe-mcp -n '__jhe_mcp_is %s; " \
			    "and __jhe_mcp_lacks_tool' -a %s -d %s\n", \
			    k == 1 ? "call" : "tools", tools[i], \
			    fish_text(title[tools[i]])
		n = split(arguments[tools[i]], parts, " ")
		for (k = 1; k <= n; k++) {
			c = "complete -c jhe-mcp -n '__jhe_mcp_is call " \
			    tools[i] "' -a "
			print c quote(parts[k] "=")
			m = split(values[tools[i], parts[k]], parts2, " ")
			for (j = 1; j <= m; j++)
				print c quote(parts[k] "=" parts2[j])
		}
	}
}
