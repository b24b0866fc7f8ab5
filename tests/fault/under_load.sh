#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The daemon is killed, replaced by another version and told to look at everything anew, while
# connections go through an elastic IP and requests through a load balancer: none fails, none ends.
#
#   ext -- sw (10.0.0.0/8) -- vr -- web 192.168.10.0/24 -- vm1 .79, vm2 .80
# timeout: 180
. "$(dirname "$0")/../lib/load.sh"

EIP=10.151.10.171 VIP=10.151.10.170
TURNS=5

document() {
	cat <<-END
		{ "router": {"uuid": "r-1"},
		  "interfaces": [
		    {"uuid": "if-pub", "mac": "fa:00:00:00:00:01", "role": "public", "network": "l3-pub",
		     "addresses": ["10.151.10.100/8"], "gateway": "10.0.0.1", "default_route": true},
		    {"uuid": "if-web", "mac": "fa:00:00:00:00:02", "role": "private", "network": "l3-web",
		     "addresses": ["192.168.10.1/24"], "snat": true}],
		  "dns": {"forwarders": ["223.5.5.5"]},
		  "vips": [{"uuid": "vip-1", "address": "$VIP", "network": "l3-pub"},
		    {"uuid": "vip-2", "address": "$EIP", "network": "l3-pub"}],
		  "eips": [{"uuid": "eip-1", "vip": "vip-2", "target": "192.168.10.79"}],
		  "load_balancers": [{"uuid": "lb-1", "vip": "vip-1", "listeners": [
		    {"uuid": "ls-1", "protocol": "http", "port": 80, "target_port": 8000, "members": [
		      {"uuid": "m-1", "address": "192.168.10.79"},
		      {"uuid": "m-2", "address": "192.168.10.80"}]}]}] }
	END
}

world() {
	needs_program haproxy
	needs_load
	world_internet
	switch web
	node vr
	router_nic vr pub fa:00:00:00:00:01 sw
	router_nic vr web fa:00:00:00:00:02 web
	guest vm1 web 192.168.10.79/24 192.168.10.1
	guest vm2 web 192.168.10.80/24 192.168.10.1
	start serve1 vm1 "$LOAD" serve 8000
	start serve2 vm2 "$LOAD" serve 8000
	own_program
	router_start vr
	document | check router_apply vr - >/dev/null
	until_ok http ext "http://$VIP/"
	until_ok http ext "http://$EIP:8000/"
	load_start eip_held ext -p 4 -k $EIP 8000
	load_start eip_new ext -r 100 $EIP 8000
	load_start balancer_held ext -p 4 -k $VIP 80
	load_start balancer_new ext -r 100 $VIP 80
	HAPROXY=$(pid_of haproxy) DNSMASQ=$(pid_of dnsmasq)
}

pid_of() { weft_call vrouter vr Status | jq -er ".services[] | select(.name == \"$1\") | .pid"; }

# Nothing failed, and what was held was never opened again; the services are the same processes.
nothing_was_lost() {
	load_lost_nothing eip_held eip_new balancer_held balancer_new
	is "$(pid_of haproxy)" "$HAPROXY" "HAProxy"
	is "$(pid_of dnsmasq)" "$DNSMASQ" "dnsmasq"
	is "$(weft_router vr reconcile --dry-run)" "" "what there is to do"
}

case_killed() {
	local turn
	world
	for ((turn = 0; turn < TURNS; turn++)); do
		router_kill vr -9
		router_start vr
	done
	nothing_was_lost
}

case_upgraded() {
	world
	upgrade vr
	check grep -q "in place after 0 changes" <<<"$(router_log vr | tail -n 5)"
	nothing_was_lost
}

# Everything is read and put right: what someone took away comes back, what is there stays.
case_told_to_look_anew() {
	local turn
	world
	for ((turn = 0; turn < TURNS; turn++)); do
		on vr sysctl -qw net.ipv4.conf.all.send_redirects=1
		kill -HUP "$(cat "$CASE_DIR/vr/vrouter/pid")"
		until_ok redirects_are_off
	done
	nothing_was_lost
}

redirects_are_off() { [ "$(on vr sysctl -n net.ipv4.conf.all.send_redirects)" = 0 ]; }

run_cases "$@"
