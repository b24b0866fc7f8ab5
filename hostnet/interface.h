/* SPDX-License-Identifier: GPL-2.0-or-later */
/* interface.h - io.weft.HostNet as Varlink describes it. */
#ifndef WEFT_HOSTNET_INTERFACE_H
#define WEFT_HOSTNET_INTERFACE_H

#define HOSTNET_INTERFACE "io.weft.HostNet"

/* Made from the tables of the document. The caller's. */
char *host_interface_text(void);

#endif
