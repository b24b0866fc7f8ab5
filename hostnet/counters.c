/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hostnet/counters.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hostnet/compile/compile.h"
#include "hostnet/compile/order.h"
#include "lib/agent/reply.h"
#include "lib/backend/nft/nft.h"

/* So many are read in one turn of the loop: about a millisecond. */
#define TURN 64

#define UP   TABLE_LEGS " eip_up "
#define DOWN TABLE_LEGS " eip_down "

const char counters_interface[] =
	"\ntype CounterFilter (\n  uuids: ?[]string,\n  kind: ?string\n)\n\n"
	"type Counter (\n  uuid: string,\n  section: string,\n  kind: string,\n"
	"  bytes_up: ?int,\n  bytes_down: ?int,\n  packets_up: ?int,\n  packets_down: ?int\n)\n\n"
	"# What elastic IPs have carried; with 'more' in several answers. Without numbers: it "
	"rests.\n"
	"method Counters(filter: ?CounterFilter) -> (counters: []Counter)\n";

struct filter {
	struct field_list uuids; /* char *. */
	int kind;
};

static const struct field one_uuid = { .type = FIELD_UUID };
static const char *const kinds[] = { "all", "eip", NULL };

static const struct field filter_fields[] = {
	{ "uuids", FIELD_LIST, offsetof(struct filter, uuids), .nullable = true,
	  .element = &one_uuid, .doc = "Only these objects." },
	{ "kind", FIELD_CHOICE, offsetof(struct filter, kind), .choices = kinds,
	  .doc = "Only counters of this kind." },
	{ 0 },
};

struct reading {
	struct agent *agent;
	struct wire_call *call;
	struct event *turn;
	char **uuids; /* Still to be read, from 'next' on. */
	size_t n, next, room;
	json_t *all; /* What is not answered yet. */
};

static void reading_free(struct reading *reading)
{
	for (size_t i = 0; i < reading->n; i++)
		free(reading->uuids[i]);
	free(reading->uuids);
	event_free(reading->turn);
	json_decref(reading->all);
	free(reading);
}

static void want(struct reading *reading, const char *uuid)
{
	mem_grow(&reading->uuids, &reading->room, reading->n + 1, sizeof(*reading->uuids));
	reading->uuids[reading->n++] = mem_text(uuid);
}

static void add_numbers(json_t *json, const struct nft_count *count)
{
	bool is_up = strncmp(count->key, UP, strlen(UP)) == 0;

	if (!count->found)
		return;
	json_object_set_new(json, is_up ? "bytes_up" : "bytes_down",
			    json_integer((json_int_t)count->sum.bytes));
	json_object_set_new(json, is_up ? "packets_up" : "packets_down",
			    json_integer((json_int_t)count->sum.packets));
}

/* The elements that count for it are the only two of its own that begin so. */
static int read_one(struct reading *reading, const struct object *object, struct err *err)
{
	json_t *json = json_pack("{s:s, s:s, s:s}", "uuid", object->uuid, "section", SECTION_EIPS,
				 "kind", "eip");
	struct item_set items = ITEM_SET_NONE;
	struct notes notes = NOTES_NONE;
	struct nft_count counts[2] = { 0 };
	struct item *item, *after;
	size_t n = 0;

	host_compile_object(agent_document(reading->agent), agent_facts(reading->agent), object,
			    &items, &notes);
	item_set_for_each (&items, item, after)
		if (item_is(item, "nft.element") && n < ARRAY_SIZE(counts) &&
		    (strncmp(item_key(item), UP, strlen(UP)) == 0 ||
		     strncmp(item_key(item), DOWN, strlen(DOWN)) == 0))
			counts[n++].key = item_key(item);
	if (nft_counts_read(agent_nft(reading->agent), counts, n, err) == 0)
		for (size_t i = 0; i < n; i++)
			add_numbers(json, &counts[i]);
	json_array_append_new(reading->all, json);
	item_set_clear(&items);
	notes_clear(&notes);
	return err->code;
}

static void on_turn(evutil_socket_t fd, short what, void *data)
{
	struct reading *reading = data;
	struct timeval soon = { 0 };
	struct err err = ERR_NONE;

	(void)fd;
	(void)what;
	for (size_t i = 0; i < TURN && !err.code && reading->next < reading->n; i++) {
		const struct object *object =
			document_find(agent_document(reading->agent), SECTION_EIPS,
				      reading->uuids[reading->next++]);

		if (object)
			read_one(reading, object, &err);
	}
	if (err.code) {
		reply_error(reading->agent, reading->call, &err);
	} else if (reading->next < reading->n) {
		if (wire_call_wants_more(reading->call)) {
			wire_reply_more(reading->call,
					json_pack("{s:o}", "counters", reading->all));
			reading->all = json_array();
		}
		event_add(reading->turn, &soon);
		return;
	} else {
		wire_reply(reading->call, json_pack("{s:O}", "counters", reading->all));
	}
	err_clear(&err);
	reading_free(reading);
}

static void on_gone(struct wire_call *call, void *data)
{
	(void)call;
	reading_free(data);
}

/* -ENOENT with the uuid that nothing has that counts. */
static int want_filtered(struct reading *reading, const struct filter *filter, struct err *err)
{
	const struct document *document = agent_document(reading->agent);
	char *const *uuids = filter->uuids.items;
	const struct object *object;

	for (size_t i = 0; i < filter->uuids.n; i++) {
		if (!document || !document_find(document, SECTION_EIPS, uuids[i]))
			return err_set(err, -ENOENT, "%s", uuids[i]);
		want(reading, uuids[i]);
	}
	if (!document || filter->uuids.n)
		return 0;
	section_for_each (document, SECTION_EIPS, object)
		want(reading, object->uuid);
	return 0;
}

static void start(struct agent *agent, struct wire_call *call, const struct filter *filter)
{
	struct reading *reading = mem_alloc(sizeof(*reading));
	struct timeval soon = { 0 };
	struct err err = ERR_NONE;

	*reading = (struct reading){ .agent = agent, .call = call, .all = json_array() };
	reading->turn = evtimer_new(agent_base(agent), on_turn, reading);
	if (want_filtered(reading, filter, &err) < 0) {
		reply_not_found(agent, call, err_text(&err));
		reading_free(reading);
	} else {
		wire_call_on_gone(call, on_gone, reading);
		event_add(reading->turn, &soon);
	}
	err_clear(&err);
}

void method_counters(struct wire_call *call, json_t *parameters, void *data)
{
	static const char *const names[] = { "filter", NULL };
	struct agent *agent = data;
	struct filter filter = { 0 };
	json_t *given = json_object_get(parameters, "filter");
	struct err err = ERR_NONE;

	if (reply_unknown(agent, call, parameters, names))
		return;
	if (given && !json_is_null(given) &&
	    field_decode(filter_fields, given, &filter, &err) < 0) {
		err_at(&err, "filter");
		reply_error(agent, call, &err);
	} else {
		start(agent, call, &filter);
	}
	field_clear(filter_fields, &filter);
	err_clear(&err);
}
