/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/compile/shape.h"

/* What a class sends at once at most: 10 ms of its rate. */
#define BURST_BITS_IN_KBIT 10
#define BURST_BYTES_MIN    16000
/* How much waits for a class: 100 ms of its rate, and room for a packet of 64 KiB as offloads make
 * them. */
#define QUEUE_BITS_IN_KBIT 100
#define QUEUE_BYTES_MIN    98304

void say_shape_root(const struct compiler *compiler, const char *owner, const char *link,
		    uint16_t minor)
{
	AUTO(free_ptr) char *value = mem_format("root htb default %x", minor);

	say(compiler, owner, "tc.qdisc", value, "%s " SHAPE_ROOT, link);
}

static uint64_t at_least(uint64_t bytes, uint64_t least)
{
	return bytes > least ? bytes : least;
}

void say_shape_class(const struct compiler *compiler, const char *owner, const char *link,
		     uint16_t minor, uint64_t kbit)
{
	uint64_t burst = at_least(kbit * BURST_BITS_IN_KBIT / 8, BURST_BYTES_MIN);
	uint64_t waiting = at_least(kbit * QUEUE_BITS_IN_KBIT / 8, QUEUE_BYTES_MIN);
	AUTO(free_ptr)
	char *shape =
		mem_format("parent " SHAPE_ROOT " htb rate %llu ceil %llu burst %llu cburst %llu",
			   (unsigned long long)kbit, (unsigned long long)kbit,
			   (unsigned long long)burst, (unsigned long long)burst);
	AUTO(free_ptr)
	char *queue = mem_format(SHAPE_ROOT "%x bfifo %llu", minor, (unsigned long long)waiting);

	say(compiler, owner, "tc.class", shape, "%s " SHAPE_ROOT "%x", link, minor);
	say(compiler, owner, "tc.qdisc", queue, "%s %x:", link, minor);
}
