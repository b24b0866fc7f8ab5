/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The socket of the agents, and who they are. */
#include "controller/link/agents.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "controller/link/agents_state.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "lib/wire/address.h"

/* The controller's own certificate is made anew: long before it ends. */
static const struct timeval renew_after = { 86400, 0 };
/* One member is looked at. */
static const struct timeval sweep_each = { 1, 0 };
/* A list, after so many times as long as it took. */
#define SWEEP_SHARE 100

static const char interface_text[] =
	"# Where agents of hosts and routers dial. Each call but Enroll is made with a "
	"certificate\n"
	"# that Enroll gave, and is about the document of whom that names.\n"
	"interface " AGENTS_INTERFACE "\n\n"
	"# The first certificate, for a token that works once. 'request' is PEM (PKCS #10);\n"
	"# 'authority' is who signed, and signs the controller's own.\n"
	"method Enroll(token: string, request: string) -> (name: string, certificate: string,\n"
	"  authority: string)\n\n"
	"# The next one, before this one ends.\n"
	"method Renew(request: string) -> (certificate: string)\n\n"
	"# A stream ('more'): the whole document as 'state', then patches. Who holds it already\n"
	"# names revision and digest, and is told of these alone, or sent what it lacks. With\n"
	"# 'count' nothing is another: it asks for numbers, which Counters tells.\n"
	"method Watch(revision: ?int, digest: ?string) -> (revision: int, digest: string,\n"
	"  state: ?object, base_revision: ?int, upsert: ?object, remove: ?object,\n"
	"  count: ?(request: int, filter: ?object))\n\n"
	"# What was asked for by that number, or why it cannot be told.\n"
	"method Counters(request: int, counters: ?[]object, failure: ?string) -> ()\n\n"
	"# How the agent is doing: 'failure' says why the document is not taken. Of objects those\n"
	"# that are named are another now; with 'whole' they are all that there are.\n"
	"method Report(revision: int, whole: ?bool, failure: ?string, failure_revision: ?int,\n"
	"  version: ?string,\n"
	"  objects: ?[](uuid: string, section: string, health: string, reason: ?string),\n"
	"  services: ?[]object, counters: ?[]object) -> ()\n\n"
	"# There is no such token, it was used, or its time is over.\n"
	"error TokenRefused (reason: string)\n\n"
	"# The caller shows no certificate, or one that is not, or no more, an agent's.\n"
	"error NotEnrolled (reason: string)\n\n"
	"# Another connection watches for this agent now.\n"
	"error Replaced (reason: string)\n\n"
	"error InvalidParameter (path: string, reason: string)\n\n"
	"# It cannot be done now.\n"
	"error Busy (reason: string)\n";

void agents_reply_error(struct wire_call *call, const char *name, const struct err *err)
{
	AUTO(free_ptr) char *full = mem_format("%s.%s", AGENTS_INTERFACE, name);

	if (strcmp(name, "InvalidParameter") == 0)
		wire_reply_error(call, full,
				 json_pack("{s:s, s:s}", "path", err->path ? err->path : "",
					   "reason", err_text(err)));
	else
		wire_reply_error(call, full, json_pack("{s:s}", "reason", err_text(err)));
}

static bool has_name(const struct map_node *node, const void *key)
{
	return strcmp(CONTAINER_OF(node, struct member, by_name)->name.s, key) == 0;
}

static struct member *find_member(struct agents *agents, const char *name)
{
	struct map_node *node = map_find(&agents->members, map_hash_text(name), has_name, name);

	return node ? CONTAINER_OF(node, struct member, by_name) : NULL;
}

struct member *member_named(struct agents *agents, const struct model_type *type, const char *uuid)
{
	AUTO(free_ptr) char *name = mem_format("%s:%s", type->table.name, uuid);

	return find_member(agents, name);
}

struct member *member_of(struct agents *agents, const struct agent *agent)
{
	struct agent_name name = agent_name(agent);
	struct member *member = find_member(agents, name.s);
	const char *uuid;

	if (member)
		return member;
	member = mem_alloc(sizeof(*member));
	member->agents = agents;
	member->name = name;
	member->type = agent_object(agent, &uuid);
	member->uuid = mem_text(uuid);
	map_add(&agents->members, &member->by_name, map_hash_text(name.s));
	return member;
}

