#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 240
# Agents dial the controller: what is made there is what packets meet, and nothing is applied by hand.
. "$(dirname "$0")/../lib/link.sh"

cloud() { # ARGS...: of controllerd
	link_wires
	link_controller "$@"
	link_model
	link_agents
	link_router_nics
}

# services: an elastic IP of guest a, a port forward to guest b.
services() {
	made eip name=e uuid=e network=public address=10.108.10.77 nic=a
	made port_forward name=p uuid=p network=public address=10.108.10.78 protocol=tcp vip_ports=24 target_ports=22 nic=b
}

case_what_is_made_is_what_packets_meet() {
	cloud
	vm a 1 web
	vm b 2 web
	vm c 2 app
	serve a tcp 22
	serve b tcp 22
	serve c tcp 22
	until_ok tcp_ok a "$(address b)" 22
	until_ok tcp_ok a "$(address c)" 22
	until_ok tcp_ok a 198.51.100.10 80
	is "$(who a 198.51.100.10 80 | cut -d ' ' -f 2)" "$(field vip vip-for-vpc address)" "source NAT"
	services
	until_ok tcp_ok ext 10.108.10.77 22
	is "$(who_name ext 10.108.10.77 22)" a "the elastic IP"
	until_ok tcp_ok ext 10.108.10.78 24
	is "$(who_name ext 10.108.10.78 24)" b "the port forward"
	until_ok is_healthy eip e
	until_ok is_healthy port_forward p
	until_ok is_healthy nic a
	# What is deleted is gone there.
	check weft_c delete port_forward p
	until_ok tcp_no_timeout ext 10.108.10.78 24
	check weft_c 'do' unbind eip e
	until_ok tcp_no_timeout ext 10.108.10.77 22
	is "$(weft_c get eip e --json | jq .object.health)" null "of what nobody serves"
	check tcp_ok a "$(address b)" 22
	is "$(weft_call hostnet h1 Get | jq -c '[.state.ports[].uuid]')" '["a"]' "one sees what is its own"
	check weft_c delete vm vm-a
	is "$(weft_c query agent --json | jq -c '[.objects[].failure] | unique')" '[null]' "all take their documents"
	in_order_at vrouter vr
	in_order_at hostnet h2
	all_was_told
}

# What agents say is a change like any other.
case_who_watches_hears_what_agents_say() {
	cloud
	weft_c watch host eip --json --from-now >"$CASE_DIR/watched" &
	until_ok grep -q ready "$CASE_DIR/watched"
	vm a 1 web
	made eip name=e uuid=e network=public address=10.108.10.77 nic=a
	until_ok watched '.type == "eip" and .event == "created"'
	until_ok watched '.type == "eip" and .event == "changed" and .object.health == "ready"'
	host_kill h2 -9
	until_ok watched '.type == "host" and .uuid == "h2" and .object.connection == "disconnected"'
	link_host 2
	until_ok watched '.type == "host" and .uuid == "h2" and .object.connection == "connected"'
}
watched() { jq -es "map(select($1)) | length > 0" "$CASE_DIR/watched"; }

# job OUTPUT: "STATE AGENT STATE, ..." of the job that an answer names.
job() { api Job "$(jq -c '{uuid: .job}' "$1")" | cut -d ' ' -f 2- | job_text; }
job_text() { jq -r '.job | .state + ": " + ([.agents[] | .type + " " + (.uuid // "?") + " " + .state] | sort | join(", "))'; }
job_is() { [ "$(job "$1")" = "$2" ]; }

