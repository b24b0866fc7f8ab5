#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Static and blackhole routes: which one is taken, which ones rest, what they open and what not.
#
#   ext, ext2, inet -- sw (10.0.0.0/8) -- vr -- net1 192.168.10.0/24 -- vm1 .5
#   ext and ext2 both have 172.16.5.9, and know the way to vm1
# vm: entries_that_cannot_lead_rest
. "$(dirname "$0")/../lib/net.sh"

document() { # SECTIONS: more of them, each with a comma before it
	cat <<-END
		{ "router": {"uuid": "r-1"},
		  "interfaces": [
		    {"uuid": "if-pub", "mac": "fa:00:00:00:00:01", "role": "public", "network": "l3-pub",
		     "addresses": ["10.151.10.100/8"], "gateway": "10.0.0.1", "default_route": true},
		    {"uuid": "if-1", "mac": "fa:00:00:00:00:02", "role": "private", "network": "l3-1",
		     "addresses": ["192.168.10.1/24"], "snat": true}
		    ${2:-}]
		  ${1:-} }
	END
}

world() {
	local peer
	world_internet
	switch net1
	node vr
	router_nic vr pub fa:00:00:00:00:01 sw
	router_nic vr net1 fa:00:00:00:00:02 net1
	guest vm1 net1 192.168.10.5/24 192.168.10.1
	for peer in ext ext2; do
		ip -n "$peer" address add 172.16.5.9/32 dev lo
		route "$peer" 192.168.10.0/24 via 10.151.10.100
		serve "$peer" tcp 7
	done
	serve vm1 tcp 22
	router_start vr
}

static() { # UUID DESTINATION NEXT_HOP [PRIORITY]
	echo "{\"uuid\": \"$1\", \"destination\": \"$2\", \"type\": \"static\", \"next_hop\": \"$3\",
		\"priority\": ${4:-128}}"
}

blackhole() { # UUID DESTINATION [PRIORITY]
	echo "{\"uuid\": \"$1\", \"destination\": \"$2\", \"type\": \"blackhole\", \"priority\": ${3:-128}}"
}

upsert() { router_patch vr "\"upsert\": {\"routes\": [$1]}"; } # ROUTES
remove() { router_patch vr "\"remove\": {\"routes\": [\"$1\"]}"; } # UUID

case_the_smaller_priority_is_taken() {
	world
	document ", \"routes\": [$(static rt-2 172.16.5.0/24 10.0.80.5 30),
		$(static rt-1 172.16.5.0/24 10.0.79.68 20)]" | check router_apply vr -
	is "$(who_name vm1 172.16.5.9 7)" ext "20 before 30"
	upsert "$(static rt-2 172.16.5.0/24 10.0.80.5 10)"
	is "$(who_name vm1 172.16.5.9 7)" ext2 "10 before 20"
	remove rt-2
	is "$(who_name vm1 172.16.5.9 7)" ext "the other, once the first is removed"
	remove rt-1
	check tcp_no vm1 172.16.5.9 7
	check router_in_order vr
}

# Priorities are the user's: the smallest and the largest there are, and the gateway behind both.
case_every_priority_is_before_the_gateway() {
	world
	document ", \"routes\": [$(static rt-1 0.0.0.0/0 10.0.79.68 254)]" | check router_apply vr -
	is "$(who_name vm1 172.16.5.9 7)" ext "a route for everything"
	is "$(who vm1 172.16.5.9 7)" "172.16.5.9 10.151.10.100" "translated as towards the gateway"
	check ping_no ext 192.168.10.5 -I 172.16.5.9
	upsert "$(static rt-2 0.0.0.0/0 10.0.80.5 1)"
	is "$(who_name vm1 172.16.5.9 7)" ext2 "1 before 254"
	remove rt-2
	remove rt-1
	check tcp_ok vm1 198.51.100.10 80
}

case_a_blackhole_says_nothing() {
	world
	document ", \"routes\": [$(static rt-1 172.16.0.0/12 10.0.79.68)]" | check router_apply vr -
	check tcp_ok vm1 172.16.5.9 7
	hold one vm1 172.16.5.9 7
	upsert "$(blackhole rt-2 172.16.5.0/24 254)"
	check tcp_no_timeout vm1 172.16.5.9 7 # the longer prefix, whatever the priorities
	deny hold_ok one
	remove rt-2
	upsert "$(blackhole rt-3 172.16.0.0/12 254)"
	check tcp_ok vm1 172.16.5.9 7 # of equal ones the smaller priority
	upsert "$(blackhole rt-3 172.16.0.0/12 1)"
	check tcp_no_timeout vm1 172.16.5.9 7
	check tcp_ok vm1 198.51.100.10 80
	remove rt-3
	check tcp_ok vm1 172.16.5.9 7
}

