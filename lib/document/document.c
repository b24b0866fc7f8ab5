/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/document/document.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/document/document_state.h"

struct document *document_empty(const struct document_type *type)
{
	struct document *document = mem_alloc(sizeof(*document));

	document->type = type;
	while (type->sections[document->n_sections].name)
		document->n_sections++;
	document->sections = mem_array(document->n_sections, sizeof(*document->sections));
	for (size_t i = 0; i < document->n_sections; i++)
		document->sections[i].type = &type->sections[i];
	if (type->index_new)
		document->index = type->index_new();
	return document;
}

void document_free(struct document *document)
{
	if (!document)
		return;
	if (document->type->index_free)
		document->type->index_free(document->index);
	for (size_t i = 0; i < document->n_sections; i++) {
		struct section *section = &document->sections[i];

		while (section->first) {
			struct object *object = section->first;

			section->first = object->next;
			object_free(object);
		}
		map_clear(&section->by_uuid);
	}
	free(document->sections);
	free(document);
}

struct section *document_section(const struct document *document, const char *name)
{
	for (size_t i = 0; i < document->n_sections; i++)
		if (strcmp(document->sections[i].type->name, name) == 0)
			return &document->sections[i];
	return NULL;
}

static bool is_object(const struct map_node *node, const void *key)
{
	return strcmp(CONTAINER_OF(node, struct object, by_uuid)->uuid, key) == 0;
}

struct object *document_find(const struct document *document, const char *section, const char *uuid)
{
	const struct section *in = document_section(document, section);
	struct map_node *node;

	if (!in)
		return document->type->derived
			       ? document->type->derived(document->index, section, uuid)
			       : NULL;
	node = map_find(&in->by_uuid, map_hash_text(uuid), is_object, uuid);
	return node ? CONTAINER_OF(node, struct object, by_uuid) : NULL;
}

struct object *document_first(const struct document *document, const char *section)
{
	const struct section *in = document_section(document, section);

	return in ? in->first : NULL;
}

struct object *document_single(const struct document *document, const char *section)
{
	return document_first(document, section);
}

size_t document_count(const struct document *document, const char *section)
{
	const struct section *in = document_section(document, section);

	return in ? in->n : 0;
}

void *document_index(const struct document *document)
{
	return document->index;
}

int64_t document_revision(const struct document *document)
{
	return document->revision;
}

void document_set_revision(struct document *document, int64_t revision)
{
	document->revision = revision;
}

struct section_kind section_kind(const char *section)
{
	struct section_kind kind;
	size_t length;

	snprintf(kind.s, sizeof(kind.s), "%s", section);
	length = strlen(kind.s);
	if (length > 2 && kind.s[length - 1] == 's' && strcmp(section, "dns") != 0)
		kind.s[length - 1] = '\0';
	return kind;
}

struct object_text object_text(const struct object *object)
{
	struct object_text text;

	snprintf(text.s, sizeof(text.s), "%s %.64s", section_kind(object->section->name).s,
		 object->uuid);
	return text;
}

static json_t *section_json(const struct section *section, bool with_secrets)
{
	const struct field *fields = section->type->fields;
	json_t *list;

	if (section->type->single)
		return field_encode(fields, section->first, with_secrets);
	list = json_array();
	for (const struct object *object = section->first; object; object = object->next)
		json_array_append_new(list, field_encode(fields, object, with_secrets));
	return list;
}

json_t *document_json(const struct document *document, bool with_secrets)
{
	json_t *json = json_pack("{s:I}", "revision", (json_int_t)document->revision);

	for (size_t i = 0; i < document->n_sections; i++)
		if (document->sections[i].first)
			json_object_set_new(json, document->sections[i].type->name,
					    section_json(&document->sections[i], with_secrets));
	return json;
}
