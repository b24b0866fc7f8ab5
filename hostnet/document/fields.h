/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fields.h - the field tables of the host's sections. */
#ifndef WEFT_HOSTNET_DOCUMENT_FIELDS_H
#define WEFT_HOSTNET_DOCUMENT_FIELDS_H

#include "lib/base/field.h"

extern const struct field host_fields[], l2_fields[], l3_fields[], port_fields[], vm_fields[],
	group_fields[], host_eip_fields[], host_router_fields[], vtep_fields[], l2_guest_fields[],
	group_member_fields[];

#define FIELD_UUID_OF(type)                                                        \
	{                                                                          \
		"uuid", FIELD_UUID, offsetof(struct type, object.uuid),            \
			.required = true, .doc = "Names the object; never reused." \
	}

#endif
