# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A whole cloud, made by the public API alone: what is created, done and deleted there is all that
# agents are told. Machines are namespaces; README.md beside this file explains each word.
#
#   inet, ext, ext2 --- sw ------ em01 h1 em02 --- under --- em02 h2 em01 --- sw
#                                                    |
#                                                   ctl
#
# Routers are machines of h1, guests those of either. The network "under" 192.168.28.0/24 is the
# platform's own, for VXLANs, and the routers' management network: all agents dial ctl by it.
. "$(dirname "${BASH_SOURCE[0]}")/link.sh"
. "$(dirname "${BASH_SOURCE[0]}")/guests.sh"

AGENTS=tcp:192.168.28.1:7443

# rows: how many each table of the store has. What was called stays written down, as do settings.
rows() {
	python3 -B - "$CONTROLLER/state/controller.db" <<-'END2'
		import sqlite3, sys
		store = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
		for name, in store.execute("select name from sqlite_master where type = 'table' order by 1"):
		    count, = store.execute(f'select count(*) from "{name}"').fetchone()
		    if name != "audit":
		        print(name, count)
	END2
}

# vpc_wires: machines, cables and the controller.
vpc_wires() {
	local n
	needs_program udhcpc dnsmasq
	lease_script
	world_internet
	switch under
	node ctl h1 h2
	plug ctl under 192.168.28.1/24
	link_controller
	rows >"$CASE_DIR/rows"
	for n in 1 2; do
		plug h$n sw - em01
		plug h$n under "192.168.28.1$n/24" em02
		remember h$n
	done
}

# vpc_cloud: a zone with both hosts, a public and a management network, a pool of VXLANs, an offering.
vpc_cloud() {
	local n
	vpc_wires
	made zone name=ZONE-1
	made cluster name=Cluster-1 zone=ZONE-1
	for n in 1 2; do
		made host name=h$n uuid=h$n cluster=Cluster-1 address=192.168.28.1$n \
			"devices=[{\"name\": \"em01\"}, {\"name\": \"em02\", \"addresses\": [\"192.168.28.1$n/24\"]}]"
	done
	made l2_network name=L2-public zone=ZONE-1 type=novlan device=em01 clusters=Cluster-1
	made l3_network name=public uuid=public l2_network=L2-public category=public dns=223.5.5.5 \
		start=10.151.10.100 end=10.151.10.200 netmask=255.0.0.0 gateway=10.0.0.1
	made l2_network name=L2-mgt zone=ZONE-1 type=novlan device=em02 clusters=Cluster-1
	made l3_network name=mgt uuid=mgt l2_network=L2-mgt category=system \
		start=192.168.28.100 end=192.168.28.200 netmask=255.255.255.0 gateway=192.168.28.1
	made vxlan_pool name=pool uuid=pool zone=ZONE-1 start_vni=20 end_vni=1200
	check weft_c 'do' attach_cluster vxlan_pool pool cluster=Cluster-1 vtep_cidr=192.168.28.1/24
	made router_image name=image uuid=image url=http://images/vrouter.qcow2
	made router_offering name=offering uuid=offering zone=ZONE-1 cpus=8 memory_mib=8192 image=image \
		management_network=mgt public_network=public
	for n in 1 2; do
		enrolment_token "$CASE_DIR/h$n.token" host h$n
		link_host $n
	done
	for n in 1 2; do until_ok is_connected host h$n; done
}

# vpc_network NAME VXLAN|VLAN[:NUMBER] FIELD=VALUE...: private, with an L2 network of its own.
vpc_network() {
	local name=$1 on=$2 number=
	shift 2
	case $on in *:*) number=${on#*:} on=${on%%:*} ;; esac
	case $on in
	vxlan) made l2_network "name=L2-$name" "uuid=l2-$name" type=vxlan vxlan_pool=pool ${number:+"vni=$number"} ;;
	vlan) made l2_network "name=L2-$name" "uuid=l2-$name" type=vlan zone=ZONE-1 device=em01 "vlan=$number" clusters=Cluster-1 ;;
	esac
	made l3_network "name=$name" "uuid=$name" "l2_network=l2-$name" category=private "$@"
}

# bridge_of NETWORK: what its L2 network is on a host.
bridge_of() {
	weft_c get l2_network "$(field l3_network "$1" l2_network)" --json | jq -r '.object |
		if .type == "vxlan" then "br-vx\(.vni)" elif .vlan then "br-\(.device).\(.vlan)" else "br-\(.device)" end'
}

# plug_router NAME TYPE OBJECT: the links of its NICs that are new, as h1's hypervisor plugs them in,
# and no more those of NICs that are gone.
plug_router() {
	local name=$1 network mac bridge known
	known=$(weft_c query router_nic "$2=$3" --json | jq -r '.objects[] | "\(.l3_network) \(.mac)"')
	while read -r network mac; do
		if ip -n "$name" link show "$network" >/dev/null 2>&1; then continue; fi
		bridge=$(bridge_of "$network")
		until_ok ip -n h1 link show "$bridge"
		ip -n h1 link add name "$name-$network" type veth peer name "$network" address "$mac" netns "$name"
		ip -n h1 link set "$name-$network" master "$bridge" up
	done <<<"$known"
	for network in $(ip -n h1 -o link show type veth | grep -o " $name-[^@:]*" | sed "s/^ $name-//"); do
		grep -q "^$network " <<<"$known" || ip -n h1 link del "$name-$network"
	done
}

