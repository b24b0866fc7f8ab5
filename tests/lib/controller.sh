# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The controller in a case: the words for its daemon and its command line.
. "$(dirname "${BASH_SOURCE[0]}")/net.sh"
# shellcheck source=/dev/null # followed from here, it takes shellcheck minutes and gigabytes
. "$(dirname "${BASH_SOURCE[0]}")/postgres.sh"

CONTROLLER=$CASE_DIR/controller

# Of who has not logged in: nobody's. See as.
export WEFT_SESSIONS=$CONTROLLER/sessions

# Where the model is kept: in a PostgreSQL of the case's own if WEFT_DATABASE says so.
CONTROLLER_STATE=(--state-dir "$CONTROLLER/state")
[ "${WEFT_DATABASE:-}" != postgresql ] || CONTROLLER_STATE+=(--database "$(postgres_uri)")

# sql STATEMENT: in the controller's database, past the controller.
sql() {
	if [ "${WEFT_DATABASE:-}" = postgresql ]; then
		postgres_sql "$1"
	else
		python3 -c 'import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute(sys.argv[2]); c.commit()' \
			"$CONTROLLER/state/controller.db" "$1"
	fi
}

# controller_options OPTION...: of its command line from now on, beside state and socket.
controller_options() {
	mkdir -p "$CONTROLLER"
	printf '%s\n' "$@" >"$CONTROLLER/options"
}

# controller_start: again to keep its state. Returns when it answers.
controller_start() {
	local options=()
	mkdir -p "$CONTROLLER"
	[ ! -s "$CONTROLLER/options" ] || mapfile -t options <"$CONTROLLER/options"
	: >"$CONTROLLER/log"
	[ "${WEFT_DATABASE:-}" != postgresql ] || [ -d "$POSTGRES" ] || postgres_start
	"$WEFT_BIN/controllerd" "${CONTROLLER_STATE[@]}" --socket "unix:$CONTROLLER/socket" \
		"${options[@]}" >"$CONTROLLER/log" 2>&1 </dev/null &
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

# certificate NAME: an object with a certificate of its own, see certificate_of.
certificate() {
	certificate_of "$1"
	made certificate name="$1" uuid="$1" "certificate_pem=$(cat "$CASE_DIR/$1.pem")" \
		private_key_pem=@"$CASE_DIR/$1.key"
}

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

# as WHO COMMAND...: the command, by the session of that name.
as() {
	local who=$1
	shift
	WEFT_SESSIONS=$CONTROLLER/sessions.$who "$@"
}

# logs_in WHO PASSWORD ACCOUNT [USER]: a session of that name.
logs_in() {
	local who=$1 password=$2
	shift 2
	as "$who" weft_c login "$@" <<<"$password"
}

# token WHO: of his session.
token() { jq -er '.[]' "$CONTROLLER/sessions.$1"; }

# tenant NAME: an account with the uuid NAME and the password "NAME-secret", logged in.
tenant() {
	made account name="$1" uuid="$1" password=- <<<"$1-secret"
	check logs_in "$1" "$1-secret" "$1"
}

# calls: makes the calls of standard input, "METHOD JSON" a line, over one connection; a Login's token
# is kept as tenant does. For a scene that would take many commands.
calls() {
	PYTHONPATH=$LIB python3 -B - "$CONTROLLER" 3<&0 <<-'END'
		import json, os, sys
		from varlink import Client
		folder = sys.argv[1]
		client = Client(f"{folder}/socket", "io.weft.Controller")
		for line in os.fdopen(3):
		    method, parameters = line.split(" ", 1)
		    parameters = json.loads(parameters)
		    answer = client.call(method, parameters)
		    if method == "Login":
		        with open(f"{folder}/sessions.{parameters['account']}", "w") as file:
		            json.dump({f"unix:{folder}/socket": answer["token"]}, file)
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

# against RULE ARGS...: weft is refused by this rule of the model, and nothing is changed.
against() {
	local rule=$1 said
	shift
	said=$(weft_c "$@" --json 2>/dev/null) && fail "done: $* ($said)"
	echo "x $* -> $(jq -r .parameters.reason <<<"$said")"
	is "$(jq -r '.parameters.rule // .parameters.path' <<<"$said")" "$rule" "what refuses"
}

# wrong PATH ARGS...: what weft gives is wrong there.
wrong() { against "$@"; }

# names TYPE CONDITION...: of the objects, in one line.
names() { weft_c query "$@" --json | jq -r '[.objects[].name] | join(" ")'; }

# routed_cloud: small_cloud with a management network, an offering, the VPC router "vpc" with the VPC
# networks "web" 192.168.10.0/24 and "app" 192.168.11.0/24, the vrouter network "own"
# 192.168.20.0/24, the flat network "flat" 172.20.0.0/16, and the VMs vm-web, vm-web2, vm-app,
# vm-own, vm-flat on them, each with the NIC nic-... .
routed_cloud() {
	local network n=100
	small_cloud
	made l2_network name=L2-mgt uuid=l2-mgt zone=ZONE-1 type=vlan device=em01 vlan=29 \
		clusters=Cluster-1
	made l3_network name=mgt uuid=mgt l2_network=L2-mgt category=system cidr=192.168.29.0/24
	made router_image name=image uuid=image url=http://images/vrouter.qcow2
	made router_offering name=offering uuid=offering zone=ZONE-1 cpus=8 memory_mib=8192 image=image \
		management_network=mgt public_network=public
	made vpc_router name=vpc uuid=vpc offering=offering
	for network in web:192.168.10.0/24 app:192.168.11.0/24 own:192.168.20.0/24 flat:172.20.0.0/16; do
		n=$((n + 1))
		made l2_network "name=L2-${network%%:*}" "uuid=l2-${network%%:*}" zone=ZONE-1 type=vlan \
			device=em01 vlan=$n clusters=Cluster-1
		set -- name="${network%%:*}" uuid="${network%%:*}" l2_network="l2-${network%%:*}" \
			category=private cidr="${network#*:}"
		case $network in
		own:*) made l3_network "$@" architecture=vrouter router_offering=offering ;;
		flat:*) made l3_network "$@" architecture=flat ;;
		*) made l3_network "$@" architecture=vpc vpc_router=vpc ;;
		esac
	done
	for n in web web2 app own flat; do
		made vm "name=vm-$n" "uuid=vm-$n" cluster=Cluster-1
		made nic "uuid=nic-$n" "vm=vm-$n" "l3_network=${n%2}"
	done
}
