/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/backend/nft/element.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <string.h>

#define PART_TEXT_MAX 100

static const struct {
	const char *word;
	int verdict;
	bool has_chain;
} verdicts[] = {
	{ "accept", NF_ACCEPT, false },  { "drop", NF_DROP, false },
	{ "return", NFT_RETURN, false }, { "jump", NFT_JUMP, true },
	{ "goto", NFT_GOTO, true },      { "continue", NFT_CONTINUE, false },
};

bool verdict_parse(const char *text, int *verdict, const char **chain)
{
	size_t length = strcspn(text, " ");

	for (size_t i = 0; i < ARRAY_SIZE(verdicts); i++) {
		if (strlen(verdicts[i].word) != length ||
		    strncmp(verdicts[i].word, text, length) != 0)
			continue;
		if (verdicts[i].has_chain != (text[length] == ' '))
			return false;
		*verdict = verdicts[i].verdict;
		*chain = verdicts[i].has_chain ? text + length + 1 : NULL;
		return !*chain || (**chain && !strchr(*chain, ' '));
	}
	return false;
}

void verdict_format(int verdict, const char *chain, struct text *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(verdicts); i++)
		if (verdicts[i].verdict == verdict) {
			text_format(out, "%s%s%s", verdicts[i].word, chain ? " " : "",
				    chain ? chain : "");
			return;
		}
	text_format(out, "verdict %d", verdict);
}

/* Cuts the next part off '*text', which is at the end afterwards if it was the last. */
static bool next_part(const char **text, char *part)
{
	const char *dot = strstr(*text, " . ");
	size_t length = dot ? (size_t)(dot - *text) : strlen(*text);

	if (length == 0 || length >= PART_TEXT_MAX)
		return false;
	memcpy(part, *text, length);
	part[length] = '\0';
	*text += dot ? length + 3 : length;
	return true;
}

static int parts_parse(const struct type_list *list, bool interval, const char *text,
		       uint8_t *first, uint8_t *last, struct err *err)
{
	const char *rest = text;
	size_t offset = 0;

	for (size_t i = 0; i < list->n; i++) {
		const struct type *type = list->types[i];
		char part[PART_TEXT_MAX];
		struct range range;
		int ret;

		if (!next_part(&rest, part))
			return err_set(err, -EINVAL, "'%s' has fewer parts than its type", text);
		ret = range_parse(type, part, &range, err);
		if (ret < 0)
			return ret;
		if (!interval && !range_is_single(type, &range))
			return err_set(err, -EINVAL, "'%s': no interval can stand here", part);
		memcpy(first + offset, range.first, type->size);
		memcpy(last + offset, range.last, type->size);
		offset += (type->size + 3U) & ~3U;
	}
	if (*rest)
		return err_set(err, -EINVAL, "'%s' has more parts than its type", text);
	return 0;
}

static int data_parse(const struct declaration *declaration, const char *text,
		      struct element *element, struct err *err)
{
	uint8_t last[VALUE_BYTES_MAX];

	switch (declaration->data) {
	case SET_DATA_NONE:
		return *text ? err_set(err, -EINVAL, "an element of a set has no data, not '%s'",
				       text)
			     : 0;
	case SET_DATA_VALUE:
		return parts_parse(&declaration->value, false, text, element->value, last, err);
	case SET_DATA_VERDICT:
		if (!verdict_parse(text, &element->verdict, &element->name))
			return err_set(err, -EINVAL, "'%s' is no verdict", text);
		return 0;
	case SET_DATA_COUNTER:
		if (!*text || strchr(text, ' '))
			return err_set(err, -EINVAL, "'%s' is no name of a counter", text);
		element->name = text;
		return 0;
	}
	return 0;
}

int element_parse(const struct declaration *declaration, const char *key_text,
		  const char *data_text, struct element *element, struct err *err)
{
	int ret;

	memset(element, 0, sizeof(*element));
	ret = parts_parse(&declaration->key, declaration->interval, key_text, element->key,
			  element->last, err);
	if (ret < 0)
		return ret;
	return data_text ? data_parse(declaration, data_text, element, err) : 0;
}

static void parts_format(const struct type_list *list, const uint8_t *first, const uint8_t *last,
			 struct text *out)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct type *type = list->types[i];
		size_t offset = type_list_offset(list, i);
		struct range range = { 0 };

		memcpy(range.first, first + offset, type->size);
		memcpy(range.last, last + offset, type->size);
		if (i)
			text_add(out, " . ");
		range_format(type, &range, out);
	}
}

void element_key_format(const struct declaration *declaration, const uint8_t *key,
			const uint8_t *last, struct text *out)
{
	parts_format(&declaration->key, key, last, out);
}

void element_data_format(const struct declaration *declaration, const struct element *element,
			 struct text *out)
{
	switch (declaration->data) {
	case SET_DATA_NONE:
		break;
	case SET_DATA_VALUE:
		parts_format(&declaration->value, element->value, element->value, out);
		break;
	case SET_DATA_VERDICT:
		verdict_format(element->verdict, element->name, out);
		break;
	case SET_DATA_COUNTER:
		text_add(out, element->name ? element->name : "");
		break;
	}
}
