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

trace_start() { # NAME: the daemon, and the process of its that cuts connections
	local pid
	pid=$(cat "$CASE_DIR/vr/vrouter/pid")
	start "$1" vr strace -f -yy -v -e "trace=$CALLS" -o "$CASE_DIR/$1.trace" \
		-p "$pid" -p "$(pgrep -P "$pid" -x cutter)"
	TRACER=$STARTED
	until_ok grep -q attached "$CASE_DIR/$1.log"
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

case_is_on_disk_before_it_is_acknowledged() {
	world
	"$LIB/forwards.py" $SMALL | router_apply vr - >/dev/null
	trace_start patches
	one_object_changes patches
	trace_stop
	is "$(traced patches synced)" "4 answers" "each synced"
}

run_cases "$@"
