/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What elements have counted: many requests in one go, each with an answer of its own. No dump,
 * which would begin again whenever anything changes, and walks over all to tell of one. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <libnftnl/expr.h>
#include <libnftnl/set.h>
#include <linux/netfilter/nf_tables.h>

#include "lib/backend/nft/nft_state.h"

#define AT_ONCE 64
/* An answer's in the socket's buffer: the kernel takes a page for it, and its own. */
#define ANSWER_BYTES 8192

struct asking {
	struct nft *nft;
	struct nft_count *counts; /* The first is asked for by 'first_seq'. */
	size_t n;
	uint32_t first_seq;
};

static const struct known_set *set_of(const struct nft *nft, const char *key, const char **rest)
{
	size_t length = 0;

	for (int words = 0; key[length]; length++)
		if (key[length] == ' ' && ++words == 3)
			break;
	AUTO(free_ptr) char *set_key = mem_text_n(key, length);

	*rest = key + length + (key[length] != '\0');
	return known_set_find(nft, set_key);
}

/* Returns how many requests there are: what no set can hold is not asked for. */
static size_t write_requests(struct asking *asking, struct text *requests)
{
	size_t n = 0;

	for (size_t i = 0; i < asking->n; i++) {
		char bytes[ELEMENT_REQUEST_MAX] = { 0 };
		const struct known_set *set;
		struct nlmsghdr *message;
		const char *rest;

		asking->counts[i] = (struct nft_count){ .key = asking->counts[i].key };
		set = set_of(asking->nft, asking->counts[i].key, &rest);
		if (!set)
			continue;
		message = read_element_ask(set, rest, 0, bytes, NULL);
		if (!message)
			continue;
		message->nlmsg_seq = asking->first_seq + (uint32_t)i;
		text_add_n(requests, bytes, MNL_ALIGN(message->nlmsg_len));
		n++;
	}
	return n;
}

static void take_since(struct nft_count *count, struct nftnl_set_elem *elem)
{
	uint32_t size = 0;
	const void *bytes = nftnl_set_elem_get(elem, NFTNL_SET_ELEM_USERDATA, &size);
	size_t length = 0;
	AUTO(free_ptr)
	char *since = user_data_get(bytes, bytes ? size : 0, USER_SINCE, &length);

	if (since && length == sizeof(count->since))
		memcpy(count->since, since, length);
}

static void take_element(struct nft_count *count, struct nftnl_set *elements)
{
	struct nftnl_set_elems_iter *iter = nftnl_set_elems_iter_create(elements);
	struct nftnl_set_elem *elem = nftnl_set_elems_iter_next(iter);
	const struct nftnl_expr *expr;

	nftnl_set_elems_iter_destroy(iter);
	if (!elem)
		return;
	count->found = true;
	take_since(count, elem);
	if (!nftnl_set_elem_is_set(elem, NFTNL_SET_ELEM_EXPR))
		return;
	expr = nftnl_set_elem_get(elem, NFTNL_SET_ELEM_EXPR, NULL);
	count->sum.packets = nftnl_expr_get_u64(expr, NFTNL_EXPR_CTR_PACKETS);
	count->sum.bytes = nftnl_expr_get_u64(expr, NFTNL_EXPR_CTR_BYTES);
}

/* Whether it is one of ours; a refusal says that the element is not there. */
static bool take_answer(struct asking *asking, const struct nlmsghdr *message)
{
	uint32_t index = message->nlmsg_seq - asking->first_seq;
	struct nftnl_set *elements;

	if (index >= asking->n)
		return false;
	if (message->nlmsg_type == NLMSG_ERROR)
		return true;
	elements = nftnl_set_alloc();
	if (nftnl_set_elems_nlmsg_parse(message, elements) >= 0)
		take_element(&asking->counts[index], elements);
	nftnl_set_free(elements);
	return true;
}

/* All answers are there when the requests have been taken. */
static int read_answers(struct asking *asking, size_t n, struct err *err)
{
	char bytes[32768];

	while (n) {
		ssize_t got = recv(mnl_socket_get_fd(asking->nft->socket), bytes, sizeof(bytes),
				   MSG_DONTWAIT);
		const struct nlmsghdr *message = (const void *)bytes;
		int left = (int)got;

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return err_errno(err, got < 0 ? -errno : -EIO, "nftables' counters");
		for (; n && mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left))
			n -= take_answer(asking, message);
	}
	return 0;
}

static int ask(struct asking *asking, struct err *err)
{
	AUTO(text_clear) struct text requests = TEXT_NONE;
	size_t n = write_requests(asking, &requests);

	asking->nft->seq += (uint32_t)asking->n;
	if (!n)
		return 0;
	if (mnl_socket_sendto(asking->nft->socket, requests.bytes, requests.length) < 0)
		return err_errno(err, -errno, "nftables does not listen");
	return read_answers(asking, n, err);
}

int nft_counts_read(struct nft *nft, struct nft_count *counts, size_t n, struct err *err)
{
	int room = AT_ONCE * ANSWER_BYTES, fd = mnl_socket_get_fd(nft->socket);

	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	for (size_t i = 0; i < n; i += AT_ONCE) {
		struct asking asking = { nft, counts + i, n - i < AT_ONCE ? n - i : AT_ONCE,
					 nft->seq + 1 };

		int ret = ask(&asking, err);

		if (ret < 0)
			return ret;
	}
	return 0;
}
