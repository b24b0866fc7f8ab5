#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Elastic IPs of flat networks: on the guest's own host, whatever its gateway is.
#
#   vm1 .223 (vnic1.0) ---                            --- inet 10.151.30.1 --- far 198.51.100.10
#   vm2 .211 (vnic2.0) --- host em02 --- swf: gw .1, peer .5     (MTU 1400 between inet and far)
#                          host em01 --- sw ----------    --- ext 10.151.30.9
# timeout: 120
# vm: from_outside without_a_gateway
. "$(dirname "$0")/../lib/net.sh"

E=10.151.30.29
E2=10.151.30.28

# world [absent]: with it the private network's gateway is not there.
world() {
	switch sw
	switch swf
	node host ext inet far peer
	plug host sw - em01
	plug host swf - em02
	plug ext sw 10.151.30.9/24
	plug inet sw 10.151.30.1/24
	wire inet 198.51.100.1/24 far 198.51.100.10/24
	ip -n inet link set far mtu 1400
	ip -n far link set inet mtu 1400
	route far default via 198.51.100.1
	plug peer swf 192.168.0.5/16
	on inet sysctl -qw net.ipv4.ip_forward=1
	if [ "${1:-}" != absent ]; then
		node gw
		plug gw swf 192.168.0.1/16
		ip -n gw addr add 203.0.113.5/32 dev lo
		serve gw tcp 80
	fi
	host_start host
	guest_port host vnic1.0 vm1 "$(mac_of vm1)"
	guest_port host vnic2.0 vm2 "$(mac_of vm2)"
	ip -n vm1 addr add 192.168.0.223/16 dev eth0
	ip -n vm2 addr add 192.168.0.211/16 dev eth0
	route vm1 default via 192.168.0.1
	route vm2 default via 192.168.0.1
	serve vm1 tcp 22 udp 53
	serve vm2 tcp 22 udp 53
	serve ext tcp 80
	serve far tcp 80
}

eip() { # UUID ADDRESS PORT TARGET
	echo "{ \"uuid\": \"$1\", \"address\": \"$2\", \"l3\": \"l3-pub\", \"port\": \"$3\", \"target\": \"$4\" }"
}

# apply REVISION [EIPS [NODE]]
apply() { document "$@" | host_apply "${3:-host}" -; }

document() {
	cat <<-END
		{ "revision": $1, "host": { "uuid": "h" },
		  "l2_networks": [ { "uuid": "l2-pub", "type": "novlan", "device": "em01" },
		                   { "uuid": "l2-flat", "type": "novlan", "device": "em02" } ],
		  "l3_networks": [ { "uuid": "l3-pub", "l2": "l2-pub", "cidr": "10.151.30.0/24", "gateway": "10.151.30.1" },
		                   { "uuid": "l3-flat", "l2": "l2-flat", "cidr": "192.168.0.0/16", "gateway": "192.168.0.1" } ],
		  "ports": [
		    { "uuid": "nic-1", "device": "vnic1.0", "l2": "l2-flat", "mac": "$(mac_of vm1)", "anti_spoofing": true,
		      "addresses": [ { "l3": "l3-flat", "address": "192.168.0.223" } ] },
		    { "uuid": "nic-2", "device": "vnic2.0", "l2": "l2-flat", "mac": "$(mac_of vm2)", "anti_spoofing": true,
		      "addresses": [ { "l3": "l3-flat", "address": "192.168.0.211" } ] } ],
		  "eips": [ ${2:-} ] }
	END
}

ONE=$(eip eip-1 $E nic-1 192.168.0.223)
TWO=$(eip eip-2 $E2 nic-2 192.168.0.211)

