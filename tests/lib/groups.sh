# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Words for security groups, beside those of net.sh: what a group is, and who is answered under it.

# group NAME MEMBERS RULE...: a rule is DIRECTION PROTOCOL [PORTS|- [CIDR|- [GROUP]]], named by its place.
group() {
	local name=$1 members=$2 rule rules='' n=0 direction protocol ports cidr peer
	shift 2
	for rule; do
		read -r direction protocol ports cidr peer <<<"$rule"
		rules+="${rules:+,}{\"uuid\": \"r$((n += 1))\", \"direction\": \"$direction\", \"protocol\": \"$protocol\""
		[ "${ports:--}" = - ] || rules+=", \"ports\": \"$ports\""
		[ "${cidr:--}" = - ] || rules+=", \"peer_cidr\": \"$cidr\""
		[ "${peer:--}" = - ] || rules+=", \"peer_group\": \"$peer\""
		rules+="}"
	done
	echo "{\"uuid\": \"$name\", \"members\": [${members:+\"${members//,/\",\"}\"}], \"rules\": [$rules]}"
}

# reach FROM TO PROBES WANTED: those that were answered; what was not, was met by silence.
reach() {
	# shellcheck disable=SC2086 # a list
	on "$1" "$LIB/reach.py" "$2" $((10 * SLOWNESS)) $((500 * SLOWNESS))e-3 "$4" $3
}

# reaches FROM TO PROBES WANTED [WHAT]
reaches() { is "$(reach "$1" "$2" "$3" "$4")" "$4" "${5:-answers}"; }
