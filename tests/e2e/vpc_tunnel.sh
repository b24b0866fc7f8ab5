#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 400
# Tunnels between routers, from the model to packets. Where this kernel has no ESP they run in the
# virtual machine.
. "$(dirname "$0")/../lib/vpc.sh"

# site N NETWORK=PREFIX...: the router "site-N" and its machine vr-N, with these networks.
site() {
	local n=$1 one
	shift
	made vpc_router "name=site-$n" "uuid=site-$n" offering=offering
	for one; do vpc_network "${one%%=*}" vxlan architecture=vpc "vpc_router=site-$n" "cidr=${one#*=}.0/24"; done
	router_machine "vr-$n" vpc_router "site-$n"
}

tunnel() { # N FIELD=VALUE...
	local n=$1
	shift
	made ipsec_connection "name=tunnel-$n" "uuid=tunnel-$n" "vip=vip-for-site-$n" psk=test1234 \
		"remote_address=$(public_of vpc_router site-$((3 - n)))" "$@"
}

case_two_sites_are_joined() {
	local from to
	needs vxlan esp
	needs_program charon-systemd
	vpc_cloud
	site 1 net1=192.168.10 net2=192.168.20
	site 2 net3=192.168.30
	boot vm-1 1 net1=192.168.10.79
	boot vm-2 2 net2=192.168.20.187
	boot vm-3 1 net3=192.168.30.253
	leased vm-1 vm-2 vm-3
	serve vm-2 tcp 22
	serve vm-3 tcp 22
	pairs_ok 63 vm-1 vm-2
	# The other's one network is meant where no other can be.
	wrong spec.local_networks create ipsec_connection name=x vip=vip-for-site-1 psk=k remote_address=10.151.10.1 remote_cidrs=192.168.30.0/24
	tunnel 1 local_networks=net1,net2 remote_cidrs=192.168.30.0/24
	until_ok is_healthy ipsec_connection tunnel-1
	for from in vm-1 vm-2; do silent $from 192.168.30.253; done
	tunnel 2 remote_cidrs=192.168.10.0/24,192.168.20.0/24
	is "$(weft_c get ipsec_connection tunnel-2 --json | jq -c .object.local_networks)" '["net3"]' "its one network"
	until_ok is_healthy ipsec_connection tunnel-2
	until_ok tcp_ok vm-1 192.168.30.253 22
	for from in vm-1 vm-2; do
		is "$(ttl_of $from 192.168.30.253) $(ttl_of vm-3 "$(ip_of $from)")" "62 62" "TTL between $from and vm-3"
	done
	is "$(who vm-3 192.168.20.187 22)" "192.168.20.187 192.168.30.253" "real addresses"
	is "$(who vm-3 198.51.100.10 80 | cut -d ' ' -f 2)" "$(public_of vpc_router site-2)" "source NAT beside it"
	outside_is_shut "$(public_of vpc_router site-1)" 192.168.10.79 192.168.30.253
	# Disabled it is not there, and says so; enabled it is again.
	is "$(field ipsec_connection tunnel-1 state) $(field ipsec_connection tunnel-1 health)" "enabled ready" "states"
	check weft_c 'do' disable ipsec_connection tunnel-1
	until_ok ping_no vm-1 192.168.30.253
	is "$(weft_c query ipsec_connection --sort name --json | jq -c '[.objects[] | [.name, .state, .health]]')" \
		'[["tunnel-1","disabled",null],["tunnel-2","enabled","ready"]]' "listed"
	check weft_c 'do' enable ipsec_connection tunnel-1
	until_ok ping_ok vm-1 192.168.30.253
	# A network less, a network more.
	check weft_c 'do' detach_network ipsec_connection tunnel-1 network=net2
	until_ok ping_no vm-2 192.168.30.253
	check weft_c 'do' attach_network ipsec_connection tunnel-1 network=net2
	until_ok ping_ok vm-2 192.168.30.253
	against sides_differ 'do' add_remote_cidr ipsec_connection tunnel-1 cidr=192.168.20.128/25
	check weft_c delete ipsec_connection tunnel-1
	until_ok ping_no vm-1 192.168.30.253
	until_ok ping_no vm-3 192.168.10.79
	nothing_is_left vr-1 vr-2
}

# A vrouter network with two public ones: a tunnel by the first, a route by the second.
case_a_tunnel_on_one_public_network_a_route_on_the_other() {
	local local_router near far
	needs vxlan esp
	needs_program charon-systemd
	vpc_cloud
	made l2_network name=L2-b zone=ZONE-1 type=vxlan vxlan_pool=pool uuid=l2-b
	made l3_network name=second uuid=second l2_network=l2-b category=public cidr=180.169.211.112/28
	made router_offering name=offering-b uuid=offering-b zone=ZONE-1 cpus=8 memory_mib=8192 image=image management_network=mgt public_network=second
	# Here, the cloud's end of the tunnel, and the other site.
	vpc_network here vxlan architecture=vrouter router_offering=offering cidr=172.31.0.0/18
	boot vm 1 here=172.31.20.177
	local_router=$(weft_c query router --json | jq -er '.objects[0].uuid')
	router_machine vr router "$local_router"
	made vpc_router name=cloud uuid=cloud offering=offering
	vpc_network cloud vxlan architecture=vpc vpc_router=cloud cidr=192.168.0.0/20
	router_machine vc vpc_router cloud
	boot ecs 2 cloud=192.168.1.249
	vpc_network site vxlan architecture=vrouter router_offering=offering-b cidr=172.18.0.0/24
	boot there 2 site=172.18.0.251
	far=$(weft_c query router l3_network=site --json | jq -er '.objects[0].uuid')
	router_machine vf router "$far"
	leased vm ecs there
	made ipsec_connection name=t1 uuid=t1 vip="$(weft_c query vip own_router="$local_router" --json | jq -er '.objects[0].uuid')" psk=k \
		"remote_address=$(public_of vpc_router cloud)" remote_cidrs=192.168.0.0/20
	made ipsec_connection name=t2 uuid=t2 vip=vip-for-cloud psk=k "remote_address=$(public_of router "$local_router")" remote_cidrs=172.31.0.0/18
	until_ok ping_ok vm 192.168.1.249
	is "$(ttl_of vm 192.168.1.249) $(ttl_of ecs 172.31.20.177)" "62 62" "by the tunnel"
	check weft_c 'do' attach_network router "$local_router" network=second
	plug_router vr router "$local_router"
	near=$(weft_c query router_nic router="$local_router" l3_network=second --json | jq -er '.objects[0].address')
	is "$(weft_c query router_nic router="$local_router" --sort device_id --json | jq -c '[.objects[] | [.role, .l3_network]]')" \
		'[["management","mgt"],["public","public"],["private","here"],["public","second"]]' "its NICs"
	made route_table name=out uuid=out routers="$local_router"
	made route_entry route_table=out destination=172.18.0.0/24 "next_hop=$(public_of router "$far")"
	made route_table name=back uuid=back routers="$far"
	made route_entry route_table=back destination=172.31.0.0/18 "next_hop=$near"
	until_ok ping_ok vm 172.18.0.251
	is "$(ttl_of vm 172.18.0.251) $(ttl_of there 172.31.20.177)" "62 62" "by the route"
	is "$(ttl_of vm 192.168.1.249)" 62 "the tunnel goes on"
	check ping_ok vm 198.51.100.10
	silent there 192.168.1.249
	nothing_is_left vr vc vf
}

run_cases "$@"
