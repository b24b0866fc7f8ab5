/* SPDX-License-Identifier: GPL-2.0-or-later */
/* haproxy_count.c - sums over workers, from what each says of itself. Pure. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vrouter/service/haproxy_counting.h"

/* HAProxy management guide, section 9.1. */
enum column {
	COLUMN_PROXY = 0,
	COLUMN_SERVER = 1,
	COLUMN_SESSIONS = 4,
	COLUMN_SESSIONS_TOTAL = 7,
	COLUMN_BYTES_IN = 8,
	COLUMN_BYTES_OUT = 9,
	COLUMNS
};

static void pass_on(struct haproxy_counter *counter)
{
	counter->before.sessions_total += counter->now.sessions_total;
	counter->before.bytes_in += counter->now.bytes_in;
	counter->before.bytes_out += counter->now.bytes_out;
	counter->now = (struct haproxy_count){ 0 };
}

typedef void counter_fn(void *data, const struct haproxy_listener *listener,
			const struct haproxy_member *member, struct haproxy_counter *counter);

static void each_counter(const struct haproxy_model *model, counter_fn *fn, void *data)
{
	struct map_node *node, *after;

	map_for_each (&model->listeners, node, after) {
		struct haproxy_listener *listener =
			CONTAINER_OF(node, struct haproxy_listener, by_uuid);

		fn(data, listener, NULL, &listener->counter);
		for (struct haproxy_member *member = listener->members; member;
		     member = member->next)
			fn(data, listener, member, &member->counter);
	}
}

static void pass_on_one(void *data, const struct haproxy_listener *listener,
			const struct haproxy_member *member, struct haproxy_counter *counter)
{
	(void)data;
	(void)listener;
	(void)member;
	pass_on(counter);
}

/* "Pid: 4711": another worker counts now. */
static void read_worker(struct haproxy_model *model, const char *line)
{
	unsigned long worker = strtoul(line, NULL, 10);

	if (model->counting_worker && model->counting_worker != worker)
		each_counter(model, pass_on_one, NULL);
	model->counting_worker = worker;
}

static struct haproxy_counter *counter_of(const struct haproxy_model *model, const char *listener,
					  const char *member)
{
	struct haproxy_listener *found = haproxy_model_listener(model, listener);
	struct haproxy_member *one;

	if (!found || !member)
		return found ? &found->counter : NULL;
	one = *haproxy_listener_find(found, member);
	return one ? &one->counter : NULL;
}

static void read_line(struct haproxy_model *model, char *line)
{
	char *column[COLUMNS];
	const char *server;
	struct haproxy_counter *counter;
	struct haproxy_count now;

	if (strncmp(line, "Pid: ", 5) == 0)
		read_worker(model, line + 5);
	for (size_t i = 0; i < COLUMNS; i++) {
		column[i] = strsep(&line, ",");
		if (!column[i])
			return;
	}
	server = column[COLUMN_SERVER];
	if (strncmp(column[COLUMN_PROXY], "l-", 2) != 0 ||
	    (strcmp(server, "FRONTEND") != 0 && strncmp(server, "m-", 2) != 0))
		return;
	counter = counter_of(model, column[COLUMN_PROXY] + 2, server[0] == 'm' ? server + 2 : NULL);
	if (!counter)
		return;
	now.sessions = strtoull(column[COLUMN_SESSIONS], NULL, 10);
	now.sessions_total = strtoull(column[COLUMN_SESSIONS_TOTAL], NULL, 10);
	now.bytes_in = strtoull(column[COLUMN_BYTES_IN], NULL, 10);
	now.bytes_out = strtoull(column[COLUMN_BYTES_OUT], NULL, 10);
	/* A member that was taken out and put in again counts from zero, in the same worker. */
	if (now.sessions_total < counter->now.sessions_total ||
	    now.bytes_in < counter->now.bytes_in)
		pass_on(counter);
	counter->now = now;
}

void haproxy_count_read(struct haproxy_model *model, const char *answer)
{
	AUTO(free_ptr) char *copy = mem_text(answer);
	char *rest = copy, *line;

	while ((line = strsep(&rest, "\n")))
		read_line(model, line);
}

static void add_count(struct text *text, const struct haproxy_count *count)
{
	text_format(text, " %llu %llu %llu", (unsigned long long)count->sessions_total,
		    (unsigned long long)count->bytes_in, (unsigned long long)count->bytes_out);
}

static void add_counter(void *data, const struct haproxy_listener *listener,
			const struct haproxy_member *member, struct haproxy_counter *counter)
{
	text_format(data, "%s %s", listener->uuid, member ? member->uuid : "-");
	add_count(data, &counter->before);
	add_count(data, &counter->now);
	text_add(data, "\n");
}

void haproxy_count_text(const struct haproxy_model *model, struct text *text)
{
	text_format(text, "worker %lu\n", model->counting_worker);
	each_counter(model, add_counter, text);
}

static void load_count(char **rest, struct haproxy_count *count)
{
	*count = (struct haproxy_count){ 0 };
	count->sessions_total = strtoull(*rest, rest, 10);
	count->bytes_in = strtoull(*rest, rest, 10);
	count->bytes_out = strtoull(*rest, rest, 10);
}

void haproxy_count_load(struct haproxy_model *model, const char *text)
{
	AUTO(free_ptr) char *copy = mem_text(text);
	char *rest = copy, *line;

	while ((line = strsep(&rest, "\n"))) {
		const char *listener = strsep(&line, " "), *member;
		struct haproxy_counter *counter;

		if (strcmp(listener, "worker") == 0 && line) {
			model->counting_worker = strtoul(line, NULL, 10);
			continue;
		}
		member = strsep(&line, " ");
		counter = member && line ? counter_of(model, listener,
						      strcmp(member, "-") == 0 ? NULL : member)
					 : NULL;
		if (!counter)
			continue;
		load_count(&line, &counter->before);
		load_count(&line, &counter->now);
	}
}
