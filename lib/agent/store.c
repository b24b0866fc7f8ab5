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
#include <sys/param.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/agent/store_file.h"
#include "lib/base/log.h"

/* Journals shorter than this are never worth a snapshot. */
#define JOURNAL_BYTES_MIN ((off_t)1 << 20)

struct store {
	const struct document_type *type;
	int directory;
	int lock;
	int journal;         /* Of 'generation'. */
	off_t journal_size;  /* Up to here it holds whole records. */
	off_t earlier_size;  /* Of the journals between 'base' and this one. */
	off_t document_size; /* Of the whole document when it was written last. */
	uint64_t generation;
	uint64_t base; /* Where loading would begin: a snapshot that is known to be good, or 0. */
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

static json_t *whole_json(const struct document *document)
{
	return json_pack("{s:I, s:o}", "revision", (json_int_t)document_revision(document), "state",
			 document_json(document, true));
}

static bool file_exists(int directory, const char *name)
{
	return faccessat(directory, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
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

/* What the names in the directory say. */
struct listing {
	uint64_t snapshots[8]; /* Newest first; more than two are never kept. */
	size_t n_snapshots;
	uint64_t newest; /* Generation: what has a snapshot had a journal as well. */
	bool has_journal;
};

static void listing_snapshot(struct listing *listing, uint64_t generation)
{
	size_t at = MIN(listing->n_snapshots, ARRAY_SIZE(listing->snapshots) - 1);

	if (listing->n_snapshots == ARRAY_SIZE(listing->snapshots) &&
	    listing->snapshots[at] > generation)
		return;
	for (; at > 0 && listing->snapshots[at - 1] < generation; at--)
		listing->snapshots[at] = listing->snapshots[at - 1];
	listing->snapshots[at] = generation;
	listing->n_snapshots += listing->n_snapshots < ARRAY_SIZE(listing->snapshots);
}

/* Calls 'each' with the kind ("snapshot", "journal", "snapshot.new") and the generation of every
 * file of the store. */
typedef void each_file_fn(void *data, const char *name, const char *kind, uint64_t generation);

static int each_file(int directory, each_file_fn *each, void *data, struct err *err)
{
	int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!stream) {
		int code = -errno;

		close_fd(&fd);
		return err_errno(err, code, "state directory");
	}
	while ((entry = readdir(stream))) {
		static const char *const kinds[] = { "snapshot", "journal" };

		for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
			size_t length = strlen(kinds[i]);
			uint64_t generation;
			int end = 0;

			if (strncmp(entry->d_name, kinds[i], length) != 0 ||
			    sscanf(entry->d_name + length, ".%" SCNu64 "%n", &generation, &end) !=
				    1)
				continue;
			if (!entry->d_name[length + end])
				each(data, entry->d_name, kinds[i], generation);
			else if (strcmp(entry->d_name + length + end, ".new") == 0)
				each(data, entry->d_name, "snapshot.new", generation);
		}
	}
	closedir(stream);
	return 0;
}

static void list_one(void *data, const char *name, const char *kind, uint64_t generation)
{
	struct listing *listing = data;

	(void)name;
	if (strcmp(kind, "snapshot") == 0) {
		listing_snapshot(listing, generation);
		listing->newest = MAX(listing->newest, generation);
	} else if (strcmp(kind, "journal") == 0) {
		listing->newest = MAX(listing->newest, generation);
		listing->has_journal = true;
	}
}

/* The document as the records make it, one after the other. */
struct replay {
	const struct document_type *type;
	struct document *document;
};

static int replay_patch(struct replay *replay, json_t *upsert, json_t *remove, struct err *err)
{
	struct document_delta delta = DOCUMENT_DELTA_NONE;
	int ret;

	if (!replay->document)
		return err_set(err, -EBADMSG, "a patch of nothing");
	ret = document_patch(replay->document, json_is_null(upsert) ? NULL : upsert,
			     json_is_null(remove) ? NULL : remove, &delta, err);
	if (ret == 0)
		document_keep(&delta);
	return ret;
}

static int replay_one(void *data, json_t *record, struct err *err)
{
	struct replay *replay = data;
	json_t *state = NULL, *upsert = NULL, *remove = NULL;
	struct document *document = NULL;
	json_int_t revision;
	int ret;

	if (json_unpack(record, "{s:I, s?o, s?o, s?o}", "revision", &revision, "state", &state,
			"upsert", &upsert, "remove", &remove) < 0)
		return err_set(err, -EBADMSG, "a record without revision");
	if (state) {
		ret = document_parse(replay->type, state, &document, err);
		if (ret == 0) {
			document_free(replay->document);
			replay->document = document;
		}
	} else {
		ret = replay_patch(replay, upsert, remove, err);
	}
	if (ret < 0) {
		err_in(err, "revision %" JSON_INTEGER_FORMAT, revision);
		return -EBADMSG;
	}
	document_set_revision(replay->document, revision);
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

/* Reads the snapshot of 'base' (none: from nothing) and every journal from there on. */
static int load(struct store *store, const struct listing *listing, uint64_t base, bool snapshot,
		struct document **ret, struct err *err)
{
	struct replay replay = { store->type, NULL };
	struct file_name name = file_name("snapshot", base);
	int done = snapshot ? read_snapshot(store, base, &replay.document, err) : 0;

	store->document_size = snapshot ? file_size(store->directory, name.s) : 0;
	store->earlier_size = 0;
	store->journal_size = 0;
	for (uint64_t g = base; done == 0 && g <= listing->newest; g++) {
		off_t size = 0;

		name = file_name("journal", g);
		done = journal_read(store->directory, name.s, replay_one, &replay, &size, err);
		if (done == -ENOENT) {
			done = err_set(err, -EBADMSG, "%s: missing", name.s);
			break;
		}
		if (done < 0) {
			err_in(err, "%s", name.s);
			break;
		}
		if (g < listing->newest && size < file_size(store->directory, name.s)) {
			done = err_set(err, -EBADMSG, "%s: damaged at byte %jd", name.s,
				       (intmax_t)size);
			break;
		}
		done = truncate_to(store->directory, name.s, size, err);
		store->earlier_size += store->journal_size;
		store->journal_size = size;
		store->generation = g;
	}
	if (done < 0) {
		document_free(replay.document);
		return done;
	}
	store->base = base;
	*ret = replay.document;
	return 0;
}

static void go_back(bool failed, struct err *err)
{
	if (failed)
		log_error("%s; trying what was written before it", err_text(err));
	err_clear(err);
}

/* A snapshot that the disk lost is made good from the one before and the journals since. */
static int load_newest(struct store *store, struct document **ret, struct err *err)
{
	struct listing listing = { 0 };
	int done = each_file(store->directory, list_one, &listing, err);

	if (done < 0 || (!listing.has_journal && !listing.n_snapshots))
		return done;
	for (size_t i = 0; i < listing.n_snapshots; i++) {
		go_back(i > 0, err);
		done = load(store, &listing, listing.snapshots[i], true, ret, err);
		if (done == 0)
			return 0;
	}
	if (!listing.n_snapshots || file_exists(store->directory, file_name("journal", 0).s)) {
		go_back(listing.n_snapshots > 0, err);
		done = load(store, &listing, 0, false, ret, err);
	}
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
	if (done == 0) {
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

static int append(struct store *store, json_t *record, struct err *err)
{
	int ret = journal_append(store->journal, record, &store->journal_size, err);

	json_decref(record);
	return ret;
}

int store_replace(struct store *store, const struct document *document, struct err *err)
{
	off_t before = store->journal_size;
	int ret = append(store, whole_json(document), err);

	if (ret == 0)
		store->document_size = store->journal_size - before;
	return ret;
}

int store_append(struct store *store, int64_t revision, json_t *upsert, json_t *remove,
		 struct err *err)
{
	return append(store,
		      json_pack("{s:I, s:O?, s:O?}", "revision", (json_int_t)revision, "upsert",
				upsert, "remove", remove),
		      err);
}

bool store_is_long(const struct store *store)
{
	off_t size = store->earlier_size + store->journal_size;

	/* An Apply is a whole document already: one alone is no reason to write it again. */
	return !store->compacting && size > JOURNAL_BYTES_MIN && size > 2 * store->document_size;
}

/* Records go to the journal of the next generation from now on. */
static int next_journal(struct store *store, struct err *err)
{
	int fd = journal_create(store->directory, file_name("journal", store->generation + 1).s,
				err);

	if (fd < 0)
		return fd;
	close_fd(&store->journal);
	store->journal = fd;
	store->earlier_size += store->journal_size;
	store->journal_size = 0;
	store->generation++;
	return 0;
}

pid_t store_compact(struct store *store, const struct document *document, struct err *err)
{
	pid_t parent = getpid(), child;
	int ret = next_journal(store, err);

	if (ret < 0)
		return ret;
	child = fork();
	if (child < 0)
		return err_errno(err, -errno, "a process for the snapshot");
	if (child == 0) {
		struct file_name name = file_name("snapshot", store->generation);
		json_t *json;

		/* Without its agent it would write beside the next one, and hold the socket that
		 * the next one is to answer at. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(EXIT_FAILURE);
		json = whole_json(document);
		ret = snapshot_write(store->directory, name.s, json, err);
		_exit(ret < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
	}
	store->compacting = true;
	return child;
}

struct forget {
	int directory;
	uint64_t keep;
};

static void forget_one(void *data, const char *name, const char *kind, uint64_t generation)
{
	struct forget *forget = data;

	(void)kind;
	if (generation < forget->keep)
		unlinkat(forget->directory, name, 0);
}

void store_compacted(struct store *store, bool done)
{
	struct forget forget = { store->directory, store->base };
	struct err err = ERR_NONE;

	store->compacting = false;
	if (!done) {
		/* Not again at once: only when twice as much has been written. */
		store->document_size =
			MAX(store->document_size, store->earlier_size + store->journal_size);
		return;
	}
	store->base = store->generation;
	store->document_size =
		file_size(store->directory, file_name("snapshot", store->generation).s);
	store->earlier_size = 0;
	/* From the base before this one everything is kept: what the new snapshot may lose. */
	if (each_file(store->directory, forget_one, &forget, &err) < 0)
		log_warning("%s", err_text(&err));
	err_clear(&err);
}
