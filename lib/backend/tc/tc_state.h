/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tc_state.h - inside of lib/backend/tc. */
#ifndef WEFT_BACKEND_TC_TC_STATE_H
#define WEFT_BACKEND_TC_TC_STATE_H

#include <libmnl/libmnl.h>

#include "lib/backend/tc/tc.h"

#define TC_EVENT_BYTES (1 << 20)

struct tc {
	struct rtnl *rtnl;
	struct mnl_socket *events;
	bool listens;
};

/* From now on the kernel's notifications come. */
void tc_listen(struct tc *tc);

#endif
