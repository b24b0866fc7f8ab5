#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Tunnels: two routers, and a router with a plain strongSwan that was configured by hand.
#
#   a1 192.168.10.79 --- 192.168.10.1 va 10.151.10.174 --- sw --- 10.151.20.192 vb --- b1 192.168.30.253
#   a2 192.168.20.187 -- 192.168.20.1 /                                            \ --- b2 192.168.40.224
# timeout: 240
. "$(dirname "$0")/../lib/rate.sh"
. "$(dirname "$0")/../lib/load.sh"

A_VIP=10.151.10.174
B_VIP=10.151.20.192
KEY=a-key-that-nobody-may-see

# site NAME VIP NET1 HOST1 NET2 HOST2: router vNAME, its guests NAME1 and NAME2; not started yet.
site() {
	node "v$1"
	switch "$1-net1"
	switch "$1-net2"
	router_nic "v$1" pub "fa:00:00:00:$3:01" sw
	router_nic "v$1" net1 "fa:00:00:00:$3:02" "$1-net1"
	router_nic "v$1" net2 "fa:00:00:00:$3:03" "$1-net2"
	guest "${1}1" "$1-net1" "192.168.$3.$4/24" "192.168.$3.1"
	guest "${1}2" "$1-net2" "192.168.$5.$6/24" "192.168.$5.1"
	serve "${1}1" tcp 22
	serve "${1}2" tcp 22
}

# site_document NAME VIP NET1 NET2 [SECTIONS]
site_document() {
	cat <<-END
		{ "router": {"uuid": "r-$1"},
		  "interfaces": [
		    {"uuid": "if-pub", "mac": "fa:00:00:00:$3:01", "role": "public", "network": "l3-pub",
		     "addresses": ["$2/8"], "gateway": "10.0.0.1", "default_route": true},
		    {"uuid": "if-1", "mac": "fa:00:00:00:$3:02", "role": "private", "network": "l3-1",
		     "addresses": ["192.168.$3.1/24"], "snat": true},
		    {"uuid": "if-2", "mac": "fa:00:00:00:$3:03", "role": "private", "network": "l3-2",
		     "addresses": ["192.168.$4.1/24"], "snat": true}],
		  "vips": [{"uuid": "vip-sys", "address": "$2", "network": "l3-pub", "system": true}]
		  ${5:-} }
	END
}

# tunnel UUID LOCAL_CIDRS REMOTE REMOTE_CIDRS [KEY [FIELDS]]
tunnel() {
	echo "{\"uuid\": \"$1\", \"vip\": \"vip-sys\", \"local_cidrs\": [$2], \"remote_address\": \"$3\",
		\"remote_cidrs\": [$4], \"auth\": {\"mode\": \"psk\", \"psk\": \"${5:-$KEY}\"}${6:+, $6}}"
}

A_NETS='"192.168.10.0/24", "192.168.20.0/24"'
B_NETS='"192.168.30.0/24", "192.168.40.0/24"'

apply_a() { site_document a $A_VIP 10 20 "$1" | check router_apply va -; }
apply_b() { site_document b $B_VIP 30 40 "$1" | check router_apply vb -; }

tunnel_a() { apply_a ", \"ipsec\": [$(tunnel tunnel-1 "$A_NETS" $B_VIP "$B_NETS")]"; }
tunnel_b() { apply_b ", \"ipsec\": [$(tunnel tunnel-2 "$B_NETS" $A_VIP "$A_NETS")]"; }

# Both sites, started, joined by nothing yet.
world() {
	needs esp
	needs_program charon-systemd
	world_internet
	site a $A_VIP 10 79 20 187
	site b $B_VIP 30 253 40 224
	router_start va
	router_start vb
	apply_a ""
	apply_b ""
}

