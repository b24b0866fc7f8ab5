#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Limits of VIPs: what a VIP may send and receive; others are not touched.
#
#   ext, ext2, inet -- sw (10.0.0.0/8) -- vr -- web 192.168.10.0/24 -- vm1 .79, vm2 .80
# timeout: 180
. "$(dirname "$0")/../lib/rate.sh"

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
	needs htb ifb
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

ready() { weft_router vr status --json | python3 -c 'import json, sys
print(*sorted({o["health"] for o in json.load(sys.stdin)["objects"]}))'; }

case_elastic_ip() {
	QOS_1='{"uuid": "q-1", "up_mbps": 4, "down_mbps": 10}' QOS_2=''
	world "$QOS_1"
	is "$(ready)" ready "every object"
	about 10000 "$(rate ext 10.151.10.170 5000 to)" "down"
	about 4000 "$(rate ext 10.151.10.170 5000 from)" "up"
	unlimited "$(rate ext 10.151.10.171 5000 to)" "another VIP, down"
	unlimited "$(rate ext 10.151.10.171 5000 from)" "another VIP, up"
	document | check router_apply vr -
	unlimited "$(rate ext 10.151.10.170 5000 to)" "without limit, down"
	unlimited "$(rate ext 10.151.10.170 5000 from)" "without limit, up"
	is "$(on vr ip -o link show type ifb)" "" "ifb links"
	is "$(on vr tc qdisc show | sed -n '/htb/p')" "" "queueing disciplines"
}

case_ports_and_listeners() {
	QOS_1='' QOS_2='{"uuid": "q-1", "port": "5001", "up_mbps": 20},
		{"uuid": "q-2", "port": "6000", "down_mbps": 6},
		{"uuid": "q-3", "up_mbps": 3, "down_mbps": 8}'
	world "" "$QOS_2"
	about 20000 "$(rate ext 10.151.10.171 5001 from)" "the port's own, up"
	unlimited "$(rate ext 10.151.10.171 5001 to)" "the port has no limit down"
	about 3000 "$(rate ext 10.151.10.171 5000 from)" "another port, up"
	about 8000 "$(rate ext 10.151.10.171 5000 to)" "another port, down"
	about 6000 "$(rate ext 10.151.10.171 6000 to)" "a listener, down"
	unlimited "$(rate ext 10.151.10.171 6000 from)" "the listener's port has no limit up"
	unlimited "$(rate ext 10.151.10.170 5000 to)" "another VIP"
	QOS_2='{"uuid": "q-3", "up_mbps": 3, "down_mbps": 16}'
	check weft_call vrouter vr Patch "{\"base_revision\": 0, \"upsert\": {\"vips\": [{\"uuid\": \"vip-2\",
		\"address\": \"10.151.10.171\", \"network\": \"l3-pub\", \"qos\": [$QOS_2]}]}}" >/dev/null
	about 16000 "$(rate ext 10.151.10.171 5001 to)" "changed, down"
	about 3000 "$(rate ext 10.151.10.171 5001 from)" "changed, up"
}

case_a_restart_changes_nothing() {
	QOS_1='{"uuid": "q-1", "up_mbps": 4, "down_mbps": 10}' QOS_2='{"uuid": "q-2", "port": "5000", "up_mbps": 5}'
	world "$QOS_1" "$QOS_2"
	router_kill vr -9
	router_start vr
	check grep -q "in place after 0 changes" <(router_log vr)
	check limited
	# The ifb goes, all comes back.
	check on vr ip link del "$(ifb)"
	until_ok shapes_down
	about 10000 "$(rate ext 10.151.10.170 5000 to)" "down"
	check on vr tc qdisc del dev pub root
	until_ok shapes pub
	about 4000 "$(rate ext 10.151.10.170 5000 from)" "up"
}

ifb() { on vr ip -o link show type ifb | awk -F': ' '{ print $2; exit }'; }
shapes() { on vr tc class show dev "$1" | grep -q htb; }
shapes_down() { shapes "$(ifb)" && on vr nft list table netdev weft | grep -q "fwd to \"$(ifb)\""; }

case_the_nic_comes_and_goes() {
	QOS_1='{"uuid": "q-1", "up_mbps": 4, "down_mbps": 10}' QOS_2=''
	world "$QOS_1"
	check on vr ip link del pub
	until_ok rests
	router_nic vr pub fa:00:00:00:00:01 sw
	until_ok serves
	until_ok limited
	until_ok ping_ok ext 10.151.10.170
	about 10000 "$(rate ext 10.151.10.170 5000 to)" "down"
	about 4000 "$(rate ext 10.151.10.170 5000 from)" "up"
}
rests() { [ "$(ready)" != ready ]; }
serves() { [ "$(ready)" = ready ]; }

run_cases "$@"
