#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The harness itself: what its words promise to every other case.
. "$(dirname "$0")/../lib/net.sh"

#   a 10.1.0.1 --- 10.1.0.2 b
two_nodes() {
	node a b
	wire a 10.1.0.1/24,fd01::1/64 b 10.1.0.2/24,fd01::2/64
}

case_pings_over_a_wire() {
	two_nodes
	check ping_ok a 10.1.0.2
	check ping_no a 10.1.0.3
	deny ping_no a 10.1.0.2
	is "$(ttl_of a 10.1.0.2)" 64 "ttl"
}

case_pings_ipv6() {
	needs ipv6
	two_nodes
	check ping_ok a fd01::2
}

case_tells_answer_silence_and_refusal_apart() {
	two_nodes
	serve b tcp 80 udp 53 tcp 5000-5002
	check tcp_ok a 10.1.0.2 80
	check tcp_ok a 10.1.0.2 5002
	check udp_ok a 10.1.0.2 53
	deny tcp_no a 10.1.0.2 80
	check tcp_refused a 10.1.0.2 81
	check udp_refused a 10.1.0.2 54
	deny tcp_no_timeout a 10.1.0.2 81
	on b nft 'table ip t { chain c { type filter hook input priority 0; tcp dport 80 drop; udp dport 53 drop; tcp dport 5000 reject; }; }'
	check tcp_no_timeout a 10.1.0.2 80
	check udp_no_timeout a 10.1.0.2 53
	check tcp_no a 10.1.0.2 5000
	deny tcp_no_timeout a 10.1.0.2 5000
}

case_says_who_answered_and_whom_it_saw() {
	two_nodes
	serve b tcp 80 udp 53
	is "$(who a 10.1.0.2 80)" "10.1.0.2 10.1.0.1" "who over tcp"
	is "$(who a 10.1.0.2 53 udp)" "10.1.0.2 10.1.0.1" "who over udp"
	is "$(who_name a 10.1.0.2 80)" b "name"
	is "$(served b | grep -c ^tcp)" 2 "answers in the log"
	check grep -q "10.1.0.2 10.1.0.1" <<<"$(http a http://10.1.0.2/)"
}

case_holds_a_connection() {
	two_nodes
	serve b tcp 80
	hold long a 10.1.0.2 80
	check hold_ok long
	check hold_ok long
	on b nft 'table ip t { chain c { type filter hook input priority 0; tcp dport 80 reject with tcp reset; }; }'
	deny hold_ok long
}

case_captures_packets() {
	two_nodes
	capture_start seen b a icmp
	check ping_ok a 10.1.0.2
	until_ok capture_has seen "echo reply"
	capture_stop seen
	check [ "$(capture_text seen | grep -c 'echo request')" -ge 3 ]
}

case_plugs_guests_into_a_switch() {
	switch lan
	guest one lan 10.2.0.1/24
	guest two lan 10.2.0.2/24 10.2.0.1
	check ping_ok one 10.2.0.2
	check ping_ok two 10.2.0.1
}

case_has_an_internet() {
	world_internet
	check ping_ok ext 198.51.100.10
	is "$(who ext 198.51.100.10 80)" "198.51.100.10 10.0.79.68" "who"
	is "$(dns ext 223.5.5.5 www.example.test)" 198.51.100.10 "A"
	is "$(dns ext 114.114.114.114 any.example.test TXT)" '"server 114.114.114.114"' "TXT"
	is "$(dns ext 223.5.5.5 none.example.test)" "" "a name that does not exist"
	check grep -q www.example.test <<<"$(name_server_asked inet 223.5.5.5)"
}

case_kills_what_it_started() {
	node a
	start sleeper a sleep 1000
	until_ok grep -q sleep "/proc/$STARTED/comm"
	kill -9 "$STARTED"
	until_no pgrep -x sleep
}

case_names_a_mac_for_a_router_nic() {
	switch lan
	node router
	router_nic router - fa:00:00:00:00:01 lan
	check grep -q fa:00:00:00:00:01 <<<"$(on router ip link show eth0)"
}

run_cases "$@"