static void member_free(struct member *member)
{
	member_drop_parts(member);
	member_drop_questions(member);
	held_clear(&member->held);
	held_clear(&member->away);
	free(member->unmade);
	free(member->uuid);
	free(member);
}

struct member *agents_caller(struct agents *agents, struct wire_call *call)
{
	const struct wire_peer *peer = wire_call_peer(call);
	struct member *member = NULL;
	struct agent agent = { 0 };
	struct err err = ERR_NONE;
	int ret = peer->name ? agent_of(agents->model, peer->name, peer->serial, &agent, &err)
			     : err_set(&err, -EACCES, "it takes a certificate");

	if (ret == 0)
		member = member_of(agents, &agent);
	else
		agents_reply_error(call, ret == -EACCES ? "NotEnrolled" : "Busy", &err);
	model_clear(&agent_type, &agent);
	err_clear(&err);
	return member;
}

/* One transaction for all that comes in one turn of the loop. */
static void look(struct agents *agents)
{
	static const struct timeval later = { 1, 0 };
	struct err err = ERR_NONE;
	bool all = true;

	if (agents_project(agents, &all, &err) < 0 || agents_store_findings(agents, &err) < 0 ||
	    agents_end_parts(agents, &err) < 0)
		log_error("agents: %s", err_text(&err));
	if (err.code || !all)
		evtimer_add(agents->again, &later);
	err_clear(&err);
}

static void on_turn(evutil_socket_t fd, short what, void *data)
{
	(void)fd;
	(void)what;
	look(data);
}

void agents_wake(struct agents *agents)
{
	event_active(agents->turn, EV_TIMEOUT, 0);
}

struct shared *agents_shared(struct agents *agents)
{
	return agents->shared;
}

void agents_forget_shared(struct agents *agents)
{
	shared_forget(agents->shared);
}

/* A long list takes its time: it is no more than a small share of all. */
static void sweep_lists(struct agents *agents)
{
	struct map_node *node, *after;
	struct err err = ERR_NONE;
	uint64_t begin = clock_ms();

	if (begin < agents->sweep_lists_ms)
		return;
	if (lists_sweep(agents->lists, agents->shared, &err)) {
		log_warning("agents: no change told that a list is another");
		map_for_each (&agents->members, node, after)
			member_touch(CONTAINER_OF(node, struct member, by_name), TOUCHED_LISTS);
	}
	if (err.code)
		log_error("agents: %s", err_text(&err));
	err_clear(&err);
	agents->sweep_lists_ms = begin + (clock_ms() - begin) * SWEEP_SHARE;
}

static void on_sweep(evutil_socket_t fd, short what, void *data)
{
	struct agents *agents = data;

	(void)fd;
	(void)what;
	/* What it looks at is read anew; and nothing is kept while nothing happens. */
	agents_forget_shared(agents);
	agents_sweep(agents);
	sweep_lists(agents);
	look(agents);
	evtimer_add(agents->sweep, &sweep_each);
}

/* "IP:10.0.0.1,IP:fd00::1" of what is listened on; those that stand for all addresses name none. */
static int read_addresses(const struct agents_options *options, char **ret, struct err *err)
{
	struct text text = TEXT_NONE;

	for (size_t i = 0; i < options->n_addresses; i++) {
		static const struct in6_addr any;
		struct wire_address address;
		char host[INET6_ADDRSTRLEN];
		const void *bytes;

		if (wire_address_parse(options->addresses[i], &address, err) < 0 ||
		    (!address.is_tcp && err_set(err, -EINVAL, "%s: agents dial tcp addresses",
						options->addresses[i]))) {
			text_clear(&text);
			return err->code;
		}
		bytes = address.socket.ss_family == AF_INET
				? (const void *)&((struct sockaddr_in *)&address.socket)->sin_addr
				: (const void *)&((struct sockaddr_in6 *)&address.socket)
					  ->sin6_addr;
		if (memcmp(bytes, &any, address.socket.ss_family == AF_INET ? 4 : 16) == 0)
			continue;
		inet_ntop(address.socket.ss_family, bytes, host, sizeof(host));
		text_format(&text, "%sIP:%s", text.length ? "," : "", host);
	}
	*ret = mem_text(text_view(&text));
	text_clear(&text);
	return 0;
}

