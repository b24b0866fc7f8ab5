#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Routers of both types and what stands on VIPs: what comes with them, what they refuse, what goes.
. "$(dirname "$0")/../lib/controller.sh"

nics_of() { # CONDITION
	weft_c query router_nic "$1" --sort device_id --json |
		jq -c '[.objects[] | [.device_id, .role, .l3_network, .mac[15:]]]'
}

case_offerings() {
	controller_start
	routed_cloud
	made l2_network name=L2-x uuid=l2-x zone=ZONE-1 type=vlan device=em02 vlan=9
	made l3_network name=twin uuid=twin l2_network=L2-x category=public start=10.200.0.1 end=10.200.0.9 netmask=255.0.0.0 gateway=10.0.0.1
	offering() { echo name=o zone=ZONE-1 cpus=1 memory_mib=512 image=image "$@"; }
	# shellcheck disable=SC2046 # words
	against subnets_differ create router_offering $(offering management_network=twin public_network=public)
	# shellcheck disable=SC2046
	wrong spec.public_network create router_offering $(offering management_network=mgt public_network=mgt)
	# shellcheck disable=SC2046
	wrong spec.management_network create router_offering $(offering management_network=web public_network=public)
	wrong spec.cpus create router_offering name=o zone=ZONE-1 cpus=0 memory_mib=512 image=image management_network=mgt public_network=public
	made zone name=far
	wrong spec.public_network create router_offering name=o zone=far cpus=1 memory_mib=512 image=image management_network=mgt public_network=public
	check weft_c 'do' disable router_image image
	# shellcheck disable=SC2046
	against image_enabled create router_offering $(offering management_network=mgt public_network=public)
	# Nor by an offering that there is.
	wrong spec.offering create vpc_router name=r offering=offering
	refused "router_image image of router_offering offering is disabled" create vpc_router name=r offering=offering
	check weft_c delete router "$(names router)"
	wrong spec.offering create nic vm=vm-own l3_network=own
	check weft_c 'do' enable router_image image
	made nic vm=vm-own l3_network=own
	# shellcheck disable=SC2046
	check weft_c create router_offering $(offering management_network=public public_network=public)
	made vpc_router name=merged uuid=merged offering=o
	is "$(nics_of vpc_router=merged)" '[[1,"public","public","01"]]' "merged: one NIC"
	against in_use delete router_offering o
	against in_use delete router_image image
	check weft_c 'do' disable router_offering o
	wrong spec.offering create vpc_router name=r offering=o
	refused "there is no router_offering none" create vpc_router name=r offering=none
	wrong spec.offering create vpc_router name=r
	check weft_c update router_offering o name=other description="no more of them"
	is "$(field router_offering other description)" "no more of them" "changed"
	check weft_c update router_offering other name=o
	check weft_c delete vpc_router merged
	check weft_c delete router_offering o
	is "$(names router_offering)" offering "gone from the list"
	is "$(names vip)" "vip-for-vpc vip-for-vrouter.l3.own.$(field router "$(names router)" uuid | cut -c 1-6)" "system VIPs"
}

