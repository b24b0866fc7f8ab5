/* SPDX-License-Identifier: GPL-2.0-or-later */
/* haproxy.c - the real HAProxy before listeners of ours, in a network namespace of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <dirent.h>
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

#include "lib/base/clock.h"
#include "vrouter/service/haproxy.h"

#define DEADLINE_MS 30000
#define MEMBERS     3
#define RULES       " idle 60 maxconn 5000 rise 2 fall 2 interval 1"

/* The provider, an engine's stand-in, and members on the loopback link at 127.0.1.1, .2, .3. */
struct bench {
	char *dir;
	struct event_base *base;
	struct haproxy *haproxy;
	int member[MEMBERS]; /* Listening sockets; -1: closed. */
	int accepted[MEMBERS];
};

static void turn(struct bench *bench)
{
	struct timeval tick = { .tv_usec = 10000 };

	event_base_loopexit(bench->base, &tick);
	event_base_dispatch(bench->base);
}

static int listen_at(const char *address, uint16_t port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), yes = 1;

	inet_pton(AF_INET, address, &at.sin_addr);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(fd, 64), 0);
	return fd;
}

static void member_open(struct bench *bench, int which)
{
	char address[32];

	snprintf(address, sizeof(address), "127.0.1.%d", which + 1);
	bench->member[which] = listen_at(address, 100);
}

static void member_close(struct bench *bench, int which)
{
	close(bench->member[which]);
	bench->member[which] = -1;
}

/* Connects to the listener; -1 if it is refused. */
static int client(uint16_t port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	inet_pton(AF_INET, "127.0.9.9", &at.sin_addr);
	if (connect(fd, (struct sockaddr *)&at, sizeof(at)) == 0)
		return fd;
	close(fd);
	return -1;
}

/* Which member a client's connection came to, and that side of it. */
static int server_side(struct bench *bench, int *fd)
{
	uint64_t deadline = clock_ms() + DEADLINE_MS;

	for (;;) {
		for (int i = 0; i < MEMBERS; i++) {
			*fd = bench->member[i] < 0 ? -1 : accept(bench->member[i], NULL, NULL);
			if (*fd >= 0) {
				bench->accepted[i]++;
				return i;
			}
		}
		assert_true(clock_ms() < deadline);
		turn(bench);
	}
}

/* One connection, begun and ended; which member had it. -1: the listener is not there. */
static int ask(struct bench *bench, uint16_t port)
{
	int mine = client(port), theirs, which;

	if (mine < 0)
		return -1;
	which = server_side(bench, &theirs);
	close(mine);
	close(theirs);
	return which;
}

static void wait_for_listener(struct bench *bench, uint16_t port)
{
	uint64_t deadline = clock_ms() + DEADLINE_MS;
	int fd;

	while ((fd = client(port)) < 0) {
		assert_true(clock_ms() < deadline);
		turn(bench);
	}
	close(fd);
	/* With a member, it was handed on. */
	for (int i = 0; i < 20; i++)
		turn(bench);
	for (int i = 0; i < MEMBERS; i++)
		while (bench->member[i] >= 0 && (fd = accept(bench->member[i], NULL, NULL)) >= 0)
			close(fd);
}

/* Until 'n' connections in a row were spread as expected (how many for each member). */
static void wait_for_shares(struct bench *bench, uint16_t port, int n, const int *expected)
{
	uint64_t deadline = clock_ms() + DEADLINE_MS;

	for (;;) {
		int got[MEMBERS] = { 0 };

		for (int i = 0; i < n; i++) {
			int which = ask(bench, port);

			assert_true(which >= 0);
			got[which]++;
		}
		if (memcmp(got, expected, sizeof(got)) == 0)
			return;
		assert_true(clock_ms() < deadline);
		turn(bench);
	}
}

static int apply(struct bench *bench, const char *kind, const char *key, const char *value,
		 const char *was)
{
	struct provider provider = haproxy_provider(bench->haproxy);
	AUTO(item_unref_auto) struct item *want = value ? item_new(kind, key, value, "lb") : NULL;
	AUTO(item_unref_auto) struct item *have = was ? item_new(kind, key, was, "lb") : NULL;
	struct plan plan = PLAN_NONE;
	struct change *one;
	int code;

	plan_note(&plan, want, have);
	one = plan.changes;
	provider.apply(provider.self, &one, 1);
	code = one->err.code;
	plan_clear(&plan);
	return code;
}

