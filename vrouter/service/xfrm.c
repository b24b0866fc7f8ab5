/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrouter/service/xfrm.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/xfrm.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

struct xfrm {
	struct mnl_socket *socket;
	unsigned int port, sequence;
	char bytes[2048]; /* The request that is being written. */
};

static void xfrm_close(struct xfrm *xfrm)
{
	if (xfrm->socket)
		mnl_socket_close(xfrm->socket);
}

static int xfrm_open(struct xfrm *xfrm, struct err *err)
{
	*xfrm = (struct xfrm){ mnl_socket_open2(NETLINK_XFRM, SOCK_CLOEXEC), 0, 0, { 0 } };
	if (!xfrm->socket || mnl_socket_bind(xfrm->socket, 0, MNL_SOCKET_AUTOPID) < 0)
		return err_errno(err, -errno, "IPsec: a netlink socket");
	xfrm->port = mnl_socket_get_portid(xfrm->socket);
	return 0;
}

static struct nlmsghdr *begin(struct xfrm *xfrm, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *message;

	memset(xfrm->bytes, 0, sizeof(xfrm->bytes));
	message = mnl_nlmsg_put_header(xfrm->bytes);
	message->nlmsg_type = type;
	message->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	message->nlmsg_seq = ++xfrm->sequence;
	return message;
}

/* 0 or what the kernel says to it. */
static int talk(struct xfrm *xfrm, const struct nlmsghdr *message)
{
	char answer[4096];
	ssize_t n;

	if (mnl_socket_sendto(xfrm->socket, message, message->nlmsg_len) < 0)
		return -errno;
	n = mnl_socket_recvfrom(xfrm->socket, answer, sizeof(answer));
	if (n < 0 || mnl_cb_run(answer, (size_t)n, message->nlmsg_seq, xfrm->port, NULL, NULL) < 0)
		return -errno;
	return 0;
}

/* --- What it can --- */

/* The algorithms as the kernel calls them; bits. */
struct encryption {
	const char *capability, *kernel;
	unsigned int key;
};

struct integrity {
	const char *capability, *kernel;
	unsigned int key, truncated;
};

static const struct encryption encryptions[] = {
	{ "ipsec_3des", "cbc(des3_ede)", 192 },
	{ "ipsec_aes-128", "cbc(aes)", 128 },
	{ "ipsec_aes-192", "cbc(aes)", 192 },
	{ "ipsec_aes-256", "cbc(aes)", 256 },
};

static const struct integrity integrities[] = {
	{ "ipsec_md5", "hmac(md5)", 128, 96 },        { "ipsec_sha1", "hmac(sha1)", 160, 96 },
	{ "ipsec_sha256", "hmac(sha256)", 256, 128 }, { "ipsec_sha384", "hmac(sha384)", 384, 192 },
	{ "ipsec_sha512", "hmac(sha512)", 512, 256 },
};

/* Keys that differ in each byte: 3DES takes no two equal ones. */
static void key_fill(char *key, unsigned int bits)
{
	for (unsigned int i = 0; i < bits / 8; i++)
		key[i] = (char)(i + 1);
}

static void put_encryption(struct nlmsghdr *message, const struct encryption *encryption)
{
	char bytes[sizeof(struct xfrm_algo) + 64] = { 0 };
	struct xfrm_algo *algo = (struct xfrm_algo *)(void *)bytes;

	strcpy(algo->alg_name, encryption->kernel);
	algo->alg_key_len = encryption->key;
	key_fill(algo->alg_key, encryption->key);
	mnl_attr_put(message, XFRMA_ALG_CRYPT, sizeof(*algo) + encryption->key / 8, algo);
}

static void put_integrity(struct nlmsghdr *message, const struct integrity *integrity)
{
	char bytes[sizeof(struct xfrm_algo_auth) + 64] = { 0 };
	struct xfrm_algo_auth *algo = (struct xfrm_algo_auth *)(void *)bytes;

	strcpy(algo->alg_name, integrity->kernel);
	algo->alg_key_len = integrity->key;
	algo->alg_trunc_len = integrity->truncated;
	key_fill(algo->alg_key, integrity->key);
	mnl_attr_put(message, XFRMA_ALG_AUTH_TRUNC, sizeof(*algo) + integrity->key / 8, algo);
}

