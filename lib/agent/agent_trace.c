/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The method Trace: packets that fit a filter are followed through the kernel, and told of one by
 * one. What is traced costs each packet of the machine a few rules while it lasts, so it ends by
 * itself: after so many packets, so many seconds, or with its client. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/agent/agent_state.h"
#include "lib/agent/reply.h"
#include "lib/backend/nft/trace.h"
#include "lib/base/clock.h"
#include "lib/base/field.h"
#include "lib/base/log.h"
#include "lib/base/text.h"

#define TRACES_MAX  8
#define COUNT_MAX   100000
#define SECONDS_MAX 3600
#define SECONDS     10

enum { FILTER_TCP, FILTER_UDP, FILTER_ICMP, FILTER_OTHER, FILTER_ANY };

struct filter {
	struct ip from, to;
	int protocol;
	int64_t from_port, to_port; /* 0: any. */
	char *interface;
};

#define AT(member) offsetof(struct filter, member)
static const char *const protocols[] = { "tcp", "udp", "icmp", "other", NULL };
static const struct field filter_fields[] = {
	{ "from", FIELD_IP, AT(from), .nullable = true, .doc = "Absent: any, here and below." },
	{ "to", FIELD_IP, AT(to), .nullable = true },
	{ "protocol", FIELD_CHOICE, AT(protocol), .nullable = true, .choices = protocols,
	  .fallback = FILTER_ANY },
	{ "from_port", FIELD_NUMBER, AT(from_port), .nullable = true, .min = 1, .max = 65535 },
	{ "to_port", FIELD_NUMBER, AT(to_port), .nullable = true, .min = 1, .max = 65535 },
	{ "interface", FIELD_TEXT, AT(interface), .nullable = true, .max = 64 },
	{ 0 },
};
#undef AT

struct asked {
	struct filter packet;
	int64_t count, seconds;
};

#define AT(member) offsetof(struct asked, member)
static const struct field asked_fields[] = {
	{ "packet", FIELD_RECORD, AT(packet), .fields = filter_fields },
	{ "count", FIELD_NUMBER, AT(count), .nullable = true, .min = 1, .max = COUNT_MAX,
	  .fallback = 1 },
	{ "seconds", FIELD_NUMBER, AT(seconds), .nullable = true, .min = 1, .max = SECONDS_MAX,
	  .fallback = SECONDS },
	{ 0 },
};
#undef AT

/* One call that is not ended yet. */
struct tracing_call {
	struct agent *agent;
	struct wire_call *call;
	struct nft_trace *trace;
	int64_t left, told;
	bool lost; /* Something was, and the client does not know yet. */
	struct event *timer;
	struct tracing_call *next;
};

struct tracing {
	struct nft_tracer *tracer; /* NULL while nobody traces. */
	struct event *event, *settle;
	struct tracing_call *calls;
};

static char *table_of(const struct agent *agent)
{
	return mem_format("%s_trace", agent->type->table);
}

void agent_trace_open(struct agent *agent)
{
	AUTO(free_ptr) char *table = table_of(agent);
	struct err err = ERR_NONE;

	if (!agent->type->trace_family)
		return;
	if (nft_tracer_clean(agent->type->trace_family, table, &err) < 0)
		log_error("%s", err_text(&err));
	err_clear(&err);
}

/* ---- the kernel's side ---- */

/* Nobody traces any more. Not from within the tracer's own calls. */
static void close_unused(struct tracing *tracing)
{
	if (tracing->calls || !tracing->tracer)
		return;
	event_free(tracing->event);
	event_free(tracing->settle);
	tracing->event = tracing->settle = NULL;
	nft_tracer_free(STEAL(tracing->tracer));
}

static void call_end(struct tracing_call *call)
{
	struct tracing *tracing = call->agent->tracing;
	struct tracing_call **at = &tracing->calls;

	while (*at != call)
		at = &(*at)->next;
	*at = call->next;
	nft_tracer_remove(tracing->tracer, call->trace);
	event_free(call->timer);
	free(call);
}

/* Answers for the last time. */
static void call_finish(struct tracing_call *call, const char *why, json_t *answer)
{
	json_object_set_new(answer, "ended", json_string(why));
	json_object_set_new(answer, "packets", json_integer((json_int_t)call->told));
	if (call->lost)
		json_object_set_new(answer, "lost", json_true());
	wire_reply(call->call, answer);
	call_end(call);
}

