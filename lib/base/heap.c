/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/base/heap.h"

#ifdef WEFT_JEMALLOC

#include <jansson.h>
#include <jemalloc/jemalloc.h>
#include <stdio.h>

/* Read by jemalloc when the process begins. One arena: there are no threads. */
const char *malloc_conf = "narenas:1,dirty_decay_ms:1000,muzzy_decay_ms:0";

static int json_flags;
static unsigned int json_cache;

static void *json_new(size_t size)
{
	return mallocx(size, json_flags);
}

/* Texts that jansson made are given to free() by others, which is as good. */
static void json_gone(void *memory)
{
	if (memory)
		dallocx(memory, json_flags);
}

void heap_begin(void)
{
	unsigned int arena;
	size_t size = sizeof(arena);

	if (mallctl("arenas.create", &arena, &size, NULL, 0) != 0)
		return;
	size = sizeof(json_cache);
	if (mallctl("tcache.create", &json_cache, &size, NULL, 0) != 0)
		return;
	json_flags = MALLOCX_ARENA(arena) | MALLOCX_TCACHE(json_cache);
	json_set_alloc_funcs(json_new, json_gone);
}

void heap_trim(void)
{
	char all[40];

	if (json_flags)
		mallctl("tcache.flush", NULL, NULL, &json_cache, sizeof(json_cache));
	mallctl("thread.tcache.flush", NULL, NULL, NULL, 0);
	snprintf(all, sizeof(all), "arena.%u.purge", MALLCTL_ARENAS_ALL);
	mallctl(all, NULL, NULL, NULL, 0);
}

#else /* The sanitizers bring their own. */

void heap_begin(void)
{
}

void heap_trim(void)
{
}

#endif
