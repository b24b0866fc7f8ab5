/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vici.c - the IKE daemon's control protocol, against a stand-in that answers with canned bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/backend/vici/vici.h"
#include "lib/base/text.h"

/* --- Messages --- */

/* The protocol's own example. */
#define EXAMPLE                                                            \
	"\3\4key1\0\6value1"                                               \
	"\1\10section1\1\13sub-section\3\4key2\0\6value2\2\4\5list1\5\0\5" \
	"item1\5\0\5item2\6\2"

static void example_is_written(void **state)
{
	struct vici_message message = VICI_MESSAGE_NONE;

	(void)state;
	vici_value(&message, "key1", "value1");
	vici_section(&message, "section1");
	vici_section(&message, "sub-section");
	vici_format(&message, "key2", "value%d", 2);
	vici_section_end(&message);
	vici_list(&message, "list1");
	vici_item(&message, "item1");
	vici_item(&message, "item2");
	vici_list_end(&message);
	vici_section_end(&message);
	assert_int_equal(message.length, sizeof(EXAMPLE) - 1);
	assert_memory_equal(message.bytes, EXAMPLE, sizeof(EXAMPLE) - 1);
	vici_message_clear(&message);
}

static void is_json(const char *bytes, size_t size, const char *wanted)
{
	json_t *json = vici_message_parse(bytes, size, NULL);
	char *text;

	assert_non_null(json);
	text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
	assert_string_equal(text, wanted);
	free(text);
	json_decref(json);
}

static void example_is_read(void **state)
{
	(void)state;
	is_json(EXAMPLE, sizeof(EXAMPLE) - 1,
		"{\"key1\":\"value1\",\"section1\":{\"list1\":[\"item1\",\"item2\"],"
		"\"sub-section\":{\"key2\":\"value2\"}}}");
	is_json("", 0, "{}");
	is_json("\4\1l\6", 4, "{\"l\":[]}");
	is_json("\3\1k\0\3a\xff\n", 8, "{\"k\":\"a??\"}");
}

static void broken_messages_are_refused(void **state)
{
	static const struct {
		const char *bytes;
		size_t size;
	} broken[] = {
		{ "\2", 1 },                 /* ends what is not open */
		{ "\1\1s", 3 },              /* stays open */
		{ "\3\1k\0\2v", 6 },         /* value cut short */
		{ "\3\5k", 3 },              /* name cut short */
		{ "\3\1k", 3 },              /* no value */
		{ "\4\1l\5\0\1v", 7 },       /* list stays open */
		{ "\4\1l\3\1k\0\1v\6", 10 }, /* a key in a list */
		{ "\5\0\1v", 4 },            /* an item in no list */
		{ "\0", 1 },
		{ "\7", 1 },
		{ "\3\1\xff\0\1v", 6 }, /* a name that is no text */
	};
	char deep[3 * 20];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(broken); i++) {
		AUTO(err_clear) struct err err = ERR_NONE;

		assert_null(vici_message_parse(broken[i].bytes, broken[i].size, &err));
		assert_int_equal(err.code, -EBADMSG);
	}
	for (size_t i = 0; i < sizeof(deep); i += 3)
		memcpy(deep + i, "\1\1s", 3);
	assert_null(vici_message_parse(deep, sizeof(deep), NULL));
}

/* --- The client --- */

#define PATH_DIR "/tmp/weft-vici.XXXXXX"

struct bench {
	char dir[sizeof(PATH_DIR)];
	char *path;
	struct event_base *base;
	struct vici *vici;
	int listener, server;
	struct text said; /* What the client told its owner, a line each. */
	bool free_it;
};

static void on_connected(void *data)
{
	struct bench *bench = data;

	text_add(&bench->said, "connected\n");
}

static void on_lost(void *data, const char *why)
{
	struct bench *bench = data;

	text_format(&bench->said, "lost: %s\n", why);
}

static void on_event(void *data, const char *name, const json_t *message)
{
	struct bench *bench = data;
	char *text = json_dumps(message, JSON_COMPACT);

	text_format(&bench->said, "event %s %s\n", name, text);
	free(text);
	if (bench->free_it) {
		vici_free(bench->vici);
		bench->vici = NULL;
	}
}

static void on_done(void *data, const char *about, const json_t *reply, const struct err *err)
{
	struct bench *bench = data;
	char *text = reply ? json_dumps(reply, JSON_COMPACT) : NULL;

	text_format(&bench->said, "%s: %s\n", about, text ? text : err_text(err));
	free(text);
	if (bench->free_it) {
		vici_free(bench->vici);
		bench->vici = NULL;
	}
}