case_jobs_end_when_agents_have_done_it() {
	local status stream
	cloud
	vm a 1 web
	vm b 2 web
	serve a tcp 22
	until_ok ping_ok a "$(address b)"
	# What packets meet when the command is over.
	weft_c create eip name=e uuid=e network=public address=10.108.10.77 nic=a --wait --timeout 60 --json >"$CASE_DIR/made"
	check tcp_ok ext 10.108.10.77 22
	is "$(field eip e health)" ready "as the agent says"
	is "$(job "$CASE_DIR/made")" "done: vpc_router vpc done" "the router alone"
	check weft_c delete eip e --wait --timeout 60
	check tcp_no_timeout ext 10.108.10.77 22
	# What no agent has to do with is done at once.
	is "$(weft_c create zone name=other --json --wait | jq -r .job)" null "no agent's"
	# Who is away is waited for, and told of.
	host_kill h2 -9
	until_ok is_disconnected host h2
	status=0
	weft_c update vm vm-b user_data=eA== --wait --timeout 2 --json >"$CASE_DIR/changed" 2>"$CASE_DIR/said" || status=$?
	is "$status" 1 "the time is over"
	cat "$CASE_DIR/said"
	check grep -qF "waiting for host h2, which is not connected" "$CASE_DIR/said"
	check grep -qF "the time is over" "$CASE_DIR/said"
	is "$(job "$CASE_DIR/changed")" "running: host h2 waiting" "while he is away"
	# Of what does not concern him nobody waits for him.
	check weft_c update vm vm-a user_data=eA== --wait --timeout 60
	weft_c call Job "$(jq -c '{uuid: .job}' "$CASE_DIR/changed")" --more >"$CASE_DIR/stream" &
	stream=$!
	link_host 2
	check wait $stream
	is "$(tail -n 1 "$CASE_DIR/stream" | job_text)" "done: host h2 done" "he is back"
	is "$(job "$CASE_DIR/changed")" "done: host h2 done" "it is kept"
	is "$(api Job '{"uuid": "none"}')" 'NotFound {"type": "job", "uuid": "none"}' "none of that name"
	status=0
	weft_c update vm vm-a user_data=eQ== --wait --timeout soon || status=$?
	is "$status" 2 "no number"
	is "$(field vm vm-a user_data)" eA== "nothing was done"
	all_was_told
}

# rest_job ANSWER [CURL'S OPTIONS]: as t.
rest_job() {
	local uuid
	uuid=$(jq -r .job "$1")
	shift
	on ctl curl -sS -m 60 --cacert "$CONTROLLER/state/https.pem" -H "Authorization: Bearer $(token t)" "$@" \
		"https://127.0.0.1:8443/api/v1/job/$uuid"
}

# A document that no agent can take; and what another account may know of it.
case_jobs_tell_what_failed() {
	local status=0
	cloud --https 127.0.0.1:8443
	tenant t
	vm a 1 web
	check weft_c 'do' change_owner vm vm-a account=t
	as t weft_c update vm vm-a user_data=eA== --wait --timeout 60 --json >"$CASE_DIR/own"
	is "$(as t weft_c call Job "$(jq -c --arg token "$(token t)" '{uuid: .job, token: $token}' "$CASE_DIR/own")" | job_text)" \
		"done: host ? done" "a host is nobody's business"
	is "$(job "$CASE_DIR/own")" "done: host h1 done" "as admin sees it"
	is "$(rest_job "$CASE_DIR/own" | job_text)" "done: host ? done" "over HTTPS"
	is "$(rest_job "$CASE_DIR/own" -H 'Accept: text/event-stream' | sed -n 's/^data: //p' | job_text)" "done: host ? done" "as an event"
	sql "update l2_network set device = 'em02' where name = 'L2-app'"
	weft_c update host h1 name=other --wait --timeout 60 --json >"$CASE_DIR/failed" 2>"$CASE_DIR/said" || status=$?
	cat "$CASE_DIR/said"
	is "$status" 1 "it failed"
	check grep -qE "^weft: host h1: .*is this device without VLAN already" "$CASE_DIR/said"
	# The sweep may have come to the other host before the write did.
	check grep -q "^failed: host h1 failed" <<<"$(job "$CASE_DIR/failed")"
	is "$(api Job "$(jq -c --arg token "$(token t)" '{uuid: .job, token: $token}' "$CASE_DIR/failed")" | cut -d ' ' -f 1)" NotFound \
		"another's job"
	# When the model is as it was, it comes right, and the job stays what it was.
	sql "update l2_network set device = 'em04' where name = 'L2-app'"
	check weft_c update host h1 name=another --wait --timeout 60
	check grep -q "^failed: host h1 failed" <<<"$(job "$CASE_DIR/failed")"
}

