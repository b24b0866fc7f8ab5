# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# load.sh - connection after connection while something is done to the router (tests/load).
. "$(dirname "${BASH_SOURCE[0]}")/net.sh"

LOAD=$WEFT_BIN/../tools/load

needs_load() { [ -x "$LOAD" ] || skip "program load is missing"; }

# load_start NAME NODE ARGS: asks until load_stop.
load_start() {
	local name=$1 node=$2
	shift 2
	start "$name" "$node" "$LOAD" ask "$@"
	echo "$STARTED" >"$CASE_DIR/$name.pid"
	until_ok grep -q asks "$CASE_DIR/$name.log"
}

# load_stop NAME: what became of its connections, as JSON.
load_stop() {
	kill -TERM "$(cat "$CASE_DIR/$1.pid")"
	until_ok grep -q answered "$CASE_DIR/$1.log" >/dev/null
	tail -n 1 "$CASE_DIR/$1.log"
}

# load_lost_nothing NAME...: nothing failed; what is called *_held had four connections all along.
load_lost_nothing() {
	local name said
	for name in "$@"; do
		said=$(load_stop "$name")
		echo "$name: $said"
		is "$(jq .failed <<<"$said")" 0 "failed of $name"
		check [ "$(jq .answered <<<"$said")" -gt 0 ]
		case $name in
		*_held) is "$(jq -c '[.connections, .closed]' <<<"$said")" "[4,0]" "connections of $name" ;;
		esac
	done
}

# The router's program is the case's own from now on, so that another one can take its place.
own_program() {
	mkdir "$CASE_DIR/bin"
	cp "$WEFT_BIN"/vrouterd "$WEFT_BIN"/weft "$CASE_DIR/bin"
	WEFT_BIN=$CASE_DIR/bin
}

# upgrade NODE: another file takes the program's place while it runs; then it is restarted, as a
# package does it.
upgrade() {
	local before
	before=$(stat -L -c %i "/proc/$(cat "$CASE_DIR/$1/vrouter/pid")/exe")
	cp "$CASE_DIR/bin/vrouterd" "$CASE_DIR/bin/vrouterd.new"
	mv "$CASE_DIR/bin/vrouterd.new" "$CASE_DIR/bin/vrouterd"
	router_stop "$1"
	router_start "$1"
	deny [ "$(stat -L -c %i "/proc/$(cat "$CASE_DIR/$1/vrouter/pid")/exe")" = "$before" ]
}
