/* SPDX-License-Identifier: GPL-2.0-or-later */
/* entry.c - lists that grow with the cloud: VTEPs, guests of VXLANs, members of groups. They stand
 * within the object that they are of, or as objects of their own, never both: so nothing is there
 * twice, and what comes or goes is one object. */
#include <string.h>

#include "hostnet/document/index.h"

int check_vtep(const struct document *document, const struct object *object, struct err *err)
{
	const struct vtep *vtep = (const void *)object;

	(void)document;
	if (vtep->address.family != 4)
		return check_failed(err, "address", "VXLAN goes over IPv4");
	return 0;
}

int check_l2_guest(const struct document *document, const struct object *object, struct err *err)
{
	const struct l2_guest *guest = (const void *)object;
	const struct l2_network *l2 = host_l2(document, guest->l2);

	if (l2->type != L2_VXLAN)
		return check_failed(err, "l2", "l2_network %s is no VXLAN", guest->l2);
	if (l2->remote.n)
		return check_failed(err, "l2", "l2_network %s has its guests in remote", guest->l2);
	if (guest->at.vtep.family != 4)
		return check_failed(err, "vtep", "VXLAN goes over IPv4");
	return 0;
}

int check_group_member(const struct document *document, const struct object *object,
		       struct err *err)
{
	const struct group_member *member = (const void *)object;

	if (host_group(document, member->group)->members.n)
		return check_failed(err, "group", "security_group %s has its members in members",
				    member->group);
	return 0;
}

static const char *claimed_by(const struct document *document, const char *kind, const char *of,
			      const struct ip *address)
{
	const struct host_index *index = document_index(document);

	return claims_holder(index->claims, "%s %s %s", kind, of, ip_text(address).s);
}

bool host_has_member(const struct document *document, const struct security_group *group,
		     const struct ip *address)
{
	const struct ip *members = group->members.items;

	for (size_t i = 0; i < group->members.n; i++)
		if (ip_equal(&members[i], address))
			return true;
	return claimed_by(document, "member", group->object.uuid, address);
}

const struct l2_remote *host_remote(const struct document *document, const struct l2_network *l2,
				    const struct ip *address)
{
	const struct l2_remote *remotes = l2->remote.items;
	const struct l2_guest *guest;
	const char *who;

	for (size_t i = 0; i < l2->remote.n; i++)
		if (ip_equal(&remotes[i].address, address))
			return &remotes[i];
	who = claimed_by(document, "guest", l2->object.uuid, address);
	if (!who)
		return NULL;
	guest = (const void *)document_find(document, SECTION_L2_REMOTES,
					    who + strlen("l2_remote "));
	return host_is_own_vtep(document, &guest->at.vtep) ? NULL : &guest->at;
}

size_t host_peer_count(const struct document *document, const struct l2_network *l2)
{
	const struct object *object;
	size_t n = l2->peers.n;

	if (!l2->pool)
		return n;
	section_for_each (document, SECTION_VTEPS, object) {
		const struct vtep *vtep = (const void *)object;

		n += strcmp(vtep->pool, l2->pool) == 0 &&
		     !host_is_own_vtep(document, &vtep->address);
	}
	return n;
}

bool host_is_own_vtep(const struct document *document, const struct ip *vtep)
{
	const struct host *host = host_of(document);

	return host && ip_equal(&host->vtep, vtep);
}
