/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The method Explain, and how packets are spoken of. */
#include <errno.h>

#include "lib/agent/agent_state.h"
#include "lib/agent/reply.h"
#include "lib/explain/packet.h"

const char agent_packet_interface[] =
	"\ntype Packet (\n  from: ?string,\n  to: string,\n  protocol: ?string,\n"
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

void agent_explain_method(struct wire_call *call, json_t *parameters, void *data)
{
	static const char *const names[] = { "packet", NULL };
	struct agent *agent = data;
	struct packet packet = { 0 };
	struct err err = ERR_NONE;
	json_t *reply = NULL;

	if (reply_unknown(agent, call, parameters, names))
		return;
	if (!agent->document)
		err_set(&err, -EINVAL, "no document is held yet");
	else if (field_decode(packet_fields, json_object_get(parameters, "packet"), &packet, &err) <
		 0)
		err_at(&err, "packet");
	else
		reply = agent->type->explain(agent, &packet, &err);
	if (reply)
		wire_reply(call, reply);
	else
		reply_error(agent, call, &err);
	field_clear(packet_fields, &packet);
	err_clear(&err);
}
