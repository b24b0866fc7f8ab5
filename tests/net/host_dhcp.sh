#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Each host answers its own guests' DHCP: with the address that is meant for them, and unheard by
# anyone else.
#
#   vm1 (vnic1.0) --- host1 em01 --- sw --- em01 host2 --- vm2 (vnic2.0)
#   vm3 (vnic3.0) ---                |
#                                   site 172.20.0.1
# timeout: 120
. "$(dirname "$0")/../lib/net.sh"

SERVER=172.20.0.2

world() {
	needs_program udhcpc
	switch sw
	node host1 host2 site
	plug host1 sw - em01
	plug host2 sw - em01
	plug site sw 172.20.0.1/16
	host_start host1
	host_start host2
	# Tells what it was told, and touches nothing.
	cat >"$CASE_DIR/told" <<-'END'
		#!/bin/sh
		[ "$1" = bound ] || exit 0
		echo "address=$ip/$mask router=$router dns=$dns mtu=$mtu name=$hostname domain=$domain lease=$lease"
	END
	chmod +x "$CASE_DIR/told"
}

# network UUID ADDRESS [MEMBERS]: an L3 network with a responder.
network() {
	echo "{\"uuid\": \"l3\", \"l2\": \"l2\", \"cidr\": \"172.20.0.0/16\", \"gateway\": \"172.20.0.1\", \"mtu\": 1400,
		\"dns\": [\"223.5.5.5\", \"114.114.114.114\"], \"domain\": \"cloud.test\",
		\"dhcp\": {\"enabled\": ${1:-true}, \"server\": \"$SERVER\", \"lease_s\": 3600}}"
}

port() { # NUMBER [MEMBERS]
	echo "{\"uuid\": \"nic-$1\", \"device\": \"vnic$1.0\", \"l2\": \"l2\", \"mac\": \"fa:00:00:00:01:0$1\",
		\"anti_spoofing\": true, \"addresses\": [{\"l3\": \"l3\", \"address\": \"172.20.108.4$1\"}]${2:-}}"
}

apply() { # HOST NETWORK PORTS
	host_apply "$1" - <<-END
		{ "revision": 1, "host": { "uuid": "h" },
		  "l2_networks": [ { "uuid": "l2", "type": "novlan", "device": "em01" } ],
		  "l3_networks": [ $2 ], "ports": [ $3 ] }
	END
}

# Five discovers, then it gives up: no lease.
lease() { # NODE
	on "$1" udhcpc -i eth0 -f -q -n -t 5 -T 2 -s "$CASE_DIR/told" \
		-O mtu -O hostname -O domain -O lease -O router -O dns 2>"$CASE_DIR/$1.udhcpc"
}

# The process that serves the network, as Status tells it.
server_pid() { weft_call hostnet "$1" Status | jq -e '.services[] | select(.name == "dhcp-l3").pid'; }

two_hosts() { # [MEMBERS_OF_NIC_3]
	world
	apply host1 "$(network)" "$(port 1 ', "default": true, "hostname": "web-1"'), $(port 3 "${1:-}")"
	apply host2 "$(network)" "$(port 2 ', "default": true')"
	guest_port host1 vnic1.0 vm1 fa:00:00:00:01:01
	guest_port host1 vnic3.0 vm3 fa:00:00:00:01:03
	guest_port host2 vnic2.0 vm2 fa:00:00:00:01:02
}

case_each_host_answers_its_own() {
	two_hosts
	capture_start wire site sw
	until_ok lease vm1
	is "$(lease vm1)" \
		"address=172.20.108.41/16 router=172.20.0.1 dns=223.5.5.5 114.114.114.114 mtu=1400 name=web-1 domain=cloud.test lease=3600" \
		"the default NIC"
	until_ok lease vm3
	is "$(lease vm3)" "address=172.20.108.43/16 router= dns= mtu=1400 name= domain= lease=3600" \
		"a second NIC"
	until_ok lease vm2
	check grep -q "name=172-20-108-42" <<<"$(lease vm2)"
	is "$(host_health host1 l3)" ready
	# Its address is on both hosts, and each guest finds it on its own.
	ip -n vm1 addr add 172.20.108.41/16 dev eth0
	ip -n vm2 addr add 172.20.108.42/16 dev eth0
	until_ok ping_ok vm1 "$SERVER"
	check ping_ok vm2 "$SERVER"
	check ping_ok vm1 172.20.108.42
	check ping_no site "$SERVER"
	capture_stop wire
	check capture_has wire 172.20.108.42
	is "$(capture_text wire udp port 67 or udp port 68)" "" "DHCP on the wire"
	is "$(capture_text wire "arp and host $SERVER and not ether src $(on site cat /sys/class/net/sw/address)")" \
		"" "ARP of the server's address on the wire"
	is "$(capture_text wire "ip host $SERVER and not src 172.20.0.1")" "" "its packets on the wire"
}