status_of() { weft_router "$1" status --json | jq -r "$2"; }
# state_of ROUTER TUNNEL: as charon has it.
state_of() { status_of "$1" ".services[] | select(.name == \"charon\") | .connections[] | select(.connection == \"$2\") | .state"; }
state_is() { [ "$(state_of "$1" "$2")" = "$3" ]; }
health_of() { status_of "$1" ".objects[] | select(.uuid == \"$2\") | .health"; }
health_is() { [ "$(health_of "$1" "$2")" = "$3" ]; }
reason_of() { status_of "$1" ".objects[] | select(.uuid == \"$2\") | .reason // \"\""; }
reason_has() { grep -qF -- "$3" <<<"$(reason_of "$1" "$2")"; }
charon_of() { status_of "$1" '.services[] | select(.name == "charon") | .pid // ""'; }

both_negotiated() {
	until_ok state_is va tunnel-1 negotiated
	until_ok state_is vb tunnel-2 negotiated
}

PAIRS="a1:192.168.30.253 a1:192.168.40.224 a2:192.168.30.253 a2:192.168.40.224
	b1:192.168.10.79 b1:192.168.20.187 b2:192.168.10.79 b2:192.168.20.187"

# of_all_pairs PROBE [ARGS]: whether all pairs pass it, all at once.
of_all_pairs() {
	local pair pids=() pid bad=0
	for pair in $PAIRS; do
		"$1" "${pair%:*}" "${pair#*:}" "${@:2}" || { echo "$1 $pair"; false; } &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do wait "$pid" || bad=1; done
	return "$bad"
}

# Every guest of one site reaches every one of the other, with its own address.
all_joined() {
	check of_all_pairs ping_ok
	check of_all_pairs tcp_ok 22
	is "$(ttl_of a1 192.168.40.224)" 62 "two routers on the way"
	is "$(who b1 192.168.20.187 22)" "192.168.20.187 192.168.30.253" "real source"
}

# Nothing was seen on the wire but IKE and ESP of the two, ARP, and word that IKE is not listened for;
# and no guest.
only_sealed() { # CAPTURE
	check capture_has "$1" " > " esp
	deny capture_has "$1" " > " net 192.168.0.0/16
	deny capture_has "$1" " > " "host $A_VIP and host $B_VIP and not esp and not udp port 500 and not arp and not icmp[icmptype] == icmp-unreach"
}

carried() { # up|down
	weft_router va counters --uuid vip-sys --json | jq ".counters[0].packets_$1"
}

# The VIP carries what its tunnel seals, each packet once. IKE may be on its way as well.
counts_both_ways() { # PACKETS
	local up down way
	up=$(carried up) down=$(carried down)
	check on a1 ping -q -c "$1" -i 0.2 -W "$PATIENCE" 192.168.30.253
	for way in "$(($(carried up) - up))" "$(($(carried down) - down))"; do
		check [ "$way" -ge "$1" ]
		check [ "$way" -lt $((2 * $1)) ]
	done
}

case_joins_two_sites() {
	world
	check of_all_pairs ping_no
	check ping_ok a1 192.168.20.187
	check ping_ok b1 192.168.40.224
	capture_start wire sw p3 # va's
	tunnel_a
	# Applied here is ready, before there is another side.
	until_ok state_is va tunnel-1 ready
	is "$(health_of va tunnel-1)" ready "health"
	check ping_no a1 192.168.30.253
	tunnel_b
	both_negotiated
	all_joined
	only_sealed wire
	counts_both_ways 10
	check ping_ok a1 198.51.100.10
	is "$(who b2 198.51.100.10 80)" "198.51.100.10 $B_VIP" "others are translated as before"
	route ext 192.168.10.0/24 via $A_VIP
	route ext 192.168.30.0/24 via $B_VIP
	check ping_no ext 192.168.10.79
	check ping_no ext 192.168.30.253
	capture_stop wire
}

# counted ROUTER TUNNEL: "packets up, bytes up / packets down, bytes down".
counted() {
	weft_router "$1" counters --uuid "$2" --json | jq -r '.counters[0] |
		"\(.packets_up) \(.bytes_up) / \(.packets_down) \(.bytes_down)"'
}
three() { on "$1" ping -n -q -c 3 -i 0.2 -W "$PATIENCE" -s "$3" "$2" | grep " 3 received" >/dev/null; }
child_keys() { on va ip xfrm state list | grep -o "spi 0x[0-9a-f]*" | sort; }
keys_are_others() { [ -z "$(comm -12 "$CASE_DIR/keys" <(child_keys))" ] && [ -n "$(child_keys)" ]; }

