/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hostnet/services.h"

#include <stdlib.h>

#include "hostnet/service/dhcp.h"
#include "hostnet/service/responder.h"
#include "hostnet/service/user_data.h"
#include "lib/backend/child/child_told.h"

struct services {
	struct agent *agent;
	struct responders *responders;
	struct dhcp *dhcp;
	struct user_data *user_data;
	char failure[160]; /* The answer of services_failure(). */
};

static void on_changed(void *data)
{
	agent_status_changed(((struct services *)data)->agent);
}

static const struct document *document(void *data)
{
	return agent_document(((struct services *)data)->agent);
}

static void join(struct agent *agent, struct provider provider)
{
	engine_add_provider(agent_engine(agent), &provider);
}

int services_start(struct agent *agent, struct err *err)
{
	struct services *services = mem_alloc(sizeof(*services));
	const char *run_dir = agent_run_dir(agent);

	services->agent = agent;
	agent_set_data(agent, services);
	if (responders_new(run_dir, &services->responders, err) < 0 ||
	    dhcp_new(agent_base(agent), run_dir, services->responders, on_changed, services,
		     &services->dhcp, err) < 0)
		return err->code;
	services->user_data =
		user_data_new(agent_base(agent), services->responders, document, services);
	join(agent, responders_provider(services->responders));
	join(agent, dhcp_provider(services->dhcp));
	join(agent, user_data_provider(services->user_data));
	return 0;
}

static void add_status(void *data, const struct child_status *status)
{
	json_array_append_new(data, child_told(status));
}

void services_status(struct agent *agent, json_t *list)
{
	const struct services *services = agent_data(agent);

	dhcp_status(services->dhcp, add_status, list);
}

const char *services_failure(const struct agent *agent, const char *uuid)
{
	struct services *services = agent_data(agent);
	struct child_status status;

	if (!dhcp_status_of(services->dhcp, uuid, &status) ||
	    !child_told_waiting(&status, services->failure, sizeof(services->failure)))
		return NULL;
	return services->failure;
}

void services_stop(struct agent *agent)
{
	struct services *services = agent_data(agent);

	if (!services)
		return;
	user_data_free(services->user_data);
	dhcp_free(services->dhcp);
	responders_free(services->responders);
	free(services);
}
