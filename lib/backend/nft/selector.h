/* SPDX-License-Identifier: GPL-2.0-or-later */
/* selector.h - what of a packet a rule looks at: "ip daddr", "ct state", "meta iifname". */
#ifndef WEFT_NFT_SELECTOR_H
#define WEFT_NFT_SELECTOR_H

#include <stdio.h> /* libnftnl needs it */

#include <libnftnl/rule.h>

#include "lib/backend/nft/type.h"
#include "lib/backend/nft/words.h"

enum selector_load { LOAD_META, LOAD_PAYLOAD, LOAD_CT, LOAD_FIB, LOAD_RT };

enum selector_needs { NEEDS_NOTHING, NEEDS_IPV4, NEEDS_IPV6, NEEDS_ARP, NEEDS_VLAN };

struct selector {
	const char *words[4];
	const char *type;
	enum selector_load load;
	uint32_t key;    /* Of meta, ct, rt, fib; of a payload its base. */
	uint32_t offset; /* Of a payload; the direction of ct + 1. */
	enum selector_needs needs;
	uint8_t protocol; /* That the transport header must have; 0: any. */
};

/* The selector that stands next in 'words', which is moved on; NULL if none does. */
const struct selector *selector_take(struct words *words);
const struct type *selector_type(const struct selector *selector);

/* What a rule has made sure of already. */
struct ensured {
	enum selector_needs network;
	uint8_t protocol;
};

/* Adds the checks that the selector needs, then loads it into register 'reg' + 'offset' bytes. */
void selector_load(struct nftnl_rule *rule, const char *family, struct ensured *ensured,
		   const struct selector *selector, size_t offset);
void selector_ensure(struct nftnl_rule *rule, const char *family, struct ensured *ensured,
		     enum selector_needs network, uint8_t protocol);

/* The register that begins 'offset' bytes into the registers. */
uint32_t register_at(size_t offset);

/* One expression, added to the rule by expr_end(). */
struct nftnl_expr *expr_new(const char *name);
void compare(struct nftnl_rule *rule, size_t offset, bool equal, const void *value, size_t size);

#endif
