/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The connections to the controller: one hears (Watch), one speaks (Report). Both or none. */
#include "lib/agent/agent_link.h"

#include <errno.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#include "lib/agent/agent_link_state.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

/* Between two tries: twice as long each time, and each agent at a time of its own. */
#define FIRST_MS 500
#define LAST_MS  30000
/* A document that could not be taken is asked for again. */
#define REFUSED_MS 15000

static void dial_in(struct agent_link *link, unsigned int ms)
{
	struct timeval wait;
	uint32_t random = 0;

	RAND_bytes((unsigned char *)&random, sizeof(random));
	ms -= random % (ms / 2 + 1);
	wait = (struct timeval){ ms / 1000, (suseconds_t)(ms % 1000) * 1000 };
	evtimer_add(link->again, &wait);
}

static void hang_up(struct agent_link *link)
{
	agent_count_close(link);
	wire_link_free(STEAL(link->enrolment));
	wire_link_free(STEAL(link->watch));
	wire_link_free(STEAL(link->report));
	link->reporting = false;
	evtimer_del(link->renew_timer);
}

void agent_link_lost(struct agent_link *link, const char *what, const char *why)
{
	unsigned int ms = link->failures < 7 ? FIRST_MS << link->failures : LAST_MS;

	/* Once, and then only what is new: a controller may be away for long. */
	if (!link->failures)
		log_warning("controller %s: %s: %s; the network stays as it is",
			    link->agent->options.controller, what, why);
	else
		log_debug("controller %s: %s: %s", link->agent->options.controller, what, why);
	hang_up(link);
	link->failures++;
	dial_in(link, ms < LAST_MS ? ms : LAST_MS);
}

static void on_closed(struct wire_link *wire, const struct err *why, void *data)
{
	struct agent_link *link = data;

	agent_link_lost(link, wire == link->watch ? "watch" : "report", err_text(why));
}

static const struct wire_link_events events = { NULL, on_closed };

static int dial(struct agent_link *link, struct wire_tls *tls, struct wire_link **wire,
		struct err *err)
{
	return wire_link_new(link->agent->base, link->agent->options.controller, tls, &events, link,
			     wire, err);
}

/* ---- what the controller says --------------------------------------------------------------- */

static int64_t held_revision(const struct agent *agent)
{
	return agent->document ? document_revision(agent->document) : 0;
}

static int take(struct agent_link *link, json_t *parameters, struct err *err)
{
	json_t *state = json_object_get(parameters, "state");
	json_t *base = json_object_get(parameters, "base_revision");
	int64_t revision = json_integer_value(json_object_get(parameters, "revision"));
	struct agent *agent = link->agent;
	struct plan plan = PLAN_NONE;
	int ret = 0;

	if (state)
		ret = agent_apply(agent, state, false, &plan, err);
	else if (!base)
		ret = held_revision(agent) == revision
			      ? 0
			      : err_set(err, -ESTALE, "revision %lld is not held",
					(long long)revision);
	else if (!agent->document || json_integer_value(base) != held_revision(agent))
		ret = err_set(err, -ESTALE, "a patch of revision %lld does not fit",
			      (long long)json_integer_value(base));
	else
		ret = agent_patch(agent, revision, json_object_get(parameters, "upsert"),
				  json_object_get(parameters, "remove"), false, &plan, err);
	plan_clear(&plan);
	return ret;
}

/* Nothing was changed. The whole document is asked for: at once where a patch did not fit. */
static void refuse(struct agent_link *link, const json_t *parameters, const struct err *err)
{
	bool whole = json_object_get(parameters, "state");

	link->failed_revision = json_integer_value(json_object_get(parameters, "revision"));
	free(link->failure);
	link->failure = err->path ? mem_format("%s: %s", err->path, err_text(err))
				  : mem_text(err_text(err));
	log_error("the controller's document: %s", link->failure);
	agent_held_write(link, "");
	agent_report_soon(link);
	dial_in(link, whole ? REFUSED_MS : FIRST_MS);
}

static void confirm(struct agent_link *link, json_t *parameters)
{
	const char *digest = json_string_value(json_object_get(parameters, "digest"));

	free(link->failure);
	link->failure = NULL;
	agent_held_write(link, digest ? digest : "");
	agent_report_soon(link);
}

