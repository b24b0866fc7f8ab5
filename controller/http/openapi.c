/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The API as an OpenAPI 3.0 document, from the descriptions of the types. */
#include <stdlib.h>
#include <string.h>

#include "controller/http/http_state.h"
#include "lib/base/name.h"

static const char *text_of(const json_t *json, const char *name)
{
	return json_string_value(json_object_get(json, name));
}

static bool is(const json_t *json, const char *name)
{
	return json_is_true(json_object_get(json, name));
}

static json_t *reference(const char *kind, const char *name)
{
	AUTO(free_ptr) char *path = mem_format("#/components/%s/%s", kind, name);

	return json_pack("{s:s}", "$ref", path);
}

static json_t *object_of_fields(const json_t *fields, bool all);

static json_t *schema_of(const json_t *field)
{
	const char *type = text_of(field, "type");
	json_t *schema = json_object(), *element = json_object_get(field, "element");

	if (strcmp(type, "list") == 0)
		json_object_set_new(schema, "items", schema_of(element));
	else if (strcmp(type, "record") == 0)
		json_object_update_new(schema,
				       object_of_fields(json_object_get(field, "fields"), true));
	if (strcmp(type, "bool") == 0)
		type = "boolean";
	else if (strcmp(type, "number") == 0)
		type = "integer";
	else if (strcmp(type, "list") == 0)
		type = "array";
	else if (strcmp(type, "record") == 0)
		type = "object";
	else
		type = "string";
	/* Ports are a number or a text. */
	if (strcmp(text_of(field, "type"), "ports") != 0)
		json_object_set_new(schema, "type", json_string(type));
	if (json_object_get(field, "choices"))
		json_object_set(schema, "enum", json_object_get(field, "choices"));
	if (json_object_get(field, "default"))
		json_object_set(schema, "default", json_object_get(field, "default"));
	if (json_object_get(field, "min")) {
		json_object_set(schema, "minimum", json_object_get(field, "min"));
		json_object_set(schema, "maximum", json_object_get(field, "max"));
	}
	if (text_of(field, "doc"))
		json_object_set(schema, "description", json_object_get(field, "doc"));
	if (is(field, "computed"))
		json_object_set_new(schema, "readOnly", json_true());
	if (is(field, "transient"))
		json_object_set_new(schema, "writeOnly", json_true());
	return schema;
}

/* 'all': with those that are required named so. */
static json_t *object_of_fields(const json_t *fields, bool all)
{
	json_t *properties = json_object(), *required = json_array(), *object;
	const json_t *field;
	size_t i;

	json_array_foreach (fields, i, field) {
		const char *name = text_of(field, "name");

		json_object_set_new(properties, name, schema_of(field));
		if (all && is(field, "required"))
			json_array_append_new(required, json_string(name));
	}
	object = json_pack("{s:s, s:o, s:b}", "type", "object", "properties", properties,
			   "additionalProperties", 0);
	/* An empty list of them is not allowed. */
	if (json_array_size(required))
		json_object_set(object, "required", required);
	json_decref(required);
	return object;
}

static json_t *content(json_t *schema)
{
	return json_pack("{s:{s:{s:o}}}", "content", "application/json", "schema", schema);
}

static json_t *body(json_t *schema)
{
	json_t *json = content(schema);

	json_object_set_new(json, "required", json_true());
	return json;
}

/* Of one member. */
static json_t *wrapper(const char *name, json_t *schema)
{
	return json_pack("{s:s, s:{s:o}}", "type", "object", "properties", name, schema);
}

static json_t *responses(const char *status, json_t *schema)
{
	static const char *const errors[] = { "400", "401", "403", "404", "409", "503" };
	json_t *all = json_object(), *done = content(schema);

	json_object_set_new(done, "description", json_string("Done."));
	json_object_set_new(all, status, done);
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++)
		json_object_set_new(all, errors[i], reference("responses", "Error"));
	return all;
}

static json_t *operation(const char *id, const char *verb, const char *tag, const char *summary,
			 json_t *answers)
{
	AUTO(free_ptr) char *whole = mem_format("%s_%s", verb, id);

	return json_pack("{s:s, s:[s], s:s, s:o}", "operationId", whole, "tags", tag, "summary",
			 summary, "responses", answers);
}

static json_t *with_body(json_t *operation_, json_t *schema)
{
	json_object_set_new(operation_, "requestBody", body(schema));
	return operation_;
}

static json_t *query_parameters(void)
{
	static const char *const names[] = { "q", "sort", "fields", "start", "limit", "count" };
	json_t *list = json_array();

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		json_array_append_new(list, reference("parameters", names[i]));
	return list;
}

