/* SPDX-License-Identifier: GPL-2.0-or-later */
/* setting.h - what holds for the whole controller and can be changed while it runs. */
#ifndef WEFT_MODEL_SETTING_H
#define WEFT_MODEL_SETTING_H

#include "controller/model/model.h"

enum setting {
	SETTING_SESSION_TIMEOUT,
	SETTING_LOGIN_FAILURES,
	SETTING_LOGIN_WINDOW,
	SETTING_LOGIN_LOCK,
	SETTING_AUDIT_RETENTION,
	N_SETTINGS,
};

/* As it is now; the default where the database cannot be read. */
int64_t setting_number(struct model *model, enum setting setting);

/* Makes those that are not there yet. */
int settings_seed(struct model *model, struct err *err);

#endif
