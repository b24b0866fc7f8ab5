/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Elements as the kernel tells of them. An interval of one field comes as two elements, of which
 * the end may come before the begin, in another message even: they are put together by their order.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libnftnl/set.h>
#include <linux/netfilter/nf_tables.h>

#include "lib/backend/nft/nft_state.h"

static void take_data(struct nftnl_set_elem *elem, const struct declaration *declaration,
		      struct element *element)
{
	const void *value;
	uint32_t size = 0;

	switch (declaration->data) {
	case SET_DATA_NONE:
		break;
	case SET_DATA_VALUE:
		value = nftnl_set_elem_get(elem, NFTNL_SET_ELEM_DATA, &size);
		if (value && size <= sizeof(element->value))
			memcpy(element->value, value, size);
		break;
	case SET_DATA_VERDICT:
		element->verdict = (int)nftnl_set_elem_get_u32(elem, NFTNL_SET_ELEM_VERDICT);
		element->name = nftnl_set_elem_get_str(elem, NFTNL_SET_ELEM_CHAIN);
		break;
	case SET_DATA_COUNTER:
		element->name = nftnl_set_elem_get_str(elem, NFTNL_SET_ELEM_OBJREF);
		break;
	}
}

static char *owner_of(struct nftnl_set_elem *elem)
{
	uint32_t size = 0;
	const void *bytes = nftnl_set_elem_get(elem, NFTNL_SET_ELEM_USERDATA, &size);
	char *owner = user_data_get(bytes, bytes ? size : 0, USER_COMMENT, NULL);

	return owner ? owner : mem_text("");
}

static void tell(const struct reading *reading, const struct known_set *set,
		 struct nftnl_set_elem *elem, const struct element *element)
{
	struct text key = TEXT_NONE, value = TEXT_NONE;
	AUTO(free_ptr) char *owner = owner_of(elem);

	text_format(&key, "%s ", set->key);
	element_key_format(&set->declaration, element->key, element->last, &key);
	element_data_format(&set->declaration, element, &value);
	if (reading->have)
		item_set_say(reading->have, "nft.element", owner, text_view(&key),
			     text_view(&value));
	text_clear(&key);
	text_clear(&value);
}

static bool take_key(struct nftnl_set_elem *elem, const struct declaration *declaration,
		     struct element *element)
{
	uint32_t size = 0;
	const void *key = nftnl_set_elem_get(elem, NFTNL_SET_ELEM_KEY, &size);

	memset(element, 0, sizeof(*element));
	if (!key || size > sizeof(element->key) || size < declaration->key.size)
		return false;
	memcpy(element->key, key, size);
	memcpy(element->last, key, size);
	if (nftnl_set_elem_is_set(elem, NFTNL_SET_ELEM_KEY_END)) {
		key = nftnl_set_elem_get(elem, NFTNL_SET_ELEM_KEY_END, &size);
		if (size <= sizeof(element->last))
			memcpy(element->last, key, size);
	}
	return true;
}

struct edge {
	uint8_t key[VALUE_BYTES_MAX];
	bool is_end;
	struct nftnl_set_elem *elem;
};

static int edge_compare(const void *one, const void *other)
{
	const struct edge *a = one, *b = other;
	int order = memcmp(a->key, b->key, sizeof(a->key));

	/* Where one interval ends the next may begin. */
	return order ? order : (int)b->is_end - (int)a->is_end;
}

static void tell_intervals(const struct reading *reading, const struct known_set *set,
			   struct edge *edges, size_t n)
{
	size_t size = set->declaration.key.size;

	qsort(edges, n, sizeof(*edges), edge_compare);
	for (size_t i = 0; i < n; i++) {
		struct element element = { 0 };

		if (edges[i].is_end)
			continue;
		memcpy(element.key, edges[i].key, size);
		if (i + 1 < n) {
			memcpy(element.last, edges[i + 1].key, size);
			bytes_decrement(element.last, size);
		} else {
			memset(element.last, 0xff, size);
		}
		take_data(edges[i].elem, &set->declaration, &element);
		tell(reading, set, edges[i].elem, &element);
	}
}

void read_elements_told(const struct reading *reading, const struct known_set *set,
			struct nftnl_set *elements)
{
	struct nftnl_set_elems_iter *iter = nftnl_set_elems_iter_create(elements);
	bool has_edges = declaration_has_edges(&set->declaration);
	struct edge *edges = NULL;
	size_t n = 0, room = 0;
	struct nftnl_set_elem *elem;

