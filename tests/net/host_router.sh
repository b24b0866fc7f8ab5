#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Distributed routing: hosts join a VPC's networks by themselves; the router has the rest.
#
#   web1 .10.11, app1 .11.11 --- host1 --- web ---- vr .1 --- inet 10.0.0.1
#   web2 .10.12, app2 .11.12 --- host2 --- app --- /
# timeout: 120
# vm: the_router_has_no_part_in_it
. "$(dirname "$0")/../lib/net.sh"

GM=fa:00:00:00:aa:01

# world [MAC_WEB MAC_APP]: the router's own MACs; both the gateway's unless given.
world() {
	local n
	switch web
	switch app
	node vr inet look
	plug vr web 192.168.10.1/24 web "${1:-$GM}"
	plug vr app 192.168.11.1/24 app "${2:-$GM}"
	wire vr 10.0.0.2/8 inet 10.0.0.1/8
	plug look web -
	on vr sysctl -qw net.ipv4.ip_forward=1
	route inet 192.168.0.0/16 via 10.0.0.2
	route vr default via 10.0.0.1
	serve inet tcp 80
	serve vr tcp 53
	for n in 1 2; do
		node "host$n"
		plug "host$n" web - em01
		plug "host$n" app - em02
		host_start "host$n"
		guest_port "host$n" vnic-web "web$n" "$(mac_of "web$n")"
		guest_port "host$n" vnic-app "app$n" "$(mac_of "app$n")"
		ip -n "web$n" addr add "192.168.10.1$n/24" dev eth0
		ip -n "app$n" addr add "192.168.11.1$n/24" dev eth0
		route "web$n" default via 192.168.10.1
		route "app$n" default via 192.168.11.1
		serve "web$n" tcp 80
		serve "app$n" tcp 80 udp 53
	done
}

# apply N REVISION [ROUTERS [MTU]]: host N; the app network's MTU.
apply() {
	host_apply "host$1" - <<-END
		{ "revision": $2, "host": { "uuid": "h-$1" },
		  "l2_networks": [ { "uuid": "l2-web", "type": "novlan", "device": "em01" },
		                   { "uuid": "l2-app", "type": "novlan", "device": "em02", "mtu": ${4:-1500} } ],
		  "l3_networks": [ { "uuid": "l3-web", "l2": "l2-web", "cidr": "192.168.10.0/24", "gateway": "192.168.10.1" },
		                   { "uuid": "l3-app", "l2": "l2-app", "cidr": "192.168.11.0/24", "gateway": "192.168.11.1" } ],
		  "ports": [
		    { "uuid": "nic-web", "device": "vnic-web", "l2": "l2-web", "mac": "$(mac_of "web$1")", "anti_spoofing": true,
		      "addresses": [ { "l3": "l3-web", "address": "192.168.10.1$1" } ] },
		    { "uuid": "nic-app", "device": "vnic-app", "l2": "l2-app", "mac": "$(mac_of "app$1")", "anti_spoofing": true,
		      "addresses": [ { "l3": "l3-app", "address": "192.168.11.1$1" } ] } ],
		  "routers": [ ${3-$ROUTER} ] }
	END
}

