/* SPDX-License-Identifier: GPL-2.0-or-later */
/* global_setting: one row of the table below, with its value. A new setting is a new row. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "controller/model/parts.h"
#include "controller/model/setting.h"
#include "lib/base/text.h"

static const char *const private_defaults[] = { "reject", "accept", NULL };

static const struct {
	const char *category, *name;
	int64_t fallback, min, max;
	bool basic;
	const char *doc;
	const char *const *choices; /* In place of numbers; NULL-terminated. */
} settings[N_SETTINGS] = {
	[SETTING_SESSION_TIMEOUT] = { "session", "timeout_s", 7200, 1, 31536000, true,
				      "A session ends so many seconds after its login." },
	[SETTING_LOGIN_FAILURES] = { "login", "failures", 5, 1, 1000, false,
				     "After so many failures of a name it cannot log in." },
	[SETTING_LOGIN_WINDOW] = { "login", "window_s", 300, 1, 86400, false,
				   "Failures count together within so many seconds." },
	[SETTING_LOGIN_LOCK] = { "login", "lock_s", 300, 1, 86400, false,
				 "For so many seconds it cannot then." },
	[SETTING_AUDIT_RETENTION] = { "audit", "retention_days", 90, 1, 36500, false,
				      "Calls are kept so many days." },
	[SETTING_PRIVATE_DEFAULT] = { "network", "private_default", 0, 0, 0, false,
				      "Whether guests reach listeners on VIPs of their router.",
				      private_defaults },
};

#define AT(member) offsetof(struct global_setting, member)

static const struct field global_setting_fields[] = {
	RESOURCE_UUID,
	{ "name", FIELD_TEXT, offsetof(struct resource, name), .computed = true, .unique = true,
	  .max = 255, .doc = "CATEGORY.NAME; the unit is at the end." },
	{ "description", FIELD_TEXT, offsetof(struct resource, description), .computed = true,
	  .max = 2048, .doc = "What it does." },
	RESOURCE_TIMES,
	{ "category", FIELD_TEXT, AT(category), .computed = true, .max = 255, .indexed = true,
	  .doc = "What it is about." },
	{ "value", FIELD_TEXT, AT(value), .required = true, .max = 255,
	  .doc = "In force from the next call on." },
	{ "default", FIELD_TEXT, AT(fallback), .computed = true, .max = 255,
	  .doc = "What it is at first." },
	{ "basic", FIELD_BOOL, AT(basic), .computed = true,
	  .doc = "Whether it is one of the few that are changed often." },
	{ 0 },
};

static int read_number(const char *text, int64_t *number)
{
	char *end;

	errno = 0;
	*number = strtoll(text, &end, 10);
	return *text && !*end && errno == 0 ? 0 : -EINVAL;
}

static int which(const char *uuid)
{
	for (int i = 0; i < N_SETTINGS; i++) {
		AUTO(free_ptr)
		char *name = mem_format("%s.%s", settings[i].category, settings[i].name);

		if (strcmp(name, uuid) == 0)
			return i;
	}
	return -1;
}

static int read_choice(int at, const char *text, int64_t *number)
{
	for (int i = 0; settings[at].choices[i]; i++) {
		if (strcmp(settings[at].choices[i], text) != 0)
			continue;
		*number = i;
		return 0;
	}
	return -EINVAL;
}

static int read_value(int at, const char *text, int64_t *number)
{
	return settings[at].choices ? read_choice(at, text, number) : read_number(text, number);
}

static int wrong_choice(int at, const char *value, struct err *err)
{
	struct text names = TEXT_NONE;
	int ret;

	for (const char *const *name = settings[at].choices; *name; name++)
		text_format(&names, "%s%s", names.length ? ", " : "", *name);
	ret = model_wrong(err, "value", "\"%.32s\" is none of %s", value, text_view(&names));
	text_clear(&names);
	return ret;
}

static int check_value(const struct model_change *change, struct err *err)
{
	const struct global_setting *setting = change->is;
	int at = which(setting->resource.uuid);
	int64_t number;

	if (at < 0)
		return 0; /* Of another version: nothing here reads it. */
	if (read_value(at, setting->value, &number) < 0)
		return settings[at].choices ? wrong_choice(at, setting->value, err)
					    : model_wrong(err, "value", "\"%.32s\" is no number",
							  setting->value);
	if (!settings[at].choices && (number < settings[at].min || number > settings[at].max))
		return model_wrong(err, "value", "%lld is outside %lld-%lld", (long long)number,
				   (long long)settings[at].min, (long long)settings[at].max);
	return 0;
}

static int check_stays(const struct model_change *change, struct err *err)
{
	(void)change;
	return model_refuse(err, "a setting stays");
}

static const struct model_rule global_setting_rules[] = {
	{ "value", "The value is within the setting's range.", MODEL_WRITE, check_value },
	{ "stays", "A setting cannot be deleted.", MODEL_DELETE, check_stays },
	{ 0 },
};

const struct model_type global_setting_type = {
	.table = { "global_setting", global_setting_fields, sizeof(struct global_setting), NULL },
	.doc = "What holds for the whole controller and can be changed while it runs.",
	.automatic = true,
	.rules = global_setting_rules,
};

int64_t setting_number(struct model *model, enum setting setting)
{
	AUTO(free_ptr)
	char *uuid = mem_format("%s.%s", settings[setting].category, settings[setting].name);
	struct global_setting record = { 0 };
	int64_t number = settings[setting].fallback;

	if (db_get(model_db(model), &global_setting_type.table, uuid, &record, NULL) < 0)
		return number;
	if (read_value(setting, record.value, &number) < 0)
		number = settings[setting].fallback;
	model_clear(&global_setting_type, &record);
	return number;
}

bool setting_is(const struct global_setting *record, enum setting setting)
{
	return which(record->resource.uuid) == (int)setting;
}

static char *fallback_text(int at)
{
	return settings[at].choices ? mem_text(settings[at].choices[settings[at].fallback])
				    : mem_format("%lld", (long long)settings[at].fallback);
}

static int seed_one(struct model *model, int at, struct err *err)
{
	struct global_setting record = { .basic = settings[at].basic };
	int ret;

	record.resource.uuid = mem_format("%s.%s", settings[at].category, settings[at].name);
	ret = db_has(model_db(model), &global_setting_type.table, record.resource.uuid, err);
	if (ret == 0) {
		record.resource.name = mem_text(record.resource.uuid);
		record.resource.description = mem_text(settings[at].doc);
		record.category = mem_text(settings[at].category);
		record.value = fallback_text(at);
		record.fallback = mem_text(record.value);
		ret = model_add(model, &global_setting_type, &record, err);
	}
	model_clear(&global_setting_type, &record);
	return ret < 0 ? ret : 0;
}

int settings_seed(struct model *model, struct err *err)
{
	int ret = 0;

	for (int i = 0; ret == 0 && i < N_SETTINGS; i++)
		ret = seed_one(model, i, err);
	return ret;
}
