/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ipsec.c - tunnels: what the IKE daemon is told, whom the filter lets in, and that nothing of a
 * tunnel leaves or comes in the clear.
 *
 * The kernel's policies decide what goes into a tunnel and what may have come out of it; the filter
 * holds also while there is none yet, or no more. */
#include <string.h>

#include "lib/base/text.h"
#include "vrouter/compile/compile.h"
#include "vrouter/compile/order.h"
#include "vrouter/compile/parts.h"
#include "vrouter/document/ipsec_key.h"
#include "vrouter/document/ipsec_place.h"

void compile_tunnels(const struct compiler *compiler, const char *owner)
{
	static const struct {
		const char *name, *type;
	} sets[] = {
		{ "ipsec_peers", "set ipv4_addr . ipv4_addr" },             /* VIP, peer */
		{ "ipsec_networks", "set ipv4_addr . ipv4_addr interval" }, /* here, there */
		{ "ipsec_remote", "set ipv4_addr interval" },
	};
	static const struct {
		const char *chain, *order, *rule;
	} rules[] = {
		{ CHAIN_FORWARD, FORWARD_TUNNEL_OUT,
		  "meta oifname @public ip daddr @ipsec_remote rt ipsec missing drop" },
		{ CHAIN_FORWARD, FORWARD_TUNNEL_FORGED,
		  "meta iifname @public meta secpath missing"
		  " concat( ip daddr . ip saddr ) @ipsec_networks drop" },
		{ CHAIN_FORWARD, FORWARD_TUNNEL,
		  "meta iifname @public meta secpath exists meta oifname @private"
		  " concat( ip daddr . ip saddr ) @ipsec_networks accept" },
		{ CHAIN_INPUT, INPUT_TUNNEL_IKE,
		  "meta iifname @public concat( ip daddr . ip saddr ) @ipsec_peers"
		  " udp dport 500,4500 accept" },
		{ CHAIN_INPUT, INPUT_TUNNEL_ESP,
		  "meta iifname @public concat( ip daddr . ip saddr ) @ipsec_peers"
		  " meta l4proto esp accept" },
		{ CHAIN_SNAT, SNAT_TUNNEL, "concat( ip saddr . ip daddr ) @ipsec_networks return" },
	};

	if (!document_first(compiler->document, SECTION_IPSEC))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(sets); i++)
		say_set(compiler, owner, sets[i].type, "%s", sets[i].name);
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		say_rule(compiler, owner, rules[i].chain, rules[i].order, "%s", rules[i].rule);
}

static const char *group_word(int64_t group)
{
	static const char *const words[] = {
		[2] = "modp1024",  [5] = "modp1536",  [14] = "modp2048", [15] = "modp3072",
		[16] = "modp4096", [17] = "modp6144", [18] = "modp8192", [19] = "ecp256",
		[20] = "ecp384",   [21] = "ecp521",
	};

	return words[group];
}

static const char *const cipher_words[] = {
	[CIPHER_3DES] = "3des",
	[CIPHER_AES128] = "aes128",
	[CIPHER_AES192] = "aes192",
	[CIPHER_AES256] = "aes256",
};

static const char *const hash_words[] = {
	[HASH_MD5] = "md5",       [HASH_SHA1] = "sha1",     [HASH_SHA256] = "sha256",
	[HASH_SHA384] = "sha384", [HASH_SHA512] = "sha512",
};

static void add_prefixes(struct text *value, const char *label, const struct field_list *list)
{
	const struct prefix *prefixes = list->items;
	char before = ' ';

	text_format(value, " %s", label);
	for (size_t i = 0; i < list->n; i++) {
		struct prefix network = prefix_network(&prefixes[i]);

		if (!prefixes_is_outermost(list, i))
			continue;
		text_format(value, "%c%s", before, prefix_text(&network).s);
		before = ',';
	}
}

static void say_connection(const struct compiler *compiler, const struct ipsec *ipsec,
			   const struct vip *vip)
{
	AUTO(text_clear) struct text value = TEXT_NONE;
	int pfs = ipsec_pfs_group(ipsec->esp.pfs);

	text_format(&value, "%s %s ike %lld %s-%s-%s esp %s-%s%s%s", ip_text(&vip->address).s,
		    ip_text(&ipsec->remote_address).s, (long long)ipsec->ike_version,
		    cipher_words[ipsec->ike.encryption], hash_words[ipsec->ike.auth],
		    group_word(ipsec->ike.dh_group), cipher_words[ipsec->esp.encryption],
		    hash_words[ipsec->esp.auth], pfs ? "-" : "", pfs ? group_word(pfs) : "");
	add_prefixes(&value, "local", &ipsec->local_cidrs);
	add_prefixes(&value, "remote", &ipsec->remote_cidrs);
	text_format(&value, " key %s", ipsec_key_digest(compiler->facts, ipsec->auth.psk).s);
	say(compiler, ipsec->object.uuid, "ipsec.connection", text_view(&value), "%s",
	    ipsec->object.uuid);
}

/* Both networks, and what ends when they are no longer joined. */
static void say_pair(const struct compiler *compiler, const struct ipsec *ipsec,
		     const struct prefix *local, const struct prefix *remote)
{
	struct prefix one = prefix_network(local), other = prefix_network(remote);
	struct prefix_text here = prefix_text(&one), there = prefix_text(&other);
	AUTO(free_ptr) char *connections = mem_format("between %s %s", here.s, there.s);
	const char *owner = ipsec->object.uuid;

	say_element(compiler, owner, "ipsec_networks", "", "%s . %s", network_text(local).s,
		    network_text(remote).s);
	say(compiler, owner, "connections", connections, "%s/%s/%s", owner, here.s, there.s);
}

static void say_networks(const struct compiler *compiler, const struct ipsec *ipsec)
{
	const struct prefix *local = ipsec->local_cidrs.items;
	const struct prefix *remote = ipsec->remote_cidrs.items;

	for (size_t j = 0; j < ipsec->remote_cidrs.n; j++) {
		if (ipsec_remote_is_outermost(compiler->document, compiler->facts, ipsec, j))
			say_element(compiler, ipsec->object.uuid, "ipsec_remote", "", "%s",
				    network_text(&remote[j]).s);
		for (size_t i = 0; i < ipsec->local_cidrs.n; i++)
			if (prefixes_is_outermost(&ipsec->local_cidrs, i) &&
			    prefixes_is_outermost(&ipsec->remote_cidrs, j))
				say_pair(compiler, ipsec, &local[i], &remote[j]);
	}
}

void compile_ipsec(const struct compiler *compiler, const struct object *object)
{
	const struct ipsec *ipsec = (const void *)object;
	const struct vip *vip = router_vip(compiler->document, ipsec->vip);
	struct err why = ERR_NONE;
	struct place place;

	if (ipsec_place(compiler->document, compiler->facts, ipsec, &place, &why) < 0) {
		say_rest(compiler, object, &why);
		return;
	}
	say_connection(compiler, ipsec, vip);
	say_networks(compiler, ipsec);
	router_count_object(compiler->document, object, compiler->items);
	say_element(compiler, object->uuid, "ipsec_peers", "", "%s . %s", ip_text(&vip->address).s,
		    ip_text(&ipsec->remote_address).s);
}
