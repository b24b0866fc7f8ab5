#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The controller over HTTPS: the same calls as over its socket, with a status; and what comes in that
# is no call at all.
# timeout: 600
. "$(dirname "$0")/../lib/controller.sh"

API=https://127.0.0.1:8443/api/v1

# rest_start [OPTION...]
rest_start() {
	controller_options --https 127.0.0.1:8443 "$@"
	controller_start
}

# curl_c ARGS...: that believes the controller's own certificate.
curl_c() { curl -sS -m 60 --cacert "$CONTROLLER/state/https.pem" "$@"; }

# rest VERB PATH [BODY]: "STATUS BODY" as whoever is in TOKEN.
rest() {
	local verb=$1 path=$2
	shift 2
	curl_c -X "$verb" -H "Authorization: Bearer ${TOKEN:-none}" -o "$CASE_DIR/body" -w '%{http_code} ' \
		${1+--data-binary "$1"} "$API/$path"
	cat "$CASE_DIR/body"
}

# status WANTED VERB PATH [BODY]
status() {
	local wanted=$1 said
	shift
	said=$(rest "$@")
	echo "$* -> $said"
	is "${said%% *}" "$wanted" "status"
}

# rest_login WHO PASSWORD: a token.
rest_login() { rest POST login "{\"account\": \"$1\", \"password\": \"$2\"}" | cut -d ' ' -f 2- | jq -er .token; }

case_the_same_calls() {
	rest_start
	check weft_c password admin <<<"admin-secret"
	status 401 GET zone
	status 401 POST login '{"account": "admin", "password": "wrong-secret"}'
	status 400 POST login '{"account": "admin"}'
	TOKEN=$(rest_login admin admin-secret)
	status 200 GET zone
	status 201 POST zone '{"name": "机房 & co", "uuid": "z1"}'
	is "$(field zone z1 name)" "机房 & co" "made"
	is "$(rest GET zone/z1 | cut -d ' ' -f 2- | jq -r .object.name)" "机房 & co" "got"
	is "$(rest GET 'zone?q=name=%E6%9C%BA%E6%88%BF+%26+co&fields=uuid&count=true')" '200 {"objects":[{"uuid":"z1"}],"total":1}' "found"
	is "$(rest PATCH zone/z1 '{"name": "z"}' | cut -d ' ' -f 2- | jq -r .object.name)" z "changed"
	is "$(rest POST zone/z1/disable | cut -d ' ' -f 2- | jq -r .object.state)" disabled "an action"
	status 409 DELETE account/admin
	is "$(rest DELETE account/admin | cut -d ' ' -f 2- | jq -r .parameters.rule)" admin_stays "the rule"
	is "$(rest POST zone '{"name": 5}')" '400 {"error":"io.weft.Controller.InvalidField","parameters":{"path":"spec.name","reason":"expected string"}}' "the path"
	is "$(rest DELETE 'zone/z1?dry_run=true' | cut -d ' ' -f 2- | jq -c '[.deleted[].uuid]')" '["z1"]' "would go"
	status 200 GET zone/z1
	status 200 DELETE zone/z1
	is "$(rest GET zone/z1)" '404 {"error":"io.weft.Controller.NotFound","parameters":{"type":"zone","uuid":"z1"}}' "gone"
	is "$(rest GET describe/zone | cut -d ' ' -f 2- | jq -r '.types[0].name')" zone "described"
	status 200 POST logout
	status 401 GET zone
}

case_queries() {
	local n
	rest_start
	small_cloud
	check weft_c password admin <<<"admin-secret"
	TOKEN=$(rest_login admin admin-secret)
	for n in 9 10 11; do made vip name="v$n" network=public address="10.108.10.$n" description='a "b", c'; done
	found() { rest GET "vip?$1" | cut -d ' ' -f 2- | jq -r '[.objects[].name] | join(" ")'; }
	is "$(found 'sort=-address')" "v11 v10 v9" "sorted"
	is "$(found 'sort=address&start=1&limit=1')" "v10" "a part"
	is "$(found 'q=address%3E10.108.10.9&sort=address')" "v10 v11" "order"
	is "$(found 'q=address%3E=10.108.10.10&q=address!=10.108.10.10')" "v11" "two at once"
	is "$(found 'q=address+in+10.108.10.9,10.108.10.11&sort=address')" "v9 v11" "in"
	is "$(found 'q=name+like+v1%25&sort=address')" "v10 v11" "like"
	is "$(found 'q=own_router+is+null&q=network.l2_network.name=L2-public&limit=1')" "v9" "through references"
	is "$(curl_c -H "Authorization: Bearer $TOKEN" -H 'Accept: text/csv' "$API/vip?fields=name,address,description&sort=address&limit=2" | tr -d '\r' | paste -sd '|')" \
		'name,address,description|v9,10.108.10.9,"a ""b"", c"|v10,10.108.10.10,"a ""b"", c"' "as CSV"
	is "$(weft_c query vip --csv --fields name,address,description --sort address --limit 2 | tr -d '\r' | paste -sd '|')" \
		'name,address,description|v9,10.108.10.9,"a ""b"", c"|v10,10.108.10.10,"a ""b"", c"' "the same by weft"
	is "$(weft_c query vip --csv --limit 2)" "$(curl_c -H "Authorization: Bearer $TOKEN" -H 'Accept: text/csv' "$API/vip?limit=2")" "all fields"
	deny weft_c query vip --csv --total
	status 400 GET 'vip?q=address'
	status 400 GET 'vip?colour=1'
	status 400 GET 'vip?limit=many'
	status 400 GET 'vip?q=colour=red'
	status 400 GET 'vip?q=name=%ff'
	status 400 GET 'vip?q=name=%00'
}

