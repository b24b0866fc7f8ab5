/* SPDX-License-Identifier: GPL-2.0-or-later */
/* charon_watch.c - hears how tunnels are doing, and asks their peers for what is missing. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "vrouter/service/charon_sync.h"

/* Everything is looked at this often; what happens is heard of at once. */
#define LOOK_S 15
/* Two that begin at the same moment would agree on everything twice: the lower address begins. */
#define TURN_MS              3000
#define INITIATE_GAP_MS      10000
#define INITIATE_GAP_MOST_MS 60000

static void plan_initiation(struct charon *charon);

/* --- How tunnels are doing --- */

void charon_set_reason(struct charon_connection *connection, char *reason)
{
	free(connection->reason);
	connection->reason = reason;
}

void charon_set_state(struct charon *charon, struct charon_connection *connection,
		      enum charon_state state)
{
	const char *uuid = item_key(connection->item);

	if (connection->state == state)
		return;
	connection->state = state;
	if (state == CHARON_FAILED)
		log_warning("ipsec %s: %s", uuid, connection->reason);
	else
		log_info("ipsec %s: %s", uuid, charon_state_name(state));
	charon_changed(charon);
}

/* What list-sas gathered becomes the tunnel's state. */
static void settle(struct charon *charon, struct charon_connection *connection)
{
	struct charon_sas *sas = &connection->sas;

	if (!connection->is_loaded) {
		charon_sas_clear(sas);
		return;
	}
	if (sas->n_up == charon_tunnel_children(&connection->tunnel)) {
		charon_set_reason(connection, NULL);
		connection->initiate_gap_ms = INITIATE_GAP_MS;
		charon_set_state(charon, connection,
				 sas->is_rekeying ? CHARON_REKEYING : CHARON_NEGOTIATED);
	} else if (connection->state != CHARON_FAILED) {
		charon_set_state(charon, connection, CHARON_READY);
	}
}

/* Asks the peer for what is missing, if it is time and nothing is under way. */
static void initiate(struct charon *charon, struct charon_connection *connection)
{
	size_t n = charon_tunnel_children(&connection->tunnel);

	if (!connection->is_loaded || connection->sas.n_up == n ||
	    clock_ms() < connection->initiate_at_ms)
		return;
	if (connection->initiate_gap_ms < INITIATE_GAP_MS)
		connection->initiate_gap_ms = INITIATE_GAP_MS; /* It was given by the last agent. */
	connection->initiate_at_ms = clock_ms() + connection->initiate_gap_ms;
	if (connection->sas.is_connecting)
		return;
	connection->initiate_gap_ms *= 2;
	if (connection->initiate_gap_ms > INITIATE_GAP_MOST_MS)
		connection->initiate_gap_ms = INITIATE_GAP_MOST_MS;
	for (size_t i = 0; i < n; i++) {
		struct vici_message message = VICI_MESSAGE_NONE;

		if (charon_sas_up(&connection->sas, i))
			continue;
		vici_format(&message, "child", "%zu", i + 1);
		vici_value(&message, "ike", item_key(connection->item));
		vici_value(&message, "timeout", "-1");
		vici_call(charon->vici, "initiate", &message, NULL, NULL);
	}
}

void charon_watch_begin(struct charon *charon, struct charon_connection *connection)
{
	connection->initiate_gap_ms = INITIATE_GAP_MS;
	connection->initiate_at_ms = clock_ms();
	if (ip_compare(&connection->tunnel.local, &connection->tunnel.remote) > 0)
		connection->initiate_at_ms += TURN_MS;
	charon_watch_look(charon, item_key(connection->item));
}

static void take_look(struct charon *charon, struct charon_connection *connection)
{
	settle(charon, connection);
	initiate(charon, connection);
	charon_sas_clear(&connection->sas);
}

static void on_looked(void *owner, const char *about, const json_t *reply, const struct err *err)
{
	struct charon *charon = owner;
	struct charon_connection *connection;
	struct map_node *node, *after;

	(void)reply;
	if (err->code) {
		log_warning("charon: list-sas: %s", err_text(err));
	} else if (about) {
		connection = charon_find(charon, about);
		if (connection)
			take_look(charon, connection);
	} else {
		map_for_each (&charon->connections, node, after)
			take_look(charon, CONTAINER_OF(node, struct charon_connection, by_uuid));
	}
	plan_initiation(charon);
}

/* At one tunnel, or at all (NULL). */
void charon_watch_look(struct charon *charon, const char *uuid)
{
	struct vici_message message = VICI_MESSAGE_NONE;

	if (uuid)
		vici_value(&message, "ike", uuid);
	vici_call(charon->vici, "list-sas", &message, on_looked, uuid);
}

static void on_look(evutil_socket_t fd, short what, void *data)
{
	struct charon *charon = data;

	(void)fd;
	(void)what;
	if (!vici_is_connected(charon->vici) || !charon->is_listed)
		return;
	charon_sync_load(charon);
	charon_watch_look(charon, NULL);
}

static bool is_waiting(const struct charon_connection *connection)
{
	return connection->is_loaded && connection->state != CHARON_NEGOTIATED &&
	       connection->state != CHARON_REKEYING;
}

