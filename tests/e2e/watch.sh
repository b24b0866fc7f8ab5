#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Who watches hears of everything that he may see, once, and holds nobody up.
# timeout: 300
. "$(dirname "$0")/../lib/controller.sh"

# watches NAME WHO|- ARGS...: weft watch by the session of WHO (-: as admin, over the socket), until
# the case ends; returns when it has told what there is.
watches() {
	local name=$1 who=$2
	shift 2
	WEFT_SESSIONS=$CONTROLLER/sessions.$who "$WEFT_BIN/weft" -s "unix:$CONTROLLER/socket" watch --json "$@" \
		>"$CASE_DIR/$name" 2>"$CASE_DIR/$name.err" </dev/null &
	until_ok grep -q '"ready"' "$CASE_DIR/$name"
}

# heard NAME: what it was told since it was ready, "EVENT TYPE UUID, ...", but of networks whose addresses
# are counted.
heard() {
	jq -rs 'map(select(.event != "changed" or .type != "l3_network")) | map(.event + if .type then " " + .type + " " + .uuid else "" end) | .[index("ready") + 1:] | join(", ")' "$CASE_DIR/$1"
}
was_told() { grep -F -- "$2" "$CASE_DIR/$1"; }

# has_heard NAME TEXT: nothing else.
has_heard() { [ "$(heard "$1")" = "$2" ]; }

case_what_there_is_and_what_changes() {
	controller_start
	small_cloud
	made vip name=v1 uuid=v1 network=public
	watches all - zone vip account
	watches now - zone vip --from-now
	is "$(jq -r 'select(.event == "present") | .type + " " + .uuid' "$CASE_DIR/all" | paste -sd ,)" \
		"zone zone-1,vip v1,account admin" "what there is"
	is "$(head -n 1 "$CASE_DIR/now")" '{"event":"ready"}' "nothing of it"
	is "$(jq -c 'select(.uuid == "v1") | .object' "$CASE_DIR/all")" "$(weft_c get vip v1 --json | jq -c .object)" "as Get shows it"
	made zone name=Z uuid=z
	check weft_c update zone z name=ZZ
	check weft_c update zone z name=ZZ
	made cluster name=c uuid=c zone=z
	check weft_c delete zone z --dry-run
	deny weft_c create vip name=v2 uuid=v2 network=public address="$(field vip v1 address)"
	check weft_c delete cluster c
	check weft_c delete zone z
	check weft_c password admin <<<"admin-secret"
	until_ok has_heard all "created zone z, changed zone z, deleted zone z, changed account admin"
	until_ok has_heard now "created zone z, changed zone z, deleted zone z"
	is "$(jq -r 'select(.event == "changed" and .uuid == "z") | .object.name' "$CASE_DIR/now")" ZZ "as it is now"
	is "$(jq -r 'select(.event == "changed" and .uuid == "admin") | .object.password' "$CASE_DIR/all")" "********" "a secret"
	is "$(api Watch '{"types": ["zone"]}')" 'InvalidField {"path": "more", "reason": "it is a stream: the call has to want more"}' "one answer"
	refused 'types[1]: there is no type "rack"' watch zone rack
	refused 'types[1]: "zone" is named twice' watch zone zone
}

