/* SPDX-License-Identifier: GPL-2.0-or-later */
/* account.h - what accounts and users have in common. */
#ifndef WEFT_MODEL_ACCOUNT_H
#define WEFT_MODEL_ACCOUNT_H

#include "controller/model/types.h"

/* The longest text of libsodium's hash is 127 bytes. */
#define PASSWORD_FIELD(type)                                                               \
	{                                                                                  \
		"password", FIELD_TEXT, offsetof(type, password),                          \
			.secret = true, .hashed = true, .max = 128,                        \
			.doc = "Kept as a hash. Whoever has logged in by the old one has " \
			       "to log in again."                                          \
	}

bool password_changed(const char *was, const char *is);

/* Ends those of the account that logged in as 'user'; NULL: as the account itself. */
int sessions_end(struct model *model, const char *account, const char *user, struct err *err);

#endif
