#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Trace: what really becomes of packets, told with the objects that decided; and that nothing of it
# stays when it is over, however it ends.
#
#   ext, ext2, inet -- sw (10.0.0.0/8) -- vr -- web 192.168.10.0/24 -- vm1 .79, vm3 .80
#                                           \-- app 192.168.20.0/24 -- vm2 .228
# vm: services
. "$(dirname "$0")/../lib/net.sh"

document() { # FIELDS OF THE ROUTER, MORE SECTIONS
	cat <<-END
		{ "router": {"uuid": "r-1" ${1:-}},
		  "interfaces": [
		    {"uuid": "if-pub", "mac": "fa:00:00:00:00:01", "role": "public", "network": "l3-pub",
		     "addresses": ["10.151.10.100/8"], "gateway": "10.0.0.1", "default_route": true},
		    {"uuid": "if-web", "mac": "fa:00:00:00:00:02", "role": "private", "network": "l3-web",
		     "addresses": ["192.168.10.1/24"], "snat": true},
		    {"uuid": "if-app", "mac": "fa:00:00:00:00:03", "role": "private", "network": "l3-app",
		     "addresses": ["192.168.20.1/24"], "snat": true}],
		  "vips": [{"uuid": "vip-1", "address": "10.151.10.170", "network": "l3-pub"},
		    {"uuid": "vip-2", "address": "10.151.10.174", "network": "l3-pub"}],
		  "eips": [{"uuid": "eip-1", "vip": "vip-1", "target": "192.168.10.79"}],
		  "port_forwards": [
		    {"uuid": "pf-1", "vip": "vip-2", "protocol": "tcp", "vip_ports": "24",
		     "target": "192.168.20.228", "target_ports": "22", "allowed_cidr": "10.0.79.0/24"},
		    {"uuid": "pf-2", "vip": "vip-2", "protocol": "udp", "vip_ports": "30-40",
		     "target": "192.168.10.80"}]
		  ${2:-} }
	END
}

world() { # FIELDS OF THE ROUTER, MORE SECTIONS
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
	serve vm1 tcp 22
	serve vm2 tcp 22
	serve vm3 udp 30-40
	serve ext tcp 7
	router_start vr
	document "$@" | check router_apply vr -
}

table() { on vr nft list table inet weft_trace; }

# armed N: so many flows are traced. (Of each, what comes in has a rule.)
armed() { [ "$(table 2>/dev/null | grep -c 'iifname.*meta nftrace set 1')" -eq "$1" ]; }

declare -A TRACES # Their processes.

# trace NAME ARGS...: begins one in the background; an answer a line in $CASE_DIR/NAME.log.
trace() {
	local name=$1
	shift
	start "$name" vr "$WEFT_BIN/weft" -s "unix:$CASE_DIR/vr/vrouter/socket" --json router trace "$@"
	TRACES[$name]=$STARTED
}

ended() { wait "${TRACES[$1]}"; } # NAME

# The way of packet N (1): "ACTION OBJECT, ... = VERDICT".
way() { # NAME [N]
	jq -r 'select(.steps) | ([.steps[] | .action + " " + .object] | join(", ")) + " = " + .verdict' \
		"$CASE_DIR/$1.log" | sed -n "${2:-1}p"
}

# The packet as it was at the end: "FROM TO".
packet() { jq -r 'select(.packet) | .packet | .from + " " + .to' "$CASE_DIR/$1.log" | sed -n "${2:-1}p"; }

texts() { jq -r 'select(.steps) | .steps[].text' "$CASE_DIR/$1.log"; }

# traced WAY FROM TO PROTOCOL -- CMD...: what is told of the packet that CMD makes, and that
# Explain tells the same.
traced() {
	local wanted=$1 from=$2 to=$3 protocol=$4
	shift 5
	rm -f "$CASE_DIR/one.log"
	trace one "$from" "$to" "$protocol" --seconds "$PATIENCE"
	until_ok armed 1
	"$@" || true
	check ended one
	is "$(way one)" "$wanted" "$from $to $protocol"
	is "$(weft_router vr explain "$from" "$to" "$protocol" --json | jq -r \
		'([.steps[] | .action + " " + .object] | join(", ")) + " = " + .verdict')" "$wanted" explained
}