case_vpc_router() {
	controller_start
	routed_cloud
	is "$(weft_c get vpc_router vpc --json | jq -c '.object | [.cpus, .memory_mib, .dns, .distributed_routing, .public_network, .management_network]')" \
		'[8,8192,["223.5.5.5"],false,"public","mgt"]' "defaults"
	is "$(nics_of vpc_router=vpc)" '[[0,"management","mgt","00"],[1,"public","public","01"],[2,"private","web","02"],[3,"private","app","03"]]' "NICs"
	is "$(weft_c query router_nic vpc_router=vpc role=private l3_network=web --json | jq -r '.objects[0].address')" 192.168.10.1 "the gateway"
	is "$(field vip vip-for-vpc address)" "$(weft_c query router_nic vpc_router=vpc role=public --json | jq -r '.objects[0].address')" "system VIP"
	is "$(field vip vip-for-vpc system)" true "system"
	is "$(field l3_network web used_addresses)" 3 "a gateway is not counted: two NICs and DHCP"
	against not_system delete vip vip-for-vpc
	check weft_c update vpc_router vpc cpus=4 dns=8.8.8.8,114.114.114.114
	made vpc_router name=vpc2 uuid=vpc2 offering=offering
	is "$(weft_c document vpc_router vpc2 | jq -c .dns.forwarders)" '["223.5.5.5"]' "its only forwarder"
	made vpc_router name=vpc3 uuid=vpc3 offering=offering dns=8.8.8.8
	is "$(weft_c document vpc_router vpc3 | jq -c .dns.forwarders)" '["8.8.8.8"]' "what is given instead"
	is "$(weft_c query router_nic role!=private 'vpc_router in vpc,vpc2,vpc3' --json | jq -c '[.objects[] | [.role, .l3_network]] | unique')" \
		'[["management","mgt"],["public","public"]]' "of the same networks"
	is "$(weft_c query router_nic role!=private 'vpc_router in vpc,vpc2,vpc3' --json | jq '[.objects[].address] | unique | length')" 6 "all different addresses"
	is "$(names vip name=vip-for-vpc3)" vip-for-vpc3 "its system VIP"
	against not_system delete vip vip-for-vpc3
	check weft_c delete vpc_router vpc3
	is "$(names vip name=vip-for-vpc3)" "" "went with it"
	is "$(weft_c query vip system=true network=public --total --limit 1 | tail -n 1)" "1 of 3" "several of one offering"
	# Networks come and go.
	against detach_network 'do' detach_network vpc_router vpc network=public
	against detach_network 'do' detach_network vpc_router vpc network=mgt
	against detach_network 'do' detach_network vpc_router vpc network=web
	wrong parameters.network 'do' detach_network vpc_router vpc2 network=web
	against attach_network 'do' attach_network vpc_router vpc2 network=web
	against attach_network 'do' attach_network vpc_router vpc2 network=flat
	against attach_network 'do' attach_network vpc_router vpc2 network=mgt
	check weft_c delete vm vm-app
	check weft_c 'do' detach_network vpc_router vpc network=app
	is "$(nics_of vpc_router=vpc)" '[[0,"management","mgt","00"],[1,"public","public","01"],[2,"private","web","02"]]' "without it"
	made l2_network name=L2-o zone=ZONE-1 type=vlan device=em02 vlan=9
	made l3_network name=same uuid=same l2_network=L2-o category=private architecture=vpc cidr=192.168.10.0/25
	against apart_on_router 'do' attach_network vpc_router vpc network=same
	against apart_on_router create l3_network name=other l2_network=L2-o category=private architecture=vpc vpc_router=vpc cidr=192.168.0.0/16
	check weft_c 'do' attach_network vpc_router vpc2 network=same
	wrong spec.cidr create l3_network name=other l2_network=L2-o category=private architecture=vpc vpc_router=vpc
	wrong spec.vpc_router create l3_network name=other l2_network=L2-o category=private architecture=flat vpc_router=vpc cidr=192.168.77.0/24
	# A second public network.
	made l3_network name=public2 uuid=public2 l2_network=L2-o category=public cidr=198.51.100.0/24
	check weft_c 'do' attach_network vpc_router vpc network=public2
	against attach_network 'do' attach_network vpc_router vpc network=public2
	is "$(nics_of vpc_router=vpc)" '[[0,"management","mgt","00"],[1,"public","public","01"],[2,"private","web","02"],[3,"public","public2","03"]]' "with it"
	is "$(field l3_network public2 used_addresses)" 1 "its address"
	check weft_c 'do' detach_network vpc_router vpc network=public2
	is "$(field l3_network public2 used_addresses)" 0 "given back"
	# Distributed routing wants one MTU.
	check weft_c 'do' attach_network vpc_router vpc network=app
	check weft_c update l3_network app mtu=1400
	against same_mtu update vpc_router vpc distributed_routing=true
	check weft_c update l3_network app mtu=1500
	check weft_c update vpc_router vpc distributed_routing=true
	against same_mtu update l3_network app mtu=1400
}

# interfaces VPC_ROUTER NETWORK: that its document has there, but for the MAC.
interfaces() {
	weft_c document vpc_router "$1" |
		jq -c --arg network "$2" '[.interfaces[] | select(.network == $network) | del(.mac, .uuid, .network)]'
}

