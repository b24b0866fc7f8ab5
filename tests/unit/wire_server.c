/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wire_server.c - calls and their answers, in order, and clients that behave badly. */
#include "tests/unit/wire_bench.h"

#include <fcntl.h>
#include <grp.h>
#include <malloc.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define ECHO(text)   "{\"method\":\"io.weft.Test.Echo\",\"parameters\":{\"text\":\"" text "\"}}"
#define ECHOED(text) "{\"parameters\":{\"text\":\"" text "\"}}"
#define LATER        "{\"method\":\"io.weft.Test.Later\"}"
#define WATCH        "{\"method\":\"io.weft.Test.Watch\",\"more\":true}"

static void a_call_is_answered(void **state)
{
	struct bench *bench = *state;
	int fd = bench_connect(bench);

	bench_say(bench, fd, ECHO("a"));
	bench_hears(bench, fd, ECHOED("a"));
	close(fd);
	bench_until(bench, wire_server_n_connections(bench->server) == 0);
}

static void pipelined_calls_are_answered_in_their_order(void **state)
{
	struct bench *bench = *state;
	int fd = bench_connect(bench);
	static const char calls[] = LATER "\0" ECHO("b") "\0" ECHO("c");

	bench_send(bench, fd, calls, sizeof(calls));
	bench_until(bench, bench->later);
	assert_int_equal(bench->n_echo, 0);
	wire_reply(STEAL(bench->later), json_pack("{s:s}", "text", "a"));
	assert_int_equal(bench->n_echo, 0); /* Nothing is called from within an answer. */
	bench_hears(bench, fd, ECHOED("a"));
	bench_hears(bench, fd, ECHOED("b"));
	bench_hears(bench, fd, ECHOED("c"));
	close(fd);
}

static void a_thousand_pipelined_calls_leave_others_their_turn(void **state)
{
	struct bench *bench = *state;
	int fd = bench_connect(bench), other = bench_connect(bench);
	struct text calls = TEXT_NONE;

	for (int i = 0; i < 1000; i++)
		text_add_n(&calls, ECHO("a"), sizeof(ECHO("a")));
	bench_send(bench, fd, calls.bytes, calls.length);
	bench_say(bench, other, ECHO("b"));
	bench_hears(bench, other, ECHOED("b"));
	for (int i = 0; i < 1000; i++)
		bench_hears(bench, fd, ECHOED("a"));
	text_clear(&calls);
	close(fd);
	close(other);
}

static void a_message_may_come_byte_by_byte(void **state)
{
	struct bench *bench = *state;
	int fd = bench_connect(bench);
	static const char call[] = ECHO("a");

	for (size_t i = 0; i < sizeof(call); i++)
		bench_send(bench, fd, call + i, 1);
	bench_hears(bench, fd, ECHOED("a"));
	close(fd);
}

static void a_client_that_ends_its_sending_gets_its_answers(void **state)
{
	struct bench *bench = *state;
	int fd = bench_connect(bench);
	static const char calls[] = LATER "\0" ECHO("b");

	bench_send(bench, fd, calls, sizeof(calls));
	shutdown(fd, SHUT_WR);
	bench_until(bench, bench->later);
	for (int i = 0; i < 10; i++)
		bench_turn(bench);
	wire_reply(STEAL(bench->later), json_pack("{s:s}", "text", "a"));
	bench_hears(bench, fd, ECHOED("a"));
	bench_hears(bench, fd, ECHOED("b"));
	bench_closed(bench, fd);
}

static void a_client_that_goes_away_is_told_of(void **state)
{
	struct bench *bench = *state;
	int fd = bench_connect(bench);

	bench_say(bench, fd, LATER);
	bench_until(bench, bench->later);
	close(fd);
	bench_until(bench, bench->n_gone == 1);
	assert_int_equal(wire_server_n_connections(bench->server), 0);
}

static void a_stream_goes_on_until_its_reader_leaves(void **state)
{
	struct bench *bench = *state;
	int fd = bench_connect(bench);

	bench_say(bench, fd, WATCH);
	bench_until(bench, bench->later);
	assert_true(wire_call_wants_more(bench->later));
	wire_reply_more(bench->later, json_pack("{s:i}", "n", 1));
	bench_hears(bench, fd, "{\"parameters\":{\"n\":1},\"continues\":true}");
	wire_reply_more(bench->later, json_pack("{s:i}", "n", 2));
	bench_hears(bench, fd, "{\"parameters\":{\"n\":2},\"continues\":true}");
	close(fd);
	bench_until(bench, bench->n_gone == 1);
}

