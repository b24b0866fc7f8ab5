/* SPDX-License-Identifier: GPL-2.0-or-later */
/* note.h - what a compiler says about an object besides its items: that it rests, and why. */
#ifndef WEFT_ITEM_NOTE_H
#define WEFT_ITEM_NOTE_H

#include "lib/item/item.h"

/* An object is ready unless a note says otherwise. */
enum note_health {
	NOTE_INACTIVE,     /* Accepted, resting: a NIC that is not there yet. */
	NOTE_NOT_SUPPORTED /* This machine cannot: failed, with the capability's name in 'reason'.
			    */
};

struct note {
	struct map_node in_notes;
	enum note_health health;
	char *reason; /* Owned. */
	char owner[]; /* The object's uuid. */
};

struct notes {
	struct map by_owner;
};

#define NOTES_NONE       \
	{                \
		MAP_NONE \
	}

/* The first note of an owner stays. */
void notes_say(struct notes *notes, const char *owner, enum note_health health, const char *format,
	       ...) PRINTF(4, 5);
const struct note *notes_find(const struct notes *notes, const char *owner);
void notes_forget(struct notes *notes, const char *owner);
void notes_clear(struct notes *notes);

#endif
