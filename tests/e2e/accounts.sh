#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Accounts: logging in, what one sees and may do of what is others', quotas, what is written down.
# timeout: 600
. "$(dirname "$0")/../lib/controller.sh"

# fails TEXT COMMAND...: with status 1 and this in what it says.
fails() {
	local text=$1 said status=0
	shift
	said=$("$@" 2>&1) || status=$?
	echo "x $* -> $said"
	[ "$status" = 1 ] || fail "status $status of: $* ($said)"
	grep -qF -- "$text" <<<"$said" || fail "no '$text' in: $said"
}

# is_over ACCOUNT: its session has ended.
is_over() {
	local said

	! said=$(as "$1" weft_c query account 2>&1) && grep -qF "it is over" <<<"$said"
}

# error WHO METHOD JSON: the name of the error, or ok.
error() { api "$2" "$(jq -c --arg token "$(token "$1")" '. + {token: $token}' <<<"$3")" | cut -d ' ' -f 1; }

case_logins() {
	controller_start
	fails "name or the password is wrong" logs_in admin some-secret admin
	fails "8 to 1024 bytes" weft_c password admin <<<short
	check weft_c password admin <<<"admin-secret"
	check logs_in admin admin-secret admin
	is "$(stat -c %a "$CONTROLLER/sessions.admin")" 600 "the file is its owner's"
	is "$(as admin names account)" admin "logged in"
	fails "name or the password is wrong" logs_in x admin-secre admin
	fails "name or the password is wrong" logs_in x admin-secret nobody
	fails "name or the password is wrong" logs_in x admin-secret admin nobody
	fails "password is given as @FILE" weft_c create account name=a password=literal-secret
	made account name=t uuid=t password=- <<<"first-secret"
	against unique create account name=t password=- <<<"first-secret"
	wrong spec.password create account name=u
	is "$(api Get '{"type": "account", "uuid": "t"}' | cut -d ' ' -f 2- | jq -r .object.password)" "********" "masked"
	check logs_in t first-secret t
	controller_kill -9
	controller_start
	is "$(as t names account)" t "a session outlives the daemon"
	is "$(cat "$CONTROLLER"/state/* "$CONTROLLER/log" | grep -acE "first-secret|admin-secret|$(token t)" || true)" 0 \
		"neither password nor token is kept"
	cp "$CONTROLLER/sessions.t" "$CONTROLLER/sessions.again"
	check as t weft_c logout
	fails "it is over" as again weft_c query account
	fails "nobody has logged in" as t weft_c logout
	is "$(api Query '{"type": "account", "token": "made-up"}' | cut -d ' ' -f 1)" Unauthenticated "a token of nobody's"
}

case_passwords_end_sessions() {
	controller_start
	tenant t
	check as t made user name=u uuid=u password=- <<<"u-secret-1"
	check logs_in u u-secret-1 t u
	check as t weft_c password t <<<"another-secret"
	fails "it is over" as t weft_c query account
	is "$(as u names account)" t "the user's goes on"
	check logs_in t another-secret t
	fails "name or the password is wrong" logs_in x t-secret t
	check weft_c password t u <<<"u-secret-2"
	fails "it is over" as u weft_c query account
	check logs_in u u-secret-2 t u
	check as t weft_c delete user u
	fails "it is over" as u weft_c query account
	check weft_c password admin <<<"admin-secret"
	check logs_in admin admin-secret admin
	check as admin weft_c password admin <<<"admin-secret-2"
	fails "it is over" as admin weft_c query account
	check logs_in admin admin-secret-2 admin
	check as admin weft_c delete account t
	fails "it is over" as t weft_c query account
}

case_failures_lock_a_name() {
	controller_start
	tenant t
	tenant other
	check weft_c update global_setting login.failures value=3
	for _ in 1 2 3; do fails "name or the password is wrong" logs_in x wrong-secret t; done
	fails "too many logins have failed" logs_in x t-secret t
	for _ in 1 2 3; do fails "name or the password is wrong" logs_in x wrong-secret nobody; done
	fails "too many logins have failed" logs_in x t-secret nobody
	check logs_in x other-secret other
	is "$(as t names account)" t "a session that there is goes on"
	check weft_c update global_setting login.lock_s value=1
	for _ in 1 2; do fails "name or the password is wrong" logs_in x wrong-secret other; done
	check logs_in x other-secret other
	for _ in 1 2; do fails "name or the password is wrong" logs_in x wrong-secret other; done
	check logs_in x other-secret other
	for _ in 1 2 3; do fails "name or the password is wrong" logs_in x wrong-secret other; done
	until_ok logs_in x other-secret other
}

