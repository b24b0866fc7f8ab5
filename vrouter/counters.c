/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrouter/counters.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/backend/nft/nft.h"
#include "lib/backend/rtnl/rtnl.h"
#include "lib/base/text.h"
#include "vrouter/compile/compile.h"
#include "vrouter/compile/order.h"
#include "vrouter/document/place.h"
#include "vrouter/service/haproxy.h"
#include "vrouter/services.h"

/* So many objects are read in one turn of the loop: about a millisecond. */
#define TURN 64

const char *const counter_kinds[] = { "all",      "interface", "vip",   "eip", "port_forward",
				      "listener", "member",    "ipsec", NULL };

static const struct field one_uuid = { .type = FIELD_UUID };

const struct field counter_filter_fields[] = {
	{ "uuids", FIELD_LIST, offsetof(struct counter_filter, uuids), .nullable = true,
	  .element = &one_uuid, .doc = "Only these objects, or parts of objects." },
	{ "kind", FIELD_CHOICE, offsetof(struct counter_filter, kind), .choices = counter_kinds,
	  .doc = "Only counters of this kind." },
	{ 0 },
};

/* What of which section is counted. */
static const struct {
	const char *section;
	enum counter_kind kind;
} counted[] = {
	{ SECTION_INTERFACES, COUNTER_INTERFACE },
	{ SECTION_VIPS, COUNTER_VIP },
	{ SECTION_EIPS, COUNTER_EIP },
	{ SECTION_PORT_FORWARDS, COUNTER_PORT_FORWARD },
	{ SECTION_LOAD_BALANCERS, COUNTER_LISTENER },
	{ SECTION_IPSEC, COUNTER_IPSEC },
};
#define COUNTED_LISTENERS 4 /* The row. */

/* An object that is still to be read. */
struct wanted {
	size_t counted; /* Index into the table above. */
	size_t uuid_at; /* In 'uuids'. */
	size_t part_at; /* Likewise: only this part of it. WHOLE: all. */
};

#define WHOLE SIZE_MAX

struct counters_reading {
	struct agent *agent;
	int kind; /* Of the filter. */
	counters_fn *fn;
	void *data;
	struct event *turn;
	struct haproxy_look *look; /* Comes before the first turn. */

	struct text uuids; /* Each ends with a NUL. */
	struct wanted *wanted;
	size_t n, room, next;

	/* Of the present turn. */
	struct counter *counters;
	size_t n_counters, counters_room;
	struct nft_count *counts;
	struct element *elements; /* Of the counts. */
	size_t n_counts, counts_room, elements_room;
};

/* One that counts or remembers, and for what. */
struct element {
	char *key;
	size_t counter; /* Index into 'counters'. */
	enum counter_direction direction;
	bool remembers; /* What was counted before the object came, up and down. */
};

static size_t remember(struct counters_reading *reading, const char *uuid)
{
	size_t at = reading->uuids.length;

	text_add_n(&reading->uuids, uuid, strlen(uuid) + 1);
	return at;
}

static const char *remembered(const struct counters_reading *reading, size_t at)
{
	return text_view(&reading->uuids) + at;
}

static bool is_of_kind(const struct counters_reading *reading, enum counter_kind kind)
{
	return reading->kind == COUNTER_ALL || reading->kind == (int)kind;
}

/* 'part' is NULL for all of the object. */
static void want(struct counters_reading *reading, size_t which, const struct object *object,
		 const char *part)
{
	struct wanted wanted = { which, remember(reading, object->uuid), WHOLE };

	if (!is_of_kind(reading, counted[which].kind) &&
	    !(which == COUNTED_LISTENERS && is_of_kind(reading, COUNTER_MEMBER)))
		return;
	if (part)
		wanted.part_at = remember(reading, part);
	mem_grow(&reading->wanted, &reading->room, reading->n + 1, sizeof(*reading->wanted));
	reading->wanted[reading->n++] = wanted;
}

static bool has_member(const struct listener *listener, const char *uuid)
{
	const struct member *members = listener->members.items;

	for (size_t i = 0; i < listener->members.n; i++)
		if (strcmp(members[i].uuid, uuid) == 0)
			return true;
	return false;
}

