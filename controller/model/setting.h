/* SPDX-License-Identifier: GPL-2.0-or-later */
/* setting.h - what holds for the whole controller and can be changed while it runs. */
#ifndef WEFT_MODEL_SETTING_H
#define WEFT_MODEL_SETTING_H

#include "controller/model/types.h"

enum setting {
	SETTING_SESSION_TIMEOUT,
	SETTING_LOGIN_FAILURES,
	SETTING_LOGIN_WINDOW,
	SETTING_LOGIN_LOCK,
	SETTING_AUDIT_RETENTION,
	SETTING_PRIVATE_DEFAULT,
	N_SETTINGS,
};

/* As it is now, of a choice its place; the default where the database cannot be read. */
int64_t setting_number(struct model *model, enum setting setting);

/* Whether a record is of this setting. */
bool setting_is(const struct global_setting *record, enum setting setting);

/* Makes those that are not there yet. */
int settings_seed(struct model *model, struct err *err);

#endif
