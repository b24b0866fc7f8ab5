#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# L2 and L3 networks, pools and addresses: defaults, what follows, and each refusal.
. "$(dirname "$0")/../lib/controller.sh"

case_vxlan_pools() {
	local n
	controller_start
	small_cloud
	wrong spec.start_vni create vxlan_pool name=p zone=ZONE-1 start_vni=0 end_vni=10
	wrong spec.end_vni create vxlan_pool name=p zone=ZONE-1 start_vni=10 end_vni=16777215
	wrong spec.end_vni create vxlan_pool name=p zone=ZONE-1 start_vni=10 end_vni=9
	wrong spec.start_vni create vxlan_pool name=p zone=ZONE-1 end_vni=9
	is "$(names vxlan_pool)" "" "none is left of these"
	made vxlan_pool name=most zone=ZONE-1 start_vni=1 end_vni=16777214
	made vxlan_pool name=one zone=ZONE-1 start_vni=16777214 end_vni=16777214
	made l2_network name=last type=vxlan vxlan_pool=one
	is "$(field l2_network last vni)" 16777214 "the last there is"
	for n in most one; do check weft_c delete vxlan_pool $n; done
	made vxlan_pool name=p zone=ZONE-1 start_vni=100 end_vni=101
	is "$(weft_c query vni_range --json | jq -c '[.objects[0] | .start_vni, .end_vni]')" "[100,101]" "its first range"
	wrong spec.vni create l2_network name=n type=vxlan vxlan_pool=p vni=102
	made l2_network name=n100 type=vxlan vxlan_pool=p vni=100
	is "$(field l2_network n100 zone)" zone-1 "the pool's zone"
	against unique create l2_network name=again type=vxlan vxlan_pool=p vni=100
	made l2_network name=free type=vxlan vxlan_pool=p
	is "$(field l2_network free vni)" 101 "the one that is left"
	wrong spec.vxlan_pool create l2_network name=n type=vxlan vxlan_pool=p
	against ranges_apart create vni_range name=r vxlan_pool=p start_vni=101 end_vni=110
	made vni_range name=more vxlan_pool=p start_vni=200 end_vni=200
	made l2_network name=n200 type=vxlan vxlan_pool=p
	is "$(field l2_network n200 vni)" 200 "from the further range"
	against range_unused delete vni_range more
	check weft_c delete l2_network n200
	check weft_c delete vni_range more
	# A pool carries no L3 network, its networks do.
	refused "there is no l2_network p" create l3_network name=x l2_network=p category=private architecture=flat cidr=192.168.0.0/24
	for n in flat vpc; do made l3_network name="l3-$n" l2_network=n100 category=private architecture=$n cidr=192.168.5.0/24; done
	check weft_c delete vxlan_pool p
	is "$(names vni_range)$(names l2_network type=vxlan)$(names l3_network category=private)" "" "gone with the pool"
}