case_strangers_get_nothing() {
	two_hosts
	until_ok lease vm1
	ip -n vm1 link set dev eth0 address fa:00:00:00:01:09
	deny lease vm1
	# Neither does one whose network has it switched off.
	host_patch host1 "\"upsert\": {\"l3_networks\": [$(network false)]}"
	until_no server_pid host1
	ip -n vm1 link set dev eth0 address fa:00:00:00:01:01
	deny lease vm1
	is "$(ls "$CASE_DIR/host1/hostnet/run/netns" "$CASE_DIR/host1/hostnet/run/dhcp")" \
		"$(printf '%s:\n\n%s:' "$CASE_DIR/host1/hostnet/run/dhcp" "$CASE_DIR/host1/hostnet/run/netns")" \
		"what is left"
	deny grep -q dh- <<<"$(on host1 ip link)"
}

server_is() { [ "$(server_pid "$1")" = "$2" ]; }
nothing_left() { # NODE: of namespaces and of what dnsmasq reads
	[ -z "$(find "$CASE_DIR/$1/hostnet/run" \( -path '*/netns/*' -o -path '*/dhcp/*' \))" ]
}
lease_is() { lease "$1" | grep -q "$2"; }

case_changes_without_a_restart() {
	local pid
	two_hosts ', "default": true'
	until_ok lease vm1
	pid=$(server_pid host1)
	host_patch host1 "\"upsert\": {\"ports\": [$(port 1 ', "default": true, "hostname": "other"' | sed s/108.41/108.51/)]}"
	until_ok lease_is vm1 "address=172.20.108.51/16 .* name=other "
	check lease vm3
	host_patch host1 '"remove": {"ports": ["nic-3"]}'
	until_no lease vm3
	# Its lease was given back: another has the address at once.
	host_patch host1 "\"upsert\": {\"ports\": [$(port 1 ', "default": true' | sed s/108.41/108.43/)]}"
	until_ok lease_is vm1 "address=172.20.108.43/16 "
	is "$(server_pid host1)" "$pid" "the process"
	check host_in_order host1
}

# dnsmasq does not outlive a reload after it answered one that has a tag: it is started anew.
case_second_nics_come_and_go() {
	two_hosts
	until_ok lease vm3
	check lease vm1
	host_patch host1 '"remove": {"ports": ["nic-3"]}'
	until_no lease vm3
	host_patch host1 "\"upsert\": {\"ports\": [$(port 1 ', "default": true' | sed s/108.41/108.43/)]}"
	until_ok lease_is vm1 "address=172.20.108.43/16 "
	is "$(weft_call hostnet host1 Status | jq .services[0].restarts)" 0 "ends of the process that nobody asked for"
	check host_in_order host1
}

case_outlives_the_agent() {
	local pid
	two_hosts ', "default": true'
	until_ok lease vm1
	pid=$(server_pid host1)
	host_kill host1 -9
	check lease vm1
	host_start host1
	is "$(server_pid host1)" "$pid" "the process"
	check host_in_order host1
	check lease vm1
	kill -9 "$pid"
	until_ok lease vm1
	until_no server_is host1 "$pid"
	host_stop host1
	host_start host1
	check host_in_order host1
	# A document without the host leaves nothing behind.
	host_apply host1 - <<<'{ "revision": 9 }'
	until_ok nothing_left host1
	deny grep -q dh- <<<"$(on host1 ip link)"
	is "$(pgrep -c -f "conf-file=$CASE_DIR/host1/" || true)" 0 "processes"
}

case_two_tenants_with_the_same_subnet() {
	world
	ip -n host1 addr add 10.0.0.1/24 dev em01
	host_apply host1 - <<-END
		{ "revision": 1, "host": { "uuid": "h", "vtep": "10.0.0.1" },
		  "l2_networks": [ { "uuid": "l2-a", "type": "vxlan", "vni": 11 }, { "uuid": "l2-b", "type": "vxlan", "vni": 12 } ],
		  "l3_networks": [
		    { "uuid": "l3-a", "l2": "l2-a", "cidr": "192.168.10.0/24", "dhcp": { "enabled": true, "server": "192.168.10.2" } },
		    { "uuid": "l3-b", "l2": "l2-b", "cidr": "192.168.10.0/24", "dhcp": { "enabled": true, "server": "192.168.10.2" } } ],
		  "ports": [
		    { "uuid": "a", "device": "vnic1.0", "l2": "l2-a", "mac": "fa:00:00:00:01:01", "anti_spoofing": true, "default": true,
		      "hostname": "a", "addresses": [ { "l3": "l3-a", "address": "192.168.10.7" } ] },
		    { "uuid": "b", "device": "vnic2.0", "l2": "l2-b", "mac": "fa:00:00:00:01:01", "anti_spoofing": true, "default": true,
		      "hostname": "b", "addresses": [ { "l3": "l3-b", "address": "192.168.10.7" } ] } ] }
	END
	guest_port host1 vnic1.0 vm1 fa:00:00:00:01:01
	guest_port host1 vnic2.0 vm2 fa:00:00:00:01:01
	until_ok lease vm1
	until_ok lease vm2
	check grep -q "address=192.168.10.7/24 .* name=a " <<<"$(lease vm1)"
	check grep -q "address=192.168.10.7/24 .* name=b " <<<"$(lease vm2)"
}

run_cases "$@"
