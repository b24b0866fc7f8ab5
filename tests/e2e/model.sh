#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The model through weft and through its socket: objects of any type, queries, wrong input, and
# what must be true after a kill, for many callers at once, and of a database that is not ours.
# timeout: 300
. "$(dirname "$0")/../lib/controller.sh"

case_create_get_update_delete() {
	local uuid
	controller_start
	uuid=$(made zone name=ZONE-1)
	is "$(field zone ZONE-1 uuid)" "$uuid" "found by name"
	is "$(field zone "$uuid" name)" ZONE-1 "found by uuid"
	is "$(field zone ZONE-1 state)" enabled "its default"
	check weft_c update zone ZONE-1 description="a room" name=ZONE-2
	is "$(field zone "$uuid" description)" "a room" "changed"
	check weft_c update zone ZONE-2 description=
	is "$(weft_c get zone ZONE-2 --json | jq .object.description)" null "taken away"
	check weft_c delete zone ZONE-2
	refused "there is no zone ZONE-2" get zone ZONE-2
	is "$(api Get '{"type": "zone", "uuid": "'"$uuid"'"}')" \
		"NotFound {\"type\": \"zone\", \"uuid\": \"$uuid\"}" "typed"
}

case_names_in_utf8_and_of_several() {
	controller_start
	made zone name=机房
	is "$(field zone 机房 name)" 机房 "name"
	check grep -q 机房 <<<"$(weft_c query zone)"
	made zone name=twin
	made zone name=twin
	refused "several zones are called twin" get zone twin
	refused "several zones are called twin" create cluster name=c zone=twin
	is "$(weft_c query zone name=twin --total | tail -n 1)" "2 of 2" "total"
}

case_disabling_goes_down_once() {
	controller_start
	small_cloud
	check weft_c 'do' disable zone ZONE-1
	is "$(field cluster Cluster-1 state) $(field host host1 state)" "disabled disabled" "below"
	check weft_c 'do' enable host host1
	is "$(field host host1 state) $(field host host2 state)" "enabled disabled" "one again"
	is "$(field zone ZONE-1 state)" disabled "not above"
	check weft_c 'do' enable zone ZONE-1
	is "$(field zone ZONE-1 state)" enabled "itself"
	check weft_c 'do' disable zone ZONE-1
	is "$(field cluster "$(made cluster name=new zone=ZONE-1)" state)" enabled "a new one"
}


case_clusters() {
	local n
	controller_start
	made zone name=z
	made cluster name=c1 zone=z description=rack vdi_network=192.168.1.0/24 migration_network=192.168.2.0/24 cpu_model=Haswell
	made cluster name=c2 zone=z
	is "$(weft_c query cluster zone=z --sort name --fields name,state,hypervisor,vdi_network,cpu_model --json | jq -c .objects)" \
		'[{"name":"c1","state":"enabled","hypervisor":"kvm","vdi_network":"192.168.1.0/24","cpu_model":"Haswell"},{"name":"c2","state":"enabled","hypervisor":"kvm"}]' "listed"
	check weft_c update cluster c2 name=c3 vdi_network=192.168.3.0/24 migration_network=192.168.4.0/24 cpu_model=Nehalem description=other
	check weft_c update cluster c3 migration_network=
	is "$(weft_c get cluster c3 --json | jq -c '.object | [.vdi_network, .migration_network, .cpu_model, .description]')" \
		'["192.168.3.0/24",null,"Nehalem","other"]' "changed"
	for n in 1 2; do made host name="h$n" cluster=c1 address="10.0.0.$n"; done
	made host name=h3 cluster=c3 address=10.0.0.3
	check weft_c 'do' disable cluster c1
	is "$(names host state=disabled --sort name)" "h1 h2" "its hosts, no other's"
	check weft_c 'do' enable host h2
	is "$(field cluster c1 state) $(field host h2 state)" "disabled enabled" "one alone"
	check weft_c 'do' enable cluster c1
	is "$(field cluster c1 state) $(field host h1 state)" "enabled disabled" "enabling goes not down"
	check weft_c delete cluster c1
	is "$(names host)" h3 "its hosts go with it"
}

