#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Why can a guest not be reached: what Explain says from the document, and what Trace tells of packets.
#
#   vm1 192.168.0.223 (vnic1.0) ---                    --- site 192.168.0.9, ext 10.151.30.9
#   vm2 192.168.0.211 (vnic2.0) --- host em02 --- swf
#   app 192.168.9.7   (vnic3.0) --- host em01 --- sw      (the public network), em03: the network app
# timeout: 120
. "$(dirname "$0")/../lib/net.sh"

E=10.151.30.29

port() { # NUMBER L2 L3 ADDRESS [MORE]
	echo "{ \"uuid\": \"nic-$1\", \"device\": \"vnic$1.0\", \"l2\": \"$2\", \"mac\": \"$(mac_of "vm$1")\", \"anti_spoofing\": true,
		\"addresses\": [ { \"l3\": \"$3\", \"address\": \"$4\" } ]${5:-} }"
}

document() { # [GROUPS_OF_NIC_1 [GROUPS]]
	cat <<-END
		{ "revision": 1, "host": { "uuid": "h" },
		  "l2_networks": [ { "uuid": "l2-pub", "type": "novlan", "device": "em01" },
		                   { "uuid": "l2-flat", "type": "novlan", "device": "em02" },
		                   { "uuid": "l2-app", "type": "novlan", "device": "em03" } ],
		  "l3_networks": [ { "uuid": "l3-pub", "l2": "l2-pub", "cidr": "10.151.30.0/24", "gateway": "10.151.30.1" },
		                   { "uuid": "l3-flat", "l2": "l2-flat", "cidr": "192.168.0.0/21", "gateway": "192.168.0.1",
		                     "dhcp": { "enabled": true, "server": "192.168.0.2", "lease_s": 3600 }, "user_data": true },
		                   { "uuid": "l3-app", "l2": "l2-app", "cidr": "192.168.9.0/24", "gateway": "192.168.9.1" } ],
		  "security_groups": [ ${2:-} ],
		  "ports": [ $(port 1 l2-flat l3-flat 192.168.0.223 ", \"security_groups\": [${1:-}]"),
		             $(port 2 l2-flat l3-flat 192.168.0.211), $(port 3 l2-app l3-app 192.168.9.7) ],
		  "routers": [ { "uuid": "r-1", "gateway_mac": "fa:00:00:00:09:01",
		                 "interfaces": [ { "l3": "l3-flat", "address": "192.168.0.1" }, { "l3": "l3-app", "address": "192.168.9.1" } ] } ],
		  "eips": [ { "uuid": "eip-1", "address": "$E", "l3": "l3-pub", "port": "nic-1", "target": "192.168.0.223" } ] }
	END
}

world() {
	local n
	switch sw
	switch swf
	switch swa
	node host ext site
	plug host sw - em01
	plug host swf - em02
	plug host swa - em03
	plug ext sw 10.151.30.9/24
	plug site swf 192.168.0.9/21
	host_start host
	check host_apply host - <<<"$(document "$@")" >/dev/null
	for n in 1 2 3; do guest_port host "vnic$n.0" "vm$n" "$(mac_of "vm$n")"; done
	ip -n vm1 addr add 192.168.0.223/21 dev eth0
	ip -n vm2 addr add 192.168.0.211/21 dev eth0
	ip -n vm3 addr add 192.168.9.7/24 dev eth0
	route vm1 default via 192.168.0.1
	route vm3 default via 192.168.9.1
	serve vm1 tcp 22
	serve site tcp 22
	until_ok tcp_ok site 192.168.0.223 22
}

# way ANSWER: "ACTION OBJECT; ... VERDICT"
way() { jq -r '([.steps[] | .action + " " + .object] | join("; ")) + "; " + .verdict'; }

explained() { weft_host host explain "$@" --json | way; }

