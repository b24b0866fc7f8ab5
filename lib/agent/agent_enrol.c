/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Certificates: the first one for a token, the next ones before each ends. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/agent/agent_link_state.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

/* A renewal that failed. */
#define RENEW_AGAIN_S 60

static const char *text_of(const struct wire_answer *answer, const char *name)
{
	const char *text = json_string_value(json_object_get(answer->parameters, name));

	return text ? text : "";
}

/* The token: "FINGERPRINT.SECRET", with a line's end. NULL: there is none. */
static char *read_token(const struct agent_link *link)
{
	const char *path = link->agent->options.token_file;
	struct err err = ERR_NONE;
	char *token = NULL;

	if (!path)
		return NULL;
	if (pki_file_read(path, &token, &err) < 0) {
		if (err.code != -ENOENT || !link->identity.key)
			log_warning("token: %s", err_text(&err));
		err_clear(&err);
		return NULL;
	}
	token[strcspn(token, " \t\r\n")] = '\0';
	return token;
}

static void on_closed(struct wire_link *wire, const struct err *why, void *data)
{
	(void)wire;
	agent_link_lost(data, "enrolment", err_text(why));
}

static const struct wire_link_events events = { NULL, on_closed };

static void take(struct agent_link *link, const struct wire_answer *answer)
{
	struct err err = ERR_NONE;

	if (identity_replace(&link->identity, &link->key, text_of(answer, "certificate"),
			     text_of(answer, "authority"), &link->token, &err) < 0) {
		agent_link_lost(link, "enrolment", err_text(&err));
		err_clear(&err);
		return;
	}
	log_info("enrolled as %s", text_of(answer, "name"));
	wire_link_free(STEAL(link->enrolment));
	agent_link_dial(link);
}

static void on_enrolled(struct wire_link *wire, const struct wire_answer *answer, void *data)
{
	struct agent_link *link = data;
	struct err err = ERR_NONE;

	(void)wire;
	if (!answer->error) {
		take(link, answer);
		return;
	}
	wire_answer_err(answer, &err);
	if (strcmp(answer->error, LINK_INTERFACE "TokenRefused") == 0)
		link->refused = link->token;
	agent_link_lost(link, "enrolment", err_text(&err));
	err_clear(&err);
}

static int ask(struct agent_link *link, const char *secret, struct err *err)
{
	AUTO(free_ptr) char *request = NULL;
	json_t *parameters;
	int ret;

	pki_forget(&link->key);
	if (pki_key_new(&link->key, err) < 0 ||
	    pki_request(link->key, link->agent->type->program, &request, err) < 0)
		return err->code;
	parameters = json_pack("{s:s, s:s}", "token", secret, "request", request);
	ret = wire_link_call(link->enrolment, LINK_INTERFACE "Enroll", parameters, false,
			     on_enrolled, link, err);
	json_decref(parameters);
	return ret;
}

/* Whom the token names is dialled, whoever answers there. */
static int dial(struct agent_link *link, char *token, struct err *err)
{
	char *dot = strchr(token, '.');
	struct wire_tls *tls;
	int ret;

	if (!dot)
		return err_set(err, -EINVAL, "it is no token");
	*dot = '\0';
	if (wire_tls_new_pinned(token, &tls, err) < 0)
		return err->code;
	wire_tls_expect(tls, "controllerd");
	ret = wire_link_new(link->agent->base, link->agent->options.controller, tls, &events, link,
			    &link->enrolment, err);
	wire_tls_free(tls);
	return ret < 0 ? ret : ask(link, dot + 1, err);
}

bool agent_link_enrol(struct agent_link *link)
{
	AUTO(pki_forget) char *token = read_token(link);
	struct err err = ERR_NONE;

	if (!token)
		return false;
	link->token = pki_digest(token);
	if (strcmp(link->token.s, link->refused.s) == 0 ||
	    (link->identity.key && strcmp(link->token.s, link->identity.token.s) == 0))
		return false;
	if (dial(link, token, &err) < 0)
		agent_link_lost(link, "enrolment", err_text(&err));
	err_clear(&err);
	return true;
}

static void renew_in(struct agent_link *link, int64_t ms)
{
	struct timeval wait = { ms / 1000, ms % 1000 * 1000 };

	evtimer_add(link->renew_timer, &wait);
}

void agent_link_renew_later(struct agent_link *link)
{
	struct err err = ERR_NONE;
	int64_t at_ms, now_ms = (int64_t)clock_wall_ms();

	if (identity_renew_ms(&link->identity, &at_ms, &err) == 0)
		renew_in(link, at_ms > now_ms ? at_ms - now_ms : 0);
	err_clear(&err);
}

static void on_renewed(struct wire_link *wire, const struct wire_answer *answer, void *data)
{
	struct agent_link *link = data;
	struct pki_fingerprint token = link->identity.token;
	AUTO(free_ptr) char *authority = mem_text(link->identity.authority);
	struct err err = ERR_NONE;

	(void)wire;
	if (wire_answer_err(answer, &err) < 0 ||
	    identity_replace(&link->identity, &link->key, text_of(answer, "certificate"), authority,
			     &token, &err) < 0) {
		log_warning("the next certificate: %s", err_text(&err));
		renew_in(link, RENEW_AGAIN_S * 1000);
	} else {
		log_info("the certificate is renewed");
		agent_link_renew_later(link);
	}
	err_clear(&err);
}

void agent_link_renew(struct agent_link *link)
{
	AUTO(free_ptr) char *request = NULL;
	struct err err = ERR_NONE;
	json_t *parameters = NULL;

	if (!link->report)
		return; /* Where it is there again, it is looked at again. */
	pki_forget(&link->key);
	if (pki_key_new(&link->key, &err) == 0 &&
	    pki_request(link->key, link->agent->type->program, &request, &err) == 0)
		parameters = json_pack("{s:s}", "request", request);
	if (!parameters || wire_link_call(link->report, LINK_INTERFACE "Renew", parameters, false,
					  on_renewed, link, &err) < 0) {
		log_warning("the next certificate: %s", err_text(&err));
		renew_in(link, RENEW_AGAIN_S * 1000);
	}
	json_decref(parameters);
	err_clear(&err);
}
