#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Security groups of a cloud: on two hosts, behind a router, across the subnets of a VPC. Where this
# kernel cannot track the connections of bridges they run in the virtual machine.
# timeout: 240
. "$(dirname "$0")/../lib/scenario.sh"
. "$(dirname "$0")/../lib/groups.sh"

P="tcp/10 tcp/19 tcp/20 tcp/100 tcp/101 tcp/199 tcp/200 tcp/1000 tcp/1001 udp/20 ping"
V1=192.168.10.252 V2=192.168.20.247

# A guest of one subnet in a group, its peer in another one, on another host; the router is between them.
across_subnets() { # TYPE
	local name in="ingress tcp 20-100" out="egress tcp 200-1000"
	cloud "$1" bridge_conntrack
	network net1 2800 192.168.10
	network net2 2900 192.168.20
	vm vm1 1 net1 $V1
	vm vm2 2 net2 $V2
	router vr 2 10.108.10.100 net1 net2
	SECURITY_GROUPS="$(group sg $V1), $(group sg2 "")"
	tell_hosts
	for name in vm1 vm2; do
		boots $name
		serve $name tcp 10 19 20 100 101 199 200 1000 1001 udp 20
	done
	serve inet tcp 443
	until_ok router_in_order vr
	until_ok tcp_ok vm2 $V1 10
	reaches vm2 $V1 "$P" "$P" "in no group"
	# No rules.
	regroup vm1 1 net1 $V1 sg
	reaches vm2 $V1 "$P" "" "in, no rules"
	reaches vm1 $V2 "$P" "$P" "out, no rules"
	check by_name vm1
	regroups "$(group sg $V1 "$in")"
	reaches vm2 $V1 "$P" "tcp/20 tcp/100" "in, $in"
	reaches vm1 $V2 "$P" "$P" "out, $in"
	check by_name vm1
	regroups "$(group sg $V1 "$in" "$out")"
	reaches vm2 $V1 "$P" "tcp/20 tcp/100" "in, $out"
	reaches vm1 $V2 "$P" "tcp/200 tcp/1000" "out, $out"
	reaches vm1 198.51.100.10 "tcp/80 tcp/443" "tcp/443" "outside"
	# It still has its address, and nobody to ask for names.
	boots vm1
	deny by_name vm1
	# Whom the rule is for: a network, one that is another's, both a network and a group.
	regroups "$(group sg $V1 "$in 192.168.1.0/24" "$out")"
	reaches vm2 $V1 "$P" "" "in, another network"
	regroups "$(group sg $V1 "$in 192.168.20.0/24" "$out")"
	reaches vm2 $V1 "$P" "tcp/20 tcp/100" "in, its network"
	regroups "$(group sg $V1 "$in 192.168.20.0/24 sg2" "$out")"
	reaches vm2 $V1 "$P" "" "in, a group that it is not in"
	regroups "$(group sg2 $V2 "ingress all" )"
	regroup vm2 2 net2 $V2 sg2
	reaches vm2 $V1 "$P" "tcp/20 tcp/100" "in, a group that it has joined"
	regroups "$(group sg $V1 "$in 192.168.20.0/24 sg2")"
	reaches vm1 $V2 "$P" "$P" "out, no rule of that kind"
	regroup vm1 1 net1 $V1
	reaches vm2 $V1 "$P" "$P" "in no group any more"
	leaves_nothing
}
case_across_subnets_on_vxlans() { across_subnets vxlan; }
case_across_subnets_on_vlans() { across_subnets vlan; }

# One subnet of a router's: of two members one is on the asker's own host.
case_one_form_for_two_nics() {
	local own="ingress all - - sg|egress all - - sg" rule="ingress tcp 23-1024" name
	local v1=192.168.10.226 v2=192.168.10.158 v3=192.168.10.247
	cloud vxlan bridge_conntrack
	network net1 2800 192.168.10
	vm vm1 1 net1 $v1
	vm vm2 1 net1 $v2
	vm vm3 2 net1 $v3
	router vr 2 10.108.12.1 net1
	SECURITY_GROUPS="$(group sg $v2,$v3 "${own%|*}" "${own#*|}" "$rule")"
	tell_hosts
	for name in vm1 vm2 vm3; do
		boots $name
		serve $name tcp 21 22 23
	done
	reaches vm1 $v2 "tcp/22 tcp/23" "tcp/22 tcp/23" "in no group"
	reaches vm1 $v3 "tcp/22 tcp/23" "tcp/22 tcp/23" "in no group"
	regroup vm2 1 net1 $v2 sg
	regroup vm3 2 net1 $v3 sg
	reaches vm1 $v2 "tcp/22 tcp/23 ping" "tcp/23" "on its own host"
	reaches vm1 $v3 "tcp/22 tcp/23 ping" "tcp/23" "on the other host"
	reaches vm2 $v3 "tcp/22 ping" "tcp/22 ping" "members among themselves"
	reaches vm3 $v2 "tcp/22 ping" "tcp/22 ping" "members among themselves"
	check by_name vm2
	regroups "$(group sg $v2,$v3 "${own%|*}" "${own#*|}" "$rule" "egress tcp 23-1024")"
	reaches vm2 $v1 "tcp/21 tcp/23" "tcp/23" "out of a member"
	reaches vm3 $v1 "tcp/21 tcp/23" "tcp/23" "out of a member"
	regroups "$(group sg $v2,$v3 "$rule" "egress tcp 23-1024")"
	reaches vm2 $v3 "tcp/22 tcp/23 ping" "tcp/23" "members, without their own rules"
	leaves_nothing
}

# Each tier is asked by the one before it alone.
case_tiers_that_ask_the_next_one_alone() {
	local name web=192.168.10.79 app=192.168.20.187 db=192.168.50.141
	cloud vlan bridge_conntrack
	network web 2017 192.168.10
	network app 2020 192.168.20
	network db 2050 192.168.50
	vm vmweb 1 web $web "$(in_groups sg-web)"
	vm vmapp 2 app $app "$(in_groups sg-app)"
	vm vmdb 1 db $db "$(in_groups sg-db)"
	router vr 2 10.151.10.100 web app db
	SECURITY_GROUPS="$(group sg-web $web), $(group sg-app $app "ingress tcp 8080 - sg-web"), $(group sg-db $db "ingress tcp 3306 - sg-app")"
	tell_hosts
	for name in vmweb vmapp vmdb; do
		boots $name
		serve $name tcp 22 3306 8080
	done
	until_ok router_in_order vr
	until_ok tcp_ok vmweb $app 8080
	reaches vmweb $app "tcp/22 tcp/3306 tcp/8080 ping" "tcp/8080" "web to app"
	reaches vmweb $db "tcp/22 tcp/3306 tcp/8080 ping" "" "web to db"
	reaches vmapp $db "tcp/22 tcp/3306 tcp/8080 ping" "tcp/3306" "app to db"
	reaches vmdb $app "tcp/22 tcp/3306 tcp/8080 ping" "" "db to app"
	reaches vmapp $web "tcp/22 tcp/3306 tcp/8080 ping" "" "app to web"
	for name in vmweb vmapp vmdb; do check by_name $name; done
	route ext 192.168.0.0/16 via 10.151.10.100
	silent ext $web $app $db
	leaves_nothing
}

run_cases "$@"
