#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The cases of the model, on PostgreSQL; and what only a server can do: be busy, go, and come back.
# timeout: 300
export WEFT_DATABASE=postgresql
. "$(dirname "$0")/../lib/controller.sh"

# The cases of another file, without the end that runs them.
cases_of() {
	# shellcheck disable=SC1090 # they are checked where they are
	. <(sed '/^\. /d; /^run_cases /d' "$ROOT/tests/e2e/$1.sh")
}

cases_of model
cases_of network
cases_of accounts
# Of a time when there was no PostgreSQL.
unset -f case_what_there_was_is_admins

case_one_controller_at_a_time() {
	local status=0
	controller_start
	timeout "$PATIENCE" "$WEFT_BIN/controllerd" --state-dir "$CASE_DIR/elsewhere" \
		--database "$(postgres_uri)" --socket "unix:$CASE_DIR/other" >"$CASE_DIR/said" 2>&1 ||
		status=$?
	is "$status" 1 "status"
	check grep -q "another controllerd has it" "$CASE_DIR/said"
}

case_a_server_that_goes_and_comes_back() {
	controller_start
	small_cloud
	postgres_sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid != pg_backend_pid()
		AND datname = 'weft'" >/dev/null
	# Whoever comes first hears of it; nothing is done that is not told.
	until_ok weft_c query zone
	made zone name=ZONE-2
	is "$(names zone --sort name)" "ZONE-1 ZONE-2" "what it had, and goes on"
	kill -9 "$(head -n 1 "$POSTGRES/data/postmaster.pid")"
	wait "$(cat "$POSTGRES/pid")" || true
	check grep -q "Busy" <<<"$(api Create '{"type": "zone", "spec": {"name": "ZONE-3"}}')"
	postgres_serve
	until_ok weft_c query zone
	is "$(names zone --sort name)" "ZONE-1 ZONE-2" "nothing was lost, nothing half done"
	made zone name=ZONE-3
}

# no_database URI STATUS TEXT: it ends with a reason that has no password in it.
no_database() {
	local status=0
	timeout "$PATIENCE" "$WEFT_BIN/controllerd" --state-dir "$CASE_DIR/state" --database "$1" \
		--socket "unix:$CASE_DIR/other" >"$CASE_DIR/said" 2>&1 || status=$?
	is "$status" "$2" "status"
	check grep -qF -- "$3" "$CASE_DIR/said"
	deny grep -q planted "$CASE_DIR/said"
}

case_passwords_are_not_for_the_command_line() {
	no_database "postgresql://weft:planted@/weft?host=$POSTGRES" 1 "name a passfile"
	no_database "postgresql://weft:planted@[::1]x/weft" 1 'unexpected character "x"'
	no_database "postgresql://weft:pl%zzanted@/weft?planted" 1 "percent-encoded"
	no_database "postgres://weft:planted@/weft" 2 "does not begin with postgresql://"
	no_database "postgresql://postgres@/nothing?host=/nowhere" 1 "/nowhere"
}

# A controller that was cut off does not write while another one does.
case_another_takes_over() {
	controller_start
	small_cloud
	# The connection goes, and before it is made anew somebody else has the lock.
	postgres_sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid != pg_backend_pid()
		AND datname = 'weft'" >/dev/null
	postgres_as psql -h "$POSTGRES" -d weft -qAt >"$CASE_DIR/holder" 2>&1 <<-'END' &
		SELECT 'held ' || pg_try_advisory_lock(2003133044);
		SELECT pg_sleep(600);
	END
	until_ok grep -q "held true" "$CASE_DIR/holder"
	for _ in 1 2 3; do
		check grep -q "Busy" <<<"$(api Create '{"type": "zone", "spec": {"name": "ZONE-2"}}')"
	done
	check grep -q "another controllerd has it" <<<"$(api Create '{"type": "zone", "spec": {"name": "ZONE-2"}}')"
	is "$(postgres_sql "SELECT string_agg(name, ' ') FROM zone")" ZONE-1 "nothing was written"
	postgres_sql "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'" >/dev/null
	until_ok weft_c query zone
	made zone name=ZONE-2
	is "$(names zone --sort name)" "ZONE-1 ZONE-2" "it goes on"
}

run_cases "$@"
