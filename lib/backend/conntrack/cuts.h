/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cuts.h - what is noted to be cut, for the backend's own files. */
#ifndef WEFT_BACKEND_CONNTRACK_CUTS_H
#define WEFT_BACKEND_CONNTRACK_CUTS_H

#include "lib/backend/conntrack/conntrack.h"
#include "lib/backend/conntrack/flow.h"

struct flow_list *conntrack_cuts(struct conntrack *conntrack);

#endif
