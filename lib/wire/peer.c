/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who is at the other end of a UNIX socket, and whether it may come in. The socket's mode says the
 * same; this holds as well when someone has widened it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/wire/server_state.h"

/* Supplementary groups; a process has 65536 at most. */
static bool has_group(int fd, gid_t gid)
{
	AUTO(free_ptr) gid_t *groups = NULL;
	socklen_t size = 0;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &size) == 0 || errno != ERANGE)
		return false;
	groups = mem_alloc(size);
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size) < 0)
		return false;
	for (size_t i = 0; i < size / sizeof(*groups); i++)
		if (groups[i] == gid)
			return true;
	return false;
}

bool peer_read_local(struct wire_peer *peer, const struct wire_listener *listener, int fd)
{
	struct ucred credentials;
	socklen_t size = sizeof(credentials);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) < 0) {
		log_warning("a client that the kernel does not name is sent away");
		return false;
	}
	*peer = (struct wire_peer){ .is_local = true,
				    .uid = credentials.uid,
				    .gid = credentials.gid,
				    .pid = credentials.pid };
	if (peer->uid == 0 || peer->uid == geteuid() || peer->gid == listener->socket.gid ||
	    has_group(fd, listener->socket.gid))
		return true;
	log_warning("%s is sent away: it is neither root nor of the socket's group",
		    peer_text(peer).s);
	return false;
}

struct peer_text peer_text(const struct wire_peer *peer)
{
	struct peer_text text;

	if (peer->is_local)
		snprintf(text.s, sizeof(text.s), "client (pid %d, uid %u)", (int)peer->pid,
			 (unsigned int)peer->uid);
	else
		snprintf(text.s, sizeof(text.s), "client \"%.120s\"",
			 peer->name ? peer->name : "unknown");
	return text;
}
