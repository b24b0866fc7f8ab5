#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Security groups: who may begin a connection with a guest, and with whom it may.
#
#   vm1 192.168.0.223 (vnic1.0) --- host1 em01 --- sw --- em01 host2 --- vm2 192.168.0.211
#   vm3 192.168.0.213 (vnic3.0) ---                |
#                                                 site 192.168.0.1
# Where this kernel cannot track the connections of bridges they run in the virtual machine.
# timeout: 90
. "$(dirname "$0")/../lib/guests.sh"
. "$(dirname "$0")/../lib/groups.sh"

VM1=192.168.0.223 VM2=192.168.0.211 VM3=192.168.0.213
PORTS="tcp/10 tcp/20 tcp/100 tcp/101 tcp/200 tcp/1000 tcp/1001 udp/20 ping"
REST="tcp/20 tcp/100 tcp/200 udp/20 ping"

world() {
	needs bridge_conntrack
	switch sw
	node host1 host2 site
	plug host1 sw - em01
	plug host2 sw - em01
	plug site sw 192.168.0.1/16
	host_start host1
	host_start host2
}

# port NUMBER ADDRESS [GROUP,GROUP]
port() {
	local groups=${3:-}
	echo "{\"uuid\": \"nic-$1\", \"device\": \"vnic$1.0\", \"l2\": \"l2\", \"mac\": \"fa:00:00:00:01:0$1\",
		\"anti_spoofing\": true, \"default\": true, \"addresses\": [{\"l3\": \"l3\", \"address\": \"$2\"}],
		\"security_groups\": [${groups:+\"${groups//,/\",\"}\"}]}"
}

# net [MEMBERS]: the sections that all hosts have.
net() {
	echo "\"l2_networks\": [{\"uuid\": \"l2\", \"type\": \"novlan\", \"device\": \"em01\"}],
		\"l3_networks\": [{\"uuid\": \"l3\", \"l2\": \"l2\", \"cidr\": \"192.168.0.0/16\", \"gateway\": \"192.168.0.1\"${1:-}}]"
}

apply() { # HOST GROUPS PORTS [MEMBERS_OF_L3]
	host_apply "$1" - <<-END
		{ "revision": 1, "host": { "uuid": "h" }, $(net "${4:-}"), "security_groups": [ $2 ], "ports": [ $3 ] }
	END
}

put() { host_patch host1 "\"upsert\": {\"$1\": [$2]}"; } # SECTION OBJECTS
put_groups() { put security_groups "$1"; }

guest_at() { # HOST NUMBER ADDRESS
	guest_port "$1" "vnic$2.0" "vm$2" "fa:00:00:00:01:0$2"
	ip -n "vm$2" addr add "$3/16" dev eth0
	serve "vm$2" tcp 10 20 100 101 200 1000 1001 udp 20
}

# three_guests GROUPS GROUPS_OF_NIC_1 [GROUPS_OF_NIC_3]: nic-2 on the other host is in none.
three_guests() {
	world
	check apply host1 "$1" "$(port 1 $VM1 "$2"), $(port 3 $VM3 "${3:-}")"
	check apply host2 "" "$(port 2 $VM2)"
	guest_at host1 1 $VM1
	guest_at host2 2 $VM2
	guest_at host1 3 $VM3
	until_ok tcp_ok vm3 $VM2 10
}

# Of what is begun with vm1 from the other host and from this one; at the same time.
into_vm1() { # PROBES WANTED
	reach vm3 $VM1 "$1" "$2" >"$CASE_DIR/here" &
	reaches vm2 $VM1 "$1" "$2" "from the other host"
	wait $!
	is "$(cat "$CASE_DIR/here")" "$2" "from this host"
}

out_of_vm1() { # PROBES WANTED
	reach vm1 $VM3 "$1" "$2" >"$CASE_DIR/here" &
	reaches vm1 $VM2 "$1" "$2" "to the other host"
	wait $!
	is "$(cat "$CASE_DIR/here")" "$2" "to this host"
}

