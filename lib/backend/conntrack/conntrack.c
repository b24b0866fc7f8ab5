/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/backend/conntrack/conntrack.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <libnetfilter_conntrack/libnetfilter_conntrack.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

#include "lib/backend/conntrack/flow.h"
#include "lib/backend/netlink/drain.h"

struct conntrack {
	struct mnl_socket *socket;
	unsigned int port;
	uint32_t sequence;
	bool was_read;
	struct flow_list cuts; /* To be deleted. */
};

int conntrack_new(struct conntrack **ret, struct err *err)
{
	struct conntrack *conntrack = mem_alloc(sizeof(*conntrack));

	conntrack->socket = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	if (!conntrack->socket || mnl_socket_bind(conntrack->socket, 0, MNL_SOCKET_AUTOPID) < 0) {
		err_errno(err, -errno, "connection tracking: a netlink socket");
		conntrack_free(conntrack);
		return err->code;
	}
	conntrack->port = mnl_socket_get_portid(conntrack->socket);
	*ret = conntrack;
	return 0;
}

void conntrack_free(struct conntrack *conntrack)
{
	if (!conntrack)
		return;
	if (conntrack->socket)
		mnl_socket_close(conntrack->socket);
	flow_list_clear(&conntrack->cuts);
	free(conntrack);
}

static struct nlmsghdr *begin(struct conntrack *conntrack, char *bytes, uint16_t type,
			      uint8_t family, uint16_t flags)
{
	struct nlmsghdr *message = mnl_nlmsg_put_header(bytes);
	struct nfgenmsg *header;

	message->nlmsg_type = (uint16_t)(NFNL_SUBSYS_CTNETLINK << 8 | type);
	message->nlmsg_flags = NLM_F_REQUEST | flags;
	message->nlmsg_seq = ++conntrack->sequence;
	header = mnl_nlmsg_put_extra_header(message, sizeof(*header));
	header->nfgen_family = family;
	header->version = NFNETLINK_V0;
	return message;
}

static int talk(struct conntrack *conntrack, struct nlmsghdr *message, mnl_cb_t each, void *data)
{
	AUTO(free_ptr) char *bytes = mem_alloc((size_t)1 << 16);
	int ret, code;

	if (mnl_socket_sendto(conntrack->socket, message, message->nlmsg_len) < 0)
		return -errno;
	do {
		ssize_t n = mnl_socket_recvfrom(conntrack->socket, bytes, (size_t)1 << 16);

		ret = n < 0 ? -1
			    : mnl_cb_run(bytes, (size_t)n, message->nlmsg_seq, conntrack->port,
					 each, data);
	} while (ret > 0);
	if (ret == 0)
		return 0;
	code = -errno;
	netlink_drain(conntrack->socket);
	return code;
}

static struct ip address_of(const struct nf_conntrack *ct, uint8_t family,
			    enum nf_conntrack_attr v4, enum nf_conntrack_attr v6)
{
	struct ip ip = { .family = family == AF_INET ? 4 : 6 };
	const void *bytes = nfct_get_attr(ct, family == AF_INET ? v4 : v6);

	if (bytes)
		memcpy(ip.bytes, bytes, ip_size(&ip));
	return ip;
}

static void seen_of(const struct nf_conntrack *ct, struct flow_seen *seen)
{
	uint8_t family = nfct_get_attr_u8(ct, ATTR_ORIG_L3PROTO);

	*seen = (struct flow_seen){
		.from = address_of(ct, family, ATTR_ORIG_IPV4_SRC, ATTR_ORIG_IPV6_SRC),
		.to = address_of(ct, family, ATTR_ORIG_IPV4_DST, ATTR_ORIG_IPV6_DST),
		.reply_from = address_of(ct, family, ATTR_REPL_IPV4_SRC, ATTR_REPL_IPV6_SRC),
		.reply_to = address_of(ct, family, ATTR_REPL_IPV4_DST, ATTR_REPL_IPV6_DST),
		.protocol = nfct_get_attr_u8(ct, ATTR_ORIG_L4PROTO),
		.is_dnat = nfct_attr_is_set(ct, ATTR_STATUS) > 0 &&
			   nfct_get_attr_u32(ct, ATTR_STATUS) & IPS_DST_NAT,
	};
	if (nfct_attr_is_set(ct, ATTR_ORIG_PORT_DST) > 0)
		seen->to_port = ntohs(nfct_get_attr_u16(ct, ATTR_ORIG_PORT_DST));
}

/* The connections to delete: collected first, since a dump goes on while they go. */
struct sweep {
	const struct flow_list *flows;
	bool strays; /* Those with translated destination that 'flows' lacks. */
	struct nf_conntrack **found;
	size_t n, room;
};

