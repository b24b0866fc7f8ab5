#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 400
# What stands on VIPs of a VPC, for guests of three subnets: made, bound, bound elsewhere, deleted.
. "$(dirname "$0")/../lib/vpc.sh"

# one_vpc: the router "vpc" and its machine vr; vm-1, vm-2 and vm-3 on a network each.
one_vpc() {
	needs vxlan
	vpc_cloud
	made vpc_router name=vpc uuid=vpc offering=offering
	vpc_network net1 vxlan architecture=vpc vpc_router=vpc cidr=192.168.10.0/24
	vpc_network net2 vxlan architecture=vpc vpc_router=vpc cidr=192.168.20.0/24
	vpc_network net3 vxlan architecture=vpc vpc_router=vpc cidr=192.168.30.0/24
	router_machine vr vpc_router vpc
	boot vm-1 1 net1=192.168.10.79
	boot vm-2 2 net2=192.168.20.228
	boot vm-3 2 net3=192.168.30.252
	leased vm-1 vm-2 vm-3
	SYSTEM=$(field vip vip-for-vpc address)
	until_ok ping_ok vm-1 198.51.100.10
}

seen_from() { who "$1" 198.51.100.10 80 | cut -d ' ' -f 2; }
is_seen() { [ "$(seen_from "$1")" = "$2" ]; }

case_an_elastic_ip_goes_from_subnet_to_subnet() {
	local eip
	one_vpc
	eip=$(free_public 170)
	serve vm-1 tcp 22
	serve vm-2 tcp 22
	made vip name=v uuid=v network=public address="$eip"
	made eip name=e uuid=e vip=v
	check tcp_no ext "$eip" 22
	check weft_c 'do' bind eip e nic="$(nic_of vm-1)"
	until_ok tcp_ok ext "$eip" 22
	is "$(who ext "$eip" 22) $(who_name ext "$eip" 22)" "192.168.10.79 10.0.79.68 vm-1" "who answers, whom it sees"
	check ping_ok ext2 "$eip"
	until_ok is_seen vm-1 "$eip"
	is "$(seen_from vm-2)" "$SYSTEM" "of another guest"
	silent ext 192.168.10.79
	# What must not be, while it is.
	against vip_alone create eip name=second vip=v
	against vip_shared create port_forward name=p vip=v protocol=tcp vip_ports=24 nic="$(nic_of vm-2)"
	against custom_vip create eip name=system vip=vip-for-vpc
	hold old ext "$eip" 22
	check weft_c 'do' unbind eip e
	until_ok tcp_no ext "$eip" 22
	deny hold_ok old
	is "$(seen_from vm-1)" "$SYSTEM" "unbound"
	check weft_c 'do' bind eip e nic="$(nic_of vm-2)"
	until_ok tcp_ok ext "$eip" 22
	is "$(who ext "$eip" 22) $(who_name ext "$eip" 22)" "192.168.20.228 10.0.79.68 vm-2" "of another subnet"
	is "$(seen_from vm-1)" "$SYSTEM" "no more the first"
	until_ok is_seen vm-2 "$eip"
	# Deleted without its VIP, then with it.
	check weft_c delete eip e
	until_ok tcp_no ext "$eip" 22
	is "$(names vip name=v)" v "its VIP stays"
	made eip name=f uuid=f vip=v nic="$(nic_of vm-1)"
	until_ok tcp_ok ext "$eip" 22
	check weft_c delete vip v
	until_ok tcp_no ext "$eip" 22
	is "$(names eip)$(names vip name=v)" "" "both are gone"
	made vip name=again uuid=again network=public address="$eip"
	nothing_is_left vr
}

case_forwards_of_the_system_vip() {
	local port
	one_vpc
	serve vm-1 tcp 22 30-40 udp 53
	serve vm-3 tcp 22
	made port_forward name=p1 uuid=p1 vip=vip-for-vpc protocol=tcp vip_ports=24 target_ports=22 nic="$(nic_of vm-1)"
	until_ok tcp_ok ext "$SYSTEM" 24
	is "$(who ext "$SYSTEM" 24) $(who_name ext "$SYSTEM" 24)" "192.168.10.79 10.0.79.68 vm-1" "who answers, whom it sees"
	is "$(reach ext "$SYSTEM" "tcp/22 tcp/24 tcp/25 udp/24" tcp/24)" tcp/24 "nothing beside it"
	check weft_c 'do' unbind port_forward p1
	until_ok tcp_no_timeout ext "$SYSTEM" 24
	check weft_c 'do' bind port_forward p1 nic="$(nic_of vm-3)"
	until_ok tcp_ok ext "$SYSTEM" 24
	is "$(who ext "$SYSTEM" 24)" "192.168.30.252 10.0.79.68" "of another subnet"
	made port_forward name=p2 uuid=p2 vip=vip-for-vpc protocol=tcp vip_ports=30-40 nic="$(nic_of vm-1)"
	until_ok tcp_ok ext "$SYSTEM" 30
	is "$(reach ext "$SYSTEM" "tcp/24 tcp/29 tcp/30 tcp/35 tcp/40 tcp/41" "tcp/24 tcp/30 tcp/35 tcp/40")" "tcp/24 tcp/30 tcp/35 tcp/40" "one to one"
	for port in 30 40; do is "$(who_name ext "$SYSTEM" $port)" vm-1 "port $port"; done
	is "$(who_name ext "$SYSTEM" 24)" vm-3 "the first goes on"
	for port in 35-50 24; do against ports_free create port_forward name=p vip=vip-for-vpc protocol=tcp vip_ports=$port; done
	made vip name=other network=public
	against one_vip_per_guest create port_forward name=p vip=other protocol=tcp vip_ports=24 nic="$(nic_of vm-1)"
	# Datagrams; who may come.
	made port_forward name=p3 uuid=p3 vip=vip-for-vpc protocol=udp vip_ports=53 nic="$(nic_of vm-1)"
	until_ok udp_ok ext "$SYSTEM" 53
	check weft_c delete port_forward p1
	made port_forward name=p1 uuid=p4 vip=vip-for-vpc protocol=tcp vip_ports=24 target_ports=22 allowed_cidr=10.0.79.0/24 nic="$(nic_of vm-3)"
	until_ok tcp_ok ext "$SYSTEM" 24
	check tcp_no_timeout ext2 "$SYSTEM" 24
	check weft_c delete port_forward p2
	until_ok tcp_no_timeout ext "$SYSTEM" 30
	check tcp_ok ext "$SYSTEM" 24
	outside_is_shut "$SYSTEM" 192.168.10.79 192.168.30.252
	nothing_is_left vr
}

