/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dhcp_release.h - gives a lease back in the name of a host that is gone.
 *
 * A DHCP server keeps an address for the host that leased it until the lease ends; a removed
 * machine never says DHCPRELEASE (RFC 2131 section 4.4.6), so the next owner of its address would
 * get none for a day. */
#ifndef WEFT_BACKEND_DNSMASQ_DHCP_RELEASE_H
#define WEFT_BACKEND_DNSMASQ_DHCP_RELEASE_H

#include "lib/base/net.h"

/* The 'server' is an address of this machine. Nothing is waited for. */
int dhcp_release_send(const struct ip *server, const struct ip *address, const struct mac *mac,
		      struct err *err);

#endif
