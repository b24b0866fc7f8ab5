#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Load balancing over three subnets: turns, health, members that come and go, HTTP and HTTPS.
. "$(dirname "$0")/../lib/net.sh"

VIP=10.151.10.170
M1='{"uuid": "m-1", "address": "192.168.10.79"}'
M2='{"uuid": "m-2", "address": "192.168.30.252"}'
M3='{"uuid": "m-3", "address": "192.168.20.187"}'
ALL="$M1, $M2, $M3"

listener() { # MEMBERS [MORE FIELDS]
	echo "{\"uuid\": \"ls-1\", \"protocol\": \"tcp\", \"port\": 80, \"target_port\": 100,
		\"health_interval_s\": 1, \"members\": [$1] ${2:-}}"
}

balancer() { # LISTENERS
	echo "{\"uuid\": \"lb-1\", \"vip\": \"vip-1\", \"listeners\": [$1]}"
}

document() { # LISTENERS [SECTIONS [ROUTER'S FIELDS]]
	cat <<-END
		{ "router": {"uuid": "r-1" ${3:-}},
		  "interfaces": [
		    {"uuid": "if-pub", "mac": "fa:00:00:00:00:01", "role": "public", "network": "l3-pub",
		     "addresses": ["10.151.10.100/8"], "gateway": "10.0.0.1", "default_route": true},
		    {"uuid": "if-1", "mac": "fa:00:00:00:00:02", "role": "private", "network": "l3-1",
		     "addresses": ["192.168.10.1/24"], "snat": true},
		    {"uuid": "if-2", "mac": "fa:00:00:00:00:03", "role": "private", "network": "l3-2",
		     "addresses": ["192.168.20.1/24"], "snat": true},
		    {"uuid": "if-3", "mac": "fa:00:00:00:00:04", "role": "private", "network": "l3-3",
		     "addresses": ["192.168.30.1/24"], "snat": true}],
		  "vips": [{"uuid": "vip-1", "address": "$VIP", "network": "l3-pub"}],
		  "port_forwards": [{"uuid": "pf-1", "vip": "vip-1", "protocol": "tcp", "vip_ports": "24",
		    "target": "192.168.10.79", "target_ports": "22"}],
		  "load_balancers": [$(balancer "$1")] ${2:-} }
	END
}

world() {
	needs_program haproxy
	world_internet
	switch l1
	switch l2
	switch l3
	node vr
	router_nic vr pub fa:00:00:00:00:01 sw
	router_nic vr l1 fa:00:00:00:00:02 l1
	router_nic vr l2 fa:00:00:00:00:03 l2
	router_nic vr l3 fa:00:00:00:00:04 l3
	guest vm1 l1 192.168.10.79/24 192.168.10.1
	guest vm2 l3 192.168.30.252/24 192.168.30.1
	guest vm3 l2 192.168.20.187/24 192.168.20.1
	serve vm1 tcp 100 22
	serve vm2 tcp 100
	SERVER=$!
	serve vm3 tcp 100
	router_start vr
}

patch_balancer() { # REVISION LISTENERS
	check weft_call vrouter vr Patch \
		"{\"base_revision\": $1, \"upsert\": {\"load_balancers\": [$(balancer "$2")]}}" >/dev/null
}

# Who served each of so many connections: "vm1 vm2 vm3 ", sorted, with their counts.
shares() { # CONNECTIONS
	local n
	for ((n = 0; n < $1; n++)); do
		who_name ext $VIP 80 || echo nobody
	done | sort | uniq -c | awk '{ printf "%s%s=%s", (NR > 1 ? " " : ""), $2, $1 }'
}

shares_are() { [ "$(shares "$1")" = "$2" ]; }