static void on_initiate(evutil_socket_t fd, short what, void *data)
{
	struct charon *charon = data;
	struct map_node *node, *after;
	uint64_t now_ms = clock_ms();

	(void)fd;
	(void)what;
	map_for_each (&charon->connections, node, after) {
		struct charon_connection *connection =
			CONTAINER_OF(node, struct charon_connection, by_uuid);

		if (is_waiting(connection) && connection->initiate_at_ms <= now_ms)
			charon_watch_look(charon, item_key(connection->item));
	}
}

/* Sets the timer for the first tunnel whose turn it is. */
static void plan_initiation(struct charon *charon)
{
	uint64_t at_ms = UINT64_MAX, now_ms = clock_ms(), wait_ms;
	struct map_node *node, *after;
	struct timeval wait;

	map_for_each (&charon->connections, node, after) {
		const struct charon_connection *connection =
			CONTAINER_OF(node, struct charon_connection, by_uuid);

		if (is_waiting(connection) && connection->initiate_at_ms < at_ms)
			at_ms = connection->initiate_at_ms;
	}
	if (at_ms == UINT64_MAX) {
		event_del(charon->initiate);
		return;
	}
	wait_ms = at_ms > now_ms ? at_ms - now_ms : 0;
	wait = (struct timeval){ (time_t)(wait_ms / 1000), (suseconds_t)(wait_ms % 1000 * 1000) };
	event_add(charon->initiate, &wait);
}

/* --- What charon tells by itself --- */

static const char *text_of(const json_t *message, const char *key)
{
	const char *text = json_string_value(json_object_get(message, key));

	return text ? text : "";
}

static void on_list_sa(struct charon *charon, const json_t *message)
{
	void *at = json_object_iter((json_t *)message);
	const char *name = at ? json_object_iter_key(at) : NULL;
	struct charon_connection *connection = name ? charon_find(charon, name) : NULL;

	if (connection)
		charon_sas_add(&connection->sas, name, message);
}

/* Something of a tunnel went up, down or was renewed: its name is the one key with a section. */
static void on_moved(struct charon *charon, const json_t *message)
{
	const char *key;
	json_t *value;

	json_object_foreach ((json_t *)message, key, value)
		if (json_is_object(value) && charon_find(charon, key))
			charon_watch_look(charon, key);
}

/* Whose an SA is that charon cannot name: the tunnel to the address that began it. */
static struct charon_connection *owner_of(struct charon *charon, const json_t *message)
{
	struct charon_connection *connection = charon_find(charon, text_of(message, "ikesa-name"));
	unsigned long number = strtoul(text_of(message, "ikesa-uniqueid"), NULL, 10);
	struct map_node *node, *after;

	if (connection || !number)
		return connection;
	for (size_t i = 0; i < CHARON_NAMELESS; i++) {
		if (charon->nameless[i].number != number)
			continue;
		map_for_each (&charon->connections, node, after) {
			connection = CONTAINER_OF(node, struct charon_connection, by_uuid);
			if (ip_equal(&connection->tunnel.remote, &charon->nameless[i].peer))
				return connection;
		}
	}
	return NULL;
}

static void note_initiator(struct charon *charon, const json_t *message)
{
	AUTO(free_ptr) char *peer = charon_log_initiator(text_of(message, "msg"));
	struct charon_nameless *nameless =
		&charon->nameless[charon->next_nameless % CHARON_NAMELESS];

	if (!peer || ip_parse(peer, &nameless->peer, NULL) < 0)
		return;
	nameless->number = strtoul(text_of(message, "ikesa-uniqueid"), NULL, 10);
	charon->next_nameless++;
}

static void on_log(struct charon *charon, const json_t *message)
{
	const char *line = text_of(message, "msg");
	AUTO(free_ptr) char *reason = charon_log_reason(line);
	struct charon_connection *connection;

	note_initiator(charon, message);
	if (!reason && !charon_log_silence(line))
		return;
	connection = owner_of(charon, message);
	/* What is agreed on already is not undone by another attempt. */
	if (!connection || !connection->is_loaded || connection->state == CHARON_NEGOTIATED ||
	    connection->state == CHARON_REKEYING)
		return;
	if (reason) {
		charon_set_reason(connection, STEAL(reason));
		charon_set_state(charon, connection, CHARON_FAILED);
	} else if (connection->state == CHARON_READY && !connection->reason) {
		charon_set_reason(connection, mem_format("%s does not answer",
							 ip_text(&connection->tunnel.remote).s));
		charon_changed(charon);
	}
}

void charon_watch_event(void *data, const char *name, const json_t *message)
{
	if (strcmp(name, "list-sa") == 0)
		on_list_sa(data, message);
	else if (strcmp(name, "log") == 0)
		on_log(data, message);
	else
		on_moved(data, message);
}

void charon_watch_open(struct charon *charon)
{
	static const struct timeval often = { .tv_sec = LOOK_S };

	charon->initiate = evtimer_new(charon->base, on_initiate, charon);
	charon->look = event_new(charon->base, -1, EV_PERSIST, on_look, charon);
	event_add(charon->look, &often);
}

void charon_watch_close(struct charon *charon)
{
	event_free(charon->look);
	event_free(charon->initiate);
}