case_from_outside() {
	world
	check apply 1 "$ONE"
	is "$(host_health host eip-1)" ready
	capture_start wire ext sw
	until_ok ping_ok ext $E
	# Everything, by whoever: the guest sees who it is.
	is "$(who ext $E 22)" "192.168.0.223 10.151.30.9"
	is "$(who far $E 22)" "192.168.0.223 198.51.100.10"
	is "$(who ext $E 53 udp)" "192.168.0.223 10.151.30.9"
	check ping_ok ext $E -s 4000
	check ping_ok far $E -s 4000
	# Errors find who they are for: a closed port, a packet that is too large on the way.
	check udp_refused ext $E 99
	check tcp_refused far $E 99
	deny on vm1 ping -c 1 -W 2 -M "do" -s 1472 198.51.100.10
	until_ok grep -q "mtu 1400" <<<"$(on vm1 ip route get 198.51.100.10)"
	check ping_ok vm1 198.51.100.10 -s 3000
	# Nothing private is on the public wire, and no address of the host's.
	deny capture_has wire 192.168
	deny capture_has wire 169.254
	capture_stop wire
	check host_in_order host
}

# The guest's own gateway is another machine, which has no part in it; what is not the elastic IP's
# goes as ever.
case_beside_a_gateway() {
	world
	check apply 1 "$ONE"
	until_ok tcp_ok ext $E 22
	capture_start gw gw swf
	is "$(who far $E 22)" "192.168.0.223 198.51.100.10"
	check ping_ok far $E
	is "$(who vm1 203.0.113.5 80)" "203.0.113.5 192.168.0.223"
	is "$(who peer 192.168.0.223 22)" "192.168.0.223 192.168.0.5"
	is "$(who vm2 192.168.0.223 22)" "192.168.0.223 192.168.0.211"
	until_ok capture_has gw "> 203.0.113.5"
	deny capture_has gw 198.51.100.10
	deny capture_has gw "06:e1"
	capture_stop gw
	# Whom it has not heard from it does not reach by the elastic IP.
	check tcp_no vm1 10.151.30.1 80
}

case_without_a_gateway() {
	world absent
	check apply 1 "$ONE"
	until_ok tcp_ok ext $E 22
	is "$(who far $E 22)" "192.168.0.223 198.51.100.10"
	# The host stands in for it, for this guest alone.
	is "$(who vm1 198.51.100.10 80)" "198.51.100.10 $E"
	is "$(who vm1 10.151.30.9 80)" "10.151.30.9 $E"
	check tcp_no vm2 198.51.100.10 80
	check ping_no peer 192.168.0.1
	is "$(who peer 192.168.0.223 22)" "192.168.0.223 192.168.0.5"
	# It comes, and has what is its own.
	node gw
	plug gw swf 192.168.0.1/16
	ip -n gw addr add 203.0.113.5/32 dev lo
	serve gw tcp 80
	ip -n vm1 neigh flush dev eth0
	is "$(who vm1 203.0.113.5 80)" "203.0.113.5 192.168.0.223"
	is "$(who far $E 22)" "192.168.0.223 198.51.100.10"
}

case_bind_unbind_rebind() {
	world
	check apply 1
	check ping_no ext $E
	capture_start told ext sw arp
	host_patch host "\"revision\": 2, \"upsert\": {\"eips\": [$ONE]}"
	until_ok capture_has told "who-has $E tell $E"
	capture_stop told
	until_ok tcp_ok ext $E 22
	is "$(who_name ext $E 22)" vm1
	hold through ext $E 22
	capture_start wire peer swf
	host_patch host '"revision": 3, "remove": {"eips": ["eip-1"]}'
	check tcp_no ext $E 22
	deny hold_ok through
	deny capture_has wire "06:e1"
	capture_stop wire
	host_patch host "\"revision\": 4, \"upsert\": {\"eips\": [$(eip eip-1 $E nic-2 192.168.0.211)]}"
	until_ok tcp_ok ext $E 22
	is "$(who_name ext $E 22)" vm2
	check host_in_order host
	host_patch host '"revision": 5, "remove": {"eips": ["eip-1"]}'
	is "$(on host ip -o link | grep -c "l[gi]-" || true)" 0 "links that are left"
	check host_in_order host
}

