#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What hosts are for, from a guest's lease to the internet: flat networks, networks of routers that
# are guests themselves, a VPC; who must not be reached; and that nothing is left of any of it.
# timeout: 240
. "$(dirname "$0")/../lib/scenario.sh"

# ---- flat networks -----------------------------------------------------------------------------

# flat CIDR GATEWAY DNS SERVER: the flat network; with PUBLIC another one in the same segment.
PUBLIC=
flat_json() {
	echo "\"l2_networks\": [ { \"uuid\": \"l2-flat\", \"type\": \"novlan\", \"device\": \"em01\" } ],
		\"l3_networks\": [ { \"uuid\": \"l3-flat\", \"l2\": \"l2-flat\", \"cidr\": \"$1\", \"gateway\": \"$2\", \"dns\": [ \"$3\" ],
		  \"dhcp\": { \"enabled\": true, \"server\": \"$4\", \"lease_s\": 3600 } } $PUBLIC ]"
}

tell_flat() { # CIDR GATEWAY DNS SERVER
	local n
	REVISION=$((REVISION + 1))
	for n in 1 2; do
		check host_apply "host$n" - <<-END
			{ "revision": $REVISION, "host": { "uuid": "h-$n" }, $(flat_json "$@"), "ports": [ ${PORTS[$n]:-} ] }
		END
	done
}

case_flat() {
	cloud bridge
	ip -n inet addr add 172.20.0.1/16 dev sw
	vm vm1 1 flat 172.20.108.48
	vm vm2 2 flat 172.20.108.50
	# A public network in the same segment, with a range and a DHCP server of its own.
	PUBLIC=', { "uuid": "l3-public", "l2": "l2-flat", "cidr": "172.20.0.0/16", "gateway": "172.20.0.1",
		"dhcp": { "enabled": true, "server": "172.20.109.2", "lease_s": 3600 } }'
	nic vm3 eth0 2 flat "$(leased public 172.20.109.9 ', "default": true')"
	ip -n vm3 link set eth0 up
	tell_flat 172.20.0.0/16 172.20.0.1 223.5.5.5 172.20.108.41
	for name in vm1 vm2 vm3; do boots $name; done
	is "$(ip -n vm1 -4 -o addr show eth0 | awk '{ print $4 }')" 172.20.108.48/16 "its lease"
	is "$(ip -n vm2 -4 -o addr show eth0 | awk '{ print $4 }')" 172.20.108.50/16 "the other's"
	is "$(ip -n vm3 -4 -o addr show eth0 | awk '{ print $4 }')" 172.20.109.9/16 "of the public network"
	is "$(ip -n vm1 route show default | xargs)" "default via 172.20.0.1 dev eth0" "default route"
	is "$(resolver vm1)" 223.5.5.5 "its resolver"
	is "$(ttl_of vm1 172.20.108.50)" 64 "no hop between them"
	check ping_ok vm2 172.20.108.48
	check ping_ok vm1 172.20.109.9
	check ping_ok vm2 172.20.109.9
	check ping_ok vm3 172.20.108.48
	check by_name vm1
	# Neither the hosts, nor who is none of the network's guests.
	silent vm1 192.168.29.21
	ip -n ext addr add 172.20.108.60/16 dev sw
	check ping_ok ext 172.20.108.48
	silent ext 172.20.108.41
	# An address that is another's.
	ip -n vm2 addr add 172.20.108.77/16 dev eth0
	silent ext 172.20.108.77
	leaves_nothing
}

