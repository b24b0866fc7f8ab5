#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The machine has no room or no place for the daemon: it says so, and nothing changes by it.
. "$(dirname "$0")/../lib/net.sh"

STATE=$CASE_DIR/vr/vrouter/state

world() {
	switch sw
	switch web
	node vr
	router_nic vr pub fa:00:00:00:00:01 sw
	router_nic vr web fa:00:00:00:00:02 web
}

# The state's directory gets a file system of its own.
small_disk() {
	mkdir -p "$STATE"
	mount -t tmpfs -o size=64k,mode=700 tmpfs "$STATE"
}

fill_disk() {
	dd if=/dev/zero of="$STATE/fill" bs=4k 2>"$CASE_DIR/dd" || true
	check grep -q "No space left" "$CASE_DIR/dd"
}

# What is in the kernel, and what the daemon holds.
kernel() {
	on vr nft -s list ruleset
	ip -n vr -4 -o address show | awk '{ print $2, $4 }'
	ip -n vr -4 route show table all
	ip -n vr rule
}
everything() {
	kernel
	weft_call vrouter vr Get
}

forwards() { "$LIB/forwards.py" "$1" | jq -c .; }

patch_of() { # BASE REVISION, FORWARDS: one whose record needs more than a block of the disk
	forwards "$2" | jq -c "{base_revision: $1, upsert: {port_forwards: [.port_forwards[] | .target_ports = \"81\"]}}"
}

# refused_busy WHAT CMD...: with the error Busy that names the reason.
refused_busy() {
	local what=$1
	shift
	deny "$@" >"$CASE_DIR/refused" 2>&1
	check grep -q Busy "$CASE_DIR/refused"
	check grep -q "$what" "$CASE_DIR/refused"
}

# start_refused TEXT ARGS...: another daemon does not start; it says TEXT and ends with 1.
start_refused() {
	local text=$1 status=0
	shift
	timeout $PATIENCE ip netns exec vr "$WEFT_BIN/vrouterd" "$@" >"$CASE_DIR/other" 2>&1 || status=$?
	cat "$CASE_DIR/other"
	is "$status" 1 "exit status"
	check grep -qF "$text" "$CASE_DIR/other"
}

# Nobody touched anything, not even for a moment.
same_as_before() { # FILE
	everything >"$CASE_DIR/after"
	is "$(weft_call vrouter vr Status | jq -c .drift)" "[]" "what others did"
	check diff "$1" "$CASE_DIR/after"
}

case_disk_full() {
	world
	small_disk
	router_start vr
	forwards 3 | check router_apply vr - >/dev/null
	# The journal has a block, into which the beginning of the next record fits.
	check weft_call vrouter vr Patch "$(patch_of 0 2)" >/dev/null
	everything >"$CASE_DIR/before"
	fill_disk
	refused_busy "No space left" weft_call vrouter vr Patch "$(patch_of 1 60)"
	same_as_before "$CASE_DIR/before"
	forwards 60 >"$CASE_DIR/large.json"
	refused_busy "No space left" weft_router vr apply "$CASE_DIR/large.json"
	same_as_before "$CASE_DIR/before"
	# What was written of them is gone from the disk: another daemon finds the same.
	router_kill vr -9
	router_start vr
	same_as_before "$CASE_DIR/before"
	refused_busy "No space left" weft_call vrouter vr Patch "$(patch_of 1 60)"
	rm "$STATE/fill"
	check weft_call vrouter vr Patch "$(patch_of 1 3)" >/dev/null
	everything >"$CASE_DIR/before"
	router_kill vr -9
	router_start vr
	same_as_before "$CASE_DIR/before"
	check weft_router vr apply "$CASE_DIR/large.json" >/dev/null
	router_kill vr -9
	router_start vr
	is "$(weft_call vrouter vr Get | jq '.state.port_forwards | length')" 60 "port forwards"
}

case_disk_full_at_first() {
	world
	small_disk
	fill_disk
	router_start vr
	forwards 60 >"$CASE_DIR/large.json"
	kernel >"$CASE_DIR/before"
	refused_busy "No space left" weft_router vr apply "$CASE_DIR/large.json"
	check diff "$CASE_DIR/before" <(kernel)
	rm "$STATE/fill"
	check weft_router vr apply "$CASE_DIR/large.json" >/dev/null
}

case_disk_that_cannot_be_written() {
	world
	small_disk
	router_start vr
	forwards 3 | check router_apply vr - >/dev/null
	everything >"$CASE_DIR/before"
	router_stop vr
	mount -o remount,ro "$STATE"
	kernel >"$CASE_DIR/kernel"
	start_refused "Read-only file system" --state-dir "$STATE" --run-dir "$CASE_DIR/run2" \
		--socket "unix:$CASE_DIR/socket2"
	check grep -qF "$STATE" "$CASE_DIR/other"
	check diff "$CASE_DIR/kernel" <(kernel)
	mount -o remount,rw "$STATE"
	router_start vr
	same_as_before "$CASE_DIR/before"
}

case_two_with_one_state() {
	world
	router_start vr
	forwards 3 | check router_apply vr - >/dev/null
	everything >"$CASE_DIR/before"
	start_refused "another agent works with it" --state-dir "$STATE" --run-dir "$CASE_DIR/run2" \
		--socket "unix:$CASE_DIR/socket2"
	check grep -qF "$STATE" "$CASE_DIR/other"
	deny test -e "$CASE_DIR/socket2"
	same_as_before "$CASE_DIR/before"
	check weft_call vrouter vr Patch "$(patch_of 0 3)" >/dev/null
}

case_two_with_one_socket() {
	local socket=$CASE_DIR/vr/vrouter/socket
	world
	router_start vr
	forwards 3 | check router_apply vr - >/dev/null
	everything >"$CASE_DIR/before"
	start_refused "another process answers there" --state-dir "$CASE_DIR/state2" \
		--run-dir "$CASE_DIR/run2" --socket "unix:$socket"
	check grep -qF "$socket" "$CASE_DIR/other"
	same_as_before "$CASE_DIR/before"
}

case_something_else_in_the_sockets_place() {
	local socket=$CASE_DIR/vr/vrouter/socket
	world
	mkdir -p "$CASE_DIR/vr/vrouter"
	echo precious >"$socket"
	start_refused "something that is no socket" --state-dir "$STATE" --run-dir "$CASE_DIR/run2" \
		--socket "unix:$socket"
	is "$(cat "$socket")" precious "the file in its place"
	rm "$socket"
	router_start vr
	forwards 3 | check router_apply vr - >/dev/null
	# A socket that nobody answers on is taken over.
	router_kill vr -9
	check test -S "$socket"
	router_start vr
}

# A daemon that is killed while it begins a child leaves its socket in the child for a moment.
case_a_child_that_has_the_socket() {
	local socket=$CASE_DIR/vr/vrouter/socket child
	world
	mkdir -p "$CASE_DIR/vr/vrouter"
	child=$(python3 - "$socket" <<-'EOF'
		import os, signal, socket, sys
		listener = socket.socket(socket.AF_UNIX)
		listener.bind(sys.argv[1])
		listener.listen()
		child = os.fork()
		if child == 0: os.close(1), signal.pause()
		print(child)
	EOF
	)
	check kill -0 "$child"
	# Who asks before it has the place waits for the child.
	daemon_begin vrouter vr
	until_ok grep -qE "answers at|another process" "$CASE_DIR/vr/vrouter/log"
	daemon_answers vrouter vr
	forwards 3 | check router_apply vr - >/dev/null
	kill "$child"
}

run_cases "$@"