case_the_tutorial() {
	three_guests "$(group sg $VM1)" ""
	into_vm1 "$PORTS" "$PORTS"
	# No rules: nothing comes in, all goes out.
	put ports "$(port 1 $VM1 sg)"
	is "$(host_health host1 nic-1) $(host_health host1 sg)" "ready ready"
	into_vm1 "$PORTS" ""
	out_of_vm1 "$PORTS" "$PORTS"
	check udp_refused vm1 $VM2 9 # an error about its own question comes in
	# Ingress TCP 20-100.
	put_groups "$(group sg $VM1 "ingress tcp 20-100")"
	into_vm1 "$PORTS" "tcp/20 tcp/100"
	out_of_vm1 "$REST" "$REST"
	# Egress TCP 200-1000; the answers of port 20 pass.
	put_groups "$(group sg $VM1 "ingress tcp 20-100" "egress tcp 200-1000")"
	into_vm1 "$REST" "tcp/20 tcp/100"
	out_of_vm1 "$PORTS" "tcp/200 tcp/1000"
	# The group is gone from the port.
	put ports "$(port 1 $VM1)"
	into_vm1 "$PORTS" "$PORTS"
	out_of_vm1 "$REST" "$REST"
	host_patch host1 '"remove": {"security_groups": ["sg"]}'
	check host_in_order host1
	is "$(on host1 nft list ruleset | grep -c '\bct ' || true)" 0 "what is left of connection tracking"
}

case_members_and_peers() {
	three_guests "$(group sg $VM1,$VM3 "ingress all - - sg" "egress all - - sg"), $(group web "" "ingress udp 20")" sg sg
	# The two rules of a new group: its members among themselves.
	reaches vm2 $VM1 "$REST" "" "from outside"
	reaches vm3 $VM1 "$REST" "$REST" "among members"
	reaches vm1 $VM2 "$REST" "$REST" "to the outside"
	put_groups "$(group sg $VM1,$VM3)"
	reaches vm3 $VM1 "$REST" "" "among members, without the rules"
	# Peers: a network, a group, both.
	put_groups "$(group sg $VM1 "ingress tcp 20 192.168.1.0/24")"
	into_vm1 "$REST" ""
	put_groups "$(group sg $VM1 "ingress tcp 20 $VM2/32" "ingress icmp")"
	reaches vm2 $VM1 "$REST" "tcp/20 ping" "from the network"
	reaches vm3 $VM1 "$REST" "ping" "from elsewhere"
	put_groups "$(group peers ""), $(group sg $VM1 "ingress tcp 20 192.168.0.208/29 peers" "ingress udp - - peers")"
	into_vm1 "$REST" ""
	put_groups "$(group peers $VM2,$VM3)"
	into_vm1 "$REST" "tcp/20 udp/20"
	put_groups "$(group peers $VM3), $(group sg $VM1 "ingress tcp 20 192.168.0.208/29 peers")"
	reaches vm2 $VM1 "$REST" "" "in the network only"
	reaches vm3 $VM1 "$REST" "tcp/20" "in both"
	put ports "$(port 3 $VM3)"
	put_groups "$(group sg $VM1 "ingress tcp 20 192.168.0.0/30 peers" "egress tcp 10-100 - peers" "egress icmp - $VM2/32")"
	reaches vm3 $VM1 "$REST" "" "in the group only"
	reaches vm1 $VM3 "$REST" "tcp/20 tcp/100" "to the group"
	reaches vm1 $VM2 "$REST" "ping" "to the network"
	# Of several groups, what one of them allows.
	put ports "$(port 1 $VM1 sg,web)"
	reaches vm2 $VM1 "$REST" "udp/20" "what the other group allows"
	reaches vm1 $VM2 "$REST" "ping" "what no group allows"
}

