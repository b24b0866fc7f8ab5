# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Small networks in a few lines: the words that cases in tests/net and tests/vm are written in.
# README.md beside this file explains each of them.
#
# A case runs in namespaces of its own (network, mount, process): when it ends, whichever way, the
# kernel takes its networks, processes and files down with it.
set -euo pipefail

LIB=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(cd "$LIB/../.." && pwd)
TEST_FILE=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")
WEFT_BIN=${WEFT_BIN:-$ROOT/build/bin}
SLOWNESS=${WEFT_SLOWNESS:-1}
PATIENCE=$((30 * SLOWNESS)) # seconds that an event may take
CASE_DIR=/run/case          # private to the case, gone with it
export WEFT_BIN

# ---- saying what must be -------------------------------------------------------------------

# Ends the case, also from within a command substitution of a check's arguments.
fail() {
	echo "FAILED: $*" >&2
	exit 1
}

skip() {
	echo "SKIP: $*"
	exit 77
}

check() {
	echo "+ $*"
	"$@" || fail "$* (status $?)"
}

deny() {
	echo "! $*"
	if "$@"; then fail "should have failed: $*"; fi
}

# is GOT WANTED [WHAT]: two texts are the same.
is() {
	echo "= ${3:-text}: $1"
	[ "$1" = "$2" ] || fail "${3:-text}: got '$1', wanted '$2'"
}

# until_ok CMD...: waits for an event, never for a time.
until_ok() {
	local end=$((SECONDS + PATIENCE)) last=$CASE_DIR/until.$BASHPID

	echo "~ $*"
	until "$@" >"$last" 2>&1; do
		if [ "$SECONDS" -ge "$end" ]; then
			cat "$last"
			fail "never happened: $*"
		fi
		sleep 0.1
	done
	cat "$last"
}

until_no() {
	until_ok not "$@"
}

not() {
	! "$@"
}

# ---- nodes, wires, switches ----------------------------------------------------------------

# node NAME...: empty machines.
node() {
	local name
	for name; do
		ip netns add "$name"
		ip -n "$name" link set lo up
		# Addresses are usable at once; routers of the test answer ARP only for themselves.
		on "$name" sh -c '
			cd /proc/sys/net/ipv6/conf 2>/dev/null || exit 0
			echo 0 >default/accept_dad; echo 0 >all/accept_dad; echo 0 >default/accept_ra'
		mkdir -p "$CASE_DIR/$name"
	done
}

# on NAME CMD...: runs a program there.
on() {
	local name=$1
	shift
	ip netns exec "$name" "$@"
}

# start NAME NODE CMD...: runs it in the background, its output in $CASE_DIR/NAME.log; its process
# is $STARTED. (In "on NODE CMD &" the shell's $! would be a shell between.)
start() {
	local name=$1 node=$2
	shift 2
	ip netns exec "$node" "$@" >>"$CASE_DIR/$name.log" 2>&1 </dev/null &
	# shellcheck disable=SC2034 # for the cases
	STARTED=$!
}

# Comma separated addresses, or - for none.
give_addresses() { # NODE LINK ADDRESSES
	local address
	[ "$3" != - ] || return 0
	for address in ${3//,/ }; do
		case $address in
		*:*) ip -n "$1" addr add "$address" dev "$2" nodad ;;
		*) ip -n "$1" addr add "$address" dev "$2" ;;
		esac
	done
}

# wire A ADDRESSES B ADDRESSES: a cable. Each end is named after its peer.
wire() {
	ip -n "$1" link add name "$3" type veth peer name "$1" netns "$3"
	ip -n "$1" link set dev "$3" up
	ip -n "$3" link set dev "$1" up
	give_addresses "$1" "$3" "$2"
	give_addresses "$3" "$1" "$4"
}

# switch NAME [vlan]: a machine that is one bridge, br0; with vlan it heeds 802.1Q tags.
switch() {
	node "$1"
	ip -n "$1" link add br0 type bridge stp_state 0 forward_delay 0 mcast_snooping 0
	if [ "${2:-}" = vlan ]; then ip -n "$1" link set br0 type bridge vlan_filtering 1; fi
	ip -n "$1" link set br0 up
}

