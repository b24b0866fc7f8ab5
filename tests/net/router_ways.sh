#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Ways: static routes between two routers, several public interfaces, the firewall.
# vm: a_route_table_joins_two_routers
. "$(dirname "$0")/../lib/net.sh"

# tenant NAME ADDRESS A B: router vr-NAME at ADDRESS with subnets 192.168.A.0/24 and 192.168.B.0/24,
# guests NAME1 and NAME2.
tenant() {
	switch "$1-net1"
	switch "$1-net2"
	node "vr-$1"
	router_nic "vr-$1" pub "fa:00:00:00:$3:01" sw
	router_nic "vr-$1" net1 "fa:00:00:00:$3:02" "$1-net1"
	router_nic "vr-$1" net2 "fa:00:00:00:$3:03" "$1-net2"
	guest "${1}1" "$1-net1" "192.168.$3.250/24" "192.168.$3.1"
	guest "${1}2" "$1-net2" "192.168.$4.156/24" "192.168.$4.1"
	router_start "vr-$1"
	tenant_document "$@" | check router_apply "vr-$1" -
}

tenant_document() { # NAME ADDRESS A B [SECTIONS]
	cat <<-END
		{ "router": {"uuid": "r-$1"},
		  "interfaces": [
		    {"uuid": "if-pub", "mac": "fa:00:00:00:$3:01", "role": "public", "network": "l3-pub",
		     "addresses": ["$2/8"], "gateway": "10.0.0.1", "default_route": true},
		    {"uuid": "if-1", "mac": "fa:00:00:00:$3:02", "role": "private", "network": "l3-1",
		     "addresses": ["192.168.$3.1/24"], "snat": true},
		    {"uuid": "if-2", "mac": "fa:00:00:00:$3:03", "role": "private", "network": "l3-2",
		     "addresses": ["192.168.$4.1/24"], "snat": true}]
		  ${5:-} }
	END
}

TABLE=', "routes": [
	{"uuid": "rt-1", "destination": "192.168.21.0/24", "type": "static", "next_hop": "10.151.10.101"},
	{"uuid": "rt-2", "destination": "192.168.23.0/24", "type": "static", "next_hop": "10.151.10.102"}]'

case_a_route_table_joins_two_routers() {
	local one
	world_internet
	tenant a 10.151.10.101 21 22
	tenant b 10.151.10.102 23 24
	serve b1 tcp 7
	# Each tenant's own and the outside, nothing of the other's.
	for one in a1:192.168.22.156 a2:192.168.21.250 b1:192.168.24.156 b2:192.168.23.250; do
		check ping_ok "${one%:*}" "${one#*:}"
		check ping_ok "${one%:*}" 198.51.100.10
	done
	for one in 192.168.23.250 192.168.24.156; do check ping_no a1 $one && check ping_no a2 $one; done
	for one in 192.168.21.250 192.168.22.156; do check ping_no b1 $one && check ping_no b2 $one; done
	tenant_document a 10.151.10.101 21 22 "$TABLE" | check router_apply vr-a -
	tenant_document b 10.151.10.102 23 24 "$TABLE" | check router_apply vr-b -
	is "$(ttl_of a1 192.168.23.250)" 62 "two routers on the way"
	is "$(ttl_of b1 192.168.21.250)" 62 "two routers on the way back"
	is "$(who a1 192.168.23.250 7)" "192.168.23.250 192.168.21.250" "real source"
	check ping_no a1 192.168.24.156
	check ping_no a2 192.168.23.250
	check ping_no b1 192.168.22.156
	route ext 192.168.21.0/24 via 10.151.10.101
	check ping_no ext 192.168.21.250
	check ping_ok a1 198.51.100.10
	check weft_call vrouter vr-a Patch '{"base_revision": 0, "upsert": {"routes": [{"uuid": "rt-3",
		"destination": "192.168.23.0/24", "type": "blackhole", "priority": 10}]}}' >/dev/null
	check ping_no a1 192.168.23.250
	check weft_call vrouter vr-a Patch '{"base_revision": 1, "remove": {"routes": ["rt-3"]}}' >/dev/null
	check ping_ok a1 192.168.23.250
	check weft_call vrouter vr-b Patch '{"base_revision": 0, "remove": {"routes": ["rt-1"]}}' >/dev/null
	check ping_no a1 192.168.23.250
}

