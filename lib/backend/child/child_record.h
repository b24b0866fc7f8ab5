/* SPDX-License-Identifier: GPL-2.0-or-later */
/* child_record.h - what is kept on disk of a running child, so that the next agent finds it again.
 *
 * A process is known by its pid, its start time and the boot that both belong to: a pid alone may
 * have been given to another one since. */
#ifndef WEFT_BACKEND_CHILD_CHILD_RECORD_H
#define WEFT_BACKEND_CHILD_CHILD_RECORD_H

#include <stdint.h>
#include <sys/types.h>

#include "lib/base/err.h"

struct child_record {
	pid_t pid;
	uint64_t start_ticks; /* Since boot, of /proc/PID/stat. */
	char program[64];     /* Last part of the program's path. */
	char settings[65];    /* What the child was started with: a digest. */
	char boot[40];        /* The kernel's boot id. */
};

/* Fills in the record of the living process 'pid'. -ESRCH if it is gone (or a zombie). */
int child_record_take(pid_t pid, const char *program_path, const char *settings,
		      struct child_record *record, struct err *err);

/* Replaces the file as a whole, mode 0600. */
int child_record_write(const char *path, const struct child_record *record, struct err *err);

/* Reads it and looks for the process. -ENOENT if there is no file, -ESRCH if the process is no
 * longer there, -EINVAL if the file is none of ours. */
int child_record_read(const char *path, struct child_record *record, struct err *err);

/* How long the record's process has been alive. */
uint64_t child_record_alive_ms(const struct child_record *record);

#endif
