/* SPDX-License-Identifier: GPL-2.0-or-later */
/* child.c - supervised processes: when they are started and stopped, and how they are found again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/backend/child/child_process.h"
#include "lib/backend/child/child_record.h"
#include "lib/base/clock.h"

#define EXIT_STATUS(n) ((n) << 8)
#define DEADLINE_MS    30000

static void crashes_back_off(void **state)
{
	struct child child = CHILD_NONE;
	uint64_t now = 1000;
	int expected[] = { 100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 30000, 30000 };

	(void)state;
	assert_int_equal(child_next(&child, now), CHILD_WAIT);
	assert_int_equal(child_timeout_ms(&child, now), -1);
	child_want(&child, true);
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		assert_int_equal(child_next(&child, now), CHILD_START);
		child_started(&child, 42, now);
		assert_int_equal(child_next(&child, now), CHILD_WAIT);
		now += 10;
		child_exited(&child, EXIT_STATUS(1), now);
		assert_int_equal(child_state(&child, now), CHILD_BACKOFF);
		assert_int_equal(child_timeout_ms(&child, now), expected[i]);
		now += (uint64_t)expected[i];
	}
	assert_int_equal(child.restarts, ARRAY_SIZE(expected));
	assert_string_equal(child.last_exit, "exited with status 1");
}

static void a_minute_of_life_resets_the_delay(void **state)
{
	struct child child = CHILD_NONE;

	(void)state;
	child_want(&child, true);
	child_started(&child, 42, 0);
	child_exited(&child, SIGSEGV, 10);
	child_started(&child, 43, 110);
	child_exited(&child, SIGSEGV, 120);
	assert_int_equal(child_timeout_ms(&child, 120), 200);
	child_started(&child, 44, 320);
	child_exited(&child, SIGSEGV, 320 + CHILD_PROVEN_MS);
	assert_int_equal(child_timeout_ms(&child, 320 + CHILD_PROVEN_MS), 100);
	assert_non_null(strstr(child.last_exit, "ended by signal 11"));
}

static void a_stubborn_child_is_killed(void **state)
{
	struct child child = CHILD_NONE;

	(void)state;
	child_want(&child, true);
	child_started(&child, 42, 0);
	child_want(&child, false);
	assert_int_equal(child_next(&child, 5), CHILD_TERM);
	child_asked(&child, 5);
	assert_int_equal(child_next(&child, 6), CHILD_WAIT);
	assert_int_equal(child_timeout_ms(&child, 6), CHILD_GRACE_MS - 1);
	assert_int_equal(child_next(&child, 5 + CHILD_GRACE_MS), CHILD_KILL);
	child_exited(&child, SIGKILL, 5 + CHILD_GRACE_MS);
	assert_int_equal(child_state(&child, 5 + CHILD_GRACE_MS), CHILD_STOPPED);
	assert_int_equal(child.restarts, 0);
}

static void new_settings_start_it_anew_at_once(void **state)
{
	struct child child = CHILD_NONE;

	(void)state;
	child_want(&child, true);
	child_started(&child, 42, 0);
	child_outdate(&child);
	assert_int_equal(child_next(&child, 10), CHILD_TERM);
	child_asked(&child, 10);
	child_exited(&child, EXIT_STATUS(0), 12);
	assert_int_equal(child_next(&child, 12), CHILD_START);
	assert_int_equal(child.restarts, 0);
}

static char *scratch(void)
{
	const char *top = getenv("TMPDIR");
	char *path = mem_format("%s/weft-child-XXXXXX", top ? top : "/tmp");

	assert_non_null(mkdtemp(path));
	return path;
}

static void scratch_free(char **path)
{
	static const char *const names[] = { "x.child", "x.log", "x.child.next" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		AUTO(free_ptr) char *one = mem_format("%s/%s", *path, names[i]);

		unlink(one);
	}
	assert_int_equal(rmdir(*path), 0);
	free(*path);
}

static void a_record_finds_its_process_and_no_other(void **state)
{
	AUTO(scratch_free) char *dir = scratch();
	AUTO(free_ptr) char *path = mem_format("%s/x.child", dir);
	AUTO(err_clear) struct err err = ERR_NONE;
	struct child_record written, held;
	struct stat status;

	(void)state;
	assert_int_equal(child_record_read(path, &held, &err), -ENOENT);
	assert_int_equal(child_record_take(getpid(), "/usr/sbin/thing", "abc", &written, &err), 0);
	assert_string_equal(written.program, "thing");
	assert_int_equal(child_record_write(path, &written, &err), 0);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_int_equal(child_record_read(path, &held, &err), 0);
	assert_int_equal(held.pid, getpid());
	assert_int_equal(held.start_ticks, written.start_ticks);
	assert_string_equal(held.settings, "abc");

	/* The pid given to another process, or the machine started again. */
	held.start_ticks++;
	assert_int_equal(child_record_write(path, &held, &err), 0);
	assert_int_equal(child_record_read(path, &held, &err), -ESRCH);
	held = written;
	held.boot[0] = held.boot[0] == '0' ? '1' : '0';
	assert_int_equal(child_record_write(path, &held, &err), 0);
	assert_int_equal(child_record_read(path, &held, &err), -ESRCH);
}

