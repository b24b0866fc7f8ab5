/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/compile/limit.h"

#define BITS_IN_BYTE 8
/* What a class sends at once at most: 10 ms of its rate. */
#define BURST_MS        10
#define BURST_BYTES_MIN 16000
/* How much waits for a class: 100 ms of its rate, and room for a packet of 64 KiB as offloads make
 * them; but never 200 ms, after which TCP takes for lost what only waits, and sends it again. */
#define QUEUE_MS        100
#define QUEUE_BYTES_MIN 98304
#define QUEUE_MS_MAX    192

void say_limit_root(const struct compiler *compiler, const char *owner, const char *link,
		    uint16_t otherwise)
{
	AUTO(free_ptr) char *value = mem_format("root htb default %x", otherwise);

	say(compiler, owner, "tc.qdisc", value, "%s " LIMIT_ROOT, link);
}

/* kbit/s for so many milliseconds. */
static uint64_t bytes_in(uint64_t kbit, uint64_t ms)
{
	return kbit * ms / BITS_IN_BYTE;
}

static uint64_t at_least(uint64_t bytes, uint64_t least)
{
	return bytes > least ? bytes : least;
}

static uint64_t at_most(uint64_t bytes, uint64_t most)
{
	return bytes < most ? bytes : most;
}

void say_limit(const struct compiler *compiler, const char *owner, const char *link, uint16_t minor,
	       uint64_t kbit)
{
	uint64_t burst = at_least(bytes_in(kbit, BURST_MS), BURST_BYTES_MIN);
	uint64_t waiting = at_most(at_least(bytes_in(kbit, QUEUE_MS), QUEUE_BYTES_MIN),
				   at_least(bytes_in(kbit, QUEUE_MS_MAX), BURST_BYTES_MIN));
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