case_vpc_networks() {
	local n
	controller_start
	routed_cloud
	made vpc_router name=vpc2 uuid=vpc2 offering=offering
	made l2_network name=L2-n uuid=l2-n zone=ZONE-1 type=vlan device=em02 vlan=9 clusters=Cluster-1
	vpc_network() { made l3_network l2_network=l2-n category=private architecture=vpc "$@"; }
	# By CIDR or range, with a router or without.
	is "$(weft_c query ip_range l3_network=web --json | jq -c '.objects[0] | [.gateway, .start, .end]') $(field l3_network web total_addresses)" \
		'["192.168.10.1","192.168.10.2","192.168.10.254"] 253' "of a CIDR"
	vpc_network name=range uuid=range vpc_router=vpc2 start=192.168.30.10 end=192.168.30.12 netmask=255.255.255.0 gateway=192.168.30.254
	is "$(field l3_network range total_addresses)" 3 "of a range"
	is "$(interfaces vpc2 range | jq -c '.[0].addresses')" '["192.168.30.254/24"]' "its gateway"
	is "$(nics_of vpc_router=vpc2)" '[[0,"management","mgt","00"],[1,"public","public","01"],[2,"private","range","02"]]' "attached as it was made"
	vpc_network name=later uuid=later cidr=192.168.10.0/24
	is "$(weft_c get l3_network later --json | jq .object.vpc_router)" null "without router"
	check weft_c 'do' attach_network vpc_router vpc2 network=later
	is "$(interfaces vpc2 later)" "$(interfaces vpc web)" "as one that was made with its router; another has the same CIDR"
	check weft_c delete l3_network later
	is "$(nics_of vpc_router=vpc2)" '[[0,"management","mgt","00"],[1,"public","public","01"],[2,"private","range","02"]]' "its NIC went with it"
	# Name servers are the router's.
	against dns 'do' add_dns l3_network web server=8.8.8.8
	wrong spec.dns update l3_network web dns=8.8.8.8
	is "$(weft_c document vpc_router vpc | jq -c .dns.forwarders)" '["223.5.5.5"]' "the router's alone"
	# Further ranges.
	# DHCP has the third address.
	for n in 1 2; do made vm name=r$n uuid=r$n cluster=Cluster-1 networks=range; done
	wrong 'spec.networks[0].address' create vm name=r3 cluster=Cluster-1 networks=range
	made ip_range name=more l3_network=range start=192.168.30.20 end=192.168.30.21 netmask=255.255.255.0 gateway=192.168.30.254
	for n in 3 4; do made vm name=r$n uuid=r$n cluster=Cluster-1 networks=range; done
	is "$(weft_c query nic l3_network=range 'address>=192.168.30.20' --sort address --json | jq -c '[.objects[].address]')" \
		'["192.168.30.20","192.168.30.21"]' "from the further one"
	against addresses_unused delete ip_range more
	for n in 3 4; do check weft_c delete vm r$n; done
	check weft_c delete ip_range more
	is "$(field l3_network range total_addresses)" 3 "taken away"
	wrong 'spec.networks[0].address' create vm name=r3 cluster=Cluster-1 networks=range
	# None overlaps another of the router, however it comes to it.
	vpc_network name=wide uuid=wide cidr=192.168.30.0/25
	against apart_on_router 'do' attach_network vpc_router vpc2 network=wide
	against apart_on_router create l3_network name=n l2_network=l2-n category=private architecture=vpc vpc_router=vpc2 \
		start=192.168.30.240 end=192.168.30.250 netmask=255.255.255.0 gateway=192.168.30.254
	vpc_network name=moved uuid=moved vpc_router=vpc2 cidr=192.168.40.0/24
	against routers_have_one delete ip_range moved
	check weft_c 'do' attach_network vpc_router vpc network=wide
}

case_a_router_comes_with_the_first_nic() {
	local name
	controller_start
	routed_cloud
	name=$(names router)
	check grep -qE '^vrouter\.l3\.own\.[0-9a-f]{6}$' <<<"$name"
	is "$(nics_of router="$name")" '[[0,"management","mgt","00"],[1,"public","public","01"],[2,"private","own","02"]]' "its NICs"
	is "$(weft_c get router "$name" --json | jq -r .object.connection) $(weft_c query vip own_router="$name" --json | jq '.objects[0].health') $(weft_c get nic nic-own --json | jq .object.health)" \
		"disconnected null null" "of what came along nobody has said anything"
	made nic uuid=more vm=vm-own l3_network=own
	is "$(names router)" "$name" "no second one"
	wrong type create router name=r
	against attach_network 'do' attach_network router "$name" network=web
	against detach_network 'do' detach_network router "$name" network=own
	against detach_network 'do' detach_network router "$name" network=public
	check weft_c delete router "$name"
	is "$(names vip)" vip-for-vpc "its system VIP went"
	made nic vm=vm-own l3_network=own
	is "$(names router | wc -w)" 1 "a new one comes"
	made l3_network name=lower uuid=lower l2_network=l2-own category=private architecture=vrouter router_offering=offering cidr=192.168.21.0/24
	made nic vm=vm-own l3_network=lower
	is "$(names router | wc -w)" 2 "one for each network"
	check weft_c update l3_network lower router_offering=
	is "$(weft_c get l3_network lower --json | jq .object.router_offering)" null "detached"
	check weft_c update l3_network lower router_offering=offering
	wrong spec.router_offering update l3_network flat router_offering=offering
}

