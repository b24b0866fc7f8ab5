/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A method's parameters. */
#include <errno.h>
#include <string.h>

#include "controller/api/api_state.h"

static json_t *given(const struct request *request, const char *name)
{
	json_t *value = json_object_get(request->parameters, name);

	return json_is_null(value) ? NULL : value;
}

static int wrong(struct err *err, const char *name, const char *reason)
{
	err_set(err, -EINVAL, "%s", reason);
	return err_at(err, "%s", name);
}

int request_known(const struct request *request, const char *names, struct err *err)
{
	const char *name;
	json_t *value;

	json_object_foreach (request->parameters, name, value) {
		AUTO(free_ptr) char *wanted = mem_format("|%s|", name);

		if (strchr(name, '|') || !strstr(names, wanted)) {
			err_set(err, -EINVAL, "unknown parameter");
			return err_at(err, "%.64s", name);
		}
	}
	return 0;
}

int request_text(const struct request *request, const char *name, bool required, const char **ret,
		 struct err *err)
{
	json_t *value = given(request, name);

	*ret = json_string_value(value);
	if (!value && required)
		return wrong(err, name, "is required");
	if (value && !*ret)
		return wrong(err, name, "expected string");
	return 0;
}

int request_flag(const struct request *request, const char *name, bool *ret, struct err *err)
{
	json_t *value = given(request, name);

	*ret = json_is_true(value);
	return !value || json_is_boolean(value) ? 0 : wrong(err, name, "expected boolean");
}

int request_number(const struct request *request, const char *name, int64_t min, int64_t max,
		   int64_t fallback, int64_t *ret, struct err *err)
{
	json_t *value = given(request, name);

	*ret = value ? json_integer_value(value) : fallback;
	if (value && !json_is_integer(value))
		return wrong(err, name, "expected integer");
	if (*ret >= min && *ret <= max)
		return 0;
	err_set(err, -EINVAL, "%lld is outside %lld-%lld", (long long)*ret, (long long)min,
		(long long)max);
	return err_at(err, "%s", name);
}

int request_object(const struct request *request, const char *name, bool required, json_t **ret,
		   struct err *err)
{
	*ret = given(request, name);
	if (!*ret && required)
		return wrong(err, name, "is required");
	return !*ret || json_is_object(*ret) ? 0 : wrong(err, name, "expected object");
}

int request_array(const struct request *request, const char *name, json_t **ret, struct err *err)
{
	*ret = given(request, name);
	return !*ret || json_is_array(*ret) ? 0 : wrong(err, name, "expected array");
}

int request_type(const struct request *request, const struct model_type **ret, struct err *err)
{
	const char *name;

	if (request_text(request, "type", true, &name, err) < 0)
		return err->code;
	*ret = model_type(request->model, name);
	if (*ret)
		return 0;
	err_set(err, -EINVAL, "there is no type \"%.64s\"", name);
	return err_at(err, "type");
}
