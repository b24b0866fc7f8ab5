/* SPDX-License-Identifier: GPL-2.0-or-later */
/* probe.c - what this kernel has of traffic control, really tried. */
#include <string.h>

#include "lib/backend/rtnl/link.h"
#include "lib/backend/tc/kinds.h"
#include "lib/backend/tc/tc.h"

#define PROBE "weft-probe"

/* Makes or removes one item, outside of any plan. 0, or the kernel's refusal. */
static int try(struct rtnl *rtnl,
	       int (*say)(struct rtnl_batch *batch, struct change *change, struct err *err),
	       enum change_action action, struct item *item)
{
	struct change change = { .action = action };
	struct rtnl_batch batch = { .rtnl = rtnl };
	AUTO(err_clear) struct err err = ERR_NONE;
	int code;

	*(action == CHANGE_REMOVE ? &change.have : &change.want) = item;
	code = say(&batch, &change, &err);
	if (code < 0)
		batch_clear(&batch);
	else
		code = rtnl_send_one(&batch);
	item_unref(item);
	return code;
}

static void note(struct facts *facts, const char *name, int code, const char *what)
{
	AUTO(free_ptr)
	char *reason =
		code < 0 ? mem_format("this kernel has no %s: %s", what, strerror(-code)) : NULL;

	facts_add_capability(facts, name, code == 0, reason);
}

int tc_probe(struct facts *facts, struct err *err)
{
	struct rtnl *rtnl;
	int ifb, htb;

	if (rtnl_new(&rtnl, err) < 0)
		return err->code;
	/* One that was killed may have left it. */
	try(rtnl, link_say, CHANGE_REMOVE, item_new("link", PROBE, "ifb", ""));
	ifb = try(rtnl, link_say, CHANGE_ADD, item_new("link", PROBE, "ifb", ""));
	htb = ifb < 0 ? ifb
		      : try(rtnl, qdisc_say, CHANGE_ADD,
			    item_new("tc.qdisc", PROBE " 5af7:", "root htb default 0", ""));
	try(rtnl, link_say, CHANGE_REMOVE, item_new("link", PROBE, "ifb", ""));
	rtnl_free(rtnl);
	note(facts, "ifb", ifb, "ifb links");
	note(facts, "htb", htb, "HTB");
	return 0;
}