case_queries() {
	local n
	controller_start
	small_cloud
	for n in 9 10 11 100; do made vip name="v$n" network=public address="10.108.10.$n"; done
	is "$(names vip --sort address)" "v9 v10 v11 v100" "addresses sort by what they are"
	is "$(names vip --sort -address --limit 2)" "v100 v11" "the other way round, two"
	is "$(names vip --sort address --start 1 --limit 2)" "v10 v11" "a part"
	is "$(names vip --sort -network)" "$(names vip --sort network | tr ' ' '\n' | tac | xargs)" "equals the other way round, too"
	is "$(names vip 'address>10.108.10.10' --sort address)" "v11 v100" "order"
	is "$(names vip 'address<=10.108.10.10' --sort address)" "v9 v10" "order"
	is "$(names vip 'address in 10.108.10.9,10.108.10.100' --sort address)" "v9 v100" "in"
	is "$(names vip 'address not in 10.108.10.9,10.108.10.100' --sort address)" "v10 v11" "not in"
	is "$(names vip 'name like v1%' --sort address)" "v10 v11 v100" "like"
	is "$(names vip name!=v9 --sort address)" "v10 v11 v100" "not"
	is "$(names vip 'description is null' --limit 1)" "v9" "null"
	check weft_c update vip v10 description=ten
	is "$(names vip 'description is not null')" "v10" "not null"
	is "$(names vip network=public address=10.108.10.9)" "v9" "two at once"
	is "$(names vip network.l2_network.name=L2-public name=v9)" "v9" "through references"
	is "$(names vip network.l2_network.clusters.name=Cluster-1 name=v9)" "v9" "through a list"
	is "$(names vip network.l2_network.clusters.zone.name!=ZONE-1)" "" "through it, none"
	is "$(names l2_network clusters=Cluster-1)" "L2-public" "a list itself"
	is "$(names vip --sort network.name,-name)" "v9 v11 v100 v10" "order through references"
	is "$(names host 'state=enabled' --sort -address)" "host2 host1" "a choice"
	is "$(weft_c query vip --total --limit 1 | tail -n 1)" "1 of 4" "count"
	is "$(weft_c query vip name=v9 --fields name,address --json | jq -c .objects)" \
		'[{"name":"v9","address":"10.108.10.9"}]' "fields"
	is "$(weft_c query vip name=v9 --fields address,name | tr -s ' ' | tail -n 1)" \
		"10.108.10.9 v9" "as a table"
}

# invalid PATH REASON METHOD JSON
invalid() {
	local said
	said=$(api "$3" "$4")
	echo "$said"
	is "$(cut -d ' ' -f 1 <<<"$said")" InvalidField "error of $4"
	is "$(cut -d ' ' -f 2- <<<"$said" | jq -r .path)" "$1" "path"
	check grep -qF -- "$2" <<<"$(cut -d ' ' -f 2- <<<"$said" | jq -r .reason)"
}

# What there is, but for what is written down of calls.
everything() {
	local type
	for type in $(weft_c describe --words types); do
		[ "$type" = audit ] || weft_c query "$type" --json
	done
}