case_route_tables() {
	controller_start
	routed_cloud
	made route_table name=t uuid=t vpc_routers=vpc
	entry() { made route_entry route_table=t destination=172.18.0.0/24 "$@"; }
	wrong spec.priority create route_entry route_table=t destination=172.18.0.0/24 next_hop=10.0.0.9 priority=0
	wrong spec.priority create route_entry route_table=t destination=172.18.0.0/24 next_hop=10.0.0.9 priority=255
	wrong spec.next_hop create route_entry route_table=t destination=172.18.0.0/24
	wrong spec.next_hop create route_entry route_table=t destination=172.18.0.0/24 type=blackhole next_hop=10.0.0.9
	wrong spec.next_hop create route_entry route_table=t destination=172.18.0.0/24 next_hop=fd00::1
	wrong spec.destination create route_entry route_table=t destination=172.18.0.0/33 next_hop=10.0.0.9
	entry next_hop=10.0.0.9
	entry type=blackhole priority=254
	is "$(weft_c query route_entry route_table=t --sort priority --json | jq -c '[.objects[] | [.type, .priority]]')" \
		'[["static",128],["blackhole",254]]' "defaults"
	check weft_c 'do' attach_router route_table t router="$(names router)"
	wrong parameters.router 'do' attach_router route_table t
	check weft_c 'do' detach_router route_table t vpc_router=vpc
	wrong parameters.vpc_router 'do' detach_router route_table t vpc_router=vpc
	check weft_c delete router "$(names router)"
	is "$(weft_c get route_table t --json | jq .object.routers)" null "the router is gone"
	check weft_c delete route_table t
	is "$(weft_c query route_entry)" "" "its entries go"
	is "$(names vpc_router)" vpc "routers stay"
}

case_eips() {
	controller_start
	routed_cloud
	made vip name=v1 uuid=v1 network=public
	wrong spec.vip create eip name=e
	wrong spec.network create eip name=e vip=v1 network=public
	against custom_vip create eip name=e vip=vip-for-vpc
	made eip name=e1 uuid=e1 vip=v1 nic=nic-web
	against vip_alone create eip name=e2 vip=v1
	made eip name=e2 uuid=e2 network=public address=10.108.10.77
	is "$(field vip e2 address)" 10.108.10.77 "with a VIP of its own"
	made eip name=any network=public nic=nic-web
	check grep -qE '^10\.108\.1[01]\.[0-9]+$' <<<"$(field vip any address)"
	check weft_c delete vip any
	is "$(names eip --sort name)" "e1 e2" "both are gone"
	check weft_c 'do' bind eip e2 nic=nic-flat
	check weft_c 'do' bind eip e2 nic=nic-app
	is "$(field eip e2 nic)" nic-app "bound again"
	is "$(weft_c query eip name=e2 --fields vip.address,nic.address,nic.vm,nic.vm.name,owner --json | jq -c '.objects[0]')" \
		"{\"vip.address\":\"10.108.10.77\",\"nic.address\":\"$(field nic nic-app address)\",\"nic.vm\":\"vm-app\",\"nic.vm.name\":\"vm-app\",\"owner\":\"admin\"}" "what a list shows of one"
	check weft_c 'do' unbind eip e2
	is "$(weft_c get eip e2 --json | jq .object.nic)" null "unbound"
	made nic uuid=nic-public vm=vm-web l3_network=public
	against nic_reached 'do' bind eip e2 nic=nic-public
	# A flat network's guests need the public network in their cluster.
	made cluster name=Cluster-2 zone=ZONE-1
	made vm name=vm-far uuid=vm-far cluster=Cluster-2
	made nic uuid=nic-far vm=vm-far l3_network=flat
	against nic_reached 'do' bind eip e2 nic=nic-far
	# A router needs it too.
	made l2_network name=L2-o zone=ZONE-1 type=vlan device=em02 vlan=9
	made l3_network name=public2 uuid=public2 l2_network=L2-o category=public cidr=198.51.100.0/24
	made eip name=e3 uuid=e3 network=public2
	against nic_reached 'do' bind eip e3 nic=nic-web
	check weft_c 'do' attach_network vpc_router vpc network=public2
	check weft_c 'do' bind eip e3 nic=nic-web
	against detach_network 'do' detach_network vpc_router vpc network=public2
	check weft_c delete eip e1
	is "$(names vip name=v1)" v1 "its VIP stays"
	check weft_c delete vip e2
	is "$(names eip)" e3 "a VIP takes its EIP along"
	check weft_c delete vm vm-web
	is "$(weft_c get eip e3 --json | jq .object.nic)" null "its guest is gone"
}

