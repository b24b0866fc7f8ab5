#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What must not upset a router: documents that are wrong, NICs that come and go, clients that speak
# nonsense, or nothing at all.
#
#   ext, inet -- sw (10.0.0.0/8) -- vr -- net1 192.168.10.0/24 -- vm1 .5
. "$(dirname "$0")/../lib/net.sh"

document() {
	cat <<-END
		{ "router": {"uuid": "r-1"},
		  "interfaces": [
		    {"uuid": "if-pub", "mac": "fa:00:00:00:00:01", "role": "public", "network": "l3-pub",
		     "addresses": ["10.151.10.100/8"], "gateway": "10.0.0.1", "default_route": true},
		    {"uuid": "if-1", "mac": "fa:00:00:00:00:02", "role": "private", "network": "l3-1",
		     "addresses": ["192.168.10.1/24"], "snat": true}],
		  "vips": [{"uuid": "vip-1", "address": "10.151.10.170", "network": "l3-pub"},
		    {"uuid": "vip-2", "address": "10.151.10.174", "network": "l3-pub"}],
		  "eips": [{"uuid": "eip-1", "vip": "vip-1", "target": "192.168.10.5"}],
		  "port_forwards": [{"uuid": "pf-1", "vip": "vip-2", "protocol": "tcp", "vip_ports": "20-30",
		    "target": "192.168.10.5"}] }
	END
}

world() {
	world_internet
	switch net1
	node vr
	router_nic vr pub fa:00:00:00:00:01 sw
	router_nic vr net1 fa:00:00:00:00:02 net1
	guest vm1 net1 192.168.10.5/24 192.168.10.1
	serve vm1 tcp 22
	router_start vr
	document | check router_apply vr -
}

# kernel: all that a router has there, without what counts.
kernel() {
	on vr nft -j list ruleset | jq -S 'del(.. | .bytes?, .packets?)'
	ip -n vr -o -4 address show
	ip -n vr -4 route show table all
	ip -n vr rule show
}

# unchanged: the kernel is as it was when kernel wrote the file "before".
unchanged() { kernel | diff "$CASE_DIR/before" -; }

SOCKET=$CASE_DIR/vr/vrouter/socket

# refused PATH REASON: the document on standard input is refused so, and changes nothing.
refused() {
	local said status=0
	kernel >"$CASE_DIR/before"
	said=$(router_apply vr - 2>&1) || status=$?
	is "$status" 1 "status of: $said"
	check grep -qF -- "$1" <<<"$said"
	check grep -qF -- "$2" <<<"$said"
	check unchanged
	is "$(weft_call vrouter vr Get | jq '.state.eips | length')" 1 "elastic IPs held"
}

# with JQ-FILTER: the document, changed.
with() { document | jq "$1"; }

case_wrong_documents_are_refused() {
	world
	with '.eips[0].color = "red"' | refused "state.eips[0].color" "unknown"
	with '.colors = []' | refused "colors" "unknown"
	with '.eips[0].target = 5' | refused "state.eips[0].target" "string"
	with '.interfaces = {}' | refused "state.interfaces" "array"
	with '.interfaces[0].mtu = "large"' | refused "state.interfaces[0].mtu" "integer"
	with 'del(.eips[0].vip)' | refused "state.eips[0]" "vip"
	with '.eips[0].target = "192.168.99.5"' | refused "state.eips[0].target" "192.168.99.5"
	with '.vips[0].address = "192.168.10.9"' | refused "state.interfaces[1].addresses" "vip-1: 192.168.10.9"
	with '.vips[0].address = "10.0.0.1"' | refused "state.interfaces[0].addresses" "vip-1: 10.0.0.1"
	with '.eips[0].vip = "vip-9"' | refused "state.eips[0].vip" "vip-9"
	with '.eips[1] = {"uuid": "eip-2", "vip": "vip-1", "target": "192.168.10.6"}' |
		refused "state.eips[0].vip" "vip-1 serves eip eip-2"
	with '.port_forwards[1] = (.port_forwards[0] | .uuid = "pf-2" | .vip_ports = "30-40")' |
		refused ".vip_ports" "pf-"
	with '.port_forwards[0].vip_ports = "30-20"' | refused "state.port_forwards[0].vip_ports" "30-20"
	with '.port_forwards[0].vip_ports = "0"' | refused "state.port_forwards[0].vip_ports" "0"
	with '.port_forwards[0].vip_ports = "65536"' | refused "state.port_forwards[0].vip_ports" "65536"
	with '.port_forwards[0].vip = "vip-1"' | refused ".vip" "vip-1"
	with '.eips[1] = .eips[0]' | refused "state.eips[1]" "eip-1"
	with '.interfaces[1].addresses = ["10.200.0.1/16"]' | refused "state.interfaces" "overlaps"
	with '.interfaces[0].mtu = 67' | refused "state.interfaces[0].mtu" "68"
	with '.routes = [{"uuid": "rt-1", "destination": "172.16.0.0/12", "type": "static",
		"next_hop": "10.0.0.9", "priority": 255}]' | refused "state.routes[0].priority" "254"
	check tcp_ok ext 10.151.10.170 22
	check router_in_order vr
}

