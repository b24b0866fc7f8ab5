/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Typed ways into the host's document. */
#include "hostnet/document/host.h"

const struct host *host_of(const struct document *document)
{
	return (const void *)document_single(document, SECTION_HOST);
}

const struct l2_network *host_l2(const struct document *document, const char *uuid)
{
	return (const void *)document_find(document, SECTION_L2_NETWORKS, uuid);
}

const struct l3_network *host_l3(const struct document *document, const char *uuid)
{
	return (const void *)document_find(document, SECTION_L3_NETWORKS, uuid);
}

const struct port *host_port(const struct document *document, const char *uuid)
{
	return (const void *)document_find(document, SECTION_PORTS, uuid);
}

const struct vm *host_vm(const struct document *document, const char *uuid)
{
	return (const void *)document_find(document, SECTION_VMS, uuid);
}

const struct security_group *host_group(const struct document *document, const char *uuid)
{
	return (const void *)document_find(document, SECTION_SECURITY_GROUPS, uuid);
}

const struct port_address *port_address(const struct port *port, size_t i)
{
	const struct port_address *addresses = port->addresses.items;

	return i < port->addresses.n ? &addresses[i] : NULL;
}

/* FNV-1a. */
uint64_t link_digest(const char *text)
{
	uint64_t digest = 0xcbf29ce484222325;

	for (; *text; text++)
		digest = (digest ^ (unsigned char)*text) * 0x100000001b3;
	return digest ^ digest >> 40;
}
