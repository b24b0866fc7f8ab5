#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The model as documents: what stands in them, that the agents take them, and that packets go as the
# model says.
. "$(dirname "$0")/../lib/controller.sh"

document() { weft_c document "$@"; }

# said JQ WANTED: of the document on standard input.
said() {
	local got
	got=$(jq -c "$1")
	is "$got" "$2" "$1"
}

nic_address() { field nic "$1" address; }

# services: one of each kind on the VPC router.
services() {
	made eip name=e uuid=e network=public address=10.108.10.77 nic=nic-app
	made vip name=shared uuid=shared network=public address=10.108.10.78
	made vip_qos uuid=q vip=shared port=2300 up_mbps=1 down_mbps=10
	made port_forward name=p uuid=p vip=shared protocol=tcp vip_ports=24 target_ports=22 allowed_cidr=10.0.79.68/32 nic=nic-web
	made port_forward name=unbound vip=shared protocol=tcp vip_ports=99
	made load_balancer name=lb uuid=lb vip=shared
	certificate c
	made listener name=l uuid=l load_balancer=lb port=80 target_port=5000 nics=nic-web,nic-web2
	made listener name=s uuid=s load_balancer=lb port=443 target_port=5000 protocol=https certificate=c
	made ipsec_connection name=i uuid=i vip=shared psk=very-secret remote_address=10.108.14.126 local_networks=web remote_cidrs=192.168.100.0/24
	made route_table name=t uuid=t vpc_routers=vpc
	made route_entry uuid=r1 route_table=t destination=172.18.0.0/24 next_hop=10.0.108.102
	made route_entry uuid=r2 route_table=t destination=192.0.2.0/24 type=blackhole priority=10
	# Of others: these are not the VPC router's.
	made eip name=flat network=public nic=nic-flat
	made eip name=own network=public nic=nic-own
}

case_what_a_routers_document_says() {
	local web app public
	controller_start
	routed_cloud
	services
	web=$(nic_address nic-web) app=$(nic_address nic-app)
	public=$(field vip vip-for-vpc address)
	document vpc_router vpc >"$CASE_DIR/document"
	cd "$CASE_DIR" || fail "no case"
	said .router '{"uuid":"vpc","name":"vpc","distributed_routing":false}' <document
	said '[.interfaces[] | [.role, .network, .addresses, .gateway, .default_route, .snat, .mtu]]' \
		"[[\"public\",\"public\",[\"$public/8\"],\"10.0.0.1\",true,null,1500],[\"management\",\"mgt\",[\"$(weft_c query router_nic role=management vpc_router=vpc --json | jq -r '.objects[0].address')/24\"],\"192.168.29.1\",null,null,1500],[\"private\",\"web\",[\"192.168.10.1/24\"],null,null,true,1500],[\"private\",\"app\",[\"192.168.11.1/24\"],null,null,true,1500]]" <document
	said .dns '{"forwarders":["223.5.5.5"]}' <document
	said '[.vips[] | [.address, .system]] | sort' "$(jq -nc --arg own "$public" '[[$own, true], ["10.108.10.77", false], ["10.108.10.78", false]] | sort')" <document
	said '.vips[] | select(.uuid == "shared") | .qos' '[{"uuid":"q","port":2300,"up_mbps":1,"down_mbps":10}]' <document
	said '[.eips[] | [.uuid, .target]]' "[[\"e\",\"$app\"]]" <document
	said .port_forwards "[{\"uuid\":\"p\",\"vip\":\"shared\",\"protocol\":\"tcp\",\"vip_ports\":\"24\",\"target_ports\":\"22\",\"allowed_cidr\":\"10.0.79.68/32\",\"target\":\"$web\"}]" <document
	said '[.load_balancers[0].listeners[] | [.uuid, .protocol, .port, .certificate, (.members | length)]]' \
		'[["l","tcp",80,null,2],["s","https",443,"c",0]]' <document
	said '[.certificates[] | [.uuid, .private_key_pem]]' '[["c","********"]]' <document
	said '.ipsec[0] | [.local_cidrs, .remote_cidrs, .auth, .ike, .esp, .ike_version]' \
		'[["192.168.10.0/24"],["192.168.100.0/24"],{"mode":"psk","psk":"********"},{"auth":"sha1","encryption":"3des","dh_group":2},{"auth":"sha1","encryption":"3des","pfs":"dh-group2"},1]' <document
	said '[.routes[] | [.uuid, .type, .next_hop, .priority]]' '[["r1","static","10.0.108.102",128],["r2","blackhole",null,10]]' <document
	# The same model is the same document; what changes in it changes there.
	check diff document <(document vpc_router vpc)
	check weft_c 'do' unbind eip e
	check weft_c 'do' detach_router route_table t vpc_router=vpc
	document vpc_router vpc | said '[.eips, .routes]' '[null,null]'
	document router "$(names router)" | said '[(.eips | length), (.port_forwards | length), (.vips | length)]' '[1,0,2]'
	is "$(api Document '{"type": "vip", "uuid": "e"}' | cut -d ' ' -f 1)" InvalidField "of what has no agent"
}

