/* SPDX-License-Identifier: GPL-2.0-or-later */
/* field.h - what a record is, said once, as a table of its fields.
 *
 * Decoder, checks at the door (the error names the path), encoder, the Varlink interface's text and
 * the reference pages all read the table. A record is a C struct; a field's value stands in it at
 * an offset, in the C type that the field's type names. */
#ifndef WEFT_BASE_FIELD_H
#define WEFT_BASE_FIELD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/base/net.h"

enum field_type {
	FIELD_TEXT,      /* char *, owned; NULL: not given. min/max: bytes of UTF-8. */
	FIELD_UUID,      /* char *: 1-64 of [A-Za-z0-9._:-]. */
	FIELD_REFERENCE, /* char *: the uuid of an object of section 'target'. */
	FIELD_BOOL,      /* bool; 'fallback' when not given. */
	FIELD_NUMBER,    /* int64_t, min..max; 'fallback' when not given. */
	FIELD_IP,        /* struct ip; family 0: not given. */
	FIELD_PREFIX,    /* struct prefix; family 0: not given. Host bits are kept. */
	FIELD_MAC,       /* struct mac, unicast; all zeroes: not given. */
	FIELD_PORTS,  /* struct port_range; first 0: not given. A JSON text or number. 'max' 1: one
			 port only, shown as a number. */
	FIELD_CHOICE, /* int: index into 'choices'; 'fallback' when not given. */
	FIELD_BASE64, /* struct field_bytes; max: how many. */
	FIELD_RECORD, /* The nested struct itself, of 'fields'; not given: all fallbacks. */
	FIELD_LIST,   /* struct field_list of what 'element' says. Port ranges are shown as, and
			 may be given as, one text: "22,8000-8080". */
};

struct field_bytes {
	uint8_t *bytes; /* Owned. */
	size_t size;
};

struct field_list {
	void *items; /* Owned array; cast to the element's C type. */
	size_t n;
};

/* What becomes of a record when the one that a reference of it names is deleted. */
enum field_at_end {
	FIELD_KEEPS,   /* The other cannot be deleted: this one needs it. */
	FIELD_CLEARS,  /* The reference is taken out. */
	FIELD_FOLLOWS, /* This one is deleted too. */
};

struct field {
	const char *name; /* NULL ends a table. */
	enum field_type type;
	size_t offset;
	bool required;
	bool nullable; /* JSON null is the same as leaving it out. */
	bool secret;   /* Never shown: encoded for others as FIELD_MASK. */
	bool lines;    /* A text that may have line breaks; no other has control characters. */
	int64_t min, max, fallback;
	const char *const *choices;  /* NULL-terminated. */
	const char *target;          /* The section that a reference points into. */
	const struct field *fields;  /* Of a record, or of a list's records. */
	size_t size;                 /* sizeof one record, for lists of records. */
	const struct field *element; /* Of a list of anything else: one field without name. */
	const char *unit;            /* "bytes", "s"; NULL: none. */
	const char *doc;             /* One sentence. */

	/* Of records that are kept in a store. */
	bool computed;            /* The program fills it in; it cannot be given. */
	bool immutable;           /* Given when the record is made, never changed. */
	bool transient;           /* Given when the record is made, and not kept. */
	bool hashed;              /* A password: its hash is kept. */
	bool unique;              /* No two records of a table have the same. */
	bool indexed;             /* Looked for often; references always are. */
	enum field_at_end at_end; /* Of a reference, or a list of them. */
};

/* What stands for a secret in everything that is shown. Given back, it means: as it is. */
#define FIELD_MASK "********"

/* Fills 'record' (zeroed, of the table's struct) from a JSON object. On failure the record is
 * cleared and 'err' has sentence and path. Unknown names are refused. */
int field_decode(const struct field *fields, json_t *json, void *record, struct err *err);

/* The JSON object of a record, a new reference. Fields that were not given are left out.
 * 'with_secrets' is for the state on disk alone. */
json_t *field_encode(const struct field *fields, const void *record, bool with_secrets);

/* Where 'record' holds FIELD_MASK in a secret field, puts in what 'held' (may be NULL) has there;
 * records in lists are matched by their "uuid". -EINVAL with path if there is nothing to put. */
int field_unmask(const struct field *fields, void *record, const void *held, struct err *err);

/* Frees what the record owns and zeroes it. */
void field_clear(const struct field *fields, void *record);

/* The table's lines in a Varlink type: "(\n  uuid: string,\n  mtu: ?int\n)". A new text. */
char *field_interface(const struct field *fields);

#endif