case_accounts_see_their_own() {
	controller_start
	small_cloud
	tenant a
	tenant b
	check weft_c 'do' share l3_network public all=true
	watches a a vip vip_qos l3_network ip_range
	watches b b vip vip_qos l3_network ip_range
	check as a made vip name=v uuid=v network=public
	check as a made vip_qos uuid=q vip=v up_mbps=1
	until_ok was_told a '"uuid":"q"'
	# It goes over to another, and its parts with it.
	check weft_c 'do' change_owner vip v account=b
	until_ok has_heard a "created vip v, created vip_qos q, deleted vip v, deleted vip_qos q"
	until_ok has_heard b "created vip v, created vip_qos q"
	# What is recalled is not there any more, its ranges neither.
	range=$(weft_c query ip_range l3_network=public --json | jq -r '.objects[0].uuid')
	check weft_c 'do' recall l3_network public all=true
	until_ok has_heard a "created vip v, created vip_qos q, deleted vip v, deleted vip_qos q, deleted l3_network public, deleted ip_range $range"
	until_ok has_heard b "created vip v, created vip_qos q, deleted l3_network public, deleted ip_range $range"
	check weft_c 'do' share l3_network public accounts=a
	until_ok was_told a '"created","type":"ip_range"'
	is "$(heard b)" "created vip v, created vip_qos q, deleted l3_network public, deleted ip_range $range" "nothing of what a is lent"
	# What it refers to comes into sight, and goes.
	is "$(of_public a)" "created null" "a reference out of sight"
	check weft_c 'do' share l2_network L2-public accounts=a
	until_ok of_public_is a "changed l2-public"
	check weft_c 'do' recall l2_network L2-public accounts=a
	until_ok of_public_is a "changed null"
	is "$(jq -r 'select(.type == "l3_network") | .uuid' "$CASE_DIR/a" "$CASE_DIR/b" | sort -u)" public "no other network"
	check weft_c delete account b
	until_ok was_told b '"deleted","type":"vip"'
}
of_public() { jq -rs 'map(select(.uuid == "public")) | last | .event + " " + (.object.l2_network | tostring)' "$CASE_DIR/$1"; }
of_public_is() { [ "$(of_public "$1")" = "$2" ]; }

# mirrors: watches while others write, in one connection that reads slowly, one that begins in between, one
# of an account; at the end each has what there is.
mirrors() {
	PYTHONPATH=$LIB python3 -B - "$CONTROLLER/socket" "$(token a)" <<-'END'
		import random, sys
		from varlink import Client
		path, token = sys.argv[1:]
		INTERFACE = "io.weft.Controller"
		TYPES = ["zone", "vm", "route_table"]

		class Mirror:
		    def __init__(self, token=None):
		        self.client = Client(path, INTERFACE)
		        self.token = {"token": token} if token else {}
		        self.client.send("Watch", {"types": TYPES, **self.token}, more=True)
		        self.has, self.resets, self.was_ready, self.ready = {}, 0, False, False
		    def take(self):
		        told = self.client.receive()
		        event, key = told["event"], (told.get("type"), told.get("uuid"))
		        if event == "reset":
		            self.has, self.resets, self.ready = {}, self.resets + 1, False
		        elif event == "ready":
		            self.ready = self.was_ready = True
		        elif event == "deleted":
		            del self.has[key]
		        else:
		            assert (event == "changed") == (key in self.has), (event, key)
		            self.has[key] = told["object"]
		    def until(self, uuid):
		        while not self.ready or not self.has.get(("zone", uuid), {}).get("shared_with_all"):
		            self.take()
		    def check(self, writer):
		        there = {}
		        for kind in TYPES:
		            answer = writer.call("Query", {"type": kind, "limit": 100000, **self.token})
		            there.update({(kind, one["uuid"]): one for one in answer["objects"]})
		        # A write that changes nothing else is not told.
		        for one in list(there.values()) + list(self.has.values()):
		            del one["changed_ms"]
		        other = [(self.has.get(k), there.get(k)) for k in {**there, **self.has}
		                 if self.has.get(k) != there.get(k)]
		        assert not other, other[:3]

		writer = Client(path, INTERFACE)
		def call(method, kind, **more):
		    return writer.call(method, {"type": kind, **more})
		call("Create", "zone", spec={"name": "z", "uuid": "z"})
		call("Create", "cluster", spec={"name": "c", "uuid": "c", "zone": "z"})
		random.seed(7)
		# More than is sent at once: most mirrors are at their beginning all the time.
		for i in range(700):
		    call("Create", "route_table", spec={"name": f"g{i}", "uuid": f"g{random.randrange(10**6)}-{i}",
		                                        "description": "x" * 2000})
		mirrors, groups = [], [one["uuid"] for one in call("Query", "route_table", limit=1000)["objects"]]
		for i in range(900):
		    if i % 60 == 0:
		        mirrors.append(Mirror(token if i % 120 else None))
		    for mirror in mirrors:
		        if i % 7 == 0 and not mirror.was_ready:
		            mirror.take()
		    which = random.randrange(5)
		    if which == 0:
		        call("Delete", "route_table", uuid=groups.pop(random.randrange(len(groups))))
		    elif which == 1:
		        uuid = f"n{random.randrange(10**6)}-{i}"
		        call("Create", "route_table", spec={"name": f"n{i}", "uuid": uuid})
		        groups.append(uuid)
		    elif which == 2:
		        call("Action", "route_table", uuid=random.choice(groups), action="change_owner",
		             parameters={"account": random.choice(["a", "admin"])})
		    else:
		        call("Update", "route_table", uuid=random.choice(groups), spec={"name": f"u{i}"})
		def end_with(uuid):
		    call("Create", "zone", spec={"name": uuid, "uuid": uuid})
		    call("Action", "zone", uuid=uuid, action="share", parameters={"all": True})
		end_with("last")
		for mirror in mirrors:
		    mirror.until("last")
		    mirror.check(writer)
		    assert mirror.resets == 0
		print("the same", len(mirrors))

		# Who does not read falls behind; nobody waits for him, and nothing is kept for him.
		slow, quick = Mirror(), Mirror()
		quick.until("last")
		text = "x" * 2000
		for i in range(200):
		    call("Create", "vm", spec={"name": f"v{i}", "uuid": f"v{i}", "cluster": "c", "description": text})
		for i in range(6000):
		    call("Update", "vm", uuid=f"v{i % 200}", spec={"description": text + str(i)})
		    while len(quick.has) and ("vm", f"v{i % 200}") not in quick.has:
		        quick.take()
		    quick.take()
		end_with("end")
		for mirror in slow, quick:
		    mirror.until("end")
		    mirror.check(writer)
		assert slow.resets and not quick.resets, (slow.resets, quick.resets)
		print("reset", slow.resets)
	END
}

