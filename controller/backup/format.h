/* SPDX-License-Identifier: GPL-2.0-or-later */
/* format.h - what writing and restoring have to agree on. */
#ifndef WEFT_CONTROLLER_BACKUP_FORMAT_H
#define WEFT_CONTROLLER_BACKUP_FORMAT_H

#define BACKUP_FORMAT 1

/* Below the state directory: who lost the authority would have to enrol all agents again. A
 * certificate comes behind its key. */
static const char *const backup_files[] = { "authority/authority.key", "authority/authority.pem",
					    "https.key", "https.pem", NULL };

#endif
