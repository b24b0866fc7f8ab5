/* SPDX-License-Identifier: GPL-2.0-or-later */
/* count.h - what objects have carried, asked of the agents that count it, when somebody asks.
 *
 * Nothing is kept: an answer is as fresh as the question, and who does not ask costs nothing
 * (docs/decisions/0022). Whoever has the agents serves; the API asks. */
#ifndef WEFT_COUNT_COUNT_H
#define WEFT_COUNT_COUNT_H

#include "controller/model/model.h"

struct counts;

/* A question, in the struct of who asks. It is open until it is answered or dropped. */
struct count_question {
	/* From the event loop, once; it is open no more. 'counters': a list of {uuid, kind, of?,
	 * bytes_up?, bytes_down?, packets_up?, packets_down?, sessions?, sessions_total?},
	 * borrowed; NULL with 'err'. */
	void (*answered)(struct count_question *question, json_t *counters, const struct err *err);

	/* count.c's and the server's own. */
	struct counts *counts;
	int64_t number;
	struct count_question *next, **here; /* In a list of the server's. */
};

struct counts *counts_new(void);
void counts_free(struct counts *counts); /* Nothing is open any more. */

/* Who has the agents: puts the question into a list of open ones by count_open(), or answers at
 * once: 1, nobody counts such a one; -EAGAIN, its agent is not there now. */
typedef int counts_server_fn(void *data, const struct model_type *type, const char *uuid,
			     struct count_question *question, struct err *err);
void counts_serve(struct counts *counts, counts_server_fn *server, void *data);

/* 0: it is open. 1: it has no counters. -EAGAIN: it cannot be asked now, or so many are asked for
 * already. */
int counts_ask(struct counts *counts, const struct model_type *type, const char *uuid,
	       struct count_question *question, struct err *err);
void counts_drop(struct count_question *question); /* Also of one that is not open. */

/* For the server. A number is given to one question alone. */
void count_open(struct count_question *question, struct count_question **list);
struct count_question *count_find(struct count_question *list, int64_t number);
void count_answer(struct count_question *question, json_t *counters, const struct err *err);

#endif
