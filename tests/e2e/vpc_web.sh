#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 400
# A VPC's first day: its networks on VXLANs and on VLANs, who reaches whom, what is refused on the way;
# a router that is deleted, and another in its place.
. "$(dirname "$0")/../lib/vpc.sh"

# reached_by_all GUEST=ADDRESS...: each other, by one router, and the outside by name, as the router.
reached_by_all() {
	local name
	for name; do until_ok by_name "$name"; done
	pairs_ok 63 "$@"
	for name; do is "$(who "$name" 198.51.100.10 80 | cut -d ' ' -f 2)" "$(field vip vip-for-vpc address)" "source NAT of $name"; done
}

# Two networks, on VLANs of the device that carries the public one untagged.
case_a_first_deployment_on_vlans() {
	local one
	needs vlan
	vpc_cloud
	made vpc_router name=vpc uuid=vpc offering=offering
	vpc_network net1 vlan:2800 architecture=vpc vpc_router=vpc cidr=192.168.10.0/24
	vpc_network net2 vlan:2900 architecture=vpc vpc_router=vpc cidr=192.168.11.0/24
	router_machine vr vpc_router vpc
	boot vm-1 1 net1=192.168.10.186
	boot vm-2 2 net2=192.168.11.116
	leased vm-1 vm-2
	is "$(field vip vip-for-vpc address)" "$(public_of vpc_router vpc)" "the system VIP"
	is "$(ip -n vr route show default | cut -d ' ' -f 1-5)" "default via 10.0.0.1 dev public" "the router's way out"
	is "$(ip -n vm-1 -4 route | sed 's/ *$//')" "$(printf 'default via 192.168.10.1 dev eth0\n192.168.10.0/24 dev eth0 proto kernel scope link src 192.168.10.186')" "routes of vm-1"
	is "$(resolver vm-1) $(resolver vm-2)" "192.168.10.1 192.168.11.1" "resolvers"
	reached_by_all vm-1 vm-2
	is "$(name_server_asked inet 223.5.5.5 | cut -d ' ' -f 3 | sort -u)" "$(public_of vpc_router vpc)" "who asked for names"
	check ping_ok vm-1 192.168.10.1
	check ping_ok vm-2 10.0.79.68
	outside_is_shut "$(public_of vpc_router vpc)" 192.168.10.186 192.168.11.116
	for one in 192.168.10.128/25 192.168.28.0/24 10.151.0.0/16; do
		against apart_on_router create l3_network name=more l2_network=l2-net1 category=private architecture=vpc vpc_router=vpc cidr=$one
	done
	against detach_network 'do' detach_network vpc_router vpc network=net1
	against detach_network 'do' detach_network vpc_router vpc network=public
	against detach_network 'do' detach_network vpc_router vpc network=mgt
	# One more, made without router, comes while all runs; the first goes once its guest has.
	vpc_network net3 vlan:3000 architecture=vpc cidr=192.168.12.0/24
	check weft_c 'do' attach_network vpc_router vpc network=net3
	plug_router vr vpc_router vpc
	boot vm-3 1 net3
	leased vm-3
	until_ok by_name vm-3
	pairs_ok 63 vm-2 vm-3
	guest_ends vm-1
	check weft_c 'do' detach_network vpc_router vpc network=net1
	plug_router vr vpc_router vpc
	until_no ip -n vr link show net1
	pairs_ok 63 vm-2 vm-3
	nothing_is_left vr
}

# tiers WEB APP DB: the three networks, each on what is said of it, and a guest on each.
tiers() {
	vpc_cloud
	made vpc_router name=vpc uuid=vpc offering=offering
	vpc_network web "$1" architecture=vpc vpc_router=vpc cidr=192.168.10.0/24
	vpc_network app "$2" architecture=vpc vpc_router=vpc cidr=192.168.20.0/24
	vpc_network db "$3" architecture=vpc vpc_router=vpc cidr=192.168.50.0/24
	router_machine vr vpc_router vpc
	boot vm-web 1 web=192.168.10.79
	boot vm-app 2 app=192.168.20.187
	boot vm-db 1 db=192.168.50.141
	leased vm-web vm-app vm-db
	reached_by_all vm-web vm-app vm-db
	outside_is_shut "$(public_of vpc_router vpc)" 192.168.10.79 192.168.20.187 192.168.50.141
}

