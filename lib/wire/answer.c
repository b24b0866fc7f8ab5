/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/wire/answer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

char *call_text(const char *method, json_t *parameters, bool more, struct err *err)
{
	json_t *message;
	char *text;

	if (parameters && !json_is_object(parameters)) {
		err_set(err, -EINVAL, "the parameters of %s are no JSON object", method);
		return NULL;
	}
	message = json_pack("{s:s, s:O*}", "method", method, "parameters", parameters);
	if (message && more)
		json_object_set_new(message, "more", json_true());
	text = message ? json_dumps(message, JSON_COMPACT) : NULL;
	json_decref(message);
	if (!text)
		err_set(err, -EINVAL, "the call of %s cannot be written as JSON", method);
	return text;
}

int answer_read(json_t *message, struct wire_answer *answer, struct err *err)
{
	json_t *parameters = json_object_get(message, "parameters");

	if (!json_is_object(message) ||
	    (parameters && !json_is_object(parameters) && !json_is_null(parameters))) {
		json_decref(message);
		return err_set(err, -EBADMSG, "the service's answer is not in the form of one");
	}
	answer->parameters = json_is_object(parameters) ? json_incref(parameters) : json_object();
	answer->error = mem_text(json_string_value(json_object_get(message, "error")));
	answer->continues = json_is_true(json_object_get(message, "continues"));
	json_decref(message);
	return 0;
}

void wire_answer_clear(struct wire_answer *answer)
{
	json_decref(answer->parameters);
	free(answer->error);
	*answer = (struct wire_answer)WIRE_ANSWER_NONE;
}

static const char *member(const struct wire_answer *answer, const char *name)
{
	return json_string_value(json_object_get(answer->parameters, name));
}

static bool is_error(const struct wire_answer *answer, const char *name)
{
	const char *dot = strrchr(answer->error, '.');

	return strcmp(dot ? dot + 1 : answer->error, name) == 0;
}

int wire_answer_err(const struct wire_answer *answer, struct err *err)
{
	AUTO(free_ptr) char *rest = NULL;
	const char *reason;

	if (!answer->error)
		return 0;
	reason = member(answer, "reason");
	if (reason && member(answer, "path")) {
		err_set(err, -EREMOTEIO, "%s: %s", member(answer, "path"), reason);
	} else if (reason && member(answer, "capability")) {
		err_set(err, -EREMOTEIO, "%s is not supported: %s", member(answer, "capability"),
			reason);
	} else if (reason && member(answer, "object")) {
		err_set(err, -EREMOTEIO, "%s: %s", member(answer, "object"), reason);
	} else if (is_error(answer, "RevisionMismatch")) {
		err_set(err, -EREMOTEIO, "revision %lld is held",
			(long long)json_integer_value(json_object_get(answer->parameters, "held")));
	} else if (is_error(answer, "NotFound") && member(answer, "uuid")) {
		err_set(err, -EREMOTEIO, "%s is not there", member(answer, "uuid"));
	} else if (member(answer, "method")) {
		err_set(err, -EREMOTEIO, "the service has no method %s", member(answer, "method"));
	} else if (reason) {
		err_set(err, -EREMOTEIO, "%s: %s", answer->error, reason);
	} else if (json_object_size(answer->parameters)) {
		rest = json_dumps(answer->parameters, JSON_COMPACT);
		err_set(err, -EREMOTEIO, "%s %s", answer->error, rest ? rest : "");
	} else {
		err_set(err, -EREMOTEIO, "%s", answer->error);
	}
	return -EREMOTEIO;
}
