#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The controller's unit that is shipped, under a systemd that was booted for it.
# timeout: 180
. "$(dirname "$0")/../lib/net.sh"
# shellcheck source=tests/lib/systemd.sh
. "$LIB/systemd.sh"

UNIT=weft-controller.service

# status_of FIELD: of the daemon's process.
status_of() { inside sed -n "s/^$1:[[:space:]]*//p" "/proc/$(main_pid)/status"; }
served() { [ "$(inside weft query zone --json | jq -r '[.objects[].name] | join(" ")')" = "$1" ]; }

case_it_serves_in_its_sandbox() {
	boot ctl controllerd
	until_ok unit_is ActiveState active
	is "$(status_of CapBnd)" 0000000000000000 "capabilities"
	is "$(status_of NoNewPrivs)" 1 "no new privileges"
	is "$(status_of Seccomp)" 2 "system calls are filtered"
	check inside weft create zone name=ZONE-1
	# What operators set: agents and HTTPS, over TLS.
	inside sh -c 'echo OPTIONS=\"--agents tcp:127.0.0.1:7443 --https 127.0.0.1:8443\" >/etc/default/weft-controller'
	check inside systemctl restart "$UNIT"
	check inside weft password admin <<<"admin-secret"
	until_ok inside curl -sSf --cacert /var/lib/weft/controller/https.pem https://127.0.0.1:8443/api/v1/openapi.json >/dev/null
	is "$(inside stat -c %a /var/lib/weft/controller)" 700 "whose the model is"
	# Killed, it is back by itself, with all there was.
	inside kill -9 "$(main_pid)"
	until_ok served ZONE-1
	check inside controllerd --backup /tmp/backup
	check inside systemctl stop "$UNIT"
	unit_is Result success || fail "it does not stop in order"
}

run_cases "$@"
