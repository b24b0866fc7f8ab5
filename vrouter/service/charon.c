/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrouter/service/charon.h"

#include <dirent.h>
#include <errno.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/backend/child/service_file.h"
#include "lib/base/log.h"
#include "vrouter/service/charon_sync.h"
#include "vrouter/service/xfrm.h"

#define CHARON_PROGRAM  "/usr/sbin/charon-systemd"
#define KIND_CONNECTION "ipsec.connection"
#define RECORD_SUFFIX   ".tunnel"
#define RECORD_MOST     (1 << 20)

void charon_changed(const struct charon *charon)
{
	if (charon->settings.changed)
		charon->settings.changed(charon->settings.data);
}

/* --- Tunnels --- */

static bool is_uuid(const struct map_node *node, const void *key)
{
	const struct charon_connection *connection =
		CONTAINER_OF(node, struct charon_connection, by_uuid);

	return strcmp(item_key(connection->item), key) == 0;
}

struct charon_connection *charon_find(const struct charon *charon, const char *uuid)
{
	struct map_node *node = map_find(&charon->connections, map_hash_text(uuid), is_uuid, uuid);

	return node ? CONTAINER_OF(node, struct charon_connection, by_uuid) : NULL;
}

static void forget(struct charon *charon, struct charon_connection *connection)
{
	map_remove(&charon->connections, &connection->by_uuid);
	charon_tunnel_clear(&connection->tunnel);
	charon_sas_clear(&connection->sas);
	item_unref(connection->item);
	free(connection->refusal);
	free(connection->reason);
	free(connection);
}

static struct charon_connection *add(struct charon *charon, const struct item *item,
				     struct charon_tunnel *tunnel)
{
	struct charon_connection *connection = mem_alloc(sizeof(*connection));

	connection->item =
		item_new(item_kind(item), item_key(item), item_value(item), item_owner(item));
	connection->tunnel = *tunnel;
	map_add(&charon->connections, &connection->by_uuid, map_hash_text(item_key(item)));
	return connection;
}

/* --- Records: what charon has been given --- */

static char *record_path(const struct charon *charon, const char *uuid)
{
	return mem_format("%s/%s" RECORD_SUFFIX, charon->dir, uuid);
}

int charon_record_write(const struct charon *charon, const struct charon_connection *connection,
			struct err *err)
{
	AUTO(free_ptr) char *path = record_path(charon, item_key(connection->item));
	AUTO(text_clear) struct text record = TEXT_NONE;

	service_mark_add(&record, connection->item);
	return service_file_write(path, text_view(&record), record.length, 0600, err);
}

static int record_remove(const struct charon *charon, const char *uuid, struct err *err)
{
	AUTO(free_ptr) char *path = record_path(charon, uuid);

	if (unlink(path) < 0 && errno != ENOENT)
		return err_errno(err, -errno, "%s", path);
	return 0;
}

static void record_read(struct charon *charon, const char *name)
{
	AUTO(free_ptr) char *path = mem_format("%s/%s", charon->dir, name);
	AUTO(free_ptr) char *text = NULL;
	struct item_set items = ITEM_SET_NONE;
	struct charon_tunnel tunnel;
	struct item *item, *after;

	if (service_file_read(path, RECORD_MOST, &text, NULL) < 0)
		return;
	service_marks_read(text, &items);
	item_set_for_each (&items, item, after)
		if (item_is(item, KIND_CONNECTION) && !charon_find(charon, item_key(item)) &&
		    charon_tunnel_parse(item, &tunnel, NULL) == 0)
			add(charon, item, &tunnel)->is_loaded = charon->pid != 0;
	item_set_clear(&items);
}

static bool is_record(const char *name)
{
	size_t length = strlen(name), suffix = strlen(RECORD_SUFFIX);

	return *name != '.' && length > suffix &&
	       strcmp(name + length - suffix, RECORD_SUFFIX) == 0;
}

static int records_read(struct charon *charon, struct err *err)
{
	DIR *dir = opendir(charon->dir);
	const struct dirent *entry;

	if (!dir)
		return err_errno(err, -errno, "%s", charon->dir);
	while ((entry = readdir(dir)))
		if (is_record(entry->d_name))
			record_read(charon, entry->d_name);
	closedir(dir);
	return 0;
}

/* --- The process --- */

