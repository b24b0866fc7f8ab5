#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A guarded port lets nothing out but its guest's own MAC and addresses; an open one does.
#
#   vm  (vnic1.0, guarded, 172.20.108.48)  --- host em01 --- sw --- site 172.20.0.1
#   any (vnic2.0, open, 172.20.108.50)     ---
# timeout: 90
. "$(dirname "$0")/../lib/net.sh"

VM_MAC=fa:00:00:00:01:01
ANY_MAC=fa:00:00:00:01:02

world() {
	switch sw
	node host site
	plug host sw - em01
	plug site sw 172.20.0.1/16
	host_start host
}

apply() {
	host_apply host - <<-END
		{ "revision": 1, "host": { "uuid": "h" },
		  "l2_networks": [ { "uuid": "l2", "type": "novlan", "device": "em01" } ],
		  "l3_networks": [ { "uuid": "l3", "l2": "l2", "cidr": "172.20.0.0/16" },
		                   { "uuid": "l3-6", "l2": "l2", "cidr": "fd00::/64" } ],
		  "ports": [
		    { "uuid": "nic-vm", "device": "vnic1.0", "l2": "l2", "mac": "$VM_MAC", "anti_spoofing": true,
		      "addresses": [ { "l3": "l3", "address": "172.20.108.48" }, { "l3": "l3-6", "address": "fd00::48" } ] },
		    { "uuid": "nic-any", "device": "vnic2.0", "l2": "l2", "mac": "$ANY_MAC",
		      "addresses": [ { "l3": "l3", "address": "172.20.108.50" } ] } ] }
	END
}

guests() {
	guest_port host vnic1.0 vm $VM_MAC
	guest_port host vnic2.0 any $ANY_MAC
	ip -n vm addr add 172.20.108.48/16 dev eth0
	ip -n any addr add 172.20.108.50/16 dev eth0
}

frame() { # NODE KIND...
	local name=$1
	shift
	on "$name" "$LIB/frame.py" eth0 "$@"
}

# send KIND...: the same frame of both guests; a mark follows, so that it is known when it is through.
send() {
	frame vm "$@"
	frame any "$@"
	frame vm udp from=172.20.108.48 to=172.20.0.1 sport=1 dport=9 text=mark
	until_ok marks "$((MARKS += 1))"
}

marks() { [ "$(capture_text seen "udp dst port 9" | wc -l)" -eq "$1" ]; }

# only_from_any TEXT [FILTER...]: of the two, only the open port's was let out.
only_from_any() {
	local text=$1
	shift
	is "$(capture_text seen "$@" | grep -F -- "$text" | awk '{ print $2 }' | sort -u | xargs)" "$ANY_MAC"
}

case_only_its_own() {
	MARKS=0
	world
	check apply
	guests
	until_ok ping_ok vm 172.20.0.1
	check ping_ok any 172.20.0.1
	capture_start seen site sw
	# Another MAC: not even the bridge learns it.
	send udp source=fa:00:00:00:09:09 from=172.20.108.48 to=172.20.0.1 sport=1 dport=10
	is "$(capture_text seen udp dst port 10 | wc -l)" 1
	frame vm udp source=fa:00:00:00:09:08 from=172.20.108.48 to=172.20.0.1 sport=1 dport=10
	deny grep -q fa:00:00:00:09:08 <<<"$(on host bridge fdb)"
	send udp from=172.20.99.99 to=172.20.0.1 sport=1 dport=11
	only_from_any "172.20.99.99"
	# Somebody else's address, and one of its own with another's MAC inside.
	send arp ip=172.20.0.77 for=172.20.0.1
	only_from_any "tell 172.20.0.77"
	send arp mac=fa:00:00:00:09:09 ip=172.20.108.48 for=172.20.0.78
	only_from_any "who-has 172.20.0.78"
	send arp op=2 ip=172.20.0.77 for=172.20.0.1
	only_from_any "Reply 172.20.0.77"
	# Whether an address is free may be asked.
	send arp ip=0.0.0.0 for=172.20.0.79
	is "$(capture_text seen arp | grep -c "who-has 172.20.0.79")" 2
	# DHCP: questions pass, answers do not.
	send udp from=0.0.0.0 to=255.255.255.255 sport=68 dport=67
	is "$(capture_text seen udp dst port 67 | wc -l)" 2
	send udp from=172.20.108.48 to=255.255.255.255 sport=67 dport=68
	only_from_any "172.20.108.48" udp dst port 68
	# Other networks of the device.
	send udp from=172.20.108.48 to=172.20.0.1 sport=1 dport=12 vlan=2800
	is "$(capture_text seen vlan | wc -l)" 0 "frames with tags"
	send udp from=172.20.108.48 to=172.20.0.1 sport=1 dport=12 vlan=2800 outer=0x88a8
	is "$(capture_text seen ether proto 0x88a8 | wc -l)" 0 "frames with outer tags"
	capture_stop seen
	check ping_ok vm 172.20.0.1
}

