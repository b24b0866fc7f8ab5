/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Query: conditions and order out of JSON. */
#include <errno.h>
#include <stdlib.h>

#include "controller/api/api_state.h"

/* More is a mistake. */
#define CONDITIONS_MAX 64
#define LIMIT_MAX      100000
#define LIMIT_FALLBACK 1000

static int too_many(struct err *err, const char *name, size_t n)
{
	err_set(err, -EINVAL, "%zu are more than %d", n, CONDITIONS_MAX);
	return err_at(err, "%s", name);
}

static int read_condition(json_t *json, struct db_condition *condition, struct err *err)
{
	struct request members = { .parameters = json };

	if (!json_is_object(json))
		return err_set(err, -EINVAL, "expected object");
	if (request_known(&members, "|field|op|value|", err) < 0 ||
	    request_text(&members, "field", true, &condition->field, err) < 0 ||
	    request_text(&members, "op", true, &condition->op, err) < 0)
		return err->code;
	condition->value = json_object_get(json, "value");
	return 0;
}

static int read_conditions(json_t *list, struct db_condition *conditions, size_t *n,
			   struct err *err)
{
	json_t *one;
	size_t i;

	if (json_array_size(list) > CONDITIONS_MAX)
		return too_many(err, "conditions", json_array_size(list));
	json_array_foreach (list, i, one)
		if (read_condition(one, &conditions[i], err) < 0)
			return err_at(err, "conditions[%zu]", i);
	*n = json_array_size(list);
	return 0;
}

/* Names of fields; one that begins with '-' is for the other way round. */
static int read_sort(json_t *list, struct db_sort *sort, size_t *n, struct err *err)
{
	json_t *one;
	size_t i;

	if (json_array_size(list) > CONDITIONS_MAX)
		return too_many(err, "sort", json_array_size(list));
	json_array_foreach (list, i, one) {
		const char *text = json_string_value(one);

		if (!text) {
			err_set(err, -EINVAL, "expected string");
			return err_at(err, "sort[%zu]", i);
		}
		sort[i].descending = *text == '-';
		sort[i].field = text + sort[i].descending;
	}
	*n = json_array_size(list);
	return 0;
}

int query_run(struct request *request, struct err *err)
{
	struct db_condition conditions[CONDITIONS_MAX];
	struct db_sort sort[CONDITIONS_MAX];
	struct db_query query = { .conditions = conditions, .sort = sort };
	json_t *given_conditions, *given_sort, *fields, *objects;
	const struct model_type *type;
	int64_t total;
	bool count;

	if (request_type(request, &type, err) < 0 ||
	    request_array(request, "conditions", &given_conditions, err) < 0 ||
	    request_array(request, "sort", &given_sort, err) < 0 ||
	    request_array(request, "fields", &fields, err) < 0 ||
	    request_number(request, "start", 0, INT64_MAX, 0, &query.start, err) < 0 ||
	    request_number(request, "limit", 1, LIMIT_MAX, LIMIT_FALLBACK, &query.limit, err) < 0 ||
	    request_flag(request, "count", &count, err) < 0 ||
	    read_conditions(given_conditions, conditions, &query.n_conditions, err) < 0 ||
	    read_sort(given_sort, sort, &query.n_sort, err) < 0 ||
	    model_query(request->model, type, &query, fields, &objects, count ? &total : NULL,
			err) < 0)
		return err->code;
	request->reply = json_pack("{s:o}", "objects", objects);
	if (count)
		json_object_set_new(request->reply, "total", json_integer(total));
	return 0;
}
