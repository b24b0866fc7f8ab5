# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A cloud whose agents dial their controller, in namespaces: the words for it.
#
#   inet, ext --- sw ------ em01 h1 em02 --- web --- em02 h2 em01 --- sw
#                  |                          |
#                  +------------ vr ----------+      app, mgt: the same with em04, em03
#
#   ctl 172.31.0.1, vr .2, h1 .11, h2 .12 --- oob: how they find the controller
. "$(dirname "${BASH_SOURCE[0]}")/controller.sh"

AGENTS=tcp:172.31.0.1:7443

# link_controller [ARGS...]: starts controllerd on ctl, again to keep its state.
link_controller() {
	mkdir -p "$CONTROLLER"
	: >"$CONTROLLER/log"
	ip netns exec ctl "$WEFT_BIN/controllerd" --state-dir "$CONTROLLER/state" \
		--socket "unix:$CONTROLLER/socket" --agents "$AGENTS" "$@" >"$CONTROLLER/log" 2>&1 </dev/null &
	echo $! >"$CONTROLLER/pid"
	until_ok grep -q "answers at" "$CONTROLLER/log"
}

# link_wires: the switches and cables.
link_wires() {
	local n host
	world_internet
	switch web
	switch app
	switch mgt
	switch oob
	node ctl vr h1 h2
	plug ctl oob 172.31.0.1/24
	plug vr oob 172.31.0.2/24
	for n in 1 2; do
		host=h$n
		plug "$host" oob "172.31.0.1$n/24"
		plug "$host" sw - em01
		plug "$host" web - em02
		plug "$host" mgt - em03
		plug "$host" app - em04
	done
}

# link_model: a zone with the two hosts, the VPC router "vpc" with the networks "web" and "app".
link_model() {
	local n name device
	made zone name=ZONE-1
	made cluster name=Cluster-1 zone=ZONE-1
	for n in 1 2; do
		made host name=h$n uuid=h$n cluster=Cluster-1 address=172.31.0.1$n \
			'devices=[{"name": "em01"}, {"name": "em02"}, {"name": "em03"}, {"name": "em04"}]'
	done
	for name in public:em01 web:em02 mgt:em03 app:em04; do
		device=${name#*:} name=${name%:*}
		made l2_network "name=L2-$name" zone=ZONE-1 type=novlan "device=$device" clusters=Cluster-1
	done
	made l3_network name=public uuid=public l2_network=L2-public category=public \
		start=10.108.10.0 end=10.108.11.255 netmask=255.0.0.0 gateway=10.0.0.1
	made l3_network name=mgt uuid=mgt l2_network=L2-mgt category=system cidr=192.168.29.0/24
	made router_image name=image url=http://images/vrouter.qcow2
	made router_offering name=offering zone=ZONE-1 cpus=1 memory_mib=512 image=image \
		management_network=mgt public_network=public
	made vpc_router name=vpc uuid=vpc offering=offering
	made l3_network name=web uuid=web l2_network=L2-web category=private cidr=192.168.10.0/24 \
		architecture=vpc vpc_router=vpc
	made l3_network name=app uuid=app l2_network=L2-app category=private cidr=192.168.11.0/24 \
		architecture=vpc vpc_router=vpc
}

# enrolment_token FILE TYPE OBJECT [ARGS]: a token to enrol with.
enrolment_token() {
	local file=$1
	shift
	(umask 077 && weft_c enroll "$@" >"$file")
}

# link_router, link_host N [ARGS...]: the agent, with its token file; again to keep its
# state.
link_router() {
	router_start vr --controller "$AGENTS" --token-file "$CASE_DIR/vr.token"
}
link_host() {
	local n=$1
	shift
	host_start "h$n" --controller "$AGENTS" --token-file "$CASE_DIR/h$n.token" "$@"
}

# link_agents: all three enrol and are there.
link_agents() {
	enrolment_token "$CASE_DIR/vr.token" vpc_router vpc
	enrolment_token "$CASE_DIR/h1.token" host h1
	enrolment_token "$CASE_DIR/h2.token" host h2
	link_router
	link_host 1
	link_host 2
	until_ok is_connected vpc_router vpc
	until_ok is_connected host h1
	until_ok is_connected host h2
}

is_connected() { [ "$(field "$1" "$2" connection)" = connected ]; }
is_disconnected() { [ "$(field "$1" "$2" connection)" = disconnected ]; }
is_healthy() { [ "$(field "$1" "$2" health)" = "${3:-ready}" ]; }

# link_router_nics: the router's links, as a VM start would make them.
link_router_nics() {
	local role
	for role in public:sw mgt:mgt web:web app:app; do
		router_nic vr "${role%%:*}" "$(router_mac "${role%%:*}")" "${role#*:}"
	done
}

router_mac() { # NETWORK
	weft_c query router_nic vpc_router=vpc "l3_network=$1" --json | jq -er '.objects[0].mac'
}

# vm NAME HOST_NUMBER NETWORK: a guest in the model, and its stand-in with what DHCP would say.
vm() {
	local gateway
	made vm "name=$1" "uuid=vm-$1" cluster=Cluster-1 "host=h$2"
	made nic "uuid=$1" "vm=vm-$1" "l3_network=$3"
	guest_port "h$2" "vnic$(field vm "vm-$1" number).0" "$1" "$(field nic "$1" mac)"
	gateway=$(weft_c query ip_range "l3_network=$3" --json | jq -er '.objects[0].gateway')
	give_addresses "$1" eth0 "$(field nic "$1" address)/24"
	ip -n "$1" route add default via "$gateway"
}

address() { field nic "$1" address; }

# said_by_router WORDS: the agent's log has them.
router_said() { router_log vr | grep -qF -- "$1"; }
host_said() { host_log "h$1" | grep -qF -- "$2"; }
host_said_twice() { [ "$(host_log "h$1" | grep -cF -- "$2")" -ge 2 ]; }
controller_said() { grep -qF -- "$1" "$CONTROLLER/log"; }

# small_link: a controller and its model, without wires but those to find it.
small_link() {
	local n=1
	switch oob
	node ctl vr h1 h2
	plug ctl oob 172.31.0.1/24
	for node in vr h1 h2; do
		n=$((n + 1))
		plug "$node" oob "172.31.0.$n/24"
	done
	link_controller "$@"
	link_model
}

# agent_call CERTIFICATE|- METHOD [JSON]: as whoever has this certificate.
agent_call() {
	on ctl python3 -B "$LIB/agent_call.py" "$CONTROLLER/state/authority/authority.pem" "$@"
}

# agent_pem NODE: its certificate and key.
agent_pem() { ls "$CASE_DIR/$1"/*/state/controller/agent.pem; }

serial() { openssl x509 -in "$1" -noout -serial; }

# past MS: that time is over.
past() { [ "$(date +%s%3N)" -gt "$1" ]; }

# revision TYPE OBJECT: of the document that its agent was sent last.
revision() { weft_c query agent "$1=$2" --json | jq -er '.objects[0].revision'; }
