/* SPDX-License-Identifier: GPL-2.0-or-later */
/* conntrack.c - a cut takes exactly the connections that are described, out of a kernel's table in
 * a network namespace of the test's own; skipped where none can be made. */
#include "tests/unit/conntrack_bench.h"

#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/backend/conntrack/cutter.h"
#include "lib/base/text.h"

#define TCP IPPROTO_TCP
#define UDP IPPROTO_UDP

static const struct {
	char name;
	struct track track;
} tracks[] = {
	/* To a VIP, led to two guests. */
	{ 'a', { "198.51.100.1", "203.0.113.5", "10.0.0.5", NULL, TCP, 1001, 80 } },
	{ 'b', { "198.51.100.2", "203.0.113.5", "10.0.0.5", NULL, UDP, 1001, 80 } },
	{ 'c', { "198.51.100.1", "203.0.113.5", "10.0.0.5", NULL, TCP, 1002, 90 } },
	{ 'd', { "198.51.100.1", "203.0.113.5", "10.0.0.6", NULL, TCP, 1003, 80 } },
	/* To another VIP, to the first guest. */
	{ 'e', { "198.51.100.1", "203.0.113.6", "10.0.0.5", NULL, TCP, 1001, 80 } },
	/* From the guests, as the VIP and as another. */
	{ 'f', { "10.0.0.5", "198.51.100.1", NULL, "203.0.113.5", TCP, 1001, 80 } },
	{ 'g', { "10.0.0.5", "198.51.100.1", NULL, "203.0.113.6", TCP, 1002, 80 } },
	{ 'h', { "10.0.0.6", "198.51.100.1", NULL, "203.0.113.5", TCP, 1003, 80 } },
	/* Untranslated: to the router, between guests. */
	{ 'i', { "198.51.100.1", "203.0.113.9", NULL, NULL, TCP, 1001, 443 } },
	{ 'j', { "10.0.0.5", "10.0.0.6", NULL, NULL, UDP, 1001, 53 } },
	{ 'k', { "fd00::5", "2001:db8::1", NULL, NULL, TCP, 1001, 443 } },
	{ 'l', { "fd00::6", "2001:db8::1", "fd00::9", NULL, TCP, 1001, 443 } },
};

/* Dumps that were asked for, and those of them that the kernel is to filter; what it is to delete
 * by a filter. */
static size_t dumps, filtered, named;
static bool refuse_filter, refuse_names;

ssize_t __real_mnl_socket_sendto(const struct mnl_socket *socket, const void *bytes, size_t size);
ssize_t __wrap_mnl_socket_sendto(const struct mnl_socket *socket, const void *bytes, size_t size);

ssize_t __wrap_mnl_socket_sendto(const struct mnl_socket *socket, const void *bytes, size_t size)
{
	const struct nlmsghdr *message = bytes;
	const struct nlattr *at;
	bool dump = message->nlmsg_type == (NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET);
	bool filter = false;

	mnl_attr_for_each(at, message, sizeof(struct nfgenmsg)) filter |=
		mnl_attr_get_type(at) == CTA_FILTER;
	dumps += dump;
	filtered += filter && dump;
	named += filter && !dump;
	if (filter && (dump ? refuse_filter : refuse_names)) {
		errno = dump ? EOPNOTSUPP : EINVAL;
		return -1;
	}
	return __real_mnl_socket_sendto(socket, bytes, size);
}

struct world {
	struct mnl_socket *socket; /* NULL: no namespace. */
	struct conntrack *conntrack;
};

static int world_up(void **state)
{
	struct world *world = mem_alloc(sizeof(*world));
	AUTO(err_clear) struct err err = ERR_NONE;

	*state = world;
	dumps = filtered = named = 0;
	refuse_filter = refuse_names = false;
	if (unshare(CLONE_NEWNET) < 0)
		return 0;
	world->socket = mnl_socket_open(NETLINK_NETFILTER);
	if (!world->socket || mnl_socket_bind(world->socket, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    conntrack_new(&world->conntrack, &err) < 0)
		fail_msg("no connection tracking: %s", err_text(&err));
	return 0;
}

static int world_down(void **state)
{
	struct world *world = *state;

	if (world->socket)
		mnl_socket_close(world->socket);
	conntrack_free(world->conntrack);
	free(world);
	return 0;
}

static void fill(struct world *world)
{
	for (size_t i = 0; i < ARRAY_SIZE(tracks); i++) {
		int code = track_insert(world->socket, &tracks[i].track);

		if (code < 0 && code != -EEXIST)
			fail_msg("connection %c: %s", tracks[i].name, strerror(-code));
	}
}

/* The names of those that are gone. A connection that is still there cannot be added. */
static const char *gone(struct world *world)
{
	static char names[ARRAY_SIZE(tracks) + 1];
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(tracks); i++)
		if (track_insert(world->socket, &tracks[i].track) == 0)
			names[n++] = tracks[i].name;
	names[n] = '\0';
	return names;
}

