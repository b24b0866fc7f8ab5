/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrouter/service/charon_config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* --- The daemon --- */

/* Only what tunnels with pre-shared keys take: no other way to configure it, no certificates, no
 * scripts. It touches no routes and addresses, those are ours. Its log tells of what goes up and
 * down; what failed is heard over the control socket. */
void charon_daemon_text(const char *vici_path, struct text *config)
{
	text_format(config,
		    "charon {\n"
		    "\tload = random nonce openssl kdf kernel-netlink socket-default vici\n"
		    "\tport = 500\n"
		    "\tport_nat_t = 4500\n"
		    "\tinstall_routes = no\n"
		    "\tinstall_virtual_ip = no\n"
		    "\tikesa_table_size = 1024\n"
		    "\tikesa_table_segments = 16\n"
		    "\tretransmit_timeout = 2.0\n"
		    "\tretransmit_base = 1.8\n"
		    "\tretransmit_tries = 4\n"
		    "\tplugins {\n"
		    "\t\tvici {\n"
		    "\t\t\tsocket = unix://%s\n"
		    "\t\t}\n"
		    "\t}\n"
		    "\tfilelog {\n"
		    "\t\tstderr {\n"
		    "\t\t\tdefault = 0\n"
		    "\t\t}\n"
		    "\t}\n"
		    "}\n"
		    "charon-systemd {\n"
		    "\tjournal {\n"
		    "\t\tdefault = -1\n"
		    "\t}\n"
		    "}\n",
		    vici_path);
}

/* --- Tunnels --- */

/* The next word, which must be there. */
static char *word_of(char **rest, struct err *err)
{
	char *word = *rest ? strsep(rest, " ") : NULL;

	if (word && *word)
		return word;
	err_set(err, -EINVAL, "this is no tunnel");
	return NULL;
}

/* The word behind 'label'. */
static char *labelled(char **rest, const char *label, struct err *err)
{
	char *word = word_of(rest, err);

	if (word && strcmp(word, label) != 0) {
		err_set(err, -EINVAL, "\"%s\" stands where \"%s\" should", word, label);
		return NULL;
	}
	return word ? word_of(rest, err) : NULL;
}

static char **prefixes_of(char *list, struct err *err)
{
	size_t n = 1;
	char **prefixes, *one;
	struct prefix prefix;

	if (!list)
		return NULL;
	for (const char *at = list; *at; at++)
		n += *at == ',';
	prefixes = mem_array(n + 1, sizeof(*prefixes));
	n = 0;
	while ((one = strsep(&list, ","))) {
		prefixes[n++] = mem_text(one);
		if (prefix_parse(one, &prefix, err) < 0)
			break;
	}
	return prefixes;
}

static int parse(char *text, struct charon_tunnel *tunnel, struct err *err)
{
	char *rest = text, *local = word_of(&rest, err), *remote = word_of(&rest, err);
	char *version = labelled(&rest, "ike", err), *word;

	if (!local || !remote || !version || ip_parse(local, &tunnel->local, err) < 0 ||
	    ip_parse(remote, &tunnel->remote, err) < 0)
		return -EINVAL;
	tunnel->version = atoi(version);
	if (tunnel->version < 1 || tunnel->version > 2)
		return err_set(err, -EINVAL, "IKE version %s is unknown", version);
	tunnel->ike = mem_text(word_of(&rest, err));
	tunnel->esp = mem_text(labelled(&rest, "esp", err));
	tunnel->local_ts = prefixes_of(labelled(&rest, "local", err), err);
	tunnel->remote_ts = prefixes_of(labelled(&rest, "remote", err), err);
	word = labelled(&rest, "key", err);
	tunnel->key_digest = mem_text(word);
	if (!word || err->code)
		return -EINVAL;
	if (charon_tunnel_children(tunnel) > CHARON_CHILDREN_MOST)
		return err_set(err, -E2BIG, "%zu pairs of networks are more than %d",
			       charon_tunnel_children(tunnel), CHARON_CHILDREN_MOST);
	return 0;
}

int charon_tunnel_parse(const struct item *item, struct charon_tunnel *tunnel, struct err *err)
{
	AUTO(free_ptr) char *text = mem_text(item_value(item));
	struct err why = ERR_NONE;
	int ret;

	*tunnel = (struct charon_tunnel){ 0 };
	ret = parse(text, tunnel, &why);
	if (ret < 0)
		charon_tunnel_clear(tunnel);
	if (ret < 0 && err)
		err_move(err, &why);
	err_clear(&why);
	return ret;
}

static void texts_free(char **texts)
{
	for (size_t i = 0; texts && texts[i]; i++)
		free(texts[i]);
	free(texts);
}

void charon_tunnel_clear(struct charon_tunnel *tunnel)
{
	free(tunnel->ike);
	free(tunnel->esp);
	free(tunnel->key_digest);
	texts_free(tunnel->local_ts);
	texts_free(tunnel->remote_ts);
	*tunnel = (struct charon_tunnel){ 0 };
}

static size_t count(char *const *texts)
{
	size_t n = 0;

	while (texts[n])
		n++;
	return n;
}

size_t charon_tunnel_children(const struct charon_tunnel *tunnel)
{
	return tunnel->version == 1 ? count(tunnel->local_ts) * count(tunnel->remote_ts) : 1;
}

