/* SPDX-License-Identifier: GPL-2.0-or-later */
/* carry.c - where an element that is added goes on counting. */
#include <string.h>

#include "lib/backend/nft/message.h"

static const struct declaration *declaration_of(const struct nft *nft, const struct place *place)
{
	AUTO(free_ptr)
	char *key = mem_format("%s %s %s", place->family, place->table, place->name);
	const struct known_set *set = known_set_find(nft, key);

	return set && set->declaration.counter ? &set->declaration : NULL;
}

char *carry_key(const struct nft *nft, const struct change *change)
{
	const struct declaration *declaration;
	struct place place;
	char *key = NULL;

	if (!change->want || !item_is(change->want, "nft.element"))
		return NULL;
	place_parse(item_key(change->want), &place);
	declaration = declaration_of(nft, &place);
	if (declaration && change->have &&
	    strcmp(item_owner(change->have), item_owner(change->want)) == 0)
		key = mem_text(item_key(change->want));
	else if (declaration && *declaration->counter_from)
		key = mem_format("%s %s %s %s", place.family, place.table,
				 declaration->counter_from, place.rest);
	place_clear(&place);
	return key;
}
