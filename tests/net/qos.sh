#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Limits of VIPs: what a VIP may send and receive; others are not touched.
#
#   ext, ext2, inet -- sw (10.0.0.0/8) -- vr -- web 192.168.10.0/24 -- vm1 .79, vm2 .80
# timeout: 180
. "$(dirname "$0")/../lib/net.sh"

needs htb ifb

document() { # QOS of vip-1, of vip-2
	cat <<-END
		{ "router": {"uuid": "r-1", "name": "vpc"},
		  "interfaces": [
		    {"uuid": "if-pub", "mac": "fa:00:00:00:00:01", "role": "public", "network": "l3-pub",
		     "addresses": ["10.151.10.100/8"], "gateway": "10.0.0.1", "default_route": true},
		    {"uuid": "if-web", "mac": "fa:00:00:00:00:02", "role": "private", "network": "l3-web",
		     "addresses": ["192.168.10.1/24"], "snat": true}],
		  "vips": [
		    {"uuid": "vip-1", "address": "10.151.10.170", "network": "l3-pub", "qos": [${1:-}]},
		    {"uuid": "vip-2", "address": "10.151.10.171", "network": "l3-pub", "qos": [${2:-}]}],
		  "eips": [{"uuid": "eip-1", "vip": "vip-1", "target": "192.168.10.79"}],
		  "port_forwards": [
		    {"uuid": "pf-1", "vip": "vip-2", "protocol": "tcp", "vip_ports": "5000-5009",
		     "target": "192.168.10.80"}],
		  "load_balancers": [
		    {"uuid": "lb-1", "vip": "vip-2", "listeners": [
		      {"uuid": "ls-1", "protocol": "tcp", "port": 6000, "target_port": 5001,
		       "members": [{"uuid": "m-1", "address": "192.168.10.80"}]}]}] }
	END
}

world() {
	world_internet
	switch web
	node vr
	router_nic vr pub fa:00:00:00:00:01 sw
	router_nic vr web fa:00:00:00:00:02 web
	guest vm1 web 192.168.10.79/24 192.168.10.1
	guest vm2 web 192.168.10.80/24 192.168.10.1
	router_start vr
	document "$@" | check router_apply vr -
	for port in 5000 5001; do
		listen vm1 "$port"
		listen vm2 "$port"
	done
	until_ok limited
}

# What goes to the ifb is led there once the link is known.
limited() { [ "$(document "$QOS_1" "$QOS_2" | weft_router vr apply - --dry-run --json | plan_size)" = 0 ]; }
plan_size() { python3 -c 'import json, sys; print(len(json.load(sys.stdin)["plan"]))'; }

listen() { # NODE PORT
	start "iperf-$1-$2" "$1" iperf3 --server --port "$2"
	until_ok listens "$1" "$2"
}
listens() { on "$1" ss -Hltn "sport = :$2" | grep -q .; }

# rate NODE ADDRESS PORT up|down: kbit/s that came through, seen from the guest's side.
rate() {
	local reverse=()
	[ "$4" = down ] || reverse=(--reverse)
	on "$1" iperf3 --client "$2" --port "$3" --time 4 --omit 1 --json "${reverse[@]}" |
		python3 -c 'import json, sys
print(int(json.load(sys.stdin)["end"]["sum_received"]["bits_per_second"] / 1000))'
}

# about KBIT GOT WHAT: within 75 and 105 percent. Headers are part of what is limited, and a busy
# machine does not always use what it may.
about() {
	echo "$3: $2 kbit/s of $1"
	check [ "$2" -ge $(($1 * 75 / 100)) ]
	check [ "$2" -le $(($1 * 105 / 100)) ]
}
free() { # GOT WHAT
	echo "$2: $1 kbit/s"
	check [ "$1" -ge 60000 ]
}