case_vteps() {
	controller_start
	small_cloud
	made vxlan_pool name=p uuid=p zone=ZONE-1 start_vni=100 end_vni=101
	against attach_cluster 'do' attach_cluster vxlan_pool p cluster=Cluster-1 vtep_cidr=172.20.0.1/16
	refused "host host1 has no address in 172.20.0.1/16" 'do' attach_cluster vxlan_pool p cluster=Cluster-1 vtep_cidr=172.20.0.1/16
	check weft_c 'do' attach_cluster vxlan_pool p cluster=Cluster-1 vtep_cidr=10.0.0.1/8
	is "$(weft_c query vxlan_pool_cluster --json | jq -c '.objects[0] | [.cluster, .vtep_cidr]')" '["cluster-1","10.0.0.1/8"]' "attached"
	against unique 'do' attach_cluster vxlan_pool p cluster=Cluster-1 vtep_cidr=10.0.0.1/8
	against vtep_on_hosts create host name=h3 cluster=Cluster-1 address=10.12.0.3 'devices=[{"name": "em01"}, {"name": "em02", "addresses": ["192.168.1.3/24"]}]'
	against vtep_on_hosts update host host1 'devices=[{"name": "em01"}]'
	check weft_c 'do' detach_cluster vxlan_pool p cluster=Cluster-1
	wrong parameters.cluster 'do' detach_cluster vxlan_pool p cluster=Cluster-1
	check weft_c update host host1 'devices=[{"name": "em01"}]'
	made zone name=other
	made cluster name=far zone=other
	against attach_cluster 'do' attach_cluster vxlan_pool p cluster=far vtep_cidr=10.0.0.1/8
	# By the address alone, on whichever device it is.
	made cluster name=Cluster-2 uuid=cluster-2 zone=ZONE-1
	made host name=h8 cluster=Cluster-2 address=172.16.0.8 \
		'devices=[{"name": "em01", "addresses": ["172.16.0.8/24", "192.168.28.8/24"]}, {"name": "em02", "addresses": ["10.12.0.8/8"]}]'
	made host name=h9 cluster=Cluster-2 address=172.16.0.9 'devices=[{"name": "bond0", "addresses": ["10.12.0.9/8", "192.168.28.9/24"]}]'
	check weft_c 'do' attach_cluster vxlan_pool p cluster=Cluster-2 vtep_cidr=10.0.0.1/8
	made l2_network name=n100 uuid=n100 type=vxlan vxlan_pool=p vni=100
	made l2_network name=n101 uuid=n101 type=vxlan vxlan_pool=p vni=101
	is "$(weft_c document host h8 | jq -c '[.host.vtep, [.l2_networks[] | [.vni, .pool]], [.vteps[] | [.pool, .address]]]')" \
		'["10.12.0.8",[[100,"p"],[101,"p"]],[["p","10.12.0.8"],["p","10.12.0.9"]]]' "its VTEP, and the networks of the pool"
	is "$(weft_c document host h9 | jq -r .host.vtep)" 10.12.0.9 "the other's"
	# Of a tutorial.
	made vxlan_pool name=q uuid=q zone=ZONE-1 start_vni=20 end_vni=1200
	refused "host host1 has no address in 192.168.28.1/24" 'do' attach_cluster vxlan_pool q cluster=Cluster-1 vtep_cidr=192.168.28.1/24
	check weft_c 'do' attach_cluster vxlan_pool q cluster=Cluster-2 vtep_cidr=192.168.28.1/24
	is "$(weft_c query vxlan_pool_cluster vxlan_pool=q --json | jq -c '[.objects[] | [.cluster, .vtep_cidr]]')" '[["cluster-2","192.168.28.1/24"]]' "attached"
}

case_l2_networks() {
	controller_start
	small_cloud
	wrong spec.vlan create l2_network name=n zone=ZONE-1 type=vlan device=em01 vlan=0
	wrong spec.vlan create l2_network name=n zone=ZONE-1 type=vlan device=em01 vlan=4095
	wrong spec.vlan create l2_network name=n zone=ZONE-1 type=vlan device=em01
	wrong spec.vlan create l2_network name=n zone=ZONE-1 type=novlan device=em01 vlan=7
	wrong spec.device create l2_network name=n zone=ZONE-1 type=novlan
	wrong spec.zone create l2_network name=n type=novlan device=em01
	wrong spec.vxlan_pool create l2_network name=n zone=ZONE-1 type=vxlan
	against alone_in_cluster create l2_network name=n zone=ZONE-1 type=novlan device=em01 clusters=Cluster-1
	made l2_network name=v7 zone=ZONE-1 type=vlan device=em01 vlan=7
	made l2_network name=v7b zone=ZONE-1 type=vlan device=em01 vlan=7
	check weft_c 'do' attach_cluster l2_network v7 cluster=Cluster-1
	against alone_in_cluster 'do' attach_cluster l2_network v7b cluster=Cluster-1
	check weft_c 'do' detach_cluster l2_network v7 cluster=Cluster-1
	check weft_c 'do' attach_cluster l2_network v7b cluster=Cluster-1
	made l2_network name=em09 zone=ZONE-1 type=novlan device=em09
	against device_on_hosts 'do' attach_cluster l2_network em09 cluster=Cluster-1
	against device_on_hosts create host name=h3 cluster=Cluster-1 address=10.12.0.3 'devices=[{"name": "em02"}]'
	against device_on_hosts update host host1 'devices=[{"name": "em02"}]'
	made zone name=other
	made cluster name=far zone=other
	against same_zone 'do' attach_cluster l2_network em09 cluster=far
	is "$(names l2_network clusters=Cluster-1 --sort name)" "L2-public v7b" "in the cluster"
	# One network in two clusters.
	made cluster name=Cluster-2 zone=ZONE-1
	check weft_c 'do' attach_cluster l2_network v7b cluster=Cluster-2
	is "$(names l2_network clusters=Cluster-2)" v7b "in the other as well"
	check weft_c 'do' detach_cluster l2_network v7b cluster=Cluster-1
	is "$(names l2_network clusters=Cluster-1) $(names l2_network clusters=Cluster-2)" "L2-public v7b" "out of one alone"
}

