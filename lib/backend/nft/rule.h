/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rule.h - a rule's text (docs/items.md) into the kernel's expressions. */
#ifndef WEFT_NFT_RULE_H
#define WEFT_NFT_RULE_H

#include <stdio.h> /* libnftnl needs it */

#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <libnftnl/set.h>

#include "lib/backend/nft/declaration.h"
#include "lib/backend/nft/words.h"

#define RULE_SETS_MAX 8

/* What is said of a set that a rule names; NULL: unknown. */
typedef const struct declaration *rule_declaration_fn(const void *data, const char *set);

struct rule {
	struct nftnl_rule *rule; /* Owned. */
	/* Sets without name that hold the constants of a list; they go before the rule. */
	struct nftnl_set *sets[RULE_SETS_MAX];
	size_t n_sets;
};

/* 'set_id' numbers the sets of a transaction, with a name and without, and is moved on. */
int rule_translate(const char *family, const char *text, rule_declaration_fn *declaration,
		   const void *data, uint32_t *set_id, struct rule *rule, struct err *err);
void rule_clear(struct rule *rule);

#endif
