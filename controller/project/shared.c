/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the documents of many hosts have in common. */
#include <stdlib.h>

#include "controller/project/part.h"

struct shared *shared_new(struct model *model)
{
	struct shared *shared = mem_alloc(sizeof(*shared));

	*shared = (struct shared){ .model = model,
				   .groups = json_object(),
				   .networks = json_object(),
				   .routers = json_object(),
				   .network_facts = json_object(),
				   .l2_networks = json_object(),
				   .reached = json_object(),
				   .pools = json_object(),
				   .guests = json_object() };
	return shared;
}

void shared_free(struct shared *shared)
{
	if (!shared)
		return;
	json_decref(shared->groups);
	json_decref(shared->networks);
	json_decref(shared->routers);
	json_decref(shared->network_facts);
	json_decref(shared->l2_networks);
	json_decref(shared->reached);
	json_decref(shared->pools);
	json_decref(shared->guests);
	free(shared);
}

int shared_network(struct shared *shared, const char *uuid, json_t **facts, struct err *err)
{
	struct l3_network network = { 0 };
	int ret;

	*facts = json_object_get(shared->network_facts, uuid);
	if (*facts)
		return 0;
	ret = model_load(shared->model, &l3_network_type, uuid, &network, err);
	if (ret == 0) {
		*facts = json_pack("{s:s, s:s*, s:b}", "l2", network.l2_network, "router",
				   network.vpc_router, "flat",
				   (int)(network.architecture == L3_FLAT));
		json_object_set_new(shared->network_facts, uuid, *facts);
	}
	model_clear(&l3_network_type, &network);
	return ret;
}
