#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a guest must never reach: another guest's user data. It is tried as far as a guest can go: by paths, headers,
# forged addresses and MACs.
#
#   a1 172.20.0.41 (guarded), a2 .42 (open) --- em01 host em00 192.168.29.10 --- swm --- mgt 192.168.29.1
#   b1 172.20.0.43, another tenant's        --- em02      em03 --- swp (public)
# timeout: 240
. "$(dirname "$0")/../lib/net.sh"

port() { # NAME L2 L3 ADDRESS GUARDED
	echo "{ \"uuid\": \"nic-$1\", \"device\": \"v$1\", \"l2\": \"$2\", \"mac\": \"$(mac_of "$1")\", \"vm\": \"vm-$1\", \"default\": true,
		\"anti_spoofing\": $5, \"addresses\": [ { \"l3\": \"$3\", \"address\": \"$4\" } ] }"
}

l3() { # NAME
	echo "{ \"uuid\": \"l3-$1\", \"l2\": \"l2-$1\", \"cidr\": \"172.20.0.0/16\", \"gateway\": \"172.20.0.1\", \"user_data\": true,
		\"dhcp\": { \"enabled\": true, \"server\": \"172.20.0.2\", \"lease_s\": 3600 } }"
}

eip() { # NAME ADDRESS TARGET
	echo "{ \"uuid\": \"eip-$1\", \"address\": \"$2\", \"l3\": \"l3-pub\", \"port\": \"nic-$1\", \"target\": \"$3\" }"
}

world() {
	local name
	for name in swm swa swb swp; do switch $name; done
	node host mgt
	plug host swm 192.168.29.10/24 em00
	plug host swa - em01
	plug host swb - em02
	plug host swp - em03
	plug mgt swm 192.168.29.1/24
	on host sysctl -qw net.ipv4.ip_forward=1
	serve mgt tcp 80
	serve host tcp 22 9100 udp 53
	host_start host
	check host_apply host - >/dev/null <<-END
		{ "revision": 1, "host": { "uuid": "h" },
		  "l2_networks": [ { "uuid": "l2-a", "type": "novlan", "device": "em01" }, { "uuid": "l2-b", "type": "novlan", "device": "em02" },
		                   { "uuid": "l2-pub", "type": "novlan", "device": "em03" } ],
		  "l3_networks": [ $(l3 a), $(l3 b), { "uuid": "l3-pub", "l2": "l2-pub", "cidr": "10.151.30.0/24", "gateway": "10.151.30.1" } ],
		  "vms": [ { "uuid": "vm-a1", "user_data_b64": "$(printf "secret of a1" | base64)" }, { "uuid": "vm-a2", "user_data_b64": "$(printf "secret of a2" | base64)" },
		           { "uuid": "vm-b1", "user_data_b64": "$(printf "secret of b1" | base64)" } ],
		  "ports": [ $(port a1 l2-a l3-a 172.20.0.41 true), $(port a2 l2-a l3-a 172.20.0.42 false), $(port b1 l2-b l3-b 172.20.0.43 true) ],
		  "eips": [ $(eip a1 10.151.30.41 172.20.0.41), $(eip b1 10.151.30.43 172.20.0.43) ] }
	END
	for name in a1 a2 b1; do guest_port host v$name $name "$(mac_of $name)"; done
	ip -n a1 addr add 172.20.0.41/16 dev eth0
	ip -n a2 addr add 172.20.0.42/16 dev eth0
	ip -n b1 addr add 172.20.0.43/16 dev eth0
	for name in a1 a2 b1; do
		route $name 169.254.169.254 via 172.20.0.2
		until_ok user_data $name
	done
	# All of it is there to be reached.
	check tcp_ok mgt 192.168.29.10 22
	check tcp_ok mgt 192.168.29.10 9100
	check tcp_ok host 192.168.29.1 80
}

user_data() { http "$1" --max-time 3 "${@:2}" http://169.254.169.254/latest/user-data; }

case_another_guests_user_data() {
	local path
	world
	is "$(user_data a1) | $(user_data a2) | $(user_data b1)" "secret of a1 | secret of a2 | secret of b1"
	for path in /latest/user-data/../../vm-a2 /latest/meta-data/../../../a2 "/latest/user-data?vm=vm-a2" "//latest//user-data" /vm-a2/user-data; do
		deny grep -q "of [ab]2" <<<"$(http a1 --path-as-is --max-time 3 "http://169.254.169.254$path")"
	done
	is "$(user_data a1 -H "X-Forwarded-For: 172.20.0.42" -H "Host: vm-a2")" "secret of a1" "with another's name in the question"
	# With another's address, its MAC, or both: also by an open port.
	ip -n a1 addr add 172.20.0.42/16 dev eth0
	ip -n a2 addr add 172.20.0.41/16 dev eth0
	deny user_data a1 --interface 172.20.0.42
	deny user_data a2 --interface 172.20.0.41
	ip -n a2 link set eth0 address "$(mac_of a1)"
	deny user_data a2 --interface 172.20.0.41
	deny user_data a2 --interface 172.20.0.42
	ip -n a2 link set eth0 address "$(mac_of a2)"
	until_ok user_data a2 --interface 172.20.0.42
	# Another tenant's address is another guest here, or nobody.
	ip -n a2 addr add 172.20.0.43/16 dev eth0
	deny user_data a2 --interface 172.20.0.43
	is "$(user_data a1) | $(user_data b1)" "secret of a1 | secret of b1"
}

run_cases "$@"
