/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/backend/child/child_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/log.h"

struct child_log {
	char *name;
	int fd, output;
	const char *const *quiet; /* May be NULL. */
	child_line_fn *heard;     /* May be NULL. */
	void *data;
	struct event *readable;
	size_t length;
	char line[512], last[512];
};

static bool is_quiet(const struct child_log *log)
{
	for (const char *const *phrase = log->quiet; phrase && *phrase; phrase++)
		if (strstr(log->line, *phrase))
			return true;
	return false;
}

static void log_flush(struct child_log *log)
{
	log->line[log->length] = '\0';
	if (log->length > 0) {
		bool quiet = is_quiet(log);

		log_write(quiet ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO, "%s: %s", log->name, log->line);
		if (!quiet)
			memcpy(log->last, log->line, log->length + 1);
		if (log->heard)
			log->heard(log->data, log->line);
	}
	log->length = 0;
}

void child_log_drain(struct child_log *log)
{
	char bytes[4096];
	ssize_t n;

	while ((n = read(log->fd, bytes, sizeof(bytes))) > 0) {
		for (ssize_t i = 0; i < n; i++) {
			if (bytes[i] == '\n' || log->length == sizeof(log->line) - 1)
				log_flush(log);
			if (bytes[i] != '\n')
				log->line[log->length++] = bytes[i];
		}
	}
}

static void on_readable(evutil_socket_t fd, short what, void *data)
{
	(void)fd;
	(void)what;
	child_log_drain(data);
}

static void child_log_free_ptr(struct child_log **log)
{
	child_log_free(*log);
}

int child_log_open(struct event_base *base, const char *path, const char *name,
		   struct child_log **ret, struct err *err)
{
	AUTO(child_log_free_ptr) struct child_log *log = mem_alloc(sizeof(*log));
	struct stat status;

	log->name = mem_text(name);
	log->fd = -1;
	log->output = -1;
	if (mkfifo(path, 0600) < 0 && errno != EEXIST)
		return err_errno(err, -errno, "%s", path);
	log->fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
	if (log->fd < 0 || fstat(log->fd, &status) < 0)
		return err_errno(err, -errno, "%s", path);
	if (!S_ISFIFO(status.st_mode))
		return err_set(err, -EINVAL, "%s: this is no pipe", path);
	log->output = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
	if (log->output < 0)
		return err_errno(err, -errno, "%s", path);
	log->readable = event_new(base, log->fd, EV_READ | EV_PERSIST, on_readable, log);
	event_add(log->readable, NULL);
	*ret = STEAL(log);
	return 0;
}

void child_log_quieten(struct child_log *log, const char *const *phrases)
{
	log->quiet = phrases;
}

void child_log_listen(struct child_log *log, child_line_fn *heard, void *data)
{
	log->heard = heard;
	log->data = data;
}

int child_log_output(const struct child_log *log)
{
	return log->output;
}

const char *child_log_last(const struct child_log *log)
{
	return log->last;
}

void child_log_free(struct child_log *log)
{
	if (!log)
		return;
	if (log->readable)
		event_free(log->readable);
	if (log->fd >= 0)
		close(log->fd);
	if (log->output >= 0)
		close(log->output);
	free(log->name);
	free(log);
}
