#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# L2 networks of hosts: who reaches whom over a device and over VXLAN, and who does not.
#
#   vm1 --- host1 em01 --- sw --- em01 host2 --- vm2
#                 em02 ------------ em02
# timeout: 90
. "$(dirname "$0")/../lib/net.sh"

# hosts: two of them, on switch sw by em01 and with VTEPs by em02.
hosts() {
	local n
	switch sw
	switch under
	node host1 host2
	for n in 1 2; do
		plug "host$n" sw - em01
		plug "host$n" under "192.168.29.2$n/24" em02
		host_start "host$n"
	done
}

# vm N DEVICE: guest vmN on hostN as DEVICE, without address.
vm() {
	guest_port "host$1" "$2" "vm$1" "fa:00:00:00:01:0$1"
}

# addressed N ADDRESS
addressed() {
	ip -n "vm$1" addr add "$2" dev eth0
}

# novlan N: the device itself, with a guest.
novlan() {
	host_apply "host$1" - <<-END
		{ "revision": 1, "host": { "uuid": "h-$1" },
		  "l2_networks": [ { "uuid": "l2-flat", "type": "novlan", "device": "em01" } ],
		  "ports": [ { "uuid": "nic-$1", "device": "vnic$1.0", "l2": "l2-flat", "mac": "fa:00:00:00:01:0$1" } ] }
	END
}

# Wherever they are now.
routes_of_em01() {
	on host1 ip -o route | sed 's/ dev \(br-\)\?em01 / dev em01 /' | sort
}

case_a_device_without_vlan() {
	hosts
	vm 1 vnic1.0
	vm 2 vnic2.0
	addressed 1 172.20.108.48/16
	addressed 2 172.20.108.50/16
	node site
	plug site sw 172.20.0.1/16
	check novlan 1
	check novlan 2
	check ping_ok vm1 172.20.108.50
	check ping_ok vm2 172.20.108.48
	check ping_ok vm1 172.20.0.1
	is "$(host_health host1 l2-flat)" ready
	is "$(host_health host1 nic-1)" ready
	check host_in_order host1
	# It goes without a trace.
	check host_apply host1 - <<-END
		{ "revision": 2, "host": { "uuid": "h-1" } }
	END
	check ping_no vm1 172.20.0.1
	deny ip -n host1 link show br-em01
	is "$(on host1 cat /sys/class/net/em01/flags)" 0x1003 "em01 is up and in no bridge"
	check host_in_order host1
}

case_the_host_is_no_part_of_it() {
	hosts
	vm 1 vnic1.0
	addressed 1 192.168.29.100/24
	check novlan 1
	# Neither by its addresses elsewhere nor by one that it would give itself.
	ip -n vm1 neigh add 192.168.29.21 lladdr "$(on host1 cat /sys/class/net/em01/address)" dev eth0
	check ping_no vm1 192.168.29.21
	is "$(on host1 ip -o addr show dev br-em01)" ""
}

case_a_bridge_of_the_hosts_own() {
	hosts
	ip -n host1 addr flush dev em01
	ip -n host1 link add name br0 type bridge
	ip -n host1 link set em01 master br0
	ip -n host1 link set br0 up
	ip -n host1 addr add 172.20.0.21/16 dev br0
	node site
	plug site sw 172.20.0.1/16
	serve site tcp 80
	hold own host1 172.20.0.1 80
	vm 1 vnic1.0
	addressed 1 172.20.108.48/16
	check novlan 1
	check ping_ok vm1 172.20.0.1
	check ping_ok vm1 172.20.0.21 # of the same segment, as the document says nothing else
	is "$(on host1 cat /sys/class/net/vnic1.0/master/uevent | sed -n 's/^INTERFACE=//p')" br0
	check host_apply host1 - <<-END
		{ "revision": 2, "host": { "uuid": "h-1" } }
	END
	check ping_no vm1 172.20.0.1
	check hold_ok own
	is "$(on host1 cat /sys/class/net/em01/master/uevent | sed -n 's/^INTERFACE=//p')" br0
}

case_the_hosts_own_addresses_stay_reachable() {
	local rules
	hosts
	node site
	plug site sw 172.20.0.1/16
	ip -n site addr add 10.9.9.9/32 dev lo
	serve site tcp 80
	ip -n host1 addr add 172.20.0.21/16 dev em01
	route host1 default via 172.20.0.1
	route host1 10.9.9.9 via 172.20.0.1 metric 7
	rules=$(routes_of_em01)
	hold out host1 10.9.9.9 80
	vm 1 vnic1.0
	addressed 1 172.20.108.48/16
	check novlan 1
	check ping_ok vm1 172.20.0.21
	check ping_ok site 172.20.0.21
	check hold_ok out
	is "$(on host1 ip -o -4 addr show dev em01)" "" "what is left on em01"
	is "$(routes_of_em01)" "$rules" routes
	check host_in_order host1
	# Also when nobody remembers that em01 was put there.
	host_kill host1 -9
	rm -r "$CASE_DIR/host1/hostnet/state"
	host_start host1
	deny ip -n host1 link show br-em01
	check ping_ok site 172.20.0.21
	check hold_ok out
	check novlan 1
	check ping_ok vm1 172.20.0.21
	check host_apply host1 - <<-END
		{ "revision": 2, "host": { "uuid": "h-1" } }
	END
	check hold_ok out
	is "$(routes_of_em01)" "$rules" routes
}

