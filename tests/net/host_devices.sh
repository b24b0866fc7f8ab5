#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Guests' devices come, go, come again as others, and are touched by others: what hangs on a device is made and put right,
# and one device costs the same beside few others as beside many.
# timeout: 120
. "$(dirname "$0")/../lib/net.sh"

document() { # PORTS: vnic1.0 and vnic2.0, and others to PORTS
	python3 - "$1" <<-'END'
		import json
		import sys
		ports = [{"uuid": f"nic-{n}", "device": f"vnic{n}.0", "l2": "l2", "mac": f"fa:00:00:00:{n >> 8:02x}:{n & 255:02x}",
		          "addresses": [{"l3": "l3", "address": f"172.20.{n >> 8}.{n & 255}"}]} for n in range(1, int(sys.argv[1]) + 1)]
		print(json.dumps({"revision": 1, "host": {"uuid": "h"}, "l2_networks": [{"uuid": "l2", "type": "novlan", "device": "em01"}],
		                  "l3_networks": [{"uuid": "l3", "l2": "l2", "cidr": "172.20.0.0/16"}], "ports": ports}))
	END
}

world() { # PORTS
	switch sw
	node host site
	plug host sw - em01
	plug site sw 172.20.255.1/16
	host_start host
	document "$1" >"$CASE_DIR/document"
	check host_apply host "$CASE_DIR/document" >/dev/null
}

device() { # NUMBER
	guest_port host "vnic$1.0" "vm$1" "fa:00:00:00:00:0$1"
	ip -n "vm$1" addr add "172.20.0.$1/16" dev eth0
}

of_device() { ip -n host -j link show vnic1.0 | jq -r "$1"; } # FILTER: what jq says of vnic1.0

case_what_others_do_to_a_device() {
	world 2
	device 1
	device 2
	until_ok ping_ok site 172.20.0.1
	until_ok ping_ok site 172.20.0.2
	ip -n host link set vnic1.0 nomaster
	until_ok ping_ok site 172.20.0.1
	ip -n host link set vnic1.0 down
	until_ok ping_ok site 172.20.0.1
	ip -n host link set vnic1.0 mtu 1400
	until_ok is_mtu 1500
	ip -n host link set em01 nomaster
	until_ok ping_ok site 172.20.0.1
	check ping_ok site 172.20.0.2
	check host_in_order host
	check grep -q vnic1.0 <<<"$(weft_call hostnet host Status | jq -r '.drift[].key')"
}

is_mtu() { [ "$(of_device '.[0].mtu')" = "$1" ]; }

# Another device of the same name, so soon that nobody saw it missing.
case_another_device_of_the_same_name() {
	world 2
	device 1
	until_ok ping_ok site 172.20.0.1
	for _ in 1 2 3 4 5; do
		ip -n host -batch - <<-END
			link del vnic1.0
			link add name vnic1.0 type veth peer name eth0 address fa:00:00:00:00:01 netns vm1
			link set vnic1.0 up
		END
		ip -n vm1 link set eth0 up
		ip -n vm1 addr add 172.20.0.1/16 dev eth0
		until_ok ping_ok site 172.20.0.1
	done
	is "$(host_health host nic-1) $(host_health host nic-2)" "ready inactive"
	# It becomes another port's.
	ip -n host link set vnic1.0 down
	ip -n host link set vnic1.0 name vnic2.0
	ip -n host link set vnic2.0 up
	until_ok is_ready nic-2
	is "$(host_health host nic-1)" inactive
	check host_in_order host
}

is_ready() { [ "$(host_health host "$1")" = ready ]; }

# A bridge has the lowest of its ports' MACs, unless it has one of its own.
case_a_vxlan_keeps_its_mac() {
	local mac
	needs vxlan
	switch under
	node host
	plug host under 192.168.29.21/24 em02
	host_start host
	check host_apply host - <<-END >/dev/null
		{ "revision": 1, "host": { "uuid": "h", "vtep": "192.168.29.21" }, "l2_networks": [ { "uuid": "l2", "type": "vxlan", "vni": 5 } ],
		  "ports": [ { "uuid": "nic-1", "device": "vnic1.0", "l2": "l2", "mac": "fa:00:00:00:00:01" } ] }
	END
	mac=$(on host cat /sys/class/net/br-vx5/address)
	ip -n host link add vnic1.0 address 02:00:00:00:00:01 type veth peer name other1.0
	until_ok is_ready nic-1
	is "$(of_device '.[0].master')" br-vx5 "its bridge"
	is "$(on host cat /sys/class/net/br-vx5/address)" "$mac" "the bridge's MAC"
	check host_in_order host
}

# bytes_of_a_device: over netlink, for a device that goes and comes again, until all about it is over.
bytes_of_a_device() {
	start trace host strace -f -yy -s 0 -e trace=sendto,sendmsg,recvfrom,recvmsg -o "$CASE_DIR/bytes" -p "$(cat "$CASE_DIR/host/hostnet/pid")"
	local tracer=$STARTED from
	until_ok grep -q attached "$CASE_DIR/trace.log" >/dev/null
	until_ok is_quiet >/dev/null
	from=$(wc -l <"$CASE_DIR/bytes")
	{
		ip -n host link del vnic1.0
		until_no is_ready nic-1
		ip -n host link add vnic1.0 type veth peer name other1.0
		ip -n host link set vnic1.0 up
		until_ok is_plugged
		until_ok is_quiet
	} >/dev/null
	kill "$tracer"
	wait "$tracer" || true
	awk -F ' = ' -v "from=$from" 'NR > from && /<NETLINK:/ && $NF ~ /^[0-9]+/ { n += $NF } END { print n + 0 }' "$CASE_DIR/bytes"
}

is_plugged() { [ "$(of_device '.[0].master')" = br-em01 ]; }

# are_plugged N: so many of the guests' devices.
are_plugged() { [ "$(ip -n host -j link show master br-em01 | jq '[.[] | select(.ifname | startswith("vnic"))] | length')" = "$1" ]; }

# No call of the agent's in two seconds: the kernel tells of what links have become once a second.
is_quiet() {
	local lines
	lines=$(wc -l <"$CASE_DIR/bytes")
	sleep 2
	[ "$(wc -l <"$CASE_DIR/bytes")" -eq "$lines" ]
}

case_a_device_costs_the_same_beside_many() {
	local n few many
	needs_program strace
	world 600
	for n in 1 2; do ip -n host link add "vnic$n.0" type veth peer name "other$n.0"; done
	until_ok is_plugged
	few=$(bytes_of_a_device)
	for ((n = 3; n <= 600; n++)); do echo "link add vnic$n.0 type veth peer name other$n.0"; done | ip -n host -batch -
	until_ok is_ready nic-600
	until_ok are_plugged 600
	many=$(bytes_of_a_device)
	echo "beside 1: $few bytes, beside 599: $many bytes"
	[ "$many" -le $((few * 3 / 2)) ] || fail "a device costs $many bytes beside 599, $few beside 1"
}

run_cases "$@"
