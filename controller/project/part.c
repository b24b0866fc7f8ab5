/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/project/part.h"

#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/hex.h"

json_t *part_of(const struct model_type *type, const void *record, bool with_secrets,
		const char *const *names)
{
	json_t *whole = field_encode(type->table.fields, record, with_secrets);
	json_t *part = json_object();

	for (; *names; names++) {
		const char *equals = strchr(*names, '=');
		AUTO(free_ptr)
		char *called =
			mem_text_n(*names, equals ? (size_t)(equals - *names) : strlen(*names));
		json_t *value = json_object_get(whole, equals ? equals + 1 : *names);

		if (value)
			json_object_set(part, called, value);
	}
	json_decref(whole);
	return part;
}

json_t *part_section(json_t *document, const char *section)
{
	json_t *list = json_object_get(document, section);

	if (list)
		return list;
	list = json_array();
	json_object_set_new(document, section, list);
	return list;
}

bool part_seen(json_t *set, const char *uuid)
{
	if (json_object_get(set, uuid))
		return true;
	json_object_set_new(set, uuid, json_true());
	return false;
}

int part_qos(struct model *model, const char *vip, bool named, json_t **ret, struct err *err)
{
	static const char *const all[] = { "uuid", "port", "up_mbps", "down_mbps", NULL };
	const char *const *names = named ? all : all + 1;
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;

	if (model_find(model, &vip_qos_type, &rows, err, "vip", vip) < 0)
		return err->code;
	*ret = json_array();
	for (size_t i = 0; i < rows.n; i++)
		json_array_append_new(*ret, part_of(&vip_qos_type, db_row(&rows, i), false, names));
	return 0;
}

int part_nic_address(struct model *model, const char *uuid, char **address, struct err *err)
{
	struct nic nic = { 0 };

	if (model_load(model, &nic_type, uuid, &nic, err) < 0)
		return err->code;
	*address = mem_text(ip_text(&nic.address).s);
	model_clear(&nic_type, &nic);
	return 0;
}

json_t *part_name(const char *of, const char *what)
{
	AUTO(free_ptr) char *both = mem_format("%s %s", of, what);
	unsigned char digest[SHA256_DIGEST_LENGTH];
	char name[33];

	SHA256((const unsigned char *)both, strlen(both), digest);
	hex_write(name, digest, 16);
	return json_string(name);
}

json_t *part_prefix(const struct ip *ip, int64_t length)
{
	struct prefix prefix = { *ip, (uint8_t)length };

	return json_string(prefix_text(&prefix).s);
}
