/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/backend/nft/message.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <libnftnl/chain.h>
#include <libnftnl/object.h>
#include <libnftnl/set.h>
#include <libnftnl/table.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "lib/backend/nft/rule.h"
#include "lib/backend/nft/words.h"

#define MESSAGE_MAX 4096
#define RULE_MAX    65536

static void attach_owner(struct user_data *data, const struct item *item)
{
	user_data_put_text(data, USER_OWNER, item_owner(item));
}

int message_table(struct nft *nft, struct transaction *batch, const struct item *item, bool remove,
		  struct err *err)
{
	struct nftnl_table *table = nftnl_table_alloc();
	struct user_data data = { .size = 0 };
	struct nlmsghdr *message;
	struct place place;

	(void)nft;
	(void)err;
	place_parse(item_key(item), &place);
	message =
		transaction_message(batch, MESSAGE_MAX,
				    remove ? NFT_MSG_DELTABLE : NFT_MSG_NEWTABLE,
				    family_number(place.family), remove ? NLM_F_ACK : NLM_F_CREATE);
	nftnl_table_set_str(table, NFTNL_TABLE_NAME, place.table);
	if (!remove) {
		attach_owner(&data, item);
		if (strcmp(item_value(item), TABLE_OWNED) == 0)
			nftnl_table_set_u32(table, NFTNL_TABLE_FLAGS, NFT_TABLE_F_OWNER);
		nftnl_table_set_data(table, NFTNL_TABLE_USERDATA, data.bytes, (uint32_t)data.size);
	}
	nftnl_table_nlmsg_build_payload(message, table);
	transaction_added(batch, message);
	nftnl_table_free(table);
	place_clear(&place);
	return 0;
}

/* "TYPE HOOK PRIORITY POLICY [DEVICE]" */
static int base_chain(struct nftnl_chain *chain, const char *family, const char *text,
		      struct err *err)
{
	AUTO(words_clear) struct words words = WORDS_NONE;
	int hook;

	if (words_split(&words, text, err) < 0)
		return err->code;
	hook = words.n >= 4 ? hook_number(family, words.words[1]) : -1;
	if (hook < 0)
		return err_set(err, -EINVAL, "\"%s\" is no base chain of %s", text, family);
	nftnl_chain_set_str(chain, NFTNL_CHAIN_TYPE, words.words[0]);
	nftnl_chain_set_u32(chain, NFTNL_CHAIN_HOOKNUM, (uint32_t)hook);
	nftnl_chain_set_s32(chain, NFTNL_CHAIN_PRIO, atoi(words.words[2]));
	nftnl_chain_set_u32(chain, NFTNL_CHAIN_POLICY,
			    strcmp(words.words[3], "drop") == 0 ? NF_DROP : NF_ACCEPT);
	if (words.n > 4)
		nftnl_chain_set_str(chain, NFTNL_CHAIN_DEV, words.words[4]);
	return 0;
}

int message_chain(struct nft *nft, struct transaction *batch, const struct item *item, bool remove,
		  struct err *err)
{
	struct nftnl_chain *chain = nftnl_chain_alloc();
	struct user_data data = { .size = 0 };
	struct place place;
	int ret = 0;

	(void)nft;
	place_parse(item_key(item), &place);
	nftnl_chain_set_str(chain, NFTNL_CHAIN_TABLE, place.table);
	nftnl_chain_set_str(chain, NFTNL_CHAIN_NAME, place.name);
	if (!remove && *item_value(item))
		ret = base_chain(chain, place.family, item_value(item), err);
	if (ret == 0) {
		struct nlmsghdr *message =
			transaction_message(batch, MESSAGE_MAX,
					    remove ? NFT_MSG_DELCHAIN : NFT_MSG_NEWCHAIN,
					    family_number(place.family), remove ? 0 : NLM_F_CREATE);

		attach_owner(&data, item);
		if (!remove)
			nftnl_chain_set_data(chain, NFTNL_CHAIN_USERDATA, data.bytes,
					     (uint32_t)data.size);
		nftnl_chain_nlmsg_build_payload(message, chain);
		transaction_added(batch, message);
	}
	nftnl_chain_free(chain);
	place_clear(&place);
	return ret;
}

/* nft(8) prints values by their byte order: 1 is the machine's, 2 the network's. */
static void attach_byte_order(struct user_data *data, const struct declaration *declaration)
{
	uint32_t order = declaration->key.types[0]->host_order ? 1 : 2;

	user_data_put(data, 0, &order, sizeof(order));
	if (declaration->data != SET_DATA_VALUE)
		return;
	order = declaration->value.types[0]->host_order ? 1 : 2;
	user_data_put(data, 1, &order, sizeof(order));
}

