#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Load balancing over three subnets: turns, health, members that come and go, HTTP and HTTPS.
. "$(dirname "$0")/../lib/balance.sh"

case_in_turn() {
	world
	document "$(listener "$ALL")" | check router_apply vr -
	until_ok tcp_ok ext "$VIP" 80
	until_ok shares_are 3 "vm1=1 vm2=1 vm3=1"
	is "$(shares 30)" "vm1=10 vm2=10 vm3=10" "thirty connections"
	check tcp_no_timeout ext "$VIP" 100
	check tcp_no_timeout ext "$VIP" 81
	is "$(health_of lb-1)" ready "health"
}

case_dead_member() {
	world
	document "$(listener "$ALL")" | check router_apply vr -
	until_ok shares_are 3 "vm1=1 vm2=1 vm3=1"
	kill "$SERVER"
	until_ok member_is m-2 down
	until_ok shares_are 2 "vm1=1 vm3=1"
	is "$(shares 20)" "vm1=10 vm3=10" "twenty connections"
	serve vm2 tcp 100
	until_ok member_is m-2 up
	until_ok shares_are 3 "vm1=1 vm2=1 vm3=1"
}

case_members_come_and_go() {
	world
	document "$(listener "$M1")" | check router_apply vr -
	until_ok tcp_ok ext "$VIP" 80
	hold one ext "$VIP" 80
	patch_balancer 0 "$(listener "$ALL")"
	until_ok shares_are 3 "vm1=1 vm2=1 vm3=1"
	check hold_ok one
	patch_balancer 1 "$(listener "$M1, $M2")"
	until_ok shares_are 2 "vm1=1 vm2=1"
	is "$(shares 10)" "vm1=5 vm2=5" "without the third"
	check hold_ok one
	patch_balancer 2 "$(listener "$ALL")"
	until_ok shares_are 3 "vm1=1 vm2=1 vm3=1"
	check hold_ok one
}

case_listener_removed() {
	world
	document "$(listener "$ALL")" | check router_apply vr -
	until_ok tcp_ok ext "$VIP" 80
	check tcp_ok ext "$VIP" 24
	hold forwarded ext "$VIP" 24
	patch_balancer 0 ""
	check tcp_no_timeout ext "$VIP" 80
	check hold_ok forwarded
	check tcp_ok ext "$VIP" 24
	patch_balancer 1 "$(listener "$ALL")"
	until_ok tcp_ok ext "$VIP" 80
	check weft_call vrouter vr Patch \
		'{"base_revision": 2, "remove": {"load_balancers": ["lb-1"]}}' >/dev/null
	check tcp_no_timeout ext "$VIP" 80
	check hold_ok forwarded
}

case_http() {
	world
	document "$(listener "$ALL" | sed 's/"tcp"/"http"/')" | check router_apply vr -
	until_ok http ext "http://$VIP/"
	is "$(http ext "http://$VIP/" | grep -i ^x-forwarded-for | tr '[:upper:]' '[:lower:]')" \
		"x-forwarded-for: 10.0.79.68" "the client's address"
	is "$(for _ in 1 2 3; do http ext "http://$VIP/" | sed -n '1s/.* //p'; done | sort | xargs)" \
		"vm1 vm2 vm3" "in turn"
}

case_https() {
	local https list
	world
	https=$(listener "$ALL" | sed 's/"tcp"/"https"/; s/"port": 80/"port": 443/')
	document "$https" | check router_apply vr -
	is "$(health_of lb-1)" inactive "without certificate"
	check tcp_no_timeout ext "$VIP" 443
	list=$(certificates www.example.test)
	check weft_call vrouter vr Patch "{\"base_revision\": 0, \"upsert\": {
		\"certificates\": $list, \"load_balancers\": [$(balancer \
		"${https%\}}, \"certificate\": \"cert-www.example.test\"}")]}}" >/dev/null
	until_ok http ext --cacert "$CASE_DIR/www.example.test.pem" \
		--resolve "www.example.test:443:$VIP" https://www.example.test/
	is "$(http ext --cacert "$CASE_DIR/www.example.test.pem" --resolve "www.example.test:443:$VIP" \
		https://www.example.test/ | grep -i ^x-forwarded-for | tr '[:upper:]' '[:lower:]')" \
		"x-forwarded-for: 10.0.79.68" "the client's address"
	is "$(health_of lb-1)" ready "with certificate"
}

case_from_inside() {
	world
	document "$(listener "$ALL")" | check router_apply vr -
	until_ok tcp_ok ext "$VIP" 80
	check tcp_no vm1 "$VIP" 80
	document "$(listener "$ALL")" "" ', "private_default": "accept"' |
		sed '1s/{/{ "revision": 1,/' | check router_apply vr -
	until_ok tcp_ok vm1 "$VIP" 80
}

case_goes_on_without_the_agent() {
	local pid
	world
	document "$(listener "$ALL")" | check router_apply vr -
	until_ok shares_are 3 "vm1=1 vm2=1 vm3=1"
	pid=$(pid_of haproxy)
	hold one ext "$VIP" 80
	router_kill vr -9
	check hold_ok one
	is "$(shares 6)" "vm1=2 vm2=2 vm3=2" "without the agent"
	router_start vr
	is "$(pid_of haproxy)" "$pid" "the process"
	check hold_ok one
	until_ok shares_are 3 "vm1=1 vm2=1 vm3=1"
	patch_balancer 0 "$(listener "$M1, $M2")"
	until_ok shares_are 2 "vm1=1 vm2=1"
	is "$(pid_of haproxy)" "$pid" "the process after a change"
	check hold_ok one
}

# The kernel's own two minutes are longer than this waits: its table would be full of them.
case_a_closed_connection_is_forgotten_soon() {
	world
	document "$(listener "$ALL")" | check router_apply vr -
	until_ok tcp_ok ext "$VIP" 80
	check tracks_closed
	until_no tracks_closed
}

tracks_closed() { on vr conntrack -L -p tcp --dport 80 -d "$VIP" 2>/dev/null | grep -q TIME_WAIT; }

# Another program has the port while HAProxy is to start anew.
case_port_taken_at_restart() {
	local pid server
	world
	document "$(listener "$ALL")" | check router_apply vr -
	until_ok tcp_ok ext "$VIP" 80
	pid=$(pid_of haproxy)
	router_kill vr -9
	kill -9 "$pid"
	until_no pgrep haproxy
	serve vr tcp 80
	server=$!
	router_start vr
	until_ok health_is lb-1 failed
	# HAProxy's own failure; a change that failed would name its item first.
	check grep -Eqx "(its port|port 80 of $VIP) is taken by another program here" \
		<<<"$(reason_of lb-1)"
	check tcp_ok ext "$VIP" 24
	kill "$server"
	until_ok health_is lb-1 ready
	until_ok shares_are 3 "vm1=1 vm2=1 vm3=1"
}

case_port_taken_from_the_start() {
	local server
	world
	serve vr tcp 80
	server=$!
	document "$(listener "$ALL")" | router_apply vr - || true
	until_ok health_is lb-1 failed
	check grep -Fxq "haproxy.listener ls-1: port 80 of $VIP is taken by another program here" <<<"$(reason_of lb-1)"
	check tcp_ok ext "$VIP" 24
	kill "$server"
	until_ok health_is lb-1 ready
	until_ok shares_are 3 "vm1=1 vm2=1 vm3=1"
}

run_cases "$@"
