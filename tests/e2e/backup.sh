#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A whole model goes into a file, and from there into an empty database of either kind.
# timeout: 300
. "$(dirname "$0")/../lib/controller.sh"

BACKUP=$CASE_DIR/backup

# controllerd_for DIRECTORY OPTION...: not the one that serves; its output is in said.
controllerd_for() {
	local state=$1
	shift
	"$WEFT_BIN/controllerd" --state-dir "$state" "$@" >"$CASE_DIR/said" 2>&1 </dev/null
}

# everything: each object of each type, as the controller that serves shows it.
everything() {
	local type
	for type in $(weft_c describe --json | jq -r '.types[].name'); do
		weft_c query "$type" --limit 100000 --json | jq -c ".objects[] | [\"$type\", .]"
	done
}

# a_model: with secrets, lists, sessions and an authority; saved as "before".
a_model() {
	controller_options --agents tcp:127.0.0.1:7443 --https 127.0.0.1:8443
	controller_start
	routed_cloud
	tenant tenant
	made security_group name=g l3_networks=web,app nics=nic-web,nic-app
	made ipsec_connection name=t network=public remote_address=203.0.113.1 remote_cidrs=10.9.0.0/16 \
		local_networks=web psk=- <<<"planted-psk"
	certificate c
	made vm name=名 cluster=Cluster-1 user_data=cGxhbnRlZA==
	everything >"$CASE_DIR/before"
}

# serves_the_same: what is served from the state directory STATE, after a restore.
serves_the_same() { # STATE OPTION...
	CONTROLLER_STATE=(--state-dir "$@")
	controller_start
	everything >"$CASE_DIR/after"
	check diff "$CASE_DIR/before" "$CASE_DIR/after"
	check logs_in again tenant-secret tenant
	check as tenant weft_c query vm
	made zone name=more
}

refuses_to() { # TEXT STATE OPTION...
	local text=$1 status=0
	shift
	controllerd_for "$@" || status=$?
	cat "$CASE_DIR/said"
	is "$status" 1 "status"
	check grep -qF -- "$text" "$CASE_DIR/said"
}

case_into_an_empty_database() {
	local state=$CONTROLLER/state other=$CASE_DIR/other
	a_model
	# While it is served.
	check controllerd_for "$state" --backup "$BACKUP"
	cat "$CASE_DIR/said"
	is "$(stat -c %a "$BACKUP")" 600 "whose it is"
	is "$(tail -n 1 "$BACKUP" | jq .end)" "$(grep -c '^{"type"' "$BACKUP")" "objects"
	deny grep -q planted "$CASE_DIR/said"
	# Secrets are in it, also those that were read from a file and from standard input.
	is "$(grep -oE '"planted-psk"' "$BACKUP")" '"planted-psk"' "secrets"
	check grep -qF "$(sed -n 2p "$CASE_DIR/c.key")" "$BACKUP"
	refuses_to "there is a file already" "$state" --backup "$BACKUP"
	refuses_to "another controllerd has it" "$state" --restore "$BACKUP"
	controller_kill -TERM
	refuses_to "there is a model already" "$state" --restore "$BACKUP"
	check controllerd_for "$other" --restore "$BACKUP"
	check cmp "$state/authority/authority.key" "$other/authority/authority.key"
	check cmp "$state/https.pem" "$other/https.pem"
	serves_the_same "$other"
}

case_from_one_kind_of_database_to_the_other() {
	local other=$CASE_DIR/other
	a_model
	check controllerd_for "$CONTROLLER/state" --backup "$BACKUP"
	controller_kill -TERM
	postgres_start
	check controllerd_for "$other" --database "$(postgres_uri)" --restore "$BACKUP"
	serves_the_same "$other" --database "$(postgres_uri)"
	# And back, while it is served.
	everything >"$CASE_DIR/before"
	check controllerd_for "$other" --database "$(postgres_uri)" --backup "$BACKUP.2"
	controller_kill -TERM
	check controllerd_for "$CASE_DIR/third" --restore "$BACKUP.2"
	serves_the_same "$CASE_DIR/third"
}

# What is wrong is found before anything is done.
case_what_is_no_backup() {
	local other=$CASE_DIR/other damaged=$CASE_DIR/damaged
	controller_options --agents tcp:127.0.0.1:7443
	controller_start
	small_cloud
	controller_kill -TERM
	refuses_to "no/such/directory" "$CONTROLLER/state" --backup "$CASE_DIR/no/such/directory/file"
	refuses_to "controller.db" "$CASE_DIR/nothing" --backup "$BACKUP"
	deny test -e "$BACKUP"
	deny test -e "$BACKUP.part"
	check controllerd_for "$CONTROLLER/state" --backup "$BACKUP"
	refuses_to "No such file" "$other" --restore "$CASE_DIR/nothing"
	head -n -1 "$BACKUP" >"$damaged"
	refuses_to "the end is missing" "$other" --restore "$damaged"
	sed 's/ZONE-1/ZONE-2/' "$BACKUP" >"$damaged"
	refuses_to "it is damaged" "$other" --restore "$damaged"
	(cat "$BACKUP" && echo more) >"$damaged"
	refuses_to "something comes behind the end" "$other" --restore "$damaged"
	echo '{"weft": "backup", "format": 2}' >"$damaged"
	refuses_to "line 1: it is of a form that this version does not know" "$other" --restore "$damaged"
	refuses_to "line 1: this is no backup" "$other" --restore /etc/passwd
	deny test -e "$other"
	written_by_a_newer_one '{"type":"rack","record":{}}' "this version knows no type rack"
	written_by_a_newer_one '{"type":"zone","record":{"uuid":"z","name":"z","colour":"red"}}' "zone.colour: "
	is "$(sqlite_count "$other" zone)" 0 "nothing was changed"
	deny test -e "$other/authority"
	check controllerd_for "$other" --restore "$BACKUP"
	is "$(sqlite_count "$other" zone)" 1 "as it should be"
}

# written_by_a_newer_one LINE TEXT: a backup with this line, whole.
written_by_a_newer_one() {
	local digest
	(head -n -1 "$BACKUP" && echo "$1") >"$CASE_DIR/damaged"
	digest=$(sha256sum <"$CASE_DIR/damaged")
	echo "{\"end\":1,\"sha256\":\"${digest%% *}\"}" >>"$CASE_DIR/damaged"
	refuses_to "$2" "$CASE_DIR/other" --restore "$CASE_DIR/damaged"
}

sqlite_count() { # STATE TABLE
	python3 -c 'import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute(f"select count(*) from {sys.argv[2]}").fetchone()[0])' "$1/controller.db" "$2"
}

run_cases "$@"
