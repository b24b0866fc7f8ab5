/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/backend/dnsmasq/dns_probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#define ROUND_MS 2000
#define ANSWER_S 1
#define TRIES    2

struct dns_probe {
	struct event_base *base;
	dns_probe_fn *changed;
	void *data;
	struct ip *servers;
	size_t n, first;
	size_t at; /* Who is being asked. */
	unsigned int tries;
	uint16_t id;
	int fd; /* -1: nobody is being asked. */
	struct event *answer, *round;
};

static void ask(struct dns_probe *probe);

static void rest(struct dns_probe *probe)
{
	if (probe->answer)
		event_free(probe->answer);
	probe->answer = NULL;
	if (probe->fd >= 0)
		close(probe->fd);
	probe->fd = -1;
}

static void next_round(struct dns_probe *probe)
{
	struct timeval wait = { .tv_sec = ROUND_MS / 1000, .tv_usec = ROUND_MS % 1000 * 1000 };

	event_add(probe->round, &wait);
}

static void conclude(struct dns_probe *probe, size_t first)
{
	next_round(probe);
	if (probe->first == first)
		return;
	probe->first = first;
	probe->changed(probe->data);
}

static void failed(struct dns_probe *probe)
{
	if (++probe->tries >= TRIES) {
		probe->tries = 0;
		probe->at++;
	}
	/* Where nobody answers, the order says who is asked. */
	if (probe->at == probe->n)
		conclude(probe, probe->first);
	else
		ask(probe);
}

static void on_answer(evutil_socket_t fd, short what, void *data)
{
	struct dns_probe *probe = data;
	uint8_t packet[512];
	ssize_t n = recv(fd, packet, sizeof(packet), 0);

	if (what & EV_TIMEOUT || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		rest(probe);
		failed(probe);
		return;
	}
	/* Any answer will do, also a refusal: it is alive. */
	if (n < 12 || packet[0] != probe->id >> 8 || packet[1] != (probe->id & 255) ||
	    !(packet[2] & 0x80))
		return;
	rest(probe);
	conclude(probe, probe->at);
}

static int connect_to(const struct ip *ip)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(53) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(53) };
	int type = SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK;
	int fd = socket(ip->family == 4 ? AF_INET : AF_INET6, type, 0), ret;

	if (fd < 0)
		return -1;
	memcpy(&v4.sin_addr, ip->bytes, 4);
	memcpy(&v6.sin6_addr, ip->bytes, 16);
	if (ip->family == 4)
		ret = connect(fd, (struct sockaddr *)&v4, sizeof(v4));
	else
		ret = connect(fd, (struct sockaddr *)&v6, sizeof(v6));
	if (ret == 0)
		return fd;
	close(fd);
	return -1;
}

/* RFC 1035 section 4.1: the root's name servers, which every resolver knows. */
static void ask(struct dns_probe *probe)
{
	uint8_t query[] = { 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1 };
	struct timeval limit = { .tv_sec = ANSWER_S };

	if (getrandom(&probe->id, sizeof(probe->id), GRND_NONBLOCK) < 0)
		probe->id++;
	query[0] = (uint8_t)(probe->id >> 8);
	query[1] = (uint8_t)(probe->id & 255);
	probe->fd = connect_to(&probe->servers[probe->at]);
	if (probe->fd >= 0 && send(probe->fd, query, sizeof(query), 0) < 0)
		rest(probe);
	/* Without any way there, its second is waited for as well: the way may come. */
	probe->answer = event_new(probe->base, probe->fd, EV_READ | EV_PERSIST, on_answer, probe);
	event_add(probe->answer, &limit);
}

static void on_round(evutil_socket_t fd, short what, void *data)
{
	struct dns_probe *probe = data;

	(void)fd;
	(void)what;
	probe->at = 0;
	probe->tries = 0;
	ask(probe);
}

struct dns_probe *dns_probe_new(struct event_base *base, dns_probe_fn *changed, void *data)
{
	struct dns_probe *probe = mem_alloc(sizeof(*probe));

	probe->base = base;
	probe->changed = changed;
	probe->data = data;
	probe->fd = -1;
	probe->round = evtimer_new(base, on_round, probe);
	return probe;
}

void dns_probe_free(struct dns_probe *probe)
{
	if (!probe)
		return;
	rest(probe);
	event_free(probe->round);
	free(probe->servers);
	free(probe);
}

void dns_probe_set(struct dns_probe *probe, const struct ip *servers, size_t n)
{
	rest(probe);
	free(probe->servers);
	probe->servers = n ? mem_copy(servers, n * sizeof(*servers)) : NULL;
	probe->n = n;
	probe->first = 0;
	event_del(probe->round);
	if (n > 1)
		next_round(probe);
}

size_t dns_probe_first(const struct dns_probe *probe)
{
	return probe->first;
}
