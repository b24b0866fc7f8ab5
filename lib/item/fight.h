/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fight.h - what someone else touches again and again: how long it waits before it is put right.
 *
 * The first times it is put right at once, then after a pause that doubles with each further time,
 * so that two programs that disagree do not burn a machine. Whoever leaves it alone for longer than
 * the pause is forgiven. Reads no clock: callers pass 'now_ms' (CLOCK_MONOTONIC). */
#ifndef WEFT_ITEM_FIGHT_H
#define WEFT_ITEM_FIGHT_H

#include "lib/base/map.h"

struct fights {
	struct map by_name;
};

#define FIGHTS_NONE      \
	{                \
		MAP_NONE \
	}

/* What is called so was touched. Returns after how many milliseconds it is to be put right; 0: at
 * once. In the pause that this begins it counts no further, and the answer is what is left of it.
 */
uint64_t fights_touch(struct fights *fights, const char *kind, const char *name, uint64_t now_ms);

/* What is left of its pause; 0: none. */
uint64_t fights_wait_ms(const struct fights *fights, const char *kind, const char *name,
			uint64_t now_ms);

/* Forgets those who are forgiven. */
void fights_forgive(struct fights *fights, uint64_t now_ms);
void fights_clear(struct fights *fights);

#endif
