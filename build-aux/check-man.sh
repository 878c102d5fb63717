#!/bin/sh
# SPDX-License-Identifier: MIT
# mandoc -Tlint.	check-man.sh [DIRECTORY]
set -eu
cd "${1:-${srcdir:-.}}"
mandoc=${MANDOC:-mandoc}
if ! command -v "$mandoc" >/dev/null; then
	echo "SKIP: no mandoc"
	exit 77
fi
pages=$(find man -name '*.[1-8]' | LC_ALL=C sort)
if [ -z "$pages" ]; then
	echo "man: no pages"
	exit 1
fi
# Which other pages are installed here says nothing about ours.
if "$mandoc" -Tlint -W style $pages 2>&1 |
    sed 's/^mandoc: //' | grep -v -e 'referenced manual not found' \
    -e 'outdated mandoc\.db'; then
	exit 1
fi
