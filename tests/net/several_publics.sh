#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# VIPs, elastic IPs and port forwards on several public interfaces: answers leave where they were
# asked, whatever the default route is.
#
#   ext 10.0.79.68, inet -- sw (10.0.0.0/8) -- vr -- net1 192.168.10.0/24 -- vm1 .5, vm2 .6
#   far 203.0.113.1 ------- swb (203.0.113.0/24) -/ \- net2 192.168.20.0/24 -- vm3 .7
#   far has 198.18.0.9, inet has 198.51.100.10: both are behind their networks' gateways
# vm: answers_leave_where_they_were_asked
. "$(dirname "$0")/../lib/net.sh"

interfaces() { # OF-PUB OF-B: more fields
	cat <<-END
		{"uuid": "if-pub", "mac": "fa:00:00:00:00:01", "role": "public", "network": "l3-pub",
		 "addresses": ["10.151.10.100/8"], "gateway": "10.0.0.1" $1},
		{"uuid": "if-b", "mac": "fa:00:00:00:00:02", "role": "public", "network": "l3-b",
		 "addresses": ["203.0.113.16/24"], "gateway": "203.0.113.1" $2},
		{"uuid": "if-1", "mac": "fa:00:00:00:00:03", "role": "private", "network": "l3-1",
		 "addresses": ["192.168.10.1/24"], "snat": true},
		{"uuid": "if-2", "mac": "fa:00:00:00:00:04", "role": "private", "network": "l3-2",
		 "addresses": ["192.168.20.1/24"], "snat": true}
	END
}

DEFAULT=', "default_route": true'

document() { # [SECTIONS [INTERFACES]]
	cat <<-END
		{ "router": {"uuid": "r-1"},
		  "interfaces": [${2:-$(interfaces "$DEFAULT" "")}],
		  "vips": [
		    {"uuid": "vip-b", "address": "203.0.113.20", "network": "l3-b"},
		    {"uuid": "vip-b2", "address": "203.0.113.21", "network": "l3-b"},
		    {"uuid": "vip-a", "address": "10.151.10.170", "network": "l3-pub"},
		    {"uuid": "vip-a2", "address": "10.151.10.171", "network": "l3-pub"}]
		  ${1:-} }
	END
}

eip() { echo "{\"uuid\": \"$1\", \"vip\": \"$2\", \"target\": \"$3\"}"; } # UUID VIP TARGET

forward() { # UUID VIP PORT TARGET TARGET_PORT
	echo "{\"uuid\": \"$1\", \"vip\": \"$2\", \"protocol\": \"tcp\", \"vip_ports\": \"$3\",
		\"target\": \"$4\", \"target_ports\": \"$5\"}"
}

world() {
	world_internet
	switch swb
	switch net1
	switch net2
	node vr far
	plug far swb 203.0.113.1/24
	ip -n far address add 198.18.0.9/32 dev lo
	route far 198.51.100.10 via 203.0.113.16 # for the way in by the wrong side
	ip -n inet address add 198.18.5.5/32 dev lo
	router_nic vr pub fa:00:00:00:00:01 sw
	router_nic vr b fa:00:00:00:00:02 swb
	router_nic vr net1 fa:00:00:00:00:03 net1
	router_nic vr net2 fa:00:00:00:00:04 net2
	guest vm1 net1 192.168.10.5/24 192.168.10.1
	guest vm2 net1 192.168.10.6/24 192.168.10.1
	guest vm3 net2 192.168.20.7/24 192.168.20.1
	for guest in vm1 vm2 vm3; do serve "$guest" tcp 22 80 udp 53; done
	serve far tcp 7
	serve ext tcp 7
	serve inet tcp 7
	router_start vr
}

# from NODE SOURCE PROTOCOL ADDRESS PORT: "LOCAL PEER", as who, with a source of one's own.
from() { ask "$1" "$3" "$4" "$5" "$2" | cut -d ' ' -f 1,2; }

case_answers_leave_where_they_were_asked() {
	world
	document ", \"eips\": [$(eip eip-b vip-b 192.168.10.5)],
		\"port_forwards\": [$(forward pf-a vip-a 24 192.168.20.7 22),
		$(forward pf-b vip-b2 24 192.168.10.6 22)]" | check router_apply vr -
	is "$(from far 198.18.0.9 tcp 203.0.113.20 22)" "192.168.10.5 198.18.0.9" "elastic IP"
	is "$(from far 198.18.0.9 udp 203.0.113.20 53)" "192.168.10.5 198.18.0.9" "elastic IP, UDP"
	is "$(from far 198.18.0.9 tcp 203.0.113.21 24)" "192.168.10.6 198.18.0.9" "port forward"
	is "$(from inet 198.18.5.5 tcp 10.151.10.170 24)" "192.168.20.7 198.18.5.5" "on the default side"
	check ping_ok far 203.0.113.20 -I 198.18.0.9
	check ping_ok far 203.0.113.16 -I 198.18.0.9 # the router itself
	hold one far 203.0.113.21 24
	# The other way round the same holds.
	document ", \"eips\": [$(eip eip-a vip-a 192.168.10.5)],
		\"port_forwards\": [$(forward pf-b vip-b2 24 192.168.10.6 22)]" "$(interfaces "" "$DEFAULT")" |
		check router_apply vr -
	is "$(from inet 198.18.5.5 tcp 10.151.10.170 22)" "192.168.10.5 198.18.5.5" "elastic IP"
	is "$(from far 198.18.0.9 tcp 203.0.113.21 24)" "192.168.10.6 198.18.0.9" "on the default side"
	check ping_ok inet 10.151.10.100 -I 198.18.5.5
	check hold_ok one
	is "$(who vm2 198.18.0.9 7)" "198.18.0.9 203.0.113.16" "the default route is the other"
	check router_in_order vr
}