# As packets are outside of ESP, whatever keys seal them and whoever counts.
case_a_tunnel_counts_what_it_carries() {
	needs_program swanctl
	world
	tunnel_a
	tunnel_b
	both_negotiated
	is "$(counted va tunnel-1)" "0 0 / 0 0" "nothing yet"
	check three a1 192.168.30.253 100
	is "$(counted va tunnel-1)" "3 384 / 3 384" "one side"
	is "$(counted vb tunnel-2)" "3 384 / 3 384" "the other"
	check three b2 192.168.20.187 200
	is "$(counted va tunnel-1)" "6 1068 / 6 1068" "of all its networks"
	check ping_ok a1 198.51.100.10
	check ping_ok a1 192.168.20.187
	is "$(counted va tunnel-1)" "6 1068 / 6 1068" "nothing that is beside it"
	child_keys >"$CASE_DIR/keys"
	check on va swanctl --rekey --ike tunnel-1 --reauth --uri "unix://$CASE_DIR/va/vrouter/run/charon/vici"
	until_ok keys_are_others
	both_negotiated
	check three a1 192.168.30.253 100
	is "$(counted va tunnel-1)" "9 1452 / 9 1452" "with new keys"
	router_kill va -9
	kill "$(charon_pid va)"
	router_start va
	both_negotiated
	check three a1 192.168.30.253 100
	is "$(counted va tunnel-1)" "12 1836 / 12 1836" "after both have begun anew"
	check weft_router va counters --kind ipsec
	is "$(weft_router va counters --kind ipsec --json | jq -c '[.counters[].uuid]')" '["tunnel-1"]' "of its kind"
}

case_removed_is_silent() {
	world
	tunnel_a
	tunnel_b
	both_negotiated
	hold one a1 192.168.30.253 22
	check hold_ok one
	capture_start wire sw p3
	apply_a ""
	until_ok state_is vb tunnel-2 ready
	check of_all_pairs ping_no
	check ping_ok a1 198.51.100.10
	# Neither site lets a guest's address out.
	deny capture_has wire " > " src net 192.168.0.0/16
	is "$(on va ip xfrm policy list | grep -c 'tmpl')" 0 "policies that are left"
	is "$(on va ip xfrm state list)" "" "states that are left"
	check ping_ok ext $A_VIP
	tunnel_a
	both_negotiated
	check ping_ok a1 192.168.30.253
}

# ---- a strongSwan that knows nothing of us -----------------------------------------------------

# peer_world: one site, and where the other would be a machine "peer" with a guest b1.
peer_world() {
	needs esp
	needs_program charon-systemd
	needs_program swanctl
	world_internet
	site a $A_VIP 10 79 20 187
	node peer
	plug peer sw $B_VIP/8
	switch b-net1
	plug peer b-net1 192.168.30.1/24,192.168.31.1/24 net1
	guest b1 b-net1 192.168.30.253/24,192.168.31.253/24 192.168.30.1
	serve b1 tcp 22
	on peer sysctl -qw net.ipv4.ip_forward=1
	router_start va
	apply_a ""
	peer_start
}

# It is told where its files are in no other way than by its environment.
peer_start() {
	local dir=$CASE_DIR/peer/charon
	mkdir -p "$dir"
	cat >"$dir/strongswan.conf" <<-END
		charon {
			load = random nonce openssl kdf kernel-netlink socket-default updown vici
			plugins {
				vici {
					socket = unix://$dir/vici
				}
			}
			filelog {
				stderr {
					default = 1
				}
			}
		}
	END
	start peer-charon peer env STRONGSWAN_CONF="$dir/strongswan.conf" charon-systemd
	until_ok test -S "$dir/vici"
}

# peer_child NAME LOCAL REMOTE ESP: local and remote may be several, joined by commas.
peer_child() {
	echo "$1 { local_ts = $2; remote_ts = $3; esp_proposals = $4; start_action = trap; }" |
		tr ';' '\n'
}

