/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/backend/child/child_process.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/backend/child/child_log.h"
#include "lib/backend/child/child_record.h"
#include "lib/backend/child/child_spawn.h"
#include "lib/backend/netns/netns.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

struct child_process {
	struct event_base *base;
	struct child child;
	char *name, *record_path, *log_path;
	char **argv;       /* Owned; NULL until wanted. */
	char settings[65]; /* Wanted. */
	char running[65];  /* What runs was started with. */
	struct child_log *log;
	uint64_t capabilities;
	char *variable; /* May be NULL. */
	char *netns;    /* Path of the network namespace; NULL: ours. */
	int pidfd;
	struct event *ended, *step;
	child_changed_fn *changed;
	void *data;
};

static void step_later(struct child_process *process);

static void tell_changed(struct child_process *process)
{
	if (process->changed)
		process->changed(process->data);
}

static void forget_process(struct child_process *process)
{
	if (process->ended)
		event_free(process->ended);
	process->ended = NULL;
	if (process->pidfd >= 0)
		close(process->pidfd);
	process->pidfd = -1;
}

/* Its wait status; -1 if it is not ours to know (adopted). */
static int reap(pid_t pid)
{
	int status;
	pid_t got;

	do {
		got = waitpid(pid, &status, WNOHANG);
	} while (got < 0 && errno == EINTR);
	return got == pid ? status : -1;
}

static void on_ended(evutil_socket_t fd, short what, void *data)
{
	struct child_process *process = data;
	pid_t pid = process->child.pid;
	bool planned = process->child.asked;

	(void)fd;
	(void)what;
	child_log_drain(process->log);
	child_exited(&process->child, reap(pid), clock_ms());
	forget_process(process);
	unlink(process->record_path);
	log_write(planned ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING, "%s (pid %d) %s", process->name,
		  (int)pid, process->child.last_exit);
	step_later(process);
	tell_changed(process);
}

static int watch(struct child_process *process, pid_t pid, struct err *err)
{
	process->pidfd = pidfd_open(pid, 0);
	if (process->pidfd < 0)
		return err_errno(err, -errno, "pidfd_open");
	process->ended = event_new(process->base, process->pidfd, EV_READ, on_ended, process);
	event_add(process->ended, NULL);
	return 0;
}

/* A process begins in the namespace that we are in. */
static pid_t spawn(struct child_process *process, int *gate, struct err *err)
{
	int home = process->netns ? netns_enter(process->netns, err) : -1;
	pid_t pid;

	if (process->netns && home < 0)
		return home;
	pid = child_spawn((const char *const *)process->argv, process->variable,
			  child_log_output(process->log), process->capabilities, gate, err);
	if (process->netns)
		netns_leave(home);
	return pid;
}

/* From the fork to the exec; the record is written between the two. */
static int start(struct child_process *process, struct err *err)
{
	const char *const *argv = (const char *const *)process->argv;
	struct child_record record;
	int gate = -1, ret;
	pid_t pid = spawn(process, &gate, err);

	if (pid < 0)
		return pid;
	ret = child_record_take(pid, argv[0], process->settings, &record, err);
	if (ret == 0)
		ret = child_record_write(process->record_path, &record, err);
	if (ret == 0)
		ret = watch(process, pid, err);
	if (ret < 0)
		close(gate); /* It ends by itself. */
	else
		ret = child_spawn_go(gate, err);
	if (ret < 0) {
		forget_process(process);
		unlink(process->record_path);
		waitpid(pid, NULL, 0);
		return ret;
	}
	child_started(&process->child, pid, clock_ms());
	memcpy(process->running, process->settings, sizeof(process->running));
	log_info("%s started (pid %d)", process->name, (int)pid);
	return 0;
}

static void ask(struct child_process *process, int number)
{
	/* By pidfd: the pid may be someone else's by now. */
	if (pidfd_send_signal(process->pidfd, number, NULL, 0) < 0 && errno != ESRCH)
		log_warning("%s: cannot send signal %d: %s", process->name, number,
			    strerror(errno));
	child_asked(&process->child, clock_ms());
}

static void on_step(evutil_socket_t fd, short what, void *data)
{
	struct child_process *process = data;
	AUTO(err_clear) struct err err = ERR_NONE;

	(void)fd;
	(void)what;
	switch (child_next(&process->child, clock_ms())) {
	case CHILD_START:
		if (start(process, &err) < 0) {
			log_error("%s: %s", process->argv[0], err_text(&err));
			child_start_failed(&process->child, err_text(&err), clock_ms());
		}
		tell_changed(process);
		break;
	case CHILD_TERM:
		ask(process, SIGTERM);
		tell_changed(process);
		break;
	case CHILD_KILL:
		log_warning("%s does not end, killing it", process->name);
		ask(process, SIGKILL);
		break;
	case CHILD_WAIT:
		break;
	}
	step_later(process);
}

