/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rule_build.h - a rule while it is translated, for the files that do that. */
#ifndef WEFT_NFT_RULE_BUILD_H
#define WEFT_NFT_RULE_BUILD_H

#include "lib/backend/nft/rule.h"
#include "lib/backend/nft/selector.h"

struct build {
	const char *family;
	struct words *words;
	struct rule *rule;
	struct ensured ensured;
	rule_declaration_fn *declaration;
	const void *data;
	uint32_t *set_id;
	struct err *err;
};

/* What stands in the registers: one selector, or several one after another. */
struct key {
	const struct selector *selectors[TYPE_LIST_MAX];
	struct type_list types;
};

int not_understood(const struct build *build, const char *word);

/* Takes a selector or a concatenation; 1 if there is one, 0 if not. */
int build_key(struct build *build, struct key *key);
void build_load(struct build *build, const struct key *key);
/* "@NAME" looked up with what is loaded, into register 'to' (NFT_REG_VERDICT: a verdict map); with
 * 'to' 0 a match. */
int build_lookup(struct build *build, const char *name, bool inverted, uint32_t to, bool is_map);
void build_immediate(struct build *build, size_t offset, const void *value, size_t size);

/* Each returns 1 when it took its words, 0 when they are not its own. */
int build_verdict(struct build *build);
int build_statement(struct build *build);
int build_nat(struct build *build);
/* Behind a selector: "set ...". */
int build_set(struct build *build, const struct selector *selector);

#endif