static void a_reader_that_is_too_far_behind_is_let_go(void **state)
{
	struct bench *bench = *state;
	struct wire_limits limits = WIRE_LIMITS_DEFAULT;
	AUTO(free_ptr) char *text = mem_alloc(65536);
	int fd;

	limits.output_bytes = 1 << 20;
	wire_server_set_limits(bench->server, &limits);
	memset(text, 'x', 65535);
	fd = bench_connect(bench);
	bench_say(bench, fd, WATCH);
	bench_until(bench, bench->later);
	for (int i = 0; i < 1000 && bench->later; i++) {
		wire_reply_more(bench->later, json_pack("{s:s}", "text", text));
		bench_turn(bench);
	}
	assert_int_equal(bench->n_gone, 1);
	assert_null(bench->later);
	close(fd);
}

static void the_stream_holder_hears_after_its_answer_not_within(void **state)
{
	struct bench *bench = *state;
	struct wire_limits limits = WIRE_LIMITS_DEFAULT;
	int fd;

	limits.output_bytes = 0;
	wire_server_set_limits(bench->server, &limits);
	fd = bench_connect(bench);
	bench_say(bench, fd, WATCH);
	bench_until(bench, bench->later);
	for (int i = 0; i < 3; i++)
		wire_reply_more(bench->later, json_pack("{s:i}", "n", i));
	assert_int_equal(bench->n_gone, 0);
	assert_non_null(bench->later);
	bench_until(bench, bench->n_gone == 1);
	close(fd);
}

static void a_count_streams_when_more_is_wanted(void **state)
{
	struct bench *bench = *state;
	int fd = bench_connect(bench);

	bench_say(bench, fd,
		  "{\"method\":\"io.weft.Test.Count\",\"parameters\":{\"to\":2},\"more\":true}");
	bench_hears(bench, fd, "{\"parameters\":{\"n\":1},\"continues\":true}");
	bench_hears(bench, fd, "{\"parameters\":{\"n\":2}}");
	bench_say(bench, fd, "{\"method\":\"io.weft.Test.Count\",\"parameters\":{\"to\":2}}");
	bench_hears(bench, fd, "{\"parameters\":{\"n\":2}}");
	close(fd);
}

static void oneway_calls_are_done_and_not_answered(void **state)
{
	struct bench *bench = *state;
	int fd = bench_connect(bench);

	bench_say(bench, fd, "{\"method\":\"io.weft.Test.Echo\",\"oneway\":true}");
	bench_say(bench, fd,
		  "{\"method\":\"io.weft.Test.Count\",\"parameters\":{\"to\":3},"
		  "\"oneway\":true,\"more\":true}");
	bench_say(bench, fd, "{\"method\":\"io.weft.Nothing.There\",\"oneway\":true}");
	bench_say(bench, fd, ECHO("a"));
	bench_hears(bench, fd, ECHOED("a"));
	assert_int_equal(bench->n_echo, 2);
	close(fd);
}

static void oneway_calls_count_though_their_client_is_gone(void **state)
{
	struct bench *bench = *state;
	static const char call[] = "{\"method\":\"io.weft.Test.Echo\",\"oneway\":true}";
	struct text calls = TEXT_NONE;
	int fd = bench_connect(bench);

	for (int i = 0; i < 100; i++)
		text_add_n(&calls, call, sizeof(call));
	assert_int_equal(send(fd, calls.bytes, calls.length, 0), calls.length);
	close(fd);
	bench_until(bench, bench->n_echo == 100 && wire_server_n_connections(bench->server) == 0);
	text_clear(&calls);
}

