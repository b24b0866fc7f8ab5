#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The router's unit that is shipped, under a systemd that was booted for it.
# timeout: 180
. "$(dirname "$0")/../lib/net.sh"

# shellcheck source=tests/lib/systemd.sh
. "$LIB/systemd.sh"

UNIT=weft-vrouterd.service
EACH=weft-vrouterd@.service

services() { inside pgrep -x 'dnsmasq|haproxy' | xargs; }
balanced() { [ "$(who_name ext 10.0.0.5 80)" = vm ]; }

router_with_services() {
	world_internet
	switch lan
	boot vr vrouterd $EACH
	until_ok unit_is ActiveState active
	router_nic vr pub fa:00:00:00:00:01 sw
	router_nic vr web fa:00:00:00:00:02 lan
	guest vm lan 192.168.10.11/24 192.168.10.1
	serve vm tcp 80
	cat >"$CASE_DIR/router.json" <<-END
		{"revision": 1, "router": {"uuid": "r-1"},
		 "interfaces": [
		   {"uuid": "pub", "mac": "fa:00:00:00:00:01", "role": "public", "network": "public",
		    "addresses": ["10.0.0.2/8"], "gateway": "10.0.0.1", "default_route": true},
		   {"uuid": "web", "mac": "fa:00:00:00:00:02", "role": "private", "network": "web",
		    "addresses": ["192.168.10.1/24"], "snat": true}],
		 "dns": {"forwarders": ["223.5.5.5"]},
		 "vips": [{"uuid": "vip-1", "address": "10.0.0.5", "network": "public"}],
		 "load_balancers": [{"uuid": "lb-1", "vip": "vip-1", "listeners": [
		   {"uuid": "ls-1", "protocol": "tcp", "port": 80, "target_port": 80,
		    "idle_timeout_s": 60, "members": [{"uuid": "m-1", "address": "192.168.10.11"}]}]}]}
	END
	check inside weft router apply - <"$CASE_DIR/router.json"
	until_ok balanced
}

case_the_unit_serves_and_its_services_outlive_it() {
	router_with_services
	local was pid
	was=$(services)
	pid=$(main_pid)

	check inside systemctl restart $UNIT
	deny [ "$(main_pid)" = "$pid" ]
	is "$(services)" "$was" "services after a restart of the unit"
	is "$(inside weft router reconcile --dry-run)" "" "what a restart left to do"
	check balanced

	hold long ext 10.0.0.5 80
	pid=$(main_pid)
	check inside systemctl kill --kill-whom=main -s KILL $UNIT
	until_no unit_is MainPID "$pid"
	until_ok unit_is ActiveState active
	is "$(services)" "$was" "services after the agent was killed"
	check hold_ok long

	check inside systemctl stop $UNIT
	is "$(services)" "$was" "services while the agent is stopped"
	check hold_ok long
	check inside systemctl start $UNIT
	check inside systemctl reload $UNIT
	check inside weft router status
	check hold_ok long
}

# Its master is root, its workers are not: to end one takes CAP_KILL.

case_a_reload_of_the_balancer_ends_the_old_worker() {
	router_with_services
	local workers
	workers=$(inside pgrep -x haproxy -u haproxy)
	sed -i 's/"idle_timeout_s": 60/"idle_timeout_s": 77/' "$CASE_DIR/router.json"
	check inside weft router apply - <"$CASE_DIR/router.json"
	until_no inside kill -0 "$workers"
	until_ok balanced
}

charon_is() { [ "$(inside weft router status --json | jq -r ".services[] | select(.name == \"charon\") | $1")" = "$2" ]; }

# Its keys and its kernel state pass what the unit forbids.
case_tunnels_are_served() {
	needs esp
	needs_program charon-systemd
	router_with_services
	jq '.ipsec = [{uuid: "t-1", vip: "vip-1", local_cidrs: ["192.168.10.0/24"],
		remote_address: "10.0.79.68", remote_cidrs: ["192.168.30.0/24"],
		auth: {mode: "psk", psk: "a-key-that-nobody-may-see"}}]' "$CASE_DIR/router.json" |
		check inside weft router apply -
	until_ok charon_is .state running
	until_ok charon_is '.connections[0].connection' t-1
	check grep -q 192.168.30.0/24 <<<"$(ip -n vr xfrm policy)"
	deny grep -q denied <<<"$(inside journalctl -u $UNIT --no-pager)"
}

case_a_router_in_a_namespace_beside_others() {
	boot vr vrouterd $EACH
	until_ok unit_is ActiveState active
	deny inside systemctl start weft-vrouterd@red.service
	check inside ip netns add red
	check inside systemctl start weft-vrouterd@red.service
	check inside weft router apply - -s /run/weft/netns/red/vrouter.sock <<-END
		{"router": {"uuid": "red"}}
	END
	check inside ip netns exec red nft list table inet weft
	deny inside nft list table inet weft
	check inside test -s /var/lib/weft/netns/red/journal.0
	deny inside test -s /var/lib/weft/vrouter/journal.0
}

run_cases "$@"