static bool has_part(const struct object *object, const char *uuid)
{
	const struct load_balancer *balancer = (const void *)object;
	const struct listener *listeners = balancer->listeners.items;

	for (size_t i = 0; i < balancer->listeners.n; i++)
		if (strcmp(listeners[i].uuid, uuid) == 0 || has_member(&listeners[i], uuid))
			return true;
	return false;
}

/* The object with this uuid, or those of which a part has it: a guest is member of several. */
static bool want_uuid(struct counters_reading *reading, const char *uuid)
{
	const struct document *document = agent_document(reading->agent);
	const struct object *object;
	bool found = false;

	for (size_t i = 0; i < ARRAY_SIZE(counted); i++) {
		object = document_find(document, counted[i].section, uuid);
		if (object)
			want(reading, i, object, NULL);
		found |= object != NULL;
	}
	if (found)
		return true;
	section_for_each (document, SECTION_LOAD_BALANCERS, object)
		if (has_part(object, uuid)) {
			want(reading, COUNTED_LISTENERS, object, uuid);
			found = true;
		}
	return found;
}

static void want_all(struct counters_reading *reading)
{
	const struct object *object;

	for (size_t i = 0; i < ARRAY_SIZE(counted); i++)
		section_for_each (agent_document(reading->agent), counted[i].section, object)
			want(reading, i, object, NULL);
}

static struct counter *add_counter(struct counters_reading *reading, size_t which,
				   enum counter_kind kind, const char *uuid, const char *of)
{
	struct counter *counter;

	mem_grow(&reading->counters, &reading->counters_room, reading->n_counters + 1,
		 sizeof(*reading->counters));
	counter = &reading->counters[reading->n_counters++];
	*counter = (struct counter){
		.uuid = uuid, .section = counted[which].section, .of = of, .kind = kind
	};
	return counter;
}

static void read_interface(struct counters_reading *reading, size_t which,
			   const struct object *object)
{
	struct counter *counter =
		add_counter(reading, which, COUNTER_INTERFACE, object->uuid, NULL);
	struct rtnl_traffic traffic;
	struct place place;

	if (interface_place(agent_facts(reading->agent), (const void *)object, &place, NULL) < 0 ||
	    rtnl_link_traffic(agent_rtnl(reading->agent), place.link->index, &traffic, NULL) < 0)
		return;
	counter->counts = true;
	counter->bytes[COUNTER_UP] = traffic.sent_bytes;
	counter->packets[COUNTER_UP] = traffic.sent_packets;
	counter->bytes[COUNTER_DOWN] = traffic.received_bytes;
	counter->packets[COUNTER_DOWN] = traffic.received_packets;
}

static void add_member(struct counters_reading *reading, const struct listener *listener,
		       const struct member *member)
{
	struct counter *counter = add_counter(reading, COUNTED_LISTENERS, COUNTER_MEMBER,
					      member->uuid, listener->uuid);
	struct haproxy_traffic traffic;

	if (!haproxy_traffic(services_haproxy(reading->agent), listener->uuid, member->uuid,
			     &traffic))
		return;
	counter->counts = counter->has_sessions = true;
	counter->bytes[COUNTER_UP] = traffic.bytes_out;
	counter->bytes[COUNTER_DOWN] = traffic.bytes_in;
	counter->sessions = traffic.sessions;
	counter->sessions_total = traffic.sessions_total;
}

/* 'part' is NULL, or the one member that is asked for. */
static void add_members(struct counters_reading *reading, const struct listener *listener,
			const char *part)
{
	const struct member *members = listener->members.items;

	for (size_t i = 0; i < listener->members.n; i++)
		if (!part || strcmp(members[i].uuid, part) == 0)
			add_member(reading, listener, &members[i]);
}

