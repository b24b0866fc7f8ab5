#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 300
# What objects have carried, asked of the controller: as their agents count it, at that moment, and
# only by those who see the object.
. "$(dirname "$0")/../lib/link.sh"

EIP=10.108.10.77
VIP=10.108.10.78

cloud() {
	link_wires
	link_controller --https 127.0.0.1:8443
	link_model
	link_agents
	link_router_nics
	vm a 1 web
	vm b 2 web
	serve b tcp 22 80
	made eip name=e uuid=e network=public address=$EIP nic=a
	made vip name=v uuid=v network=public address=$VIP
	made port_forward name=p uuid=p vip=v protocol=tcp vip_ports=24 target_ports=22 nic=b
	until_ok ping_ok ext $EIP
	until_ok tcp_ok ext $VIP 24
}

# counted TYPE OBJECT: "packets up, bytes up / packets down, bytes down" of the first counter.
counted() {
	weft_c counters "$1" "$2" --json | jq -r '.counters[0] |
		"\(.packets_up // "-") \(.bytes_up // "-") / \(.packets_down // "-") \(.bytes_down // "-")"'
}
kinds() { weft_c counters "$1" "$2" --json | jq -r '[.counters[].kind] | sort | join(" ")'; }
three() { on "$1" ping -n -q -c 3 -i 0.2 -W $((5 * SLOWNESS)) -s "$3" "$2" | grep " 3 received" >/dev/null; }

# more TYPE OBJECT COMMAND...: what the command adds, as counted() prints it.
more() {
	local type=$1 object=$2 before
	shift 2
	before=$(counted "$type" "$object")
	check "$@" >&2
	paste <(tr -d / <<<"$before" | xargs -n 1) <(counted "$type" "$object" | tr -d / | xargs -n 1) |
		awk '{ print $2 - $1 }' | xargs
}

rest() { # PATH [CURL'S OPTIONS]
	on ctl curl -sS -m 60 --cacert "$CONTROLLER/state/https.pem" -H "Authorization: Bearer $(token t)" \
		"https://127.0.0.1:8443/api/v1/$1" "${@:2}"
}

case_what_is_counted_now() {
	needs_program haproxy
	cloud
	is "$(more eip e three ext $EIP 100)" "3 384 3 384" "an elastic IP, both ways"
	is "$(more vip "$(field eip e vip)" three ext $EIP 200)" "3 684 3 684" "its VIP"
	is "$(more eip e three b 198.51.100.10 100)" "0 0 0 0" "another guest"
	is "$(more port_forward p tcp_ok ext $VIP 24 | wc -w)" 4 "a port forward"
	deny test "$(more port_forward p tcp_ok ext $VIP 24)" = "0 0 0 0"
	made load_balancer name=lb uuid=lb vip=v
	made listener name=l uuid=l load_balancer=lb port=80 target_port=80 nics=b
	until_ok tcp_ok ext $VIP 80
	is "$(kinds load_balancer lb)" "listener member" "its listener, and who serves"
	is "$(kinds listener l)" "listener member" "the same"
	is "$(weft_c counters load_balancer lb --json | jq -r '.counters[] | select(.kind == "member") | .uuid + " " + .of')" "b l" "whose member"
	# NICs: of guests on their hosts, of routers.
	check test "$(more nic a ping_ok a "$(address b)" | cut -d ' ' -f 1)" -gt 0
	is "$(kinds nic a)" port "its port"
	is "$(kinds vpc_router vpc)" "interface interface interface interface" "its own NICs alone"
	is "$(kinds router_nic "$(weft_c query router_nic vpc_router=vpc l3_network=web --json | jq -r '.objects[0].uuid')")" interface "one of them"
	made ipsec_connection name=i uuid=i vip=v psk=k remote_address=10.108.14.126 local_networks=web remote_cidrs=192.168.100.0/24
	until_ok test "$(kinds ipsec_connection i)" = ipsec
	weft_c counters eip e
	# What nobody counts has none; of others there is nothing to count.
	check weft_c 'do' unbind eip e
	until_ok test "$(weft_c counters eip e --json | jq -c .counters)" = "[]"
	is "$(api Counters '{"type": "zone", "uuid": "z"}')" 'InvalidField {"path": "type", "reason": "nothing is counted for a zone"}' "no zone"
	is "$(api Counters '{"type": "eip", "uuid": "none"}')" 'NotFound {"type": "eip", "uuid": "none"}' "no such one"
}

case_who_sees_it_may_ask() {
	cloud
	tenant t
	tenant u
	check weft_c 'do' change_owner vip v account=t
	check weft_c 'do' change_owner port_forward p account=t
	is "$(as t weft_c counters port_forward p --json | jq '.counters | length')" 1 "its owner"
	is "$(rest port_forward/p/counters | jq -c '[.counters[0].uuid, .read_ms > 0]')" '["p",true]' "over HTTPS"
	is "$(rest openapi.json | jq '.paths | has("/eip/{uuid}/counters"), has("/zone/{uuid}/counters")' | xargs)" "true false" "as is written down"
	as u refused "there is no port_forward p" counters port_forward p
	as t refused "there is no vpc_router vpc" counters vpc_router vpc
	is "$(rest eip/e/counters -o /dev/null -w '%{http_code}')" 404 "another's"
}

case_agents_that_are_not_there() {
	local pid begun
	cloud
	# One that says nothing holds up nobody.
	pid=$(pgrep -o -x vrouterd)
	kill -STOP "$pid"
	weft_c counters eip e --json >"$CASE_DIR/silent" 2>&1 &
	begun=$!
	check ping_ok ext $EIP
	check test "$(kinds nic a)" = port
	wait $begun && fail "answered"
	check grep -qF "its agent does not answer" "$CASE_DIR/silent"
	kill -CONT "$pid"
	until_ok counted eip e
	# Who asks and goes leaves nothing behind.
	kill -STOP "$pid"
	"$WEFT_BIN/weft" -s "unix:$CONTROLLER/socket" counters eip e >/dev/null 2>&1 &
	begun=$!
	until_ok asks "$begun"
	kill "$begun"
	kill -CONT "$pid"
	until_ok counted eip e
	# While it is asked it goes.
	kill -STOP "$pid"
	"$WEFT_BIN/weft" -s "unix:$CONTROLLER/socket" counters eip e --json >"$CASE_DIR/gone" 2>&1 &
	begun=$!
	until_ok asks "$begun"
	kill -KILL "$pid"
	wait $begun && fail "answered"
	check grep -qF "its router is disconnected" "$CASE_DIR/gone"
	refused "its router is disconnected" counters eip e
	is "$(kinds nic b)" port "the others"
	link_router
	until_ok is_connected vpc_router vpc
	until_ok test "$(counted eip e)" != "- - / - -"
}
# asks PID: it has sent its question, and waits.
asks() { ss -xpn 2>/dev/null | grep -q "pid=$1,"; }

run_cases "$@"
