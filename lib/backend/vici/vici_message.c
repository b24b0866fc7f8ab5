/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/backend/vici/vici_message.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define NESTING_MOST 16

enum element {
	SECTION_START = 1,
	SECTION_END,
	KEY_VALUE,
	LIST_START,
	LIST_ITEM,
	LIST_END,
};

/* --- Writing --- */

/* Not by realloc(): the old bytes would stay where they were. */
static void put(struct vici_message *message, const void *bytes, size_t size)
{
	if (message->length + size > message->room) {
		size_t room = 2 * (message->length + size) + 256;
		unsigned char *larger = mem_alloc(room);

		if (message->length) {
			memcpy(larger, message->bytes, message->length);
			explicit_bzero(message->bytes, message->length);
		}
		free(message->bytes);
		message->bytes = larger;
		message->room = room;
	}
	if (size)
		memcpy(message->bytes + message->length, bytes, size);
	message->length += size;
}

static void put_type(struct vici_message *message, enum element type)
{
	unsigned char byte = (unsigned char)type;

	put(message, &byte, 1);
}

static void put_name(struct vici_message *message, const char *name)
{
	size_t length = strlen(name);
	unsigned char byte = (unsigned char)length;

	message->is_too_long |= length > UINT8_MAX;
	put(message, &byte, 1);
	put(message, name, length);
}

static void put_value(struct vici_message *message, const char *value)
{
	size_t length = strlen(value);
	unsigned char bytes[2] = { (unsigned char)(length >> 8), (unsigned char)length };

	message->is_too_long |= length > UINT16_MAX;
	put(message, bytes, 2);
	put(message, value, length);
}

void vici_section(struct vici_message *message, const char *name)
{
	put_type(message, SECTION_START);
	put_name(message, name);
}

void vici_section_end(struct vici_message *message)
{
	put_type(message, SECTION_END);
}

void vici_value(struct vici_message *message, const char *key, const char *value)
{
	put_type(message, KEY_VALUE);
	put_name(message, key);
	put_value(message, value);
}

void vici_format(struct vici_message *message, const char *key, const char *format, ...)
{
	AUTO(free_ptr) char *value = NULL;
	va_list args;

	va_start(args, format);
	value = mem_vformat(format, args);
	va_end(args);
	vici_value(message, key, value);
}

void vici_list(struct vici_message *message, const char *name)
{
	put_type(message, LIST_START);
	put_name(message, name);
}

void vici_item(struct vici_message *message, const char *value)
{
	put_type(message, LIST_ITEM);
	put_value(message, value);
}

void vici_list_end(struct vici_message *message)
{
	put_type(message, LIST_END);
}

void vici_message_clear(struct vici_message *message)
{
	if (message->length)
		explicit_bzero(message->bytes, message->length);
	free(message->bytes);
	*message = (struct vici_message)VICI_MESSAGE_NONE;
}

/* --- Reading --- */

struct reader {
	const unsigned char *at, *end;
};

static const unsigned char *take(struct reader *reader, size_t size)
{
	const unsigned char *at = reader->at;

	if ((size_t)(reader->end - at) < size)
		return NULL;
	reader->at += size;
	return at;
}

/* A text behind its length of 'width' bytes, or NULL; the caller's. */
static char *take_text(struct reader *reader, size_t width)
{
	const unsigned char *bytes = take(reader, width);
	size_t length;

	if (!bytes)
		return NULL;
	length = width == 1 ? bytes[0] : (size_t)bytes[0] << 8 | bytes[1];
	bytes = take(reader, length);
	return bytes ? mem_text_n((const char *)bytes, length) : NULL;
}

/* What is no UTF-8 as a whole becomes ASCII. */
static json_t *text_json(char *text)
{
	json_t *json = json_string(text);

	if (json)
		return json;
	for (char *at = text; *at; at++)
		if (*at < ' ' || *at > '~')
			*at = '?';
	return json_string(text);
}

static json_t *read_list(struct reader *reader)
{
	json_t *list = json_array();
	const unsigned char *type;

	while ((type = take(reader, 1)) && *type == LIST_ITEM) {
		AUTO(free_ptr) char *value = take_text(reader, 2);

		if (!value)
			break;
		json_array_append_new(list, text_json(value));
	}
	if (type && *type == LIST_END)
		return list;
	json_decref(list);
	return NULL;
}

/* What an element opens or holds; NULL: it is broken off. */
static json_t *read_element(struct reader *reader, unsigned char type)
{
	AUTO(free_ptr) char *value = NULL;

	switch (type) {
	case SECTION_START:
		return json_object();
	case LIST_START:
		return read_list(reader);
	case KEY_VALUE:
		value = take_text(reader, 2);
		return value ? text_json(value) : NULL;
	default:
		return NULL;
	}
}

static bool read_all(struct reader *reader, json_t *root)
{
	json_t *sections[NESTING_MOST] = { root };
	size_t depth = 0;

	while (reader->at < reader->end) {
		unsigned char type = *take(reader, 1);
		AUTO(free_ptr) char *name = NULL;
		json_t *json;

		if (type == SECTION_END) {
			if (depth-- == 0)
				return false;
			continue;
		}
		name = take_text(reader, 1);
		json = name ? read_element(reader, type) : NULL;
		if (!json || json_object_set_new(sections[depth], name, json) < 0)
			return false;
		if (type == SECTION_START && ++depth == NESTING_MOST)
			return false;
		if (type == SECTION_START)
			sections[depth] = json;
	}
	return depth == 0;
}

json_t *vici_message_parse(const void *bytes, size_t size, struct err *err)
{
	const unsigned char *at = size ? bytes : (const unsigned char *)"";
	struct reader reader = { at, at + size };
	json_t *root = json_object();

	if (read_all(&reader, root))
		return root;
	json_decref(root);
	err_set(err, -EBADMSG, "this is no VICI message");
	return NULL;
}
