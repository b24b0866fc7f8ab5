/* SPDX-License-Identifier: GPL-2.0-or-later */
/* haproxy_texts.c - what HAProxy is told: its configuration, and the commands that change its
 * members. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "lib/backend/child/service_file.h"
#include "lib/base/err.h"
#include "vrouter/service/haproxy_counting.h"
#include "vrouter/service/haproxy_model.h"

#define PLAIN "tcp 10.0.0.1 80 roundrobin idle 60 maxconn 5000 rise 2 fall 2 interval 5"

static struct haproxy_listener *listener_of(const char *uuid, const char *value)
{
	AUTO(item_unref_auto) struct item *item = item_new("haproxy.listener", uuid, value, "lb");
	AUTO(err_clear) struct err err = ERR_NONE;
	struct haproxy_listener *listener = NULL;

	if (haproxy_listener_parse(item, &listener, &err) < 0)
		fail_msg("%s: %s", value, err_text(&err));
	return listener;
}

static void add_member(struct haproxy_listener *listener, const char *key, const char *value)
{
	AUTO(item_unref_auto) struct item *item = item_new("haproxy.member", key, value, "lb");
	AUTO(err_clear) struct err err = ERR_NONE;
	struct haproxy_member *member = NULL;

	if (haproxy_member_parse(item, &member, &err) < 0)
		fail_msg("%s: %s", value, err_text(&err));
	member->listener = listener;
	member->next = listener->members;
	listener->members = member;
}

static void refused(const char *value)
{
	AUTO(item_unref_auto) struct item *item = item_new("haproxy.listener", "ls", value, "lb");
	AUTO(err_clear) struct err err = ERR_NONE;
	struct haproxy_listener *listener = NULL;

	assert_int_equal(haproxy_listener_parse(item, &listener, &err), -22);
	assert_true(strlen(err_text(&err)) > 0);
	assert_null(listener);
}

static void odd_listeners_are_refused(void **state)
{
	(void)state;
	refused("");
	refused("tcp");
	refused("tcp 10.0.0.1");
	refused("udp 10.0.0.1 80 roundrobin");
	refused("tcp 10.0.0.1 80 random");
	refused("tcp 10.0.0.1 0 source");
	refused("tcp 10.0.0.1 80 source idle");
	refused("tcp 10.0.0.1 80 source idle 0");
	refused("tcp 10.0.0.1 80 source\nglobal");
	refused("https 10.0.0.1 80 source");
	refused("https 10.0.0.1 80 source certificates ../../etc/shadow");
}

static struct haproxy_paths some_paths(void)
{
	static char worker[] = "/r/w", state[] = "/r/s", certificates[] = "/r/c";

	return (struct haproxy_paths){ .worker = worker,
				       .state = state,
				       .certificates = certificates,
				       .connections_most = 100000 };
}

static char *config_of(struct haproxy_model *model, bool with_members)
{
	struct haproxy_paths paths = some_paths();
	struct text text = TEXT_NONE;

	haproxy_config_text(model, &paths, "d", with_members, &text);
	return text_take(&text);
}

static void a_listener_becomes_a_section(void **state)
{
	struct haproxy_model model = { 0 };
	struct haproxy_listener *listener =
		listener_of("s", "https 10.0.0.1 443 source idle 7 maxconn 2 certificates a,b");
	AUTO(free_ptr) char *text = NULL;

	(void)state;
	add_member(listener, "s m1", "10.1.0.7 8080 weight 3");
	haproxy_model_add(&model, listener);
	text = config_of(&model, true);
	assert_non_null(strstr(text, "\nlisten l-s\n\tmode http\n"
				     "\tbind ipv4@10.0.0.1:443 transparent ssl crt /r/c/a.pem crt "
				     "/r/c/b.pem"));
	assert_non_null(strstr(text, "\tbalance source\n\thash-type consistent\n"));
	assert_non_null(strstr(text, "\tmaxconn 2\n"));
	assert_non_null(strstr(text, "\ttimeout client 7s\n"));
	assert_non_null(strstr(text, "\toption forwardfor\n"));
	assert_non_null(strstr(text, "\tserver m-m1 ipv4@10.1.0.7:8080 weight 3\n"));
	haproxy_model_clear(&model);
}

static void members_do_not_change_what_a_reload_is_for(void **state)
{
	struct haproxy_model model = { 0 };
	struct haproxy_listener *listener = listener_of("s", PLAIN);
	AUTO(free_ptr) char *before = NULL;
	AUTO(free_ptr) char *after = NULL;

	(void)state;
	haproxy_model_add(&model, listener);
	before = config_of(&model, false);
	add_member(listener, "s m1", "10.1.0.7 8080 weight 3");
	after = config_of(&model, false);
	assert_string_equal(before, after);
	haproxy_model_clear(&model);
}

static void the_configuration_holds_its_items(void **state)
{
	struct haproxy_model model = { 0 };
	struct haproxy_listener *listener = listener_of("s", PLAIN);
	struct item_set items = ITEM_SET_NONE;
	AUTO(free_ptr) char *text = NULL;

	(void)state;
	add_member(listener, "s m1", "10.1.0.7 8080 weight 3");
	haproxy_model_add(&model, listener);
	text = config_of(&model, true);
	service_marks_read(text, &items);
	assert_int_equal(item_set_count(&items), 2);
	assert_string_equal(item_value(item_set_find(&items, "haproxy.listener", "s")), PLAIN);
	assert_string_equal(item_value(item_set_find(&items, "haproxy.member", "s m1")),
			    "10.1.0.7 8080 weight 3");
	item_set_clear(&items);
	haproxy_model_clear(&model);
}

static void a_line_tells_its_listener(void **state)
{
	const char *text = "global\n\tx\n\nlisten l-one\n\tbind\n\nlisten l-two\n\tbind\n";
	AUTO(free_ptr) char *one = haproxy_config_listener_at(text, 5);
	AUTO(free_ptr) char *two = haproxy_config_listener_at(text, 8);

	(void)state;
	assert_string_equal(one, "one");
	assert_string_equal(two, "two");
	assert_null(haproxy_config_listener_at(text, 2));
}

#define HEAD "1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state ...\n"
#define ROW_SINCE(name, address, operation, admin, weight, port, seconds)              \
	"2 l-s 1 " name " " address " " operation " " admin " " weight " 100 " seconds \
	" 1 0 2 0 0 0 0 - " port " - 0 0 - - 0\n"
#define ROW(name, address, operation, admin, weight, port) \
	ROW_SINCE(name, address, operation, admin, weight, port, "1")

/* Compares the commands with what they should be; returns which members are only leaving. */
static struct haproxy_leaving commands_are(const struct haproxy_listener *listener,
					   const char *answer, const char *expected)
{
	AUTO(text_clear) struct text commands = TEXT_NONE;
	struct haproxy_leaving leaving;

	haproxy_members_diff(listener, answer, &commands, &leaving);
	assert_string_equal(text_view(&commands), expected);
	return leaving;
}

