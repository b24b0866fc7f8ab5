/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controller/backup/backup.h"
#include "controller/backup/format.h"
#include "lib/base/directory.h"
#include "lib/base/hex.h"
#include "lib/pki/pki.h"

struct reading {
	const struct backup_place *place;
	struct db *db;
	FILE *file;
	char *line;
	size_t room;
	size_t number; /* Of the line, from 1. */
	int64_t n;     /* Objects so far. */
	json_t *files; /* Texts by name, until all objects are in. */
};

static int damaged(const struct reading *reading, struct err *err, const char *why)
{
	return err_set(err, -EBADMSG, "line %zu: %s", reading->number, why);
}

/* The next line: its length, or 0 at the end. */
static ssize_t next_line(struct reading *reading, struct err *err)
{
	ssize_t length = getline(&reading->line, &reading->room, reading->file);

	reading->number++;
	if (length < 0)
		return ferror(reading->file) ? err_errno(err, -errno, "it cannot be read") : 0;
	return length;
}

static json_t *parsed(const struct reading *reading, ssize_t length)
{
	return json_loadb(reading->line, (size_t)length, JSON_REJECT_DUPLICATES, NULL);
}

static bool is_end(const char *line)
{
	return strncmp(line, "{\"end\":", strlen("{\"end\":")) == 0;
}

static int check_end(struct reading *reading, ssize_t length, crypto_hash_sha256_state *digest,
		     struct err *err)
{
	uint8_t bytes[crypto_hash_sha256_BYTES];
	char wanted[2 * sizeof(bytes) + 1];
	json_t *json = parsed(reading, length);
	const char *said = json_string_value(json_object_get(json, "sha256"));
	bool same;

	crypto_hash_sha256_final(digest, bytes);
	hex_write(wanted, bytes, sizeof(bytes));
	same = said && strcmp(said, wanted) == 0;
	json_decref(json);
	if (!same)
		return damaged(reading, err, "what was written is not what is read: it is damaged");
	return getc(reading->file) == EOF ? 0
					  : damaged(reading, err, "something comes behind the end");
}

/* The whole file, before anything is done with it. */
static int check_whole(struct reading *reading, struct err *err)
{
	crypto_hash_sha256_state digest;

	crypto_hash_sha256_init(&digest);
	for (;;) {
		ssize_t length = next_line(reading, err);

		if (length < 0)
			return err->code;
		if (length == 0)
			return damaged(reading, err, "the end is missing");
		if (is_end(reading->line))
			return check_end(reading, length, &digest, err);
		crypto_hash_sha256_update(&digest, (const uint8_t *)reading->line, (size_t)length);
	}
}

static int check_head(struct reading *reading, struct err *err)
{
	ssize_t length = next_line(reading, err);
	json_t *json = length > 0 ? parsed(reading, length) : NULL;
	const char *what = json_string_value(json_object_get(json, "weft"));
	json_int_t format = json_integer_value(json_object_get(json, "format"));
	int ret = 0;

	if (length < 0)
		ret = err->code;
	else if (!what || strcmp(what, "backup") != 0)
		ret = damaged(reading, err, "this is no backup");
	else if (format != BACKUP_FORMAT)
		ret = damaged(reading, err, "it is of a form that this version does not know");
	json_decref(json);
	return ret;
}

static int insert(struct reading *reading, const char *type, json_t *json, struct err *err)
{
	const struct db_table *table = db_table(reading->db, type);
	AUTO(free_ptr) void *record = NULL;
	int ret;

	if (!table)
		return err_set(err, -EBADMSG, "this version knows no type %.64s", type);
	record = mem_alloc(table->size);
	if (field_decode(table->fields, json, record, err) < 0) {
		err->code = -EBADMSG;
		return err_in(err, "%s.%s", type, err->path);
	}
	ret = db_insert(reading->db, table, record, err);
	field_clear(table->fields, record);
	reading->n++;
	return ret;
}

static bool is_ours(const char *name)
{
	for (const char *const *at = backup_files; *at; at++)
		if (strcmp(*at, name) == 0)
			return true;
	return false;
}

static int take_file(struct reading *reading, const char *name, json_t *text, struct err *err)
{
	if (!is_ours(name))
		return err_set(err, -EBADMSG, "this version knows no file %.64s", name);
	json_object_set(reading->files, name, text);
	return 0;
}

