#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The host's unit that is shipped, under a systemd that was booted for it.
#
#   vm 192.168.0.223 (vnic1.0) --- host em02; em01 --- sw --- ext 10.0.0.9
# timeout: 180
. "$(dirname "$0")/../lib/net.sh"
# shellcheck source=tests/lib/systemd.sh
. "$LIB/systemd.sh"

UNIT=weft-hostnet.service
E=10.0.0.5

world() {
	needs_program udhcpc dnsmasq
	switch sw
	switch swf
	node ext
	boot host hostnetd
	until_ok unit_is ActiveState active
	plug host sw - em01
	plug host swf - em02
	plug ext sw 10.0.0.9/8
	guest_port host vnic1.0 vm "$(mac_of vm)"
	check inside weft host apply - <<-END
		{ "host": { "uuid": "h" },
		  "l2_networks": [ { "uuid": "l2-pub", "type": "novlan", "device": "em01" },
		                   { "uuid": "l2-flat", "type": "novlan", "device": "em02" } ],
		  "l3_networks": [
		    { "uuid": "l3-pub", "l2": "l2-pub", "cidr": "10.0.0.0/8" },
		    { "uuid": "l3-flat", "l2": "l2-flat", "cidr": "192.168.0.0/16", "gateway": "192.168.0.1",
		      "dhcp": { "enabled": true, "server": "192.168.0.2" }, "user_data": true } ],
		  "vms": [ { "uuid": "vm-1", "name": "one", "user_data_b64": "aGVsbG8=" } ],
		  "ports": [ { "uuid": "nic-1", "device": "vnic1.0", "l2": "l2-flat", "mac": "$(mac_of vm)", "vm": "vm-1",
		               "default": true, "anti_spoofing": true,
		               "addresses": [ { "l3": "l3-flat", "address": "192.168.0.223" } ] } ],
		  "eips": [ { "uuid": "eip-1", "address": "$E", "l3": "l3-pub", "port": "nic-1", "target": "192.168.0.223" } ] }
	END
	cat >"$CASE_DIR/bound" <<-'END'
		#!/bin/sh
		[ "$1" = bound ] || exit 0
		ip addr replace "$ip/$mask" dev eth0
		ip route replace default via "$router"
		ip route replace 169.254.169.254 via "$serverid"
	END
	chmod +x "$CASE_DIR/bound"
	until_ok lease
	serve vm tcp 22
	until_ok reached
}

lease() { on vm udhcpc -i eth0 -f -q -n -t 5 -T 2 -s "$CASE_DIR/bound"; }
reached() { [ "$(who ext $E 22)" = "192.168.0.223 10.0.0.9" ]; }
user_data() { [ "$(http vm http://169.254.169.254/latest/user-data)" = hello ]; }
responders() { inside pgrep -x dnsmasq | xargs; }

served() {
	is "$(responders)" "$1" "responders"
	is "$(inside weft host reconcile --dry-run)" "" "what was left to do"
	check reached
	check lease
	until_ok user_data
}

case_the_unit_serves_and_its_responders_outlive_it() {
	world
	local was pid
	until_ok user_data
	was=$(responders)
	pid=$(main_pid)
	[ -n "$was" ] || fail "no responder"

	hold long ext $E 22
	check inside systemctl restart $UNIT
	deny [ "$(main_pid)" = "$pid" ]
	served "$was"

	pid=$(main_pid)
	check inside systemctl kill --kill-whom=main -s KILL $UNIT
	until_no unit_is MainPID "$pid"
	until_ok unit_is ActiveState active
	served "$was"

	check inside systemctl stop $UNIT
	check hold_ok long
	check lease
	check inside systemctl start $UNIT
	check inside systemctl reload $UNIT
	served "$was"
	check hold_ok long
	deny grep -qi "denied\|not permitted" <<<"$(inside journalctl -u $UNIT --no-pager)"

	# All of it goes at a word.
	check inside weft host apply - <<-END
		{ "host": { "uuid": "h" } }
	END
	until_ok is_gone
}

is_gone() { [ -z "$(responders)" ] && ! grep -q "br-\|dh-\|l[gi]-" <<<"$(ip -n host -o link)"; }

run_cases "$@"
