/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The methods. */
#include "controller/api/api.h"

#include <errno.h>
#include <string.h>

#include "controller/api/api_state.h"
#include "controller/project/project.h"

/* 'too' says that automatic types are refused as well. */
static int refuse_internal(const struct model_type *type, bool too, struct err *err)
{
	if (!type->internal && !too)
		return 0;
	err_set(err, -EINVAL, "the controller alone makes %sa %s", too ? "" : "and changes ",
		type->table.name);
	return err_at(err, "type");
}

/* The type and the uuid of the object that is meant. */
static int request_object_of(const struct request *request, const struct model_type **type,
			     const char **uuid, struct err *err)
{
	if (request_type(request, type, err) < 0)
		return err->code;
	return request_text(request, "uuid", true, uuid, err);
}

static int create_run(struct request *request, struct err *err)
{
	const struct model_type *type;
	json_t *spec, *object;

	hash_put(request);
	if (request_type(request, &type, err) < 0 ||
	    refuse_internal(type, type->automatic, err) < 0 ||
	    request_object(request, "spec", true, &spec, err) < 0 ||
	    model_create(request->model, type, spec, &object, err) < 0)
		return err->code;
	request->reply = json_pack("{s:o}", "object", object);
	return 0;
}

static int get_run(struct request *request, struct err *err)
{
	const struct model_type *type;
	const char *uuid;
	json_t *object;

	if (request_object_of(request, &type, &uuid, err) < 0 ||
	    model_get(request->model, type, uuid, &object, err) < 0)
		return err->code;
	request->reply = json_pack("{s:o}", "object", object);
	return 0;
}

static int update_run(struct request *request, struct err *err)
{
	const struct model_type *type;
	json_t *spec, *object;
	const char *uuid;

	hash_put(request);
	if (request_object_of(request, &type, &uuid, err) < 0 ||
	    refuse_internal(type, false, err) < 0 ||
	    request_object(request, "spec", true, &spec, err) < 0 ||
	    model_update(request->model, type, uuid, spec, &object, err) < 0)
		return err->code;
	request->reply = json_pack("{s:o}", "object", object);
	return 0;
}

static int delete_run(struct request *request, struct err *err)
{
	const struct model_type *type;
	const char *uuid;
	json_t *deleted;
	bool dry_run;

	if (request_object_of(request, &type, &uuid, err) < 0 ||
	    refuse_internal(type, false, err) < 0 ||
	    request_flag(request, "dry_run", &dry_run, err) < 0 ||
	    model_delete(request->model, type, uuid, dry_run, &deleted, err) < 0)
		return err->code;
	request->reply = json_pack("{s:o}", "deleted", deleted);
	return 0;
}

static int action_run(struct request *request, struct err *err)
{
	json_t *parameters, *object, *none = json_object();
	const struct model_type *type;
	const char *uuid, *action;
	int ret;

	if (request_object_of(request, &type, &uuid, err) < 0 ||
	    request_text(request, "action", true, &action, err) < 0 ||
	    request_object(request, "parameters", false, &parameters, err) < 0)
		ret = err->code;
	else
		ret = model_act(request->model, type, uuid, action, parameters ? parameters : none,
				&object, err);
	json_decref(none);
	if (ret == 0)
		request->reply = json_pack("{s:o}", "object", object);
	return ret;
}

static int document_run(struct request *request, struct err *err)
{
	const struct model_type *type;
	const char *uuid, *agent = "vrouterd";
	json_t *document;
	int ret;

	if (request_object_of(request, &type, &uuid, err) < 0)
		return err->code;
	if (type == &router_type || type == &vpc_router_type) {
		ret = project_router(request->model, type, uuid, false, &document, err);
	} else if (type == &host_type) {
		agent = "hostnetd";
		ret = project_host(request->model, uuid, &document, err);
	} else {
		err_set(err, -EINVAL, "only a router, vpc_router or host has a document");
		return err_at(err, "type");
	}
	if (ret == 0)
		request->reply = json_pack("{s:s, s:o}", "agent", agent, "document", document);
	return ret;
}

static int describe_run(struct request *request, struct err *err)
{
	const struct model_type *const *types = model_types(request->model);
	const struct model_type *type;
	const char *name;
	json_t *list;

	if (request_text(request, "type", false, &name, err) < 0 ||
	    (name && request_type(request, &type, err) < 0))
		return err->code;
	list = json_array();
	for (size_t i = 0; types[i]; i++)
		if (!name || types[i] == type)
			json_array_append_new(list, model_describe(types[i]));
	request->reply = json_pack("{s:o}", "types", list);
	return 0;
}

const struct api_method api_methods[] = {
	{ "Login", "|account|user|password|", API_OPEN | API_CHANGES, login_run, login_prepare },
	{ "Logout", "|", 0, logout_run, NULL },
	{ "Create", "|type|spec|", API_CHANGES, create_run, hash_prepare },
	{ "Get", "|type|uuid|", 0, get_run, NULL },
	{ "Query", "|type|conditions|sort|start|limit|count|fields|", 0, query_run, NULL },
	{ "Watch", "|types|from_now|", 0, watch_run, NULL },
	{ "Job", "|uuid|", 0, job_run, NULL },
	{ "Counters", "|type|uuid|", 0, counters_run, NULL },
	{ "Update", "|type|uuid|spec|", API_CHANGES, update_run, hash_prepare },
	{ "Delete", "|type|uuid|dry_run|", API_CHANGES, delete_run, NULL },
	{ "Action", "|type|uuid|action|parameters|", API_CHANGES, action_run, NULL },
	{ "Describe", "|type|", 0, describe_run, NULL },
	{ "Document", "|type|uuid|", API_ADMIN, document_run, NULL },
	{ "EnrollmentToken", "|type|uuid|seconds|", API_CHANGES | API_ADMIN, enrollment_token_run,
	  NULL },
	{ 0 },
};
