/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which parts of whose documents a change of the model may concern.
 *
 * Too much is only slower: what is asked anew and is as it was is not sent. Too little is found by
 * the sweep (watch.c). Where the model cannot be read, everything is touched. */
#include <stdlib.h>
#include <string.h>

#include "controller/link/touch.h"
#include "controller/model/health.h"
#include "controller/model/service.h"
#include "controller/model/setting.h"
#include "lib/base/log.h"

static void touch_place(const struct touching *to, const struct router_place *place)
{
	if (place->type)
		touch_object(to, place->type, place->uuid, HOST_ALL);
}

static int is_there(const struct touching *to, const struct model_type *type, const char *uuid)
{
	return uuid ? db_has(model_db(to->model), &type->table, uuid, to->err) : 0;
}

/* The functions below do nothing for what is NULL or gone: that has an event of its own. */

static int touch_network_router(const struct touching *to, const char *network)
{
	struct router_place place = { 0 };
	int ret = is_there(to, &l3_network_type, network);

	if (ret > 0)
		ret = network_router(to->model, network, &place, to->err);
	touch_place(to, &place);
	return ret;
}

static int touch_vm(const struct touching *to, const char *uuid)
{
	struct vm vm = { 0 };
	int ret = is_there(to, &vm_type, uuid);

	if (ret > 0)
		ret = model_load(to->model, &vm_type, uuid, &vm, to->err);
	touch_object(to, &host_type, vm.host, HOST_GUESTS);
	model_clear(&vm_type, &vm);
	return ret;
}

/* Its host and its router. */
static int touch_nic(const struct touching *to, const char *uuid)
{
	struct nic nic = { 0 };
	int ret = is_there(to, &nic_type, uuid);

	if (ret > 0)
		ret = model_load(to->model, &nic_type, uuid, &nic, to->err);
	if (ret == 0)
		ret = touch_vm(to, nic.vm);
	if (ret >= 0)
		ret = touch_network_router(to, nic.l3_network);
	model_clear(&nic_type, &nic);
	return ret;
}

static int touch_each(const struct touching *to, const struct field_list *list,
		      int (*touch)(const struct touching *to, const char *uuid))
{
	char **uuids = list->items;
	int ret = 0;

	for (size_t i = 0; ret >= 0 && i < list->n; i++)
		ret = touch(to, uuids[i]);
	return ret;
}

/* Those that are in one of two lists alone. */
static int touch_difference(const struct touching *to, const struct field_list *a,
			    const struct field_list *b,
			    int (*touch)(const struct touching *to, const char *uuid))
{
	char **uuids = a->items;
	int ret = 0;

	for (size_t i = 0; ret >= 0 && i < a->n; i++)
		if (!uuids_have(b, uuids[i]))
			ret = touch(to, uuids[i]);
	return ret;
}

static int touch_vip(const struct touching *to, const char *uuid)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	struct router_place place = { 0 };
	int ret = is_there(to, &vip_type, uuid);

	if (ret <= 0)
		return ret;
	ret = vip_router(to->model, uuid, "", &place, to->err);
	touch_place(to, &place);
	if (ret == 0)
		ret = model_find(to->model, &eip_type, &rows, to->err, "vip", uuid);
	for (size_t i = 0; ret >= 0 && i < rows.n; i++)
		ret = touch_nic(to, ((struct eip *)db_row(&rows, i))->nic);
	return ret;
}

static int touch_balancer(const struct touching *to, const char *uuid)
{
	struct load_balancer balancer = { 0 };
	int ret = is_there(to, &load_balancer_type, uuid);

	if (ret > 0)
		ret = model_load(to->model, &load_balancer_type, uuid, &balancer, to->err);
	if (ret == 0)
		ret = touch_vip(to, balancer.on.vip);
	model_clear(&load_balancer_type, &balancer);
	return ret;
}

static int touch_table(const struct touching *to, const struct route_table *table)
{
	char **routers = table->routers.items, **vpc_routers = table->vpc_routers.items;

	for (size_t i = 0; i < table->routers.n; i++)
		touch_object(to, &router_type, routers[i], HOST_ALL);
	for (size_t i = 0; i < table->vpc_routers.n; i++)
		touch_object(to, &vpc_router_type, vpc_routers[i], HOST_ALL);
	return 0;
}

/* ---- a record of each type, as it was or as it is -------------------------------------------- */