/* What a charon that ended without a word left in the kernel would stay, and nobody would renew
 * it. The filter lets nothing of a tunnel out meanwhile. */
static void sweep(void)
{
	AUTO(err_clear) struct err err = ERR_NONE;

	if (xfrm_flush(&err) < 0)
		log_warning("%s", err_text(&err));
}

static void on_child_changed(void *data)
{
	struct charon *charon = data;
	struct child_status status;

	child_process_status(charon->process, &status);
	if (status.pid != charon->pid) {
		if (charon->pid)
			sweep();
		charon->pid = status.pid;
		charon_sync_anew(charon);
	}
	charon_changed(charon);
}

static char *vici_path(const struct charon *charon)
{
	return mem_format("%s/vici", charon->dir);
}

/* Lets it run while there is a tunnel. */
static int settle(struct charon *charon, struct err *err)
{
	static const char *const argv[] = { CHARON_PROGRAM, NULL };
	AUTO(text_clear) struct text config = TEXT_NONE;
	AUTO(free_ptr) char *path = vici_path(charon);

	if (!charon->connections.n) {
		/* It takes its tunnels with it. */
		charon_sync_leave(charon);
		child_process_stop(charon->process);
		return 0;
	}
	charon_daemon_text(path, &config);
	if (service_file_write(charon->config_path, text_view(&config), config.length, 0600, err) <
	    0)
		return err->code;
	child_process_want(charon->process, argv,
			   service_digest(text_view(&config), config.length).s);
	if (charon->pid)
		vici_connect(charon->vici);
	charon_sync_load(charon);
	return 0;
}

/* --- Beginning and end --- */

/* Made once for the run directory, which goes with the records. */
static int salt_read(const struct charon *charon, struct err *err)
{
	AUTO(free_ptr) char *path = mem_format("%s/salt", charon->dir);
	AUTO(free_ptr) char *bytes = NULL;
	unsigned char *salt = charon->facts->salt;
	size_t size = sizeof(charon->facts->salt);
	struct stat status;

	if (stat(path, &status) == 0 && (size_t)status.st_size == size) {
		if (service_file_read(path, size, &bytes, err) < 0)
			return err->code;
		memcpy(salt, bytes, size);
		return 0;
	}
	if (getrandom(salt, size, 0) != (ssize_t)size)
		return err_errno(err, -errno, "getrandom");
	return service_file_write(path, (const char *)salt, size, 0600, err);
}

static void probe(struct facts *facts)
{
	if (access(CHARON_PROGRAM, X_OK) < 0)
		facts_add_capability(facts, "ipsec", false, CHARON_PROGRAM " is not installed");
	else
		xfrm_probe(facts);
}

int charon_new(struct event_base *base, const struct charon_settings *settings, struct facts *facts,
	       struct charon **ret, struct err *err)
{
	/* Sockets, its own files: none needs more. */
	static const uint64_t capabilities =
		1 << CAP_NET_BIND_SERVICE | 1 << CAP_NET_RAW | 1 << CAP_NET_ADMIN;
	/* The process does not run where we do. */
	AUTO(free_ptr) char *run_dir = realpath(settings->run_dir, NULL);
	AUTO(free_ptr) char *path = NULL, *variable = NULL;
	struct child_status status;
	struct charon *charon;

	if (!run_dir)
		return err_errno(err, -errno, "%s", settings->run_dir);
	charon = mem_alloc(sizeof(*charon));
	charon->base = base;
	charon->settings = *settings;
	charon->settings.run_dir = NULL;
	charon->facts = facts;
	charon->dir = mem_format("%s/charon", run_dir);
	charon->config_path = mem_format("%s/strongswan.conf", charon->dir);
	path = vici_path(charon);
	charon_sync_open(charon, path);
	if (mkdir(charon->dir, 0700) < 0 && errno != EEXIST) {
		err_errno(err, -errno, "%s", charon->dir);
	} else if (salt_read(charon, err) == 0 &&
		   child_process_new(base, run_dir, "charon", on_child_changed, charon,
				     &charon->process, err) == 0) {
		probe(facts);
		variable = mem_format("STRONGSWAN_CONF=%s", charon->config_path);
		child_process_set_variable(charon->process, variable);
		child_process_confine(charon->process, capabilities);
		child_process_status(charon->process, &status);
		charon->pid = status.pid;
		if (charon->pid)
			vici_connect(charon->vici);
		*ret = charon;
		return 0;
	}
	charon_free(charon);
	return err->code;
}

