/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/item/note.h"

#include <stdlib.h>
#include <string.h>

static bool has_owner(const struct map_node *node, const void *key)
{
	return strcmp(CONTAINER_OF(node, struct note, in_notes)->owner, key) == 0;
}

static struct note *find(const struct notes *notes, const char *owner)
{
	struct map_node *node = map_find(&notes->by_owner, map_hash_text(owner), has_owner, owner);

	return node ? CONTAINER_OF(node, struct note, in_notes) : NULL;
}

void notes_say(struct notes *notes, const char *owner, enum note_health health, const char *format,
	       ...)
{
	size_t size = strlen(owner) + 1;
	struct note *note;
	va_list args;

	if (find(notes, owner))
		return;
	note = mem_alloc(sizeof(*note) + size);
	note->health = health;
	memcpy(note->owner, owner, size);
	va_start(args, format);
	note->reason = mem_vformat(format, args);
	va_end(args);
	map_add(&notes->by_owner, &note->in_notes, map_hash_text(owner));
}

const struct note *notes_find(const struct notes *notes, const char *owner)
{
	return find(notes, owner);
}

static void note_free(struct notes *notes, struct note *note)
{
	map_remove(&notes->by_owner, &note->in_notes);
	free(note->reason);
	free(note);
}

void notes_forget(struct notes *notes, const char *owner)
{
	struct note *note = find(notes, owner);

	if (note)
		note_free(notes, note);
}

void notes_clear(struct notes *notes)
{
	struct map_node *node, *after;

	map_for_each (&notes->by_owner, node, after)
		note_free(notes, CONTAINER_OF(node, struct note, in_notes));
	map_clear(&notes->by_owner);
}