static void note(struct world *world, const char *value)
{
	struct provider provider = conntrack_provider(world->conntrack);
	struct change change = { .action = CHANGE_REMOVE,
				 .have = item_new("connections", "o", value, "o") };
	struct change *changes = &change;

	provider.apply(provider.self, &changes, 1);
	item_unref(change.have);
}

static void cut(struct world *world)
{
	AUTO(err_clear) struct err err = ERR_NONE;

	assert_true(conntrack_has_cuts(world->conntrack));
	if (conntrack_cut(world->conntrack, &err) < 0)
		fail_msg("%s", err_text(&err));
	assert_false(conntrack_has_cuts(world->conntrack));
}

static const struct {
	const char *value, *gone;
} cuts[] = {
	{ "dnat 203.0.113.5 to 10.0.0.5", "abc" },
	{ "dnat 203.0.113.5 tcp 80 to 10.0.0.5", "a" },
	{ "dnat 203.0.113.5 tcp 80-90 to 10.0.0.5", "ac" },
	{ "dnat 203.0.113.5 udp 1-79 to 10.0.0.5", "" },
	{ "snat 10.0.0.5 to 203.0.113.5", "f" },
	{ "dnat 203.0.113.5 to 10.0.0.5 ; snat 10.0.0.5 to 203.0.113.5", "abcf" },
	{ "dnat 203.0.113.5 tcp 80 to 10.0.0.5 ; dnat 203.0.113.5 tcp 80 to 10.0.0.6", "ad" },
	{ "local 203.0.113.9 tcp 443", "i" },
	{ "local 203.0.113.9 tcp 444", "" },
	{ "from 10.0.0.5", "fgj" },
	{ "to 203.0.113.5", "abcd" },
	{ "from 10.0.0.6 ; to 10.0.0.6", "hj" },
	{ "from 10.0.0.5 ; to 10.0.0.6", "fgj" },
	{ "from fd00::5", "k" },
	{ "dnat 2001:db8::1 to fd00::9", "l" },
	{ "to 2001:db8::1 ; from 10.0.0.5", "fgjkl" },
	{ "between 10.0.0.0/24 198.51.100.0/24", "fgh" },
	{ "between 198.51.100.0/24 10.0.0.6/32", "h" },
	{ "between 10.0.0.5/32 10.0.0.6/32 ; to 203.0.113.9", "ij" },
	{ "between 10.0.0.5/32 192.0.2.0/24 ; between 10.0.0.6/32 10.0.0.0/24", "j" },
};

static void check_cuts(struct world *world, const char *beside)
{
	fill(world);
	for (size_t i = 0; i < ARRAY_SIZE(cuts); i++) {
		note(world, cuts[i].value);
		if (beside)
			note(world, beside);
		cut(world);
		assert_string_equal(gone(world), cuts[i].gone);
	}
}

static void what_is_described_goes(void **state)
{
	struct world *world = *state;

	if (!world->socket)
		skip();
	check_cuts(world, NULL);
	assert_int_equal(named, 15);
	assert_int_equal(dumps, 10);
}

static void a_kernel_that_cannot_delete_by_name(void **state)
{
	struct world *world = *state;

	if (!world->socket)
		skip();
	refuse_names = true;
	check_cuts(world, NULL);
	assert_int_equal(named, 1);
}

static void one_of_many_goes(void **state)
{
	AUTO(text_clear) struct text many = TEXT_NONE;
	struct world *world = *state;

	if (!world->socket)
		skip();
	for (int i = 1; i < 100; i++)
		text_format(&many, "%sdnat 192.0.2.%d to 10.0.0.5 ; from 192.0.2.%d",
			    i > 1 ? " ; " : "", i, i);
	check_cuts(world, text_view(&many));
	assert_int_equal(filtered, 0);
	assert_int_equal(dumps, ARRAY_SIZE(cuts));
}

