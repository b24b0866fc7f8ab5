#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# VXLAN networks of hosts whose underlay is routed: tenants apart, whatever their addresses.
#
#   vma1 vmb1 --- host1 em02 --- router --- em02 host2 --- vma2 vmb2
# timeout: 90
. "$(dirname "$0")/../lib/net.sh"

PEER=(x 192.168.30.22 192.168.29.21)

hosts() {
	local n
	needs vxlan
	node host1 host2 router
	wire host1 192.168.29.21/24 router 192.168.29.1/24
	wire host2 192.168.30.22/24 router 192.168.30.1/24
	for n in 1 2; do
		ip -n "host$n" link set router name em02
		ip -n "host$n" link set em02 up
		route "host$n" default via "192.168.$((28 + n)).1"
		host_start "host$n"
	done
	on router sysctl -qw net.ipv4.ip_forward=1
}

# vm NAME N ADDRESS: a guest on hostN as vnic-NAME, of MAC mac_of NAME.
vm() {
	guest_port "host$2" "vnic-$1" "$1" "$(mac_of "$1")"
	ip -n "$1" addr add "$3" dev eth0
}

# apply N REVISION [REMOTE_A]: networks a (VNI 100) and b (200), each with the guest of its name.
apply() {
	host_apply "host$1" - <<-END
		{ "revision": $2, "host": { "uuid": "h-$1", "vtep": "192.168.$((28 + $1)).2$1" },
		  "l2_networks": [
		    { "uuid": "l2-a", "type": "vxlan", "vni": 100, "peers": [ "${PEER[$1]}" ], "remote": [ ${3:-} ] },
		    { "uuid": "l2-b", "type": "vxlan", "vni": 200, "peers": [ "${PEER[$1]}" ] } ],
		  "ports": [
		    { "uuid": "nic-a", "device": "vnic-vma$1", "l2": "l2-a", "mac": "$(mac_of "vma$1")" },
		    { "uuid": "nic-b", "device": "vnic-vmb$1", "l2": "l2-b", "mac": "$(mac_of "vmb$1")" } ] }
	END
}

# guests: a and b have the same addresses.
guests() {
	local n
	for n in 1 2; do
		vm "vma$n" "$n" "192.168.10.1$n/24"
		vm "vmb$n" "$n" "192.168.10.1$n/24"
		serve "vma$n" tcp 80
		serve "vmb$n" tcp 80
		check apply "$n" 1
	done
}

case_two_tenants_with_the_same_addresses() {
	hosts
	guests
	is "$(who_name vma1 192.168.10.12 80)" vma2
	is "$(who_name vmb1 192.168.10.12 80)" vmb2
	is "$(who_name vma2 192.168.10.11 80)" vma1
	# A third address is only in a: nobody of b sees a frame of it.
	capture_start b1 vmb1 eth0
	capture_start b2 vmb2 eth0
	ip -n vma2 addr add 192.168.10.77/24 dev eth0
	check ping_ok vma1 192.168.10.77
	check ping_no vmb1 192.168.10.77
	deny capture_has b1 "$(mac_of vma1)"
	deny capture_has b2 "$(mac_of vma1)"
	capture_stop b1
	capture_stop b2
	check host_in_order host1
}

case_broadcast_and_multicast_reach_every_host() {
	hosts
	guests
	capture_start there vma2 eth0
	on vma1 ping -c 1 -w 1 -b 192.168.10.255 >/dev/null || true
	on vma1 ping -c 1 -w 1 -I eth0 224.0.0.77 >/dev/null || true
	until_ok capture_has there "192.168.10.11 > 192.168.10.255"
	until_ok capture_has there "192.168.10.11 > 224.0.0.77"
	capture_stop there
}

