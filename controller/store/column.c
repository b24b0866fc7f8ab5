/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values of fields as SQLite has them: so that they compare and sort by what they mean. Addresses
 * are bytes in network order, ports numbers, choices their words; what is more than one value is
 * JSON. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "controller/store/db_state.h"
#include "lib/base/field_value.h"

bool column_is_links(const struct field *field)
{
	return field->type == FIELD_LIST && field->element &&
	       field->element->type == FIELD_REFERENCE && !field->transient;
}

bool column_is(const struct field *field)
{
	return !field->transient && !column_is_links(field);
}

const char *column_type(const struct field *field)
{
	switch (field->type) {
	case FIELD_BOOL:
	case FIELD_NUMBER:
	case FIELD_PORTS:
		return "INTEGER";
	case FIELD_IP:
	case FIELD_PREFIX:
	case FIELD_BASE64:
		return "BLOB";
	case FIELD_TEXT:
	case FIELD_UUID:
	case FIELD_REFERENCE:
	case FIELD_MAC:
	case FIELD_CHOICE:
	case FIELD_RECORD:
	case FIELD_LIST:
		return "TEXT";
	}
	return "TEXT";
}

/* Family, address, length of a prefix. */
#define ADDRESS_BYTES 18

static size_t put_address(uint8_t bytes[ADDRESS_BYTES], const struct ip *ip)
{
	bytes[0] = ip->family;
	memcpy(bytes + 1, ip->bytes, ip_size(ip));
	return 1 + ip_size(ip);
}

static int bind_address(sqlite3_stmt *statement, int at, const struct ip *ip, int length)
{
	uint8_t bytes[ADDRESS_BYTES];
	size_t size = put_address(bytes, ip);

	if (length >= 0)
		bytes[size++] = (uint8_t)length;
	return sqlite3_bind_blob(statement, at, bytes, (int)size, SQLITE_TRANSIENT);
}

static int bind_text(sqlite3_stmt *statement, int at, const char *text)
{
	return sqlite3_bind_text(statement, at, text, -1, SQLITE_TRANSIENT);
}

/* The one field as a table of its own, at the begin of its struct. */
static int bind_json(sqlite3_stmt *statement, int at, const struct field *field, const void *value)
{
	struct field alone[2] = { *field, { 0 } };
	AUTO(free_ptr) char *text = NULL;
	json_t *json;

	alone[0].offset = 0;
	json = field_encode(alone, value, true);
	text = json_dumps(json_object_get(json, field->name), JSON_COMPACT | JSON_ENCODE_ANY);
	json_decref(json);
	return bind_text(statement, at, text);
}

int column_bind(sqlite3_stmt *statement, int at, const struct field *field, const void *value)
{
	const struct field_bytes *bytes = value;
	const struct port_range *ports = value;
	const struct prefix *prefix = value;

	if (!field_value_given(field, value))
		return sqlite3_bind_null(statement, at);
	switch (field->type) {
	case FIELD_TEXT:
	case FIELD_UUID:
	case FIELD_REFERENCE:
		return bind_text(statement, at, *(char *const *)value);
	case FIELD_BOOL:
		return sqlite3_bind_int(statement, at, *(const bool *)value);
	case FIELD_NUMBER:
		return sqlite3_bind_int64(statement, at, *(const int64_t *)value);
	case FIELD_IP:
		return bind_address(statement, at, value, -1);
	case FIELD_PREFIX:
		return bind_address(statement, at, &prefix->ip, prefix->length);
	case FIELD_MAC:
		return bind_text(statement, at, mac_text(value).s);
	case FIELD_PORTS:
		return sqlite3_bind_int64(statement, at, (int64_t)ports->first << 16 | ports->last);
	case FIELD_CHOICE:
		return bind_text(statement, at, field->choices[*(const int *)value]);
	case FIELD_BASE64:
		return sqlite3_bind_blob(statement, at, bytes->bytes, (int)bytes->size,
					 SQLITE_TRANSIENT);
	case FIELD_RECORD:
	case FIELD_LIST:
		return bind_json(statement, at, field, value);
	}
	return SQLITE_MISUSE;
}

static int damaged(const struct field *field, struct err *err)
{
	return err_set(err, -EBADMSG, "database: %s holds what it never had", field->name);
}

static int read_address(sqlite3_stmt *statement, int at, const struct field *field, void *value,
			struct err *err)
{
	const uint8_t *bytes = sqlite3_column_blob(statement, at);
	size_t size = (size_t)sqlite3_column_bytes(statement, at);
	struct prefix *prefix = value;
	struct ip *ip = field->type == FIELD_IP ? value : &prefix->ip;
	size_t more = field->type == FIELD_PREFIX;

	if (!size || (bytes[0] != 4 && bytes[0] != 6) ||
	    size != 1 + (bytes[0] == 4 ? 4 : 16) + more)
		return damaged(field, err);
	ip->family = bytes[0];
	memcpy(ip->bytes, bytes + 1, size - 1 - more);
	if (more)
		prefix->length = bytes[size - 1];
	return 0;
}

static int read_choice(const char *word, const struct field *field, int *value, struct err *err)
{
	for (int i = 0; field->choices[i]; i++) {
		if (strcmp(field->choices[i], word) != 0)
			continue;
		*value = i;
		return 0;
	}
	return damaged(field, err);
}

static int read_json(const char *text, const struct field *field, void *value, struct err *err)
{
	struct field alone[2] = { *field, { 0 } };
	json_t *json = json_loads(text, JSON_DECODE_ANY, NULL), *object;
	int ret;

	if (!json)
		return damaged(field, err);
	alone[0].offset = 0;
	object = json_pack("{s:o}", field->name, json);
	ret = field_decode(alone, object, value, err);
	json_decref(object);
	return ret;
}

static void read_bytes(sqlite3_stmt *statement, int at, struct field_bytes *value)
{
	value->size = (size_t)sqlite3_column_bytes(statement, at);
	value->bytes = mem_alloc(value->size + 1);
	if (value->size)
		memcpy(value->bytes, sqlite3_column_blob(statement, at), value->size);
}

int column_read(sqlite3_stmt *statement, int at, const struct field *field, void *value,
		struct err *err)
{
	int64_t number = sqlite3_column_int64(statement, at);
	const char *text;

	if (sqlite3_column_type(statement, at) == SQLITE_NULL) {
		field_value_fallback(field, value);
		return 0;
	}
	if (field->type == FIELD_IP || field->type == FIELD_PREFIX)
		return read_address(statement, at, field, value, err);
	if (field->type == FIELD_BASE64) {
		read_bytes(statement, at, value);
		return 0;
	}
	text = (const char *)sqlite3_column_text(statement, at);
	switch (field->type) {
	case FIELD_TEXT:
	case FIELD_UUID:
	case FIELD_REFERENCE:
		*(char **)value = mem_text(text);
		return 0;
	case FIELD_BOOL:
		*(bool *)value = number != 0;
		return 0;
	case FIELD_NUMBER:
		*(int64_t *)value = number;
		return 0;
	case FIELD_MAC:
		return mac_parse(text, value, err);
	case FIELD_PORTS:
		*(struct port_range *)value =
			(struct port_range){ (uint16_t)(number >> 16), (uint16_t)number };
		return 0;
	case FIELD_CHOICE:
		return read_choice(text, field, value, err);
	case FIELD_RECORD:
	case FIELD_LIST:
		return read_json(text, field, value, err);
	case FIELD_IP:
	case FIELD_PREFIX:
	case FIELD_BASE64:
		break;
	}
	return damaged(field, err);
}