case_tenants() {
	rest_start
	small_cloud
	check weft_c 'do' share l3_network public all=true
	tenant a
	tenant b
	check weft_c update account a quota_vip=1
	TOKEN=$(rest_login b b-secret)
	status 201 POST vip '{"name": "v", "uuid": "v-b", "network": "public"}'
	TOKEN=$(rest_login a a-secret)
	status 404 GET vip/v-b
	status 404 DELETE vip/v-b
	status 404 POST vip/v-b/change_owner '{"account": "a"}'
	is "$(rest GET 'vip?count=true')" '200 {"objects":[],"total":0}' "none of another's"
	status 403 POST zone '{"name": "z"}'
	status 403 DELETE l3_network/public
	status 403 GET host/host-1/document
	status 404 GET host/host-1
	status 201 POST vip '{"name": "v", "network": "public"}'
	is "$(rest POST vip '{"name": "v", "network": "public"}' | cut -d ' ' -f 2- | jq -r .parameters.rule)" quota "no more of them"
	status 409 POST vip '{"name": "v", "network": "public"}'
	is "$(weft_c query audit account=a method=Create result=ok --json | jq -r '.objects[0].address')" 127.0.0.1 "from where"
	check weft_c password a <<<"another-secret"
	status 401 GET vip
}

case_what_is_no_call() {
	local deep
	rest_start
	check weft_c password admin <<<"admin-secret"
	TOKEN=$(rest_login admin admin-secret)
	status 404 GET rack
	status 404 GET zone/a/b/c
	status 404 GET zone//x
	is "$(curl_c -w '%{http_code}' -o /dev/null https://127.0.0.1:8443/)" 404 "nothing else is served"
	status 405 PUT zone/z1 '{}'
	status 405 DELETE zone
	status 405 GET login
	status 400 POST zone nonsense
	status 400 POST zone '[]'
	status 400 POST zone '{"name": "a", "name": "b"}'
	status 400 POST zone $'{"name": "\xff"}'
	status 400 POST zone '{"name": "a\u0000b"}'
	status 400 POST zone '{"name": "a\nb"}'
	status 400 POST zone '{"name": "x", "owner": "a"}'
	deep=$(printf '[%.0s' $(seq 100000))
	printf '{"name": %s' "$deep" >"$CASE_DIR/deep"
	status 400 POST zone "@$CASE_DIR/deep"
	status 404 GET "zone/%ff"
	status 404 GET "zone/x%00y"
	is "$(rest GET "zone?q=name=x'+OR+'1'='1")" '200 {"objects":[]}' "SQL in a value"
	status 400 GET 'zone?q=name"+OR+1=1'
	is "$(names zone)" "" "nothing was made"
	TOKEN="$TOKEN'--" status 401 GET zone
	TOKEN=$(printf 'f%.0s' $(seq 64)) status 401 GET zone
	TOKEN=$(printf 'f%.0s' $(seq 10000)) status 401 GET zone
}