static void on_traced(void *data, const struct nft_traced *traced)
{
	struct tracing_call *call = data;
	json_t *answer = call->agent->type->traced(call->agent, traced);

	call->told++;
	if (--call->left == 0)
		call_finish(call, "count", answer);
	else
		wire_reply_more(call->call, answer);
}

static void tell_lost(struct tracing *tracing)
{
	for (struct tracing_call *call = tracing->calls; call; call = call->next) {
		if (wire_call_wants_more(call->call))
			wire_reply_more(call->call, json_pack("{s:b}", "lost", 1));
		else
			call->lost = true;
	}
}

static void settle_later(struct tracing *tracing)
{
	uint64_t now = clock_ms(), due;
	struct timeval wait = { 0 };

	close_unused(tracing);
	due = tracing->tracer ? nft_tracer_due_ms(tracing->tracer) : UINT64_MAX;
	if (due == UINT64_MAX)
		return;
	if (due > now)
		wait = (struct timeval){ (time_t)((due - now) / 1000),
					 (suseconds_t)((due - now) % 1000) * 1000 };
	evtimer_add(tracing->settle, &wait);
}

static void on_told(evutil_socket_t fd, short what, void *data)
{
	struct tracing *tracing = data;
	struct err err = ERR_NONE;
	int ret = nft_tracer_read(tracing->tracer, clock_ms(), &err);

	(void)fd;
	(void)what;
	if (ret < 0)
		log_error("trace: %s", err_text(&err));
	if (ret == -ENOBUFS)
		tell_lost(tracing);
	err_clear(&err);
	settle_later(tracing);
}

/* What the kernel has told meanwhile comes first: no packet is given up that goes on there. */
static void on_silence(evutil_socket_t fd, short what, void *data)
{
	struct tracing *tracing = data;
	uint64_t now = clock_ms();

	on_told(fd, what, data);
	if (tracing->tracer)
		nft_tracer_settle(tracing->tracer, now);
	settle_later(tracing);
}

static int open_tracer(struct agent *agent, struct err *err)
{
	AUTO(free_ptr) char *table = table_of(agent);
	struct tracing *tracing;

	if (!agent->tracing)
		agent->tracing = mem_alloc(sizeof(*agent->tracing));
	tracing = agent->tracing;
	if (tracing->tracer)
		return 0;
	if (nft_tracer_new(agent->type->trace_family, table, &tracing->tracer, err) < 0)
		return err->code;
	tracing->event = event_new(agent->base, nft_tracer_fd(tracing->tracer),
				   EV_READ | EV_PERSIST, on_told, tracing);
	tracing->settle = evtimer_new(agent->base, on_silence, tracing);
	event_add(tracing->event, NULL);
	return 0;
}

/* ---- the client's side ---- */

static void on_timeout(evutil_socket_t fd, short what, void *data)
{
	struct tracing_call *call = data;
	struct tracing *tracing = call->agent->tracing;

	(void)fd;
	(void)what;
	call_finish(call, "seconds", json_object());
	close_unused(tracing);
}

static void on_gone(struct wire_call *wire, void *data)
{
	struct tracing_call *call = data;
	struct tracing *tracing = call->agent->tracing;

	(void)wire;
	call_end(call);
	close_unused(tracing);
}

static void add_address(struct text *match, const char *direction, const struct ip *ip)
{
	if (ip->family)
		text_format(match, "%s%s %s %s", match->length ? " " : "",
			    ip->family == 4 ? "ip" : "ip6", direction, ip_text(ip).s);
}

static void add_port(struct text *match, const char *direction, int64_t port)
{
	if (port)
		text_format(match, "%sth %s %lld", match->length ? " " : "", direction,
			    (long long)port);
}

/* The filter as a rule says it (docs/items.md). */
static char *match_of(const struct filter *filter)
{
	static const char *const words[] = {
		[FILTER_TCP] = "meta l4proto tcp",
		[FILTER_UDP] = "meta l4proto udp",
		[FILTER_ICMP] = "meta l4proto icmp",
		[FILTER_OTHER] = "meta l4proto != icmp,tcp,udp",
	};
	struct text match = TEXT_NONE;

	add_address(&match, "saddr", &filter->from);
	add_address(&match, "daddr", &filter->to);
	if (filter->protocol != FILTER_ANY)
		text_format(&match, "%s%s", match.length ? " " : "", words[filter->protocol]);
	add_port(&match, "sport", filter->from_port);
	add_port(&match, "dport", filter->to_port);
	text_add(&match, "");
	return text_take(&match);
}

