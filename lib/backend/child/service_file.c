/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/backend/child/service_file.h"
#include "lib/base/hex.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int write_all(int fd, const char *text, size_t length)
{
	while (length > 0) {
		ssize_t n = write(fd, text, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		text += n;
		length -= (size_t)n;
	}
	return 0;
}

int service_file_write(const char *path, const char *text, size_t length, mode_t mode,
		       struct err *err)
{
	const char *slash = strrchr(path, '/');
	AUTO(free_ptr)
	char *next = mem_format("%.*s/.%s", slash ? (int)(slash - path) : 1, slash ? path : ".",
				slash ? slash + 1 : path);
	int fd = open(next, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
	int ret;

	if (fd < 0)
		return err_errno(err, -errno, "%s", next);
	ret = fchmod(fd, mode) < 0 ? -errno : write_all(fd, text, length);
	/* Before it gets its name: who watches the directory would be woken twice. */
	close(fd);
	if (ret == 0 && rename(next, path) < 0)
		ret = -errno;
	if (ret < 0) {
		unlink(next);
		return err_errno(err, ret, "%s", path);
	}
	return 0;
}

int service_file_read(const char *path, size_t most, char **text, struct err *err)
{
	AUTO(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	AUTO(free_ptr) char *bytes = NULL;
	struct stat status;
	size_t length = 0;
	ssize_t n;

	if (fd < 0 || fstat(fd, &status) < 0)
		return err_errno(err, -errno, "%s", path);
	if ((uint64_t)status.st_size > most)
		return err_errno(err, -EFBIG, "%s", path);
	bytes = mem_alloc((size_t)status.st_size + 1);
	while (length < (size_t)status.st_size) {
		n = read(fd, bytes + length, (size_t)status.st_size - length);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, -errno, "%s", path);
		if (n == 0)
			break;
		length += (size_t)n;
	}
	bytes[length] = '\0';
	*text = STEAL(bytes);
	return 0;
}

struct service_digest service_digest(const char *text, size_t length)
{
	struct service_digest digest = { "" };
	unsigned char bytes[EVP_MAX_MD_SIZE];
	unsigned int n = 0;

	EVP_Digest(text, length, bytes, &n, EVP_sha256(), NULL);
	hex_write(digest.s, bytes, n < 32 ? n : 32);
	return digest;
}

void service_mark_add(struct text *text, const struct item *item)
{
	text_format(text, "#@ %s\t%s\t%s\t%s\n", item_kind(item), item_key(item), item_value(item),
		    item_owner(item));
}

static void mark_read(char *line, struct item_set *items)
{
	char *part[4];

	for (size_t i = 0; i < 4; i++) {
		part[i] = strsep(&line, "\t");
		if (!part[i])
			return;
	}
	item_set_say(items, part[0], part[3], part[1], part[2]);
}

void service_marks_read(char *text, struct item_set *items)
{
	char *line;

	while ((line = strsep(&text, "\n")))
		if (strncmp(line, "#@ ", 3) == 0)
			mark_read(line + 3, items);
}
