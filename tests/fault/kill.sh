#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The daemon is killed at any moment: nothing acknowledged is lost, connections go on.
# KILLS=200 SEED=1 tests/fault/kill.sh: more of them, the same ones again.
# timeout: 600
. "$(dirname "$0")/../lib/net.sh"

world() {
	local n
	world_internet
	node vr
	for n in 0 1; do switch "l$n"; done
	router_nic vr mgt fa:00:00:00:00:00 l0
	router_nic vr pub0 fa:00:00:00:01:00 sw
	for n in 1 2; do router_nic vr "pub$n" "fa:00:00:00:01:0$n" l0; done
	for n in 0 1; do router_nic vr "pri$n" "fa:00:00:00:02:0$n" "l$n"; done
	for n in 2 3; do router_nic vr "pri$n" "fa:00:00:00:02:0$n" l0; done
	guest vm1 l0 192.168.10.79/24 192.168.10.1
	guest vm2 l1 192.168.20.228/24 192.168.20.1
	serve vm1 tcp 22
	serve vm2 tcp 22
}

case_killed_while_it_changes() {
	needs_program vrouterd
	world
	check "$LIB/kills.py" "$WEFT_BIN/vrouterd" "${KILLS:-20}" "${SEED:-$RANDOM}"
}

# The process that writes a snapshot is stopped as soon as it is there.
stop_the_writer() { pkill -STOP -P "$(cat "$CASE_DIR/vr/vrouter/pid")" -x vrouterd; }

# It must not hold the socket, nor go on writing, when its agent is gone.
case_killed_while_it_writes_a_snapshot() {
	local revision
	needs_program vrouterd
	world
	router_start vr
	for revision in 1 2 3; do
		"$LIB/forwards.py" 20000 | jq -c ".revision = $revision" | router_apply vr - >/dev/null
	done
	until stop_the_writer; do :; done
	router_kill vr -9
	router_start vr
	is "$(weft_call vrouter vr Status | jq .revision)" 3 "the revision held"
	check router_in_order vr
}

run_cases "$@"
