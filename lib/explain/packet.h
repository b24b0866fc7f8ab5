/* SPDX-License-Identifier: GPL-2.0-or-later */
/* packet.h - a packet as users write and read it, for Explain and Trace of all agents. */
#ifndef WEFT_EXPLAIN_PACKET_H
#define WEFT_EXPLAIN_PACKET_H

#include <jansson.h>

#include "lib/base/field.h"
#include "lib/base/net.h"

enum packet_protocol { PACKET_TCP, PACKET_UDP, PACKET_ICMP, PACKET_OTHER };

/* packet_fields is its table. ICMP is an echo request. */
struct packet {
	struct ip from, to; /* 'from' may have family 0: it was not given. */
	int protocol;
	int64_t from_port, to_port; /* 0: not given. */
	char *interface;            /* By which it comes, as the agent names it; NULL: where its
				     * source is at home. */
};

extern const struct field packet_fields[];

json_t *packet_json(const struct packet *packet);
const char *packet_protocol_name(const struct packet *packet);

/* Reads the headers of a packet that was seen; the transport header as far as it is there. False,
 * and nothing is stored, if it is none of IP. */
bool packet_read(struct packet *packet, const uint8_t *network, size_t n_network,
		 const uint8_t *transport, size_t n_transport);

#endif