static int eip_touches(const struct touching *to, const void *record)
{
	const struct eip *eip = record;
	int ret = touch_vip(to, eip->on.vip);

	return ret < 0 ? ret : touch_nic(to, eip->nic);
}

static int forward_touches(const struct touching *to, const void *record)
{
	const struct port_forward *forward = record;
	int ret = touch_vip(to, forward->on.vip);

	return ret < 0 ? ret : touch_nic(to, forward->nic);
}

static int balancer_touches(const struct touching *to, const void *record)
{
	return touch_vip(to, ((const struct load_balancer *)record)->on.vip);
}

static int listener_touches(const struct touching *to, const void *record)
{
	const struct listener *listener = record;
	int ret = touch_balancer(to, listener->load_balancer);

	return ret < 0 ? ret : touch_each(to, &listener->nics, touch_nic);
}

static int certificate_touches(const struct touching *to, const void *record)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	int ret = model_find(to->model, &listener_type, &rows, to->err, "certificate",
			     ((const struct resource *)record)->uuid);

	for (size_t i = 0; ret >= 0 && i < rows.n; i++)
		ret = listener_touches(to, db_row(&rows, i));
	return ret;
}

static int ipsec_touches(const struct touching *to, const void *record)
{
	const struct ipsec_connection *ipsec = record;
	int ret = touch_vip(to, ipsec->on.vip);

	return ret < 0 ? ret : touch_each(to, &ipsec->local_networks, touch_network_router);
}

static int vip_touches(const struct touching *to, const void *record)
{
	return touch_vip(to, ((const struct resource *)record)->uuid);
}

static int qos_touches(const struct touching *to, const void *record)
{
	return touch_vip(to, ((const struct vip_qos *)record)->vip);
}

static int router_touches(const struct touching *to, const void *record)
{
	touch_object(to, &router_type, ((const struct resource *)record)->uuid, HOST_ALL);
	return 0;
}

static int vpc_router_touches(const struct touching *to, const void *record)
{
	touch_object(to, &vpc_router_type, ((const struct resource *)record)->uuid, HOST_ALL);
	touch_hosts(to, HOST_ROUTERS);
	return 0;
}

static int router_nic_touches(const struct touching *to, const void *record)
{
	const struct router_nic *nic = record;

	touch_object(to, &router_type, nic->router, HOST_ALL);
	touch_object(to, &vpc_router_type, nic->vpc_router, HOST_ALL);
	if (nic->vpc_router)
		touch_hosts(to, HOST_ROUTERS);
	return 0;
}

static int table_touches(const struct touching *to, const void *record)
{
	return touch_table(to, record);
}

static int entry_touches(const struct touching *to, const void *record)
{
	const char *uuid = ((const struct route_entry *)record)->route_table;
	struct route_table table = { 0 };
	int ret = is_there(to, &route_table_type, uuid);

	if (ret > 0)
		ret = model_load(to->model, &route_table_type, uuid, &table, to->err);
	if (ret == 0)
		ret = touch_table(to, &table);
	model_clear(&route_table_type, &table);
	return ret;
}

static int network_touches(const struct touching *to, const void *record)
{
	const struct l3_network *network = record;

	/* Its guests go with it, and tell nothing of where they were. */
	touch_list(to, LIST_GUESTS, network->l2_network);
	touch_holders(to, "l2_networks", network->l2_network, HOST_L2);
	touch_holders(to, "l3_networks", network->resource.uuid, HOST_NETWORKS | HOST_ROUTERS);
	touch_object(to, &vpc_router_type, network->vpc_router, HOST_ALL);
	return touch_network_router(to, network->resource.uuid);
}

static int range_touches(const struct touching *to, const void *record)
{
	const char *network = ((const struct ip_range *)record)->l3_network;

	touch_holders(to, "l3_networks", network, HOST_NETWORKS);
	return touch_network_router(to, network);
}

static int l2_touches(const struct touching *to, const void *record)
{
	(void)record;
	touch_hosts(to, HOST_L2);
	return 0;
}

static int pool_touches(const struct touching *to, const void *record)
{
	(void)record;
	touch_hosts(to, HOST_L2);
	touch_lists(to, LIST_VTEPS);
	touch_lists(to, LIST_GUESTS);
	return 0;
}

static int host_touches(const struct touching *to, const void *record)
{
	touch_object(to, &host_type, ((const struct resource *)record)->uuid, HOST_ALL);
	return 0;
}

