/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vrouterd - makes the network namespace it is started in the router that a document says. */
#include "lib/agent/agent.h"
#include "vrouter/compile/compile.h"
#include "vrouter/counters_method.h"
#include "vrouter/explain/explain.h"
#include "vrouter/interface.h"
#include "vrouter/methods.h"
#include "vrouter/metrics.h"
#include "vrouter/services.h"
#include "vrouter/trace/traced.h"

static int start(struct agent *agent, struct err *err)
{
	methods_add(agent);
	return services_start(agent, err);
}

static json_t *explain(struct agent *agent, const struct packet *packet, struct err *err)
{
	return router_explain(agent_document(agent), agent_facts(agent), packet, err);
}

int main(int argc, char **argv)
{
	static const struct agent_type type = {
		.program = "vrouterd",
		.description = "Makes this network namespace the router that a document says.",
		.interface = VROUTER_INTERFACE,
		.interface_text = vrouter_interface_text,
		.default_state = "/var/lib/weft/vrouter",
		.default_run = "/run/weft",
		.default_socket = "unix:/run/weft/vrouter.sock",
		.table = "weft",
		.cuts_connections = true,
		.document = &router_document,
		.compile = router_compile,
		.compile_object = router_compile_object,
		.compile_local = router_compile_local,
		.affected = router_affected,
		.start = start,
		.status = services_status,
		.failure = services_failure,
		.metrics = router_metrics,
		.counters = router_counters,
		.explain = explain,
		.trace_family = "inet",
		.trace_check = router_trace_check,
		.traced = router_traced,
		.stop = services_stop,
	};

	return agent_main(&type, argc, argv);
}