# A group in one form: both of its members' NICs have its rules.
case_two_members_of_one_group() {
	local probes="tcp/21 tcp/22 tcp/23 tcp/1000"
	three_guests "$(group sg $VM1,$VM3 "ingress tcp 23-1024")" sg sg
	for n in 1 2 3; do serve vm$n tcp 21 22 23; done
	reaches vm2 $VM1 "$probes" "tcp/23 tcp/1000"
	reaches vm2 $VM3 "$probes" "tcp/23 tcp/1000"
	put_groups "$(group sg $VM1,$VM3 "ingress tcp 23-1024" "egress tcp 23-1024")"
	reaches vm1 $VM2 "$probes" "tcp/23 tcp/1000"
	reaches vm3 $VM2 "$probes" "tcp/23 tcp/1000"
	reaches vm2 $VM1 "$probes" "tcp/23 tcp/1000"
}

# What a patch of the group in file LARGE is: its plan in short. PYTHON changes 'group'.
plan_of() { # REVISION PYTHON
	python3 - "$CASE_DIR/large" "$1" "$2" >"$CASE_DIR/patch" <<-'END'
		import json
		import sys
		group = json.load(open(sys.argv[1]))["security_groups"][0]
		exec(sys.argv[3])
		print(json.dumps({"base_revision": int(sys.argv[2]), "upsert": {"security_groups": [group]}}))
	END
	weft_call hostnet host1 Patch "$(cat "$CASE_DIR/patch")" | jq -r '.plan[] | .action + " " + .kind + " " + .key'
}

case_a_member_more_is_one_element() {
	needs bridge_conntrack
	node host1
	host_start host1
	python3 - >"$CASE_DIR/large" <<-'END'
		import json
		members = [f"10.0.{n // 200}.{n % 200 + 1}" for n in range(5000)]
		print(json.dumps({
		    "revision": 1, "host": {"uuid": "h"},
		    "l2_networks": [{"uuid": "l2", "type": "novlan", "device": "em01"}],
		    "security_groups": [{"uuid": "sg", "members": members, "rules": []}],
		    "ports": [{"uuid": f"p{n}", "device": f"v{n}", "l2": "l2", "security_groups": ["sg"],
		               "mac": f"fa:00:00:00:{n // 256:02x}:{n % 256:02x}"} for n in range(500)]}))
	END
	check host_apply host1 "$CASE_DIR/large" >/dev/null
	is "$(plan_of 1 'group["members"].append("10.1.0.1")')" "add nft.element bridge weft_host members.sg 10.1.0.1"
	is "$(plan_of 2 '')" "remove nft.element bridge weft_host members.sg 10.1.0.1"
	# A rule is one as well. The first that makes the group strict changes what leads out of it.
	is "$(plan_of 3 'group["rules"].append({"uuid": "r", "direction": "ingress"})')" \
		"add nft.rule bridge weft_host ingress.sg 0100.r"
	plan_of 4 'group["rules"] += [{"uuid": "r", "direction": "ingress"}, {"uuid": "q", "direction": "egress"}]' \
		>"$CASE_DIR/strict"
	is "$(cut -d ' ' -f 1,2 "$CASE_DIR/strict" | sort | uniq -c | tr -s ' ')" \
		"$(printf ' %s\n' "1 add nft.chain" "3 add nft.rule" "1 change nft.element")"
	check host_in_order host1
}

# The same of objects of their own: of the group itself nothing is said.
case_a_member_of_its_own_is_one_element() {
	needs bridge_conntrack
	node host1
	host_start host1
	python3 - >"$CASE_DIR/large" <<-'END'
		import json
		members = [f"10.0.{n // 200}.{n % 200 + 1}" for n in range(5000)]
		print(json.dumps({
		    "revision": 1, "host": {"uuid": "h"},
		    "l2_networks": [{"uuid": "l2", "type": "novlan", "device": "em01"}],
		    "security_groups": [{"uuid": "sg", "rules": []}],
		    "security_group_members": [{"uuid": f"m{n}", "group": "sg", "address": address}
		                               for n, address in enumerate(members)]}))
	END
	check host_apply host1 "$CASE_DIR/large" >/dev/null
	check host_in_order host1
	is "$(patched 1 '"upsert": {"security_group_members": [{"uuid": "m", "group": "sg", "address": "10.1.0.1"}]}')" \
		"add nft.element bridge weft_host members.sg 10.1.0.1"
	is "$(patched 2 '"remove": {"security_group_members": ["m"]}')" "remove nft.element bridge weft_host members.sg 10.1.0.1"
	# Objects are told of, their members are not.
	is "$(weft_call hostnet host1 Status | jq -c '[.objects[].section] | unique')" '["host","l2_networks","security_groups"]'
	check host_in_order host1
}
patched() { # REVISION SECTIONS
	weft_call hostnet host1 Patch "{\"base_revision\": $1, $2}" | jq -r '.plan[] | .action + " " + .kind + " " + .key'
}

