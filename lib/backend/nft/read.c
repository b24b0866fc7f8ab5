/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel tells of an object, as an item; and what must be known of it to change it. */
#include <stdlib.h>
#include <string.h>

#include <libnftnl/chain.h>
#include <libnftnl/object.h>
#include <libnftnl/rule.h>
#include <libnftnl/set.h>
#include <libnftnl/table.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "lib/backend/nft/nft_state.h"

/* "inet weft" if the object's table is ours, else NULL. The caller's. */
static char *table_of(const struct reading *reading, const struct nlmsghdr *message,
		      const char *table)
{
	const struct nfgenmsg *header = mnl_nlmsg_get_payload(message);
	const char *family = family_name(header->nfgen_family);

	if (!table || !family || strcmp(table, reading->nft->table_name) != 0)
		return NULL;
	return mem_format("%s %s", family, table);
}

static void say(const struct reading *reading, const char *kind, const char *key, const char *value,
		const char *owner)
{
	if (reading->have)
		item_set_say(reading->have, kind, owner ? owner : "", key, value);
}

int read_table(const struct nlmsghdr *message, void *data)
{
	struct nftnl_table *table = nftnl_table_alloc();
	struct reading *reading = data;
	AUTO(free_ptr) char *key = NULL;
	AUTO(free_ptr) char *owner = NULL;
	const void *bytes;
	uint32_t size = 0;

	if (nftnl_table_nlmsg_parse(message, table) == 0) {
		key = table_of(reading, message, nftnl_table_get_str(table, NFTNL_TABLE_NAME));
		bytes = nftnl_table_get_data(table, NFTNL_TABLE_USERDATA, &size);
		owner = user_data_get(bytes, bytes ? size : 0, USER_OWNER, NULL);
	}
	if (key)
		say(reading, "nft.table", key,
		    nftnl_table_get_u32(table, NFTNL_TABLE_FLAGS) & NFT_TABLE_F_OWNER ? TABLE_OWNED
										      : "",
		    owner);
	nftnl_table_free(table);
	return MNL_CB_OK;
}

static char *base_text(const struct nftnl_chain *chain, const char *family)
{
	const char *device = nftnl_chain_get_str(chain, NFTNL_CHAIN_DEV);

	if (!nftnl_chain_is_set(chain, NFTNL_CHAIN_HOOKNUM))
		return mem_text("");
	return mem_format("%s %s %d %s%s%s", nftnl_chain_get_str(chain, NFTNL_CHAIN_TYPE),
			  hook_name(family, nftnl_chain_get_u32(chain, NFTNL_CHAIN_HOOKNUM)),
			  nftnl_chain_get_s32(chain, NFTNL_CHAIN_PRIO),
			  nftnl_chain_get_u32(chain, NFTNL_CHAIN_POLICY) == NF_DROP ? "drop"
										    : "accept",
			  device ? " " : "", device ? device : "");
}

int read_chain(const struct nlmsghdr *message, void *data)
{
	struct nftnl_chain *chain = nftnl_chain_alloc();
	struct reading *reading = data;
	AUTO(free_ptr) char *table = NULL;

	if (nftnl_chain_nlmsg_parse(message, chain) == 0)
		table = table_of(reading, message, nftnl_chain_get_str(chain, NFTNL_CHAIN_TABLE));
	if (table) {
		AUTO(free_ptr)
		char *key =
			mem_format("%s %s", table, nftnl_chain_get_str(chain, NFTNL_CHAIN_NAME));
		AUTO(free_ptr)
		char *text = base_text(chain,
				       family_name(nftnl_chain_get_u32(chain, NFTNL_CHAIN_FAMILY)));
		uint32_t size = 0;
		const void *bytes = nftnl_chain_get_data(chain, NFTNL_CHAIN_USERDATA, &size);
		AUTO(free_ptr)
		char *owner = user_data_get(bytes, bytes ? size : 0, USER_OWNER, NULL);

		known_chain_get(reading->nft, key);
		say(reading, "nft.chain", key, text, owner);
	}
	nftnl_chain_free(chain);
	return MNL_CB_OK;
}

