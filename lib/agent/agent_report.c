/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reports: how objects, services and counters are doing. Of objects only those are told that are
 * another than they were told last; one report at a time. */
#include <stdlib.h>
#include <string.h>

#include "lib/agent/agent_link_state.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

/* What comes in a bunch is told once; and without news as well, now and then. */
#define SOON_MS   100
#define SLOWLY_MS 15000

static void report_in(struct agent_link *link, unsigned int ms)
{
	struct timeval wait = { ms / 1000, (suseconds_t)(ms % 1000) * 1000 };

	link->report_at_ms = clock_ms() + ms;
	evtimer_add(link->report_timer, &wait);
}

/* Those of 'objects' that are another than 'told', which is made to know them. */
static json_t *changed_objects(struct agent_link *link, const json_t *objects)
{
	json_t *told = json_object(), *changed = json_array(), *object;
	size_t i;

	json_array_foreach (objects, i, object) {
		AUTO(free_ptr)
		char *key =
			mem_format("%s %s", json_string_value(json_object_get(object, "section")),
				   json_string_value(json_object_get(object, "uuid")));

		if (!json_equal(json_object_get(link->told, key), object))
			json_array_append(changed, object);
		json_object_set(told, key, object);
	}
	json_decref(link->told);
	link->told = told;
	return changed;
}

static void on_reported(struct wire_link *wire, const struct wire_answer *answer, void *data)
{
	struct agent_link *link = data;
	struct err err = ERR_NONE;

	(void)wire;
	link->reporting = false;
	if (wire_answer_err(answer, &err) < 0) {
		agent_link_lost(link, "report", err_text(&err));
		err_clear(&err);
		return;
	}
	report_in(link, link->changed ? SOON_MS : SLOWLY_MS);
	link->changed = false;
}

static json_t *report(struct agent_link *link)
{
	struct agent *agent = link->agent;
	json_t *objects = agent_status_objects(agent), *services = json_array();
	json_t *said;

	if (agent->type->status)
		agent->type->status(agent, services);
	said = json_pack("{s:I, s:s, s:o, s:o}", "revision",
			 (json_int_t)(agent->document ? document_revision(agent->document) : 0),
			 "version", WEFT_VERSION, "objects", changed_objects(link, objects),
			 "services", services);
	json_decref(objects);
	if (link->failure) {
		json_object_set_new(said, "failure", json_string(link->failure));
		json_object_set_new(said, "failure_revision",
				    json_integer((json_int_t)link->failed_revision));
	}
	return said;
}

static void on_due(evutil_socket_t fd, short what, void *data)
{
	struct agent_link *link = data;
	struct err err = ERR_NONE;
	json_t *said;

	(void)fd;
	(void)what;
	if (!link->report || !link->told)
		return; /* When it is there, everything is told. */
	if (link->reporting) {
		link->changed = true;
		return;
	}
	said = report(link);
	if (wire_link_call(link->report, LINK_INTERFACE "Report", said, false, on_reported, link,
			   &err) == 0)
		link->reporting = true;
	else
		log_debug("report: %s", err_text(&err));
	json_decref(said);
	err_clear(&err);
}

void agent_report_begin(struct agent_link *link)
{
	json_decref(link->told);
	link->told = json_object();
	agent_report_soon(link);
}

void agent_report_soon(struct agent_link *link)
{
	if (link->reporting)
		link->changed = true;
	/* What is on its way soon is not put off by what comes then. */
	if (clock_ms() + SOON_MS < link->report_at_ms || !evtimer_pending(link->report_timer, NULL))
		report_in(link, SOON_MS);
}

void agent_link_changed(struct agent *agent)
{
	if (agent->link)
		agent_report_soon(agent->link);
}

void agent_report_open(struct agent_link *link)
{
	link->report_timer = evtimer_new(link->agent->base, on_due, link);
}

void agent_report_close(struct agent_link *link)
{
	event_free(link->report_timer);
	json_decref(link->told);
}