static size_t agent_start(struct bench *bench)
{
	struct haproxy_settings settings = { .run_dir = bench->dir };
	AUTO(err_clear) struct err err = ERR_NONE;
	struct provider provider;
	struct item_set have = ITEM_SET_NONE, none = ITEM_SET_NONE;
	size_t n;

	if (haproxy_new(bench->base, &settings, &bench->haproxy, &err) < 0)
		fail_msg("%s", err_text(&err));
	provider = haproxy_provider(bench->haproxy);
	assert_int_equal(provider.read(provider.self, &none, &have, &err), 0);
	n = item_set_count(&have);
	item_set_clear(&have);
	return n;
}

static pid_t pid_of(struct bench *bench)
{
	struct child_status status;

	haproxy_child_status(bench->haproxy, &status);
	return status.pid;
}

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

static void remove_tree(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		AUTO(free_ptr) char *one = mem_format("%s/%s", path, entry->d_name);

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (entry->d_type == DT_DIR)
			remove_tree(one);
		else
			unlink(one);
	}
	if (dir)
		closedir(dir);
	rmdir(path);
}

static int set_up(void **state)
{
	const char *top = getenv("TMPDIR");
	struct bench *bench;

	if (access("/usr/sbin/haproxy", X_OK) < 0 || !own_network())
		return 0;
	bench = mem_alloc(sizeof(*bench));
	bench->dir = mem_format("%s/weft-haproxy-XXXXXX", top ? top : "/tmp");
	assert_non_null(mkdtemp(bench->dir));
	bench->base = event_base_new();
	for (int i = 0; i < MEMBERS; i++)
		member_open(bench, i);
	agent_start(bench);
	assert_int_equal(apply(bench, "haproxy.listener", "s", "tcp 127.0.9.9 80 roundrobin" RULES,
			       NULL),
			 0);
	apply(bench, "haproxy.member", "s a", "127.0.1.1 100 weight 100", NULL);
	apply(bench, "haproxy.member", "s b", "127.0.1.2 100 weight 100", NULL);
	wait_for_listener(bench, 80);
	*state = bench;
	return 0;
}

static int tear_down(void **state)
{
	struct bench *bench = *state;
	uint64_t deadline = clock_ms() + DEADLINE_MS;

	if (!bench)
		return 0;
	apply(bench, "haproxy.listener", "s", NULL, "");
	apply(bench, "haproxy.listener", "t", NULL, "");
	while (pid_of(bench) && clock_ms() < deadline)
		turn(bench);
	haproxy_free(bench->haproxy);
	for (int i = 0; i < MEMBERS; i++)
		if (bench->member[i] >= 0)
			close(bench->member[i]);
	event_base_free(bench->base);
	remove_tree(bench->dir);
	free(bench->dir);
	free(bench);
	return 0;
}

#define BENCH(state)                      \
	({                                \
		if (!*(state))            \
			skip();           \
		(struct bench *)*(state); \
	})

static void connections_are_spread_in_turn(void **state)
{
	struct bench *bench = BENCH(state);

	wait_for_shares(bench, 80, 6, (int[]){ 3, 3, 0 });
}

static void members_come_and_go_in_the_running_process(void **state)
{
	struct bench *bench = BENCH(state);
	pid_t pid = pid_of(bench);
	int mine = client(80), theirs, which = server_side(bench, &theirs);
	char byte = 0;

	apply(bench, "haproxy.member", "s c", "127.0.1.3 100 weight 100", NULL);
	wait_for_shares(bench, 80, 6, (int[]){ 2, 2, 2 });
	/* Whoever has the connection goes; the connection stays. */
	apply(bench, "haproxy.member", which == 0 ? "s a" : "s b", NULL, "");
	wait_for_shares(bench, 80, 6, which == 0 ? (int[]){ 0, 3, 3 } : (int[]){ 3, 0, 3 });
	assert_int_equal(write(theirs, "x", 1), 1);
	assert_int_equal(read(mine, &byte, 1), 1);
	assert_int_equal(byte, 'x');
	close(mine);
	close(theirs);
	assert_int_equal(pid_of(bench), pid);
}