ping_once() { on "$1" ping -q -c 1 -W 1 "$2"; }
udp_once() { probe_status "$1" udp "$2" "$3"; }
tcp_once() { probe_status "$1" tcp "$2" "$3"; }

case_services() {
	world "" ', "routes": [{"uuid": "rt-1", "destination": "192.0.2.0/24", "type": "blackhole"},
		{"uuid": "rt-2", "destination": "172.18.0.0/24", "type": "static", "next_hop": "10.0.79.68"}]'
	traced "enter if-pub, dnat pf-1, route if-app, filter r-1, leave if-app = accept" \
		10.0.79.68 10.151.10.174 tcp/24 -- tcp_once ext 10.151.10.174 24
	is "$(packet one)" "10.0.79.68 192.168.20.228" "as it leaves"
	traced "enter if-pub, miss pf-1, filter r-1 = drop" \
		10.0.80.5 10.151.10.174 tcp/24 -- tcp_once ext2 10.151.10.174 24
	traced "enter if-pub, dnat pf-2, route if-web, filter r-1, leave if-web = accept" \
		10.0.80.5 10.151.10.174 udp/35 -- udp_once ext2 10.151.10.174 35
	traced "enter if-pub, dnat eip-1, route if-web, filter r-1, leave if-web = accept" \
		10.0.79.68 10.151.10.170 icmp -- ping_once ext 10.151.10.170
	traced "enter if-web, route if-pub, filter r-1, snat eip-1, leave if-pub = accept" \
		192.168.10.79 10.0.79.68 tcp/7 -- tcp_once vm1 10.0.79.68 7
	is "$(packet one)" "10.151.10.170 10.0.79.68" "with its elastic IP"
	traced "enter if-app, route if-pub, filter r-1, snat if-app, leave if-pub = accept" \
		192.168.20.228 10.0.79.68 tcp/7 -- tcp_once vm2 10.0.79.68 7
	is "$(packet one)" "10.151.10.100 10.0.79.68" "with the router's address"
	route ext2 192.168.20.0/24 via 10.151.10.100
	traced "enter if-pub, route if-app, filter r-1 = drop" \
		10.0.80.5 192.168.20.228 tcp/22 -- tcp_once ext2 192.168.20.228 22
	traced "enter if-web, drop rt-1 = drop" 192.168.10.79 192.0.2.7 icmp -- ping_once vm1 192.0.2.7
	traced "enter if-web, route rt-2, filter r-1, filter rt-2, leave if-pub = accept" \
		192.168.10.79 172.18.0.9 icmp -- ping_once vm1 172.18.0.9
	traced "enter if-pub, deliver if-pub = accept" \
		10.0.79.68 10.151.10.100 icmp -- ping_once ext 10.151.10.100
	traced "enter if-web, dnat pf-2, route if-web, filter r-1, snat if-web, leave if-web = accept" \
		192.168.10.79 10.151.10.174 udp/30 -- udp_once vm1 10.151.10.174 30
	traced "enter if-web, filter r-1 = drop" \
		192.168.10.79 10.151.10.174 tcp/81 -- tcp_once vm1 10.151.10.174 81
	until_no table
}

case_no_way() {
	world "" ""
	check ping_ok vm1 192.168.10.1 # Who is asked from elsewhere, answers no ARP.
	on vm1 ip addr add 192.168.99.9/32 dev eth0
	trace one 192.168.99.9 192.168.20.228 icmp --seconds "$PATIENCE"
	until_ok armed 1
	on vm1 ping -q -c 1 -W 1 -I 192.168.99.9 192.168.20.228 || true
	check ended one
	is "$(way one)" "enter if-web, drop if-web = drop" "a source that is not at home"
	trace two 192.168.10.79 192.168.20.228 icmp --seconds "$PATIENCE"
	until_ok armed 1
	on vm1 ping -q -c 1 -W 1 -t 1 192.168.20.228 || true
	check ended two
	is "$(way two)" "enter if-web, route r-1 = reject" "a time to live of 1"
	check grep -q "time to live" <(texts two)
}