static void a_torn_record_is_refused(void **state)
{
	AUTO(scratch_free) char *dir = scratch();
	AUTO(free_ptr) char *path = mem_format("%s/x.child", dir);
	AUTO(err_clear) struct err err = ERR_NONE;
	struct child_record record;
	int fd = open(path, O_WRONLY | O_CREAT, 0600);

	(void)state;
	assert_int_equal(write(fd, "pid 12\nstart", 12), 12);
	close(fd);
	assert_int_equal(child_record_read(path, &record, &err), -EINVAL);
}

/* Lets the loop run until the child is in that state, and another one than 'other' if it is alive.
 */
static struct child_status wait_for(struct event_base *base, struct child_process *process,
				    enum child_state wanted, pid_t other)
{
	uint64_t deadline = clock_ms() + DEADLINE_MS;
	struct timeval tick = { .tv_usec = 20000 };
	struct child_status status;

	for (;;) {
		child_process_status(process, &status);
		if (status.state == CHILD_STARTING && status.pid)
			status.state = CHILD_RUNNING;
		if (status.state == wanted && (!status.pid || status.pid != other))
			return status;
		assert_true(clock_ms() < deadline);
		event_base_loopexit(base, &tick);
		event_base_dispatch(base);
	}
}

static struct child_process *process_in(struct event_base *base, const char *dir)
{
	AUTO(err_clear) struct err err = ERR_NONE;
	struct child_process *process = NULL;

	if (child_process_new(base, dir, "x", NULL, NULL, &process, &err) < 0)
		fail_msg("%s", err_text(&err));
	return process;
}

static void a_killed_child_is_started_again(void **state)
{
	const char *argv[] = { "/bin/sleep", "1000", NULL };
	AUTO(scratch_free) char *dir = scratch();
	struct event_base *base = event_base_new();
	struct child_process *process = process_in(base, dir);
	struct child_status status;

	(void)state;
	child_process_want(process, argv, "one");
	status = wait_for(base, process, CHILD_RUNNING, 0);
	assert_int_equal(getsid(status.pid), status.pid);
	kill(status.pid, SIGKILL);
	status = wait_for(base, process, CHILD_RUNNING, status.pid);
	assert_int_equal(status.restarts, 1);
	assert_non_null(strstr(status.last_exit, "signal 9"));
	child_process_stop(process);
	wait_for(base, process, CHILD_STOPPED, 0);
	child_process_free(process);
	event_base_free(base);
}

