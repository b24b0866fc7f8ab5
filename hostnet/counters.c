/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hostnet/counters.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hostnet/compile/compile.h"
#include "hostnet/compile/order.h"
#include "lib/agent/metrics.h"
#include "lib/agent/reply.h"
#include "lib/backend/nft/nft.h"
#include "lib/backend/rtnl/rtnl.h"

/* So many are read in one turn of the loop: about a millisecond. */
#define TURN 64

#define UP   TABLE_LEGS " eip_up "
#define DOWN TABLE_LEGS " eip_down "

const char counters_interface[] =
	"\ntype CounterFilter (\n  uuids: ?[]string,\n  kind: ?string\n)\n\n"
	"type Counter (\n  uuid: string,\n  section: string,\n  kind: string,\n"
	"  bytes_up: ?int,\n  bytes_down: ?int,\n  packets_up: ?int,\n  packets_down: ?int\n)\n\n"
	"# What ports and elastic IPs have carried; with 'more' in several answers. Without "
	"numbers: it rests.\n"
	"method Counters(filter: ?CounterFilter) -> (counters: []Counter)\n";

struct filter {
	struct field_list uuids; /* char *. */
	int kind;
};

static const struct field one_uuid = { .type = FIELD_UUID };
static const char *const kinds[] = { "all", "eip", "port", NULL };
enum { KIND_ALL, KIND_EIP, KIND_PORT };

static const struct field filter_fields[] = {
	{ "uuids", FIELD_LIST, offsetof(struct filter, uuids), .nullable = true,
	  .element = &one_uuid, .doc = "Only these objects." },
	{ "kind", FIELD_CHOICE, offsetof(struct filter, kind), .choices = kinds,
	  .doc = "Only counters of this kind." },
	{ 0 },
};

struct counted {
	const char *section;
	char *uuid;
};

struct reading {
	struct agent *agent;
	struct wire_call *call;  /* Who asks; NULL: a monitoring, */
	struct metrics *metrics; /* of which this is the answer; NULL: the controller, */
	struct agent_counting counting;
	agent_counted_fn *done; /* who is told so. */
	void *data;
	struct event *turn;
	struct counted *counted; /* Still to be read, from 'next' on. */
	size_t n, next, room;
	json_t *all; /* What is not answered yet. */
};

static void reading_free(struct reading *reading)
{
	for (size_t i = 0; i < reading->n; i++)
		free(reading->counted[i].uuid);
	free(reading->counted);
	event_free(reading->turn);
	json_decref(reading->all);
	free(reading);
}