static const char *const events[] = { "log", NULL };

static void listen_at(struct bench *bench)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	strcpy(address.sun_path, bench->path);
	bench->listener = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(bench->listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(bench->listener, 1), 0);
}

static int setup(void **state)
{
	struct bench *bench = mem_alloc(sizeof(*bench));
	struct vici_settings settings = { .events = events,
					  .connected = on_connected,
					  .lost = on_lost,
					  .event = on_event,
					  .data = bench };

	strcpy(bench->dir, PATH_DIR);
	assert_non_null(mkdtemp(bench->dir));
	bench->path = mem_format("%s/s", bench->dir);
	bench->base = event_base_new();
	bench->listener = -1;
	bench->server = -1;
	settings.path = bench->path;
	bench->vici = vici_new(bench->base, &settings);
	*state = bench;
	return 0;
}

static int teardown(void **state)
{
	struct bench *bench = *state;

	vici_free(bench->vici);
	event_base_free(bench->base);
	close_fd(&bench->listener);
	close_fd(&bench->server);
	unlink(bench->path);
	rmdir(bench->dir);
	text_clear(&bench->said);
	free(bench->path);
	free(bench);
	return 0;
}

static void turn(const struct bench *bench)
{
	for (int i = 0; i < 5; i++)
		event_base_loop(bench->base, EVLOOP_NONBLOCK);
}

static void until_connected(struct bench *bench)
{
	vici_connect(bench->vici);
	while (!vici_is_connected(bench->vici))
		event_base_loop(bench->base, EVLOOP_ONCE);
	bench->server = accept(bench->listener, NULL, NULL);
	assert_true(bench->server >= 0);
	turn(bench);
}

static void hears(const struct bench *bench, const char *bytes, size_t size)
{
	char got[1024];
	ssize_t n = recv(bench->server, got, sizeof(got), MSG_DONTWAIT);

	assert_int_equal(n, size);
	assert_memory_equal(got, bytes, size);
}

static void says(const struct bench *bench, const char *bytes, size_t size)
{
	assert_int_equal(send(bench->server, bytes, size, 0), size);
	turn(bench);
}

static void is_said(struct bench *bench, const char *wanted)
{
	assert_string_equal(text_view(&bench->said), wanted);
	text_clear(&bench->said);
}

#define HEARS(bytes) hears(bench, bytes, sizeof(bytes) - 1)
#define SAYS(bytes)  says(bench, bytes, sizeof(bytes) - 1)

/* Connected, and its events registered. */
static void begin(struct bench *bench)
{
	listen_at(bench);
	until_connected(bench);
	HEARS("\0\0\0\5\3\3log");
	SAYS("\0\0\0\1\5");
	is_said(bench, "connected\n");
}

static void waits_for_the_daemon(void **state)
{
	struct bench *bench = *state;

	vici_connect(bench->vici);
	turn(bench);
	assert_false(vici_is_connected(bench->vici));
	begin(bench);
}

static void one_command_at_a_time(void **state)
{
	struct bench *bench = *state;
	struct vici_message message = VICI_MESSAGE_NONE;

	begin(bench);
	vici_value(&message, "k", "v");
	vici_call(bench->vici, "first", &message, on_done, "1");
	assert_int_equal(message.length, 0);
	vici_call(bench->vici, "second", NULL, on_done, "2");
	turn(bench);
	HEARS("\0\0\0\15\0\5first\3\1k\0\1v");
	SAYS("\0\0\0\17\1\3\7success\0\3yes");
	is_said(bench, "1: {\"success\":\"yes\"}\n");
	HEARS("\0\0\0\10\0\6second");
	SAYS("\0\0\0\42\1\3\7success\0\2no\3\6errmsg\0\12not so now");
	is_said(bench, "2: not so now\n");
}

static void events_come_between(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	vici_call(bench->vici, "c", NULL, on_done, "1");
	turn(bench);
	HEARS("\0\0\0\3\0\1c");
	/* In pieces, and two packets in one. */
	SAYS("\0\0\0\13\7\3lo");
	SAYS("g\3\1m\0\1");
	is_said(bench, "");
	SAYS("x\0\0\0\1\1");
	is_said(bench, "event log {\"m\":\"x\"}\n1: {}\n");
}

