# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A systemd that is booted for a unit of ours, $UNIT: a container over this machine's own files, whose
# network is a node. All that the sandbox of the unit forbids is forbidden here.

# boot NODE PROGRAM [UNIT...]: the node comes with the container, and is wired afterwards. Further
# units of the build are installed as well.
boot() {
	local files=$CASE_DIR/files pid end=$((SECONDS + PATIENCE)) node=$1 program=$2 unit
	local binds=()
	shift 2
	needs_program systemd-nspawn
	[ -x /lib/systemd/systemd ] || skip "systemd is missing"
	mkdir -p "$CASE_DIR/upper" "$files"
	mount -t tmpfs tmpfs "$CASE_DIR/upper"
	mkdir "$CASE_DIR/upper/files" "$CASE_DIR/upper/work"
	mount -t overlay -o "lowerdir=/,upperdir=$CASE_DIR/upper/files,workdir=$CASE_DIR/upper/work" \
		overlay "$files" || skip "no overlay of this machine's files"
	# shellcheck disable=SC2153 # the case says it
	for unit in "$UNIT" "$@"; do
		binds+=("--bind-ro=$ROOT/build/units/$unit:/etc/systemd/system/$unit")
	done
	systemd-nspawn --directory="$files" --boot --register=no --keep-unit --private-network \
		--machine="$node" --console=pipe \
		--bind-ro="$WEFT_BIN/$program:/usr/local/sbin/$program" \
		--bind-ro="$WEFT_BIN/weft:/usr/local/bin/weft" "${binds[@]}" \
		systemd.unit="$UNIT" >"$CASE_DIR/nspawn.log" 2>&1 </dev/null &
	until pid=$(pgrep -P $! -x systemd) && inside systemctl is-system-running >/dev/null 2>&1; do
		if ! kill -0 $! 2>/dev/null; then
			cat "$CASE_DIR/nspawn.log"
			skip "systemd cannot be booted in a container here"
		fi
		[ "$SECONDS" -lt "$end" ] || { inside systemctl --no-pager status; fail "no boot"; }
		sleep 0.1
	done
	ip netns attach "$node" "$pid"
}

inside() {
	nsenter -t "$(pgrep -o -x systemd)" -m -p -i -u -n \
		env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin "$@"
}

unit_is() { [ "$(inside systemctl show -p "$1" --value "$UNIT")" = "$2" ]; }
main_pid() { inside systemctl show -p MainPID --value "$UNIT"; }