/* Another one is not replaced: agents may know it. */
static int put_file(const struct reading *reading, const char *name, const char *text,
		    struct err *err)
{
	AUTO(free_ptr) char *path = mem_format("%s/%s", reading->place->state_dir, name);
	AUTO(pki_forget) char *there = NULL;
	int ret = pki_file_read(path, &there, err);
	if (ret == 0 && strcmp(there, text) == 0)
		return 0;
	if (ret == 0)
		return err_set(err, -EEXIST, "%s is there already, and another one", path);
	if (ret != -ENOENT)
		return ret;
	err_clear(err);
	if (directory_make_parents(path, err) < 0)
		return err->code;
	return pki_file_write(path, text, err);
}

static int put_files(const struct reading *reading, struct err *err)
{
	json_t *text;
	const char *name;

	json_object_foreach (reading->files, name, text)
		if (put_file(reading, name, json_string_value(text), err) < 0)
			return err->code;
	return 0;
}

static int take(struct reading *reading, json_t *json, struct err *err)
{
	const char *type = json_string_value(json_object_get(json, "type"));
	const char *file = json_string_value(json_object_get(json, "file"));
	json_t *text = json_object_get(json, "text"), *record = json_object_get(json, "record");

	if (type && record)
		return insert(reading, type, record, err);
	if (file && json_is_string(text))
		return take_file(reading, file, text, err);
	return err_set(err, -EBADMSG, "it is neither an object nor a file");
}

static int take_all(struct reading *reading, struct err *err)
{
	for (;;) {
		ssize_t length = next_line(reading, err);
		json_t *json;
		int ret;

		if (length < 0)
			return err->code;
		if (length == 0 || is_end(reading->line))
			return 0;
		json = parsed(reading, length);
		ret = take(reading, json, err);
		json_decref(json);
		explicit_bzero(reading->line, (size_t)length);
		if (ret < 0)
			return err_in(err, "line %zu", reading->number);
	}
}

static int check_empty(const struct reading *reading, struct err *err)
{
	static const struct db_query all = { 0 };

	for (size_t i = 0; reading->place->tables[i]; i++) {
		const struct db_table *table = reading->place->tables[i];
		int64_t n;

		if (db_count(reading->db, table, &all, &n, err) < 0)
			return err->code;
		if (n)
			return err_set(err, -EEXIST,
				       "there is a model already, with %lld of type %s: a backup "
				       "goes into an empty database",
				       (long long)n, table->name);
	}
	return 0;
}

static int take_in_one(struct reading *reading, struct err *err)
{
	int ret = db_begin(reading->db, err);

	if (ret < 0)
		return ret;
	ret = take_all(reading, err);
	/* Before the objects are there for good: a second attempt finds its own. */
	if (ret == 0)
		ret = put_files(reading, err);
	if (ret == 0)
		ret = db_commit(reading->db, err);
	if (ret < 0)
		db_rollback(reading->db);
	return ret;
}

static int restore(struct reading *reading, struct err *err)
{
	const struct backup_place *place = reading->place;

	if (check_head(reading, err) < 0)
		return err->code;
	rewind(reading->file);
	reading->number = 0;
	if (check_whole(reading, err) < 0)
		return err->code;
	rewind(reading->file);
	reading->number = 0;
	if (directory_make_parents(place->state_dir, err) < 0 ||
	    directory_make(place->state_dir, 0700, err) < 0 ||
	    db_open(place->where, place->tables, &reading->db, err) < 0 ||
	    check_empty(reading, err) < 0 || next_line(reading, err) < 0)
		return err->code;
	return take_in_one(reading, err);
}

int backup_restore(const struct backup_place *place, const char *path, int64_t *n, struct err *err)
{
	struct reading reading = { .place = place,
				   .file = fopen(path, "re"),
				   .files = json_object() };
	int ret =
		reading.file ? restore(&reading, err) : err_set(err, -errno, "%s", strerror(errno));

	if (ret < 0)
		err_in(err, "%s", path);
	if (reading.file)
		fclose(reading.file);
	db_close(reading.db);
	json_decref(reading.files);
	free(reading.line);
	*n = reading.n;
	return ret;
}
