/* SPDX-License-Identifier: GPL-2.0-or-later */
/* api_state.h - the methods, for their own files. */
#ifndef WEFT_API_API_STATE_H
#define WEFT_API_API_STATE_H

#include "controller/api/api.h"
#include "controller/api/password.h"
#include "lib/base/map.h"

struct api {
	struct event_base *base;
	struct model *model;
	struct jobs *jobs;
	struct counts *counts;
	struct password_worker *passwords;
	struct map failures; /* login.c: of names that did not get in. */
	struct event *sweep; /* Deletes what is too old. */
	struct api_call *calls;
	struct watch *watches; /* watch.c */
};

/* Who calls: texts are owned, NULL where there is none. */
struct api_who {
	struct model_caller caller; /* Of the texts below. */
	bool reads_only;
	char *account, *account_name, *user, *user_name, *session;
};

/* What answers a call later, or more than once: made by its method's run. */
struct api_stream {
	void (*read)(struct api_stream *stream); /* The reader has taken everything; may be NULL. */
	void (*free)(struct api_stream *stream);
};

struct request {
	struct api *api;
	struct model *model;
	json_t *parameters; /* Owned, an object. */
	json_t *reply;      /* What the method makes. */

	bool trusted;
	char *address, *token; /* Owned. */
	struct api_who who;
	uint64_t started_us;
	int64_t started_ms;
	struct password_job job;
	bool job_done;

	const struct api_reader *reader; /* NULL: there is one answer. */
	struct api_stream *stream;       /* Owned; NULL: run makes the reply. */
};

/* For streams, from the event loop. After request_end() the stream and its request are gone: with
 * 'err' it is that error, else the last answer is the request's reply. */
void request_more(struct request *request, json_t *parameters); /* Taken over. */
size_t request_unread(const struct request *request);
void request_end(struct request *request, const struct err *err);

enum {
	API_CHANGES = 1, /* Is audited; nothing for who only looks. */
	API_ADMIN = 2,   /* For admin alone. */
	API_OPEN = 4,    /* For those who have not logged in as well. */
};

struct api_method {
	const char *name;       /* NULL ends a table. */
	const char *parameters; /* Their names, each between bars: "|type|spec|". */
	unsigned int flags;
	int (*run)(struct request *request, struct err *err);

	/* May be NULL. 1: the password's job has to be done first, it is filled in. */
	int (*prepare)(struct request *request, struct err *err);
};

extern const struct api_method api_methods[];

/* request.c: -EINVAL with the name of one that is none of 'names' ("|type|spec|"). */
int request_known(const struct request *request, const char *names, struct err *err);

/* Parameters, checked; an optional one that is not given is NULL, false or 0. -EINVAL
 * with the path. */
int request_text(const struct request *request, const char *name, bool required, const char **ret,
		 struct err *err);
int request_flag(const struct request *request, const char *name, bool *ret, struct err *err);
int request_number(const struct request *request, const char *name, int64_t min, int64_t max,
		   int64_t fallback, int64_t *ret, struct err *err);
/* Borrowed. */
int request_object(const struct request *request, const char *name, bool required, json_t **ret,
		   struct err *err);
int request_array(const struct request *request, const char *name, json_t **ret, struct err *err);
int request_type(const struct request *request, const struct model_type **ret, struct err *err);

/* enrollment.c */
int enrollment_token_run(struct request *request, struct err *err);

/* watch.c */
int watch_run(struct request *request, struct err *err);

/* job.c */
int job_run(struct request *request, struct err *err);

/* counters.c */
int counters_run(struct request *request, struct err *err);

/* query.c */
int query_run(struct request *request, struct err *err);

/* login.c */
int login_prepare(struct request *request, struct err *err);
int login_run(struct request *request, struct err *err);
int logout_run(struct request *request, struct err *err);
void login_forget_all(struct api *api);

/* session.c: who a token stands for. -EKEYREJECTED: nobody. */
int session_who(struct model *model, const char *token, struct api_who *who, struct err *err);
void who_clear(struct api_who *who);
/* For how long a session still holds. -EKEYREJECTED: it is over. */
int session_left_ms(struct model *model, const char *uuid, int64_t *left_ms, struct err *err);
/* A new session and its token, the caller's. */
int session_new(struct request *request, char **token, struct err *err);
int session_delete_old(struct model *model, struct err *err);

/* hash.c: passwords within a spec or an action's parameters become hashes. */
int hash_prepare(struct request *request, struct err *err);
/* First of all: texts of the parameters that were taken before are gone. */
void hash_put(struct request *request);

/* audit.c: writes down what came of the call. 'error' is NULL for none; within a transaction of the
 * model. */
int audit_add(const struct request *request, const char *method, const char *error,
	      const char *reason, json_t *answer, struct err *err);
int audit_delete_old(struct model *model, struct err *err);

#endif