case_a_vip_is_shared() {
	local each on nic n
	controller_start
	routed_cloud
	made vpc_router name=vpc2 uuid=vpc2 offering=offering
	made l3_network name=elsewhere uuid=elsewhere l2_network=l2-app category=private architecture=vpc vpc_router=vpc2 cidr=192.168.12.0/24
	made vm name=vm-elsewhere cluster=Cluster-1
	made nic uuid=nic-elsewhere vm=vm-elsewhere l3_network=elsewhere
	made vip name=v uuid=v network=public
	# The same on one of its own and on the router's: several of each kind, on different ports.
	for each in v:nic-app:100 vip-for-vpc:nic-web2:200; do
		IFS=: read -r on nic n <<<"$each"
		made port_forward "name=p22-$on" "uuid=p22-$on" "vip=$on" protocol=tcp vip_ports=22
		made port_forward "name=p23-$on" "uuid=p23-$on" "vip=$on" protocol=udp vip_ports=20-23 "nic=$nic"
		made load_balancer "name=lb-$on" "uuid=lb-$on" "vip=$on"
		made listener "name=l80-$on" "uuid=l80-$on" "load_balancer=lb-$on" port=80 target_port=100 nics=nic-web2
		made listener "name=l81-$on" "uuid=l81-$on" "load_balancer=lb-$on" port=81 target_port=100 nics=nic-web2
		made ipsec_connection "name=i-$on" "uuid=i-$on" "vip=$on" psk=k remote_address=10.108.14.126 local_networks=web "remote_cidrs=192.168.$n.0/24"
		made ipsec_connection "name=j-$on" "uuid=j-$on" "vip=$on" psk=k remote_address=10.108.14.127 local_networks=app "remote_cidrs=192.168.$((n + 1)).0/24"
		against ports_free create port_forward name=p "vip=$on" protocol=tcp vip_ports=79-80
		against port_free create listener name=l load_balancer="lb-$on" port=22 target_port=22
		against on_router create port_forward name=p vip="$on" protocol=tcp vip_ports=99 nic=nic-elsewhere
	done
	check weft_c 'do' bind port_forward p22-v nic=nic-web
	against vip_alone create eip name=e vip=v
	against custom_vip create eip name=e vip=vip-for-vpc
	is "$(weft_c document vpc_router vpc | jq -c '[.port_forwards, [.load_balancers[].listeners[]], .ipsec] | map([.[].uuid] | map(select(endswith("-v"))) | sort)')" \
		'[["p22-v","p23-v"],["l80-v","l81-v"],["i-v","j-v"]]' "what the router is told"
	# One goes, the others stay; the VIP takes them along.
	check weft_c delete listener l80-v
	check weft_c delete ipsec_connection i-v
	check weft_c delete port_forward p22-v
	is "$(names port_forward vip=v) $(names listener load_balancer.vip=v) $(names ipsec_connection vip=v)" "p23-v l81-v j-v" "the others"
	check weft_c delete vip v
	is "$(names port_forward --sort name) $(names load_balancer) $(names listener --sort name) $(names ipsec_connection --sort name)" \
		"p22-vip-for-vpc p23-vip-for-vpc lb-vip-for-vpc l80-vip-for-vpc l81-vip-for-vpc i-vip-for-vpc j-vip-for-vpc" "what stands on the other VIP"
}

