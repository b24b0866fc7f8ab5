/* SPDX-License-Identifier: GPL-2.0-or-later */
/* secret.h - secrets come from files and from standard input, never from the command line. */
#ifndef WEFT_CLI_SECRET_H
#define WEFT_CLI_SECRET_H

/* "@FILE", or "-" for standard input, which is asked for without echo if it is a terminal; 'what'
 * is said then. One line break at the end is not part of it. The caller's, to be wiped by
 * secret_free(); NULL: the reason is told. */
char *secret_read(const char *from, const char *what);
void secret_free(char **secret);

#endif
