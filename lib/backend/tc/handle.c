/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/backend/rtnl/socket.h"
#include "lib/backend/tc/kinds.h"

static bool hex_parse(const char *text, size_t length, uint32_t *number)
{
	*number = 0;
	if (length > 4)
		return false;
	for (size_t i = 0; i < length; i++) {
		const char *digits = "0123456789abcdef", *digit = strchr(digits, text[i]);

		if (!digit)
			return false;
		*number = *number << 4 | (uint32_t)(digit - digits);
	}
	return true;
}

bool handle_parse(const char *text, uint32_t *handle)
{
	const char *colon = strchr(text, ':');
	uint32_t major, minor;

	if (strcmp(text, "ingress") == 0) {
		*handle = TC_INGRESS;
		return true;
	}
	if (!colon || colon == text || !hex_parse(text, (size_t)(colon - text), &major) ||
	    !hex_parse(colon + 1, strlen(colon + 1), &minor))
		return false;
	*handle = major << 16 | minor;
	return true;
}

struct handle_text handle_text(uint32_t handle)
{
	struct handle_text text;

	if (handle == TC_INGRESS)
		snprintf(text.s, sizeof(text.s), "ingress");
	else if (TC_H_MIN(handle))
		snprintf(text.s, sizeof(text.s), "%x:%x", handle >> 16, TC_H_MIN(handle));
	else
		snprintf(text.s, sizeof(text.s), "%x:", handle >> 16);
	return text;
}

struct nlmsghdr *tc_begin(struct rtnl_batch *batch, uint16_t type, uint16_t flags, int link,
			  uint32_t parent, uint32_t handle, void *about)
{
	struct nlmsghdr *message = batch_begin(batch, type, flags, sizeof(struct tcmsg), about);
	struct tcmsg *header = mnl_nlmsg_get_payload(message);

	header->tcm_family = AF_UNSPEC;
	header->tcm_ifindex = link;
	header->tcm_parent = parent;
	header->tcm_handle = handle;
	return message;
}

int tc_link(struct rtnl *rtnl, const struct change *change, struct words *key, int *link,
	    struct err *err)
{
	*link = 0;
	text_words(key, item_key(change_item(change)));
	if (key->n < 2)
		return kind_value_bad(change_item(change), err);
	if (change->want)
		return rtnl_need_link(rtnl, key->word[0], link, err);
	*link = rtnl_link_index(rtnl, key->word[0]);
	return 0;
}

const char *tc_kind(const struct nlattr *attribute)
{
	return attribute && mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) >= 0
		       ? mnl_attr_get_str(attribute)
		       : "";
}
