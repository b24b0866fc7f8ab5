/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft_kernel.c - what a plan does to nf_tables, and what it leaves alone. */
#include "tests/unit/nft_bench.h"

#include <sys/wait.h>
#include <unistd.h>

static void want_table(struct bench *bench)
{
	want(bench, "nft.table", "inet weft", "");
	want(bench, "nft.chain", "inet weft forward", "filter forward 0 drop");
	want(bench, "nft.chain", "inet weft web", "");
}

static void rules_stand_in_their_order(void **state)
{
	static const char *const orders[][4] = {
		{ "0200", "0100", "0300", NULL },
		{ "0300", "0150", "0100", "0250" },
		{ "0150", "0100.a", "0100", "0050" },
		{ "0050", NULL, NULL, NULL },
	};
	struct bench *bench = bench_of(state);

	for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
		AUTO(free_ptr) char *text = NULL;
		const char *at;
		char sorted[4][16] = { "" };
		size_t n = 0;

		want_table(bench);
		for (size_t j = 0; j < 4 && orders[i][j]; j++, n++) {
			AUTO(free_ptr)
			char *key = mem_format("inet weft forward %s", orders[i][j]);
			AUTO(free_ptr) char *owner = mem_format("fw-%s", orders[i][j]);

			snprintf(sorted[n], sizeof(sorted[n]), "%s", orders[i][j]);
			want_of(bench, owner, "nft.rule", key, "accept");
		}
		settle(bench);
		qsort(sorted, n, sizeof(sorted[0]), (int (*)(const void *, const void *))strcmp);
		at = text = said("nft list chain inet weft forward");
		for (size_t j = 0; j < n; j++) {
			AUTO(free_ptr) char *comment = mem_format("comment \"fw-%s\"", sorted[j]);

			at = strstr(at, comment);
			if (!at)
				fail_msg("%s is not in its place: %s", comment, text);
		}
	}
}

static unsigned long handle_of(const char *owner)
{
	AUTO(free_ptr) char *text = said("nft -a list chain inet weft forward");
	AUTO(free_ptr) char *comment = mem_format("comment \"%s\" # handle ", owner);
	const char *at = strstr(text, comment);

	return at ? strtoul(at + strlen(comment), NULL, 10) : 0;
}

static void a_change_is_only_that_change(void **state)
{
	struct bench *bench = bench_of(state);
	unsigned long one, two;

	for (int round = 0; round < 3; round++) {
		want_table(bench);
		want_of(bench, "one", "nft.rule", "inet weft forward 1", "tcp dport 22 accept");
		want_of(bench, "two", "nft.rule", "inet weft forward 2",
			round ? "tcp dport 81 accept" : "tcp dport 80 accept");
		want(bench, "nft.set", "inet weft places", "map ipv4_addr : ipv4_addr");
		want_of(bench, "e1", "nft.element", "inet weft places 10.0.0.1",
			round < 2 ? "192.168.0.1" : "192.168.0.2");
		want_of(bench, "e2", "nft.element", "inet weft places 10.0.0.2", "192.168.0.3");
		settle(bench);
		if (round == 0) {
			one = handle_of("one");
			two = handle_of("two");
			continue;
		}
		assert_int_equal(bench->plan.n, 1);
		assert_int_equal(handle_of("one"), one);
		assert_true(handle_of("two") != two);
		nft_has("chain inet weft forward", "tcp dport 81 accept comment \"two\"");
	}
	nft_has("map inet weft places", "10.0.0.1 comment \"e1\" : 192.168.0.2");
	nft_has("map inet weft places", "10.0.0.2 comment \"e2\" : 192.168.0.3");
}

static void intervals(void **state)
{
	static const char *const rounds[][4] = {
		{ "10.0.0.0/24", "10.0.1.0/24", "10.0.2.0-10.0.2.9", "192.168.0.1" },
		{ "10.0.0.0/24", "10.0.2.10-10.0.2.19", "10.0.2.0-10.0.2.9", NULL },
		{ "0.0.0.0/0", NULL, NULL, NULL },
		{ "0.0.0.0/1", "128.0.0.0/1", NULL, NULL },
		{ "255.255.255.255", "0.0.0.0", NULL, NULL },
	};
	struct bench *bench = bench_of(state);

	for (size_t i = 0; i < ARRAY_SIZE(rounds); i++) {
		want(bench, "nft.table", "inet weft", "");
		want(bench, "nft.set", "inet weft hosts", "set ipv4_addr interval");
		want(bench, "nft.set", "inet weft guards", "map ipv4_addr : verdict interval");
		want(bench, "nft.set", "inet weft both",
		     "map ipv4_addr . inet_service : ipv4_addr interval");
		for (size_t j = 0; j < 4 && rounds[i][j]; j++) {
			AUTO(free_ptr) char *hosts = mem_format("inet weft hosts %s", rounds[i][j]);
			AUTO(free_ptr)
			char *guards = mem_format("inet weft guards %s", rounds[i][j]);
			AUTO(free_ptr)
			char *both = mem_format("inet weft both %s . 20-30", rounds[i][j]);

			want(bench, "nft.element", hosts, "");
			want(bench, "nft.element", guards, j % 2 ? "drop" : "accept");
			want(bench, "nft.element", both, "192.168.0.1");
		}
		settle(bench);
	}
}

