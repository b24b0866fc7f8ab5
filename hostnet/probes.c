/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hostnet/probes.h"

#include <unistd.h>

int probes_start(struct agent *agent, struct err *err)
{
	bool has_ipv6 = access("/proc/sys/net/ipv6", F_OK) == 0;

	(void)err;
	facts_add_capability(agent_facts(agent), "ipv6", has_ipv6,
			     has_ipv6 ? NULL : "this kernel has no IPv6");
	return 0;
}
