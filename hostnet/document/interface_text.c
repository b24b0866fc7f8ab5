/* SPDX-License-Identifier: GPL-2.0-or-later */
/* interface_text.c - io.weft.HostNet as Varlink describes it. */
#include "lib/document/interface_text.h"

#include "hostnet/document/host.h"

char *host_interface_text(void)
{
	return interface_text("io.weft.HostNet", "The agent of one host.", &host_document, "");
}