case_settings() {
	controller_start
	tenant t
	is "$(field global_setting session.timeout_s value) $(field global_setting session.timeout_s default)" "7200 7200" "at first"
	is "$(names global_setting category=session basic=true)" session.timeout_s "found"
	wrong spec.value update global_setting session.timeout_s value=0
	wrong spec.value update global_setting session.timeout_s value=long
	wrong spec.default update global_setting session.timeout_s default=5
	against stays delete global_setting session.timeout_s
	fails "there is no global_setting" as t weft_c get global_setting session.timeout_s
	is "$(error t Update '{"type": "global_setting", "uuid": "session.timeout_s", "spec": {"value": "5"}}')" NotFound "not a tenant's"
	is "$(as t names account)" t "logged in"
	check weft_c update global_setting session.timeout_s value=1
	until_ok is_over t
	controller_kill -9
	controller_start
	is "$(field global_setting session.timeout_s value)" 1 "kept"
	check weft_c update global_setting session.timeout_s value=7200
	check logs_in t t-secret t
}

# create TYPE JSON: the same as a line for calls.
create() { echo "Create {\"type\": \"$1\", \"spec\": $2}"; }
lend() { echo "Action {\"type\": \"$1\", \"uuid\": \"$2\", \"action\": \"share\", \"parameters\": {\"all\": true}}"; }

# network NAME VLAN CIDR FIELDS: an L2 network and an L3 network on it.
network() {
	create l2_network "{\"name\": \"L2-$1\", \"uuid\": \"l2-$1\", \"zone\": \"zone-1\", \"type\": \"vlan\", \"device\": \"em01\", \"vlan\": $2, \"clusters\": [\"cluster-1\"]}"
	create l3_network "{\"name\": \"$1\", \"uuid\": \"$1\", \"l2_network\": \"l2-$1\", \"cidr\": \"$3\", $4}"
}

# lent: a zone with a cluster of one host, the networks public, flat and web, an offering, of which
# every account may use all but the host and web; the tenants a and b, each with the guest vm-A, its
# NIC nic-A on flat, the VIP vip-A and the elastic IP eip-A.
lent() {
	local each as
	{
		create zone '{"name": "ZONE-1", "uuid": "zone-1"}'
		create cluster '{"name": "Cluster-1", "uuid": "cluster-1", "zone": "zone-1"}'
		create host '{"name": "host1", "uuid": "host-1", "cluster": "cluster-1", "address": "10.12.0.1", "devices": [{"name": "em01"}]}'
		network public 10 10.108.10.0/24 '"category": "public"'
		network mgt 29 192.168.29.0/24 '"category": "system"'
		network flat 30 172.20.0.0/16 '"category": "private", "architecture": "flat"'
		network web 31 192.168.10.0/24 '"category": "private", "architecture": "flat"'
		create router_image '{"name": "image", "uuid": "image", "url": "http://images/x"}'
		create router_offering '{"name": "offering", "uuid": "offering", "zone": "zone-1", "cpus": 1, "memory_mib": 512, "image": "image", "management_network": "mgt", "public_network": "public"}'
		lend zone zone-1
		lend cluster cluster-1
		lend router_offering offering
		lend l3_network public
		lend l3_network flat
		for each in a b; do
			create account "{\"name\": \"$each\", \"uuid\": \"$each\", \"password\": \"$each-secret\"}"
			echo "Login {\"account\": \"$each\", \"password\": \"$each-secret\"}"
		done
	} | calls
	for each in a b; do
		as=", \"token\": \"$(token "$each")\"}"
		{
			create vm "{\"name\": \"vm-$each\", \"uuid\": \"vm-$each\", \"cluster\": \"cluster-1\"}"
			create nic "{\"uuid\": \"nic-$each\", \"vm\": \"vm-$each\", \"l3_network\": \"flat\"}"
			create vip "{\"name\": \"vip-$each\", \"uuid\": \"vip-$each\", \"network\": \"public\"}"
			create eip "{\"name\": \"eip-$each\", \"uuid\": \"eip-$each\", \"vip\": \"vip-$each\", \"nic\": \"nic-$each\"}"
		} | sed "s/}\$/$as/" | calls
	done
}

