/* SPDX-License-Identifier: GPL-2.0-or-later */
/* session.h - several calls of the controller for one command. */
#ifndef WEFT_CLI_SESSION_H
#define WEFT_CLI_SESSION_H

#include "controller/cli/cli.h"

struct session {
	const struct cli *cli;
	struct wire_client *client;
	json_t *types; /* Described already: name -> description. */
	char *token;   /* Of who has logged in there; NULL: nobody. */
};

/* All return CLI_DONE, else have told the reason. */
int session_open(struct session *session, const struct cli *cli);
/* As somebody who has not logged in. */
int session_open_anew(struct session *session, const struct cli *cli);
void session_close(struct session *session);

/* 'parameters' is taken over; '*answer' is a new reference. */
int session_call(struct session *session, const char *method, json_t *parameters, json_t **answer);

/* The same for a stream of answers; 'each' sees them, borrowed, until it returns another status
 * than CLI_DONE, which is then the stream's. */
typedef int session_each_fn(struct session *session, const json_t *answer, void *data);
int session_stream(struct session *session, const char *method, json_t *parameters,
		   session_each_fn *each, void *data);

/* wait.c: whether --timeout is one, before anything is done. */
int session_check_wait(const struct session *session);
/* With --wait, until the job of a write's answer has ended: CLI_REFUSED with the reason if it
 * failed, or did not end in time. */
int session_wait(struct session *session, const json_t *answer);

/* The description of a type, borrowed. */
int session_describe(struct session *session, const char *type, const json_t **ret);

/* The uuid of what is called so, or is it already; the caller's. */
int session_resolve(struct session *session, const char *type, const char *called, char **ret);

/* What a method says of the object that the first two arguments name: 'TYPE NAME'. '*answer' is a
 * new reference. */
int session_ask_of_object(struct cli *cli, const char *method, json_t **answer);

/* The member of a list of descriptions with that name, or NULL. */
const json_t *described(const json_t *list, const char *name);

/* value.c: "FIELD=VALUE..." as the fields say into an object; names of others become their uuids.
 * An empty value is null. */
int values_read(struct session *session, const json_t *fields, char **texts, int n, json_t **ret);

/* condition.c: "vip.network.name=web", "vni>=100", "name like web%", "owner is null" into a
 * condition. */
int condition_read(struct session *session, const char *type, const char *text, json_t **ret);

/* object_print.c: one object, field by field; several in columns ('fields' NULL: those that fit).
 */
void object_print(struct session *session, const char *type, const json_t *object);
void objects_print(struct session *session, const char *type, const json_t *objects,
		   const json_t *fields);

#endif
