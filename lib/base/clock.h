/* SPDX-License-Identifier: GPL-2.0-or-later */
/* clock.h - the two clocks. */
#ifndef WEFT_BASE_CLOCK_H
#define WEFT_BASE_CLOCK_H

#include <stdint.h>

uint64_t clock_ms(void);      /* CLOCK_MONOTONIC, milliseconds. */
uint64_t clock_us(void);      /* CLOCK_MONOTONIC, microseconds. */
uint64_t clock_wall_ms(void); /* CLOCK_REALTIME, milliseconds since 1970. */

#endif