case_accounts_do_not_see_each_other() {
	local said
	controller_start
	lent
	is "$(as a names vm) $(as b names vm)" "vm-a vm-b" "each his own"
	is "$(as a names vip) $(as a names eip)" "vip-a eip-a" "his own alone"
	is "$(as a weft_c query nic --json | jq -r '[.objects[].uuid] | join(" ")')" nic-a "also parts"
	is "$(as a weft_c query vm --total --limit 1 | tail -n 1)" "1 of 1" "counted"
	is "$(names vm --sort name)" "vm-a vm-b" "admin all"
	is "$(as a names host) $(as a names l2_network) $(as a names router_image)" "  " "not what is admin's"
	is "$(field vm vm-a owner)" a "whose it is"
	is "$(as a weft_c query used_address --json | jq -r '[.objects[] | .vip // .nic] | sort | join(" ")')" \
		"nic-a vip-a" "addresses of a shared network"
	for said in Get:{} Delete:{} 'Update:{"spec": {"name": "mine"}}' 'Action:{"action": "change_owner", "parameters": {"account": "a"}}'; do
		is "$(error a "${said%%:*}" "$(jq -c '. + {type: "vm", uuid: "vm-b"}' <<<"${said#*:}")")" NotFound "${said%%:*} another's"
		is "$(error a "${said%%:*}" "$(jq -c '. + {type: "nic", uuid: "nic-b"} | if .action then . + {action: "make_default", parameters: {}} else . end' <<<"${said#*:}")")" \
			NotFound "${said%%:*} another's part"
	done
	said=$(api Get "{\"type\": \"vm\", \"uuid\": \"vm-b\", \"token\": \"$(token a)\"}")
	is "$said" "NotFound {\"type\": \"vm\", \"uuid\": \"vm-b\"}" "as if there were none"
	for said in vm-b none; do
		api Create "{\"type\": \"nic\", \"spec\": {\"vm\": \"$said\", \"l3_network\": \"flat\"}, \"token\": \"$(token a)\"}" |
			sed "s/$said/X/" >"$CASE_DIR/said.$said"
	done
	cat "$CASE_DIR/said.vm-b"
	check cmp "$CASE_DIR/said.vm-b" "$CASE_DIR/said.none"
	is "$(error a Create '{"type": "eip", "spec": {"name": "e", "vip": "vip-b"}}')" InvalidField "a reference to another's"
	is "$(error a Create '{"type": "vip_qos", "spec": {"vip": "vip-b", "up_mbps": 1}}')" InvalidField "a part of another's"
	is "$(error a Action '{"type": "eip", "uuid": "eip-a", "action": "bind", "parameters": {"nic": "nic-b"}}')" InvalidField "as a parameter"
	is "$(error a Create '{"type": "vm", "spec": {"name": "v", "cluster": "cluster-1", "networks": ["web"]}}')" InvalidField "in a list"
	is "$(error a Document '{"type": "host", "uuid": "host-1"}')" Forbidden "documents"
}

# None of these tells a tenant what is not his.
case_queries_lead_nowhere_else() {
	local condition
	controller_start
	lent
	check weft_c update vm vm-b description=secret host=host1
	check weft_c update vm vm-a host=host1
	for condition in "uuid = vm-b" "owner = b" "owner.name = b" "owner != a" "owner.name != a" "host = host-1" "host.name = host1" \
		"description = secret" "cluster.zone.owner.name = admin"; do
		# shellcheck disable=SC2086
		set -- $condition
		is "$(api Query "{\"type\": \"vm\", \"conditions\": [{\"field\": \"$1\", \"op\": \"$2\", \"value\": \"$3\"}], \"count\": true, \"token\": \"$(token a)\"}")" \
			'ok {"objects": [], "total": 0}' "$condition"
	done
	is "$(as a names vip network.owner.name=admin)" "" "through whom he does not see"
	is "$(as a names vip network.l2_network.name=L2-public)" "" "through what is not shared"
	is "$(as a names vip network.l2_network.clusters.name=Cluster-1)" "" "through a list of it"
	is "$(as a names vip network.name=public)" vip-a "through what is shared"
	is "$(names vip network.l2_network.name=L2-public name=vip-a)" vip-a "admin goes everywhere"
	check weft_c 'do' share l3_network web accounts=b
	is "$(as b names l3_network shared_with=b)" web "with himself"
	is "$(as a names l3_network name=web)" "" "not with another"
	check weft_c 'do' share l3_network web accounts=a
	is "$(as a names l3_network 'shared_with is not null' 'shared_with.name!=a')" "" "with whom else"
	is "$(as a weft_c get l3_network web --json | jq -c '[.object.shared_with, .object.owner, .object.l2_network]')" \
		'[["a"],null,null]' "references to what he does not see"
	is "$(as a names l3_network 'shared_with is not null' --sort l2_network.name)" web "order by it"
	is "$(as a weft_c query vip --sort network.owner.name --total | tail -n 1)" "1 of 1" "order"
	is "$(error a Query '{"type": "account", "conditions": [{"field": "password", "op": "like", "value": "%"}]}')" InvalidField "hashes"
	is "$(error a Query "{\"type\": \"vm\", \"conditions\": [{\"field\": \"name\\\" OR 1=1 --\", \"op\": \"=\", \"value\": \"x\"}]}")" InvalidField "SQL in a name"
	is "$(as a names vm "name=x' OR '1'='1")" "" "SQL in a value"
}