case_firewall() {
	world "" ', "firewall": [
		{"uuid": "fw-1", "interface": "if-app", "direction": "out", "priority": 10, "action": "accept",
		 "protocol": "tcp", "destination_ports": "22"},
		{"uuid": "fw-2", "interface": "if-app", "direction": "out", "priority": 20, "action": "reject",
		 "protocol": "tcp"},
		{"uuid": "fw-3", "interface": "if-app", "direction": "in", "priority": 10, "action": "drop",
		 "protocol": "icmp"}]'
	traced "enter if-web, route if-app, firewall fw-1, filter r-1, leave if-app = accept" \
		192.168.10.79 192.168.20.228 tcp/22 -- tcp_once vm1 192.168.20.228 22
	traced "enter if-web, route if-app, firewall fw-2 = reject" \
		192.168.10.79 192.168.20.228 tcp/23 -- tcp_once vm1 192.168.20.228 23
	traced "enter if-app, firewall fw-3 = drop" \
		192.168.20.228 192.168.20.1 icmp -- ping_once vm2 192.168.20.1
}

BALANCER='"load_balancers": [{"uuid": "lb-1", "vip": "vip-2", "listeners": [{"uuid": "ls-1",
	"protocol": "tcp", "port": 80, "target_port": 22,
	"members": [{"uuid": "m-1", "address": "192.168.20.228"}]}]}]'

case_load_balancer() {
	needs_program haproxy
	world "" ", $BALANCER"
	traced "enter if-pub, deliver lb-1 = accept" \
		10.0.79.68 10.151.10.174 tcp/80 -- tcp_once ext 10.151.10.174 80
	traced "enter if-web, filter r-1 = drop" \
		192.168.10.79 10.151.10.174 tcp/80 -- tcp_once vm1 10.151.10.174 80
	document ', "private_default": "accept"' ", $BALANCER" | check router_apply vr -
	traced "enter if-web, deliver lb-1 = accept" \
		192.168.10.79 10.151.10.174 tcp/80 -- tcp_once vm1 10.151.10.174 80
	# What goes on is known: by whom it is shared stays told.
	hold one ext 10.151.10.174 80
	trace two 10.0.79.68 10.151.10.174 tcp/80 --seconds "$PATIENCE"
	until_ok armed 1
	check hold_ok one
	check ended two
	is "$(way two)" "enter if-pub, deliver lb-1 = accept" "of a known connection"
	check grep -q "known already" <(texts two)
}

case_known_connections() {
	world
	hold one ext 10.151.10.174 24
	trace one 10.0.79.68 any tcp --seconds "$PATIENCE"
	until_ok armed 1
	check hold_ok one
	check ended one
	is "$(way one)" "enter if-pub, dnat pf-1, route if-app, filter r-1, leave if-app = accept" known
	check grep -q "connection tracking remembers" <(texts one)
	hold two vm1 10.0.79.68 7
	trace two 192.168.10.79 10.0.79.68 tcp/7 --seconds "$PATIENCE"
	until_ok armed 1
	check hold_ok two
	check ended two
	is "$(way two)" "enter if-web, route if-pub, filter r-1, snat eip-1, leave if-pub = accept" out
	# Replies are not asked for: only the question is told.
	trace three any any icmp --seconds "$PATIENCE" --count 2
	until_ok armed 1
	check on ext ping -q -c 2 -i 0.2 -W "$PATIENCE" 10.151.10.170
	check ended three
	is "$(packet three 1)" "10.0.79.68 192.168.10.79" "first"
	is "$(packet three 2)" "10.0.79.68 192.168.10.79" "second"
}

