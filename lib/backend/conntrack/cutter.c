/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/backend/conntrack/cutter.h"

#include <errno.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/backend/conntrack/cuts.h"

struct cutter {
	int fd; /* -1: the process is gone. */
	pid_t process;
	bool is_busy;
	struct flow_list sent; /* What it is at. */
};

/* Both ends are the same program: flows go as they are in memory, after their number. */
struct answer {
	int code;
	char text[200];
};

static int write_whole(int fd, const void *bytes, size_t size)
{
	const char *at = bytes;

	while (size) {
		ssize_t n = write(fd, at, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		at += n;
		size -= (size_t)n;
	}
	return 0;
}

static int read_whole(int fd, void *bytes, size_t size)
{
	char *at = bytes;

	while (size) {
		ssize_t n = read(fd, at, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EPIPE;
		at += n;
		size -= (size_t)n;
	}
	return 0;
}

/* --- The process --- */

static int read_flows(int fd, struct flow_list *flows)
{
	size_t n;
	int ret = read_whole(fd, &n, sizeof(n));

	if (ret < 0)
		return ret;
	flow_list_clear(flows);
	mem_grow(&flows->flows, &flows->room, n, sizeof(*flows->flows));
	flows->n = n;
	return read_whole(fd, flows->flows, n * sizeof(*flows->flows));
}

/* The one who asks keeps what it asked for until it is done: nothing is kept here. */
static void cut(struct conntrack **conntrack, struct flow_list *flows, struct err *err)
{
	struct flow_list *cuts;

	if (!*conntrack && conntrack_new(conntrack, err) < 0)
		return;
	cuts = conntrack_cuts(*conntrack);
	flow_list_clear(cuts);
	*cuts = *flows;
	*flows = (struct flow_list){ 0 };
	conntrack_cut(*conntrack, err);
}

static void serve(int fd)
{
	struct conntrack *conntrack = NULL;
	struct flow_list flows = { 0 };

	while (read_flows(fd, &flows) == 0) {
		struct answer answer = { 0 };
		struct err err = ERR_NONE;

		cut(&conntrack, &flows, &err);
		answer.code = err.code;
		snprintf(answer.text, sizeof(answer.text), "%s", err.code ? err_text(&err) : "");
		err_clear(&err);
		if (write_whole(fd, &answer, sizeof(answer)) < 0)
			return;
	}
}

static void become_cutter(int fd)
{
	static const int signals[] = { SIGTERM, SIGCHLD, SIGPIPE };
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "cutter");
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		signal(signals[i], SIG_DFL);
	/* Whoever ends the agent does not mean us: we end with it. */
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* Nothing of what the agent has open is ours: sockets, the lock. */
	if (dup2(fd, STDERR_FILENO + 1) < 0 || close_range(STDERR_FILENO + 2, ~0U, 0) < 0)
		_exit(EXIT_FAILURE);
	serve(STDERR_FILENO + 1);
	_exit(EXIT_SUCCESS);
}

/* --- The agent's side --- */

static int start(struct cutter *cutter, struct err *err)
{
	int ends[2];
	pid_t parent = getpid();

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return err_errno(err, -errno, "connection tracking: a process");
	cutter->process = fork();
	if (cutter->process == 0) {
		if (getppid() == parent)
			become_cutter(ends[1]);
		_exit(EXIT_FAILURE);
	}
	close(ends[1]);
	if (cutter->process < 0) {
		int code = -errno;

		close(ends[0]);
		return err_errno(err, code, "connection tracking: a process");
	}
	cutter->fd = ends[0];
	return 0;
}

/* Its end of the socket is closed, so it ends if it has not already. */
static void stop(struct cutter *cutter)
{
	if (cutter->fd < 0)
		return;
	close(cutter->fd);
	cutter->fd = -1;
	kill(cutter->process, SIGKILL);
	while (waitpid(cutter->process, NULL, 0) < 0 && errno == EINTR)
		continue;
}

int cutter_new(struct cutter **ret, struct err *err)
{
	struct cutter *cutter = mem_alloc(sizeof(*cutter));

	cutter->fd = -1;
	if (start(cutter, err) < 0) {
		free(cutter);
		return err->code;
	}
	*ret = cutter;
	return 0;
}

void cutter_free(struct cutter *cutter)
{
	if (!cutter)
		return;
	stop(cutter);
	flow_list_clear(&cutter->sent);
	free(cutter);
}

int cutter_fd(const struct cutter *cutter)
{
	return cutter->fd;
}

bool cutter_is_busy(const struct cutter *cutter)
{
	return cutter->is_busy;
}

static void note_again(struct cutter *cutter, struct conntrack *conntrack)
{
	struct flow_list *cuts = conntrack_cuts(conntrack);

	mem_grow(&cuts->flows, &cuts->room, cuts->n + cutter->sent.n, sizeof(*cuts->flows));
	for (size_t i = 0; i < cutter->sent.n; i++)
		cuts->flows[cuts->n++] = cutter->sent.flows[i];
	flow_list_clear(&cutter->sent);
}

int cutter_begin(struct cutter *cutter, struct conntrack *conntrack, struct err *err)
{
	struct flow_list *cuts = conntrack_cuts(conntrack);
	int ret;

	if (cutter->is_busy || !cuts->n)
		return 0;
	if (cutter->fd < 0 && start(cutter, err) < 0)
		return err->code;
	cutter->sent = *cuts;
	*cuts = (struct flow_list){ 0 };
	ret = write_whole(cutter->fd, &cutter->sent.n, sizeof(cutter->sent.n));
	if (ret == 0)
		ret = write_whole(cutter->fd, cutter->sent.flows,
				  cutter->sent.n * sizeof(*cutter->sent.flows));
	if (ret < 0) {
		stop(cutter);
		note_again(cutter, conntrack);
		return err_errno(err, ret, "connection tracking: its process");
	}
	cutter->is_busy = true;
	return 0;
}

int cutter_end(struct cutter *cutter, struct conntrack *conntrack, struct err *err)
{
	struct answer answer;
	int ret = read_whole(cutter->fd, &answer, sizeof(answer));

	cutter->is_busy = false;
	if (ret < 0) {
		stop(cutter);
		err_set(err, ret, "connection tracking: its process ended");
	} else if (answer.code < 0) {
		ret = err_set(err, answer.code, "%.*s", (int)sizeof(answer.text), answer.text);
	}
	if (ret < 0)
		note_again(cutter, conntrack);
	else
		flow_list_clear(&cutter->sent);
	return ret;
}