status() { weft_call vrouter vr Status | jq -er "$1"; }
member_is() { # MEMBER HEALTH
	[ "$(status ".. | .listeners? // empty | .[] | .members[] | select(.uuid == \"$1\") | .health")" = "$2" ]
}
health_of() { status ".. | .objects? // empty | .[] | select(.uuid == \"$1\") | .health"; }
reason_of() { status ".. | .objects? // empty | .[] | select(.uuid == \"$1\") | .reason"; }
health_is() { [ "$(health_of "$1")" = "$2" ]; }
pid_of() { status ".. | .services? // empty | .[] | select(.name == \"$1\") | .pid"; }

case_in_turn() {
	world
	document "$(listener "$ALL")" | check router_apply vr -
	until_ok tcp_ok ext $VIP 80
	until_ok shares_are 3 "vm1=1 vm2=1 vm3=1"
	is "$(shares 30)" "vm1=10 vm2=10 vm3=10" "thirty connections"
	check tcp_no_timeout ext $VIP 100
	check tcp_no_timeout ext $VIP 81
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
	until_ok tcp_ok ext $VIP 80
	hold one ext $VIP 80
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
	until_ok tcp_ok ext $VIP 80
	check tcp_ok ext $VIP 24
	hold forwarded ext $VIP 24
	patch_balancer 0 ""
	check tcp_no_timeout ext $VIP 80
	check hold_ok forwarded
	check tcp_ok ext $VIP 24
	patch_balancer 1 "$(listener "$ALL")"
	until_ok tcp_ok ext $VIP 80
	check weft_call vrouter vr Patch \
		'{"base_revision": 2, "remove": {"load_balancers": ["lb-1"]}}' >/dev/null
	check tcp_no_timeout ext $VIP 80
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

# A certificate for www.example.test, as the document's section.
certificates() {
	openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=www.example.test \
		-addext subjectAltName=DNS:www.example.test \
		-keyout "$CASE_DIR/key.pem" -out "$CASE_DIR/certificate.pem" 2>/dev/null
	jq -n --rawfile certificate "$CASE_DIR/certificate.pem" --rawfile key "$CASE_DIR/key.pem" \
		'[{uuid: "cert-1", certificate_pem: $certificate, private_key_pem: $key}]'
}

case_https() {
	local https list
	world
	https=$(listener "$ALL" | sed 's/"tcp"/"https"/; s/"port": 80/"port": 443/')
	document "$https" | check router_apply vr -
	is "$(health_of lb-1)" inactive "without certificate"
	check tcp_no_timeout ext $VIP 443
	list=$(certificates)
	check weft_call vrouter vr Patch "{\"base_revision\": 0, \"upsert\": {
		\"certificates\": $list, \"load_balancers\": [$(balancer \
		"${https%\}}, \"certificate\": \"cert-1\"}")]}}" >/dev/null
	until_ok http ext --cacert "$CASE_DIR/certificate.pem" \
		--resolve "www.example.test:443:$VIP" https://www.example.test/
	is "$(http ext --cacert "$CASE_DIR/certificate.pem" --resolve "www.example.test:443:$VIP" \
		https://www.example.test/ | grep -i ^x-forwarded-for | tr '[:upper:]' '[:lower:]')" \
		"x-forwarded-for: 10.0.79.68" "the client's address"
	is "$(health_of lb-1)" ready "with certificate"
}

case_from_inside() {
	world
	document "$(listener "$ALL")" | check router_apply vr -
	until_ok tcp_ok ext $VIP 80
	check tcp_no vm1 $VIP 80
	document "$(listener "$ALL")" "" ', "private_default": "accept"' |
		sed '1s/{/{ "revision": 1,/' | check router_apply vr -
	until_ok tcp_ok vm1 $VIP 80
}

case_goes_on_without_the_agent() {
	local pid
	world
	document "$(listener "$ALL")" | check router_apply vr -
	until_ok shares_are 3 "vm1=1 vm2=1 vm3=1"
	pid=$(pid_of haproxy)
	hold one ext $VIP 80
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

# Another program has the port while HAProxy is to start anew.
case_port_taken_at_restart() {
	local pid server
	world
	document "$(listener "$ALL")" | check router_apply vr -
	until_ok tcp_ok ext $VIP 80
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
	check tcp_ok ext $VIP 24
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
	check tcp_ok ext $VIP 24
	kill "$server"
	until_ok health_is lb-1 ready
	until_ok shares_are 3 "vm1=1 vm2=1 vm3=1"
}

run_cases "$@"