case_two_at_once() {
	world
	trace one 10.0.79.68 10.151.10.170 icmp --count 2 --seconds "$PATIENCE"
	trace two any 10.151.10.170 --seconds "$PATIENCE" --count 3
	until_ok armed 2
	check ping_once ext 10.151.10.170
	check ping_once ext2 10.151.10.170
	until_ok way two 2
	check ping_once ext 10.151.10.170
	check ended one
	check ended two
	is "$(packet one 1) $(packet one 2)" "10.0.79.68 192.168.10.79 10.0.79.68 192.168.10.79" "one's"
	is "$(packet two 2)" "10.0.80.5 192.168.10.79" "the other's second"
	is "$(way two 3)" "$(way one 2)" "both told of the last"
	is "$(jq -r 'select(.ended) | .ended' "$CASE_DIR/two.log")" count "how it ended"
	until_no table
	for n in 1 2 3 4 5 6 7 8; do trace "t$n" any 203.0.113.9 --seconds 100; done
	until_ok armed 8
	weft_call vrouter vr Trace '{}' 2>"$CASE_DIR/refused" && fail "a ninth was taken"
	check grep -q "Busy" "$CASE_DIR/refused"
}

case_ends() {
	world
	trace one any 203.0.113.9 --seconds 1
	check ended one
	is "$(jq -c 'select(.ended)' "$CASE_DIR/one.log")" '{"ended":"seconds","packets":0}' "nothing came"
	until_no table
	trace two any 203.0.113.9 --seconds 100
	trace three any 203.0.113.10 --seconds 100
	until_ok armed 2
	check kill -9 "${TRACES[two]}"
	until_ok armed 1
	check kill -9 "${TRACES[three]}"
	until_no table
	# The table is the daemon's own socket's.
	trace four any 203.0.113.9 --seconds 100
	until_ok armed 1
	router_kill vr -9
	deny table
	# One that stayed all the same goes at the next start; drift is nothing of it.
	on vr nft add table inet weft_trace
	on vr nft add chain inet weft_trace arm '{ type filter hook prerouting priority -350; }'
	check table
	router_start vr
	deny table
	trace five any 203.0.113.9 --seconds 100
	until_ok armed 1
	check router_in_order vr
	is "$(weft_call vrouter vr Status | jq -c '.drift // []')" "[]" drift
	on vr nft flush ruleset
	until_ok router_in_order vr
	check armed 1
}

# The kernel had no room for what it told: packets of /proc/net/netlink's protocol 12.
# shellcheck disable=SC2016 # awk knows them
dropped() { on vr awk '$2 == 12 && $9 > 0 { found = 1 } END { exit !found }' /proc/net/netlink; }

case_lost() {
	world
	trace one any any --count 100000 --seconds 600
	until_ok armed 1
	check kill -STOP "$(cat "$CASE_DIR/vr/vrouter/pid")"
	start flood ext ping -f -q 10.151.10.170
	until_ok dropped
	check kill "$STARTED"
	check kill -CONT "$(cat "$CASE_DIR/vr/vrouter/pid")"
	until_ok grep -q '"lost":true' "$CASE_DIR/one.log"
	check kill -9 "${TRACES[one]}"
	until_no table
}

refuses() { # PARAMETERS WHAT
	weft_call vrouter vr Trace "$1" --json >"$CASE_DIR/refused" && fail "$1 was taken"
	is "$(jq -r '.parameters | .path + ": " + .reason' "$CASE_DIR/refused")" "$2" "$1"
}

case_refusals() {
	world
	refuses '{"packet": {"from": "here"}}' 'packet.from: "here" is not an IP address'
	refuses '{"packet": {"from": "10.0.0.1", "to": "fd00::1"}}' \
		'packet: source and destination are of two address families'
	refuses '{"packet": {"protocol": "icmp", "to_port": 7}}' 'packet.to_port: only tcp and udp have ports'
	refuses '{"packet": {"to_port": 7}}' 'packet.to_port: only tcp and udp have ports'
	refuses '{"packet": {"interface": "if-none"}}' 'packet.interface: there is no interface "if-none"'
	refuses '{"packet": {"via": "if-pub"}}' 'packet.via: unknown field'
	refuses '{"count": 0}' 'count: 0 is outside 1-100000'
	refuses '{"count": 2}' 'count: several packets are several answers: call with more'
	refuses '{"seconds": 100000}' 'seconds: 100000 is outside 1-3600'
	refuses '{"verbose": true}' 'verbose: unknown field'
	printf '{"revision": 1}' | check router_apply vr - >/dev/null
	refuses '{}' 'state: there is no router yet'
	deny table
}

run_cases "$@"
