/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dnsmasq.c - the texts that dnsmasq gets, and the real one answering queries in a network
 * namespace of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/backend/dnsmasq/dnsmasq.h"
#include "lib/backend/dnsmasq/dnsmasq_config.h"
#include "lib/base/clock.h"

#define DEADLINE_MS 30000

static void host_has(const char *key, const char *value, const char *line)
{
	AUTO(item_unref_auto) struct item *item = item_new("dhcp.host", key, value, "d-1");
	AUTO(text_clear) struct text text = TEXT_NONE;
	AUTO(err_clear) struct err err = ERR_NONE;
	int ret = dnsmasq_host_text(item, &text, &err);

	if (line) {
		assert_int_equal(ret, 0);
		assert_non_null(strstr(text_view(&text), line));
	} else {
		assert_int_equal(ret, -22);
		assert_true(strlen(err_text(&err)) > 0);
	}
}

static void hosts_become_lines(void **state)
{
	(void)state;
	host_has("net fa:00:00:00:00:01", "10.0.0.7 web-1", "\nfa:00:00:00:00:01,10.0.0.7,web-1\n");
	host_has("net fa:00:00:00:00:01", "10.0.0.7", "\nfa:00:00:00:00:01,10.0.0.7\n");
}

static void a_name_that_means_something_else_is_left_out(void **state)
{
	(void)state;
	host_has("net fa:00:00:00:00:01", "10.0.0.7 10d", "\nfa:00:00:00:00:01,10.0.0.7\n");
	host_has("net fa:00:00:00:00:01", "10.0.0.7 ignore", "\nfa:00:00:00:00:01,10.0.0.7\n");
	host_has("net fa:00:00:00:00:01", "10.0.0.7 10days", ",10days\n");
}

static void nothing_can_be_smuggled_in(void **state)
{
	(void)state;
	host_has("net fa:00:00:00:00:01", "10.0.0.7 a,b", NULL);
	host_has("net fa:00:00:00:00:01", "10.0.0.7 a\nserver=1.1.1.1", NULL);
	host_has("net fa:00:00:00:00:01", "10.0.0.7\n", NULL);
	host_has("net fa:00:00:00:00:zz", "10.0.0.7", NULL);
}

static void the_same_items_make_the_same_text(void **state)
{
	const char *keys[] = { "10.0.0.1", "10.0.1.1", "10.0.2.1" };
	struct item_set forth = ITEM_SET_NONE, back = ITEM_SET_NONE;
	AUTO(text_clear) struct text one = TEXT_NONE;
	AUTO(text_clear) struct text other = TEXT_NONE;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		item_set_say(&forth, "dns.listen", "dns", keys[i], "");
		item_set_say(&back, "dns.listen", "dns", keys[ARRAY_SIZE(keys) - 1 - i], "");
	}
	dnsmasq_main_text(&forth, "/run", &one);
	dnsmasq_main_text(&back, "/run", &other);
	assert_string_equal(text_view(&one), text_view(&other));
	item_set_clear(&forth);
	item_set_clear(&back);
}

/* The provider, an engine's stand-in, and two upstream servers on the loopback link. */
struct bench {
	char *dir;
	struct event_base *base;
	struct dnsmasq *dnsmasq;
	int upstream[2];
	struct event *asked[2];
};

static bool own_network(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd;
	bool up;

	if (unshare(CLONE_NEWNET) < 0)
		return false;
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	up = ioctl(fd, SIOCSIFFLAGS, &request) == 0;
	close(fd);
	return up;
}

static int server_at(const char *address)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(53) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	inet_pton(AF_INET, address, &at.sin_addr);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	return fd;
}

