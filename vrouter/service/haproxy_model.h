/* SPDX-License-Identifier: GPL-2.0-or-later */
/* haproxy_model.h - what HAProxy is wanted to do. Private to vrouter/service/haproxy_*.c. */
#ifndef WEFT_VROUTER_SERVICE_HAPROXY_MODEL_H
#define WEFT_VROUTER_SERVICE_HAPROXY_MODEL_H

#include "lib/base/map.h"
#include "lib/base/net.h"
#include "lib/base/text.h"
#include "lib/item/item.h"
#include "vrouter/service/health.h"

enum haproxy_protocol { HAPROXY_TCP, HAPROXY_HTTP, HAPROXY_HTTPS };

/* Bytes and sessions as HAProxy counts them. */
struct haproxy_count {
	uint64_t bytes_in, bytes_out, sessions_total, sessions;
};

/* Of workers that are gone (without sessions), and of the present one. */
struct haproxy_counter {
	struct haproxy_count before, now;
};

struct haproxy_listener;

struct haproxy_member {
	struct haproxy_member *next;
	struct haproxy_listener *listener;
	struct item *item; /* A copy of our own. */
	const char *uuid;  /* Within the item's key. */
	struct ip address;
	uint16_t port;
	unsigned int weight;
	struct health health;
	void *probe; /* haproxy_probe.c's own. */
	struct haproxy_counter counter;
};

struct haproxy_listener {
	struct map_node by_uuid;
	struct item *item; /* A copy of our own. */
	const char *uuid;  /* The item's key. */
	enum haproxy_protocol protocol;
	struct ip address;
	uint16_t port;
	const char *algorithm; /* Static. */
	unsigned int idle_s, max_connections, rise, fall, interval_s;
	char *certificates; /* "A,B", or NULL. */
	struct haproxy_member *members;
	bool stale;    /* The worker may not have these members. */
	bool leaving;  /* The worker has members that wait for their last connections. */
	bool refused;  /* HAProxy does not take it: the configuration is made without it. */
	bool taken;    /* Refused because someone else has its port; tried again. */
	bool bound;    /* A worker that runs has its port. */
	char *failure; /* Why it is not running as wanted, or NULL. */
	struct haproxy_counter counter;
};

struct haproxy_model {
	struct map listeners;
	struct item_set certificates; /* Copies of our own. */
	/* The process that has counted what is in the counters; 0: none is known. */
	unsigned long counting_worker;
};

/* -EINVAL with a sentence. The listener or member takes a copy of the item. */
int haproxy_listener_parse(const struct item *item, struct haproxy_listener **ret, struct err *err);
void haproxy_listener_free(struct haproxy_listener *listener); /* With its members. */
int haproxy_member_parse(const struct item *item, struct haproxy_member **ret, struct err *err);
void haproxy_member_free(struct haproxy_member *member);

struct haproxy_listener *haproxy_model_listener(const struct haproxy_model *model,
						const char *uuid);
/* The listener that a member's key begins with. */
struct haproxy_listener *haproxy_model_listener_of(const struct haproxy_model *model,
						   const char *member_key);
void haproxy_model_add(struct haproxy_model *model, struct haproxy_listener *listener);
void haproxy_model_remove(struct haproxy_model *model, struct haproxy_listener *listener);
struct haproxy_member **haproxy_listener_find(struct haproxy_listener *listener, const char *uuid);
/* By uuid; the caller frees the array, which ends with NULL. */
struct haproxy_listener **haproxy_model_sorted(const struct haproxy_model *model);
void haproxy_model_clear(struct haproxy_model *model);

struct haproxy_paths {
	char *dir, *config, *candidate, *worker, *master, *state, *counts, *certificates;
	unsigned int connections_most; /* What this process has files for. */
};

/* The configuration. 'with_members' is false for the digest of what only a reload changes.
 * 'digest' becomes the description by which the running one is known again. */
void haproxy_config_text(const struct haproxy_model *model, const struct haproxy_paths *paths,
			 const char *digest, bool with_members, struct text *text);

/* The uuid of the listener that a line of the text belongs to, or NULL; the caller's own. */
char *haproxy_config_listener_at(const char *text, unsigned int line);

/* Members that the worker has and that are no longer wanted. */
struct haproxy_leaving {
	size_t resting;   /* They may still serve connections: looked at again later. */
	size_t deletions; /* Commands that delete one, which HAProxy may refuse. */
};

/* Notes the commands that make the worker's members of one listener as wanted, from the answer to
 * "show servers state". Returns how many. */
size_t haproxy_members_diff(const struct haproxy_listener *listener, const char *answer,
			    struct text *commands, struct haproxy_leaving *leaving);

#endif
