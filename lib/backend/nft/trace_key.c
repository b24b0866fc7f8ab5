/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which element of a set decided: the rule's text says what of the packet is looked up, the trace
 * has the packet, and the kernel has the element. */
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "lib/backend/nft/rule_build.h"
#include "lib/backend/nft/trace_state.h"

static uint8_t version_of(const struct nft_trace_packet *packet)
{
	return packet->n_network ? packet->network[0] >> 4 : 0;
}

static bool get_payload(const struct selector *selector, const struct nft_trace_packet *packet,
			uint8_t *value, size_t size)
{
	bool network = selector->key == NFT_PAYLOAD_NETWORK_HEADER;
	const uint8_t *bytes = network ? packet->network : packet->transport;
	size_t n = network ? packet->n_network : packet->n_transport;

	if ((!network && selector->key != NFT_PAYLOAD_TRANSPORT_HEADER) ||
	    (selector->needs == NEEDS_IPV4 && version_of(packet) != 4) ||
	    (selector->needs == NEEDS_IPV6 && version_of(packet) != 6) ||
	    selector->offset + size > n)
		return false;
	memcpy(value, bytes + selector->offset, size);
	return true;
}

/* Of IPv6 the next header: what stands behind others is not looked for. */
static uint8_t protocol_of(const struct nft_trace_packet *packet)
{
	return packet->network[version_of(packet) == 4 ? 9 : 6];
}

static bool get_meta(const struct selector *selector, const struct nft_trace_packet *packet,
		     uint8_t *value, size_t size)
{
	int index = selector->key == NFT_META_OIFNAME ? packet->oif : packet->iif;
	char name[IFNAMSIZ] = { 0 };

	switch (selector->key) {
	case NFT_META_IIFNAME:
	case NFT_META_OIFNAME:
		if (!index || !if_indextoname((unsigned int)index, name))
			return false;
		memset(value, 0, size);
		memcpy(value, name, strlen(name));
		return true;
	case NFT_META_L4PROTO:
		value[0] = protocol_of(packet);
		return version_of(packet) != 0;
	case NFT_META_MARK:
		memcpy(value, &packet->mark, sizeof(packet->mark));
		return true;
	default:
		return false;
	}
}

static bool get_value(const struct selector *selector, const struct nft_trace_packet *packet,
		      struct text *out)
{
	const struct type *type = selector_type(selector);
	uint8_t value[TYPE_BYTES_MAX] = { 0 };
	bool found = false;

	if (selector->load == LOAD_META)
		found = get_meta(selector, packet, value, type->size);
	else if (selector->load == LOAD_PAYLOAD)
		found = get_payload(selector, packet, value, type->size);
	if (found)
		type_format(type, value, out);
	return found;
}

static bool get_key(const struct key *key, const struct nft_trace_packet *packet, struct text *out)
{
	for (size_t i = 0; i < key->types.n; i++) {
		if (i)
			text_add(out, " . ");
		if (!get_value(key->selectors[i], packet, out))
			return false;
	}
	return key->types.n > 0;
}

static int find(struct nft *nft, const char *table, const char *set, const char *key,
		struct item **element, struct err *err)
{
	AUTO(free_ptr) char *set_key = mem_format("%s %s", table, set);
	const struct known_set *known = known_set_find(nft, set_key);
	struct item_set found = ITEM_SET_NONE;
	struct reading reading = { .nft = nft, .have = &found };
	int ret = known ? read_element_one(&reading, known, key, err) : 0;

	if (ret == 0 && item_set_first(&found))
		*element = item_set_take(&found, item_set_first(&found));
	item_set_clear(&found);
	return ret;
}

int nft_trace_element(struct nft *nft, const char *table, const char *rule, const char *set,
		      const struct nft_trace_packet *packet, struct item **element, struct err *err)
{
	AUTO(words_clear) struct words words = WORDS_NONE;
	struct build build = { .words = &words, .err = err };
	struct key key = { 0 }, next;

	*element = NULL;
	if (words_split(&words, rule, err) < 0)
		return err->code;
	while (words_peek(&words)) {
		const char *word;
		int ret = build_key(&build, &next);

		if (ret < 0)
			return ret;
		if (ret > 0) {
			key = next;
			continue;
		}
		word = words_take(&words);
		if (word[0] == '@' && (!set || strcmp(word + 1, set) == 0)) {
			AUTO(text_clear) struct text text = TEXT_NONE;

			return get_key(&key, packet, &text)
				       ? find(nft, table, word + 1, text_view(&text), element, err)
				       : 0;
		}
	}
	return 0;
}