static void add_listener(struct counters_reading *reading, const struct object *object,
			 const struct listener *listener)
{
	struct counter *counter = add_counter(reading, COUNTED_LISTENERS, COUNTER_LISTENER,
					      listener->uuid, object->uuid);
	struct haproxy_traffic traffic;

	if (!haproxy_traffic(services_haproxy(reading->agent), listener->uuid, NULL, &traffic))
		return;
	counter->has_sessions = true;
	counter->sessions = traffic.sessions;
	counter->sessions_total = traffic.sessions_total;
}

/* 'part' is NULL, or a listener, which comes with its members, or a member. */
static void add_listeners(struct counters_reading *reading, const struct object *object,
			  const char *part)
{
	const struct load_balancer *balancer = (const void *)object;
	const struct listener *listeners = balancer->listeners.items;

	for (size_t i = 0; i < balancer->listeners.n; i++) {
		bool whole = !part || strcmp(listeners[i].uuid, part) == 0;

		if (whole && is_of_kind(reading, COUNTER_LISTENER))
			add_listener(reading, object, &listeners[i]);
		if (is_of_kind(reading, COUNTER_MEMBER))
			add_members(reading, &listeners[i], whole ? NULL : part);
	}
}

/* "ip weft vip_up 10.0.0.5": up. */
static enum counter_direction direction_of(const char *key)
{
	const char *set = key + sizeof(TABLE_COUNT);
	size_t length = strcspn(set, " ");

	return length > 3 && strncmp(set + length - 3, "_up", 3) == 0 ? COUNTER_UP : COUNTER_DOWN;
}

static void add_element(struct counters_reading *reading, size_t counter, char *key, bool remembers)
{
	mem_grow(&reading->counts, &reading->counts_room, reading->n_counts + 1,
		 sizeof(*reading->counts));
	mem_grow(&reading->elements, &reading->elements_room, reading->n_counts + 1,
		 sizeof(*reading->elements));
	reading->counts[reading->n_counts] = (struct nft_count){ .key = key };
	reading->elements[reading->n_counts++] =
		(struct element){ key, counter, direction_of(key), remembers };
}

/* The elements that count for the counters from 'first' on. */
static void add_elements(struct counters_reading *reading, const struct object *object,
			 size_t first)
{
	struct item_set items = ITEM_SET_NONE;
	struct item *item, *after;

	router_count_object(agent_document(reading->agent), object, &items);
	item_set_for_each (&items, item, after)
		for (size_t i = first; i < reading->n_counters; i++)
			if (reading->counters[i].kind != COUNTER_MEMBER &&
			    strcmp(reading->counters[i].uuid, item_owner(item)) == 0) {
				add_element(reading, i, mem_text(item_key(item)), false);
				break;
			}
	item_set_clear(&items);
}

/* What its VIP has carried since it came. */
static void add_eip_elements(struct counters_reading *reading, const struct object *object,
			     size_t counter)
{
	const struct vip *vip = router_vip(agent_document(reading->agent),
					   ((const struct eip *)(const void *)object)->vip);
	struct ip_text address = ip_text(&vip->address);

	add_element(reading, counter, mem_format(TABLE_COUNT " vip_up %s", address.s), false);
	add_element(reading, counter, mem_format(TABLE_COUNT " vip_down %s", address.s), false);
	add_element(reading, counter, mem_format(TABLE " eip_in %s", address.s), true);
}

static void read_object(struct counters_reading *reading, const struct wanted *wanted)
{
	const struct document *document = agent_document(reading->agent);
	const struct object *object = document_find(document, counted[wanted->counted].section,
						    text_view(&reading->uuids) + wanted->uuid_at);
	size_t first = reading->n_counters;

	if (!object)
		return;
	switch (counted[wanted->counted].kind) {
	case COUNTER_INTERFACE:
		read_interface(reading, wanted->counted, object);
		return;
	case COUNTER_LISTENER:
		add_listeners(reading, object,
			      wanted->part_at == WHOLE ? NULL
						       : remembered(reading, wanted->part_at));
		break;
	default:
		add_counter(reading, wanted->counted, counted[wanted->counted].kind, object->uuid,
			    NULL);
	}
	if (counted[wanted->counted].kind == COUNTER_EIP)
		add_eip_elements(reading, object, first);
	else
		add_elements(reading, object, first);
}

