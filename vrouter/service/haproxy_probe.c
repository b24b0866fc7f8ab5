/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrouter/service/haproxy_probe.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

#include "lib/base/log.h"
#include "vrouter/service/syn_probe.h"

/* A SYN that is lost is sent once more. */
#define AGAIN_MS 1000

/* A SYN's number: the low bits are the member's place in the table, the others are new each time,
 * so that a late answer is not taken for this round's. */
#define PLACE_BITS 20
#define PLACE_MASK ((1U << PLACE_BITS) - 1)

struct target {
	struct haproxy_probe *probe;
	struct haproxy_member *member;
	struct event *timer;
	uint32_t place, cookie;
	bool waiting; /* For an answer. */
	bool again;   /* The second half of a round: the SYN was sent once. */
};

struct haproxy_probe {
	struct event_base *base;
	struct syn_probe *syn; /* NULL: cannot be had. */
	struct target **targets;
	size_t n, room;
	haproxy_health_fn *changed;
	void *data;
};

static void judge(struct target *target, bool good, const char *reason)
{
	struct haproxy_member *member = target->member;
	const struct haproxy_listener *listener = member->listener;
	bool changed;

	target->waiting = false;
	if (good)
		changed = health_success(&member->health, listener->rise);
	else
		changed = health_failure(&member->health, listener->fall, reason);
	if (!changed)
		return;
	if (member->health.down)
		log_warning("load balancer %s: member %s of listener %s is down: %s",
			    item_owner(member->item), member->uuid, listener->uuid, reason);
	else
		log_info("load balancer %s: member %s of listener %s is up",
			 item_owner(member->item), member->uuid, listener->uuid);
	target->probe->changed(target->probe->data, member);
}

static void on_answer(void *data, const struct ip *address, uint16_t port, uint32_t cookie,
		      enum syn_answer answer)
{
	struct haproxy_probe *probe = data;
	uint32_t place = cookie & PLACE_MASK;
	struct target *target = place < probe->n ? probe->targets[place] : NULL;

	if (!target || !target->waiting || target->cookie != cookie ||
	    target->member->port != port || !ip_equal(&target->member->address, address))
		return;
	judge(target, answer == SYN_OPEN, "connection refused");
}

static void wait_ms(struct target *target, unsigned int ms)
{
	struct timeval timeout = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };

	event_add(target->timer, &timeout);
}

static void send_syn(struct target *target)
{
	const struct haproxy_member *member = target->member;
	AUTO(err_clear) struct err err = ERR_NONE;

	if (syn_probe_send(target->probe->syn, &member->address, member->port, target->cookie,
			   &err) == 0)
		return;
	/* A full queue says nothing about the member, nor does a full table of connections (EPERM);
	 * no way to it does. */
	if (err.code == -ENOBUFS || err.code == -EAGAIN || err.code == -EPERM)
		target->waiting = false;
	else
		judge(target, false, "not reachable");
}

static void on_timer(evutil_socket_t fd, short what, void *data)
{
	struct target *target = data;
	unsigned int interval_ms = target->member->listener->interval_s * 1000;
	uint32_t chance = 0;

	(void)fd;
	(void)what;
	if (target->again) {
		target->again = false;
		if (target->waiting)
			send_syn(target);
		wait_ms(target, interval_ms > AGAIN_MS ? interval_ms - AGAIN_MS : AGAIN_MS);
		return;
	}
	if (target->waiting)
		judge(target, false, "no answer");
	if (getrandom(&chance, sizeof(chance), GRND_NONBLOCK) < 0)
		chance = target->cookie + (1U << PLACE_BITS);
	target->cookie = (chance & ~PLACE_MASK) | target->place;
	target->waiting = true;
	send_syn(target);
	target->again = interval_ms > AGAIN_MS;
	wait_ms(target, AGAIN_MS);
}

struct haproxy_probe *haproxy_probe_new(struct event_base *base, haproxy_health_fn *changed,
					void *data)
{
	struct haproxy_probe *probe = mem_alloc(sizeof(*probe));
	AUTO(err_clear) struct err err = ERR_NONE;

	probe->base = base;
	probe->changed = changed;
	probe->data = data;
	if (syn_probe_new(base, on_answer, probe, &probe->syn, &err) < 0)
		log_error("members of load balancers cannot be probed: %s", err_text(&err));
	return probe;
}

void haproxy_probe_free(struct haproxy_probe *probe)
{
	if (!probe)
		return;
	syn_probe_free(probe->syn);
	free(probe->targets);
	free(probe);
}

static uint32_t free_place(struct haproxy_probe *probe)
{
	for (size_t i = 0; i < probe->n; i++)
		if (!probe->targets[i])
			return (uint32_t)i;
	mem_grow(&probe->targets, &probe->room, probe->n + 1, sizeof(struct target *));
	return (uint32_t)probe->n++;
}

void haproxy_probe_add(struct haproxy_probe *probe, struct haproxy_member *member)
{
	struct target *target;

	if (!probe->syn || probe->n > PLACE_MASK)
		return;
	target = mem_alloc(sizeof(*target));
	target->probe = probe;
	target->member = member;
	target->place = free_place(probe);
	target->timer = evtimer_new(probe->base, on_timer, target);
	probe->targets[target->place] = target;
	member->probe = target;
	wait_ms(target, 0);
}

void haproxy_probe_remove(struct haproxy_probe *probe, struct haproxy_member *member)
{
	struct target *target = member->probe;

	if (!target)
		return;
	member->probe = NULL;
	probe->targets[target->place] = NULL;
	event_free(target->timer);
	free(target);
}
