/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tables of the services on a router's VIPs. */
#include "vrouter/document/fields.h"
#include "vrouter/document/router.h"

static const struct field prefix_element[] = { { .type = FIELD_PREFIX } };

#define VIP_REFERENCE(type)                                                                       \
	{                                                                                         \
		"vip", FIELD_REFERENCE, offsetof(struct type, vip),                               \
			.required = true, .target = SECTION_VIPS, .doc = "The VIP that it is on." \
	}

#define AT(member) offsetof(struct vip_qos, member)
static const struct field vip_qos_fields[] = {
	{ "uuid", FIELD_UUID, AT(uuid), .required = true, .doc = "Names the rule." },
	{ "port", FIELD_PORTS, AT(port), .nullable = true, .max = 1,
	  .doc = "The VIP's port; absent: all that has no rule of its own." },
	{ "up_mbps", FIELD_NUMBER, AT(up_mbps), .nullable = true, .max = 100000, .unit = "Mbit/s",
	  .doc = "Away from the guests; absent: no limit." },
	{ "down_mbps", FIELD_NUMBER, AT(down_mbps), .nullable = true, .max = 100000,
	  .unit = "Mbit/s", .doc = "Towards the guests; absent: no limit." },
	{ 0 },
};
#undef AT

#define AT(member) offsetof(struct vip, member)
const struct field vip_fields[] = {
	FIELD_UUID_OF(vip),
	{ "address", FIELD_IP, AT(address), .required = true, .doc = "On a public network." },
	{ "network", FIELD_UUID, AT(network), .required = true, .doc = "Of a public interface." },
	{ "system", FIELD_BOOL, AT(system), .doc = "The router's own public address." },
	{ "qos", FIELD_LIST, AT(qos), .fields = vip_qos_fields, .size = sizeof(struct vip_qos),
	  .doc = "Limits of the VIP and of single ports." },
	{ 0 },
};
#undef AT

#define AT(member) offsetof(struct eip, member)
const struct field eip_fields[] = {
	FIELD_UUID_OF(eip),
	VIP_REFERENCE(eip),
	{ "target", FIELD_IP, AT(target), .required = true, .doc = "The guest's address." },
	{ 0 },
};
#undef AT

static const char *const protocols[] = { "tcp", "udp", NULL };

#define AT(member) offsetof(struct port_forward, member)
const struct field port_forward_fields[] = {
	FIELD_UUID_OF(port_forward),
	VIP_REFERENCE(port_forward),
	{ "protocol", FIELD_CHOICE, AT(protocol), .required = true, .choices = protocols,
	  .doc = "tcp or udp." },
	{ "vip_ports", FIELD_PORTS, AT(vip_ports), .required = true, .doc = "A port or a range." },
	{ "target", FIELD_IP, AT(target), .required = true, .doc = "The guest's address." },
	{ "target_ports", FIELD_PORTS, AT(target_ports), .nullable = true,
	  .doc = "As many as vip_ports, one to one; absent: the same." },
	{ "allowed_cidr", FIELD_PREFIX, AT(allowed_cidr), .nullable = true,
	  .doc = "Only these clients; absent: everyone." },
	{ 0 },
};
#undef AT

#define AT(what) offsetof(struct member, what)
static const struct field member_fields[] = {
	{ "uuid", FIELD_UUID, AT(uuid), .required = true, .doc = "Names the member." },
	{ "address", FIELD_IP, AT(address), .required = true, .doc = "The guest's address." },
	{ "weight", FIELD_NUMBER, AT(weight), .max = 256, .fallback = 100,
	  .doc = "Share of new connections." },
	{ 0 },
};
#undef AT

static const char *const listener_protocols[] = { "tcp", "http", "https", NULL };
static const char *const algorithms[] = { "roundrobin", "leastconn", "source", NULL };
static const struct field certificate_element[] = {
	{ .type = FIELD_REFERENCE, .target = SECTION_CERTIFICATES },
};

#define AT(member) offsetof(struct listener, member)
static const struct field listener_fields[] = {
	{ "uuid", FIELD_UUID, AT(uuid), .required = true, .doc = "Names the listener." },
	{ "protocol", FIELD_CHOICE, AT(protocol), .choices = listener_protocols,
	  .doc = "tcp, http or https." },
	{ "port", FIELD_NUMBER, AT(port), .required = true, .min = 1, .max = 65535,
	  .doc = "The VIP's port." },
	{ "target_port", FIELD_NUMBER, AT(target_port), .required = true, .min = 1, .max = 65535,
	  .doc = "The members' port." },
	{ "algorithm", FIELD_CHOICE, AT(algorithm), .choices = algorithms,
	  .doc = "roundrobin, leastconn or source." },
	{ "idle_timeout_s", FIELD_NUMBER, AT(idle_timeout_s), .min = 1, .max = 86400,
	  .fallback = 60, .unit = "s", .doc = "A silent connection is closed then." },
	{ "healthy_threshold", FIELD_NUMBER, AT(healthy_threshold), .min = 1, .max = 100,
	  .fallback = 2, .doc = "Good checks in a row that make a member healthy." },
	{ "unhealthy_threshold", FIELD_NUMBER, AT(unhealthy_threshold), .min = 1, .max = 100,
	  .fallback = 2, .doc = "Failed checks in a row that make it unhealthy." },
	{ "health_interval_s", FIELD_NUMBER, AT(health_interval_s), .min = 1, .max = 3600,
	  .fallback = 5, .unit = "s", .doc = "Between two checks." },
	{ "max_connections", FIELD_NUMBER, AT(max_connections), .min = 1, .max = 1000000,
	  .fallback = 5000, .doc = "At a time; more wait." },
	{ "certificate", FIELD_REFERENCE, AT(certificate), .nullable = true,
	  .target = SECTION_CERTIFICATES,
	  .doc = "https only; without one the listener is inactive." },
	{ "certificates", FIELD_LIST, AT(certificates), .element = certificate_element,
	  .doc = "More of them, chosen by the name that the client asks for." },
	{ "members", FIELD_LIST, AT(members), .fields = member_fields,
	  .size = sizeof(struct member), .doc = "Who serves." },
	{ 0 },
};
#undef AT

