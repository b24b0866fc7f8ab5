/* SPDX-License-Identifier: GPL-2.0-or-later */
/* interface.h - the text that defines a Varlink interface (varlink.org, "Interface Definition").
 *
 * Here it is only read: whether it is well formed, and what it declares. */
#ifndef WEFT_WIRE_INTERFACE_H
#define WEFT_WIRE_INTERFACE_H

#include "lib/base/err.h"

enum wire_member {
	WIRE_MEMBER_TYPE,
	WIRE_MEMBER_METHOD,
	WIRE_MEMBER_ERROR,
};

/* 'name' is the member's alone, without the interface's; it lives as long as the call. */
typedef void wire_member_fn(enum wire_member member, const char *name, void *data);

/* Reads the whole of 'text' and calls 'found' (may be NULL) for each member in its order. Stores
 * the interface's name, the caller's to free, if 'name' is not NULL.
 *
 * -EINVAL: the text is no interface definition; the sentence tells the line. A type that is named
 * and not declared, and a member that is declared twice, are refused as well. */
int wire_interface_read(const char *text, char **name, wire_member_fn *found, void *data,
			struct err *err);

#endif