# peer_conf VERSION IKE KEY CHILDREN
peer_conf() {
	cat >"$CASE_DIR/peer/charon/swanctl.conf" <<-END
		connections {
			site-a {
				version = $1
				local_addrs = $B_VIP
				remote_addrs = $A_VIP
				proposals = $2
				local {
					auth = psk
				}
				remote {
					auth = psk
				}
				children {
					$4
				}
			}
		}
		secrets {
			ike-a {
				id = $A_VIP
				secret = "$3"
			}
		}
	END
	check swan --load-all --clear --noprompt --file "$CASE_DIR/peer/charon/swanctl.conf"
}

swan() { on peer swanctl "$1" --uri "unix://$CASE_DIR/peer/charon/vici" "${@:2}"; }

peer_forgets() {
	swan --terminate --ike site-a --force || true
}

PEER_NETS='"192.168.30.0/24", "192.168.31.0/24"'

# joined_with_peer VERSION IKE ESP FIELDS: both are given the same, and the networks are joined.
joined_with_peer() {
	local one=192.168.10.0/24 two=192.168.20.0/24 children
	apply_a ""
	peer_forgets
	if [ "$1" = 1 ]; then
		children="$(peer_child c1 192.168.30.0/24 $one "$3")
			$(peer_child c2 192.168.31.0/24 $one "$3")
			$(peer_child c3 192.168.30.0/24 $two "$3")
			$(peer_child c4 192.168.31.0/24 $two "$3")"
	else
		children=$(peer_child all 192.168.30.0/24,192.168.31.0/24 $one,$two "$3")
	fi
	peer_conf "$1" "$2" "$KEY" "$children"
	apply_a ", \"ipsec\": [$(tunnel ips "$A_NETS" $B_VIP "$PEER_NETS" "$KEY" "\"ike_version\": $1 $4")]"
	until_ok state_is va ips negotiated
	check ping_ok a1 192.168.30.253
	check ping_ok a2 192.168.31.253
	check ping_ok b1 192.168.20.187 -I 192.168.31.253
	is "$(who a1 192.168.31.253 22)" "192.168.31.253 192.168.10.79" "real source"
}

case_peer_with_defaults() {
	peer_world
	capture_start wire sw p3
	# Main mode, by the platform's defaults.
	joined_with_peer 1 3des-sha1-modp1024 3des-sha1-modp1024 ""
	check capture_has wire "phase 1 I ident"
	deny capture_has wire "phase 1 I agg"
	joined_with_peer 2 3des-sha1-modp1024 3des-sha1-modp1024 ""
}

case_peer_with_strong_algorithms() {
	peer_world
	joined_with_peer 2 aes256-sha512-ecp384 aes256-sha512-ecp384 ', "ike": {"auth": "sha512",
		"encryption": "aes-256", "dh_group": 20}, "esp": {"auth": "sha512",
		"encryption": "aes-256", "pfs": "dh-group20"}'
	joined_with_peer 1 aes128-sha256-modp2048 aes192-sha384 ', "ike": {"auth": "sha256",
		"encryption": "aes-128", "dh_group": 14}, "esp": {"auth": "sha384",
		"encryption": "aes-192", "pfs": "disabled"}'
}

# disagree VERSION KEY NETWORK FIELDS REASON: the peer has the defaults, the right key and network.
disagree() {
	apply_a ""
	peer_forgets
	peer_conf "$1" 3des-sha1-modp1024 "$KEY" \
		"$(peer_child c1 192.168.30.0/24 192.168.10.0/24 3des-sha1-modp1024)"
	apply_a ", \"ipsec\": [$(tunnel ips "\"$3\"" $B_VIP '"192.168.30.0/24"' "$2" "\"ike_version\": $1 $4")]"
	until_ok reason_has va ips "$5"
	is "$(health_of va ips)" failed "health"
	is "$(state_of va ips)" failed "state"
	check ping_no a1 192.168.30.253
}

