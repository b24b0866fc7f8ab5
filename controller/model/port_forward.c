/* SPDX-License-Identifier: GPL-2.0-or-later */
/* port_forward: ports of a VIP that are a NIC's. Routers do it. */
#include <stdlib.h>
#include <string.h>

#include "controller/model/health.h"
#include "controller/model/service.h"

static const char *const protocols[] = { "tcp", "udp", NULL };

#define AT(member) offsetof(struct port_forward, member)

static const struct field port_forward_fields[] = {
	RESOURCE_FIELDS,
	OWNER_FIELD,
	SERVICE_VIP_FIELDS(struct port_forward, false),
	{ "protocol", FIELD_CHOICE, AT(protocol), .required = true, .choices = protocols,
	  .immutable = true, .doc = "Of the ports." },
	{ "vip_ports", FIELD_PORTS, AT(vip_ports), .required = true, .immutable = true,
	  .doc = "A port of the VIP, or a range." },
	{ "target_ports", FIELD_PORTS, AT(target_ports), .immutable = true,
	  .doc = "The guest's port; of a range the same one. The VIP's when it is not given." },
	{ "allowed_cidr", FIELD_PREFIX, AT(allowed_cidr), .immutable = true,
	  .doc = "Only clients within." },
	{ "nic", FIELD_REFERENCE, AT(nic), .target = "nic", .immutable = true,
	  .at_end = FIELD_CLEARS, .doc = "Whose; see bind and unbind." },
	{ "l3_network", FIELD_REFERENCE, AT(l3_network), .target = "l3_network", .computed = true,
	  .at_end = FIELD_CLEARS,
	  .doc = "Of the NIC that it is or was bound to: it is never bound elsewhere." },
	HEALTH_FIELDS(struct port_forward),
	{ 0 },
};

static int note_network(struct model *model, struct port_forward *forward, struct err *err)
{
	struct nic nic = { 0 };
	int ret;

	if (!forward->nic || forward->l3_network)
		return 0;
	ret = model_load(model, &nic_type, forward->nic, &nic, err);
	if (ret == 0)
		forward->l3_network = STEAL(nic.l3_network);
	else
		ret = model_wrong(err, "nic", "there is no nic %s", forward->nic);
	model_clear(&nic_type, &nic);
	return ret;
}

static int complete(const struct model_change *change, struct err *err)
{
	struct port_forward *forward = change->is;
	bool range = forward->vip_ports.first != forward->vip_ports.last;

	if (!forward->target_ports.first)
		forward->target_ports = forward->vip_ports;
	if (!range && forward->target_ports.first != forward->target_ports.last)
		return model_wrong(err, "target_ports", "one port goes to one port");
	if (range && (forward->target_ports.first != forward->vip_ports.first ||
		      forward->target_ports.last != forward->vip_ports.last))
		return model_wrong(err, "target_ports", "a range goes to the same ports");
	/* As all VIPs are. */
	if (forward->allowed_cidr.ip.family == 6)
		return model_wrong(err, "allowed_cidr", "is of another family than the VIP");
	if (note_network(change->model, forward, err) < 0)
		return err->code;
	return service_complete(change, &forward->on, err);
}

static int shares_vip(const struct model_change *change, struct err *err)
{
	const struct port_forward *forward = change->is;

	return vip_shared(change->model, forward->on.vip, forward->resource.uuid, err);
}

static int ports_free(const struct model_change *change, struct err *err)
{
	const struct port_forward *forward = change->is;

	return vip_ports_free(change->model, forward->on.vip, forward->resource.uuid,
			      forward->protocol == FORWARD_UDP ? VIP_UDP : VIP_TCP,
			      &forward->vip_ports, err);
}

static int management_reached(const struct model_change *change, struct err *err)
{
	const struct port_forward *forward = change->is;

	return forward->protocol == FORWARD_UDP
		       ? 0
		       : vip_management(change->model, forward->on.vip, &forward->vip_ports, err);
}

static int on_router(const struct model_change *change, struct err *err)
{
	const struct port_forward *forward = change->is;

	return forward->nic ? service_on_router(change->model, forward->on.vip,
						forward->resource.uuid, forward->l3_network, err)
			    : 0;
}

/* The guest's other forwards are on the same VIP. */
static int one_vip_per_guest(const struct model_change *change, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	const struct port_forward *forward = change->is;
	struct nic nic = { 0 };
	int ret;

	if (!forward->nic)
		return 0;
	ret = model_load(change->model, &nic_type, forward->nic, &nic, err);
	if (ret == 0)
		ret = model_find(change->model, &port_forward_type, &rows, err, "nic.vm", nic.vm);
	model_clear(&nic_type, &nic);
	for (size_t i = 0; ret == 0 && i < rows.n; i++) {
		const struct port_forward *other = db_row(&rows, i);

		if (strcmp(other->on.vip, forward->on.vip) != 0)
			ret = model_refuse(err, "%s has the guest on another VIP",
					   model_text(&port_forward_type, other).s);
	}
	return ret;
}

static const struct model_rule port_forward_rules[] = {
	{ "vip_shared", "No EIP stands on its VIP.", MODEL_CREATE, shares_vip },
	{ "ports_free", "Nothing else has one of its ports on the VIP.", MODEL_CREATE, ports_free },
	{ "management_reached", VIP_MANAGEMENT_DOC, MODEL_CREATE, management_reached },
	{ "on_router",
	  "A router serves its NIC's network, has the VIP's network, and all that stands on the "
	  "VIP.",
	  MODEL_WRITE, on_router },
	{ "one_vip_per_guest", "A guest's forwards are on one VIP.", MODEL_WRITE,
	  one_vip_per_guest },
	{ 0 },
};

static int bind(const struct model_change *change, const void *parameters, struct err *err)
{
	struct port_forward *forward = change->is;
	char *const *uuid = parameters;
	struct nic nic = { 0 };
	int ret = model_load(change->model, &nic_type, *uuid, &nic, err), together = 1;

	if (ret == 0 && forward->l3_network)
		together =
			networks_together(change->model, forward->l3_network, nic.l3_network, err);
	if (together < 0)
		ret = together;
	else if (!together)
		ret = model_refuse(
			err, "it was bound on %s, and stays there",
			model_text_of(change->model, &l3_network_type, forward->l3_network).s);
	if (ret == 0) {
		free(forward->nic);
		free(forward->l3_network);
		forward->nic = mem_text(*uuid);
		forward->l3_network = STEAL(nic.l3_network);
	}
	model_clear(&nic_type, &nic);
	return ret;
}

static int unbind(const struct model_change *change, const void *parameters, struct err *err)
{
	struct port_forward *forward = change->is;

	(void)parameters;
	(void)err;
	free(forward->nic);
	forward->nic = NULL;
	return 0;
}

static const struct field bind_parameters[] = {
	{ "nic", FIELD_REFERENCE, 0, .required = true, .target = "nic", .doc = "Which." },
	{ 0 },
};

static const struct model_action port_forward_actions[] = {
	{ "bind",
	  "It is this NIC's; of the network that it was bound on before, or of the same VPC.",
	  bind_parameters, sizeof(char *), bind },
	{ "unbind", "It is nobody's.", NULL, 0, unbind },
	{ 0 },
};

const struct model_type port_forward_type = {
	.table = { "port_forward", port_forward_fields, sizeof(struct port_forward), NULL,
		   .owner = "owner" },
	.counted = true,
	.doc = "Ports of a VIP that are a NIC's.",
	.rules = port_forward_rules,
	.actions = port_forward_actions,
	.complete = complete,
};
