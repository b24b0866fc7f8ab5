#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the production kernel has that others may lack, so that a case can rely on it there.
. "$(dirname "$0")/../lib/net.sh"

case_carries_tagged_frames() {
	needs vlan bridge_vlan
	switch lan vlan
	node a b c
	plug a lan - up
	plug b lan - up
	plug c lan - up
	local name number=0
	for name in a b c; do
		number=$((number + 1))
		ip -n "$name" link add link up name tagged type vlan id "$([ "$name" = c ] && echo 6 || echo 5)"
		ip -n "$name" addr add 10.3.0.$number/24 dev tagged
		ip -n "$name" link set tagged up
	done
	for name in p0 p1; do bridge -n lan vlan add dev $name vid 5; done
	bridge -n lan vlan add dev p2 vid 6
	check ping_ok a 10.3.0.2
	check ping_no a 10.3.0.3
}

case_has_what_debian_has() {
	local capability
	for capability in vlan bridge_vlan ifb dummy vrf vxlan htb ingress redirect xfrm esp \
		bridge_conntrack flowtable nat ipv6 wireguard; do
		check can "$capability"
	done
}

case_pings_over_a_wire() {
	node a b
	wire a 10.1.0.1/24 b 10.1.0.2/24
	serve b tcp 80
	check ping_ok a 10.1.0.2
	is "$(who a 10.1.0.2 80)" "10.1.0.2 10.1.0.1" "who"
}

run_cases "$@"