case_a_device_that_comes_later() {
	hosts
	vm 1 vnic1.0
	addressed 1 172.20.108.48/16
	node site
	plug site sw 172.20.0.1/16
	ip -n host1 link del em01
	check novlan 1
	is "$(host_health host1 l2-flat)" inactive
	is "$(host_reason host1 l2-flat)" "device em01 is not there"
	is "$(host_reason host1 nic-1)" "l2_network l2-flat: device em01 is not there"
	plug host1 sw - em01
	until_ok ping_ok vm1 172.20.0.1
	is "$(host_health host1 l2-flat)" ready
}

# tagged N: networks 2800 and 2900 beside the untagged one, a guest in each: a, b and flat.
tagged() {
	host_apply "host$1" - <<-END
		{ "revision": 1, "host": { "uuid": "h-$1" },
		  "l2_networks": [ { "uuid": "l2-flat", "type": "novlan", "device": "em01" },
		                   { "uuid": "l2-a", "type": "vlan", "device": "em01", "vlan": 2800 },
		                   { "uuid": "l2-b", "type": "vlan", "device": "em01", "vlan": 2900, "mtu": 1400 } ],
		  "ports": [ { "uuid": "nic-flat", "device": "vnic1.0", "l2": "l2-flat", "mac": "$(mac_of "flat$1")" },
		             { "uuid": "nic-a", "device": "vnic2.0", "l2": "l2-a", "mac": "$(mac_of "a$1")" },
		             { "uuid": "nic-b", "device": "vnic3.0", "l2": "l2-b", "mac": "$(mac_of "b$1")" } ] }
	END
}

# network_guests N: all have the same address in their networks.
network_guests() {
	local name at=1
	for name in flat a b; do
		guest_port "host$1" "vnic$at.0" "$name$1" "$(mac_of "$name$1")"
		ip -n "$name$1" addr add "192.168.10.1$1/24" dev eth0
		serve "$name$1" tcp 80
		at=$((at + 1))
	done
}

case_vlans_beside_the_device_itself() {
	needs vlan bridge_vlan
	hosts
	bridge_trunk
	network_guests 1
	network_guests 2
	check tagged 1
	check tagged 2
	capture_start trunk sw p0
	is "$(who_name flat1 192.168.10.12 80)" flat2
	is "$(who_name a1 192.168.10.12 80)" a2
	is "$(who_name b1 192.168.10.12 80)" b2
	is "$(who_name b2 192.168.10.11 80)" b1
	until_ok capture_has trunk "vlan 2800"
	until_ok capture_has trunk "vlan 2900"
	capture_stop trunk
	# Nobody sees a frame of another network.
	capture_start flat flat2 eth0
	capture_start a a2 eth0
	ip -n b2 addr add 192.168.10.77/24 dev eth0
	check ping_ok b1 192.168.10.77
	check ping_no flat1 192.168.10.77
	check ping_no a1 192.168.10.77
	deny capture_has flat "$(mac_of b1)"
	deny capture_has a "$(mac_of b1)"
	capture_stop flat
	capture_stop a
	is "$(on host1 cat /sys/class/net/br-em01.2900/mtu /sys/class/net/vnic3.0/mtu | xargs)" "1400 1400"
	check host_in_order host1
	check host_apply host1 - <<-END
		{ "revision": 9, "host": { "uuid": "h-1" } }
	END
	is "$(on host1 ls /sys/class/net | xargs)" "em01 em02 lo vnic1.0 vnic2.0 vnic3.0"
}

# The switch carries both VLANs between its ports, and untagged frames.
bridge_trunk() {
	local port
	ip -n sw link set br0 type bridge vlan_filtering 1
	for port in p0 p1; do
		bridge -n sw vlan add dev "$port" vid 2800
		bridge -n sw vlan add dev "$port" vid 2900
	done
}

case_a_vlan_that_the_host_made() {
	needs vlan
	hosts
	ip -n host1 link add link em01 name storage type vlan id 2800
	ip -n host1 link set storage up
	ip -n host1 addr add 192.168.10.21/24 dev storage
	network_guests 1
	check tagged 1
	check ping_ok a1 192.168.10.21
	deny ip -n host1 link show em01.2800
	check host_in_order host1
	check host_apply host1 - <<-END
		{ "revision": 9, "host": { "uuid": "h-1" } }
	END
	is "$(on host1 ip -o -4 addr show dev storage | awk '{ print $4 }')" 192.168.10.21/24
}

run_cases "$@"
