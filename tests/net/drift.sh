#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Another hand in the router's network: what it takes away comes back, with all that went along.
#
#   ext, inet -- sw (10.0.0.0/8) -- vr -- web 192.168.10.0/24 -- vm1 .79
. "$(dirname "$0")/../lib/net.sh"

world() {
	world_internet
	switch web
	node vr
	router_nic vr pub fa:00:00:00:00:01 sw
	router_nic vr web fa:00:00:00:00:02 web
	guest vm1 web 192.168.10.79/24 192.168.10.1
	router_start vr
	check router_apply vr - <<-END
		{ "router": {"uuid": "r-1", "name": "vpc"},
		  "interfaces": [
		    {"uuid": "if-pub", "mac": "fa:00:00:00:00:01", "role": "public", "network": "l3-pub",
		     "addresses": ["10.151.10.100/8"], "gateway": "10.0.0.1", "default_route": true},
		    {"uuid": "if-web", "mac": "fa:00:00:00:00:02", "role": "private", "network": "l3-web",
		     "addresses": ["192.168.10.1/24"], "snat": true}],
		  "vips": [{"uuid": "vip-1", "address": "10.151.10.170", "network": "l3-pub"}],
		  "eips": [{"uuid": "eip-1", "vip": "vip-1", "target": "192.168.10.79"}],
		  "routes": [
		    {"uuid": "rt-1", "destination": "172.16.0.0/12", "type": "static", "next_hop": "10.0.79.68"},
		    {"uuid": "rt-2", "destination": "172.16.9.0/24", "type": "static",
		     "next_hop": "192.168.10.79"},
		    {"uuid": "rt-3", "destination": "172.16.8.0/24", "type": "blackhole"}] }
	END
	ROUTES=$(routes)
	ADDRESSES=$(addresses)
	check ping_ok ext 10.151.10.170
}

routes() { on vr ip route show table all proto 119 | sed 's/ *$//' | sort; }
addresses() { on vr ip -o addr show | awk '{ print $2, $4 }' | grep -v fe80 | sort; }

whole() { [ "$(routes)" = "$ROUTES" ] && [ "$(addresses)" = "$ADDRESSES" ]; }

case_flushed_addresses() {
	world
	check on vr ip addr flush dev pub
	until_ok whole
	check ping_ok ext 10.151.10.170
	check on vr ip addr flush dev web
	until_ok whole
	check ping_ok vm1 198.51.100.10
}

case_removed_address() {
	world
	check on vr ip addr del 10.151.10.100/8 dev pub
	until_ok whole
	check on vr ip addr del 192.168.10.1/24 dev web
	until_ok whole
	check ping_ok ext 10.151.10.170
}

case_link_set_down() {
	world
	check on vr ip link set pub down
	until_ok whole
	until_ok ping_ok ext 10.151.10.170
	check on vr ip link set web down
	until_ok whole
	until_ok ping_ok vm1 198.51.100.10
}

run_cases "$@"