# router_nic NODE LINK MAC SWITCH: a NIC without address, down, plugged into a switch. With - as
# LINK the kernel names it, as on a machine whose NICs have no names yet.
router_nic() {
	local port link=$2
	port=$(port_name "$4")
	if [ "$link" = - ]; then link=eth$(on "$1" ls /sys/class/net | grep -c ^eth || true); fi
	ip -n "$4" link add name "$port" type veth peer name "$link" address "$3" netns "$1"
	ip -n "$4" link set dev "$port" alias "to $1 $link" master br0 up
}

# port_name SWITCH: the next free name of a port.
port_name() {
	local n=0
	while ip -n "$1" link show "p$n" >/dev/null 2>&1; do n=$((n + 1)); done
	echo "p$n"
}

# plug NODE SWITCH ADDRESSES [LINK [MAC]]: plugs a node in, link up with addresses. LINK is named
# after the switch unless given.
plug() {
	local link=${4:-$2} mac=${5:-}
	router_nic "$1" "$link" "${mac:-$(mac_of "$1$link")}" "$2"
	ip -n "$1" link set dev "$link" up
	give_addresses "$1" "$link" "$3"
}

# mac_of TEXT: a MAC that is always the same for the text.
mac_of() {
	local sum
	sum=$(printf %s "$1" | md5sum)
	echo "fa:16:${sum:0:2}:${sum:2:2}:${sum:4:2}:${sum:6:2}"
}

# guest NAME SWITCH ADDRESSES [GATEWAY [MAC]]: a virtual machine's stand-in, with eth0.
guest() {
	node "$1"
	plug "$1" "$2" "$3" eth0 "${5:-}"
	if [ -n "${4:-}" ]; then ip -n "$1" route add default via "$4"; fi
}

# guest_port HOST DEVICE NAME MAC: a virtual machine's stand-in whose NIC is DEVICE on HOST, as a
# tap would be; nothing plugs it in and eth0 has no address.
guest_port() {
	ip netns list | grep -q "^$3\b" || node "$3"
	ip -n "$1" link add name "$2" type veth peer name eth0 address "$4" netns "$3"
	ip -n "$3" link set eth0 up
	ip -n "$1" link set dev "$2" up
}

# route NODE ARGS...: adds a route.
route() {
	local name=$1
	shift
	ip -n "$name" route add "$@"
}

# ---- what the kernel must have -------------------------------------------------------------

# needs CAPABILITY...: skips the case where this kernel lacks one.
needs() {
	local capability
	for capability; do
		can "$capability" >/dev/null 2>&1 || skip "kernel lacks $capability"
	done
}

# can CAPABILITY: tries it in a namespace of its own.
can() {
	local ns=can.$1 status=0
	ip netns add "$ns"
	ip -n "$ns" link add v0 type veth peer name v1
	ip -n "$ns" link set v0 up
	can_try "$1" "$ns" || status=$?
	ip netns del "$ns"
	return "$status"
}

