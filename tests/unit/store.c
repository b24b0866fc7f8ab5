/* SPDX-License-Identifier: GPL-2.0-or-later */
/* store.c - what was acknowledged is what the next start finds, whatever happened in between. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/agent/store.h"
#include "vrouter/document/router.h"

static char directory[] = "/tmp/weft-store-XXXXXX";
static struct store *store;
static struct document *document; /* As the store should hold it. */
static int64_t revision;

static void path_of(char path[128], const char *name)
{
	snprintf(path, 128, "%s/%s", directory, name);
}

static bool there(const char *name)
{
	char path[128];

	path_of(path, name);
	return access(path, F_OK) == 0;
}

static off_t size_of(const char *name)
{
	struct stat stat_;
	char path[128];

	path_of(path, name);
	assert_int_equal(stat(path, &stat_), 0);
	return stat_.st_size;
}

/* Turns one byte of the file over. */
static void damage(const char *name, off_t at)
{
	char path[128], byte;
	int fd;

	path_of(path, name);
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &byte, 1, at), 1);
	byte ^= 1;
	assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	close(fd);
}

static void close_store(void)
{
	store_close(store);
	store = NULL;
}

static int try_open(struct document **found, struct err *err)
{
	return store_open(directory, &router_document, &store, found, err);
}

/* Opens again, and compares. */
static void reopen(void)
{
	AUTO(err_clear) struct err err = ERR_NONE;
	struct document *found = NULL;

	close_store();
	if (try_open(&found, &err) < 0)
		fail_msg("%s", err_text(&err));
	assert_true(!found == !document);
	if (found) {
		assert_string_equal(document_hash(found).s, document_hash(document).s);
		assert_int_equal(document_revision(found), revision);
	}
	document_free(found);
}

static void refused(const char *what)
{
	AUTO(err_clear) struct err err = ERR_NONE;
	struct document *found = NULL;

	close_store();
	assert_int_equal(try_open(&found, &err), -EBADMSG);
	assert_null(found);
	if (!strstr(err_text(&err), what))
		fail_msg("'%s' does not tell of '%s'", err_text(&err), what);
}

/* A whole document with one VIP of this number. */
static int apply(unsigned int vip)
{
	AUTO(err_clear) struct err err = ERR_NONE;
	AUTO(free_ptr) char *address = mem_format("10.1.%u.%u", vip / 250, vip % 250 + 1);
	json_t *state =
		json_pack("{s:{s:s}, s:[{s:s,s:s,s:s,s:s,s:[s]}], s:[{s:s,s:s,s:s}]}", "router",
			  "uuid", "r-1", "interfaces", "uuid", "pub", "mac", "fa:00:00:00:00:01",
			  "role", "public", "network", "l3-pub", "addresses", "10.0.0.2/8", "vips",
			  "uuid", "vip-first", "address", address, "network", "l3-pub");
	struct document *next = NULL;
	int ret;

	assert_int_equal(document_parse(&router_document, state, &next, &err), 0);
	json_decref(state);
	document_set_revision(next, revision + 1);
	ret = store_replace(store, next, &err);
	if (ret < 0) {
		document_free(next);
		return ret;
	}
	document_free(document);
	document = next;
	revision++;
	return 0;
}

/* Adds a VIP, or removes it. */
static int patch(unsigned int vip, bool add)
{
	AUTO(err_clear) struct err err = ERR_NONE;
	AUTO(free_ptr) char *uuid = mem_format("vip-%u", vip);
	AUTO(free_ptr) char *address = mem_format("10.2.%u.%u", vip / 250, vip % 250 + 1);
	struct document_delta delta = DOCUMENT_DELTA_NONE;
	json_t *upsert = NULL, *remove = NULL;
	int ret;

	if (add)
		upsert = json_pack("{s:[{s:s,s:s,s:s}]}", "vips", "uuid", uuid, "address", address,
				   "network", "l3-pub");
	else
		remove = json_pack("{s:[s]}", "vips", uuid);
	ret = document_patch(document, upsert, remove, &delta, &err);
	if (ret == 0)
		ret = store_append(store, revision + 1, upsert, remove, &err);
	if (ret < 0) {
		document_take_back(&delta);
	} else {
		document_keep(&delta);
		document_set_revision(document, ++revision);
	}
	json_decref(upsert);
	json_decref(remove);
	return ret;
}

