# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Guests: their leases, whom they reach and whom not, and what is left on a machine once they are
# gone. README.md beside this file explains each word.
. "$(dirname "${BASH_SOURCE[0]}")/net.sh"

# lease_script: what a guest does with its lease.
lease_script() {
	cat >"$CASE_DIR/bound" <<-'END'
		#!/bin/sh
		[ "$1" = bound ] || exit 0
		ip addr replace "$ip/$mask" dev "$interface"
		if [ -n "$router" ]; then ip route replace default via "$router"; fi
		echo "$dns" >"$RESOLVER"
	END
	chmod +x "$CASE_DIR/bound"
}

# boots NAME [LINK]: the guest has its lease.
boots() {
	until_ok lease "$1" "${2:-eth0}"
}

lease() {
	RESOLVER=$CASE_DIR/$1.dns on "$1" udhcpc -i "$2" -f -q -n -t 5 -T 2 -s "$CASE_DIR/bound"
}

resolver() { cat "$CASE_DIR/$1.dns"; } # NAME: the DNS server that it was told

# by_name NAME: it finds the outside by its resolver, and reaches it.
by_name() {
	[ "$(dns "$1" "$(resolver "$1")" www.example.test)" = 198.51.100.10 ] && ping_ok "$1" 198.51.100.10
}

# reach FROM TO PROBES WANTED: those that were answered; what was not, was met by silence.
reach() {
	# shellcheck disable=SC2086 # a list
	on "$1" "$LIB/reach.py" "$2" $((10 * SLOWNESS)) $((500 * SLOWNESS))e-3 "$4" $3
}

# reaches FROM TO PROBES WANTED [WHAT]
reaches() { is "$(reach "$1" "$2" "$3" "$4")" "$4" "${5:-answers}"; }

# until_reaches FROM TO PROBES WANTED: what is made may take a moment to hold.
until_reaches() { until_ok now_reaches "$@"; }
now_reaches() { [ "$(reach "$@")" = "$4" ]; }

# silent NODE ADDRESS...: none of them answers a ping or a connection to port 22. What a router on
# the way says of it (unreachable) is no answer.
silent() {
	local name=$1 address asked=()
	shift
	for address; do
		on "$name" "$LIB/reach.py" "$address" "$SLOWNESS" $((1000 * SLOWNESS))e-3 "" ping tcp/22 \
			>"$CASE_DIR/silent.$address" &
		asked+=($!)
	done
	wait "${asked[@]}"
	for address; do
		echo "! $name to $address: $(cat "$CASE_DIR/silent.$address")"
		if grep -qwE '(ping|tcp/22)( |$)' "$CASE_DIR/silent.$address"; then fail "$name reaches $address"; fi
	done
}

# outside_is_shut ROUTER ADDRESS...: the client outside has no way to these, also by a router that it
# knows.
outside_is_shut() {
	local router=$1
	shift
	silent ext "$@"
	route ext 192.168.0.0/16 via "$router"
	silent ext "$@"
	ip -n ext route del 192.168.0.0/16
}

# ---- nothing is left -------------------------------------------------------------------------

# All that an agent might leave on a machine.
traces() {
	# shellcheck disable=SC2016 # the inner shell expands it
	on "$1" sh -c '
		ip -j -d link | jq -r ".[] | [.ifname, .mtu, .master, .address, .ifalias, .linkinfo.info_kind] | @tsv" | sort
		ip -j -4 addr | jq -r ".[] | .ifname as \$link | .addr_info[] | [\$link, .local, .prefixlen] | @tsv" | sort
		ip -4 route show table all | sort
		ip rule
		nft list ruleset
		tc qdisc | grep -E "htb|ingress|clsact|fq"
		bridge fdb | grep static
		ip neigh show nud permanent'
	ip netns pids "$1" | xargs -r ps -o comm= -p | { grep -vE 'python3|probe.py|serve.py' || true; } | sort
	if [ -d "$CASE_DIR/$1/hostnet" ]; then find "$CASE_DIR/$1/hostnet/run" | sort; fi
}

remember() { traces "$1" >"$CASE_DIR/$1/before"; }

is_as_before() {
	traces "$1" >"$CASE_DIR/$1/after"
	diff "$CASE_DIR/$1/before" "$CASE_DIR/$1/after"
}
