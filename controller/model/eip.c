/* SPDX-License-Identifier: GPL-2.0-or-later */
/* eip: a VIP that is one NIC's alone, in both directions. */
#include <stdlib.h>
#include <string.h>

#include "controller/model/health.h"
#include "controller/model/service.h"

#define AT(member) offsetof(struct eip, member)

static const struct field eip_fields[] = {
	RESOURCE_FIELDS,
	OWNER_FIELD,
	SERVICE_VIP_FIELDS(struct eip, true),
	{ "nic", FIELD_REFERENCE, AT(nic), .target = "nic", .immutable = true,
	  .at_end = FIELD_CLEARS, .doc = "Whose it is; see bind and unbind." },
	HEALTH_FIELDS(struct eip),
	{ 0 },
};

static int complete(const struct model_change *change, struct err *err)
{
	return service_complete(change, &((struct eip *)change->is)->on, err);
}

static int custom_vip(const struct model_change *change, struct err *err)
{
	const struct eip *eip = change->is;
	struct vip vip = { 0 };
	int ret = model_load(change->model, &vip_type, eip->on.vip, &vip, err);

	if (ret == 0 && vip.system)
		ret = model_refuse(err, "%s is a system VIP", model_text(&vip_type, &vip).s);
	model_clear(&vip_type, &vip);
	return ret;
}

static int vip_alone(const struct model_change *change, struct err *err)
{
	const struct eip *eip = change->is;
	int found = vip_services(change->model, eip->on.vip, eip->resource.uuid, err);

	if (found <= 0)
		return found;
	return model_refuse(err, "%s stands on %s",
			    found & SERVICE_EIP       ? "another EIP"
			    : found & SERVICE_FORWARD ? "a port forward"
			    : found & SERVICE_BALANCE ? "a load balancer"
						      : "an IPsec connection",
			    model_text_of(change->model, &vip_type, eip->on.vip).s);
}

/* Of a flat network: hosts do it, so the guest's cluster needs the public network's L2. */
static int flat_reaches(struct model *model, const struct eip *eip, const struct nic *nic,
			struct err *err)
{
	struct l3_network network = { 0 };
	struct l2_network l2 = { 0 };
	struct vip vip = { 0 };
	struct vm vm = { 0 };
	int ret = model_load(model, &vip_type, eip->on.vip, &vip, err);

	if (ret == 0)
		ret = model_load(model, &l3_network_type, vip.network, &network, err);
	if (ret == 0)
		ret = model_load(model, &l2_network_type, network.l2_network, &l2, err);
	if (ret == 0)
		ret = model_load(model, &vm_type, nic->vm, &vm, err);
	if (ret == 0 && l2.kind != L2_VXLAN && !uuids_have(&l2.clusters, vm.cluster))
		ret = model_refuse(err, "the guest's cluster has not the VIP's %s",
				   model_text(&l2_network_type, &l2).s);
	model_clear(&vip_type, &vip);
	model_clear(&l3_network_type, &network);
	model_clear(&l2_network_type, &l2);
	model_clear(&vm_type, &vm);
	return ret;
}

static int check_nic(const struct model_change *change, const struct nic *nic, struct err *err)
{
	const struct eip *eip = change->is;
	struct l3_network network = { 0 };
	int ret = model_load(change->model, &l3_network_type, nic->l3_network, &network, err);

	if (ret == 0 && network.category != L3_PRIVATE)
		ret = model_refuse(err, "%s is not private",
				   model_text(&l3_network_type, &network).s);
	else if (ret == 0 && network.architecture == L3_FLAT)
		ret = flat_reaches(change->model, eip, nic, err);
	else if (ret == 0)
		ret = service_on_router(change->model, eip->on.vip, eip->resource.uuid,
					nic->l3_network, err);
	model_clear(&l3_network_type, &network);
	return ret;
}

static int nic_reached(const struct model_change *change, struct err *err)
{
	const struct eip *eip = change->is;
	struct nic nic = { 0 };
	int ret;

	if (!eip->nic)
		return 0;
	ret = model_load(change->model, &nic_type, eip->nic, &nic, err);
	if (ret == 0)
		ret = check_nic(change, &nic, err);
	model_clear(&nic_type, &nic);
	return ret;
}

static const struct model_rule eip_rules[] = {
	{ "custom_vip", "It does not stand on a system VIP.", MODEL_CREATE, custom_vip },
	{ "vip_alone", "Nothing else stands on its VIP.", MODEL_CREATE, vip_alone },
	{ "nic_reached",
	  "Its NIC is on a flat network of a cluster that has the VIP's L2 network, or on one "
	  "whose router has the VIP's network.",
	  MODEL_WRITE, nic_reached },
	{ 0 },
};

static int bind(const struct model_change *change, const void *parameters, struct err *err)
{
	char *const *nic = parameters;
	struct eip *eip = change->is;

	(void)err;
	free(eip->nic);
	eip->nic = mem_text(*nic);
	return 0;
}

static int unbind(const struct model_change *change, const void *parameters, struct err *err)
{
	struct eip *eip = change->is;

	(void)parameters;
	(void)err;
	free(eip->nic);
	eip->nic = NULL;
	return 0;
}

static const struct field bind_parameters[] = {
	{ "nic", FIELD_REFERENCE, 0, .required = true, .target = "nic", .doc = "Which." },
	{ 0 },
};

static const struct model_action eip_actions[] = {
	{ "bind", "It is this NIC's from now on.", bind_parameters, sizeof(char *), bind },
	{ "unbind", "It is nobody's.", NULL, 0, unbind },
	{ 0 },
};

const struct model_type eip_type = {
	.table = { "eip", eip_fields, sizeof(struct eip), NULL, .owner = "owner" },
	.counted = true,
	.doc = "A VIP that is one NIC's alone.",
	.rules = eip_rules,
	.actions = eip_actions,
	.complete = complete,
};
