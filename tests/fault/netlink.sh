#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The kernel refuses, forgets, loses what it had to tell: all comes right by itself.
# ROUNDS=100 SEED=1 tests/fault/netlink.sh: more injected errors, the same ones again.
# timeout: 900
. "$(dirname "$0")/../lib/net.sh"

VIP=10.151.10.170
# A hand that does the same again and again, as chance has it here, is answered half a minute later.
PATIENCE=$((90 * SLOWNESS))

world() {
	world_internet
	switch web
	node vr
	router_nic vr pub fa:00:00:00:00:01 sw
	router_nic vr web fa:00:00:00:00:02 web
	guest vm1 web 172.16.1.0/16 172.16.0.1
	serve vm1 tcp 80
	router_start vr
	"$LIB/forwards.py" 20 | check router_apply vr - >/dev/null
	until_ok tcp_ok ext $VIP 10000
	hold forwarded ext $VIP 10000
}

pid() { cat "$CASE_DIR/vr/vrouter/pid"; }
held() { weft_call vrouter vr Get | jq .revision; }

patch() { # SECTIONS
	weft_call vrouter vr Patch "{\"base_revision\": $(held), $1}" >"$CASE_DIR/reply"
}

forward() { # NUMBER, TARGET'S LAST BYTE
	echo "{\"uuid\": \"pf-$1\", \"vip\": \"vip-1\", \"protocol\": \"tcp\", \"vip_ports\": \"$1\",
		\"target\": \"172.16.7.$2\", \"target_ports\": \"80\"}"
}

last_forward() { weft_call vrouter vr Get | jq -r '.state.port_forwards[-1].uuid'; }

# What can happen to the daemon, from its client and from others in the kernel.
change() { # KIND NUMBER
	case $1 in
	0) patch "\"upsert\": {\"port_forwards\": [$(forward $((20000 + $2)) $((1 + $2 % 250)))]}" ;;
	1) patch "\"remove\": {\"port_forwards\": [\"$(last_forward)\"]}" ;;
	2) patch "\"upsert\": {\"vips\": [{\"uuid\": \"more-$2\", \"address\": \"10.151.20.$((1 + $2 % 250))\", \"network\": \"l3-pub\"}]}" ;;
	3)
		weft_call vrouter vr Get | jq ".state | .routes += [{uuid: \"rt-$2\",
			destination: \"192.0.2.$(($2 % 250))/32\", type: \"blackhole\"}]" >"$CASE_DIR/whole.json"
		weft_router vr apply "$CASE_DIR/whole.json" --json >"$CASE_DIR/reply"
		;;
	4) on vr nft flush chain inet weft forward ;;
	5) ip -n vr address del 172.16.0.1/16 dev web ;;
	6) on vr nft delete table inet weft ;;
	7) ip -n vr link set web down ;;
	8) weft_call vrouter vr Reconcile >"$CASE_DIR/reply" 2>&1 || check grep Busy "$CASE_DIR/reply" ;;
	esac
}

# Nothing is left to do, in the kernel as it is and in what Status tells.
is_right() {
	weft_call vrouter vr Status | jq -e '[.objects[] | select(.health == "failed")] == []' &&
		weft_call vrouter vr Reconcile '{"dry_run": true}' | jq -e '.plan == [] and .failures == []'
}

# Each failure that the last reply tells of is someone's.
failures_are_named() {
	! grep -q '^{' "$CASE_DIR/reply" || jq -e 'all((.failures // [])[]; .message != "" and .kind != "")' "$CASE_DIR/reply"
}

# inject_start SYSCALL ERROR WHEN: from now on the daemon's calls fail so (strace's words).
inject_start() {
	: >"$CASE_DIR/strace.log"
	start strace vr strace -f -o "$CASE_DIR/trace" -e "trace=$1" -e "inject=$1:error=$2:when=$3" -p "$(pid)"
	TRACER=$STARTED
	until_ok grep -q attached "$CASE_DIR/strace.log"
}

inject_stop() {
	kill -TERM "$TRACER"
	wait "$TRACER" || true
}

# A row of errors is short: after each the daemon waits twice as long.
any() { # WORDS: one of them
	local words=("$@")
	echo "${words[RANDOM % $#]}"
}

