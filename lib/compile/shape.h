/* SPDX-License-Identifier: GPL-2.0-or-later */
/* shape.h - limits of what a link sends: classes of an HTB, as items of docs/items.md. */
#ifndef WEFT_COMPILE_SHAPE_H
#define WEFT_COMPILE_SHAPE_H

#include "lib/compile/say.h"

/* The handle that says a root qdisc is ours. */
#define SHAPE_ROOT "5af7:"

/* The link's root; what is in no class is in 'minor' (0: in none, unlimited). */
void say_shape_root(const struct compiler *compiler, const char *owner, const char *link,
		    uint16_t minor);

/* A class of the root that sends 'kbit' kbit/s at most, and the queue that it has. */
void say_shape_class(const struct compiler *compiler, const char *owner, const char *link,
		     uint16_t minor, uint64_t kbit);

#endif
