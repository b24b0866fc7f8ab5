# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A cloud of two hosts in a few words: networks, guests that lease their addresses, routers that are
# guests of a host themselves. README.md beside this file explains each word.
#
#   host1, host2: em01 on switch sw (10.0.0.0/8, with inet, ext, ext2), em02 on switch under, VTEPs
#   192.168.29.21 and .22
. "$(dirname "${BASH_SOURCE[0]}")/guests.sh"

NETWORKS=()         # "NAME NUMBER PREFIX DNS" of each.
NETWORKS_ARE=       # Of which type: vxlan, vlan.
SECURITY_GROUPS=    # Those that both hosts are told, as JSON.
declare -A PORTS=() # Those of each host, as JSON.
DEVICES=() # "HOST DEVICE" of each NIC.
ROUTERS=()
REVISION=0

# cloud NEEDED...: two hosts without any network; this kernel has to have what they are made of. The
# first is what networks are, too.
cloud() {
	local n
	needs_program udhcpc dnsmasq
	needs "$@"
	NETWORKS_ARE=$1
	world_internet
	switch under
	for n in 1 2; do
		node "host$n"
		plug "host$n" sw - em01
		plug "host$n" under "192.168.29.2$n/24" em02
		host_start "host$n"
		remember "host$n"
	done
	lease_script
}

# network NAME NUMBER PREFIX [DNS]: PREFIX.0/24 with gateway .1 and DHCP at .2, on a VXLAN or VLAN of
# this number.
network() {
	NETWORKS+=("$1 $2 $3 ${4:-$3.1}")
}

networks_json() { # HOST
	local one name number prefix dns what l2='' l3=''
	for one in "${NETWORKS[@]}"; do
		read -r name number prefix dns <<<"$one"
		what="\"vni\": $number, \"peers\": [ \"192.168.29.2$((3 - $1))\" ]"
		[ "$NETWORKS_ARE" = vxlan ] || what="\"device\": \"em01\", \"vlan\": $number"
		l2+=", { \"uuid\": \"l2-$name\", \"type\": \"$NETWORKS_ARE\", $what }"
		l3+="${l3:+, }{ \"uuid\": \"l3-$name\", \"l2\": \"l2-$name\", \"cidr\": \"$prefix.0/24\",
			\"gateway\": \"$prefix.1\", \"dns\": [ \"$dns\" ],
			\"dhcp\": { \"enabled\": true, \"server\": \"$prefix.2\", \"lease_s\": 3600 } }"
	done
	echo "\"l2_networks\": [ { \"uuid\": \"l2-pub\", \"type\": \"novlan\", \"device\": \"em01\" },
		{ \"uuid\": \"l2-mgt\", \"type\": \"novlan\", \"device\": \"em02\" } $l2 ], \"l3_networks\": [ $l3 ]"
}

# nic NODE LINK HOST L2 [MEMBERS]: a NIC of NODE, plugged into a network of a host.
nic() {
	local device=$1-$2 mac
	mac=$(mac_of "$device")
	ip netns list | grep -q "^$1\b" || node "$1"
	ip -n "host$3" link add name "$device" type veth peer name "$2" address "$mac" netns "$1"
	ip -n "host$3" link set "$device" up
	DEVICES+=("$3 $device")
	PORTS[$3]+="${PORTS[$3]:+, }$(port_json "$device" "$4" "${5:-}")"
}

port_json() { # DEVICE L2 [MEMBERS]
	echo "{ \"uuid\": \"nic-$1\", \"device\": \"$1\", \"l2\": \"l2-$2\", \"mac\": \"$(mac_of "$1")\"${3:-} }"
}

leased() { # L3 ADDRESS [MEMBERS]: of a guest's port
	echo ", \"anti_spoofing\": true, \"addresses\": [ { \"l3\": \"l3-$1\", \"address\": \"$2\" } ]${3:-}"
}

# vm NAME HOST NETWORK ADDRESS [MEMBERS]: a guest, with eth0 there.
vm() {
	nic "$1" eth0 "$2" "$3" "$(leased "$3" "$4" ", \"default\": true${5:-}")"
	ip -n "$1" link set eth0 up
}

