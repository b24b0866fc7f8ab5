#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 400
# Security groups from the model to packets: across a router, as rules and members change, and for what
# comes by elastic IPs, forwards and listeners. Where this kernel cannot track the connections of
# bridges they run in the virtual machine.
. "$(dirname "$0")/../lib/vpc.sh"

PORTS="tcp/10 tcp/19 tcp/20 tcp/100 tcp/101 tcp/199 tcp/200 tcp/1000 tcp/1001 udp/20 ping"

rule() { # UUID DIRECTION START END [FIELD=VALUE...]
	made security_group_rule "uuid=$1" security_group=sg "direction=$2" protocol=tcp "start_port=$3" "end_port=$4" "${@:5}"
}

VM1=192.168.10.252 VM2=192.168.20.247

# two_subnets: a VPC with vm-1 on h1 and vm-2 on h2, each on a network of its own.
two_subnets() {
	local one
	needs vxlan bridge_conntrack
	vpc_cloud
	made vpc_router name=vpc uuid=vpc offering=offering
	vpc_network net1 vxlan architecture=vpc vpc_router=vpc cidr=192.168.10.0/24
	vpc_network net2 vxlan architecture=vpc vpc_router=vpc cidr=192.168.20.0/24
	router_machine vr vpc_router vpc
	boot vm-1 1 net1=$VM1
	boot vm-2 2 net2=$VM2
	leased vm-1 vm-2
	for one in vm-1 vm-2; do serve $one tcp 10 19 20 100 101 199 200 1000 1001 udp 20; done
	until_reaches vm-2 $VM1 "$PORTS" "$PORTS"
}

case_across_a_router() {
	two_subnets
	# A group with no rule but those of a new one.
	made security_group name=sg uuid=sg l3_networks=net1 nics="$(nic_of vm-1)"
	until_reaches vm-2 $VM1 "$PORTS" ""
	rule in ingress 20 100
	until_reaches vm-2 $VM1 "$PORTS" "tcp/20 tcp/100"
	reaches vm-1 $VM2 "$PORTS" "$PORTS" "out"
	rule out egress 200 1000
	until_reaches vm-1 $VM2 "$PORTS" "tcp/200 tcp/1000"
	reaches vm-2 $VM1 "$PORTS" "tcp/20 tcp/100" "in, with answers"
	# Peers: of a group, as its members on the other host come and go.
	check weft_c delete security_group_rule in
	made security_group name=sg2 uuid=sg2 l3_networks=net2
	rule in ingress 20 100 cidr=192.168.20.0/24 source_group=sg2
	until_reaches vm-2 $VM1 "$PORTS" ""
	check weft_c 'do' bind_nic security_group sg2 nic="$(nic_of vm-2)"
	until_reaches vm-2 $VM1 "$PORTS" "tcp/20 tcp/100"
	check weft_c 'do' unbind_nic security_group sg2 nic="$(nic_of vm-2)"
	until_reaches vm-2 $VM1 "$PORTS" ""
	check weft_c delete security_group sg
	until_reaches vm-2 $VM1 "$PORTS" "$PORTS"
	nothing_is_left vr
}

# A guest on a VPC's network by an elastic IP, a forward, a listener; guests on a vrouter's.
case_whichever_way_it_comes() {
	local eip forward balancer
	needs_program haproxy
	two_subnets
	vpc_network own vxlan architecture=vrouter router_offering=offering cidr=192.168.30.0/24
	boot vm-3 1 own
	boot vm-4 2 own
	leased vm-3 vm-4
	serve vm-3 tcp 10 20
	eip=$(free_public 170)
	made eip name=e network=public address="$eip" nic="$(nic_of vm-1)"
	forward=$(free_public 171)
	made port_forward name=p network=public address="$forward" protocol=tcp vip_ports=10-20 nic="$(nic_of vm-1)"
	balancer=$(free_public 172)
	made load_balancer name=lb uuid=lb network=public address="$balancer"
	made listener name=l80 load_balancer=lb port=80 target_port=100 nics="$(nic_of vm-1)"
	made listener name=l81 load_balancer=lb port=81 target_port=101 nics="$(nic_of vm-1)"
	until_ok tcp_ok ext "$balancer" 80
	until_ok tcp_ok ext "$balancer" 81
	made security_group name=sg uuid=sg l3_networks=net1,own nics="$(nic_of vm-1),$(nic_of vm-3)" \
		'rules=[{"direction": "ingress", "protocol": "tcp", "start_port": 20, "end_port": 100}]'
	until_reaches ext "$eip" "tcp/10 tcp/20 tcp/100 ping" "tcp/20 tcp/100"
	reaches ext "$forward" "tcp/10 tcp/19 tcp/20" tcp/20 "by the forward"
	until_ok tcp_no ext "$balancer" 81
	check tcp_ok ext "$balancer" 80
	until_reaches vm-4 "$(ip_of vm-3)" "tcp/10 tcp/20 ping" tcp/20
	nothing_is_left vr
}

run_cases "$@"