case_peer_that_disagrees() {
	local version net=192.168.10.0/24
	peer_world
	for version in 1 2; do
		disagree $version another-key $net "" "authentication: "
		disagree $version "$KEY" $net ', "ike": {"auth": "sha256"}' "no common proposal: "
		disagree $version "$KEY" $net ', "esp": {"auth": "sha256"}' "no common proposal: "
		disagree $version "$KEY" 192.168.20.0/24 "" "no common networks: "
		# What was wrong is put right: the same tunnel comes up.
		apply_a ", \"ipsec\": [$(tunnel ips '"192.168.10.0/24"' $B_VIP '"192.168.30.0/24"' "$KEY" "\"ike_version\": $version")]"
		until_ok state_is va ips negotiated
		is "$(reason_of va ips)" "" "reason"
		check ping_ok a1 192.168.30.253
	done
}

# ---- what happens to them ----------------------------------------------------------------------

case_outlives_the_agent() {
	local pid
	world
	tunnel_a
	tunnel_b
	both_negotiated
	hold one a1 192.168.30.253 22
	pid=$(charon_of va)
	router_kill va -9
	check hold_ok one
	check ping_ok b2 192.168.20.187
	router_start va
	is "$(charon_of va)" "$pid" "the process"
	is "$(weft_router va reconcile --dry-run)" "" "what there is to do"
	until_ok state_is va tunnel-1 negotiated
	is "$(charon_of va)" "$pid" "the process"
	check hold_ok one
	# What is taken from the document meanwhile is taken from charon.
	router_kill va -9
	router_start va
	apply_a ""
	until_ok charon_is_gone va
	check ping_no b2 192.168.20.187
}

# Killed three times and replaced once, while guests ask through the tunnel: nothing fails, what is
# held is held, and the keys are the same.
case_nothing_is_lost_while_the_agent_is_replaced() {
	local pid keys turn
	needs_load
	own_program
	world
	tunnel_a
	tunnel_b
	both_negotiated
	start serve b1 "$LOAD" serve 8000
	until_ok http a1 http://192.168.30.253:8000/
	pid=$(charon_of va)
	keys=$(spis)
	load_start tunnel_held a1 -p 4 -k 192.168.30.253 8000
	load_start tunnel_new a1 -r "$((100 / SLOWNESS))" 192.168.30.253 8000
	for ((turn = 0; turn < 3; turn++)); do
		router_kill va -9
		router_start va
	done
	upgrade va
	check grep -q "in place after 0 changes" <<<"$(router_log va | tail -n 5)"
	until_ok state_is va tunnel-1 negotiated
	load_lost_nothing tunnel_held tunnel_new
	is "$(charon_of va)" "$pid" "the process"
	is "$(spis)" "$keys" "keys"
	is "$(weft_router va reconcile --dry-run)" "" "what there is to do"
}

charon_is_gone() { [ -z "$(charon_of "$1")" ]; }
charon_is_another() { [ -n "$(charon_of "$1")" ] && [ "$(charon_of "$1")" != "$2" ]; }

case_charon_comes_back() {
	local pid
	world
	tunnel_a
	tunnel_b
	both_negotiated
	pid=$(charon_of va)
	capture_start wire sw p3
	start pings a1 ping -n -i 0.2 192.168.30.253
	kill -9 "$pid"
	until_ok charon_is_another va "$pid"
	until_ok state_is va tunnel-1 negotiated
	until_ok ping_ok a1 192.168.30.253
	only_sealed wire
	all_joined
	# While neither agent nor charon are there, nothing leaves in the clear; then all is as before.
	router_kill va -9
	kill -9 "$(charon_pid va)"
	on va ip xfrm state flush
	on va ip xfrm policy flush
	check ping_no a1 192.168.30.253
	only_sealed wire
	router_start va
	until_ok state_is va tunnel-1 negotiated
	until_ok ping_ok a1 192.168.30.253
}

# The record that the next agent would find it by.
charon_pid() { sed -n 's/^pid //p' "$CASE_DIR/$1/vrouter/run/charon.child"; }

spis_of() { on "$1" ip xfrm state list | grep -B1 'proto esp' | grep -A1 "$2" | grep -o 'spi 0x[0-9a-f]*' | sort; }