# What leads to groups is there once for all ports with the same, as long as one has them.
case_a_port_more_is_elements() {
	needs bridge_conntrack
	node host1
	host_start host1
	check apply host1 "$(group a ""), $(group b "")" "$(port 1 $VM1 a,b)"
	is "$(combined)" 1
	is "$(doings 1 "\"upsert\": {\"ports\": [$(port 2 $VM2 b,a)]}")" "add nft.element" "one more"
	is "$(combined)" 1
	# Two come at once, the first with these.
	check patched 2 "\"upsert\": {\"ports\": [$(port 3 $VM3 a), $(port 4 192.168.0.4 a)]}" >/dev/null
	is "$(combined)" 2
	check host_in_order host1
	# Of each two the first goes.
	is "$(doings 3 '"remove": {"ports": ["nic-1", "nic-3"]}')" "remove nft.element" "two less"
	is "$(combined)" 2
	check host_in_order host1
	# The last one joins the others.
	check patched 4 "\"upsert\": {\"ports\": [$(port 4 192.168.0.4 b,a)]}" >/dev/null
	is "$(combined)" 1
	check host_in_order host1
	check patched 5 '"remove": {"ports": ["nic-2", "nic-4"]}' >/dev/null
	is "$(combined)" 0
	check host_in_order host1
}
combined() { on host1 nft list table bridge weft_host | grep -c 'chain \(into\|outof\)\.' || true; }
doings() { patched "$@" | cut -d ' ' -f 1,2 | sort -u; } # REVISION SECTIONS

lease() { # NODE
	on "$1" udhcpc -i eth0 -f -q -n -t 5 -T 2 -s "$CASE_DIR/told" 2>/dev/null
}

case_under_any_rules() {
	needs_program udhcpc
	world
	cat >"$CASE_DIR/told" <<-'END'
		#!/bin/sh
		[ "$1" != bound ] || echo "$ip"
	END
	chmod +x "$CASE_DIR/told"
	check apply host1 "$(group sg "" "egress tcp 9")" "$(port 1 $VM1 sg)" \
		', "user_data": true, "dhcp": {"enabled": true, "server": "192.168.0.2", "lease_s": 3600}'
	guest_port host1 vnic1.0 vm1 fa:00:00:00:01:01
	until_ok lease vm1
	is "$(lease vm1)" $VM1 "its lease"
	ip -n vm1 addr add $VM1/16 dev eth0
	ip -n vm1 route add 169.254.169.254 via 192.168.0.2
	is "$(http vm1 http://169.254.169.254/latest/meta-data/local-ipv4)" $VM1 "its user data"
	serve site tcp 9 10
	reaches site $VM1 ping ""
	check grep -q lladdr <<<"$(ip -n site neigh show $VM1)"
	ip -n site neigh flush dev sw
	reaches vm1 192.168.0.1 "tcp/9 tcp/10 ping" "tcp/9"
	# What is dropped is dropped on this side.
	capture_start wire site sw
	reaches vm1 192.168.0.1 "tcp/10 udp/53 tcp/9" "tcp/9"
	until_ok capture_has wire "$VM1"
	is "$(capture_text wire "udp or tcp port 10" | wc -l)" 0
	capture_stop wire
}