case_ipv6_too() {
	needs ipv6
	MARKS=0
	world
	check apply
	guests
	ip -n vm addr add fd00::48/64 dev eth0 nodad
	ip -n site addr add fd00::1/64 dev sw nodad
	until_ok ping_ok vm fd00::1
	capture_start seen site sw
	send router
	only_from_any "router advertisement"
	send advert target=fd00::1
	only_from_any "tgt is fd00::1,"
	ip -n vm addr add fd00::66/64 dev eth0 nodad
	check ping_no vm fd00::1 -I fd00::66
	ip -n vm addr del fd00::66/64 dev eth0
	capture_stop seen
	check ping_ok vm fd00::1
}

# Without a pause, until $STARTED is killed or its link goes.
forge() {
	start forger vm "$LIB/frame.py" eth0 udp source=fa:00:00:00:09:09 from=172.20.108.99 \
		to=172.20.0.1 sport=1 dport=13 count=1000000000
}

# Whatever comes first, no frame gets out before the guard stands.
case_from_the_first_frame() {
	world
	check apply
	is "$(host_health host nic-vm)" inactive
	is "$(host_reason host nic-vm)" "device vnic1.0 is not there"
	capture_start seen site sw
	# It sends before it is plugged in.
	node vm
	for _ in 1 2 3; do
		ip -n host link add name vnic1.0 type veth peer name eth0 address $VM_MAC netns vm
		ip -n vm link set eth0 up
		ip -n host link set vnic1.0 up
		ip -n vm addr add 172.20.108.48/16 dev eth0
		forge
		until_ok ping_ok vm 172.20.0.1
		kill "$STARTED" || true
		ip -n host link del vnic1.0
	done
	deny capture_has seen fa:00:00:00:09:09
	# The document comes last, and goes first.
	guests
	until_ok ping_ok vm 172.20.0.1
	forge
	for _ in 1 2 3 4 5; do
		host_apply host - >/dev/null <<-END
			{ "revision": 2, "host": { "uuid": "h" } }
		END
		apply >/dev/null
		check ping_ok any 172.20.0.1
	done
	kill "$STARTED"
	deny capture_has seen fa:00:00:00:09:09
	capture_stop seen
}

case_tags_of_other_networks_stay_outside() {
	needs bridge
	world
	check apply
	guests
	until_ok ping_ok vm 172.20.0.1
	capture_start vm vm eth0
	capture_start any any eth0
	on site "$LIB/frame.py" sw udp from=172.20.0.1 to=172.20.108.48 sport=1 dport=12 vlan=2900
	check ping_ok site 172.20.108.48
	check ping_ok site 172.20.108.50
	until_ok capture_has vm "ICMP echo request"
	until_ok capture_has any "ICMP echo request"
	is "$(capture_text vm vlan | wc -l) $(capture_text any vlan | wc -l)" "0 0" "frames with tags"
	capture_stop vm
	capture_stop any
}

run_cases "$@"