static uint32_t set_flags(const struct declaration *declaration)
{
	uint32_t flags = 0;

	if (declaration->interval)
		flags |= NFT_SET_INTERVAL;
	if (declaration->interval && declaration->key.n > 1)
		flags |= NFT_SET_CONCAT;
	if (declaration->dynamic)
		flags |= NFT_SET_EVAL;
	if (declaration->timeout_s)
		flags |= NFT_SET_TIMEOUT;
	if (declaration->data == SET_DATA_COUNTER)
		flags |= NFT_SET_OBJECT;
	else if (declaration->data != SET_DATA_NONE)
		flags |= NFT_SET_MAP;
	return flags;
}

static void set_types(struct nftnl_set *set, const struct declaration *declaration)
{
	const struct type_list *key = &declaration->key;
	uint8_t lengths[TYPE_LIST_MAX];

	nftnl_set_set_u32(set, NFTNL_SET_FLAGS, set_flags(declaration));
	nftnl_set_set_u32(set, NFTNL_SET_KEY_TYPE, type_list_kernel(key));
	nftnl_set_set_u32(set, NFTNL_SET_KEY_LEN, (uint32_t)key->size);
	if (declaration->interval && key->n > 1) {
		for (size_t i = 0; i < key->n; i++)
			lengths[i] = key->types[i]->size;
		nftnl_set_set_data(set, NFTNL_SET_DESC_CONCAT, lengths, (uint32_t)key->n);
	}
	if (declaration->timeout_s)
		nftnl_set_set_u64(set, NFTNL_SET_TIMEOUT, declaration->timeout_s * 1000ULL);
	switch (declaration->data) {
	case SET_DATA_NONE:
		break;
	case SET_DATA_VALUE:
		nftnl_set_set_u32(set, NFTNL_SET_DATA_TYPE, type_list_kernel(&declaration->value));
		nftnl_set_set_u32(set, NFTNL_SET_DATA_LEN, (uint32_t)declaration->value.size);
		break;
	case SET_DATA_VERDICT:
		nftnl_set_set_u32(set, NFTNL_SET_DATA_TYPE, NFT_DATA_VERDICT);
		nftnl_set_set_u32(set, NFTNL_SET_DATA_LEN, 0);
		break;
	case SET_DATA_COUNTER:
		nftnl_set_set_u32(set, NFTNL_SET_OBJ_TYPE, NFT_OBJECT_COUNTER);
		break;
	}
	if (declaration->counter)
		nftnl_set_add_expr(set, nftnl_expr_alloc("counter"));
}

int message_set(struct nft *nft, struct transaction *batch, const struct item *item, bool remove,
		struct err *err)
{
	struct declaration declaration;
	struct user_data data = { .size = 0 };
	struct nlmsghdr *message;
	struct nftnl_set *set;
	struct place place;

	if (declaration_parse(item_value(item), &declaration, err) < 0)
		return err->code;
	set = nftnl_set_alloc();
	place_parse(item_key(item), &place);
	nftnl_set_set_str(set, NFTNL_SET_TABLE, place.table);
	nftnl_set_set_str(set, NFTNL_SET_NAME, place.name);
	if (!remove) {
		set_types(set, &declaration);
		attach_byte_order(&data, &declaration);
		user_data_put_text(&data, USER_TEXT, item_value(item));
		attach_owner(&data, item);
		nftnl_set_set_data(set, NFTNL_SET_USERDATA, data.bytes, (uint32_t)data.size);
		nftnl_set_set_u32(set, NFTNL_SET_ID, ++batch->set_id);
		known_set_put(nft, item_key(item), &declaration);
	}
	message = transaction_message(batch, MESSAGE_MAX, remove ? NFT_MSG_DELSET : NFT_MSG_NEWSET,
				      family_number(place.family), remove ? 0 : NLM_F_CREATE);
	nftnl_set_nlmsg_build_payload(message, set);
	transaction_added(batch, message);
	nftnl_set_free(set);
	place_clear(&place);
	return 0;
}

int message_counter(struct nft *nft, struct transaction *batch, const struct item *item,
		    bool remove, struct err *err)
{
	struct nftnl_obj *object = nftnl_obj_alloc();
	struct user_data data = { .size = 0 };
	struct nlmsghdr *message;
	struct place place;

	(void)nft;
	(void)err;
	place_parse(item_key(item), &place);
	nftnl_obj_set_str(object, NFTNL_OBJ_TABLE, place.table);
	nftnl_obj_set_str(object, NFTNL_OBJ_NAME, place.name);
	nftnl_obj_set_u32(object, NFTNL_OBJ_TYPE, NFT_OBJECT_COUNTER);
	attach_owner(&data, item);
	if (!remove)
		nftnl_obj_set_data(object, NFTNL_OBJ_USERDATA, data.bytes, (uint32_t)data.size);
	message = transaction_message(batch, MESSAGE_MAX, remove ? NFT_MSG_DELOBJ : NFT_MSG_NEWOBJ,
				      family_number(place.family), remove ? 0 : NLM_F_CREATE);
	nftnl_obj_nlmsg_build_payload(message, object);
	transaction_added(batch, message);
	nftnl_obj_free(object);
	place_clear(&place);
	return 0;
}