static void list_of(struct vici_message *message, const char *name, const char *const *items)
{
	vici_list(message, name);
	for (; *items; items++)
		vici_item(message, *items);
	vici_list_end(message);
}

static void list_one(struct vici_message *message, const char *name, const char *item)
{
	const char *items[] = { item, NULL };

	list_of(message, name, items);
}

/* Policies stand from the start ("trap"): what is meant for the tunnel waits for it. */
static void say_child(const struct charon_tunnel *tunnel, size_t number, char *const *local,
		      char *const *remote, struct vici_message *message)
{
	AUTO(free_ptr) char *name = mem_format("%zu", number);

	vici_section(message, name);
	vici_value(message, "mode", "tunnel");
	vici_value(message, "start_action", "trap");
	vici_value(message, "dpd_action", "trap");
	list_one(message, "esp_proposals", tunnel->esp);
	list_of(message, "local_ts", (const char *const *)local);
	list_of(message, "remote_ts", (const char *const *)remote);
	vici_section_end(message);
}

static void say_children(const struct charon_tunnel *tunnel, struct vici_message *message)
{
	size_t number = 1;

	if (tunnel->version == 2) {
		say_child(tunnel, number, tunnel->local_ts, tunnel->remote_ts, message);
		return;
	}
	for (char **local = tunnel->local_ts; *local; local++) {
		for (char **remote = tunnel->remote_ts; *remote; remote++) {
			char *const one[] = { *local, NULL }, *const other[] = { *remote, NULL };

			say_child(tunnel, number++, one, other, message);
		}
	}
}

static void say_side(struct vici_message *message, const char *side, const char *address)
{
	vici_section(message, side);
	vici_value(message, "auth", "psk");
	vici_value(message, "id", address);
	vici_section_end(message);
}

void charon_tunnel_message(const struct charon_tunnel *tunnel, const char *name,
			   struct vici_message *message)
{
	struct ip_text local = ip_text(&tunnel->local), remote = ip_text(&tunnel->remote);

	vici_section(message, name);
	vici_format(message, "version", "%d", tunnel->version);
	list_one(message, "local_addrs", local.s);
	list_one(message, "remote_addrs", remote.s);
	list_one(message, "proposals", tunnel->ike);
	vici_value(message, "aggressive", "no");
	vici_value(message, "mobike", "no");
	vici_value(message, "dpd_delay", "15s");
	vici_value(message, "dpd_timeout", "45s");
	say_side(message, "local", local.s);
	say_side(message, "remote", remote.s);
	vici_section(message, "children");
	say_children(tunnel, message);
	vici_section_end(message);
	vici_section_end(message);
}

void charon_key_message(const struct charon_tunnel *tunnel, const char *name, const char *key,
			struct vici_message *message)
{
	struct ip_text local = ip_text(&tunnel->local), remote = ip_text(&tunnel->remote);
	const char *owners[] = { local.s, remote.s, NULL };

	vici_value(message, "id", name);
	vici_value(message, "type", "IKE");
	vici_value(message, "data", key);
	list_of(message, "owners", owners);
}

/* --- What it offers --- */

/* The words of proposals, and what get-algorithms calls them. */
static const struct {
	const char *word, *section, *name;
} algorithms[] = {
	{ "3des", "encryption", "3DES_CBC" },
	{ "aes128", "encryption", "AES_CBC" },
	{ "aes192", "encryption", "AES_CBC" },
	{ "aes256", "encryption", "AES_CBC" },
	{ "md5", "prf", "PRF_HMAC_MD5" },
	{ "sha1", "prf", "PRF_HMAC_SHA1" },
	{ "sha256", "prf", "PRF_HMAC_SHA2_256" },
	{ "sha384", "prf", "PRF_HMAC_SHA2_384" },
	{ "sha512", "prf", "PRF_HMAC_SHA2_512" },
	{ "modp1024", "dh", "MODP_1024" },
	{ "modp1536", "dh", "MODP_1536" },
	{ "modp2048", "dh", "MODP_2048" },
	{ "modp3072", "dh", "MODP_3072" },
	{ "modp4096", "dh", "MODP_4096" },
	{ "modp6144", "dh", "MODP_6144" },
	{ "modp8192", "dh", "MODP_8192" },
	{ "ecp256", "dh", "ECP_256" },
	{ "ecp384", "dh", "ECP_384" },
	{ "ecp521", "dh", "ECP_521" },
};

static bool has(const json_t *offered, const char *section, const char *name)
{
	return json_object_get(json_object_get(offered, section), name) != NULL;
}

static bool is_offered(const char *word, const json_t *offered)
{
	for (size_t i = 0; i < ARRAY_SIZE(algorithms); i++)
		if (strcmp(algorithms[i].word, word) == 0)
			/* Groups are in "ke" from version 6 on. */
			return has(offered, algorithms[i].section, algorithms[i].name) ||
			       has(offered, "ke", algorithms[i].name);
	return false;
}

int charon_tunnel_offered(const struct charon_tunnel *tunnel, const json_t *offered,
			  struct err *err)
{
	AUTO(free_ptr) char *copy = mem_text(tunnel->ike);
	char *rest = copy, *word;

	while ((word = strsep(&rest, "-")))
		if (!is_offered(word, offered))
			return err_set(err, -EOPNOTSUPP, "not supported: charon has no %s", word);
	return 0;
}
