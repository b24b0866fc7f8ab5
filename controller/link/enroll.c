/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Certificates of agents: the first one for a token, the next ones for the one before. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "controller/link/agents_state.h"
#include "lib/base/log.h"

static int text_of(json_t *parameters, const char *name, const char **ret, struct err *err)
{
	*ret = json_string_value(json_object_get(parameters, name));
	if (*ret)
		return 0;
	err_set(err, -EINVAL, "expected string");
	return err_at(err, "%s", name);
}

/* A token that came to nothing is not used up: both are one transaction. */
static int enroll(struct agents *agents, const char *token, const char *request,
		  struct agent_name *name, char **certificate, struct err *err)
{
	uint8_t generation[AGENT_GENERATION_BYTES];
	int ret = model_begin(agents->model, err);

	if (ret < 0)
		return ret;
	ret = agent_redeem(agents->model, token, name, generation, err);
	if (ret == 0)
		ret = authority_sign(agents->authority, request, name->s, generation,
				     sizeof(generation), agents->certificate_s, certificate, err);
	if (ret == -EINVAL)
		err_at(err, "request");
	return model_end(agents->model, ret, err);
}

static const char *error_of(int code, const char *refused)
{
	if (code == -EACCES)
		return refused;
	return code == -EINVAL ? "InvalidParameter" : "Busy";
}

void agents_enroll(struct wire_call *call, json_t *parameters, void *data)
{
	AUTO(free_ptr) char *certificate = NULL;
	struct agents *agents = data;
	const char *token, *request;
	struct agent_name name;
	struct err err = ERR_NONE;

	if (text_of(parameters, "token", &token, &err) < 0 ||
	    text_of(parameters, "request", &request, &err) < 0 ||
	    enroll(agents, token, request, &name, &certificate, &err) < 0) {
		log_warning("agents: an enrolment is refused: %s", err_text(&err));
		agents_reply_error(call, error_of(err.code, "TokenRefused"), &err);
		err_clear(&err);
		return;
	}
	log_info("agents: %s is enrolled", name.s);
	wire_reply(call, json_pack("{s:s, s:s, s:s}", "name", name.s, "certificate", certificate,
				   "authority", agents->authority->certificate));
}

static int hex_digit(char digit)
{
	return digit <= '9' ? digit - '0' : digit - 'a' + 10;
}

/* The generation stays. */
static int renew(struct agents *agents, const struct wire_peer *peer, const char *request,
		 char **certificate, struct err *err)
{
	uint8_t generation[AGENT_GENERATION_BYTES];
	struct agent agent = { 0 };
	int ret = agent_of(agents->model, peer->name, peer->serial, &agent, err);

	if (ret == 0) {
		for (size_t i = 0; i < sizeof(generation); i++)
			generation[i] = (uint8_t)(hex_digit(agent.generation[2 * i]) << 4 |
						  hex_digit(agent.generation[2 * i + 1]));
		ret = authority_sign(agents->authority, request, peer->name, generation,
				     sizeof(generation), agents->certificate_s, certificate, err);
	}
	model_clear(&agent_type, &agent);
	return ret == -EINVAL ? err_at(err, "request") : ret;
}

void agents_renew(struct wire_call *call, json_t *parameters, void *data)
{
	AUTO(free_ptr) char *certificate = NULL;
	struct agents *agents = data;
	struct err err = ERR_NONE;
	const char *request;

	if (!agents_caller(agents, call))
		return;
	if (text_of(parameters, "request", &request, &err) < 0 ||
	    renew(agents, wire_call_peer(call), request, &certificate, &err) < 0)
		agents_reply_error(call, error_of(err.code, "NotEnrolled"), &err);
	else
		wire_reply(call, json_pack("{s:s}", "certificate", certificate));
	err_clear(&err);
}