#define AT(member) offsetof(struct load_balancer, member)
const struct field load_balancer_fields[] = {
	FIELD_UUID_OF(load_balancer),
	VIP_REFERENCE(load_balancer),
	{ "listeners", FIELD_LIST, AT(listeners), .fields = listener_fields,
	  .size = sizeof(struct listener), .doc = "One for each port." },
	{ 0 },
};
#undef AT

#define PEM_MAX    65536
#define AT(member) offsetof(struct certificate, member)
const struct field certificate_fields[] = {
	FIELD_UUID_OF(certificate),
	{ "certificate_pem", FIELD_TEXT, AT(certificate_pem), .lines = true, .required = true,
	  .max = PEM_MAX, .doc = "The certificate, PEM." },
	{ "chain_pem", FIELD_TEXT, AT(chain_pem), .lines = true, .nullable = true,
	  .max = 4 * PEM_MAX, .doc = "Its issuers, PEM, in any order." },
	{ "private_key_pem", FIELD_TEXT, AT(private_key_pem), .lines = true, .required = true,
	  .max = PEM_MAX, .secret = true, .doc = "Its key, PEM. Never shown." },
	{ 0 },
};
#undef AT

static const char *const modes[] = { "psk", NULL };
static const char *const hashes[] = { "md5", "sha1", "sha256", "sha384", "sha512", NULL };
static const char *const ciphers[] = { "3des", "aes-128", "aes-192", "aes-256", NULL };
const char *const ipsec_pfs_choices[] = { "disabled",   "dh-group2",  "dh-group5",  "dh-group14",
					  "dh-group15", "dh-group16", "dh-group17", "dh-group18",
					  "dh-group19", "dh-group20", "dh-group21", NULL };

int ipsec_pfs_group(int choice)
{
	static const int groups[] = { 0, 2, 5, 14, 15, 16, 17, 18, 19, 20, 21 };

	return groups[choice];
}

#define AT(member)     offsetof(struct ipsec, member)
#define IN(of, member) (offsetof(struct ipsec, of.member) - offsetof(struct ipsec, of))
static const struct field auth_fields[] = {
	{ "mode", FIELD_CHOICE, IN(auth, mode), .choices = modes, .doc = "psk." },
	{ "psk", FIELD_TEXT, IN(auth, psk), .required = true, .min = 1, .max = 512, .secret = true,
	  .doc = "The pre-shared key. Never shown." },
	{ 0 },
};

static const struct field ike_fields[] = {
	{ "auth", FIELD_CHOICE, IN(ike, auth), .choices = hashes, .fallback = HASH_SHA1,
	  .doc = "md5, sha1, sha256, sha384 or sha512." },
	{ "encryption", FIELD_CHOICE, IN(ike, encryption), .choices = ciphers,
	  .doc = "3des, aes-128, aes-192 or aes-256." },
	{ "dh_group", FIELD_NUMBER, IN(ike, dh_group), .min = 2, .max = 21, .fallback = 2,
	  .doc = "2, 5 or 14-21." },
	{ 0 },
};

static const struct field esp_fields[] = {
	{ "auth", FIELD_CHOICE, IN(esp, auth), .choices = hashes, .fallback = HASH_SHA1,
	  .doc = "md5, sha1, sha256, sha384 or sha512." },
	{ "encryption", FIELD_CHOICE, IN(esp, encryption), .choices = ciphers,
	  .doc = "3des, aes-128, aes-192 or aes-256." },
	{ "pfs", FIELD_CHOICE, IN(esp, pfs), .choices = ipsec_pfs_choices, .fallback = 1,
	  .doc = "disabled, dh-group2, dh-group5 or dh-group14 to dh-group21." },
	{ 0 },
};

const struct field ipsec_fields[] = {
	FIELD_UUID_OF(ipsec),
	VIP_REFERENCE(ipsec),
	{ "local_cidrs", FIELD_LIST, AT(local_cidrs), .required = true, .element = prefix_element,
	  .doc = "What the peer may reach here." },
	{ "remote_address", FIELD_IP, AT(remote_address), .required = true,
	  .doc = "The peer's public address." },
	{ "remote_cidrs", FIELD_LIST, AT(remote_cidrs), .required = true, .element = prefix_element,
	  .doc = "What is behind the peer." },
	{ "auth", FIELD_RECORD, AT(auth), .required = true, .fields = auth_fields,
	  .size = sizeof(((struct ipsec *)0)->auth), .doc = "How the two know each other." },
	{ "ike_version", FIELD_NUMBER, AT(ike_version), .min = 1, .max = 2, .fallback = 1,
	  .doc = "1 (main mode) or 2." },
	{ "ike", FIELD_RECORD, AT(ike), .fields = ike_fields,
	  .size = sizeof(((struct ipsec *)0)->ike), .doc = "Of the key exchange." },
	{ "esp", FIELD_RECORD, AT(esp), .fields = esp_fields,
	  .size = sizeof(((struct ipsec *)0)->esp), .doc = "Of the traffic." },
	{ 0 },
};