# Nothing was found that no change had told of.
all_was_told() { deny controller_said "no change told"; }

# Hosts route between the networks of a router that leaves it to them, and go on without it.
case_hosts_route_by_themselves() {
	cloud
	vm a 1 web
	vm c 2 app
	serve c tcp 22
	until_ok tcp_ok a "$(address c)" 22
	check weft_c update vpc_router vpc distributed_routing=true
	until_ok host_routes h1
	until_ok host_routes h2
	is "$(weft_call hostnet h1 Get | jq -c '[.state.routers[0].interfaces[].l3] | sort')" '["app","web"]' "its networks"
	until_ok tcp_ok a "$(address c)" 22
	router_kill vr -9
	ip -n vr link set web down
	ip -n vr link set app down
	check tcp_ok a "$(address c)" 22
	check weft_c update vpc_router vpc distributed_routing=false
	until_no host_routes h1
	until_ok tcp_no a "$(address c)" 22
	all_was_told
}

host_routes() { weft_call hostnet "$1" Get | jq -e '.state.routers | length > 0'; }

# told GUEST: the name servers and the MTU of its lease.
told() {
	on "$1" udhcpc -i eth0 -f -q -n -t 5 -T 2 -O mtu -s "$CASE_DIR/bound" 2>/dev/null | tail -n 1
}
is_told() { [ "$(told "$1")" = "$2" ]; }
has_mtu() { [ "$(ip -n "$1" -j link show "$2" | jq '.[0].mtu')" = "$3" ]; }

case_leases_and_links_follow_a_network() {
	needs_program udhcpc dnsmasq
	cloud
	cat >"$CASE_DIR/bound" <<-'END'
		#!/bin/sh
		[ "$1" != bound ] || echo "$dns $mtu"
	END
	chmod +x "$CASE_DIR/bound"
	made l3_network name=flat uuid=flat l2_network=L2-app category=private architecture=flat cidr=172.20.0.0/24 dns=8.8.8.8
	vm a 1 web
	vm f 2 flat
	until_ok is_told f "8.8.8.8 1500"
	check weft_c 'do' add_dns l3_network flat server=223.5.5.5
	until_ok is_told f "8.8.8.8 223.5.5.5 1500"
	check weft_c 'do' remove_dns l3_network flat server=8.8.8.8
	until_ok is_told f "223.5.5.5 1500"
	until_ok is_told a "192.168.10.1 1500"
	check weft_c update l3_network web mtu=1400
	until_ok is_told a "192.168.10.1 1400"
	until_ok has_mtu vr web 1400
	check has_mtu vr app 1500
	wrong spec.mtu update l3_network web mtu=67
	wrong spec.mtu update l3_network web mtu=9217
	check has_mtu vr web 1400
}

has_vxlan() { [ -n "$(ip -n "$1" -j link show type vxlan | jq -r '.[].ifname // empty')" ]; }