case_one_changes_the_others_stay() {
	local before first second
	peer_world
	node vb
	router_nic vb pub fa:00:00:00:40:01 sw
	switch vb-net
	router_nic vb net1 fa:00:00:00:40:02 vb-net
	guest c1 vb-net 192.168.40.224/24 192.168.40.1
	router_start vb
	first=$(tunnel t1 '"192.168.10.0/24"' $B_VIP '"192.168.30.0/24"')
	second=$(tunnel t2 '"192.168.10.0/24"' 10.151.20.193 '"192.168.40.0/24"')
	peer_conf 1 3des-sha1-modp1024 "$KEY" \
		"$(peer_child c1 192.168.30.0/24 192.168.10.0/24 3des-sha1-modp1024)"
	apply_a ", \"ipsec\": [$first]"
	until_ok state_is va t1 negotiated
	before=$(spis_of va $B_VIP)
	apply_a ", \"ipsec\": [$first, $second]"
	until_ok state_is va t2 ready
	check router_apply vb - <<-END
		{ "router": {"uuid": "r-b"},
		  "interfaces": [
		    {"uuid": "if-pub", "mac": "fa:00:00:00:40:01", "role": "public", "network": "l3-pub",
		     "addresses": ["10.151.20.193/8"], "gateway": "10.0.0.1", "default_route": true},
		    {"uuid": "if-1", "mac": "fa:00:00:00:40:02", "role": "private", "network": "l3-1",
		     "addresses": ["192.168.40.1/24"], "snat": true}],
		  "vips": [{"uuid": "vip-sys", "address": "10.151.20.193", "network": "l3-pub", "system": true}],
		  "ipsec": [$(tunnel t3 '"192.168.40.0/24"' $A_VIP '"192.168.10.0/24"')] }
	END
	until_ok state_is va t2 negotiated
	check ping_ok a1 192.168.40.224
	check ping_ok a1 192.168.30.253
	is "$(spis_of va $B_VIP)" "$before" "keys of the first tunnel"
	apply_a ", \"ipsec\": [$first]"
	check ping_no a1 192.168.40.224
	check ping_ok a1 192.168.30.253
	is "$(spis_of va $B_VIP)" "$before" "keys of the first tunnel"
}

# So many tunnels beside which one more comes. The peer only answers: who both begin at once agree
# twice, and give one of both up again.
#
#   a1 -- va 10.151.10.174 --- sw --- 10.152.0.N peer 172.20.N.1
nth() { echo "$(($1 / 250)).$(($1 % 250))"; } # The last two parts of an address.
many_network() { echo "172.2$(nth "$1")"; }

many() { # COUNT
	local n comma="" list=""
	for ((n = 1; n <= $1; n++)); do
		echo "addr replace 10.152.$(nth $n)/32 dev sw"
		echo "addr replace $(many_network $n).1/32 dev lo"
	done | ip -n peer -batch -
	for ((n = 1; n <= $1; n++)); do
		list+="$comma$(tunnel "t$n" '"192.168.10.0/24"' "10.152.$(nth $n)" \
			"\"$(many_network $n).0/24\"" "$KEY" '"ike_version": 2')"
		comma=", "
	done
	site_document a $A_VIP 10 20 ", \"revision\": $1, \"ipsec\": [$list]" >"$CASE_DIR/many.json"
}

n_negotiated() {
	status_of va '[.services[] | select(.name == "charon") | .connections[] | select(.state == "negotiated")] | length'
}
are_negotiated() { [ "$(n_negotiated)" = "$1" ]; }
spis() { on va ip xfrm state list | grep -o 'spi 0x[0-9a-f]*' | sort; }

apply_many() { # COUNT
	local began
	many "$1"
	began=${EPOCHREALTIME/./}
	check router_apply va "$CASE_DIR/many.json" >/dev/null
	echo "$1 tunnels: applied after $(((${EPOCHREALTIME/./} - began) / 1000)) ms"
	until_ok are_negotiated "$1"
	echo "$1 tunnels: negotiated after $(((${EPOCHREALTIME/./} - began) / 1000)) ms"
}

