#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 400
# Sites without a VPC, by the public API alone: flat networks beside a company's own machines, with
# groups and elastic IPs; vrouter networks apart, joined, and three in a row of guests with two NICs.
. "$(dirname "$0")/../lib/vpc.sh"

# company: what there was before: a gateway of 172.20.0.0/16, which is the way to the public network
# as well, and a machine beside the guests.
company() {
	node gateway desk
	plug gateway sw 172.20.0.1/16
	ip -n gateway addr add 10.0.79.99/8 dev sw
	on gateway sysctl -qw net.ipv4.ip_forward=1
	route inet 172.20.0.0/16 via 10.0.79.99
	plug desk sw 172.20.0.200/16
}

case_a_flat_network_of_a_company() {
	local one
	vpc_cloud
	company
	made l3_network name=flat uuid=flat l2_network=L2-public category=private architecture=flat dns=223.5.5.5 \
		start=172.20.108.40 end=172.20.108.50 netmask=255.255.0.0 gateway=172.20.0.1
	boot vm-1 1 flat
	boot vm-2 2 flat
	boot vm-public 2 public
	leased vm-1 vm-2 vm-public
	for one in vm-1 vm-2; do
		case $(ip_of $one) in
		172.20.108.4[0-9] | 172.20.108.50) ;;
		*) fail "$one has $(ip_of $one)" ;;
		esac
		is "$(ip -n $one -4 -o addr show eth0 | awk '{ print $4 }')" "$(ip_of $one)/16" "its address"
		is "$(ip -n $one route show default | xargs) $(resolver $one)" "default via 172.20.0.1 dev eth0 223.5.5.5" "its way out"
	done
	pairs_ok 64 vm-1 vm-2
	# The company's machines and guests without any gateway between; the public network by it.
	is "$(ttl_of desk "$(ip_of vm-1)") $(ttl_of vm-2 172.20.0.200)" "64 64" "beside them"
	is "$(ttl_of vm-1 "$(ip_of vm-public)")" 62 "by the gateway, and back by the one outside as well"
	wrong "spec.nics[0].address" create vm name=far cluster=Cluster-1 'nics=[{"l3_network": "flat", "address": "172.20.0.200"}]'
	nothing_is_left
}

# flat_pair: the guests of the group's and the elastic IP's examples.
flat_pair() {
	vpc_cloud
	vpc_network flat vxlan architecture=flat cidr=192.168.0.0/16 dns=223.5.5.5
	boot vm-1 1 flat=192.168.0.223
	boot vm-2 2 flat=192.168.0.211
	leased vm-1 vm-2
}

case_a_group_of_a_flat_network() {
	local ports="tcp/10 tcp/22 tcp/23 tcp/100 tcp/101 tcp/200 tcp/1000 tcp/1001" one
	needs vxlan bridge_conntrack
	flat_pair
	for one in vm-1 vm-2; do serve $one tcp 10 22 23 100 101 200 1000 1001; done
	reaches vm-2 192.168.0.223 "$ports" "$ports" "without a group"
	made security_group name=sg uuid=sg l3_networks=flat nics="$(nic_of vm-1)" \
		'rules=[{"direction": "ingress", "protocol": "tcp", "start_port": 20, "end_port": 100}]'
	until_reaches vm-2 192.168.0.223 "$ports" "tcp/22 tcp/23 tcp/100"
	reaches vm-1 192.168.0.211 "$ports" "$ports" "out"
	made security_group_rule security_group=sg direction=egress protocol=tcp start_port=200 end_port=1000
	until_reaches vm-1 192.168.0.211 "$ports" "tcp/200 tcp/1000"
	reaches vm-2 192.168.0.223 "$ports" "tcp/22 tcp/23 tcp/100" "in, with answers"
	nothing_is_left
}

case_an_elastic_ip_of_a_flat_network() {
	local eip one
	needs vxlan
	flat_pair
	for one in vm-1 vm-2; do serve $one tcp 22; done
	eip=$(free_public 129)
	check tcp_no ext "$eip" 22
	made eip name=EIP-1 uuid=e network=public address="$eip" nic="$(nic_of vm-1)"
	until_ok tcp_ok ext "$eip" 22
	is "$(who_name ext "$eip" 22) $(who ext2 "$eip" 22)" "vm-1 192.168.0.223 10.0.80.5" "its guest"
	is "$(who vm-1 198.51.100.10 80 | cut -d ' ' -f 2)" "$eip" "goes out by it"
	check weft_c 'do' unbind eip e
	until_ok tcp_no ext "$eip" 22
	silent ext "$eip"
	check weft_c 'do' bind eip e nic="$(nic_of vm-2)"
	until_ok tcp_ok ext "$eip" 22
	is "$(who_name ext "$eip" 22)" vm-2 "the other"
	silent vm-1 198.51.100.10
	nothing_is_left
}

# router_of NETWORK: the vrouter that its first guest brought.
router_of() { weft_c query router_nic "l3_network=$1" --json | jq -er '.objects[0].router'; }

