/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Login and Logout. A name that fails too often waits; whether there is one of that name, and
 * whether name or password is wrong, makes no difference to what is said, or to how long it takes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "controller/api/api_state.h"
#include "controller/model/setting.h"
#include "controller/model/types.h"
#include "lib/base/clock.h"

/* Names come from outside: no more than these are remembered. */
#define FAILURES_MAX 10000

struct failure {
	struct map_node node;
	char *name;
	int64_t n;
	uint64_t first_ms, until_ms; /* 'until_ms' 0: it may try. */
};

static void failure_free(struct api *api, struct failure *failure)
{
	map_remove(&api->failures, &failure->node);
	free(failure->name);
	free(failure);
}

void login_forget_all(struct api *api)
{
	struct map_node *node, *after;

	map_for_each (&api->failures, node, after)
		failure_free(api, CONTAINER_OF(node, struct failure, node));
	map_clear(&api->failures);
}

static bool same_name(const struct map_node *node, const void *key)
{
	return strcmp(CONTAINER_OF(node, struct failure, node)->name, key) == 0;
}

/* No name has a line break. */
static char *name_of(const struct request *request)
{
	const char *user = json_string_value(json_object_get(request->parameters, "user"));

	return mem_format("%s\n%s",
			  json_string_value(json_object_get(request->parameters, "account")),
			  user ? user : "");
}

static struct failure *failure_find(struct api *api, const char *name)
{
	struct map_node *node = map_find(&api->failures, map_hash_text(name), same_name, name);

	return node ? CONTAINER_OF(node, struct failure, node) : NULL;
}

/* Whose time is over is forgotten; if that is not enough, the oldest. */
static void make_room(struct api *api, uint64_t window_ms)
{
	struct failure *oldest = NULL;
	struct map_node *node, *after;
	uint64_t now = clock_ms();

	if (api->failures.n < FAILURES_MAX)
		return;
	map_for_each (&api->failures, node, after) {
		struct failure *failure = CONTAINER_OF(node, struct failure, node);

		if (failure->until_ms <= now && failure->first_ms + window_ms < now)
			failure_free(api, failure);
		else if (!oldest || failure->first_ms < oldest->first_ms)
			oldest = failure;
	}
	if (api->failures.n >= FAILURES_MAX && oldest)
		failure_free(api, oldest);
}

static void note_failure(struct api *api, const char *name)
{
	uint64_t window = (uint64_t)setting_number(api->model, SETTING_LOGIN_WINDOW) * 1000;
	uint64_t lock = (uint64_t)setting_number(api->model, SETTING_LOGIN_LOCK) * 1000;
	struct failure *failure = failure_find(api, name);
	uint64_t now = clock_ms();

	if (!failure) {
		make_room(api, window);
		failure = mem_alloc(sizeof(*failure));
		failure->name = mem_text(name);
		map_add(&api->failures, &failure->node, map_hash_text(name));
	}
	if (!failure->n || failure->first_ms + window < now) {
		failure->n = 0;
		failure->first_ms = now;
	}
	if (++failure->n < setting_number(api->model, SETTING_LOGIN_FAILURES))
		return;
	failure->n = 0;
	failure->until_ms = now + lock;
}

static int check_lock(struct api *api, const char *name, struct err *err)
{
	const struct failure *failure = failure_find(api, name);
	uint64_t now = clock_ms();

	if (!failure || failure->until_ms <= now)
		return 0;
	return err_set(err, -EKEYREJECTED, "too many logins have failed: try again in %llu s",
		       (unsigned long long)((failure->until_ms - now + 999) / 1000));
}

static int wrong(struct err *err)
{
	return err_set(err, -EKEYREJECTED, "the name or the password is wrong");
}