static void add(unsigned int vip)
{
	assert_int_equal(patch(vip, true), 0);
}

/* The snapshot is written, or its writer fails. */
static void compact(bool done)
{
	AUTO(err_clear) struct err err = ERR_NONE;
	pid_t pid = store_compact(store, document, &err);
	int status;

	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	if (!done) {
		char path[128], name[64];

		for (unsigned int g = 0; g < 100; g++) {
			snprintf(name, sizeof(name), "journal.%u", g + 1);
			if (there(name))
				continue;
			snprintf(name, sizeof(name), "snapshot.%u", g);
			path_of(path, name);
			if (there(name))
				assert_int_equal(unlink(path), 0);
		}
	}
	store_compacted(store, done);
}

static int begin(void **state)
{
	(void)state;
	strcpy(directory + strlen(directory) - 6, "XXXXXX");
	assert_non_null(mkdtemp(directory));
	document = NULL;
	revision = 0;
	reopen();
	return 0;
}

static int end(void **state)
{
	AUTO(free_ptr) char *command = mem_format("rm -rf %s", directory);

	(void)state;
	close_store();
	document_free(document);
	document = NULL;
	return system(command);
}

static void nothing_is_nothing(void **state)
{
	(void)state;
	reopen();
	reopen();
	assert_int_equal(apply(1), 0);
	reopen();
}

static void records_in_their_order(void **state)
{
	(void)state;
	assert_int_equal(apply(1), 0);
	add(1);
	add(2);
	reopen();
	assert_int_equal(apply(2), 0);
	add(3);
	reopen();
	assert_int_equal(patch(3, false), 0);
	add(4);
	reopen();
}

static void only_the_owner_reads(void **state)
{
	struct stat stat_;
	char path[128];

	(void)state;
	assert_int_equal(apply(1), 0);
	compact(true);
	for (const char *const *name =
		     (const char *const[]){ "journal.0", "journal.1", "snapshot.1", "lock", NULL };
	     *name; name++) {
		path_of(path, *name);
		assert_int_equal(stat(path, &stat_), 0);
		assert_int_equal(stat_.st_mode & 0777, 0600);
	}
}

static void a_torn_record_is_cut_off(void **state)
{
	static const char rest[] = "0123456789abcdef {\"revision\": 9, \"ups";
	char path[128];
	off_t whole;
	int fd;

	(void)state;
	assert_int_equal(apply(1), 0);
	add(1);
	whole = size_of("journal.0");
	path_of(path, "journal.0");
	fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	assert_int_equal(write(fd, rest, sizeof(rest) - 1), sizeof(rest) - 1);
	close(fd);
	reopen();
	assert_int_equal(size_of("journal.0"), whole);
	add(2);
	reopen();
}

static void damage_in_the_middle_is_told(void **state)
{
	off_t before, first;

	(void)state;
	assert_int_equal(apply(1), 0);
	first = size_of("journal.0");
	add(1);
	add(2);
	before = size_of("journal.0");
	damage("journal.0", first + 20);
	refused("journal.0: damaged at byte");
	assert_int_equal(size_of("journal.0"), before);
	damage("journal.0", first + 20);
	reopen();
}

/* A journal that others follow ended with a whole record. */
static void damage_at_the_end_of_an_earlier_journal_is_told(void **state)
{
	(void)state;
	assert_int_equal(apply(1), 0);
	add(1);
	compact(false);
	add(2);
	damage("journal.0", size_of("journal.0") - 5);
	refused("journal.0: damaged at byte");
}

static void a_lost_snapshot_loses_nothing(void **state)
{
	(void)state;
	assert_int_equal(apply(1), 0);
	add(1);
	compact(true);
	add(2);
	assert_int_equal(apply(7), 0);
	add(3);
	damage("snapshot.1", 30);
	reopen();

	/* What was written with it still counts as what can be gone back to. */
	compact(true);
	add(4);
	assert_true(there("journal.0"));
	damage("snapshot.2", 30);
	reopen();
}

static void the_last_two_snapshots_are_kept(void **state)
{
	(void)state;
	assert_int_equal(apply(1), 0);
	for (unsigned int i = 0; i < 4; i++) {
		add(i);
		compact(true);
	}
	assert_true(there("snapshot.4") && there("journal.4"));
	assert_true(there("snapshot.3") && there("journal.3"));
	assert_false(there("snapshot.2") || there("journal.2") || there("journal.0"));
	damage("snapshot.4", 30);
	reopen();
	close_store();
	damage("snapshot.3", 30);
	refused("snapshot.3: damaged");
}

