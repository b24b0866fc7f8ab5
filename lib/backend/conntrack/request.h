/* SPDX-License-Identifier: GPL-2.0-or-later */
/* request.h - what is said to the kernel's connection tracking, and what it says of a connection;
 * inside of lib/backend/conntrack. */
#ifndef WEFT_BACKEND_CONNTRACK_REQUEST_H
#define WEFT_BACKEND_CONNTRACK_REQUEST_H

#include <libmnl/libmnl.h>

#include "lib/backend/conntrack/flow.h"

/* Begins a message of ctnetlink at 'bytes'. */
struct nlmsghdr *request_begin(char *bytes, uint8_t type, uint8_t family, uint16_t flags,
			       uint32_t sequence);

/* Asks for connections of an IPv4 group only (CTA_FILTER); the message's family is AF_INET. Kernels
 * before 5.8 do not know it and send all. IPv6 addresses are compared the wrong way round by the
 * kernel (6.18, ctnetlink_filter_match_tuple()): all but those that are asked for would come. */
void request_filter(struct nlmsghdr *message, const struct flow_group *group);

/* Whether one request can name the connections of a flow, and nothing else: IPv4, one port or any.
 */
bool request_names(const struct flow *flow);
/* Names them, in a request that deletes; the message's family is AF_INET. Kernels before 6.11
 * refuse it with EINVAL: to them it is a connection that lacks most of its name. */
void request_flow(struct nlmsghdr *message, const struct flow *flow);

/* Reads a connection; false if it has not what all have. */
bool seen_parse(const struct nlmsghdr *message, struct flow_seen *seen);

#endif
