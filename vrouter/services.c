/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrouter/services.h"

#include <stdlib.h>

#include "lib/backend/child/child_told.h"
#include "lib/backend/dnsmasq/dnsmasq.h"
#include "vrouter/compile/services.h"
#include "vrouter/service/charon.h"
#include "vrouter/service/haproxy.h"

struct services {
	struct agent *agent;
	struct dnsmasq *dnsmasq;
	struct haproxy *haproxy;
	struct charon *charon;
	char failure[160]; /* The answer of services_failure(). */
};

static void on_changed(void *data)
{
	agent_status_changed(((struct services *)data)->agent);
}

static char *certificate(void *data, const char *uuid)
{
	const struct services *services = data;
	const struct document *document = agent_document(services->agent);
	const struct object *object =
		document ? document_find(document, SECTION_CERTIFICATES, uuid) : NULL;

	return object ? certificate_bundle((const void *)object) : NULL;
}

static const char *tunnel_key(void *data, const char *uuid)
{
	const struct services *services = data;
	const struct document *document = agent_document(services->agent);
	const struct object *object =
		document ? document_find(document, SECTION_IPSEC, uuid) : NULL;

	return object ? ((const struct ipsec *)(const void *)object)->auth.psk : NULL;
}

static void join(struct agent *agent, struct provider provider)
{
	engine_add_provider(agent_engine(agent), &provider);
}

int services_start(struct agent *agent, struct err *err)
{
	struct services *services = mem_alloc(sizeof(*services));
	const struct dnsmasq_settings names = { .run_dir = agent_run_dir(agent),
						.name = "dnsmasq",
						.changed = on_changed,
						.data = services };
	const struct haproxy_settings settings = { .run_dir = agent_run_dir(agent),
						   .certificate = certificate,
						   .changed = on_changed,
						   .data = services };
	const struct charon_settings tunnels = { .run_dir = agent_run_dir(agent),
						 .key = tunnel_key,
						 .changed = on_changed,
						 .data = services };

	services->agent = agent;
	agent_set_data(agent, services);
	if (dnsmasq_new(agent_base(agent), &names, &services->dnsmasq, err) < 0 ||
	    haproxy_new(agent_base(agent), &settings, &services->haproxy, err) < 0 ||
	    charon_new(agent_base(agent), &tunnels, agent_facts(agent), &services->charon, err) < 0)
		return err->code;
	join(agent, dnsmasq_provider(services->dnsmasq));
	join(agent, haproxy_provider(services->haproxy));
	join(agent, charon_provider(services->charon));
	return 0;
}

static json_t *add_status(json_t *list, const struct child_status *status)
{
	json_t *json = child_told(status);

	json_array_append_new(list, json);
	return json;
}

void services_status(struct agent *agent, json_t *list)
{
	const struct services *services = agent_data(agent);
	struct child_status status;
	json_t *listeners = json_array(), *connections = json_array();

	dnsmasq_status(services->dnsmasq, &status);
	add_status(list, &status);
	haproxy_child_status(services->haproxy, &status);
	haproxy_status(services->haproxy, listeners);
	json_object_set_new(add_status(list, &status), "listeners", listeners);
	charon_child_status(services->charon, &status);
	charon_status(services->charon, connections);
	json_object_set_new(add_status(list, &status), "connections", connections);
}

const char *services_failure(const struct agent *agent, const char *uuid)
{
	struct services *services = agent_data(agent);
	struct child_status dnsmasq, haproxy;
	const char *failure;

	dnsmasq_status(services->dnsmasq, &dnsmasq);
	haproxy_child_status(services->haproxy, &haproxy);
	if ((dnsmasq_serves(services->dnsmasq, uuid) &&
	     child_told_waiting(&dnsmasq, services->failure, sizeof(services->failure))) ||
	    (haproxy_serves(services->haproxy, uuid) &&
	     child_told_waiting(&haproxy, services->failure, sizeof(services->failure))))
		return services->failure;
	failure = haproxy_failure(services->haproxy, uuid);
	return failure ? failure : charon_failure(services->charon, uuid);
}

struct haproxy *services_haproxy(const struct agent *agent)
{
	return ((const struct services *)agent_data(agent))->haproxy;
}

void services_stop(struct agent *agent)
{
	struct services *services = agent_data(agent);

	if (!services)
		return;
	dnsmasq_free(services->dnsmasq);
	haproxy_free(services->haproxy);
	charon_free(services->charon);
	free(services);
}