case_port_forwards() {
	controller_start
	routed_cloud
	made vip name=v1 uuid=v1 network=public
	pf() { made port_forward protocol=tcp "$@"; }
	wrong spec.vip_ports create port_forward name=p vip=v1 protocol=tcp vip_ports=0
	wrong spec.vip_ports create port_forward name=p vip=v1 protocol=tcp vip_ports=65536
	wrong spec.vip_ports create port_forward name=p vip=v1 protocol=tcp vip_ports=30-20
	wrong spec.protocol create port_forward name=p vip=v1 protocol=icmp vip_ports=20
	wrong spec.target_ports create port_forward name=p vip=v1 protocol=tcp vip_ports=20 target_ports=20-30
	wrong spec.target_ports create port_forward name=p vip=v1 protocol=tcp vip_ports=20-30 target_ports=120-130
	pf name=p1 uuid=p1 vip=v1 vip_ports=24 target_ports=22 allowed_cidr=192.168.1.0/24 nic=nic-web
	pf name=p2 uuid=p2 vip=v1 vip_ports=5900-5910
	is "$(field port_forward p2 target_ports)" 5900-5910 "the same ports"
	against ports_free create port_forward name=p vip=v1 protocol=tcp vip_ports=5910-5920
	against ports_free create port_forward name=p vip=v1 protocol=tcp vip_ports=24
	made port_forward name=udp vip=v1 protocol=udp vip_ports=24
	pf name=system vip=vip-for-vpc vip_ports=80
	check weft_c 'do' bind port_forward p2 nic=nic-web2
	# A guest has one VIP for its forwards.
	made vip name=v2 uuid=v2 network=public
	against one_vip_per_guest create port_forward name=p vip=v2 protocol=tcp vip_ports=24 nic=nic-web
	pf name=p3 uuid=p3 vip=v2 vip_ports=24
	against one_vip_per_guest 'do' bind port_forward p3 nic=nic-web
	is "$(weft_c query port_forward name=p1 --fields name,vip.address,nic.address,protocol,vip_ports,nic.vm.name,target_ports,owner --json | jq -c '.objects[0] | to_entries | map(.value)')" \
		"[\"p1\",\"$(field vip v1 address)\",\"$(field nic nic-web address)\",\"tcp\",\"24\",\"vm-web\",\"22\",\"admin\"]" "what a list shows of one"
	is "$(weft_c query port_forward name=p2 --fields vip.address,vip_ports,nic.vm.name,health,owner | tail -n 1 | xargs)" "$(field vip v1 address) 5900-5910 vm-web2 - admin" "as a table"
	# Bound again on the same network only, or one of the same VPC.
	check weft_c 'do' unbind port_forward p2
	against bind 'do' bind port_forward p2 nic=nic-own
	check weft_c 'do' bind port_forward p2 nic=nic-app
	check weft_c 'do' bind port_forward p2 nic=nic-web2
	# Neither of flat networks, nor over two routers, nor beside an EIP.
	against on_router 'do' bind port_forward p3 nic=nic-flat
	against on_router create port_forward name=p vip=v1 protocol=tcp vip_ports=99 nic=nic-own
	made eip name=e network=public
	against vip_shared create port_forward name=p vip=e protocol=tcp vip_ports=99
	against vip_alone create eip name=e2 vip=v1
	check weft_c delete port_forward p1
	is "$(names vip name=v1) $(names port_forward vip=v1 --sort name)" "v1 p2 udp" "others stay"
	check weft_c delete vpc_router vpc
	is "$(names port_forward --sort name) $(names vip name=v1)" "p2 p3 udp v1" "what stood on its system VIP goes; custom VIPs stay"
}

case_load_balancers() {
	local one
	controller_start
	routed_cloud
	made vip name=held uuid=held network=public
	made load_balancer name=on-held vip=held
	made load_balancer name=on-system vip=vip-for-vpc
	is "$(names load_balancer vip=held) $(names load_balancer vip.system=true) $(names listener)" "on-held on-system " "on a VIP that there is, without listeners"
	for one in on-held on-system; do check weft_c delete load_balancer $one; done
	made load_balancer name=lb uuid=lb network=public
	listener() { made listener load_balancer=lb target_port=5000 "$@"; }
	listener name=l80 uuid=l80 port=80
	is "$(weft_c get listener l80 --json | jq -c '.object | [.protocol, .algorithm, .idle_timeout_s, .healthy_threshold, .unhealthy_threshold, .health_interval_s, .max_connections]')" \
		'["tcp","roundrobin",60,2,2,5,5000]' "defaults"
	wrong spec.port create listener name=l load_balancer=lb target_port=5000 port=0
	wrong spec.target_port create listener name=l load_balancer=lb target_port=65536 port=81
	against port_free create listener name=l load_balancer=lb target_port=5000 port=80
	made port_forward name=p vip=lb protocol=tcp vip_ports=443
	against port_free create listener name=l load_balancer=lb target_port=5000 port=443
	against ports_free create port_forward name=p2 vip=lb protocol=tcp vip_ports=70-90
	check weft_c 'do' bind_nic listener l80 nic=nic-web
	check weft_c 'do' bind_nic listener l80 nic=nic-web2
	against one_network 'do' bind_nic listener l80 nic=nic-own
	listener name=l81 uuid=l81 port=81
	against one_network 'do' bind_nic listener l81 nic=nic-own
	check weft_c 'do' bind_nic listener l81 nic=nic-app
	check weft_c 'do' unbind_nic listener l81 nic=nic-app
	check weft_c 'do' bind_nic listener l81 nic=nic-web
	check weft_c 'do' unbind_nic listener l80 nic=nic-web2
	wrong parameters.nic 'do' unbind_nic listener l80 nic=nic-web2
	made load_balancer name=flat uuid=lb-flat network=public
	made listener name=lf uuid=lf load_balancer=lb-flat port=80 target_port=80
	against on_router 'do' bind_nic listener lf nic=nic-flat
	# Certificates: of https alone, one at a time.
	certificate_of c1
	api Create "$(jq -n --rawfile pem "$CASE_DIR/c1.pem" --rawfile key "$CASE_DIR/c1.key" \
		'{type: "certificate", spec: {name: "c1", uuid: "c1", certificate_pem: $pem, private_key_pem: $key}}')" >"$CASE_DIR/said"
	check grep -q '"private_key_pem": "\*\*\*\*\*\*\*\*"' "$CASE_DIR/said"
	deny grep -qF "$(sed -n 2p "$CASE_DIR/c1.key")" "$CASE_DIR/said"
	certificate c2
	listener name=http uuid=http port=8080 protocol=http
	against certificate_fits 'do' bind_certificate listener l80 certificate=c1
	against certificate_fits 'do' bind_certificate listener http certificate=c1
	listener name=l8443 uuid=l8443 port=8443 protocol=https certificate=c1
	against bind_certificate 'do' bind_certificate listener l8443 certificate=c2
	against in_use delete certificate c1
	check weft_c 'do' unbind_certificate listener l8443
	check weft_c 'do' bind_certificate listener l8443 certificate=c2
	check weft_c delete certificate c1
	check weft_c delete load_balancer lb
	is "$(names listener) $(names certificate) $(names vip name=lb) $(names port_forward)" "lf c2 lb p" "its listeners go, the others stay"
}

