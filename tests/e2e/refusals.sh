#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 400
# What the model refuses, one after the other in one cloud: each by its rule or path, with whose rule
# it is, and a sentence that names what is in the way; and at the end nothing is another.
. "$(dirname "$0")/../lib/controller.sh"

# no WHERE TEXT ARGS...: refused by the rule, or at the path, WHERE, with TEXT in the sentence.
no() {
	local where=$1 text=$2 said
	shift 2
	said=$(weft_c "$@" --json 2>/dev/null) && fail "done: $* ($said)"
	echo "x $* -> $(jq -r '.parameters | [.object, .reason] | map(select(.)) | join(": ")' <<<"$said")"
	is "$(jq -r '.parameters.rule // .parameters.path' <<<"$said")" "$where" "what refuses"
	grep -qF -- "$text" <<<"$(jq -r .parameters.reason <<<"$said")" || fail "no '$text' in: $said"
	[ "$(jq '.parameters | has("rule") and (.object | length > 0) or has("path")' <<<"$said")" = true ] || fail "whose rule? $said"
}

# held: all that is kept, but for what was called.
held() {
	local type
	for type in $(weft_c describe --words types); do
		[ "$type" = audit ] || weft_c query "$type" --sort uuid --json
	done
}

# scene: routed_cloud, with what the refusals below need.
scene() {
	controller_start
	routed_cloud
	made vxlan_pool name=pool uuid=pool zone=ZONE-1 start_vni=20 end_vni=30
	made l2_network name=L2-vx uuid=l2-vx type=vxlan vxlan_pool=pool vni=25
	made l2_network name=L2-free uuid=l2-free zone=ZONE-1 type=vlan device=em02 vlan=9
	made l2_network name=L2-em09 uuid=l2-em09 zone=ZONE-1 type=novlan device=em09
	made l2_network name=L2-again uuid=l2-again zone=ZONE-1 type=novlan device=em01
	made l3_network name=twin uuid=twin l2_network=l2-free category=public start=10.200.0.1 end=10.200.0.9 netmask=255.0.0.0 gateway=10.0.0.1
	made vpc_router name=vpc2 uuid=vpc2 offering=offering
	made l3_network name=elsewhere uuid=elsewhere l2_network=l2-vx category=private architecture=vpc vpc_router=vpc2 cidr=192.168.12.0/24
	made l3_network name=loose uuid=loose l2_network=l2-vx category=private architecture=vpc cidr=192.168.10.0/25
	made vm name=vm-else uuid=vm-else cluster=Cluster-1
	made nic uuid=nic-else vm=vm-else l3_network=elsewhere
	OWN=$(names router)
	made route_table name=t uuid=t vpc_routers=vpc
	made vip name=of-eip uuid=of-eip network=public
	made eip name=e uuid=e vip=of-eip nic=nic-web
	made vip name=busy uuid=busy network=public
	made vip name=other uuid=other network=public
	made port_forward name=p uuid=p vip=busy protocol=tcp vip_ports=20-30 nic=nic-web
	made load_balancer name=lb uuid=lb vip=busy
	made load_balancer name=lb2 uuid=lb2 vip=busy
	made listener name=l80 uuid=l80 load_balancer=lb port=80 target_port=80 nics=nic-web
	certificate c1
	certificate c2
	openssl pkey -in "$CASE_DIR/c1.key" -aes128 -passout pass:secret -out "$CASE_DIR/locked.key"
	made listener name=l443 uuid=l443 load_balancer=lb port=443 target_port=80 protocol=https certificate=c1
	made port_forward name=once uuid=once network=public protocol=tcp vip_ports=99 nic=nic-own
	check weft_c 'do' unbind port_forward once
	made load_balancer name=lb-own uuid=lb-own network=public
	made listener name=lown uuid=lown load_balancer=lb-own port=80 target_port=80 nics=nic-own
	made load_balancer name=lb-flat uuid=lb-flat network=public
	made listener name=lflat uuid=lflat load_balancer=lb-flat port=80 target_port=80
	made security_group name=sg uuid=sg l3_networks=web
	tenant a
}