/* Addresses for documentation: no tunnel of anyone's has this name. */
static void name_fill(struct xfrm_usersa_id *id, xfrm_address_t *from)
{
	memset(id, 0, sizeof(*id));
	id->daddr.a4 = htonl(0xc0000202);
	id->spi = htonl(0x5af70001);
	id->family = AF_INET;
	id->proto = IPPROTO_ESP;
	from->a4 = htonl(0xc0000201);
}

static int try_state(struct xfrm *xfrm, const struct encryption *encryption,
		     const struct integrity *integrity)
{
	struct nlmsghdr *message = begin(xfrm, XFRM_MSG_NEWSA, NLM_F_CREATE | NLM_F_EXCL);
	struct xfrm_usersa_info *state = mnl_nlmsg_put_extra_header(message, sizeof(*state));
	struct xfrm_usersa_id id, *name;
	xfrm_address_t from = { 0 };
	int ret;

	name_fill(&id, &from);
	state->saddr = from;
	state->id.daddr = id.daddr;
	state->id.spi = id.spi;
	state->id.proto = id.proto;
	state->family = AF_INET;
	state->mode = XFRM_MODE_TUNNEL;
	state->lft.soft_byte_limit = state->lft.hard_byte_limit = XFRM_INF;
	state->lft.soft_packet_limit = state->lft.hard_packet_limit = XFRM_INF;
	put_encryption(message, encryption);
	put_integrity(message, integrity);
	ret = talk(xfrm, message);
	if (ret == 0 || ret == -EEXIST) {
		message = begin(xfrm, XFRM_MSG_DELSA, 0);
		name = mnl_nlmsg_put_extra_header(message, sizeof(*name));
		*name = id;
		mnl_attr_put(message, XFRMA_SRCADDR, sizeof(from), &from);
		ret = talk(xfrm, message);
	}
	return ret;
}

static void note(struct facts *facts, const char *name, int ret)
{
	AUTO(free_ptr) char *reason = NULL;

	if (ret < 0)
		reason = mem_format("the kernel has no such ESP: %s", strerror(-ret));
	facts_add_capability(facts, name, ret == 0, reason);
}

void xfrm_probe(struct facts *facts)
{
	AUTO(err_clear) struct err err = ERR_NONE;
	AUTO(xfrm_close) struct xfrm xfrm;
	int ret;

	if (xfrm_open(&xfrm, &err) < 0) {
		facts_add_capability(facts, "ipsec", false, err_text(&err));
		return;
	}
	ret = try_state(&xfrm, &encryptions[1], &integrities[2]);
	note(facts, "ipsec", ret);
	for (size_t i = 0; ret == 0 && i < ARRAY_SIZE(encryptions); i++)
		note(facts, encryptions[i].capability,
		     try_state(&xfrm, &encryptions[i], &integrities[2]));
	for (size_t i = 0; ret == 0 && i < ARRAY_SIZE(integrities); i++)
		note(facts, integrities[i].capability,
		     try_state(&xfrm, &encryptions[1], &integrities[i]));
}

/* --- What is left --- */

int xfrm_flush(struct err *err)
{
	AUTO(xfrm_close) struct xfrm xfrm;
	struct nlmsghdr *message;
	int states, policies;

	if (xfrm_open(&xfrm, err) < 0)
		return err->code;
	/* Policies last: what is still under way must not find states gone and policies too. */
	message = begin(&xfrm, XFRM_MSG_FLUSHSA, 0);
	mnl_nlmsg_put_extra_header(message, sizeof(struct xfrm_usersa_flush)); /* Any protocol. */
	states = talk(&xfrm, message);
	policies = talk(&xfrm, begin(&xfrm, XFRM_MSG_FLUSHPOLICY, 0));
	if (states == -ESRCH)
		states = 0; /* There were none. */
	if (policies == -ESRCH)
		policies = 0;
	if (states < 0 || policies < 0)
		return err_errno(err, states < 0 ? states : policies, "IPsec: flush");
	return 0;
}
