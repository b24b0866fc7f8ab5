/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the documents of many hosts have in common.
 *
 * What was made before the model changed is kept, to be found equal: a thousand documents that were
 * made at a thousand moments then hold one object, not a thousand. */
#include <stdlib.h>

#include "controller/project/part.h"

/* What nobody holds any more is looked for now and then. */
#define LOOK_AFTER 1024

struct shared *shared_new(struct model *model)
{
	struct shared *shared = mem_alloc(sizeof(*shared));

	shared->model = model;
	for (size_t i = 0; i < N_SHARED; i++) {
		shared->now[i] = json_object();
		shared->kept[i] = json_object();
	}
	return shared;
}

void shared_free(struct shared *shared)
{
	if (!shared)
		return;
	for (size_t i = 0; i < N_SHARED; i++) {
		json_decref(shared->now[i]);
		json_decref(shared->kept[i]);
	}
	free(shared);
}

static void drop_unheld(json_t *kept)
{
	const char *uuid;
	json_t *value;
	void *after;

	json_object_foreach_safe(kept, after, uuid, value) if (value->refcount == 1)
		json_object_del(kept, uuid);
}

void shared_forget(struct shared *shared)
{
	bool look = ++shared->n_forgotten % LOOK_AFTER == 0;

	for (size_t i = 0; i < N_SHARED; i++) {
		if (json_object_size(shared->now[i]))
			json_object_clear(shared->now[i]);
		if (look)
			drop_unheld(shared->kept[i]);
	}
}

json_t *shared_find(const struct shared *shared, enum shared_kind kind, const char *uuid)
{
	return json_object_get(shared->now[kind], uuid);
}

json_t *shared_put(struct shared *shared, enum shared_kind kind, const char *uuid, json_t *made)
{
	json_t *kept = json_object_get(shared->kept[kind], uuid);

	if (kept && json_equal(kept, made)) {
		json_decref(made);
	} else {
		json_object_set_new(shared->kept[kind], uuid, made);
		kept = made;
	}
	json_object_set(shared->now[kind], uuid, kept);
	return kept;
}

int shared_get(struct shared *shared, enum shared_kind kind, const char *uuid, shared_make_fn *make,
	       json_t **ret, struct err *err)
{
	json_t *made;

	*ret = shared_find(shared, kind, uuid);
	if (*ret)
		return 0;
	if (make(shared, uuid, &made, err) < 0)
		return err->code;
	*ret = shared_put(shared, kind, uuid, made);
	return 0;
}

static int make_facts(struct shared *shared, const char *uuid, json_t **made, struct err *err)
{
	struct l3_network network = { 0 };
	int ret = model_load(shared->model, &l3_network_type, uuid, &network, err);

	if (ret == 0)
		*made = json_pack("{s:s, s:s*, s:b}", "l2", network.l2_network, "router",
				  network.vpc_router, "flat",
				  (int)(network.architecture == L3_FLAT));
	model_clear(&l3_network_type, &network);
	return ret;
}

int shared_network(struct shared *shared, const char *uuid, json_t **facts, struct err *err)
{
	return shared_get(shared, SHARED_FACTS, uuid, make_facts, facts, err);
}
