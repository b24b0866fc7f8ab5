/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrouter/service/syn_probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* One address family's sockets. */
struct family {
	int raw;
	int port_holder; /* Bound and never used: nobody else gets our source port. */
	uint16_t port_be;
	struct event *readable;
};

struct syn_probe {
	struct family v4, v6;
	syn_probe_fn *answered;
	void *data;
};

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static socklen_t address_fill(union address *to, const struct ip *ip, uint16_t port)
{
	memset(to, 0, sizeof(*to));
	if (ip->family == 4) {
		to->v4.sin_family = AF_INET;
		to->v4.sin_port = htons(port);
		memcpy(&to->v4.sin_addr, ip->bytes, 4);
		return sizeof(to->v4);
	}
	to->v6.sin6_family = AF_INET6;
	to->v6.sin6_port = htons(port);
	memcpy(&to->v6.sin6_addr, ip->bytes, 16);
	return sizeof(to->v6);
}

static void on_readable(evutil_socket_t fd, short what, void *data)
{
	struct syn_probe *probe = data;
	bool is_v4 = fd == probe->v4.raw;
	union address from;
	uint8_t packet[256];

	(void)what;
	for (;;) {
		socklen_t size = sizeof(from);
		ssize_t n = recvfrom(fd, packet, sizeof(packet), MSG_TRUNC, &from.any, &size);
		/* The IPv4 header comes with the packet, the IPv6 header does not. */
		size_t at = is_v4 ? (size_t)(packet[0] & 15) * 4 : 0;
		struct ip ip = { .family = is_v4 ? 4 : 6 };
		struct tcphdr tcp;

		if (n < 0)
			return;
		if ((size_t)n < at + sizeof(tcp) || at + sizeof(tcp) > sizeof(packet))
			continue;
		memcpy(&tcp, packet + at, sizeof(tcp));
		memcpy(ip.bytes, is_v4 ? (void *)&from.v4.sin_addr : (void *)&from.v6.sin6_addr,
		       ip_size(&ip));
		if (tcp.rst || tcp.syn)
			probe->answered(probe->data, &ip, ntohs(tcp.source), ntohl(tcp.ack_seq) - 1,
					tcp.rst ? SYN_REFUSED : SYN_OPEN);
	}
}

/* Lets only packets to our port in: a raw socket sees a copy of every TCP packet that the machine
 * gets. */
static int filter(struct family *family, bool is_v4)
{
	uint16_t port = ntohs(family->port_be);
	struct sock_filter v4[] = {
		BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
		BPF_STMT(BPF_LD | BPF_H | BPF_IND, offsetof(struct tcphdr, dest)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, port, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 256),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_filter v6[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, offsetof(struct tcphdr, dest)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, port, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 256),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog program = {
		.len = is_v4 ? ARRAY_SIZE(v4) : ARRAY_SIZE(v6),
		.filter = is_v4 ? v4 : v6,
	};

	return setsockopt(family->raw, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

static int family_open(struct syn_probe *probe, struct family *family, bool is_v4,
		       struct event_base *base)
{
	int domain = is_v4 ? AF_INET : AF_INET6, checksum_at = offsetof(struct tcphdr, check);
	struct ip any = { .family = is_v4 ? 4 : 6 };
	union address at;
	socklen_t size = address_fill(&at, &any, 0);

	family->port_holder = socket(domain, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (family->port_holder < 0 || bind(family->port_holder, &at.any, size) < 0 ||
	    getsockname(family->port_holder, &at.any, &size) < 0)
		return -errno;
	family->port_be = is_v4 ? at.v4.sin_port : at.v6.sin6_port;
	family->raw = socket(domain, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
	if (family->raw < 0 || filter(family, is_v4) < 0)
		return -errno;
	if (!is_v4 && setsockopt(family->raw, IPPROTO_IPV6, IPV6_CHECKSUM, &checksum_at,
				 sizeof(checksum_at)) < 0)
		return -errno;
	family->readable = event_new(base, family->raw, EV_READ | EV_PERSIST, on_readable, probe);
	event_add(family->readable, NULL);
	return 0;
}

static void family_close(struct family *family)
{
	if (family->readable)
		event_free(family->readable);
	close_fd(&family->raw);
	close_fd(&family->port_holder);
}

int syn_probe_new(struct event_base *base, syn_probe_fn *answered, void *data,
		  struct syn_probe **ret, struct err *err)
{
	struct syn_probe *probe = mem_alloc(sizeof(*probe));
	int code;

	probe->v4.raw = probe->v4.port_holder = -1;
	probe->v6.raw = probe->v6.port_holder = -1;
	probe->answered = answered;
	probe->data = data;
	code = family_open(probe, &probe->v4, true, base);
	if (code < 0) {
		syn_probe_free(probe);
		return err_errno(err, code, "raw socket");
	}
	/* A kernel may have no IPv6. */
	if (family_open(probe, &probe->v6, false, base) < 0) {
		family_close(&probe->v6);
		probe->v6 = (struct family){ .raw = -1, .port_holder = -1 };
	}
	*ret = probe;
	return 0;
}

void syn_probe_free(struct syn_probe *probe)
{
	if (!probe)
		return;
	family_close(&probe->v4);
	family_close(&probe->v6);
	free(probe);
}

struct syn {
	struct tcphdr tcp;
	uint8_t most_segment[4]; /* The option: some stacks drop a SYN without it. */
};

static uint32_t sum(const void *bytes, size_t size, uint32_t more)
{
	const uint8_t *byte = bytes;

	for (size_t i = 0; i + 1 < size; i += 2)
		more += (uint32_t)byte[i] << 8 | byte[i + 1];
	return more;
}

/* RFC 9293 section 3.1. For IPv6 the kernel does it. */
static uint16_t checksum_v4(const struct syn *syn, const struct in_addr *from,
			    const struct in_addr *to)
{
	uint32_t total = IPPROTO_TCP + sizeof(*syn);

	total = sum(from, 4, total);
	total = sum(to, 4, total);
	total = sum(syn, sizeof(*syn), total);
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return htons((uint16_t)~total);
}

/* The address that we reach 'to' from. */
static int source_of(const union address *to, socklen_t size, union address *from)
{
	AUTO(close_fd) int fd = socket(to->any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, &to->any, size) < 0 || getsockname(fd, &from->any, &size) < 0)
		return -errno;
	return 0;
}

int syn_probe_send(struct syn_probe *probe, const struct ip *address, uint16_t port,
		   uint32_t cookie, struct err *err)
{
	struct family *family = address->family == 4 ? &probe->v4 : &probe->v6;
	struct syn syn = { .most_segment = { TCPOPT_MAXSEG, TCPOLEN_MAXSEG, 1460 >> 8,
					     1460 & 255 } };
	union address to, from;
	socklen_t size = address_fill(&to, address, port);
	int ret = source_of(&to, size, &from);

	if (ret < 0)
		return err_errno(err, ret, "%s", ip_text(address).s);
	syn.tcp.source = family->port_be;
	syn.tcp.dest = htons(port);
	syn.tcp.seq = htonl(cookie);
	syn.tcp.doff = sizeof(syn) / 4;
	syn.tcp.syn = 1;
	syn.tcp.window = htons(1024);
	if (address->family == 4)
		syn.tcp.check = checksum_v4(&syn, &from.v4.sin_addr, &to.v4.sin_addr);
	else
		to.v6.sin6_port = 0; /* A raw socket takes it for a protocol. */
	if (sendto(family->raw, &syn, sizeof(syn), 0, &to.any, size) < 0)
		return err_errno(err, -errno, "%s", ip_text(address).s);
	return 0;
}