case_what_was_allowed_ends() {
	local rules=("ingress tcp 20" "ingress tcp 100 $VM2/32" "ingress tcp 100 - peers")
	three_guests "$(group peers $VM2,$VM3), $(group sg $VM1 "${rules[@]}")" sg
	hold a vm2 $VM1 20
	hold b vm2 $VM1 100
	hold c vm3 $VM1 100
	hold d vm1 $VM2 10
	# Two rules allow b: one of them goes, and with it nothing.
	put_groups "$(group sg $VM1 "ingress tcp 20" "${rules[2]}")"
	check hold_ok a && check hold_ok b && check hold_ok c && check hold_ok d
	# A member goes, and its connection alone.
	put_groups "$(group peers $VM2)"
	check hold_ok a && check hold_ok b && check hold_ok d
	deny hold_ok_now c
	# A rule goes: what it allowed ends, also for what the guest itself still sends.
	put_groups "$(group sg $VM1 "${rules[2]}")"
	deny hold_ok_now a
	check hold_ok b && check hold_ok d
	# The port joins another group that lets nothing more in, and goes out strictly.
	put_groups "$(group strict "" "egress tcp 11")"
	put ports "$(port 1 $VM1 sg,strict)"
	check hold_ok b
	deny hold_ok_now d
	# Nobody is told: neither end heard of a reset.
	deny grep -q BROKEN "$CASE_DIR"/hold.[acd]/answers
}

# As hold_ok, and does not wait long for the answer.
hold_ok_now() {
	PATIENCE=$((2 * SLOWNESS)) until_answer "$1"
}
until_answer() {
	local dir=$CASE_DIR/hold.$1 lines end=$((SECONDS + PATIENCE))
	lines=$(wc -l <"$dir/answers")
	# shellcheck disable=SC2016 # the inner shell expands it
	timeout $((10 * SLOWNESS)) sh -c 'echo ask >"$1"' - "$dir/ask" || return 1
	until more_lines "$dir/answers" "$lines"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.1
	done
}

# silent_ok NODE ADDRESS PORT SOURCE:PORT: as tcp_ok, and does not wait long.
silent_ok() { on "$1" "$LIB/probe.py" tcp "$2" "$3" "$SLOWNESS" "$4"; }