case_wrong_input_changes_nothing() {
	controller_start
	small_cloud
	everything >"$CASE_DIR/before"
	invalid type 'no type "rack"' Create '{"type": "rack", "spec": {"name": "x"}}'
	invalid type "is required" Create '{"spec": {"name": "x"}}'
	invalid spec "is required" Create '{"type": "zone"}'
	invalid spec "expected object" Create '{"type": "zone", "spec": []}'
	invalid colour "unknown parameter" Create '{"type": "zone", "spec": {"name": "x"}, "colour": 1}'
	invalid spec.name "is required" Create '{"type": "zone", "spec": {}}'
	invalid spec.name "of 1 to 255 bytes" Create '{"type": "zone", "spec": {"name": ""}}'
	invalid spec.name "expected string" Create '{"type": "zone", "spec": {"name": 5}}'
	invalid spec.name "control characters" Create '{"type": "zone", "spec": {"name": "a\nb"}}'
	invalid spec.colour "unknown field" Create '{"type": "zone", "spec": {"name": "x", "colour": 1}}'
	invalid spec.state "is set by the controller" Create '{"type": "zone", "spec": {"name": "x", "state": "disabled"}}'
	invalid spec.uuid "a uuid is" Create '{"type": "zone", "spec": {"name": "x", "uuid": "a b"}}'
	invalid spec.zone "there is no zone z9" Create '{"type": "cluster", "spec": {"name": "x", "zone": "z9"}}'
	invalid spec.devices[0].name "is required" Create '{"type": "host", "spec": {"name": "x",
		"cluster": "cluster-1", "address": "10.12.0.9", "devices": [{}]}}'
	invalid spec.zone "cannot be changed" Update '{"type": "cluster", "uuid": "cluster-1", "spec": {"zone": "z9"}}'
	invalid spec.created_ms "is set by the controller" Update '{"type": "zone", "uuid": "zone-1", "spec": {"created_ms": 1}}'
	invalid spec.name "is required" Update '{"type": "zone", "uuid": "zone-1", "spec": {"name": null}}'
	invalid action 'no action "explode"' Action '{"type": "zone", "uuid": "zone-1", "action": "explode"}'
	invalid parameters.cluster "is required" Action '{"type": "l2_network", "uuid": "l2-public", "action": "attach_cluster"}'
	invalid parameters.colour "unknown field" Action '{"type": "zone", "uuid": "zone-1", "action": "enable", "parameters": {"colour": 1}}'
	invalid type "the controller alone" Create '{"type": "used_address", "spec": {}}'
	invalid "conditions[0].field" 'no field "colour"' Query '{"type": "zone", "conditions": [{"field": "colour", "op": "=", "value": 1}]}'
	invalid "conditions[0].field" "leads nowhere" Query '{"type": "zone", "conditions": [{"field": "name.x", "op": "=", "value": 1}]}'
	invalid "conditions[0].op" "is none of" Query '{"type": "zone", "conditions": [{"field": "name", "op": "==", "value": 1}]}'
	invalid "conditions[1].value" "expected string" Query '{"type": "zone", "conditions": [{"field": "name", "op": "=", "value": "x"},
		{"field": "name", "op": "=", "value": 1}]}'
	invalid "conditions[0].value" "expected array" Query '{"type": "zone", "conditions": [{"field": "name", "op": "in", "value": 1}]}'
	invalid "conditions[0].value[1]" "x" Query '{"type": "host", "conditions": [{"field": "address", "op": "in", "value": ["10.0.0.1", "x"]}]}'
	invalid "conditions[0].op" "like is for texts" Query '{"type": "host", "conditions": [{"field": "address", "op": "like", "value": "10.%"}]}'
	invalid "sort[0].field" "no field" Query '{"type": "zone", "sort": ["-colour"]}'
	invalid "fields[1]" "no such field" Query '{"type": "zone", "fields": ["name", "colour"]}'
	invalid "fields[0]" "no such field" Query '{"type": "vip", "fields": ["network.colour"]}'
	invalid "fields[0]" "no such field" Query '{"type": "vip", "fields": ["name.x"]}'
	invalid limit "outside" Query '{"type": "zone", "limit": 0}'
	is "$(api Explode '{}' | cut -d ' ' -f 1)" MethodNotFound "method"
	is "$(api Delete '{"type": "zone", "uuid": "z9"}')" 'NotFound {"type": "zone", "uuid": "z9"}' "delete"
	is "$(api Create '{"type": "zone", "spec": {"name": "x", "uuid": "zone-1"}}' | cut -d ' ' -f 2- | jq -c '[.object, .rule]')" \
		'["zone zone-1","unique"]' "the uuid of another"
	is "$(api Create '{"type": "host", "spec": {"name": "x", "uuid": "h", "cluster": "cluster-1", "address": "10.12.0.1",
		"devices": [{"name": "em01"}]}}' | cut -d ' ' -f 2- | jq -r .reason)" \
		'host-1 has address "10.12.0.1" already' "the address of another"
	check diff "$CASE_DIR/before" <(everything)
}