case_errors_at_random_calls() {
	local round call error when kind injected=0
	needs_program strace
	world
	RANDOM=${SEED:=$RANDOM}
	for ((round = 1; round <= ${ROUNDS:-25}; round++)); do
		call=$(any sendto recvmsg recvfrom)
		error=$(any EBUSY ENOBUFS ENOMEM)
		when=$((1 + RANDOM % 12))
		when=$when$(any "" "" +2 "..$((when + RANDOM % 8))")
		kind=$((RANDOM % 9))
		echo "round $round, seed $SEED: $call $error $when, change $kind"
		: >"$CASE_DIR/reply"
		inject_start "$call" "$error" "$when"
		check change $kind $round
		check failures_are_named
		inject_stop
		injected=$((injected + $(grep -c INJECTED "$CASE_DIR/trace" || true)))
		until_ok is_right
		[ $kind -ne 7 ] || until_ok tcp_ok ext $VIP 10000
		check hold_ok forwarded
	done
	echo "injected: $injected"
	check test "$injected" -gt 0
}

# The daemon comes, or says why it cannot: its manager then starts it again.
start_under_errors() { # SYSCALL ERROR WHEN
	local dir=$CASE_DIR/vr/vrouter
	ip netns exec vr strace -D -f -o "$CASE_DIR/trace" -e "trace=$1" -e "inject=$1:error=$2:when=$3" \
		"$WEFT_BIN/vrouterd" --state-dir "$dir/state" --run-dir "$dir/run" \
		--socket "unix:$dir/socket" >"$CASE_DIR/start.log" 2>&1 &
	echo $! >"$dir/pid"
	until_ok answers_or_gone
	kill -0 "$(pid)" || {
		check grep '^<3>vrouterd: ' "$CASE_DIR/start.log"
		router_start vr
	}
}

answers_or_gone() { weft_router vr status >/dev/null || ! kill -0 "$(pid)"; }

case_errors_at_start() {
	local round call error when
	needs_program strace
	world
	RANDOM=${SEED:=$RANDOM}
	for ((round = 1; round <= ${ROUNDS:-15}; round++)); do
		call=$(any sendto recvmsg recvfrom)
		error=$(any EBUSY ENOBUFS ENOMEM)
		when=$((1 + RANDOM % 30))
		when=$when$(any "" "" "..$((when + RANDOM % 8))")
		echo "round $round, seed $SEED: $call $error $when"
		router_kill vr -9
		on vr nft flush chain inet weft forward
		ip -n vr address del 172.16.0.1/16 dev web
		start_under_errors "$call" "$error" "$when"
		until_ok is_right
		check hold_ok forwarded
	done
}

# lose_notifications CMD...: what CMD does is not heard of: the socket is full.
lose_notifications() { # FAMILY
	local fill=$1
	shift
	kill -STOP "$(pid)"
	"$fill" >"$CASE_DIR/fill"
	case $fill in
	fill_nft) on vr nft -f "$CASE_DIR/fill" ;;
	fill_routes) ip -n vr -batch "$CASE_DIR/fill" ;;
	esac
	check "$@"
	kill -CONT "$(pid)"
}

# More than 16 MiB of news, about what is not ours.
fill_nft() {
	echo 'table inet other { set s { type ipv4_addr; }; }'
	python3 -c 'print("add element inet other s {", ", ".join(
		f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}" for n in range(500000)), "}")'
}
# Behind the routes news of addresses: they are shorter, and would still find room.
fill_routes() {
	seq 0 99999 | awk '{ printf "route add blackhole 100.%d.%d.%d\n", $1 / 65536 + 64, $1 / 256 % 256, $1 % 256 }'
	seq 0 1999 | awk '{ printf "address add 198.18.%d.%d/32 dev lo\n", $1 / 256, $1 % 256 }'
}

dropped() { # the kernel's own count of the messages that the daemon's sockets had no room for
	on vr cat /proc/net/netlink | awk -v pid="$(pid)" 'NR > 1 { sum += $9 } END { print sum }'
}

case_nftables_news_lost() {
	world
	lose_notifications fill_nft on vr nft flush chain inet weft forward
	check test "$(dropped)" -gt 0
	until_ok is_right
	check hold_ok forwarded
}

case_rtnetlink_news_lost() {
	world
	lose_notifications fill_routes ip -n vr address del 172.16.0.1/16 dev web
	check test "$(dropped)" -gt 0
	until_ok is_right
	check hold_ok forwarded
}

run_cases "$@"
