/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/agent/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/agent/store_file.h"
#include "lib/base/log.h"

/* A journal shorter than this is never worth a snapshot. */
#define JOURNAL_BYTES_MIN ((off_t)1 << 20)

struct store {
	const struct document_type *type;
	int directory;
	int lock;
	int journal; /* Of 'generation'; -1 while there is no document. */
	uint64_t generation;
	off_t snapshot_size;
	bool compacting;
};

struct file_name {
	char s[40];
};

static struct file_name file_name(const char *what, uint64_t generation)
{
	struct file_name name;

	snprintf(name.s, sizeof(name.s), "%s.%" PRIu64, what, generation);
	return name;
}

static off_t file_size(int directory, const char *name)
{
	struct stat stat;

	return fstatat(directory, name, &stat, AT_SYMLINK_NOFOLLOW) < 0 ? 0 : stat.st_size;
}

static json_t *snapshot_json(const struct document *document)
{
	return json_pack("{s:I, s:o}", "revision", (json_int_t)document_revision(document), "state",
			 document_json(document, true));
}

static int open_directory(const char *path, struct err *err)
{
	int fd;

	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return err_errno(err, -errno, "%s", path);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, -errno, "%s", path);
	return fd;
}

/* A process's own lock: a child that outlives a killed agent, or has not become another program
 * yet, must not keep the next one out. */
static int take_lock(int directory, struct err *err)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = openat(directory, "lock", O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	int code;

	if (fd < 0)
		return err_errno(err, -errno, "lock");
	if (fcntl(fd, F_SETLK, &lock) == 0)
		return fd;
	code = -errno;
	close(fd);
	if (code == -EAGAIN || code == -EACCES)
		return err_set(err, -EBUSY, "another agent works with it");
	return err_errno(err, code, "lock");
}

/* The generations that have a snapshot, newest first: at most 'room' of them. */
static size_t generations(int directory, uint64_t *list, size_t room)
{
	int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	size_t n = 0;

	while (stream && (entry = readdir(stream))) {
		uint64_t generation;
		int end = 0;
		size_t at;

		if (sscanf(entry->d_name, "snapshot.%" SCNu64 "%n", &generation, &end) != 1 ||
		    entry->d_name[end])
			continue;
		for (at = n; at > 0 && list[at - 1] < generation; at--)
			if (at < room)
				list[at] = list[at - 1];
		if (at < room) {
			list[at] = generation;
			n += n < room;
		}
	}
	if (stream)
		closedir(stream);
	return n;
}

static int replay(void *data, json_t *record, struct err *err)
{
	struct document *document = data;
	struct document_delta delta = DOCUMENT_DELTA_NONE;
	json_int_t revision;
	json_t *upsert = NULL, *remove = NULL;
	int ret;

	if (json_unpack(record, "{s:I, s?o, s?o}", "revision", &revision, "upsert", &upsert,
			"remove", &remove) < 0)
		return err_set(err, -EBADMSG, "journal: a record without revision");
	ret = document_patch(document, json_is_null(upsert) ? NULL : upsert,
			     json_is_null(remove) ? NULL : remove, &delta, err);
	if (ret < 0) {
		err_in(err, "journal: revision %" JSON_INTEGER_FORMAT, revision);
		return -EBADMSG;
	}
	document_keep(&delta);
	document_set_revision(document, revision);
	return 0;
}

/* Cuts off what a crash left behind the last whole record. */
static int truncate_to(int directory, const char *name, off_t size, struct err *err)
{
	AUTO(close_fd) int fd = -1;

	if (file_size(directory, name) == size)
		return 0;
	fd = openat(directory, name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 || ftruncate(fd, size) < 0 || fsync(fd) < 0)
		return err_errno(err, -errno, "%s", name);
	log_warning("%s: a record that was never acknowledged is cut off", name);
	return 0;
}

static int read_snapshot(struct store *store, uint64_t generation, struct document **ret,
			 struct err *err)
{
	struct file_name name = file_name("snapshot", generation);
	json_t *json = NULL, *state = NULL;
	json_int_t revision = 0;
	int done = snapshot_read(store->directory, name.s, &json, err);

	if (done < 0)
		return done;
	if (json_unpack(json, "{s:I, s:o}", "revision", &revision, "state", &state) < 0)
		done = err_set(err, -EBADMSG, "%s: damaged", name.s);
	else if (document_parse(store->type, state, ret, err) < 0)
		done = err_in(err, "%s", name.s);
	else
		document_set_revision(*ret, revision);
	json_decref(json);
	return done;
}

