/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrouter/interface.h"

#include "lib/document/interface_text.h"
#include "vrouter/document/router.h"
#include "vrouter/methods.h"

char *vrouter_interface_text(void)
{
	AUTO(free_ptr) char *methods = methods_interface();

	return interface_text(VROUTER_INTERFACE, "A router that is as its document says.",
			      &router_document, methods);
}
