/* SPDX-License-Identifier: GPL-2.0-or-later */
/* route_table and route_entry: routes of one's own for routers of both types. */
#include <string.h>

#include "controller/model/health.h"
#include "controller/model/parts.h"

static const struct field router_element = {
	.type = FIELD_REFERENCE,
	.target = "router",
	.at_end = FIELD_CLEARS,
};
static const struct field vpc_router_element = {
	.type = FIELD_REFERENCE,
	.target = "vpc_router",
	.at_end = FIELD_CLEARS,
};

static const struct field route_table_fields[] = {
	RESOURCE_FIELDS,
	OWNER_FIELD,
	{ "routers", FIELD_LIST, offsetof(struct route_table, routers), .element = &router_element,
	  .doc = "That have its routes." },
	{ "vpc_routers", FIELD_LIST, offsetof(struct route_table, vpc_routers),
	  .element = &vpc_router_element, .doc = "VPC routers that have its routes." },
	{ 0 },
};

struct router_parameters {
	char *router, *vpc_router;
};

static const struct field router_parameters[] = {
	{ "router", FIELD_REFERENCE, offsetof(struct router_parameters, router), .target = "router",
	  .doc = "A router, or" },
	{ "vpc_router", FIELD_REFERENCE, offsetof(struct router_parameters, vpc_router),
	  .target = "vpc_router", .doc = "a VPC router." },
	{ 0 },
};

static int one_of_both(const struct router_parameters *given, struct err *err)
{
	if (!given->router == !given->vpc_router)
		return model_wrong(err, "router", "one router, or one vpc_router, is wanted");
	return 0;
}

static int attach_router(const struct model_change *change, const void *parameters, struct err *err)
{
	const struct router_parameters *given = parameters;
	struct route_table *table = change->is;
	struct field_list *list = given->router ? &table->routers : &table->vpc_routers;
	const char *router = given->router ? given->router : given->vpc_router;

	if (one_of_both(given, err) < 0)
		return err->code;
	if (!uuids_have(list, router))
		uuids_add(list, router);
	return 0;
}

static int detach_router(const struct model_change *change, const void *parameters, struct err *err)
{
	const struct router_parameters *given = parameters;
	struct route_table *table = change->is;
	struct field_list *list = given->router ? &table->routers : &table->vpc_routers;
	const char *router = given->router ? given->router : given->vpc_router;

	if (one_of_both(given, err) < 0)
		return err->code;
	if (!uuids_remove(list, router))
		return model_wrong(err, given->router ? "router" : "vpc_router",
				   "it is not attached");
	return 0;
}

/* What two entries of tables on one router cannot have both. */
static bool same_route(const struct route_entry *a, const struct route_entry *b)
{
	struct prefix one = prefix_network(&a->destination),
		      other = prefix_network(&b->destination);

	return a->priority == b->priority && prefix_equal(&one, &other);
}

/* Whether an entry of a table is another one's twin; the same one is not. */
static int apart_from_table(struct model *model, const struct route_entry *entry, const char *table,
			    struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	int ret = model_find(model, &route_entry_type, &rows, err, "route_table", table);

	for (size_t i = 0; ret == 0 && i < rows.n; i++) {
		const struct route_entry *other = db_row(&rows, i);

		if (strcmp(other->resource.uuid, entry->resource.uuid) != 0 &&
		    same_route(other, entry))
			ret = model_refuse(err, "%s has a route to %s of priority %lld",
					   model_text_of(model, &route_table_type, table).s,
					   prefix_text(&other->destination).s,
					   (long long)other->priority);
	}
	return ret;
}

/* 'entries' beside those of all other tables that the router has. */
static int apart_on_router(struct model *model, const char *field, const char *router,
			   const char *table, const struct db_rows *entries, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows tables = DB_ROWS_NONE;
	int ret = model_find(model, &route_table_type, &tables, err, field, router);

	for (size_t i = 0; ret == 0 && i < tables.n; i++) {
		const char *other = ((struct resource *)db_row(&tables, i))->uuid;

		for (size_t j = 0; ret == 0 && strcmp(other, table) != 0 && j < entries->n; j++)
			ret = apart_from_table(model, db_row(entries, j), other, err);
	}
	return ret;
}