case_an_object_may_be_given_back_as_it_was_got() {
	controller_start
	small_cloud
	field l2_network L2-public name
	api Get '{"type": "l2_network", "uuid": "l2-public"}' | cut -d ' ' -f 2- |
		jq -c '{type: "l2_network", uuid: "l2-public", spec: (.object | .name = "other")}' >"$CASE_DIR/update"
	check grep -q '^ok' <<<"$(api Update "$(cat "$CASE_DIR/update")")"
	is "$(field l2_network l2-public name)" other "name"
}

case_deleting_tells_what_goes_with_it() {
	controller_start
	small_cloud
	made vip name=web network=public
	weft_c delete l2_network L2-public --dry-run --json |
		jq -r '[.deleted[].type] | join(" ")' >"$CASE_DIR/told"
	is "$(cat "$CASE_DIR/told")" "l2_network l3_network ip_range vip" "told"
	is "$(names vip)" web "nothing is gone yet"
	check weft_c delete l2_network L2-public
	is "$(weft_c query l3_network)$(weft_c query ip_range)$(weft_c query vip)$(weft_c query used_address)" "" "gone"
	is "$(names host --sort name)" "host1 host2" "what stays"
	made l2_network name=L2-b zone=ZONE-1 type=vlan device=em02 vlan=7 clusters=Cluster-1
	check weft_c delete cluster Cluster-1
	is "$(weft_c get l2_network L2-b --json | jq -c .object.clusters)" null "its reference is taken out"
	is "$(names host)" "" "its hosts go with it"
}

case_describes_itself() {
	local text
	controller_start
	text=$(weft_c call org.varlink.service.GetInterfaceDescription '{"interface": "io.weft.Controller"}' |
		jq -r .description)
	check grep -q "^type L2Network (" <<<"$text"
	check grep -q "^  vlan: ?int," <<<"$text"
	check grep -q "^method Query(" <<<"$text"
	check grep -q "^error Refused (" <<<"$text"
	is "$(weft_c describe l2_network --json | jq -c '.types[0].fields[] | select(.name == "vlan") | [.min, .max, .immutable]')" \
		"[1,4094,true]" "a field"
	is "$(weft_c describe cluster --json | jq -c '.types[0].fields[] | select(.name == "zone") | [.target, .required, .at_end]')" \
		'["zone",true,"follows"]' "a reference"
	is "$(weft_c describe zone --json | jq -c '[.types[0].actions[].name]')" '["enable","disable","change_owner","share","recall"]' "actions"
	check grep -q "^network=$" <<<"$(weft_c describe vip --words fields)"
	check grep -q "^attach_cluster$" <<<"$(weft_c describe --words actions)"
	check grep -q "device_on_hosts" <<<"$(weft_c describe l2_network)"
}

# What bash completes after the words.
completed() {
	bash -c 'PATH=$1:$PATH; eval "$(weft completion bash)"; shift
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _weft 2>/dev/null; echo "${COMPREPLY[@]}"' - "$WEFT_BIN" "$@"
}

case_completion_asks_the_controller() {
	controller_start
	export WEFT_CONTROLLER_SOCKET=$CONTROLLER/socket
	is "$(completed weft create zo)" zone "types"
	is "$(completed weft create vip n)" "name= network=" "fields"
	is "$(completed weft 'do' dis)" disable "actions"
	is "$(completed weft 'do' disable clu)" cluster "types of an action"
	is "$(completed weft upd)" update "commands"
}

