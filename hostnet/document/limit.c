/* SPDX-License-Identifier: GPL-2.0-or-later */
/* limit.c - the number of each limit, which its classes have on whatever link they are.
 *
 * It is made of the address and the port; where it is taken, the next free one. So it is the same
 * after a restart, in which objects keep their order; were it another, a limit would begin anew. */
#include <errno.h>

#include "hostnet/document/index.h"

#define RESERVED 0x5af7 /* As a root's handle, lib/compile/limit.h. */
#define LAST     0xfffe
#define MOST     60000

static uint16_t home_of(const struct host_eip *eip, const struct host_eip_qos *rule)
{
	uint64_t name = 0;

	for (size_t i = 0; i < ip_size(&eip->address); i++)
		name = name << 8 | eip->address.bytes[i];
	name = name << 16 | rule->port.first;
	return (uint16_t)(name * 0x9e3779b97f4a7c15ULL >> 48);
}

static bool is_free(const struct limits *limits, uint16_t minor)
{
	return minor != 0 && minor <= LAST && minor != RESERVED &&
	       !(limits->taken[minor / 8] & 1u << minor % 8);
}

int limits_take(struct limits *limits, const struct host_eip *eip, struct err *err)
{
	struct host_eip_qos *rules = eip->qos.items;

	if (limits->n + eip->qos.n > MOST)
		return check_failed(err, "qos", "a host has %d limits at most", MOST);
	if (eip->qos.n && !limits->taken)
		limits->taken = mem_alloc((LAST + 2) / 8);
	for (size_t i = 0; i < eip->qos.n; i++) {
		uint16_t minor = home_of(eip, &rules[i]);

		while (!is_free(limits, minor))
			minor++;
		rules[i].minor = minor;
		limits->taken[minor / 8] |= (uint8_t)(1u << minor % 8);
		limits->n++;
	}
	return 0;
}

void limits_give(struct limits *limits, const struct host_eip *eip)
{
	const struct host_eip_qos *rules = eip->qos.items;

	for (size_t i = 0; i < eip->qos.n; i++) {
		limits->taken[rules[i].minor / 8] &= (uint8_t) ~(1u << rules[i].minor % 8);
		limits->n--;
	}
}
