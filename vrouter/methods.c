/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrouter/methods.h"

#include <errno.h>

#include "lib/agent/reply.h"
#include "vrouter/counters_method.h"
#include "vrouter/explain/explain.h"

static const char explain_interface[] =
	"\ntype Packet (\n  from: string,\n  to: string,\n  protocol: ?string,\n"
	"  from_port: ?int,\n  to_port: ?int,\n  interface: ?string\n)\n\n"
	"type Step (\n  object: ?string,\n  section: ?string,\n  action: string,\n  text: string,\n"
	"  packet: ?Packet\n)\n\n"
	"# What would happen to a packet, and which objects decide.\n"
	"method Explain(packet: Packet) -> (steps: []Step, verdict: string, packet: Packet)\n\n"
	"type PacketFilter (\n  from: ?string,\n  to: ?string,\n  protocol: ?string,\n"
	"  from_port: ?int,\n  to_port: ?int,\n  interface: ?string\n)\n\n"
	"# What does happen in the kernel to the next packets that fit; replies do not. With "
	"'more'\n"
	"# an answer each; the last one says what ended it: count, or seconds. Lost: the kernel "
	"told\n"
	"# more than could be read.\n"
	"method Trace(packet: ?PacketFilter, count: ?int, seconds: ?int) -> (\n"
	"  begun: ?bool,\n  steps: ?[]Step,\n  verdict: ?string,\n  packet: ?Packet,\n"
	"  lost: ?bool,\n"
	"  ended: ?string,\n  packets: ?int\n)\n";

static void method_explain(struct wire_call *call, json_t *parameters, void *data)
{
	static const char *const names[] = { "packet", NULL };
	struct agent *agent = data;
	struct packet packet = { 0 };
	struct err err = ERR_NONE;
	json_t *reply = NULL;

	if (reply_unknown(agent, call, parameters, names))
		return;
	if (!agent_document(agent))
		err_set(&err, -EINVAL, "no document is held yet");
	else if (field_decode(packet_fields, json_object_get(parameters, "packet"), &packet, &err) <
		 0)
		err_at(&err, "packet");
	else
		reply = router_explain(agent_document(agent), agent_facts(agent), &packet, &err);
	if (reply)
		wire_reply(call, reply);
	else
		reply_error(agent, call, &err);
	field_clear(packet_fields, &packet);
	err_clear(&err);
}

char *methods_interface(void)
{
	return mem_format("%s%s", explain_interface, counters_interface);
}

void methods_add(struct agent *agent)
{
	agent_add_method(agent, "Explain", method_explain);
	agent_add_method(agent, "Counters", method_counters);
}
