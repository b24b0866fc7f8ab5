/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hostnet/probes.h"

#include <unistd.h>

#include "lib/backend/nft/nft.h"

/* What security groups are made of. */
static void probe_tracking(struct agent *agent)
{
	AUTO(err_clear) struct err err = ERR_NONE;
	bool tracks = nft_probe(agent_nft(agent), "bridge", "filter prerouting -300 accept",
				"meta ibrname weft ct direction original ct zone set 1", &err) == 0;

	if (!tracks)
		err_in(&err, "this kernel does not track the connections of bridges");
	facts_add_capability(agent_facts(agent), "bridge_conntrack", tracks,
			     tracks ? NULL : err_text(&err));
}

int probes_start(struct agent *agent, struct err *err)
{
	bool has_ipv6 = access("/proc/sys/net/ipv6", F_OK) == 0;

	(void)err;
	facts_add_capability(agent_facts(agent), "ipv6", has_ipv6,
			     has_ipv6 ? NULL : "this kernel has no IPv6");
	probe_tracking(agent);
	return 0;
}
