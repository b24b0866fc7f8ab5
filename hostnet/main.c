/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hostnetd - gives the guests of the machine it is started on the networks that a document says. */
#include "hostnet/compile/compile.h"
#include "hostnet/counters.h"
#include "hostnet/explain/explain.h"
#include "hostnet/interface.h"
#include "hostnet/probes.h"
#include "hostnet/services.h"
#include "hostnet/trace/traced.h"
#include "lib/agent/agent.h"

static int start(struct agent *agent, struct err *err)
{
	agent_add_method(agent, "Counters", method_counters);
	return probes_start(agent, err) < 0 ? err->code : services_start(agent, err);
}

static json_t *explain(struct agent *agent, const struct packet *packet, struct err *err)
{
	return host_explain(agent_document(agent), agent_facts(agent), agent_notes(agent), packet,
			    err);
}

int main(int argc, char **argv)
{
	static const struct agent_type type = {
		.program = "hostnetd",
		.description =
			"Gives the guests of this machine the networks that a document says.",
		.interface = HOSTNET_INTERFACE,
		.interface_text = host_interface_text,
		.default_state = "/var/lib/weft/hostnet",
		.default_run = "/run/weft",
		.default_socket = "unix:/run/weft/hostnet.sock",
		.table = "weft_host",
		.document = &host_document,
		.compile = host_compile,
		.compile_object = host_compile_object,
		.compile_local = host_compile_local,
		.affected = host_affected,
		.affected_by_link = host_affected_by_link,
		.start = start,
		.status = services_status,
		.failure = services_failure,
		.metrics = counters_metrics,
		.counters = host_counters,
		.explain = explain,
		.trace_family = "bridge",
		.trace_check = host_trace_check,
		.traced = host_traced,
		.stop = services_stop,
	};

	return agent_main(&type, argc, argv);
}
