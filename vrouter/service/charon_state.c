/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrouter/service/charon_state.h"

#include <stdlib.h>
#include <string.h>

const char *charon_state_name(enum charon_state state)
{
	switch (state) {
	case CHARON_STARTING:
		return "starting";
	case CHARON_READY:
		return "ready";
	case CHARON_NEGOTIATED:
		return "negotiated";
	case CHARON_REKEYING:
		return "rekeying";
	case CHARON_FAILED:
		return "failed";
	}
	return "failed";
}

/* --- What there is --- */

static const char *text_of(const json_t *section, const char *key)
{
	const char *text = json_string_value(json_object_get(section, key));

	return text ? text : "";
}

static bool is_one_of(const char *word, const char *const *words)
{
	for (; *words; words++)
		if (strcmp(word, *words) == 0)
			return true;
	return false;
}

static void add_child(struct charon_sas *sas, const json_t *child)
{
	static const char *const up[] = { "INSTALLED", "UPDATING", "REKEYING", "REKEYED", NULL };
	const char *state = text_of(child, "state");
	unsigned long number = strtoul(text_of(child, "name"), NULL, 10);

	sas->is_rekeying |= strcmp(state, "REKEYING") == 0;
	if (!is_one_of(state, up) || number < 1 || number > CHARON_CHILDREN_MOST)
		return;
	if (number > sas->n) {
		bool *larger = mem_array(number, sizeof(*larger));

		if (sas->n)
			memcpy(larger, sas->up, sas->n * sizeof(*larger));
		free(sas->up);
		sas->up = larger;
		sas->n = number;
	}
	sas->n_up += !sas->up[number - 1];
	sas->up[number - 1] = true;
}

void charon_sas_add(struct charon_sas *sas, const char *name, const json_t *event)
{
	json_t *ike = json_object_get(event, name), *child;
	const char *state = text_of(ike, "state"), *key;

	if (!ike)
		return;
	sas->is_connecting |= strcmp(state, "CONNECTING") == 0 || strcmp(state, "CREATED") == 0 ||
			      json_object_get(ike, "tasks-queued") ||
			      json_object_get(ike, "tasks-active") ||
			      json_object_get(ike, "tasks-passive");
	sas->is_rekeying |= strcmp(state, "REKEYING") == 0;
	json_object_foreach (json_object_get(ike, "child-sas"), key, child)
		add_child(sas, child);
}

bool charon_sas_up(const struct charon_sas *sas, size_t child)
{
	return child < sas->n && sas->up[child];
}

void charon_sas_clear(struct charon_sas *sas)
{
	free(sas->up);
	*sas = (struct charon_sas){ 0 };
}

/* --- What is said --- */

/* Phrases of charon's log at level 1, IKEv1 and IKEv2, as initiator and as responder. */
static const struct {
	const char *phrase, *reason;
} reasons[] = {
	{ "NO_PROPOSAL_CHOSEN", "no common proposal" },
	{ "received proposals unacceptable", "no common proposal" },
	{ "received proposals inacceptable", "no common proposal" },
	{ "no matching proposal found", "no common proposal" },
	{ "no acceptable proposal found", "no common proposal" },
	{ "INVALID_KE_PAYLOAD", "no common proposal" },
	{ "AUTHENTICATION_FAILED", "authentication" },
	{ "AUTH_FAILED", "authentication" },
	{ "but MAC mismatched", "authentication" },
	{ "does not match HASH payload", "authentication" },
	{ "decryption failed", "authentication" },
	{ "PAYLOAD_MALFORMED", "authentication" },
	{ "no shared key found", "authentication" },
	{ "INVALID_ID_INFORMATION", "no common networks" },
	{ "TS_UNACCEPTABLE", "no common networks" },
	{ "no acceptable traffic selectors", "no common networks" },
	{ "no matching CHILD_SA config found", "no common networks" },
	{ "no matching peer config found", "the peer calls itself otherwise" },
	{ "no peer config found", "the peer calls itself otherwise" },
	{ "unable to install", "the kernel" },
};

char *charon_log_reason(const char *line)
{
	/* What is about to be sent was said before, with its reason. */
	if (strstr(line, "generating ") || strstr(line, "parsed "))
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++)
		if (strstr(line, reasons[i].phrase))
			return mem_format("%s: %s", reasons[i].reason, line);
	return NULL;
}

bool charon_log_silence(const char *line)
{
	return strstr(line, "giving up after ") || strstr(line, "peer not responding");
}

char *charon_log_initiator(const char *line)
{
	const char *end = strstr(line, " is initiating ");

	return end ? mem_text_n(line, (size_t)(end - line)) : NULL;
}
