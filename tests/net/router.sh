#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A router with two private networks: what passes, what must not, elastic IPs and port forwards.
#
#   ext, ext2, inet -- sw (10.0.0.0/8) -- vr -- web 192.168.10.0/24 -- vm1 .79
#                                           \-- app 192.168.20.0/24 -- vm2 .228
# vm: reachability elastic_ip port_forward
. "$(dirname "$0")/../lib/net.sh"

document() { # SECTIONS: more of them, each with a comma before it
	cat <<-END
		{ "router": {"uuid": "r-1", "name": "vpc"},
		  "interfaces": [
		    {"uuid": "if-pub", "mac": "fa:00:00:00:00:01", "role": "public", "network": "l3-pub",
		     "addresses": ["10.151.10.100/8"], "gateway": "10.0.0.1", "default_route": true},
		    {"uuid": "if-web", "mac": "fa:00:00:00:00:02", "role": "private", "network": "l3-web",
		     "addresses": ["192.168.10.1/24"], "snat": true},
		    {"uuid": "if-app", "mac": "fa:00:00:00:00:03", "role": "private", "network": "l3-app",
		     "addresses": ["192.168.20.1/24"], "snat": true}]
		  ${1:-} }
	END
}

plan_size() { python3 -c 'import json, sys; print(len(json.load(sys.stdin)["plan"]))'; }

world() {
	world_internet
	switch web
	switch app
	node vr
	router_nic vr pub fa:00:00:00:00:01 sw
	router_nic vr web fa:00:00:00:00:02 web
	router_nic vr app fa:00:00:00:00:03 app
	guest vm1 web 192.168.10.79/24 192.168.10.1
	guest vm2 app 192.168.20.228/24 192.168.20.1
	router_start vr
}

VIPS='"vips": [{"uuid": "vip-1", "address": "10.151.10.170", "network": "l3-pub"},
	{"uuid": "vip-2", "address": "10.151.10.174", "network": "l3-pub"}]'

case_reachability() {
	world
	document | check router_apply vr -
	check ping_ok vm1 192.168.10.1
	is "$(ttl_of vm1 192.168.20.228)" 63 "across two subnets"
	check ping_ok vm2 192.168.10.79
	check ping_ok vm1 198.51.100.10
	serve ext tcp 7
	is "$(who vm1 10.0.79.68 7)" "10.0.79.68 10.151.10.100" "source translated"
	route ext 192.168.10.0/24 via 10.151.10.100
	serve vm1 tcp 22
	check ping_no ext 192.168.10.79
	check tcp_no_timeout ext 192.168.10.79 22
	check ping_ok ext 10.151.10.100
	check tcp_no_timeout ext 10.151.10.100 22
	is "$(document | weft_router vr apply - --dry-run --json | plan_size)" 0 "applied twice"
}

case_elastic_ip() {
	world
	serve vm1 tcp 22
	serve vm2 tcp 22
	serve ext tcp 7
	document ", $VIPS" | check router_apply vr -
	check ping_no ext 10.151.10.170
	document ", $VIPS, \"eips\": [{\"uuid\": \"eip-1\", \"vip\": \"vip-1\", \"target\": \"192.168.10.79\"}]" |
		check router_apply vr -
	is "$(who ext 10.151.10.170 22)" "192.168.10.79 10.0.79.68" "first guest"
	check ping_ok ext 10.151.10.170
	is "$(who vm1 10.0.79.68 7)" "10.0.79.68 10.151.10.170" "its own source"
	is "$(who vm2 10.0.79.68 7)" "10.0.79.68 10.151.10.100" "the other's source"
	is "$(who vm2 10.151.10.170 22)" "192.168.10.79 192.168.20.228" "from inside, another subnet"
	hold one ext 10.151.10.170 22
	check weft_call vrouter vr Patch '{"base_revision": 0, "remove": {"eips": ["eip-1"]}}' >/dev/null
	check tcp_no_timeout ext 10.151.10.170 22
	deny hold_ok one
	check weft_call vrouter vr Patch '{"base_revision": 1, "upsert": {"eips":
		[{"uuid": "eip-1", "vip": "vip-1", "target": "192.168.20.228"}]}}' >/dev/null
	is "$(who ext 10.151.10.170 22)" "192.168.20.228 10.0.79.68" "second guest"
}

case_port_forward() {
	world
	serve vm1 tcp 22 30-40
	serve vm2 tcp 22
	document ", $VIPS, \"port_forwards\": [
		{\"uuid\": \"pf-1\", \"vip\": \"vip-2\", \"protocol\": \"tcp\", \"vip_ports\": \"24\",
		 \"target\": \"192.168.20.228\", \"target_ports\": \"22\"},
		{\"uuid\": \"pf-2\", \"vip\": \"vip-2\", \"protocol\": \"tcp\", \"vip_ports\": \"30-40\",
		 \"target\": \"192.168.10.79\"}]" | check router_apply vr -
	is "$(who ext 10.151.10.174 24)" "192.168.20.228 10.0.79.68" "client's address kept"
	for port in 30 35 40; do
		is "$(who ext 10.151.10.174 $port)" "192.168.10.79 10.0.79.68" "port $port"
	done
	for port in 22 29 41; do
		check tcp_no_timeout ext 10.151.10.174 $port
	done
	is "$(who vm1 10.151.10.174 30)" "192.168.10.79 192.168.10.1" "hairpin in one subnet"
	check weft_call vrouter vr Patch '{"base_revision": 0, "upsert": {"port_forwards":
		[{"uuid": "pf-1", "vip": "vip-2", "protocol": "tcp", "vip_ports": "24",
		  "target": "192.168.20.228", "target_ports": "22", "allowed_cidr": "10.0.79.0/24"}]}}' >/dev/null
	check tcp_ok ext 10.151.10.174 24
	check tcp_no_timeout ext2 10.151.10.174 24
}

case_restart_keeps_everything() {
	world
	serve vm1 tcp 22
	document ", $VIPS, \"eips\": [{\"uuid\": \"eip-1\", \"vip\": \"vip-1\", \"target\": \"192.168.10.79\"}]" |
		check router_apply vr -
	hold one ext 10.151.10.170 22
	router_kill vr -9
	check hold_ok one
	router_start vr
	check hold_ok one
	check tcp_ok ext 10.151.10.170 22
	is "$(weft_router vr reconcile --dry-run --json | plan_size)" 0 "nothing to do"
}

case_explain() {
	world
	document ", $VIPS, \"eips\": [{\"uuid\": \"eip-1\", \"vip\": \"vip-1\", \"target\": \"192.168.10.79\"}]" |
		check router_apply vr -
	weft_router vr explain 10.0.79.68 10.151.10.170 tcp/22 >"$CASE_DIR/explained"
	check grep -q eip-1 "$CASE_DIR/explained"
	check grep -q "^verdict: accept" "$CASE_DIR/explained"
	weft_router vr explain 10.0.79.68 192.168.20.228 tcp/22 >"$CASE_DIR/explained"
	check grep -q "^verdict: drop" "$CASE_DIR/explained"
	deny weft_router vr explain here there
}

run_cases "$@"