/* The account that is named, and the hash of what has to be given; -ENOENT: there is none. */
static int find_account(struct request *request, const char *name, char **hash, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	struct api_who *who = &request->who;
	const struct account *account;
	int ret = model_find(request->model, &account_type, &rows, err, "name", name);

	if (ret < 0 || !rows.n)
		return ret < 0 ? ret : -ENOENT;
	account = db_row(&rows, 0);
	who->account = mem_text(account->resource.uuid);
	*hash = mem_text(account->password);
	return 0;
}

static int find_user(struct request *request, const char *name, char **hash, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	struct api_who *who = &request->who;
	const struct user *user;
	int ret;

	free(*hash);
	*hash = NULL;
	ret = model_find(request->model, &user_type, &rows, err, "account", who->account, "name",
			 name);
	if (ret < 0 || !rows.n)
		return ret < 0 ? ret : -ENOENT;
	user = db_row(&rows, 0);
	who->user = mem_text(user->resource.uuid);
	*hash = mem_text(user->password);
	return 0;
}

/* The hash that the password has to have; of nobody it is one that none has. */
static int find_hash(struct request *request, char **hash, struct err *err)
{
	const char *account, *user;
	int ret;

	*hash = NULL;
	who_clear(&request->who);
	if (request_text(request, "account", true, &account, err) < 0 ||
	    request_text(request, "user", false, &user, err) < 0)
		return err->code;
	ret = find_account(request, account, hash, err);
	if (ret == 0 && user)
		ret = find_user(request, user, hash, err);
	if (ret < 0 && ret != -ENOENT)
		return ret;
	if (!*hash)
		*hash = mem_text(password_nobody());
	return 0;
}

int login_prepare(struct request *request, struct err *err)
{
	AUTO(free_ptr) char *name = NULL;
	const char *password;
	int ret = find_hash(request, &request->job.hash, err);

	if (ret < 0 || request_text(request, "password", true, &password, err) < 0)
		return err->code;
	name = name_of(request);
	if (check_lock(request->api, name, err) < 0)
		return err->code;
	if (!*password || strlen(password) > PASSWORD_MAX) {
		note_failure(request->api, name);
		return wrong(err);
	}
	request->job.password = mem_text(password);
	return 1;
}

static int begin_session(struct request *request, char **token, struct err *err)
{
	int ret = model_begin(request->model, err);

	if (ret < 0)
		return ret;
	ret = session_new(request, token, err);
	if (ret == 0)
		ret = audit_add(request, "Login", NULL, NULL, NULL, err);
	return model_end(request->model, ret, err);
}

int login_run(struct request *request, struct err *err)
{
	int64_t timeout = setting_number(request->model, SETTING_SESSION_TIMEOUT);
	AUTO(free_ptr) char *name = name_of(request), *hash = NULL, *token = NULL;
	struct failure *failure;

	/* Others with the same name may have failed meanwhile, the password have changed. */
	if (check_lock(request->api, name, err) < 0 || find_hash(request, &hash, err) < 0)
		return err->code;
	if (!request->job.verified || !hash || strcmp(hash, request->job.hash) != 0) {
		note_failure(request->api, name);
		return wrong(err);
	}
	failure = failure_find(request->api, name);
	if (failure)
		failure_free(request->api, failure);
	if (begin_session(request, &token, err) < 0)
		return err->code;
	request->reply = json_pack("{s:s, s:s, s:s*, s:I}", "token", token, "account",
				   request->who.account, "user", request->who.user, "expires_ms",
				   (json_int_t)request->started_ms + timeout * 1000);
	return 0;
}

int logout_run(struct request *request, struct err *err)
{
	struct model *model = request->model;
	int ret;

	if (!request->who.session)
		return err_set(err, -EKEYREJECTED, "nobody has logged in");
	ret = model_begin(model, err);
	if (ret < 0)
		return ret;
	ret = model_remove(model, &session_type, request->who.session, err);
	if (ret == 0)
		ret = audit_add(request, "Logout", NULL, NULL, NULL, err);
	ret = model_end(model, ret, err);
	if (ret == 0)
		request->reply = json_object();
	return ret;
}