# shares COUNT: "vm-1=N ..." of so many connections to port 80 of "$vip".
shares() {
	local n
	for n in $(seq "$1"); do who_name ext "$vip" 80; done | sort | uniq -c | awk '{ print $2 "=" $1 }' | xargs
}
shares_are() { [ "$(shares "$1")" = "$2" ]; }

case_a_balancer_over_three_subnets() {
	local vip name pid
	needs_program haproxy openssl
	one_vpc
	vip=$(free_public 120)
	for name in vm-1 vm-3; do serve $name tcp 100; done
	serve vm-2 tcp 100
	pid=$!
	made load_balancer name=lb uuid=lb network=public address="$vip"
	made listener name=l uuid=l load_balancer=lb port=80 target_port=100
	for name in vm-1 vm-2 vm-3; do check weft_c 'do' bind_nic listener l nic="$(nic_of $name)"; done
	until_ok shares_are 3 "vm-1=1 vm-2=1 vm-3=1"
	is "$(shares 9)" "vm-1=3 vm-2=3 vm-3=3" "in turn"
	is "$(reach ext "$vip" "tcp/80 tcp/81 tcp/100" tcp/80)" tcp/80 "nothing beside it"
	against port_free create listener name=again load_balancer=lb port=80 target_port=100
	# From inside: only when that is accepted.
	check tcp_no vm-1 "$vip" 80
	wrong spec.value update global_setting network.private_default value=perhaps
	check weft_c update global_setting network.private_default value=accept
	until_ok tcp_ok vm-1 "$vip" 80
	check weft_c update global_setting network.private_default value=reject
	until_ok tcp_no vm-1 "$vip" 80
	# A member fails, with the usual two checks of 5 s, and comes back; nothing is lost meanwhile.
	kill "$pid"
	until_ok shares_are 2 "vm-1=1 vm-3=1"
	is "$(shares 20)" "vm-1=10 vm-3=10" "without the one that fails"
	serve vm-2 tcp 100
	hold through ext "$vip" 80
	until_ok shares_are 3 "vm-1=1 vm-2=1 vm-3=1"
	# One less, and more again, while a connection goes on.
	check weft_c 'do' unbind_nic listener l nic="$(nic_of vm-3)"
	until_ok shares_are 2 "vm-1=1 vm-2=1"
	check weft_c 'do' bind_nic listener l nic="$(nic_of vm-3)"
	until_ok shares_are 3 "vm-1=1 vm-2=1 vm-3=1"
	hold_ok through || is "$(shares 3)" "" "a connection to another member broke"
	# The last port there is, with a chain of certificates.
	chained_certificate
	made listener name=s uuid=s load_balancer=lb port=65535 target_port=100 protocol=https certificate=chain nics="$(nic_of vm-1),$(nic_of vm-2)"
	until_ok http ext --cacert "$CASE_DIR/root.pem" --resolve "www.example.test:65535:$vip" https://www.example.test:65535/
	wrong spec.port create listener name=x load_balancer=lb port=65536 target_port=100
	check weft_c delete listener s
	until_ok tcp_no ext "$vip" 65535
	check tcp_ok ext "$vip" 80
	check weft_c delete load_balancer lb
	until_ok tcp_no ext "$vip" 80
	is "$(names vip name=lb)" lb "its VIP stays"
	nothing_is_left vr
}

# chained_certificate: the certificate "chain", of an authority between it and root.pem.
chained_certificate() {
	local at=$CASE_DIR
	openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=root -keyout "$at/root.key" -out "$at/root.pem" 2>/dev/null
	openssl req -newkey rsa:2048 -nodes -subj /CN=between -keyout "$at/mid.key" -out "$at/mid.csr" 2>/dev/null
	openssl x509 -req -in "$at/mid.csr" -CA "$at/root.pem" -CAkey "$at/root.key" -CAcreateserial \
		-extfile <(echo basicConstraints=critical,CA:TRUE) -out "$at/mid.pem" 2>/dev/null
	openssl req -newkey rsa:2048 -nodes -subj /CN=www.example.test -keyout "$at/leaf.key" -out "$at/leaf.csr" 2>/dev/null
	openssl x509 -req -in "$at/leaf.csr" -CA "$at/mid.pem" -CAkey "$at/mid.key" -CAcreateserial \
		-extfile <(echo subjectAltName=DNS:www.example.test) -out "$at/leaf.pem" 2>/dev/null
	# The root first: the router puts them in order.
	made certificate name=chain uuid=chain "certificate_pem=$(cat "$at/root.pem" "$at/mid.pem" "$at/leaf.pem")" \
		"private_key_pem=$(cat "$at/leaf.key")"
}

run_cases "$@"
