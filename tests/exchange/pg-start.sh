#!/bin/sh
# SPDX-License-Identifier: MIT
#
# A throw-away PostgreSQL in one directory, reached by a Unix socket only.
#
#	pg-start.sh start [DIR]		prints DIR when the server accepts
#	pg-start.sh stop DIR		stops it at once and removes DIR
#	pg-start.sh bindir		prints where the programs were found
#
# Without DIR one is made in /tmp (socket paths end at 107 bytes, so it has to
# be short).  PostgreSQL refuses to run as root: a root caller gets a server
# of user postgres (or nobody), and reaches the socket by its group, so that
# a program of root which dropped its capabilities still can.  Nobody else
# passes the directory's 0710 or 0700, which is why connections need no
# password.
#
# Environment: PG_BINDIR (else the newest below /usr/lib/postgresql),
# PG_SHARE=1 lets every local user reach the socket (tests with several uids),
# PG_TIMEZONE is what sessions start with (UTC).

set -eu
umask 077

die()
{
	printf 'pg-start: %s\n' "$*" >&2
	exit 1
}

find_bindir()
{
	if [ -n "${PG_BINDIR-}" ]; then
		printf '%s\n' "$PG_BINDIR"
		return
	fi
	ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -t/ -k5,5n |
	    tail -n 1
}

# as_owner COMMAND...: run as the user the server belongs to.
as_owner()
{
	if [ "$(id -u)" -ne 0 ]; then
		"$@"
		return
	fi
	setpriv --reuid "$owner" --regid "$owner_gid" --clear-groups \
	    --inh-caps=-all env -u HOME "$@"
}

pick_owner()
{
	owner=$(id -u)
	owner_gid=$(id -g)
	[ "$owner" -eq 0 ] || return 0
	for name in postgres nobody; do
		owner=$(id -u "$name" 2>/dev/null) || continue
		owner_gid=$(id -g "$name")
		return 0
	done
	die "no user postgres or nobody to run the server"
}

write_conf()
{
	cat >>"$dir/data/postgresql.conf" <<-CONF
	listen_addresses = ''
	unix_socket_directories = '$dir'
	unix_socket_permissions = 0777
	fsync = off
	synchronous_commit = off
	full_page_writes = off
	wal_level = minimal
	max_wal_senders = 0
	max_connections = 100
	timezone = '${PG_TIMEZONE:-UTC}'
	shared_buffers = 32MB
	log_min_messages = warning
	CONF
}

start()
{
	dir=${1-}
	if [ -z "$dir" ]; then
		dir=$(mktemp -d /tmp/jhe.XXXXXX)
	else
		mkdir -p "$dir"
	fi
	trap 'rm -rf "$dir"' EXIT
	trap 'exit 1' HUP INT TERM
	[ "${#dir}" -le 80 ] || die "$dir: too long for a socket path"
	if [ "$(id -u)" -eq 0 ]; then
		chown "$owner:0" "$dir"
		chmod 0710 "$dir"
	fi
	[ -z "${PG_SHARE-}" ] || chmod 0711 "$dir"
	cd "$dir"
	as_owner "$bin/initdb" -D "$dir/data" -U postgres -A trust \
	    -E UTF8 --locale=C.UTF-8 --no-sync --no-instructions \
	    >"$dir/initdb.log" 2>&1 || {
		cat "$dir/initdb.log" >&2
		die "initdb failed"
	}
	write_conf
	as_owner "$bin/pg_ctl" -D "$dir/data" -l "$dir/data/server.log" \
	    -w -s start </dev/null >&2 || {
		cat "$dir/data/server.log" >&2
		die "the server did not start"
	}
	trap - EXIT
	printf '%s\n' "$dir"
}

stop()
{
	dir=${1:?a directory is needed}
	[ -d "$dir" ] || return 0
	cd /
	if [ -f "$dir/data/postmaster.pid" ]; then
		as_owner "$bin/pg_ctl" -D "$dir/data" -m immediate -w -s \
		    stop || :
	fi
	# Only what start made: a wrong argument must not empty a home.
	rmdir "$dir" 2>/dev/null && return
	[ -f "$dir/initdb.log" ] || [ -d "$dir/data" ] ||
	    die "$dir: no server of ours"
	rm -rf "$dir"
}

bin=$(find_bindir)
[ -x "$bin/initdb" ] || die "PostgreSQL's programs not found (set PG_BINDIR)"
case ${1-} in
start|stop)
	pick_owner
	"$@" ;;
bindir)
	printf '%s\n' "$bin" ;;
*)
	die "usage: pg-start.sh start [DIR] | stop DIR | bindir" ;;
esac
