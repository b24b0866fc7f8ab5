#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Limits of elastic IPs on the guest's host; others are not touched.
#
#   vm .223 (vnic1.0) --- host em02; em01 --- sw --- ext 10.0.0.9
# timeout: 180
. "$(dirname "$0")/../lib/rate.sh"

world() {
	needs htb
	switch sw
	switch swf
	node host ext
	plug host sw - em01
	plug host swf - em02
	plug ext sw 10.0.0.9/8
	host_start host
	guest_port host vnic1.0 vm "$(mac_of vm)"
	ip -n vm addr add 192.168.0.223/16 dev eth0
	route vm default via 192.168.0.1
	listen vm 5000
	listen vm 5001
	check host_apply host - <<-END
		{ "revision": 1, "host": { "uuid": "h" },
		  "l2_networks": [ { "uuid": "l2-pub", "type": "novlan", "device": "em01" },
		                   { "uuid": "l2-flat", "type": "novlan", "device": "em02" } ],
		  "l3_networks": [ { "uuid": "l3-pub", "l2": "l2-pub", "cidr": "10.0.0.0/8" },
		                   { "uuid": "l3-flat", "l2": "l2-flat", "cidr": "192.168.0.0/16", "gateway": "192.168.0.1" } ],
		  "ports": [ { "uuid": "nic-1", "device": "vnic1.0", "l2": "l2-flat", "mac": "$(mac_of vm)", "anti_spoofing": true,
		               "addresses": [ { "l3": "l3-flat", "address": "192.168.0.223" } ] } ],
		  "eips": [ $(eip 1 "$1"), $(eip 2 "") ] }
	END
	until_ok host_in_order host
	until_ok ping_ok ext 10.0.0.51
}

eip() { # NUMBER QOS
	echo "{ \"uuid\": \"eip-$1\", \"address\": \"10.0.0.5$1\", \"l3\": \"l3-pub\", \"port\": \"nic-1\",
		\"target\": \"192.168.0.223\", \"qos\": [$2] }"
}

case_both_ways_and_ports() {
	world '{"up_mbps": 4, "down_mbps": 10}, {"port": "5001", "down_mbps": 20}'
	is "$(host_health host eip-1)" ready
	about 10000 "$(rate ext 10.0.0.51 5000 to)" "down"
	about 4000 "$(rate ext 10.0.0.51 5000 from)" "up"
	about 20000 "$(rate ext 10.0.0.51 5001 to)" "the port's own, down"
	unlimited "$(rate ext 10.0.0.51 5001 from)" "the port has no limit up"
	unlimited "$(rate ext 10.0.0.52 5000 to)" "another elastic IP, down"
	unlimited "$(rate ext 10.0.0.52 5000 from)" "another elastic IP, up"
	host_kill host -9
	host_start host
	check grep -q "revision 1 in place after 0 changes" <<<"$(host_log host)"
	host_patch host "\"revision\": 2, \"upsert\": {\"eips\": [$(eip 1 "")]}"
	unlimited "$(rate ext 10.0.0.51 5000 to)" "without limit, down"
	unlimited "$(rate ext 10.0.0.51 5000 from)" "without limit, up"
	is "$(on host tc qdisc show | sed -n '/htb/p')" "" "queueing disciplines"
	check host_in_order host
}

run_cases "$@"
