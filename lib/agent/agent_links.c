/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Links came, went or changed: what hangs on them is compiled and looked at again. A guest's device
 * costs what is made of it, however many others there are; where it is not known what hangs on a
 * link, everything is. */
#include <string.h>

#include "lib/agent/agent_state.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

/* More links than this at once are not looked at one by one. */
#define LINKS_MAX 256

static void look_at_all_links(struct agent *agent)
{
	/* What went with a link (addresses, routes, queues) went without a word of its own. */
	drift_everything(agent, "links", NULL);
	drift_everything(agent, "ports", NULL);
	drift_everything(agent, "addresses", NULL);
	drift_everything(agent, "neighbours", NULL);
	drift_everything(agent, "routes", NULL);
	drift_everything(agent, "traffic control", NULL);
}

/* What a change of links touches. */
struct touch {
	const struct agent *agent;
	const struct facts *now;
	struct affected *objects;
	char links[LINKS_MAX][IFNAMSIZ]; /* Those that are there. */
	size_t n_links;
};

static void touch_object(void *data, struct object *object)
{
	affected_add(((struct touch *)data)->objects, object);
}

static bool is_asked(const struct agent *agent)
{
	return agent->document && agent->type->affected_by_link;
}

static bool touch_link(void *data, const struct facts *facts, const struct facts_link *link,
		       bool same)
{
	struct touch *touch = data;
	const struct agent *agent = touch->agent;

	(void)same;
	if (!is_asked(agent) ||
	    !agent->type->affected_by_link(agent->document, facts, link, touch_object, touch))
		return false;
	if (facts != touch->now)
		return true;
	if (touch->n_links == LINKS_MAX)
		return false;
	memcpy(touch->links[touch->n_links++], link->name, IFNAMSIZ);
	return true;
}

static void copy_items(struct item_set *to, const struct item_set *from)
{
	struct item *item, *after;

	item_set_for_each (from, item, after)
		item_set_say(to, item_kind(item), item_owner(item), item_key(item),
			     item_value(item));
}

static bool has_kind(const struct item_set *items, const char *kind)
{
	return item_set_first_of(items, kind);
}

/* Compiles what is touched, as it was and as it is; then looks at the links themselves: one that
 * has gone and come again has nothing of what it had. */
static void look_at_touched(struct agent *agent, struct touch *touch, struct facts *now)
{
	struct item_set before = ITEM_SET_NONE, after = ITEM_SET_NONE, some = ITEM_SET_NONE;
	struct notes seen = NOTES_NONE;
	struct plan plan = PLAN_NONE;

	affected_compile(agent, touch->objects, &before, &seen);
	facts_take_links(&agent->facts, now);
	affected_compile(agent, touch->objects, &after, &agent->notes);
	copy_items(&some, &after);
	engine_change(agent->engine, &before, &after, clock_ms(), &plan);
	agent_settle(agent, &plan);
	for (size_t i = 0; i < touch->n_links; i++)
		drift_link(agent, touch->links[i], &some);
	/* The kernel cannot be asked for the queues of one link. */
	if (has_kind(&some, "tc.qdisc"))
		drift_everything(agent, "traffic control", NULL);
	plan_clear(&plan);
	notes_clear(&seen);
	item_set_clear(&some);
}

static void refresh(struct agent *agent, bool told)
{
	struct touch touch = { .agent = agent, .objects = affected_new() };
	AUTO(facts_clear) struct facts now = FACTS_NONE;
	struct plan plan = PLAN_NONE;
	struct err err = ERR_NONE;
	bool is_local, is_other = false;

	touch.now = &now;
	if ((told ? rtnl_facts_told : rtnl_facts)(agent->rtnl, &now, &is_other, &err) < 0) {
		log_error("links: %s", err_text(&err));
		err_clear(&err);
		agent_links_again(agent);
		affected_free(touch.objects);
		return;
	}
	is_local = facts_compare_links(&agent->facts, &now, touch_link, &touch);
	if (is_local && told && is_asked(agent)) {
		look_at_touched(agent, &touch, &now);
	} else {
		is_other = facts_take_links(&agent->facts, &now);
		if (is_other)
			agent_compile_all(agent, &plan);
		look_at_all_links(agent);
	}
	plan_clear(&plan);
	affected_free(touch.objects);
}

void agent_refresh(struct agent *agent)
{
	refresh(agent, false);
}

void agent_links_told(struct agent *agent)
{
	refresh(agent, true);
}