void charon_free(struct charon *charon)
{
	struct map_node *node, *after;

	if (!charon)
		return;
	charon_sync_close(charon);
	child_process_free(charon->process);
	map_for_each (&charon->connections, node, after)
		forget(charon, CONTAINER_OF(node, struct charon_connection, by_uuid));
	map_clear(&charon->connections);
	free(charon->dir);
	free(charon->config_path);
	free(charon);
}

/* --- The provider --- */

static int charon_read(void *self, const struct item_set *want, struct item_set *have,
		       struct err *err)
{
	struct charon *charon = self;
	struct map_node *node, *after;

	(void)want;
	if (!charon->was_read) {
		if (records_read(charon, err) < 0)
			return err->code;
		if (!charon->pid && charon->connections.n)
			sweep();
	}
	charon->was_read = true;
	map_for_each (&charon->connections, node, after) {
		const struct item *item =
			CONTAINER_OF(node, struct charon_connection, by_uuid)->item;

		item_set_say(have, item_kind(item), item_owner(item), item_key(item),
			     item_value(item));
	}
	/* What runs is looked at as well, and brought to it. */
	charon_sync_list(charon);
	return settle(charon, err);
}

static void change_connection(struct charon *charon, struct change *change)
{
	const char *uuid = item_key(change_item(change));
	struct charon_connection *held = charon_find(charon, uuid);
	struct charon_tunnel tunnel;

	if (strchr(uuid, '/')) {
		err_set(&change->err, -EINVAL, "\"%s\" is no tunnel", uuid);
		return;
	}
	if (change->want && charon_tunnel_parse(change->want, &tunnel, &change->err) < 0)
		return;
	if (record_remove(charon, uuid, &change->err) < 0) {
		if (change->want)
			charon_tunnel_clear(&tunnel);
		return;
	}
	if (held) {
		charon_sync_unload(charon, held);
		forget(charon, held);
	}
	if (change->want)
		add(charon, change->want, &tunnel);
}

static void charon_apply(void *self, struct change **changes, size_t n)
{
	struct charon *charon = self;
	AUTO(err_clear) struct err err = ERR_NONE;

	/* What takes the place of another tunnel comes after that is gone. */
	for (size_t i = 0; i < n; i++)
		if (!changes[i]->want)
			change_connection(charon, changes[i]);
	for (size_t i = 0; i < n; i++)
		if (changes[i]->want)
			change_connection(charon, changes[i]);
	if (settle(charon, &err) < 0)
		for (size_t i = 0; i < n; i++)
			if (changes[i]->want && changes[i]->err.code == 0)
				err_set(&changes[i]->err, err.code, "%s", err_text(&err));
}

struct provider charon_provider(struct charon *charon)
{
	static const char *const kinds[] = { KIND_CONNECTION, NULL };

	return (struct provider){
		.name = "charon",
		.kinds = kinds,
		.self = charon,
		.read = charon_read,
		.apply = charon_apply,
		.at_once = true,
	};
}

/* --- Status --- */

void charon_child_status(const struct charon *charon, struct child_status *status)
{
	child_process_status(charon->process, status);
}

const char *charon_failure(const struct charon *charon, const char *owner)
{
	const struct charon_connection *connection = charon_find(charon, owner);

	if (connection && connection->refusal)
		return connection->refusal;
	return connection && connection->state == CHARON_FAILED ? connection->reason : NULL;
}

void charon_status(const struct charon *charon, json_t *connections)
{
	struct map_node *node, *after;

	map_for_each (&charon->connections, node, after) {
		const struct charon_connection *connection =
			CONTAINER_OF(node, struct charon_connection, by_uuid);
		bool is_refused = connection->refusal != NULL;
		const char *reason = is_refused ? connection->refusal : connection->reason;
		json_t *json =
			json_pack("{s:s, s:s}", "connection", item_key(connection->item), "state",
				  charon_state_name(is_refused ? CHARON_FAILED
							       : connection->state));

		if (reason)
			json_object_set_new(json, "reason", json_string(reason));
		json_array_append_new(connections, json);
	}
}