static void a_failed_snapshot_costs_nothing(void **state)
{
	(void)state;
	assert_int_equal(apply(1), 0);
	compact(true);
	add(1);
	compact(false);
	add(2);
	reopen();
	add(3);
	compact(true);
	add(4);
	reopen();
	damage("snapshot.3", 30);
	reopen();
}

static void a_missing_journal_is_told(void **state)
{
	char path[128];

	(void)state;
	assert_int_equal(apply(1), 0);
	compact(true);
	add(1);
	compact(true);
	add(2);
	damage("snapshot.2", 30);
	path_of(path, "journal.1");
	assert_int_equal(unlink(path), 0);
	refused("journal.1: missing");
}

static void a_full_disk_refuses_and_goes_on(void **state)
{
	struct rlimit limit, small;

	(void)state;
	assert_int_equal(apply(1), 0);
	add(1);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	small = (struct rlimit){ (rlim_t)size_of("journal.0") + 40, limit.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(patch(2, true), -EFBIG);
	assert_int_equal(apply(9), -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	reopen();
	add(3);
	reopen();
}

static void a_second_agent_is_kept_out(void **state)
{
	int status;
	pid_t child;

	(void)state;
	assert_int_equal(apply(1), 0);
	child = fork();
	if (child == 0) {
		AUTO(err_clear) struct err err = ERR_NONE;
		struct document *found = NULL;

		_exit(try_open(&found, &err) == -EBUSY ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	add(1);
}

/* One record of some 14 kB. */
static void patch_many(void)
{
	AUTO(err_clear) struct err err = ERR_NONE;
	struct document_delta delta = DOCUMENT_DELTA_NONE;
	json_t *vips = json_array(), *upsert = json_pack("{s:o}", "vips", vips);

	for (unsigned int i = 0; i < 200; i++)
		json_array_append_new(vips,
				      json_pack("{s:o,s:o,s:s}", "uuid", json_sprintf("vip-%u", i),
						"address", json_sprintf("10.2.0.%u", i + 1),
						"network", "l3-pub"));
	assert_int_equal(document_patch(document, upsert, NULL, &delta, &err), 0);
	assert_int_equal(store_append(store, ++revision, upsert, NULL, &err), 0);
	document_keep(&delta);
	document_set_revision(document, revision);
	json_decref(upsert);
}

static void a_snapshot_is_due_by_size(void **state)
{
	(void)state;
	assert_int_equal(apply(1), 0);
	assert_false(store_is_long(store));
	for (unsigned int i = 0; !store_is_long(store); i++) {
		patch_many();
		assert_true(i < 200);
	}
	assert_true(size_of("journal.0") > 1 << 20);
	compact(false);
	assert_false(store_is_long(store));
	compact(true);
	assert_false(store_is_long(store));
	reopen();
}

static uint64_t seed;

static unsigned int pick(unsigned int n)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (unsigned int)(seed >> 33) % n;
}

static void whatever_happens(void **state)
{
	(void)state;
	seed = 1;
	assert_int_equal(apply(1), 0);
	for (unsigned int i = 0; i < 600; i++) {
		switch (pick(12)) {
		case 0:
			assert_int_equal(apply(pick(100)), 0);
			break;
		case 1:
			compact(pick(3) != 0);
			break;
		case 2:
			reopen();
			break;
		default:
			(void)patch(pick(10), pick(2));
			break;
		}
	}
	reopen();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
		TEST(nothing_is_nothing),
		TEST(records_in_their_order),
		TEST(only_the_owner_reads),
		TEST(a_torn_record_is_cut_off),
		TEST(damage_in_the_middle_is_told),
		TEST(damage_at_the_end_of_an_earlier_journal_is_told),
		TEST(a_lost_snapshot_loses_nothing),
		TEST(the_last_two_snapshots_are_kept),
		TEST(a_failed_snapshot_costs_nothing),
		TEST(a_missing_journal_is_told),
		TEST(a_full_disk_refuses_and_goes_on),
		TEST(a_second_agent_is_kept_out),
		TEST(a_snapshot_is_due_by_size),
		TEST(whatever_happens),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
