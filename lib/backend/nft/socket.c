/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The two sockets: one to ask and to change, one on which the kernel tells. */
#include <arpa/inet.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/filter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

#include "lib/backend/netlink/drain.h"
#include "lib/backend/nft/message.h"

#define EVENTS_BUFFER (16 << 20)

static struct mnl_socket *open_socket(unsigned int groups, int flags)
{
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC | flags);
	int yes = 1;

	if (!socket)
		return NULL;
	if (mnl_socket_bind(socket, groups, MNL_SOCKET_AUTOPID) < 0) {
		mnl_socket_close(socket);
		return NULL;
	}
	mnl_socket_setsockopt(socket, NETLINK_EXT_ACK, &yes, sizeof(yes));
	return socket;
}

/* What we change ourselves need not be told of: at a cold start that is more than any buffer holds,
 * and what is lost with it could have been another's. Messages that come together are of one
 * transaction. The generation comes anyway. Without the filter only more is read. */
static void refuse_own(struct nft *nft)
{
	const uint16_t generation = htons(NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWGEN);
	struct sock_filter instructions[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, offsetof(struct nlmsghdr, nlmsg_type)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, generation, 2, 0),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct nlmsghdr, nlmsg_pid)),
		/* Loads are of the network's byte order, the header is of the machine's. */
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(nft->portid), 1, 0),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const struct sock_fprog program = { ARRAY_SIZE(instructions), instructions };

	setsockopt(mnl_socket_get_fd(nft->events), SOL_SOCKET, SO_ATTACH_FILTER, &program,
		   sizeof(program));
}

int nft_new(const char *table_name, struct nft **ret, struct err *err)
{
	return nft_open(table_name, NFNLGRP_NFTABLES, ret, err);
}

int nft_open(const char *table_name, int group, struct nft **ret, struct err *err)
{
	struct nft *nft = mem_alloc(sizeof(*nft));
	int size = EVENTS_BUFFER;

	nft->table_name = mem_text(table_name);
	nft->socket = open_socket(0, 0);
	nft->events = open_socket(0, SOCK_NONBLOCK);
	nft->seq = 1;
	if (!nft->socket || !nft->events ||
	    (group != NFNLGRP_NONE && mnl_socket_setsockopt(nft->events, NETLINK_ADD_MEMBERSHIP,
							    &group, sizeof(group)) < 0)) {
		err_errno(err, -errno, "nftables: a netlink socket");
		nft_free(nft);
		return err->code;
	}
	setsockopt(mnl_socket_get_fd(nft->events), SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	nft->portid = mnl_socket_get_portid(nft->socket);
	refuse_own(nft);
	*ret = nft;
	return 0;
}

void nft_free(struct nft *nft)
{
	if (!nft)
		return;
	known_clear(nft, NULL);
	map_clear(&nft->sets);
	map_clear(&nft->chains);
	if (nft->socket)
		mnl_socket_close(nft->socket);
	if (nft->events)
		mnl_socket_close(nft->events);
	pending_free(nft);
	rebuild_done(nft);
	free(nft->table_name);
	free(nft);
}

int nft_events_fd(const struct nft *nft)
{
	return mnl_socket_get_fd(nft->events);
}

int nft_talk(struct nft *nft, struct nlmsghdr *request, mnl_cb_t callback, void *data,
	     struct err *err)
{
	char *bytes = mem_room((size_t)1 << 17);
	int ret;

	request->nlmsg_seq = ++nft->seq;
	if (mnl_socket_sendto(nft->socket, request, request->nlmsg_len) < 0) {
		ret = err_errno(err, -errno, "nftables does not listen");
		free(bytes);
		return ret;
	}
	do {
		ssize_t n = mnl_socket_recvfrom(nft->socket, bytes, (size_t)1 << 17);

		ret = n < 0 ? -1
			    : mnl_cb_run(bytes, (size_t)n, request->nlmsg_seq, nft->portid,
					 callback, data);
	} while (ret > 0 || (ret < 0 && errno == EINTR && !(request->nlmsg_flags & NLM_F_DUMP)));
	free(bytes);
	if (ret == 0)
		return 0;
	err_errno(err, -errno, "nftables");
	netlink_drain(nft->socket);
	return err->code;
}