static json_t *path_of_type(const char *type, const char *schema, bool automatic)
{
	json_t *answers = responses("200", json_pack("{s:s, s:{s:{s:s, s:o}, s:{s:s}}}", "type",
						     "object", "properties", "objects", "type",
						     "array", "items", reference("schemas", schema),
						     "total", "type", "integer"));
	json_t *path = json_object(),
	       *get = operation(type, "query", type, "The objects for which all conditions hold.",
				answers);

	json_object_set_new(get, "parameters", query_parameters());
	json_object_set_new(path, "get", get);
	if (!automatic)
		json_object_set_new(
			path, "post",
			with_body(operation(type, "create", type, "Makes one.",
					    responses("201", wrapper("object", reference("schemas",
											 schema)))),
				  reference("schemas", schema)));
	return path;
}

static json_t *path_of_object(const char *type, const char *schema, bool internal)
{
	json_t *path = json_object(), *drop;

	json_object_set_new(path, "parameters", json_pack("[o]", reference("parameters", "uuid")));
	json_object_set_new(path, "get",
			    operation(type, "get", type, "One of them.",
				      responses("200",
						wrapper("object", reference("schemas", schema)))));
	if (internal)
		return path;
	json_object_set_new(
		path, "patch",
		with_body(operation(type, "update", type, "Changes the fields that are given.",
				    responses("200",
					      wrapper("object", reference("schemas", schema)))),
			  json_pack("{s:s}", "type", "object")));
	drop = operation(type, "delete", type, "Deletes it and what goes with it.",
			 responses("200",
				   wrapper("deleted", json_pack("{s:s, s:{s:s}}", "type", "array",
								"items", "type", "object"))));
	json_object_set_new(drop, "parameters",
			    json_pack("[o]", reference("parameters", "dry_run")));
	json_object_set_new(path, "delete", drop);
	return path;
}

static void add_actions(json_t *paths, const char *type, const char *schema, const json_t *actions)
{
	const json_t *action;
	size_t i;

	json_array_foreach (actions, i, action) {
		const char *name = text_of(action, "name");
		AUTO(free_ptr) char *path = mem_format("/%s/{uuid}/%s", type, name);
		json_t *post = operation(type, name, type, text_of(action, "doc"),
					 responses("200", wrapper("object",
								  reference("schemas", schema))));

		with_body(post, object_of_fields(json_object_get(action, "parameters"), true));
		json_object_set_new(paths, path,
				    json_pack("{s:[o], s:o}", "parameters",
					      reference("parameters", "uuid"), "post", post));
	}
}

/* Of those types that agents count for. */
static void add_counters(json_t *paths, const char *type)
{
	AUTO(free_ptr) char *path = mem_format("/%s/{uuid}/counters", type);
	json_t *counters = json_pack("{s:s, s:{s:s}}", "type", "array", "items", "type", "object");
	json_t *answer = json_pack("{s:s, s:{s:o, s:{s:s}}}", "type", "object", "properties",
				   "counters", counters, "read_ms", "type", "integer");

	json_object_set_new(paths, path,
			    json_pack("{s:[o], s:o}", "parameters", reference("parameters", "uuid"),
				      "get",
				      operation(type, "counters", type,
						"What it has carried, as its agent counts it now.",
						responses("200", answer))));
}

static void add_type(json_t *paths, json_t *schemas, const json_t *type)
{
	const char *name = text_of(type, "name");
	AUTO(free_ptr) char *schema = name_camel(name);
	AUTO(free_ptr) char *all = mem_format("/%s", name), *one = mem_format("/%s/{uuid}", name);
	json_t *object = object_of_fields(json_object_get(type, "fields"), true);

	json_object_set(object, "description", json_object_get(type, "doc"));
	json_object_set_new(schemas, schema, object);
	json_object_set_new(paths, all, path_of_type(name, schema, is(type, "automatic")));
	json_object_set_new(paths, one, path_of_object(name, schema, is(type, "internal")));
	add_actions(paths, name, schema, json_object_get(type, "actions"));
	if (is(type, "counted"))
		add_counters(paths, name);
}

static void add_sessions(json_t *paths)
{
	json_t *login = with_body(
		operation("session", "login", "session", "Logs in.",
			  responses("200",
				    json_pack("{s:s, s:{s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s}}}",
					      "type", "object", "properties", "token", "type",
					      "string", "account", "type", "string", "user", "type",
					      "string", "expires_ms", "type", "integer"))),
		json_pack("{s:s, s:[s, s], s:{s:{s:s}, s:{s:s}, s:{s:s}}}", "type", "object",
			  "required", "account", "password", "properties", "account", "type",
			  "string", "user", "type", "string", "password", "type", "string"));

	json_object_set_new(login, "security", json_array());
	json_object_set_new(paths, "/login", json_pack("{s:o}", "post", login));
	json_object_set_new(paths, "/logout",
			    json_pack("{s:o}", "post",
				      operation("session", "logout", "session", "Logs out.",
						responses("200",
							  json_pack("{s:s}", "type", "object")))));
}