static void want(struct reading *reading, const struct object *object)
{
	mem_grow(&reading->counted, &reading->room, reading->n + 1, sizeof(*reading->counted));
	reading->counted[reading->n++] =
		(struct counted){ object->section->name, mem_text(object->uuid) };
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
static void read_eip(struct reading *reading, const struct object *object, json_t *json,
		     struct err *err)
{
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
	item_set_clear(&items);
	notes_clear(&notes);
}

/* The link's own: what the host receives by it is what the guest sends. One that went since has
 * none. */
static void read_port(struct reading *reading, const struct object *object, json_t *json)
{
	const struct port *port = (const void *)object;
	const struct facts_link *link =
		facts_link_by_name(agent_facts(reading->agent), port->device);
	struct rtnl_traffic traffic;

	if (!link || rtnl_link_traffic(agent_rtnl(reading->agent), link->index, &traffic, NULL) < 0)
		return;
	json_object_set_new(json, "bytes_up", json_integer((json_int_t)traffic.received_bytes));
	json_object_set_new(json, "packets_up", json_integer((json_int_t)traffic.received_packets));
	json_object_set_new(json, "bytes_down", json_integer((json_int_t)traffic.sent_bytes));
	json_object_set_new(json, "packets_down", json_integer((json_int_t)traffic.sent_packets));
}

static void read_one(struct reading *reading, const struct object *object, struct err *err)
{
	bool is_eip = strcmp(object->section->name, SECTION_EIPS) == 0;
	json_t *json = json_pack("{s:s, s:s, s:s}", "uuid", object->uuid, "section",
				 object->section->name, "kind", is_eip ? "eip" : "port");

	if (is_eip)
		read_eip(reading, object, json, err);
	else
		read_port(reading, object, json);
	json_array_append_new(reading->all, json);
}

static void add_metric(struct metrics_family *family, const json_t *counter, const char *what,
		       const char *direction)
{
	AUTO(free_ptr)
	char *labels = mem_format("kind=\"%s\",uuid=\"%s\",direction=\"%s\"",
				  json_string_value(json_object_get(counter, "kind")),
				  json_string_value(json_object_get(counter, "uuid")), direction);
	AUTO(free_ptr) char *name = mem_format("%s_%s", what, direction);
	const json_t *number = json_object_get(counter, name);

	if (number)
		metrics_add(family, labels, (uint64_t)json_integer_value(number));
}

/* By the names that a router's have, too. */
static void add_metrics(const struct reading *reading)
{
	static const char *const directions[] = { "up", "down" };
	struct metrics_family *bytes =
		metrics_family(reading->metrics, "weft_bytes_total", "counter",
			       "Bytes carried; up is away from the guest.");
	struct metrics_family *packets = metrics_family(reading->metrics, "weft_packets_total",
							"counter", "Packets carried.");
	const json_t *counter;
	size_t i;

	json_array_foreach (reading->all, i, counter)
		for (size_t j = 0; j < ARRAY_SIZE(directions); j++) {
			add_metric(bytes, counter, "bytes", directions[j]);
			add_metric(packets, counter, "packets", directions[j]);
		}
}

static void finish(struct reading *reading, const struct err *err)
{
	if (reading->metrics) {
		add_metrics(reading);
		metrics_done(reading->metrics, err->code ? err_text(err) : NULL);
	} else if (reading->done) {
		reading->done(reading->data, err->code ? NULL : reading->all,
			      err->code ? err : NULL);
	} else if (err->code) {
		reply_error(reading->agent, reading->call, err);
	} else {
		wire_reply(reading->call, json_pack("{s:O}", "counters", reading->all));
	}
	reading_free(reading);
}

static void on_turn(evutil_socket_t fd, short what, void *data)
{
	struct reading *reading = data;
	struct timeval soon = { 0 };
	struct err err = ERR_NONE;

	(void)fd;
	(void)what;
	for (size_t i = 0; i < TURN && !err.code && reading->next < reading->n; i++) {
		const struct counted *counted = &reading->counted[reading->next++];
		const struct object *object = document_find(agent_document(reading->agent),
							    counted->section, counted->uuid);

		if (object)
			read_one(reading, object, &err);
	}
	if (err.code || reading->next == reading->n) {
		finish(reading, &err);
		err_clear(&err);
		return;
	}
	if (reading->call && wire_call_wants_more(reading->call)) {
		wire_reply_more(reading->call, json_pack("{s:o}", "counters", reading->all));
		reading->all = json_array();
	}
	event_add(reading->turn, &soon);
}

static void on_gone(struct wire_call *call, void *data)
{
	(void)call;
	reading_free(data);
}

static const struct object *find_counted(const struct document *document, const char *uuid)
{
	const struct object *object = document_find(document, SECTION_EIPS, uuid);

	return object ? object : document_find(document, SECTION_PORTS, uuid);
}

/* -ENOENT with the uuid that nothing has that counts. */
static int want_filtered(struct reading *reading, const struct filter *filter, struct err *err)
{
	const struct document *document = agent_document(reading->agent);
	char *const *uuids = filter->uuids.items;
	const struct object *object;

	for (size_t i = 0; i < filter->uuids.n; i++) {
		object = document ? find_counted(document, uuids[i]) : NULL;
		if (!object)
			return err_set(err, -ENOENT, "%s", uuids[i]);
		want(reading, object);
	}
	if (!document || filter->uuids.n)
		return 0;
	if (filter->kind != KIND_PORT)
		section_for_each (document, SECTION_EIPS, object)
			want(reading, object);
	if (filter->kind != KIND_EIP)
		section_for_each (document, SECTION_PORTS, object)
			want(reading, object);
	return 0;
}

static struct reading *reading_new(struct agent *agent)
{
	struct reading *reading = mem_alloc(sizeof(*reading));

	*reading = (struct reading){ .agent = agent, .all = json_array() };
	reading->turn = evtimer_new(agent_base(agent), on_turn, reading);
	return reading;
}

static void start(struct agent *agent, struct wire_call *call, const struct filter *filter)
{
	struct reading *reading = reading_new(agent);
	struct timeval soon = { 0 };
	struct err err = ERR_NONE;

	reading->call = call;
	if (want_filtered(reading, filter, &err) < 0) {
		reply_not_found(agent, call, err_text(&err));
		reading_free(reading);
	} else {
		wire_call_on_gone(call, on_gone, reading);
		event_add(reading->turn, &soon);
	}
	err_clear(&err);
}

static void cancel(struct agent_counting *counting)
{
	reading_free(CONTAINER_OF(counting, struct reading, counting));
}

struct agent_counting *host_counters(struct agent *agent, json_t *given, agent_counted_fn *done,
				     void *data, struct err *err)
{
	struct filter filter = { 0 };
	struct timeval soon = { 0 };
	struct reading *reading;
	int ret;

	if (given && field_decode(filter_fields, given, &filter, err) < 0)
		return NULL;
	reading = reading_new(agent);
	reading->counting.cancel = cancel;
	reading->done = done;
	reading->data = data;
	ret = want_filtered(reading, &filter, err);
	field_clear(filter_fields, &filter);
	if (ret < 0) {
		reading_free(reading);
		return NULL;
	}
	event_add(reading->turn, &soon);
	return &reading->counting;
}

static void on_monitoring_gone(void *data)
{
	reading_free(data);
}

void counters_metrics(struct agent *agent, struct metrics *metrics)
{
	struct reading *reading = reading_new(agent);
	const struct filter everything = { .kind = KIND_ALL };
	struct timeval soon = { 0 };

	reading->metrics = metrics;
	want_filtered(reading, &everything, NULL);
	metrics_on_gone(metrics, on_monitoring_gone, reading);
	event_add(reading->turn, &soon);
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