# Hosts, guests and other machines in one subnet; a company's gateway that none of this goes by.
case_a_flat_site() {
	local n
	cloud bridge
	for n in 1 2; do ip -n "host$n" addr add "172.16.0.2$n/16" dev em01 && remember "host$n"; done
	ip -n inet addr add 172.16.0.1/16 dev sw
	ip -n ext addr add 172.16.0.50/16 dev sw
	vm vm1 1 flat 172.16.100.1
	vm vm2 2 flat 172.16.100.2
	serve ext tcp 80
	hold own host1 172.16.0.50 80
	tell_flat 172.16.0.0/16 172.16.0.1 223.5.5.5 172.16.100.254
	boots vm1
	boots vm2
	serve vm1 tcp 80
	serve host1 tcp 22
	check hold_ok own
	capture_start gateway inet sw ether dst "$(on inet cat /sys/class/net/sw/address)" and net 172.16.0.0/16
	for n in 172.16.0.21 172.16.0.22 172.16.0.50 172.16.100.2; do
		is "$(ttl_of vm1 $n)" 64 "vm1 to $n"
	done
	for n in host1 host2 ext vm2; do is "$(ttl_of $n 172.16.100.1)" 64 "$n to vm1"; done
	is "$(who host2 172.16.100.1 80)" "172.16.100.1 172.16.0.22" "whom it saw"
	is "$(who vm2 172.16.0.21 22)" "172.16.0.21 172.16.100.2" "whom the host saw"
	capture_stop gateway
	is "$(capture_text gateway)" "" "what the gateway saw of it"
	check by_name vm1
	# A guest has no address of the hosts' range, whatever it says.
	ip -n vm2 addr add 172.16.0.99/16 dev eth0
	silent ext 172.16.0.99
	on vm2 "$LIB/frame.py" eth0 arp op=2 ip=172.16.0.21 for=172.16.0.21
	check ping_ok ext 172.16.0.21
	is "$(ip -n ext -j neigh show 172.16.0.21 | jq -r '.[0].lladdr')" "$(on host1 cat /sys/class/net/em01/address)" "the host's MAC"
	check hold_ok own
	leaves_nothing
	check hold_ok own
}

eip() { # PORT TARGET
	echo "\"eips\": [ { \"uuid\": \"eip-1\", \"address\": \"10.151.30.29\", \"l3\": \"l3-public\", \"port\": \"nic-$1-eth0\", \"target\": \"$2\" } ]"
}

# Bound on one host, then on another; each guest's own host translates.
case_a_flat_elastic_ip_moves_to_another_host() {
	cloud vxlan
	network flat 100 192.168.0
	vm vm1 1 flat 192.168.0.223
	vm vm2 2 flat 192.168.0.211
	public_l3() { sed 's/"l3_networks": \[/& { "uuid": "l3-public", "l2": "l2-pub", "cidr": "10.0.0.0\/8", "gateway": "10.0.0.1" },/' <<<"$1"; }
	tell() { # MORE
		local n
		REVISION=$((REVISION + 1))
		for n in 1 2; do
			check host_apply "host$n" - <<-END
				{ "revision": $REVISION, "host": { "uuid": "h-$n", "vtep": "192.168.29.2$n" },
				  $(public_l3 "$(networks_json $n)"), "ports": [ ${PORTS[$n]} ] ${1:+, $1} }
			END
		done
	}
	tell ""
	boots vm1
	boots vm2
	serve vm1 tcp 22
	serve vm2 tcp 22
	check tcp_no ext 10.151.30.29 22
	# Each host knows of it; it is where its guest is.
	tell_both() { # VM TARGET HOST
		REVISION=$((REVISION + 1))
		check host_apply "host$3" - <<-END
			{ "revision": $REVISION, "host": { "uuid": "h-$3", "vtep": "192.168.29.2$3" },
			  $(public_l3 "$(networks_json "$3")"), "ports": [ ${PORTS[$3]} ], $(eip "$1" "$2") }
		END
	}
	tell_both vm1 192.168.0.223 1
	until_ok tcp_ok ext 10.151.30.29 22
	is "$(who ext 10.151.30.29 22)" "192.168.0.223 10.0.79.68" "who answered"
	check ping_ok ext2 10.151.30.29
	hold old ext 10.151.30.29 22
	tell ""
	check tcp_no ext 10.151.30.29 22
	deny hold_ok old
	tell_both vm2 192.168.0.211 2
	until_ok tcp_ok ext 10.151.30.29 22
	is "$(who ext 10.151.30.29 22)" "192.168.0.211 10.0.79.68" "who answers now"
	silent ext 192.168.0.211
	leaves_nothing
}

# ---- routers that are guests of a host ---------------------------------------------------------