int read_set(const struct nlmsghdr *message, void *data)
{
	struct nftnl_set *set = nftnl_set_alloc();
	struct reading *reading = data;
	AUTO(free_ptr) char *table = NULL;

	if (nftnl_set_nlmsg_parse(message, set) == 0 &&
	    !(nftnl_set_get_u32(set, NFTNL_SET_FLAGS) & NFT_SET_ANONYMOUS))
		table = table_of(reading, message, nftnl_set_get_str(set, NFTNL_SET_TABLE));
	if (table) {
		AUTO(free_ptr)
		char *key = mem_format("%s %s", table, nftnl_set_get_str(set, NFTNL_SET_NAME));
		uint32_t size = 0;
		const void *bytes = nftnl_set_get_data(set, NFTNL_SET_USERDATA, &size);
		AUTO(free_ptr) char *text = user_data_get(bytes, bytes ? size : 0, USER_TEXT, NULL);
		AUTO(free_ptr)
		char *owner = user_data_get(bytes, bytes ? size : 0, USER_OWNER, NULL);
		struct declaration declaration;

		if (text && declaration_parse(text, &declaration, NULL) == 0)
			known_set_put(reading->nft, key, &declaration);
		/* Without our mark it is foreign; any declaration serves to take it away. */
		say(reading, "nft.set", key, text ? text : "set mark", owner);
	}
	nftnl_set_free(set);
	return MNL_CB_OK;
}

int read_rule(const struct nlmsghdr *message, void *data)
{
	struct nftnl_rule *rule = nftnl_rule_alloc();
	struct reading *reading = data;
	AUTO(free_ptr) char *table = NULL;

	if (nftnl_rule_nlmsg_parse(message, rule) == 0)
		table = table_of(reading, message, nftnl_rule_get_str(rule, NFTNL_RULE_TABLE));
	if (table) {
		AUTO(free_ptr)
		char *chain =
			mem_format("%s %s", table, nftnl_rule_get_str(rule, NFTNL_RULE_CHAIN));
		uint32_t size = 0;
		const void *bytes = nftnl_rule_get_data(rule, NFTNL_RULE_USERDATA, &size);
		struct known_rule known = {
			.handle = nftnl_rule_get_u64(rule, NFTNL_RULE_HANDLE),
			.order = user_data_get(bytes, bytes ? size : 0, USER_TEXT, NULL),
			.owner = user_data_get(bytes, bytes ? size : 0, USER_COMMENT, NULL),
		};
		AUTO(free_ptr) char *hash = user_data_get(bytes, bytes ? size : 0, USER_HASH, NULL);
		AUTO(free_ptr) char *key = NULL;
		AUTO(free_ptr) char *value = NULL;

		if (hash && known.order)
			memcpy(&known.hash, hash, sizeof(known.hash));
		if (!known.order)
			known.order = mem_format("foreign-%llu", (unsigned long long)known.handle);
		key = mem_format("%s %s", chain, known.order);
		value = mem_format("#%016llx", (unsigned long long)known.hash);
		say(reading, "nft.rule", key, value, known.owner);
		known_rule_put(known_chain_get(reading->nft, chain), &known);
	}
	nftnl_rule_free(rule);
	return MNL_CB_OK;
}

int read_counter(const struct nlmsghdr *message, void *data)
{
	struct nftnl_obj *object = nftnl_obj_alloc();
	struct reading *reading = data;
	AUTO(free_ptr) char *table = NULL;

	if (nftnl_obj_nlmsg_parse(message, object) == 0 &&
	    nftnl_obj_get_u32(object, NFTNL_OBJ_TYPE) == NFT_OBJECT_COUNTER)
		table = table_of(reading, message, nftnl_obj_get_str(object, NFTNL_OBJ_TABLE));
	if (table) {
		AUTO(free_ptr)
		char *key = mem_format("%s %s", table, nftnl_obj_get_str(object, NFTNL_OBJ_NAME));
		uint32_t size = 0;
		const void *bytes = nftnl_obj_get_data(object, NFTNL_OBJ_USERDATA, &size);
		AUTO(free_ptr)
		char *owner = user_data_get(bytes, bytes ? size : 0, USER_OWNER, NULL);

		say(reading, "nft.counter", key, "", owner);
	}
	nftnl_obj_free(object);
	return MNL_CB_OK;
}
