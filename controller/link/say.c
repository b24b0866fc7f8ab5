/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pieces are put together once their length is known: what may hold secrets is not left behind in
 * memory by a text that grows. */
#include "controller/link/say.h"

#include <stdlib.h>
#include <string.h>

struct piece {
	const char *bytes;
	size_t length;
	char *own; /* To be forgotten; NULL: it is somebody else's. */
};

struct pieces {
	struct piece *list;
	size_t n, room, length;
};

static void add_n(struct pieces *pieces, const char *bytes, size_t length, char *own)
{
	mem_grow(&pieces->list, &pieces->room, pieces->n + 1, sizeof(*pieces->list));
	pieces->list[pieces->n++] = (struct piece){ bytes, length, own };
	pieces->length += length;
}

static void add(struct pieces *pieces, const char *text)
{
	add_n(pieces, text, strlen(text), NULL);
}

/* An object without its braces. */
static void add_inside(struct pieces *pieces, const json_t *object)
{
	char *text = json_dumps(object, JSON_COMPACT);

	add_n(pieces, text + 1, strlen(text) - 2, text);
}

static char *put_together(struct pieces *pieces)
{
	char *text = mem_alloc(pieces->length + 1), *at = text;

	for (size_t i = 0; i < pieces->n; i++) {
		struct piece *piece = &pieces->list[i];

		memcpy(at, piece->bytes, piece->length);
		at += piece->length;
		if (piece->own)
			explicit_bzero(piece->own, strlen(piece->own));
		free(piece->own);
	}
	free(pieces->list);
	return text;
}

/* The name of the section before its first list, a comma before others. */
static void begin_list(struct pieces *pieces, enum list_kind kind, bool first, bool alone)
{
	if (!first || !alone)
		add(pieces, ",");
	if (!first)
		return;
	add(pieces, "\"");
	add(pieces, project_list_section(kind));
	add(pieces, "\":[");
}

static void add_lists(struct pieces *pieces, const struct held *held, enum list_kind kind)
{
	bool first = true;

	for (size_t i = 0; i < held->n_lists; i++) {
		const struct list *list = held->lists[i];

		if (list->slot->kind != kind || !list->n)
			continue;
		begin_list(pieces, kind, first, false);
		add(pieces, list->text);
		first = false;
	}
	if (!first)
		add(pieces, "]");
}

char *say_document(json_t *answer, const json_t *document, int64_t revision,
		   const struct held *held)
{
	json_t *state = json_copy((json_t *)(uintptr_t)document);
	struct pieces pieces = { 0 };

	json_object_set_new(state, "revision", json_integer((json_int_t)revision));
	add(&pieces, "{");
	add_inside(&pieces, answer);
	add(&pieces, ",\"state\":{");
	add_inside(&pieces, state);
	for (enum list_kind kind = 0; kind < N_LISTS; kind++)
		add_lists(&pieces, held, kind);
	add(&pieces, "}}");
	json_decref(state);
	json_decref(answer);
	return put_together(&pieces);
}

static void add_upsert(struct pieces *pieces, const struct held_patch *patch)
{
	bool any = json_object_size(patch->upsert), begun = false;

	for (enum list_kind kind = 0; kind < N_LISTS; kind++)
		any |= patch->lists[kind].length;
	if (!any)
		return;
	add(pieces, ",\"upsert\":{");
	if (json_object_size(patch->upsert)) {
		add_inside(pieces, patch->upsert);
		begun = true;
	}
	for (enum list_kind kind = 0; kind < N_LISTS; kind++) {
		if (!patch->lists[kind].length)
			continue;
		begin_list(pieces, kind, true, !begun);
		add_n(pieces, patch->lists[kind].bytes, patch->lists[kind].length, NULL);
		add(pieces, "]");
		begun = true;
	}
	add(pieces, "}");
}

char *say_change(json_t *answer, const struct held_patch *patch)
{
	struct pieces pieces = { 0 };

	if (patch->remove)
		json_object_set(answer, "remove", patch->remove);
	add(&pieces, "{");
	add_inside(&pieces, answer);
	add_upsert(&pieces, patch);
	add(&pieces, "}");
	json_decref(answer);
	return put_together(&pieces);
}