l3() { local name=$1; shift; weft_c create l3_network name="$name" l2_network=L2-b "$@" --json; }

case_l3_networks() {
	controller_start
	small_cloud
	made l2_network name=L2-b zone=ZONE-1 type=vlan device=em02 vlan=7
	wrong spec.architecture create l3_network name=n l2_network=L2-b category=private cidr=192.168.1.0/24
	wrong spec.architecture create l3_network name=n l2_network=L2-b category=public architecture=flat cidr=192.168.1.0/24
	wrong spec.router_offering create l3_network name=n l2_network=L2-b category=private architecture=vrouter cidr=192.168.1.0/24
	wrong spec.mtu create l3_network name=n l2_network=L2-b category=public mtu=67
	wrong spec.mtu create l3_network name=n l2_network=L2-b category=public mtu=9217
	wrong spec.dns create l3_network name=n l2_network=L2-b category=private architecture=vpc dns=8.8.8.8
	against system_alone create l3_network name=n l2_network=L2-public category=system cidr=192.168.1.0/24
	l3 system category=system cidr=192.168.29.0/24
	against system_alone create l3_network name=n l2_network=L2-b category=private architecture=flat cidr=192.168.1.0/24
	check weft_c delete l3_network system
	l3 a category=private architecture=flat cidr=192.168.1.1/24
	l3 b category=private architecture=flat cidr=192.168.2.0/18
	l3 c category=private architecture=flat start=172.20.108.10 end=172.20.108.20 netmask=255.255.0.0 gateway=172.20.0.1
	is "$(field l3_network a total_addresses)/$(field l3_network b total_addresses)/$(field l3_network c total_addresses)" \
		253/16381/11 "address arithmetic"
	is "$(field l3_network public total_addresses)" 512 "a slice with .0 and .255 within"
	# A public one, without name servers and DHCP.
	made l3_network name=bare uuid=bare l2_network=L2-b category=public dhcp=false start=10.151.10.100 end=10.151.10.200 netmask=255.0.0.0 gateway=10.0.0.1
	is "$(weft_c get l3_network bare --json | jq -c '.object | [.dhcp, .dns, .total_addresses]')" "[false,null,101]" "its switch"
	check weft_c 'do' attach_cluster l2_network L2-b cluster=Cluster-1
	made vm name=v cluster=Cluster-1 host=host1 networks=bare,public
	is "$(weft_c document host host1 | jq -c '[.l3_networks[] | [.uuid, .gateway, .dns, (.dhcp.enabled // false)]] | sort')" \
		'[["bare","10.0.0.1",null,false],["public","10.0.0.1",["223.5.5.5"],true]]' "what its hosts are told"
	is "$(weft_c query ip_range l3_network=a --json | jq -c '.objects[0] | [.gateway, .start, .end, .netmask, .cidr]')" \
		'["192.168.1.1","192.168.1.2","192.168.1.254","255.255.255.0","192.168.1.1/24"]' "of a CIDR"
	is "$(field l3_network a mtu) $(field l3_network a dhcp)" "1500 true" "defaults"
	check weft_c update l3_network a mtu=9216
	wrong spec.mtu update l3_network a mtu=9217
	check weft_c 'do' add_dns l3_network a server=223.5.5.5
	check weft_c 'do' add_dns l3_network a server=8.8.8.8
	wrong parameters.server 'do' add_dns l3_network a server=8.8.8.8
	check weft_c 'do' remove_dns l3_network a server=223.5.5.5
	is "$(weft_c get l3_network a --json | jq -c .object.dns)" '["8.8.8.8"]' "name servers"
}