/* Answers any query for an address with 1.1.1.N, N being which server it is. */
static void on_asked(evutil_socket_t fd, short what, void *data)
{
	struct bench *bench = data;
	uint8_t packet[600];
	struct sockaddr_in from;
	socklen_t size = sizeof(from);
	ssize_t n = recvfrom(fd, packet, 500, 0, (struct sockaddr *)&from, &size);
	size_t end = 12;
	const uint8_t answer[] = { 0xc0, 12, 0, 1, 0, 1, 0, 0,
				   0,    0,  0, 4, 1, 1, 1, fd == bench->upstream[0] ? 1 : 2 };

	(void)what;
	if (n < 17)
		return;
	while (packet[end])
		end += packet[end] + 1U;
	end += 5;
	packet[2] = 0x81;
	packet[3] = 0x80;
	packet[7] = 1;
	packet[10] = packet[11] = 0; /* No EDNS in the answer. */
	memcpy(packet + end, answer, sizeof(answer));
	sendto(fd, packet, end + sizeof(answer), 0, (struct sockaddr *)&from, size);
}

static void bench_serve(struct bench *bench, int which, const char *address)
{
	bench->upstream[which] = server_at(address);
	bench->asked[which] = event_new(bench->base, bench->upstream[which], EV_READ | EV_PERSIST,
					on_asked, bench);
	event_add(bench->asked[which], NULL);
}

static void bench_close(struct bench *bench, int which)
{
	event_free(bench->asked[which]);
	close(bench->upstream[which]);
	bench->asked[which] = NULL;
}

static void bench_turn(struct bench *bench)
{
	struct timeval tick = { .tv_usec = 20000 };

	event_base_loopexit(bench->base, &tick);
	event_base_dispatch(bench->base);
}

static void bench_apply(struct bench *bench, const char *kind, const char *key, const char *value,
			const char *was)
{
	struct provider provider = dnsmasq_provider(bench->dnsmasq);
	AUTO(item_unref_auto) struct item *want = value ? item_new(kind, key, value, "o") : NULL;
	AUTO(item_unref_auto) struct item *have = was ? item_new(kind, key, was, "o") : NULL;
	struct plan plan = PLAN_NONE;
	struct change *one;

	plan_note(&plan, want, have);
	one = plan.changes;
	provider.apply(provider.self, &one, 1);
	assert_int_equal(one->err.code, 0);
	plan_clear(&plan);
}

/* Asks until the answer is "1.1.1.expected": a new name each time, because dnsmasq takes a second
 * question for one that it has not answered yet for a client's retry. */
static void bench_expect(struct bench *bench, int expected)
{
	static uint16_t serial;
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(53) };
	uint64_t deadline = clock_ms() + DEADLINE_MS, again = 0;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	uint8_t answer[600], got = 0;
	uint8_t query[] = { 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 2, 0, 0, 1, 't', 0, 0, 1, 0, 1 };
	ssize_t n;

	inet_pton(AF_INET, "127.0.0.10", &at.sin_addr);
	while (got != expected) {
		assert_true(clock_ms() < deadline);
		if (clock_ms() >= again) {
			again = clock_ms() + 500;
			query[1] = (uint8_t)++serial;
			query[13] = (uint8_t)('a' + serial / 26 % 26);
			query[14] = (uint8_t)('a' + serial % 26);
			sendto(fd, query, sizeof(query), 0, (struct sockaddr *)&at, sizeof(at));
		}
		bench_turn(bench);
		n = recv(fd, answer, sizeof(answer), 0);
		if (n <= 26)
			continue;
		got = answer[n - 1];
		again = 0;
	}
	close(fd);
}

static void bench_open(struct bench *bench)
{
	const struct dnsmasq_settings settings = { .run_dir = bench->dir, .name = "dnsmasq" };
	AUTO(err_clear) struct err err = ERR_NONE;
	struct provider provider;
	struct item_set have = ITEM_SET_NONE, none = ITEM_SET_NONE;

	if (dnsmasq_new(bench->base, &settings, &bench->dnsmasq, &err) < 0)
		fail_msg("%s", err_text(&err));
	provider = dnsmasq_provider(bench->dnsmasq);
	assert_int_equal(provider.read(provider.self, &none, &have, &err), 0);
	item_set_clear(&have);
}

