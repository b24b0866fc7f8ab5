/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backup.h - a whole model in one file, whichever database it is in, and back into an empty one.
 *
 * Lines of JSON: {"weft": "backup", "format", "version", "made_ms"}; {"file", "text"} for each of
 * the controller's own keys and certificates; {"type", "record"} for each object, a type's in the
 * order of their making; {"end": how many objects, "sha256": of all bytes before this line}.
 * Secrets are in it in the clear: the file is for its owner alone. */
#ifndef WEFT_CONTROLLER_BACKUP_H
#define WEFT_CONTROLLER_BACKUP_H

#include <stdint.h>

#include "controller/store/db.h"

struct backup_place {
	const char *where;     /* As db_open() takes it. */
	const char *state_dir; /* With the controller's own keys. */
	const struct db_table *const *tables;
};

/* Writes what there is at one moment, also while a controller serves it; 'n' is how many objects.
 * -EEXIST: there is a file of that name. */
int backup_write(const struct backup_place *place, const char *path, int64_t *n, struct err *err);

/* -EBADMSG: the file is damaged, no backup, or of a newer version. -EEXIST: there is a model
 * already, or another authority. -EBUSY: a controller has the database. Nothing was changed then.
 */
int backup_restore(const struct backup_place *place, const char *path, int64_t *n, struct err *err);

#endif
