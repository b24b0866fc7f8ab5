#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What objects have carried: exactly the bytes and packets that went through them, no others.
#
#   ext, ext2, inet -- sw (10.0.0.0/8) -- vr -- web 192.168.10.0/24 -- vm1 .79, vm2 .80
. "$(dirname "$0")/../lib/net.sh"

VIP1=10.151.10.170
VIP2=10.151.10.174
EIP='{"uuid": "eip-1", "vip": "vip-1", "target": "192.168.10.79"}'
# A single port, a range that keeps its numbers, one that does not, one for some clients only.
FORWARDS='
	{"uuid": "pf-1", "vip": "vip-2", "protocol": "udp", "vip_ports": "24", "target": "192.168.10.79",
	 "target_ports": "22"},
	{"uuid": "pf-2", "vip": "vip-2", "protocol": "udp", "vip_ports": "30-39", "target": "192.168.10.79"},
	{"uuid": "pf-3", "vip": "vip-2", "protocol": "udp", "vip_ports": "40-49", "target": "192.168.10.80",
	 "target_ports": "60-69"},
	{"uuid": "pf-4", "vip": "vip-2", "protocol": "udp", "vip_ports": "50", "target": "192.168.10.80",
	 "allowed_cidr": "10.0.79.68/32"}'

document() { # SECTIONS: more of them, each with a comma before it
	cat <<-END
		{ "router": {"uuid": "r-1"},
		  "interfaces": [
		    {"uuid": "if-pub", "mac": "fa:00:00:00:00:01", "role": "public", "network": "l3-pub",
		     "addresses": ["10.151.10.100/8"], "gateway": "10.0.0.1", "default_route": true},
		    {"uuid": "if-web", "mac": "fa:00:00:00:00:02", "role": "private", "network": "l3-web",
		     "addresses": ["192.168.10.1/24"], "snat": true}],
		  "vips": [{"uuid": "vip-1", "address": "$VIP1", "network": "l3-pub"},
		    {"uuid": "vip-2", "address": "$VIP2", "network": "l3-pub"}]
		  ${1:-} }
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
}

# counted UUID: "packets up, bytes up / packets down, bytes down", "-" for each that is not told.
counted() {
	weft_router vr counters --uuid "$1" --json | python3 -c '
import json, sys
one = json.load(sys.stdin)["counters"][0]
up, down = ([str(one.get(f"{what}_{way}", "-")) for what in ("packets", "bytes")] for way in ("up", "down"))
print(" ".join(up), "/", " ".join(down))'
}