case_a_known_guest_is_not_asked_for() {
	hosts
	guests
	check apply 1 2 "{ \"mac\": \"$(mac_of vma2)\", \"address\": \"192.168.10.12\", \"vtep\": \"192.168.30.22\" }"
	check host_in_order host1
	ip -n vma1 neigh flush dev eth0
	capture_start wire router host1 udp port 4789
	is "$(who_name vma1 192.168.10.12 80)" vma2
	# Someone unknown is looked for as ever.
	ip -n vma2 addr add 192.168.10.77/24 dev eth0
	check ping_ok vma1 192.168.10.77
	until_ok capture_has wire "Request who-has 192.168.10.77"
	deny capture_has wire "Request who-has 192.168.10.12 tell 192.168.10.11"
	capture_stop wire
	# A guest that has gone elsewhere.
	check apply 1 3 "{ \"mac\": \"$(mac_of vma2)\", \"address\": \"192.168.10.12\", \"vtep\": \"192.168.30.99\" }"
	check ping_no vma1 192.168.10.12
	check apply 1 4
	until_ok ping_ok vma1 192.168.10.12
	check host_in_order host1
}

# knows GUEST ADDRESS MAC: by its own neighbour table.
knows() { [ "$(ip -n "$1" -j neigh show "$2" dev eth0 | jq -r '.[].lladdr')" = "$3" ]; }

# What stands for an address changes: those who knew the old one hear of it on every host.
case_who_takes_an_address_over_is_heard() {
	local old=fa:00:00:00:77:77 address
	hosts
	guests
	check apply 1 2 "{ \"mac\": \"$(mac_of vma2)\", \"address\": \"192.168.10.12\", \"vtep\": \"192.168.30.22\" }"
	check host_in_order host1
	for address in 192.168.10.77 fd00::77; do
		ip -n vma1 neigh replace $address lladdr $old nud stale dev eth0
		ip -n vmb1 neigh replace $address lladdr $old nud stale dev eth0
	done
	on vma2 "$LIB/frame.py" eth0 arp ip=192.168.10.77 for=192.168.10.77
	on vma2 "$LIB/frame.py" eth0 advert target=fd00::77
	for address in 192.168.10.77 fd00::77; do
		until_ok knows vma1 $address "$(mac_of vma2)"
		check knows vmb1 $address $old
	done
	# Who looks whether anybody has an address already is told, by whoever has it.
	ip -n vma2 addr add 192.168.10.78/24 dev eth0
	capture_start answers vma1 eth0 arp
	on vma1 "$LIB/frame.py" eth0 arp ip=0.0.0.0 for=192.168.10.78
	until_ok capture_has answers "Reply 192.168.10.78 is-at $(mac_of vma2)"
	capture_stop answers
}

# apply_entries N REVISION [ENTRIES]: network a as above, its peers and guests as objects of their own.
apply_entries() {
	host_apply "host$1" - <<-END
		{ "revision": $2, "host": { "uuid": "h-$1", "vtep": "192.168.$((28 + $1)).2$1" },
		  "l2_networks": [ { "uuid": "l2-a", "type": "vxlan", "vni": 100, "pool": "pool" } ],
		  "vteps": [ { "uuid": "t1", "pool": "pool", "address": "${PEER[1]}" }, { "uuid": "t2", "pool": "pool", "address": "${PEER[2]}" } ],
		  "l2_remotes": [ ${3:-} ],
		  "ports": [ { "uuid": "nic-a", "device": "vnic-vma$1", "l2": "l2-a", "mac": "$(mac_of "vma$1")" } ] }
	END
}
entry() { # N VTEP: guest vmaN, as an entry
	echo "{ \"uuid\": \"vma$1\", \"l2\": \"l2-a\", \"mac\": \"$(mac_of "vma$1")\", \"address\": \"192.168.10.1$1\", \"vtep\": \"$2\" }"
}
patched() { # REVISION SECTIONS: at host1
	weft_call hostnet host1 Patch "{\"base_revision\": $1, $2}" | jq -r '.plan[] | .action + " " + .kind + " " + .key' | sort
}

