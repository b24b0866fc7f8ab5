#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest gets the address that is meant for it, and what else it needs; strangers get nothing.
# vm: fixed_address_and_options
. "$(dirname "$0")/../lib/net.sh"

document() {
	cat <<-END
		{ "router": {"uuid": "r-1"},
		  "interfaces": [
		    {"uuid": "if-pub", "mac": "fa:00:00:00:00:01", "role": "public", "network": "l3-pub",
		     "addresses": ["10.151.10.100/8"], "gateway": "10.0.0.1", "default_route": true},
		    {"uuid": "if-web", "mac": "fa:00:00:00:00:02", "role": "private", "network": "l3-web",
		     "addresses": ["192.168.10.1/24"], "snat": true, "mtu": 1400}],
		  "dns": {"forwarders": ["223.5.5.5"]},
		  "dhcp": [{"uuid": "dhcp-web", "network": "l3-web", "domain": "cloud.test", "hosts": [
		    {"mac": "fa:00:00:00:01:01", "address": "192.168.10.79", "hostname": "web-1"}${1:-}]}] }
	END
}

world() {
	needs_program udhcpc
	world_internet
	switch web
	node vr vm1 vm2
	router_nic vr pub fa:00:00:00:00:01 sw
	router_nic vr web fa:00:00:00:00:02 web
	plug vm1 web - eth0 fa:00:00:00:01:01
	plug vm2 web - eth0 fa:00:00:00:01:02
	router_start vr
	# Tells what it was told, and touches nothing.
	cat >"$CASE_DIR/told" <<-'END'
		#!/bin/sh
		[ "$1" = bound ] || exit 0
		echo "address=$ip/$mask router=$router dns=$dns mtu=$mtu name=$hostname domain=$domain lease=$lease"
	END
	chmod +x "$CASE_DIR/told"
}

# Five discovers, then it gives up: no lease.
lease() { # NODE
	on "$1" udhcpc -i eth0 -f -q -n -t 5 -T 2 -s "$CASE_DIR/told" \
		-O mtu -O hostname -O domain -O lease -O router -O dns 2>"$CASE_DIR/$1.udhcpc"
}

case_fixed_address_and_options() {
	world
	document | check router_apply vr -
	until_ok lease vm1
	is "$(lease vm1)" \
		"address=192.168.10.79/24 router=192.168.10.1 dns=192.168.10.1 mtu=1400 name=web-1 domain=cloud.test lease=86400" \
		"what it was told"
}

case_strangers_get_nothing() {
	world
	document | check router_apply vr -
	until_ok lease vm1
	deny lease vm2
	document ', {"mac": "fa:00:00:00:01:02", "address": "192.168.10.80"}' | sed '1s/{/{ "revision": 1,/' |
		check router_apply vr -
	until_ok lease vm2
	check grep -q "192.168.10.80 obtained" "$CASE_DIR/vm2.udhcpc"
}

run_cases "$@"
