# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A load balancer over three subnets: the world and the document of tests/net/balance*.sh.
. "$(dirname "${BASH_SOURCE[0]}")/net.sh"

VIP=10.151.10.170
M1='{"uuid": "m-1", "address": "192.168.10.79"}'
M2='{"uuid": "m-2", "address": "192.168.30.252"}'
M3='{"uuid": "m-3", "address": "192.168.20.187"}'
# shellcheck disable=SC2034 # the cases use it
ALL="$M1, $M2, $M3"

listener() { # MEMBERS [MORE FIELDS]
	echo "{\"uuid\": \"ls-1\", \"protocol\": \"tcp\", \"port\": 80, \"target_port\": 100,
		\"health_interval_s\": 1, \"members\": [$1] ${2:-}}"
}

balancer() { # LISTENERS
	echo "{\"uuid\": \"lb-1\", \"vip\": \"vip-1\", \"listeners\": [$1]}"
}

document() { # LISTENERS [SECTIONS [ROUTER'S FIELDS]]
	cat <<-END
		{ "router": {"uuid": "r-1" ${3:-}},
		  "interfaces": [
		    {"uuid": "if-pub", "mac": "fa:00:00:00:00:01", "role": "public", "network": "l3-pub",
		     "addresses": ["10.151.10.100/8"], "gateway": "10.0.0.1", "default_route": true},
		    {"uuid": "if-1", "mac": "fa:00:00:00:00:02", "role": "private", "network": "l3-1",
		     "addresses": ["192.168.10.1/24"], "snat": true},
		    {"uuid": "if-2", "mac": "fa:00:00:00:00:03", "role": "private", "network": "l3-2",
		     "addresses": ["192.168.20.1/24"], "snat": true},
		    {"uuid": "if-3", "mac": "fa:00:00:00:00:04", "role": "private", "network": "l3-3",
		     "addresses": ["192.168.30.1/24"], "snat": true}],
		  "vips": [{"uuid": "vip-1", "address": "$VIP", "network": "l3-pub"}],
		  "port_forwards": [{"uuid": "pf-1", "vip": "vip-1", "protocol": "tcp", "vip_ports": "24",
		    "target": "192.168.10.79", "target_ports": "22"}],
		  "load_balancers": [$(balancer "$1")] ${2:-} }
	END
}

world() {
	needs_program haproxy
	world_internet
	switch l1
	switch l2
	switch l3
	node vr
	router_nic vr pub fa:00:00:00:00:01 sw
	router_nic vr l1 fa:00:00:00:00:02 l1
	router_nic vr l2 fa:00:00:00:00:03 l2
	router_nic vr l3 fa:00:00:00:00:04 l3
	guest vm1 l1 192.168.10.79/24 192.168.10.1
	guest vm2 l3 192.168.30.252/24 192.168.30.1
	guest vm3 l2 192.168.20.187/24 192.168.20.1
	serve vm1 tcp 100 22
	serve vm2 tcp 100
	# shellcheck disable=SC2034 # likewise
	SERVER=$!
	serve vm3 tcp 100
	router_start vr
}

patch_balancer() { # REVISION LISTENERS
	check weft_call vrouter vr Patch \
		"{\"base_revision\": $1, \"upsert\": {\"load_balancers\": [$(balancer "$2")]}}" >/dev/null
}

# Who served each of so many connections: "vm1 vm2 vm3 ", sorted, with their counts.
shares() { # CONNECTIONS
	local n
	for ((n = 0; n < $1; n++)); do
		who_name ext "$VIP" 80 || echo nobody
	done | sort | uniq -c | awk '{ printf "%s%s=%s", (NR > 1 ? " " : ""), $2, $1 }'
}

shares_are() { [ "$(shares "$1")" = "$2" ]; }

status() { weft_call vrouter vr Status | jq -er "$1"; }
member_is() { # MEMBER HEALTH
	[ "$(status ".. | .listeners? // empty | .[] | .members[] | select(.uuid == \"$1\") | .health")" = "$2" ]
}
health_of() { status ".. | .objects? // empty | .[] | select(.uuid == \"$1\") | .health"; }
reason_of() { status ".. | .objects? // empty | .[] | select(.uuid == \"$1\") | .reason"; }
health_is() { [ "$(health_of "$1")" = "$2" ]; }
pid_of() { status ".. | .services? // empty | .[] | select(.name == \"$1\") | .pid"; }

# certificates NAME...: the document's section, cert-NAME each.
certificates() {
	local name
	for name; do
		certificate_of "$name"
		jq -n --arg uuid "cert-$name" --rawfile certificate "$CASE_DIR/$name.pem" \
			--rawfile key "$CASE_DIR/$name.key" \
			'{uuid: $uuid, certificate_pem: $certificate, private_key_pem: $key}'
	done | jq -s .
}
