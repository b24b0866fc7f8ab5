#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Limits of guests' ports: what a guest may send and receive; others are not touched.
#
#   vm1 172.20.0.11 (vnic1.0) --- host1 em01 --- sw --- site 172.20.0.1
#   vm2 172.20.0.12 (vnic2.0) ---
# timeout: 180
. "$(dirname "$0")/../lib/rate.sh"

port() { # NUMBER [UP DOWN]
	echo "{\"uuid\": \"nic-$1\", \"device\": \"vnic$1.0\", \"l2\": \"l2\", \"mac\": \"fa:00:00:00:01:0$1\",
		\"anti_spoofing\": true, \"addresses\": [{\"l3\": \"l3\", \"address\": \"172.20.0.1$1\"}],
		\"qos\": {\"up_kbps\": ${2:-0}, \"down_kbps\": ${3:-0}}}"
}

limit() { host_patch host1 "\"upsert\": {\"ports\": [$(port 1 "$@")]}"; } # UP DOWN

world() { # UP DOWN
	needs htb ifb ingress
	switch sw
	node host1 site
	plug host1 sw - em01
	plug site sw 172.20.0.1/16
	host_start host1
	check host_apply host1 - <<-END
		{ "revision": 1, "host": { "uuid": "h" },
		  "l2_networks": [ { "uuid": "l2", "type": "novlan", "device": "em01" } ],
		  "l3_networks": [ { "uuid": "l3", "l2": "l2", "cidr": "172.20.0.0/16" } ],
		  "ports": [ $(port 1 "$@"), $(port 2) ] }
	END
	for n in 1 2; do
		guest_port host1 vnic$n.0 vm$n fa:00:00:00:01:0$n
		ip -n vm$n addr add 172.20.0.1$n/16 dev eth0
		listen vm$n 5000
		until_ok ping_ok vm$n 172.20.0.1
	done
	until_ok host_in_order host1
}

case_both_directions_and_changes() {
	world 4000 20000
	is "$(host_health host1 nic-1)" ready
	about 20000 "$(rate site 172.20.0.11 5000 to)" "down"
	about 4000 "$(rate site 172.20.0.11 5000 from)" "up"
	about 4000 "$(rate vm2 172.20.0.11 5000 from)" "up, to a guest beside it"
	unlimited "$(rate site 172.20.0.12 5000 to)" "another guest's down"
	unlimited "$(rate site 172.20.0.12 5000 from)" "another guest's up"
	# It changes under a connection, which goes on.
	serve vm1 tcp 80
	hold a site 172.20.0.11 80
	limit 10000 5000
	about 5000 "$(rate site 172.20.0.11 5000 to)" "down, changed"
	about 10000 "$(rate site 172.20.0.11 5000 from)" "up, changed"
	check hold_ok a
	limit 0 5000
	unlimited "$(rate site 172.20.0.11 5000 from)" "up, without a limit"
	about 5000 "$(rate site 172.20.0.11 5000 to)" "down, still"
	limit 0 0
	unlimited "$(rate site 172.20.0.11 5000 to)" "down, without a limit"
	check hold_ok a
	deny grep -q qos <<<"$(on host1 ip link)"
	is "$(on host1 tc qdisc show dev vnic1.0 | grep -c -e htb -e ingress || true)" 0 "what is left"
	check host_in_order host1
}

case_over_restarts_and_other_hands() {
	local before
	world 4000 20000
	before=$(on host1 tc -d class show dev vnic1.0; on host1 ip -o link show type ifb)
	host_kill host1 -9
	host_start host1
	check host_in_order host1
	is "$(on host1 tc -d class show dev vnic1.0; on host1 ip -o link show type ifb)" "$before" "classes and links"
	on host1 tc qdisc del dev vnic1.0 root
	until_ok host_in_order host1
	about 20000 "$(rate site 172.20.0.11 5000 to)" "down, put right"
	# The guest is started again: another device of the same name.
	ip -n host1 link del vnic1.0
	ip netns del vm1
	guest_port host1 vnic1.0 vm1 fa:00:00:00:01:01
	ip -n vm1 addr add 172.20.0.11/16 dev eth0
	listen vm1 5000
	until_ok ping_ok vm1 172.20.0.1
	until_ok host_in_order host1
	about 4000 "$(rate site 172.20.0.11 5000 from)" "up, of the new device"
	is "$(on host1 ip -o link show type ifb | wc -l)" 1 "ifb links"
}

run_cases "$@"