networks_refuse() {
	local l2=(create l2_network name=n) l3=(create l3_network name=n)
	# VNIs and VTEPs.
	no spec.start_vni "0 is outside 1-16777214" create vxlan_pool name=n zone=ZONE-1 start_vni=0 end_vni=10
	no spec.end_vni "16777215 is outside 1-16777214" create vxlan_pool name=n zone=ZONE-1 start_vni=1 end_vni=16777215
	no spec.end_vni "9" create vxlan_pool name=n zone=ZONE-1 start_vni=10 end_vni=9
	no spec.vni "31" "${l2[@]}" type=vxlan vxlan_pool=pool vni=31
	no unique "25" "${l2[@]}" type=vxlan vxlan_pool=pool vni=25
	no attach_cluster "host host1 has no address in 172.20.0.0/16" 'do' attach_cluster vxlan_pool pool cluster=Cluster-1 vtep_cidr=172.20.0.0/16
	# VLANs and devices.
	no spec.vlan "0 is outside 1-4094" "${l2[@]}" zone=ZONE-1 type=vlan device=em01 vlan=0
	no spec.vlan "4095 is outside 1-4094" "${l2[@]}" zone=ZONE-1 type=vlan device=em01 vlan=4095
	no alone_in_cluster "L2-public" 'do' attach_cluster l2_network L2-again cluster=Cluster-1
	no alone_in_cluster "L2-web" "${l2[@]}" zone=ZONE-1 type=vlan device=em01 vlan=101 clusters=Cluster-1
	no device_on_hosts "host host1" 'do' attach_cluster l2_network L2-em09 cluster=Cluster-1
	no device_on_hosts "em01" create host name=h3 cluster=Cluster-1 address=10.12.0.3 'devices=[{"name": "em02"}]'
	# Networks that cannot be beside each other.
	no system_alone "public" "${l3[@]}" l2_network=L2-public category=system cidr=192.168.1.0/24
	no system_alone "mgt, a system network" "${l3[@]}" l2_network=L2-mgt category=public cidr=192.168.1.0/24
	no spec.mtu "67 is outside 68-9216" "${l3[@]}" l2_network=L2-vx category=public mtu=67
	no spec.mtu "9217 is outside 68-9216" update l3_network web mtu=9217
	no spec.mtu "cannot be taken away" update l3_network web mtu=
	no apart_on_router "web" "${l3[@]}" l2_network=l2-vx category=private architecture=vpc vpc_router=vpc cidr=192.168.10.128/25
	no apart_on_router "web" "${l3[@]}" l2_network=l2-vx category=private architecture=vpc vpc_router=vpc \
		start=192.168.10.2 end=192.168.10.9 netmask=255.255.255.0 gateway=192.168.10.1
	no apart_on_router "mgt" "${l3[@]}" l2_network=l2-vx category=private architecture=vpc vpc_router=vpc cidr=192.168.29.0/25
	no apart_on_router "web" 'do' attach_network vpc_router vpc network=loose
	# Guests.
	no 'spec.networks[0].l3_network' "system" create vm name=n cluster=Cluster-1 networks=mgt
	no spec.l3_network "system" create nic vm=vm-web l3_network=mgt
	no spec.image "unknown field" create vm name=n cluster=Cluster-1 image=image
}

routers_refuse() {
	local offering=(create router_offering name=n zone=ZONE-1 cpus=1 memory_mib=512 image=image)
	no subnets_differ "l3_network public and l3_network twin are in the same subnet" "${offering[@]}" management_network=twin public_network=public
	no attach_network "neither a public network" 'do' attach_network router "$OWN" network=web
	no detach_network "own stays with its router" 'do' detach_network router "$OWN" network=own
	no detach_network "public is the offering's" 'do' detach_network router "$OWN" network=public
	no detach_network "public is the offering's" 'do' detach_network vpc_router vpc network=public
	no detach_network "mgt is the offering's" 'do' detach_network vpc_router vpc network=mgt
	no detach_network "web has 2 NICs of guests" 'do' detach_network vpc_router vpc network=web
	no spec.priority "0 is outside 1-254" create route_entry route_table=t destination=172.18.0.0/24 next_hop=10.0.0.9 priority=0
	no spec.priority "255 is outside 1-254" create route_entry route_table=t destination=172.18.0.0/24 next_hop=10.0.0.9 priority=255
	no not_system "router" delete vip vip-for-vpc
}

