#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The management side: answered there and only there, out of reach for guests and outsiders, and no
# way to them.
#
#   ext, inet -- sw (10.0.0.0/8) -- vr -- net1 192.168.10.0/24 -- vm1 .5
#   admin 172.20.0.5 -- mgmt -- lan (192.168.29.0/24) -/
# vm: answers_go_through_its_gateway
. "$(dirname "$0")/../lib/net.sh"

document() { # [SECTIONS]
	cat <<-END
		{ "router": {"uuid": "r-1"},
		  "interfaces": [
		    {"uuid": "if-pub", "mac": "fa:00:00:00:00:01", "role": "public", "network": "l3-pub",
		     "addresses": ["10.151.10.100/8"], "gateway": "10.0.0.1", "default_route": true},
		    {"uuid": "if-mgt", "mac": "fa:00:00:00:00:00", "role": "management", "network": "l3-mgt",
		     "addresses": ["192.168.29.10/24"], "gateway": "192.168.29.1"},
		    {"uuid": "if-1", "mac": "fa:00:00:00:00:02", "role": "private", "network": "l3-1",
		     "addresses": ["192.168.10.1/24"], "snat": true}]
		  ${1:-} }
	END
}

world() {
	world_internet
	switch lan
	switch net1
	node vr mgmt admin
	plug mgmt lan 192.168.29.1/24
	wire mgmt 172.20.0.1/24 admin 172.20.0.5/24
	on mgmt sysctl -qw net.ipv4.ip_forward=1
	route admin default via 172.20.0.1
	router_nic vr mgmt fa:00:00:00:00:00 lan
	router_nic vr pub fa:00:00:00:00:01 sw
	router_nic vr net1 fa:00:00:00:00:02 net1
	guest vm1 net1 192.168.10.5/24 192.168.10.1
	serve vr tcp 22 80 udp 161
	router_start vr
	document "$@" | check router_apply vr -
}

case_answers_go_through_its_gateway() {
	world
	capture_start outside inet sw net 172.20.0.0/16
	is "$(who mgmt 192.168.29.10 22)" "192.168.29.10 192.168.29.1" "a neighbour"
	is "$(who admin 192.168.29.10 22)" "192.168.29.10 172.20.0.5" "from behind the gateway"
	check ping_ok admin 192.168.29.10
	check ping_ok vm1 198.51.100.10 # the default route is as it was
	check on vr ping -q -c 1 -w 10 198.51.100.10
	capture_stop outside
	is "$(capture_text outside)" "" "seen outside"
	document | sed 's/, "gateway": "192.168.29.1"//' | check router_apply vr -
	check tcp_ok mgmt 192.168.29.10 22
	check tcp_no_timeout admin 192.168.29.10 22
	document | check router_apply vr -
	check tcp_ok admin 192.168.29.10 22
	check router_in_order vr
}

# A static route through the management network holds for its answers too.
case_answers_heed_static_routes() {
	world
	node other
	plug other lan 192.168.29.7/24
	ip -n other address add 172.20.0.5/32 dev lo
	route other 10.0.0.0/8 via 192.168.29.10
	check ask other tcp 192.168.29.10 22 192.168.29.7
	document ', "routes": [{"uuid": "rt-1", "destination": "172.20.0.0/24", "type": "static",
		"next_hop": "192.168.29.7"}]' | check router_apply vr -
	check ask other tcp 192.168.29.10 22 172.20.0.5
	check tcp_no admin 192.168.29.10 22
	router_patch vr '"upsert": {"routes": [{"uuid": "rt-1", "destination": "172.20.0.0/24",
		"type": "blackhole"}]}'
	check tcp_no_timeout admin 192.168.29.10 22
	router_patch vr '"remove": {"routes": ["rt-1"]}'
	check tcp_ok admin 192.168.29.10 22
}

