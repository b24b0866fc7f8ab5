/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/backend/rtnl/request.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/backend/netlink/drain.h"
#include "lib/backend/rtnl/socket.h"

/* What is sent at once: few enough that the answers fit into the socket's buffer however small the
 * machine lets it be. */
#define CHUNK_REQUESTS 128
#define CHUNK_BYTES    (64 << 10)

struct nlmsghdr *batch_begin(struct rtnl_batch *batch, uint16_t type, uint16_t flags, size_t header,
			     void *about)
{
	struct nlmsghdr *message;

	mem_grow(&batch->bytes, &batch->room, batch->size + RTNL_MESSAGE_MAX, 1);
	mem_grow(&batch->requests, &batch->requests_room, batch->n + 1, sizeof(*batch->requests));
	memset(batch->bytes + batch->size, 0, RTNL_MESSAGE_MAX);
	message = mnl_nlmsg_put_header(batch->bytes + batch->size);
	message->nlmsg_type = type;
	message->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | flags);
	mnl_nlmsg_put_extra_header(message, header);
	batch->requests[batch->n++] =
		(struct rtnl_request){ .at = batch->size, .about = about, .code = -EINPROGRESS };
	return message;
}

void batch_end(struct rtnl_batch *batch, struct nlmsghdr *message)
{
	batch->size += MNL_ALIGN(message->nlmsg_len);
}

void batch_cancel(struct rtnl_batch *batch)
{
	batch->n--;
}

void batch_clear(struct rtnl_batch *batch)
{
	for (size_t i = 0; i < batch->n; i++)
		free(batch->requests[i].text);
	free(batch->requests);
	free(batch->bytes);
	*batch = (struct rtnl_batch){ .rtnl = batch->rtnl };
}

/* Something that is to go and is gone already is as wanted. The kernel has a different word for it
 * in every place. */
static bool is_gone(const struct nlmsghdr *message, int code)
{
	switch (message->nlmsg_type) {
	case RTM_DELLINK:
	case RTM_DELADDR:
	case RTM_DELROUTE:
	case RTM_DELRULE:
	case RTM_DELNEIGH:
	case RTM_DELQDISC:
	case RTM_DELTCLASS:
	case RTM_DELTFILTER:
		return code == -ENOENT || code == -ESRCH || code == -ENODEV ||
		       code == -EADDRNOTAVAIL || code == -ENXIO || code == -ENETDOWN;
	default:
		return false;
	}
}

/* The kernel's own sentence behind an acknowledgement, where it has one (NETLINK_EXT_ACK). */
static char *answer_text(const struct nlmsghdr *answer)
{
	size_t offset = sizeof(struct nlmsgerr);
	const struct nlmsgerr *error = mnl_nlmsg_get_payload(answer);
	const struct nlattr *attribute;

	if (!(answer->nlmsg_flags & NLM_F_ACK_TLVS))
		return NULL;
	if (!(answer->nlmsg_flags & NLM_F_CAPPED))
		offset += MNL_ALIGN(error->msg.nlmsg_len) - sizeof(struct nlmsghdr);
	if (mnl_nlmsg_get_payload_len(answer) < offset)
		return NULL;
	mnl_attr_for_each(attribute, answer, (unsigned int)offset) if (
		mnl_attr_get_type(attribute) ==
		NLMSGERR_ATTR_MSG) return mem_text_n(mnl_attr_get_payload(attribute),
						     strnlen(mnl_attr_get_payload(attribute),
							     mnl_attr_get_payload_len(attribute)));
	return NULL;
}

static void batch_file(struct rtnl_batch *batch, uint32_t first, const struct nlmsghdr *answer,
		       size_t *left)
{
	const struct nlmsgerr *error = mnl_nlmsg_get_payload(answer);
	uint32_t i = answer->nlmsg_seq - first;
	struct rtnl_request *request;

	if (answer->nlmsg_type != NLMSG_ERROR || i >= batch->n ||
	    answer->nlmsg_len < mnl_nlmsg_size(sizeof(*error)))
		return;
	request = &batch->requests[i];
	if (request->code != -EINPROGRESS)
		return;
	request->code = error->error;
	if (is_gone((struct nlmsghdr *)(void *)(batch->bytes + request->at), request->code))
		request->code = 0;
	if (request->code)
		request->text = answer_text(answer);
	--*left;
}

static int batch_receive(struct rtnl_batch *batch, uint32_t first, size_t left, struct err *err)
{
	AUTO(free_ptr) char *buffer = mem_alloc(32 << 10);

	while (left) {
		const struct nlmsghdr *answer = (void *)buffer;
		ssize_t got = mnl_socket_recvfrom(batch->rtnl->requests, buffer, 32 << 10);
		int rest = (int)got;

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			int code = -errno;

			netlink_drain(batch->rtnl->requests);
			return err_errno(err, code, "cannot read the kernel's answers");
		}
		for (; mnl_nlmsg_ok(answer, rest); answer = mnl_nlmsg_next(answer, &rest))
			batch_file(batch, first, answer, &left);
	}
	return 0;
}

int batch_send(struct rtnl_batch *batch, struct err *err)
{
	uint32_t first = batch->rtnl->sequence + 1;

	batch->rtnl->sequence += (uint32_t)batch->n;
	for (size_t i = 0; i < batch->n; i++) {
		struct nlmsghdr *message = (void *)(batch->bytes + batch->requests[i].at);

		message->nlmsg_seq = first + (uint32_t)i;
	}
	for (size_t from = 0, to; from < batch->n; from = to) {
		size_t at = batch->requests[from].at, end = at;
		ssize_t sent;

		for (to = from; to < batch->n && to - from < CHUNK_REQUESTS; to++) {
			size_t next = to + 1 < batch->n ? batch->requests[to + 1].at : batch->size;

			if (next - at > CHUNK_BYTES)
				break;
			end = next;
		}
		do
			sent = mnl_socket_sendto(batch->rtnl->requests, batch->bytes + at,
						 end - at);
		while (sent < 0 && errno == EINTR);
		if (sent < 0)
			return err_errno(err, -errno, "cannot send to the kernel");
		if (batch_receive(batch, first, to - from, err) < 0)
			return err ? err->code : -EIO;
	}
	return 0;
}