struct lookup {
	const struct nft *nft;
	const struct place *place;
};

static const struct declaration *declaration_of(const void *data, const char *set)
{
	const struct lookup *lookup = data;
	AUTO(free_ptr)
	char *key = mem_format("%s %s %s", lookup->place->family, lookup->place->table, set);
	const struct known_set *known = known_set_find(lookup->nft, key);

	return known ? &known->declaration : NULL;
}

static void add_rule_sets(struct transaction *batch, struct rule *rule, const struct place *place)
{
	int family = family_number(place->family);

	for (size_t i = 0; i < rule->n_sets; i++) {
		struct nlmsghdr *message;

		nftnl_set_set_str(rule->sets[i], NFTNL_SET_TABLE, place->table);
		message = transaction_message(batch, MESSAGE_MAX, NFT_MSG_NEWSET, family,
					      NLM_F_CREATE);
		nftnl_set_nlmsg_build_payload(message, rule->sets[i]);
		transaction_added(batch, message);
		message = transaction_message(batch, RULE_MAX, NFT_MSG_NEWSETELEM, family,
					      NLM_F_CREATE);
		nftnl_set_elems_nlmsg_build_payload(message, rule->sets[i]);
		transaction_added(batch, message);
	}
}

/* The new rule stands before the first one that comes after it; rules of this batch are known by
 * their place in it, which the cache does not hold: they are added in their order, each at its end
 * or before one that was there. */
static uint64_t handle_behind(struct nft *nft, const char *chain_key, const char *order)
{
	const struct known_chain *chain = known_chain_find(nft, chain_key);

	for (size_t i = 0; chain && i < chain->n; i++)
		if (strcmp(chain->rules[i].order, order) > 0 && chain->rules[i].handle)
			return chain->rules[i].handle;
	return 0;
}

static int add_rule(struct nft *nft, struct transaction *batch, const struct item *item,
		    const struct place *place, struct err *err)
{
	AUTO(free_ptr)
	char *chain_key = mem_format("%s %s %s", place->family, place->table, place->name);
	uint64_t behind = handle_behind(nft, chain_key, place->rest);
	uint64_t hash = rule_hash(item_value(item));
	struct lookup lookup = { nft, place };
	struct user_data data = { .size = 0 };
	struct nlmsghdr *message;
	struct rule rule;

	if (rule_translate(place->family, item_value(item), declaration_of, &lookup, &batch->set_id,
			   &rule, err) < 0)
		return err->code;
	add_rule_sets(batch, &rule, place);
	user_data_put_text(&data, USER_COMMENT, item_owner(item));
	user_data_put_text(&data, USER_TEXT, place->rest);
	user_data_put(&data, USER_HASH, &hash, sizeof(hash));
	nftnl_rule_set_str(rule.rule, NFTNL_RULE_TABLE, place->table);
	nftnl_rule_set_str(rule.rule, NFTNL_RULE_CHAIN, place->name);
	nftnl_rule_set_data(rule.rule, NFTNL_RULE_USERDATA, data.bytes, (uint32_t)data.size);
	if (behind)
		nftnl_rule_set_u64(rule.rule, NFTNL_RULE_POSITION, behind);
	message =
		transaction_message(batch, RULE_MAX, NFT_MSG_NEWRULE, family_number(place->family),
				    (uint16_t)(NLM_F_CREATE | NLM_F_ECHO |
					       (behind ? 0 : NLM_F_APPEND)));
	nftnl_rule_nlmsg_build_payload(message, rule.rule);
	transaction_added(batch, message);
	rule_clear(&rule);
	return 0;
}

static int remove_rule(struct nft *nft, struct transaction *batch, const struct place *place)
{
	AUTO(free_ptr)
	char *chain_key = mem_format("%s %s %s", place->family, place->table, place->name);
	const struct known_rule *known =
		known_rule_find(known_chain_find(nft, chain_key), place->rest);
	struct nlmsghdr *message;
	struct nftnl_rule *rule;

	if (!known)
		return 0; /* Gone already. */
	rule = nftnl_rule_alloc();
	nftnl_rule_set_str(rule, NFTNL_RULE_TABLE, place->table);
	nftnl_rule_set_str(rule, NFTNL_RULE_CHAIN, place->name);
	nftnl_rule_set_u64(rule, NFTNL_RULE_HANDLE, known->handle);
	message = transaction_message(batch, MESSAGE_MAX, NFT_MSG_DELRULE,
				      family_number(place->family), 0);
	nftnl_rule_nlmsg_build_payload(message, rule);
	transaction_added(batch, message);
	nftnl_rule_free(rule);
	return 0;
}

int message_rule(struct nft *nft, struct transaction *batch, const struct item *item, bool remove,
		 struct err *err)
{
	struct place place;
	int ret;

	place_parse(item_key(item), &place);
	ret = remove ? remove_rule(nft, batch, &place) : add_rule(nft, batch, item, &place, err);
	place_clear(&place);
	return ret;
}
