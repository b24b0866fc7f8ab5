# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How much passes: by iperf3, over some seconds.
. "$(dirname "${BASH_SOURCE[0]}")/net.sh"

listen() { # NODE PORT
	start "iperf-$1-$2" "$1" iperf3 --server --port "$2"
	until_ok listens "$1" "$2"
}
listens() { on "$1" ss -Hltn "sport = :$2" | grep -q .; }

# rate NODE ADDRESS PORT to|from: kbit/s that NODE gets through to who listens there, or from there.
rate() {
	# A listener that is still taken up by what was sent before refuses.
	until_ok measured "$@" >&2
	cat "$CASE_DIR/rate"
}
measured() {
	local reverse=()
	[ "$4" = to ] || reverse=(--reverse)
	on "$1" iperf3 --client "$2" --port "$3" --time 4 --omit 1 --json "${reverse[@]}" >"$CASE_DIR/iperf" &&
		jq -e '.end.sum_received.bits_per_second / 1000 | floor' "$CASE_DIR/iperf" >"$CASE_DIR/rate"
}

# about KBIT GOT WHAT: within 75 and 105 percent. Headers are part of what is limited, and a busy
# machine does not always use what it may.
about() {
	echo "$3: $2 kbit/s of $1"
	check [ "$2" -ge $(($1 * 75 / 100)) ]
	check [ "$2" -le $(($1 * 105 / 100)) ]
}

unlimited() { # GOT WHAT
	echo "$2: $1 kbit/s"
	check [ "$1" -ge 60000 ]
}
