/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrouter/service/charon_sync.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/log.h"
#include "vrouter/document/ipsec_key.h"

/* --- What charon is told --- */

static void refuse(struct charon *charon, struct charon_connection *connection,
		   const struct err *err)
{
	connection->is_loading = false;
	if (connection->refusal && strcmp(connection->refusal, err_text(err)) == 0)
		return;
	free(connection->refusal);
	connection->refusal = mem_text(err_text(err));
	log_warning("ipsec %s: %s", item_key(connection->item), connection->refusal);
	charon_changed(charon);
}

/* "UUID DIGEST" of the item that a command was about: it may have changed since. */
static char *about_of(const struct charon_connection *connection)
{
	return mem_format("%s %016llx", item_key(connection->item),
			  (unsigned long long)map_hash_text(item_value(connection->item)));
}

static struct charon_connection *find_about(const struct charon *charon, const char *about)
{
	AUTO(free_ptr) char *uuid = mem_text_n(about, strcspn(about, " "));
	struct charon_connection *connection = charon_find(charon, uuid);
	AUTO(free_ptr) char *now = connection ? about_of(connection) : NULL;

	return now && strcmp(now, about) == 0 ? connection : NULL;
}

static void on_key_loaded(void *owner, const char *about, const json_t *reply,
			  const struct err *err)
{
	struct charon_connection *connection = find_about(owner, about);

	(void)reply;
	if (connection && err->code && err->code != -ENOTCONN)
		refuse(owner, connection, err);
}

static void on_loaded(void *owner, const char *about, const json_t *reply, const struct err *err)
{
	struct charon *charon = owner;
	struct charon_connection *connection = find_about(charon, about);
	AUTO(err_clear) struct err why = ERR_NONE;

	(void)reply;
	/* It is loading no more if its key was refused. */
	if (!connection || !connection->is_loading || err->code == -ENOTCONN)
		return;
	connection->is_loading = false;
	if (err->code) {
		refuse(charon, connection, err);
		return;
	}
	if (charon_record_write(charon, connection, &why) < 0)
		log_warning("ipsec %s: %s", item_key(connection->item), err_text(&why));
	connection->is_loaded = true;
	free(STEAL(connection->refusal));
	charon_watch_begin(charon, connection);
}

static int check(const struct charon *charon, const struct charon_connection *connection,
		 const char **key, struct err *err)
{
	const char *digest = connection->tunnel.key_digest;

	if (charon->offered && charon_tunnel_offered(&connection->tunnel, charon->offered, err) < 0)
		return err->code;
	*key = charon->settings.key(charon->settings.data, item_key(connection->item));
	if (!*key)
		return err_set(err, -ENOENT, "its key is not there");
	if (strcmp(ipsec_key_digest(charon->facts, *key).s, digest) != 0)
		return err_set(err, -EAGAIN, "its key has changed since");
	return 0;
}

static void load(struct charon *charon, struct charon_connection *connection)
{
	AUTO(err_clear) struct err err = ERR_NONE;
	AUTO(free_ptr) char *about = about_of(connection);
	struct vici_message message = VICI_MESSAGE_NONE;
	const char *key = NULL, *uuid = item_key(connection->item);

	if (check(charon, connection, &key, &err) < 0) {
		refuse(charon, connection, &err);
		return;
	}
	connection->is_loading = true;
	charon_key_message(&connection->tunnel, uuid, key, &message);
	vici_call(charon->vici, "load-shared", &message, on_key_loaded, about);
	charon_tunnel_message(&connection->tunnel, uuid, &message);
	vici_call(charon->vici, "load-conn", &message, on_loaded, about);
}

void charon_sync_load(struct charon *charon)
{
	struct map_node *node, *after;

	if (!vici_is_connected(charon->vici) || !charon->is_listed)
		return;
	map_for_each (&charon->connections, node, after) {
		struct charon_connection *connection =
			CONTAINER_OF(node, struct charon_connection, by_uuid);

		if (!connection->is_loaded && !connection->is_loading)
			load(charon, connection);
	}
}

static void unload_connection(struct charon *charon, const char *uuid)
{
	struct vici_message message = VICI_MESSAGE_NONE;

	vici_value(&message, "name", uuid);
	vici_call(charon->vici, "unload-conn", &message, NULL, NULL);
	vici_value(&message, "ike", uuid);
	vici_value(&message, "force", "yes");
	vici_value(&message, "timeout", "-1");
	vici_call(charon->vici, "terminate", &message, NULL, NULL);
}

static void unload_key(struct charon *charon, const char *uuid)
{
	struct vici_message message = VICI_MESSAGE_NONE;

	vici_value(&message, "id", uuid);
	vici_call(charon->vici, "unload-shared", &message, NULL, NULL);
}

