#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Keys of certificates and tunnels: recognisable ones, which then are nowhere but in the document's
# own store and, a certificate's, in the file that HAProxy reads; both are root's alone.
. "$(dirname "$0")/../lib/balance.sh"

PSK=psk-that-nobody-may-see
DIR=$CASE_DIR/vr/vrouter

# A line from the middle of a key: whatever is shown of it has that.
key_line() { sed -n 3p "$CASE_DIR/$1.key"; }

tunnel() { # PSK
	echo "{\"uuid\": \"tunnel-1\", \"vip\": \"vip-1\", \"local_cidrs\": [\"192.168.10.0/24\"],
		\"remote_address\": \"10.0.80.5\", \"remote_cidrs\": [\"192.168.99.0/24\"],
		\"auth\": {\"mode\": \"psk\", \"psk\": \"$1\"}}"
}

https() {
	listener "$ALL" ', "certificate": "cert-www.example.test"' |
		sed 's/"tcp"/"https"/; s/"port": 80/"port": 443/'
}

# said NAME COMMAND...: whatever it says, also when it fails.
said() {
	local name=$1
	shift
	"$@" >>"$CASE_DIR/$name.said" 2>&1 || true
}

# Whatever the daemon says when it is asked, in any way.
ask_everything() {
	local method
	for method in Get Status Counters; do said "$method" weft_call vrouter vr $method; done
	said explain weft_router vr explain 10.0.79.68 $VIP tcp/443
	said explain weft_router vr explain 192.168.10.79 192.168.99.7 icmp
	for method in show status counters "reconcile --dry-run"; do
		# shellcheck disable=SC2086 # the words of the command
		said cli weft_router vr $method
		# shellcheck disable=SC2086 # likewise
		said cli weft_router vr $method --json
	done
	said metrics on vr curl -sS --unix-socket "$CASE_DIR/metrics" http://localhost/metrics
}

# Documents that are refused, the secret being near what is wrong, or what is wrong itself.
be_wrong() {
	local key
	key=$(jq -Rs . <"$CASE_DIR/www.example.test.key")
	said wrong weft_call vrouter vr Patch "{\"base_revision\": 0, \"upsert\": {\"ipsec\": [
		$(tunnel "$PSK" | sed 's/"psk": \("[^"]*"\)/"psk": [\1]/')]}}"
	said wrong weft_call vrouter vr Patch "{\"base_revision\": 0, \"upsert\": {\"ipsec\": [
		$(tunnel "$PSK" | sed 's/"mode": "psk"/"mode": "certificate"/')]}}"
	said wrong weft_call vrouter vr Patch "{\"base_revision\": 0, \"upsert\": {\"ipsec\": [
		$(tunnel "$PSK" | sed 's/"psk": "\([^"]*\)"/"psk": "\1", "old": "\1"/')]}}"
	said wrong weft_call vrouter vr Patch "{\"base_revision\": 9, \"upsert\": {\"ipsec\": [
		$(tunnel "$PSK")]}}"
	said wrong weft_call vrouter vr Patch "{\"base_revision\": 0, \"upsert\": {\"certificates\": [
		{\"uuid\": \"c\", \"certificate_pem\": $key, \"private_key_pem\": $key}]}}"
	said wrong weft_call vrouter vr Patch "{\"base_revision\": 0, \"upsert\": {\"certificates\": [
		{\"uuid\": \"c\", \"certificate_pem\": \"\", \"private_key_pem\": {\"pem\": $key}}]}}"
	# No JSON: what is wrong begins with the secret.
	echo "{\"revision\": 1, \"ipsec\": [{\"psk\" \"$PSK\"}]}" | said wrong weft_router vr apply -
	said wrong weft_call vrouter vr Patch "{\"base_revision\": 0, \"upsert\": {\"psk\" \"$PSK\"}}"
	check [ "$(grep -c . "$CASE_DIR/wrong.said")" -ge 8 ]
}

# Files are named and not shown: a failed test would tell the secret to its log.
files_with() { # SECRET FILE...
	local secret=$1
	shift
	grep -lF -e "$secret" "$@" 2>/dev/null || true
}

nobody_sees() { # SECRET
	[ -z "${TELL:-}" ] || cat "$CASE_DIR/wrong.said"
	is "$(files_with "$1" "$CASE_DIR"/*.said "$DIR/log")" "" "replies and logs with a secret"
	is "$(files_with "$1" /proc/[0-9]*/cmdline /proc/[0-9]*/environ)" "" "processes with a secret"
	# Nor a digest, which a list of words could be tried with.
	is "$(files_with "$(printf %s "$1" | sha256sum | cut -c 1-32)" "$CASE_DIR"/*.said)" "" "digests"
}

case_nobody_sees_them() {
	local secret
	needs_program openssl
	world
	router_kill vr
	router_start vr --debug --metrics "unix:$CASE_DIR/metrics"
	certificates www.example.test >"$CASE_DIR/certificates.json"
	document "$(https)" ", \"certificates\": $(cat "$CASE_DIR/certificates.json"),
		\"ipsec\": [$(tunnel "$PSK")]" >"$CASE_DIR/wanted.json"
	said apply router_apply vr "$CASE_DIR/wanted.json"
	until_ok http ext --cacert "$CASE_DIR/www.example.test.pem" \
		--resolve "www.example.test:443:$VIP" https://www.example.test/
	ask_everything
	be_wrong
	router_kill vr -9
	router_start vr --debug --metrics "unix:$CASE_DIR/metrics"
	ask_everything
	check grep -q weft_revision "$CASE_DIR/metrics.said"
	is "$(files_with tunnel-1 "$CASE_DIR"/Get.said)" "$CASE_DIR/Get.said" "what is looked for is found"
	for secret in "$PSK" "$(key_line www.example.test)"; do
		check [ "${#secret}" -gt 20 ]
		nobody_sees "$secret"
		# They are where they must be, and nowhere else; others may read nothing of it.
		check [ -n "$(files_with "$secret" -r "$DIR/state")" ]
	done
	is "$(files_with "$PSK" -r "$DIR/run")" "" "services' files with the tunnel's key"
	is "$(files_with "$(key_line www.example.test)" -r "$DIR/run")" \
		"$DIR/run/haproxy/certificates/cert-www.example.test.pem" "files with the certificate's key"
	is "$(find "$DIR/state" "$DIR/run" -type f -perm /077)" "" "files that others may read"
	is "$(stat -c %a "$DIR/run/haproxy/certificates")" 700 "their folder"
}

is_forgotten() { [ -z "$(files_with "$1" -r "$DIR/run")" ]; }

# A certificate that goes takes its key's file along.
case_removed_with_its_certificate() {
	needs_program openssl
	world
	document "$(https)" ", \"certificates\": $(certificates www.example.test)" >"$CASE_DIR/wanted.json"
	check router_apply vr "$CASE_DIR/wanted.json" >/dev/null
	check [ -e "$DIR/run/haproxy/certificates/cert-www.example.test.pem" ]
	check weft_call vrouter vr Patch '{"base_revision": 0, "remove": {"load_balancers": ["lb-1"],
		"certificates": ["cert-www.example.test"]}}' >/dev/null
	until_ok is_forgotten "$(key_line www.example.test)"
}

run_cases "$@"
