/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A packet as users write and read it. */
#include "vrouter/explain/walk.h"

static const char *const protocols[] = { "tcp", "udp", "icmp", "other", NULL };

#define AT(member) offsetof(struct packet, member)
const struct field packet_fields[] = {
	{ "from", FIELD_IP, AT(from), .required = true, .doc = "Its source address." },
	{ "to", FIELD_IP, AT(to), .required = true, .doc = "Its destination address." },
	{ "protocol", FIELD_CHOICE, AT(protocol), .choices = protocols, .fallback = PACKET_TCP,
	  .doc = "tcp, udp, icmp (an echo request) or other." },
	{ "from_port", FIELD_NUMBER, AT(from_port), .nullable = true, .max = 65535,
	  .doc = "Absent: any." },
	{ "to_port", FIELD_NUMBER, AT(to_port), .nullable = true, .max = 65535,
	  .doc = "Absent: any that nothing special is said of." },
	{ "interface", FIELD_TEXT, AT(interface), .nullable = true, .max = 64,
	  .doc = "By which it comes, uuid or link; absent: where its source is at home." },
	{ 0 },
};
#undef AT

const char *packet_protocol_name(const struct packet *packet)
{
	return protocols[packet->protocol];
}

json_t *packet_json(const struct packet *packet)
{
	json_t *json = json_pack("{s:s, s:s, s:s}", "from", ip_text(&packet->from).s, "to",
				 ip_text(&packet->to).s, "protocol", packet_protocol_name(packet));

	if (packet->from_port)
		json_object_set_new(json, "from_port", json_integer(packet->from_port));
	if (packet->to_port)
		json_object_set_new(json, "to_port", json_integer(packet->to_port));
	return json;
}