static void add_job(json_t *paths)
{
	json_t *get =
		operation("job", "get", "job", "What becomes of a write at the agents.",
			  responses("200", wrapper("job", json_pack("{s:s}", "type", "object"))));

	json_object_set_new(paths, "/job/{uuid}",
			    json_pack("{s:[o], s:o}", "parameters", reference("parameters", "uuid"),
				      "get", get));
}

static void add_watch(json_t *paths)
{
	json_t *done = json_pack("{s:s, s:{s:{s:{s:s}}}}", "description",
				 "Events present, ready, created, changed, deleted, reset, error.",
				 "content", "text/event-stream", "schema", "type", "string");
	json_t *get = operation("events", "watch", "watch",
				"What there is of some types, then each change of it.",
				responses("200", json_pack("{s:s}", "type", "string")));

	json_object_set_new(json_object_get(get, "responses"), "200", done);
	json_object_set_new(get, "parameters",
			    json_pack("[o, o]", reference("parameters", "type"),
				      reference("parameters", "from_now")));
	json_object_set_new(paths, "/watch", json_pack("{s:o}", "get", get));
}

static json_t *parameter(const char *name, const char *in, const char *type, const char *doc)
{
	json_t *json = json_pack("{s:s, s:s, s:s, s:{s:s}}", "name", name, "in", in, "description",
				 doc, "schema", "type", type);

	if (strcmp(in, "path") == 0)
		json_object_set_new(json, "required", json_true());
	return json;
}

static json_t *parameters(void)
{
	json_t *q = json_pack("{s:s, s:s, s:s, s:{s:s, s:{s:s}}, s:s, s:b}", "name", "q", "in",
			      "query", "description",
			      "A condition: FIELD=VALUE, !=, <, <=, >, >=, FIELD in A,B, not in, "
			      "like, is null, is not null.",
			      "schema", "type", "array", "items", "type", "string", "style", "form",
			      "explode", 1);

	json_t *type = json_pack("{s:s, s:s, s:s, s:b, s:{s:s, s:{s:s}}, s:s, s:b}", "name", "type",
				 "in", "query", "description", "Types, as often as one likes.",
				 "required", 1, "schema", "type", "array", "items", "type",
				 "string", "style", "form", "explode", 1);

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "q", q, "type", type,
			 "from_now",
			 parameter("from_now", "query", "boolean", "Without what there is."),
			 "uuid", parameter("uuid", "path", "string", "Which."), "sort",
			 parameter("sort", "query", "string", "Fields; - before one turns it."),
			 "fields", parameter("fields", "query", "string", "These alone."), "start",
			 parameter("start", "query", "integer", "So many are left out."), "limit",
			 parameter("limit", "query", "integer", "No more than these; 1000."),
			 "count",
			 parameter("count", "query", "boolean", "How many there are is told."),
			 "dry_run", parameter("dry_run", "query", "boolean", "Only tells."));
}

static json_t *components(json_t *schemas)
{
	json_t *error = json_pack("{s:s, s:{s:{s:s}, s:{s:s}}}", "type", "object", "properties",
				  "error", "type", "string", "parameters", "type", "object");
	json_t *answer = content(reference("schemas", "Error"));

	json_object_set_new(answer, "description",
			    json_string("It was not done: which error, and about what."));
	json_object_set_new(schemas, "Error", error);
	return json_pack("{s:o, s:{s:o}, s:o, s:{s:{s:s, s:s}}}", "schemas", schemas, "responses",
			 "Error", answer, "parameters", parameters(), "securitySchemes", "token",
			 "type", "http", "scheme", "bearer");
}

json_t *openapi(struct model *model)
{
	const struct model_type *const *types = model_types(model);
	json_t *paths = json_object(), *schemas = json_object();

	add_sessions(paths);
	add_watch(paths);
	add_job(paths);
	for (size_t i = 0; types[i]; i++) {
		json_t *type = model_describe(types[i]);

		add_type(paths, schemas, type);
		json_decref(type);
	}
	return json_pack("{s:s, s:{s:s, s:s}, s:[{s:s}], s:[{s:[]}], s:o, s:o}", "openapi", "3.0.3",
			 "info", "title", "weft controller", "version", WEFT_VERSION, "servers",
			 "url", "/api/v1", "security", "token", "paths", paths, "components",
			 components(schemas));
}