# One reaches the other by the elastic IPs of both, or of one.
case_guests_of_one_host() {
	world absent
	check apply 1 "$ONE, $TWO, $(eip eip-3 10.151.30.27 nic-1 192.168.0.223)"
	until_ok tcp_ok ext $E2 22
	is "$(who vm2 $E 22)" "192.168.0.223 $E2"
	is "$(who vm1 $E2 22)" "192.168.0.211 $E"
	# A second one of the same guest answers as itself.
	is "$(who ext 10.151.30.27 22)" "192.168.0.223 10.151.30.9"
	is "$(who ext $E 22)" "192.168.0.223 10.151.30.9"
	# A guest on the public network itself.
	host_patch host "\"revision\": 2, \"upsert\": {\"ports\": [{\"uuid\": \"nic-3\", \"device\": \"vnic3.0\",
		\"l2\": \"l2-pub\", \"mac\": \"$(mac_of vm3)\", \"anti_spoofing\": true,
		\"addresses\": [{\"l3\": \"l3-pub\", \"address\": \"10.151.30.40\"}]}]}"
	guest_port host vnic3.0 vm3 "$(mac_of vm3)"
	ip -n vm3 addr add 10.151.30.40/24 dev eth0
	until_ok tcp_ok vm3 $E 22
	is "$(who vm3 $E 22)" "192.168.0.223 10.151.30.40"
	check host_in_order host
}

# Where it has an address on the public network it is one of those on its link.
case_the_machine_itself() {
	world
	ip -n host addr add 10.151.30.2/24 dev em01
	check apply 1 "$ONE"
	until_ok tcp_ok ext $E 22
	is "$(who host $E 22)" "192.168.0.223 10.151.30.2"
	# It has none on the private one, and no part in it.
	check tcp_no host 192.168.0.223 22
	is "$(on host ip route | grep -v 10.151.30.0 || true)" "" "routes"
}

# Two tenants' guests with the same address and, by chance, MAC.
case_the_same_address_twice() {
	world absent
	switch swb
	plug host swb - em03
	guest_port host vnic4.0 vmb "$(mac_of vm1)"
	ip -n vmb addr add 192.168.0.223/16 dev eth0
	route vmb default via 192.168.0.1
	serve vmb tcp 22
	check apply 1 "$ONE"
	host_patch host "\"revision\": 2, \"upsert\": {
		\"l2_networks\": [{\"uuid\": \"l2-b\", \"type\": \"novlan\", \"device\": \"em03\"}],
		\"l3_networks\": [{\"uuid\": \"l3-b\", \"l2\": \"l2-b\", \"cidr\": \"192.168.0.0/16\", \"gateway\": \"192.168.0.1\"}],
		\"ports\": [{\"uuid\": \"nic-b\", \"device\": \"vnic4.0\", \"l2\": \"l2-b\", \"mac\": \"$(mac_of vm1)\",
			\"anti_spoofing\": true, \"addresses\": [{\"l3\": \"l3-b\", \"address\": \"192.168.0.223\"}]}],
		\"eips\": [$(eip eip-b 10.151.30.26 nic-b 192.168.0.223)]}"
	until_ok tcp_ok ext 10.151.30.26 22
	is "$(who_name ext 10.151.30.26 22)" vmb
	until_ok tcp_ok ext $E 22
	is "$(who_name ext $E 22)" vm1
	is "$(who vmb $E 22)" "192.168.0.223 10.151.30.26"
	is "$(who vmb 198.51.100.10 80)" "198.51.100.10 10.151.30.26"
	is "$(who vm1 198.51.100.10 80)" "198.51.100.10 $E"
	check host_in_order host
}

# The guest moves, and its connections with it.
case_it_follows_the_guest() {
	world
	node host2
	plug host2 sw - em01
	plug host2 swf - em02
	host_start host2
	check apply 1 "$ONE"
	check apply 1 "$ONE" host2
	is "$(host_reason host2 eip-1)" "port nic-1: device vnic1.0 is not there"
	until_ok tcp_ok ext $E 22
	hold through ext $E 22
	capture_start wire ext sw arp
	ip -n host link set vnic1.0 netns host2
	ip -n host2 link set vnic1.0 up
	until_ok capture_has wire "who-has $E tell $E"
	until_ok hold_ok through
	until_ok is_reason host eip-1 "port nic-1: device vnic1.0 is not there"
	is "$(host_health host2 eip-1)" ready
	capture_stop wire
	check host_in_order host
	check host_in_order host2
}

