/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dump.c - reading all of something.
 *
 * A dump that a change overtook may miss entries or tell them twice; the kernel marks it, and it is
 * read again. So that nothing of the first try is left over, all of it is collected before anyone
 * looks at it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/backend/netlink/drain.h"
#include "lib/backend/rtnl/request.h"
#include "lib/backend/rtnl/socket.h"

#define DUMP_TRIES 64
#define READ_BYTES (32 << 10) /* The kernel fills 32 KiB at most. */

struct nlmsghdr *dump_begin(struct dump_request *request, uint16_t type, size_t header)
{
	struct nlmsghdr *message;

	memset(request, 0, sizeof(*request));
	message = mnl_nlmsg_put_header(request->bytes);
	message->nlmsg_type = type;
	message->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	mnl_nlmsg_put_extra_header(message, header);
	return message;
}

/* Looks for the end in what was just read. 1: go on; 0: the dump is complete; -EAGAIN: it was
 * overtaken. Either way, all of it was read once the end was seen. */
static int dump_check(const char *bytes, size_t size, uint32_t sequence, bool *overtaken)
{
	const struct nlmsghdr *message = (const void *)bytes;
	int rest = (int)size;

	for (; mnl_nlmsg_ok(message, rest); message = mnl_nlmsg_next(message, &rest)) {
		if (message->nlmsg_seq != sequence)
			continue;
		if (message->nlmsg_flags & NLM_F_DUMP_INTR)
			*overtaken = true;
		if (message->nlmsg_type == NLMSG_ERROR || message->nlmsg_type == NLMSG_DONE) {
			int code = 0;

			/* Both carry an errno first. */
			if (mnl_nlmsg_get_payload_len(message) >= sizeof(code))
				code = *(const int *)mnl_nlmsg_get_payload(message);
			return code < 0 ? code : 0;
		}
	}
	return 1;
}

static int dump_try(struct rtnl *rtnl, struct nlmsghdr *message, struct dump *dump, bool *overtaken)
{
	int state = 1;

	message->nlmsg_seq = ++rtnl->sequence;
	dump->size = 0;
	*overtaken = false;
	if (mnl_socket_sendto(rtnl->requests, message, message->nlmsg_len) < 0)
		return -errno;
	while (state == 1) {
		ssize_t got;

		mem_grow(&dump->bytes, &dump->room, dump->size + READ_BYTES, 1);
		got = mnl_socket_recvfrom(rtnl->requests, dump->bytes + dump->size, READ_BYTES);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			int code = -errno;

			netlink_drain(rtnl->requests);
			return code;
		}
		state = dump_check(dump->bytes + dump->size, (size_t)got, message->nlmsg_seq,
				   overtaken);
		dump->size += MNL_ALIGN((size_t)got);
	}
	return state;
}

int dump_read(struct rtnl *rtnl, struct dump_request *request, struct dump *dump, struct err *err)
{
	bool overtaken = true;

	for (int i = 0; i < DUMP_TRIES && overtaken; i++) {
		int code = dump_try(rtnl, (void *)request->bytes, dump, &overtaken);

		if (code < 0)
			return err_errno(err, code, "cannot read from the kernel");
	}
	if (overtaken)
		return err_set(err, -EAGAIN, "the kernel's state keeps changing while it is read");
	return 0;
}

int dump_read_single(struct rtnl *rtnl, struct dump_request *request, struct dump *dump)
{
	struct nlmsghdr *message = (void *)request->bytes;
	bool overtaken;
	int code;

	message->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	code = dump_try(rtnl, message, dump, &overtaken);
	return code == -ENOENT || code == -ENODEV ? 0 : code;
}

void dump_clear(struct dump *dump)
{
	free(dump->bytes);
	*dump = (struct dump)DUMP_NONE;
}

const struct nlmsghdr *dump_next(const struct dump *dump, const struct nlmsghdr *message)
{
	const char *at = dump->bytes;
	size_t rest;

	if (message)
		at = (const char *)message + MNL_ALIGN(message->nlmsg_len);
	for (;;) {
		rest = dump->size - (size_t)(at - dump->bytes);
		message = (const void *)at;
		if (!dump->size || !mnl_nlmsg_ok(message, (int)rest))
			return NULL;
		if (message->nlmsg_type >= NLMSG_MIN_TYPE)
			return message;
		at += MNL_ALIGN(message->nlmsg_len);
	}
}
