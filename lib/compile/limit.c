/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/compile/limit.h"

#define KBIT_IN_MBIT 1000
/* What a class sends at once at most: 10 ms of its rate. */
#define BURST_BYTES_IN_MBIT 1250
#define BURST_BYTES_MIN     16000
/* How much waits for a class: 100 ms of its rate, and room for a packet of 64 KiB as offloads make
 * them. */
#define QUEUE_BYTES_IN_MBIT 12500
#define QUEUE_BYTES_MIN     98304

void say_limit_root(const struct compiler *compiler, const char *owner, const char *link)
{
	say(compiler, owner, "tc.qdisc", "root htb default 0", "%s " LIMIT_ROOT, link);
}

static uint64_t at_least(uint64_t bytes, uint64_t least)
{
	return bytes > least ? bytes : least;
}

void say_limit(const struct compiler *compiler, const char *owner, const char *link, uint16_t minor,
	       uint64_t mbps)
{
	uint64_t kbit = mbps * KBIT_IN_MBIT;
	uint64_t burst = at_least(mbps * BURST_BYTES_IN_MBIT, BURST_BYTES_MIN);
	uint64_t waiting = at_least(mbps * QUEUE_BYTES_IN_MBIT, QUEUE_BYTES_MIN);
	AUTO(free_ptr)
	char *shape =
		mem_format("parent " LIMIT_ROOT " htb rate %llu ceil %llu burst %llu cburst %llu",
			   (unsigned long long)kbit, (unsigned long long)kbit,
			   (unsigned long long)burst, (unsigned long long)burst);
	AUTO(free_ptr)
	char *queue = mem_format(LIMIT_ROOT "%x bfifo %llu", minor, (unsigned long long)waiting);

	say(compiler, owner, "tc.class", shape, "%s " LIMIT_ROOT "%x", link, minor);
	say(compiler, owner, "tc.qdisc", queue, "%s %x:", link, minor);
}
