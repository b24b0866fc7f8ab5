#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Tunnels: two routers, and a router with a plain strongSwan that was configured by hand.
#
#   a1 192.168.10.79 --- 192.168.10.1 va 10.151.10.174 --- sw --- 10.151.20.192 vb --- b1 192.168.30.253
#   a2 192.168.20.187 -- 192.168.20.1 /                                            \ --- b2 192.168.40.224
# timeout: 240
. "$(dirname "$0")/../lib/net.sh"

A_VIP=10.151.10.174
B_VIP=10.151.20.192
KEY=a-key-that-nobody-may-see

# site NAME VIP NET1 HOST1 NET2 HOST2: router vNAME, its guests NAME1 and NAME2; not started yet.
site() {
	node "v$1"
	switch "$1-net1"
	switch "$1-net2"
	router_nic "v$1" pub "fa:00:00:00:$3:01" sw
	router_nic "v$1" net1 "fa:00:00:00:$3:02" "$1-net1"
	router_nic "v$1" net2 "fa:00:00:00:$3:03" "$1-net2"
	guest "${1}1" "$1-net1" "192.168.$3.$4/24" "192.168.$3.1"
	guest "${1}2" "$1-net2" "192.168.$5.$6/24" "192.168.$5.1"
	serve "${1}1" tcp 22
	serve "${1}2" tcp 22
}

# site_document NAME VIP NET1 NET2 [SECTIONS]
site_document() {
	cat <<-END
		{ "router": {"uuid": "r-$1"},
		  "interfaces": [
		    {"uuid": "if-pub", "mac": "fa:00:00:00:$3:01", "role": "public", "network": "l3-pub",
		     "addresses": ["$2/8"], "gateway": "10.0.0.1", "default_route": true},
		    {"uuid": "if-1", "mac": "fa:00:00:00:$3:02", "role": "private", "network": "l3-1",
		     "addresses": ["192.168.$3.1/24"], "snat": true},
		    {"uuid": "if-2", "mac": "fa:00:00:00:$3:03", "role": "private", "network": "l3-2",
		     "addresses": ["192.168.$4.1/24"], "snat": true}],
		  "vips": [{"uuid": "vip-sys", "address": "$2", "network": "l3-pub", "system": true}]
		  ${5:-} }
	END
}

# tunnel UUID LOCAL_CIDRS REMOTE REMOTE_CIDRS [KEY [FIELDS]]
tunnel() {
	echo "{\"uuid\": \"$1\", \"vip\": \"vip-sys\", \"local_cidrs\": [$2], \"remote_address\": \"$3\",
		\"remote_cidrs\": [$4], \"auth\": {\"mode\": \"psk\", \"psk\": \"${5:-$KEY}\"}${6:+, $6}}"
}

A_NETS='"192.168.10.0/24", "192.168.20.0/24"'
B_NETS='"192.168.30.0/24", "192.168.40.0/24"'

apply_a() { site_document a $A_VIP 10 20 "$1" | check router_apply va -; }
apply_b() { site_document b $B_VIP 30 40 "$1" | check router_apply vb -; }

tunnel_a() { apply_a ", \"ipsec\": [$(tunnel tunnel-1 "$A_NETS" $B_VIP "$B_NETS" "$@")]"; }
tunnel_b() { apply_b ", \"ipsec\": [$(tunnel tunnel-2 "$B_NETS" $A_VIP "$A_NETS" "$@")]"; }

# Both sites, started, joined by nothing yet.
world() {
	needs esp
	needs_program charon-systemd
	world_internet
	site a $A_VIP 10 79 20 187
	site b $B_VIP 30 253 40 224
	router_start va
	router_start vb
	apply_a ""
	apply_b ""
}

status_of() { weft_router "$1" status --json | jq -r "$2"; }
# state_of ROUTER TUNNEL: as charon has it.
state_of() { status_of "$1" ".services[] | select(.name == \"charon\") | .connections[] | select(.connection == \"$2\") | .state"; }
state_is() { [ "$(state_of "$1" "$2")" = "$3" ]; }
health_of() { status_of "$1" ".objects[] | select(.uuid == \"$2\") | .health"; }
health_is() { [ "$(health_of "$1" "$2")" = "$3" ]; }
reason_of() { status_of "$1" ".objects[] | select(.uuid == \"$2\") | .reason // \"\""; }
reason_has() { grep -qF -- "$3" <<<"$(reason_of "$1" "$2")"; }
charon_of() { status_of "$1" '.services[] | select(.name == "charon") | .pid // ""'; }

both_negotiated() {
	until_ok state_is va tunnel-1 negotiated
	until_ok state_is vb tunnel-2 negotiated
}

PAIRS="a1:192.168.30.253 a1:192.168.40.224 a2:192.168.30.253 a2:192.168.40.224
	b1:192.168.10.79 b1:192.168.20.187 b2:192.168.10.79 b2:192.168.20.187"

# of_all_pairs PROBE [ARGS]: whether all pairs pass it, all at once.
of_all_pairs() {
	local pair pids=() pid bad=0
	for pair in $PAIRS; do
		"$1" "${pair%:*}" "${pair#*:}" "${@:2}" || { echo "$1 $pair"; false; } &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do wait "$pid" || bad=1; done
	return "$bad"
}

# Every guest of one site reaches every one of the other, with its own address.
all_joined() {
	check of_all_pairs ping_ok
	check of_all_pairs tcp_ok 22
	is "$(ttl_of a1 192.168.40.224)" 62 "two routers on the way"
	is "$(who b1 192.168.20.187 22)" "192.168.20.187 192.168.30.253" "real source"
}

# Nothing was seen on the wire but IKE and ESP of the two, and ARP; and no guest.
only_sealed() { # CAPTURE
	check capture_has "$1" "" esp
	deny capture_has "$1" "" net 192.168.0.0/16
	deny capture_has "$1" "" "host $A_VIP and host $B_VIP and not esp and not udp port 500 and not arp"
}

case_joins_two_sites() {
	world
	check of_all_pairs ping_no
	check ping_ok a1 192.168.20.187
	check ping_ok b1 192.168.40.224
	capture_start wire sw p3 # va's
	tunnel_a
	# Applied here is ready, before there is another side.
	until_ok state_is va tunnel-1 ready
	is "$(health_of va tunnel-1)" ready "health"
	check ping_no a1 192.168.30.253
	tunnel_b
	both_negotiated
	all_joined
	only_sealed wire
	check ping_ok a1 198.51.100.10
	is "$(who b2 198.51.100.10 80)" "198.51.100.10 $B_VIP" "others are translated as before"
	route ext 192.168.10.0/24 via $A_VIP
	route ext 192.168.30.0/24 via $B_VIP
	check ping_no ext 192.168.10.79
	check ping_no ext 192.168.30.253
	capture_stop wire
}

case_removed_is_silent() {
	world
	tunnel_a
	tunnel_b
	both_negotiated
	hold one a1 192.168.30.253 22
	check hold_ok one
	capture_start wire sw p3
	apply_a ""
	until_ok state_is vb tunnel-2 ready
	check of_all_pairs ping_no
	check ping_ok a1 198.51.100.10
	# Neither site lets a guest's address out.
	deny capture_has wire "" src net 192.168.0.0/16
	is "$(on va ip xfrm policy list | grep -c 'tmpl')" 0 "policies that are left"
	is "$(on va ip xfrm state list)" "" "states that are left"
	check ping_ok ext $A_VIP
	tunnel_a
	both_negotiated
	check ping_ok a1 192.168.30.253
}

run_cases "$@"