case_one_more_beside_many() {
	local n=${TUNNELS:-10}
	peer_world
	PATIENCE=$((PATIENCE + n * 3))
	cat >"$CASE_DIR/peer/charon/swanctl.conf" <<-END
		connections {
			any {
				version = 2
				local_addrs = %any
				remote_addrs = $A_VIP
				proposals = 3des-sha1-modp1024
				local {
					auth = psk
				}
				remote {
					auth = psk
				}
				children {
					all {
						local_ts = 172.16.0.0/12
						remote_ts = 192.168.10.0/24
						esp_proposals = 3des-sha1-modp1024
					}
				}
			}
		}
		secrets {
			ike-a {
				id = $A_VIP
				secret = "$KEY"
			}
		}
	END
	check swan --load-all --clear --noprompt --file "$CASE_DIR/peer/charon/swanctl.conf"
	apply_many "$n"
	spis >"$CASE_DIR/spis"
	is "$(wc -l <"$CASE_DIR/spis")" $((2 * n)) "keys"
	apply_many $((n + 1))
	is "$(spis | comm -13 - "$CASE_DIR/spis")" "" "keys that are gone"
	is "$(spis | comm -23 - "$CASE_DIR/spis" | wc -l)" 2 "new keys"
	check ping_ok a1 "$(many_network 1).1"
	check ping_ok a1 "$(many_network $((n + 1))).1"
}

case_networks_come_and_go() {
	local all="192.168.10.0/24"
	world
	apply_a ", \"ipsec\": [$(tunnel tunnel-1 '"192.168.10.0/24"' $B_VIP "$B_NETS")]"
	apply_b ", \"ipsec\": [$(tunnel tunnel-2 "$B_NETS" $A_VIP "\"$all\"")]"
	both_negotiated
	capture_start wire sw p3
	check ping_ok a1 192.168.40.224
	check ping_no a2 192.168.40.224
	check ping_no b1 192.168.20.187
	tunnel_a
	tunnel_b
	both_negotiated
	all_joined
	apply_a ", \"ipsec\": [$(tunnel tunnel-1 '"192.168.10.0/24"' $B_VIP '"192.168.30.0/24"')]"
	apply_b ", \"ipsec\": [$(tunnel tunnel-2 '"192.168.30.0/24"' $A_VIP "\"$all\"")]"
	both_negotiated
	check ping_ok a1 192.168.30.253
	check ping_no a2 192.168.30.253
	check ping_no b2 192.168.10.79
	deny capture_has wire " > " net 192.168.0.0/16
}

# ---- the key -----------------------------------------------------------------------------------

case_nobody_sees_the_key() {
	local dir=$CASE_DIR/va/vrouter
	world
	tunnel_a >"$CASE_DIR/replies"
	tunnel_b
	both_negotiated
	{
		weft_router va show
		weft_router va status --json
		weft_call vrouter va Get
		weft_router va reconcile --dry-run
		site_document a $A_VIP 10 20 ", \"ipsec\": [$(tunnel tunnel-1 "$A_NETS" $B_VIP "$B_NETS" "$KEY-2")]" \
			>"$CASE_DIR/other.json"
		weft_router va apply --dry-run "$CASE_DIR/other.json"
		weft_call vrouter va Apply "{\"dry_run\": true, \"state\": $(cat "$CASE_DIR/other.json")}"
	} >>"$CASE_DIR/replies"
	check grep -q 'key [0-9a-f]\{32\}' "$CASE_DIR/replies"
	deny grep -F "$KEY" "$CASE_DIR/replies"
	# Nor a digest that a list of words would be tried with.
	deny grep -F "$(printf %s "$KEY" | sha256sum | cut -c 1-32)" "$CASE_DIR/replies"
	deny grep -rF "$KEY" "$dir/run" "$dir/log"
	deny grep -F "$KEY" /proc/[0-9]*/cmdline /proc/[0-9]*/environ
	# The document is kept where only root reads.
	is "$(find "$dir/state" "$dir/run" -type f -perm /077)" "" "files that others may read"
	is "$(stat -c %a "$dir/run/charon")" 700 "folder"
	is "$(weft_router va show | jq -r '.ipsec[0].auth.psk // .state.ipsec[0].auth.psk' | grep -c "$KEY")" 0 "shown"
}

# ---- ways --------------------------------------------------------------------------------------