static void errors_have_their_names(void **state)
{
	struct bench *bench = *state;
	int fd = bench_connect(bench);

	bench_say(bench, fd, "{\"method\":\"io.weft.Test.Refuse\"}");
	bench_hears(bench, fd,
		    "{\"error\":\"io.weft.Test.InvalidState\",\"parameters\":"
		    "{\"path\":\"state.eips[3].vip\",\"reason\":\"expected string\"}}");
	bench_say(bench, fd, "{\"method\":\"io.weft.Test.Nothing\"}");
	bench_hears(bench, fd,
		    "{\"error\":\"org.varlink.service.MethodNotFound\",\"parameters\":"
		    "{\"method\":\"io.weft.Test.Nothing\"}}");
	bench_say(bench, fd, "{\"method\":\"io.weft.Test.Planned\"}");
	bench_hears(bench, fd,
		    "{\"error\":\"org.varlink.service.MethodNotImplemented\",\"parameters\":"
		    "{\"method\":\"io.weft.Test.Planned\"}}");
	bench_say(bench, fd, "{\"method\":\"io.weft.Other.Echo\"}");
	bench_hears(bench, fd,
		    "{\"error\":\"org.varlink.service.InterfaceNotFound\",\"parameters\":"
		    "{\"interface\":\"io.weft.Other\"}}");
	bench_say(bench, fd, "{\"method\":\"Echo\"}");
	bench_hears(bench, fd,
		    "{\"error\":\"org.varlink.service.MethodNotFound\",\"parameters\":"
		    "{\"method\":\"Echo\"}}");
	bench_say(bench, fd, "{\"method\":\"io.weft.Test.Echo\",\"parameters\":[1]}");
	bench_hears(bench, fd,
		    "{\"error\":\"org.varlink.service.InvalidParameter\",\"parameters\":"
		    "{\"parameter\":\"parameters\"}}");
	bench_say(bench, fd, "{\"method\":\"org.varlink.service.Nothing\"}");
	bench_hears(bench, fd,
		    "{\"error\":\"org.varlink.service.MethodNotFound\",\"parameters\":"
		    "{\"method\":\"org.varlink.service.Nothing\"}}");
	close(fd);
}

static void the_service_describes_itself(void **state)
{
	struct bench *bench = *state;
	int fd = bench_connect(bench);
	AUTO(free_ptr) char *text = NULL;
	json_t *answer;

	bench_say(bench, fd, "{\"method\":\"org.varlink.service.GetInfo\"}");
	bench_hears(bench, fd,
		    "{\"parameters\":{\"vendor\":\"weft\",\"product\":\"test\",\"version\":\"1\","
		    "\"url\":\"\",\"interfaces\":[\"org.varlink.service\",\"io.weft.Test\"]}}");
	bench_say(bench, fd,
		  "{\"method\":\"org.varlink.service.GetInterfaceDescription\","
		  "\"parameters\":{\"interface\":\"io.weft.Test\"}}");
	text = bench_hear(bench, fd);
	answer = json_loads(text, 0, NULL);
	assert_string_equal(json_string_value(json_object_get(json_object_get(answer, "parameters"),
							      "description")),
			    bench_interface);
	json_decref(answer);
	bench_say(bench, fd,
		  "{\"method\":\"org.varlink.service.GetInterfaceDescription\","
		  "\"parameters\":{\"interface\":\"io.weft.Other\"}}");
	bench_hears(bench, fd,
		    "{\"error\":\"org.varlink.service.InterfaceNotFound\",\"parameters\":"
		    "{\"interface\":\"io.weft.Other\"}}");
	bench_say(bench, fd, "{\"method\":\"org.varlink.service.GetInterfaceDescription\"}");
	bench_hears(bench, fd,
		    "{\"error\":\"org.varlink.service.InvalidParameter\",\"parameters\":"
		    "{\"parameter\":\"interface\"}}");
	close(fd);
}

static void what_is_no_call_ends_its_connection(void **state)
{
	static const char *const messages[] = {
		"hello",
		"",
		"[]",
		"{}",
		"{\"method\":1}",
		"\"text\"",
		"{\"method\":\"a.b\"} x",
		"{\"method\":\"a.b\",\"method\":\"a.b\"}",
		"{\"method\":\"\xff\"}",
	};
	struct bench *bench = *state;

	for (size_t i = 0; i < ARRAY_SIZE(messages); i++) {
		int fd = bench_connect(bench);

		bench_say(bench, fd, ECHO("a"));
		bench_say(bench, fd, messages[i]);
		bench_hears(bench, fd, ECHOED("a")); /* What was asked before is answered. */
		bench_closed(bench, fd);
	}
	assert_int_equal(wire_server_n_connections(bench->server), 0);
}