static void what_is_refused_takes_only_its_own_along(void **state)
{
	struct bench *bench = bench_of(state);

	want_table(bench);
	want(bench, "nft.set", "inet weft hosts", "set ipv4_addr");
	want_of(bench, "good", "nft.rule", "inet weft forward 1", "ip saddr @hosts accept");
	want_of(bench, "bad", "nft.rule", "inet weft forward 2", "ip saddr @none accept");
	want_of(bench, "bad", "nft.element", "inet weft hosts 10.0.0.7", "");
	want_of(bench, "fine", "nft.element", "inet weft hosts 10.0.0.8", "");
	want_of(bench, "odd", "nft.element", "inet weft hosts ten", "");
	assert_string_not_equal(make(bench), "");
	for (size_t i = 0; i < bench->plan.n; i++) {
		const struct change *change = &bench->plan.changes[i];
		const char *owner = item_owner(change->want);
		bool should_fail = strcmp(owner, "bad") == 0 || strcmp(owner, "odd") == 0;

		if (should_fail != (change->err.code != 0))
			fail_msg("%s %s: %s", owner, item_key(change->want),
				 err_text(&change->err));
	}
	nft_has("chain inet weft forward", "comment \"good\"");
	nft_has("set inet weft hosts", "10.0.0.8");
	nft_lacks("set inet weft hosts", "10.0.0.7");
}

/* Failed ones are refused one by one, however many there are around them. */
static void one_of_many(void **state)
{
	struct bench *bench = bench_of(state);
	size_t failed = 0;

	want(bench, "nft.table", "inet weft", "");
	want(bench, "nft.set", "inet weft hosts", "map ipv4_addr : verdict");
	for (int i = 0; i < 20000; i++) {
		AUTO(free_ptr)
		char *key = mem_format("inet weft hosts 10.1.%d.%d", i / 250, i % 250);
		AUTO(free_ptr) char *owner = mem_format("e-%d", i);

		want_of(bench, owner, "nft.element", key, i == 7777 ? "jump nowhere" : "accept");
	}
	make(bench);
	for (size_t i = 0; i < bench->plan.n; i++)
		if (bench->plan.changes[i].err.code) {
			assert_string_equal(item_owner(bench->plan.changes[i].want), "e-7777");
			failed++;
		}
	assert_int_equal(failed, 1);
	nft_has("map inet weft hosts", "10.1.79.249");
	nft_lacks("map inet weft hosts", "10.1.31.27 ");
}

static void what_goes_goes_in_order(void **state)
{
	struct bench *bench = bench_of(state);

	want_table(bench);
	want(bench, "nft.set", "inet weft hosts", "map ipv4_addr : verdict");
	want(bench, "nft.element", "inet weft hosts 10.0.0.1", "jump web");
	want(bench, "nft.rule", "inet weft forward 1", "ip saddr vmap @hosts");
	want(bench, "nft.rule", "inet weft web 1", "jump web2");
	want(bench, "nft.chain", "inet weft web2", "");
	want(bench, "nft.rule", "inet weft web2 1", "accept");
	want(bench, "nft.counter", "inet weft sum", "");
	want(bench, "nft.rule", "inet weft web2 0", "counter name sum");
	settle(bench);
	want(bench, "nft.table", "inet weft", "");
	want(bench, "nft.chain", "inet weft forward", "filter forward 0 drop");
	settle(bench);
	nft_lacks("ruleset", "web");
	settle(bench);
	nft_lacks("ruleset", "weft");
}

/* Another declaration is another set: it is made anew, with all that it has and what refers to it.
 */
/* Messages of a transaction know its sets by number: with one counter for those with a name and
 * another for those without, the second ones' elements went where the first ones' should. */
