/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of ours is in the kernel, as far as changing it needs: declarations, and where rules are. */
#include <linux/netfilter.h>
#include <stdlib.h>
#include <string.h>

#include "lib/backend/nft/nft_state.h"

static const struct {
	const char *name;
	int number;
} families[] = { { "inet", NFPROTO_INET },     { "ip", NFPROTO_IPV4 },
		 { "ip6", NFPROTO_IPV6 },      { "arp", NFPROTO_ARP },
		 { "bridge", NFPROTO_BRIDGE }, { "netdev", NFPROTO_NETDEV } };

int family_number(const char *family)
{
	for (size_t i = 0; i < ARRAY_SIZE(families); i++)
		if (strcmp(families[i].name, family) == 0)
			return families[i].number;
	return NFPROTO_UNSPEC;
}

const char *family_name(int family)
{
	for (size_t i = 0; i < ARRAY_SIZE(families); i++)
		if (families[i].number == family)
			return families[i].name;
	return NULL;
}

static const char *const ip_hooks[] = { "prerouting", "input",       "forward",
					"output",     "postrouting", NULL };
static const char *const arp_hooks[] = { "input", "output", NULL };
static const char *const netdev_hooks[] = { "ingress", "egress", NULL };

static const char *const *hooks_of(const char *family)
{
	if (strcmp(family, "arp") == 0)
		return arp_hooks;
	return strcmp(family, "netdev") == 0 ? netdev_hooks : ip_hooks;
}

int hook_number(const char *family, const char *hook)
{
	const char *const *hooks = hooks_of(family);

	for (int i = 0; hooks[i]; i++)
		if (strcmp(hooks[i], hook) == 0)
			return i;
	return -1;
}

const char *hook_name(const char *family, uint32_t number)
{
	const char *const *hooks = hooks_of(family);

	for (uint32_t i = 0; hooks[i]; i++)
		if (i == number)
			return hooks[i];
	return "unknown";
}

static const char *cut(char **rest)
{
	char *word = *rest, *space = strchr(word, ' ');

	*rest = space ? space + 1 : word + strlen(word);
	if (space)
		*space = '\0';
	return word;
}

void place_parse(const char *key, struct place *place)
{
	char *rest = place->copy = mem_text(key);

	place->family = cut(&rest);
	place->table = cut(&rest);
	place->name = cut(&rest);
	place->rest = rest;
}

void place_clear(struct place *place)
{
	free(place->copy);
}

static bool is_set(const struct map_node *node, const void *key)
{
	return strcmp(CONTAINER_OF(node, struct known_set, by_key)->key, key) == 0;
}

static bool is_chain(const struct map_node *node, const void *key)
{
	return strcmp(CONTAINER_OF(node, struct known_chain, by_key)->key, key) == 0;
}

struct known_set *known_set_find(const struct nft *nft, const char *key)
{
	struct map_node *node = map_find(&nft->sets, map_hash_text(key), is_set, key);

	return node ? CONTAINER_OF(node, struct known_set, by_key) : NULL;
}

void known_set_put(struct nft *nft, const char *key, const struct declaration *declaration)
{
	struct known_set *set = known_set_find(nft, key);
	size_t size = strlen(key) + 1;

	if (!set) {
		set = mem_alloc(sizeof(*set) + size);
		memcpy(set->key, key, size);
		map_add(&nft->sets, &set->by_key, map_hash_text(key));
	}
	set->declaration = *declaration;
}

static void set_free(struct nft *nft, struct known_set *set)
{
	map_remove(&nft->sets, &set->by_key);
	free(set);
}

void known_set_forget(struct nft *nft, const char *key)
{
	struct known_set *set = known_set_find(nft, key);

	if (set)
		set_free(nft, set);
}

struct known_chain *known_chain_find(const struct nft *nft, const char *key)
{
	struct map_node *node = map_find(&nft->chains, map_hash_text(key), is_chain, key);

	return node ? CONTAINER_OF(node, struct known_chain, by_key) : NULL;
}

struct known_chain *known_chain_get(struct nft *nft, const char *key)
{
	struct known_chain *chain = known_chain_find(nft, key);
	size_t size = strlen(key) + 1;

	if (chain)
		return chain;
	chain = mem_alloc(sizeof(*chain) + size);
	memcpy(chain->key, key, size);
	map_add(&nft->chains, &chain->by_key, map_hash_text(key));
	return chain;
}

static void rule_free(struct known_rule *rule)
{
	free(rule->order);
	free(rule->owner);
}

static void chain_free(struct nft *nft, struct known_chain *chain)
{
	map_remove(&nft->chains, &chain->by_key);
	for (size_t i = 0; i < chain->n; i++)
		rule_free(&chain->rules[i]);
	free(chain->rules);
	free(chain);
}

void known_chain_forget(struct nft *nft, const char *key)
{
	struct known_chain *chain = known_chain_find(nft, key);

	if (chain)
		chain_free(nft, chain);
}

struct known_rule *known_rule_find(struct known_chain *chain, const char *order)
{
	for (size_t i = 0; chain && i < chain->n; i++)
		if (strcmp(chain->rules[i].order, order) == 0)
			return &chain->rules[i];
	return NULL;
}

void known_rule_put(struct known_chain *chain, const struct known_rule *rule)
{
	size_t at;

	known_rule_remove(chain, rule->order);
	mem_grow(&chain->rules, &chain->room, chain->n + 1, sizeof(*chain->rules));
	for (at = chain->n; at > 0 && strcmp(chain->rules[at - 1].order, rule->order) > 0; at--)
		chain->rules[at] = chain->rules[at - 1];
	chain->rules[at] = *rule;
	chain->n++;
}

void known_rule_remove(struct known_chain *chain, const char *order)
{
	struct known_rule *rule = known_rule_find(chain, order);
	size_t at;

	if (!rule)
		return;
	at = (size_t)(rule - chain->rules);
	rule_free(rule);
	memmove(rule, rule + 1, (chain->n - at - 1) * sizeof(*rule));
	chain->n--;
}

static bool in_table(const char *key, const char *table)
{
	size_t length = table ? strlen(table) : 0;

	return !table || (strncmp(key, table, length) == 0 && key[length] == ' ');
}

void known_clear(struct nft *nft, const char *table)
{
	struct map_node *node, *after;

	map_for_each (&nft->sets, node, after) {
		struct known_set *set = CONTAINER_OF(node, struct known_set, by_key);

		if (in_table(set->key, table))
			set_free(nft, set);
	}
	map_for_each (&nft->chains, node, after) {
		struct known_chain *chain = CONTAINER_OF(node, struct known_chain, by_key);

		if (in_table(chain->key, table))
			chain_free(nft, chain);
	}
}

/* FNV-1a: it goes into the kernel, and another process must find the same. */
uint64_t rule_hash(const char *text)
{
	uint64_t hash = 0xcbf29ce484222325ULL;

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3ULL;
	return hash ? hash : 1;
}
