/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/agent/store_file.h"
#include "lib/base/hex.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHECKSUM_DIGITS 16
#define FILE_BYTES_MAX  ((off_t)1 << 30)

struct checksum {
	char s[CHECKSUM_DIGITS + 1];
};

static struct checksum checksum_of(const char *bytes, size_t size)
{
	unsigned char digest[SHA256_DIGEST_LENGTH];
	struct checksum sum = { "" };

	SHA256((const unsigned char *)bytes, size, digest);
	hex_write(sum.s, digest, CHECKSUM_DIGITS / 2);
	return sum;
}

static int write_all(int fd, const char *bytes, size_t size)
{
	while (size) {
		ssize_t written = write(fd, bytes, size);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -errno;
		bytes += written;
		size -= (size_t)written;
	}
	return 0;
}

/* "CHECKSUM JSON\n", the caller's. */
static char *line_of(const json_t *json, size_t *size)
{
	AUTO(free_ptr) char *text = json_dumps(json, JSON_COMPACT);
	struct checksum sum = checksum_of(text, strlen(text));
	char *line = mem_format("%s %s\n", sum.s, text);

	*size = strlen(line);
	return line;
}

/* The JSON of one line without its newline, or NULL. */
static json_t *line_json(const char *line, size_t length)
{
	struct checksum sum;

	if (length < CHECKSUM_DIGITS + 2 || line[CHECKSUM_DIGITS] != ' ')
		return NULL;
	line += CHECKSUM_DIGITS + 1;
	length -= CHECKSUM_DIGITS + 1;
	sum = checksum_of(line, length);
	if (memcmp(sum.s, line - CHECKSUM_DIGITS - 1, CHECKSUM_DIGITS) != 0)
		return NULL;
	return json_loadb(line, length, 0, NULL);
}

/* Errors come without the name. */
static int read_all(int directory, const char *name, char **ret, size_t *size, struct err *err)
{
	AUTO(close_fd) int fd = openat(directory, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	AUTO(free_ptr) char *bytes = NULL;
	struct stat stat;
	size_t at = 0;

	if (fd < 0 || fstat(fd, &stat) < 0)
		return err_errno(err, -errno, "cannot be opened");
	if (stat.st_size > FILE_BYTES_MAX)
		return err_set(err, -EBADMSG, "too large to be a document");
	bytes = mem_alloc((size_t)stat.st_size + 1);
	while (at < (size_t)stat.st_size) {
		ssize_t n = read(fd, bytes + at, (size_t)stat.st_size - at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, -errno, "cannot be read");
		if (n == 0)
			break;
		at += (size_t)n;
	}
	*size = at;
	*ret = STEAL(bytes);
	return 0;
}

int snapshot_write(int directory, const char *name, const json_t *json, struct err *err)
{
	AUTO(free_ptr) char *other = mem_format("%s.new", name);
	AUTO(free_ptr) char *line = NULL;
	AUTO(close_fd) int fd = -1;
	size_t size;
	int ret;

	fd = openat(directory, other, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return err_errno(err, -errno, "%s", other);
	line = line_of(json, &size);
	ret = write_all(fd, line, size);
	explicit_bzero(line, size);
	if (ret < 0 || fsync(fd) < 0) {
		ret = ret < 0 ? ret : -errno;
		unlinkat(directory, other, 0);
		return err_errno(err, ret, "%s", other);
	}
	if (renameat(directory, other, directory, name) < 0 || fsync(directory) < 0)
		return err_errno(err, -errno, "%s", name);
	return 0;
}

int snapshot_read(int directory, const char *name, json_t **ret, struct err *err)
{
	AUTO(free_ptr) char *bytes = NULL;
	size_t size;
	int done = read_all(directory, name, &bytes, &size, err);

	if (done < 0)
		return err_in(err, "%s", name);
	*ret = size ? line_json(bytes, size - (bytes[size - 1] == '\n')) : NULL;
	if (!*ret)
		return err_set(err, -EBADMSG, "%s: damaged", name);
	return 0;
}

int journal_create(int directory, const char *name, struct err *err)
{
	int fd = openat(directory, name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW,
			0600);

	if (fd < 0)
		return err_errno(err, -errno, "%s", name);
	if (fsync(directory) < 0) {
		int code = -errno;

		close(fd);
		return err_errno(err, code, "%s", name);
	}
	return fd;
}

int journal_append(int fd, const json_t *record, off_t *size, struct err *err)
{
	AUTO(free_ptr) char *line = NULL;
	size_t length;
	int ret;

	/* What an append before left behind and could not take back goes first. */
	if (lseek(fd, 0, SEEK_END) != *size && ftruncate(fd, *size) < 0)
		return err_errno(err, -errno, "journal: a record that failed cannot be taken back");
	line = line_of(record, &length);
	ret = write_all(fd, line, length);
	explicit_bzero(line, length);
	if (ret == 0 && fdatasync(fd) < 0)
		ret = -errno;
	if (ret == 0) {
		*size += (off_t)length;
		return 0;
	}
	if (ftruncate(fd, *size) < 0)
		return err_errno(err, ret, "journal: not taken back either");
	return err_errno(err, ret, "journal");
}

int journal_read(int directory, const char *name, journal_record_fn *each, void *data, off_t *size,
		 struct err *err)
{
	AUTO(free_ptr) char *bytes = NULL;
	size_t total, at = 0;
	int ret = read_all(directory, name, &bytes, &total, err);

	if (ret < 0)
		return ret;
	while (at < total) {
		const char *end = memchr(bytes + at, '\n', total - at);
		size_t length = end ? (size_t)(end - bytes) - at : total - at;
		json_t *record = end ? line_json(bytes + at, length) : NULL;

		if (!record && at + length + 1 < total)
			return err_set(err, -EBADMSG, "damaged at byte %zu", at);
		if (!record)
			break;
		ret = each(data, record, err);
		json_decref(record);
		if (ret < 0)
			return err_in(err, "%s", name);
		at += length + 1;
	}
	*size = (off_t)at;
	return 0;
}