case_tenants_with_the_same_addresses() {
	world
	ip -n host1 addr add 10.0.0.1/24 dev em01
	tenant() { # NUMBER GROUP
		echo "{\"uuid\": \"a$1\", \"device\": \"vnic$1.0\", \"l2\": \"l2-$1\", \"mac\": \"fa:00:00:00:01:01\",
			\"security_groups\": [$2], \"addresses\": [{\"l3\": \"l3-$1\", \"address\": \"192.168.10.7\"}]},
			{\"uuid\": \"b$1\", \"device\": \"vnic$1.1\", \"l2\": \"l2-$1\", \"mac\": \"fa:00:00:00:01:02\",
			\"addresses\": [{\"l3\": \"l3-$1\", \"address\": \"192.168.10.8\"}]}"
	}
	check host_apply host1 - <<-END
		{ "revision": 1, "host": { "uuid": "h", "vtep": "10.0.0.1" },
		  "l2_networks": [ { "uuid": "l2-1", "type": "vxlan", "vni": 11 }, { "uuid": "l2-2", "type": "vxlan", "vni": 12 } ],
		  "l3_networks": [ { "uuid": "l3-1", "l2": "l2-1", "cidr": "192.168.10.0/24" }, { "uuid": "l3-2", "l2": "l2-2", "cidr": "192.168.10.0/24" } ],
		  "security_groups": [ $(group sg ""), $(group open "" "ingress tcp") ],
		  "ports": [ $(tenant 1 '"open"'), $(tenant 2 '"sg"') ] }
	END
	for n in 1 2; do
		guest_port host1 vnic$n.0 a$n fa:00:00:00:01:01
		guest_port host1 vnic$n.1 b$n fa:00:00:00:01:02
		ip -n a$n addr add 192.168.10.7/24 dev eth0
		ip -n b$n addr add 192.168.10.8/24 dev eth0
		serve a$n tcp 80
	done
	until_ok tcp_ok b1 192.168.10.7 80 192.168.10.8:4000
	# The same connection in the other network is another, which nobody allowed.
	deny silent_ok b2 192.168.10.7 80 192.168.10.8:4000
	check tcp_ok b1 192.168.10.7 80 192.168.10.8:4001
}

# The network is the machine's own too: groups hold towards it, and its own connections are not disturbed.
case_the_machine_itself() {
	world
	ip -n host1 addr add 192.168.0.9/16 dev em01
	on host1 nft -f - <<-END
		table inet fw {
			chain i {
				type filter hook input priority 0; policy drop;
				ct state established,related accept
				tcp dport 22 accept
			}
		}
	END
	check apply host1 "$(group sg $VM1 "ingress tcp 20" "egress tcp 22-100")" "$(port 1 $VM1 sg), $(port 3 $VM3)"
	guest_at host1 1 $VM1
	guest_at host1 3 $VM3
	serve host1 tcp 10 22
	serve site tcp 10 22
	until_ok tcp_ok host1 192.168.0.1 22
	reaches host1 $VM1 "$REST" "tcp/20" "from the machine"
	reaches host1 $VM3 "$REST" "$REST" "to a guest without groups"
	reaches vm1 192.168.0.9 "tcp/10 tcp/22 ping" "tcp/22" "to the machine"
	reaches site 192.168.0.9 "tcp/10 tcp/22 ping" "tcp/22" "the machine's own firewall"
}

ipv6_port() { # NUMBER GROUPS
	echo "{\"uuid\": \"nic-$1\", \"device\": \"vnic$1.0\", \"l2\": \"l2\", \"mac\": \"fa:00:00:00:01:0$1\", \"anti_spoofing\": true,
		\"addresses\": [{\"l3\": \"l3-6\", \"address\": \"fd00::$1\"}], \"security_groups\": [$2]}"
}
ipv6_apply() { # HOST GROUPS PORTS
	host_apply "$1" - <<-END
		{ "revision": 1, "host": { "uuid": "h" },
		  "l2_networks": [{"uuid": "l2", "type": "novlan", "device": "em01"}],
		  "l3_networks": [{"uuid": "l3-6", "l2": "l2", "cidr": "fd00::/64"}],
		  "security_groups": [ $2 ], "ports": [ $3 ] }
	END
}

# Under any rules guests find each other: the address of IPv6's neighbours is asked for by ICMPv6 and multicast.
case_ipv6_neighbours() {
	local n
	world
	check ipv6_apply host1 "$(group sg "" "ingress tcp 20 fd00::2/128" "ingress icmp - fd00::3/128"), $(group open "" "ingress all")" \
		"$(ipv6_port 1 '"sg"'), $(ipv6_port 3 '"open"')"
	check ipv6_apply host2 "" "$(ipv6_port 2 '')"
	for n in 1 2 3; do
		guest_port host$((n == 2 ? 2 : 1)) "vnic$n.0" "vm$n" "fa:00:00:00:01:0$n"
		ip -n "vm$n" addr add "fd00::$n/64" dev eth0 nodad
		serve "vm$n" tcp 10 20
	done
	until_ok ping_ok vm2 fd00::3
	reaches vm2 fd00::1 "tcp/10 tcp/20 ping" "tcp/20" "from the other host"
	reaches vm3 fd00::1 "tcp/10 tcp/20 ping" "ping" "from this host"
	reaches vm1 fd00::2 "tcp/10 tcp/20 ping" "tcp/10 tcp/20 ping" "to the other host"
	# Neither knows the other any more: they ask again.
	for n in 1 2 3; do ip -n "vm$n" -6 neigh flush dev eth0; done
	reaches vm2 fd00::1 "tcp/10 tcp/20" "tcp/20" "after they were forgotten"
}

case_over_restarts() {
	local before
	three_guests "$(group sg $VM1 "ingress tcp 20")" sg
	into_vm1 "$REST" "tcp/20"
	hold a vm2 $VM1 20
	before=$(on host1 nft -a list ruleset)
	# Nothing changes hands, also not of the kernel's objects.
	host_kill host1 -9
	reaches vm2 $VM1 "$REST" "tcp/20" "while the agent is dead"
	host_start host1
	check host_in_order host1
	is "$(on host1 nft -a list ruleset)" "$before" "the rules"
	host_stop host1
	host_start host1
	is "$(on host1 nft -a list ruleset)" "$before" "the rules"
	check hold_ok a
	# Another's hand.
	on host1 nft flush chain bridge weft_host ingress.sg
	until_ok tcp_ok vm2 $VM1 20
	on host1 nft delete element bridge weft_host grouped '{ vnic1.0 }'
	until_ok tcp_no_timeout vm2 $VM1 10
	on host1 nft add rule bridge weft_host ingress.sg accept
	until_ok tcp_no_timeout vm2 $VM1 10
	check hold_ok a
	until_ok host_in_order host1
	# The guest is started again.
	ip -n host1 link del vnic1.0
	ip netns del vm1
	rm -rf "$CASE_DIR/vm1"
	guest_at host1 1 $VM1
	until_ok tcp_ok vm2 $VM1 20
	into_vm1 "$REST" "tcp/20"
}

# changes FROM: another rule each time, from revision FROM on, until nobody answers any more; the last that was
# acknowledged is in the file.
changes() {
	local revision=$1
	while weft_call hostnet host1 Patch "{\"base_revision\": $revision, \"upsert\": {\"security_groups\": [
		$(group sg $VM1 "ingress tcp 20" "ingress tcp $((1000 + revision))")]}}" >/dev/null 2>&1; do
		revision=$((revision + 1))
		echo "$revision" >"$CASE_DIR/acknowledged"
	done
}