# A source that is on one side may come by the other: its answers go back by that one.
case_a_source_of_the_other_side() {
	world
	document ", \"port_forwards\": [$(forward pf-b vip-b2 24 192.168.10.6 22)]" | check router_apply vr -
	ip -n far address add 10.0.79.99/32 dev lo
	capture_start wrong ext sw host 10.0.79.99
	is "$(from far 10.0.79.99 tcp 203.0.113.21 24)" "192.168.10.6 10.0.79.99" "by the side it came"
	capture_stop wrong
	is "$(capture_text wrong)" "" "looked for on the other side"
}

# Several elastic IPs on one guest, on one interface and on two.
case_several_elastic_ips_of_one_guest() {
	world
	document ", \"eips\": [$(eip eip-1 vip-a 192.168.10.5), $(eip eip-2 vip-b 192.168.10.5),
		$(eip eip-3 vip-a2 192.168.10.5)]" | check router_apply vr -
	for address in 10.151.10.170 10.151.10.171; do
		is "$(who ext $address 22)" "192.168.10.5 10.0.79.68" "in by $address"
	done
	is "$(from far 198.18.0.9 tcp 203.0.113.20 22)" "192.168.10.5 198.18.0.9" "in by the other interface"
	is "$(who vm1 10.0.79.68 7)" "10.0.79.68 10.151.10.170" "out as the first on that interface"
	is "$(who vm1 203.0.113.1 7)" "203.0.113.1 203.0.113.20" "out as the first on the other"
	is "$(who vm1 198.51.100.10 80)" "198.51.100.10 10.151.10.170" "by the default route"
	hold one ext 10.151.10.171 22
	router_patch vr '"remove": {"eips": ["eip-1"]}'
	check tcp_no_timeout ext 10.151.10.170 22
	check hold_ok one
	# The first of those that are left is the one on the other interface.
	is "$(who vm1 198.18.0.9 7)" "198.18.0.9 203.0.113.20" "leaves where its first elastic IP is"
	is "$(who vm1 10.0.79.68 7)" "10.0.79.68 10.151.10.171" "what is connected is nearer"
	router_patch vr '"remove": {"eips": ["eip-2"]}'
	is "$(who vm1 198.51.100.10 80)" "198.51.100.10 10.151.10.171" "the last"
	check tcp_no vm1 198.18.0.9 7
	router_patch vr '"remove": {"eips": ["eip-3"]}'
	is "$(who vm1 198.51.100.10 80)" "198.51.100.10 10.151.10.100" "none is left"
	deny hold_ok one
	check router_in_order vr
}

# From inside a VIP is the same as from outside, whichever interface it is on.
case_from_inside() {
	world
	document ", \"eips\": [$(eip eip-a vip-a 192.168.10.5), $(eip eip-b vip-b 192.168.20.7)],
		\"port_forwards\": [$(forward pf-b vip-b2 24 192.168.10.6 22)]" | check router_apply vr -
	is "$(who vm3 10.151.10.170 22)" "192.168.10.5 192.168.20.7" "another subnet's elastic IP"
	is "$(who vm1 203.0.113.20 22)" "192.168.20.7 192.168.10.5" "on the other interface"
	is "$(who vm3 203.0.113.21 24)" "192.168.10.6 192.168.20.7" "another subnet's port forward"
	is "$(who vm1 203.0.113.21 24)" "192.168.10.6 192.168.10.1" "a neighbour's"
	is "$(who vm2 10.151.10.170 22)" "192.168.10.5 192.168.10.1" "a neighbour's elastic IP"
	is "$(who vm1 10.151.10.170 22)" "192.168.10.5 192.168.10.1" "one's own elastic IP"
	is "$(who vm2 203.0.113.21 24)" "192.168.10.6 192.168.10.1" "one's own port forward"
}

# only_pub SECTIONS: the document without the second public network.
only_pub() { document "$1" | sed '/"if-b"/,/"gateway": "203/d; /"vip-b/d'; }

# A public network is attached and detached as the router runs.
case_attached_and_detached_as_it_runs() {
	local eip_a
	eip_a=$(eip eip-a vip-a 192.168.10.5)
	world
	only_pub ", \"eips\": [$eip_a]" | check router_apply vr -
	hold one ext 10.151.10.170 22
	document ", \"eips\": [$eip_a, $(eip eip-c vip-b 192.168.10.6)]" | check router_apply vr -
	is "$(from far 198.18.0.9 tcp 203.0.113.20 22)" "192.168.10.6 198.18.0.9" "attached"
	check hold_ok one
	is "$(who vm1 198.51.100.10 80)" "198.51.100.10 10.151.10.170" "the default route is unchanged"
	only_pub ", \"eips\": [$eip_a]" | check router_apply vr -
	check tcp_no far 203.0.113.20 22
	check hold_ok one
	is "$(ip -n vr rule show | grep -c 'proto 119' || true)" 0 "rules left"
	is "$(ip -n vr address show dev b | grep -c 203.0.113 || true)" 0 "addresses left"
	check router_in_order vr
	# Its NIC is pulled out instead.
	document ", \"eips\": [$eip_a, $(eip eip-c vip-b 192.168.10.6)]" | check router_apply vr -
	ip -n vr link del dev b
	until_ok rests eip-c
	check hold_ok one
	check tcp_ok ext 10.151.10.170 22
	router_nic vr b fa:00:00:00:00:02 swb
	until_ok tcp_ok far 203.0.113.20 22
	is "$(from far 198.18.0.9 tcp 203.0.113.20 22)" "192.168.10.6 198.18.0.9" "plugged in again"
	until_ok router_in_order vr
}

rests() { [ "$(router_health vr "$1")" = inactive ]; }

run_cases "$@"