can_try() { # CAPABILITY NAMESPACE
	local ns=$2
	case $1 in
	vlan) ip -n "$ns" link add link v0 name v0.5 type vlan id 5 ;;
	bridge_vlan)
		ip -n "$ns" link add br0 type bridge vlan_filtering 1 &&
			ip -n "$ns" link set v0 master br0 &&
			bridge -n "$ns" vlan add dev v0 vid 5
		;;
	bridge | ifb | dummy | wireguard) ip -n "$ns" link add x0 type "$1" ;;
	vxlan) ip -n "$ns" link add x0 type vxlan id 5 dstport 4789 ;;
	vrf) ip -n "$ns" link add x0 type vrf table 10 ;;
	htb) tc -n "$ns" qdisc add dev v0 root handle 1: htb default 1 ;;
	ingress) tc -n "$ns" qdisc add dev v0 ingress ;;
	redirect)
		ip -n "$ns" link add x0 type ifb && tc -n "$ns" qdisc add dev v0 ingress &&
			tc -n "$ns" filter add dev v0 ingress matchall action mirred egress \
				redirect dev x0
		;;
	xfrm) ip -n "$ns" xfrm policy add dir out src 10.9.0.0/16 dst 10.8.0.0/16 tmpl proto esp mode tunnel ;;
	esp)
		ip -n "$ns" xfrm state add src 10.0.0.1 dst 10.0.0.2 proto esp spi 1 mode tunnel \
			enc 'cbc(aes)' 0x00112233445566778899aabbccddeeff \
			auth 'hmac(sha1)' 0x0011223344556677889900112233445566778899
		;;
	bridge_conntrack)
		on "$ns" nft 'table bridge t { chain c { type filter hook forward priority 0; ct state established accept; }; }'
		;;
	flowtable)
		on "$ns" nft 'table inet t { flowtable f { hook ingress priority 0; devices = { v0 }; }; }'
		;;
	nat)
		on "$ns" nft 'table ip t { chain c { type nat hook postrouting priority 100; masquerade; }; }'
		;;
	ipv6) [ -e /proc/sys/net/ipv6 ] ;;
	*) fail "needs: no capability is called '$1'" ;;
	esac
}

# needs_program NAME...: skips the case where a program is not built or installed.
needs_program() {
	local program
	for program; do
		[ -x "$WEFT_BIN/$program" ] || command -v "$program" >/dev/null ||
			skip "program $program is missing"
	done
}

# ---- probes --------------------------------------------------------------------------------

# ping_ok NODE ADDRESS [ping's options]: three answers come.
ping_ok() {
	local name=$1 address=$2
	shift 2
	on "$name" ping -n -q -c 3 -i 0.2 -w $((10 * SLOWNESS)) "$@" "$address" >/dev/null
}

# ping_no NODE ADDRESS [ping's options]: of three requests none is answered.
ping_no() {
	local name=$1 address=$2 said
	shift 2
	said=$(on "$name" ping -n -q -c 3 -i 0.2 -W $((2 * SLOWNESS)) "$@" "$address" 2>&1) || true
	case $said in
	*" 0 received"* | *"unreachable"*) ;;
	*)
		echo "$said"
		return 1
		;;
	esac
}

# ttl_of NODE ADDRESS: the TTL of the answer to a ping.
ttl_of() {
	on "$1" ping -n -c 1 -w $((10 * SLOWNESS)) "$2" | sed -n 's/.* ttl=\([0-9]*\) .*/\1/p'
}

# ask NODE tcp|udp ADDRESS PORT [SOURCE[:PORT]]: the line server's answer.
ask() {
	on "$1" "$LIB/probe.py" "$2" "$3" "$4" $((10 * SLOWNESS)) ${5+"$5"}
}

tcp_ok() { ask "$1" tcp "$2" "$3" ${4+"$4"} >/dev/null; }
udp_ok() { ask "$1" udp "$2" "$3" ${4+"$4"} >/dev/null; }

# who NODE ADDRESS PORT [tcp|udp]: "LOCAL PEER", who answered and whom it saw.
who() { ask "$1" "${4:-tcp}" "$2" "$3" | cut -d ' ' -f 1,2; }

# who_name NODE ADDRESS PORT [tcp|udp]: the name of the node that answered.
who_name() { ask "$1" "${4:-tcp}" "$2" "$3" | cut -d ' ' -f 4; }

# probe_status NODE PROTOCOL ADDRESS PORT: 0 answered, 2 refused, 3 silence, 4 unreachable.
probe_status() {
	local status=0
	on "$1" "$LIB/probe.py" "$2" "$3" "$4" $((2 * SLOWNESS)) || status=$?
	echo "status $status"
	return "$status"
}

ends_with() { # STATUS PROBE...
	local status=0 wanted=$1
	shift
	probe_status "$@" >/dev/null 2>&1 || status=$?
	[ "$status" -eq "$wanted" ] || echo "status $status instead of $wanted"
	[ "$status" -eq "$wanted" ]
}