case_sharing() {
	controller_start
	lent
	is "$(as a names l3_network --sort name)" "flat public" "shared with all"
	is "$(as a weft_c query ip_range --json | jq -r '[.objects[].l3_network] | sort | join(" ")')" "flat public" "with its parts"
	fails "is another account's" as a weft_c delete l3_network public
	fails "is another account's" as a weft_c update l3_network public name=mine
	fails "is another account's" as a weft_c 'do' recall l3_network public all=true
	is "$(error a Create '{"type": "ip_range", "spec": {"name": "r", "l3_network": "public", "cidr": "10.200.0.0/24"}}')" Forbidden "nor its parts"
	check weft_c 'do' recall l3_network public all=true
	is "$(as a names l3_network)" flat "recalled"
	is "$(error a Create '{"type": "vip", "spec": {"name": "v", "network": "public"}}')" InvalidField "not usable any more"
	is "$(as a names vip)" vip-a "what was made stays"
	check as a weft_c update vip vip-a name=other
	check weft_c 'do' share l3_network public accounts=b
	is "$(as b names l3_network --sort name) $(as a names l3_network)" "flat public flat" "with one"
	as b made vip name=v network=public
	check weft_c 'do' recall l3_network public accounts=b
	is "$(as b names l3_network)" flat "recalled from one"
	wrong parameters.accounts 'do' share l3_network public
	made vxlan_pool name=pool uuid=pool zone=ZONE-1 start_vni=100 end_vni=200
	is "$(error a Create '{"type": "l2_network", "spec": {"name": "n", "type": "vxlan", "vxlan_pool": "pool"}}')" InvalidField "no pool yet"
	check weft_c 'do' share vxlan_pool pool all=true
	as a made l2_network name=n uuid=n type=vxlan vxlan_pool=pool
	as a made l3_network name=own uuid=own l2_network=n category=private architecture=flat cidr=192.168.77.0/24
	is "$(as b names l2_network)" "" "a tenant's own"
	fails "only admin makes a public network" as a weft_c create l3_network name=p l2_network=n category=public cidr=192.168.78.0/24
	fails "only admin makes a vlan network" as a weft_c create l2_network name=l zone=ZONE-1 type=vlan device=em01 vlan=77
	fails "only admin makes a zone" as a weft_c create zone name=z
	made vm name=vm-admin uuid=vm-admin cluster=Cluster-1
	made nic vm=vm-admin l3_network=own
	fails "used by another account" as a weft_c delete l3_network own
	check weft_c delete vm vm-admin
	check as a weft_c delete l2_network n
}

case_owners() {
	controller_start
	lent
	check weft_c 'do' change_owner vm vm-a account=b
	is "$(field vm vm-a owner) $(field eip eip-a owner) $(field vip vip-a owner)" "b b b" "with its elastic IP"
	is "$(as a names vm) $(as a names vip)" " " "gone from one"
	is "$(as b names vm --sort name)" "vm-a vm-b" "come to the other"
	fails "only admin does that" as b weft_c 'do' change_owner vm vm-a account=b
	is "$(api Create "{\"type\": \"vm\", \"spec\": {\"name\": \"x\", \"cluster\": \"cluster-1\", \"owner\": \"a\"}}" | cut -d ' ' -f 1)" InvalidField "is not given"
	as b made load_balancer name=l uuid=l network=public
	as b certificate c
	as b made user name=u password=- <<<"u-secret-1"
	against admin_stays delete account admin
	fails "only admin deletes an account" as b weft_c delete account b
	check grep -q vm-a <<<"$(weft_c delete account b --dry-run)"
	check weft_c delete account b
	is "$(names vm owner.name=b) $(names vip name=vip-a) $(names eip) $(names certificate) $(names user)" "    " "all of it goes along"
	is "$(names l3_network name=public)" public "what was lent stays"
	is "$(names account --sort name)" "a admin" "the others"
}

