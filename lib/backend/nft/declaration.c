/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/backend/nft/declaration.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/backend/nft/words.h"

/* nft(8) packs the parts of a concatenation's type into 6 bits each. */
#define KERNEL_TYPE_BITS  6
#define KERNEL_TYPE_PARTS 5

static size_t padded(size_t size)
{
	return (size + 3) & ~(size_t)3;
}

bool type_list_add(struct type_list *list, const struct type *type)
{
	size_t size = padded(type_list_offset(list, list->n));

	if (list->n == TYPE_LIST_MAX || size + padded(type->size) > VALUE_BYTES_MAX)
		return false;
	list->types[list->n++] = type;
	list->size = list->n == 1 ? type->size : size + padded(type->size);
	return true;
}

size_t type_list_offset(const struct type_list *list, size_t index)
{
	size_t offset = 0;

	for (size_t i = 0; i < index; i++)
		offset += padded(list->types[i]->size);
	return offset;
}

uint32_t type_list_kernel(const struct type_list *list)
{
	uint32_t kernel = 0;

	if (list->n > KERNEL_TYPE_PARTS)
		return 0;
	for (size_t i = 0; i < list->n; i++)
		kernel = kernel << KERNEL_TYPE_BITS | list->types[i]->kernel;
	return kernel;
}

bool type_list_fits(const struct type_list *list, const struct type_list *other)
{
	if (list->n != other->n)
		return false;
	for (size_t i = 0; i < list->n; i++)
		if (list->types[i]->size != other->types[i]->size)
			return false;
	return true;
}

void type_list_format(const struct type_list *list, struct text *out)
{
	for (size_t i = 0; i < list->n; i++)
		text_format(out, "%s%s", i ? " . " : "", list->types[i]->name);
}

bool declaration_has_edges(const struct declaration *declaration)
{
	return declaration->interval && declaration->key.n == 1;
}

static int types_parse(struct words *words, struct type_list *list, struct err *err)
{
	do {
		const char *name = words_take(words);
		const struct type *type = name ? type_find(name) : NULL;

		if (!type || !type->in_sets)
			return err_set(err, -EINVAL, "'%s' is no type", name ? name : "");
		if (!type_list_add(list, type))
			return err_set(err, -EINVAL, "the types are too long together");
	} while (words_accept(words, "."));
	return 0;
}

static int data_parse(struct words *words, struct declaration *declaration, struct err *err)
{
	if (!words_accept(words, ":"))
		return err_set(err, -EINVAL, "a map needs ': DATATYPE'");
	declaration->data = SET_DATA_VALUE;
	if (words_accept(words, "verdict"))
		declaration->data = SET_DATA_VERDICT;
	else if (words_accept(words, "counter"))
		declaration->data = SET_DATA_COUNTER;
	else
		return types_parse(words, &declaration->value, err);
	return 0;
}

/* "since FAMILY TABLE SET,SET" */
static int since_parse(struct words *words, struct declaration *declaration, struct err *err)
{
	const char *family = words_take(words), *table = words_take(words);
	const char *sets = words_take(words), *comma = sets ? strchr(sets, ',') : NULL;

	if (!comma)
		return err_set(err, -EINVAL, "since needs a table and two sets");
	if (snprintf(declaration->since[0], SET_KEY_MAX, "%s %s %.*s", family, table,
		     (int)(comma - sets), sets) >= SET_KEY_MAX ||
	    snprintf(declaration->since[1], SET_KEY_MAX, "%s %s %s", family, table, comma + 1) >=
		    SET_KEY_MAX)
		return err_set(err, -EINVAL, "the names of '%s' are too long", sets);
	return 0;
}

static int flags_parse(struct words *words, struct declaration *declaration, struct err *err)
{
	uint64_t seconds;

	declaration->interval = words_accept(words, "interval");
	declaration->dynamic = words_accept(words, "dynamic");
	if (words_accept(words, "timeout")) {
		const char *word = words_take(words);

		if (!word || !number_parse(word, UINT32_MAX / 1000, &seconds) || seconds == 0)
			return err_set(err, -EINVAL, "'%s' is no time in seconds",
				       word ? word : "");
		declaration->timeout_s = (uint32_t)seconds;
	}
	declaration->counter = words_accept(words, "counter");
	if (words_accept(words, "since") && since_parse(words, declaration, err) < 0)
		return err->code;
	if (words_peek(words))
		return err_set(err, -EINVAL, "'%s' is not understood", words_peek(words));
	if (declaration_has_edges(declaration) && declaration->key.types[0]->host_order)
		return err_set(err, -EINVAL, "there are no intervals of %s",
			       declaration->key.types[0]->name);
	return 0;
}

int declaration_parse(const char *text, struct declaration *declaration, struct err *err)
{
	struct declaration parsed = { 0 };
	AUTO(words_clear) struct words words = WORDS_NONE;
	bool is_map;
	int ret;

	ret = words_split(&words, text, err);
	if (ret < 0)
		return ret;
	is_map = words_accept(&words, "map");
	if (!is_map && !words_accept(&words, "set"))
		return err_set(err, -EINVAL, "'%s' is neither set nor map", text);
	ret = types_parse(&words, &parsed.key, err);
	if (ret == 0 && is_map)
		ret = data_parse(&words, &parsed, err);
	if (ret == 0)
		ret = flags_parse(&words, &parsed, err);
	if (ret == 0)
		*declaration = parsed;
	return ret;
}