case_a_pool_comes_to_a_cluster_and_goes() {
	local n
	needs vxlan
	cloud
	for n in 1 2; do
		check weft_c update host h$n "devices=$(weft_c get host h$n --json |
			jq -c --arg address "172.31.0.1$n/24" '.object.devices + [{name: "oob", addresses: [$address]}]')"
	done
	made vxlan_pool name=pool uuid=pool zone=ZONE-1 start_vni=900 end_vni=910
	made l2_network name=vx uuid=vx type=vxlan vxlan_pool=pool
	made l3_network name=flat uuid=flat l2_network=vx category=private architecture=flat cidr=172.20.0.0/24
	deny has_vxlan h1
	check weft_c 'do' attach_cluster vxlan_pool pool cluster=Cluster-1 vtep_cidr=172.31.0.1/24
	vm a 1 flat
	vm b 2 flat
	until_ok ping_ok a "$(address b)"
	check weft_c delete vm vm-a
	check weft_c delete vm vm-b
	check has_vxlan h1
	check weft_c 'do' detach_cluster vxlan_pool pool cluster=Cluster-1
	until_no has_vxlan h1
	until_no has_vxlan h2
}

# journal NODE: bytes that the host's agent has written of its document and its changes.
journal() { cat "$CASE_DIR/$1"/hostnet/state/journal.* | wc -c; }
knows() { # NODE SECTION COUNT
	[ "$(weft_call hostnet "$1" Get | jq ".state.$2 | length")" = "$3" ]
}
# costs BYTES NODE: so much at most was it told since BEFORE.
costs() {
	local after
	after=$(journal "$2")
	echo "$((after - BEFORE)) bytes"
	check test $((after - BEFORE)) -le "$1"
}

# A guest more among 300 of its network and group is no list of 300.
case_a_guest_is_told_in_its_own_length() {
	local n
	needs vxlan
	cloud
	made host name=h3 uuid=h3 cluster=Cluster-1 address=172.31.0.13 \
		'devices=[{"name": "em01"}, {"name": "em02"}, {"name": "em03"}, {"name": "em04"}]'
	for n in 1 2 3; do
		check weft_c update host h$n "devices=$(weft_c get host h$n --json |
			jq -c --arg address "172.31.0.1$n/24" '.object.devices + [{name: "oob", addresses: [$address]}]')"
	done
	made vxlan_pool name=pool uuid=pool zone=ZONE-1 start_vni=900 end_vni=910
	check weft_c 'do' attach_cluster vxlan_pool pool cluster=Cluster-1 vtep_cidr=172.31.0.1/24
	made l2_network name=vx uuid=vx type=vxlan vxlan_pool=pool
	made l3_network name=flat uuid=flat l2_network=vx category=private architecture=flat cidr=172.20.0.0/16
	made vm name=here uuid=here cluster=Cluster-1 host=h2
	made nic uuid=here vm=here l3_network=flat
	for n in 1 2 3; do
		check weft_c create vm name=many$n cluster=Cluster-1 host=h3 count=100 'nics=[{"l3_network": "flat"}]' >/dev/null
	done
	made security_group name=sg uuid=sg l3_networks=flat \
		"nics=$(weft_c query nic l3_network=flat --json | jq -r '[.objects[].uuid] | join(",")')"
	until_ok knows h2 l2_remotes 301
	until_ok knows h2 security_group_members 301
	is "$(weft_call hostnet h2 Get | jq -c '[.state.vteps[].address] | sort')" '["172.31.0.11","172.31.0.12","172.31.0.13"]' "all VTEPs"
	check knows h1 l2_remotes 0 # nobody there is on that network
	BEFORE=$(journal h2)
	made vm name=new uuid=new cluster=Cluster-1 host=h3
	made nic uuid=new vm=new l3_network=flat
	until_ok knows h2 l2_remotes 302
	costs 400 h2
	BEFORE=$(journal h2)
	check weft_c 'do' bind_nic security_group sg nic=new
	until_ok knows h2 security_group_members 302
	costs 300 h2
	BEFORE=$(journal h2)
	made security_group_rule security_group=sg uuid=r direction=ingress protocol=tcp start_port=22 end_port=22
	until_ok has_rule h2 r
	costs 900 h2
	BEFORE=$(journal h2)
	check weft_c delete vm new
	until_ok knows h2 l2_remotes 301
	until_ok knows h2 security_group_members 301
	costs 500 h2
	# A network goes, and its guests with it.
	made l3_network name=flat2 uuid=flat2 l2_network=vx category=private architecture=flat cidr=172.21.0.0/16
	check weft_c create vm name=other cluster=Cluster-1 host=h3 'nics=[{"l3_network": "flat2"}]' >/dev/null
	until_ok knows h2 l2_remotes 302
	check weft_c delete l3_network flat2
	until_ok knows h2 l2_remotes 301
	in_order_at hostnet h2
	is "$(weft_c query agent --json | jq -c '[.objects[].failure] | unique')" '[null]' "all take their documents"
	all_was_told
}
has_rule() { weft_call hostnet "$1" Get | jq -e ".state.security_groups[].rules[] | select(.uuid == \"$2\")" >/dev/null; }