static void a_message_up_to_the_limit_is_taken_and_no_longer_one(void **state)
{
	struct bench *bench = *state;
	struct wire_limits limits = WIRE_LIMITS_DEFAULT;
	AUTO(free_ptr) char *call = NULL;
	size_t length = 300000;
	int fd;

	limits.message_bytes = length;
	wire_server_set_limits(bench->server, &limits);
	call = mem_alloc(length + 2);
	memset(call, ' ', length + 1);
	memcpy(call, ECHO("a"), strlen(ECHO("a")));
	call[length] = '\0';
	fd = bench_connect(bench);
	bench_send(bench, fd, call, length + 1);
	bench_hears(bench, fd, ECHOED("a"));
	call[length] = ' ';
	bench_send(bench, fd, call, length + 1);
	bench_closed(bench, fd);
}

static void input_waits_in_the_kernel_while_a_call_is_open(void **state)
{
	struct bench *bench = *state;
	struct wire_limits limits = WIRE_LIMITS_DEFAULT;
	AUTO(free_ptr) char *junk = mem_alloc(65536);
	size_t before, sent = 0;
	int fd;

	limits.message_bytes = 1 << 20;
	wire_server_set_limits(bench->server, &limits);
	memset(junk, ' ', 65536);
	fd = bench_connect(bench);
	bench_say(bench, fd, LATER);
	bench_until(bench, bench->later);
	before = mallinfo2().uordblks;
	for (int idle = 0; idle < 100; idle++) {
		ssize_t n = send(fd, junk, 65536, MSG_NOSIGNAL);

		if (n > 0) {
			sent += (size_t)n;
			idle = 0;
		}
		assert_true(sent < 8 << 20); /* It stops taking, at last. */
		bench_turn(bench);
	}
	assert_true(mallinfo2().uordblks < before + (4 << 20));
	wire_reply(STEAL(bench->later), json_pack("{s:s}", "text", "a"));
	bench_hears(bench, fd, ECHOED("a"));
	bench_closed(bench, fd); /* The junk is too long a message. */
}

static void half_a_message_is_waited_for_only_so_long(void **state)
{
	struct bench *bench = *state;
	struct wire_limits limits = WIRE_LIMITS_DEFAULT;
	int fd, idle;

	limits.pause_ms = 20;
	wire_server_set_limits(bench->server, &limits);
	idle = bench_connect(bench);
	bench_say(bench, idle, ECHO("a"));
	bench_hears(bench, idle, ECHOED("a"));
	fd = bench_connect(bench);
	bench_send(bench, fd, "{\"met", 5);
	bench_closed(bench, fd);
	bench_say(bench, idle, ECHO("b")); /* Silence alone is no fault. */
	bench_hears(bench, idle, ECHOED("b"));
	close(idle);
}

static void replies_that_nobody_reads_are_kept_only_so_long(void **state)
{
	struct bench *bench = *state;
	struct wire_limits limits = WIRE_LIMITS_DEFAULT;
	int fd;

	limits.pause_ms = 20;
	wire_server_set_limits(bench->server, &limits);
	fd = bench_connect(bench);
	bench_say(bench, fd,
		  "{\"method\":\"io.weft.Test.Large\",\"parameters\":{\"bytes\":10000000}}");
	bench_until(bench, wire_server_n_connections(bench->server) == 0);
	close(fd);
}

static void a_client_that_asks_and_does_not_read_is_not_answered_on(void **state)
{
	struct bench *bench = *state;
	struct text calls = TEXT_NONE;
	int fd = bench_connect(bench);

	for (int i = 0; i < 40; i++) {
		static const char call[] = "{\"method\":\"io.weft.Test.Large\","
					   "\"parameters\":{\"bytes\":1000000}}";

		text_add_n(&calls, call, sizeof(call));
	}
	bench_send(bench, fd, calls.bytes, calls.length);
	text_clear(&calls);
	for (int i = 0; i < 100; i++)
		bench_turn(bench);
	assert_true(mallinfo2().uordblks + mallinfo2().hblkhd < 16 << 20);
	for (int i = 0; i < 40; i++) {
		AUTO(free_ptr) char *heard = bench_hear(bench, fd);

		assert_true(strlen(heard) > 1000000);
	}
	close(fd);
}