static void sets_of_a_transaction_are_told_apart(void **state)
{
	struct bench *bench = bench_of(state);
	AUTO(free_ptr) char *text = NULL;

	want_table(bench);
	for (int i = 0; i < 60; i++) {
		AUTO(free_ptr) char *set = mem_format("inet weft s%d", i);
		AUTO(free_ptr) char *element = mem_format("inet weft s%d 10.0.0.%d", i, i);
		AUTO(free_ptr) char *rule = mem_format("inet weft forward %02d", i);
		AUTO(free_ptr) char *match = mem_format("tcp dport 22,%d accept", 1000 + i);

		want(bench, "nft.set", set, "set ipv4_addr");
		want(bench, "nft.element", element, "");
		want(bench, "nft.rule", rule, match);
	}
	settle(bench);
	text = said("nft list ruleset");
	for (int i = 0; i < 60; i++) {
		AUTO(free_ptr) char *ports = mem_format("tcp dport { 22, %d }", 1000 + i);

		if (!strstr(text, ports))
			fail_msg("no %s in: %s", ports, text);
	}
}

static void a_set_becomes_another(void **state)
{
	static const char *const declarations[] = { "map ipv4_addr : verdict",
						    "map ipv4_addr : verdict interval",
						    "map ipv4_addr : verdict" };
	struct bench *bench = bench_of(state);

	for (size_t i = 0; i < ARRAY_SIZE(declarations); i++) {
		want_table(bench);
		want(bench, "nft.set", "inet weft hosts", declarations[i]);
		want(bench, "nft.element", "inet weft hosts 10.0.0.1", "accept");
		want(bench, "nft.rule", "inet weft forward 1", "ip saddr vmap @hosts");
		make(bench);
		/* What refers to it and is as before is put back at the latest here. */
		for (int again = 0; *left(bench) && again < 3; again++) {
			AUTO(err_clear) struct err err = ERR_NONE;

			plan_clear(&bench->plan);
			engine_reconcile(bench->engine, NULL, false, 0, &bench->plan, &err);
		}
		assert_string_equal(left(bench), "");
	}
}

static void a_base_chain_becomes_another(void **state)
{
	struct bench *bench = bench_of(state);

	want_table(bench);
	want(bench, "nft.rule", "inet weft forward 1", "accept");
	settle(bench);
	want(bench, "nft.table", "inet weft", "");
	want(bench, "nft.chain", "inet weft forward", "filter forward 0 accept");
	want(bench, "nft.rule", "inet weft forward 1", "accept");
	settle(bench);
	nft_has("chain inet weft forward", "policy accept");
}

static void sums_outlive_changes(void **state)
{
	struct bench *bench = bench_of(state);

	for (int round = 0; round < 2; round++) {
		want_table(bench);
		want(bench, "nft.chain", "inet weft output", "filter output 0 accept");
		want(bench, "nft.counter", "inet weft sum", "");
		want(bench, "nft.rule", "inet weft output 1", "counter name sum");
		if (round)
			want(bench, "nft.rule", "inet weft output 2", "accept");
		settle(bench);
		if (!round)
			must("ip link set lo up && ping -c 1 -W 1 127.0.0.1 >/dev/null");
	}
	nft_lacks("counters", "packets 0 ");
}

struct heard {
	char text[512];
	size_t n;
	bool by_nft;
};

static void hear(void *data, const char *kind, const char *key, bool removed, const char *process)
{
	struct heard *heard = data;
	size_t length = strlen(heard->text);

	snprintf(heard->text + length, sizeof(heard->text) - length, "%s%s %s;",
		 removed ? "-" : "+", kind, key);
	heard->n++;
	heard->by_nft |= process && strncmp(process, "nft(", 4) == 0;
}