# vm_nic NAME HOST NETWORK ADDRESS: its second NIC, eth1.
vm_nic() {
	nic "$1" eth1 "$2" "$3" "$(leased "$3" "$4")"
	ip -n "$1" link set eth1 up
}

# router NAME HOST ADDRESS NETWORK...: with ADDRESS on the public network, a guest of this host.
router() {
	local name=$1 host=$2 address=$3 one network number prefix dns private=''
	shift 3
	node "$name"
	router_start "$name"
	remember "$name"
	nic "$name" pub "$host" pub
	nic "$name" mgt "$host" mgt
	for one in "${NETWORKS[@]}"; do
		read -r network number prefix dns <<<"$one"
		case " $* " in *" $network "*) ;; *) continue ;; esac
		nic "$name" "$network" "$host" "$network"
		private+=", { \"uuid\": \"if-$network\", \"mac\": \"$(mac_of "$name-$network")\", \"role\": \"private\",
			\"network\": \"l3-$network\", \"addresses\": [ \"$prefix.1/24\" ], \"snat\": true }"
	done
	ROUTERS+=("$name")
	check router_apply "$name" - <<-END
		{ "revision": 1, "router": { "uuid": "$name" }, "dns": { "forwarders": [ "223.5.5.5" ] },
		  "interfaces": [
		    { "uuid": "if-pub", "mac": "$(mac_of "$name-pub")", "role": "public", "network": "l3-pub",
		      "addresses": [ "$address/8" ], "gateway": "10.0.0.1", "default_route": true },
		    { "uuid": "if-mgt", "mac": "$(mac_of "$name-mgt")", "role": "management", "network": "l3-mgt",
		      "addresses": [ "192.168.29.$((100 + ${#ROUTERS[@]}))/24" ] } $private ] }
	END
}

# tell_hosts: networks and ports as they are now.
tell_hosts() {
	local n
	REVISION=$((REVISION + 1))
	for n in 1 2; do
		check host_apply "host$n" - <<-END
			{ "revision": $REVISION, "host": { "uuid": "h-$n", "vtep": "192.168.29.2$n" },
			  $(networks_json $n), "security_groups": [ $SECURITY_GROUPS ], "ports": [ ${PORTS[$n]:-} ] }
		END
	done
}

# regroup NAME HOST NETWORK ADDRESS [GROUP,GROUP]: the guest's first NIC is in these security groups from now on.
regroup() {
	local groups=${5:-}
	host_patch "host$2" "\"upsert\": { \"ports\": [ $(port_json "$1-eth0" "$3" "$(leased "$3" "$4" ", \"default\": true$(in_groups "$groups")")") ] }"
}

in_groups() { [ -z "$1" ] || echo ", \"security_groups\": [ \"${1//,/\", \"}\" ]"; } # GROUP,GROUP: of a port

# regroups GROUP...: both hosts are told that these security groups are so from now on.
regroups() {
	local n groups
	groups=$(printf ', %s' "$@")
	for n in 1 2; do host_patch "host$n" "\"upsert\": { \"security_groups\": [ ${groups#, } ] }"; done
}

# ---- nothing is left -------------------------------------------------------------------------

# leaves_nothing: hosts and routers are told to hold nothing, and are as they were; nobody is served.
leaves_nothing() {
	local name device
	for name in "${ROUTERS[@]}"; do
		check router_apply "$name" - <<<'{ "revision": 99 }' >/dev/null
		is "$(ip -n "$name" -4 -o addr show scope global)$(ip -n "$name" route)" "" "addresses and routes of $name"
	done
	for name in host1 host2; do
		check host_apply "$name" - <<<'{ "revision": 99 }' >/dev/null
	done
	for device in "${DEVICES[@]}"; do ip -n "host${device% *}" link del "${device#* }"; done
	for name in host1 host2 "${ROUTERS[@]}"; do until_ok is_as_before "$name"; done
	deny pgrep -x 'dnsmasq|haproxy'
}