ROUTER="{ \"uuid\": \"r-1\", \"gateway_mac\": \"$GM\", \"interfaces\": [
	{ \"l3\": \"l3-web\", \"address\": \"192.168.10.1\" }, { \"l3\": \"l3-app\", \"address\": \"192.168.11.1\" } ] }"

# The router's NICs have MACs of their own; guests never see them.
OWN="{ \"uuid\": \"r-1\", \"gateway_mac\": \"$GM\", \"interfaces\": [
	{ \"l3\": \"l3-web\", \"address\": \"192.168.10.1\", \"mac\": \"fa:00:00:00:00:10\" },
	{ \"l3\": \"l3-app\", \"address\": \"192.168.11.1\", \"mac\": \"fa:00:00:00:00:11\" } ] }"

both() { apply 1 "$@" && apply 2 "$@"; }

router_dies() {
	ip -n vr link set web down
	ip -n vr link set app down
}

gateway_is() { # NODE ADDRESS MAC
	[ "$(ip -n "$1" -j neigh show "$2" | jq -r '.[].lladdr')" = "$3" ]
}

case_the_router_has_no_part_in_it() {
	world
	check both 1
	is "$(host_health host1 r-1)" ready
	capture_start echoes vr any icmp
	until_ok local_way web1 192.168.11.11
	until_ok local_way app2 192.168.10.11
	capture_stop echoes
	ip -n web1 neigh flush dev eth0
	capture_start vr vr any
	capture_start wire look web arp
	is "$(who web1 192.168.11.11 80)" "192.168.11.11 192.168.10.11"
	is "$(ttl_of web1 192.168.11.12)" 63
	is "$(who app2 192.168.10.11 80)" "192.168.10.11 192.168.11.12"
	check ping_ok web1 192.168.11.12 -s 4000
	check ping_ok web1 192.168.10.12
	check gateway_is web1 192.168.10.1 $GM
	# The rest is the router's: the world outside, and what it is itself.
	is "$(who web1 10.0.0.1 80)" "10.0.0.1 192.168.10.11"
	is "$(who app1 192.168.10.1 53)" "192.168.10.1 192.168.11.11"
	is "$(who web1 192.168.10.1 53)" "192.168.10.1 192.168.10.11"
	hold near web1 192.168.11.11 80
	hold far web1 192.168.11.12 80
	router_dies
	check hold_ok near
	check hold_ok far
	check ip -n web1 neigh flush dev eth0
	check tcp_ok web1 192.168.11.12 80
	check tcp_ok app2 192.168.10.11 80
	check tcp_no web1 10.0.0.1 80
	capture_stop vr
	capture_stop wire
	is "$(capture_text vr "src net 192.168.10.0/24 and dst net 192.168.11.0/24 and not dst 192.168.11.1 and not src 192.168.10.1" | wc -l)" 0 "packets by the router"
	# The answer is the host's own: nobody else is asked or told.
	deny capture_has wire "who-has 192.168.10.1 tell 192.168.10.1"
	deny capture_has wire "192.168.10.1 is-at"
	check host_in_order host1
	check host_in_order host2
}

echoes() { capture_text echoes icmp | wc -l; }

# The first packets may find that the host is not through yet.
local_way() { # FROM TO: nothing of it at the router.
	local before
	before=$(echoes)
	ping_ok "$1" "$2" && [ "$(echoes)" -eq "$before" ]
}

case_a_router_with_macs_of_its_own() {
	world fa:00:00:00:00:10 fa:00:00:00:00:11
	check both 1 "$OWN"
	capture_start vr vr any
	capture_start wire look web
	until_ok tcp_ok web1 192.168.11.12 80
	is "$(who web1 10.0.0.1 80)" "10.0.0.1 192.168.10.11"
	is "$(who app1 192.168.10.1 53)" "192.168.10.1 192.168.11.11"
	ip -n web1 neigh flush dev eth0
	check ping_ok web1 192.168.11.12
	check gateway_is web1 192.168.10.1 $GM
	# A guest that still knows the router by its own.
	ip -n web1 neigh replace 192.168.10.1 lladdr fa:00:00:00:00:10 dev eth0 nud permanent
	is "$(ttl_of web1 192.168.11.12)" 63
	router_dies
	check tcp_ok web1 192.168.11.12 80
	capture_stop wire
	capture_stop vr
	deny capture_has wire $GM
	is "$(capture_text vr icmp | wc -l)" 0 "echoes by the router"
}

case_packets_of_two_sizes() {
	world
	ip -n app1 link set eth0 mtu 1400
	check both 1 "$ROUTER" 1400
	is "$(host_health host1 r-1)" inactive
	is "$(host_reason host1 r-1)" \
		"l3_network l3-web carries packets of 1500 bytes, l3_network l3-app of 1400: hosts route between equal ones only"
	capture_start vr vr any icmp
	check ping_ok web1 192.168.11.11
	until_ok capture_has vr "192.168.10.11 > 192.168.11.11"
	capture_stop vr
	check both 2 "$ROUTER" 1500
	is "$(host_health host1 r-1)" ready
	capture_start echoes vr any icmp
	until_ok local_way web1 192.168.11.11
	capture_stop echoes
}

case_on_and_off() {
	world
	check both 1 ""
	hold through web1 192.168.11.12 80
	capture_start echoes vr any icmp
	check both 2
	check hold_ok through
	until_ok local_way web1 192.168.11.12
	capture_stop echoes
	check both 3 ""
	check hold_ok through
	check ping_ok web1 192.168.11.12
	is "$(on host1 sh -c 'ip -o link; nft list ruleset' | grep -c "l[gi]-\|route[ds]-" || true)" 0 "what is left"
	router_dies
	deny hold_ok through
	check host_in_order host1
}

# Two tenants with the same subnets, on VXLANs between hosts; neither has a router that lives.
case_tenants_with_the_same_subnets() {
	local n t
	needs vxlan
	node host1 host2
	wire host1 192.168.29.21/24 host2 192.168.29.22/24
	for n in 1 2; do
		host_start "host$n"
		for t in a b; do
			guest_port "host$n" "vnic-web$t" "web$t$n" "$(mac_of "web$t$n")"
			guest_port "host$n" "vnic-app$t" "app$t$n" "$(mac_of "app$t$n")"
			ip -n "web$t$n" addr add "192.168.10.1$n/24" dev eth0
			ip -n "app$t$n" addr add "192.168.11.1$n/24" dev eth0
			route "web$t$n" default via 192.168.10.1
			route "app$t$n" default via 192.168.11.1
			serve "app$t$n" tcp 80
		done
		check host_apply "host$n" - <<-END
			{ "host": { "uuid": "h-$n", "vtep": "192.168.29.2$n" },
			  "l2_networks": [ $(vxlan a $n), $(vxlan b $n) ],
			  "l3_networks": [ $(subnets a), $(subnets b) ],
			  "ports": [ $(nics a $n), $(nics b $n) ],
			  "routers": [ $(tenant a), $(tenant b) ] }
		END
	done
	for t in a b; do
		until_ok tcp_ok "web${t}1" 192.168.11.11 80
		is "$(who_name "web${t}1" 192.168.11.11 80)" "app${t}1"
		is "$(who_name "web${t}1" 192.168.11.12 80)" "app${t}2"
		is "$(who_name "web${t}2" 192.168.11.11 80)" "app${t}1"
		is "$(ttl_of "web${t}1" 192.168.11.12)" 63
	done
	check host_in_order host1
}

vxlan() { # TENANT HOST: of tenant a the other host's guests are told, of b they are found.
	local vni=100 other=$((3 - $2)) remote=()
	if [ "$1" = b ]; then vni=200; fi
	if [ "$1" = a ]; then
		remote=("{ \"mac\": \"$(mac_of "weba$other")\", \"address\": \"192.168.10.1$other\", \"vtep\": \"192.168.29.2$other\" }"
			"{ \"mac\": \"$(mac_of "appa$other")\", \"address\": \"192.168.11.1$other\", \"vtep\": \"192.168.29.2$other\" }")
	fi
	cat <<-END
		{ "uuid": "l2-web$1", "type": "vxlan", "vni": $vni, "peers": [ "192.168.29.2$other" ], "remote": [ ${remote[0]:-} ] },
		{ "uuid": "l2-app$1", "type": "vxlan", "vni": $((vni + 1)), "peers": [ "192.168.29.2$other" ], "remote": [ ${remote[1]:-} ] }
	END
}

subnets() {
	cat <<-END
		{ "uuid": "l3-web$1", "l2": "l2-web$1", "cidr": "192.168.10.0/24" },
		{ "uuid": "l3-app$1", "l2": "l2-app$1", "cidr": "192.168.11.0/24" }
	END
}

nics() { # TENANT HOST
	cat <<-END
		{ "uuid": "nic-web$1", "device": "vnic-web$1", "l2": "l2-web$1", "mac": "$(mac_of "web$1$2")", "anti_spoofing": true,
		  "addresses": [ { "l3": "l3-web$1", "address": "192.168.10.1$2" } ] },
		{ "uuid": "nic-app$1", "device": "vnic-app$1", "l2": "l2-app$1", "mac": "$(mac_of "app$1$2")", "anti_spoofing": true,
		  "addresses": [ { "l3": "l3-app$1", "address": "192.168.11.1$2" } ] }
	END
}

tenant() {
	echo "{ \"uuid\": \"r-$1\", \"gateway_mac\": \"$GM\", \"interfaces\": [ { \"l3\": \"l3-web$1\",
		\"address\": \"192.168.10.1\" }, { \"l3\": \"l3-app$1\", \"address\": \"192.168.11.1\" } ] }"
}

# Guests of one network forge what they will: it is judged before it is routed.
case_forged() {
	world
	check both 1
	until_ok tcp_ok web1 192.168.11.11 80
	capture_start app app1 eth0 udp
	on web1 "$LIB/frame.py" eth0 udp dest=$GM from=192.168.10.99 to=192.168.11.11 sport=1 dport=11
	on web1 "$LIB/frame.py" eth0 udp dest=$GM source=fa:00:00:00:09:09 from=192.168.10.11 to=192.168.11.11 sport=1 dport=12
	on web1 "$LIB/frame.py" eth0 udp dest=$GM from=192.168.10.11 to=192.168.11.11 sport=1 dport=13 vlan=5
	on web1 "$LIB/frame.py" eth0 udp dest=$GM from=192.168.10.11 to=192.168.11.11 sport=1 dport=14
	until_ok capture_has app "192.168.10.11.1 > 192.168.11.11.14"
	is "$(capture_text app udp | wc -l)" 1 "datagrams"
	capture_stop app
}

case_a_restart_changes_nothing() {
	world
	check both 1
	until_ok tcp_ok web1 192.168.11.12 80
	hold through web1 192.168.11.12 80
	router_dies
	host_kill host1 -9
	check hold_ok through
	host_start host1
	check grep -q "revision 1 in place after 0 changes" <<<"$(host_log host1)"
	check hold_ok through
	on host1 nft delete table netdev weft_host
	until_ok hold_ok through
	on host1 ip link del "$(on host1 ip -o link | sed -n 's/.* \(lg-[0-9a-f]*\)@.*/\1/p' | tail -n 1)"
	until_ok hold_ok through
	until_ok host_in_order host1
}

run_cases "$@"
