/* SPDX-License-Identifier: GPL-2.0-or-later */
/* metadata.h - what a guest is told of itself at a path. Pure. */
#ifndef WEFT_HOSTNET_SERVICE_METADATA_H
#define WEFT_HOSTNET_SERVICE_METADATA_H

#include "hostnet/document/host.h"
#include "lib/base/text.h"

/* EC2's tree (/latest/meta-data/..., /latest/user-data, also under dated versions), and NoCloud's
 * three files at the root (seedfrom=http://169.254.169.254/). Appends the page of 'path' to 'page';
 * false if there is none. The user data are bytes, not text. */
bool metadata_page(const struct document *document, const struct port *port,
		   const struct ip *address, const char *path, struct text *page);

#endif