static void the_caller_is_known(void **state)
{
	struct bench *bench = *state;
	int fd = bench_connect(bench);
	AUTO(free_ptr)
	char *expected = mem_format("{\"parameters\":{\"local\":true,\"uid\":%d,\"pid\":%d}}",
				    (int)getuid(), (int)getpid());

	bench_say(bench, fd, "{\"method\":\"io.weft.Test.Whoami\"}");
	bench_hears(bench, fd, expected);
	close(fd);
}

static void the_socket_is_for_owner_and_group(void **state)
{
	struct bench *bench = *state;
	struct stat stat;

	assert_int_equal(lstat(bench->address + 5, &stat), 0);
	assert_int_equal(stat.st_mode & 07777, 0660);
}

/* Connects as 'uid' and 'gid' with the supplementary group 'more': 0 if it is answered. */
static pid_t connect_as(const struct bench *bench, uid_t uid, gid_t gid, gid_t more)
{
	pid_t pid = fork();
	char byte;
	int fd;

	if (pid)
		return pid;
	if (setgroups(1, &more) < 0 || setgid(gid) < 0 || setuid(uid) < 0)
		_exit(2);
	fd = bench_connect(bench);
	fcntl(fd, F_SETFL, 0);
	if (send(fd, ECHO("a"), sizeof(ECHO("a")), MSG_NOSIGNAL) < 0)
		_exit(1);
	_exit(recv(fd, &byte, 1, 0) == 1 ? 0 : 1);
}

static int exit_of(const struct bench *bench, pid_t pid)
{
	int status;

	bench_until(bench, waitpid(pid, &status, WNOHANG) == pid);
	return WEXITSTATUS(status);
}

static void others_are_sent_away_though_the_file_lets_them(void **state)
{
	struct bench *bench = *state;

	if (geteuid() != 0)
		skip();
	assert_int_equal(chmod(bench->address + 5, 0666), 0);
	assert_int_equal(chmod(bench->dir, 0755), 0);
	assert_int_equal(exit_of(bench, connect_as(bench, 4711, 4711, 4711)), 1);
	assert_int_equal(exit_of(bench, connect_as(bench, 4711, getegid(), 4711)), 0);
	assert_int_equal(exit_of(bench, connect_as(bench, 4711, 4711, getegid())), 0);
}

static void a_thousand_idle_clients_are_fine(void **state)
{
	struct bench *bench = *state;
	struct rlimit limit;
	static int clients[1000];
	int fd;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur < 2100)
		skip();
	for (size_t i = 0; i < ARRAY_SIZE(clients); i++) {
		clients[i] = bench_connect(bench);
		bench_turn(bench);
	}
	fd = bench_connect(bench);
	bench_say(bench, fd, ECHO("a"));
	bench_hears(bench, fd, ECHOED("a"));
	assert_int_equal(wire_server_n_connections(bench->server), 1001);
	for (size_t i = 0; i < ARRAY_SIZE(clients); i++)
		close(clients[i]);
	close(fd);
	bench_until(bench, wire_server_n_connections(bench->server) == 0);
}

static void more_clients_than_the_limit_are_sent_away(void **state)
{
	struct bench *bench = *state;
	struct wire_limits limits = WIRE_LIMITS_DEFAULT;
	int first, second;

	limits.connections = 1;
	wire_server_set_limits(bench->server, &limits);
	first = bench_connect(bench);
	bench_say(bench, first, ECHO("a"));
	bench_hears(bench, first, ECHOED("a"));
	second = bench_connect(bench);
	bench_closed(bench, second);
	bench_say(bench, first, ECHO("b"));
	bench_hears(bench, first, ECHOED("b"));
	close(first);
}

