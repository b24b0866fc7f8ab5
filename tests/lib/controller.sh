# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The controller in a case: the words for its daemon and its command line.
. "$(dirname "${BASH_SOURCE[0]}")/net.sh"

CONTROLLER=$CASE_DIR/controller

# controller_start [ARGS]: again to keep its state. Returns when it answers.
controller_start() {
	mkdir -p "$CONTROLLER"
	: >"$CONTROLLER/log"
	"$WEFT_BIN/controllerd" --state-dir "$CONTROLLER/state" --socket "unix:$CONTROLLER/socket" \
		"$@" >"$CONTROLLER/log" 2>&1 </dev/null &
	echo $! >"$CONTROLLER/pid"
	until_ok grep -q "answers at" "$CONTROLLER/log"
}

controller_kill() { # SIGNAL
	local pid
	pid=$(cat "$CONTROLLER/pid")
	kill "$1" "$pid"
	wait "$pid" 2>/dev/null || true
}

weft_c() { "$WEFT_BIN/weft" -s "unix:$CONTROLLER/socket" "$@"; }

# made TYPE FIELD=VALUE...: the uuid of a new object.
made() { weft_c create "$@" --json | jq -er .object.uuid; }

# field TYPE OBJECT FIELD: what it has there.
field() { weft_c get "$1" "$2" --json | jq -er --arg field "$3" '.object[$field]'; }

# refused TEXT COMMAND...: weft refuses it with status 1 and this in its reason.
refused() {
	local text=$1 said status=0
	shift
	said=$(weft_c "$@" 2>&1) || status=$?
	echo "x $* -> $said"
	[ "$status" = 1 ] || fail "status $status of: $* ($said)"
	grep -qF -- "$text" <<<"$said" || fail "no '$text' in: $said"
}

# api METHOD JSON: "ok ANSWER" or "ERROR PARAMETERS", on one line.
api() {
	PYTHONPATH=$LIB python3 -B - "$CONTROLLER/socket" "$@" <<-'END'
		import json, sys
		from varlink import Client, VarlinkError
		client = Client(sys.argv[1], "io.weft.Controller")
		try:
		    print("ok", json.dumps(client.call(sys.argv[2], json.loads(sys.argv[3]))))
		except VarlinkError as error:
		    print(error.name, json.dumps(error.parameters))
	END
}

# small_cloud: a zone with a cluster of two hosts, a public network on em01.
small_cloud() {
	local n
	made zone name=ZONE-1 uuid=zone-1
	made cluster name=Cluster-1 uuid=cluster-1 zone=ZONE-1
	for n in 1 2; do
		made host name="host$n" uuid="host-$n" cluster=Cluster-1 address="10.12.0.$n" \
			"devices=[{\"name\": \"em01\", \"addresses\": [\"10.12.0.$n/8\"]}, {\"name\": \"em02\"}]"
	done
	made l2_network name=L2-public uuid=l2-public zone=ZONE-1 type=novlan device=em01 \
		clusters=Cluster-1
	made l3_network name=public uuid=public l2_network=L2-public category=public \
		start=10.108.10.0 end=10.108.11.255 netmask=255.0.0.0 gateway=10.0.0.1 dns=223.5.5.5
}
