/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/backend/nft/transaction.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <libnftnl/common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

#include "lib/backend/netlink/drain.h"

/* What an answer takes in the socket's buffer, with the kernel's own overhead. */
#define ANSWER_BYTES 1024
#define HEADER_MAX   64

static void add_edge(struct transaction *batch, uint16_t type)
{
	char bytes[HEADER_MAX] = { 0 };
	struct nlmsghdr *message;

	if (type == NFNL_MSG_BATCH_BEGIN)
		message = nftnl_batch_begin(bytes, batch->first_seq);
	else
		message = nftnl_batch_end(bytes, batch->first_seq + (uint32_t)batch->n + 1);
	text_add_n(&batch->bytes, bytes, message->nlmsg_len);
}

void transaction_begin(struct transaction *batch, uint32_t first_seq)
{
	*batch = (struct transaction){ .first_seq = first_seq };
	add_edge(batch, NFNL_MSG_BATCH_BEGIN);
}

struct nlmsghdr *transaction_message(struct transaction *batch, size_t size, uint16_t type,
				     int family, uint16_t flags)
{
	struct text *bytes = &batch->bytes;

	mem_grow(&bytes->bytes, &bytes->room, bytes->length + size + 1, 1);
	memset(bytes->bytes + bytes->length, 0, size);
	batch->last = bytes->length;
	return nftnl_nlmsg_build_hdr(bytes->bytes + bytes->length, type, (uint16_t)family, flags,
				     batch->first_seq + (uint32_t)batch->n + 1);
}

void transaction_added(struct transaction *batch, const struct nlmsghdr *message)
{
	batch->bytes.length += MNL_ALIGN(message->nlmsg_len);
	mem_grow(&batch->tags, &batch->room, batch->n + 1, sizeof(*batch->tags));
	batch->tags[batch->n++] = batch->tag;
}

static void make_room(const struct nft *nft, const struct transaction *batch)
{
	int fd = mnl_socket_get_fd(nft->socket);
	size_t send = batch->bytes.length + 65536, receive = (batch->n + 64) * ANSWER_BYTES;
	int send_size = send > (1U << 30) ? 1 << 30 : (int)send;
	int receive_size = receive > (1U << 30) ? 1 << 30 : (int)receive;

	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &send_size, sizeof(send_size));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &receive_size, sizeof(receive_size));
}

static int collect_text(const struct nlattr *attribute, void *data)
{
	const char **text = data;

	if (mnl_attr_get_type(attribute) == NLMSGERR_ATTR_MSG)
		*text = mnl_attr_get_str(attribute);
	return MNL_CB_OK;
}

/* The kernel's own sentence in an answer, or NULL. */
static const char *answer_text(const struct nlmsghdr *message)
{
	const struct nlmsgerr *error = mnl_nlmsg_get_payload(message);
	size_t offset = sizeof(*error);
	const char *text = NULL;

	if (!(message->nlmsg_flags & NLM_F_ACK_TLVS))
		return NULL;
	if (!(message->nlmsg_flags & NLM_F_CAPPED))
		offset += mnl_nlmsg_get_payload_len(&error->msg);
	mnl_attr_parse(message, (unsigned int)MNL_ALIGN(offset), collect_text, &text);
	return text;
}

struct answers {
	struct transaction *batch;
	transaction_refused_fn *refused;
	transaction_echo_fn *echo;
	void *data;
	int ret;
};

static void take_error(struct answers *answers, const struct nlmsghdr *message)
{
	const struct nlmsgerr *error = mnl_nlmsg_get_payload(message);
	uint32_t index = message->nlmsg_seq - answers->batch->first_seq;

	if (!error->error)
		return;
	if (!answers->ret || answers->ret == -EAGAIN)
		answers->ret = error->error;
	if (index >= 1 && index <= answers->batch->n)
		answers->refused(answers->data, answers->batch->tags[index - 1], error->error,
				 answer_text(message));
}

static void take_answers(struct answers *answers, const char *bytes, int size)
{
	const struct nlmsghdr *message = (const void *)bytes;

	for (; mnl_nlmsg_ok(message, size); message = mnl_nlmsg_next(message, &size)) {
		if (message->nlmsg_type == NLMSG_ERROR)
			take_error(answers, message);
		else if ((message->nlmsg_type & 0xff) == NFT_MSG_NEWRULE)
			answers->echo(answers->data, message);
	}
}

/* Every answer is there when the kernel has taken the batch; what were left unread would answer the
 * next one. Whether it was done is unknown when they cannot be read: it counts as failed, and who
 * looks then sees. */
static int read_answers(const struct nft *nft, struct answers *answers)
{
	char *bytes = mem_room((size_t)1 << 17);
	ssize_t n;

	for (;;) {
		n = recv(mnl_socket_get_fd(nft->socket), bytes, (size_t)1 << 17, MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == ENOBUFS) {
			answers->ret = -ENOBUFS;
			continue;
		}
		if (n < 0 && errno != EAGAIN) {
			answers->ret = -errno;
			netlink_drain(nft->socket);
		}
		if (n <= 0)
			break;
		take_answers(answers, bytes, (int)n);
	}
	free(bytes);
	return answers->ret;
}

int transaction_commit(struct nft *nft, struct transaction *batch, transaction_refused_fn *refused,
		       transaction_echo_fn *echo, void *data)
{
	struct answers answers = { batch, refused, echo, data, 0 };
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	ssize_t sent;

	if (!batch->n)
		return 0;
	add_edge(batch, NFNL_MSG_BATCH_END);
	nft->seq = batch->first_seq + (uint32_t)batch->n + 2;
	make_room(nft, batch);
	do {
		sent = sendto(mnl_socket_get_fd(nft->socket), batch->bytes.bytes,
			      batch->bytes.length, 0, (const struct sockaddr *)&kernel,
			      sizeof(kernel));
	} while (sent < 0 && errno == EINTR);
	if (sent < 0)
		return -errno;
	return read_answers(nft, &answers);
}

void transaction_clear(struct transaction *batch)
{
	text_clear(&batch->bytes);
	free(batch->tags);
	*batch = (struct transaction){ 0 };
}