static int check(const struct agent *agent, const struct filter *filter, const char **link,
		 struct err *err)
{
	if (!agent->document)
		return err_set(err, -EINVAL, "no document is held yet");
	if (filter->from.family && filter->to.family && filter->from.family != filter->to.family) {
		err_set(err, -EINVAL, "source and destination are of two address families");
		return err_at(err, "packet");
	}
	if ((filter->from_port || filter->to_port) && filter->protocol != FILTER_TCP &&
	    filter->protocol != FILTER_UDP) {
		err_set(err, -EINVAL, "only tcp and udp have ports");
		return err_at(err, filter->to_port ? "packet.to_port" : "packet.from_port");
	}
	return agent->type->trace_check(agent, filter->interface, link, err);
}

static size_t n_calls(const struct agent *agent)
{
	size_t n = 0;

	for (const struct tracing_call *at = agent->tracing ? agent->tracing->calls : NULL; at;
	     at = at->next)
		n++;
	return n;
}

static int begin(struct agent *agent, struct wire_call *wire, const struct asked *asked,
		 const char *link, struct err *err)
{
	const struct timeval wait = { (time_t)asked->seconds, 0 };
	AUTO(free_ptr) char *match = match_of(&asked->packet);
	struct tracing_call *call;

	if (n_calls(agent) >= TRACES_MAX)
		return err_set(err, -EBUSY, "%d traces are going on, more are too many",
			       TRACES_MAX);
	if (open_tracer(agent, err) < 0)
		return err->code;
	call = mem_alloc(sizeof(*call));
	*call = (struct tracing_call){ .agent = agent, .call = wire, .left = asked->count };
	if (nft_tracer_add(agent->tracing->tracer, link, match, on_traced, call, &call->trace,
			   err) < 0) {
		free(call);
		close_unused(agent->tracing);
		return err->code;
	}
	call->timer = evtimer_new(agent->base, on_timeout, call);
	evtimer_add(call->timer, &wait);
	call->next = agent->tracing->calls;
	agent->tracing->calls = call;
	wire_call_on_gone(wire, on_gone, call);
	/* Packets that are sent from now on are told of. */
	wire_reply_more(wire, json_pack("{s:b}", "begun", 1));
	return 0;
}

static int read_asked(const struct agent *agent, const struct wire_call *call, json_t *parameters,
		      struct asked *asked, const char **link, struct err *err)
{
	if (field_decode(asked_fields, parameters, asked, err) < 0 ||
	    check(agent, &asked->packet, link, err) < 0)
		return err->code;
	if (asked->count == 1 || wire_call_wants_more(call))
		return 0;
	err_set(err, -EINVAL, "several packets are several answers: call with more");
	return err_at(err, "count");
}

/* What was asked for is in order: a refusal is the kernel's. */
static void refuse(const struct agent *agent, struct wire_call *call, const struct err *err)
{
	if (err->code == -ENOENT || err->code == -EOPNOTSUPP || err->code == -EINVAL ||
	    err->code == -EPERM)
		reply_not_supported(agent, call, "trace", err_text(err));
	else
		reply_error(agent, call, err);
}

void agent_trace_method(struct wire_call *call, json_t *parameters, void *data)
{
	struct agent *agent = data;
	struct asked asked = { .packet = { .protocol = FILTER_ANY } };
	const char *link = NULL;
	struct err err = ERR_NONE;

	if (read_asked(agent, call, parameters, &asked, &link, &err) < 0)
		reply_error(agent, call, &err);
	else if (begin(agent, call, &asked, link, &err) < 0)
		refuse(agent, call, &err);
	field_clear(asked_fields, &asked);
	err_clear(&err);
}

/* The calls have ended with the server that they came by. */
void agent_trace_close(struct agent *agent)
{
	if (!agent->tracing)
		return;
	close_unused(agent->tracing);
	free(agent->tracing);
}
