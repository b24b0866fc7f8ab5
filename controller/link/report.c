/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Report: what agents say of their objects, written into the model; and who is connected. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "controller/link/agents_state.h"
#include "controller/model/health.h"
#include "lib/base/log.h"

/* How an object is doing, until it is written. */
struct finding {
	struct map_node by_object;
	const struct model_type *type;
	char *uuid;
	int health;   /* HEALTH_NONE: nobody says. */
	char *reason; /* NULL: none. */
};

struct finding_key {
	const struct model_type *type;
	const char *uuid;
};

static bool is_finding(const struct map_node *node, const void *key)
{
	const struct finding *finding = CONTAINER_OF(node, struct finding, by_object);
	const struct finding_key *wanted = key;

	return finding->type == wanted->type && strcmp(finding->uuid, wanted->uuid) == 0;
}

static void finding_free(struct finding *finding)
{
	free(finding->uuid);
	free(finding->reason);
	free(finding);
}

static void find(struct agents *agents, const struct model_type *type, const char *uuid, int health,
		 const char *reason)
{
	struct finding_key key = { type, uuid };
	uint64_t hash = map_hash_text(uuid);
	struct map_node *node = map_find(&agents->findings, hash, is_finding, &key);
	struct finding *finding;

	if (node) {
		finding = CONTAINER_OF(node, struct finding, by_object);
	} else {
		finding = mem_alloc(sizeof(*finding));
		finding->type = type;
		finding->uuid = mem_text(uuid);
		map_add(&agents->findings, &finding->by_object, hash);
	}
	free(finding->reason);
	finding->health = health;
	finding->reason = mem_text(reason);
}

/* What the sections of the documents are in the model. */
static const struct {
	const char *section;
	const struct model_type *type;
} sections[] = {
	{ "eips", &eip_type },
	{ "port_forwards", &port_forward_type },
	{ "load_balancers", &load_balancer_type },
	{ "ipsec", &ipsec_connection_type },
	{ "vips", &vip_type },
	{ "routes", &route_entry_type },
	{ "ports", &nic_type },
};

static const struct model_type *type_of(const char *section)
{
	for (size_t i = 0; section && i < ARRAY_SIZE(sections); i++)
		if (strcmp(sections[i].section, section) == 0)
			return sections[i].type;
	return NULL;
}

const char *report_section(const struct model_type *type)
{
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++)
		if (sections[i].type == type)
			return sections[i].section;
	return type == &listener_type ? "listeners" : NULL;
}

/* Whether the agent was told of it: an agent speaks of nothing else. */
bool report_is_held(const struct member *member, const char *section, const char *uuid)
{
	const json_t *objects = json_object_get(member->held.sections, section);
	json_t *balancer;
	const char *key;

	if (strcmp(section, "listeners") != 0)
		return json_object_get(objects, uuid);
	json_object_foreach (json_object_get(member->held.sections, "load_balancers"), key,
			     balancer) {
		const json_t *listener;
		size_t i;

		json_array_foreach (json_object_get(balancer, "listeners"), i, listener)
			if (strcmp(json_string_value(json_object_get(listener, "uuid")), uuid) == 0)
				return true;
	}
	return false;
}

/* Of a load balancer's, the balancer tells. */
static void take_listener(struct member *member, const json_t *listener)
{
	const char *uuid = json_string_value(json_object_get(listener, "listener"));
	const char *failure = json_string_value(json_object_get(listener, "failure"));

	if (uuid && report_is_held(member, "listeners", uuid))
		find(member->agents, &listener_type, uuid, failure ? HEALTH_FAILED : HEALTH_READY,
		     failure);
}

static void take_object(struct member *member, const json_t *object)
{
	const char *section = json_string_value(json_object_get(object, "section"));
	const char *uuid = json_string_value(json_object_get(object, "uuid"));
	const struct model_type *type = type_of(section);

	if (!type || !uuid || !report_is_held(member, section, uuid))
		return;
	find(member->agents, type, uuid,
	     health_of_name(json_string_value(json_object_get(object, "health"))),
	     json_string_value(json_object_get(object, "reason")));
}

const char *member_away_reason(const struct member *member)
{
	return member->type == &host_type ? "its host is disconnected"
					  : "its router is disconnected";
}

static void find_part(struct member *member, const char *section, const json_t *object, int health,
		      const char *reason)
{
	const struct model_type *type = type_of(section);
	const json_t *listener;
	size_t i;

	if (!type)
		return;
	find(member->agents, type, json_string_value(json_object_get(object, "uuid")), health,
	     reason);
	json_array_foreach (json_object_get(object, "listeners"), i, listener)
		find(member->agents, &listener_type,
		     json_string_value(json_object_get(listener, "uuid")), health, reason);
}

