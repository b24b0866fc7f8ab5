/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dnsmasq_hosts.h - the DHCP hosts: one file each, in a directory that dnsmasq watches.
 *
 * dnsmasq reads a file that appears by itself. What a file said before it was changed or removed it
 * forgets when it reads all of them again (SIGHUP). */
#ifndef WEFT_BACKEND_DNSMASQ_DNSMASQ_HOSTS_H
#define WEFT_BACKEND_DNSMASQ_DNSMASQ_HOSTS_H

#include "lib/base/err.h"
#include "lib/item/item.h"

int dnsmasq_host_write(const char *dir, const struct item *item, struct err *err);
int dnsmasq_host_remove(const char *dir, const struct item *item, struct err *err);

/* Adds the item of every file; a file that holds none (half written when the machine went down) is
 * removed. */
int dnsmasq_hosts_read(const char *dir, struct item_set *items, struct err *err);

#endif