case_a_next_hop_changes_as_it_runs() {
	world
	document ", \"routes\": [$(static rt-1 172.16.5.0/24 10.0.79.68)]" | check router_apply vr -
	is "$(who_name vm1 172.16.5.9 7)" ext "the first"
	upsert "$(static rt-1 172.16.5.0/24 10.0.80.5)"
	is "$(who_name vm1 172.16.5.9 7)" ext2 "the second"
	is "$(ip -n vr route show 172.16.5.0/24 | wc -l)" 1 "routes left"
	document ", \"routes\": [$(static rt-1 172.16.5.0/24 10.0.79.68 5)]" | check router_apply vr -
	is "$(who_name vm1 172.16.5.9 7)" ext "with another priority, by Apply"
	is "$(ip -n vr route show 172.16.5.0/24 | wc -l)" 1 "routes left"
}

# One table is meant for several routers: what cannot lead anywhere from here rests.
case_entries_that_cannot_lead_rest() {
	local said
	world
	said=$(document ", \"vips\": [{\"uuid\": \"vip-1\", \"address\": \"10.151.10.170\", \"network\": \"l3-pub\"}],
		\"routes\": [
		$(static rt-own 172.17.0.0/24 10.151.10.100), $(static rt-vip 172.18.0.0/24 10.151.10.170),
		$(static rt-connected 192.168.10.0/24 10.0.79.68), $(blackhole rt-black 10.0.0.0/8),
		$(static rt-nowhere 172.19.0.0/24 192.168.20.7), $(static rt-1 172.16.5.0/24 10.0.79.68)]" |
		router_apply vr - 2>&1)
	echo "$said"
	for route in rt-own rt-vip rt-connected rt-black rt-nowhere; do
		is "$(router_health vr $route)" inactive "$route"
	done
	check grep -q "own address" <<<"$(router_reason vr rt-own)"
	check grep -q "own address" <<<"$(router_reason vr rt-vip)"
	check grep -q "connected subnet of if-1" <<<"$(router_reason vr rt-connected)"
	check grep -q "connected subnet of if-pub" <<<"$(router_reason vr rt-black)"
	check grep -q "no connected subnet" <<<"$(router_reason vr rt-nowhere)"
	is "$(router_health vr rt-1)" ready "the one that leads on"
	is "$(who vm1 172.16.5.9 7)" "172.16.5.9 192.168.10.5" "through it"
	check tcp_ok vm1 198.51.100.10 80
	check ping_no ext 192.168.10.5
	check router_in_order vr
}

# What rests comes alive with what it waits for, and rests again when that goes.
case_what_rests_comes_alive() {
	local second
	second=', {"uuid": "if-2", "mac": "fa:00:00:00:00:03", "role": "private", "network": "l3-2",
		"addresses": ["192.168.20.1/24"]}'
	world
	switch net2
	guest far net2 192.168.20.7/24 192.168.20.1
	ip -n far address add 172.19.0.9/32 dev lo
	serve far tcp 7
	document ", \"routes\": [$(static rt-1 172.19.0.0/24 192.168.20.7)]" "$second" |
		check router_apply vr -
	is "$(router_health vr rt-1)" inactive "without the NIC"
	check tcp_no vm1 172.19.0.9 7
	router_nic vr net2 fa:00:00:00:00:03 net2
	until_ok tcp_ok vm1 172.19.0.9 7
	is "$(router_health vr rt-1)" ready "with the NIC"
	ip -n vr link del net2
	until_ok rests rt-1
	check router_in_order vr
}

rests() { [ "$(router_health vr "$1")" = inactive ]; }

# Private networks are not entered from outside, but for sources in the destination of an active
# static route through the interface that they come by.
case_private_networks_stay_closed() {
	world
	document | check router_apply vr -
	check tcp_no_timeout ext 192.168.10.5 22
	check ping_no ext 192.168.10.5
	document ", \"routes\": [$(static rt-1 172.16.5.0/24 10.0.79.68)]" | check router_apply vr -
	check ask ext tcp 192.168.10.5 22 172.16.5.9
	check ping_no ext 192.168.10.5 # its other source is in no destination
	check tcp_no_timeout ext2 192.168.10.5 22
	ip -n ext address add 172.16.6.9/32 dev lo
	check ping_no ext 192.168.10.5 -I 172.16.6.9
	# The router itself is no private network.
	check tcp_no_timeout ext 192.168.10.1 22
	check ping_no ext 192.168.10.1 -I 172.16.5.9
	upsert "$(static rt-1 172.16.5.0/24 10.151.10.100)"
	check ping_no ext 192.168.10.5 -I 172.16.5.9 # it rests
	upsert "$(blackhole rt-1 172.16.5.0/24)"
	check ping_no ext 192.168.10.5 -I 172.16.5.9
	upsert "$(static rt-1 172.16.5.0/24 192.168.10.7)"
	check ping_no ext 192.168.10.5 -I 172.16.5.9 # it leads inside
	upsert "$(static rt-1 172.16.5.0/24 10.0.79.68)"
	check ping_ok ext 192.168.10.5 -I 172.16.5.9
	hold one vm1 172.16.5.9 7
	remove rt-1
	check ping_no ext 192.168.10.5 -I 172.16.5.9
}

run_cases "$@"
