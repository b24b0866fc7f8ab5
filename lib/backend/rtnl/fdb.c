/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fdb.c - where a vxlan sends frames: "LINK MAC VTEP"; for MAC 00:00:00:00:00:00, those that are
 * flooded. And what a bridge sends to its port, a vxlan or a veth of ours: "LINK MAC".
 *
 * The kernel keeps no protocol with them. On links of ours all static entries are ours; on
 * another's vxlan, those that are wanted. */
#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "lib/backend/rtnl/event.h"
#include "lib/backend/rtnl/message.h"
#include "lib/backend/rtnl/read.h"
#include "lib/backend/rtnl/socket.h"

struct entry {
	int index;
	struct mac mac;
	struct ip vtep; /* Family 0: the bridge's entry. */
};

static int entry_parse(struct rtnl *rtnl, const struct item *item, struct entry *entry,
		       struct err *err)
{
	struct words key;

	text_words(&key, item_key(item));
	entry->vtep = (struct ip){ 0 };
	if (key.n < 2 || key.n > 3 || mac_parse(key.word[1], &entry->mac, NULL) < 0 ||
	    (key.n == 3 && ip_parse(key.word[2], &entry->vtep, NULL) < 0))
		return kind_value_bad(item, err);
	return rtnl_need_link(rtnl, key.word[0], &entry->index, err);
}

/* What is flooded has many destinations, others one: a new one takes the old one's place. */
static uint16_t new_flags(const struct mac *mac)
{
	return NLM_F_CREATE | (mac_is_unicast(mac) ? NLM_F_REPLACE : NLM_F_APPEND);
}

int fdb_say(struct rtnl_batch *batch, struct change *change, struct err *err)
{
	struct nlmsghdr *message;
	struct ndmsg *header;
	struct entry entry;

	if (entry_parse(batch->rtnl, change_item(change), &entry, err) < 0) {
		if (change->want || err->code != -ENODEV)
			return err->code;
		err_clear(err); /* It went with its link. */
		return 0;
	}
	message = batch_begin(batch, change->want ? RTM_NEWNEIGH : RTM_DELNEIGH,
			      change->want ? new_flags(&entry.mac) : 0, sizeof(*header), change);
	header = mnl_nlmsg_get_payload(message);
	header->ndm_family = AF_BRIDGE;
	header->ndm_ifindex = entry.index;
	/* Static. A permanent one would be taken by any link, as an address of its own. */
	header->ndm_state = NUD_NOARP | NUD_REACHABLE;
	header->ndm_flags = entry.vtep.family ? NTF_SELF : NTF_MASTER;
	mnl_attr_put(message, NDA_LLADDR, sizeof(entry.mac.bytes), entry.mac.bytes);
	if (entry.vtep.family)
		put_ip(message, NDA_DST, &entry.vtep);
	batch_end(batch, message);
	return 0;
}

int fdb_refused(struct rtnl *rtnl, struct change *change, int code, struct err *err)
{
	struct words key;

	(void)rtnl;
	text_words(&key, item_key(change_item(change)));
	if (key.n == 2 && !change->want && (code == -EOPNOTSUPP || code == -EINVAL))
		return 0; /* It went with its port. */
	if (key.n == 2 && (code == -EOPNOTSUPP || code == -EINVAL))
		return err_set(err, code, "link %s is not a port of a bridge", key.word[0]);
	if (code == -EOPNOTSUPP || code == -EINVAL)
		return err_set(err, code, "link %.*s is not a vxlan",
			       (int)strcspn(item_key(change_item(change)), " "),
			       item_key(change_item(change)));
	return code;
}

/* What a bridge knows of a port it was told, or has seen; of that only what is static is ours. */
static bool is_bridge_entry(const struct ndmsg *header, const struct nlattr **attributes)
{
	return attributes[NDA_MASTER] && !(header->ndm_flags & (NTF_SELF | NTF_EXT_LEARNED)) &&
	       header->ndm_state & NUD_NOARP;
}

static bool is_vxlan_entry(const struct ndmsg *header, const struct ip *vtep)
{
	return vtep->family && header->ndm_flags & NTF_SELF &&
	       header->ndm_state & (NUD_PERMANENT | NUD_NOARP);
}

struct item *fdb_item(struct rtnl *rtnl, const struct nlmsghdr *message)
{
	const struct ndmsg *header = mnl_nlmsg_get_payload(message);
	const struct nlattr *attributes[NDA_MASTER + 1];
	AUTO(free_ptr) char *key = NULL;
	char name[IFNAMSIZ];
	struct ip vtep;
	struct mac mac;

	get_attributes(message, sizeof(*header), attributes, NDA_MASTER);
	vtep = get_ip(attributes[NDA_DST]);
	if (!get_mac(attributes[NDA_LLADDR], &mac) ||
	    !rtnl_link_name(rtnl, header->ndm_ifindex, name))
		return NULL;
	if (is_bridge_entry(header, attributes))
		key = mem_format("%s %s", name, mac_text(&mac).s);
	else if (is_vxlan_entry(header, &vtep))
		key = mem_format("%s %s %s", name, mac_text(&mac).s, ip_text(&vtep).s);
	else
		return NULL;
	return item_new("fdb", key, "", "");
}

static int read_link(struct rtnl *rtnl, const struct link *link, const struct item_set *want,
		     struct item_set *have, struct err *err)
{
	AUTO(dump_clear) struct dump dump = DUMP_NONE;
	struct dump_request request;
	struct nlmsghdr *message = dump_begin(&request, RTM_GETNEIGH, sizeof(struct ndmsg));
	struct ndmsg *header = mnl_nlmsg_get_payload(message);

	header->ndm_family = AF_BRIDGE;
	header->ndm_ifindex = link->index;
	if (dump_read(rtnl, &request, &dump, err) < 0)
		return err_in(err, "forwarding entries of %s", link->name);
	for (const struct nlmsghdr *at = dump_next(&dump, NULL); at; at = dump_next(&dump, at)) {
		struct item *item = fdb_item(rtnl, at);

		if (item && (link_is_ours(link) || item_set_find(want, "fdb", item_key(item))))
			have_say(want, have, item);
		else
			item_unref(item);
	}
	return 0;
}

static bool has_entries(const struct link *link)
{
	return strcmp(link->kind, "vxlan") == 0 ||
	       (strcmp(link->kind, "veth") == 0 && link->master && link_is_ours(link));
}

int rtnl_read_fdb(struct rtnl *rtnl, const struct rtnl_filter *filter, const struct item_set *want,
		  struct item_set *have, struct err *err)
{
	AUTO(link_table_clear) struct link_table table = LINK_TABLE_NONE;

	if (link_table_read(rtnl, filter->link, &table, err) < 0)
		return err->code;
	for (size_t i = 0; i < table.n; i++)
		if (has_entries(&table.links[i]) &&
		    read_link(rtnl, &table.links[i], want, have, err) < 0)
			return err->code;
	return 0;
}