static void the_next_agent_takes_a_running_child_over(void **state)
{
	const char *argv[] = { "/bin/sleep", "1000", NULL };
	AUTO(scratch_free) char *dir = scratch();
	struct event_base *base = event_base_new();
	struct child_process *process = process_in(base, dir);
	struct child_status status;
	pid_t pid;

	(void)state;
	child_process_want(process, argv, "one");
	pid = wait_for(base, process, CHILD_RUNNING, 0).pid;
	child_process_free(process);
	assert_int_equal(kill(pid, 0), 0);

	process = process_in(base, dir);
	child_process_status(process, &status);
	assert_int_equal(status.pid, pid);
	child_process_want(process, argv, "one");
	assert_int_equal(wait_for(base, process, CHILD_RUNNING, 0).pid, pid);

	/* Other settings: another process. */
	child_process_want(process, argv, "two");
	status = wait_for(base, process, CHILD_RUNNING, pid);
	assert_int_equal(status.restarts, 0);
	pid = status.pid;
	child_process_free(process);

	/* Died while nobody looked. */
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	process = process_in(base, dir);
	child_process_want(process, argv, "two");
	wait_for(base, process, CHILD_RUNNING, pid);
	child_process_free(process);

	/* No longer wanted. */
	process = process_in(base, dir);
	child_process_stop(process);
	wait_for(base, process, CHILD_STOPPED, 0);
	child_process_free(process);
	event_base_free(base);
}

static void a_program_that_is_not_there_is_said_so(void **state)
{
	const char *argv[] = { "/nowhere/program", NULL };
	AUTO(scratch_free) char *dir = scratch();
	struct event_base *base = event_base_new();
	struct child_process *process = process_in(base, dir);
	struct child_status status;

	(void)state;
	child_process_want(process, argv, "one");
	status = wait_for(base, process, CHILD_BACKOFF, 0);
	assert_non_null(strstr(status.last_exit, "No such file"));
	child_process_free(process);
	event_base_free(base);
}

static void its_last_words_are_kept(void **state)
{
	const char *argv[] = { "/bin/sh", "-c", "echo last words; exit 3", NULL };
	AUTO(scratch_free) char *dir = scratch();
	struct event_base *base = event_base_new();
	struct child_process *process = process_in(base, dir);
	struct child_status status;

	(void)state;
	child_process_want(process, argv, "one");
	status = wait_for(base, process, CHILD_BACKOFF, 0);
	assert_string_equal(status.last_line, "last words");
	assert_string_equal(status.last_exit, "exited with status 3");
	child_process_free(process);
	event_base_free(base);
}

static void it_gets_nothing_of_ours_but_its_output(void **state)
{
	const char *argv[] = { "/bin/sh", "-c", "echo $HOME $(ls /proc/$$/fd) ; exec sleep 1000",
			       NULL };
	AUTO(scratch_free) char *dir = scratch();
	struct event_base *base = event_base_new();
	struct child_process *process = process_in(base, dir);
	int leak = dup(2);
	struct child_status status;
	uint64_t deadline = clock_ms() + DEADLINE_MS;

	(void)state;
	child_process_want(process, argv, "one");
	do {
		assert_true(clock_ms() < deadline);
		event_base_loop(base, EVLOOP_NONBLOCK);
		child_process_status(process, &status);
	} while (!status.last_line[0]);
	/* 3 is where the shell reads its list from. */
	assert_string_equal(status.last_line, "0 1 2 3");
	child_process_stop(process);
	wait_for(base, process, CHILD_STOPPED, 0);
	child_process_free(process);
	event_base_free(base);
	close(leak);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(crashes_back_off),
		cmocka_unit_test(a_minute_of_life_resets_the_delay),
		cmocka_unit_test(a_stubborn_child_is_killed),
		cmocka_unit_test(new_settings_start_it_anew_at_once),
		cmocka_unit_test(a_record_finds_its_process_and_no_other),
		cmocka_unit_test(a_torn_record_is_refused),
		cmocka_unit_test(a_killed_child_is_started_again),
		cmocka_unit_test(the_next_agent_takes_a_running_child_over),
		cmocka_unit_test(a_program_that_is_not_there_is_said_so),
		cmocka_unit_test(its_last_words_are_kept),
		cmocka_unit_test(it_gets_nothing_of_ours_but_its_output),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
