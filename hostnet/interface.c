/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hostnet/interface.h"

#include "hostnet/counters.h"
#include "hostnet/document/host.h"
#include "lib/document/interface_text.h"

char *host_interface_text(void)
{
	return interface_text(HOSTNET_INTERFACE, "The agent of one host.", &host_document,
			      counters_interface);
}