case_ipsec_connections() {
	controller_start
	routed_cloud
	ipsec() { made ipsec_connection psk=very-secret remote_address=10.108.14.126 "$@"; }
	ipsec name=i uuid=i network=public local_networks=web remote_cidrs=192.168.100.0/24
	is "$(weft_c get ipsec_connection i --json | jq -c '.object | [.psk, .auth_mode, .working_mode, .ike_version, .ike_auth, .ike_encryption, .ike_dh_group, .transform, .esp_auth, .esp_encryption, .pfs]')" \
		'["********","psk","tunnel",1,"sha1","3des",2,"esp","sha1","3des","dh-group2"]' "defaults, and no key"
	deny grep -rq very-secret "$CONTROLLER/log"
	against other_peer create ipsec_connection name=j vip=i psk=k remote_address=10.108.14.126 local_networks=web remote_cidrs=192.168.101.0/24
	against sides_differ create ipsec_connection name=j vip=i psk=k remote_address=10.108.14.127 local_networks=web remote_cidrs=192.168.0.0/16
	against on_router create ipsec_connection name=j vip=i psk=k remote_address=10.108.14.127 local_networks=own remote_cidrs=192.168.101.0/24
	against on_router create ipsec_connection name=j network=public psk=k remote_address=10.108.14.127 local_networks=flat remote_cidrs=192.168.101.0/24
	is "$(names vip name=j)" "" "nor is its VIP left"
	wrong spec.working_mode create ipsec_connection name=j vip=i psk=k remote_address=10.108.14.127 local_networks=web remote_cidrs=192.168.101.0/24 working_mode=transport
	wrong spec.transform create ipsec_connection name=j vip=i psk=k remote_address=10.108.14.127 local_networks=web remote_cidrs=192.168.101.0/24 transform=ah
	wrong spec.ike_dh_group create ipsec_connection name=j vip=i psk=k remote_address=10.108.14.127 local_networks=web remote_cidrs=192.168.101.0/24 ike_dh_group=7
	wrong spec.psk create ipsec_connection name=j vip=i remote_address=10.108.14.127 local_networks=web remote_cidrs=192.168.101.0/24
	wrong spec.local_networks create ipsec_connection name=j vip=i psk=k remote_address=10.108.14.127 remote_cidrs=192.168.101.0/24
	against ports_free create port_forward name=p vip=i protocol=udp vip_ports=400-600
	made port_forward name=p vip=i protocol=tcp vip_ports=500
	made port_forward name=u network=public protocol=udp vip_ports=4500
	against ports_free create ipsec_connection name=j vip=u psk=k remote_address=10.108.14.127 local_networks=web remote_cidrs=192.168.101.0/24
	made eip name=e network=public
	against vip_shared create ipsec_connection name=j vip=e psk=k remote_address=10.108.14.127 local_networks=web remote_cidrs=192.168.101.0/24
	# Of a VPC it can be changed.
	check weft_c 'do' attach_network ipsec_connection i network=app
	check weft_c 'do' add_remote_cidr ipsec_connection i cidr=192.168.101.0/24
	against sides_differ 'do' add_remote_cidr ipsec_connection i cidr=192.168.11.128/25
	check weft_c 'do' remove_remote_cidr ipsec_connection i cidr=192.168.100.0/24
	against remove_remote_cidr 'do' remove_remote_cidr ipsec_connection i cidr=192.168.101.0/24
	check weft_c delete vm vm-app
	against detach_network 'do' detach_network vpc_router vpc network=app
	check weft_c 'do' detach_network ipsec_connection i network=web
	against detach_network 'do' detach_network ipsec_connection i network=app
	# Where the VIP's router has one network, that is meant.
	made ipsec_connection name=pre uuid=pre vip="$(names vip own_router.l3_network=own)" psk=k remote_address=10.108.14.128 remote_cidrs=192.168.201.0/24
	is "$(weft_c get ipsec_connection pre --json | jq -c '.object | [.local_networks, .state]')" '[["own"],"enabled"]' "its one network"
	wrong spec.local_networks create ipsec_connection name=j vip=vip-for-vpc psk=k remote_address=10.108.14.129 remote_cidrs=192.168.201.0/24
	wrong spec.local_networks create ipsec_connection name=j network=public psk=k remote_address=10.108.14.129 remote_cidrs=192.168.201.0/24
	check weft_c 'do' disable ipsec_connection pre
	is "$(weft_c query ipsec_connection name=pre --fields vip.address,remote_address,state,health | tail -n 1 | xargs)" \
		"$(field vip "$(names vip own_router.l3_network=own)" address) 10.108.14.128 disabled -" "what a list shows of it"
	is "$(weft_c document router "$(names router)" | jq .ipsec)" null "its router is not told"
	check weft_c 'do' enable ipsec_connection pre
	is "$(weft_c document router "$(names router)" | jq '.ipsec | length')" 1 "told again"
	check weft_c delete ipsec_connection pre
	ipsec name=own uuid=own-i network=public local_networks=own remote_cidrs=192.168.200.0/24
	against add_remote_cidr 'do' add_remote_cidr ipsec_connection own cidr=192.168.201.0/24
	check weft_c update ipsec_connection i psk=another
	check weft_c delete ipsec_connection i
	is "$(names vip name=i) $(names port_forward --sort name)" "i p u" "its VIP and others stay"
}