# with_secrets: what the masks stand for, as the agent will get it.
with_secrets() {
	jq --rawfile key "$CASE_DIR/c.key" '(.ipsec[]?.auth.psk) = "very-secret" |
		(.certificates[]?.private_key_pem) = $key'
}

case_a_router_takes_its_document() {
	controller_start
	routed_cloud
	services
	node vr
	router_start vr
	document vpc_router vpc | with_secrets >"$CASE_DIR/vpc.json"
	check weft_router vr apply "$CASE_DIR/vpc.json" --dry-run
	document router "$(names router)" >"$CASE_DIR/own.json"
	check weft_router vr apply "$CASE_DIR/own.json" --dry-run
	# One NIC for both roles.
	made router_offering name=merged zone=ZONE-1 cpus=1 memory_mib=512 image=image management_network=public public_network=public
	made vpc_router name=m offering=merged
	document vpc_router m >"$CASE_DIR/merged.json"
	check weft_router vr apply "$CASE_DIR/merged.json" --dry-run
}

case_a_host_takes_its_document() {
	local web
	controller_start
	routed_cloud
	made vxlan_pool name=pool uuid=pool zone=ZONE-1 start_vni=900 end_vni=900
	check weft_c 'do' attach_cluster vxlan_pool pool cluster=Cluster-1 vtep_cidr=10.0.0.1/8
	made l2_network name=vx uuid=vx type=vxlan vxlan_pool=pool
	made l3_network name=vx3 uuid=vx3 l2_network=vx category=private architecture=flat cidr=192.168.30.0/24 dns=8.8.8.8
	made vm name=here uuid=here cluster=Cluster-1 host=host1 "ssh_keys=ssh-ed25519 AAAA me" user_data=aGVsbG8=
	made vm name=there uuid=there cluster=Cluster-1 host=host2
	made nic uuid=nic-here vm=here l3_network=vx3
	made nic uuid=nic-there vm=there l3_network=vx3
	check weft_c update vm vm-web host=host1
	check weft_c update vm vm-flat host=host1
	made eip name=flat uuid=flat-eip network=public address=10.108.10.99 nic=nic-flat
	made vip_qos uuid=q vip=flat up_mbps=5
	made eip name=routed network=public nic=nic-web
	made security_group name=sg uuid=sg l3_networks=vx3,web nics=nic-here,nic-there,nic-web
	made security_group name=peers uuid=peers l3_networks=app nics=nic-app
	made security_group_rule security_group=sg direction=ingress protocol=tcp start_port=20 end_port=100 cidr=192.168.1.0/24 source_group=peers
	web=$(nic_address nic-web)
	document host host1 >"$CASE_DIR/document"
	cd "$CASE_DIR" || fail "no case"
	said .host '{"uuid":"host-1","name":"host1","vtep":"10.12.0.1"}' <document
	said '[.l2_networks[] | [.uuid, .type, .device, .vlan, .vni]]' \
		'[["l2-public","novlan","em01",null,null],["l2-mgt","vlan","em01",29,null],["l2-web","vlan","em01",101,null],["l2-app","vlan","em01",102,null],["l2-own","vlan","em01",103,null],["l2-flat","vlan","em01",104,null],["vx","vxlan",null,null,900]]' <document
	said '.l2_networks[6] | [.pool, .peers, .remote]' '["pool",null,null]' <document
	said '[.vteps[] | [.pool, .address]] | sort' '[["pool","10.12.0.1"],["pool","10.12.0.2"]]' <document
	said '[.l2_remotes[] | [.uuid, .l2, .mac, .address, .vtep]] | sort' "$(jq -nc --args '[$ARGS.positional | _nwise(5)]' \
		nic-here vx "$(field nic nic-here mac)" "$(nic_address nic-here)" 10.12.0.1 \
		nic-there vx "$(field nic nic-there mac)" "$(nic_address nic-there)" 10.12.0.2)" <document
	said '[.l3_networks[] | [.uuid, .l2, .cidr, .gateway, .dns, .user_data, .dhcp.server]] | sort' \
		"$(jq -nc --arg vx "$(field l3_network vx3 dhcp_address)" --arg web "$(field l3_network web dhcp_address)" --arg flat "$(field l3_network flat dhcp_address)" \
			'[["flat", "l2-flat", "172.20.0.0/16", "172.20.0.1", null, true, $flat], ["public", "l2-public", "10.0.0.0/8", "10.0.0.1", ["223.5.5.5"], true, null],
			["vx3", "vx", "192.168.30.0/24", "192.168.30.1", ["8.8.8.8"], true, $vx], ["web", "l2-web", "192.168.10.0/24", "192.168.10.1", ["192.168.10.1"], true, $web]]')" <document
	said '[.ports[] | [.uuid, .l2, .vm, .default, .anti_spoofing, .security_groups]] | sort' \
		'[["nic-flat","l2-flat","vm-flat",true,true,null],["nic-here","vx","here",true,true,["sg"]],["nic-web","l2-web","vm-web",true,true,["sg"]]]' <document
	said '[.ports[] | select(.uuid == "nic-here") | .device, .addresses[0].address]' \
		"[\"vnic$(field vm here number).0\",\"$(nic_address nic-here)\"]" <document
	said '[.vms[] | select(.uuid == "here") | .user_data_b64, .ssh_keys]' '["aGVsbG8=",["ssh-ed25519 AAAA me"]]' <document
	said '[[.security_group_members[] | select(.group == "sg") | .address] | sort]' \
		"$(jq -nc --args '[$ARGS.positional | sort]' "$(nic_address nic-here)" "$(nic_address nic-there)" "$web")" <document
	said '[.security_groups[] | select(.uuid == "sg") | .rules[] | [.direction, .protocol, .ports, .peer_group, .peer_cidr]]' \
		'[["ingress","all",null,"sg",null],["egress","all",null,"sg",null],["ingress","tcp","20-100","peers","192.168.1.0/24"]]' <document
	said '[.security_groups[].uuid] | sort' '["peers","sg"]' <document
	said '[.eips[] | [.uuid, .address, .l3, .port, .qos]]' '[["flat-eip","10.108.10.99","public","nic-flat",[{"up_mbps":5}]]]' <document
	document host host2 | said '[.ports[].uuid]' '["nic-there"]'
	node h
	host_start h
	check weft_host h apply "$CASE_DIR/document" --dry-run
}

