#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The router forwards its guests' DNS queries: in order, changed as it runs, never for outsiders.
# vm: order_of_forwarders
. "$(dirname "$0")/../lib/net.sh"

document() {
	cat <<-END
		{ "router": {"uuid": "r-1"},
		  "interfaces": [
		    {"uuid": "if-pub", "mac": "fa:00:00:00:00:01", "role": "public", "network": "l3-pub",
		     "addresses": ["10.151.10.100/8"], "gateway": "10.0.0.1", "default_route": true},
		    {"uuid": "if-web", "mac": "fa:00:00:00:00:02", "role": "private", "network": "l3-web",
		     "addresses": ["192.168.10.1/24"], "snat": true}],
		  "dns": {"forwarders": [$1]} }
	END
}

world() {
	world_internet
	switch web
	node vr
	router_nic vr pub fa:00:00:00:00:01 sw
	router_nic vr web fa:00:00:00:00:02 web
	guest vm1 web 192.168.10.79/24 192.168.10.1
	router_start vr
}

forwarders() { # REVISION FORWARDERS
	check weft_call vrouter vr Patch \
		"{\"base_revision\": $1, \"upsert\": {\"dns\": {\"forwarders\": [$2]}}}" \
		>/dev/null
}

pid_of() { weft_call vrouter vr Status | jq -er ".. | .services? // empty | .[] | select(.name == \"$1\") | .pid"; }

# Each question has a name of its own: no cache answers it.
QUESTION=$CASE_DIR/question
server_is() { # ADDRESS [DIG'S OPTION]
	echo x >>"$QUESTION"
	[ "$(on vm1 dig +short +time=10 +tries=1 ${2+"$2"} @192.168.10.1 "q$(wc -l <"$QUESTION").test" TXT)" = \
		"\"server $1\"" ]
}

case_forwards_over_udp_and_tcp() {
	world
	document '"223.5.5.5"' | check router_apply vr -
	until_ok server_is 223.5.5.5
	is "$(dns vm1 192.168.10.1 www.example.test)" 198.51.100.10 "an address"
	check server_is 223.5.5.5 +tcp
	is "$(on vm1 dig +short +tcp @192.168.10.1 www.example.test A)" 198.51.100.10 "over TCP"
}

case_not_for_outsiders() {
	world
	document '"223.5.5.5"' | check router_apply vr -
	until_ok server_is 223.5.5.5
	check udp_no_timeout ext 10.151.10.100 53
	check tcp_no_timeout ext 10.151.10.100 53
	route ext 192.168.10.0/24 via 10.151.10.100
	check udp_no_timeout ext 192.168.10.1 53
	check tcp_no_timeout ext 192.168.10.1 53
}

case_order_of_forwarders() {
	world
	document '"223.5.5.5", "114.114.114.114"' | check router_apply vr -
	until_ok server_is 223.5.5.5
	for _ in 1 2 3 4 5; do
		check server_is 223.5.5.5
	done
	ip -n inet addr del 223.5.5.5/32 dev lo
	until_ok server_is 114.114.114.114
}

case_changed_as_it_runs() {
	local pid
	world
	document '"223.5.5.5"' | check router_apply vr -
	until_ok server_is 223.5.5.5
	pid=$(pid_of dnsmasq)
	forwarders 0 '"114.114.114.114", "223.5.5.5"'
	until_ok server_is 114.114.114.114
	forwarders 1 '"223.5.5.5"'
	until_ok server_is 223.5.5.5
	is "$(pid_of dnsmasq)" "$pid" "the process"
}

case_goes_on_without_the_agent() {
	local pid
	world
	document '"223.5.5.5"' | check router_apply vr -
	until_ok server_is 223.5.5.5
	pid=$(pid_of dnsmasq)
	router_kill vr -9
	check server_is 223.5.5.5
	router_start vr
	is "$(pid_of dnsmasq)" "$pid" "the process"
	check server_is 223.5.5.5
	forwarders 0 '"114.114.114.114"'
	until_ok server_is 114.114.114.114
	is "$(pid_of dnsmasq)" "$pid" "the process after a change"
}

run_cases "$@"
