#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The disk gives back something else than was written: what was never acknowledged is cut off, what
# can be made good is; all else keeps the daemon from starting, and the kernel as it is.
. "$(dirname "$0")/../lib/net.sh"

STATE=$CASE_DIR/vr/vrouter/state
VIP=10.151.10.170

world() {
	world_internet
	switch web
	node vr
	router_nic vr pub fa:00:00:00:00:01 sw
	router_nic vr web fa:00:00:00:00:02 web
	guest vm1 web 172.16.1.0/16 172.16.0.1
	serve vm1 tcp 80
	router_start vr
	"$LIB/forwards.py" 3 | check router_apply vr - >/dev/null
	until_ok tcp_ok ext $VIP 10000
	hold forwarded ext $VIP 10000
}

patch() { # REVISION PORT
	check weft_call vrouter vr Patch "{\"base_revision\": $1, \"upsert\": {\"port_forwards\": [
		{\"uuid\": \"pf-$2\", \"vip\": \"vip-1\", \"protocol\": \"tcp\", \"vip_ports\": \"$2\",
		 \"target\": \"172.16.7.7\", \"target_ports\": \"$2\"}]}}" >/dev/null
}

# Three changes are acknowledged, then the daemon dies.
three_patches() {
	patch 0 20001
	patch 1 20002
	patch 2 20003
	router_kill vr -9
	kernel >"$CASE_DIR/kernel"
}

kernel() {
	on vr nft -s list ruleset
	ip -n vr -4 -o address show | awk '{ print $2, $4 }'
	ip -n vr -4 route show table all
}

held() { weft_call vrouter vr Get | jq .revision; }
newest() { find "$STATE" -name "$1.*" -size +0 | sort -V | tail -n 1; } # journal or snapshot
in_place() { weft_call vrouter vr Reconcile '{"dry_run": true}' | jq -e '.plan == [] and .failures == []'; }
sums() { (cd "$STATE" && md5sum -- *); }

# Another byte in the middle of a file's first line.
damage() { # FILE
	printf '\001' | dd of="$1" bs=1 seek=60 conv=notrunc 2>/dev/null
}

# It names the file, ends with 1, and touches neither the disk nor the kernel.
refuses_to_start() { # FILE
	local status=0
	sums >"$CASE_DIR/sums"
	kernel >"$CASE_DIR/kernel"
	timeout $PATIENCE ip netns exec vr "$WEFT_BIN/vrouterd" --state-dir "$STATE" \
		--run-dir "$CASE_DIR/vr/vrouter/run" --socket "unix:$CASE_DIR/vr/vrouter/socket" \
		>"$CASE_DIR/refused" 2>&1 || status=$?
	cat "$CASE_DIR/refused"
	is "$status" 1 "exit status"
	check grep -q "^<3>vrouterd: $STATE: $(basename "$1"): " "$CASE_DIR/refused"
	check diff "$CASE_DIR/sums" <(sums)
	check diff "$CASE_DIR/kernel" <(kernel)
	check hold_ok forwarded
}

case_torn_record() {
	local journal
	world
	three_patches
	journal=$(newest journal)
	printf '0123456789abcdef {"revision":4,"upsert":{"vips":[{"uu' >>"$journal"
	router_start vr
	is "$(held)" 3 "revision held"
	check grep -q "$(basename "$journal"): a record that was never acknowledged is cut off" \
		"$CASE_DIR/vr/vrouter/log"
	check diff "$CASE_DIR/kernel" <(kernel)
	patch 3 20004
	router_kill vr -9
	router_start vr
	is "$(held)" 4 "revision held later"
	check in_place
	check hold_ok forwarded
}

# The disk lost the end of the last record after all: the one before counts, in the kernel too.
case_last_record_shortened() {
	local journal
	world
	three_patches
	journal=$(newest journal)
	truncate -s -20 "$journal"
	router_start vr
	is "$(held)" 2 "revision held"
	check grep -q "cut off" "$CASE_DIR/vr/vrouter/log"
	check in_place
	deny grep -q 20003 <<<"$(kernel)"
	check grep -q 20002 <<<"$(kernel)"
	check hold_ok forwarded
}

case_damaged_record_among_others() {
	local journal
	world
	three_patches
	journal=$(newest journal)
	damage "$journal"
	refuses_to_start "$journal"
}

# A document so large that three of it are worth a snapshot.
three_documents() {
	local revision
	for revision in 1 2 3; do
		"$LIB/forwards.py" 6000 | jq ".revision = $revision" >"$CASE_DIR/large.json"
		check weft_router vr apply "$CASE_DIR/large.json" >/dev/null
	done
}

until_snapshot() {
	three_documents
	until_ok test -s "$STATE/snapshot.1"
	patch 3 20001
	router_kill vr -9
}

patch_and_look() {
	patch "$(held)" 20001
	test -s "$STATE/snapshot.1"
}

# Changes that never rest do not keep the journal growing.
case_snapshot_between_changes() {
	world
	three_documents
	until_ok patch_and_look
}

case_damaged_snapshot_made_good() {
	world
	until_snapshot
	kernel >"$CASE_DIR/kernel"
	damage "$STATE/snapshot.1"
	router_start vr
	is "$(held)" 4 "revision held"
	check grep -q "snapshot.1: damaged; trying what was written before it" "$CASE_DIR/vr/vrouter/log"
	check diff "$CASE_DIR/kernel" <(kernel)
	check hold_ok forwarded
}

case_damaged_snapshot_and_nothing_before_it() {
	world
	until_snapshot
	rm "$STATE/journal.0"
	damage "$STATE/snapshot.1"
	refuses_to_start "$STATE/snapshot.1"
}

# What a compaction had begun to write when the machine died is no snapshot.
case_half_a_snapshot() {
	world
	until_snapshot
	kernel >"$CASE_DIR/kernel"
	head -c 1000 "$STATE/snapshot.1" >"$STATE/snapshot.1.new"
	rm "$STATE/snapshot.1"
	router_start vr
	is "$(held)" 4 "revision held"
	check diff "$CASE_DIR/kernel" <(kernel)
}

case_missing_journal() {
	world
	until_snapshot
	rm "$STATE/journal.1"
	refuses_to_start "$STATE/journal.1"
}

run_cases "$@"
