#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a guest must never reach: the host, what stands behind it, another tenant, another guest's user data. It is tried
# as far as a guest can go: by paths, headers, routes, forged addresses and MACs.
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

PROBES=ping,find,tcp/22,tcp/9100,udp/53

# intrudes NODE LINK FROM MACS TARGETS [PROBES]: what answers, comma separated all.
intrudes() { on "$1" "$LIB/intrude.py" "$2" $((500 * SLOWNESS))e-3 "from=$3" "mac=$4" "to=$5" "probe=${6:-$PROBES}"; }

addresses_of() { on "$1" ip -j addr show | jq -r '[.[].addr_info[].local] | unique | join(",")'; } # HOST
macs_of() { on "$1" ip -j link show | jq -r '[.[].address] | unique | join(",")'; }                # HOST

links_local() { on "$1" cat /sys/class/net/eth0/address | mac_to_ipv6; } # NODE: its IPv6 address by itself
mac_to_ipv6() { python3 -c 'import ipaddress, sys; m = bytes.fromhex(sys.stdin.read().replace(":", "").strip())
print(ipaddress.IPv6Address(bytes([254, 128] + [0] * 6 + [m[0] ^ 2, m[1], m[2], 255, 254, *m[3:]])))'; }

# All that the host has, by each of its MACs, in its own name, the host's, and that of who manages it.
case_the_host_itself() {
	local name addresses macs served
	world
	addresses=$(addresses_of host),169.254.0.1
	macs=$(macs_of host),$(on mgt cat /sys/class/net/swm/address)
	check grep -q 192.168.29.10 <<<"$addresses"
	check grep -q fe80: <<<"$addresses"
	# What asks so is answered where it may ask.
	check grep -x "192.168.29.10 tcp/9100" <<<"$(intrudes mgt swm 192.168.29.1 "$macs" "$addresses")"
	check grep -qE "^fe80:.* (ping|tcp/22)" <<<"$(intrudes mgt swm "$(on mgt ip -j -6 addr show dev swm | jq -r '.[0].addr_info[0].local')" "$macs" "$addresses")"
	served=$(served host)
	capture_start there mgt swm
	for name in a1:172.20.0.41 a2:172.20.0.42 b1:172.20.0.43; do
		is "$(intrudes ${name%:*} eth0 "${name#*:},192.168.29.1,192.168.29.10,127.0.0.1,0.0.0.0,$(links_local ${name%:*}),fe80::1" "$macs" "$addresses")" "" "what answers ${name%:*}"
	done
	# What was asked in another's name was answered nowhere either.
	check ping_ok mgt 192.168.29.10
	is "$(served host)" "$served" "what the host served"
	is "$(capture_text there "tcp or udp" | wc -l)" 0 "what was answered to the manager"
	capture_stop there
	# As little by routes: the host is a gateway for nobody here.
	for name in a1 a2 b1; do
		ip -n $name neigh replace 172.20.0.2 lladdr "$(on host cat /sys/class/net/br-em01/address)" dev eth0
		route $name 192.168.29.0/24 via 172.20.0.2
		check tcp_no_timeout $name 192.168.29.10 22
	done
}

# The host is a router for others, and has the management network behind it.
case_the_management_network() {
	local name macs served
	world
	macs=$(macs_of host),$(on mgt cat /sys/class/net/swm/address),$(mac_of a1),$(mac_of b1)
	served=$(served mgt)
	capture_start there mgt swm not ether proto 0x88cc
	for name in a1:172.20.0.41 a2:172.20.0.42 b1:172.20.0.43; do
		is "$(intrudes ${name%:*} eth0 "${name#*:},192.168.29.77,192.168.29.10,10.151.30.41" "$macs,$(responder_mac ${name%:*})" 192.168.29.1,192.168.29.255 ping,find,tcp/80,udp/80)" "" "what answers ${name%:*}"
	done
	check ping_ok host 192.168.29.1
	is "$(served mgt)" "$served" "what the manager served"
	for name in 172.20.0.0/16 192.168.29.77 10.151.30.41 "tcp port 80"; do
		[[ $name = *port* ]] || name="net $name"
		is "$(capture_text there "$name" | wc -l)" 0 "of $name"
	done
	capture_stop there
}

responder_mac() { on "$1" ip -j neigh show 172.20.0.2 | jq -r '.[0].lladdr'; } # NODE

# Who gives addresses and user data has no other doors, by none of its addresses.
case_what_serves_guests() {
	local name mac own served
	world
	served=$(served host)
	for name in a1:172.20.0.41 a2:172.20.0.42 b1:172.20.0.43; do
		mac=$(responder_mac ${name%:*})
		own="$(mac_to_ipv6 <<<"$mac")"
		is "$(intrudes ${name%:*} eth0 "${name#*:},$(links_local ${name%:*})" "$mac" "172.20.0.2,169.254.169.254,192.168.29.10,192.168.29.1,127.0.0.1,$own" tcp/22,tcp/9100,tcp/53,udp/53,udp/69,tcp/443 | sed -E "/error|:refused/d")" "" "further doors for ${name%:*}"
	done
	is "$(served host)" "$served" "what the host served"
}

# The other tenant has the same subnet, on the same host.
case_another_tenant() {
	local macs
	world
	macs=$(macs_of host),$(mac_of b1),$(mac_of a1)
	serve b1 tcp 22 9100 udp 53
	serve a2 tcp 22 9100 udp 53
	check grep -x "172.20.0.42 tcp/9100" <<<"$(intrudes a1 eth0 172.20.0.41 "$(mac_of a2)" 172.20.0.42)"
	capture_start there b1 eth0
	is "$(intrudes a1 eth0 "172.20.0.41,172.20.0.43,$(links_local a1)" "$macs" "172.20.0.43,$(links_local b1)")" "" "what answers a1"
	is "$(intrudes a2 eth0 "172.20.0.42,172.20.0.43,$(links_local a2),$(links_local b1)" "$macs" "172.20.0.43,$(links_local b1)")" "" "what answers a2"
	check user_data b1
	for name in a1 a2; do is "$(capture_text there "ether host $(mac_of $name)" | wc -l)" 0 "what was seen of $name"; done
	is "$(capture_text there "tcp port 22 or udp port 53" | wc -l)" 0 "what was seen of it"
	capture_stop there
	# Who is at both has two faces: the same address, with another's services.
	ip -n a2 addr add 172.20.0.43/16 dev eth0
	is "$(who_name a1 172.20.0.43 22)" a2 "who is 172.20.0.43 to a1"
}

tenants_port() { # NAME L2 ADDRESS GUARDED
	echo "{ \"uuid\": \"nic-$1\", \"device\": \"v$1\", \"l2\": \"l2-$2\", \"mac\": \"$(mac_of "$1")\", \"anti_spoofing\": $4,
		\"addresses\": [ { \"l3\": \"l3-$2\", \"address\": \"$3\" } ] }"
}

tenants_host() { # NUMBER PORTS
	host_apply "host$1" - >/dev/null <<-END
		{ "revision": 1, "host": { "uuid": "h$1", "vtep": "192.168.29.2$1" },
		  "l2_networks": [ { "uuid": "l2-a", "type": "vxlan", "vni": 100, "peers": [ "192.168.29.2$((3 - $1))" ] },
		                   { "uuid": "l2-b", "type": "vxlan", "vni": 200, "peers": [ "192.168.29.2$((3 - $1))" ] } ],
		  "l3_networks": [ { "uuid": "l3-a", "l2": "l2-a", "cidr": "172.20.0.0/16" }, { "uuid": "l3-b", "l2": "l2-b", "cidr": "172.20.0.0/16" } ],
		  "ports": [ $2 ] }
	END
}

# vxlan_of VNI SOURCE_MAC DEST_MAC: a datagram of another network, as what carries networks between hosts has it.
vxlan_of() {
	printf "08000000%06x00%s" "$1" \
		"$("$LIB/frame.py" - udp "source=$2" "dest=$3" from=172.20.0.41 to=172.20.0.43 sport=1 dport=77)"
}

# The other tenant has the same subnet, on two hosts; what carries both is a guest's even less.
case_another_tenant_across_hosts() {
	local name n macs inner served
	switch under
	node mgt
	plug mgt under 192.168.29.1/24
	for n in 1 2; do
		node host$n
		plug host$n under 192.168.29.2$n/24 em00
		on host$n sysctl -qw net.ipv4.ip_forward=1
		serve host$n tcp 22 9100 udp 53
		host_start host$n
	done
	check tenants_host 1 "$(tenants_port a1 a 172.20.0.41 false), $(tenants_port b1 b 172.20.0.43 true)"
	check tenants_host 2 "$(tenants_port a2 a 172.20.0.42 true), $(tenants_port b2 b 172.20.0.42 true), $(tenants_port b3 b 172.20.0.44 true)"
	for name in a1:1:41 b1:1:43 a2:2:42 b2:2:42 b3:2:44; do
		n=${name#*:}
		guest_port "host${n%:*}" v${name%%:*} ${name%%:*} "$(mac_of ${name%%:*})"
		ip -n ${name%%:*} addr add "172.20.0.${n#*:}/16" dev eth0
		serve ${name%%:*} tcp 22 9100 udp 53
	done
	until_ok tcp_ok a1 172.20.0.42 22
	until_ok tcp_ok b1 172.20.0.42 22
	is "$(who_name a1 172.20.0.42 22) $(who_name b1 172.20.0.42 22)" "a2 b2" "who is 172.20.0.42"
	capture_start seen1 b1 eth0
	capture_start seen2 b3 eth0
	macs=$(macs_of host1),$(macs_of host2),$(mac_of b1),$(mac_of b2),$(mac_of b3)
	served=$(served host1)$(served host2)
	is "$(intrudes a1 eth0 "172.20.0.41,172.20.0.43,192.168.29.22,$(links_local a1)" "$macs" \
		"172.20.0.43,172.20.0.44,$(links_local b1),$(links_local b3),$(addresses_of host1),$(addresses_of host2),192.168.29.1")" "" "what answers a1"
	is "$(served host1)$(served host2)" "$served" "what the hosts served"
	# Packed as the hosts do it, to each VTEP: it would come to the other tenant, as it does from the hosts' own network.
	inner=$(vxlan_of 200 "$(mac_of b2)" "$(mac_of b1)")
	for name in ${macs//,/ }; do
		for n in 1 2; do
			on a1 "$LIB/frame.py" eth0 udp "dest=$name" from=192.168.29.2$((3 - n)) to=192.168.29.2$n sport=9 dport=4789 "hex=$inner"
			on a1 "$LIB/frame.py" eth0 udp "dest=$name" from=172.20.0.41 to=192.168.29.2$n sport=9 dport=4789 "hex=$inner"
		done
	done
	check tcp_ok b1 172.20.0.44 22
	is "$(capture_text seen1 udp port 77 | wc -l) $(capture_text seen2 udp port 77 | wc -l)" "0 0" "what came of it"
	for name in seen1 seen2; do is "$(capture_text $name "ether host $(mac_of a1) or ether host $(mac_of a2)" | wc -l)" 0 "what $name saw of the other"; done
	on mgt "$LIB/frame.py" under udp "dest=$(on host1 cat /sys/class/net/em00/address)" from=192.168.29.22 to=192.168.29.21 sport=9 dport=4789 "hex=$inner"
	until_ok capture_has seen1 "172.20.0.41.1 > 172.20.0.43.77"
	capture_stop seen1
	capture_stop seen2
}

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