names() { python3 -c '
import json, sys
print(*(one["uuid"] for one in json.load(sys.stdin)["counters"]))'; }

# three NODE ADDRESS BYTES: three echo requests of 28 bytes more, and their answers; ping_ok sends more
# where answers are late.
three() { on "$1" ping -n -q -c 3 -i 0.2 -W $((5 * SLOWNESS)) -s "$3" "$2" | grep " 3 received" >/dev/null; }

patch() { check weft_call vrouter vr Patch "$1" >/dev/null; }

# udp_bytes NODE ADDRESS PORT: asks once, and prints what the request and its answer are as packets.
udp_bytes() {
	local answer
	answer=$(ask "$1" udp "$2" "$3")
	echo "1 $((28 + ${#answer} + 1)) / 1 32"
}

case_an_elastic_ip_both_ways() {
	world
	document ", \"eips\": [$EIP]" | check router_apply vr -
	is "$(counted eip-1)" "0 0 / 0 0" "nothing yet"
	check three ext "$VIP1" 100
	is "$(counted eip-1)" "3 384 / 3 384" "from outside"
	is "$(counted vip-1)" "3 384 / 3 384" "its VIP as well"
	check three vm1 10.0.79.68 200
	is "$(counted eip-1)" "6 1068 / 6 1068" "from the guest: the first packet counts too"
	check three vm2 10.0.79.68 300
	check ping_ok vm1 192.168.10.1
	is "$(counted eip-1)" "6 1068 / 6 1068" "another guest, and its own without the elastic IP"
	is "$(counted vip-2)" "0 0 / 0 0" "the other VIP"
}

case_each_port_forward_by_itself() {
	local wanted
	world
	serve vm1 udp 22 33
	serve vm2 udp 65 50
	document ", \"port_forwards\": [$FORWARDS]" | check router_apply vr -
	wanted=$(udp_bytes ext "$VIP2" 24)
	is "$(counted pf-1)" "$wanted" "one port"
	wanted=$(udp_bytes ext "$VIP2" 33)
	is "$(counted pf-2)" "$wanted" "a range"
	wanted=$(udp_bytes ext2 "$VIP2" 45)
	is "$(counted pf-3)" "$wanted" "a shifted range"
	wanted=$(udp_bytes ext "$VIP2" 50)
	is "$(counted pf-4)" "$wanted" "for some clients"
	check udp_no_timeout ext2 "$VIP2" 50
	check udp_no_timeout ext "$VIP2" 25
	is "$(counted pf-4)" "$wanted" "who is not allowed does not count"
	is "$(counted vip-2 | cut -d ' ' -f 4-)" "4 128" "nor does the VIP count what is dropped"
	wanted=$(counted vip-2)
	check ping_ok vm1 10.0.79.68
	is "$(counted vip-2)" "$wanted" "what leaves as the router is no VIP's"
}

case_what_the_firewall_drops_is_not_carried() {
	world
	document ", \"eips\": [$EIP], \"firewall\": [{\"uuid\": \"fw-1\", \"interface\": \"if-pub\",
		\"direction\": \"in\", \"priority\": 10, \"action\": \"drop\", \"source\": \"10.0.79.68/32\"}]" |
		check router_apply vr -
	check ping_no ext "$VIP1" -s 100
	is "$(counted eip-1)" "0 0 / 0 0" "dropped"
	check three ext2 "$VIP1" 100
	is "$(counted eip-1)" "3 384 / 3 384" "passed"
}

case_counts_outlive_restarts_and_changes() {
	local sum="3 384 / 3 384"
	world
	document ", \"eips\": [$EIP]" | check router_apply vr -
	check three ext "$VIP1" 100
	router_kill vr -9
	router_start vr
	is "$(counted eip-1)" "$sum" "after a restart"
	patch '{"base_revision": 0, "upsert": {"vips": [{"uuid": "vip-3", "address": "10.151.10.175",
		"network": "l3-pub"}], "eips": [{"uuid": "eip-3", "vip": "vip-3", "target": "192.168.10.80"}]}}'
	is "$(counted eip-1)" "$sum" "others come"
	patch '{"base_revision": 1, "upsert": {"eips": [{"uuid": "eip-1", "vip": "vip-1",
		"target": "192.168.10.80"}]}}'
	is "$(counted eip-1)" "$sum" "another target"
	patch '{"base_revision": 2, "remove": {"eips": ["eip-1"]}, "upsert": {"eips": [{"uuid": "eip-2",
		"vip": "vip-1", "target": "192.168.10.80"}]}}'
	is "$(counted eip-2)" "0 0 / 0 0" "a new one on the same VIP begins at zero"
	is "$(counted vip-1)" "$sum" "the VIP goes on"
	check three ext "$VIP1" 100
	is "$(counted eip-2)" "$sum" "and counts"
	patch '{"base_revision": 3, "remove": {"eips": ["eip-2"]}}'
	is "$(counted vip-1)" "6 768 / 6 768" "without any"
	patch '{"base_revision": 4, "upsert": {"eips": [{"uuid": "eip-2", "vip": "vip-1",
		"target": "192.168.10.80"}]}}'
	is "$(counted eip-2)" "0 0 / 0 0" "removed and made again"
	is "$(counted vip-1)" "6 768 / 6 768" "and its VIP"
	is "$(document ", \"eips\": [$EIP]" | weft_router vr apply - --json >/dev/null
		weft_router vr reconcile --dry-run)" "" "counting is no difference"
}

# One of each table is declared otherwise, as by another version.
replace_sets() {
	on vr nft -f - <<-END
		delete set inet weft pf_shifted
		add set inet weft pf_shifted { type mark; }
		flush chain ip weft count-up
		delete set ip weft pf_range_up
		add set ip weft pf_range_up { type mark; }
	END
}

