#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The state on disk is damaged: the daemon does not guess, the network stays as it is, and the
# ways out that docs/operations.md tells lead out.
. "$(dirname "$0")/../lib/net.sh"

STATE=$CASE_DIR/vr/vrouter/state

world() {
	switch web
	node vr
	router_nic vr web fa:00:00:00:00:02 web
	router_start vr
	document 1 80 | check router_apply vr - >/dev/null
	document 2 81 | check router_apply vr - >/dev/null
	# Behind the damage: what is wrong with the last record was never acknowledged.
	document 3 81 | check router_apply vr - >/dev/null
}

document() { # REVISION PORT
	cat <<-END
		{"revision": $1, "router": {"uuid": "r-1"},
		 "interfaces": [{"uuid": "web", "mac": "fa:00:00:00:00:02", "role": "private",
		   "network": "web", "addresses": ["192.168.10.1/24"]}],
		 "firewall": [{"uuid": "fw-1", "interface": "web", "direction": "in", "priority": 1,
		   "action": "drop", "protocol": "tcp", "destination_ports": "$2"}]}
	END
}

kernel() {
	on vr nft -s list ruleset
	ip -n vr -4 -o address show | awk '{ print $2, $4 }'
}

revision() { weft_call vrouter vr Get | jq .revision; }

# damage BYTE: of the journal.
damage() {
	router_kill vr -9
	printf 'XXXX' | dd of="$STATE/journal.0" bs=1 seek="$1" conv=notrunc 2>/dev/null
}

refuses_to_start() {
	local status=0
	kernel >"$CASE_DIR/before"
	timeout $PATIENCE ip netns exec vr "$WEFT_BIN/vrouterd" --state-dir "$STATE" \
		--run-dir "$CASE_DIR/run2" --socket "unix:$CASE_DIR/socket2" "$@" \
		>"$CASE_DIR/other" 2>&1 || status=$?
	cat "$CASE_DIR/other"
	is "$status" 1 "exit status"
	kernel >"$CASE_DIR/after"
	check diff "$CASE_DIR/before" "$CASE_DIR/after"
}

case_is_refused_and_cut_to_what_is_whole() {
	local first
	world
	first=$(head -n 1 "$STATE/journal.0" | wc -c)
	damage $((first + 20))
	refuses_to_start
	check grep -q "$STATE: journal.0: damaged at byte $first" "$CASE_DIR/other"
	check truncate -s "$first" "$STATE/journal.0"
	router_start vr
	is "$(revision)" 1 "the revision that was whole"
	check grep -q "dport 80" <<<"$(kernel)"
}

# With the document from elsewhere nothing in the kernel is touched.
case_is_left_behind_for_a_document_from_a_file() {
	world
	damage 20
	document 3 81 >"$CASE_DIR/given.json"
	refuses_to_start --config "$CASE_DIR/given.json"
	mv "$STATE" "$STATE.damaged"
	: >"$CASE_DIR/vr/vrouter/log"
	router_start vr --config "$CASE_DIR/given.json"
	check grep -q "revision 3 in place after 0 changes" "$CASE_DIR/vr/vrouter/log"
	check diff "$CASE_DIR/before" <(kernel)
	# What is applied from now on is newer than the file.
	document 4 82 | check router_apply vr - >/dev/null
	router_kill vr -9
	router_start vr --config "$CASE_DIR/given.json"
	is "$(revision)" 4 "revision"
}

case_a_file_that_is_no_document_is_refused() {
	world
	router_kill vr -9
	mv "$STATE" "$STATE.away"
	echo '{"vips": [{"uuid": "v", "address": "10.0.0.1", "network": "none"}]}' >"$CASE_DIR/given.json"
	refuses_to_start --config "$CASE_DIR/given.json"
	check grep -q "$CASE_DIR/given.json: .*vips\[0\]" "$CASE_DIR/other"
	echo '{' >"$CASE_DIR/given.json"
	refuses_to_start --config "$CASE_DIR/given.json"
	check grep -q "$CASE_DIR/given.json:" "$CASE_DIR/other"
}

run_cases "$@"
