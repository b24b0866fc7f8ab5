/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Elements: many of one set in one message, as far as an attribute can be long. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libnftnl/expr.h>
#include <libnftnl/set.h>
#include <linux/netfilter/nf_tables.h>

#include "lib/backend/nft/message.h"

/* The list of elements is one attribute, whose length has 16 bits. An element with the longest
 * names, user data and the end of its interval is below ELEMENT_MOST; the usual one is below
 * ELEMENT_BYTES. */
#define ELEMENTS_BYTES 60000
#define ELEMENT_BYTES  512
#define ELEMENT_MOST   1024
#define MESSAGE_REST   2048

struct adding {
	const struct known_set *set;
	struct nftnl_set *to;
	size_t n; /* Elements of 'to'. */
	bool remove;
	struct err *err;
};

static void put_data(struct nftnl_set_elem *elem, const struct declaration *declaration,
		     const struct element *element)
{
	switch (declaration->data) {
	case SET_DATA_NONE:
		break;
	case SET_DATA_VALUE:
		nftnl_set_elem_set(elem, NFTNL_SET_ELEM_DATA, element->value,
				   (uint32_t)declaration->value.size);
		break;
	case SET_DATA_VERDICT:
		nftnl_set_elem_set_u32(elem, NFTNL_SET_ELEM_VERDICT, (uint32_t)element->verdict);
		if (element->name)
			nftnl_set_elem_set_str(elem, NFTNL_SET_ELEM_CHAIN, element->name);
		break;
	case SET_DATA_COUNTER:
		nftnl_set_elem_set_str(elem, NFTNL_SET_ELEM_OBJREF, element->name);
		break;
	}
}

static void put_user_data(struct nftnl_set_elem *elem, const struct message_element *to_add)
{
	static const struct nft_sum nothing[2];
	struct user_data data = { .size = 0 };

	user_data_put_text(&data, USER_COMMENT, item_owner(to_add->item));
	if (memcmp(to_add->since, nothing, sizeof(nothing)) != 0)
		user_data_put(&data, USER_SINCE, to_add->since, sizeof(to_add->since));
	if (data.size)
		nftnl_set_elem_set(elem, NFTNL_SET_ELEM_USERDATA, data.bytes, (uint32_t)data.size);
}

/* An interval of one field is two elements: where it begins, and behind where it ends. */
static void put_end(struct adding *adding, const struct element *element)
{
	const struct declaration *declaration = &adding->set->declaration;
	struct nftnl_set_elem *elem;
	uint8_t behind[VALUE_BYTES_MAX];

	memcpy(behind, element->last, sizeof(behind));
	if (!bytes_increment(behind, declaration->key.size))
		return; /* It goes to the end of the space. */
	elem = nftnl_set_elem_alloc();
	nftnl_set_elem_set(elem, NFTNL_SET_ELEM_KEY, behind, (uint32_t)declaration->key.size);
	nftnl_set_elem_set_u32(elem, NFTNL_SET_ELEM_FLAGS, NFT_SET_ELEM_INTERVAL_END);
	nftnl_set_elem_add(adding->to, elem);
}

static void put_sum(struct nftnl_set_elem *elem, const struct nft_sum *sum)
{
	struct nftnl_expr *counter;

	if (!sum->packets && !sum->bytes)
		return;
	counter = nftnl_expr_alloc("counter");
	nftnl_expr_set_u64(counter, NFTNL_EXPR_CTR_PACKETS, sum->packets);
	nftnl_expr_set_u64(counter, NFTNL_EXPR_CTR_BYTES, sum->bytes);
	nftnl_set_elem_add_expr(elem, counter);
}

static int add_one(struct adding *adding, const struct message_element *to_add)
{
	const struct item *item = to_add->item;
	const struct declaration *declaration = &adding->set->declaration;
	size_t skip = strlen(adding->set->key) + 1;
	struct nftnl_set_elem *elem;
	struct element element;

	if (element_parse(declaration, item_key(item) + skip,
			  adding->remove ? NULL : item_value(item), &element, adding->err) < 0)
		return adding->err->code;
	elem = nftnl_set_elem_alloc();
	nftnl_set_elem_set(elem, NFTNL_SET_ELEM_KEY, element.key, (uint32_t)declaration->key.size);
	if (declaration->interval && declaration->key.n > 1)
		nftnl_set_elem_set(elem, NFTNL_SET_ELEM_KEY_END, element.last,
				   (uint32_t)declaration->key.size);
	if (!adding->remove) {
		put_data(elem, declaration, &element);
		put_user_data(elem, to_add);
		if (declaration->counter)
			put_sum(elem, &to_add->sum);
	}
	nftnl_set_elem_add(adding->to, elem);
	if (declaration_has_edges(declaration))
		put_end(adding, &element);
	return 0;
}

/* "inet weft set" of "inet weft set 10.0.0.1". */
static char *set_key(const struct item *item)
{
	const char *at = item_key(item);

	for (int words = 0; *at; at++)
		if (*at == ' ' && ++words == 3)
			break;
	return mem_text_n(item_key(item), (size_t)(at - item_key(item)));
}

static struct nftnl_set *set_new(const struct place *place)
{
	struct nftnl_set *set = nftnl_set_alloc();

	nftnl_set_set_str(set, NFTNL_SET_TABLE, place->table);
	nftnl_set_set_str(set, NFTNL_SET_NAME, place->name);
	return set;
}

static void flush(struct transaction *batch, struct adding *adding, const struct place *place)
{
	size_t most = adding->n * ELEMENT_MOST < ELEMENTS_BYTES ? adding->n * ELEMENT_MOST
								: ELEMENTS_BYTES;
	struct nlmsghdr *message =
		transaction_message(batch, most + MESSAGE_REST,
				    adding->remove ? NFT_MSG_DELSETELEM : NFT_MSG_NEWSETELEM,
				    family_number(place->family),
				    adding->remove ? 0 : NLM_F_CREATE | NLM_F_EXCL);

	nftnl_set_elems_nlmsg_build_payload(message, adding->to);
	transaction_added(batch, message);
	nftnl_set_free(adding->to);
	adding->to = set_new(place);
	adding->n = 0;
}

int message_elements(struct nft *nft, struct transaction *batch,
		     const struct message_element *elements, size_t n, bool remove, struct err *err)
{
	AUTO(free_ptr) char *key = set_key(elements[0].item);
	struct adding adding = { known_set_find(nft, key), NULL, 0, remove, err };
	size_t per_message = ELEMENTS_BYTES / ELEMENT_BYTES;
	struct place place;
	int ret = 0;

	if (!adding.set)
		return remove ? 0 : err_set(err, -ENOENT, "there is no set %s", key);
	place_parse(key, &place);
	adding.to = set_new(&place);
	for (size_t i = 0; ret == 0 && i < n; i++) {
		ret = add_one(&adding, &elements[i]);
		if (ret == 0 && ++adding.n == per_message)
			flush(batch, &adding, &place);
	}
	if (ret == 0 && adding.n)
		flush(batch, &adding, &place);
	nftnl_set_free(adding.to);
	place_clear(&place);
	return ret;
}