case_counts_outlive_a_new_table() {
	world
	document "" | check router_apply vr -
	document ", \"eips\": [$EIP]" | check router_apply vr -
	check three ext "$VIP1" 100
	patch '{"base_revision": 0, "remove": {"eips": ["eip-1"]}, "upsert": {"eips": [{"uuid": "eip-2",
		"vip": "vip-1", "target": "192.168.10.80"}]}}'
	check three ext "$VIP1" 200
	is "$(counted eip-2)" "3 684 / 3 684" "since it came"
	router_kill vr -9
	check replace_sets
	router_start vr
	is "$(counted eip-2)" "3 684 / 3 684" "still since it came"
	is "$(counted vip-1)" "6 1068 / 6 1068" "its VIP"
	check three ext "$VIP1" 100
	is "$(counted vip-1)" "9 1452 / 9 1452" "each packet once"
	is "$(weft_router vr reconcile --dry-run)" "" "as the document says"
}

listener() { # UUID PORT
	echo "{\"uuid\": \"$1\", \"protocol\": \"tcp\", \"port\": $2, \"target_port\": 100,
		\"members\": [{\"uuid\": \"m-1\", \"address\": \"192.168.10.79\"}]}"
}

balancer() { # LISTENERS
	echo ", \"load_balancers\": [{\"uuid\": \"lb-1\", \"vip\": \"vip-1\", \"listeners\": [$1]}]"
}

