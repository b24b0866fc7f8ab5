/* SPDX-License-Identifier: GPL-2.0-or-later */
/* interface.h - the router's Varlink interface, io.weft.VRouter. */
#ifndef WEFT_VROUTER_INTERFACE_H
#define WEFT_VROUTER_INTERFACE_H

#define VROUTER_INTERFACE "io.weft.VRouter"

char *vrouter_interface_text(void); /* The caller's. */

#endif
