# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A PostgreSQL of the case's own, on a socket in its directory. Part of controller.sh.

POSTGRES=$CASE_DIR/postgres

# postgres_as COMMAND...: one of the server's programs, as the user that it runs as.
postgres_as() {
	local programs
	programs=$(find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin | sort -V | tail -n 1)
	[ -n "$programs" ] || skip "PostgreSQL is not installed"
	setpriv --reuid=postgres --regid=postgres --clear-groups "$programs/$1" "${@:2}"
}

postgres_start() {
	install -d -o postgres "$POSTGRES"
	check postgres_as initdb -D "$POSTGRES/data" -A trust -E UTF8 --locale=C --no-sync \
		>"$CASE_DIR/initdb.log"
	postgres_serve
	check postgres_as psql -h "$POSTGRES" -d postgres -qc "CREATE DATABASE weft"
}

# Again after it was killed.
postgres_serve() {
	postgres_as postgres -D "$POSTGRES/data" -k "$POSTGRES" -c listen_addresses= \
		>>"$CASE_DIR/postgres.log" 2>&1 </dev/null &
	echo $! >"$POSTGRES/pid"
	until_ok postgres_as psql -h "$POSTGRES" -d postgres -qc "SELECT 1"
}

# postgres_sql STATEMENT
postgres_sql() { postgres_as psql -h "$POSTGRES" -d weft -v ON_ERROR_STOP=1 -qAtc "$1"; }

# postgres_uri: where the controller finds it.
postgres_uri() { echo "postgresql://postgres@/weft?host=$POSTGRES"; }
