/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What others change in our tables. The kernel tells who it was at the end of a transaction, so
 * what was touched waits until then. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <libnftnl/set.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "lib/backend/nft/nft_state.h"

struct pending {
	struct item_set touched; /* Value: "removed" or "". */
};

void pending_free(struct nft *nft)
{
	if (!nft->pending)
		return;
	item_set_clear(&nft->pending->touched);
	free(nft->pending);
}

struct telling {
	struct nft *nft;
	nft_foreign_fn *foreign;
	void *data;
};

static void touch(struct nft *nft, const struct item_set *found, bool removed)
{
	struct item *item, *after;

	if (!nft->pending)
		nft->pending = mem_alloc(sizeof(*nft->pending));
	item_set_for_each (found, item, after)
		item_set_say(&nft->pending->touched, item_kind(item), "", item_key(item),
			     removed ? "removed" : "");
}

struct process {
	uint32_t pid;
	const char *name;
};

static int collect_process(const struct nlattr *attribute, void *data)
{
	struct process *process = data;

	if (mnl_attr_get_type(attribute) == NFTA_GEN_PROC_PID)
		process->pid = ntohl(mnl_attr_get_u32(attribute));
	else if (mnl_attr_get_type(attribute) == NFTA_GEN_PROC_NAME)
		process->name = mnl_attr_get_str(attribute);
	return MNL_CB_OK;
}

static void tell(struct telling *telling, const struct nlmsghdr *message)
{
	struct pending *pending = telling->nft->pending;
	struct process process = { 0 };
	AUTO(free_ptr) char *name = NULL;
	struct item *item, *after;

	mnl_attr_parse(message, sizeof(struct nfgenmsg), collect_process, &process);
	if (process.name)
		name = mem_format("%s(%u)", process.name, process.pid);
	if (!pending)
		return;
	item_set_for_each (&pending->touched, item, after)
		telling->foreign(telling->data, item_kind(item), item_key(item),
				 *item_value(item) != '\0', name);
	item_set_clear(&pending->touched);
}

/* Elements: of a set with plain intervals only half of one may be told of, so the whole set counts
 * as touched. */
static void take_elements(struct nft *nft, const struct nlmsghdr *message, struct item_set *found)
{
	const struct nfgenmsg *header = mnl_nlmsg_get_payload(message);
	struct nftnl_set *elements = nftnl_set_alloc();
	const struct known_set *set = NULL;
	AUTO(free_ptr) char *key = NULL;

	if (nftnl_set_elems_nlmsg_parse(message, elements) == 0 &&
	    family_name(header->nfgen_family)) {
		key = mem_format("%s %s %s", family_name(header->nfgen_family),
				 nftnl_set_get_str(elements, NFTNL_SET_TABLE),
				 nftnl_set_get_str(elements, NFTNL_SET_NAME));
		set = known_set_find(nft, key);
	}
	if (set && declaration_has_edges(&set->declaration))
		item_set_say(found, "nft.set", "", key, "");
	else if (set) {
		struct reading reading = { .nft = nft, .have = found };

		read_elements_told(&reading, set, elements);
	}
	nftnl_set_free(elements);
}

/* A rule that is gone is where nobody can stand behind it. */
static void forget_rules(struct nft *nft, const struct item_set *gone)
{
	struct item *item, *after;

	item_set_for_each (gone, item, after) {
		struct place place;

		place_parse(item_key(item), &place);
		AUTO(free_ptr)
		char *chain = mem_format("%s %s %s", place.family, place.table, place.name);

		known_rule_remove(known_chain_find(nft, chain), place.rest);
		place_clear(&place);
	}
}

static void take(struct telling *telling, const struct nlmsghdr *message)
{
	struct nft *nft = telling->nft;
	struct item_set found = ITEM_SET_NONE;
	struct reading reading = { .nft = nft, .have = &found };
	uint8_t type = message->nlmsg_type & 0xff;
	bool removed = false, interval = false;

	if (type == NFT_MSG_NEWGEN) {
		tell(telling, message);
		return;
	}
	if (message->nlmsg_pid == nft->portid)
		return;
	switch (type) {
	case NFT_MSG_DELTABLE:
		removed = true;
		__attribute__((fallthrough));
	case NFT_MSG_NEWTABLE:
		read_table(message, &reading);
		break;
	case NFT_MSG_DELCHAIN:
		removed = true;
		__attribute__((fallthrough));
	case NFT_MSG_NEWCHAIN:
		read_chain(message, &reading);
		break;
	case NFT_MSG_DELSET:
		removed = true;
		__attribute__((fallthrough));
	case NFT_MSG_NEWSET:
		read_set(message, &reading);
		break;
	case NFT_MSG_DELRULE:
		removed = true;
		__attribute__((fallthrough));
	case NFT_MSG_NEWRULE:
		read_rule(message, &reading);
		break;
	case NFT_MSG_DELOBJ:
		removed = true;
		__attribute__((fallthrough));
	case NFT_MSG_NEWOBJ:
		read_counter(message, &reading);
		break;
	case NFT_MSG_DELSETELEM:
		removed = true;
		__attribute__((fallthrough));
	case NFT_MSG_NEWSETELEM:
		take_elements(nft, message, &found);
		interval = item_set_count(&found) && item_is(item_set_first(&found), "nft.set");
		break;
	default:
		break;
	}
	if (removed && type == NFT_MSG_DELRULE)
		forget_rules(nft, &found);
	touch(nft, &found, removed || interval);
	item_set_clear(&found);
}

int nft_events_read(struct nft *nft, nft_foreign_fn *foreign, void *data, struct err *err)
{
	struct telling telling = { nft, foreign, data };
	char *bytes = mem_room((size_t)1 << 17);
	int ret = 0;

	for (;;) {
		ssize_t n = recv(mnl_socket_get_fd(nft->events), bytes, (size_t)1 << 17, 0);
		const struct nlmsghdr *message = (const void *)bytes;
		int left = (int)n;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != EAGAIN)
			ret = err_errno(err, -errno, "nftables' notifications");
		if (n <= 0)
			break;
		for (; mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left))
			take(&telling, message);
	}
	free(bytes);
	return ret;
}