patch() { # JSON without base_revision, at the revision that $REVISION counts.
	local said
	said=$(weft_call vrouter vr-a Patch "{\"base_revision\": $REVISION, $1}")
	REVISION=$((REVISION + 1))
	check grep -q '"failures": *\[\]' <<<"$said"
}

case_nested_destinations_come_and_go() {
	local inner outer
	REVISION=0
	world_internet
	tenant a 10.151.10.101 21 22
	inner='{"uuid": "rt-1", "destination": "172.16.5.0/24", "type": "static", "next_hop": "10.0.79.68"}'
	outer='{"uuid": "rt-2", "destination": "172.16.0.0/12", "type": "static", "next_hop": "10.0.80.5"}'
	ip -n ext address add 172.16.5.9/32 dev lo
	ip -n ext2 address add 172.17.5.9/32 dev lo
	route ext 192.168.21.0/24 via 10.151.10.101
	route ext2 192.168.21.0/24 via 10.151.10.101
	serve ext tcp 7
	serve ext2 tcp 7
	patch "\"upsert\": {\"routes\": [$inner]}"
	is "$(who a1 172.16.5.9 7)" "172.16.5.9 192.168.21.250" "inner alone"
	patch "\"upsert\": {\"routes\": [$outer]}"
	is "$(who a1 172.16.5.9 7)" "172.16.5.9 192.168.21.250" "inner"
	is "$(who a1 172.17.5.9 7)" "172.17.5.9 192.168.21.250" "outer"
	patch '"remove": {"routes": ["rt-2"]}'
	is "$(who a1 172.16.5.9 7)" "172.16.5.9 192.168.21.250" "inner again"
	check tcp_no a1 172.17.5.9 7
	check ping_ok ext 192.168.21.250 -I 172.16.5.9
	patch "\"upsert\": {\"routes\": [$outer]}"
	patch '"remove": {"routes": ["rt-1"]}'
	check ping_ok ext2 192.168.21.250 -I 172.17.5.9
	patch '"remove": {"routes": ["rt-2"]}'
	check ping_no ext 192.168.21.250 -I 172.16.5.9
	# The way back is gone as well: look whether the way in is.
	is "$(on vr-a nft list set inet weft routed | grep -c elements || true)" 0 "nothing is left open"
	check grep -q '"plan": *\[\]' <<<"$(weft_router vr-a reconcile --dry-run --json)"
}