/* The controller knows us: what it was told before counts no more. */
static void is_there(struct agent_link *link)
{
	if (!link->failures && link->told)
		return;
	link->failures = 0;
	log_info("controller %s: it is there", link->agent->options.controller);
	agent_report_begin(link);
	agent_link_renew_later(link);
}

static void on_document(struct wire_link *wire, const struct wire_answer *answer, void *data)
{
	struct agent_link *link = data;
	bool first = !link->agent->document;
	struct err err = ERR_NONE;
	const json_t *count;

	(void)wire;
	if (wire_answer_err(answer, &err) < 0) {
		agent_link_lost(link, "watch", err_text(&err));
		err_clear(&err);
		return;
	}
	is_there(link);
	count = json_object_get(answer->parameters, "count");
	if (count) {
		agent_count_asked(link, count);
		return;
	}
	if (evtimer_pending(link->again, NULL))
		return; /* The whole document is about to be asked for. */
	if (take(link, answer->parameters, &err) < 0)
		refuse(link, answer->parameters, &err);
	else
		confirm(link, answer->parameters);
	/* With the first document comes the packet filter, and with it connection tracking. To it a
	 * connection from before is begun by who sends next, and the controller may begin none:
	 * what it says would be dropped. */
	if (first && link->agent->document)
		dial_in(link, FIRST_MS);
	err_clear(&err);
}

/* ---- dialling ------------------------------------------------------------------------------- */

static int watch(struct agent_link *link, struct err *err)
{
	json_t *parameters =
		json_pack("{s:I, s:s}", "revision", (json_int_t)held_revision(link->agent),
			  "digest", link->digest);
	int ret = wire_link_call(link->watch, LINK_INTERFACE "Watch", parameters, true, on_document,
				 link, err);

	json_decref(parameters);
	return ret;
}

static int connect_both(struct agent_link *link, struct err *err)
{
	struct wire_tls *tls;
	int ret;

	if (!link->identity.key)
		return err_set(err, -ENOKEY, "there is no certificate, and no token to get one");
	if (identity_tls(&link->identity, &tls, err) < 0)
		return err->code;
	ret = dial(link, tls, &link->watch, err);
	if (ret == 0)
		ret = dial(link, tls, &link->report, err);
	wire_tls_free(tls);
	return ret == 0 ? watch(link, err) : ret;
}

void agent_link_dial(struct agent_link *link)
{
	struct err err = ERR_NONE;

	evtimer_del(link->again);
	hang_up(link);
	json_decref(STEAL(link->told));
	if (agent_link_enrol(link))
		return;
	agent_held_read(link);
	if (connect_both(link, &err) < 0)
		agent_link_lost(link, "dialling", err_text(&err));
	err_clear(&err);
}

static void on_again(evutil_socket_t fd, short what, void *data)
{
	(void)fd;
	(void)what;
	agent_link_dial(data);
}

static void on_renew(evutil_socket_t fd, short what, void *data)
{
	(void)fd;
	(void)what;
	agent_link_renew(data);
}

void agent_link_forced(struct agent *agent)
{
	struct agent_link *link = agent->link;

	if (!link)
		return;
	log_warning("the document was changed here by force; the controller puts back its own");
	agent_held_write(link, "");
	if (link->watch)
		dial_in(link, FIRST_MS);
}

int agent_link_open(struct agent *agent, struct err *err)
{
	AUTO(free_ptr) char *directory = mem_format("%s/controller", agent->options.state_dir);
	struct agent_link *link;

	if (!agent->options.controller)
		return 0;
	link = agent->link = mem_alloc(sizeof(*link));
	link->agent = agent;
	link->again = evtimer_new(agent->base, on_again, link);
	link->renew_timer = evtimer_new(agent->base, on_renew, link);
	agent_report_open(link);
	if (identity_open(&link->identity, directory, err) < 0)
		return err->code;
	agent_link_dial(link);
	return 0;
}

void agent_link_close(struct agent *agent)
{
	struct agent_link *link = STEAL(agent->link);

	if (!link)
		return;
	hang_up(link);
	agent_report_close(link);
	event_free(link->again);
	event_free(link->renew_timer);
	identity_close(&link->identity);
	pki_forget(&link->key);
	free(link->failure);
	free(link);
}