static void clients_wait_when_descriptors_are_used_up(void **state)
{
	struct bench *bench = *state;
	int fd = bench_connect(bench), used[64], n = 0;
	struct rlimit limit, before;

	getrlimit(RLIMIT_NOFILE, &before);
	limit = before;
	limit.rlim_cur = 64;
	setrlimit(RLIMIT_NOFILE, &limit);
	while (n < 64 && (used[n] = dup(0)) >= 0)
		n++;
	for (int i = 0; i < 20; i++)
		bench_turn(bench);
	assert_int_equal(wire_server_n_connections(bench->server), 0);
	while (n)
		close(used[--n]);
	setrlimit(RLIMIT_NOFILE, &before);
	bench_say(bench, fd, ECHO("a"));
	bench_hears(bench, fd, ECHOED("a"));
	close(fd);
}

static void a_live_socket_is_refused_and_a_dead_one_replaced(void **state)
{
	struct bench *bench = *state, other = { 0 };
	AUTO(free_ptr) char *path = mem_format("%s/dead", bench->dir);
	AUTO(free_ptr) char *address = mem_format("unix:%s", path);
	struct wire_address dead;
	struct err err = ERR_NONE;
	int fd;

	bench_serve(&other);
	assert_int_equal(wire_server_listen(other.server, bench->address, &err), -EADDRINUSE);
	err_clear(&err);

	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(wire_address_parse(address, &dead, NULL), 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&dead.socket, dead.size), 0);
	close(fd);
	assert_int_equal(wire_server_listen(other.server, address, &err), 0);

	/* Another process' socket in the same place is left alone. */
	unlink(path);
	fd = open(path, O_CREAT | O_CLOEXEC | O_WRONLY, 0600);
	close(fd);
	assert_int_equal(wire_server_listen(bench->server, address, &err), -EEXIST);
	err_clear(&err);
	wire_server_free(other.server);
	event_base_free(other.base);
	assert_int_equal(unlink(path), 0);
}

static void one_server_listens_on_several_addresses(void **state)
{
	struct bench *bench = *state;
	struct bench second = { .address = mem_format("%s2", bench->address) };
	struct err err = ERR_NONE;
	int fd;

	assert_int_equal(wire_server_listen(bench->server, second.address, &err), 0);
	fd = bench_connect(&second);
	bench_say(bench, fd, ECHO("a"));
	bench_hears(bench, fd, ECHOED("a"));
	close(fd);
	free(second.address);
}

static void open_calls_hear_of_the_servers_end(void **state)
{
	struct bench *bench = *state;
	int fd = bench_connect(bench);

	bench_say(bench, fd, LATER);
	bench_until(bench, bench->later);
	wire_server_free(bench->server);
	assert_int_equal(bench->n_gone, 1);
	assert_int_equal(access(bench->address + 5, F_OK), -1);
	bench->server = NULL;
	close(fd);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_call_is_answered),
		TEST(pipelined_calls_are_answered_in_their_order),
		TEST(a_thousand_pipelined_calls_leave_others_their_turn),
		TEST(a_message_may_come_byte_by_byte),
		TEST(a_client_that_ends_its_sending_gets_its_answers),
		TEST(a_client_that_goes_away_is_told_of),
		TEST(a_stream_goes_on_until_its_reader_leaves),
		TEST(a_reader_that_is_too_far_behind_is_let_go),
		TEST(the_stream_holder_hears_after_its_answer_not_within),
		TEST(a_count_streams_when_more_is_wanted),
		TEST(oneway_calls_are_done_and_not_answered),
		TEST(oneway_calls_count_though_their_client_is_gone),
		TEST(errors_have_their_names),
		TEST(the_service_describes_itself),
		TEST(what_is_no_call_ends_its_connection),
		TEST(a_message_up_to_the_limit_is_taken_and_no_longer_one),
		TEST(input_waits_in_the_kernel_while_a_call_is_open),
		TEST(half_a_message_is_waited_for_only_so_long),
		TEST(replies_that_nobody_reads_are_kept_only_so_long),
		TEST(a_client_that_asks_and_does_not_read_is_not_answered_on),
		TEST(the_caller_is_known),
		TEST(the_socket_is_for_owner_and_group),
		TEST(others_are_sent_away_though_the_file_lets_them),
		TEST(a_thousand_idle_clients_are_fine),
		TEST(more_clients_than_the_limit_are_sent_away),
		TEST(clients_wait_when_descriptors_are_used_up),
		TEST(a_live_socket_is_refused_and_a_dead_one_replaced),
		TEST(one_server_listens_on_several_addresses),
		TEST(open_calls_hear_of_the_servers_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
