# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A word for security groups, beside those of guests.sh: what a group is.

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
