/* SPDX-License-Identifier: GPL-2.0-or-later */
/* limit.h - a limit as items of traffic control: a class of HTB, and what waits for it. */
#ifndef WEFT_COMPILE_LIMIT_H
#define WEFT_COMPILE_LIMIT_H

#include "lib/compile/say.h"

#define LIMIT_ROOT "5af7:" /* Each link's root; a class is this and its minor. */
/* The root's own handle, which no queue of a class can have: no limit's minor either. */
#define LIMIT_RESERVED     0x5af7
#define LIMIT_KBIT_IN_MBIT 1000

/* The root of a link that has limits; what is in no class is in 'otherwise', with 0 it goes
 * straight out. */
void say_limit_root(const struct compiler *compiler, const char *owner, const char *link,
		    uint16_t otherwise);
/* A class of that link that sends 'kbit' kbit/s at most, and the queue that it has. */
void say_limit(const struct compiler *compiler, const char *owner, const char *link, uint16_t minor,
	       uint64_t kbit);

#endif
