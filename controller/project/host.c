/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A host's document, in parts: which sections each has, and which follow from which. */
#include <stdlib.h>
#include <string.h>

#include "controller/project/part.h"

const char *const *project_host_sections(unsigned int part)
{
	static const char *const guests[] = { "vms", "ports", "eips", NULL };
	static const char *const l2[] = { "host", "l2_networks", NULL };
	static const char *const routers[] = { "routers", NULL };
	static const char *const networks[] = { "l3_networks", NULL };
	static const char *const groups[] = { "security_groups", NULL };

	switch (part) {
	case HOST_GUESTS:
		return guests;
	case HOST_L2:
		return l2;
	case HOST_ROUTERS:
		return routers;
	case HOST_NETWORKS:
		return networks;
	default:
		return groups;
	}
}

unsigned int project_host_following(unsigned int parts)
{
	if (parts & HOST_GUESTS)
		parts |= HOST_ROUTERS | HOST_NETWORKS | HOST_GROUPS;
	if (parts & HOST_L2)
		parts |= HOST_ROUTERS;
	if (parts & HOST_ROUTERS)
		parts |= HOST_NETWORKS;
	return parts;
}

static void forget(json_t *document, unsigned int part)
{
	for (const char *const *section = project_host_sections(part); *section; section++)
		json_object_del(document, *section);
}

static int make(struct shared *shared, const struct host *host, unsigned int parts,
		json_t *document, struct err *err)
{
	int ret = 0;

	if (parts & HOST_GUESTS) {
		forget(document, HOST_GUESTS);
		ret = guest_project(shared, host, document, err);
	}
	if (ret == 0 && parts & HOST_L2)
		ret = l2_project(shared, host, document, err);
	if (ret == 0 && parts & HOST_ROUTERS)
		ret = distributed_project(shared, document, err);
	if (ret == 0 && parts & HOST_NETWORKS) {
		forget(document, HOST_NETWORKS);
		ret = network_project(shared, document, err);
	}
	if (ret == 0 && parts & HOST_GROUPS) {
		forget(document, HOST_GROUPS);
		ret = group_project(shared, document, err);
	}
	return ret;
}

int project_host_parts(struct shared *shared, const char *uuid, unsigned int parts,
		       json_t *document, struct err *err)
{
	struct host host = { 0 };
	int ret = model_load(shared->model, &host_type, uuid, &host, err);

	if (ret == 0)
		ret = make(shared, &host, project_host_following(parts), document, err);
	model_clear(&host_type, &host);
	return ret;
}

struct adding {
	struct shared *shared;
	json_t *document;
	struct err *err;
	int ret;
};

static void add_list(void *data, enum list_kind kind, const char *uuid)
{
	struct adding *adding = data;
	json_t *list;

	if (adding->ret == 0)
		adding->ret = project_list(adding->shared, kind, uuid, &list, adding->err);
	if (adding->ret < 0)
		return;
	if (json_array_size(list))
		json_array_extend(part_section(adding->document, project_list_section(kind)), list);
	json_decref(list);
}

int project_host(struct model *model, const char *uuid, json_t **document, struct err *err)
{
	struct shared *shared = shared_new(model);
	struct adding adding = { shared, json_object(), err, 0 };

	adding.ret = project_host_parts(shared, uuid, HOST_ALL, adding.document, err);
	if (adding.ret == 0)
		project_host_lists(adding.document, add_list, &adding);
	shared_free(shared);
	if (adding.ret < 0)
		json_decref(adding.document);
	else
		*document = adding.document;
	return adding.ret;
}