case_nothing_is_missed() {
	controller_start
	tenant a
	check weft_c update account a quota_route_table=1000
	mirrors >"$CASE_DIR/mirrors" || fail "$(cat "$CASE_DIR/mirrors")"
	cat "$CASE_DIR/mirrors"
	is "$(head -n 1 "$CASE_DIR/mirrors")" "the same 15" "mirrors"
	check grep -q '^reset' "$CASE_DIR/mirrors"
	sed -n 's/^VmHWM: *//p' "/proc/$(cat "$CONTROLLER/pid")/status"
}

ended() { grep -qF -- "$2" "$CASE_DIR/$1.err"; }

case_a_session_that_ends_ends_it() {
	local who
	controller_start
	for who in out password expires stays deleted; do
		tenant $who
		watches $who $who vip
	done
	check as out weft_c logout
	until_ok ended out "it is over"
	check weft_c password password <<<"another-secret"
	until_ok ended password "it is over"
	check weft_c delete account deleted
	until_ok ended deleted "it is over"
	is "$(cat "$CASE_DIR/stays.err")" "" "who is still logged in"
	# Also what was long enough when it began.
	check weft_c update global_setting session.timeout_s value=60
	is "$(cat "$CASE_DIR/expires.err")" "" "not over yet"
	sql "update session set created_ms = created_ms - 59000 where account = 'expires'"
	check weft_c update global_setting session.timeout_s value=61
	until_ok ended expires "it is over"
	is "$(cat "$CASE_DIR/stays.err")" "" "who is still logged in"
	controller_kill -TERM
	check grep -q . "$CASE_DIR/stays.err"
}

case_only_so_many() {
	controller_start
	tenant a
	PYTHONPATH=$LIB python3 -B - "$CONTROLLER/socket" "$(token a)" <<-'END'
		import sys
		from varlink import Client, VarlinkError
		held = []
		for _ in range(33):
		    client = Client(sys.argv[1], "io.weft.Controller")
		    client.send("Watch", {"types": ["vip"], "token": sys.argv[2]}, more=True)
		    try:
		        client.receive()
		        held.append(client)
		    except VarlinkError as error:
		        assert error.name == "Busy", error
		assert len(held) == 32, len(held)
		held.pop().close()
		client = Client(sys.argv[1], "io.weft.Controller")
		client.send("Watch", {"types": ["vip"], "token": sys.argv[2]}, more=True)
		client.receive()
	END
}

run_cases "$@"