# What the model says is what packets meet: bound, bound elsewhere, deleted.
case_packets_go_as_the_model_says() {
	local mac role
	controller_start
	routed_cloud
	world_internet
	switch web
	switch app
	switch mgt
	node vr
	made eip name=e uuid=e network=public address=10.108.10.77 nic=nic-web
	made port_forward name=p uuid=p network=public address=10.108.10.78 protocol=tcp vip_ports=24 target_ports=22 nic=nic-web2
	for role in public:sw mgt:mgt web:web app:app; do
		mac=$(weft_c query router_nic vpc_router=vpc l3_network="${role%%:*}" --json | jq -r '.objects[0].mac')
		router_nic vr "${role%%:*}" "$mac" "${role#*:}"
	done
	guest web1 web "$(nic_address nic-web)/24" 192.168.10.1
	guest web2 web "$(nic_address nic-web2)/24" 192.168.10.1
	guest app1 app "$(nic_address nic-app)/24" 192.168.11.1
	serve web1 tcp 22
	serve web2 tcp 22
	serve app1 tcp 22
	router_start vr
	follow() { document vpc_router vpc | check router_apply vr -; }
	follow
	until_ok tcp_ok ext 10.108.10.77 22
	is "$(who_name ext 10.108.10.77 22)" web1 "the elastic IP"
	is "$(who_name ext 10.108.10.78 24)" web2 "the port forward"
	check tcp_ok web1 "$(nic_address nic-app)" 22
	check weft_c 'do' bind eip e nic=nic-app
	follow
	until_ok tcp_ok ext 10.108.10.77 22
	is "$(who_name ext 10.108.10.77 22)" app1 "bound elsewhere"
	check weft_c delete port_forward p
	follow
	check tcp_no_timeout ext 10.108.10.78 24
	check weft_c delete vm vm-app
	follow
	check tcp_no_timeout ext 10.108.10.77 22
}

run_cases "$@"