case_ranges() {
	local n
	controller_start
	small_cloud
	wrong spec.end create ip_range name=r l3_network=public start=10.108.20.9 end=10.108.20.1 netmask=255.0.0.0 gateway=10.0.0.1
	wrong spec.start create ip_range name=r l3_network=public start=11.0.0.1 end=11.0.0.9 netmask=255.0.0.0 gateway=10.0.0.1
	wrong spec.start create ip_range name=r l3_network=public start=10.0.0.0 end=10.0.0.9 netmask=255.0.0.0 gateway=10.0.0.1
	wrong spec.end create ip_range name=r l3_network=public start=10.0.0.9 end=10.255.255.255 netmask=255.0.0.0 gateway=10.0.0.1
	wrong spec.netmask create ip_range name=r l3_network=public start=10.0.0.9 end=10.0.0.10 netmask=255.0.255.0 gateway=10.0.0.1
	wrong spec.gateway create ip_range name=r l3_network=public start=10.0.0.9 end=10.0.0.10 netmask=255.0.0.0
	wrong spec.cidr create ip_range name=r l3_network=public cidr=10.0.0.0/8 start=10.0.0.9
	wrong spec.cidr create ip_range name=r l3_network=public cidr=10.0.0.0/30
	wrong spec.cidr create ip_range name=r l3_network=public cidr=fd00::/64
	against one_subnet create ip_range name=r l3_network=public start=10.108.11.255 end=10.108.12.9 netmask=255.0.0.0 gateway=10.0.0.1
	against one_subnet create ip_range name=r l3_network=public start=10.108.12.1 end=10.108.12.9 netmask=255.0.0.0 gateway=10.0.0.2
	made ip_range name=two l3_network=public start=10.108.12.1 end=10.108.12.2 netmask=255.0.0.0 gateway=10.0.0.1
	is "$(field l3_network public total_addresses)" 514 "more"
	for n in 1 2; do made vip name="v$n" network=public address="10.108.12.$n"; done
	against addresses_unused delete ip_range two
	is "$(field l3_network public used_addresses)" 2 "used"
	check weft_c delete vip v1
	check weft_c delete vip v2
	is "$(field l3_network public used_addresses)" 0 "given back"
	check weft_c delete ip_range two
	is "$(field l3_network public total_addresses)" 512 "less"
	wrong spec.address create vip name=v network=public address=10.108.12.1
	made vip name=v network=public address=10.108.10.0
	wrong spec.address create vip name=w network=public address=10.108.10.0
	made l2_network name=L2-b zone=ZONE-1 type=vlan device=em02 vlan=7
	made l3_network name=p l2_network=L2-b category=private architecture=flat cidr=192.168.1.0/29
	wrong spec.network create vip name=w network=p
	# With the gateway within: it is never given.
	made l3_network name=g l2_network=L2-b category=public start=192.168.3.1 end=192.168.3.3 netmask=255.255.255.0 gateway=192.168.3.2
	is "$(field l3_network g total_addresses)" 2 "without the gateway"
	made vip name=g1 network=g
	made vip name=g2 network=g
	is "$(weft_c query vip network=g --sort address --json | jq -c '[.objects[].address]')" '["192.168.3.1","192.168.3.3"]' "all of it"
	wrong spec.address create vip name=g3 network=g
}