# Peers and guests one by one: the same for all hosts, and each passes over what is its own.
case_entries_are_followed_one_by_one() {
	local both n
	hosts
	for n in 1 2; do
		vm "vma$n" "$n" "192.168.10.1$n/24"
		serve "vma$n" tcp 80
	done
	both="$(entry 1 192.168.29.21), $(entry 2 192.168.30.22)"
	check apply_entries 1 1 "$both"
	check apply_entries 2 1 "$both"
	check host_in_order host1
	is "$(on host1 bridge fdb show dev vx100 | sed -n '/dst 192.168.29.21/p')" "" "nothing goes to itself"
	capture_start wire router host1 udp port 4789
	is "$(who_name vma1 192.168.10.12 80)" vma2
	# Its peers hear of whom nobody knows.
	ip -n vma2 addr add 192.168.10.77/24 dev eth0
	check ping_ok vma1 192.168.10.77
	until_ok capture_has wire "Request who-has 192.168.10.77"
	deny capture_has wire "Request who-has 192.168.10.12 tell 192.168.10.11"
	capture_stop wire
	# It has gone elsewhere, and come back.
	is "$(patched 1 "\"upsert\": {\"l2_remotes\": [$(entry 2 192.168.30.99)]}")" \
		"$(printf '%s\n' "add fdb vx100 $(mac_of vma2) 192.168.30.99" "remove fdb vx100 $(mac_of vma2) 192.168.30.22")"
	check ping_no vma1 192.168.10.12
	is "$(patched 2 '"remove": {"l2_remotes": ["vma2"]}' | wc -l)" 3 "all that the entry made"
	until_ok ping_ok vma1 192.168.10.12
	# A host that goes is flooded no more.
	is "$(patched 3 '"remove": {"vteps": ["t1"]}, "upsert": {"vteps": [{"uuid": "t3", "pool": "pool", "address": "192.168.30.99"}]}')" \
		"$(printf '%s\n' "add fdb vx100 00:00:00:00:00:00 192.168.30.99" "remove fdb vx100 00:00:00:00:00:00 192.168.30.22")"
	check host_in_order host1
	host_kill host1 -9
	host_start host1
	check host_in_order host1
}

case_the_largest_packets() {
	hosts
	guests
	is "$(on host1 cat /sys/class/net/br-vx100/mtu /sys/class/net/vnic-vma1/mtu | xargs)" "1450 1450"
	ip -n vma1 link set eth0 mtu 1450
	ip -n vma2 link set eth0 mtu 1450
	capture_start frags router host1 'ip[6:2] & 0x3fff != 0'
	check ping_ok vma1 192.168.10.12 -M "do" -s 1422
	deny capture_has frags 192.168
	capture_stop frags
}

case_it_goes_without_a_trace() {
	hosts
	guests
	check host_apply host1 - <<-END
		{ "revision": 9, "host": { "uuid": "h-1" } }
	END
	check ping_no vma1 192.168.10.12
	is "$(on host1 sh -c 'ls /sys/class/net; bridge fdb; ip neigh show nud permanent' | grep -c 'vx\|br-' || true)" 0
	check host_in_order host1
}

case_a_restart_changes_nothing() {
	hosts
	guests
	check apply 1 2 "{ \"mac\": \"$(mac_of vma2)\", \"address\": \"192.168.10.12\", \"vtep\": \"192.168.30.22\" }"
	hold through vma1 192.168.10.12 80
	host_kill host1 -9
	check hold_ok through
	host_start host1
	check grep -q "revision 2 in place after 0 changes" <<<"$(host_log host1)"
	check hold_ok through
	# What others take away comes back.
	ip -n host1 link set vnic-vma1 nomaster
	until_ok hold_ok through
	bridge -n host1 fdb del 00:00:00:00:00:00 dev vx100 dst 192.168.30.22
	until_ok sh -c "bridge -n host1 fdb show dev vx100 | grep -q '00:00:00:00:00:00 dst 192.168.30.22'"
	ip -n host1 link del vx100
	until_ok hold_ok through
	check host_in_order host1
}

case_the_vteps_address_comes_and_goes() {
	hosts
	guests
	ip -n host1 addr del 192.168.29.21/24 dev em02
	until_ok is_reason l2-a "no link has the VTEP's address 192.168.29.21"
	deny tcp_ok vma1 192.168.10.12 80
	ip -n host1 addr add 192.168.29.21/24 dev em02
	route host1 default via 192.168.29.1
	until_ok tcp_ok vma1 192.168.10.12 80
	is "$(host_health host1 l2-a)" ready
}

is_reason() { [ "$(host_reason host1 "$1")" = "$2" ]; }

run_cases "$@"
