#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What tenants are lent, make and see: offerings, pools and networks, and routers of their own.
# timeout: 240
. "$(dirname "$0")/../lib/controller.sh"

# cloud: routed_cloud with a VXLAN pool and a network of it, and two tenants.
cloud() {
	controller_start
	routed_cloud
	made vxlan_pool name=pool uuid=pool zone=ZONE-1 start_vni=100 end_vni=200
	made l2_network name=vx uuid=vx type=vxlan vxlan_pool=pool
	check weft_c 'do' share zone ZONE-1 all=true
	check weft_c 'do' share cluster Cluster-1 all=true
	tenant a
	tenant b
}

# share|recall WHOM TYPE...: with it the object of this type that the cases lend.
share() { lending share "$@"; }
recall() { lending recall "$@"; }
lending() {
	local action=$1 whom=$2 each
	shift 2
	for each; do check weft_c 'do' "$action" "${each%:*}" "${each#*:}" "$whom"; done
}

# seen_by TYPE: "what a sees|what b sees".
seen_by() { echo "$(as a names "$1")|$(as b names "$1")"; }

case_sharing_and_recalling() {
	local each type name
	cloud
	for each in vxlan_pool:pool l2_network:vx l3_network:web l3_network:public router_offering:offering; do
		type=${each%:*} name=${each#*:}
		is "$(seen_by "$type")" "|" "$name is nobody's"
		share accounts=a "$each"
		is "$(seen_by "$type")" "$name|" "$name is shared with one"
		recall accounts=a "$each"
		is "$(seen_by "$type")" "|" "$name is recalled"
		share all=true "$each"
		is "$(seen_by "$type")" "$name|$name" "$name is shared with all"
		recall all=true "$each"
		is "$(seen_by "$type")" "|" "$name is recalled from all"
	done
}

case_a_vpc_network_that_is_lent() {
	cloud
	as a made vm name=vm-a uuid=vm-a cluster=Cluster-1
	as a refused "there is no l3_network web" create nic vm=vm-a l3_network=web
	share accounts=a l3_network:web
	as a made nic uuid=nic-a vm=vm-a l3_network=web
	is "$(as b names l3_network)" "" "not another's"
	as b refused "there is no l3_network web" create vm name=vm-b cluster=Cluster-1 networks=web
	recall accounts=a l3_network:web
	as a refused "there is no l3_network web" create vm name=more cluster=Cluster-1 networks=web
	share all=true l3_network:web
	as b made vm name=vm-b cluster=Cluster-1 networks=web
	recall all=true l3_network:web
	as b refused "there is no l3_network web" create vm name=more cluster=Cluster-1 networks=web
	is "$(as a weft_c query nic --json | jq -r '.objects[].uuid')" nic-a "what was made stays"
}

# Nothing of what a router needs is usable before it is lent, or after it was recalled.
case_routers_of_tenants() {
	local lent=(router_offering:offering vxlan_pool:pool l3_network:public) who
	nothing() {
		as "$1" refused "there is no router_offering offering" create vpc_router name=r offering=offering
		as "$1" refused "there is no vxlan_pool pool" create l2_network name=n type=vxlan vxlan_pool=pool
		as "$1" refused "there is no l3_network public" create vip name=v network=public
	}
	cloud
	nothing a
	nothing b
	share accounts=a "${lent[@]}"
	nothing b
	share accounts=b "${lent[@]}"
	for who in a b; do
		as $who made vpc_router name=router-$who uuid=router-$who offering=offering
		as $who made l2_network name=vx-$who uuid=vx-$who type=vxlan vxlan_pool=pool
		as $who made l2_network name=vy-$who uuid=vy-$who type=vxlan vxlan_pool=pool
		as $who made l3_network name=net-$who uuid=net-$who l2_network=vx-$who category=private architecture=vpc \
			vpc_router=router-$who cidr=192.168.10.0/24
		as $who made vip name=vip-$who network=public
		as $who made vm name=vm-$who cluster=Cluster-1 networks=net-$who
		as $who refused "there is no l2_network pool" create l3_network name=x l2_network=pool category=private architecture=vpc cidr=192.168.0.0/24
	done
	is "$(weft_c query l2_network vxlan_pool=pool --json | jq -c '[.objects[].vni] | [length, (unique | length), min >= 100, max <= 200]')" \
		"[5,5,true,true]" "VNIs of the pool, each once"
	# Each sees his own and what he was lent, admin all and whose it is.
	is "$(as a names vpc_router)|$(as a names vm)|$(as a names l2_network --sort name)|$(as a names l3_network --sort name)" \
		"router-a|vm-a|vx-a vy-a|net-a public" "of one"
	is "$(as b names vpc_router)|$(as b names vm)|$(as b names l2_network --sort name)|$(as b names l3_network --sort name)" \
		"router-b|vm-b|vx-b vy-b|net-b public" "of the other"
	is "$(weft_c query vpc_router --sort name --fields name,owner --json | jq -c '[.objects[] | [.name, .owner]]')" \
		'[["router-a","a"],["router-b","b"],["vpc","admin"]]' "all, with their owners"
	is "$(weft_c query l3_network 'name like net-%' --sort name --fields name,owner --json | jq -c '[.objects[] | [.name, .owner]]')" \
		'[["net-a","a"],["net-b","b"]]' "networks"
	# Recalled: what there is stays, and there comes no more.
	recall accounts=a,b "${lent[@]}"
	nothing a
	nothing b
	is "$(as a names vpc_router) $(as b names vip name=vip-b)" "router-a vip-b" "what was made"
}

case_owners_of_vips() {
	cloud
	share all=true l3_network:public
	as a made vip name=v uuid=v network=public
	is "$(field vip v owner) $(seen_by vip)" "a v|" "one's"
	check weft_c 'do' change_owner vip v account=b
	is "$(field vip v owner) $(seen_by vip)" "b |v" "the other's"
	as b made port_forward name=p vip=v protocol=tcp vip_ports=22
	as a refused "there is no vip v" create port_forward name=p vip=v protocol=tcp vip_ports=23
}

run_cases "$@"
