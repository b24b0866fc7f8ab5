#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Port forwards on the router's own public address: bound, unbound, bound in another subnet; ranges,
# UDP, and what the ports beside them do.
#
#   ext 10.0.79.68, ext2, inet -- sw -- vr 10.151.10.174 -- web 192.168.10.0/24 -- vm1 .79
#                                                       \-- app 192.168.30.0/24 -- vm2 .252
. "$(dirname "$0")/../lib/net.sh"

VIP=10.151.10.174

world() {
	world_internet
	switch web
	switch app
	node vr
	router_nic vr pub fa:00:00:00:00:01 sw
	router_nic vr web fa:00:00:00:00:02 web
	router_nic vr app fa:00:00:00:00:03 app
	guest vm1 web 192.168.10.79/24 192.168.10.1
	guest vm2 app 192.168.30.252/24 192.168.30.1
	serve vm1 tcp 22 29-41 udp 53 60-62
	serve vm2 tcp 22 udp 53
	router_start vr
	check router_apply vr - <<-END
		{ "router": {"uuid": "r-1"},
		  "interfaces": [
		    {"uuid": "if-pub", "mac": "fa:00:00:00:00:01", "role": "public", "network": "l3-pub",
		     "addresses": ["$VIP/8"], "gateway": "10.0.0.1", "default_route": true},
		    {"uuid": "if-web", "mac": "fa:00:00:00:00:02", "role": "private", "network": "l3-web",
		     "addresses": ["192.168.10.1/24"], "snat": true},
		    {"uuid": "if-app", "mac": "fa:00:00:00:00:03", "role": "private", "network": "l3-app",
		     "addresses": ["192.168.30.1/24"], "snat": true}],
		  "vips": [{"uuid": "vip-1", "address": "$VIP", "network": "l3-pub", "system": true}] }
	END
}

bind() { # UUID PROTOCOL VIP_PORTS TARGET TARGET_PORTS [MORE FIELDS]
	router_patch vr "\"upsert\": {\"port_forwards\": [{\"uuid\": \"$1\", \"vip\": \"vip-1\",
		\"protocol\": \"$2\", \"vip_ports\": \"$3\", \"target\": \"$4\", \"target_ports\": \"$5\"
		${6:+, $6}}]}"
}

unbind() { router_patch vr "\"remove\": {\"port_forwards\": [\"$1\"]}"; }

case_from_binding_to_deletion() {
	local port
	world
	bind pf-1 tcp 24 192.168.10.79 22
	is "$(who ext $VIP 24)" "192.168.10.79 10.0.79.68" "bound; the client's own address"
	check tcp_no_timeout ext $VIP 22
	check tcp_no_timeout ext $VIP 25
	check udp_no_timeout ext $VIP 24
	hold one ext $VIP 24
	unbind pf-1
	check tcp_no_timeout ext $VIP 24
	deny hold_ok one
	bind pf-1 tcp 24 192.168.30.252 22
	is "$(who ext $VIP 24)" "192.168.30.252 10.0.79.68" "bound in another subnet"
	bind pf-2 tcp 30-40 192.168.10.79 30-40
	for port in 30 35 40; do
		is "$(who ext $VIP $port)" "192.168.10.79 10.0.79.68" "port $port"
		check grep -q "^tcp $port " <<<"$(served vm1)"
	done
	check tcp_no_timeout ext $VIP 29
	check tcp_no_timeout ext $VIP 41
	is "$(who ext $VIP 24)" "192.168.30.252 10.0.79.68" "beside the range"
	unbind pf-1
	bind pf-1 tcp 24 192.168.30.252 22 '"allowed_cidr": "10.0.79.0/24"'
	check tcp_ok ext $VIP 24
	check tcp_no_timeout ext2 $VIP 24
	hold two ext $VIP 24
	unbind pf-2
	check tcp_no_timeout ext $VIP 30
	check hold_ok two
	check tcp_ok ext $VIP 24
	check ping_ok ext $VIP # the address is still the router's
	check tcp_no ext 192.168.10.79 22
	check router_in_order vr
}

case_datagrams() {
	world
	bind pf-1 udp 5353 192.168.10.79 53
	bind pf-2 udp 60-62 192.168.10.79 60-62
	bind pf-3 tcp 5353 192.168.30.252 22
	is "$(who ext $VIP 5353 udp)" "192.168.10.79 10.0.79.68" "and back"
	is "$(who ext2 $VIP 61 udp)" "192.168.10.79 10.0.80.5" "in the range"
	check udp_no_timeout ext $VIP 63
	check udp_no_timeout ext $VIP 53
	is "$(who ext $VIP 5353)" "192.168.30.252 10.0.79.68" "TCP on that port is another rule's"
	unbind pf-3
	check tcp_no_timeout ext $VIP 5353
	check udp_ok ext $VIP 5353
	bind pf-1 udp 5353 192.168.30.252 53
	is "$(who ext $VIP 5353 udp)" "192.168.30.252 10.0.79.68" "another guest's"
	unbind pf-1
	check udp_no_timeout ext $VIP 5353
	check router_in_order vr
}

run_cases "$@"