	/* What packets have put into a set is nobody's item. */
	while (!set->declaration.dynamic && (elem = nftnl_set_elems_iter_next(iter))) {
		uint32_t flags = nftnl_set_elem_is_set(elem, NFTNL_SET_ELEM_FLAGS)
					 ? nftnl_set_elem_get_u32(elem, NFTNL_SET_ELEM_FLAGS)
					 : 0;
		struct element element;

		if (!take_key(elem, &set->declaration, &element))
			continue;
		if (has_edges) {
			mem_grow(&edges, &room, n + 1, sizeof(*edges));
			memcpy(edges[n].key, element.key, sizeof(edges[n].key));
			edges[n].is_end = flags & NFT_SET_ELEM_INTERVAL_END;
			edges[n++].elem = elem;
			continue;
		}
		take_data(elem, &set->declaration, &element);
		tell(reading, set, elem, &element);
	}
	if (n)
		tell_intervals(reading, set, edges, n);
	nftnl_set_elems_iter_destroy(iter);
	free(edges);
}

static int collect(const struct nlmsghdr *message, void *data)
{
	return nftnl_set_elems_nlmsg_parse(message, data) < 0 ? MNL_CB_ERROR : MNL_CB_OK;
}

int read_elements_of(struct reading *reading, const struct known_set *set, struct err *err)
{
	struct nftnl_set *request = nftnl_set_alloc(), *all = nftnl_set_alloc();
	char bytes[512] = { 0 };
	struct nlmsghdr *message;
	struct place place;
	int ret;

	place_parse(set->key, &place);
	nftnl_set_set_str(request, NFTNL_SET_TABLE, place.table);
	nftnl_set_set_str(request, NFTNL_SET_NAME, place.name);
	message = nftnl_nlmsg_build_hdr(bytes, NFT_MSG_GETSETELEM,
					(uint16_t)family_number(place.family), NLM_F_DUMP, 0);
	nftnl_set_elems_nlmsg_build_payload(message, request);
	ret = nft_talk(reading->nft, message, collect, all, err);
	if (ret == 0)
		read_elements_told(reading, set, all);
	nftnl_set_free(request);
	nftnl_set_free(all);
	place_clear(&place);
	return ret;
}

struct nlmsghdr *read_element_ask(const struct known_set *set, const char *key_text, uint16_t flags,
				  char *bytes, struct err *err)
{
	const struct declaration *declaration = &set->declaration;
	struct nftnl_set_elem *elem;
	struct nftnl_set *request;
	struct nlmsghdr *message;
	struct element element;
	struct place place;

	if (element_parse(declaration, key_text, NULL, &element, err) < 0)
		return NULL;
	place_parse(set->key, &place);
	request = nftnl_set_alloc();
	elem = nftnl_set_elem_alloc();
	nftnl_set_elem_set(elem, NFTNL_SET_ELEM_KEY, element.key, (uint32_t)declaration->key.size);
	if (declaration->interval)
		nftnl_set_elem_set(elem, NFTNL_SET_ELEM_KEY_END, element.last,
				   (uint32_t)declaration->key.size);
	nftnl_set_elem_add(request, elem);
	nftnl_set_set_str(request, NFTNL_SET_TABLE, place.table);
	nftnl_set_set_str(request, NFTNL_SET_NAME, place.name);
	message = nftnl_nlmsg_build_hdr(bytes, NFT_MSG_GETSETELEM,
					(uint16_t)family_number(place.family), flags, 0);
	nftnl_set_elems_nlmsg_build_payload(message, request);
	nftnl_set_free(request);
	place_clear(&place);
	return message;
}

int read_element_one(struct reading *reading, const struct known_set *set, const char *key_text,
		     struct err *err)
{
	char bytes[ELEMENT_REQUEST_MAX] = { 0 };
	struct nlmsghdr *message = read_element_ask(set, key_text, NLM_F_ACK, bytes, err);
	struct err none = ERR_NONE;
	struct nftnl_set *all;

	if (!message)
		return err->code;
	all = nftnl_set_alloc();
	if (nft_talk(reading->nft, message, collect, all, &none) == 0)
		read_elements_told(reading, set, all);
	err_clear(&none); /* It is not there. */
	nftnl_set_free(all);
	return 0;
}