case_three_tiers_on_vxlans() {
	needs vxlan
	tiers vxlan vxlan vxlan
	nothing_is_left vr
}

# With groups, each tier is open to the one before it alone.
case_three_tiers_on_vlans_and_groups() {
	needs vlan bridge_conntrack
	tiers vlan:2017 vlan:2020 vlan:2050
	serve vm-app tcp 22 8080
	serve vm-db tcp 22 3306
	made security_group name=web uuid=sg-web l3_networks=web nics="$(nic_of vm-web)" \
		'rules=[{"direction": "ingress", "protocol": "tcp", "start_port": 80, "end_port": 80}]'
	made security_group name=app uuid=sg-app l3_networks=app nics="$(nic_of vm-app)" \
		'rules=[{"direction": "ingress", "protocol": "tcp", "start_port": 8080, "end_port": 8080, "source_group": "sg-web"}]'
	made security_group name=db uuid=sg-db l3_networks=db nics="$(nic_of vm-db)" \
		'rules=[{"direction": "ingress", "protocol": "tcp", "start_port": 3306, "end_port": 3306, "source_group": "sg-app"}]'
	until_ok tcp_no_timeout vm-web 192.168.50.141 3306
	until_ok tcp_no_timeout vm-db 192.168.20.187 8080
	reaches vm-web 192.168.20.187 "tcp/22 tcp/8080 ping" tcp/8080 "web to app"
	reaches vm-app 192.168.50.141 "tcp/22 tcp/3306 ping" tcp/3306 "app to db"
	reaches vm-web 192.168.50.141 "tcp/22 tcp/3306 ping" "" "web to db"
	check by_name vm-db
	outside_is_shut "$(public_of vpc_router vpc)" 192.168.20.187
	nothing_is_left vr
}

# A router takes its system VIP and what stands there along; another one takes its networks over.
case_a_router_goes_and_another_comes() {
	local eip one
	needs vxlan
	vpc_cloud
	made vpc_router name=vpc uuid=vpc offering=offering
	vpc_network net1 vxlan architecture=vpc vpc_router=vpc cidr=192.168.10.0/24
	vpc_network net2 vxlan architecture=vpc vpc_router=vpc cidr=192.168.20.0/24
	router_machine vr vpc_router vpc
	boot vm-1 1 net1=192.168.10.79
	boot vm-1b 2 net1=192.168.10.80
	boot vm-2 2 net2=192.168.20.187
	leased vm-1 vm-1b vm-2
	reached_by_all vm-1 vm-2
	serve vm-1 tcp 22
	made port_forward name=p uuid=p vip=vip-for-vpc protocol=tcp vip_ports=24 target_ports=22 nic="$(nic_of vm-1)"
	eip=$(free_public 170)
	made eip name=e uuid=e network=public address="$eip" nic="$(nic_of vm-2)"
	until_ok tcp_ok ext "$(field vip vip-for-vpc address)" 24
	until_ok ping_ok ext "$eip"
	check weft_c delete vpc_router vpc
	is "$(names vpc_router)|$(names port_forward)|$(names vip)|$(names eip)" "||e|e" "its system VIP and what stood there"
	is "$(names l3_network category=private --sort name)" "net1 net2" "networks stay"
	# Its machine is there still, and does nothing.
	until_ok is_empty vrouter vr
	silent vm-1 192.168.20.187 198.51.100.10
	silent ext "$eip"
	is "$(ttl_of vm-1 192.168.10.80)" 64 "within the subnet"
	router_stop vr
	machine_ends vr
	made vpc_router name=vpc uuid=vpc2 offering=offering
	for one in net1 net2; do check weft_c 'do' attach_network vpc_router vpc2 network=$one; done
	router_machine vr2 vpc_router vpc2
	leased vm-1 vm-2
	reached_by_all vm-1
	until_ok by_name vm-2
	pairs_ok 63 vm-1 vm-2
	until_ok ping_ok ext "$eip"
	nothing_is_left vr2
}

run_cases "$@"
