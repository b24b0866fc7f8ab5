/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/backend/rtnl/link.h"
#include "lib/backend/rtnl/socket.h"
#include "lib/backend/tc/kinds.h"
#include "lib/backend/tc/tc_state.h"

static void tc_free_auto(struct tc **tc)
{
	tc_free(*tc);
}

int tc_new(struct rtnl *rtnl, struct tc **ret, struct err *err)
{
	AUTO(tc_free_auto) struct tc *tc = mem_alloc(sizeof(*tc));

	tc->rtnl = rtnl;
	if (rtnl_socket_open(&tc->events, TC_EVENT_BYTES, err) < 0)
		return err->code;
	*ret = STEAL(tc);
	return 0;
}

void tc_free(struct tc *tc)
{
	if (!tc)
		return;
	if (tc->events)
		mnl_socket_close(tc->events);
	free(tc);
}

/* The links whose traffic control is looked at, by what the kernel told of their qdiscs. */
struct links {
	struct {
		int index;
		bool root, ingress;
		char name[IFNAMSIZ];
	} * at;
	size_t n, room;
};

static bool *links_flag(struct tc *tc, struct links *links, const struct tcmsg *header)
{
	size_t i = 0;

	while (i < links->n && links->at[i].index != header->tcm_ifindex)
		i++;
	if (i == links->n) {
		mem_grow(&links->at, &links->room, links->n + 1, sizeof(*links->at));
		memset(&links->at[i], 0, sizeof(*links->at));
		links->at[i].index = header->tcm_ifindex;
		if (!rtnl_link_name(tc->rtnl, header->tcm_ifindex, links->at[i].name))
			return NULL;
		links->n++;
	}
	return header->tcm_handle == TC_ROOT ? &links->at[i].root : &links->at[i].ingress;
}

/* An ingress qdisc is ours on a link of ours, and where it is wanted. */
static bool is_ingress(const struct link_table *table, const struct item_set *want,
		       const struct tcmsg *header)
{
	const struct link *link = link_table_index(table, header->tcm_ifindex);
	AUTO(free_ptr) char *key = link ? mem_format("%s ingress", link->name) : NULL;

	return header->tcm_handle == TC_INGRESS && link &&
	       (link_is_ours(link) || item_set_find(want, "tc.qdisc", key));
}

static void links_find(struct tc *tc, const struct dump *dump, const struct link_table *table,
		       const struct item_set *want, struct links *links)
{
	for (const struct nlmsghdr *at = dump_next(dump, NULL); at; at = dump_next(dump, at)) {
		const struct tcmsg *header = mnl_nlmsg_get_payload(at);
		bool is_root = header->tcm_parent == TC_H_ROOT && header->tcm_handle == TC_ROOT;
		bool *flag = NULL;

		if (is_root || is_ingress(table, want, header))
			flag = links_flag(tc, links, header);
		if (flag)
			*flag = true;
	}
}

static void read_qdiscs(const struct dump *dump, const struct links *links,
			const struct item_set *want, struct item_set *have)
{
	for (const struct nlmsghdr *at = dump_next(dump, NULL); at; at = dump_next(dump, at)) {
		const struct tcmsg *header = mnl_nlmsg_get_payload(at);

		for (size_t i = 0; i < links->n; i++) {
			bool is_ours = header->tcm_handle == TC_INGRESS ? links->at[i].ingress
									: links->at[i].root;

			/* The kernel's own are without handle. */
			if (links->at[i].index == header->tcm_ifindex && is_ours &&
			    header->tcm_handle)
				have_say(want, have, qdisc_item(at, links->at[i].name));
		}
	}
}

static int read_link(struct tc *tc, uint16_t type, int link, uint32_t parent, struct dump *dump,
		     struct err *err)
{
	struct dump_request request;
	struct nlmsghdr *message = dump_begin(&request, type, sizeof(struct tcmsg));
	struct tcmsg *header = mnl_nlmsg_get_payload(message);

	header->tcm_ifindex = link;
	header->tcm_parent = parent;
	return dump_read(tc->rtnl, &request, dump, err);
}

static int read_classes(struct tc *tc, int link, const char *name, const struct item_set *want,
			struct item_set *have, struct err *err)
{
	AUTO(dump_clear) struct dump dump = DUMP_NONE;

	if (read_link(tc, RTM_GETTCLASS, link, 0, &dump, err) < 0)
		return err->code;
	for (const struct nlmsghdr *at = dump_next(&dump, NULL); at; at = dump_next(&dump, at)) {
		const struct tcmsg *header = mnl_nlmsg_get_payload(at);

		if (TC_H_MAJ(header->tcm_handle) == TC_ROOT)
			have_say(want, have, class_item(at, name));
	}
	return 0;
}

static int read_filters(struct tc *tc, int link, const char *name, const struct item_set *want,
			struct item_set *have, struct err *err)
{
	AUTO(dump_clear) struct dump dump = DUMP_NONE;

	if (read_link(tc, RTM_GETTFILTER, link, TC_INGRESS, &dump, err) < 0)
		return err->code;
	for (const struct nlmsghdr *at = dump_next(&dump, NULL); at; at = dump_next(&dump, at)) {
		struct item *item = filter_item(tc->rtnl, at, name);

		if (item)
			have_say(want, have, item);
	}
	return 0;
}

