/* SPDX-License-Identifier: GPL-2.0-or-later */
/* carry.c - what an element that is added has from before. For the kernel one that changes is
 * another. */
#include <stdlib.h>
#include <string.h>

#include "lib/backend/nft/message.h"

/* Of one element: itself as it was, or each of those that it remembers. */
struct asked {
	struct message_element *to;
	size_t first, n; /* In 'counts'. */
	bool itself;
};

struct asking {
	struct nft *nft;
	struct asked *asked;
	size_t n, room;
	struct nft_count *counts;
	size_t n_counts, counts_room;
};

static void ask(struct asking *asking, char *key)
{
	mem_grow(&asking->counts, &asking->counts_room, asking->n_counts + 1,
		 sizeof(*asking->counts));
	asking->counts[asking->n_counts++] = (struct nft_count){ .key = key };
}

static void begin(struct asking *asking, struct message_element *to, bool itself)
{
	mem_grow(&asking->asked, &asking->room, asking->n + 1, sizeof(*asking->asked));
	asking->asked[asking->n++] = (struct asked){ to, asking->n_counts, itself ? 1 : 2, itself };
}

static void ask_for(struct asking *asking, const struct carrying *carrying)
{
	const struct change *change = carrying->change;
	const struct message_element *kept = rebuild_kept(asking->nft, change->want);
	struct place place;

	if (kept) {
		*carrying->to = *kept;
		return;
	}

	place_parse(item_key(change->want), &place);
	AUTO(free_ptr)
	char *set_key = mem_format("%s %s %s", place.family, place.table, place.name);
	const struct known_set *set = known_set_find(asking->nft, set_key);
	const struct declaration *declaration = set ? &set->declaration : NULL;
	bool remembers = declaration && *declaration->since[0];

	if (declaration && (declaration->counter || remembers) && change->have &&
	    strcmp(item_owner(change->have), item_owner(change->want)) == 0) {
		begin(asking, carrying->to, true);
		ask(asking, mem_text(item_key(change->want)));
	} else if (remembers) {
		begin(asking, carrying->to, false);
		for (size_t i = 0; i < 2; i++)
			ask(asking, mem_format("%s %s", declaration->since[i], place.rest));
	}
	place_clear(&place);
}

static void fill_in(const struct asked *asked, const struct nft_count *counts)
{
	if (asked->itself) {
		asked->to->sum = counts[0].sum;
		memcpy(asked->to->since, counts[0].since, sizeof(asked->to->since));
		return;
	}
	for (size_t i = 0; i < asked->n; i++)
		asked->to->since[i] = counts[i].sum;
}

int carry_read(struct nft *nft, const struct carrying *carryings, size_t n, struct err *err)
{
	struct asking asking = { .nft = nft };
	int ret;

	for (size_t i = 0; i < n; i++)
		ask_for(&asking, &carryings[i]);
	ret = nft_counts_read(nft, asking.counts, asking.n_counts, err);
	for (size_t i = 0; ret == 0 && i < asking.n; i++)
		fill_in(&asking.asked[i], &asking.counts[asking.asked[i].first]);
	for (size_t i = 0; i < asking.n_counts; i++)
		free((char *)(uintptr_t)asking.counts[i].key);
	free(asking.asked);
	free(asking.counts);
	return ret;
}
