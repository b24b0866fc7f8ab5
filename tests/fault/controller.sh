#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The controller is killed at any moment while a cloud is built up and taken down: calls are done or
# not done, what was answered is done, and nothing is left in the end.
# KILLS=200 SEED=1 tests/fault/controller.sh: more of them, the same ones again.
# timeout: 600
. "$(dirname "$0")/../lib/controller.sh"

killed() {
	mkdir -p "$CONTROLLER"
	check "$LIB/controller_kills.py" "${KILLS:-40}" "${SEED:-$RANDOM}" "$CONTROLLER/socket" -- \
		"$WEFT_BIN/controllerd" "$@" --socket "unix:$CONTROLLER/socket"
}

case_killed_while_it_writes() {
	killed --state-dir "$CONTROLLER/state"
}

case_killed_with_a_database_server() {
	postgres_start
	killed --state-dir "$CONTROLLER/state" --database "$(postgres_uri)"
}

run_cases "$@"
