/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values of fields as the database has them: so that they compare and sort by what they mean.
 * Addresses are bytes in network order, ports numbers, choices their words; what is more than one
 * value is JSON. */
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

const char *column_type(const struct engine *engine, const struct field *field)
{
	switch (field->type) {
	case FIELD_BOOL:
	case FIELD_NUMBER:
	case FIELD_PORTS:
		return engine->number;
	case FIELD_IP:
	case FIELD_PREFIX:
	case FIELD_BASE64:
		return engine->bytes;
	case FIELD_TEXT:
	case FIELD_UUID:
	case FIELD_REFERENCE:
	case FIELD_MAC:
	case FIELD_CHOICE:
	case FIELD_RECORD:
	case FIELD_LIST:
		return engine->text;
	}
	return engine->text;
}

/* Family, address, length of a prefix. */
#define ADDRESS_BYTES 18

static size_t put_address(uint8_t bytes[ADDRESS_BYTES], const struct ip *ip)
{
	bytes[0] = ip->family;
	memcpy(bytes + 1, ip->bytes, ip_size(ip));
	return 1 + ip_size(ip);
}

static void bind_address(const struct db *db, struct statement *statement, int at,
			 const struct ip *ip, int length)
{
	uint8_t bytes[ADDRESS_BYTES];
	size_t size = put_address(bytes, ip);

	if (length >= 0)
		bytes[size++] = (uint8_t)length;
	db->engine->bind_bytes(statement, at, bytes, size);
}

/* The one field as a table of its own, at the begin of its struct. */
static void bind_json(const struct db *db, struct statement *statement, int at,
		      const struct field *field, const void *value)
{
	struct field alone[2] = { *field, { 0 } };
	AUTO(free_ptr) char *text = NULL;
	json_t *json;

	alone[0].offset = 0;
	json = field_encode(alone, value, true);
	text = json_dumps(json_object_get(json, field->name), JSON_COMPACT | JSON_ENCODE_ANY);
	json_decref(json);
	db->engine->bind_text(statement, at, text);
}

void column_bind(const struct db *db, struct statement *statement, int at,
		 const struct field *field, const void *value)
{
	const struct engine *engine = db->engine;
	const struct field_bytes *bytes = value;
	const struct port_range *ports = value;
	const struct prefix *prefix = value;

	if (!field_value_given(field, value)) {
		engine->bind_null(statement, at);
		return;
	}
	switch (field->type) {
	case FIELD_TEXT:
	case FIELD_UUID:
	case FIELD_REFERENCE:
		engine->bind_text(statement, at, *(char *const *)value);
		return;
	case FIELD_BOOL:
		engine->bind_number(statement, at, *(const bool *)value);
		return;
	case FIELD_NUMBER:
		engine->bind_number(statement, at, *(const int64_t *)value);
		return;
	case FIELD_IP:
		bind_address(db, statement, at, value, -1);
		return;
	case FIELD_PREFIX:
		bind_address(db, statement, at, &prefix->ip, prefix->length);
		return;
	case FIELD_MAC:
		engine->bind_text(statement, at, mac_text(value).s);
		return;
	case FIELD_PORTS:
		engine->bind_number(statement, at, (int64_t)ports->first << 16 | ports->last);
		return;
	case FIELD_CHOICE:
		engine->bind_text(statement, at, field->choices[*(const int *)value]);
		return;
	case FIELD_BASE64:
		engine->bind_bytes(statement, at, bytes->bytes, bytes->size);
		return;
	case FIELD_RECORD:
	case FIELD_LIST:
		bind_json(db, statement, at, field, value);
		return;
	}
}

static int damaged(const struct field *field, struct err *err)
{
	return err_set(err, -EBADMSG, "database: %s holds what it never had", field->name);
}

static int read_address(const struct db *db, const struct statement *statement, int at,
			const struct field *field, void *value, struct err *err)
{
	size_t size;
	const uint8_t *bytes = db->engine->bytes_at(statement, at, &size);
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

static void read_bytes(const struct db *db, const struct statement *statement, int at,
		       struct field_bytes *value)
{
	const void *bytes = db->engine->bytes_at(statement, at, &value->size);

	value->bytes = mem_alloc(value->size + 1);
	if (value->size)
		memcpy(value->bytes, bytes, value->size);
}

int column_read(const struct db *db, const struct statement *statement, int at,
		const struct field *field, void *value, struct err *err)
{
	const struct engine *engine = db->engine;
	int64_t number;

	if (engine->is_null(statement, at)) {
		field_value_fallback(field, value);
		return 0;
	}
	switch (field->type) {
	case FIELD_TEXT:
	case FIELD_UUID:
	case FIELD_REFERENCE:
		*(char **)value = mem_text(engine->text_at(statement, at));
		return 0;
	case FIELD_BOOL:
		*(bool *)value = engine->number_at(statement, at) != 0;
		return 0;
	case FIELD_NUMBER:
		*(int64_t *)value = engine->number_at(statement, at);
		return 0;
	case FIELD_MAC:
		return mac_parse(engine->text_at(statement, at), value, err);
	case FIELD_PORTS:
		number = engine->number_at(statement, at);
		*(struct port_range *)value =
			(struct port_range){ (uint16_t)(number >> 16), (uint16_t)number };
		return 0;
	case FIELD_CHOICE:
		return read_choice(engine->text_at(statement, at), field, value, err);
	case FIELD_RECORD:
	case FIELD_LIST:
		return read_json(engine->text_at(statement, at), field, value, err);
	case FIELD_IP:
	case FIELD_PREFIX:
		return read_address(db, statement, at, field, value, err);
	case FIELD_BASE64:
		read_bytes(db, statement, at, value);
		return 0;
	}
	return damaged(field, err);
}
