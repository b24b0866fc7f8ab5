#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 400
# Two tenants with a VPC each on VXLANs of one pool: apart by default, joined by a route table for
# what its entries say, apart again; and nothing is left of it.
. "$(dirname "$0")/../lib/vpc.sh"

case_apart_then_joined_by_a_route_table() {
	local who one
	needs vxlan
	vpc_cloud
	for who in a b; do
		tenant $who
		as $who refused "there is no router_offering offering" create vpc_router name=r offering=offering
	done
	for one in zone:ZONE-1 cluster:Cluster-1 router_offering:offering vxlan_pool:pool; do
		check weft_c 'do' share "${one%:*}" "${one#*:}" accounts=a,b
	done
	for who in a b; do
		as $who made vpc_router name=router-$who uuid=router-$who offering=offering
		for one in 1 2; do
			# Both tenants' first networks have the same addresses.
			as $who vpc_network "$who$one" vxlan architecture=vpc vpc_router=router-$who \
				cidr="192.168.$([ $who = a ] && echo 2$one || echo 2$((one + 2))).0/24"
		done
		as $who vpc_network "${who}0" vxlan architecture=vpc vpc_router=router-$who cidr=192.168.50.0/24
	done
	for who in a b; do router_machine vr-$who vpc_router router-$who; done
	as a boot vm-a1 1 a1=192.168.21.250
	as a boot vm-a2 2 a2=192.168.22.156
	as b boot vm-b1 2 b1=192.168.23.177
	as b boot vm-b2 1 b2=192.168.24.193
	as a boot vm-a0 1 a0=192.168.50.9
	as b boot vm-b0 1 b0=192.168.50.9
	leased vm-a1 vm-a2 vm-b1 vm-b2 vm-a0 vm-b0
	for one in vm-a1 vm-a2 vm-b1 vm-b2; do
		serve $one tcp 22
		until_ok by_name $one
	done
	apart() {
		pairs_ok 63 vm-a1 vm-a2
		pairs_ok 63 vm-b1 vm-b2
		for one in vm-a1 vm-a2; do silent $one 192.168.23.177 192.168.24.193; done
		for one in vm-b1 vm-b2; do silent $one 192.168.21.250 192.168.22.156; done
	}
	apart
	is "$(who vm-a1 198.51.100.10 80 | cut -d ' ' -f 2) $(who vm-b2 198.51.100.10 80 | cut -d ' ' -f 2)" \
		"$(public_of vpc_router router-a) $(public_of vpc_router router-b)" "source NAT of each"
	for one in a b; do outside_is_shut "$(public_of vpc_router router-$one)" 192.168.21.250 192.168.22.156 192.168.23.177 192.168.24.193; done
	# The same address of both, each within its own.
	serve vm-a0 tcp 22
	serve vm-b0 tcp 22
	is "$(who_name vm-a1 192.168.50.9 22) $(who_name vm-b1 192.168.50.9 22)" "vm-a0 vm-b0" "of the same address"
	# One table for both; each entry leads to the other's first network.
	check weft_c 'do' share l3_network public accounts=a,b
	made route_table name=rt uuid=rt vpc_routers=router-a,router-b
	made route_entry uuid=to-a route_table=rt destination=192.168.21.0/24 "next_hop=$(public_of vpc_router router-a)"
	made route_entry uuid=to-b route_table=rt destination=192.168.23.0/24 "next_hop=$(public_of vpc_router router-b)"
	until_ok tcp_ok vm-a1 192.168.23.177 22
	pairs_ok 62 vm-a1 vm-b1
	is "$(who vm-a1 192.168.23.177 22)" "192.168.23.177 192.168.21.250" "real addresses"
	silent vm-a2 192.168.23.177
	silent vm-b2 192.168.21.250
	silent vm-b1 192.168.22.156
	outside_is_shut "$(public_of vpc_router router-a)" 192.168.21.250 192.168.23.177
	is "$(who vm-a1 198.51.100.10 80 | cut -d ' ' -f 2)" "$(public_of vpc_router router-a)" "source NAT as before"
	# One network more.
	made route_entry uuid=to-a2 route_table=rt destination=192.168.22.0/24 "next_hop=$(public_of vpc_router router-a)"
	until_ok ping_ok vm-b1 192.168.22.156
	pairs_ok 62 vm-a2 vm-b1
	# A blackhole of a better priority; without it; a router detached; the entry, the table deleted.
	made route_entry uuid=hole route_table=rt destination=192.168.23.0/24 type=blackhole priority=10
	until_ok ping_no vm-a1 192.168.23.177
	check weft_c delete route_entry hole
	until_ok ping_ok vm-a1 192.168.23.177
	check weft_c 'do' detach_router route_table rt vpc_router=router-b
	until_ok ping_no vm-a1 192.168.23.177
	check weft_c 'do' attach_router route_table rt vpc_router=router-b
	until_ok ping_ok vm-a1 192.168.23.177
	check weft_c delete route_entry to-a
	until_ok ping_no vm-b1 192.168.21.250
	check weft_c delete route_table rt
	until_ok ping_no vm-b1 192.168.22.156
	silent vm-a1 192.168.23.177 192.168.24.193
	pairs_ok 63 vm-b1 vm-b2
	nothing_is_left vr-a vr-b
}

run_cases "$@"