static int read_all(struct tc *tc, const struct link_table *table, struct links *links,
		    const struct item_set *want, struct item_set *have, struct err *err)
{
	AUTO(dump_clear) struct dump dump = DUMP_NONE;

	if (read_link(tc, RTM_GETQDISC, 0, 0, &dump, err) < 0)
		return err->code;
	links_find(tc, &dump, table, want, links);
	read_qdiscs(&dump, links, want, have);
	for (size_t i = 0; i < links->n; i++) {
		if (links->at[i].root &&
		    read_classes(tc, links->at[i].index, links->at[i].name, want, have, err) < 0)
			return err->code;
		if (links->at[i].ingress &&
		    read_filters(tc, links->at[i].index, links->at[i].name, want, have, err) < 0)
			return err->code;
	}
	return 0;
}

static int provider_read(void *self, const struct item_set *want, struct item_set *have,
			 struct err *err)
{
	AUTO(link_table_clear) struct link_table table = LINK_TABLE_NONE;
	struct links links = { 0 };
	struct tc *tc = self;
	int ret = link_table_read(tc->rtnl, 0, &table, err);

	if (ret == 0)
		ret = read_all(tc, &table, &links, want, have, err);
	if (links.n)
		tc_listen(tc);
	free(links.at);
	return ret < 0 ? err_in(err, "traffic control") : 0;
}

static bool provider_same(const struct item *want, const struct item *have)
{
	if (item_is(want, "tc.class"))
		return class_same(want, have);
	return strcmp(item_value(want), item_value(have)) == 0;
}

/* What stands on what: the root, classes on it, classes on these, queues, and what leads there. The
 * kernel would put a class whose parent is not there yet below the root, without a word. */
static const struct step {
	struct rtnl_kind kinds[2];
	bool (*is_inner)(const struct item *item);
	bool inner;
} steps[] = {
	{ { { "tc.qdisc", qdisc_say, qdisc_refused, NULL, false } }, qdisc_is_inner, false },
	{ { { "tc.class", class_say, class_refused, NULL, false } }, class_is_inner, false },
	{ { { "tc.class", class_say, class_refused, NULL, false } }, class_is_inner, true },
	{ { { "tc.qdisc", qdisc_say, qdisc_refused, NULL, false } }, qdisc_is_inner, true },
	{ { { "tc.filter", filter_say, NULL, NULL, false } }, NULL, false },
};

/* The roots that go. With a root goes all that stands on it, while the kernel looks at every other
 * class for each one that goes by itself. */
struct roots {
	const struct item **at;
	size_t n;
};

static void roots_find(struct roots *roots, struct change **changes, size_t n)
{
	roots->at = mem_array(n, sizeof(const struct item *));
	for (size_t i = 0; i < n; i++) {
		const struct item *item = changes[i]->have;

		if (changes[i]->action == CHANGE_REMOVE && item_is(item, "tc.qdisc") &&
		    strncmp(item_value(item), "root ", 5) == 0)
			roots->at[roots->n++] = item;
	}
}

static bool goes_along(const struct roots *roots, const struct item *item)
{
	size_t link = strcspn(item_key(item), " ");
	bool stands_on_root =
		item_is(item, "tc.class") || (item_is(item, "tc.qdisc") && qdisc_is_inner(item));

	for (size_t i = 0; stands_on_root && i < roots->n; i++)
		if (strncmp(item_key(roots->at[i]), item_key(item), link + 1) == 0)
			return true;
	return false;
}

static void apply_step(struct tc *tc, const struct step *step, bool removals,
		       const struct roots *roots, struct change **changes, size_t n,
		       struct change **picked)
{
	size_t n_picked = 0;

	for (size_t i = 0; i < n; i++) {
		const struct item *item = change_item(changes[i]);

		if ((changes[i]->action == CHANGE_REMOVE) == removals &&
		    item_is(item, step->kinds[0].name) &&
		    (!step->is_inner || step->is_inner(item) == step->inner) &&
		    !(removals && goes_along(roots, item)))
			picked[n_picked++] = changes[i];
	}
	if (n_picked)
		rtnl_apply(tc->rtnl, step->kinds, picked, n_picked);
}

static void provider_apply(void *self, struct change **changes, size_t n)
{
	AUTO(free_ptr) struct change **picked = mem_array(n + 1, sizeof(*picked));
	struct roots roots = { 0 };
	struct tc *tc = self;

	tc_listen(tc);
	roots_find(&roots, changes, n);
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
		apply_step(tc, &steps[i], false, &roots, changes, n, picked);
	for (size_t i = ARRAY_SIZE(steps); i-- > 0;)
		apply_step(tc, &steps[i], true, &roots, changes, n, picked);
	free(roots.at);
}

struct provider tc_provider(struct tc *tc)
{
	static const char *const kinds[] = { "tc.qdisc", "tc.class", "tc.filter", NULL };

	return (struct provider){ .name = "traffic control",
				  .kinds = kinds,
				  .self = tc,
				  .read = provider_read,
				  .same = provider_same,
				  .apply = provider_apply };
}
