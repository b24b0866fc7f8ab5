#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 400
# Flat and vrouter networks by the public API alone, from the first guest's lease to what stands on
# VIPs; guests on public networks beside those of each kind.
. "$(dirname "$0")/../lib/vpc.sh"

# The first guest brings the router; further ones, an elastic IP and forwards go by it.
case_a_router_comes_with_its_first_guest() {
	local router system
	needs vxlan
	vpc_cloud
	vpc_network own vxlan architecture=vrouter router_offering=offering cidr=192.168.10.0/24 dns=223.5.5.5
	is "$(names router)" "" "no router without a guest"
	boot vm-1 1 own=192.168.10.226
	router=$(weft_c query router --json | jq -er '.objects[0].uuid')
	boot vm-2 2 own=192.168.10.167
	is "$(names router | wc -w)" 1 "one router for both"
	router_machine vr router "$router"
	leased vm-1 vm-2
	is "$(ip -n vm-1 route show default | xargs)" "default via 192.168.10.1 dev eth0" "its gateway"
	is "$(resolver vm-1)" 192.168.10.1 "its resolver"
	until_ok by_name vm-1
	pairs_ok 64 vm-1 vm-2
	system=$(field vip "$(names vip)" address)
	is "$(who vm-1 198.51.100.10 80 | cut -d ' ' -f 2)" "$system" "source NAT"
	outside_is_shut "$system" 192.168.10.226
	serve vm-1 tcp 22 5900-5910
	serve vm-2 tcp 22
	# An elastic IP, on one, then on the other.
	made vip name=VIP-1 uuid=v network=public address=10.151.10.170
	against custom_vip create eip name=e "vip=$(names vip system=true)"
	made eip name=EIP-1 uuid=e vip=v nic="$(nic_of vm-1)"
	until_ok tcp_ok ext 10.151.10.170 22
	is "$(who_name ext 10.151.10.170 22)" vm-1 "its guest"
	check weft_c 'do' unbind eip e
	until_ok tcp_no ext 10.151.10.170 22
	check weft_c 'do' bind eip e nic="$(nic_of vm-2)"
	until_ok tcp_ok ext 10.151.10.170 22
	is "$(who_name ext 10.151.10.170 22)" vm-2 "the other"
	check weft_c delete eip e
	# Forwards of the system VIP.
	made port_forward name=PF-1 uuid=p1 "vip=$(names vip system=true)" protocol=tcp vip_ports=24 target_ports=22 nic="$(nic_of vm-1)"
	until_ok tcp_ok ext "$system" 24
	is "$(who_name ext "$system" 24)" vm-1 "its guest"
	check weft_c 'do' unbind port_forward p1
	check weft_c 'do' bind port_forward p1 nic="$(nic_of vm-2)"
	until_ok tcp_ok ext "$system" 24
	is "$(who ext "$system" 24)" "192.168.10.167 10.0.79.68" "the other, and whom it sees"
	made port_forward name=PF-2 uuid=p2 "vip=$(names vip system=true)" protocol=tcp vip_ports=5900-5910 nic="$(nic_of vm-1)"
	until_ok tcp_ok ext "$system" 5900
	is "$(who_name ext "$system" 5910) $(who_name ext "$system" 24)" "vm-1 vm-2" "a range beside it"
	nothing_is_left vr
}

# A network of each kind, with a guest that has a NIC on the public network as well; each kind has its
# services without anybody choosing who provides them.
case_public_networks_beside_each_kind() {
	local one router
	needs vxlan
	vpc_cloud
	made vpc_router name=vpc uuid=vpc offering=offering
	vpc_network in-vpc vxlan architecture=vpc vpc_router=vpc cidr=192.168.10.0/24
	vpc_network own vxlan architecture=vrouter router_offering=offering cidr=192.168.20.0/24 dns=223.5.5.5
	vpc_network flat vxlan architecture=flat cidr=192.168.30.0/24 dns=223.5.5.5
	boot vm-vpc 1 in-vpc
	boot vm-own 1 own
	boot vm-flat 2 flat
	boot vm-public 2 public
	for one in in-vpc own flat; do boot "both-$one" 1 public "$one"; done
	router=$(weft_c query router --json | jq -er '.objects[0].uuid')
	router_machine vr vpc_router vpc
	router_machine vo router "$router"
	leased vm-vpc vm-own vm-flat vm-public both-in-vpc both-own both-flat both-in-vpc:eth1 both-own:eth1 both-flat:eth1
	for one in vm-public both-in-vpc both-own both-flat; do
		is "$(ip -n $one -4 -o addr show eth0 | awk '{ print $4 }')" "$(ip_of $one)/8" "the public address of $one"
		is "$(ip -n $one route show default | xargs)" "default via 10.0.0.1 dev eth0" "its way out"
		check ping_ok ext "$(ip_of $one)"
		check ping_ok $one 198.51.100.10
	done
	is "$(ttl_of both-flat "$(ip_of vm-flat)") $(ttl_of both-own "$(ip_of vm-own)") $(ttl_of both-in-vpc "$(ip_of vm-vpc)")" "64 64 64" "on its own network as well"
	# Leases, names and user data of each; source NAT and services on VIPs where there is a router.
	for one in vm-vpc vm-own vm-flat; do serve $one tcp 22; done
	for one in vm-vpc vm-own; do until_ok by_name $one; done
	is "$(resolver vm-vpc) $(resolver vm-own) $(resolver vm-flat)" "192.168.10.1 192.168.20.1 223.5.5.5" "resolvers"
	check ping_no vm-flat 198.51.100.10
	for one in vm-vpc vm-own vm-flat; do
		made eip name=e-$one uuid=e-$one network=public nic="$(nic_of $one)"
		until_ok tcp_ok ext "$(field vip e-$one address)" 22
		is "$(who_name ext "$(field vip e-$one address)" 22)" $one "by its elastic IP"
	done
	for one in vm-vpc vm-own; do
		made port_forward name=p-$one uuid=p-$one network=public protocol=tcp vip_ports=24 target_ports=22 nic="$(nic_of $one)"
		until_ok tcp_ok ext "$(field vip p-$one address)" 24
	done
	against on_router create port_forward name=p-flat network=public protocol=tcp vip_ports=24 target_ports=22 nic="$(nic_of vm-flat)"
	nothing_is_left vr vo
}

run_cases "$@"
