/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link_provider.c - all kinds that begin with "link", read from one dump; and the facts. */
#include <linux/rtnetlink.h>
#include <string.h>

#include "lib/backend/rtnl/link.h"
#include "lib/backend/rtnl/message.h"
#include "lib/backend/rtnl/read.h"
#include "lib/backend/rtnl/socket.h"

/* A veth's other end has our group, but is not an item of its own. */
static bool is_item(const struct link *link)
{
	if (!link_is_ours(link))
		return false;
	return link->alias[0] || strcmp(link->kind, "veth") != 0;
}

static void read_made(struct rtnl *rtnl, const struct link_table *table, struct item_set *have)
{
	for (size_t i = 0; i < table->n; i++) {
		const struct link *link = &table->links[i];
		AUTO(free_ptr) char *value = NULL;

		if (!is_item(link))
			continue;
		value = link_value(rtnl, link);
		item_set_say(have, "link", link_owner(link), link->name, value);
	}
}

static void read_name(const struct link_table *table, const struct item *want,
		      struct item_set *have)
{
	const struct link *link;
	struct mac mac;

	if (mac_parse(item_key(want), &mac, NULL) < 0)
		return;
	link = link_table_mac(table, &mac);
	if (link)
		item_set_say(have, "link.name", item_owner(want), item_key(want), link->name);
}

static void read_setting(struct rtnl *rtnl, const struct link_table *table,
			 const struct link_setting *setting, const struct item *want,
			 struct item_set *have)
{
	AUTO(free_ptr) char *value = NULL;
	const struct link *link;
	struct words key;

	text_words(&key, item_key(want));
	link = key.n ? link_table_name(table, key.word[0]) : NULL;
	if (!link)
		return;
	value = setting->value(rtnl, link, key.n > 1 ? key.word[1] : "");
	if (value)
		item_set_say(have, setting->kind.name, item_owner(want), item_key(want), value);
}

int rtnl_read_links(struct rtnl *rtnl, const struct rtnl_filter *filter,
		    const struct item_set *want, struct item_set *have, struct err *err)
{
	AUTO(link_table_clear) struct link_table table = LINK_TABLE_NONE;
	const struct link_setting *setting;
	struct item *item, *after;

	if (link_table_read(rtnl, filter->link, &table, err) < 0)
		return err->code;
	read_made(rtnl, &table, have);
	item_set_for_each_of (want, "link.name", item, after)
		read_name(&table, item, have);
	for (setting = link_settings; setting->kind.name; setting++)
		item_set_for_each_of (want, setting->kind.name, item, after)
			read_setting(rtnl, &table, setting, item, have);
	return 0;
}

static int links_read_link(void *self, const char *link, const struct item_set *want,
			   struct item_set *have, struct err *err)
{
	const struct rtnl_filter filter = { .link = rtnl_link_index(self, link) };

	return filter.link ? rtnl_read_links(self, &filter, want, have, err) : 0;
}

static int links_read(void *self, const struct item_set *want, struct item_set *have,
		      struct err *err)
{
	const struct rtnl_filter everything = { 0 };

	return rtnl_read_links(self, &everything, want, have, err);
}

static void links_apply(void *self, struct change **changes, size_t n)
{
	static const struct rtnl_kind first[] = {
		{ "link.name", link_name_say, link_name_refused, NULL, false },
		{ "link", link_say, link_refused, link_done, true },
	};
	struct rtnl_kind kinds[ARRAY_SIZE(first) + 9] = { 0 };
	size_t n_kinds = ARRAY_SIZE(first);
	const struct link_setting *setting;

	memcpy(kinds, first, sizeof(first));
	for (setting = link_settings; setting->kind.name; setting++)
		kinds[n_kinds++] = setting->kind;
	link_name_make_room(self, changes, n);
	rtnl_apply(self, kinds, changes, n);
}

struct provider rtnl_provider_links(struct rtnl *rtnl)
{
	static const char *const kinds[] = { "link",        "link.name",   "link.mac",  "link.mtu",
					     "link.bridge", "link.master", "link.port", "link.up",
					     "link.raised", NULL };

	return (struct provider){ .name = "links",
				  .kinds = kinds,
				  .self = rtnl,
				  .read = links_read,
				  .read_link = links_read_link,
				  .apply = links_apply };
}

static void add_links(struct facts *facts, const struct link_table *table)
{
	for (size_t i = 0; i < table->n; i++) {
		const struct link *link = &table->links[i];
		struct facts_link *fact = facts_add_link(facts, link->index, link->name, &link->mac,
							 link_is_ours(link));

		memcpy(fact->kind, link->kind, sizeof(fact->kind));
		fact->master = link->master;
		fact->lower = link->lower_elsewhere ? 0 : link->lower;
		fact->number = link->number;
		fact->mtu = link->mtu;
		fact->told = link->told;
	}
}

int rtnl_facts(struct rtnl *rtnl, struct facts *facts, bool *changed, struct err *err)
{
	AUTO(link_table_clear) struct link_table table = LINK_TABLE_NONE;
	AUTO(facts_clear) struct facts now = FACTS_NONE;

	if (link_table_read(rtnl, 0, &table, err) < 0 || addresses_facts(rtnl, &now, err) < 0)
		return err->code;
	add_links(&now, &table);
	*changed = facts_take_links(facts, &now);
	return 0;
}

static int add_addresses(struct rtnl *rtnl, struct facts *facts, struct err *err)
{
	AUTO(facts_clear) struct facts now = FACTS_NONE;

	if (!rtnl->addresses_read) {
		if (addresses_facts(rtnl, &now, err) < 0)
			return err->code;
		facts_take_links(&rtnl->addresses, &now);
		rtnl->addresses_read = true;
	}
	for (size_t i = 0; i < rtnl->addresses.n_addresses; i++)
		facts_add_address(facts, rtnl->addresses.addresses[i].link,
				  &rtnl->addresses.addresses[i].address);
	return 0;
}

int rtnl_facts_told(struct rtnl *rtnl, struct facts *facts, bool *changed, struct err *err)
{
	AUTO(facts_clear) struct facts now = FACTS_NONE;

	if (rtnl->lost_events && link_table_read(rtnl, 0, &rtnl->known, err) < 0)
		return err->code;
	for (size_t i = 0; rtnl->lost_events && i < rtnl->known.n; i++)
		rtnl->known.links[i].told = true;
	rtnl->lost_events = false;
	if (add_addresses(rtnl, &now, err) < 0)
		return err->code;
	add_links(&now, &rtnl->known);
	for (size_t i = 0; i < rtnl->known.n; i++)
		rtnl->known.links[i].told = false;
	*changed = facts_take_links(facts, &now);
	return 0;
}