static void bench_wait_state(struct bench *bench, enum child_state state,
			     struct child_status *status)
{
	uint64_t deadline = clock_ms() + DEADLINE_MS;

	for (;;) {
		dnsmasq_status(bench->dnsmasq, status);
		if (status->state == state)
			return;
		assert_true(clock_ms() < deadline);
		bench_turn(bench);
	}
}

static void remove_tree(const char *dir)
{
	static const char *const names[] = { "dnsmasq/hosts",        "dnsmasq/main.conf",
					     "dnsmasq/servers.conf", "dnsmasq",
					     "dnsmasq.log",          "" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		AUTO(free_ptr) char *path = mem_format("%s/%s", dir, names[i]);

		assert_int_equal(remove(path), 0);
	}
}

static void forwarders_are_asked_in_their_order_and_change_live(void **state)
{
	const char *top = getenv("TMPDIR");
	struct bench bench = { .dir = mem_format("%s/weft-dnsmasq-XXXXXX", top ? top : "/tmp") };
	struct child_status status;
	pid_t pid;

	(void)state;
	if (access("/usr/sbin/dnsmasq", X_OK) < 0 || !own_network()) {
		free(bench.dir);
		skip();
	}
	assert_non_null(mkdtemp(bench.dir));
	bench.base = event_base_new();
	bench_serve(&bench, 0, "127.0.0.2");
	bench_serve(&bench, 1, "127.0.0.3");
	bench_open(&bench);
	bench_apply(&bench, "dns.listen", "127.0.0.10", "", NULL);
	bench_apply(&bench, "dns.forwarder", "000", "127.0.0.2", NULL);
	bench_expect(&bench, 1);
	bench_apply(&bench, "dns.forwarder", "001", "127.0.0.3", NULL);
	bench_wait_state(&bench, CHILD_RUNNING, &status);
	pid = status.pid;
	bench_expect(&bench, 1);

	/* The first one fails, and comes back. */
	bench_close(&bench, 0);
	bench_expect(&bench, 2);
	bench_serve(&bench, 0, "127.0.0.2");
	bench_expect(&bench, 1);

	/* The order is turned, in the running process. */
	bench_apply(&bench, "dns.forwarder", "000", "127.0.0.3", "127.0.0.2");
	bench_apply(&bench, "dns.forwarder", "001", "127.0.0.2", "127.0.0.3");
	bench_expect(&bench, 2);
	bench_apply(&bench, "dns.forwarder", "000", "127.0.0.2", "127.0.0.3");
	bench_apply(&bench, "dns.forwarder", "001", NULL, "127.0.0.2");
	bench_expect(&bench, 1);
	dnsmasq_status(bench.dnsmasq, &status);
	assert_int_equal(status.pid, pid);

	/* Another agent finds it and lets it rest. */
	dnsmasq_free(bench.dnsmasq);
	bench_open(&bench);
	dnsmasq_status(bench.dnsmasq, &status);
	assert_int_equal(status.pid, pid);
	bench_expect(&bench, 1);
	bench_apply(&bench, "dns.listen", "127.0.0.10", NULL, "");
	bench_wait_state(&bench, CHILD_STOPPED, &status);
	bench_apply(&bench, "dns.forwarder", "000", NULL, "127.0.0.2");

	dnsmasq_free(bench.dnsmasq);
	bench_close(&bench, 0);
	bench_close(&bench, 1);
	event_base_free(bench.base);
	remove_tree(bench.dir);
	free(bench.dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hosts_become_lines),
		cmocka_unit_test(a_name_that_means_something_else_is_left_out),
		cmocka_unit_test(nothing_can_be_smuggled_in),
		cmocka_unit_test(the_same_items_make_the_same_text),
		cmocka_unit_test(forwarders_are_asked_in_their_order_and_change_live),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