void charon_sync_unload(struct charon *charon, const struct charon_connection *connection)
{
	const char *uuid = item_key(connection->item);

	if (!vici_is_connected(charon->vici))
		return; /* charon_sync_list() will find it. */
	unload_connection(charon, uuid);
	unload_key(charon, uuid);
}

/* --- What charon has --- */

static bool is_listed(const json_t *list, const char *name)
{
	json_t *item;
	size_t i;

	json_array_foreach (list, i, item)
		if (strcmp(json_string_value(item), name) == 0)
			return true;
	return false;
}

/* Keys of tunnels that are there no more. */
static void on_keys(void *owner, const char *about, const json_t *reply, const struct err *err)
{
	struct charon *charon = owner;
	json_t *item;
	size_t i;

	(void)about;
	if (err->code)
		return;
	json_array_foreach (json_object_get(reply, "keys"), i, item)
		if (!charon_find(charon, json_string_value(item)))
			unload_key(charon, json_string_value(item));
}

/* What the last agent gave it and nobody wants goes, what it lost is given again. */
static void on_connections(void *owner, const char *about, const json_t *reply,
			   const struct err *err)
{
	struct charon *charon = owner;
	const json_t *list = json_object_get(reply, "conns");
	struct map_node *node, *after;
	json_t *item;
	size_t i;

	(void)about;
	if (err->code) {
		if (err->code != -ENOTCONN)
			log_warning("charon: get-conns: %s", err_text(err));
		return;
	}
	json_array_foreach (list, i, item) {
		const struct charon_connection *connection =
			charon_find(charon, json_string_value(item));

		if (!connection || (!connection->is_loaded && !connection->is_loading))
			unload_connection(charon, json_string_value(item));
	}
	map_for_each (&charon->connections, node, after) {
		struct charon_connection *connection =
			CONTAINER_OF(node, struct charon_connection, by_uuid);

		if (!is_listed(list, item_key(connection->item)))
			connection->is_loaded = false;
	}
	charon->is_listed = true;
	charon_sync_load(charon);
	charon_watch_look(charon, NULL);
}

static void on_algorithms(void *owner, const char *about, const json_t *reply,
			  const struct err *err)
{
	struct charon *charon = owner;

	(void)about;
	if (err->code)
		return;
	json_decref(charon->offered);
	charon->offered = json_deep_copy(reply);
}

void charon_sync_list(struct charon *charon)
{
	if (!vici_is_connected(charon->vici))
		return;
	vici_call(charon->vici, "get-algorithms", NULL, on_algorithms, NULL);
	vici_call(charon->vici, "get-shared", NULL, on_keys, NULL);
	vici_call(charon->vici, "get-conns", NULL, on_connections, NULL);
}

static void on_connected(void *data)
{
	charon_sync_list(data);
}

static void forget_loading(struct charon *charon)
{
	struct map_node *node, *after;

	charon->is_listed = false;
	map_for_each (&charon->connections, node, after)
		CONTAINER_OF(node, struct charon_connection, by_uuid)->is_loading = false;
}

static void on_lost(void *data, const char *why)
{
	struct charon *charon = data;

	log_info("charon: %s", why);
	forget_loading(charon);
	if (charon->pid)
		vici_connect(charon->vici);
}

void charon_sync_leave(struct charon *charon)
{
	vici_disconnect(charon->vici);
	forget_loading(charon);
}

void charon_sync_anew(struct charon *charon)
{
	struct map_node *node, *after;

	charon_sync_leave(charon);
	memset(charon->nameless, 0, sizeof(charon->nameless));
	map_for_each (&charon->connections, node, after) {
		struct charon_connection *connection =
			CONTAINER_OF(node, struct charon_connection, by_uuid);

		connection->is_loaded = false;
		charon_sas_clear(&connection->sas);
		charon_set_reason(connection, NULL);
		charon_set_state(charon, connection, CHARON_STARTING);
	}
	if (charon->pid)
		vici_connect(charon->vici);
}

void charon_sync_open(struct charon *charon, const char *vici_path)
{
	static const char *const events[] = {
		"list-sa", "log", "ike-updown", "child-updown", "ike-rekey", "child-rekey", NULL
	};
	const struct vici_settings settings = { .path = vici_path,
						.events = events,
						.connected = on_connected,
						.lost = on_lost,
						.event = charon_watch_event,
						.data = charon };

	charon->vici = vici_new(charon->base, &settings);
	charon_watch_open(charon);
}

void charon_sync_close(struct charon *charon)
{
	vici_free(charon->vici);
	charon_watch_close(charon);
	json_decref(charon->offered);
}