# refusal METHOD PARAMETERS: the name of the error, and its parameters.
refusal() {
	PYTHONPATH=$LIB python3 -B - "$SOCKET" "$@" <<-'END'
		import json, sys
		from varlink import Client, VarlinkError
		try:
		    print("accepted", Client(sys.argv[1]).call(sys.argv[2], json.loads(sys.argv[3])))
		except VarlinkError as error:
		    print(error.name, json.dumps(error.parameters))
	END
}

# patch_refused ERROR MEMBERS
patch_refused() {
	local said
	said=$(refusal Patch "{$2}")
	echo "$said"
	is "${said%% *}" "$1" "error of $2"
}

# A patch is held to the same, and to the revision.
case_wrong_patches_are_refused() {
	world
	kernel >"$CASE_DIR/before"
	patch_refused RevisionMismatch '"base_revision": 5, "remove": {"eips": ["eip-1"]}'
	patch_refused InvalidState '"base_revision": 0, "upsert": {"eips": [{"uuid": "eip-1", "vip": "vip-9",
		"target": "192.168.10.5"}]}'
	patch_refused InvalidState '"base_revision": 0, "remove": {"eips": ["eip-7"]}'
	patch_refused InvalidState '"base_revision": 0, "remove": {"vips": ["vip-1"]}'
	patch_refused InvalidState '"base_revision": 0, "upsert": {"colors": []}'
	patch_refused InvalidState '"base_revision": 0, "upsert": {"eips": [{"uuid": "eip-2", "vip": "vip-1",
		"target": "192.168.10.5"}]}'
	patch_refused InvalidState '"base_revision": 0, "upsert": []'
	patch_refused InvalidState '"base_revision": "now", "upsert": {}'
	patch_refused InvalidState '"upsert": {}'
	check unchanged
	is "$(weft_call vrouter vr Get | jq -c '[.revision, (.state.eips | length)]')" "[0,1]" "held"
}

case_a_missing_nic_rests_until_it_is_there() {
	world
	switch net2
	guest vm2 net2 192.168.20.7/24 192.168.20.1
	serve vm2 tcp 22
	with '.interfaces[2] = {"uuid": "if-2", "mac": "fa:00:00:00:00:03", "role": "private",
		"network": "l3-2", "addresses": ["192.168.20.1/24"], "snat": true} |
		.eips[1] = {"uuid": "eip-2", "vip": "vip-3", "target": "192.168.20.7"} |
		.vips[2] = {"uuid": "vip-3", "address": "10.151.10.180", "network": "l3-pub"}' |
		check router_apply vr -
	is "$(router_health vr if-2)" inactive "interface"
	check grep -q "fa:00:00:00:00:03" <<<"$(router_reason vr if-2)"
	is "$(router_health vr eip-2)" inactive "what stands on it"
	is "$(router_health vr eip-1)" ready "the others"
	check tcp_no_timeout ext 10.151.10.180 22
	for _ in 1 2 3; do
		router_nic vr - fa:00:00:00:00:03 net2
		until_ok tcp_ok ext 10.151.10.180 22
		until_ok is_health if-2 ready
		ip -n vr link del dev eth0
		until_ok is_health eip-2 inactive
		check tcp_ok ext 10.151.10.170 22
	done
	until_ok router_in_order vr
}