# adds_up VIP LISTENERS: the VIP has what its listeners have. Something may pass between the looks.
adds_up() {
	[ "$(counted "$1")" = "$(weft_router vr counters --uuid "$2" --kind listener --json | python3 -c '
import json, sys
all = json.load(sys.stdin)["counters"]
up, down = ([str(sum(one[f"{what}_{way}"] for one in all)) for what in ("packets", "bytes")]
            for way in ("up", "down"))
print(" ".join(up), "/", " ".join(down))')" ]
}

case_each_listener_by_itself() {
	needs_program haproxy
	world
	serve vm1 tcp 100
	document "$(balancer "$(listener ls-1 80), $(listener ls-2 81)")" | check router_apply vr -
	until_ok tcp_ok ext "$VIP1" 80
	until_ok adds_up vip-1 ls-1
	check test "$(counted ls-1 | cut -d ' ' -f 1)" -gt 0
	check test "$(counted ls-1 | cut -d ' ' -f 4)" -gt 0
	is "$(counted ls-2)" "0 0 / 0 0" "the other one"
	is "$(weft_router vr counters --uuid lb-1 --json | names)" "ls-1 m-1 ls-2 m-1" "of the load balancer"
	document "$(balancer "$(listener ls-1 80), $(listener ls-3 81)")" | check router_apply vr -
	until_ok tcp_ok ext "$VIP1" 81
	until_ok adds_up vip-1 ls-1,ls-3 # HAProxy has begun anew since.
	deny test "$(counted ls-3)" = "0 0 / 0 0"
	document "$(balancer "$(listener ls-1 80), $(listener ls-4 81)")" | check router_apply vr -
	is "$(counted ls-4)" "0 0 / 0 0" "another one on its port"
}

# told UUID KIND FIELD...: these of its numbers.
told() {
	weft_router vr counters --uuid "$1" --kind "$2" --json | python3 -c '
import json, sys
one, = json.load(sys.stdin)["counters"]
print(*(one.get(field, "-") for field in sys.argv[1:]))' "${@:3}"
}

told_is() { [ "$(told "$1" "$2" "${@:4}")" = "$3" ]; }

case_members_and_sessions() {
	local answer sessions down up
	needs_program haproxy
	world
	serve vm1 tcp 100
	document "$(balancer "$(listener ls-1 80)")" | check router_apply vr -
	until_ok tcp_ok ext "$VIP1" 80
	until_ok told_is m-1 member 0 sessions
	read -r down up < <(told m-1 member bytes_down bytes_up)
	sessions=$(told ls-1 listener sessions_total)
	answer=$(ask ext tcp "$VIP1" 80)
	until_ok told_is m-1 member "$((down + 4)) $((up + ${#answer} + 1)) - 0" bytes_down bytes_up packets_up sessions
	hold one ext "$VIP1" 80
	is "$(told ls-1 listener sessions sessions_total)" "1 $((sessions + 2))" "one is there"
	# HAProxy begins anew.
	document "$(balancer "$(listener ls-1 80), $(listener ls-2 81)")" | check router_apply vr -
	until_ok tcp_ok ext "$VIP1" 81
	check hold_ok one
	check tcp_ok ext "$VIP1" 80
	is "$(told ls-1 listener sessions_total)" "$((sessions + 3))" "those of both"
	router_kill vr -9
	router_start vr
	is "$(told ls-1 listener sessions_total)" "$((sessions + 3))" "after a restart"
	is "$(weft_router vr counters --uuid m-1 --json | names)" "m-1 m-1" "a member of two"
	is "$(weft_router vr counters --uuid ls-1 --json | names)" "ls-1 m-1" "a listener and its members"
}

# metrics_has LINE: a monitoring reads this line.
metrics() { on vr curl -sS --unix-socket "$CASE_DIR/metrics" http://x/metrics; }
metrics_has() { grep -qxF -- "$1" <<<"$(metrics)"; }

case_a_monitoring_reads_them() {
	needs_program haproxy
	world
	router_stop vr
	router_start vr --metrics "unix:$CASE_DIR/metrics"
	serve vm2 tcp 100
	document ", \"eips\": [$EIP] $(balancer "$(listener ls-1 80)" | sed 's/vip-1/vip-2/')" | check router_apply vr -
	check three ext "$VIP1" 100
	check metrics_has 'weft_bytes_total{kind="eip",uuid="eip-1",direction="up"} 384'
	check metrics_has 'weft_packets_total{kind="vip",uuid="vip-1",direction="down"} 3'
	check metrics_has 'weft_sessions{kind="listener",uuid="ls-1",of="lb-1"} 0'
	check metrics_has 'weft_revision 0'
	metrics >"$CASE_DIR/metrics.text"
	check grep -q 'kind="interface",uuid="if-web",direction="down"' "$CASE_DIR/metrics.text"
	deny grep -q 'packets_total{kind="member"' "$CASE_DIR/metrics.text"
	check python3 - "$CASE_DIR/metrics.text" <<-END
		import re, sys
		family, seen = None, set()
		for line in open(sys.argv[1], encoding="utf-8").read().splitlines():
		    if line.startswith("# TYPE "):
		        family = line.split()[2]
		        assert family not in seen, line
		        seen.add(family)
		    elif not line.startswith("#"):
		        assert re.fullmatch(family + r'(\{\w+="[^"]*"(,\w+="[^"]*")*\})? \d+', line), line
		assert len(seen) == 6, seen
	END
	is "$(on vr curl -s -o /dev/null -w '%{http_code}' --unix-socket "$CASE_DIR/metrics" http://x/else)" 404 "nothing else"
	is "$(stat -c %a "$CASE_DIR/metrics")" 660 "who may read"
	router_stop vr
	deny test -e "$CASE_DIR/metrics"
}

# link_counted LINK: the kernel's own numbers, as counted() prints them.
link_counted() {
	ip -n vr -s -j link show dev "$1" | python3 -c '
import json, sys
one = json.load(sys.stdin)[0]["stats64"]
print(one["tx"]["packets"], one["tx"]["bytes"], "/", one["rx"]["packets"], one["rx"]["bytes"])'
}

# Something may have passed between the two looks.
as_the_link_says() { [ "$(counted if-web)" = "$(link_counted web)" ]; }

case_interfaces_and_what_rests() {
	world
	document ", \"eips\": [$EIP]" | check router_apply vr -
	check three ext "$VIP1" 1000
	until_ok as_the_link_says
	check test "$(counted if-web | cut -d ' ' -f 2)" -gt 3000
	ip -n vr link del web
	until_ok test "$(counted if-web)" = "- - / - -"
	is "$(counted eip-1)" "- - / - -" "without its guest's network"
}

case_a_filter_chooses() {
	world
	document ", \"eips\": [$EIP], \"port_forwards\": [$FORWARDS]" | check router_apply vr -
	is "$(weft_router vr counters --json | names)" "if-pub if-web vip-1 vip-2 eip-1 pf-1 pf-2 pf-3 pf-4" "all"
	is "$(weft_router vr counters --kind vip --json | names)" "vip-1 vip-2" "of a kind"
	is "$(weft_router vr counters --uuid pf-2,eip-1 --json | names)" "pf-2 eip-1" "by name"
	is "$(weft_router vr counters --uuid pf-2,vip-1 --kind vip --json | names)" "vip-1" "both"
	is "$(weft_call vrouter vr Counters '{}' | names)" "$(weft_router vr counters --json | names)" "without more"
	deny weft_router vr counters --uuid nobody
	deny weft_router vr counters --kind nothing
}

run_cases "$@"