# Speaks TLS by hand: "huge" announces a body of 1 GB and sends what is taken; "chunks" the same
# without announcing it; "slow" asks in 40 connections for what it does not read; "silent" says
# nothing at all. Each prints the status that it got, or what ended it.
by_hand() {
	python3 - "$CONTROLLER/state/https.pem" "$1" "${TOKEN:-none}" <<-'END'
		import signal, socket, ssl, sys
		context = ssl.create_default_context(cafile=sys.argv[1])
		what, token = sys.argv[2:]
		def connect():
		    plain = socket.create_connection(("127.0.0.1", 8443), timeout=60)
		    plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
		    return context.wrap_socket(plain, server_hostname="127.0.0.1")
		head = f"POST /api/v1/zone HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
		def body(stream, before, after):
		    block, sent = b" " * 65536, 0
		    try:
		        while sent < 1 << 30:
		            stream.sendall(before + block + after)
		            sent += len(block)
		    except OSError as error:
		        return f"cut after {sent >> 20} MB" if sent < 1 << 28 else "cut late"
		    return "took it all"
		if what in ("huge", "chunks"):
		    stream = connect()
		    more = f"Content-Length: {1 << 30}" if what == "huge" else "Transfer-Encoding: chunked"
		    stream.sendall(f"{head}{more}\r\n\r\n".encode())
		    if what == "huge":
		        print(stream.recv(64).split(b"\r\n")[0].decode())
		    else:
		        print(body(stream, b"10000\r\n", b"\r\n").split(" ")[0])
		else:
		    held = [connect() for _ in range(40)]
		    for stream in held:
		        if what == "slow":
		            stream.sendall(b"GET /api/v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 20)
		    print("held", flush=True)
		    signal.pause()
	END
}

case_too_much() {
	local what pid
	rest_start
	check weft_c password admin <<<"admin-secret"
	TOKEN=$(rest_login admin admin-secret)
	is "$(by_hand huge)" "HTTP/1.1 413 Request Entity Too Large" "1 GB, announced"
	is "$(by_hand chunks)" cut "1 GB, not announced"
	truncate -s 3M "$CASE_DIR/large"
	status 413 POST zone "@$CASE_DIR/large"
	for what in slow silent; do
		by_hand $what >"$CASE_DIR/$what" &
		pid=$!
		until_ok grep -q held "$CASE_DIR/$what"
		status 200 GET zone
		kill $pid
		wait $pid || true
	done
	pid=$(cat "$CONTROLLER/pid")
	sed -n 's/^VmHWM: *//p' "/proc/$pid/status"
	check [ "$(awk '/^VmHWM:/ { print $2 }' "/proc/$pid/status")" -lt 300000 ]
	is "$(curl_c -o /dev/null -w '%{http_code}' -H "X: $(head -c 20000 /dev/zero | tr '\0' x)" "$API/zone")" 400 "headers"
	status 200 GET zone
}

# events NAME QUERY [CURL'S OPTIONS]: server-sent events in $CASE_DIR/NAME, the head in NAME.head; curl is
# $CURL.
events() {
	local name=$1 query=$2
	shift 2
	curl -sSN --cacert "$CONTROLLER/state/https.pem" -D "$CASE_DIR/$name.head" -H "Authorization: Bearer $TOKEN" "$@" \
		"$API/watch?$query" >"$CASE_DIR/$name" 2>"$CASE_DIR/$name.err" </dev/null &
	CURL=$!
	until_ok grep -q '^event: ready' "$CASE_DIR/$name"
}
# data NAME: of its events, one a line.
data() { sed -n 's/^data: //p' "$CASE_DIR/$1"; }
event() { grep -q "^event: $2" "$CASE_DIR/$1"; }
said_nothing() { grep -q '^:$' "$CASE_DIR/$1"; }

case_events() {
	rest_start
	small_cloud
	check weft_c password admin <<<"admin-secret"
	TOKEN=$(rest_login admin admin-secret)
	events all 'type=zone&type=vip'
	events now 'type=zone&from_now=true'
	events again 'type=zone' -H 'Last-Event-ID: 17'
	made zone name=z uuid=z
	check weft_c delete zone z
	for n in all now again; do until_ok event $n deleted; done
	is "$(data all | jq -r '.event + " " + (.uuid // "")' | paste -sd ,)" "present zone-1,ready ,created z,deleted z" "all"
	is "$(data now | jq -r .event | paste -sd ,)" "ready,created,deleted" "from now on"
	is "$(data again | jq -r .event | paste -sd ,)" "reset,present,ready,created,deleted" "after one that broke"
	is "$(sed -n 's/^id: //p' "$CASE_DIR/all" | paste -sd ,)" "1,2,3,4" "numbers"
	is "$(sed -n 's/^event: //p' "$CASE_DIR/all" | paste -sd ,)" "present,ready,created,deleted" "names"
	is "$(data all | jq -c 'select(.event == "present") | .object')" "$(weft_c get zone zone-1 --json | jq -c .object)" "as Get shows it"
	check grep -qi '^content-type: text/event-stream' "$CASE_DIR/all.head"
	until_ok said_nothing now
	status 400 GET 'watch'
	status 400 GET 'watch?type=rack'
	status 400 GET 'watch?type=zone&colour=red'
	status 405 POST 'watch?type=zone' '{}'
	TOKEN=$(printf 'f%.0s' $(seq 64)) status 401 GET 'watch?type=zone'
	status 200 POST logout
	until_ok event now error
	check wait $CURL
	is "$(data now | tail -n 1 | jq -r .error)" io.weft.Controller.Unauthenticated "why it ended"
}

case_events_for_who_is_slow() {
	local n pid text
	rest_start
	small_cloud
	check weft_c password admin <<<"admin-secret"
	TOKEN=$(rest_login admin admin-secret)
	text=$(head -c 2000 /dev/zero | tr '\0' x)
	made vm name=v uuid=v cluster=Cluster-1
	events slow 'type=vm'
	pid=$CURL
	kill -STOP $pid
	for n in $(seq 12000); do
		echo "Update {\"type\": \"vm\", \"uuid\": \"v\", \"spec\": {\"description\": \"$n $text\"}}"
	done >"$CASE_DIR/calls"
	check calls <"$CASE_DIR/calls"
	sed -n 's/^VmHWM: *//p' "/proc/$(cat "$CONTROLLER/pid")/status"
	check [ "$(awk '/^VmHWM:/ { print $2 }' "/proc/$(cat "$CONTROLLER/pid")/status")" -lt 150000 ]
	kill -CONT $pid
	until_ok event slow reset
	until_ok last_is_ready slow
	is "$(data slow | jq -r 'select(.object) | .object.description[0:5]' | tail -n 1)" 12000 "as it is now"
	check [ "$(data slow | wc -l)" -lt 12000 ]
	# Who goes away leaves nothing behind.
	kill -9 $pid
	until_ok nobody_watches
}
last_is_ready() { [ "$(data "$1" | tail -n 1)" = '{"event":"ready"}' ]; }
nobody_watches() { ! ss -Htn state established '( sport = :8443 )' | grep -q .; }

case_certificates() {
	local before
	rest_start
	is "$(stat -c %a "$CONTROLLER/state/https.key")" 600 "the key is nobody else's"
	before=$(sha256sum <"$CONTROLLER/state/https.pem")
	deny curl -sS -m 10 "$API/openapi.json"
	deny curl_c --tlsv1.0 --tls-max 1.1 "$API/openapi.json"
	check curl_c -o /dev/null --tls-max 1.2 "$API/openapi.json"
	deny curl -sS -m 10 http://127.0.0.1:8443/api/v1/openapi.json
	controller_kill -9
	rest_start
	is "$(sha256sum <"$CONTROLLER/state/https.pem")" "$before" "made once"
	controller_kill -TERM
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$CASE_DIR/own.key" -out "$CASE_DIR/own.pem" \
		-days 2 -subj /CN=own -addext subjectAltName=IP:127.0.0.1 2>/dev/null
	rest_start --https-certificate "$CASE_DIR/own.pem" --https-key "$CASE_DIR/own.key"
	check curl -sS -m 60 --cacert "$CASE_DIR/own.pem" -o /dev/null "$API/openapi.json"
	controller_kill -TERM
	for wrong in "--https-certificate $CASE_DIR/own.pem" "--https-certificate $CASE_DIR/own.pem --https-key $CONTROLLER/state/https.key" \
		"--https-certificate /nowhere --https-key $CASE_DIR/own.key"; do
		# shellcheck disable=SC2086
		deny timeout "$PATIENCE" "$WEFT_BIN/controllerd" --state-dir "$CONTROLLER/state" --socket "unix:$CONTROLLER/socket" --https 127.0.0.1:8443 $wrong
	done
}

case_openapi() {
	rest_start
	curl_c "$API/openapi.json" >"$CASE_DIR/openapi.json"
	check python3 - "$CASE_DIR/openapi.json" /usr/share/openapi-specification/schemas/v3.0/schema.json <<-'END'
		import json, sys
		import jsonschema
		document, schema = (json.load(open(name)) for name in sys.argv[1:])
		jsonschema.Draft4Validator(schema).validate(document)
	END
	is "$(jq -r '.paths | has("/vip") and has("/vip/{uuid}") and has("/l2_network/{uuid}/attach_cluster")' "$CASE_DIR/openapi.json")" true "paths"
	is "$(jq -r '.paths["/used_address"] | has("post")' "$CASE_DIR/openapi.json")" false "not what is the controller's own"
	# What it says of one type is what the type takes.
	is "$(jq -c '.components.schemas.L2Network.properties.vlan | [.type, .minimum, .maximum]' "$CASE_DIR/openapi.json")" '["integer",1,4094]' "a field"
	is "$(jq -r '[.. | objects | select(has("$ref")) | .["$ref"]] | unique | .[]' "$CASE_DIR/openapi.json" | sed 's,^#/,,; s,/,.,g' |
		while read -r name; do jq -r --arg name "$name" 'getpath($name | split(".")) | if . then empty else "missing" end' "$CASE_DIR/openapi.json"; done)" \
		"" "every reference leads somewhere"
}

run_cases "$@"