static void others_are_heard_and_we_are_not(void **state)
{
	static const char *const rows[][2] = {
		{ "nft delete element inet weft hosts '{ 10.0.0.1 }'",
		  "-nft.element inet weft hosts 10.0.0.1;" },
		{ "nft add element inet weft hosts '{ 10.0.0.9 }'",
		  "+nft.element inet weft hosts 10.0.0.9;" },
		{ "nft add set inet weft theirs '{ type ipv4_addr; }'",
		  "+nft.set inet weft theirs;" },
		{ "nft add table inet theirs", "" },
		{ "nft add chain inet theirs c", "" },
		{ "nft flush chain inet weft forward", "-nft.rule inet weft forward 1;" },
	};
	struct bench *bench = bench_of(state);
	struct heard heard = { .n = 0 };
	AUTO(err_clear) struct err err = ERR_NONE;
	struct item *have = NULL;

	want_table(bench);
	want(bench, "nft.set", "inet weft hosts", "set ipv4_addr");
	want(bench, "nft.element", "inet weft hosts 10.0.0.1", "");
	want(bench, "nft.rule", "inet weft forward 1", "ip saddr @hosts accept");
	settle(bench);
	assert_int_equal(nft_events_read(bench->nft, hear, &heard, &err), 0);
	assert_string_equal(heard.text, "");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		heard = (struct heard){ .n = 0 };
		must(rows[i][0]);
		assert_int_equal(nft_events_read(bench->nft, hear, &heard, &err), 0);
		assert_string_equal(heard.text, rows[i][1]);
		if (*rows[i][1])
			assert_true(heard.by_nft);
	}
	assert_int_equal(nft_read_one(bench->nft, "nft.element", "inet weft hosts 10.0.0.1", &have,
				      &err),
			 0);
	assert_null(have);
	assert_int_equal(nft_read_one(bench->nft, "nft.element", "inet weft hosts 10.0.0.9", &have,
				      &err),
			 0);
	assert_non_null(have);
	item_unref(have);

	/* All of it is put right, what is another's is left alone. */
	plan_clear(&bench->plan);
	assert_int_equal(engine_reconcile(bench->engine, NULL, false, 0, &bench->plan, &err), 0);
	assert_string_equal(left(bench), "");
	nft_lacks("table inet weft", "theirs");
	nft_has("ruleset", "table inet theirs");
}

/* Whatever comes of it, nothing is left. */
static void what_a_kernel_can_is_tried(void **state)
{
	static const struct {
		const char *family, *hook, *rule;
		int code;
	} rows[] = {
		{ "inet", "filter forward 0 accept", "ct state new ct direction original accept",
		  0 },
		{ "bridge", "filter prerouting -300 accept", "meta protocol arp accept", 0 },
		/* Of bridges only. */
		{ "inet", "filter forward 0 accept", "meta ibrname br0 accept", -EOPNOTSUPP },
		{ "inet", "filter ingress 0 accept", "accept", -EINVAL },
		{ "inet", "filter forward 0 accept", "what is this", -EINVAL },
	};
	struct bench *bench = bench_of(state);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(err_clear) struct err err = ERR_NONE;
		AUTO(free_ptr) char *left = NULL;

		assert_int_equal(nft_probe(bench->nft, rows[i].family, rows[i].hook, rows[i].rule,
					   &err),
				 rows[i].code);
		assert_int_equal(err.code, rows[i].code);
		left = said("nft list ruleset");
		assert_string_equal(left, "");
	}
}

/* An agent that starts finds all that the one before it made. */
static void another_agent_knows_it_again(void **state)
{
	struct bench *bench = bench_of(state);
	struct bench *next = NULL;
	pid_t child;
	int status;

	want_table(bench);
	want(bench, "nft.set", "inet weft hosts", "map ipv4_addr : verdict interval");
	want(bench, "nft.element", "inet weft hosts 10.0.0.0/8", "jump web");
	want(bench, "nft.set", "inet weft links", "set ifname");
	want(bench, "nft.element", "inet weft links eth0", "");
	want(bench, "nft.rule", "inet weft forward 1", "ip saddr vmap @hosts");
	want(bench, "nft.rule", "inet weft forward 2", "meta iifname @links ct state new drop");
	settle(bench);
	child = fork();
	if (child == 0) {
		AUTO(err_clear) struct err err = ERR_NONE;
		struct item *item, *after;
		struct provider provider;

		next = mem_alloc(sizeof(*next));
		if (nft_new("weft", &next->nft, &err) < 0)
			_exit(2);
		next->engine = engine_new();
		provider = nft_provider(next->nft);
		engine_add_provider(next->engine, &provider);
		item_set_for_each (engine_wanted(bench->engine), item, after)
			item_set_say(&next->want, item_kind(item), item_owner(item), item_key(item),
				     item_value(item));
		engine_believe(next->engine, &next->want);
		_exit(*left(next) ? 1 : 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	nft_has("set inet weft links", "\"eth0\" comment \"owner\"");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_up, bench_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(rules_stand_in_their_order),
		TEST(a_change_is_only_that_change),
		TEST(intervals),
		TEST(what_is_refused_takes_only_its_own_along),
		TEST(one_of_many),
		TEST(what_goes_goes_in_order),
		TEST(sets_of_a_transaction_are_told_apart),
		TEST(a_set_becomes_another),
		TEST(a_base_chain_becomes_another),
		TEST(sums_outlive_changes),
		TEST(others_are_heard_and_we_are_not),
		TEST(what_a_kernel_can_is_tried),
		TEST(another_agent_knows_it_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