# Two public networks: sw (10.0.0.0/8, default) and swb (203.0.113.0/24); far is behind both.
case_several_public_networks() {
	world_internet
	switch swb
	node far
	plug far swb 203.0.113.1/24
	ip -n far address add 198.18.0.9/32 dev lo
	on far sysctl -qw net.ipv4.ip_forward=1
	switch net1
	node vr
	router_nic vr pub fa:00:00:00:00:01 sw
	router_nic vr b fa:00:00:00:00:02 swb
	router_nic vr net1 fa:00:00:00:00:03 net1
	guest vm1 net1 192.168.10.5/24 192.168.10.1
	guest vm2 net1 192.168.10.6/24 192.168.10.1
	serve vm1 tcp 22
	serve vm2 tcp 80
	serve far tcp 7
	serve ext tcp 7
	router_start vr
	check router_apply vr - <<-END
		{ "router": {"uuid": "r-1"},
		  "interfaces": [
		    {"uuid": "if-pub", "mac": "fa:00:00:00:00:01", "role": "public", "network": "l3-pub",
		     "addresses": ["10.151.10.100/8"], "gateway": "10.0.0.1", "default_route": true},
		    {"uuid": "if-b", "mac": "fa:00:00:00:00:02", "role": "public", "network": "l3-b",
		     "addresses": ["203.0.113.16/24"], "gateway": "203.0.113.1"},
		    {"uuid": "if-1", "mac": "fa:00:00:00:00:03", "role": "private", "network": "l3-1",
		     "addresses": ["192.168.10.1/24"], "snat": true}],
		  "vips": [
		    {"uuid": "vip-b", "address": "203.0.113.20", "network": "l3-b"},
		    {"uuid": "vip-c", "address": "203.0.113.21", "network": "l3-b"},
		    {"uuid": "vip-a", "address": "10.151.10.170", "network": "l3-pub"}],
		  "eips": [
		    {"uuid": "eip-b", "vip": "vip-b", "target": "192.168.10.6"}],
		  "port_forwards": [
		    {"uuid": "pf-c", "vip": "vip-c", "protocol": "tcp", "vip_ports": "24",
		     "target": "192.168.10.5", "target_ports": "22"},
		    {"uuid": "pf-a", "vip": "vip-a", "protocol": "tcp", "vip_ports": "80",
		     "target": "192.168.10.6"}] }
	END
	is "$(who far 203.0.113.21 24)" "192.168.10.5 203.0.113.1" "on-link"
	# From behind the second gateway: the way back is no default route's.
	is "$(who_from far 198.18.0.9 203.0.113.21 24)" "192.168.10.5 198.18.0.9" \
		"answers leave where they were asked"
	is "$(who ext 10.151.10.170 80)" "192.168.10.6 10.0.79.68" "the default one"
	check ping_ok far 203.0.113.16
	is "$(who vm2 198.18.0.9 7)" "198.18.0.9 203.0.113.20" "leaves where its elastic IP is"
	is "$(who vm2 203.0.113.1 7)" "203.0.113.1 203.0.113.20" "on-link, as its elastic IP"
	is "$(who vm2 10.0.79.68 7)" "10.0.79.68 10.151.10.100" "what is connected is nearer"
	is "$(who vm1 203.0.113.1 7)" "203.0.113.1 203.0.113.16" "as the router there"
	check tcp_no vm1 198.18.0.9 7
}

# who_from NODE SOURCE ADDRESS PORT: as who, from a source of one's own.
who_from() {
	ip -n "$1" route replace "$3/32" dev swb src "$2"
	who "$1" "$3" "$4"
}

case_firewall() {
	world_internet
	tenant a 10.151.10.101 21 22
	serve a1 tcp 22 80
	serve a2 tcp 22 80
	check tcp_ok a1 192.168.22.156 22
	hold one a1 192.168.22.156 22
	tenant_document a 10.151.10.101 21 22 ', "firewall": [
		{"uuid": "fw-1", "interface": "if-1", "direction": "in", "priority": 10, "action": "accept",
		 "protocol": "tcp", "destination_ports": "22,8000-8080", "source": "192.168.21.250"},
		{"uuid": "fw-2", "interface": "if-1", "direction": "in", "priority": 20, "action": "reject",
		 "protocol": "tcp", "destination_ports": "22,80"},
		{"uuid": "fw-3", "interface": "if-1", "direction": "out", "priority": 1, "action": "drop",
		 "protocol": "tcp", "destination_ports": "80"},
		{"uuid": "fw-4", "interface": "if-pub", "direction": "in", "priority": 1, "action": "drop",
		 "protocol": "icmp"}]' | check router_apply vr-a -
	check hold_ok one
	check tcp_ok a1 192.168.22.156 22
	check tcp_refused a1 192.168.22.156 80
	check tcp_no_timeout a2 192.168.21.250 80
	check tcp_ok a2 192.168.21.250 22
	check ping_no ext 10.151.10.101
	check ping_ok a1 198.51.100.10
	check weft_call vrouter vr-a Patch '{"base_revision": 0, "upsert": {"firewall": [{"uuid": "fw-5",
		"interface": "if-1", "direction": "in", "priority": 5, "action": "drop",
		"states": ["established"], "protocol": "tcp"}]}}' >/dev/null
	deny hold_ok one
	check weft_call vrouter vr-a Patch '{"base_revision": 1, "remove":
		{"firewall": ["fw-1", "fw-2", "fw-3", "fw-4", "fw-5"]}}' >/dev/null
	check tcp_ok a2 192.168.21.250 80
	check ping_ok ext 10.151.10.101
}

run_cases "$@"
