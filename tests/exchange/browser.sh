#!/bin/sh
# SPDX-License-Identifier: MIT
#
# A stand-in for a browser with a person in front of it: opens URL, logs in at
# the exchange, consents, follows the redirects to the loopback callback.
#
#	BROWSER=.../browser.sh jhe-mcp ...	or	browser.sh URL
#
# Environment:
#	LOGIN_USER, LOGIN_PASS	default manager_max@example.com, Jhe1234!
#	CONSENT=deny		presses Cancel on the consent page
#	BROWSER_LOG		a file that gets one line per page: status and
#				URL without its query
#	BROWSER_TIMEOUT		seconds for each page (20)
#	BROWSER_NEVER=1		opens nothing and leaves with 0: a person who
#				closed the window
#
# Exit status: 0 the callback answered 2xx; 2 the login was refused; 3 the
# exchange answered something else (an error page, no page at all); 4 the
# callback did not answer 2xx; 64 usage.  Nothing is left in TMPDIR.

set -u
umask 077
unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY

[ $# -eq 1 ] || {
	echo "usage: browser.sh URL" >&2
	exit 64
}
[ -z "${BROWSER_NEVER-}" ] || exit 0

url=$1
work=$(mktemp -d "${TMPDIR:-/tmp}/jhe-browser.XXXXXX") || exit 3
trap 'rm -rf "$work"' EXIT
trap 'exit 3' HUP INT TERM

say()
{
	[ -z "${BROWSER_LOG-}" ] ||
	    printf '%s %s\n' "$1" "${2%%\?*}" >>"$BROWSER_LOG"
}

# fetch URL [CURL OPTION...]: sets status, location (absolute) and effective.
fetch()
{
	page=$1
	shift
	answer=$(curl -q -s -m "${BROWSER_TIMEOUT:-20}" -o "$work/page" \
	    -b "$work/jar" -c "$work/jar" -A 'browser.sh' \
	    -w '%{http_code} %{url_effective} %{redirect_url}' \
	    "$@" "$page") || :
	status=${answer%% *}
	answer=${answer#* }
	location=${answer#* }
	say "$status" "$page"
}

unescape()
{
	sed -e 's/&quot;/"/g' -e "s/&#x27;/'/g" -e "s/&#39;/'/g" \
	    -e 's/&lt;/</g' -e 's/&gt;/>/g' -e 's/&amp;/\&/g'
}

# attribute NAME: of the tag on standard input.
attribute()
{
	sed -n 's/.*[[:space:]]'"$1"'="\([^"]*\)".*/\1/p' | unescape
}

# hidden_fields: one --data-urlencode argument a line, for each hidden input.
hidden_fields()
{
	tr '\n' ' ' <"$work/page" | sed 's/<input/\
<input/g' | sed -n 's/^\(<input[^>]*type="hidden"[^>]*>\).*/\1/p' |
	while IFS= read -r tag; do
		name=$(printf '%s\n' "$tag" | attribute name)
		value=$(printf '%s\n' "$tag" | attribute value)
		[ -z "$name" ] || printf '%s=%s\n' "$name" "$value"
	done
}

# submit PAGE FIELD=VALUE...: posts the form with its hidden fields.
submit()
{
	form=$1
	shift
	for field in "$@"; do
		set -- "$@" --data-urlencode "$field"
		shift
	done
	hidden_fields >"$work/fields"
	while IFS= read -r field; do
		set -- "$@" --data-urlencode "$field"
	done <"$work/fields"
	fetch "$form" -e "$form" "$@"
}

# is_exchange URL: same scheme, host and port as the first page.
is_exchange()
{
	case $1/ in
	"$origin"/*) return 0 ;;
	esac
	return 1
}

rest=${url#*://}
origin=${url%%://*}://${rest%%/*}
logins=0
pages=0
fetch "$url"
while pages=$((pages + 1)); [ "$pages" -le 12 ]; do
	if [ -n "$location" ]; then
		url=$location
		fetch "$url"
		if ! is_exchange "$url"; then
			# The last page is the program's own.
			case $status in
			2??) exit 0 ;;
			3??) continue ;;
			esac
			exit 4
		fi
		continue
	fi
	[ "$status" = 200 ] || exit 3
	if grep -q 'name="password"' "$work/page"; then
		logins=$((logins + 1))
		[ "$logins" -eq 1 ] || exit 2
		submit "$url" \
		    "username=${LOGIN_USER:-manager_max@example.com}" \
		    "password=${LOGIN_PASS:-Jhe1234!}"
	elif grep -q 'name="allow"' "$work/page"; then
		if [ "${CONSENT-}" = deny ]; then
			submit "$url"
		else
			submit "$url" allow=Authorize
		fi
	else
		exit 3
	fi
done
exit 3
