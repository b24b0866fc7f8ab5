/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The methods, and the error that fits what went wrong. */
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
	{ "Create", "|type|spec|", create_run },
	{ "Get", "|type|uuid|", get_run },
	{ "Query", "|type|conditions|sort|start|limit|count|fields|", query_run },
	{ "Update", "|type|uuid|spec|", update_run },
	{ "Delete", "|type|uuid|dry_run|", delete_run },
	{ "Action", "|type|uuid|action|parameters|", action_run },
	{ "Describe", "|type|", describe_run },
	{ "Document", "|type|uuid|", document_run },
	{ 0 },
};

/* A new answer. */
static struct api_answer refusal(const struct model *model, const struct err *err)
{
	const struct model_failure *failure = model_failure(model);
	AUTO(free_ptr) char *object = NULL;

	switch (err->code) {
	case -EINVAL:
		return (struct api_answer){ json_pack("{s:s, s:s}", "path",
						      err->path ? err->path : "", "reason",
						      err_text(err)),
					    "InvalidField" };
	case -ENOENT:
		return (struct api_answer){ json_pack("{s:s, s:s}", "type", failure->type, "uuid",
						      failure->uuid),
					    "NotFound" };
	case -EPERM:
		object = mem_format("%s %s", failure->type, failure->uuid);
		return (struct api_answer){ json_pack("{s:s, s:s, s:s}", "object", object, "rule",
						      failure->rule, "reason", err_text(err)),
					    "Refused" };
	default:
		return (struct api_answer){ json_pack("{s:s}", "reason", err_text(err)), "Busy" };
	}
}

struct api_answer api_call(struct model *model, const char *method, json_t *parameters)
{
	struct request request = { .model = model, .parameters = parameters };
	struct api_answer answer;
	struct err err = ERR_NONE;

	for (const struct api_method *at = api_methods; at->name; at++) {
		if (strcmp(at->name, method) != 0)
			continue;
		if (request_known(&request, at->parameters, &err) == 0 &&
		    at->run(&request, &err) == 0)
			answer = (struct api_answer){ request.reply, NULL };
		else
			answer = refusal(model, &err);
		err_clear(&err);
		return answer;
	}
	return (struct api_answer){ json_pack("{s:s}", "method", method), "MethodNotFound" };
}