static void unknown_commands(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	vici_call(bench->vici, "c", NULL, on_done, "1");
	turn(bench);
	SAYS("\0\0\0\1\2");
	is_said(bench, "1: it does not know the command\n");
}

static void what_is_too_long_is_not_sent(void **state)
{
	struct bench *bench = *state;
	struct vici_message message = VICI_MESSAGE_NONE;
	char *value = mem_alloc(65537);

	begin(bench);
	memset(value, 'x', 65536);
	vici_value(&message, "k", value);
	free(value);
	vici_call(bench->vici, "c", &message, on_done, "1");
	vici_call(bench->vici, "d", NULL, on_done, "2");
	turn(bench);
	is_said(bench, "1: c: the message is too long\n");
	HEARS("\0\0\0\3\0\1d");
}

static void loss_is_told_after_the_answers(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	vici_call(bench->vici, "c", NULL, on_done, "1");
	vici_call(bench->vici, "d", NULL, on_done, "2");
	turn(bench);
	HEARS("\0\0\0\3\0\1c");
	close(bench->server);
	turn(bench);
	is_said(bench, "1: it closed its control socket\n2: it closed its control socket\n"
		       "lost: it closed its control socket\n");
	assert_false(vici_is_connected(bench->vici));
	vici_call(bench->vici, "e", NULL, on_done, "3");
	until_connected(bench);
	HEARS("\0\0\0\5\3\3log");
	is_said(bench, "connected\n");
}

static void nonsense_ends_the_connection(void **state)
{
	static const struct {
		const char *bytes;
		size_t size;
		const char *why;
	} nonsense[] = {
		{ "\0\0\0\1\1", 5, "it answers what it was not asked" },
		{ "\0\0\0\0", 4, "it sends what is no VICI packet" },
		{ "\0\0\0\1\0", 5, "it sends what is no VICI packet" },
		{ "\0\0\0\1\7", 5, "it sends an event without name" },
		{ "\0\0\0\4\7\5ab", 8, "it sends an event without name" },
		{ "\0\0\0\4\7\1a\2", 8, "it sends an event that is no VICI message" },
		{ "\1\0\0\0", 4, "it sends more than a packet may hold" },
	};
	struct bench *bench = *state;

	listen_at(bench);
	for (size_t i = 0; i < ARRAY_SIZE(nonsense); i++) {
		AUTO(free_ptr) char *wanted = mem_format("connected\nlost: %s\n", nonsense[i].why);

		until_connected(bench);
		HEARS("\0\0\0\5\3\3log");
		SAYS("\0\0\0\1\5");
		says(bench, nonsense[i].bytes, nonsense[i].size);
		is_said(bench, wanted);
		close(bench->server);
		bench->server = -1;
	}
}

static void a_command_is_not_answered_as_an_event(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	vici_call(bench->vici, "c", NULL, on_done, "1");
	turn(bench);
	HEARS("\0\0\0\3\0\1c");
	SAYS("\0\0\0\1\5");
	is_said(bench, "1: it answers what it was not asked\n"
		       "lost: it answers what it was not asked\n");
}

static void may_be_freed_when_it_calls(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	bench->free_it = true;
	SAYS("\0\0\0\3\7\1e");
	is_said(bench, "event e {}\n");
	assert_null(bench->vici);
}

static void may_be_freed_when_it_answers(void **state)
{
	struct bench *bench = *state;

	begin(bench);
	vici_call(bench->vici, "c", NULL, on_done, "1");
	vici_call(bench->vici, "d", NULL, on_done, "2");
	turn(bench);
	bench->free_it = true;
	SAYS("\0\0\0\1\1\0\0\0\1\1");
	is_said(bench, "1: {}\n");
	assert_null(bench->vici);
}

#define WITH_BENCH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(example_is_written),
		cmocka_unit_test(example_is_read),
		cmocka_unit_test(broken_messages_are_refused),
		WITH_BENCH(waits_for_the_daemon),
		WITH_BENCH(one_command_at_a_time),
		WITH_BENCH(events_come_between),
		WITH_BENCH(unknown_commands),
		WITH_BENCH(what_is_too_long_is_not_sent),
		WITH_BENCH(loss_is_told_after_the_answers),
		WITH_BENCH(nonsense_ends_the_connection),
		WITH_BENCH(a_command_is_not_answered_as_an_event),
		WITH_BENCH(may_be_freed_when_it_calls),
		WITH_BENCH(may_be_freed_when_it_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