/* Where it is, is known on all hosts of its pools: of one that came, no guest is known yet; from
 * one that goes, its guests went before. */
static int host_place_touches(const struct touching *to, const struct model_event *event)
{
	touch_lists(to, LIST_VTEPS);
	if (event->was && event->is)
		touch_lists(to, LIST_GUESTS);
	return 0;
}

/* Other hosts know where the guests of a VXLAN are. */
static int touch_l2_of(const struct touching *to, const char *network)
{
	struct l3_network l3 = { 0 };
	int ret = is_there(to, &l3_network_type, network);

	if (ret > 0)
		ret = model_load(to->model, &l3_network_type, network, &l3, to->err);
	if (ret == 0 && l3.l2_network)
		touch_list(to, LIST_GUESTS, l3.l2_network);
	model_clear(&l3_network_type, &l3);
	return ret;
}

static int vm_touches(const struct touching *to, const void *record)
{
	const struct vm *vm = record;

	touch_object(to, &host_type, vm->host, HOST_GUESTS);
	return 0;
}

/* Where it is, is known on all hosts of its networks. */
static int vm_place_touches(const struct touching *to, const void *record)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	const struct vm *vm = record;
	int ret = model_find(to->model, &nic_type, &rows, to->err, "vm", vm->resource.uuid);

	for (size_t i = 0; ret >= 0 && i < rows.n; i++)
		ret = touch_l2_of(to, ((struct nic *)db_row(&rows, i))->l3_network);
	return ret;
}

static int nic_touches(const struct touching *to, const void *record)
{
	const struct nic *nic = record;
	int ret = touch_vm(to, nic->vm);

	if (ret >= 0)
		ret = touch_l2_of(to, nic->l3_network);
	return ret < 0 ? ret : touch_network_router(to, nic->l3_network);
}

static int setting_touches(const struct touching *to, const void *record)
{
	if (setting_is(record, SETTING_PRIVATE_DEFAULT))
		touch_routers(to);
	return 0;
}

static int rule_touches(const struct touching *to, const void *record)
{
	const struct security_group_rule *rule = record;

	touch_holders(to, "security_groups", rule->security_group, HOST_GROUPS);
	return 0;
}

static int touch_nic_host(const struct touching *to, const char *uuid)
{
	struct nic nic = { 0 };
	int ret = is_there(to, &nic_type, uuid);

	if (ret > 0)
		ret = model_load(to->model, &nic_type, uuid, &nic, to->err);
	if (ret == 0)
		ret = touch_vm(to, nic.vm);
	model_clear(&nic_type, &nic);
	return ret;
}

/* Hosts whose guests came or went have it in their ports; all others at most its members. */
static int group_event(const struct touching *to, const struct model_event *event)
{
	static const struct field_list none;
	const struct security_group *was = event->was, *is = event->is;
	const struct field_list *before = was ? &was->nics : &none, *now = is ? &is->nics : &none;
	int ret = touch_difference(to, before, now, touch_nic_host);

	touch_list(to, LIST_MEMBERS, event->uuid);
	return ret < 0 ? ret : touch_difference(to, now, before, touch_nic_host);
}

static const struct {
	const struct model_type *type;
	int (*touches)(const struct touching *to, const void *record);
	const char *const *fields; /* An update of others touches nobody; NULL: any does. */
} touched_by[] = {
	{ &eip_type, eip_touches, NULL },
	{ &port_forward_type, forward_touches, NULL },
	{ &load_balancer_type, balancer_touches, NULL },
	{ &listener_type, listener_touches, NULL },
	{ &certificate_type, certificate_touches, NULL },
	{ &ipsec_connection_type, ipsec_touches, NULL },
	{ &vip_type, vip_touches, NULL },
	{ &vip_qos_type, qos_touches, NULL },
	{ &router_type, router_touches, NULL },
	{ &vpc_router_type, vpc_router_touches, NULL },
	{ &router_nic_type, router_nic_touches, NULL },
	{ &route_table_type, table_touches, NULL },
	{ &route_entry_type, entry_touches, NULL },
	{ &l3_network_type, network_touches,
	  (const char *const[]){ "dns", "mtu", "vpc_router", "dhcp_address", NULL } },
	{ &ip_range_type, range_touches, NULL },
	{ &l2_network_type, l2_touches, (const char *const[]){ "clusters", "vlan", NULL } },
	{ &vxlan_pool_cluster_type, pool_touches, NULL },
	{ &host_type, host_touches, (const char *const[]){ "name", "cluster", "devices", NULL } },
	{ &vm_type, vm_touches, NULL },
	{ &vm_type, vm_place_touches, (const char *const[]){ "host", NULL } },
	{ &nic_type, nic_touches, NULL },
	{ &security_group_rule_type, rule_touches, NULL },
	{ &global_setting_type, setting_touches, (const char *const[]){ "value", NULL } },
};

