#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The firewall: rules in their order, per interface and direction, with states; what reject answers,
# and that accept opens nothing.
#
#   ext, ext2, inet -- sw (10.0.0.0/8) -- vr -- web 192.168.10.0/24 -- vm1 .79, vm3 .80
#                                           \-- app 192.168.20.0/24 -- vm2 .228
# vm: reject_answers
. "$(dirname "$0")/../lib/net.sh"

document() { # RULES
	cat <<-END
		{ "router": {"uuid": "r-1"},
		  "interfaces": [
		    {"uuid": "if-pub", "mac": "fa:00:00:00:00:01", "role": "public", "network": "l3-pub",
		     "addresses": ["10.151.10.100/8"], "gateway": "10.0.0.1", "default_route": true},
		    {"uuid": "if-web", "mac": "fa:00:00:00:00:02", "role": "private", "network": "l3-web",
		     "addresses": ["192.168.10.1/24"], "snat": true},
		    {"uuid": "if-app", "mac": "fa:00:00:00:00:03", "role": "private", "network": "l3-app",
		     "addresses": ["192.168.20.1/24"], "snat": true}],
		  "vips": [{"uuid": "vip-1", "address": "10.151.10.170", "network": "l3-pub"}],
		  "port_forwards": [{"uuid": "pf-1", "vip": "vip-1", "protocol": "tcp", "vip_ports": "24",
		    "target": "192.168.10.79", "target_ports": "22"}],
		  "firewall": [${1:-}] }
	END
}

# rule UUID INTERFACE in|out PRIORITY ACTION [MORE FIELDS]
rule() {
	echo "{\"uuid\": \"$1\", \"interface\": \"$2\", \"direction\": \"$3\", \"priority\": $4,
		\"action\": \"$5\" ${6:+, $6}}"
}

upsert() { router_patch vr "\"upsert\": {\"firewall\": [$1]}"; } # RULES
remove() { router_patch vr "\"remove\": {\"firewall\": [\"$1\"]}"; } # UUID

world() {
	world_internet
	switch web
	switch app
	node vr
	router_nic vr pub fa:00:00:00:00:01 sw
	router_nic vr web fa:00:00:00:00:02 web
	router_nic vr app fa:00:00:00:00:03 app
	guest vm1 web 192.168.10.79/24 192.168.10.1
	guest vm3 web 192.168.10.80/24 192.168.10.1
	guest vm2 app 192.168.20.228/24 192.168.20.1
	serve vm1 tcp 22 80 udp 53
	serve vm2 tcp 22 80 443 8000-8010 udp 53
	router_start vr
	document "$@" | check router_apply vr -
}

TCP='"protocol": "tcp"'

case_the_first_that_matches_decides() {
	world "$(rule fw-2 if-app out 20 drop "$TCP, \"destination_ports\": \"22,80,8000-8005\""),
		$(rule fw-1 if-app out 10 accept "$TCP, \"destination_ports\": \"80\",
			\"source\": \"192.168.10.80\"")"
	check tcp_ok vm3 192.168.20.228 80
	check tcp_no_timeout vm1 192.168.20.228 80
	check tcp_no_timeout vm3 192.168.20.228 22
	check tcp_no_timeout vm1 192.168.20.228 8003
	check tcp_ok vm1 192.168.20.228 8006
	check tcp_ok vm1 192.168.20.228 443
	upsert "$(rule fw-1 if-app out 30 accept "$TCP, \"destination_ports\": \"80\"")"
	check tcp_no_timeout vm3 192.168.20.228 80 # behind the other now
	upsert "$(rule fw-3 if-app out 15 accept "$TCP, \"destination_ports\": \"8003\"")"
	check tcp_ok vm1 192.168.20.228 8003
	remove fw-2
	check tcp_ok vm1 192.168.20.228 80
	check router_in_order vr
}

case_interfaces_and_directions_are_apart() {
	world "$(rule fw-1 if-web in 1 drop "$TCP, \"destination_ports\": \"22\"")"
	check tcp_no_timeout vm1 192.168.20.228 22
	check tcp_ok vm2 192.168.10.79 22 # in the other direction
	check tcp_ok ext 10.151.10.170 24
	upsert "$(rule fw-1 if-web out 1 drop "$TCP, \"destination_ports\": \"22\"")"
	check tcp_ok vm1 192.168.20.228 22
	check tcp_no_timeout vm2 192.168.10.79 22
	# Behind a VIP the guest's address and port are judged, and the client's address.
	check tcp_no_timeout ext 10.151.10.170 24
	upsert "$(rule fw-1 if-pub in 1 drop "$TCP, \"destination_ports\": \"22\",
		\"destination\": \"192.168.10.79\", \"source\": \"10.0.79.0/24\"")"
	check tcp_no_timeout ext 10.151.10.170 24
	check tcp_ok ext2 10.151.10.170 24
	check tcp_ok vm2 192.168.10.79 22
	upsert "$(rule fw-1 if-pub out 1 drop '"protocol": "icmp"')"
	check ping_no vm1 198.51.100.10
	check ping_ok vm1 192.168.20.228
	# What the router itself sends does not pass.
	check ping_ok ext 10.151.10.100
	check on vr ping -q -c 1 -w 10 10.0.0.1
}

