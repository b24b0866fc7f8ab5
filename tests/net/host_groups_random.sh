#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Security groups by chance: what a kernel lets through is what an evaluator that knows nothing but
# the document says (tests/differential/groups).
# timeout: 90
. "$(dirname "$0")/../lib/net.sh"

case_random_groups_agree() {
	needs bridge_conntrack
	check "$ROOT/tests/differential/groups" --documents 8 --packets 1600
}

run_cases "$@"