/* Who took an element away took its count as well: what is left counts from zero. */
static void take_off(uint64_t *sum, uint64_t before)
{
	*sum -= *sum < before ? 0 : before;
}

/* A tunnel has several; one that remembers comes behind those that it remembers. */
static void fill_in_one(struct counter *counter, const struct element *element,
			const struct nft_count *count)
{
	counter->counts = count->found;
	if (!element->remembers) {
		counter->bytes[element->direction] += count->sum.bytes;
		counter->packets[element->direction] += count->sum.packets;
		return;
	}
	for (size_t i = COUNTER_UP; i <= COUNTER_DOWN; i++) {
		take_off(&counter->bytes[i], count->since[i].bytes);
		take_off(&counter->packets[i], count->since[i].packets);
	}
}

static int fill_in(struct counters_reading *reading, struct err *err)
{
	if (nft_counts_read(agent_nft(reading->agent), reading->counts, reading->n_counts, err) < 0)
		return err->code;
	for (size_t i = 0; i < reading->n_counts; i++)
		fill_in_one(&reading->counters[reading->elements[i].counter], &reading->elements[i],
			    &reading->counts[i]);
	return 0;
}

static void forget_turn(struct counters_reading *reading)
{
	for (size_t i = 0; i < reading->n_counts; i++)
		free(reading->elements[i].key);
	reading->n_counters = reading->n_counts = 0;
}

static void on_turn(evutil_socket_t fd, short what, void *data)
{
	struct counters_reading *reading = data;
	struct timeval soon = { 0 };
	struct err err = ERR_NONE;
	bool last;

	(void)fd;
	(void)what;
	forget_turn(reading);
	for (size_t i = 0; i < TURN && reading->next < reading->n; i++)
		read_object(reading, &reading->wanted[reading->next++]);
	last = fill_in(reading, &err) < 0 || reading->next == reading->n;
	reading->fn(reading->data, reading->counters, err.code ? 0 : reading->n_counters, last,
		    err.code ? &err : NULL);
	err_clear(&err);
	if (last)
		counters_cancel(reading);
	else
		event_add(reading->turn, &soon);
}

static int want_filtered(struct counters_reading *reading, const struct counter_filter *filter,
			 struct err *err)
{
	char *const *uuids = filter->uuids.items;

	for (size_t i = 0; i < filter->uuids.n; i++)
		if (!want_uuid(reading, uuids[i]))
			return err_set(err, -ENOENT, "%s", uuids[i]);
	if (!filter->uuids.n)
		want_all(reading);
	return 0;
}

static bool wants_listeners(const struct counters_reading *reading)
{
	for (size_t i = 0; i < reading->n; i++)
		if (reading->wanted[i].counted == COUNTED_LISTENERS)
			return true;
	return false;
}

static void on_looked(void *data)
{
	struct counters_reading *reading = data;
	struct timeval soon = { 0 };

	reading->look = NULL;
	event_add(reading->turn, &soon);
}

struct counters_reading *counters_read(struct agent *agent, const struct counter_filter *filter,
				       counters_fn *fn, void *data, struct err *err)
{
	struct counters_reading *reading = mem_alloc(sizeof(*reading));
	struct timeval soon = { 0 };

	*reading = (struct counters_reading){
		.agent = agent, .kind = filter->kind, .fn = fn, .data = data
	};
	reading->turn = evtimer_new(agent_base(agent), on_turn, reading);
	if (agent_document(agent) && want_filtered(reading, filter, err) < 0) {
		counters_cancel(reading);
		return NULL;
	}
	if (wants_listeners(reading))
		reading->look = haproxy_look(services_haproxy(agent), on_looked, reading);
	else
		event_add(reading->turn, &soon);
	return reading;
}

void counters_cancel(struct counters_reading *reading)
{
	if (!reading)
		return;
	haproxy_look_cancel(reading->look);
	event_free(reading->turn);
	text_clear(&reading->uuids);
	forget_turn(reading);
	free(reading->wanted);
	free(reading->counters);
	free(reading->counts);
	free(reading->elements);
	free(reading);
}