# Packets are dropped: no RST, no ICMP, nothing.
tcp_no_timeout() { ends_with 3 "$1" tcp "$2" "$3"; }
udp_no_timeout() { ends_with 3 "$1" udp "$2" "$3"; }
# Answered with RST or port unreachable.
tcp_refused() { ends_with 2 "$1" tcp "$2" "$3"; }
udp_refused() { ends_with 2 "$1" udp "$2" "$3"; }
# Any failure.
tcp_no() { ! probe_status "$1" tcp "$2" "$3" >/dev/null 2>&1; }
udp_no() { ! probe_status "$1" udp "$2" "$3" >/dev/null 2>&1; }

# http NODE URL [curl's options]: the page.
http() {
	local name=$1
	shift
	on "$name" curl -sS -m $((10 * SLOWNESS)) "$@"
}

# dns NODE SERVER NAME [TYPE]: the answer's data, one a line.
dns() {
	on "$1" dig +short +time=$((3 * SLOWNESS)) +tries=3 "@$2" "$3" "${4:-A}" </dev/null
}

# ---- listeners and connections -------------------------------------------------------------

# serve NODE tcp PORT... [udp PORT...]: a line server there; a port may be a range 5900-5910.
serve() {
	local name=$1 ready
	shift
	ready=$(mktemp -u "$CASE_DIR/$name/ready.XXXXXX")
	ip netns exec "$name" "$LIB/serve.py" "$ready" "$CASE_DIR/$name/served" "$name" "$@" \
		>>"$CASE_DIR/$name/serve.log" 2>&1 &
	wait_file "$ready" $! "$CASE_DIR/$name/serve.log"
}

# wait_file FILE PID LOG: until FILE is there; fails at once when PID is not.
wait_file() {
	local end=$((SECONDS + PATIENCE))
	until [ -e "$1" ]; do
		if ! kill -0 "$2" 2>/dev/null || [ "$SECONDS" -ge "$end" ]; then
			cat "$3"
			fail "did not start: $3"
		fi
		sleep 0.05
	done
}

# served NODE: what its line server answered so far, "PROTOCOL PORT LOCAL PEER PEER_PORT NAME".
served() { cat "$CASE_DIR/$1/served" 2>/dev/null; }

# hold NAME NODE ADDRESS PORT: opens a TCP connection that stays.
hold() {
	local dir=$CASE_DIR/hold.$1
	mkdir "$dir"
	mkfifo "$dir/ask"
	: >"$dir/answers"
	ip netns exec "$2" "$LIB/probe.py" hold "$3" "$4" $((20 * SLOWNESS)) "$dir/ask" "$dir/answers" \
		>"$dir/log" 2>&1 &
	echo $! >"$dir/pid"
	until_ok grep -q OPEN "$dir/answers"
}

# hold_ok NAME: the connection still carries a question and its answer.
hold_ok() {
	local dir=$CASE_DIR/hold.$1 lines
	lines=$(wc -l <"$dir/answers")
	kill -0 "$(cat "$dir/pid")" || return 1
	# The fifo has no reader when the connection ended just now.
	# shellcheck disable=SC2016 # the inner shell expands it
	timeout $((10 * SLOWNESS)) sh -c 'echo ask >"$1"' - "$dir/ask" || return 1
	until_ok more_lines "$dir/answers" "$lines"
	! tail -n 1 "$dir/answers" | grep BROKEN
}

more_lines() { [ "$(wc -l <"$1")" -gt "$2" ]; }

# is_neighbour NODE LINK ADDRESS: ARP finds it there.
is_neighbour() {
	ip -n "$1" route replace "$3" dev "$2"
	on "$1" ping -q -c 1 -W $((3 * SLOWNESS)) "$3" >/dev/null || true
	ip -n "$1" neigh show "$3" dev "$2" | grep lladdr
}

