/* SPDX-License-Identifier: GPL-2.0-or-later */
/* name.h - which texts can be names of what. */
#ifndef WEFT_BASE_NAME_H
#define WEFT_BASE_NAME_H

#include <stdbool.h>

/* Letters, digits and inner '-', at most 63: a DNS label (RFC 1123 section 2.1). */
bool name_is_host(const char *name);

/* Such labels joined by '.', at most 253 bytes. */
bool name_is_domain(const char *name);

/* As the kernel has it (dev_valid_name()), and not "lo". */
bool name_is_link(const char *name);

/* "port_forwards" is PortForwards. The caller's. */
char *name_camel(const char *name);

#endif