# traced FROM TO PROTOCOL [OPTION...] -- CMD...: what becomes of the next packet that CMD sends.
traced() {
	local arguments=()
	while [ "$1" != -- ]; do
		arguments+=("$1")
		shift
	done
	shift
	rm -f "$CASE_DIR/told"
	weft_host host trace "${arguments[@]}" --json >"$CASE_DIR/told" &
	until_ok grep -q begun "$CASE_DIR/told" >/dev/null
	"$@" >/dev/null 2>&1 || true
	wait $! || return
	jq -c 'select(.steps)' "$CASE_DIR/told" | way
}

case_what_explain_says() {
	world
	is "$(explained nic-1 192.168.0.211 tcp/22)" "enter nic-1; guard nic-1; leave nic-2; accept"
	is "$(explained vnic1.0 192.168.0.9)" "enter nic-1; guard nic-1; leave l2-flat; accept"
	is "$(explained 192.168.0.223 192.168.0.9)" "enter nic-1; guard nic-1; leave l2-flat; accept"
	is "$(explained 192.168.0.77 192.168.0.9 --interface nic-1)" "enter nic-1; guard nic-1; drop" "a forged source"
	is "$(explained nic-1 192.168.9.7)" "enter nic-1; guard nic-1; route r-1; leave nic-3; accept" "routed here"
	is "$(explained nic-1 203.0.113.7)" "enter nic-1; guard nic-1; route l3-flat; leave l2-flat; accept" "to the gateway"
	is "$(explained 10.151.30.9 $E tcp/22)" "enter l2-pub; dnat eip-1; leave nic-1; accept" "an elastic IP"
	is "$(explained 192.168.0.9 192.168.0.211)" "enter l2-flat; leave nic-2; accept" "from outside"
	is "$(explained 192.168.0.9 192.168.0.50 --interface l2-flat)" "enter l2-flat; find l2-flat; drop" "nobody here"
	is "$(explained nic-1 169.254.169.254 tcp/80)" "enter nic-1; guard nic-1; answer l3-flat; accept" "user data"
	is "$(explained nic-3 192.168.9.255 udp/67)" "enter nic-3; guard nic-3; leave l2-app; accept"
	is "$(explained 192.168.0.9 192.168.0.2 --interface l2-flat)" "enter l2-flat; filter l3-flat; drop" "others' responder"
	# What it cannot know, and what is not there.
	deny explained 203.0.113.1 203.0.113.2
	deny explained nic-9 192.168.0.9
	deny explained nic-1 fd00::1
	ip -n host link del vnic2.0
	until_ok rests
	is "$(explained nic-1 192.168.0.211)" "enter nic-1; guard nic-1; rest nic-2; drop" "not there"
}

rests() { [ "$(host_health host nic-2)" = inactive ]; }

case_trace_tells_the_same() {
	world
	is "$(traced 192.168.0.223 192.168.0.9 icmp -- on vm1 ping -c 1 192.168.0.9)" \
		"$(explained nic-1 192.168.0.9 icmp)"
	is "$(traced nic-1 192.168.0.211 icmp -- on vm1 ping -c 1 -W 1 192.168.0.211)" \
		"$(explained nic-1 192.168.0.211 icmp)"
	is "$(traced any 192.168.0.223 tcp/22 -- tcp_ok site 192.168.0.223 22)" \
		"$(explained 192.168.0.9 192.168.0.223 tcp/22)"
	ip -n vm1 addr add 192.168.0.77/21 dev eth0
	is "$(traced 192.168.0.77 192.168.0.9 icmp -- on vm1 ping -c 1 -W 1 -I 192.168.0.77 192.168.0.9)" \
		"$(explained 192.168.0.77 192.168.0.9 icmp --interface nic-1)"
	is "$(traced nic-1 169.254.169.254 tcp/80 -- user_data)" "$(explained nic-1 169.254.169.254 tcp/80)"
	# In both of the networks that it goes through, by the leg in between.
	is "$(traced nic-1 192.168.9.7 icmp -- on vm1 ping -c 1 -W 2 192.168.9.7)" \
		"enter nic-1; guard nic-1; route r-1; leave l2-flat; accept"
	is "$(traced any 192.168.9.7 icmp --count 2 -- on vm1 ping -c 1 -W 2 192.168.9.7)" \
		"$(printf '%s\n' "enter nic-1; guard nic-1; route r-1; leave l2-flat; accept" "enter l2-app; leave nic-3; accept")"
	# Translated in between.
	is "$(traced any $E tcp/22 -- tcp_ok ext $E 22)" "enter l2-pub; leave l2-pub; accept"
	is "$(traced 10.151.30.9 192.168.0.223 tcp/22 -- tcp_ok ext $E 22)" "enter l2-flat; leave nic-1; accept"
	deny weft_host host trace nic-9 any
	is "$(on host nft list tables | grep trace || true)" "" "what is left"
	check host_in_order host
}

