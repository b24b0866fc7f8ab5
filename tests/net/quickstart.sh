#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The first thing that a newcomer runs: it shows what it says, twice, and leaves nothing.
# timeout: 240
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

case_shows_the_router_and_leaves_nothing() {
	local table=$CASE_DIR/table
	[ -x "$WEFT_BIN/vrouterd" ] || skip "program vrouterd is missing"
	# What iproute2 makes for the first namespace of a machine stays.
	ip netns add first
	ip netns delete first
	traces >"$CASE_DIR/before"

	check quickstart >"$table"
	is "$(grep -c ' -> .* yes$' "$table") $(grep -c ' -> .* no$' "$table")" "6 3" "rows as they must be"
	deny grep WRONG "$table"
	check grep -q "quickstart down" "$table"
	check [ "$(ip netns list | wc -l)" -eq 7 ]

	check quickstart >"$table" # from the start, over the one that runs
	deny grep WRONG "$table"

	check quickstart down
	traces >"$CASE_DIR/after"
	check diff "$CASE_DIR/before" "$CASE_DIR/after"
	check quickstart down # nothing is there: that is no fault
}

# Rows are looked at, not told: a document with another address is found out.
case_says_what_is_wrong() {
	local table=$CASE_DIR/table text
	[ -x "$WEFT_BIN/vrouterd" ] || skip "program vrouterd is missing"
	text=$(sed 's/"address": "203.0.113.10"/"address": "203.0.113.12"/' "$ROOT/quickstart")
	! bash -c "$text" "$ROOT/quickstart" >"$table" || fail "it says that all is well"
	is "$(grep WRONG "$table" | xargs)" "client -> 203.0.113.10, elastic IP of app1 no, WRONG" "told"
}

run_cases "$@"