static void commands_make_the_members_as_wanted(void **state)
{
	struct haproxy_listener *listener = listener_of("s", PLAIN);

	(void)state;
	commands_are(listener, HEAD, "");
	add_member(listener, "s a", "10.0.0.7 80 weight 100");
	commands_are(listener, HEAD,
		     "add server l-s/m-a ipv4@10.0.0.7:80 weight 100;"
		     "set server l-s/m-a state ready;");
	commands_are(listener, HEAD ROW("m-a", "10.0.0.7", "2", "0", "100", "80"), "");
	commands_are(listener, HEAD ROW("m-a", "10.0.0.7", "2", "0", "50", "80"),
		     "set server l-s/m-a weight 100;");
	commands_are(listener, HEAD ROW("m-a", "10.0.0.8", "2", "0", "100", "80"),
		     "set server l-s/m-a addr 10.0.0.7 port 80;");
	commands_are(listener, HEAD ROW("m-a", "10.0.0.7", "0", "0", "100", "80"),
		     "set server l-s/m-a health up;");
	commands_are(listener, HEAD ROW("m-a", "10.0.0.7", "0", "1", "100", "80"),
		     "set server l-s/m-a state ready;");
	listener->members->health.down = true;
	commands_are(listener, HEAD ROW("m-a", "10.0.0.7", "2", "0", "100", "80"),
		     "set server l-s/m-a health down;");
	commands_are(listener, HEAD ROW("m-a", "10.0.0.7", "0", "0", "100", "80"), "");
	haproxy_listener_free(listener);
}

static void a_removed_member_is_drained(void **state)
{
	struct haproxy_listener *listener = listener_of("s", PLAIN);
	struct haproxy_leaving leaving;

	(void)state;
	leaving = commands_are(listener, HEAD ROW("m-b", "10.0.0.7", "2", "0", "9", "80"),
			       "set server l-s/m-b state maint;");
	assert_int_equal(leaving.resting, 1);
	/* What its connections were may go on, as long as a connection may idle. */
	leaving = commands_are(listener,
			       HEAD ROW_SINCE("m-b", "10.0.0.7", "0", "1", "9", "80", "60"), "");
	assert_int_equal(leaving.resting, 1);
	leaving =
		commands_are(listener, HEAD ROW_SINCE("m-b", "10.0.0.7", "0", "1", "9", "80", "61"),
			     "del server l-s/m-b;");
	assert_int_equal(leaving.resting, 0);
	assert_int_equal(leaving.deletions, 1);
	haproxy_listener_free(listener);
}

