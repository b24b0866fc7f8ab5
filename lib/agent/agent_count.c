/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the controller asks for by its numbers: read in turns of the loop as for anyone else, and
 * told over the connection that speaks. */
#include <errno.h>
#include <stdlib.h>

#include "lib/agent/agent_link_state.h"
#include "lib/base/log.h"

/* At once; who asks for more is told so. */
#define COUNTS_MAX 64

struct link_count {
	struct agent_link *link;
	int64_t request;
	struct agent_counting *counting;
	struct link_count *next, **here;
};

static void on_told(struct wire_link *wire, const struct wire_answer *answer, void *data)
{
	struct err err = ERR_NONE;

	(void)wire;
	(void)data;
	if (wire_answer_err(answer, &err) < 0)
		log_warning("counters: %s", err_text(&err));
	err_clear(&err);
}

static void tell(struct agent_link *link, int64_t request, json_t *counters, const struct err *why)
{
	json_t *said = json_pack("{s:I, s:O*, s:s*}", "request", (json_int_t)request, "counters",
				 counters, "failure", why ? err_text(why) : NULL);
	struct err err = ERR_NONE;

	if (wire_link_call(link->report, LINK_INTERFACE "Counters", said, false, on_told, NULL,
			   &err) < 0)
		log_warning("counters: %s", err_text(&err));
	json_decref(said);
	err_clear(&err);
}

static void count_free(struct link_count *count)
{
	*count->here = count->next;
	if (count->next)
		count->next->here = count->here;
	count->link->n_counts--;
	free(count);
}

static void on_counted(void *data, json_t *counters, const struct err *err)
{
	struct link_count *count = data;

	tell(count->link, count->request, counters, err);
	count_free(count);
}

static int begin(struct agent_link *link, struct link_count *count, json_t *filter, struct err *err)
{
	const struct agent_type *type = link->agent->type;

	if (link->n_counts > COUNTS_MAX)
		return err_set(err, -EAGAIN, "%d are asked for already", COUNTS_MAX);
	if (!type->counters)
		return err_set(err, -EOPNOTSUPP, "%s counts nothing", type->program);
	count->counting = type->counters(link->agent, filter, on_counted, count, err);
	return count->counting ? 0 : err->code;
}

void agent_count_asked(struct agent_link *link, const json_t *asked)
{
	struct link_count *count = mem_alloc(sizeof(*count));
	struct err err = ERR_NONE;
	json_t *none = json_array();

	count->link = link;
	count->request = json_integer_value(json_object_get(asked, "request"));
	count->next = link->counts;
	count->here = &link->counts;
	if (count->next)
		count->next->here = &count->next;
	link->counts = count;
	link->n_counts++;
	if (begin(link, count, json_object_get(asked, "filter"), &err) < 0) {
		/* Of what is not here nothing is counted. */
		bool missing = err.code == -ENOENT;

		tell(link, count->request, missing ? none : NULL, missing ? NULL : &err);
		count_free(count);
	}
	json_decref(none);
	err_clear(&err);
}

void agent_count_close(struct agent_link *link)
{
	struct link_count *count, *after;

	for (count = link->counts; count; count = after) {
		after = count->next;
		count->counting->cancel(count->counting);
		count_free(count);
	}
}