case_one_public_network_for_both_roles() {
	link_wires
	link_controller
	link_model
	made router_offering name=merged zone=ZONE-1 cpus=1 memory_mib=512 image=image management_network=public public_network=public
	made vpc_router name=m uuid=m offering=merged
	made l3_network name=db uuid=db l2_network=L2-app category=private cidr=192.168.12.0/24 architecture=vpc vpc_router=m
	enrolment_token "$CASE_DIR/vr.token" vpc_router m
	enrolment_token "$CASE_DIR/h1.token" host h1
	link_router
	link_host 1
	router_nic vr public "$(merged_mac public)" sw
	router_nic vr db "$(merged_mac db)" app
	vm a 1 db
	serve a tcp 22
	made port_forward name=p uuid=p vip=vip-for-m protocol=tcp vip_ports=24 target_ports=22 nic=a
	until_ok tcp_ok a 198.51.100.10 80
	is "$(who a 198.51.100.10 80 | cut -d ' ' -f 2)" "$(field vip vip-for-m address)" "source NAT"
	until_ok tcp_ok ext "$(field vip vip-for-m address)" 24
	is "$(who_name ext "$(field vip vip-for-m address)" 24)" a "the port forward"
	in_order_at vrouter vr
}

merged_mac() { weft_c query router_nic vpc_router=m "l3_network=$1" --json | jq -er '.objects[0].mac'; }

case_a_controller_that_is_down_stops_nothing() {
	local before
	cloud
	vm a 1 web
	vm b 2 web
	serve a tcp 22
	serve b tcp 22
	services
	until_ok tcp_ok ext 10.108.10.77 22
	until_ok tcp_ok ext 10.108.10.78 24
	until_ok is_healthy port_forward p
	hold through ext 10.108.10.77 22
	before=$(revision vpc_router vpc)
	controller_kill -9
	hold_ok through
	# Agents that start meanwhile begin from what they hold.
	router_kill vr -9
	link_router
	hold_ok through
	host_kill h2 -9
	link_host 2
	check tcp_ok ext 10.108.10.78 24
	# It comes back, and nobody is sent anything: what is held is what is wanted.
	link_controller
	until_ok is_connected vpc_router vpc
	until_ok is_connected host h1
	until_ok is_connected host h2
	is "$(revision vpc_router vpc)" "$before" "the router's revision"
	hold_ok through
	# What changed while an agent was away, it is told when it is back.
	router_kill vr -9
	until_ok is_disconnected vpc_router vpc
	check weft_c delete port_forward p
	check tcp_ok ext 10.108.10.78 24
	link_router
	until_ok tcp_no_timeout ext 10.108.10.78 24
	hold_ok through
	# And what changed while the controller itself was away, by another's hand.
	controller_kill -TERM
	before=$(revision_held vr)
	weft_call vrouter vr Apply "{\"force\": true, \"state\": {\"router\": {\"uuid\": \"other\"}, \"revision\": $before}}" >/dev/null
	until_ok tcp_no ext 10.108.10.77 22
	link_controller
	until_ok tcp_ok ext 10.108.10.77 22
	in_order_at vrouter vr
}