case_two_routers_are_joined_by_a_table() {
	local one two
	needs vxlan
	vpc_cloud
	vpc_network net-1 vxlan:100 architecture=vrouter router_offering=offering cidr=192.168.10.0/24 dns=223.5.5.5
	vpc_network net-2 vxlan:200 architecture=vrouter router_offering=offering cidr=192.168.11.0/24 dns=223.5.5.5
	boot vm-1 1 net-1=192.168.10.164
	boot vm-2 2 net-2=192.168.11.212
	one=$(router_of net-1) two=$(router_of net-2)
	is "$(names router | wc -w) $([ "$one" = "$two" ] || echo apart)" "2 apart" "a router each"
	router_machine vr-1 router "$one"
	router_machine vr-2 router "$two"
	leased vm-1 vm-2
	for name in vm-1 vm-2; do
		serve $name tcp 22
		until_ok by_name $name
	done
	silent vm-1 192.168.11.212
	silent vm-2 192.168.10.164
	made route_table name=rt uuid=rt "routers=$one,$two"
	made route_entry route_table=rt destination=192.168.11.0/24 "next_hop=$(public_of router "$two")"
	made route_entry route_table=rt destination=192.168.10.0/24 "next_hop=$(public_of router "$one")"
	until_ok ping_ok vm-1 192.168.11.212
	pairs_ok 62 vm-1 vm-2
	is "$(who vm-1 192.168.11.212 22)" "192.168.11.212 192.168.10.164" "real addresses"
	check weft_c 'do' detach_router route_table rt router="$two"
	until_ok ping_no vm-1 192.168.11.212
	check weft_c 'do' attach_router route_table rt router="$two"
	until_ok ping_ok vm-2 192.168.10.164
	check weft_c delete route_table rt
	until_ok ping_no vm-1 192.168.11.212
	silent vm-2 192.168.10.164
	for name in vm-1 vm-2; do check by_name $name; done
	nothing_is_left vr-1 vr-2
}

# three_tiers WEB APP DB: vrouter networks, each on what is said of it; guests between two of them.
three_tiers() {
	local name
	vpc_cloud
	vpc_network web "$1" architecture=vrouter router_offering=offering cidr=192.168.10.0/24 dns=223.5.5.5
	vpc_network app "$2" architecture=vrouter router_offering=offering cidr=192.168.11.0/24 dns=223.5.5.5
	vpc_network db "$3" architecture=vrouter router_offering=offering cidr=192.168.12.0/24 dns=223.5.5.5
	boot vm-web 1 web=192.168.10.21 app=192.168.11.21
	boot vm-app 2 app=192.168.11.22 db=192.168.12.22
	boot vm-db 1 db=192.168.12.23
	for name in web app db; do router_machine "vr-$name" router "$(router_of $name)"; done
	leased vm-web vm-app vm-db
	for name in vm-web vm-app vm-db; do until_ok by_name $name; done
	leased vm-web:eth1 vm-app:eth1
	for name in vm-web vm-app vm-db; do check ping_ok $name 198.51.100.10; done
	is "$(ip -n vm-web route show default | xargs) $(ip -n vm-app route show default | xargs) $(ip -n vm-db route show default | xargs)" \
		"default via 192.168.10.1 dev eth0 default via 192.168.11.1 dev eth0 default via 192.168.12.1 dev eth0" "ways out"
	is "$(ttl_of vm-web 192.168.11.22) $(ttl_of vm-app 192.168.11.21) $(ttl_of vm-app 192.168.12.23) $(ttl_of vm-db 192.168.12.22)" "64 64 64 64" "neighbours"
	silent vm-web 192.168.12.22 192.168.12.23
	silent vm-db 192.168.10.21 192.168.11.21
	nothing_is_left vr-web vr-app vr-db
}

case_three_tiers_of_guests_with_two_nics() {
	needs vxlan
	three_tiers vxlan vxlan vxlan
}

case_three_tiers_of_guests_with_two_nics_on_vlans() {
	needs vlan
	three_tiers vlan:2850 vlan:2860 vlan:2870
}

case_a_group_of_a_vrouter_network() {
	local ports="tcp/21 tcp/22 tcp/23 tcp/1024 tcp/1025" one
	needs vxlan bridge_conntrack
	vpc_cloud
	vpc_network own vxlan architecture=vrouter router_offering=offering cidr=192.168.10.0/24 dns=223.5.5.5
	boot vm-1 1 own=192.168.10.226
	boot vm-2 2 own=192.168.10.158
	boot vm-3 1 own=192.168.10.247
	router_machine vr router "$(router_of own)"
	leased vm-1 vm-2 vm-3
	for one in vm-1 vm-2 vm-3; do serve $one tcp 21 22 23 1024 1025; done
	for one in 158 247; do reaches vm-1 192.168.10.$one "$ports" "$ports" "without a group"; done
	made security_group name=sg uuid=sg l3_networks=own nics="$(nic_of vm-2),$(nic_of vm-3)" \
		'rules=[{"direction": "ingress", "protocol": "tcp", "start_port": 23, "end_port": 1024}]'
	for one in 158 247; do until_reaches vm-1 192.168.10.$one "$ports" "tcp/23 tcp/1024"; done
	made security_group_rule security_group=sg direction=egress protocol=tcp start_port=23 end_port=1024
	until_reaches vm-2 192.168.10.226 "$ports" "tcp/23 tcp/1024"
	nothing_is_left vr
}

run_cases "$@"
