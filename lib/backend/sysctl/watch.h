/* SPDX-License-Identifier: GPL-2.0-or-later */
/* watch.h - tells when someone changes how this network namespace forwards IPv4.
 *
 * The kernel speaks of ip_forward, rp_filter, proxy_arp and their like (RTM_NEWNETCONF), of any
 * link; of all other settings below /proc/sys it says nothing. Those who care look now and then. */
#ifndef WEFT_BACKEND_SYSCTL_WATCH_H
#define WEFT_BACKEND_SYSCTL_WATCH_H

#include <stdbool.h>

#include "lib/base/err.h"

/* A socket, the caller's, which is readable when something changed; negative with 'err'. */
int sysctl_watch_open(struct err *err);

/* Reads all that is pending, never blocks. Whether anything was, or may have been. */
bool sysctl_watch_read(int fd);

#endif