static int use_certificate(struct agents *agents, struct err *err)
{
	struct wire_tls *tls;

	if (authority_serve(agents->authority, agents->addresses, &tls, err) < 0)
		return err->code;
	wire_server_use_tls(agents->server, tls);
	evtimer_add(agents->renew, &renew_after);
	return 0;
}

/* Connections go on with the one that they began with. */
static void on_renew(evutil_socket_t fd, short what, void *data)
{
	struct agents *agents = data;
	struct err err = ERR_NONE;

	(void)fd;
	(void)what;
	if (use_certificate(agents, &err) < 0) {
		log_error("agents: %s", err_text(&err));
		evtimer_add(agents->renew, &renew_after);
	}
	err_clear(&err);
}

static int serve(struct agents *agents, const struct agents_options *options, struct err *err)
{
	static const struct wire_method_entry methods[] = {
		{ "Enroll", agents_enroll },     { "Renew", agents_renew },
		{ "Watch", agents_watch },       { "Report", agents_report },
		{ "Counters", agents_counters }, { NULL, NULL },
	};
	struct wire_limits limits = WIRE_LIMITS_DEFAULT;

	/* Two connections of each. */
	limits.connections = 65536;
	wire_server_set_limits(agents->server, &limits);
	wire_interface_add_methods(wire_server_add_interface(agents->server, AGENTS_INTERFACE,
							     interface_text),
				   methods, agents);
	if (use_certificate(agents, err) < 0)
		return err->code;
	for (size_t i = 0; i < options->n_addresses; i++) {
		if (wire_server_listen(agents->server, options->addresses[i], err) < 0)
			return err_in(err, "%s", options->addresses[i]);
		log_info("controllerd: agents dial %s", options->addresses[i]);
	}
	return 0;
}

int agents_open(struct event_base *base, struct model *model, struct jobs *jobs,
		struct counts *counts, const char *state_directory,
		const struct agents_options *options, struct agents **ret, struct err *err)
{
	struct agents *agents = mem_alloc(sizeof(*agents));

	agents->base = base;
	agents->model = model;
	agents->jobs = jobs;
	agents->counts = counts;
	agents->certificate_s = options->certificate_s;
	agents->turn = event_new(base, -1, 0, on_turn, agents);
	agents->again = evtimer_new(base, on_turn, agents);
	/* Behind all that is to be read and answered: who made a change hears of it first. */
	event_priority_set(agents->turn, event_base_get_npriorities(base) - 1);
	agents->renew = evtimer_new(base, on_renew, agents);
	agents->sweep = evtimer_new(base, on_sweep, agents);
	evtimer_add(agents->sweep, &sweep_each);
	agents->shared = shared_new(model);
	agents->lists = lists_new();
	agents->server = wire_server_new(base, "weft", "controllerd", WEFT_VERSION);
	if (read_addresses(options, &agents->addresses, err) < 0 ||
	    authority_open(state_directory, &agents->authority, err) < 0 ||
	    agents_begin(agents, err) < 0 || serve(agents, options, err) < 0) {
		agents_close(agents);
		return err->code;
	}
	model_set_authority(model, agents->authority->fingerprint.s);
	agents->subscription = model_subscribe(model, agents_touch, agents);
	counts_serve(counts, agents_ask_counters, agents);
	*ret = agents;
	return 0;
}

void agents_close(struct agents *agents)
{
	struct map_node *node, *after;

	if (!agents)
		return;
	counts_serve(agents->counts, NULL, NULL);
	model_unsubscribe(agents->subscription);
	wire_server_free(agents->server);
	map_for_each (&agents->members, node, after)
		member_free(CONTAINER_OF(node, struct member, by_name));
	map_clear(&agents->members);
	agents_forget_findings(agents);
	authority_close(agents->authority);
	event_free(agents->turn);
	event_free(agents->again);
	event_free(agents->renew);
	event_free(agents->sweep);
	for (size_t i = 0; i < N_WAITING; i++)
		free(agents->waiting[i].members);
	shared_free(agents->shared);
	lists_free(agents->lists);
	free(agents->addresses);
	free(agents);
}
