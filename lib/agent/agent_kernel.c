/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's backends, and what it tells by itself. */
#include <errno.h>
#include <string.h>
#include <sys/param.h>

#include "lib/agent/agent_state.h"
#include "lib/base/clock.h"
#include "lib/base/heap.h"
#include "lib/base/log.h"

/* A walk over the connection table takes a moment whatever it finds, and the kernel lets nothing
 * else onto its CPU meanwhile, not even the disk's interrupts (ctnetlink: 13 ms for 262,144
 * buckets): a burst of changes shares one, which begins CUT_MS_MAX after the first at the latest,
 * or when the one before has ended. */
#define CUT_QUIET_MS 5
#define CUT_MS_MAX   75

/* Links come in bunches (a machine starts, a NIC is renamed): they are looked at together. */
#define LINKS_SETTLE_MS 20
/* What failed is tried again after so long: links that could not be read, connections that could
 * not be cut. */
#define AGAIN_MS 250

int agent_kernel_open(struct agent *agent, struct err *err)
{
	struct provider providers[9];
	bool cuts = agent->type->cuts_connections, changed;

	/* Before notifications are heard: it makes a link, and takes it away. */
	if (tc_probe(&agent->facts, err) < 0 || rtnl_new(&agent->rtnl, err) < 0 ||
	    tc_new(agent->rtnl, &agent->tc, err) < 0 ||
	    nft_new(agent->type->table, &agent->nft, err) < 0 ||
	    (cuts && conntrack_new(&agent->conntrack, err) < 0))
		return err->code;
	/* The written order: links, addresses, neighbours, routes and rules, nftables, settings
	 * (nothing is forwarded before it is filtered, and those of connection tracking come with
	 * it), traffic control, guests' ports; then the connections that the new rules no longer
	 * carry. */
	providers[0] = rtnl_provider_links(agent->rtnl);
	providers[1] = rtnl_provider_addresses(agent->rtnl);
	providers[2] = rtnl_provider_neighbours(agent->rtnl);
	providers[3] = rtnl_provider_routes(agent->rtnl);
	providers[4] = nft_provider(agent->nft);
	providers[5] = sysctl_provider();
	providers[6] = tc_provider(agent->tc);
	providers[7] = rtnl_provider_plugs(agent->rtnl);
	if (cuts)
		providers[8] = conntrack_provider(agent->conntrack);
	for (size_t i = 0; i < (cuts ? 9 : 8); i++)
		engine_add_provider(agent->engine, &providers[i]);
	agent_trace_open(agent);
	return rtnl_facts(agent->rtnl, &agent->facts, &changed, err);
}

static void on_item(void *data, const char *kind, const char *key, bool removed,
		    const char *process)
{
	drift_touched(data, kind, key, removed, process);
}

static void nft_ready(evutil_socket_t fd, short what, void *data)
{
	struct agent *agent = data;
	struct err err = ERR_NONE;
	int ret = nft_events_read(agent->nft, on_item, agent, &err);

	(void)fd;
	(void)what;
	if (ret == -ENOBUFS)
		drift_lost(agent);
	else if (ret < 0)
		log_error("nftables' notifications: %s", err_text(&err));
	err_clear(&err);
	drift_repair(agent);
}

static void tc_ready(evutil_socket_t fd, short what, void *data)
{
	struct agent *agent = data;
	struct err err = ERR_NONE;
	bool touched;

	(void)fd;
	(void)what;
	if (tc_events_read(agent->tc, &touched, &err) < 0)
		log_error("%s", err_text(&err));
	err_clear(&err);
	if (touched)
		drift_everything(agent, "traffic control", NULL);
}

void agent_links_again(struct agent *agent)
{
	const struct timeval wait = { 0, AGAIN_MS * 1000 };

	evtimer_add(agent->links_timer, &wait);
}

static void links_soon(struct agent *agent)
{
	struct timeval wait = { 0, LINKS_SETTLE_MS * 1000 };

	if (!evtimer_pending(agent->links_timer, NULL))
		evtimer_add(agent->links_timer, &wait);
}

static void announce_due(evutil_socket_t fd, short what, void *data)
{
	(void)fd;
	(void)what;
	rtnl_announce_again(((struct agent *)data)->rtnl);
}

