# SPDX-License-Identifier: MIT
#
# Who may include what: the folders of src/ are layers and levels of trust.
#
#	awk -f check-includes.awk src/*/*.[ch] src/*/*.def
#
# File names begin with src/.  What is wrong is told as file:line.
# Written for mawk: no extension of gawk.

# folder: the folders that it may include besides its own and compat.
function layer(folder, list,    n, i, parts)
{
	known[folder] = 1
	n = split(list, parts, " ")
	for (i = 1; i <= n; i++)
		may[folder, parts[i]] = 1
}

# header: what its name begins with; users: folders, or files below src/.
function external(header, users,    n, i, parts)
{
	guarded[++nguarded] = header
	n = split(users, parts, " ")
	for (i = 1; i <= n; i++)
		may_use[header, parts[i]] = 1
}

BEGIN {
	# Libraries that know nothing of the product.
	layer("compat", "")
	layer("base", "")
	layer("ipc", "base")
	layer("sandbox", "base")
	layer("conf", "base")
	# Libraries that do.
	layer("http", "base")
	layer("omh", "base")
	layer("oauth", "base")
	layer("vault", "base ipc oauth")
	layer("db", "base")
	layer("mcp", "base")
	layer("tools", "base mcp db omh")
	# Processes.
	layer("broker", "base ipc sandbox oauth")
	layer("gate", "base ipc sandbox http oauth")
	layer("worker", "base ipc sandbox http mcp tools db oauth")
	layer("master", "base ipc sandbox conf vault oauth")
	layer("cli", "base ipc sandbox conf vault oauth")
	layer("ctl", "base ipc")

	external("libpq", "db/libpq.h")
	external("postgres", "")
	external("curl/", "broker")
	external("json-c/", "mcp tools broker gate cli ctl " \
	    "oauth/jwt_json.c oauth/discovery_json.c")
	external("openssl/", "oauth vault broker")
	external("seccomp.h", "sandbox")
	external("linux/", "sandbox")
	external("asm/", "sandbox")

	# Of ipc the vault sees the types, of oauth the worker what seals.
	only["vault", "ipc"] = "ipc/ipc.h"
	only["worker", "oauth"] = "oauth/seal.h oauth/digest.h " \
	    "oauth/secret.h oauth/b64url.h"
}

function complain(text)
{
	printf "%s:%d: %s\n", FILENAME, FNR, text
	bad = 1
}

function folder_of(path,    rest)
{
	rest = path
	sub(/^.*src\//, "", rest)
	if (rest !~ /\//)
		return ""
	sub(/\/.*$/, "", rest)
	return rest
}

function check_own(header,    to)
{
	if (header == "config.h")
		return
	if (header !~ /\//) {
		complain("includes are written from src/: \"" header "\"")
		return
	}
	to = header
	sub(/\/.*$/, "", to)
	if (to == folder || to == "compat")
		return
	if (!((folder, to) in may))
		complain(folder " may not include " to ": \"" header "\"")
	else if (header ~ /\/private\.h$/)
		complain("private to " to ": \"" header "\"")
	else if ((folder, to) in only &&
	    index(" " only[folder, to] " ", " " header " ") == 0)
		complain(folder " may include of " to " only " \
		    only[folder, to] ": \"" header "\"")
}

function check_external(header,    i)
{
	for (i = 1; i <= nguarded; i++) {
		if (index(header, guarded[i]) != 1)
			continue
		if (!((guarded[i], folder) in may_use) &&
		    !((guarded[i], file) in may_use))
			complain("not in " file ": <" header ">")
	}
}

FNR == 1 {
	nfiles++
	folder = folder_of(FILENAME)
	file = FILENAME
	sub(/^.*src\//, "", file)
	if (!(folder in known))
		complain("folder without a row in check-includes.awk")
}

/^[ \t]*#[ \t]*include/ {
	header = $0
	if (match(header, /"[^"]*"/))
		check_own(substr(header, RSTART + 1, RLENGTH - 2))
	else if (match(header, /<[^>]*>/))
		check_external(substr(header, RSTART + 1, RLENGTH - 2))
	else
		complain("what is included?")
}

END {
	if (nfiles == 0) {
		print "check-includes.awk: no files"
		bad = 1
	}
	exit bad
}