case_quotas() {
	controller_start
	lent
	is "$(field account a quota_vm) $(field account a quota_vip)" "200 20" "at first"
	check weft_c update account a quota_vip=2 quota_vm=1 quota_listener=1
	as a made vip name=v2 uuid=v2 network=public
	fails "quota_vip of account a is 2, 2 are used, 1 more is wanted" as a weft_c create vip name=v3 network=public
	is "$(as a names vip --sort name)" "v2 vip-a" "nothing was made"
	is "$(as a weft_c create load_balancer name=l network=public --json | jq -r .parameters.rule)" quota "also what comes along"
	is "$(as a weft_c create vm name=v cluster=Cluster-1 --json | jq -r .parameters.rule)" quota "guests"
	check as a weft_c delete vip v2
	as a made load_balancer name=l uuid=l network=public
	as a made listener name=l1 load_balancer=l port=80 target_port=80 protocol=tcp
	is "$(as a weft_c create listener name=l2 load_balancer=l port=81 target_port=80 protocol=tcp --json | jq -r .parameters.rule)" quota "parts of parts"
	against quota 'do' change_owner vm vm-b account=a
	is "$(field vm vm-b owner)" b "stays"
	fails "only admin changes quota_vm" as a weft_c update account a quota_vm=10
	wrong spec.quota_vm update account a quota_vm=-1
	check weft_c update account a quota_vm=2
	as a made vm name=v2 cluster=Cluster-1
	as b made vip name=v2 network=public
}