is_reason() { [ "$(host_reason "$1" "$2")" = "$3" ]; }

# What others translate on this machine, as for its containers, is none of the agent's business; what an elastic IP
# carried ends with it, also where it went while the agent was away.
case_connections_of_others() {
	needs nat
	world
	host_stop host
	node box
	wire host 172.17.0.1/24 box 172.17.0.2/24
	route box default via 172.17.0.1
	serve box tcp 80
	ip -n host addr add 10.151.30.2/24 dev em01
	on host nft -f - <<-END
		table ip other {
			chain in { type nat hook prerouting priority dstnat; tcp dport 8080 dnat to 172.17.0.2:80; }
			chain out { type nat hook postrouting priority srcnat; ip saddr 172.17.0.2 masquerade; }
		}
	END
	# A connection that was forgotten would not be taken up again.
	on host sysctl -qw net.ipv4.ip_forward=1 net.netfilter.nf_conntrack_tcp_loose=0
	hold other ext 10.151.30.2 8080
	host_start host
	check hold_ok other
	check apply 1 "$ONE, $TWO"
	until_ok tcp_ok ext $E 22
	check hold_ok other
	hold kept ext $E2 22
	hold gone ext $E 22
	host_patch host '"revision": 2, "remove": {"eips": ["eip-2"]}'
	host_patch host "\"revision\": 3, \"upsert\": {\"eips\": [$TWO]}"
	check hold_ok other
	host_kill host -9
	check hold_ok other && check hold_ok kept && check hold_ok gone
	# The agent comes back to another document.
	rm -r "$CASE_DIR/host/hostnet/state"
	document 4 "$TWO" >"$CASE_DIR/another"
	host_start host --config "$CASE_DIR/another"
	check host_in_order host
	deny hold_ok gone
	check hold_ok kept
	check hold_ok other
	host_kill host -9
	host_start host
	check hold_ok other && check hold_ok kept
}

case_a_restart_changes_nothing() {
	world
	check apply 1 "$ONE"
	until_ok tcp_ok ext $E 22
	hold through ext $E 22
	host_kill host -9
	check hold_ok through
	host_start host
	check grep -q "revision 1 in place after 0 changes" <<<"$(host_log host)"
	check hold_ok through
	# What others take away comes back.
	on host nft flush chain netdev weft_host eip_in
	until_ok hold_ok through
	on host nft delete table netdev weft_host
	until_ok hold_ok through
	on host ip link del "$(on host ip -o link | sed -n 's/.* \(lg-[0-9a-f]*\)@.*/\1/p' | head -n 1)"
	until_ok hold_ok through
	on host bridge fdb del 06:e1:0a:97:1e:1d dev "$(on host bridge fdb | sed -n 's/^06:e1.* dev \([^ ]*\).*/\1/p')" master
	until_ok host_in_order host
	check hold_ok through
}

# Neither another's private address nor another's elastic IP can be had by frames that say so.
case_forged() {
	local leg
	world absent
	check apply 1 "$ONE"
	until_ok tcp_ok ext $E 22
	is "$(who far $E 22)" "192.168.0.223 198.51.100.10"
	leg=$(on host cat "/sys/class/net/$(on host ip -o link | sed -n 's/.* \(li-[0-9a-f]*\)@.*/\1/p' | tail -n 1)/address")
	capture_start wire inet sw udp
	on vm2 "$LIB/frame.py" eth0 udp dest=06:e1:0a:97:1e:1d from=192.168.0.211 to=198.51.100.10 sport=1 dport=11
	on vm2 "$LIB/frame.py" eth0 udp dest=06:e1:0a:97:1e:1d from=192.168.0.223 to=198.51.100.10 sport=1 dport=12
	on vm2 "$LIB/frame.py" eth0 udp "dest=$leg" from=192.168.0.211 to=$E sport=1 dport=13
	on vm1 "$LIB/frame.py" eth0 udp dest=06:e1:0a:97:1e:1d from=192.168.0.223 to=198.51.100.10 sport=1 dport=14 vlan=7
	on vm1 "$LIB/frame.py" eth0 udp dest=06:e1:0a:97:1e:1d from=192.168.0.223 to=198.51.100.10 sport=1 dport=15
	until_ok capture_has wire "$E.1 > 198.51.100.10.15"
	is "$(capture_text wire udp | wc -l)" 1 "frames outside"
	capture_stop wire
	# The public network's own side: who knows a leg's MAC has no way into the private network.
	check tcp_no ext 192.168.0.223 22
}