# Four callers create VIPs and VXLANs at once: each address and VNI is given once.
case_concurrent_callers_never_get_the_same() {
	local n pids=()
	controller_start
	small_cloud
	made vxlan_pool name=pool zone=ZONE-1 start_vni=100 end_vni=299
	for n in 1 2 3 4; do
		PYTHONPATH=$LIB python3 -B - "$CONTROLLER/socket" >"$CASE_DIR/caller$n" <<-'END' &
			import sys
			from varlink import Client
			client = Client(sys.argv[1], "io.weft.Controller")
			pool = client.call("Query", {"type": "vxlan_pool"})["objects"][0]["uuid"]
			for i in range(50):
			    vip = client.call("Create", {"type": "vip", "spec": {"name": "v", "network": "public"}})
			    net = client.call("Create", {"type": "l2_network", "spec": {"name": "n", "type": "vxlan",
			                                                                "vxlan_pool": pool}})
			    print(vip["object"]["address"], net["object"]["vni"])
		END
		pids+=($!)
	done
	for n in "${pids[@]}"; do check wait "$n"; done
	is "$(cat "$CASE_DIR"/caller? | cut -d ' ' -f 1 | sort -u | wc -l)" 200 "addresses"
	is "$(cat "$CASE_DIR"/caller? | cut -d ' ' -f 2 | sort -u | wc -l)" 200 "VNIs"
	is "$(field l3_network public used_addresses)" 200 "counted"
	# The pool is used up now.
	refused "has no free VNI" create l2_network name=n type=vxlan vxlan_pool=pool
}

# What was acknowledged before a kill is there afterwards, and whole.
case_a_kill_loses_nothing_acknowledged() {
	local round
	controller_start
	small_cloud
	: >"$CASE_DIR/acknowledged"
	for round in 1 2 3 4 5; do
		PYTHONPATH=$LIB python3 -B - "$CONTROLLER/socket" >>"$CASE_DIR/acknowledged" <<-'END' &
			import sys
			from varlink import Client
			client = Client(sys.argv[1], "io.weft.Controller")
			try:
			    while True:
			        vip = client.call("Create", {"type": "vip", "spec": {"name": "v", "network": "public"}})
			        print(vip["object"]["uuid"], vip["object"]["address"], flush=True)
			except (ConnectionError, OSError):
			    pass
		END
		until_ok enough $((round * 10))
		controller_kill -9
		wait $! || true
		controller_start
		weft_c query vip --json | jq -r '.objects[] | "\(.uuid) \(.address)"' | sort >"$CASE_DIR/held"
		is "$(sort "$CASE_DIR/acknowledged" | comm -23 - "$CASE_DIR/held")" "" "lost in round $round"
		is "$(field l3_network public used_addresses)" "$(wc -l <"$CASE_DIR/held")" "used addresses"
		is "$(weft_c query used_address --total --limit 1 | tail -n 1)" "1 of $(wc -l <"$CASE_DIR/held")" "addresses written down"
	done
}

enough() { [ "$(wc -l <"$CASE_DIR/acknowledged")" -ge "$1" ]; }

case_the_state_is_one_daemons() {
	local status=0
	controller_start
	timeout "$PATIENCE" "$WEFT_BIN/controllerd" "${CONTROLLER_STATE[@]}" \
		--socket "unix:$CASE_DIR/other" >"$CASE_DIR/said" 2>&1 || status=$?
	is "$status" 1 "status"
	check grep -q "another controllerd has it" "$CASE_DIR/said"
	is "$(stat -c %a "$CONTROLLER/state")" 700 "closed to others"
	[ "${WEFT_DATABASE:-}" = postgresql ] ||
		is "$(stat -c %a "$CONTROLLER/state/controller.db")" 600 "the file too"
}

case_databases_of_other_versions() {
	controller_start
	small_cloud
	made vip name=web network=public
	controller_kill -TERM
	sql 'ALTER TABLE vip DROP COLUMN system'
	sql 'ALTER TABLE account DROP COLUMN quota_vip'
	controller_start
	is "$(names vip system=false)" web "an older one has the new field, with its default"
	is "$(names account quota_vip=20)" admin "a number"
	controller_kill -TERM
	sql 'ALTER TABLE vip ADD COLUMN colour TEXT'
	deny timeout "$PATIENCE" "$WEFT_BIN/controllerd" "${CONTROLLER_STATE[@]}" \
		--socket "unix:$CONTROLLER/socket" 2>"$CASE_DIR/said"
	check grep -q 'a newer version has written it: vip has "colour"' "$CASE_DIR/said"
	sql 'ALTER TABLE vip DROP COLUMN colour'
	controller_start
	is "$(names vip)" web "nothing was lost"
}

run_cases "$@"
