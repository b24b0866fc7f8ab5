#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a listener's fields do: algorithms, the limit of connections, the idle timeout, thresholds,
# several certificates; and where its keys never are.
. "$(dirname "$0")/../lib/balance.sh"

# Who serves a connection that HOLD opened.
holder() { sed -n 's/.* \([^ ]*\)$/\1/p' "$CASE_DIR/hold.$1/answers" | tail -n 1; }

open() { # NAME [NODE]: a connection that stays, and has been answered once
	hold "$1" "${2:-ext}" "$VIP" 80
	check hold_ok "$1"
}

case_leastconn() {
	local n
	world
	document "$(listener "$ALL" ', "algorithm": "leastconn"')" | check router_apply vr -
	until_ok tcp_ok ext "$VIP" 80
	for n in 1 2 3 4 5 6; do open "c$n"; done
	is "$(for n in 1 2 3 4 5 6; do holder "c$n"; done | sort | uniq -c | awk '{ print $2 "=" $1 }' |
		xargs)" "vm1=2 vm2=2 vm3=2" "open connections are spread"
	# Those of one member end: it has the fewest, and gets the next two.
	for n in 1 2 3 4 5 6; do
		[ "$(holder "c$n")" = vm2 ] || continue
		kill "$(cat "$CASE_DIR/hold.c$n/pid")"
	done
	until_ok sessions_are m-2 0
	open next1
	open next2
	is "$(holder next1) $(holder next2)" "vm2 vm2" "the next ones"
}

# SESSIONS of a member, as the balancer counts them.
sessions_are() {
	local socket
	socket=$(find "$CASE_DIR/vr/vrouter/run" -name worker.sock | head -n 1)
	[ "$(python3 - "$socket" "$1" <<-'END'
		import csv, socket, sys
		s = socket.socket(socket.AF_UNIX)
		s.connect(sys.argv[1])
		s.sendall(b"show stat\n")
		text = b"".join(iter(lambda: s.recv(65536), b"")).decode()
		for row in csv.DictReader(text.lstrip("# ").splitlines()):
		    if row["svname"] == "m-" + sys.argv[2]:
		        print(row["scur"])
	END
	)" = "$2" ]
}

case_source() {
	local one
	world
	document "$(listener "$ALL" ', "algorithm": "source"')" | check router_apply vr -
	until_ok tcp_ok ext "$VIP" 80
	one=$(who_name ext "$VIP" 80)
	is "$(shares 20)" "$one=20" "one client, one member"
	# The member is another's business: this one keeps its own.
	check who_name ext2 "$VIP" 80
	is "$(shares 5)" "$one=5" "still the same"
}

case_most_connections() {
	world
	document "$(listener "$ALL" ', "max_connections": 2')" | check router_apply vr -
	until_ok tcp_ok ext "$VIP" 80
	open one
	open two
	check tcp_no ext "$VIP" 80
	kill "$(cat "$CASE_DIR/hold.one/pid")"
	until_ok tcp_ok ext "$VIP" 80
	check hold_ok two
}

case_idle_connections_end() {
	world
	document "$(listener "$ALL" ', "idle_timeout_s": 2')" | check router_apply vr -
	until_ok tcp_ok ext "$VIP" 80
	open quiet
	open busy
	capture_start closing ext sw "tcp port 80 and tcp[tcpflags] & (tcp-fin|tcp-rst) != 0"
	until_ok is_closed quiet busy
	deny hold_ok quiet
}

# is_closed QUIET BUSY: asks on one until the router has ended the other.
is_closed() {
	hold_ok "$2"
	[ -n "$(capture_text closing "src host $VIP")" ]
}

case_thresholds() {
	world
	document "$(listener "$M1, $M2" ', "healthy_threshold": 3, "unhealthy_threshold": 3')" |
		check router_apply vr -
	until_ok member_is m-2 up
	kill "$SERVER"
	until_ok member_is m-2 down
	is "$(shares 6)" "vm1=6" "without the one that is down"
	serve vm2 tcp 100
	until_ok member_is m-2 up
	until_ok shares_are 6 "vm1=3 vm2=3"
}

case_several_listeners() {
	world
	document "$(listener "$M1"), $(listener "$M2" |
		sed 's/"ls-1"/"ls-2"/; s/"port": 80/"port": 81/')" | check router_apply vr -
	until_ok tcp_ok ext "$VIP" 80
	until_ok tcp_ok ext "$VIP" 81
	is "$(who_name ext "$VIP" 80) $(who_name ext "$VIP" 81)" "vm1 vm2" "each its own members"
	patch_balancer 0 "$(listener "$M2" | sed 's/"ls-1"/"ls-2"/; s/"port": 80/"port": 81/')"
	until_ok tcp_no_timeout ext "$VIP" 80
	check tcp_ok ext "$VIP" 81
}

subject() { # SERVER NAME: whose certificate is shown for it
	on ext openssl s_client -connect "$VIP:443" -servername "$1" </dev/null 2>/dev/null |
		openssl x509 -noout -subject | sed 's/.*= *//'
}

subject_is() { [ "$(subject "$1")" = "$2" ]; }

case_certificates_by_name() {
	local https
	world
	https=$(listener "$ALL" ', "certificate": "cert-www.example.test",
		"certificates": ["cert-shop.example.test"]' |
		sed 's/"tcp"/"https"/; s/"port": 80/"port": 443/')
	document "$https" "$(printf ', "certificates": %s' \
		"$(certificates www.example.test shop.example.test)")" | check router_apply vr -
	until_ok subject_is www.example.test www.example.test
	is "$(subject shop.example.test)" shop.example.test "another name"
	is "$(subject other.example.test)" www.example.test "no such name: the listener's own"
}

# A planted key is in the state, in the file that the balancer reads, and nowhere else.
case_keys_stay_secret() {
	local https word key places file
	world
	https=$(listener "$ALL" ', "certificate": "cert-www.example.test"' |
		sed 's/"tcp"/"https"/; s/"port": 80/"port": 443/')
	document "$https" "$(printf ', "certificates": %s' "$(certificates www.example.test)")" |
		check router_apply vr -
	until_ok subject_is www.example.test www.example.test
	for word in PRIVATE "$(sed -n 3p "$CASE_DIR/www.example.test.key")"; do
		deny grep -F "$word" "$CASE_DIR/vr/vrouter/log"
		for key in show status; do
			weft_router vr $key --json >"$CASE_DIR/$key.json"
			deny grep -F "$word" "$CASE_DIR/$key.json"
		done
		deny grep -rlaF "$word" /proc/[0-9]*/cmdline
	done
	places=$(grep -rlsF -D skip --exclude-dir=case "$word" "$CASE_DIR/vr/vrouter" /run /tmp || true)
	[ -n "$places" ] || fail "the key is nowhere"
	for file in $places; do
		is "$(stat -c %a:%U "$file")" 600:root "$file"
	done
	# What was shown can be given back: the mask stands for what is held.
	weft_router vr show --json | jq .state >"$CASE_DIR/again.json"
	check router_apply vr "$CASE_DIR/again.json"
	check subject_is www.example.test www.example.test
}

run_cases "$@"
