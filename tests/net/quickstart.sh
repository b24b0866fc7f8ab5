#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The first thing that a newcomer runs: it shows what it says, twice, and leaves nothing.
# timeout: 280
. "$(dirname "$0")/../lib/net.sh"

quickstart() { WEFT_BIN=$WEFT_BIN "$ROOT/quickstart" "$@"; }

# What there is of processes, namespaces, links, mounts and files of this run.
traces() {
	ps -eo args= --sort args >"$CASE_DIR/processes"
	grep -vF -e "$TEST_FILE" -e 'ps -eo' "$CASE_DIR/processes" || true
	ip netns
	ip -o link
	cut -d ' ' -f 5 /proc/self/mountinfo
	find /run -path "$CASE_DIR" -prune -o -print | sort
	find /var/lib -maxdepth 1 -name "weft*"
	nft list ruleset
	sysctl -a 2>/dev/null | grep '^net.ipv4.*\(forward\|rp_filter\|redirects\|arp_\)'
}

is_as_before() {
	traces >"$CASE_DIR/after"
	diff "$CASE_DIR/before" "$CASE_DIR/after"
}

# It shows so many rows that are yes and no, twice, among so many machines, and goes away whole.
shows_and_leaves_nothing() { # NODES YES NO [WHAT]
	local table=$CASE_DIR/table nodes=$1 rows="$2 $3"
	shift 3
	# What iproute2 makes for the first namespace of a machine stays.
	ip netns add first
	ip netns delete first
	traces >"$CASE_DIR/before"

	check quickstart "$@" >"$table"
	is "$(grep -c ' -> .* yes$' "$table") $(grep -c ' -> .* no$' "$table")" "$rows" "rows as they must be"
	deny grep WRONG "$table"
	check grep -q "quickstart down" "$table"
	is "$(ip netns list | wc -l)" "$nodes" machines

	check quickstart "$@" >"$table" # from the start, over the one that runs
	deny grep WRONG "$table"

	check quickstart down
	# A process that was ended may be on its way out of the kernel still.
	until_ok is_as_before
	check quickstart down # nothing is there: that is no fault
}

case_shows_a_cloud_and_leaves_nothing() {
	local no=2
	needs vxlan
	needs_program controllerd hostnetd vrouterd udhcpc
	if can bridge_conntrack >/dev/null 2>&1; then no=3; fi
	shows_and_leaves_nothing 9 5 $no
}

case_shows_a_router_and_leaves_nothing() {
	needs_program vrouterd
	shows_and_leaves_nothing 7 6 3 router
}

# changed SED [WHAT]: what its table says is wrong when this is another in it.
changed() {
	local table=$CASE_DIR/table text
	text=$(sed "$1" "$ROOT/quickstart")
	[ "$text" != "$(cat "$ROOT/quickstart")" ] || fail "nothing is changed by $1"
	shift
	! bash -c "$text" "$ROOT/quickstart" "$@" >"$table" || fail "it says that all is well"
	grep WRONG "$table" | xargs
}

# Rows are looked at, not told.
case_says_what_is_wrong() {
	needs vxlan
	needs_program controllerd hostnetd vrouterd udhcpc
	is "$(changed 's/vip_ports=8080/vip_ports=8081/')" "client -> 203.0.113.11:8080, forwarded to web1 no, WRONG" "told"
	is "$(changed 's/"address": "203.0.113.10"/"address": "203.0.113.12"/' router)" \
		"client -> 203.0.113.10, elastic IP of app1 no, WRONG" "told of a router"
}

case_says_what_it_needs() {
	local said status=0
	said=$(setpriv --reuid 65534 --clear-groups "$ROOT/quickstart" 2>&1) || status=$?
	is "$status $said" "1 run this as root" "who may"
	status=0
	said=$(quickstart up 2>&1) || status=$?
	is "$status $said" "2 usage: ./quickstart [router | down]" "another word"
}

run_cases "$@"