# Why can the guest not be reached on port 24?
case_no_rule_of_its_groups() {
	needs bridge_conntrack
	world '"web"' '{"uuid": "web", "rules": [{"uuid": "ssh", "direction": "ingress", "protocol": "tcp", "ports": "22"},
		{"uuid": "out", "direction": "egress", "protocol": "tcp", "ports": "22-80", "peer_cidr": "192.168.0.9/32"}]}'
	serve vm1 tcp 24
	serve site tcp 81
	is "$(explained 192.168.0.9 192.168.0.223 tcp/24)" "enter l2-flat; ingress nic-1; drop"
	is "$(explained 192.168.0.9 192.168.0.223 tcp/22)" "enter l2-flat; ingress web; leave nic-1; accept"
	is "$(explained nic-1 192.168.0.9 tcp/22)" "enter nic-1; guard nic-1; egress web; leave l2-flat; accept"
	is "$(explained nic-1 192.168.0.9 tcp/81)" "enter nic-1; guard nic-1; egress web; drop"
	is "$(explained nic-1 169.254.169.254 tcp/80)" "enter nic-1; guard nic-1; filter nic-1; answer l3-flat; accept"
	is "$(traced nic-1 169.254.169.254 tcp/80 -- user_data)" "$(explained nic-1 169.254.169.254 tcp/80)"
	host_patch host '"upsert": {"security_groups": [{"uuid": "web", "rules": [
		{"uuid": "ssh", "direction": "ingress", "protocol": "tcp", "ports": "22-24"}]}]}'
	is "$(explained 192.168.0.9 192.168.0.223 tcp/24)" "enter l2-flat; ingress web; leave nic-1; accept"
	# The group is not strict any more: nothing is asked of what leaves.
	is "$(explained nic-1 169.254.169.254 tcp/80)" "enter nic-1; guard nic-1; egress nic-1; answer l3-flat; accept"
	is "$(traced nic-1 169.254.169.254 tcp/80 -- user_data)" "$(explained nic-1 169.254.169.254 tcp/80)"
	check tcp_ok site 192.168.0.223 24
}

user_data() {
	ip -n vm1 route replace 169.254.169.254 via 192.168.0.2
	http vm1 http://169.254.169.254/latest/meta-data/local-ipv4
}

# frame_of N PORT [MORE...]: UDP of a guest in its own name.
frame_of() {
	local from=192.168.0.223
	[ "$1" = 1 ] || from=192.168.9.7
	on "vm$1" "$LIB/frame.py" eth0 udp from=$from to=192.168.0.9 sport=1 dport="$2" "${@:3}"
}

# What a guard says: of ports with one and of an open one, which looks for tags alone.
case_trace_tells_of_guards() {
	world
	check host_apply host - <<<"$(document | sed '/"nic-3"/s/"anti_spoofing": true/"anti_spoofing": false/')" >/dev/null
	is "$(traced nic-1 192.168.0.9 udp/68 -- frame_of 1 68)" "$(explained nic-1 192.168.0.9 udp/68)"
	is "$(traced nic-1 192.168.0.9 udp/12 -- frame_of 1 12 vlan=28)" "enter nic-1; guard nic-1; drop"
	is "$(traced nic-3 192.168.0.9 udp/12 -- frame_of 3 12 vlan=28)" "enter nic-3; guard nic-3; drop"
	is "$(traced nic-3 192.168.0.223 icmp -- on vm3 ping -c 1 -W 2 192.168.0.223)" \
		"enter nic-3; guard nic-3; route r-1; leave l2-app; accept"
}

run_cases "$@"
