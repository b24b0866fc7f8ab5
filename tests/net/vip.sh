#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# VIPs on their links: announced, answered for there and nowhere else, whatever becomes of the
# link's own addresses.
#
#   ext, inet -- sw (10.0.0.0/8) -------- vr -- net1 192.168.10.0/24 -- vm1 .5
#   far 203.0.113.1 -- swb (203.0.113.0/24) -/
. "$(dirname "$0")/../lib/net.sh"

interfaces() { # ADDRESS of the first
	cat <<-END
		{"uuid": "if-pub", "mac": "fa:00:00:00:00:01", "role": "public", "network": "l3-pub",
		 "addresses": ["$1/8"], "gateway": "10.0.0.1", "default_route": true},
		{"uuid": "if-1", "mac": "fa:00:00:00:00:03", "role": "private", "network": "l3-1",
		 "addresses": ["192.168.10.1/24"], "snat": true}
	END
}

SECOND='{"uuid": "if-b", "mac": "fa:00:00:00:00:02", "role": "public", "network": "l3-b",
	"addresses": ["203.0.113.16/24"], "gateway": "203.0.113.1"}'

document() { # INTERFACES
	cat <<-END
		{ "router": {"uuid": "r-1"},
		  "interfaces": [$1],
		  "vips": [{"uuid": "vip-1", "address": "10.151.10.170", "network": "l3-pub"}],
		  "eips": [{"uuid": "eip-1", "vip": "vip-1", "target": "192.168.10.5"}] }
	END
}

world() {
	world_internet
	switch swb
	switch net1
	node vr far
	plug far swb 203.0.113.1/24
	router_nic vr pub fa:00:00:00:00:01 sw
	router_nic vr b fa:00:00:00:00:02 swb
	router_nic vr net1 fa:00:00:00:00:03 net1
	guest vm1 net1 192.168.10.5/24 192.168.10.1
	router_start vr
}

apply() { document "$1" | router_apply vr - >/dev/null; }

# announced NAME VIP [TIMES]: more often than that.
announced() {
	local times
	times=$(capture_text "$1" "arp[6:2] == 1 and ether src fa:00:00:00:00:01 and src host $2 and dst host $2" |
		wc -l)
	echo "$times"
	[ "$times" -gt "${3:-0}" ]
}

case_announced() {
	local times
	world
	apply "$(interfaces 10.151.10.100)"
	until_ok ping_ok ext 10.151.10.170
	capture_start seen ext sw
	check router_patch vr '"upsert": {"vips": [{"uuid": "vip-2", "address": "10.151.10.171", "network": "l3-pub"}]}'
	until_ok announced seen 10.151.10.171
	times=$(announced seen 10.151.10.171)
	check ip -n vr link set pub down
	until_ok announced seen 10.151.10.171 "$times"
	until_ok announced seen 10.151.10.170
	until_ok ping_ok ext 10.151.10.170
	capture_stop seen
}

case_answered_on_its_own_link() {
	world
	apply "$(interfaces 10.151.10.100),$SECOND"
	check is_neighbour ext sw 10.151.10.170
	check is_neighbour far swb 203.0.113.16
	check is_neighbour vm1 eth0 192.168.10.1
	for address in 10.151.10.170 10.151.10.100 192.168.10.1; do
		deny is_neighbour far swb "$address"
	done
	deny is_neighbour ext sw 203.0.113.16
	deny is_neighbour ext sw 192.168.10.1
	for address in 10.151.10.170 10.151.10.100 203.0.113.16; do
		deny is_neighbour vm1 eth0 "$address"
	done
	# Without the second, nobody is asked for a VIP but on the first.
	apply "$(interfaces 10.151.10.100)"
	deny is_neighbour ext sw 192.168.10.1
	deny is_neighbour vm1 eth0 10.151.10.170
	check ping_ok ext 10.151.10.170
}

# The last of a link's addresses takes along what leads by the link.
case_outlives_the_address_of_its_link() {
	world
	apply "$(interfaces 10.151.10.100)"
	check ping_ok ext 10.151.10.170
	apply "$(interfaces 10.151.10.101)"
	check ping_ok ext 10.151.10.170
	check ping_ok vm1 10.0.0.1
	check ip -n vr address flush dev pub
	until_ok ping_ok ext 10.151.10.170
	until_ok router_in_order vr
}

# What was the link's own address is somebody's VIP in the next document, and the other way round.
case_takes_over_an_address() {
	world
	document "$(interfaces 10.151.10.100)" | router_apply vr - >/dev/null
	document "$(interfaces 10.151.10.101)" | sed 's/10.151.10.170/10.151.10.100/' |
		router_apply vr - >"$CASE_DIR/said" 2>&1 || true
	deny grep ^failed "$CASE_DIR/said"
	check ping_ok ext 10.151.10.100
	check router_in_order vr
	document "$(interfaces 10.151.10.100)" | router_apply vr -
	check router_in_order vr
	check ping_ok ext 10.151.10.170
	check ping_ok ext 10.151.10.100
}

run_cases "$@"