# capture_start NAME NODE LINK [FILTER...]: returns when tcpdump listens. Then capture_stop NAME,
# capture_text NAME [FILTER...], at any time capture_has.
capture_start() {
	local name=$1 node=$2 link=$3
	shift 3
	ip netns exec "$node" tcpdump -Z root -U --immediate-mode -n -i "$link" -w "$CASE_DIR/$name.pcap" "$@" \
		>"$CASE_DIR/$name.tcpdump" 2>&1 &
	echo $! >"$CASE_DIR/$name.pid"
	until_ok grep -q "listening on" "$CASE_DIR/$name.tcpdump"
}

capture_stop() {
	local pid
	pid=$(cat "$CASE_DIR/$1.pid")
	kill -TERM "$pid" # a background process of a script ignores SIGINT
	wait "$pid" || true
}

capture_text() {
	local name=$1
	shift
	tcpdump -n -e -r "$CASE_DIR/$name.pcap" "$@" 2>/dev/null
}

# capture_has NAME TEXT [FILTER...]: a packet whose line holds the text was seen.
capture_has() {
	local name=$1 text=$2
	shift 2
	grep -qF -- "$text" <<<"$(capture_text "$name" "$@")"
}

# ---- the daemons ---------------------------------------------------------------------------

# daemon_start KIND NODE [ARGS...]: KIND is vrouter or hostnet. State outlives a kill.
daemon_start() {
	daemon_begin "$@"
	daemon_answers "$1" "$2"
}

daemon_begin() { # as daemon_start, and does not wait
	local kind=$1 name=$2 dir=$CASE_DIR/$2/$1
	shift 2
	[ -x "$WEFT_BIN/${kind}d" ] || skip "program ${kind}d is missing"
	mkdir -p "$dir/state" "$dir/run"
	ip netns exec "$name" "$WEFT_BIN/${kind}d" --state-dir "$dir/state" --run-dir "$dir/run" \
		--socket "unix:$dir/socket" "$@" >>"$dir/log" 2>&1 &
	echo $! >"$dir/pid"
}

daemon_answers() { # KIND NODE
	local end=$((SECONDS + PATIENCE)) dir=$CASE_DIR/$2/$1
	until weft_at "$1" "$2" status >/dev/null 2>&1; do
		if ! kill -0 "$(cat "$dir/pid")" 2>/dev/null || [ "$SECONDS" -ge "$end" ]; then
			tail -n 50 "$dir/log"
			weft_at "$1" "$2" status || true
			fail "${1}d on $2 does not answer"
		fi
		sleep 0.05
	done
}

# daemon_kill KIND NODE [SIGNAL]: sends it, and waits until the process is gone.
daemon_kill() {
	local pid
	pid=$(cat "$CASE_DIR/$2/$1/pid")
	kill "${3:--TERM}" "$pid" || true
	wait "$pid" || true
}

weft_at() { # KIND NODE ARGS...
	local kind=$1 name=$2 word=router
	shift 2
	[ "$kind" = vrouter ] || word=host
	"$WEFT_BIN/weft" -s "unix:$CASE_DIR/$name/$kind/socket" "$word" "$@"
}

# weft_call KIND NODE METHOD [JSON]: any method, e.g. weft_call vrouter vr Counters.
weft_call() {
	local kind=$1 name=$2 method=$3
	shift 3
	case $kind in
	vrouter) method=io.weft.VRouter.$method ;;
	hostnet) method=io.weft.HostNet.$method ;;
	esac
	"$WEFT_BIN/weft" -s "unix:$CASE_DIR/$name/$kind/socket" call "$method" "$@"
}

# apply_at KIND NODE FILE: applies a document; - reads it from standard input.
apply_at() {
	local file=$3
	if [ "$file" = - ]; then
		file=$CASE_DIR/$2/document.json
		cat >"$file"
	fi
	weft_at "$1" "$2" apply "$file"
}

# patch_at KIND NODE MEMBERS: patches at the revision that it holds; nothing of the patch may fail.
patch_at() {
	local revision said
	revision=$(weft_call "$1" "$2" Status | jq -e .revision)
	said=$(weft_call "$1" "$2" Patch "{\"base_revision\": $revision, $3}")
	is "$(jq -c .failures <<<"$said")" "[]" "failures of the patch"
}

