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
	"# Makes an object; 'spec' has the fields of the type.\n"
	"method Create(type: string, spec: object) -> (object: object)\n\n"
	"# Secrets are masked.\n"
	"method Get(type: string, uuid: string) -> (object: object)\n\n"
	"# The objects for which all conditions hold; 'sort' names fields, with '-' before those\n"
	"# that are sorted the other way round; 'limit' is 1000 when it is not given; with "
	"'count'\n"
	"# 'total' tells how many there are beside start and limit.\n"
	"method Query(type: string, conditions: ?[]Condition, sort: ?[]string, start: ?int,\n"
	"  limit: ?int, count: ?bool, fields: ?[]string) -> (objects: []object, total: ?int)\n\n"
	"# Changes the fields that 'spec' names; null takes one away.\n"
	"method Update(type: string, uuid: string, spec: object) -> (object: object)\n\n"
	"# Deletes an object and what goes with it: it is first in the list. With dry_run it "
	"tells\n"
	"# only.\n"
	"method Delete(type: string, uuid: string, dry_run: ?bool) -> (deleted: []Deleted)\n\n"
	"# What a type has beside: enable, attach_cluster, ...\n"
	"method Action(type: string, uuid: string, action: string, parameters: ?object)\n"
	"  -> (object: object)\n\n"
	"# The tables of a type, or of all: fields, actions, rules.\n"
	"method Describe(type: ?string) -> (types: []object)\n\n"
	"# What the agent of a router or a host has to make true; secrets are masked.\n"
	"method Document(type: string, uuid: string) -> (agent: string, document: object)\n\n"
	"# What was given is wrong, at 'path'.\n"
	"error InvalidField (path: string, reason: string)\n\n"
	"error NotFound (type: string, uuid: string)\n\n"
	"# A rule of the type forbids it; 'unique' and 'in_use' are those that all types have.\n"
	"error Refused (object: string, rule: string, reason: string)\n\n"
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

static void answer(struct wire_call *call, struct model *model, const char *method,
		   json_t *parameters)
{
	struct api_answer said = api_call(model, method, parameters);
	AUTO(free_ptr) char *name = NULL;

	if (!said.error) {
		wire_reply(call, said.parameters);
		return;
	}
	name = mem_format("%s.%s", API_INTERFACE, said.error);
	wire_reply_error(call, name, said.parameters);
}

/* A method of the interface does not hear its own name: one function each. */
#define METHOD(name)                                                             \
	static void name(struct wire_call *call, json_t *parameters, void *data) \
	{                                                                        \
		answer(call, data, #name, parameters);                           \
	}

METHOD(Create)
METHOD(Get)
METHOD(Query)
METHOD(Update)
METHOD(Delete)
METHOD(Action)
METHOD(Describe)
METHOD(Document)

void api_serve(struct wire_server *server, struct model *model)
{
	static const struct wire_method_entry table[] = {
		{ "Create", Create },     { "Get", Get },           { "Query", Query },
		{ "Update", Update },     { "Delete", Delete },     { "Action", Action },
		{ "Describe", Describe }, { "Document", Document }, { NULL, NULL },
	};
	AUTO(free_ptr) char *text = api_interface(model_types(model));

	wire_interface_add_methods(wire_server_add_interface(server, API_INTERFACE, text), table,
				   model);
}