acknowledged() { [ "$(cat "$CASE_DIR/acknowledged")" -ge "$1" ]; }
revision() { weft_call hostnet host1 Status | jq .revision; }

# Killed in the midst of changes: nothing that was acknowledged is lost, nothing is half there, what went on goes on.
case_killed_while_they_change() {
	local n last now=1
	three_guests "$(group sg $VM1 "ingress tcp 20")" sg
	until_ok tcp_ok vm2 $VM1 20
	hold a vm2 $VM1 20
	for n in 1 2 3; do
		echo 0 >"$CASE_DIR/acknowledged"
		changes "$now" &
		until_ok acknowledged $((now + n * 3))
		host_kill host1 -9
		wait $!
		last=$(cat "$CASE_DIR/acknowledged")
		host_start host1
		now=$(revision)
		check [ "$now" -eq "$last" -o "$now" -eq $((last + 1)) ]
		check host_in_order host1
		check grep -qi "$(printf "0x%x " $((999 + now)))" <<<"$(on host1 nft list chain bridge weft_host ingress.sg)"
		check hold_ok a
	done
	reaches vm2 $VM1 "tcp/10 tcp/20 ping" "tcp/20"
}

case_without_connection_tracking() {
	if can bridge_conntrack >/dev/null 2>&1; then skip "this kernel tracks the connections of bridges"; fi
	switch sw
	node host1 site
	plug host1 sw - em01
	plug site sw 192.168.0.1/16
	host_start host1
	check apply host1 "$(group sg $VM1 "ingress tcp 20")" "$(port 1 $VM1 sg), $(port 3 $VM3)"
	guest_port host1 vnic1.0 vm1 fa:00:00:00:01:01
	guest_port host1 vnic3.0 vm3 fa:00:00:00:01:03
	ip -n vm1 addr add $VM1/16 dev eth0
	ip -n vm3 addr add $VM3/16 dev eth0
	until_ok ping_ok vm3 192.168.0.1
	is "$(host_health host1 nic-1) $(host_reason host1 nic-1)" "failed bridge_conntrack"
	is "$(host_health host1 sg) $(host_health host1 nic-3)" "failed ready"
	is "$(weft_call hostnet host1 Status | jq -c '.capabilities[] | select(.name == "bridge_conntrack").supported')" false
	deny ping_ok vm1 192.168.0.1
	check host_in_order host1
}

run_cases "$@"
