/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/backend/rtnl/link_table.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "lib/backend/rtnl/request.h"
#include "lib/backend/rtnl/socket.h"

static int compare_index(const void *one, const void *other)
{
	const struct link *a = one, *b = other;

	return a->index < b->index ? -1 : a->index > b->index;
}

static int compare_name(const void *one, const void *other)
{
	const struct link *const *a = one, *const *b = other;

	return strcmp((*a)->name, (*b)->name);
}

static void link_table_sort(struct link_table *table)
{
	if (!table->n)
		return;
	qsort(table->links, table->n, sizeof(*table->links), compare_index);
	table->by_name = mem_array(table->n, sizeof(const struct link *));
	for (size_t i = 0; i < table->n; i++)
		table->by_name[i] = &table->links[i];
	qsort(table->by_name, table->n, sizeof(const struct link *), compare_name);
}

static struct link *link_table_grow(struct link_table *table)
{
	mem_grow(&table->links, &table->room, table->n + 1, sizeof(*table->links));
	return &table->links[table->n++];
}

int link_table_read(struct rtnl *rtnl, int index, struct link_table *table, struct err *err)
{
	struct dump_request request;
	struct nlmsghdr *message = dump_begin(&request, RTM_GETLINK, sizeof(struct ifinfomsg));
	AUTO(dump_clear) struct dump dump = DUMP_NONE;
	const struct nlmsghdr *answer = NULL;
	int code;

	link_table_clear(table);
	((struct ifinfomsg *)mnl_nlmsg_get_payload(message))->ifi_index = index;
	mnl_attr_put_u32(message, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	/* Strict dumps cannot be narrowed to one link. */
	if (index) {
		code = dump_read_single(rtnl, &request, &dump);
		if (code < 0)
			return err_errno(err, code, "cannot read the link");
	} else if (dump_read(rtnl, &request, &dump, err) < 0) {
		return err_in(err, "links");
	}
	while ((answer = dump_next(&dump, answer)))
		if (answer->nlmsg_type == RTM_NEWLINK)
			link_parse(answer, link_table_grow(table));
	link_table_sort(table);
	return 0;
}

const struct link *link_table_index(const struct link_table *table, int index)
{
	struct link key = { .index = index };

	if (!table->n)
		return NULL;
	return bsearch(&key, table->links, table->n, sizeof(key), compare_index);
}

const struct link *link_table_name(const struct link_table *table, const char *name)
{
	size_t low = 0, high = table->n;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = strcmp(table->by_name[middle]->name, name);

		if (!order)
			return table->by_name[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

const struct link *link_table_mac(const struct link_table *table, const struct mac *mac)
{
	for (size_t i = 0; i < table->n; i++)
		if (table->links[i].has_mac && !link_is_ours(&table->links[i]) &&
		    mac_equal(&table->links[i].mac, mac))
			return &table->links[i];
	return NULL;
}

/* Whether the engine has to look again. The alias is only ours to set. */
static bool same_link(const struct link *a, const struct link *b)
{
	const unsigned int flags = IFF_UP | IFF_RUNNING;

	return strcmp(a->name, b->name) == 0 && (a->flags & flags) == (b->flags & flags) &&
	       a->has_mac == b->has_mac && mac_equal(&a->mac, &b->mac) && a->mtu == b->mtu &&
	       a->master == b->master && a->is_port == b->is_port &&
	       memcmp(a->bridge, b->bridge, sizeof(a->bridge)) == 0 &&
	       memcmp(a->port_option, b->port_option, sizeof(a->port_option)) == 0;
}

bool link_table_note(struct link_table *table, const struct link *link)
{
	size_t i = table->n;

	while (i && table->links[i - 1].index > link->index)
		i--;
	if (i && table->links[i - 1].index == link->index) {
		bool changed = !same_link(&table->links[i - 1], link);
		bool told = table->links[i - 1].told || changed;

		table->links[i - 1] = *link;
		table->links[i - 1].told = told;
		return changed;
	}
	link_table_grow(table);
	memmove(&table->links[i + 1], &table->links[i], (table->n - 1 - i) * sizeof(*link));
	table->links[i] = *link;
	table->links[i].told = true;
	return true;
}

bool link_table_forget(struct link_table *table, int index)
{
	struct link *link = (struct link *)(uintptr_t)link_table_index(table, index);
	size_t i;

	if (!link)
		return false;
	i = (size_t)(link - table->links);
	table->n--;
	memmove(link, link + 1, (table->n - i) * sizeof(*link));
	return true;
}

void link_table_clear(struct link_table *table)
{
	free(table->links);
	free(table->by_name);
	*table = (struct link_table)LINK_TABLE_NONE;
}