static void health_takes_several_answers_in_a_row(void **state)
{
	struct health health = { 0 };

	(void)state;
	assert_false(health_failure(&health, 2, "no answer"));
	assert_false(health_success(&health, 2));
	assert_false(health_failure(&health, 2, "no answer"));
	assert_true(health_failure(&health, 2, "connection refused"));
	assert_true(health.down);
	assert_string_equal(health.reason, "connection refused");
	assert_false(health_success(&health, 2));
	assert_false(health_failure(&health, 2, "no answer"));
	assert_false(health_success(&health, 2));
	assert_true(health_success(&health, 2));
	assert_false(health.down);
}

#define STAT "# pxname,svname,...\nl-s,FRONTEND,,,2,5,100,40,1000,2000,0\n"

static void counts_go_on_over_workers(void **state)
{
	struct haproxy_model model = { 0 }, next = { 0 };
	struct haproxy_listener *listener = listener_of("s", PLAIN);
	AUTO(text_clear) struct text kept = TEXT_NONE;

	(void)state;
	haproxy_model_add(&model, listener);
	haproxy_count_read(&model, "Name: HAProxy\nPid: 7\n\n" STAT);
	assert_int_equal(listener->counter.now.sessions, 2);
	assert_int_equal(listener->counter.now.sessions_total, 40);
	haproxy_count_read(&model, "Pid: 7\nl-s,FRONTEND,,,2,5,100,41,1001,2001,0\n");
	assert_int_equal(listener->counter.before.sessions_total, 0);
	/* Another one, though it has counted more already. */
	haproxy_count_read(&model, "Pid: 8\nl-s,FRONTEND,,,1,5,100,50,1500,2500,0\n");
	assert_int_equal(listener->counter.before.sessions_total, 41);
	assert_int_equal(listener->counter.before.bytes_out, 2001);
	assert_int_equal(listener->counter.now.bytes_in, 1500);
	haproxy_count_read(&model, "l-s,FRONTEND\nl-x,FRONTEND,,,1,5,100,3,50,70,0\n");

	haproxy_count_text(&model, &kept);
	haproxy_model_add(&next, listener_of("s", PLAIN));
	haproxy_count_load(&next, text_view(&kept));
	listener = haproxy_model_listener(&next, "s");
	assert_int_equal(listener->counter.before.sessions_total, 41);
	assert_int_equal(listener->counter.now.sessions_total, 50);
	haproxy_count_read(&next, "Pid: 9\n");
	assert_int_equal(listener->counter.before.sessions_total, 91);
	haproxy_count_load(&next, "worker\ns\ns -\ns - x\n\nt - 1 2 3 4 5 6\n");
	haproxy_model_clear(&model);
	haproxy_model_clear(&next);
}

static void members_are_counted_each(void **state)
{
	struct haproxy_model model = { 0 };
	struct haproxy_listener *listener = listener_of("s", PLAIN);
	const struct haproxy_member *member;

	(void)state;
	add_member(listener, "s a", "10.0.0.1 80 weight 1");
	haproxy_model_add(&model, listener);
	member = listener->members;
	haproxy_count_read(&model, "Pid: 7\nl-s,m-a,,,1,5,100,40,1000,2000,0\n");
	assert_int_equal(member->counter.now.bytes_out, 2000);
	assert_int_equal(listener->counter.now.bytes_out, 0);
	/* It was taken out and put in again. */
	haproxy_count_read(&model,
			   "Pid: 7\nl-s,m-a,,,1,5,100,1,10,20,0\nl-s,m-b,,,1,5,9,1,1,2,0\n");
	assert_int_equal(member->counter.before.bytes_out, 2000);
	assert_int_equal(member->counter.now.bytes_out, 20);
	haproxy_model_clear(&model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(odd_listeners_are_refused),
		cmocka_unit_test(a_listener_becomes_a_section),
		cmocka_unit_test(members_do_not_change_what_a_reload_is_for),
		cmocka_unit_test(the_configuration_holds_its_items),
		cmocka_unit_test(a_line_tells_its_listener),
		cmocka_unit_test(commands_make_the_members_as_wanted),
		cmocka_unit_test(a_removed_member_is_drained),
		cmocka_unit_test(health_takes_several_answers_in_a_row),
		cmocka_unit_test(counts_go_on_over_workers),
		cmocka_unit_test(members_are_counted_each),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
