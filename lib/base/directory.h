/* SPDX-License-Identifier: GPL-2.0-or-later */
/* directory.h - directories that a daemon needs. */
#ifndef WEFT_BASE_DIRECTORY_H
#define WEFT_BASE_DIRECTORY_H

#include <sys/types.h>

#include "lib/base/err.h"

/* Makes 'path' unless it is there. */
int directory_make(const char *path, mode_t mode, struct err *err);

/* Makes what is missing above 'path', for everyone to read (0755). */
int directory_make_parents(const char *path, struct err *err);

/* A new name, 'path', is on the disk when this returns. 0 or -errno. */
int directory_sync_name(const char *path);

#endif
