/* SPDX-License-Identifier: GPL-2.0-or-later */
/* account: an owner of objects. There is one of kind admin, which may do everything. */
#include <string.h>

#include "controller/model/account.h"
#include "controller/model/parts.h"

static const char *const kinds[] = { "admin", "normal", NULL };

#define AT(member) offsetof(struct account, member)

/* Of the type of the same name. */
#define QUOTA(type, most, text)                                           \
	{                                                                 \
		"quota_" #type, FIELD_NUMBER, AT(quota_##type),           \
			.max = 1000000, .fallback = most,                 \
			.doc = "How many " text " a normal one may have." \
	}

static const struct field account_fields[] = {
	RESOURCE_UUID,
	{ "name", FIELD_TEXT, offsetof(struct resource, name), .required = true, .min = 1,
	  .max = 255, .unique = true, .doc = "What it logs in as." },
	RESOURCE_DESCRIPTION,
	RESOURCE_TIMES,
	{ "kind", FIELD_CHOICE, AT(kind), .choices = kinds, .computed = true,
	  .fallback = ACCOUNT_NORMAL, .doc = "The one of kind admin may do everything." },
	PASSWORD_FIELD(struct account),
	QUOTA(vm, 200, "guests"),
	QUOTA(l2_network, 20, "L2 networks"),
	QUOTA(l3_network, 20, "L3 networks"),
	QUOTA(security_group, 20, "security groups"),
	QUOTA(vip, 20, "VIPs"),
	QUOTA(eip, 20, "elastic IPs"),
	QUOTA(port_forward, 20, "port forwards"),
	QUOTA(load_balancer, 20, "load balancers"),
	QUOTA(listener, 20, "listeners"),
	QUOTA(vpc_router, 20, "VPC routers"),
	QUOTA(route_table, 20, "route tables"),
	QUOTA(certificate, 20, "certificates"),
	QUOTA(ipsec_connection, 20, "IPsec connections"),
	{ 0 },
};

static int complete(const struct model_change *change, struct err *err)
{
	struct account *account = change->is;
	bool admin = strcmp(account->resource.uuid, ADMIN_ACCOUNT) == 0;

	account->kind = admin ? ACCOUNT_ADMIN : ACCOUNT_NORMAL;
	return admin || account->password ? 0 : model_wrong(err, "password", "is required");
}

static bool same(const struct field *field, const void *a, const void *b)
{
	const struct field alone[2] = { *field, { 0 } };
	json_t *first = field_encode(alone, a, true), *second = field_encode(alone, b, true);
	bool is = json_equal(first, second);

	json_decref(first);
	json_decref(second);
	return is;
}

/* A normal one changes its own password. */
static int check_by_admin(const struct model_change *change, struct err *err)
{
	if (model_by_admin(change->model))
		return 0;
	for (const struct field *field = account_fields; field->name; field++)
		if (strcmp(field->name, "password") != 0 && !same(field, change->was, change->is))
			return model_forbid(err, "only admin changes %s of an account",
					    field->name);
	return 0;
}

static int check_deleted(const struct model_change *change, struct err *err)
{
	const struct account *account = change->was;

	if (!model_by_admin(change->model))
		return model_forbid(err, "only admin deletes an account");
	return account->kind == ACCOUNT_ADMIN ? model_refuse(err, "the account admin stays") : 0;
}

static const struct model_rule account_rules[] = {
	{ "by_admin", "A normal account changes nothing of itself but its password.", MODEL_UPDATE,
	  check_by_admin },
	{ "admin_stays", "The account admin cannot be deleted.", MODEL_DELETE, check_deleted },
	{ 0 },
};

int sessions_end(struct model *model, const char *account, const char *user, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	int ret = model_find(model, &session_type, &rows, err, "account", account, "user", user);

	for (size_t i = 0; ret == 0 && i < rows.n; i++)
		ret = model_remove(model, &session_type,
				   ((struct resource *)db_row(&rows, i))->uuid, err);
	return ret;
}

bool password_changed(const char *was, const char *is)
{
	return !was != !is || (was && strcmp(was, is) != 0);
}

static int written(const struct model_change *change, struct err *err)
{
	const struct account *was = change->was, *is = change->is;

	if (!was || !is || !password_changed(was->password, is->password))
		return 0;
	return sessions_end(change->model, is->resource.uuid, NULL, err);
}

const struct model_type account_type = {
	.table = { "account", account_fields, sizeof(struct account), NULL, .owner = "uuid" },
	.doc = "An owner of objects, who logs in by name and password.",
	.by_admin = true,
	.rules = account_rules,
	.complete = complete,
	.written = written,
};