# One VPC of two subnets, its guests on two hosts and the router on one of them.
a_vpc() { # TYPE
	cloud "$1"
	network net1 2800 192.168.10
	network net2 2900 192.168.11
	vm vm1 1 net1 192.168.10.186
	vm vm2 2 net2 192.168.11.116
	router vr 2 10.108.10.100 net1 net2
	tell_hosts
	for n in 1 2; do is "$(on host$n cat /sys/class/net/em01/master/uevent | sed -n 's/^INTERFACE=//p')" br-em01 "bridge of em01"; done
	until_ok router_in_order vr
	boots vm1
	boots vm2
	serve inet tcp 9
	is "$(ip -n vm1 -4 route | sed 's/ *$//')" "$(printf 'default via 192.168.10.1 dev eth0\n192.168.10.0/24 dev eth0 proto kernel scope link src 192.168.10.186')" "routes of vm1"
	is "$(ip -n vm2 route show default | xargs)" "default via 192.168.11.1 dev eth0" "default route of vm2"
	is "$(resolver vm1) $(resolver vm2)" "192.168.10.1 192.168.11.1" "resolvers"
	until_ok ping_ok vm1 192.168.10.1
	is "$(ttl_of vm1 192.168.11.116) $(ttl_of vm2 192.168.10.186)" "63 63" "one router between them"
	check ping_ok vm2 192.168.11.1
	check by_name vm1
	check by_name vm2
	is "$(name_server_asked inet 223.5.5.5 | cut -d ' ' -f 1,3 | sort -u)" "www.example.test 10.108.10.100" "what was asked outside, by whom"
	is "$(who vm1 198.51.100.10 9) $(who vm2 198.51.100.10 9)" "198.51.100.10 10.108.10.100 198.51.100.10 10.108.10.100" "seen outside as the router"
	check ping_ok vm1 10.0.79.68
	outside_is_shut 10.108.10.100 192.168.10.186 192.168.11.116
	# Neither the management network nor the hosts are a guest's.
	silent vm1 192.168.29.101 192.168.29.21 192.168.29.22
	# A third network comes later.
	network net3 3000 192.168.12
	vm vm3 1 net3 192.168.12.5
	later vr 2 net3 192.168.12
	tell_hosts
	boots vm3
	until_ok ping_ok vm3 192.168.12.1
	is "$(ttl_of vm3 192.168.10.186)" 63 "to the first"
	check by_name vm3
	leaves_nothing
}
case_a_vpc_on_vxlans() { a_vpc vxlan; }
case_a_vpc_on_vlans() { a_vpc vlan; }

# later ROUTER HOST NETWORK PREFIX: one NIC more of a router that runs.
later() {
	nic "$1" "$3" "$2" "$3"
	router_patch "$1" "\"upsert\": {\"interfaces\": [{\"uuid\": \"if-$3\", \"mac\": \"$(mac_of "$1-$3")\",
		\"role\": \"private\", \"network\": \"l3-$3\", \"addresses\": [\"$4.1/24\"], \"snat\": true}]}"
}

# Two tenants with a router each; they share nothing but the public network.
case_tenants_on_vxlans() {
	cloud vxlan
	network net1 100 192.168.10
	network net2 200 192.168.11
	vm vm1 1 net1 192.168.10.164
	vm vm2 1 net2 192.168.11.212
	vm vm3 2 net1 192.168.10.165
	vm vm4 2 net2 192.168.11.213
	router vr1 1 10.108.12.1 net1
	router vr2 2 10.108.13.255 net2
	tell_hosts
	for name in vm1 vm2 vm3 vm4; do boots $name; done
	until_ok by_name vm1
	until_ok by_name vm2
	is "$(ttl_of vm1 192.168.10.165)" 64 "of one tenant, on two hosts"
	capture_start seen vm2 eth0
	capture_start there vm4 eth0
	serve vm1 tcp 22
	silent vm1 192.168.11.212
	silent vm2 192.168.10.164
	outside_is_shut 10.108.12.1 192.168.10.164 192.168.11.212
	outside_is_shut 10.108.13.255 192.168.10.164 192.168.11.212
	# What one tenant sends to all is seen by none of the other's.
	on vm1 ping -c 1 -w 1 -b 192.168.10.255 >/dev/null || true
	ip -n vm1 neigh flush dev eth0
	check ping_ok vm1 192.168.10.165
	for name in seen there; do
		deny capture_has $name "$(mac_of vm1-eth0)"
		deny capture_has $name "who-has 192.168.10."
		capture_stop $name
	done
	# In the other's name, by its own router.
	capture_start got vm1 eth0 udp
	on vm2 "$LIB/frame.py" eth0 udp "dest=$(mac_of vr2-net2)" from=192.168.10.165 to=192.168.10.164 sport=1 dport=11
	on vm3 "$LIB/frame.py" eth0 udp "dest=$(mac_of vm1-eth0)" from=192.168.10.165 to=192.168.10.164 sport=1 dport=12
	until_ok capture_has got "192.168.10.165.1 > 192.168.10.164.12"
	is "$(capture_text got udp | wc -l)" 1 "datagrams"
	capture_stop got
	leaves_nothing
}

