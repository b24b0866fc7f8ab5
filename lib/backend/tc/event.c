/* SPDX-License-Identifier: GPL-2.0-or-later */
/* event.c - what the kernel tells of traffic control. It is changed seldom, and much goes along
 * with one change: what others touched is read whole. */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "lib/backend/rtnl/socket.h"
#include "lib/backend/tc/kinds.h"
#include "lib/backend/tc/tc_state.h"

#define READ_BYTES (64 << 10)

void tc_listen(struct tc *tc)
{
	int group = RTNLGRP_TC;

	/* Without it, another's hand is seen when everything is looked at. */
	if (!tc->listens)
		mnl_socket_setsockopt(tc->events, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group));
	tc->listens = true;
}

int tc_events_fd(const struct tc *tc)
{
	return mnl_socket_get_fd(tc->events);
}

/* Our own removal of a root takes classes along that may be wanted on the next one. */
static bool is_touch(const struct tc *tc, const struct nlmsghdr *message)
{
	const struct tcmsg *header = mnl_nlmsg_get_payload(message);

	return message->nlmsg_pid != tc->rtnl->port ||
	       (message->nlmsg_type == RTM_DELQDISC && header->tcm_handle == TC_ROOT);
}

int tc_events_read(struct tc *tc, bool *touched, struct err *err)
{
	AUTO(free_ptr) char *bytes = mem_room(READ_BYTES);

	*touched = false;
	for (;;) {
		ssize_t n = recv(mnl_socket_get_fd(tc->events), bytes, READ_BYTES, MSG_DONTWAIT);
		const struct nlmsghdr *message = (const void *)bytes;
		int rest = (int)n;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == ENOBUFS) {
			*touched = true;
			continue;
		}
		if (n < 0 && errno != EAGAIN)
			return err_errno(err, -errno, "traffic control's notifications");
		if (n <= 0)
			return 0;
		for (; mnl_nlmsg_ok(message, rest); message = mnl_nlmsg_next(message, &rest))
			*touched |= is_touch(tc, message);
	}
}
