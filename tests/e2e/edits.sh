#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Names and descriptions of what there is, and that each change of it is written down.
# timeout: 240
. "$(dirname "$0")/../lib/controller.sh"

# written UUID: what was done to it, and with which result.
written() {
	weft_c query audit "resource_uuid=$1" --limit 1000 --json |
		jq -r '[.objects[] | "\(.resource_type) \(.method) \(.result)"] | sort | join(", ")'
}

# edited TYPE UUID: it takes another name and a description, and both stand in what is written down.
edited() {
	check weft_c update "$1" "$2" name="other $2" description="what $2 is for"
	is "$(weft_c get "$1" "$2" --json | jq -c '.object | [.name, .description]')" "[\"other $2\",\"what $2 is for\"]" "changed"
	is "$(written "$2")" "$1 Create ok, $1 Update ok" "written down of $1"
	is "$(weft_c query audit "resource_uuid=$2" method=Update --json | jq -c '.objects[0].parameters | fromjson | .spec')" \
		"{\"name\":\"other $2\",\"description\":\"what $2 is for\"}" "what it was given"
}

case_what_is_edited_is_written_down() {
	controller_start
	routed_cloud
	made vxlan_pool name=pool uuid=pool zone=ZONE-1 start_vni=100 end_vni=200
	made vip name=v uuid=v network=public
	made vip name=w uuid=w network=public
	made eip name=e uuid=e vip=w
	made port_forward name=p uuid=p vip=v protocol=tcp vip_ports=22
	made load_balancer name=lb uuid=lb vip=v
	made listener name=l uuid=l load_balancer=lb port=80 target_port=80
	made ipsec_connection name=i uuid=i vip=v psk=k remote_address=10.108.14.126 local_networks=web remote_cidrs=192.168.100.0/24
	made security_group name=sg uuid=sg l3_networks=web
	certificate c
	edited vxlan_pool pool
	edited l2_network l2-web
	edited vip v
	edited eip e
	edited port_forward p
	edited load_balancer lb
	edited listener l
	edited ipsec_connection i
	edited security_group sg
	edited certificate c
	# All else that is done to a pool, an L2 network and a group.
	check weft_c 'do' attach_cluster vxlan_pool pool cluster=Cluster-1 vtep_cidr=10.0.0.1/8
	check weft_c delete vxlan_pool pool
	is "$(written pool)" "vxlan_pool Action ok, vxlan_pool Create ok, vxlan_pool Delete ok, vxlan_pool Update ok" "of a pool"
	check weft_c 'do' detach_cluster l2_network l2-web cluster=Cluster-1
	is "$(written l2-web)" "l2_network Action ok, l2_network Create ok, l2_network Update ok" "of an L2 network"
	made security_group_rule uuid=rule security_group=sg direction=ingress protocol=tcp start_port=20 end_port=100
	is "$(weft_c query security_group_rule security_group=sg --total --limit 1 | tail -n 1)" "1 of 3" "a rule more"
	check weft_c delete security_group_rule rule
	is "$(weft_c query security_group_rule security_group=sg --total --limit 1 | tail -n 1)" "1 of 2" "a rule less"
	is "$(written rule)" "security_group_rule Create ok, security_group_rule Delete ok" "of a rule"
	check weft_c 'do' bind_nic security_group sg nic=nic-web
	is "$(written sg)" "security_group Action ok, security_group Create ok, security_group Update ok" "of a group"
}

case_all_that_is_done_to_a_router() {
	controller_start
	routed_cloud
	check weft_c update vpc_router vpc name=other description="of a shop" dns=8.8.8.8 cpus=4
	check weft_c delete vm vm-app
	check weft_c 'do' detach_network vpc_router vpc network=app
	check weft_c 'do' attach_network vpc_router vpc network=app
	against detach_network 'do' detach_network vpc_router vpc network=web
	check weft_c delete vpc_router vpc
	is "$(written vpc)" "vpc_router Action Refused, vpc_router Action ok, vpc_router Action ok, vpc_router Create ok, vpc_router Delete ok, vpc_router Update ok" "all of it"
	is "$(weft_c query audit resource_uuid=vpc result=Refused --json | jq -c '[.objects[] | [.method, .account_name, (.elapsed_ms >= 0), (.finished_ms >= .started_ms)]]')" \
		'[["Action","admin",true,true]]' "by the result"
	is "$(weft_c query audit resource_uuid=vpc method=Delete --json | jq -r '.objects[].result')" ok "by the method"
	is "$(weft_c query audit resource_uuid=vpc 'started_ms<1000' --total --limit 1 | tail -n 1)" "0 of 0" "by the time"
}

run_cases "$@"