# The VIP is on an interface where the default route is not, the peer behind its gateway.
case_by_another_public_network() {
	needs esp
	needs_program charon-systemd
	world_internet
	switch sw-b
	node va gate peer
	switch a-net
	router_nic va pub fa:00:00:00:10:01 sw
	router_nic va pubb fa:00:00:00:10:03 sw-b
	router_nic va net1 fa:00:00:00:10:02 a-net
	guest a1 a-net 192.168.10.79/24 192.168.10.1
	plug gate sw-b 203.0.113.1/24
	wire gate 198.18.0.1/24 peer 198.18.0.2/24
	on gate sysctl -qw net.ipv4.ip_forward=1
	on peer sysctl -qw net.ipv4.ip_forward=1
	route peer default via 198.18.0.1
	switch b-net1
	plug peer b-net1 192.168.30.1/24 net1
	guest b1 b-net1 192.168.30.253/24 192.168.30.1
	serve b1 tcp 22
	serve a1 tcp 22
	router_start va
	peer_start
	A_VIP=203.0.113.9 B_VIP=198.18.0.2 peer_conf 2 3des-sha1-modp1024 "$KEY" \
		"$(peer_child c1 192.168.30.0/24 192.168.10.0/24 3des-sha1-modp1024)"
	capture_start wire sw p3
	check router_apply va - <<-END
		{ "router": {"uuid": "r"},
		  "interfaces": [
		    {"uuid": "if-pub", "mac": "fa:00:00:00:10:01", "role": "public", "network": "l3-pub",
		     "addresses": ["10.151.10.174/8"], "gateway": "10.0.0.1", "default_route": true},
		    {"uuid": "if-b", "mac": "fa:00:00:00:10:03", "role": "public", "network": "l3-b",
		     "addresses": ["203.0.113.16/24"], "gateway": "203.0.113.1"},
		    {"uuid": "if-1", "mac": "fa:00:00:00:10:02", "role": "private", "network": "l3-1",
		     "addresses": ["192.168.10.1/24"], "snat": true}],
		  "vips": [{"uuid": "vip-sys", "address": "203.0.113.9", "network": "l3-b"}],
		  "ipsec": [$(tunnel ips '"192.168.10.0/24"' 198.18.0.2 '"192.168.30.0/24"' "$KEY" '"ike_version": 2')] }
	END
	until_ok state_is va ips negotiated
	check ping_ok a1 192.168.30.253
	is "$(who b1 192.168.10.79 22)" "192.168.10.79 192.168.30.253" "real source"
	is "$(who a1 192.168.30.253 22)" "192.168.30.253 192.168.10.79" "real source"
	check ping_ok a1 198.51.100.10
	deny capture_has wire " > " esp or udp port 500 or net 192.168.0.0/16
}

# A kernel without ESP: said so, and nothing else suffers.
case_not_supported_is_said() {
	! can esp >/dev/null 2>&1 || skip "this kernel has ESP"
	needs_program charon-systemd
	world_internet
	site a $A_VIP 10 79 20 187
	router_start va
	tunnel_a
	is "$(health_of va tunnel-1)" failed "health"
	is "$(reason_of va tunnel-1)" ipsec "what is missing"
	is "$(status_of va '.capabilities[] | select(.name == "ipsec") | .supported')" false "capability"
	check ping_ok a1 198.51.100.10
	check charon_is_gone va
}

# What goes through a tunnel is its VIP's.
case_a_limited_vip() {
	needs htb ifb
	world
	tunnel_a
	tunnel_b
	both_negotiated
	listen b1 5000
	check weft_call vrouter va Patch "{\"base_revision\": 0, \"upsert\": {\"vips\": [{\"uuid\": \"vip-sys\",
		\"address\": \"$A_VIP\", \"network\": \"l3-pub\", \"system\": true,
		\"qos\": [{\"uuid\": \"q-1\", \"up_mbps\": 2, \"down_mbps\": 5}]}]}}" >/dev/null
	until_ok leads_down va
	about 2000 "$(rate a1 192.168.30.253 5000 to)" "up"
	about 5000 "$(rate a1 192.168.30.253 5000 from)" "down"
}
leads_down() { on "$1" nft list table netdev weft | grep -q "fwd to"; }

run_cases "$@"