case_limits_of_vips() {
	controller_start
	routed_cloud
	made vip name=v uuid=v network=public
	qos() { made vip_qos vip=v "$@"; }
	wrong spec.up_mbps create vip_qos vip=v port=80
	wrong spec.port create vip_qos vip=v port=65536 up_mbps=1
	qos port=2300 up_mbps=1 down_mbps=10
	qos down_mbps=50
	against port_once create vip_qos vip=v port=2300 up_mbps=5
	against port_once create vip_qos vip=v up_mbps=5
	made vip_qos vip=vip-for-vpc up_mbps=5
	made router_image name=legacy uuid=legacy url=http://images/old generation=legacy
	made router_offering name=old uuid=old zone=ZONE-1 cpus=1 memory_mib=512 image=legacy management_network=mgt public_network=public
	made vpc_router name=elder uuid=elder offering=old
	against router_can create vip_qos vip=vip-for-elder up_mbps=5
	check weft_c delete vip v
	is "$(weft_c query vip_qos --total --limit 1 | tail -n 1)" "1 of 1" "limits go with the VIP"
}

case_a_public_network_takes_its_services_along() {
	controller_start
	routed_cloud
	made eip name=e network=public nic=nic-web
	made load_balancer name=lb network=public
	made listener name=l load_balancer=lb port=80 target_port=80 nics=nic-web
	made port_forward name=p vip=lb protocol=tcp vip_ports=24 nic=nic-web2
	made ipsec_connection name=i vip=lb psk=k remote_address=10.108.14.126 local_networks=web remote_cidrs=192.168.100.0/24
	check weft_c delete l2_network L2-public
	is "$(names vpc_router)$(names router)$(names router_offering)$(names vip)$(names eip)$(names load_balancer)$(names listener)$(names port_forward)$(names ipsec_connection)" \
		"" "gone"
	is "$(names vm --sort name)" "vm-app vm-flat vm-own vm-web vm-web2" "VMs stay"
	is "$(names l3_network --sort name)" "app flat mgt own web" "other networks stay"
	is "$(weft_c get l3_network web --json | jq .object.vpc_router)" null "without router"
}

run_cases "$@"