/* What the agents themselves said, written down, makes no document another. */
static bool is_said_by_agents(const struct model_event *event)
{
	return event->type == &agent_type || !health_event_is_more(event);
}

/* An L2 network comes to a cluster or goes: guests are plugged into it, or no more. One that is new
 * has none, and those of one that is deleted have events of their own. */
static void touch_plugged(const struct touching *to, const struct model_event *event)
{
	static const char *const fields[] = { "clusters", NULL };

	if (event->type == &vxlan_pool_cluster_type ||
	    (event->type == &l2_network_type && event->was && event->is &&
	     model_event_concerns(event, fields)))
		touch_hosts(to, HOST_GUESTS);
}

static int take(const struct touching *to, const struct model_event *event)
{
	static const char *const place[] = { "cluster", "devices", NULL };
	int ret = 0;

	if (is_said_by_agents(event))
		return 0;
	touch_plugged(to, event);
	if (event->type == &security_group_type)
		return group_event(to, event);
	if (event->type == &host_type && model_event_concerns(event, place))
		ret = host_place_touches(to, event);
	for (size_t i = 0; i < ARRAY_SIZE(touched_by); i++) {
		if (touched_by[i].type != event->type)
			continue;
		if (touched_by[i].fields && !model_event_concerns(event, touched_by[i].fields))
			continue;
		if (ret >= 0 && event->was)
			ret = touched_by[i].touches(to, event->was);
		if (ret >= 0 && event->is)
			ret = touched_by[i].touches(to, event->is);
	}
	return ret;
}

/* An agent that is gone, or enrolled anew, is let go at once. */
static void take_agent(struct agents *agents, const struct model_event *event)
{
	static const char *const fields[] = { "generation", NULL };
	const struct model_type *type;
	struct member *member;
	const char *uuid;

	if (event->type != &agent_type || !event->was || !model_event_concerns(event, fields))
		return;
	type = agent_object(event->was, &uuid);
	member = member_named(agents, type, uuid);
	if (member && !event->is)
		member_take_all(member);
	if (member)
		member_let_go(member, "it was enrolled anew, or its object is gone");
}

/* Who is gone is waited for no more. */
static void drop_agent(struct agents *agents, const struct model_event *event)
{
	const struct model_type *type;
	struct member *member;
	const char *uuid;

	if (event->type != &agent_type || event->is)
		return;
	type = agent_object(event->was, &uuid);
	member = member_named(agents, type, uuid);
	if (member)
		member_drop_parts(member);
}

static void note_objects(struct agents *agents, const struct model_event *events, size_t n)
{
	struct job *job = jobs_current(agents->jobs, false);

	for (size_t i = 0; job && i < n; i++)
		if (events[i].is && report_section(events[i].type))
			job_add_object(job, events[i].type, events[i].uuid);
}

static void touch_everything(struct agents *agents)
{
	const struct touching to = { .agents = agents };
	struct map_node *node, *after;

	map_for_each (&agents->members, node, after)
		touch_member(&to, CONTAINER_OF(node, struct member, by_name),
			     HOST_ALL | TOUCHED_LISTS, false);
	for (enum list_kind kind = 0; kind < N_LISTS; kind++)
		lists_touch_kind(agents->lists, kind);
}

void agents_touch(const struct model_event *events, size_t n, void *data)
{
	struct agents *agents = data;
	struct err err = ERR_NONE;
	struct touching to = { agents, agents->model, &err };

	for (size_t i = 0; i < n; i++)
		if (!is_said_by_agents(&events[i])) {
			agents_forget_shared(agents);
			break;
		}
	for (size_t i = 0; i < n; i++) {
		take_agent(agents, &events[i]);
		if (take(&to, &events[i]) >= 0)
			continue;
		log_error("agents: every document is looked at: %s", err_text(&err));
		err_clear(&err);
		touch_everything(agents);
	}
	note_objects(agents, events, n);
	for (size_t i = 0; i < n; i++)
		drop_agent(agents, &events[i]);
	agents_wake(agents);
}