# reaches_all FROM ADDRESS...: pings.
reaches_all() {
	local from=$1 address
	shift
	for address; do check ping_ok "$from" "$address"; done
}

# A router for each tier; guests with a NIC in two of them.
three_tiers() { # TYPE
	cloud "$1"
	network web 2850 192.168.10
	network app 2860 192.168.11
	network db 2870 192.168.12
	vm vmweb 1 web 192.168.10.7
	vm_nic vmweb 1 app 192.168.11.7
	vm vmapp 2 app 192.168.11.8
	vm_nic vmapp 2 db 192.168.12.8
	vm vmdb 1 db 192.168.12.9
	router vrweb 1 10.108.12.1 web
	router vrapp 2 10.108.12.2 app
	router vrdb 2 10.108.12.3 db
	tell_hosts
	for name in vmweb vmapp vmdb; do boots $name; done
	boots vmweb eth1
	boots vmapp eth1
	is "$(ip -n vmweb route show default | xargs)" "default via 192.168.10.1 dev eth0" "default route of vmweb"
	is "$(ip -n vmapp route show default | xargs)" "default via 192.168.11.1 dev eth0" "default route of vmapp"
	is "$(ip -n vmdb route show default | xargs)" "default via 192.168.12.1 dev eth0" "default route of vmdb"
	for name in vrweb vrapp vrdb; do until_ok router_in_order $name; done
	reaches_all vmweb 198.51.100.10 192.168.11.8
	reaches_all vmapp 198.51.100.10 192.168.11.7 192.168.12.9
	reaches_all vmdb 198.51.100.10 192.168.12.8
	silent vmweb 192.168.12.9
	silent vmdb 192.168.10.7 192.168.11.7
	# vmapp does not route between its networks, and nobody else does.
	ip -n vmdb route add 192.168.11.0/24 via 192.168.12.8
	silent vmdb 192.168.11.7
	outside_is_shut 10.108.12.1 192.168.10.7 192.168.11.8 192.168.12.9
	leaves_nothing
}
case_three_tiers_on_vxlans() { three_tiers vxlan; }
case_three_tiers_on_vlans() { three_tiers vlan; }

# ---- one VPC of three tiers ----------------------------------------------------------------------

a_web_application() { # TYPE
	local from to address
	cloud "$1"
	network web 2017 192.168.10
	network app 2020 192.168.20
	network db 2050 192.168.50
	vm vmweb 1 web 192.168.10.79
	vm vmapp 2 app 192.168.20.187
	vm vmdb 1 db 192.168.50.141
	router vr 2 10.151.10.100 web app db
	tell_hosts
	for from in vmweb vmapp vmdb; do boots $from; done
	until_ok router_in_order vr
	for from in vmweb vmapp vmdb; do
		for to in web:192.168.10.79 app:192.168.20.187 db:192.168.50.141; do
			address=${to#*:}
			[ "vm${to%:*}" = $from ] || is "$(ttl_of $from "$address")" 63 "TTL from $from to vm${to%:*}"
		done
		check by_name $from
	done
	outside_is_shut 10.151.10.100 192.168.10.79 192.168.20.187 192.168.50.141
	leaves_nothing
}
case_a_web_application_on_vxlans() { a_web_application vxlan; }
case_a_web_application_on_vlans() { a_web_application vlan; }

run_cases "$@"