static void probes_take_no_connection(void **state)
{
	struct bench *bench = BENCH(state);
	uint64_t until = clock_ms() + 3500;

	while (clock_ms() < until)
		turn(bench);
	for (int i = 0; i < MEMBERS; i++)
		assert_int_equal(accept(bench->member[i], NULL, NULL), -1);
}

static void a_member_that_fails_is_left_out_until_it_is_back(void **state)
{
	struct bench *bench = BENCH(state);
	AUTO(free_ptr) char *text = NULL;
	json_t *status = json_array();
	uint64_t deadline = clock_ms() + DEADLINE_MS;
	const char *health = "";

	member_close(bench, 1);
	while (strcmp(health, "down") != 0) {
		assert_true(clock_ms() < deadline);
		turn(bench);
		json_array_clear(status);
		haproxy_status(bench->haproxy, status);
		health = json_string_value(json_object_get(
			json_array_get(json_object_get(json_array_get(status, 0), "members"), 1),
			"health"));
	}
	text = json_dumps(status, 0);
	assert_non_null(strstr(text, "connection refused"));
	json_decref(status);
	wait_for_shares(bench, 80, 6, (int[]){ 6, 0, 0 });
	member_open(bench, 1);
	wait_for_shares(bench, 80, 6, (int[]){ 3, 3, 0 });
}

static void another_listener_disturbs_no_connection(void **state)
{
	struct bench *bench = BENCH(state);
	pid_t pid = pid_of(bench);
	int mine = client(80), theirs;
	char byte = 0;

	server_side(bench, &theirs);
	apply(bench, "haproxy.listener", "t", "tcp 127.0.9.9 81 source" RULES, NULL);
	apply(bench, "haproxy.member", "t a", "127.0.1.1 100 weight 100", NULL);
	wait_for_listener(bench, 81);
	assert_int_equal(ask(bench, 81), 0);
	assert_int_equal(write(theirs, "x", 1), 1);
	assert_int_equal(read(mine, &byte, 1), 1);
	assert_int_equal(byte, 'x');
	close(mine);
	close(theirs);
	assert_int_equal(pid_of(bench), pid);
}

static void a_port_that_is_taken_fails_its_own_listener(void **state)
{
	struct bench *bench = BENCH(state);
	int taken = listen_at("0.0.0.0", 82);

	assert_int_equal(apply(bench, "haproxy.listener", "t", "tcp 127.0.9.9 82 roundrobin" RULES,
			       NULL),
			 -98);
	wait_for_shares(bench, 80, 6, (int[]){ 3, 3, 0 });
	close(taken);
}

static void the_next_agent_takes_it_over(void **state)
{
	struct bench *bench = BENCH(state);
	pid_t pid = pid_of(bench);

	haproxy_free(bench->haproxy);
	/* The address, the listener and two members. */
	assert_int_equal(agent_start(bench), 3);
	assert_int_equal(pid_of(bench), pid);
	wait_for_shares(bench, 80, 6, (int[]){ 3, 3, 0 });
	apply(bench, "haproxy.member", "s c", "127.0.1.3 100 weight 100", NULL);
	wait_for_shares(bench, 80, 6, (int[]){ 2, 2, 2 });
	assert_int_equal(pid_of(bench), pid);
}

static void it_is_started_again_with_all_members(void **state)
{
	struct bench *bench = BENCH(state);
	pid_t pid = pid_of(bench);
	uint64_t deadline = clock_ms() + DEADLINE_MS;

	apply(bench, "haproxy.member", "s c", "127.0.1.3 100 weight 100", NULL);
	wait_for_shares(bench, 80, 6, (int[]){ 2, 2, 2 });
	kill(pid, SIGKILL);
	while (pid_of(bench) == pid || !pid_of(bench)) {
		assert_true(clock_ms() < deadline);
		turn(bench);
	}
	wait_for_listener(bench, 80);
	wait_for_shares(bench, 80, 6, (int[]){ 2, 2, 2 });
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(connections_are_spread_in_turn),
		CASE(members_come_and_go_in_the_running_process),
		CASE(probes_take_no_connection),
		CASE(a_member_that_fails_is_left_out_until_it_is_back),
		CASE(another_listener_disturbs_no_connection),
		CASE(a_port_that_is_taken_fails_its_own_listener),
		CASE(the_next_agent_takes_it_over),
		CASE(it_is_started_again_with_all_members),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
