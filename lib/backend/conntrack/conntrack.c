/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/backend/conntrack/conntrack.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libmnl/libmnl.h>
#include <libnetfilter_conntrack/libnetfilter_conntrack.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

#include "lib/backend/conntrack/cuts.h"
#include "lib/backend/conntrack/request.h"
#include "lib/backend/netlink/drain.h"

/* A dump that the kernel filters takes a tenth of one of everything: with more groups of
 * connections to look for than this, one of everything is taken for all. */
#define GROUPS_MAX 8
/* With more flows than this, walks over the table that let others onto the CPU take too long
 * together: each 0.3 ms, and 50 ns for each connection. */
#define NAMED_MAX             128
#define NAMED_MAX_BESIDE_MANY 16
#define MANY_CONNECTIONS      10000

struct conntrack {
	struct mnl_socket *socket;
	unsigned int port;
	uint32_t sequence;
	bool was_read;
	bool refuses_filter;   /* The kernel. */
	bool refuses_names;    /* It cannot delete by a filter. */
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

static int talk(struct conntrack *conntrack, struct nlmsghdr *message, mnl_cb_t each, void *data)
{
	AUTO(free_ptr) char *bytes = mem_room((size_t)1 << 16);
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

/* The connections to delete: collected first, since a dump goes on while they go. */
struct sweep {
	const struct flow_list *flows;
	bool strays; /* Those with translated destination that 'flows' lacks. */
	struct nf_conntrack **found;
	size_t n, room;
};

static bool sweep_takes(const struct sweep *sweep, const struct flow_seen *seen)
{
	if (sweep->strays)
		return seen->is_dnat && !flow_list_leads(sweep->flows, seen);
	return flow_list_matches(sweep->flows, seen);
}

static int sweep_one(const struct nlmsghdr *message, void *data)
{
	struct sweep *sweep = data;
	struct nf_conntrack *ct;
	struct flow_seen seen;

	if (!seen_parse(message, &seen) || !sweep_takes(sweep, &seen))
		return MNL_CB_OK;
	ct = nfct_new();
	if (nfct_nlmsg_parse(message, ct) < 0) {
		nfct_destroy(ct);
		return MNL_CB_OK;
	}
	mem_grow(&sweep->found, &sweep->room, sweep->n + 1, sizeof(struct nf_conntrack *));
	sweep->found[sweep->n++] = ct;
	return MNL_CB_OK;
}

/* 'group' NULL: everything of the family. */
static int dump(struct conntrack *conntrack, struct sweep *sweep, uint8_t family,
		const struct flow_group *group)
{
	char bytes[512] = { 0 };
	struct nlmsghdr *message =
		request_begin(bytes, IPCTNL_MSG_CT_GET, family, NLM_F_DUMP, ++conntrack->sequence);

	if (group)
		request_filter(message, group);
	return talk(conntrack, message, sweep_one, sweep);
}

/* The kernel walks over its table for each IPv4 group, which is cheap beside telling of everything.
 */
static int dump_groups(struct conntrack *conntrack, struct sweep *sweep,
		       const struct flow_group *groups, size_t n)
{
	bool has_ip6 = false;
	int ret = 0;

	for (size_t i = 0; i < n && ret == 0; i++)
		if (groups[i].address.family == 4)
			ret = dump(conntrack, sweep, AF_INET, &groups[i]);
		else
			has_ip6 = true;
	return ret == 0 && has_ip6 ? dump(conntrack, sweep, AF_INET6, NULL) : ret;
}

/* A connection may be found twice, by its source and by its destination: deleting one that is gone
 * is no fault. */
static int dump_matching(struct conntrack *conntrack, struct sweep *sweep)
{
	struct flow_group groups[GROUPS_MAX];
	size_t n = flow_list_groups(sweep->flows, groups, GROUPS_MAX);
	int ret;

	if (n > GROUPS_MAX || conntrack->refuses_filter)
		return dump(conntrack, sweep, AF_UNSPEC, NULL);
	ret = dump_groups(conntrack, sweep, groups, n);
	if (ret != -EOPNOTSUPP && ret != -EINVAL)
		return ret;
	conntrack->refuses_filter = true;
	return dump(conntrack, sweep, AF_UNSPEC, NULL);
}

static int delete_one(struct conntrack *conntrack, const struct nf_conntrack *ct)
{
	char bytes[2048] = { 0 };
	struct nlmsghdr *message =
		request_begin(bytes, IPCTNL_MSG_CT_DELETE, nfct_get_attr_u8(ct, ATTR_ORIG_L3PROTO),
			      NLM_F_ACK, ++conntrack->sequence);
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

struct flow_list *conntrack_cuts(struct conntrack *conntrack)
{
	return &conntrack->cuts;
}

bool conntrack_has_cuts(const struct conntrack *conntrack)
{
	return conntrack->cuts.n > 0;
}

static int delete_named(struct conntrack *conntrack, const struct flow *flow)
{
	char bytes[512] = { 0 };
	struct nlmsghdr *message = request_begin(bytes, IPCTNL_MSG_CT_DELETE, AF_INET, NLM_F_ACK,
						 ++conntrack->sequence);

	request_flow(message, flow);
	return talk(conntrack, message, NULL, NULL);
}

static size_t named_max(void)
{
	AUTO(close_fd)
	int fd = open("/proc/sys/net/netfilter/nf_conntrack_count", O_RDONLY | O_CLOEXEC);
	char text[16] = "";

	/* Unknown is many. */
	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		return NAMED_MAX_BESIDE_MANY;
	return atol(text) < MANY_CONNECTIONS ? NAMED_MAX : NAMED_MAX_BESIDE_MANY;
}

/* The kernel deletes by a filter itself, and lets others onto the CPU meanwhile: to tell of all
 * connections it keeps even the disk's interrupts off for 13 ms, with 262,144 buckets. -EOPNOTSUPP
 * if it cannot, or if there are too many flows. */
static int cut_named(struct conntrack *conntrack)
{
	const struct flow_list *cuts = &conntrack->cuts;
	int ret = 0;

	if (conntrack->refuses_names || cuts->n > named_max())
		return -EOPNOTSUPP;
	for (size_t i = 0; i < cuts->n; i++)
		if (!request_names(&cuts->flows[i]))
			return -EOPNOTSUPP;
	for (size_t i = 0; i < cuts->n && ret == 0; i++)
		ret = delete_named(conntrack, &cuts->flows[i]);
	if (ret == -EINVAL)
		conntrack->refuses_names = true;
	return ret == -EINVAL ? -EOPNOTSUPP : ret;
}

/* Finds them first: a dump goes on while they go. */
static int cut_found(struct conntrack *conntrack)
{
	struct sweep sweep = { .flows = &conntrack->cuts };
	int ret, deleted;

	ret = dump_matching(conntrack, &sweep);
	deleted = sweep_delete(conntrack, &sweep, ret == 0);
	return ret == 0 ? deleted : ret;
}

/* After a failure what was noted stays noted. */
int conntrack_cut(struct conntrack *conntrack, struct err *err)
{
	int ret = 0;

	/* For each flow the kernel goes through its whole table: what others reach ends first. */
	flow_list_sort(&conntrack->cuts);
	if (conntrack->cuts.n)
		ret = cut_named(conntrack);
	if (ret == -EOPNOTSUPP)
		ret = cut_found(conntrack);
	if (ret == 0)
		flow_list_clear(&conntrack->cuts);
	return ret < 0 ? err_errno(err, ret, "connection tracking") : 0;
}

/* 'begun': of what is only now wanted. Connections between two networks were begun by other rules
 * then; all else is new with its object. */
static void note_cuts(struct flow_list *cuts, const char *value, bool begun)
{
	struct flow_list flows;

	if (flow_list_parse(value, &flows, NULL) < 0)
		return;
	for (size_t i = 0; i < flows.n; i++) {
		if (begun && flows.flows[i].kind != FLOW_BETWEEN)
			continue;
		mem_grow(&cuts->flows, &cuts->room, cuts->n + 1, sizeof(*cuts->flows));
		cuts->flows[cuts->n++] = flows.flows[i];
	}
	flow_list_clear(&flows);
}

static void provider_apply(void *self, struct change **changes, size_t n)
{
	struct conntrack *conntrack = self;

	for (size_t i = 0; i < n; i++) {
		if (changes[i]->have)
			note_cuts(&conntrack->cuts, item_value(changes[i]->have), false);
		else
			note_cuts(&conntrack->cuts, item_value(changes[i]->want), true);
	}
}

static int sweep_strays(struct conntrack *conntrack, const struct item_set *want)
{
	struct flow_list all = { 0 };
	struct sweep sweep = { .flows = &all, .strays = true };
	struct item *item, *after;
	int ret, deleted;

	item_set_for_each_of (want, "connections", item, after)
		note_cuts(&all, item_value(item), false);
	flow_list_sort(&all);
	ret = dump(conntrack, &sweep, AF_UNSPEC, NULL);
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

	item_set_for_each_of (want, "connections", item, after)
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
