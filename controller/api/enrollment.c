/* SPDX-License-Identifier: GPL-2.0-or-later */
/* EnrollmentToken: what an agent needs to enrol, said once. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "controller/api/api_state.h"
#include "controller/model/agent.h"

#define HOUR_S 3600
#define YEAR_S ((int64_t)365 * 24 * HOUR_S)

/* The token itself is not written down. */
static int grant(struct request *request, const struct model_type *type, const char *uuid,
		 int64_t seconds, char **token, int64_t *expires_ms, struct err *err)
{
	int ret = model_begin(request->model, err);

	if (ret < 0)
		return ret;
	ret = agent_grant(request->model, type, uuid, seconds, token, expires_ms, err);
	if (ret == 0)
		ret = audit_add(request, "EnrollmentToken", NULL, NULL, NULL, err);
	return model_end(request->model, ret, err);
}

int enrollment_token_run(struct request *request, struct err *err)
{
	const char *authority = model_authority(request->model), *uuid;
	AUTO(free_ptr) char *token = NULL, *whole = NULL;
	const struct model_type *type;
	int64_t seconds, expires_ms;

	if (request_type(request, &type, err) < 0 ||
	    request_text(request, "uuid", true, &uuid, err) < 0 ||
	    request_number(request, "seconds", 1, YEAR_S, HOUR_S, &seconds, err) < 0)
		return err->code;
	if (!agent_serves(type)) {
		err_set(err, -EINVAL, "only a router, vpc_router or host has an agent");
		return err_at(err, "type");
	}
	if (!authority)
		return err_set(err, -ENOTCONN, "controllerd was started without --agents");
	if (grant(request, type, uuid, seconds, &token, &expires_ms, err) < 0)
		return err->code;
	whole = mem_format("%s.%s", authority, token);
	request->reply =
		json_pack("{s:s, s:I}", "token", whole, "expires_ms", (json_int_t)expires_ms);
	explicit_bzero(whole, strlen(whole));
	explicit_bzero(token, strlen(token));
	return 0;
}
