/* SPDX-License-Identifier: GPL-2.0-or-later */
/* interface_text.c - io.weft.VRouter as Varlink describes it. */
#include "lib/document/interface_text.h"

#include "vrouter/document/router.h"

char *router_interface_text(void)
{
	return interface_text("io.weft.VRouter", "The agent of one router.", &router_document, "");
}