# router_machine NAME TYPE OBJECT: a router's machine starts, as it would be told to: with the address
# of its management NIC. All else its agent is told.
router_machine() {
	local nic
	node "$1"
	remember "$1"
	enrolment_token "$CASE_DIR/$1.token" "$2" "$3"
	plug_router "$@"
	nic=$(weft_c query router_nic "$2=$3" role=management --json | jq -er '.objects[0] | "\(.l3_network) \(.address)"')
	ip -n "$1" addr add "${nic#* }/24" dev "${nic% *}"
	ip -n "$1" link set "${nic% *}" up
	router_start "$1" --controller "$AGENTS" --token-file "$CASE_DIR/$1.token"
	until_ok is_connected "$2" "$3"
}

# machine_ends NAME: with all that runs there; its links first, as others may know the namespace still.
machine_ends() {
	ip netns pids "$1" | xargs -r kill -9
	ip -n "$1" -o link show type veth | sed 's/^[0-9]*: \([^@:]*\).*/\1/' | xargs -rn 1 ip -n "$1" link del
	ip netns del "$1"
}

# boot NAME HOST NETWORK[=ADDRESS]...: a guest of h1 or h2, with its NICs; the first is the default.
boot() {
	local name=$1 host=h$2 nics='' one number device=0
	shift 2
	for one; do
		nics+="${nics:+, }{\"l3_network\": \"${one%%=*}\"$([ "${one%%=*}" = "$one" ] || echo ", \"address\": \"${one#*=}\"")}"
	done
	made vm "name=$name" "uuid=$name" cluster=Cluster-1 "nics=[$nics]"
	# Where it runs is not for tenants to say.
	WEFT_SESSIONS=$CONTROLLER/sessions check weft_c update vm "$name" "host=$host"
	number=$(field vm "$name" number)
	node "$name"
	for one; do
		ip -n "$host" link add name "vnic$number.$device" type veth peer name "eth$device" \
			address "$(field nic "$(nic_of "$name" "${one%%=*}")" mac)" netns "$name"
		ip -n "$name" link set "eth$device" up
		ip -n "$host" link set "vnic$number.$device" up
		device=$((device + 1))
	done
}

# leased NAME[:LINK]...: they have their leases; at the same time.
leased() {
	local one asked=()
	for one; do
		boots "${one%:*}" "$([ "${one#*:}" = "$one" ] && echo eth0 || echo "${one#*:}")" &
		asked+=($!)
	done
	for one in "${asked[@]}"; do wait "$one" || fail "no lease"; done
}

# nic_of GUEST [NETWORK]: its NIC's uuid.
nic_of() { weft_c query nic "vm=$1" ${2:+"l3_network=$2"} --sort device_id --json | jq -er '.objects[0].uuid'; }
# ip_of GUEST: the address of its first NIC.
ip_of() { weft_c query nic "vm=$1" --sort device_id --json | jq -er '.objects[0].address'; }
# public_of TYPE OBJECT: a router's.
public_of() { weft_c query router_nic "$1=$2" role=public --sort device_id --json | jq -er '.objects[0].address'; }

# free_public N: 10.151.10.N or the next one that nobody has: routers' own are drawn by chance.
free_public() {
	local n taken
	taken=$(for n in router_nic vip; do WEFT_SESSIONS=$CONTROLLER/sessions weft_c query "$n" --json; done | jq -r '.objects[].address')
	for ((n = $1; n <= 200; n++)); do
		if ! grep -qxF "10.151.10.$n" <<<"$taken"; then
			echo "10.151.10.$n"
			return
		fi
	done
	fail "no public address is free"
}

# pairs_ok TTL GUEST...: each reaches each other, by so many routers.
pairs_ok() {
	local ttl=$1 from to
	shift
	for from; do
		for to; do
			[ "$from" = "$to" ] || is "$(ttl_of "$from" "$(ip_of "$to")")" "$ttl" "TTL from $from to $to"
		done
	done
}

# guest_ends NAME: deleted, and its machine with it.
guest_ends() {
	check weft_c delete vm "$1"
	machine_ends "$1"
}

# is_empty KIND NODE: it holds nothing, and does nothing.
is_empty() {
	[ "$(weft_call "$1" "$2" Get | jq -c '.state | del(.revision)')" = '{}' ] || return 1
	in_order_at "$1" "$2"
}

# agent_leaves KIND NODE: what was deleted was undone; nothing is there that was not before.
agent_leaves() {
	until_ok is_empty "$1" "$2"
	daemon_kill "$1" "$2"
	rm -r "${CASE_DIR:?}/$2/$1"
	until_ok is_as_before "$2"
}

# nothing_is_left ROUTER...: all is deleted; machines are as before, and the store holds what it did.
nothing_is_left() {
	local type uuid name
	for name in $(weft_c query vm --json | jq -r '.objects[].uuid'); do guest_ends "$name"; done
	for type in vpc_router router route_table security_group load_balancer certificate zone router_image account; do
		for uuid in $(weft_c query "$type" --json | jq -r '.objects[].uuid'); do
			[ "$uuid" = admin ] || check weft_c delete "$type" "$uuid"
		done
	done
	for name; do
		until_ok is_empty vrouter "$name"
		ip -n h1 -o link show type veth | grep -o " $name-[^@:]*" | xargs -rn 1 ip -n h1 link del
		agent_leaves vrouter "$name"
	done
	for name in h1 h2; do agent_leaves hostnet "$name"; done
	for name in dnsmasq haproxy charon-systemd; do deny pgrep -x "$name"; done
	rows >"$CASE_DIR/rows.after"
	check diff "$CASE_DIR/rows" "$CASE_DIR/rows.after"
}