revision_held() { weft_call vrouter "$1" Status | jq -er .revision; }

case_a_token_works_once_for_its_object() {
	local secret
	small_link
	enrolment_token "$CASE_DIR/vr.token" vpc_router vpc
	is "$(stat -c %a "$CONTROLLER/state/authority" "$CONTROLLER/state/authority/authority.key" | xargs)" "700 600" "who may read the authority"
	link_router
	until_ok is_connected vpc_router vpc
	is "$(stat -c %a "$(agent_pem vr)")" 600 "who may read the agent's key"
	is "$(openssl x509 -in "$(agent_pem vr)" -noout -subject -nameopt multiline | grep -o 'vpc_router:vpc')" vpc_router:vpc "the certificate's name"
	# Used by another, wrong, of another authority, too late: nobody gets in by them.
	cp "$CASE_DIR/vr.token" "$CASE_DIR/h1.token"
	link_host 1
	until_ok host_said 1 "there is no such token, or it was used"
	sed 's/.$/x/' "$CASE_DIR/vr.token" >"$CASE_DIR/h1.token"
	host_kill h1 -9
	link_host 1
	until_ok host_said_twice 1 "there is no such token"
	sed 's/^[^.]*/'"$(printf a%.0s {1..64})"'/' "$CASE_DIR/vr.token" >"$CASE_DIR/h1.token"
	host_kill h1 -9
	link_host 1
	until_ok host_said 1 "certificate verify failed"
	until_ok past "$(weft_c enroll host h1 --seconds 1 --json | tee "$CASE_DIR/late" | jq .expires_ms)"
	jq -r .token "$CASE_DIR/late" >"$CASE_DIR/h1.token"
	host_kill h1 -9
	link_host 1
	until_ok host_said 1 "the token's time is over"
	is "$(weft_c query host connection=connected --json | jq '.objects | length')" 0 "hosts that got in"
	# A second token for the same takes the first one's place.
	enrolment_token "$CASE_DIR/first" host h1
	enrolment_token "$CASE_DIR/second" host h1
	is "$(agent_call - Enroll "{\"request\": \"\", \"token\": \"$(cut -d . -f 2- "$CASE_DIR/first")\"}" | cut -d ' ' -f 1)" TokenRefused "the first one"
	# A request that is none does not use it up.
	secret=$(cut -d . -f 2- "$CASE_DIR/second")
	is "$(agent_call - Enroll "{\"request\": \"no\", \"token\": \"$secret\"}" | cut -d ' ' -f 1)" InvalidParameter "no request"
	cp "$CASE_DIR/second" "$CASE_DIR/h1.token"
	host_kill h1 -9
	link_host 1
	until_ok is_connected host h1
	# It is nowhere but in the file.
	deny grep -raqF "${secret#*.}" "$CONTROLLER" "$CASE_DIR/h1/hostnet"
	deny grep -qF "PRIVATE KEY" "$CONTROLLER/log" "$CASE_DIR/h1/hostnet/log"
	refused "only a router, vpc_router or host has an agent" enroll zone ZONE-1
}

