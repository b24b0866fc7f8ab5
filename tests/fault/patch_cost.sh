#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A change of one object costs what changes, never what there is.
# timeout: 180
. "$(dirname "$0")/../lib/net.sh"

SMALL=100
LARGE=5000
CALLS=sendto,sendmsg,recvfrom,recvmsg,writev,fdatasync,fsync,clone,clone3,fork,vfork,execve,execveat

is_up() { [ "$(on vr cat "/sys/class/net/$1/operstate")" = up ]; }

# The links are up before the router comes: what it does about them is over when it is measured.
world() {
	local link
	needs_program strace
	switch sw
	switch web
	node vr
	router_nic vr pub fa:00:00:00:00:01 sw
	router_nic vr web fa:00:00:00:00:02 web
	for link in pub web; do
		ip -n vr link set $link up
		until_ok is_up $link
	done
	router_start vr
}

trace_start() { # NAME [PROCESS...]: the daemon, and the process of its that cuts connections
	local pid name=$1 pids=()
	shift
	[ $# -gt 0 ] || set -- "$(cat "$CASE_DIR/vr/vrouter/pid")" "$(pgrep -P "$(cat "$CASE_DIR/vr/vrouter/pid")" -x cutter)"
	for pid; do pids+=(-p "$pid"); done
	start "$name" vr strace -f -yy -v -e "trace=$CALLS" -o "$CASE_DIR/$name.trace" "${pids[@]}"
	TRACER=$STARTED
	until_ok grep -q attached "$CASE_DIR/$name.log"
}

trace_stop() {
	kill -TERM "$TRACER"
	wait "$TRACER" || true
}

traced() { "$LIB/traced.py" "$CASE_DIR/$1.trace" "${@:2}"; }

patch() { # REVISION PATCH'S SECTIONS
	check weft_call vrouter vr Patch "{\"base_revision\": $1, $2}" >/dev/null
}

# Four changes of one object each, seen to their end: its target, removed, added, changed back.
one_object_changes() { # NAME OF THE TRACE
	local first="{\"uuid\": \"pf-00050\", \"vip\": \"vip-1\", \"protocol\": \"tcp\", \"vip_ports\": \"10050\",
		\"target\": \"172.16.200.50\", \"target_ports\": \"80\"}"

	patch 0 "\"upsert\": {\"port_forwards\": [$first]}"
	until_ok traced "$1" told 1
	patch 1 '"remove": {"port_forwards": ["pf-00050"]}'
	until_ok traced "$1" told 2
	patch 2 "\"upsert\": {\"port_forwards\": [$first]}"
	patch 3 "\"upsert\": {\"port_forwards\": [${first/200.50/201.51}]}"
	until_ok traced "$1" told 3
}

# The cost of the changes among so many port forwards, in COST.
measure() { # FORWARDS
	"$LIB/forwards.py" "$1" | router_apply vr - >/dev/null
	trace_start "with$1"
	one_object_changes "with$1"
	trace_stop
	COST=$(traced "with$1" cost)
	echo "$1 port forwards: $COST"
}

case_is_the_same_among_few_and_many() {
	local few
	world
	measure $SMALL
	few=$COST
	measure $LARGE
	# Bytes on netlink, processes: all the same.
	is "$COST" "$few" "cost"
	check test "${few##* }" -eq 0
}

# A VXLAN with so many guests elsewhere: one more, moved, gone.
measure_guests() { # GUESTS
	local pid one='{"uuid": "new", "l2": "vx", "mac": "fa:00:00:ff:00:01", "address": "10.99.0.1", "vtep": "192.168.29.22"}'
	python3 - "$1" >"$CASE_DIR/guests" <<-'END'
		import json, sys
		print(json.dumps({
		    "revision": 0, "host": {"uuid": "h", "vtep": "192.168.29.21"},
		    "l2_networks": [{"uuid": "vx", "type": "vxlan", "vni": 7, "pool": "pool"}],
		    "vteps": [{"uuid": "t", "pool": "pool", "address": "192.168.29.22"}],
		    "l2_remotes": [{"uuid": f"g{n}", "l2": "vx", "mac": f"fa:00:00:00:{n >> 8:02x}:{n & 255:02x}",
		                    "address": f"10.1.{n >> 8}.{n & 255}", "vtep": "192.168.29.22"} for n in range(int(sys.argv[1]))]}))
	END
	check host_apply vr "$CASE_DIR/guests" >/dev/null
	check host_in_order vr
	pid=$(cat "$CASE_DIR/vr/hostnet/pid")
	trace_start "guests$1" "$pid"
	for change in "0, \"upsert\": {\"l2_remotes\": [$one]}" "1, \"upsert\": {\"l2_remotes\": [${one/29.22/29.23}]}" \
		'2, "remove": {"l2_remotes": ["new"]}'; do
		check weft_call hostnet vr Patch "{\"base_revision\": $change}" >/dev/null
	done
	until_ok grep -q "recvfrom.*RTM_DELNEIGH.*AF_INET.*10.99.0.1" "$CASE_DIR/guests$1.trace"
	trace_stop
	COST=$(traced "guests$1" cost)
	echo "$1 guests: $COST"
	is "$(traced "guests$1" synced)" "3 answers" "each synced"
}

case_a_guest_costs_the_same_among_few_and_many() {
	local few
	needs_program strace
	needs vxlan
	switch underlay
	node vr
	router_nic vr em02 fa:00:00:00:00:01 underlay
	ip -n vr addr add 192.168.29.21/24 dev em02
	ip -n vr link set em02 up
	until_ok is_up em02
	host_start vr
	measure_guests $SMALL
	few=$COST
	measure_guests $LARGE
	is "$COST" "$few" "cost"
	check test "${few##* }" -eq 0
}

case_is_on_disk_before_it_is_acknowledged() {
	world
	"$LIB/forwards.py" $SMALL | router_apply vr - >/dev/null
	trace_start patches
	one_object_changes patches
	trace_stop
	is "$(traced patches synced)" "4 answers" "each synced"
}

run_cases "$@"
