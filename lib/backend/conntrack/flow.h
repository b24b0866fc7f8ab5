/* SPDX-License-Identifier: GPL-2.0-or-later */
/* flow.h - which connections a text describes: "dnat A tcp 20-30 to B ; snat B to A",
 * "between A/24 B/24". */
#ifndef WEFT_BACKEND_CONNTRACK_FLOW_H
#define WEFT_BACKEND_CONNTRACK_FLOW_H

#include "lib/base/net.h"

enum flow_kind { FLOW_DNAT, FLOW_SNAT, FLOW_LOCAL, FLOW_FROM, FLOW_TO, FLOW_BETWEEN };

struct flow {
	enum flow_kind kind;
	struct ip address, other; /* 'other': what follows "to". */
	uint8_t protocol;         /* 0: any. */
	struct port_range ports;  /* First 0: any. */
	struct prefix sides[2];   /* Of FLOW_BETWEEN, which has none of the above. */
};

struct flow_list {
	struct flow *flows;
	size_t n, room;
};

/* A connection as the kernel tells of it. */
struct flow_seen {
	struct ip from, to, reply_from, reply_to;
	uint8_t protocol;
	uint16_t to_port; /* Original destination. */
	bool is_dnat;
};

int flow_list_parse(const char *text, struct flow_list *list, struct err *err);
void flow_list_clear(struct flow_list *list);
bool flow_matches(const struct flow *flow, const struct flow_seen *seen);

/* The functions below want a sorted list; they search it. */
void flow_list_sort(struct flow_list *list);
/* Whether one of the flows leads to where 'seen' went. */
bool flow_list_leads(const struct flow_list *list, const struct flow_seen *seen);
bool flow_list_matches(const struct flow_list *list, const struct flow_seen *seen);

/* What all flows with the same address on the same side have in common. */
struct flow_group {
	bool is_source; /* 'address' is the original source, else the original destination. */
	struct ip address;
	struct ip other; /* The other end of the answers; family 0: they differ, or any. */
};

/* Stores the groups of the list; how many there are, or 'max' + 1 if more or if some have
 * no address that they could be asked for by. */
size_t flow_list_groups(const struct flow_list *list, struct flow_group *groups, size_t max);

#endif
