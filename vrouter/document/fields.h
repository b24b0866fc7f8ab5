/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fields.h - the field tables of the router's sections. */
#ifndef WEFT_VROUTER_DOCUMENT_FIELDS_H
#define WEFT_VROUTER_DOCUMENT_FIELDS_H

#include "lib/base/field.h"

extern const struct field router_fields[], interface_fields[], dns_fields[], dhcp_fields[],
	vip_fields[], eip_fields[], port_forward_fields[], load_balancer_fields[],
	certificate_fields[], ipsec_fields[], route_fields[], firewall_fields[], ha_fields[];

#define FIELD_UUID_OF(type)                                                        \
	{                                                                          \
		"uuid", FIELD_UUID, offsetof(struct type, object.uuid),            \
			.required = true, .doc = "Names the object; never reused." \
	}

#endif