/* All that it was told of. */
static void find_held(struct member *member, int health, const char *reason)
{
	const char *section, *uuid;
	json_t *objects, *object;

	json_object_foreach (member->held.sections, section, objects)
		if (type_of(section))
			json_object_foreach (objects, uuid, object)
				find_part(member, section, object, health, reason);
	agents_wake(member->agents);
}

void findings_away(struct member *member)
{
	find_held(member, HEALTH_UNAVAILABLE, member_away_reason(member));
}

void findings_gone(struct member *member)
{
	find_held(member, HEALTH_NONE, NULL);
}

void findings_unsent(struct member *member, json_t *upsert)
{
	const char *section;
	json_t *objects, *object;
	size_t i;

	json_object_foreach (upsert, section, objects)
		json_array_foreach (objects, i, object)
			find_part(member, section, object, HEALTH_UNAVAILABLE,
				  member_away_reason(member));
	agents_wake(member->agents);
}

void findings_removed(struct member *member, json_t *remove)
{
	json_t *uuids, *uuid;
	const char *section;
	size_t i;

	json_object_foreach (remove, section, uuids) {
		const struct model_type *type = type_of(section);

		json_array_foreach (uuids, i, uuid)
			if (type)
				find(member->agents, type, json_string_value(uuid), HEALTH_NONE,
				     NULL);
	}
	agents_wake(member->agents);
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* What is said of the agent itself. */
static int store_agent(struct member *member, const char *version, const char *failure,
		       struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	struct model *model = member->agents->model;
	struct agent *agent;
	int ret;

	if (model_find(model, &agent_type, &rows, err, member->type->table.name, member->uuid) < 0)
		return err->code;
	agent = rows.n ? db_row(&rows, 0) : NULL;
	if (!agent || (same_text(agent->version, version) && same_text(agent->failure, failure)))
		return 0;
	if (failure && !same_text(agent->failure, failure))
		log_warning("agents: %s does not take its document: %s", member->name.s, failure);
	free(agent->version);
	free(agent->failure);
	agent->version = mem_text(version);
	agent->failure = mem_text(failure);
	ret = model_begin(model, err);
	if (ret == 0)
		ret = model_end(model, model_write(model, &agent_type, agent, err), err);
	return ret;
}

void agents_report(struct wire_call *call, json_t *parameters, void *data)
{
	struct agents *agents = data;
	struct member *member = agents_caller(agents, call);
	struct err err = ERR_NONE;
	const json_t *object, *service;
	size_t i, j;

	if (!member)
		return;
	json_array_foreach (json_object_get(parameters, "objects"), i, object)
		take_object(member, object);
	json_array_foreach (json_object_get(parameters, "services"), i, service)
		json_array_foreach (json_object_get(service, "listeners"), j, object)
			take_listener(member, object);
	if (store_agent(member, json_string_value(json_object_get(parameters, "version")),
			json_string_value(json_object_get(parameters, "failure")), &err) < 0) {
		agents_reply_error(call, "Busy", &err);
		err_clear(&err);
		return;
	}
	member_wait(member, WAITS_REPORTED);
	member_parts_reported(member, json_integer_value(json_object_get(parameters, "revision")),
			      json_string_value(json_object_get(parameters, "failure")),
			      json_integer_value(json_object_get(parameters, "failure_revision")));
	agents_wake(agents);
	wire_reply(call, json_object());
}

/* ---- into the model ------------------------------------------------------------------------- */

/* What holds for a VIP holds for its limits. */
static int store_limits(struct model *model, const struct finding *vip, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	int ret = model_find(model, &vip_qos_type, &rows, err, "vip", vip->uuid);

	for (size_t i = 0; ret == 0 && i < rows.n; i++)
		if (health_set(&vip_qos_type, db_row(&rows, i), vip->health, vip->reason))
			ret = model_write(model, &vip_qos_type, db_row(&rows, i), err);
	return ret;
}

/* 0 also where the object is gone. */
static int store_finding(struct model *model, const struct finding *finding, struct err *err)
{
	AUTO(free_ptr) void *record = mem_alloc(finding->type->table.size);
	int ret = db_has(model_db(model), &finding->type->table, finding->uuid, err);

	if (ret <= 0)
		return ret;
	ret = model_load(model, finding->type, finding->uuid, record, err);
	if (ret == 0 && health_set(finding->type, record, finding->health, finding->reason))
		ret = model_write(model, finding->type, record, err);
	model_clear(finding->type, record);
	return ret == 0 && finding->type == &vip_type ? store_limits(model, finding, err) : ret;
}

static int store_connection(struct model *model, const struct model_type *type, const char *uuid,
			    bool connected, struct err *err)
{
	AUTO(free_ptr) void *record = mem_alloc(type->table.size);
	int ret = db_has(model_db(model), &type->table, uuid, err);

	if (ret <= 0)
		return ret;
	ret = model_load(model, type, uuid, record, err);
	if (ret == 0 && connection_set(type, record, connected))
		ret = model_write(model, type, record, err);
	model_clear(type, record);
	return ret;
}

static int store_all(struct agents *agents, struct err *err)
{
	const struct waiting *moved = &agents->waiting[WAITS_MOVED];
	struct map_node *node, *after;

	map_for_each (&agents->findings, node, after)
		if (store_finding(agents->model, CONTAINER_OF(node, struct finding, by_object),
				  err) < 0)
			return err->code;
	for (size_t i = 0; i < moved->n; i++) {
		const struct member *member = moved->members[i];

		if (store_connection(agents->model, member->type, member->uuid, member->watch,
				     err) < 0)
			return err->code;
	}
	return 0;
}

void agents_forget_findings(struct agents *agents)
{
	struct map_node *node, *after;

	map_for_each (&agents->findings, node, after)
		finding_free(CONTAINER_OF(node, struct finding, by_object));
	map_clear(&agents->findings);
	agents->findings = (struct map)MAP_NONE;
}

int agents_store_findings(struct agents *agents, struct err *err)
{
	int ret;

	if (!agents->findings.n && !agents->waiting[WAITS_MOVED].n)
		return 0;
	ret = model_begin(agents->model, err);
	if (ret == 0)
		ret = model_end(agents->model, store_all(agents, err), err);
	if (ret < 0)
		return ret;
	agents_forget_findings(agents);
	waiting_done(agents, WAITS_MOVED);
	return 0;
}

static int disconnect_all(struct model *model, const struct model_type *type, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	int ret = model_find(model, type, &rows, err, "connection", "connected");

	for (size_t i = 0; ret == 0 && i < rows.n; i++) {
		connection_set(type, db_row(&rows, i), false);
		ret = model_write(model, type, db_row(&rows, i), err);
	}
	return ret;
}

/* What was said of objects is what was so before. */
static int doubt_all(struct model *model, const struct model_type *type, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	json_t *words = json_pack("[s, s, s]", health_names[HEALTH_READY],
				  health_names[HEALTH_INACTIVE], health_names[HEALTH_FAILED]);
	struct db_condition said = { "health", "in", words };
	struct db_query query = { .conditions = &said, .n_conditions = 1 };
	int ret = db_query(model_db(model), &type->table, &query, &rows, err);

	json_decref(words);
	for (size_t i = 0; ret == 0 && i < rows.n; i++)
		if (health_set(type, db_row(&rows, i), HEALTH_UNAVAILABLE,
			       "its agent has not been there since the controller began"))
			ret = model_write(model, type, db_row(&rows, i), err);
	return ret;
}

/* Who has enrolled is known, though he is not there. */
static int make_members(struct agents *agents, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	struct db_condition enrolled = { "generation", "is not null", NULL };
	struct db_query query = { .conditions = &enrolled, .n_conditions = 1 };
	int ret = db_query(model_db(agents->model), &agent_type.table, &query, &rows, err);

	for (size_t i = 0; ret == 0 && i < rows.n; i++)
		member_of(agents, db_row(&rows, i));
	return ret;
}

int agents_begin(struct agents *agents, struct err *err)
{
	static const struct model_type *const types[] = { &host_type, &router_type,
							  &vpc_router_type };
	int ret = make_members(agents, err);

	if (ret == 0)
		ret = model_begin(agents->model, err);
	if (ret < 0)
		return ret;
	for (size_t i = 0; ret == 0 && i < ARRAY_SIZE(types); i++)
		ret = disconnect_all(agents->model, types[i], err);
	for (size_t i = 0; ret == 0 && i < ARRAY_SIZE(sections); i++)
		ret = doubt_all(agents->model, sections[i].type, err);
	if (ret == 0)
		ret = doubt_all(agents->model, &listener_type, err);
	if (ret == 0)
		ret = doubt_all(agents->model, &vip_qos_type, err);
	return model_end(agents->model, ret, err);
}