static int sweep_one(const struct nlmsghdr *message, void *data)
{
	struct nf_conntrack *ct = nfct_new();
	struct sweep *sweep = data;
	struct flow_seen seen;
	bool matches;

	if (nfct_nlmsg_parse(message, ct) < 0) {
		nfct_destroy(ct);
		return MNL_CB_OK;
	}
	seen_of(ct, &seen);
	if (sweep->strays)
		matches = seen.is_dnat && !flow_list_leads(sweep->flows, &seen);
	else
		matches = flow_list_matches(sweep->flows, &seen);
	if (matches) {
		mem_grow(&sweep->found, &sweep->room, sweep->n + 1, sizeof(struct nf_conntrack *));
		sweep->found[sweep->n++] = ct;
	} else {
		nfct_destroy(ct);
	}
	return MNL_CB_OK;
}

static int dump(struct conntrack *conntrack, struct sweep *sweep)
{
	char bytes[256] = { 0 };

	return talk(conntrack, begin(conntrack, bytes, IPCTNL_MSG_CT_GET, AF_UNSPEC, NLM_F_DUMP),
		    sweep_one, sweep);
}

static int delete_one(struct conntrack *conntrack, const struct nf_conntrack *ct)
{
	char bytes[2048] = { 0 };
	struct nlmsghdr *message = begin(conntrack, bytes, IPCTNL_MSG_CT_DELETE,
					 nfct_get_attr_u8(ct, ATTR_ORIG_L3PROTO), NLM_F_ACK);
	struct nf_conntrack *name = nfct_new();
	int ret;

	nfct_copy(name, ct, NFCT_CP_ORIG);
	if (nfct_attr_is_set(ct, ATTR_ID) > 0)
		nfct_set_attr_u32(name, ATTR_ID, nfct_get_attr_u32(ct, ATTR_ID));
	nfct_nlmsg_build(message, name);
	nfct_destroy(name);
	ret = talk(conntrack, message, NULL, NULL);
	return ret == -ENOENT ? 0 : ret; /* It ended by itself. */
}

static int sweep_delete(struct conntrack *conntrack, struct sweep *sweep, bool remove)
{
	int ret = 0;

	for (size_t i = 0; i < sweep->n; i++) {
		int one = remove ? delete_one(conntrack, sweep->found[i]) : 0;

		if (one < 0 && ret == 0)
			ret = one;
		nfct_destroy(sweep->found[i]);
	}
	free(sweep->found);
	return ret;
}

bool conntrack_has_cuts(const struct conntrack *conntrack)
{
	return conntrack->cuts.n > 0;
}

/* Everything that was noted is looked for in one walk over the table. After a failure it stays
 * noted. */
int conntrack_cut(struct conntrack *conntrack, struct err *err)
{
	struct sweep sweep = { .flows = &conntrack->cuts };
	int ret = 0, deleted;

	if (conntrack->cuts.n)
		ret = dump(conntrack, &sweep);
	deleted = sweep_delete(conntrack, &sweep, ret == 0);
	if (ret == 0)
		ret = deleted;
	if (ret == 0)
		flow_list_clear(&conntrack->cuts);
	return ret < 0 ? err_errno(err, ret, "connection tracking") : 0;
}

static void note_cuts(struct flow_list *cuts, const char *value)
{
	struct flow_list flows;

	if (flow_list_parse(value, &flows, NULL) < 0)
		return;
	for (size_t i = 0; i < flows.n; i++) {
		mem_grow(&cuts->flows, &cuts->room, cuts->n + 1, sizeof(*cuts->flows));
		cuts->flows[cuts->n++] = flows.flows[i];
	}
	flow_list_clear(&flows);
}

static void provider_apply(void *self, struct change **changes, size_t n)
{
	struct conntrack *conntrack = self;

	for (size_t i = 0; i < n; i++)
		if (changes[i]->have)
			note_cuts(&conntrack->cuts, item_value(changes[i]->have));
}

static int sweep_strays(struct conntrack *conntrack, const struct item_set *want)
{
	struct flow_list all = { 0 };
	struct sweep sweep = { .flows = &all, .strays = true };
	struct item *item, *after;
	int ret, deleted;

	item_set_for_each (want, item, after)
		if (item_is(item, "connections"))
			note_cuts(&all, item_value(item));
	flow_list_sort(&all);
	ret = dump(conntrack, &sweep);
	deleted = sweep_delete(conntrack, &sweep, ret == 0);
	flow_list_clear(&all);
	return ret < 0 ? ret : deleted;
}

static int provider_read(void *self, const struct item_set *want, struct item_set *have,
			 struct err *err)
{
	struct conntrack *conntrack = self;
	struct item *item, *after;
	int ret;

	item_set_for_each (want, item, after)
		if (item_is(item, "connections"))
			item_set_say(have, "connections", item_owner(item), item_key(item),
				     item_value(item));
	if (conntrack->was_read)
		return 0;
	ret = sweep_strays(conntrack, want);
	if (ret < 0)
		return err_errno(err, ret, "connection tracking");
	conntrack->was_read = true;
	return 0;
}

struct provider conntrack_provider(struct conntrack *conntrack)
{
	static const char *const kinds[] = { "connections", NULL };

	return (struct provider){ .name = "connections",
				  .kinds = kinds,
				  .self = conntrack,
				  .read = provider_read,
				  .apply = provider_apply };
}
