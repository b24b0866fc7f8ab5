/* SPDX-License-Identifier: GPL-2.0-or-later */
/* token.h - who has logged in where: tokens by the controller's address, in a file that is its
 * owner's alone: $WEFT_SESSIONS, or weft/sessions.json where the user's state is kept. */
#ifndef WEFT_CLI_TOKEN_H
#define WEFT_CLI_TOKEN_H

/* The caller's; NULL: there is none for the address. */
char *token_read(const char *address);

/* NULL takes it away. CLI_DONE, else the reason is told. */
int token_write(const char *address, const char *token);

#endif
