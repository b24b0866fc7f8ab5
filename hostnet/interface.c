/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hostnet/interface.h"

#include "hostnet/counters.h"
#include "hostnet/document/host.h"
#include "lib/agent/agent.h"
#include "lib/document/interface_text.h"

char *host_interface_text(void)
{
	AUTO(free_ptr)
	char *methods = mem_format("%s%s", agent_packet_interface, counters_interface);

	return interface_text(HOSTNET_INTERFACE, "The agent of one host.", &host_document, methods);
}