static void step_later(struct child_process *process)
{
	int timeout_ms = child_timeout_ms(&process->child, clock_ms());
	struct timeval timeout = { .tv_sec = timeout_ms / 1000,
				   .tv_usec = timeout_ms % 1000 * 1000 };

	if (timeout_ms < 0)
		event_del(process->step);
	else
		event_add(process->step, &timeout);
}

static void adopt(struct child_process *process)
{
	AUTO(err_clear) struct err err = ERR_NONE;
	struct child_record record;
	int ret = child_record_read(process->record_path, &record, &err);

	if (ret == -ENOENT)
		return;
	if (ret == 0)
		ret = watch(process, record.pid, &err);
	if (ret < 0) {
		log_info("%s is not running: %s", process->name, err_text(&err));
		unlink(process->record_path);
		return;
	}
	child_adopted(&process->child, record.pid, child_record_alive_ms(&record), clock_ms());
	memcpy(process->running, record.settings, sizeof(process->running));
	log_info("%s taken over (pid %d)", process->name, (int)record.pid);
}

int child_process_new(struct event_base *base, const char *run_dir, const char *name,
		      child_changed_fn *changed, void *data, struct child_process **ret,
		      struct err *err)
{
	char *log_path = mem_format("%s/%s.log", run_dir, name);
	struct child_log *log;
	struct child_process *process;

	if (child_log_open(base, log_path, name, &log, err) < 0) {
		free(log_path);
		return err->code;
	}
	process = mem_alloc(sizeof(*process));
	process->base = base;
	process->name = mem_text(name);
	process->record_path = mem_format("%s/%s.child", run_dir, name);
	process->log = log;
	process->log_path = log_path;
	process->capabilities = CHILD_CAPABILITIES_ALL;
	process->pidfd = -1;
	process->changed = changed;
	process->data = data;
	process->step = evtimer_new(base, on_step, process);
	adopt(process);
	*ret = process;
	return 0;
}

void child_process_quieten(struct child_process *process, const char *const *phrases)
{
	child_log_quieten(process->log, phrases);
}

void child_process_listen(struct child_process *process, child_heard_fn *heard)
{
	child_log_listen(process->log, heard, process->data);
}

void child_process_confine(struct child_process *process, uint64_t capabilities)
{
	process->capabilities = capabilities;
}

void child_process_set_variable(struct child_process *process, const char *variable)
{
	free(process->variable);
	process->variable = mem_text(variable);
}

void child_process_forget(struct child_process *process)
{
	unlink(process->log_path);
	unlink(process->record_path);
}

void child_process_enter(struct child_process *process, const char *path)
{
	free(process->netns);
	process->netns = mem_text(path);
}

static void argv_free(char **argv)
{
	for (size_t i = 0; argv && argv[i]; i++)
		free(argv[i]);
	free(argv);
}

void child_process_free(struct child_process *process)
{
	if (!process)
		return;
	forget_process(process);
	event_free(process->step);
	child_log_free(process->log);
	argv_free(process->argv);
	free(process->name);
	free(process->record_path);
	free(process->log_path);
	free(process->variable);
	free(process->netns);
	free(process);
}

static char **argv_copy(const char *const *argv)
{
	size_t n = 0;
	char **copy;

	while (argv[n])
		n++;
	copy = mem_array(n + 1, sizeof(*copy));
	for (size_t i = 0; i < n; i++)
		copy[i] = mem_text(argv[i]);
	return copy;
}

void child_process_want(struct child_process *process, const char *const *argv,
			const char *settings)
{
	size_t length = strnlen(settings, sizeof(process->settings) - 1);
	char **copy = argv_copy(argv);

	argv_free(process->argv);
	process->argv = copy;
	memset(process->settings, 0, sizeof(process->settings));
	memcpy(process->settings, settings, length);
	child_want(&process->child, true);
	if (process->child.pid && strcmp(process->settings, process->running) != 0)
		child_outdate(&process->child);
	else if (process->child.pid)
		process->child.outdated = false; /* It was wanted otherwise for a moment. */
	step_later(process);
}

void child_process_stop(struct child_process *process)
{
	child_want(&process->child, false);
	step_later(process);
}

void child_process_restart(struct child_process *process)
{
	if (process->child.pid)
		child_outdate(&process->child);
	step_later(process);
}

bool child_process_signal(struct child_process *process, int number)
{
	if (process->pidfd < 0)
		return false;
	return pidfd_send_signal(process->pidfd, number, NULL, 0) == 0;
}

void child_process_status(const struct child_process *process, struct child_status *status)
{
	status->name = process->name;
	status->state = child_state(&process->child, clock_ms());
	status->pid = process->child.pid;
	status->restarts = process->child.restarts;
	status->last_exit = process->child.last_exit;
	status->last_line = child_log_last(process->log);
}

uint64_t child_process_alive_ms(const struct child_process *process)
{
	return process->child.pid ? clock_ms() - process->child.started_ms : 0;
}