/* Of forwarding entries, and of neighbours that go, the kernel tells our own changes in nobody's
 * name, and one cannot be asked for alone: it would be the whole table for each. So what was said
 * last of each is held against what is wanted, once all is read that was said: of an entry that
 * was made and taken away since, the first word is no news. */
static void note_told(struct agent *agent, const char *kind, const char *key, bool removed)
{
	struct item *before = item_set_find(&agent->told, kind, key);

	if (before)
		item_unref(item_set_take(&agent->told, before));
	item_set_say(&agent->told, kind, "", key, removed ? "removed" : "there");
}

static void look_at_told(struct agent *agent)
{
	struct item *item, *after;

	item_set_for_each (&agent->told, item, after) {
		const char *kind = item_kind(item), *key = item_key(item);
		bool removed = strcmp(item_value(item), "removed") == 0;
		bool wanted = item_set_find(engine_wanted(agent->engine), kind, key);

		/* A forwarding entry is all in its key; a neighbour may have another MAC. */
		if (removed == wanted || (wanted && strcmp(kind, "fdb") != 0))
			drift_touched(agent, kind, key, removed, NULL);
	}
	item_set_clear(&agent->told);
}

static void on_rtnl(void *data, enum rtnl_event what, const char *kind, const char *key,
		    bool removed)
{
	static const struct timeval announce_interval = { RTNL_ANNOUNCE_INTERVAL_S, 0 };
	struct agent *agent = data;

	switch (what) {
	case RTNL_LINKS_CHANGED:
		links_soon(agent);
		break;
	case RTNL_LINK_ROSE:
		if (!evtimer_pending(agent->announce_timer, NULL))
			evtimer_add(agent->announce_timer, &announce_interval);
		break;
	case RTNL_ADDRESS_CAME:
		engine_retry_soon(agent->engine, "routes", clock_ms());
		agent_schedule(agent);
		break;
	case RTNL_ROUTES_LOST:
		drift_routes_lost(agent);
		break;
	case RTNL_ITEM_TOUCHED:
		if (strcmp(kind, "fdb") == 0 || strcmp(kind, "neighbour") == 0)
			note_told(agent, kind, key, removed);
		else
			drift_touched(agent, kind, key, removed, NULL);
		break;
	}
}

static void rtnl_ready(evutil_socket_t fd, short what, void *data)
{
	struct agent *agent = data;
	struct err err = ERR_NONE;
	int ret = rtnl_events_read(agent->rtnl, on_rtnl, agent, &err);

	(void)fd;
	(void)what;
	if (ret == -ENOBUFS)
		links_soon(agent);
	else if (ret < 0)
		log_error("rtnetlink's notifications: %s", err_text(&err));
	err_clear(&err);
	look_at_told(agent);
	drift_repair(agent);
}

static void look_due(evutil_socket_t fd, short what, void *data)
{
	(void)fd;
	(void)what;
	drift_repair(data);
}

static void links_settled(evutil_socket_t fd, short what, void *data)
{
	struct agent *agent = data;

	(void)fd;
	(void)what;
	agent_links_told(agent);
	engine_retry_soon(agent->engine, NULL, clock_ms());
	agent_schedule(agent);
}

static void retry_due(evutil_socket_t fd, short what, void *data)
{
	struct agent *agent = data;
	struct plan plan = PLAN_NONE;

	(void)fd;
	(void)what;
	engine_retry(agent->engine, clock_ms(), &plan);
	if (plan.n)
		agent_status_changed(agent);
	plan_clear(&plan);
	agent_schedule(agent);
	agent_after(agent);
}

void agent_schedule(struct agent *agent)
{
	uint64_t at = engine_retry_at(agent->engine), now = clock_ms();
	uint64_t wait = at > now ? at - now : 1;
	struct timeval timeout = { (time_t)(wait / 1000), (suseconds_t)(wait % 1000) * 1000 };

	if (at == UINT64_MAX)
		evtimer_del(agent->retry_timer);
	else
		evtimer_add(agent->retry_timer, &timeout);
}

static void cut_failed(struct agent *agent, struct err *err)
{
	const struct timeval again = { 0, AGAIN_MS * 1000 };

	log_error("%s", err_text(err));
	err_clear(err);
	evtimer_add(agent->after_timer, &again);
}

