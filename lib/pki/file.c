/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files with keys, certificates and tokens: for the owner alone, whole or not there. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/directory.h"
#include "lib/pki/pki.h"

#define FILE_MAX 65536

static int write_all(int fd, const char *text)
{
	size_t left = strlen(text);

	while (left) {
		ssize_t n = write(fd, text, left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text += n;
		left -= (size_t)n;
	}
	return fsync(fd) < 0 ? -errno : 0;
}

int pki_file_write(const char *path, const char *text, struct err *err)
{
	AUTO(free_ptr) char *beside = mem_format("%s.new", path);
	AUTO(close_fd)
	int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	int ret = fd < 0 ? -errno : write_all(fd, text);

	if (ret == 0 && rename(beside, path) < 0)
		ret = -errno;
	if (ret == 0)
		ret = directory_sync_name(path);
	if (ret == 0)
		return 0;
	unlink(beside);
	return err_errno(err, ret, "%s", path);
}

int pki_file_read(const char *path, char **text, struct err *err)
{
	AUTO(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	AUTO(pki_forget) char *bytes = mem_alloc(FILE_MAX + 1);
	size_t length = 0;
	ssize_t n = -1;

	while (fd >= 0 && length < FILE_MAX &&
	       ((n = read(fd, bytes + length, FILE_MAX - length)) > 0 || (n < 0 && errno == EINTR)))
		length += n > 0 ? (size_t)n : 0;
	if (fd < 0 || n < 0)
		return err_errno(err, -errno, "%s", path);
	if (n > 0 || memchr(bytes, '\0', length))
		return err_set(err, -EFBIG, "%s: it is no text of less than %d bytes", path,
			       FILE_MAX);
	*text = mem_text(bytes);
	return 0;
}