ready() { weft_router vr status --json | python3 -c 'import json, sys
print(*sorted({o["health"] for o in json.load(sys.stdin)["objects"]}))'; }

case_elastic_ip() {
	QOS_1='{"uuid": "q-1", "up_mbps": 4, "down_mbps": 10}' QOS_2=''
	world "$QOS_1"
	is "$(ready)" ready "every object"
	about 10000 "$(rate ext 10.151.10.170 5000 down)" "down"
	about 4000 "$(rate ext 10.151.10.170 5000 up)" "up"
	free "$(rate ext 10.151.10.171 5000 down)" "another VIP, down"
	free "$(rate ext 10.151.10.171 5000 up)" "another VIP, up"
	document | check router_apply vr -
	free "$(rate ext 10.151.10.170 5000 down)" "without limit, down"
	free "$(rate ext 10.151.10.170 5000 up)" "without limit, up"
	is "$(on vr ip -o link show type ifb)" "" "ifb links"
	is "$(on vr tc qdisc show | sed -n '/htb/p')" "" "queueing disciplines"
}

case_ports_and_listeners() {
	QOS_1='' QOS_2='{"uuid": "q-1", "port": "5001", "up_mbps": 20},
		{"uuid": "q-2", "port": "6000", "down_mbps": 6},
		{"uuid": "q-3", "up_mbps": 3, "down_mbps": 8}'
	world "" "$QOS_2"
	about 20000 "$(rate ext 10.151.10.171 5001 up)" "the port's own, up"
	free "$(rate ext 10.151.10.171 5001 down)" "the port has no limit down"
	about 3000 "$(rate ext 10.151.10.171 5000 up)" "another port, up"
	about 8000 "$(rate ext 10.151.10.171 5000 down)" "another port, down"
	about 6000 "$(rate ext 10.151.10.171 6000 down)" "a listener, down"
	free "$(rate ext 10.151.10.171 6000 up)" "the listener's port has no limit up"
	free "$(rate ext 10.151.10.170 5000 down)" "another VIP"
	QOS_2='{"uuid": "q-3", "up_mbps": 3, "down_mbps": 16}'
	check weft_call vrouter vr Patch "{\"base_revision\": 0, \"upsert\": {\"vips\": [{\"uuid\": \"vip-2\",
		\"address\": \"10.151.10.171\", \"network\": \"l3-pub\", \"qos\": [$QOS_2]}]}}" >/dev/null
	about 16000 "$(rate ext 10.151.10.171 5001 down)" "changed, down"
	about 3000 "$(rate ext 10.151.10.171 5001 up)" "changed, up"
}

case_a_restart_changes_nothing() {
	QOS_1='{"uuid": "q-1", "up_mbps": 4, "down_mbps": 10}' QOS_2='{"uuid": "q-2", "port": "5000", "up_mbps": 5}'
	world "$QOS_1" "$QOS_2"
	router_kill vr -9
	router_start vr
	check grep -q "in place after 0 changes" <(router_log vr)
	check limited
	# The ifb goes, all comes back.
	check on vr ip link del "$(on vr ip -o link show type ifb | awk -F': ' '{ print $2; exit }')"
	until_ok limited
	about 10000 "$(rate ext 10.151.10.170 5000 down)" "down"
	check on vr tc qdisc del dev pub root
	until_ok limited
	about 4000 "$(rate ext 10.151.10.170 5000 up)" "up"
}

case_the_nic_comes_and_goes() {
	QOS_1='{"uuid": "q-1", "up_mbps": 4, "down_mbps": 10}' QOS_2=''
	world "$QOS_1"
	check on vr ip link del pub
	until_ok rests
	router_nic vr pub fa:00:00:00:00:01 sw
	until_ok serves
	until_ok limited
	until_ok ping_ok ext 10.151.10.170
	about 10000 "$(rate ext 10.151.10.170 5000 down)" "down"
	about 4000 "$(rate ext 10.151.10.170 5000 up)" "up"
}
rests() { [ "$(ready)" != ready ]; }
serves() { [ "$(ready)" = ready ]; }

run_cases "$@"