case_a_certificate_is_for_its_own_document() {
	small_link
	enrolment_token "$CASE_DIR/vr.token" vpc_router vpc
	enrolment_token "$CASE_DIR/h1.token" host h1
	link_router
	link_host 1
	until_ok is_connected host h1
	until_ok is_connected vpc_router vpc
	cp "$(agent_pem h1)" "$CASE_DIR/old.pem"
	# Without one only Enroll is answered, with a foreign one nothing.
	is "$(agent_call - Watch | cut -d ' ' -f 1)" NotEnrolled "without a certificate"
	is "$(agent_call - Report | cut -d ' ' -f 1)" NotEnrolled "without a certificate"
	is "$(agent_call - Renew '{"request": ""}' | cut -d ' ' -f 1)" NotEnrolled "without a certificate"
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=host:h1 -keyout "$CASE_DIR/f.key" -out "$CASE_DIR/f.crt" 2>/dev/null
	cat "$CASE_DIR/f.crt" "$CASE_DIR/f.key" >"$CASE_DIR/foreign.pem"
	is "$(agent_call "$CASE_DIR/foreign.pem" Watch | cut -d ' ' -f 1)" TLS "a foreign certificate"
	# A host hears of itself, whatever it asks for.
	host_kill h1 -9
	is "$(agent_call "$CASE_DIR/old.pem" Watch | cut -d ' ' -f 2- | jq -r .state.host.uuid)" h1 "whose document"
	# Enrolled anew: the certificate from before is refused.
	enrolment_token "$CASE_DIR/h1.token" host h1
	link_host 1
	until_ok host_said 1 "enrolled as host:h1"
	until_ok is_connected host h1
	is "$(agent_call "$CASE_DIR/old.pem" Watch | cut -d ' ' -f 1)" NotEnrolled "the old one"
	is "$(agent_call "$CASE_DIR/old.pem" Renew '{"request": ""}' | cut -d ' ' -f 1)" NotEnrolled "the old one"
	# Deleted: nothing is answered any more, and the one that is there is let go.
	cp "$(agent_pem h1)" "$CASE_DIR/new.pem"
	check weft_c delete host h1
	until_ok host_said 1 "NotEnrolled"
	is "$(agent_call "$CASE_DIR/new.pem" Watch | cut -d ' ' -f 1)" NotEnrolled "of what is deleted"
	is "$(agent_call "$CASE_DIR/new.pem" Report | cut -d ' ' -f 1)" NotEnrolled "of what is deleted"
}

case_certificates_are_renewed_and_end() {
	local first
	small_link --certificate-lifetime 6
	enrolment_token "$CASE_DIR/vr.token" vpc_router vpc
	link_router
	until_ok is_connected vpc_router vpc
	first=$(serial "$(agent_pem vr)")
	until_ok router_said "the certificate is renewed"
	[ "$(serial "$(agent_pem vr)")" != "$first" ] || fail "the same certificate"
	check is_connected vpc_router vpc
	# Who was away too long is not let in, and goes on with what it holds.
	router_kill vr -9
	until_no openssl x509 -in "$(agent_pem vr)" -noout -checkend 0
	link_router
	until_ok router_said "the certificate's time is over"
	is "$(agent_call "$(agent_pem vr)" Watch | cut -d ' ' -f 1)" TLS "a certificate that ended"
	is "$(weft_call vrouter vr Get | jq -r .state.router.uuid)" vpc "what it holds"
	check is_disconnected vpc_router vpc
	# Until it gets another token.
	enrolment_token "$CASE_DIR/vr.token" vpc_router vpc
	until_ok is_connected vpc_router vpc
}

case_the_document_is_the_controllers() {
	small_link
	enrolment_token "$CASE_DIR/vr.token" vpc_router vpc
	link_router
	until_ok is_connected vpc_router vpc
	until_ok router_holds vpc
	echo '{"router": {"uuid": "mine"}}' >"$CASE_DIR/mine.json"
	deny weft_router vr apply "$CASE_DIR/mine.json"
	is "$(weft_call vrouter vr Patch '{"base_revision": 1}' 2>&1 | grep -o 'the document is the controller.s')" "the document is the controller's" "the reason"
	check weft_router vr apply "$CASE_DIR/mine.json" --dry-run
	is "$(weft_call vrouter vr Get | jq -r .state.router.uuid)" vpc "what it holds"
	check weft_router vr apply "$CASE_DIR/mine.json" --force
	until_ok router_holds vpc
}

router_holds() { [ "$(weft_call vrouter vr Get | jq -r .state.router.uuid)" = "$1" ]; }

run_cases "$@"
