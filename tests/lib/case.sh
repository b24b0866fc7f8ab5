# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How the cases of a file are run, and what is kept of one that failed. Part of net.sh.
#
# run_cases starts itself again for each case: first as the first process of new namespaces
# (case_supervise), which starts the case proper (case_run), ends it when its time is over, and
# writes down the evidence while the case's networks and daemons are still there.

cases_of_file() { declare -F | sed -n 's/^declare -f case_//p' | grep -vxE 'supervise|run|evidence'; }

# run_cases "$@": the last line of every file with cases. Arguments: --list, or names of cases.
run_cases() {
	local name names status worst=0
	case ${1:-} in
	--list)
		cases_of_file
		return
		;;
	--supervise) case_supervise "$2" ;;
	--run) case_run "$2" ;;
	esac
	if [ $# -eq 0 ]; then
		mapfile -t names < <(cases_of_file)
		set -- "${names[@]}"
	fi
	for name; do
		declare -F "case_$name" >/dev/null || fail "$0 has no case '$name'"
		status=0
		unshare --net --mount --pid --fork --kill-child --mount-proc \
			"$TEST_FILE" --supervise "$name" </dev/null || status=$?
		case $status in
		0) echo "passed: $name" ;;
		77) echo "skipped: $name" ;;
		*)
			echo "failed: $name (status $status)"
			worst=1
			;;
		esac
	done
	# A single case answers for itself, so that a runner sees a skip.
	[ $# -ne 1 ] || worst=$status
	exit "$worst"
}

case_supervise() {
	local status=0 limit
	limit=$(sed -n 's/^# timeout: *\([0-9]*\).*/\1/p;T;q' "$TEST_FILE")
	limit=$((${limit:-120} * SLOWNESS))
	mount --make-rprivate /
	mount -t tmpfs -o mode=755 tmpfs /run
	mkdir -p "$CASE_DIR" /run/netns /run/lock
	ip link set lo up
	# Only the case itself is killed when its time is over: what it started is evidence.
	timeout --foreground -s KILL "$limit" "$TEST_FILE" --run "$1" || status=$?
	case $status in
	0 | 77) exit "$status" ;;
	137) echo "FAILED: not done after $limit s" ;;
	esac
	case_evidence "${EVIDENCE:-$ROOT/build/results/by-hand/$(basename "$TEST_FILE" .sh).$1}"
	exit "$status"
}

case_run() {
	set -euo pipefail
	trap 'echo "FAILED: line $LINENO of ${BASH_SOURCE[0]}: $BASH_COMMAND (status $?)" >&2' ERR
	set -E
	"case_$1"
	exit 0
}

# case_evidence DIRECTORY: all that tells why, one file for each node.
case_evidence() {
	local dir=$1 name kind file
	mkdir -p "$dir"
	for name in $(ip netns list | cut -d ' ' -f 1); do
		node_evidence "$name" >"$dir/$name.txt" 2>&1
		for kind in vrouter hostnet; do
			file=$CASE_DIR/$name/$kind
			[ -d "$file" ] || continue
			cp "$file/log" "$dir/$name.$kind.log" || true
			timeout 10 "$WEFT_BIN/weft" -s "unix:$file/socket" \
				"$([ $kind = vrouter ] && echo router || echo host)" status \
				>"$dir/$name.$kind.status" 2>&1 </dev/null || true
		done
		cp "$CASE_DIR/$name/document.json" "$dir/$name.document.json" 2>/dev/null || true
	done
	find "$CASE_DIR" -maxdepth 2 -type f \( -name '*.pcap' -o -name '*.log' -o -name served \
		-o -name answers -o -name '*.asked' \) -size -2M 2>/dev/null |
		while read -r file; do
			name=${file#"$CASE_DIR"/}
			cp "$file" "$dir/${name//\//.}"
		done
	ps -eo pid,ppid,stat,etime,args --forest >"$dir/processes.txt" || true
	dmesg 2>/dev/null | tail -n 30 >"$dir/kernel.txt" || true
	echo "evidence: $dir"
}

node_evidence() {
	local command
	while read -r command; do
		echo "## $command"
		# shellcheck disable=SC2086 # the words of the command
		timeout 10 ip netns exec "$1" $command </dev/null || true
	done <<-END
		ip -d -s address
		ip rule
		ip route show table all
		ip neigh
		bridge fdb
		nft list ruleset
		conntrack -L
		ss -Htunap
		tc -s qdisc
		ip -s xfrm state
		ip xfrm policy
		sysctl net.ipv4.ip_forward
	END
}