# Packets for the router itself are judged by "in" too; the filter of the router stays behind it.
case_accept_opens_nothing() {
	world "$(rule fw-1 if-pub in 1 accept), $(rule fw-2 if-web in 1 accept)"
	route ext 192.168.0.0/16 via 10.151.10.100
	serve vr tcp 22
	check ping_no ext 192.168.10.79
	check tcp_no_timeout ext 192.168.20.228 22
	check tcp_no_timeout ext 10.151.10.100 22
	check tcp_no_timeout vm1 192.168.10.1 22
	check ping_ok ext 10.151.10.100
	upsert "$(rule fw-1 if-pub in 1 drop), $(rule fw-2 if-web in 1 drop '"protocol": "icmp"')"
	check ping_no ext 10.151.10.100
	check tcp_no_timeout ext 10.151.10.170 24
	check ping_no vm1 192.168.10.1
	check tcp_ok vm1 192.168.20.228 22
	check tcp_ok vm1 198.51.100.10 80 # answers come in by it
}

case_rules_with_states() {
	world
	hold one vm1 192.168.20.228 22
	hold two ext 10.151.10.170 24
	upsert "$(rule fw-1 if-web in 5 drop "$TCP")"
	check hold_ok one # a rule without states judges new connections
	check hold_ok two
	check tcp_no_timeout vm1 192.168.20.228 22
	upsert "$(rule fw-2 if-web in 6 drop "$TCP, \"states\": [\"established\"],
		\"destination\": \"192.168.20.0/24\"")"
	deny hold_ok one
	check hold_ok two
	remove fw-1
	check tcp_no vm1 192.168.20.228 22 # it begins, and is cut off
	check tcp_ok vm1 198.51.100.10 80
	remove fw-2
	check tcp_ok vm1 192.168.20.228 22
	upsert "$(rule fw-2 if-web in 6 drop '"protocol": "udp", "states": ["established"]')"
	check udp_ok vm1 192.168.20.228 53 # its first datagram is a new connection
	upsert "$(rule fw-3 if-web in 7 drop "$TCP, \"states\": [\"new\"]")"
	check tcp_no_timeout vm1 198.51.100.10 80
	check hold_ok two
	check router_in_order vr
}

case_reject_answers() {
	world "$(rule fw-1 if-web in 1 reject '"protocol": "udp", "destination_ports": "53"'),
		$(rule fw-2 if-web in 2 reject "$TCP, \"destination_ports\": \"80\""),
		$(rule fw-3 if-web in 3 reject '"protocol": "icmp"'),
		$(rule fw-4 if-web in 4 reject '"destination": "198.51.100.10"')"
	capture_start seen vm1 eth0 icmp or 'tcp[tcpflags] & tcp-rst != 0'
	check udp_refused vm1 192.168.20.228 53
	until_ok capture_has seen "192.168.10.1 > 192.168.10.79: ICMP 192.168.20.228 udp port 53 unreachable"
	check tcp_refused vm1 192.168.20.228 80
	until_ok capture_has seen "192.168.20.228.80 > 192.168.10.79"
	check tcp_refused vm1 198.51.100.10 8080
	until_ok capture_has seen "ICMP 198.51.100.10 tcp port 8080 unreachable"
	check ping_no vm1 192.168.20.228
	until_ok capture_has seen "ICMP 192.168.20.228 protocol 1 port"
	check tcp_ok vm1 192.168.20.228 443
	capture_stop seen
	upsert "$(rule fw-1 if-web in 1 drop '"protocol": "udp", "destination_ports": "53"')"
	check udp_no_timeout vm1 192.168.20.228 53
}

case_a_rule_waits_for_its_interface() {
	world "$(rule fw-1 if-app out 1 drop "$TCP")"
	ip -n vr link del app
	until_ok rests fw-1
	router_nic vr app fa:00:00:00:00:03 app
	until_ok tcp_no_timeout vm1 192.168.20.228 22
	is "$(router_health vr fw-1)" ready "with the NIC"
	until_ok ping_ok vm1 192.168.20.228
	check tcp_no_timeout vm1 192.168.20.228 22
	check router_in_order vr
}

rests() { [ "$(router_health vr "$1")" = inactive ]; }

run_cases "$@"