case_out_of_reach_for_guests_and_outsiders() {
	world ', "routes": [{"uuid": "rt-1", "destination": "172.20.0.0/24", "type": "static",
		"next_hop": "192.168.29.1"}]'
	serve mgmt tcp 443
	serve admin tcp 443
	route mgmt 10.0.0.0/8 via 192.168.29.10
	route mgmt 192.168.10.0/24 via 192.168.29.10
	route ext 192.168.29.0/24 via 10.151.10.100
	route ext 172.20.0.0/24 via 10.151.10.100
	capture_start seen mgmt lan ip and not src net 192.168.29.0/24
	for address in 192.168.29.1 172.20.0.5; do
		check tcp_no_timeout vm1 $address 443
		check ping_no vm1 $address
		check tcp_no_timeout ext $address 443
		check ping_no ext $address
	done
	check tcp_no_timeout vm1 192.168.29.10 22
	check ping_no vm1 192.168.29.10
	check tcp_no_timeout ext 192.168.29.10 22
	check ping_no ext 192.168.29.10
	capture_stop seen
	is "$(capture_text seen)" "" "seen in the management network"
}

case_no_way_out_of_it() {
	world ', "vips": [{"uuid": "vip-1", "address": "10.151.10.170", "network": "l3-pub"}],
		"eips": [{"uuid": "eip-1", "vip": "vip-1", "target": "192.168.10.5"}]'
	serve vm1 tcp 22
	route mgmt 10.0.0.0/8 via 192.168.29.10
	route mgmt 192.168.10.0/24 via 192.168.29.10
	route mgmt 198.51.100.10 via 192.168.29.10
	check tcp_ok ext 10.151.10.170 22
	check ping_no mgmt 192.168.10.5
	check tcp_no_timeout mgmt 192.168.10.5 22
	check tcp_no_timeout mgmt 10.151.10.170 22 # no VIP is translated for it
	check ping_no mgmt 10.151.10.170
	check ping_no mgmt 198.51.100.10
	check tcp_no_timeout mgmt 198.51.100.10 80
	check ping_no mgmt 10.0.79.68
}

# Each side hears what is meant for it, at the addresses of that side.
case_each_side_is_answered_for_itself() {
	world ', "dns": {"forwarders": ["223.5.5.5"]}'
	route mgmt 10.151.10.100 via 192.168.29.10
	route mgmt 192.168.10.1 via 192.168.29.10
	check ping_ok mgmt 192.168.29.10
	check tcp_ok mgmt 192.168.29.10 22
	check tcp_no_timeout mgmt 192.168.29.10 80
	check udp_no_timeout mgmt 192.168.29.10 161
	check tcp_no_timeout mgmt 192.168.29.10 53
	check ping_no mgmt 10.151.10.100
	check tcp_no_timeout mgmt 10.151.10.100 22
	check tcp_no_timeout mgmt 192.168.10.1 22
	check ping_ok ext 10.151.10.100
	check tcp_no_timeout ext 10.151.10.100 22
	check udp_no_timeout ext 10.151.10.100 161
	check tcp_no_timeout ext 10.151.10.100 53
	check ping_ok vm1 192.168.10.1
	check tcp_no_timeout vm1 192.168.10.1 22
	check tcp_no_timeout vm1 192.168.10.1 80
	check udp_no_timeout vm1 192.168.10.1 161
	until_ok resolves
	# No address of one side is even known on another.
	deny is_neighbour vm1 eth0 192.168.29.10
	deny is_neighbour vm1 eth0 10.151.10.100
	deny is_neighbour mgmt lan 192.168.10.1
	check is_neighbour mgmt lan 192.168.29.10
}

resolves() { [ "$(dns vm1 192.168.10.1 www.example.test)" = 198.51.100.10 ]; }

case_ipv6_is_no_way_round() {
	needs ipv6
	local address
	world
	address=$(ip -n vr -j -6 address show dev net1 scope link | jq -er '.[0].addr_info[0].local')
	check ping_no vm1 "$address%eth0"
	address=$(ip -n vr -j -6 address show dev pub scope link | jq -er '.[0].addr_info[0].local')
	check ping_no ext "$address%sw"
	check tcp_no ext "$address%sw" 22
}

run_cases "$@"
