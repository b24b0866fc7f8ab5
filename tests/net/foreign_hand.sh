#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A foreign hand: what it does to what is weft's is put right and told of, what is its own is left
# alone, and who does the same again and again is answered ever more slowly.
#
#   ext -- sw (10.0.0.0/8) -- vr -- net1 192.168.10.0/24 -- vm1 .5
#   far -- swb (203.0.113.0/24) --/
# vm: the_whole_table
. "$(dirname "$0")/../lib/net.sh"

EIP='{"uuid": "eip-1", "vip": "vip-1", "target": "192.168.10.5"}'

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
	serve vm1 tcp 22
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
		  "vips": [{"uuid": "vip-1", "address": "10.151.10.170", "network": "l3-pub"},
		    {"uuid": "vip-2", "address": "10.151.10.174", "network": "l3-pub"}],
		  "eips": [$EIP],
		  "port_forwards": [{"uuid": "pf-1", "vip": "vip-2", "protocol": "tcp", "vip_ports": "24",
		    "target": "192.168.10.5", "target_ports": "22"}],
		  "routes": [{"uuid": "rt-1", "destination": "172.16.0.0/12", "type": "blackhole"}] }
	END
	check tcp_ok ext 10.151.10.170 22
}

# told KIND KEY [PROCESS]: Status tells of it.
told() {
	weft_call vrouter vr Status | jq -ec --arg kind "$1" --arg key "$2" --arg process "${3:-}" \
		'.drift[] | select(.kind == $kind and .key == $key and
			((.process // "") | startswith($process)))'
}

# mended KIND KEY [PROCESS]: it is told of, and everything is as wanted.
mended() {
	until_ok told "$@"
	until_ok router_in_order vr
}

by_nft() { check on vr nft "$@"; }

lets_all_pass() { on vr nft list chain inet weft forward | grep -x '[[:space:]]*accept'; }

case_elements_rules_and_chains() {
	world
	by_nft delete element inet weft eip_in '{ 10.151.10.170 }'
	mended nft.element "inet weft eip_in 10.151.10.170" "nft("
	check tcp_ok ext 10.151.10.170 22
	by_nft add element inet weft services '{ 10.151.10.100 . tcp . 22 }'
	mended nft.element "inet weft services 10.151.10.100 . tcp . 22" "nft("
	by_nft flush set inet weft private_networks
	mended nft.element "inet weft private_networks 192.168.10.0/24" "nft("
	by_nft insert rule inet weft forward accept
	until_no lets_all_pass
	until_ok router_in_order vr
	by_nft flush chain inet weft input
	until_ok ping_ok vm1 192.168.10.1
	until_ok router_in_order vr
	by_nft 'chain inet weft forward { policy accept; }'
	mended nft.chain "inet weft forward"
	by_nft 'add set inet weft stranger { type ipv4_addr; }; add chain inet weft strange'
	mended nft.set "inet weft stranger" "nft("
	mended nft.chain "inet weft strange"
}

case_the_whole_table() {
	world
	hold one ext 10.151.10.170 22
	by_nft delete table inet weft
	mended nft.table "inet weft" "nft("
	check tcp_ok ext 10.151.10.170 22
	check hold_ok one
	by_nft flush ruleset
	until_ok tcp_ok ext 10.151.10.174 24
	until_ok router_in_order vr
	by_nft add table ip6 weft
	mended nft.table "ip6 weft" "nft("
	deny on vr nft list table ip6 weft
	# What went along with a table is not told of one by one.
	is "$(weft_call vrouter vr Status | jq '.drift | length')" 5 "tables told of"
}

case_addresses_routes_and_rules() {
	world
	check ip -n vr route del local 10.151.10.170 dev pub table local
	mended route "255 10.151.10.170/32 1"
	check tcp_ok ext 10.151.10.170 22
	check ip -n vr address flush dev net1
	mended address "net1 192.168.10.1/24"
	check ping_ok vm1 192.168.10.1
	check ip -n vr route del default
	mended route "254 0.0.0.0/0 255"
	check ip -n vr route del blackhole 172.16.0.0/12
	mended route "254 172.16.0.0/12 128"
	check ip -n vr route replace default via 10.0.0.2 dev pub metric 255 proto 119
	until_ok router_in_order vr
	check ip -n vr rule del priority 1000
	mended rule "1000 ip"
	check ip -n vr rule add priority 5 fwmark 7 table 77 protocol 119
	mended rule "5 ip"
	check ip -n vr link set net1 down
	mended link.up net1
	until_ok tcp_ok ext 10.151.10.170 22
	until_ok router_in_order vr
}

case_kernel_settings() {
	world
	check on vr sysctl -qw net.ipv4.ip_forward=0
	mended sysctl net/ipv4/ip_forward
	check on vr sysctl -qw net.ipv4.conf.net1.rp_filter=0
	mended sysctl net/ipv4/conf/net1/rp_filter
	check on vr sysctl -qw net.ipv4.conf.net1.arp_ignore=0
	mended sysctl net/ipv4/conf/net1/arp_ignore
	check tcp_ok ext 10.151.10.170 22
}

# foreign_things: what someone else has there.
foreign_things() {
	on vr nft list table ip other
	ip -n vr address show to 10.151.10.9
	ip -n vr route show 172.31.0.0/16
	ip -n vr route show table 77
	ip -n vr rule show priority 5
	on vr sysctl net.ipv4.conf.pub.accept_source_route net.ipv4.tcp_ecn
}

case_what_is_not_ours_is_left_alone() {
	local before
	world
	by_nft 'table ip other { map m { type ipv4_addr : ipv4_addr; elements = { 10.0.0.9 : 10.0.0.8 }; };
		chain c { type filter hook prerouting priority 0; counter accept; }; }'
	check ip -n vr address add 10.151.10.9/32 dev pub
	check ip -n vr route add 172.31.0.0/16 via 10.0.0.1
	check ip -n vr route add 172.30.0.0/16 via 10.0.0.1 table 77
	check ip -n vr rule add priority 5 to 172.30.0.0/16 table 77
	check on vr sysctl -qw net.ipv4.conf.pub.accept_source_route=1 net.ipv4.tcp_ecn=1
	before=$(foreign_things | sed 's/packets.*accept/accept/; s/valid_lft.*//')
	by_nft delete table inet weft
	mended nft.table "inet weft"
	router_patch vr '"remove": {"eips": ["eip-1"]}'
	check weft_router vr reconcile
	router_kill vr -9
	router_start vr
	until_ok router_in_order vr
	weft_router vr show --json | jq .state >"$CASE_DIR/state"
	check router_apply vr "$CASE_DIR/state"
	is "$(foreign_things | sed 's/packets.*accept/accept/; s/valid_lft.*//')" "$before" "what is not ours"
}

# hostile COMMAND...: does it there again and again; a line for each time that it could.
hostile() {
	# shellcheck disable=SC2016 # the inner shell expands it
	start hostile vr sh -c 'while :; do "$@" 2>/dev/null && echo again; done' - "$@"
}

fought_over() { grep "again and again" <<<"$(router_reason vr "$1")"; } # UUID

case_a_hostile_loop_on_an_element() {
	world
	hostile nft delete element inet weft eip_in '{ 10.151.10.170 }'
	until_ok fought_over eip-1
	is "$(router_health vr eip-1)" failed "an elastic IP that is fought over"
	# Each time is one repair: without backing off, there are hundreds.
	check [ "$(grep -c again "$CASE_DIR/hostile.log")" -lt 20 ]
	check tcp_ok ext 10.151.10.174 24
	is "$(router_health vr pf-1)" ready "the others"
	kill "$STARTED"
	until_ok tcp_ok ext 10.151.10.170 22
	until_ok router_in_order vr
	is "$(router_health vr eip-1)" ready "left alone"
}

case_a_hostile_loop_on_the_table() {
	world
	hostile nft delete table inet weft
	until_ok fought_over r-1
	check [ "$(grep -c again "$CASE_DIR/hostile.log")" -lt 20 ]
	check fought_over eip-1
	# What is acknowledged meanwhile comes with the rest.
	weft_call vrouter vr Patch '{"base_revision": 0, "upsert": {"port_forwards": [{"uuid": "pf-2",
		"vip": "vip-2", "protocol": "tcp", "vip_ports": "25", "target": "192.168.10.5",
		"target_ports": "22"}]}}' | jq -c .failures
	kill "$STARTED"
	until_ok tcp_ok ext 10.151.10.174 25
	until_ok router_in_order vr
	check tcp_ok ext 10.151.10.170 22
	is "$(router_health vr r-1)" ready "left alone"
}

case_a_hostile_loop_on_foreign_rules() {
	world
	hostile nft add rule inet weft forward counter
	until_ok backed_off
	kill "$STARTED"
	until_ok router_in_order vr
	check tcp_ok ext 10.151.10.170 22
}

backed_off() { router_log vr | grep "nft.rule inet weft forward is touched .* again and again"; }

case_a_hostile_loop_on_a_vip() {
	world
	hostile ip route del local 10.151.10.170 dev pub table local
	until_ok fought_over vip-1
	check [ "$(grep -c again "$CASE_DIR/hostile.log")" -lt 20 ]
	check tcp_ok ext 10.151.10.174 24
	check weft_router vr reconcile # by hand at once, as long as it lasts
	kill "$STARTED"
	until_ok tcp_ok ext 10.151.10.170 22
	until_ok router_in_order vr
}

run_cases "$@"
