#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 300
# What is said of services while the agent that serves them is not there.
. "$(dirname "$0")/../lib/link.sh"

cloud() {
	link_wires
	link_controller
	link_model
	link_agents
	link_router_nics
	vm a 1 web
	vm b 2 web
}

# One of each kind on the VPC router.
services() {
	made eip name=e uuid=e network=public nic=a
	made vip name=v uuid=v network=public
	made vip_qos uuid=q vip=v port=24 up_mbps=10
	made port_forward name=p uuid=p vip=v protocol=tcp vip_ports=24 target_ports=22 nic=b
	made load_balancer name=lb uuid=lb vip=v
	made listener name=l uuid=l load_balancer=lb port=80 target_port=80 nics=b
	made route_table name=t uuid=t vpc_routers=vpc
	made route_entry uuid=r route_table=t destination=172.18.0.0/24 next_hop=10.0.0.9
}
SERVICES="eip:e port_forward:p load_balancer:lb listener:l vip:v vip_qos:q route_entry:r"

# states: each with its health and why.
states() {
	local each
	for each in $SERVICES; do
		weft_c get "${each%:*}" "${each#*:}" --json |
			jq -r --arg is "$each" '.object | $is + " " + (.health // "-") + " " + (.health_reason // "-")'
	done
}
all_are() { [ "$(states | cut -d ' ' -f 2- | sort -u)" = "$1" ]; }
as_before() { diff "$CASE_DIR/before" <(states) >&2; }
serve_all() { is_healthy eip e && is_healthy port_forward p && is_healthy listener l && is_healthy load_balancer lb; }

case_services_are_unavailable_without_their_router() {
	needs_program haproxy
	cloud
	services
	until_ok serve_all
	until_ok is_healthy nic a
	states >"$CASE_DIR/before"
	deny grep -e " - " "$CASE_DIR/before"
	router_kill vr -9
	until_ok is_disconnected vpc_router vpc
	until_ok all_are "unavailable its router is disconnected"
	is "$(weft_c query port_forward health=unavailable --fields name | tail -n 1 | xargs)" p "it can be asked for"
	is "$(field nic a health)" ready "the hosts are there"
	# What is made and taken away meanwhile.
	made port_forward name=p2 uuid=p2 vip=v protocol=tcp vip_ports=25 nic=b
	until_ok is_healthy port_forward p2 unavailable
	check weft_c 'do' unbind port_forward p2
	until_ok has_none port_forward p2
	# A controller that begins anew knows of nobody.
	controller_kill -9
	link_controller
	until_ok is_healthy nic a
	is "$(states | cut -d ' ' -f 2 | sort -u)" unavailable "still nobody says anything else"
	link_router
	until_ok as_before
	# A host's guests are the same.
	host_kill h1 -9
	until_ok is_healthy nic a unavailable
	is "$(field nic a health_reason)" "its host is disconnected" "why"
	is "$(field nic b health) $(field eip e health)" "ready ready" "the others"
	link_host 1
	until_ok is_healthy nic a
}

case_nobody_speaks_of_what_a_deleted_router_served() {
	cloud
	made port_forward name=p uuid=p network=public protocol=tcp vip_ports=24 target_ports=22 nic=b
	until_ok is_healthy port_forward p
	check weft_c delete vpc_router vpc
	until_ok has_none port_forward p
	# Away when it is deleted.
	host_kill h2 -9
	until_ok is_healthy nic b unavailable
	check weft_c update vm vm-b host=h1
	check weft_c delete host h2
	until_ok is_healthy nic b inactive # Its link is not there.
}
has_none() { [ "$(weft_c get "$1" "$2" --json | jq .object.health)" = null ]; }

ports_of() { weft_call hostnet "$1" Get | jq -c '[.state.ports[]?.uuid]'; }

# Guests on an L2 network that does not reach their host are told to nobody, and stop nothing.
case_an_l2_network_leaves_a_cluster_with_guests() {
	cloud
	until_ok is_healthy nic a
	is "$(ports_of h1)" '["a"]' "as it is"
	check weft_c 'do' detach_cluster l2_network L2-web cluster=Cluster-1 --wait --timeout 60
	is "$(ports_of h1)" '[]' "without the network"
	until_ok has_none nic a
	check weft_c 'do' attach_cluster l2_network L2-web cluster=Cluster-1 --wait --timeout 60
	is "$(ports_of h1)" '["a"]' "it is back"
	until_ok is_healthy nic a
	until_ok ping_ok a "$(address b)"
}

# As what no rule lets come to be; nobody else waits for it.
case_a_document_that_cannot_be_made() {
	cloud
	made l2_network name=L2-flat uuid=l2-flat zone=ZONE-1 type=vlan device=em02 vlan=7 clusters=Cluster-1
	made l3_network name=flat uuid=flat l2_network=l2-flat category=private architecture=flat cidr=172.20.0.0/24
	check weft_c 'do' detach_cluster l2_network L2-web cluster=Cluster-1 --wait --timeout 60
	sql "DELETE FROM ip_range WHERE l3_network = 'web'"
	check weft_c update vpc_router vpc dns=10.0.0.9
	until_ok controller_said "its document cannot be made: the network has no range of addresses yet"
	made vm name=c uuid=vm-c cluster=Cluster-1 host=h1
	check weft_c create nic uuid=c vm=vm-c l3_network=flat --wait --timeout 60
	is "$(grep -c "cannot be made" "$CONTROLLER/log")" 1 "it is said once"
}

run_cases "$@"
