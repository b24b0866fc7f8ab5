/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel tells: notifications of rtnetlink (first byte odd), which the readers of dumps
 * take too, and the user data of nftables' objects (even). Their messages are libnftnl's to read.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/backend/nft/nft_state.h"
#include "lib/backend/rtnl/socket.h"
#include "lib/base/log.h"

/* What is read at once. */
#define MESSAGE_MAX (64 << 10)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The kernel's messages lie one behind the other, whatever is in them: libmnl relies on it. */
static size_t put_in_frames(uint8_t *bytes, size_t size)
{
	size_t at = 0;

	while (size - at >= sizeof(struct nlmsghdr)) {
		struct nlmsghdr message;
		size_t left = (size - at) / MNL_ALIGNTO * MNL_ALIGNTO;

		memcpy(&message, bytes + at, sizeof(message));
		if (message.nlmsg_len < sizeof(message) || message.nlmsg_len > left)
			message.nlmsg_len = (uint32_t)left;
		memcpy(bytes + at, &message, sizeof(message));
		at += MNL_ALIGN(message.nlmsg_len);
	}
	return at;
}

/* A socket that holds what the kernel says, and whose questions nobody answers. */
static struct mnl_socket *kernel_says(const uint8_t *data, size_t size, int *kernel)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) < 0 ||
	    (size && send(ends[0], data, size, 0) < 0))
		abort();
	*kernel = ends[0];
	return mnl_socket_fdopen(ends[1]);
}

static void rtnl_touched(void *data, enum rtnl_event what, const char *kind, const char *key,
			 bool removed)
{
	size_t *sum = data;

	*sum += what + (kind ? strlen(kind) : 0) + (key ? strlen(key) : 0) + removed;
}

/* Anyone can write into our table: what stands with an object there, as one of our texts. */
static void say_user_data(const uint8_t *data, size_t size)
{
	static const uint8_t types[] = { USER_COMMENT, USER_OWNER, USER_TEXT };

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		AUTO(free_ptr) char *text = user_data_get(data, (uint32_t)size, types[i], NULL);
		AUTO(err_clear) struct err err = ERR_NONE;
		struct declaration declaration;

		if (text)
			declaration_parse(text, &declaration, &err);
	}
}

static void say_rtnl(const uint8_t *data, size_t size)
{
	struct rtnl *rtnl = mem_alloc(sizeof(*rtnl));
	struct err err = ERR_NONE;
	int kernel, nobody;
	size_t sum = 0;

	rtnl->packet_fd = rtnl->proc_fd = -1;
	rtnl->ioctl_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	rtnl->requests = kernel_says(NULL, 0, &nobody);
	rtnl->events = kernel_says(data, size, &kernel);
	rtnl->hears_neighbours = true;
	rtnl_events_read(rtnl, rtnl_touched, &sum, &err);
	err_clear(&err);
	rtnl_free(rtnl);
	close(kernel);
	close(nobody);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t bytes[MESSAGE_MAX];

	log_set_level(0);
	if (size < 1 || size > MESSAGE_MAX)
		return 0;
	if (*data % 2) {
		memcpy(bytes, data + 1, size - 1);
		say_rtnl(bytes, put_in_frames(bytes, size - 1));
	} else {
		say_user_data(data + 1, size - 1);
	}
	return 0;
}
