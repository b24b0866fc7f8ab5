/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tokens: 256 random bits, of which the hash alone is kept, as the uuid of the session. */
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "controller/api/api_state.h"
#include "controller/model/setting.h"
#include "controller/model/types.h"
#include "lib/base/clock.h"

#define TOKEN_BYTES 32

struct session_uuid {
	char s[2 * crypto_hash_sha256_BYTES + 1];
};

static struct session_uuid uuid_of(const char *token)
{
	uint8_t hash[crypto_hash_sha256_BYTES];
	struct session_uuid uuid;

	crypto_hash_sha256(hash, (const uint8_t *)token, strlen(token));
	sodium_bin2hex(uuid.s, sizeof(uuid.s), hash, sizeof(hash));
	return uuid;
}

void who_clear(struct api_who *who)
{
	free(who->account);
	free(who->account_name);
	free(who->user);
	free(who->user_name);
	free(who->session);
	*who = (struct api_who){ 0 };
}

/* Since its login, as long as the setting says now; less than 0: it is over. */
static int64_t left_ms_of(struct model *model, const struct session *session)
{
	int64_t age_ms = (int64_t)clock_wall_ms() - session->resource.created_ms;

	return setting_number(model, SETTING_SESSION_TIMEOUT) * 1000 - age_ms;
}

static int is_no_session(struct err *err)
{
	return err_set(err, -EKEYREJECTED, "there is no such session, or it is over");
}

int session_left_ms(struct model *model, const char *uuid, int64_t *left_ms, struct err *err)
{
	struct session session = { 0 };
	int ret = db_get(model_db(model), &session_type.table, uuid, &session, err);

	if (ret == 0)
		*left_ms = left_ms_of(model, &session);
	model_clear(&session_type, &session);
	return ret == -ENOENT || (ret == 0 && *left_ms < 0) ? is_no_session(err) : ret;
}

static int account_who(struct model *model, const struct session *session, struct api_who *who,
		       struct err *err)
{
	struct account account = { 0 };
	int ret = db_get(model_db(model), &account_type.table, session->account, &account, err);

	if (ret < 0)
		return ret;
	who->account = mem_text(session->account);
	who->account_name = mem_text(account.resource.name);
	who->session = mem_text(session->resource.uuid);
	who->caller = (struct model_caller){ who->account, account.kind == ACCOUNT_ADMIN };
	who->reads_only = session->user && account.kind != ACCOUNT_ADMIN;
	model_clear(&account_type, &account);
	return 0;
}

static int user_who(struct model *model, const struct session *session, struct api_who *who,
		    struct err *err)
{
	struct user user = { 0 };
	int ret;

	if (!session->user)
		return 0;
	ret = db_get(model_db(model), &user_type.table, session->user, &user, err);
	if (ret < 0)
		return ret;
	who->user = mem_text(session->user);
	who->user_name = mem_text(user.resource.name);
	model_clear(&user_type, &user);
	return 0;
}

int session_who(struct model *model, const char *token, struct api_who *who, struct err *err)
{
	struct session_uuid uuid = uuid_of(token);
	struct session session = { 0 };
	int ret = db_get(model_db(model), &session_type.table, uuid.s, &session, err);

	if (ret == 0 && left_ms_of(model, &session) < 0)
		ret = -ENOENT;
	if (ret == 0)
		ret = account_who(model, &session, who, err);
	if (ret == 0)
		ret = user_who(model, &session, who, err);
	model_clear(&session_type, &session);
	if (ret == -ENOENT)
		return is_no_session(err);
	return ret;
}

int session_new(struct request *request, char **token, struct err *err)
{
	const struct api_who *who = &request->who;
	uint8_t random[TOKEN_BYTES];
	char text[2 * TOKEN_BYTES + 1];
	struct session session = { 0 };
	struct session_uuid uuid;
	int ret;

	randombytes_buf(random, sizeof(random));
	sodium_bin2hex(text, sizeof(text), random, sizeof(random));
	uuid = uuid_of(text);
	session.resource.uuid = uuid.s;
	session.account = who->account;
	session.user = who->user;
	session.address = request->address;
	ret = model_add(request->model, &session_type, &session, err);
	if (ret == 0)
		*token = mem_text(text);
	sodium_memzero(random, sizeof(random));
	sodium_memzero(text, sizeof(text));
	return ret;
}

int session_delete_old(struct model *model, struct err *err)
{
	int64_t timeout = setting_number(model, SETTING_SESSION_TIMEOUT);

	return db_delete_less(model_db(model), &session_type.table, "created_ms",
			      (int64_t)clock_wall_ms() - timeout * 1000, err);
}
