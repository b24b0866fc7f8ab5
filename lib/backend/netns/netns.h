/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netns.h - network namespaces that are kept by a file, as ip-netns(8) keeps them.
 *
 * The namespace lives as long as something is mounted on its file, whoever made it: a later agent
 * finds it there. For a process with one thread: what it does in a namespace it enters itself. */
#ifndef WEFT_BACKEND_NETNS_NETNS_H
#define WEFT_BACKEND_NETNS_NETNS_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/base/err.h"

/* Makes an empty one at 'path'; one that is there already stays as it is. */
int netns_make(const char *path, struct err *err);
/* The namespace that process 'pid' is in is kept at 'path' from now on, if there is none yet: what
 * is mounted is not always seen by a later agent. */
int netns_keep(const char *path, pid_t pid, struct err *err);
bool netns_is_there(const char *path);
/* Lets go of it, and removes the file. It ends with the last process and socket in it. */
int netns_remove(const char *path, struct err *err);

/* Sockets are made in the namespace at 'path' from now on, until netns_leave() of what is returned:
 * a file of the namespace before. -errno with a sentence. */
int netns_enter(const char *path, struct err *err);
void netns_leave(int home);

#endif
