/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft_state.h - the backend's inside, for its own files. */
#ifndef WEFT_NFT_NFT_STATE_H
#define WEFT_NFT_NFT_STATE_H

#include <libmnl/libmnl.h>
#include <stdio.h>

#include "lib/backend/nft/declaration.h"
#include "lib/backend/nft/element.h"
#include "lib/backend/nft/nft.h"

/* A set of ours: what it is declared as, so that its elements can be read and written. */
struct known_set {
	struct map_node by_key;
	struct declaration declaration;
	char key[]; /* "inet weft eip_in". */
};

/* A rule of ours: where it is in the kernel. */
struct known_rule {
	uint64_t handle;
	uint64_t hash; /* Of its text; 0: foreign. */
	char *order, *owner;
};

struct known_chain {
	struct map_node by_key;
	struct known_rule *rules; /* In their order in the kernel. */
	size_t n, room;
	char key[]; /* "inet weft forward". */
};

struct nft {
	char *table_name;
	struct mnl_socket *socket, *events;
	uint32_t portid, seq;
	struct map sets, chains;
	struct item_set rebuild; /* Tables that are made anew. */
	struct map kept;         /* rebuild.c's: what elements in them had counted. */
	struct pending *pending; /* Events whose process is not told yet. */
};

/* A table's value: it belongs to the socket that makes it, and goes with that. */
#define TABLE_OWNED "owned"

/* The first words of a key: "FAMILY TABLE NAME REST". */
struct place {
	char *copy;
	const char *family, *table, *name, *rest; /* "" where there is none. */
};

void place_parse(const char *key, struct place *place);
void place_clear(struct place *place);
int family_number(const char *family);
const char *family_name(int family);                   /* NULL: none of ours. */
int hook_number(const char *family, const char *hook); /* -1: the family has none of that name. */
const char *hook_name(const char *family, uint32_t number);

/* known.c */
struct known_set *known_set_find(const struct nft *nft, const char *key);
void known_set_put(struct nft *nft, const char *key, const struct declaration *declaration);
void known_set_forget(struct nft *nft, const char *key);
struct known_chain *known_chain_find(const struct nft *nft, const char *key);
struct known_chain *known_chain_get(struct nft *nft, const char *key); /* Made if need be. */
void known_chain_forget(struct nft *nft, const char *key);
void known_rule_put(struct known_chain *chain, const struct known_rule *rule); /* Takes texts. */
struct known_rule *known_rule_find(struct known_chain *chain, const char *order);
void known_rule_remove(struct known_chain *chain, const char *order);
/* Forgets everything in the table "inet weft", or all with NULL. */
void known_clear(struct nft *nft, const char *table);
uint64_t rule_hash(const char *text); /* The same in every process. */

/* user_data.c: what we write beside an object, type by type. */
#define USER_COMMENT 0 /* The owner: what nft(8) shows as comment, for rules and elements. */
#define USER_OWNER   0x81
#define USER_TEXT    0x82 /* A set's declaration, a rule's order. */
#define USER_HASH    0x83
#define USER_SINCE   0x84 /* Two struct nft_sum. */

struct user_data {
	uint8_t bytes[256];
	size_t size;
};

void user_data_put(struct user_data *data, uint8_t type, const void *value, size_t size);
void user_data_put_text(struct user_data *data, uint8_t type, const char *text);
/* A copy with a NUL behind, or NULL. */
char *user_data_get(const void *bytes, size_t size, uint8_t type, size_t *length);

/* socket.c: nft_new() with events of another group (NFNLGRP_NONE: none). */
int nft_open(const char *table_name, int group, struct nft **ret, struct err *err);

/* dump.c: one request and all its answers. */
int nft_talk(struct nft *nft, struct nlmsghdr *request, mnl_cb_t callback, void *data,
	     struct err *err);

/* event.c */
void pending_free(struct nft *nft);

struct reading {
	struct nft *nft;
	struct item_set *have;
};

/* read.c: an object of a message as items of 'have'; nothing if it is not ours. */
int read_chain(const struct nlmsghdr *message, void *data);
int read_set(const struct nlmsghdr *message, void *data);
int read_rule(const struct nlmsghdr *message, void *data);
int read_elements_of(struct reading *reading, const struct known_set *set, struct err *err);
struct nftnl_set;
void read_elements_told(const struct reading *reading, const struct known_set *set,
			struct nftnl_set *elements);
/* Writes the request for one element into 'bytes'; NULL: the key is none of the set's. */
#define ELEMENT_REQUEST_MAX 1024
struct nlmsghdr *read_element_ask(const struct known_set *set, const char *key_text, uint16_t flags,
				  char *bytes, struct err *err);
int read_element_one(struct reading *reading, const struct known_set *set, const char *key_text,
		     struct err *err);
int read_counter(const struct nlmsghdr *message, void *data);
int read_table(const struct nlmsghdr *message, void *data);

#endif
