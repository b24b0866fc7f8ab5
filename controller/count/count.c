/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/count/count.h"

#include <errno.h>
#include <stdlib.h>

/* At once. */
#define QUESTIONS_MAX 256

struct counts {
	counts_server_fn *server; /* NULL: no agents dial. */
	void *data;
	size_t n_open;
	int64_t last;
};

struct counts *counts_new(void)
{
	return mem_alloc(sizeof(struct counts));
}

void counts_free(struct counts *counts)
{
	free(counts);
}

void counts_serve(struct counts *counts, counts_server_fn *server, void *data)
{
	counts->server = server;
	counts->data = data;
}

int counts_ask(struct counts *counts, const struct model_type *type, const char *uuid,
	       struct count_question *question, struct err *err)
{
	if (!counts->server)
		return 1;
	if (counts->n_open >= QUESTIONS_MAX)
		return err_set(err, -EAGAIN, "%d counters are asked for already", QUESTIONS_MAX);
	question->counts = counts;
	return counts->server(counts->data, type, uuid, question, err);
}

void count_open(struct count_question *question, struct count_question **list)
{
	question->number = ++question->counts->last;
	question->next = *list;
	question->here = list;
	if (question->next)
		question->next->here = &question->next;
	*list = question;
	question->counts->n_open++;
}

void counts_drop(struct count_question *question)
{
	if (!question->here)
		return;
	*question->here = question->next;
	if (question->next)
		question->next->here = question->here;
	question->here = NULL;
	question->counts->n_open--;
}

struct count_question *count_find(struct count_question *list, int64_t number)
{
	while (list && list->number != number)
		list = list->next;
	return list;
}

void count_answer(struct count_question *question, json_t *counters, const struct err *err)
{
	counts_drop(question);
	question->answered(question, counters, err);
}
