#!/bin/sh
# SPDX-License-Identifier: MIT
# Programs link what doc/privsep.md says, directly, and nothing else: what is
# not linked cannot be exploited.	check-needed.sh [BUILD-DIRECTORY]
set -eu
cd "${1:-.}"
readelf=${READELF:-readelf}
if ! command -v "$readelf" >/dev/null; then
	echo "SKIP: no readelf"
	exit 77
fi
if grep -qs '^#define JHE_SANITIZER' config.h; then
	echo "SKIP: a sanitizer brings libraries of its own"
	exit 77
fi
bad=0

# check PROGRAM LIBRARY ...: each must be there; libc and libm may.
# LIBRARY? may be there.
check()
{
	program=$1
	shift
	if [ ! -f "$program" ]; then
		echo "$program:0: not built"
		bad=1
		return
	fi
	needed=$("$readelf" -d "$program" |
	    sed -n 's/.*(NEEDED).*\[\(.*\)\.so[^]]*\]$/\1/p')
	for library in $needed; do
		case " $* libc libm ld-linux-$(uname -m | tr _ -) " in
		*" $library "* | *" $library? "*) ;;
		*)
			echo "$program:0: links $library"
			bad=1
			;;
		esac
	done
	for library; do
		case $library in *\?) continue ;; esac
		case " "$(echo $needed)" " in
		*" $library "*) ;;
		*)
			echo "$program:0: does not link $library"
			bad=1
			;;
		esac
	done
}

check bin/jhe-mcp libcrypto libjson-c 'libseccomp?'
check libexec/jhe-mcp/gate libseccomp 'libcrypto?' 'libjson-c?'
check libexec/jhe-mcp/worker libjson-c libcrypto libseccomp
check libexec/jhe-mcp/broker libcurl libjson-c libcrypto libseccomp 'libssl?'
exit $bad
