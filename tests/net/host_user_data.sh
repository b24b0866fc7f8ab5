#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest finds at 169.254.169.254 what is meant for it, and nobody else's.
#
#   vm1 (vnic1.0), vm2 (vnic2.0) --- host1 em01 --- sw --- site 172.20.0.1
# timeout: 90
. "$(dirname "$0")/../lib/net.sh"

DATA='#cloud-config
hostname: Perf-test
'

document() { # MEMBERS_OF_VM_1
	cat <<-END
		{ "revision": 1, "host": { "uuid": "h" },
		  "l2_networks": [ { "uuid": "l2", "type": "novlan", "device": "em01" } ],
		  "l3_networks": [ { "uuid": "l3", "l2": "l2", "cidr": "172.20.0.0/16", "gateway": "172.20.0.1", "user_data": true,
		    "dhcp": { "enabled": true, "server": "172.20.0.2" } } ],
		  "vms": [ { "uuid": "vm-1", "name": "web", "user_data_b64": "$(base64 -w0 <<<"${1:-$DATA}")",
		             "ssh_keys": [ "ssh-ed25519 AAAAone web", "ssh-rsa AAAAtwo \"web\"" ] },
		           { "uuid": "vm-2", "name": "other" } ],
		  "ports": [
		    { "uuid": "nic-1", "device": "vnic1.0", "l2": "l2", "mac": "fa:00:00:00:01:01", "vm": "vm-1", "hostname": "web-1",
		      "default": true, "anti_spoofing": true, "addresses": [ { "l3": "l3", "address": "172.20.108.41" } ] },
		    { "uuid": "nic-2", "device": "vnic2.0", "l2": "l2", "mac": "fa:00:00:00:01:02", "vm": "vm-2",
		      "addresses": [ { "l3": "l3", "address": "172.20.108.42" } ] } ] }
	END
}

# Takes address and routes, as a guest does.
lease() { # NODE
	on "$1" udhcpc -i eth0 -f -q -n -t 5 -T 2 -s "$CASE_DIR/take" -O staticroutes 2>"$CASE_DIR/$1.udhcpc"
}

world() {
	needs_program udhcpc
	switch sw
	node host1 site
	plug host1 sw - em01
	plug site sw 172.20.0.1/16
	host_start host1
	cat >"$CASE_DIR/take" <<-'END'
		#!/bin/bash
		[ "$1" = bound ] || exit 0
		ip addr replace "$ip/$mask" dev eth0
		set -- $staticroutes
		while [ $# -ge 2 ]; do
			ip route replace "$1" via "$2"
			shift 2
		done
	END
	chmod +x "$CASE_DIR/take"
	document | check host_apply host1 -
	guest_port host1 vnic1.0 vm1 fa:00:00:00:01:01
	guest_port host1 vnic2.0 vm2 fa:00:00:00:01:02
	until_ok lease vm1
	until_ok lease vm2
}

page() { http "$1" -f "http://169.254.169.254/$2"; }

case_what_a_guest_is_told() {
	local name
	world
	capture_start wire site sw
	check grep -q "default via 172.20.0.1" <<<"$(on vm1 ip route)"
	is "$(on vm2 ip route show default)" "" "a second NIC's default route"
	until_ok page vm1 latest/meta-data/
	is "$(page vm1 latest/user-data)" "$(printf '%s' "$DATA")" "user data"
	is "$(page vm1 latest/meta-data/)" \
		"$(printf '%s\n' hostname instance-id local-hostname local-ipv4 mac public-keys/)"
	for name in instance-id=vm-1 hostname=web-1 local-hostname=web-1 local-ipv4=172.20.108.41 \
		mac=fa:00:00:00:01:01 public-keys/0/openssh-key="ssh-ed25519 AAAAone web" public-keys/1/=openssh-key; do
		is "$(page vm1 "2009-04-04/meta-data/${name%%=*}")" "${name#*=}" "${name%%=*}"
	done
	is "$(page vm1 latest/meta-data/public-keys/)" "$(printf '0=key-0\n1=key-1')"
	is "$(page vm1 meta-data)" "$(printf 'instance-id: "vm-1"\nlocal-hostname: web-1\npublic-keys:\n  - "%s"\n  - "%s"' \
		'ssh-ed25519 AAAAone web' 'ssh-rsa AAAAtwo \"web\"')" "NoCloud"
	is "$(page vm1 user-data)" "$(printf '%s' "$DATA")"
	# The other one has its own.
	is "$(page vm2 latest/meta-data/instance-id)" vm-2
	is "$(page vm2 latest/meta-data/local-hostname)" 172-20-108-42
	deny page vm2 latest/user-data
	deny page vm1 latest/meta-data/public-keys/2/openssh-key
	deny page vm1 latest/../../etc/passwd
	# Nothing else is reached through it, and nobody else reaches it.
	check tcp_no vm1 169.254.169.254 22
	ip -n site route add 169.254.169.254 dev sw
	check tcp_no site 169.254.169.254 80
	capture_stop wire
	is "$(capture_text wire "host 169.254.169.254 and not src 172.20.0.1")" "" "on the wire"
}

case_nobody_elses() {
	world
	until_ok page vm1 latest/user-data
	# This port is not guarded: it could send with the other's address.
	ip -n vm1 link set dev eth0 down
	ip -n vm2 addr add 172.20.108.41/16 dev eth0
	ip -n vm2 route replace 169.254.169.254 via 172.20.0.2 src 172.20.108.41
	deny page vm2 latest/user-data
}

case_changes_and_restarts() {
	world
	until_ok page vm1 latest/user-data
	host_patch host1 "\"upsert\": {\"vms\": [{\"uuid\": \"vm-1\", \"user_data_b64\": \"$(base64 -w0 <<<second)\"}]}"
	is "$(page vm1 latest/user-data)" second
	host_kill host1 -9
	host_start host1
	until_ok page vm1 latest/user-data
	is "$(page vm1 latest/user-data)" second
	check host_in_order host1
	host_stop host1
	host_start host1
	until_ok page vm1 latest/user-data
	is "$(host_health host1 l3)" ready
	document x | sed 's/"user_data": true/"user_data": false/; s/"revision": 1/"revision": 7/' | check host_apply host1 -
	deny page vm1 latest/user-data
}

run_cases "$@"