is_health() { [ "$(router_health vr "$1")" = "$2" ]; } # UUID HEALTH

# By the time that it is looked at, a NIC may be gone again, or be another.
case_nics_change_faster_than_anyone_looks() {
	local pid
	world
	pid=$(cat "$CASE_DIR/vr/vrouter/pid")
	pid=$(pgrep -P "$pid" -x vrouterd || echo "$pid")
	kill -STOP "$pid"
	for i in 1 2 3; do
		router_nic vr "brief$i" "fa:00:00:00:09:0$i" net1
		ip -n vr link set "brief$i" up
		ip -n vr link del dev "brief$i"
	done
	ip -n vr link del dev net1
	router_nic vr other fa:00:00:00:00:02 net1
	ip -n vr link set other up
	kill -CONT "$pid"
	until_ok tcp_ok ext 10.151.10.170 22
	until_ok router_in_order vr
	is "$(router_health vr if-1)" ready "another NIC with its MAC"
}

# nonsense SCRIPT: Python with a connected socket "s"; that it is cut off is as it ought to be.
nonsense() {
	python3 - "$SOCKET" "$PATIENCE" "$1" <<-'END'
		import os, socket, sys
		s = socket.socket(socket.AF_UNIX)
		s.settimeout(float(sys.argv[2]))
		s.connect(sys.argv[1])
		try:
		    exec(sys.argv[3])
		except (BrokenPipeError, ConnectionResetError):
		    print("cut off")
	END
}

answers() { weft_router vr status >/dev/null; }

case_nonsense_at_the_socket() {
	local pid
	world
	kernel >"$CASE_DIR/before"
	pid=$(cat "$CASE_DIR/vr/vrouter/pid")
	# 100 MB without an end: it is cut off, not kept.
	is "$(nonsense 'for _ in range(100): s.sendall(b"{" * (1 << 20))
print("all of it was read")')" "cut off" "100 MB"
	check answers
	check nonsense 's.sendall(bytes(1 << 16))'
	check nonsense 's.sendall(os.urandom(1 << 16) + b"\0")'
	check nonsense 's.sendall(b"[" * 100000 + b"\0")'
	check nonsense 's.sendall(b"{\"method\": 5}\0" + b"null\0" + b"{\"method\": \"io.weft.VRouter.Nothing\"}\0")'
	# A document of 10 MB, deep or wide.
	check nonsense 'deep = b"[" * 5000000 + b"]" * 5000000
s.sendall(b"{\"method\": \"io.weft.VRouter.Apply\", \"parameters\": {\"state\": " + deep + b"}}\0")'
	# Half a message, and then nothing more.
	check nonsense 's.sendall(b"{\"method\": \"io.weft.VRou")
s.shutdown(socket.SHUT_WR)
while s.recv(4096): pass'
	check answers
	check unchanged
	check kill -0 "$pid"
	check router_in_order vr
}

# One that does not read its answers, one that speaks a byte at a time, a thousand that are silent:
# nobody else waits for them.
case_slow_and_silent_clients() {
	world
	start silent vr python3 -c 'import resource, socket, sys, time
resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
held = []
for _ in range(1000):
    s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); held.append(s)
slow = socket.socket(socket.AF_UNIX); slow.connect(sys.argv[1])
deaf = socket.socket(socket.AF_UNIX); deaf.connect(sys.argv[1]); deaf.setblocking(False)
sent = 0
try:
    while True: sent += deaf.send(b"{\"method\": \"io.weft.VRouter.Get\"}\0" * 100)
except BlockingIOError: pass
print("held", flush=True)
for byte in b"{\"method\": \"io.weft.VRouter.Get\"}\0":
    slow.send(bytes([byte])); time.sleep(0.1)
print("slowly", len(slow.recv(4096)) > 100, flush=True)
time.sleep(1000)' "$SOCKET"
	until_ok grep -q held "$CASE_DIR/silent.log"
	check answers
	router_patch vr '"remove": {"eips": ["eip-1"]}'
	check tcp_no_timeout ext 10.151.10.170 22
	until_ok grep -q "slowly True" "$CASE_DIR/silent.log"
	kill "$STARTED"
	check answers
	check router_in_order vr
}

run_cases "$@"