services_refuse() {
	local pf=(create port_forward name=n protocol=tcp) ls=(create listener name=n target_port=80)
	local ipsec=(create ipsec_connection name=n psk=k remote_address=10.108.14.126)
	local certificate=(create certificate name=n "certificate_pem=$(cat "$CASE_DIR/c1.pem")")
	# Elastic IPs have a VIP to themselves, and no system VIP.
	no custom_vip "system" create eip name=n vip=vip-for-vpc
	no vip_alone "another EIP stands on vip of-eip" create eip name=n vip=of-eip
	no vip_alone "a port forward stands on vip busy" create eip name=n vip=busy
	no vip_shared "an EIP stands on vip of-eip" "${pf[@]}" vip=of-eip vip_ports=22
	no vip_shared "an EIP stands on vip of-eip" create load_balancer name=n vip=of-eip
	no vip_shared "an EIP stands on vip of-eip" "${ipsec[@]}" vip=of-eip local_networks=web remote_cidrs=192.168.100.0/24
	# One router for all on a VIP; none of a flat network.
	no on_router "vpc_router vpc" "${pf[@]}" vip=busy vip_ports=99 nic=nic-else
	no on_router "vpc_router vpc" "${ls[@]}" load_balancer=lb2 port=99 nics=nic-else
	no on_router "vpc_router vpc" "${ipsec[@]}" vip=busy local_networks=elsewhere remote_cidrs=192.168.100.0/24
	no on_router "no router serves l3_network flat" "${pf[@]}" vip=other vip_ports=99 nic=nic-flat
	no on_router "no router serves l3_network flat" 'do' bind_nic listener lflat nic=nic-flat
	no on_router "no router serves l3_network flat" "${ipsec[@]}" vip=other local_networks=flat remote_cidrs=192.168.100.0/24
	# Ports.
	no ports_free "port_forward p has port 20-30" "${pf[@]}" vip=busy vip_ports=30-40
	no ports_free "listener l80 has port 80" "${pf[@]}" vip=busy vip_ports=80
	no port_free "port_forward p has port 20-30" "${ls[@]}" load_balancer=lb port=25
	no port_free "listener l80 has port 80" "${ls[@]}" load_balancer=lb port=80
	no spec.vip_ports "0" "${pf[@]}" vip=other vip_ports=0
	no spec.vip_ports "65536" "${pf[@]}" vip=other vip_ports=65536
	no spec.port "65536 is outside 1-65535" "${ls[@]}" load_balancer=lb port=65536
	no spec.target_ports "" "${pf[@]}" vip=other vip_ports=20-30 target_ports=120-130
	# Guests and their services.
	no one_vip_per_guest "port_forward p has the guest" "${pf[@]}" vip=other vip_ports=99 nic=nic-web
	no bind "l3_network own" 'do' bind port_forward once nic=nic-web
	no one_network "another network" 'do' bind_nic listener lown nic=nic-web
	no bind_certificate "unbind that first" 'do' bind_certificate listener l443 certificate=c2
	no certificate_fits "a tcp listener shows no certificate" 'do' bind_certificate listener l80 certificate=c2
	no sides_differ "192.168.10.0/25 overlaps the local subnet" "${ipsec[@]}" vip=busy local_networks=web remote_cidrs=192.168.10.0/25
	# Certificates are looked at as routers do.
	no spec.certificate_pem "holds no certificate that can be read" create certificate name=n certificate_pem=PEM private_key_pem=@"$CASE_DIR/c1.key"
	no spec.certificate_pem "holds no certificate that can be read" create certificate name=n "certificate_pem=$(sed '4s/./*/g' "$CASE_DIR/c1.pem")" private_key_pem=@"$CASE_DIR/c1.key"
	no spec.chain_pem "holds no certificate that can be read" "${certificate[@]}" chain_pem=PEM private_key_pem=@"$CASE_DIR/c1.key"
	no spec.chain_pem "holds more than 31 certificates" "${certificate[@]}" "chain_pem=$(for _ in {1..40}; do cat "$CASE_DIR/c2.pem"; done)" private_key_pem=@"$CASE_DIR/c1.key"
	no spec.private_key_pem "is not the key of any of the certificates" "${certificate[@]}" private_key_pem=@"$CASE_DIR/c2.key"
	no spec.private_key_pem "is no private key that can be read" "${certificate[@]}" private_key_pem=@"$CASE_DIR/c1.pem"
	no spec.private_key_pem "is no private key that can be read" "${certificate[@]}" private_key_pem=@"$CASE_DIR/locked.key"
	# Groups.
	no spec.start_port "no ports with all" create security_group_rule security_group=sg direction=ingress protocol=all start_port=1
	no spec.start_port "0 is outside 1-65535" create security_group_rule security_group=sg direction=ingress protocol=tcp start_port=0 end_port=5
	no spec.end_port "65536 is outside" create security_group_rule security_group=sg direction=ingress protocol=udp start_port=5 end_port=65536
	no 'spec.rules[1].end_port' "4 is before 5" create security_group name=n l3_networks=web \
		'rules=[{"direction": "ingress", "protocol": "icmp"}, {"direction": "ingress", "protocol": "tcp", "start_port": 5, "end_port": 4}]'
	# What nobody lent.
	as a refused "there is no router_offering offering" create vpc_router name=n offering=offering
}

case_each_with_its_reason_and_nothing_is_another() {
	scene
	held >"$CASE_DIR/before"
	networks_refuse
	routers_refuse
	services_refuse
	held >"$CASE_DIR/after"
	check diff "$CASE_DIR/before" "$CASE_DIR/after"
}

run_cases "$@"
