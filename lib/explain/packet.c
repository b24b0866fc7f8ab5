/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/explain/packet.h"

#include <netinet/in.h>
#include <string.h>

static const char *const protocols[] = { "tcp", "udp", "icmp", "other", NULL };

#define AT(member) offsetof(struct packet, member)
const struct field packet_fields[] = {
	{ "from", FIELD_IP, AT(from), .nullable = true, .doc = "Its source address." },
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

static struct ip get_address(const uint8_t *bytes, uint8_t family)
{
	struct ip ip = { .family = family };

	memcpy(ip.bytes, bytes, family == 4 ? 4 : 16);
	return ip;
}

static int64_t get_port(const uint8_t *bytes)
{
	return bytes[0] << 8 | bytes[1];
}

bool packet_read(struct packet *packet, const uint8_t *network, size_t n_network,
		 const uint8_t *transport, size_t n_transport)
{
	uint8_t version = n_network ? network[0] >> 4 : 0;
	uint8_t protocol;

	if ((version != 4 || n_network < 20) && (version != 6 || n_network < 40))
		return false;
	packet->from = get_address(network + (version == 4 ? 12 : 8), version);
	packet->to = get_address(network + (version == 4 ? 16 : 24), version);
	protocol = network[version == 4 ? 9 : 6];
	packet->protocol = protocol == IPPROTO_TCP                                  ? PACKET_TCP
			   : protocol == IPPROTO_UDP                                ? PACKET_UDP
			   : protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6 ? PACKET_ICMP
										    : PACKET_OTHER;
	packet->from_port = packet->to_port = 0;
	if ((packet->protocol == PACKET_TCP || packet->protocol == PACKET_UDP) &&
	    n_transport >= 4) {
		packet->from_port = get_port(transport);
		packet->to_port = get_port(transport + 2);
	}
	return true;
}
