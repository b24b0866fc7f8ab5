/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The methods as a Varlink interface. */
#include <stdlib.h>

#include "controller/api/api_state.h"
#include "lib/base/name.h"
#include "lib/base/text.h"

static const char methods_text[] =
	"# 'op' is one of =, !=, <, <=, >, >=, in, not in, like, is null, is not null; 'field' "
	"may\n"
	"# lead through references: vip.network.name. 'in' takes an array.\n"
	"type Condition (\n  field: string,\n  op: string,\n  value: ?object\n)\n\n"
	"type Deleted (\n  type: string,\n  uuid: string,\n  name: ?string\n)\n\n"
	"# Who calls says so by 'token', which every method takes; over the local socket it may "
	"be\n"
	"# left out: the caller is admin. A user of an account logs in with 'user' as well.\n"
	"method Login(account: string, user: ?string, password: string) -> (token: string,\n"
	"  account: string, user: ?string, expires_ms: int)\n\n"
	"# The session of 'token' is over.\n"
	"method Logout(token: string) -> ()\n\n"
	"# Makes an object; 'spec' has the fields of the type.\n"
	"method Create(type: string, spec: object, token: ?string) -> (object: object,\n"
	"  job: ?string)\n\n"
	"# Secrets are masked.\n"
	"method Get(type: string, uuid: string, token: ?string) -> (object: object)\n\n"
	"# The objects for which all conditions hold; 'sort' names fields, with '-' before those\n"
	"# that are sorted the other way round; 'limit' is 1000 when it is not given; with "
	"'count'\n"
	"# 'total' tells how many there are beside start and limit.\n"
	"method Query(type: string, conditions: ?[]Condition, sort: ?[]string, start: ?int,\n"
	"  limit: ?int, count: ?bool, fields: ?[]string, token: ?string)\n"
	"  -> (objects: []object, total: ?int)\n\n"
	"# Changes the fields that 'spec' names; null takes one away.\n"
	"method Update(type: string, uuid: string, spec: object, token: ?string)\n"
	"  -> (object: object, job: ?string)\n\n"
	"# Deletes an object and what goes with it: it is first in the list. With dry_run it "
	"tells\n"
	"# only.\n"
	"method Delete(type: string, uuid: string, dry_run: ?bool, token: ?string)\n"
	"  -> (deleted: []Deleted, job: ?string)\n\n"
	"# A stream: the objects of these types that there are, each as 'present'; 'ready'; then, "
	"as\n"
	"# they happen, 'created', 'changed' and 'deleted', of what the caller sees. 'reset': some "
	"were\n"
	"# lost, and all begins anew, as it does for a reader who is slow. With from_now it "
	"begins\n"
	"# with 'ready'.\n"
	"method Watch(types: []string, from_now: ?bool, token: ?string) -> (event: string,\n"
	"  type: ?string, uuid: ?string, object: ?object)\n\n"
	"# What a type has beside: enable, attach_cluster, ...\n"
	"method Action(type: string, uuid: string, action: string, parameters: ?object,\n"
	"  token: ?string) -> (object: object, job: ?string)\n\n"
	"# How far a write has come at the agents whose documents it changed, 'job' of its answer; "
	"as a\n"
	"# stream until it has ended. Agents that the caller does not see have no uuid.\n"
	"method Job(uuid: string, token: ?string) -> (job: (uuid: string,\n"
	"  state: (running, done, failed), agents: [](type: string, uuid: ?string,\n"
	"  state: (waiting, sent, done, failed), connected: bool, reason: ?string)))\n\n"
	"# What an object has carried, as its agent counts it at this moment: of a router each of "
	"its\n"
	"# NICs, of a load balancer its listeners and their members. Up is away from the guests. "
	"Without\n"
	"# numbers it rests; the list is empty where no agent counts it.\n"
	"method Counters(type: string, uuid: string, token: ?string) -> (counters: [](\n"
	"  uuid: string, kind: string, of: ?string, bytes_up: ?int, bytes_down: ?int,\n"
	"  packets_up: ?int, packets_down: ?int, sessions: ?int, sessions_total: ?int),\n"
	"  read_ms: int)\n\n"
	"# The tables of a type, or of all: fields, actions, rules.\n"
	"method Describe(type: ?string, token: ?string) -> (types: []object)\n\n"
	"# What the agent of a router or a host has to make true; secrets are masked.\n"
	"method Document(type: string, uuid: string, token: ?string)\n"
	"  -> (agent: string, document: object)\n\n"
	"# What the agent of a router or a host enrols with, once, within so many seconds (3600\n"
	"# when it is not given); one that was given before does not work any more.\n"
	"method EnrollmentToken(type: string, uuid: string, seconds: ?int, token: ?string)\n"
	"  -> (token: string, expires_ms: int)\n\n"
	"# What was given is wrong, at 'path'.\n"
	"error InvalidField (path: string, reason: string)\n\n"
	"error NotFound (type: string, uuid: string)\n\n"
	"# A rule of the type forbids it; 'unique' and 'in_use' are those that all types have.\n"
	"error Refused (object: string, rule: string, reason: string)\n\n"
	"# It is not for the caller to do.\n"
	"error Forbidden (reason: string)\n\n"
	"# Nobody, or nobody any more, has logged in with this token; or name or password are "
	"wrong.\n"
	"error Unauthenticated (reason: string)\n\n"
	"# It cannot be read or written now: nothing is changed.\n"
	"error Busy (reason: string)\n";