/* Reads the snapshot of 'generation' and every journal from there on. */
static int load(struct store *store, uint64_t generation, struct document **ret, struct err *err)
{
	struct document *document = NULL;
	int done = read_snapshot(store, generation, &document, err);

	if (done < 0)
		return done;
	store->snapshot_size = file_size(store->directory, file_name("snapshot", generation).s);
	for (;; generation++) {
		struct file_name name = file_name("journal", generation);
		off_t size = 0;

		done = journal_read(store->directory, name.s, replay, document, &size, err);
		if (done == -ENOENT)
			break;
		if (done < 0) {
			document_free(document);
			return done;
		}
		store->generation = generation;
		if (truncate_to(store->directory, name.s, size, err) < 0) {
			document_free(document);
			return err->code;
		}
	}
	*ret = document;
	return 0;
}

static int load_newest(struct store *store, struct document **ret, struct err *err)
{
	uint64_t list[2];
	size_t n = generations(store->directory, list, ARRAY_SIZE(list));
	int done = 0;

	for (size_t i = 0; i < n; i++) {
		store->generation = list[i];
		done = load(store, list[i], ret, err);
		if (done == 0)
			break;
		log_error("%s", err_text(err));
		if (i + 1 < n)
			log_warning("going back to the document of generation %" PRIu64
				    " and its journal",
				    list[i + 1]);
	}
	if (done == 0)
		err_clear(err);
	return done;
}

int store_open(const char *directory, const struct document_type *type, struct store **ret,
	       struct document **document, struct err *err)
{
	struct store *store = mem_alloc(sizeof(*store));
	int done;

	*document = NULL;
	store->type = type;
	store->journal = -1;
	store->lock = -1;
	store->directory = open_directory(directory, err);
	if (store->directory < 0) {
		done = store->directory;
		free(store);
		return done;
	}
	store->lock = take_lock(store->directory, err);
	done = store->lock < 0 ? store->lock : load_newest(store, document, err);
	if (done == 0 && *document) {
		store->journal = journal_create(store->directory,
						file_name("journal", store->generation).s, err);
		done = store->journal < 0 ? store->journal : 0;
	}
	if (done < 0) {
		document_free(*document);
		*document = NULL;
		store_close(store);
		return err_in(err, "%s", directory);
	}
	*ret = store;
	return 0;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	close_fd(&store->journal);
	close_fd(&store->lock);
	close_fd(&store->directory);
	free(store);
}

/* Removes all generations before the one before 'keep'. */
static void forget_old(const struct store *store, uint64_t keep)
{
	for (uint64_t old = keep; old-- > 0;) {
		if (old + 1 == keep)
			continue;
		if (unlinkat(store->directory, file_name("journal", old).s, 0) < 0 &&
		    errno == ENOENT &&
		    unlinkat(store->directory, file_name("snapshot", old).s, 0) < 0)
			break;
		unlinkat(store->directory, file_name("snapshot", old).s, 0);
	}
}

/* Patches go to the journal of the next generation from now on. */
static int next_journal(struct store *store, struct err *err)
{
	int fd = journal_create(store->directory, file_name("journal", store->generation + 1).s,
				err);

	if (fd < 0)
		return fd;
	close_fd(&store->journal);
	store->journal = fd;
	store->generation++;
	return 0;
}

int store_replace(struct store *store, const struct document *document, struct err *err)
{
	struct file_name name = file_name("snapshot", store->generation + 1);
	json_t *json = snapshot_json(document);
	int ret = snapshot_write(store->directory, name.s, json, err);

	json_decref(json);
	if (ret < 0)
		return ret;
	ret = next_journal(store, err);
	if (ret < 0) {
		unlinkat(store->directory, name.s, 0);
		return ret;
	}
	store->snapshot_size = file_size(store->directory, name.s);
	forget_old(store, store->generation);
	return 0;
}

int store_append(struct store *store, int64_t revision, json_t *upsert, json_t *remove,
		 struct err *err)
{
	json_t *record = json_pack("{s:I, s:O?, s:O?}", "revision", (json_int_t)revision, "upsert",
				   upsert, "remove", remove);
	int ret = journal_append(store->journal, record, err);

	json_decref(record);
	return ret;
}

bool store_is_long(const struct store *store)
{
	off_t size;

	if (store->journal < 0 || store->compacting)
		return false;
	size = lseek(store->journal, 0, SEEK_END);
	return size > JOURNAL_BYTES_MIN && size > store->snapshot_size;
}

pid_t store_compact(struct store *store, const struct document *document, struct err *err)
{
	pid_t child;
	int ret = next_journal(store, err);

	if (ret < 0)
		return ret;
	child = fork();
	if (child < 0)
		return err_errno(err, -errno, "a process for the snapshot");
	if (child == 0) {
		struct file_name name = file_name("snapshot", store->generation);
		json_t *json = snapshot_json(document);

		/* Without its agent it would write beside the next one. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		ret = snapshot_write(store->directory, name.s, json, err);
		_exit(ret < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
	}
	store->compacting = true;
	return child;
}

void store_compacted(struct store *store, bool done)
{
	store->compacting = false;
	if (!done)
		return;
	store->snapshot_size =
		file_size(store->directory, file_name("snapshot", store->generation).s);
	forget_old(store, store->generation);
}
