/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A password that is given becomes its hash before the model sees it: field.hashed says which. */
#include <errno.h>
#include <string.h>

#include "controller/api/api_state.h"

#define PASSWORD_MIN 8

/* The field of the spec that is a password, given as such. */
static const struct field *given_password(const struct request *request, const char **password)
{
	const char *name = json_string_value(json_object_get(request->parameters, "type"));
	const struct model_type *type = name ? model_type(request->model, name) : NULL;
	json_t *spec = json_object_get(request->parameters, "spec");

	for (const struct field *field = type ? type->table.fields : NULL; field && field->name;
	     field++) {
		*password = json_string_value(json_object_get(spec, field->name));
		if (field->hashed && *password && strcmp(*password, FIELD_MASK) != 0)
			return field;
	}
	return NULL;
}

int hash_prepare(struct request *request, struct err *err)
{
	const char *password;
	const struct field *field = given_password(request, &password);

	if (!field)
		return 0;
	if (strlen(password) < PASSWORD_MIN || strlen(password) > PASSWORD_MAX) {
		err_set(err, -EINVAL, "expected a password of %d to %d bytes", PASSWORD_MIN,
			PASSWORD_MAX);
		return err_at(err, "spec.%s", field->name);
	}
	request->job.password = mem_text(password);
	return 1;
}

void hash_put(struct request *request)
{
	const char *password;
	const struct field *field = given_password(request, &password);
	json_t *parameters;

	if (!field)
		return;
	/* What the caller has is not ours to change. */
	parameters = json_deep_copy(request->parameters);
	json_object_set_new(json_object_get(parameters, "spec"), field->name,
			    json_string(request->job.hash));
	json_decref(request->parameters);
	request->parameters = parameters;
}