char *api_interface(const struct model_type *const *types)
{
	struct text text = TEXT_NONE;

	text_add(&text, "# The model of a cloud: its resources, and what holds between them.\n"
			"interface " API_INTERFACE "\n\n");
	for (size_t i = 0; types[i]; i++) {
		AUTO(free_ptr) char *fields = field_interface(types[i]->table.fields);
		AUTO(free_ptr) char *name = name_camel(types[i]->table.name);

		text_format(&text, "# %s\ntype %s %s\n\n", types[i]->doc, name, fields);
	}
	text_add(&text, methods_text);
	return text_take(&text);
}

/* A call that has no answer yet; it is gone when it has, or when its client is. */
struct open_call {
	struct wire_call *wire;
	struct api_call *api;
};

static void reply(struct api_answer said, void *data)
{
	struct open_call *open = data;
	AUTO(free_ptr) char *name = NULL;

	if (said.error) {
		name = mem_format("%s.%s", API_INTERFACE, said.error);
		wire_reply_error(open->wire, name, said.parameters);
	} else {
		wire_reply(open->wire, said.parameters);
	}
	free(open);
}

static void more(json_t *parameters, void *data)
{
	struct open_call *open = data;

	wire_reply_more(open->wire, parameters);
}

static size_t unread(void *data)
{
	struct open_call *open = data;

	return wire_call_unwritten(open->wire);
}

static const struct api_reader reader = { more, unread };

static void on_written(struct wire_call *call, void *data)
{
	struct open_call *open = data;

	(void)call;
	api_read(open->api);
}

static void on_gone(struct wire_call *call, void *data)
{
	struct open_call *open = data;

	(void)call;
	api_cancel(open->api);
	free(open);
}

static void answer(struct wire_call *call, struct api *api, const char *method, json_t *parameters)
{
	const struct wire_peer *peer = wire_call_peer(call);
	struct open_call *open = mem_alloc(sizeof(*open));
	AUTO(free_ptr)
	char *address = peer->is_local ? mem_format("local, uid %u", (unsigned int)peer->uid)
				       : mem_format("tls, %s", peer->name ? peer->name : "");
	struct api_origin origin = { peer->is_local, address, NULL };
	struct api_call *waits;

	open->wire = call;
	waits = api_call(api, &origin, method, parameters,
			 wire_call_wants_more(call) ? &reader : NULL, reply, open);
	if (!waits)
		return;
	open->api = waits;
	wire_call_on_gone(call, on_gone, open);
	wire_call_on_written(call, on_written, open);
}

/* A method of the interface does not hear its own name: one function each. */
#define METHOD(name)                                                             \
	static void name(struct wire_call *call, json_t *parameters, void *data) \
	{                                                                        \
		answer(call, data, #name, parameters);                           \
	}

METHOD(Login)
METHOD(Logout)
METHOD(Create)
METHOD(Get)
METHOD(Query)
METHOD(Watch)
METHOD(Job)
METHOD(Counters)
METHOD(Update)
METHOD(Delete)
METHOD(Action)
METHOD(Describe)
METHOD(Document)
METHOD(EnrollmentToken)

void api_serve(struct wire_server *server, struct api *api)
{
	static const struct wire_method_entry table[] = {
		{ "Login", Login },       { "Logout", Logout },
		{ "Create", Create },     { "Get", Get },
		{ "Query", Query },       { "Watch", Watch },
		{ "Job", Job },           { "Counters", Counters },
		{ "Update", Update },     { "Delete", Delete },
		{ "Action", Action },     { "Describe", Describe },
		{ "Document", Document }, { "EnrollmentToken", EnrollmentToken },
		{ NULL, NULL },
	};
	AUTO(free_ptr) char *text = api_interface(model_types(api->model));

	wire_interface_add_methods(wire_server_add_interface(server, API_INTERFACE, text), table,
				   api);
}
