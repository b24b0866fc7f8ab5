/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/base/directory.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int directory_make(const char *path, mode_t mode, struct err *err)
{
	if (mkdir(path, mode) < 0 && errno != EEXIST)
		return err_errno(err, -errno, "%s", path);
	return 0;
}

int directory_make_parents(const char *path, struct err *err)
{
	AUTO(free_ptr) char *parent = mem_text(path);

	for (char *at = strchr(parent + 1, '/'); at; at = strchr(at + 1, '/')) {
		*at = '\0';
		if (directory_make(parent, 0755, err) < 0)
			return err->code;
		*at = '/';
	}
	return 0;
}

int directory_sync_name(const char *path)
{
	AUTO(free_ptr) char *copy = mem_text(path);
	AUTO(close_fd) int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 || fsync(fd) < 0 ? -errno : 0;
}
