#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# dnsmasq and HAProxy die: they come back, ever more slowly, and Status tells of it.
. "$(dirname "$0")/../lib/net.sh"

VIP=10.151.10.170

document() {
	cat <<-END
		{ "router": {"uuid": "r-1"},
		  "interfaces": [
		    {"uuid": "if-pub", "mac": "fa:00:00:00:00:01", "role": "public", "network": "l3-pub",
		     "addresses": ["10.151.10.100/8"], "gateway": "10.0.0.1", "default_route": true},
		    {"uuid": "if-web", "mac": "fa:00:00:00:00:02", "role": "private", "network": "l3-web",
		     "addresses": ["192.168.10.1/24"], "snat": true}],
		  "dns": {"forwarders": ["223.5.5.5"]},
		  "vips": [{"uuid": "vip-1", "address": "$VIP", "network": "l3-pub"}],
		  "port_forwards": [{"uuid": "pf-1", "vip": "vip-1", "protocol": "tcp", "vip_ports": "24",
		    "target": "192.168.10.79", "target_ports": "22"}],
		  "load_balancers": [{"uuid": "lb-1", "vip": "vip-1", "listeners": [
		    {"uuid": "ls-1", "protocol": "tcp", "port": 80, "target_port": 100, "health_interval_s": 1,
		     "members": [{"uuid": "m-1", "address": "192.168.10.79"}]}]}] }
	END
}

world() {
	needs_program dnsmasq haproxy
	world_internet
	switch web
	node vr
	router_nic vr pub fa:00:00:00:00:01 sw
	router_nic vr web fa:00:00:00:00:02 web
	guest vm1 web 192.168.10.79/24 192.168.10.1
	serve vm1 tcp 22 100
	router_start vr
	document | check router_apply vr - >/dev/null
	until_ok works dnsmasq
	until_ok works haproxy
	hold forwarded ext $VIP 24
}

works() { # SERVICE
	case $1 in
	dnsmasq) [ "$(dns vm1 192.168.10.1 www.example.test)" = 198.51.100.10 ] ;;
	haproxy) tcp_ok ext $VIP 80 ;;
	esac
}

told() { # SERVICE FIELD
	weft_call vrouter vr Status | jq -er ".services[] | select(.name == \"$1\") | .$2"
}
told_is() { [ "$(told "$1" "$2")" = "$3" ]; }

health_of() { # OBJECT FIELD
	weft_call vrouter vr Status | jq -r ".objects[] | select(.uuid == \"$1\") | .$2"
}
health_is() { [ "$(health_of "$1" health)" = "$2" ]; }

object_of() { # SERVICE: who is not served without it
	case $1 in
	dnsmasq) echo dns ;;
	haproxy) echo lb-1 ;;
	esac
}

# Kills the process, and waits until the daemon has seen it.
kill_service() { # SERVICE
	local restarts
	restarts=$(told "$1" restarts)
	kill -9 "$(until_ok told "$1" pid | tail -n 1)"
	until_ok told_is "$1" restarts $((restarts + 1))
}

comes_back_at_once() { # SERVICE
	local pid
	pid=$(told "$1" pid)
	kill_service "$1"
	check grep -q Killed <<<"$(told "$1" reason)"
	until_ok works "$1"
	deny told_is "$1" pid "$pid"
	until_ok health_is "$(object_of "$1")" ready
	check hold_ok forwarded
}

# Each time it is back it is killed again: at last it waits so long that this can be seen. Then
# Status names it, and what is not served for want of it; all else is well.
backs_off() { # SERVICE
	local tries object
	object=$(object_of "$1")
	for ((tries = 0; tries < 6; tries++)); do
		kill_service "$1"
	done
	check told_is "$1" state backoff
	check grep -q Killed <<<"$(told "$1" reason)"
	is "$(health_of "$object" health)" failed "health of $object"
	is "$(health_of "$object" reason)" "$1 ended by signal 9 (Killed) and waits to be started again" \
		"its reason"
	is "$(health_of pf-1 health)" ready "health of a port forward"
	check tcp_ok ext $VIP 24
	check hold_ok forwarded
	until_ok works "$1"
	until_ok health_is "$object" ready
	is "$(told "$1" restarts)" $tries "restarts"
}

case_dnsmasq_killed_once() {
	world
	comes_back_at_once dnsmasq
	check works haproxy
}

case_haproxy_killed_once() {
	world
	comes_back_at_once haproxy
	check works dnsmasq
}

case_haproxys_worker_killed() {
	local worker
	world
	worker=$(pgrep -P "$(told haproxy pid)" | head -n 1)
	kill -9 "$worker"
	until_no kill -0 "$worker"
	until_ok works haproxy
	until_ok health_is lb-1 ready
	check hold_ok forwarded
}

case_dnsmasq_again_and_again() {
	world
	backs_off dnsmasq
}

case_haproxy_again_and_again() {
	world
	backs_off haproxy
}

# The services of a dead daemon live on; one that died meanwhile is started by the next daemon.
case_killed_without_the_daemon() {
	local dnsmasq haproxy
	world
	dnsmasq=$(told dnsmasq pid)
	haproxy=$(told haproxy pid)
	router_kill vr -9
	check works dnsmasq
	check works haproxy
	kill -9 "$dnsmasq"
	until_no kill -0 "$dnsmasq"
	router_start vr
	until_ok works dnsmasq
	check works haproxy
	is "$(told haproxy pid)" "$haproxy" "HAProxy"
	check hold_ok forwarded
}

run_cases "$@"
