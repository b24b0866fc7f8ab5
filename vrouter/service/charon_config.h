/* SPDX-License-Identifier: GPL-2.0-or-later */
/* charon_config.h - what charon is told of itself (strongswan.conf(5)) and of a tunnel
 * (swanctl.conf(5), "connections"). Pure. */
#ifndef WEFT_VROUTER_SERVICE_CHARON_CONFIG_H
#define WEFT_VROUTER_SERVICE_CHARON_CONFIG_H

#include <jansson.h>

#include "lib/backend/vici/vici_message.h"
#include "lib/base/net.h"
#include "lib/base/text.h"
#include "lib/item/item.h"

/* strongswan.conf of a charon whose control socket is at 'vici_path'. */
void charon_daemon_text(const char *vici_path, struct text *config);

/* What an item ipsec.connection says. */
struct charon_tunnel {
	struct ip local, remote;
	int version;                  /* Of IKE. */
	char *ike, *esp;              /* Proposals in charon's words: "3des-sha1-modp1024". */
	char **local_ts, **remote_ts; /* Prefixes; NULL-terminated. */
	char *key_digest;
};

int charon_tunnel_parse(const struct item *item, struct charon_tunnel *tunnel, struct err *err);
void charon_tunnel_clear(struct charon_tunnel *tunnel);

/* More children are refused: a message would not hold them. */
#define CHARON_CHILDREN_MOST 1024

/* Its children: in IKEv1 each has one prefix on both sides (RFC 2409 section 5.5), in IKEv2 there
 * is one with all (RFC 7296 section 2.9). They are called "1", "2" and so on. */
size_t charon_tunnel_children(const struct charon_tunnel *tunnel);

/* The messages of load-conn and load-shared. */
void charon_tunnel_message(const struct charon_tunnel *tunnel, const char *name,
			   struct vici_message *message);
void charon_key_message(const struct charon_tunnel *tunnel, const char *name, const char *key,
			struct vici_message *message);

/* Whether a charon that answered get-algorithms with 'offered' has all that the tunnel's IKE
 * proposal takes; -EOPNOTSUPP names what it lacks. */
int charon_tunnel_offered(const struct charon_tunnel *tunnel, const json_t *offered,
			  struct err *err);

#endif