case_guests() {
	controller_start
	routed_cloud
	is "$(weft_c get nic nic-web --json | jq -c '.object | [.default, .device_id, .mac[0:3], .mac[15:]]')" \
		'[true,0,"fa:","00"]' "the first NIC"
	made nic uuid=second vm=vm-web l3_network=flat address=172.20.0.77
	is "$(weft_c get nic second --json | jq -c '.object | [.default, .device_id, .address]')" '[false,1,"172.20.0.77"]' "a second one"
	check weft_c 'do' make_default nic second
	is "$(weft_c query nic vm=vm-web default=true --json | jq -c '[.objects[].uuid]')" '["second"]' "one default"
	wrong spec.l3_network create nic vm=vm-web l3_network=mgt
	wrong spec.address create nic vm=vm-web l3_network=flat address=172.20.0.77
	wrong spec.address create nic vm=vm-web l3_network=flat address=10.0.0.1
	wrong spec.hostname create nic vm=vm-web l3_network=flat hostname=a_b
	wrong spec.mac create nic vm=vm-web l3_network=flat mac=01:00:00:00:00:01
	against unique create nic vm=vm-web l3_network=flat "mac=$(field nic second mac)"
	wrong 'spec.networks[1].l3_network' create vm name=v cluster=Cluster-1 networks=web,mgt
	is "$(names vm name=v)" "" "nothing is left of it"
	made vm name=three uuid=three cluster=Cluster-1 networks=web,app,flat
	is "$(weft_c query nic vm=three --sort device_id --json | jq -c '[.objects[] | [.l3_network, .default]]')" \
		'[["web",true],["app",false],["flat",false]]' "NICs at creation"
	# The DHCP server's address came with the first NIC, once.
	is "$(weft_c query used_address l3_network=web used_for=dhcp --total --limit 1 | tail -n 1)" "1 of 1" "DHCP"
	is "$(field l3_network web dhcp_address)" "$(weft_c query used_address l3_network=web used_for=dhcp --json | jq -r '.objects[0].address')" "shown"
	# Several alike; what is said of a NIC when its guest is made.
	made vm name=many uuid=many cluster=Cluster-1 count=3 'nics=[{"l3_network": "web"}, {"l3_network": "app", "default": true, "hostname": "h"}]'
	is "$(names vm 'name like many%' --sort name)" "many-1 many-2 many-3" "their names"
	is "$(weft_c query nic 'vm.name like many%' --sort l3_network --json | jq -c '[.objects[] | [.l3_network, .default, .hostname]]')" \
		'[["app",true,"h"],["app",true,"h"],["app",true,"h"],["web",false,null],["web",false,null],["web",false,null]]' "each with its own"
	is "$(weft_c query nic 'vm.name like many%' --json | jq -c '[.objects[].address] | unique | length')" 6 "addresses"
	made vm name=one uuid=one cluster=Cluster-1 networks=web 'nics=[{"l3_network": "app", "address": "192.168.11.99", "mac": "fa:00:00:00:77:01"}]'
	is "$(weft_c query nic vm=one --sort device_id --json | jq -c '[.objects[] | [.l3_network, .default, (.address == "192.168.11.99")]]')" \
		'[["web",true,false],["app",false,true]]' "where it was asked for"
	wrong 'spec.nics[0].address' create vm name=v cluster=Cluster-1 count=2 'nics=[{"l3_network": "app", "address": "192.168.11.98"}]'
	wrong 'spec.nics[0].mac' create vm name=v cluster=Cluster-1 count=2 'nics=[{"l3_network": "app", "mac": "fa:00:00:00:77:02"}]'
	wrong 'spec.nics[0].address' create vm name=v cluster=Cluster-1 'nics=[{"l3_network": "app", "address": "192.168.11.99"}]'
	wrong 'spec.nics[1].default' create vm name=v cluster=Cluster-1 'nics=[{"l3_network": "app", "default": true}, {"l3_network": "web", "default": true}]'
	wrong spec.count create vm name=v cluster=Cluster-1 count=101
	wrong spec.nics update vm one 'nics=[{"l3_network": "web"}]'
	is "$(names vm name=v)$(names vm 'name like v-%')" "" "nothing is left of these"
	check weft_c update vm three host=host1
	made cluster name=other zone=ZONE-1
	made host name=elsewhere cluster=other address=10.12.0.77
	against host_in_cluster update vm three host=elsewhere
	check weft_c delete host host1
	is "$(weft_c get vm three --json | jq -c .object.host)" null "its host is gone"
	check weft_c delete vm three
	is "$(weft_c query nic vm=vm-web --total --limit 1 | tail -n 1)" "1 of 2" "others keep theirs"
	# A network that goes takes the NICs, the VMs stay.
	check weft_c delete l3_network app
	is "$(weft_c query nic vm=vm-app --total --limit 1 | tail -n 1) $(names vm name=vm-app)" "0 of 0 vm-app" "NICs of an L3 network"
	check weft_c delete l2_network L2-flat
	is "$(weft_c query nic l3_network.name=flat)" "" "NICs"
	is "$(names vm name=vm-flat)" vm-flat "VM"
}