case_users() {
	controller_start
	lent
	as a made user name=u uuid=u-a password=- <<<"u-secret-a"
	as b made user name=u uuid=u-b password=- <<<"u-secret-b"
	is "$(as a weft_c create user name=u password=- --json <<<"u-secret-a" | jq -r .parameters.rule)" unique "within the account"
	check logs_in u u-secret-a a u
	is "$(as u names vm) $(as u names user)" "vm-a u" "sees what is the account's"
	for each in 'Create {"type": "vip", "spec": {"name": "v", "network": "public"}}' 'Delete {"type": "vm", "uuid": "vm-a"}' \
		'Update {"type": "vm", "uuid": "vm-a", "spec": {"name": "v"}}' 'Action {"type": "eip", "uuid": "eip-a", "action": "unbind"}'; do
		is "$(error u "${each%% *}" "${each#* }")" Forbidden "only looks: ${each%% *}"
	done
	against own_account create user name=x account=a password=- <<<"x-secret-a"
	against own_account delete user u-a
	check weft_c update user u-a name=renamed
	fails "there is no user u-b" as a weft_c get user u-b
	is "$(error a Create '{"type": "user", "spec": {"name": "x", "account": "b", "password": "x-secret-b"}}')" InvalidField "not in another's"
	made user name=helper password=- <<<"helper-secret"
	check logs_in helper helper-secret admin helper
	as helper made zone name=Z2 uuid=z2
	is "$(field zone z2 owner)" admin "admin's"
	check weft_c delete user helper
	is "$(names zone name=Z2)" Z2 "what he made stays"
	fails "it is over" as helper weft_c query zone
}

# The newest row of the audit as FIELD,FIELD.
audited() { weft_c query audit "$@" --sort -started_ms --limit 1 --json | jq -c ".objects[0] | [$FIELDS]"; }

case_audit() {
	local FIELDS
	controller_start
	lent
	FIELDS='.method, .account_name, .resource_type, .resource_uuid, .result, .address'
	is "$(audited account=a)" '["Create","a","eip","eip-a","ok","local, uid 0"]' "who, what, from where"
	FIELDS='(.session != null), (.finished_ms >= .started_ms), .elapsed_ms >= 0, (.parameters | fromjson | .spec.nic), (.answer | fromjson | .owner)'
	is "$(audited account=a)" '[true,true,true,"nic-a","a"]' "in full"
	FIELDS='.method, .account_name, .result'
	is "$(audited resource_uuid=zone-1)" '["Action","admin","ok"]' "of one object"
	FIELDS='.parameters'
	as a made user name=u uuid=u password=- <<<"u-secret-1"
	is "$(audited account=a resource_type=user | grep -c '\*\*\*\*\*\*\*\*')" 1 "masked"
	api Create '{"type": "user", "spec": {"name": "x", "passwrod": "slipped-secret"}, "pasword": "slipped-secret"}'
	api Create '{"type": "user", "spec": {"name": "x", "passwrod": "slipped-secret"}}'
	as a certificate c
	fails "private_key_pem" as a weft_c create certificate name=d "certificate_pem=$(cat "$CASE_DIR/c.pem")" private_key_pem=slipped-secret
	made ipsec_connection name=i vip=vip-b psk=slipped-secret remote_address=10.108.14.126 local_networks=web remote_cidrs=192.168.100.0/24 || true
	fails "wrong" logs_in x slipped-secret a
	is "$(weft_c query audit --limit 1000 --json | grep -cE "slipped-secret|u-secret-1|a-secret" || true)" 0 "no secret"
	is "$(weft_c query audit --limit 1000 --json | grep -cF "$(sed -n 2p "$CASE_DIR/c.key")" || true)" 0 "no key"
	FIELDS='.method, .account_name, .result, .reason'
	is "$(audited method=Login result!=ok)" '["Login","a","Unauthenticated","the name or the password is wrong"]' "a wrong password"
	fails "there is no vm vm-b" as a weft_c delete vm vm-b
	error a Delete '{"type": "vm", "uuid": "vm-b"}'
	FIELDS='.method, .resource_uuid, .result'
	is "$(audited account=a)" '["Delete","vm-b","NotFound"]' "what failed"
	weft_c delete vm vm-b --dry-run
	is "$(weft_c query audit resource_uuid=vm-b method=Delete result=ok --json | jq '.objects | length')" 0 "not a dry run"
	is "$(as a weft_c query audit 'account!=a' --json | jq -c .objects)" "[]" "each account its own"
	is "$(error a Delete "$(as a weft_c query audit --limit 1 --json | jq -c '{type: "audit", uuid: .objects[0].uuid}')")" InvalidField "stays"
	is "$(api Create '{"type": "vm", "spec": {"name": "x"}, "token": "made-up"}' | cut -d ' ' -f 1)" Unauthenticated "nobody"
	is "$(weft_c query audit result=Unauthenticated method=Create --json | jq -c .objects)" "[]" "fills nothing"
	controller_kill -9
	sql "UPDATE audit SET started_ms = 1 WHERE resource_uuid = 'zone-1'"
	controller_start
	is "$(weft_c query audit resource_uuid=zone-1 --json | jq -c .objects)" "[]" "what is too old goes"
}

# sqlite SQL: in the database of a controller that does not run.
sqlite() {
	python3 - "$CONTROLLER/state/controller.db" "$1" <<-'END'
		import sqlite3, sys
		base = sqlite3.connect(sys.argv[1])
		base.executescript(sys.argv[2])
		base.commit()
	END
}

# As a version without accounts had left it.
case_what_there_was_is_admins() {
	controller_start
	routed_cloud
	controller_kill -TERM
	python3 - "$CONTROLLER/state/controller.db" <<-'END'
		import re, sqlite3, sys
		base = sqlite3.connect(sys.argv[1], isolation_level=None)
		tables = base.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
		for name, sql in tables:
		    if name in ("account", "user", "session", "global_setting", "audit") or name.endswith(".shared_with"):
		        base.execute(f'DROP TABLE "{name}"')
		        continue
		    older = re.sub(r', "owner" TEXT REFERENCES "account"\("uuid"\) DEFERRABLE INITIALLY DEFERRED', "", sql)
		    older = older.replace(', "shared_with_all" INTEGER', "")
		    if older == sql:
		        continue
		    base.execute("PRAGMA legacy_alter_table = ON")
		    base.execute(f'ALTER TABLE "{name}" RENAME TO "older"')
		    base.execute(older)
		    columns = ", ".join(f'"{row[1]}"' for row in base.execute(f'PRAGMA table_info("{name}")'))
		    base.execute(f'INSERT INTO "{name}" SELECT {columns} FROM "older"')
		    base.execute('DROP TABLE "older"')
		    print("older:", name)
	END
	controller_start
	is "$(weft_c query vm --json | jq -c '[.objects[].owner] | unique')" '["admin"]' "guests"
	is "$(field zone ZONE-1 owner) $(field zone ZONE-1 shared_with_all)" "admin false" "a zone"
	is "$(names account)" admin "the account"
	tenant a
	is "$(as a names vm)" "" "not a tenant's"
	check weft_c 'do' share l3_network flat all=true
	is "$(as a names l3_network)" flat "shared"
}

run_cases "$@"
