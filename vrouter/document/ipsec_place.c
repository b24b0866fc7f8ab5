/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrouter/document/ipsec_place.h"

#include <errno.h>

/* What the kernel must have for it; the names are the capabilities'. */
static const char *lacking(const struct facts *facts, const struct ipsec *ipsec)
{
	static const char *const ciphers[] = {
		[CIPHER_3DES] = "ipsec_3des",
		[CIPHER_AES128] = "ipsec_aes-128",
		[CIPHER_AES192] = "ipsec_aes-192",
		[CIPHER_AES256] = "ipsec_aes-256",
	};
	static const char *const hashes[] = {
		[HASH_MD5] = "ipsec_md5",       [HASH_SHA1] = "ipsec_sha1",
		[HASH_SHA256] = "ipsec_sha256", [HASH_SHA384] = "ipsec_sha384",
		[HASH_SHA512] = "ipsec_sha512",
	};
	const char *const needed[] = { "ipsec", ciphers[ipsec->esp.encryption],
				       hashes[ipsec->esp.auth] };
	const struct prefix *local = ipsec->local_cidrs.items;

	for (size_t i = 0; i < ARRAY_SIZE(needed); i++)
		if (!facts_supports(facts, needed[i], NULL))
			return needed[i];
	return local[0].ip.family == 4 ? NULL : "ipsec_ipv6";
}

int ipsec_place(const struct document *document, const struct facts *facts,
		const struct ipsec *ipsec, struct place *place, struct err *why)
{
	const struct vip *vip = router_vip(document, ipsec->vip);
	const char *name = lacking(facts, ipsec);
	int ret;

	if (!vip)
		return err_set(why, -ENODEV, "there is no vip %s", ipsec->vip);
	if (name)
		return err_set(why, -EOPNOTSUPP, "%s", name);
	ret = vip_place(document, facts, vip, place, why);
	if (ret == -ENODEV)
		err_in(why, "vip %s", ipsec->vip);
	return ret;
}

bool prefixes_is_outermost(const struct field_list *prefixes, size_t i)
{
	const struct prefix *all = prefixes->items;

	for (size_t j = 0; j < prefixes->n; j++) {
		bool wider = all[j].length < all[i].length, same = all[j].length == all[i].length;

		if (j != i && prefix_overlaps(&all[i], &all[j]) && (wider || (same && j < i)))
			return false;
	}
	return true;
}

/* Whether 'other' has a network that 'prefix' is inside of; one of its size only 'if_equal'. */
static bool holds(const struct ipsec *other, const struct prefix *prefix, bool if_equal)
{
	const struct prefix *remote = other->remote_cidrs.items;

	for (size_t i = 0; i < other->remote_cidrs.n; i++)
		if (prefix_overlaps(&remote[i], prefix) &&
		    (remote[i].length < prefix->length ||
		     (if_equal && remote[i].length == prefix->length)))
			return true;
	return false;
}

bool ipsec_remote_is_outermost(const struct document *document, const struct facts *facts,
			       const struct ipsec *ipsec, size_t i)
{
	const struct prefix *remote = ipsec->remote_cidrs.items;
	const struct object *object;
	struct place place;
	bool is_before = true;

	if (!prefixes_is_outermost(&ipsec->remote_cidrs, i))
		return false;
	section_for_each (document, SECTION_IPSEC, object) {
		const struct ipsec *other = (const void *)object;

		if (other == ipsec)
			is_before = false;
		else if (holds(other, &remote[i], is_before) &&
			 ipsec_place(document, facts, other, &place, NULL) == 0)
			return false;
	}
	return true;
}

bool ipsec_remotes_overlap(const struct ipsec *one, const struct ipsec *other)
{
	const struct prefix *a = one->remote_cidrs.items, *b = other->remote_cidrs.items;

	for (size_t i = 0; i < one->remote_cidrs.n; i++)
		for (size_t j = 0; j < other->remote_cidrs.n; j++)
			if (prefix_overlaps(&a[i], &b[j]))
				return true;
	return false;
}

static bool has(const struct field_list *prefixes, const struct ip *ip)
{
	const struct prefix *all = prefixes->items;

	for (size_t i = 0; i < prefixes->n; i++)
		if (prefix_contains(&all[i], ip))
			return true;
	return false;
}

const struct ipsec *router_tunnel(const struct document *document, const struct facts *facts,
				  const struct ip *local, const struct ip *remote)
{
	const struct object *object;
	struct place place;

	section_for_each (document, SECTION_IPSEC, object) {
		const struct ipsec *ipsec = (const void *)object;

		if (has(&ipsec->remote_cidrs, remote) &&
		    (!local || has(&ipsec->local_cidrs, local)) &&
		    ipsec_place(document, facts, ipsec, &place, NULL) == 0)
			return ipsec;
	}
	return NULL;
}
