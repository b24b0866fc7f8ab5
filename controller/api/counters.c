/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counters: what an object has carried, asked of its agent. */
#include <errno.h>
#include <stdlib.h>

#include "controller/api/api_state.h"
#include "controller/count/count.h"
#include "lib/base/clock.h"

/* An agent that is there answers at once. */
static const struct timeval patience = { 10, 0 };

struct asking {
	struct api_stream stream;
	struct request *request;
	struct count_question question;
	struct event *timeout;
};

static json_t *answer_of(json_t *counters)
{
	return json_pack("{s:O, s:I}", "counters", counters, "read_ms",
			 (json_int_t)clock_wall_ms());
}

static void on_answered(struct count_question *question, json_t *counters, const struct err *err)
{
	struct asking *asking = CONTAINER_OF(question, struct asking, question);

	if (!err)
		asking->request->reply = answer_of(counters);
	request_end(asking->request, err);
}

static void on_timeout(evutil_socket_t fd, short what, void *data)
{
	struct asking *asking = data;
	struct err err = ERR_NONE;

	(void)fd;
	(void)what;
	err_set(&err, -ETIMEDOUT, "its agent does not answer");
	request_end(asking->request, &err);
	err_clear(&err);
}

static void asking_free(struct api_stream *stream)
{
	struct asking *asking = CONTAINER_OF(stream, struct asking, stream);

	counts_drop(&asking->question);
	event_free(asking->timeout);
	free(asking);
}

static int ask(struct request *request, const struct model_type *type, const char *uuid,
	       struct err *err)
{
	struct asking *asking = mem_alloc(sizeof(*asking));
	json_t *none;
	int ret;

	asking->stream = (struct api_stream){ NULL, asking_free };
	asking->request = request;
	asking->question.answered = on_answered;
	asking->timeout = evtimer_new(request->api->base, on_timeout, asking);
	ret = counts_ask(request->api->counts, type, uuid, &asking->question, err);
	if (ret == 0) {
		evtimer_add(asking->timeout, &patience);
		request->stream = &asking->stream;
		return 0;
	}
	asking_free(&asking->stream);
	if (ret < 0)
		return ret;
	none = json_array();
	request->reply = answer_of(none);
	json_decref(none);
	return 0;
}

int counters_run(struct request *request, struct err *err)
{
	const struct model_type *type;
	const char *uuid;
	json_t *object;

	if (request_type(request, &type, err) < 0 ||
	    request_text(request, "uuid", true, &uuid, err) < 0)
		return err->code;
	if (!type->counted) {
		err_set(err, -EINVAL, "nothing is counted for a %s", type->table.name);
		return err_at(err, "type");
	}
	/* Who does not see it is told that it is not there. */
	if (model_get(request->model, type, uuid, &object, err) < 0)
		return err->code;
	json_decref(object);
	return ask(request, type, uuid, err);
}
