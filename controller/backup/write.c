/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "controller/backup/backup.h"
#include "controller/backup/format.h"
#include "lib/base/clock.h"
#include "lib/base/directory.h"
#include "lib/base/hex.h"
#include "lib/pki/pki.h"

struct writing {
	FILE *file;
	crypto_hash_sha256_state digest;
	const struct db_table *table;
	int64_t n;
};

/* 'json' is taken over. */
static int put(struct writing *writing, json_t *json, struct err *err)
{
	char *line = json_dumps(json, JSON_COMPACT);
	size_t length = strlen(line);
	int ret = 0;

	if (fwrite(line, 1, length, writing->file) != length || fputc('\n', writing->file) == EOF)
		ret = err_errno(err, -errno, "it cannot be written");
	crypto_hash_sha256_update(&writing->digest, (const uint8_t *)line, length);
	crypto_hash_sha256_update(&writing->digest, (const uint8_t *)"\n", 1);
	explicit_bzero(line, length);
	free(line);
	json_decref(json);
	return ret;
}

static int put_file(struct writing *writing, const char *state_dir, const char *name,
		    struct err *err)
{
	AUTO(free_ptr) char *path = mem_format("%s/%s", state_dir, name);
	AUTO(pki_forget) char *text = NULL;
	int ret = pki_file_read(path, &text, err);

	if (ret == -ENOENT) {
		err_clear(err);
		return 0; /* No agents dial it, or nobody HTTPS. */
	}
	return ret < 0 ? ret
		       : put(writing, json_pack("{s:s, s:s}", "file", name, "text", text), err);
}

static int put_record(const void *record, void *data, struct err *err)
{
	struct writing *writing = data;
	json_t *json = field_encode(writing->table->fields, record, true);

	writing->n++;
	return put(writing, json_pack("{s:s, s:o}", "type", writing->table->name, "record", json),
		   err);
}

static int put_all(struct writing *writing, const struct backup_place *place, struct db *db,
		   struct err *err)
{
	json_t *head = json_pack("{s:s, s:i, s:s, s:I}", "weft", "backup", "format", BACKUP_FORMAT,
				 "version", WEFT_VERSION, "made_ms", (json_int_t)clock_wall_ms());
	int ret = put(writing, head, err);

	for (const char *const *at = backup_files; ret == 0 && *at; at++)
		ret = put_file(writing, place->state_dir, *at, err);
	for (size_t i = 0; ret == 0 && place->tables[i]; i++) {
		writing->table = place->tables[i];
		ret = db_each(db, writing->table, put_record, writing, err);
	}
	return ret;
}

static int put_end(struct writing *writing, struct err *err)
{
	uint8_t digest[crypto_hash_sha256_BYTES];
	char text[2 * sizeof(digest) + 1];

	crypto_hash_sha256_final(&writing->digest, digest);
	hex_write(text, digest, sizeof(digest));
	return put(writing, json_pack("{s:I, s:s}", "end", (json_int_t)writing->n, "sha256", text),
		   err);
}

static int write_all(struct writing *writing, const struct backup_place *place, struct err *err)
{
	struct db *db = NULL;
	int ret = db_open_to_read(place->where, place->tables, &db, err);

	if (ret == 0)
		ret = db_begin(db, err);
	if (ret == 0)
		ret = put_all(writing, place, db, err);
	if (ret == 0)
		ret = put_end(writing, err);
	if (ret == 0 && (fflush(writing->file) == EOF || fsync(fileno(writing->file)) < 0))
		ret = err_errno(err, -errno, "it cannot be written");
	db_close(db);
	return ret;
}

/* Whole under its name or not there; what is there already stays. */
int backup_write(const struct backup_place *place, const char *path, int64_t *n, struct err *err)
{
	AUTO(free_ptr) char *beside = mem_format("%s.part", path);
	struct writing writing = { 0 };
	int fd, ret;

	if (access(path, F_OK) == 0)
		return err_set(err, -EEXIST, "%s: there is a file already", path);
	fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return err_errno(err, -errno, "%s", beside);
	writing.file = fdopen(fd, "w");
	crypto_hash_sha256_init(&writing.digest);
	ret = write_all(&writing, place, err);
	fclose(writing.file);
	if (ret == 0 && renameat2(AT_FDCWD, beside, AT_FDCWD, path, RENAME_NOREPLACE) < 0)
		ret = err_errno(err, -errno, "%s", path);
	if (ret < 0)
		unlink(beside);
	else if ((ret = directory_sync_name(path)) < 0)
		err_errno(err, ret, "%s", path);
	*n = writing.n;
	return ret;
}
