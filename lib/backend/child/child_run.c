/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/backend/child/child_run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/backend/child/child_spawn.h"
#include "lib/base/text.h"

#define OUTPUT_MOST 65536

struct child_run {
	pid_t pid;
	int pidfd, output;
	struct event *ended, *readable;
	struct text text;
	child_run_fn *done;
	void *data;
};

static void drain(struct child_run *run)
{
	char bytes[4096];
	ssize_t n;

	while ((n = read(run->output, bytes, sizeof(bytes))) > 0)
		if (run->text.length < OUTPUT_MOST)
			text_add_n(&run->text, bytes, (size_t)n);
	/* At its end the pipe would be readable for ever. */
	if (n == 0)
		event_del(run->readable);
}

static void on_readable(evutil_socket_t fd, short what, void *data)
{
	(void)fd;
	(void)what;
	drain(data);
}

static void run_free(struct child_run *run)
{
	if (run->ended)
		event_free(run->ended);
	if (run->readable)
		event_free(run->readable);
	if (run->pidfd >= 0)
		close(run->pidfd);
	if (run->output >= 0)
		close(run->output);
	text_clear(&run->text);
	free(run);
}

static int reap(pid_t pid)
{
	int status = -1;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

static void on_ended(evutil_socket_t fd, short what, void *data)
{
	struct child_run *run = data;
	int status;

	(void)fd;
	if (what & EV_TIMEOUT)
		kill(run->pid, SIGKILL); /* Not yet reaped, so the pid is still its own. */
	status = reap(run->pid);
	drain(run);
	run->done(run->data, status, text_view(&run->text));
	run_free(run);
}

int child_run_start(struct event_base *base, const char *const *argv, unsigned int limit_ms,
		    child_run_fn *done, void *data, struct child_run **ret, struct err *err)
{
	struct timeval limit = { .tv_sec = limit_ms / 1000, .tv_usec = limit_ms % 1000 * 1000 };
	struct child_run *run;
	int ends[2], gate;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
		return err_errno(err, -errno, "pipe");
	pid = child_spawn(argv, NULL, ends[1], CHILD_CAPABILITIES_ALL, &gate, err);
	close(ends[1]);
	if (pid < 0 || child_spawn_go(gate, err) < 0) {
		close(ends[0]);
		if (pid > 0)
			reap(pid);
		return err_in(err, "%s", argv[0]);
	}
	run = mem_alloc(sizeof(*run));
	run->pid = pid;
	run->output = ends[0];
	run->done = done;
	run->data = data;
	run->pidfd = pidfd_open(pid, 0);
	if (run->pidfd < 0) {
		err_errno(err, -errno, "pidfd_open");
		child_run_cancel(run);
		return err_in(err, "%s", argv[0]);
	}
	run->ended = event_new(base, run->pidfd, EV_READ, on_ended, run);
	run->readable = event_new(base, run->output, EV_READ | EV_PERSIST, on_readable, run);
	event_add(run->ended, &limit);
	event_add(run->readable, NULL);
	*ret = run;
	return 0;
}

void child_run_cancel(struct child_run *run)
{
	if (!run)
		return;
	kill(run->pid, SIGKILL);
	reap(run->pid);
	run_free(run);
}