static void cut_ended(evutil_socket_t fd, short what, void *data)
{
	struct agent *agent = data;
	struct err err = ERR_NONE;

	(void)fd;
	(void)what;
	if (cutter_end(agent->cutter, agent->conntrack, &err) < 0)
		cut_failed(agent, &err);
	else
		agent_after(agent); /* What was noted meanwhile. */
}

static void after(evutil_socket_t fd, short what, void *data)
{
	struct agent *agent = data;
	struct err err = ERR_NONE;

	(void)fd;
	(void)what;
	if (cutter_is_busy(agent->cutter))
		return;
	if (cutter_begin(agent->cutter, agent->conntrack, &err) < 0)
		cut_failed(agent, &err);
	else if (cutter_is_busy(agent->cutter) &&
		 (event_assign(agent->cut_event, agent->base, cutter_fd(agent->cutter), EV_READ,
			       cut_ended, agent) < 0 ||
		  event_add(agent->cut_event, NULL) < 0))
		log_error("connection tracking: the event loop takes no more");
}

void agent_after(struct agent *agent)
{
	uint64_t now = clock_ms(), wait;
	struct timeval timeout = { 0 };

	if (!agent->conntrack || !conntrack_has_cuts(agent->conntrack))
		return;
	if (!agent->after_timer)
		agent->after_timer = evtimer_new(agent->base, after, agent);
	if (!evtimer_pending(agent->after_timer, NULL))
		agent->after_ms = now + CUT_MS_MAX;
	wait = MIN(now + CUT_QUIET_MS, MAX(agent->after_ms, now)) - now;
	timeout.tv_usec = (suseconds_t)wait * 1000;
	evtimer_add(agent->after_timer, &timeout);
}

static void trim(evutil_socket_t fd, short what, void *data)
{
	(void)fd;
	(void)what;
	(void)data;
	heap_trim();
}

void agent_trim_soon(struct agent *agent)
{
	const struct timeval soon = { 1, 0 };

	if (!agent->trim_timer)
		agent->trim_timer = evtimer_new(agent->base, trim, agent);
	evtimer_add(agent->trim_timer, &soon);
}

int agent_kernel_watch(struct agent *agent, struct err *err)
{
	agent->nft_event = event_new(agent->base, nft_events_fd(agent->nft), EV_READ | EV_PERSIST,
				     nft_ready, agent);
	agent->rtnl_event = event_new(agent->base, rtnl_events_fd(agent->rtnl),
				      EV_READ | EV_PERSIST, rtnl_ready, agent);
	agent->links_timer = evtimer_new(agent->base, links_settled, agent);
	agent->retry_timer = evtimer_new(agent->base, retry_due, agent);
	agent->announce_timer = evtimer_new(agent->base, announce_due, agent);
	agent->look_timer = evtimer_new(agent->base, look_due, agent);
	agent->cut_event = event_new(agent->base, -1, 0, cut_ended, agent);
	agent->tc_event = event_new(agent->base, tc_events_fd(agent->tc), EV_READ | EV_PERSIST,
				    tc_ready, agent);
	if (!agent->nft_event || !agent->cut_event || !agent->rtnl_event || !agent->tc_event ||
	    event_add(agent->nft_event, NULL) < 0 || event_add(agent->rtnl_event, NULL) < 0 ||
	    event_add(agent->tc_event, NULL) < 0)
		return err_set(err, -ENOMEM, "the event loop takes no more");
	return settings_watch(agent, err);
}

static void event_gone(struct event *event)
{
	if (event)
		event_free(event);
}

void agent_kernel_close(struct agent *agent)
{
	event_gone(agent->nft_event);
	event_gone(agent->rtnl_event);
	event_gone(agent->tc_event);
	event_gone(agent->links_timer);
	event_gone(agent->retry_timer);
	event_gone(agent->after_timer);
	event_gone(agent->cut_event);
	event_gone(agent->trim_timer);
	event_gone(agent->look_timer);
	event_gone(agent->announce_timer);
	settings_close(agent);
	agent_trace_close(agent);
	nft_free(agent->nft);
	conntrack_free(agent->conntrack);
	cutter_free(agent->cutter);
	tc_free(agent->tc);
	rtnl_free(agent->rtnl);
}