static int apart_on_routers(struct model *model, const struct route_table *table,
			    const struct db_rows *entries, struct err *err)
{
	char **routers = table->routers.items, **vpc_routers = table->vpc_routers.items;
	const char *uuid = table->resource.uuid;
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < table->routers.n; i++)
		ret = apart_on_router(model, "routers", routers[i], uuid, entries, err);
	for (size_t i = 0; ret == 0 && i < table->vpc_routers.n; i++)
		ret = apart_on_router(model, "vpc_routers", vpc_routers[i], uuid, entries, err);
	return ret;
}

static int table_routes_once(const struct model_change *change, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows entries = DB_ROWS_NONE;
	const struct route_table *table = change->is;

	if (model_find(change->model, &route_entry_type, &entries, err, "route_table",
		       table->resource.uuid) < 0)
		return err->code;
	return apart_on_routers(change->model, table, &entries, err);
}

static const struct model_rule route_table_rules[] = {
	{ "routes_once", "A router has one route of a priority to a destination.", MODEL_WRITE,
	  table_routes_once },
	{ 0 },
};

static const struct model_action route_table_actions[] = {
	{ "attach_router", "One more has its routes.", router_parameters,
	  sizeof(struct router_parameters), attach_router },
	{ "detach_router", "One less has them.", router_parameters,
	  sizeof(struct router_parameters), detach_router },
	{ 0 },
};

const struct model_type route_table_type = {
	.table = { "route_table", route_table_fields, sizeof(struct route_table), NULL,
		   .owner = "owner" },
	.doc = "Routes of one's own for routers.",
	.rules = route_table_rules,
	.actions = route_table_actions,
};

static const char *const kinds[] = { "static", "blackhole", NULL };

#define AT(member) offsetof(struct route_entry, member)

static const struct field route_entry_fields[] = {
	RESOURCE_UUID,
	RESOURCE_TIMES,
	{ "route_table", FIELD_REFERENCE, AT(route_table), .required = true,
	  .target = "route_table", .immutable = true, .at_end = FIELD_FOLLOWS, .doc = "Whose." },
	{ "destination", FIELD_PREFIX, AT(destination), .required = true, .immutable = true,
	  .doc = "Where the packets want to go." },
	{ "type", FIELD_CHOICE, AT(kind), .choices = kinds, .immutable = true,
	  .doc = "blackhole drops them." },
	{ "next_hop", FIELD_IP, AT(next_hop), .immutable = true,
	  .doc = "Of a static one: where they are sent." },
	{ "priority", FIELD_NUMBER, AT(priority), .min = 1, .max = 254, .fallback = 128,
	  .immutable = true, .doc = "The smaller is preferred." },
	HEALTH_FIELDS(struct route_entry),
	{ 0 },
};

static int complete(const struct model_change *change, struct err *err)
{
	const struct route_entry *entry = change->is;

	if (entry->kind == ROUTE_STATIC && !entry->next_hop.family)
		return model_wrong(err, "next_hop", "is required for a static route");
	if (entry->kind == ROUTE_BLACKHOLE && entry->next_hop.family)
		return model_wrong(err, "next_hop", "is for a static route alone");
	if (entry->next_hop.family && entry->next_hop.family != entry->destination.ip.family)
		return model_wrong(err, "next_hop", "is of another family than the destination");
	return 0;
}

static int entry_once(const struct model_change *change, struct err *err)
{
	const struct route_entry *entry = change->is;
	const struct db_rows self = { &route_entry_type.table, change->is, 1, 1 };
	struct route_table table = { 0 };
	int ret = apart_from_table(change->model, entry, entry->route_table, err);

	if (ret == 0)
		ret = model_load(change->model, &route_table_type, entry->route_table, &table, err);
	if (ret == 0)
		ret = apart_on_routers(change->model, &table, &self, err);
	model_clear(&route_table_type, &table);
	return ret;
}

static const struct model_rule route_entry_rules[] = {
	{ "routes_once", "A router has one route of a priority to a destination.", MODEL_CREATE,
	  entry_once },
	{ 0 },
};

const struct model_type route_entry_type = {
	.table = { "route_entry", route_entry_fields, sizeof(struct route_entry), NULL,
		   .part_of = "route_table" },
	.doc = "A route of a table.",
	.rules = route_entry_rules,
	.complete = complete,
};