counter() { # MEMBER
	weft_call hostnet host Counters '{"filter": {"uuids": ["eip-1"]}}' | jq -r ".counters[0].$1"
}

case_what_it_carried() {
	world
	check apply 1 "$ONE"
	until_ok ping_ok ext $E
	local up down
	up=$(counter packets_up)
	down=$(counter packets_down)
	on ext ping -n -q -c 5 -i 0.2 -s 1000 $E >/dev/null
	# Requests go down, answers up: no others are counted.
	on peer ping -n -q -c 5 -i 0.2 192.168.0.223 >/dev/null
	is "$(($(counter packets_up) - up)) $(($(counter packets_down) - down))" "5 5" "packets up and down"
	[ "$(counter bytes_up)" -ge 5140 ] || fail "bytes up: $(counter bytes_up)"
	up=$(counter packets_up)
	host_kill host -9
	host_start host
	is "$(counter packets_up)" "$up" "packets up after a restart"
	is "$(weft_call hostnet host Counters | jq -c '[.counters[] | .uuid, .kind]')" '["eip-1","eip","nic-1","port","nic-2","port"]'
	deny weft_call hostnet host Counters '{"filter": {"uuids": ["nobody"]}}'
	host_patch host '"revision": 2, "remove": {"eips": ["eip-1"]}'
	is "$(weft_call hostnet host Counters '{"filter": {"kind": "eip"}}' | jq -c .counters)" "[]"
}

port_counter() { # MEMBER
	weft_call hostnet host Counters '{"filter": {"uuids": ["nic-2"], "kind": "port"}}' | jq -r ".counters[0].$1"
}

metric() { # NAME LABELS
	on host curl -s http://127.0.0.1:9200/metrics | awk -v name="$1{$2}" '$1 == name { print $2 }'
}

case_what_a_port_carried() {
	local up down
	world
	host_stop host
	host_start host --metrics tcp:127.0.0.1:9200
	check apply 1 "$ONE"
	until_ok ping_ok peer 192.168.0.211
	# Neither asks for the other's MAC in between.
	ip -n vm2 neigh replace 192.168.0.5 lladdr "$(on peer cat /sys/class/net/swf/address)" dev eth0 nud permanent
	ip -n peer neigh replace 192.168.0.211 lladdr "$(mac_of vm2)" dev swf nud permanent
	up=$(port_counter bytes_up)
	down=$(port_counter packets_down)
	on vm2 ping -n -q -c 5 -i 0.2 -s 1000 192.168.0.5 >/dev/null
	[ $(($(port_counter bytes_up) - up)) -ge 5210 ] || fail "bytes up: $up, then $(port_counter bytes_up)"
	[ $(($(port_counter packets_down) - down)) -ge 5 ] || fail "packets down: $down, then $(port_counter packets_down)"
	[ "$(metric weft_bytes_total 'kind="port",uuid="nic-2",direction="up"')" -ge $((up + 5210)) ] || fail "no figure of the port"
	[ -n "$(metric weft_packets_total 'kind="eip",uuid="eip-1",direction="down"')" ] || fail "no figure of the elastic IP"
	# One that rests has no numbers.
	ip -n host link del vnic2.0
	until_ok is_reason host nic-2 "device vnic2.0 is not there"
	is "$(port_counter bytes_up)" null
	is "$(metric weft_bytes_total 'kind="port",uuid="nic-2",direction="up"')" ""
}

run_cases "$@"