# object_at KIND NODE UUID FIELD: what Status says of an object: health, reason.
object_at() {
	weft_call "$1" "$2" Status | jq -r --arg uuid "$3" ".objects[] | select(.uuid == \$uuid).$4"
}

# in_order_at KIND NODE: what there is, is what is wanted.
in_order_at() {
	weft_at "$1" "$2" reconcile --dry-run --json | jq -ec '.plan, .plan == []'
}

router_start() { daemon_start vrouter "$@"; }
router_kill() { daemon_kill vrouter "$@"; }
router_stop() { daemon_kill vrouter "$1" -TERM; }
router_apply() { apply_at vrouter "$@"; }
router_patch() { patch_at vrouter "$@"; }
router_health() { object_at vrouter "$1" "$2" health; }
router_reason() { object_at vrouter "$1" "$2" reason; }
router_in_order() { in_order_at vrouter "$@"; }
router_log() { cat "$CASE_DIR/$1/vrouter/log"; }
weft_router() { weft_at vrouter "$@"; }
host_start() { daemon_start hostnet "$@"; }
host_kill() { daemon_kill hostnet "$@"; }
host_stop() { daemon_kill hostnet "$1" -TERM; }
host_apply() { apply_at hostnet "$@"; }
host_patch() { patch_at hostnet "$@"; }
host_health() { object_at hostnet "$1" "$2" health; }
host_reason() { object_at hostnet "$1" "$2" reason; }
host_in_order() { in_order_at hostnet "$@"; }
host_log() { cat "$CASE_DIR/$1/hostnet/log"; }
weft_host() { weft_at hostnet "$@"; }

# ---- the world outside ---------------------------------------------------------------------

# world_internet: switch sw (the public network 10.0.0.0/8) with inet, ext and ext2 on it.
#
#   inet 10.0.0.1/8     the internet's router; on it also 198.51.100.10 (HTTP, lines, ICMP) and
#                       the DNS servers 223.5.5.5 and 114.114.114.114
#   ext  10.0.79.68/8   a client; ext2 10.0.80.5/8 another
# Nobody here has a route to a private network.
world_internet() {
	local server
	switch sw
	node inet ext ext2
	plug inet sw 10.0.0.1/8
	plug ext sw 10.0.79.68/8
	plug ext2 sw 10.0.80.5/8
	for server in 198.51.100.10 223.5.5.5 114.114.114.114; do
		ip -n inet addr add "$server/32" dev lo
	done
	on inet sysctl -qw net.ipv4.ip_forward=1
	route ext default via 10.0.0.1
	route ext2 default via 10.0.0.1
	serve inet tcp 80 8080 udp 8080
	name_server inet 223.5.5.5 www.example.test=198.51.100.10
	name_server inet 114.114.114.114 www.example.test=198.51.100.10
}

# name_server NODE ADDRESS NAME=ADDRESS...: a DNS server that also answers any TXT with
# "server ADDRESS"; name_server_asked NODE ADDRESS prints the questions that it had.
name_server() {
	local name=$1 address=$2 base=$CASE_DIR/$1/dns.$2
	shift 2
	ip netns exec "$name" "$LIB/dns.py" "$base.ready" "$base.asked" "$address" "$@" >"$base.log" 2>&1 &
	wait_file "$base.ready" $! "$base.log"
}

name_server_asked() { cat "$CASE_DIR/$1/dns.$2.asked"; }

# certificate_of NAME: a certificate for it, NAME.pem and NAME.key in the case's folder.
certificate_of() {
	openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=$1" \
		-addext "subjectAltName=DNS:$1" \
		-keyout "$CASE_DIR/$1.key" -out "$CASE_DIR/$1.pem" 2>/dev/null
}

# ---- running the cases of a file -----------------------------------------------------------

# shellcheck source=tests/lib/case.sh
. "$LIB/case.sh"