case_security_groups() {
	controller_start
	routed_cloud
	wrong spec.l3_networks create security_group name=sg
	made security_group name=sg uuid=sg l3_networks=web
	is "$(weft_c query security_group_rule security_group=sg --json | jq -c '[.objects[] | [.direction, .protocol, .source_group]]')" \
		'[["ingress","all","sg"],["egress","all","sg"]]' "two rules of a new one"
	rule() { weft_c create security_group_rule security_group=sg direction=ingress "$@" --json; }
	wrong spec.start_port create security_group_rule security_group=sg direction=ingress protocol=all start_port=1
	wrong spec.start_port create security_group_rule security_group=sg direction=ingress protocol=tcp
	wrong spec.start_port create security_group_rule security_group=sg direction=ingress protocol=tcp start_port=0 end_port=5
	wrong spec.end_port create security_group_rule security_group=sg direction=ingress protocol=udp start_port=5 end_port=65536
	wrong spec.end_port create security_group_rule security_group=sg direction=ingress protocol=udp start_port=5 end_port=4
	wrong spec.start_port create security_group_rule security_group=sg direction=ingress protocol=icmp start_port=8
	is "$(rule protocol=icmp | jq -c '.object | [.start_port, .end_port]')" "[-1,-1]" "ICMP"
	made security_group name=peer uuid=peer l3_networks=web,app
	is "$(rule protocol=tcp start_port=20 end_port=100 cidr=192.168.1.0/24 source_group=peer | jq -r .object.cidr)" 192.168.1.0/24 "peers"
	# With its rules and members at once.
	made security_group name=whole uuid=whole l3_networks=web nics=nic-web2 'rules=[{"direction": "ingress", "protocol": "tcp",
		"start_port": 20, "end_port": 100, "source_group": "peer"}, {"direction": "egress", "protocol": "icmp", "cidr": "10.0.0.0/8"}]'
	is "$(weft_c query security_group_rule security_group=whole --json | jq -c '[.objects[] | [.direction, .protocol, .start_port, .source_group, .cidr]] | sort')" \
		'[["egress","all",null,"whole",null],["egress","icmp",-1,null,"10.0.0.0/8"],["ingress","all",null,"whole",null],["ingress","tcp",20,"peer",null]]' "rules of its own beside the usual two"
	is "$(weft_c get security_group whole --json | jq -c '.object | [.nics, .rules]')" '[["nic-web2"],null]' "members"
	wrong 'spec.rules[0].start_port' create security_group name=x l3_networks=web 'rules=[{"direction": "ingress", "protocol": "tcp"}]'
	wrong 'spec.rules[0].source_group' create security_group name=x l3_networks=web 'rules=[{"direction": "ingress", "protocol": "all", "source_group": "none"}]'
	check weft_c delete security_group whole
	check weft_c 'do' bind_nic security_group sg nic=nic-web
	against nics_on_networks 'do' bind_nic security_group sg nic=nic-app
	check weft_c 'do' attach_network security_group sg network=app
	check weft_c 'do' bind_nic security_group sg nic=nic-app
	check weft_c 'do' unbind_nic security_group sg nic=nic-web
	wrong parameters.nic 'do' unbind_nic security_group sg nic=nic-web
	check weft_c 'do' detach_network security_group sg network=app
	is "$(weft_c get security_group sg --json | jq -c '.object | [.nics, .l3_networks]')" '[null,["web"]]' "its NICs there are out"
	check weft_c delete security_group peer
	is "$(weft_c query security_group_rule security_group=sg --total --limit 1 | tail -n 1)" "1 of 3" "rules of that peer are gone"
	check weft_c 'do' bind_nic security_group sg nic=nic-web
	check weft_c delete vm vm-web
	is "$(weft_c get security_group sg --json | jq -c .object.nics)" null "members that are gone"
	check weft_c delete security_group sg
	is "$(weft_c query security_group_rule)" "" "its rules go"
	is "$(names vm name=vm-web2)" vm-web2 "its NICs stay"
}

run_cases "$@"
