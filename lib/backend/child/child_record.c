/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/backend/child/child_record.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Reads a small file whole; -errno. */
static int read_small(const char *path, char *text, size_t size)
{
	AUTO(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length;

	if (fd < 0)
		return -errno;
	length = read(fd, text, size - 1);
	if (length < 0)
		return -errno;
	text[length] = '\0';
	return 0;
}

static int read_boot(char boot[40])
{
	int ret = read_small("/proc/sys/kernel/random/boot_id", boot, 40);

	if (ret == 0)
		boot[strcspn(boot, "\n")] = '\0';
	return ret;
}

/* The start time of a living process. The name in the stat line may hold anything, also spaces and
 * parentheses, and right after exec it may still be the old one: only what follows the last
 * parenthesis is looked at. */
static int read_start(pid_t pid, uint64_t *ticks)
{
	char path[40], stat[1024];
	char *at, *save = NULL;
	int ret;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	ret = read_small(path, stat, sizeof(stat));
	if (ret < 0)
		return -ESRCH;
	at = strrchr(stat, ')');
	if (!at || at[1] != ' ')
		return -EINVAL;
	/* Field 3 is the state, field 22 the start time (proc(5)). */
	at = strtok_r(at + 2, " ", &save);
	if (!at || *at == 'Z' || *at == 'X')
		return -ESRCH;
	for (int field = 3; at && field < 22; field++)
		at = strtok_r(NULL, " ", &save);
	if (!at)
		return -EINVAL;
	*ticks = strtoull(at, NULL, 10);
	return 0;
}

int child_record_take(pid_t pid, const char *program_path, const char *settings,
		      struct child_record *record, struct err *err)
{
	const char *slash = strrchr(program_path, '/');
	int ret;

	memset(record, 0, sizeof(*record));
	record->pid = pid;
	ret = read_start(pid, &record->start_ticks);
	if (ret < 0)
		return err_errno(err, ret, "process %d", (int)pid);
	ret = read_boot(record->boot);
	if (ret < 0)
		return err_errno(err, ret, "boot id");
	snprintf(record->program, sizeof(record->program), "%s", slash ? slash + 1 : program_path);
	snprintf(record->settings, sizeof(record->settings), "%s", settings);
	return 0;
}

int child_record_write(const char *path, const struct child_record *record, struct err *err)
{
	AUTO(free_ptr) char *next = mem_format("%s.next", path);
	AUTO(close_fd) int fd = open(next, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	char text[256];
	int length;

	if (fd < 0)
		return err_errno(err, -errno, "%s", next);
	length = snprintf(text, sizeof(text),
			  "pid %d\nstart %" PRIu64 "\nboot %s\nprogram %s\nsettings %s\n",
			  (int)record->pid, record->start_ticks, record->boot, record->program,
			  record->settings);
	if (length >= (int)sizeof(text))
		return err_set(err, -EINVAL, "%s: the record is too long", path);
	if (write(fd, text, (size_t)length) != length)
		return err_errno(err, errno ? -errno : -ENOSPC, "%s", next);
	if (rename(next, path) < 0)
		return err_errno(err, -errno, "%s", path);
	return 0;
}

static int parse(const char *text, struct child_record *record)
{
	int pid, end = -1;
	uint64_t ticks;

	memset(record, 0, sizeof(*record));
	if (sscanf(text, "pid %d start %" SCNu64 " boot %39s program %63s settings %64s %n", &pid,
		   &ticks, record->boot, record->program, record->settings, &end) != 5)
		return -EINVAL;
	if (end < 0 || text[end] || pid <= 1)
		return -EINVAL;
	record->pid = pid;
	record->start_ticks = ticks;
	return 0;
}

int child_record_read(const char *path, struct child_record *record, struct err *err)
{
	char text[512], boot[40] = "";
	uint64_t ticks;
	int ret = read_small(path, text, sizeof(text));

	if (ret < 0)
		return err_errno(err, ret, "%s", path);
	ret = parse(text, record);
	if (ret < 0)
		return err_set(err, ret, "%s: this is no record of a child", path);
	if (read_boot(boot) < 0 || strcmp(boot, record->boot) != 0)
		return err_set(err, -ESRCH, "%s: written before this boot", path);
	if (read_start(record->pid, &ticks) < 0 || ticks != record->start_ticks)
		return err_set(err, -ESRCH, "%s: process %d is gone", path, (int)record->pid);
	return 0;
}

uint64_t child_record_alive_ms(const struct child_record *record)
{
	struct timespec now;
	uint64_t now_ms, start_ms;

	clock_gettime(CLOCK_BOOTTIME, &now);
	now_ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
	start_ms = record->start_ticks * 1000 / (uint64_t)sysconf(_SC_CLK_TCK);
	return now_ms > start_ms ? now_ms - start_ms : 0;
}
