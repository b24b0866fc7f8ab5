/* SPDX-License-Identifier: GPL-2.0-or-later */
/* child_spawn.h - starts a program that outlives us. */
#ifndef WEFT_BACKEND_CHILD_CHILD_SPAWN_H
#define WEFT_BACKEND_CHILD_CHILD_SPAWN_H

#include <stdint.h>
#include <sys/types.h>

#include "lib/base/err.h"

#define CHILD_CAPABILITIES_ALL UINT64_MAX

/* Forks a process that waits for child_spawn_go() before it becomes argv[0] (an absolute path): it
 * has its own session, no signal blocked, SIGHUP ignored until it says otherwise, an environment of
 * PATH, LANG and 'variable' ("NAME=VALUE", may be NULL) only, 'output' as standard output and
 * error, /dev/null as standard input and no other file of ours. If we die before we let it go, it
 * ends: so there is never a child without a record. It can never have capabilities (bits 1 <<
 * CAP_...) beyond 'capabilities', as far as we may take them away. Returns its pid; '*gate' is
 * closed by child_spawn_go(). */
pid_t child_spawn(const char *const *argv, const char *variable, int output, uint64_t capabilities,
		  int *gate, struct err *err);

/* Lets it go. It is -errno of exec if that failed, and the process is ending then. */
int child_spawn_go(int gate, struct err *err);

#endif
