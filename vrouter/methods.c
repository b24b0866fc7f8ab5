/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrouter/methods.h"

#include "vrouter/counters_method.h"

char *methods_interface(void)
{
	return mem_format("%s%s", agent_packet_interface, counters_interface);
}

void methods_add(struct agent *agent)
{
	agent_add_method(agent, "Counters", method_counters);
}
