/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/backend/netns/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "lib/base/log.h"

#define NETNS_OWN "/proc/self/ns/net"

bool netns_is_there(const char *path)
{
	struct statfs status;

	return statfs(path, &status) == 0 && status.f_type == NSFS_MAGIC;
}

static int touch(const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_errno(err, -errno, "%s", path);
	close(fd);
	return 0;
}

static int mount_at(const char *from, const char *path, struct err *err)
{
	return mount(from, path, NULL, MS_BIND, NULL) < 0 ? err_errno(err, -errno, "%s", path) : 0;
}

int netns_make(const char *path, struct err *err)
{
	int home, ret;

	if (netns_is_there(path))
		return 0;
	if (touch(path, err) < 0)
		return err->code;
	home = open(NETNS_OWN, O_RDONLY | O_CLOEXEC);
	if (home < 0)
		return err_errno(err, -errno, NETNS_OWN);
	if (unshare(CLONE_NEWNET) < 0) {
		ret = err_errno(err, -errno, "a new network namespace");
		close(home);
		return ret;
	}
	ret = mount_at(NETNS_OWN, path, err);
	netns_leave(home);
	return ret;
}

int netns_keep(const char *path, pid_t pid, struct err *err)
{
	char from[64];

	if (netns_is_there(path))
		return 0;
	snprintf(from, sizeof(from), "/proc/%d/ns/net", (int)pid);
	return touch(path, err) < 0 ? err->code : mount_at(from, path, err);
}

int netns_remove(const char *path, struct err *err)
{
	if (netns_is_there(path) && umount2(path, MNT_DETACH) < 0)
		return err_errno(err, -errno, "%s", path);
	if (unlink(path) < 0 && errno != ENOENT)
		return err_errno(err, -errno, "%s", path);
	return 0;
}

int netns_enter(const char *path, struct err *err)
{
	AUTO(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	int home;

	if (fd < 0)
		return err_errno(err, -errno, "%s", path);
	home = open(NETNS_OWN, O_RDONLY | O_CLOEXEC);
	if (home < 0)
		return err_errno(err, -errno, NETNS_OWN);
	if (setns(fd, CLONE_NEWNET) < 0) {
		int ret = err_errno(err, -errno, "%s", path);

		close(home);
		return ret;
	}
	return home;
}

void netns_leave(int home)
{
	/* In the wrong namespace everything that follows would be done to the wrong machine. */
	if (setns(home, CLONE_NEWNET) < 0) {
		log_error("the way back into the own network namespace is closed");
		abort();
	}
	close(home);
}