static void several_are_cut_at_once(void **state)
{
	struct world *world = *state;

	if (!world->socket)
		skip();
	fill(world);
	note(world, "snat 10.0.0.6 to 203.0.113.5");
	note(world, "local 203.0.113.9 tcp 443");
	note(world, "dnat 203.0.113.5 tcp 80 to 10.0.0.6");
	cut(world);
	assert_string_equal(gone(world), "dhi");
	assert_int_equal(named, 3);
	assert_int_equal(dumps, 0);
	/* A kernel that cannot is asked once, and told apart what it finds. */
	refuse_names = true;
	note(world, "snat 10.0.0.6 to 203.0.113.5");
	note(world, "local 203.0.113.9 tcp 443");
	note(world, "dnat 203.0.113.5 tcp 80 to 10.0.0.6");
	cut(world);
	assert_string_equal(gone(world), "dhi");
	assert_int_equal(named, 4);
	assert_int_equal(filtered, 3);
	assert_int_equal(dumps, 3);
}

static void a_kernel_that_cannot_filter(void **state)
{
	struct world *world = *state;

	if (!world->socket)
		skip();
	refuse_filter = refuse_names = true;
	check_cuts(world, NULL);
	assert_int_equal(filtered, 1);
	assert_int_equal(dumps, ARRAY_SIZE(cuts) + 1);
}

/* Of our own children; 0: there is none. */
static pid_t child_named(const char *name)
{
	AUTO(free_ptr) char *command = mem_format("pgrep -P %d -x %s", (int)getpid(), name);
	FILE *pipe = popen(command, "r"); /* NOLINT: a test's own machine */
	int process = 0;

	assert_non_null(pipe);
	if (fscanf(pipe, "%d", &process) != 1) /* NOLINT: a number or nothing */
		process = 0;
	pclose(pipe);
	return process;
}

static int cutter_result(struct world *world, struct cutter *cutter, struct err *err)
{
	struct pollfd ready = { cutter_fd(cutter), POLLIN, 0 };

	assert_true(cutter_is_busy(cutter));
	assert_int_equal(poll(&ready, 1, 30000), 1);
	return cutter_end(cutter, world->conntrack, err);
}

static void another_process_cuts(void **state)
{
	struct world *world = *state;
	AUTO(err_clear) struct err err = ERR_NONE;
	struct cutter *cutter = NULL;
	pid_t process;

	if (!world->socket)
		skip();
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(cutter_new(&cutter, &err), 0);
	fill(world);
	note(world, "from 10.0.0.5");
	assert_int_equal(cutter_begin(cutter, world->conntrack, &err), 0);
	assert_false(conntrack_has_cuts(world->conntrack));
	/* What is noted meanwhile waits. */
	note(world, "to 203.0.113.5");
	assert_int_equal(cutter_begin(cutter, world->conntrack, &err), 0);
	assert_int_equal(cutter_result(world, cutter, &err), 0);
	assert_string_equal(gone(world), "fgj");
	assert_int_equal(dumps, 0);

	/* A process that ends is replaced, and what it was at is not forgotten. */
	process = child_named("cutter");
	assert_int_equal(kill(process, SIGSTOP), 0);
	assert_int_equal(cutter_begin(cutter, world->conntrack, &err), 0);
	assert_int_equal(kill(process, SIGKILL), 0);
	assert_true(cutter_result(world, cutter, &err) < 0);
	assert_string_equal(err_text(&err), "connection tracking: its process ended");
	assert_true(conntrack_has_cuts(world->conntrack));
	err_clear(&err);
	assert_int_equal(cutter_begin(cutter, world->conntrack, &err), 0);
	assert_int_equal(cutter_result(world, cutter, &err), 0);
	assert_string_equal(gone(world), "abcd");
	cutter_free(cutter);
	assert_int_equal(child_named("cutter"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_described_goes, world_up, world_down),
		cmocka_unit_test_setup_teardown(a_kernel_that_cannot_delete_by_name, world_up,
						world_down),
		cmocka_unit_test_setup_teardown(one_of_many_goes, world_up, world_down),
		cmocka_unit_test_setup_teardown(several_are_cut_at_once, world_up, world_down),
		cmocka_unit_test_setup_teardown(a_kernel_that_cannot_filter, world_up, world_down),
		cmocka_unit_test_setup_teardown(another_process_cuts, world_up, world_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
