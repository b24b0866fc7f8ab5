/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The life of a daemon: start, serve, stop. Stopping leaves everything in the kernel as it is. */
#include "lib/agent/agent.h"

#include <errno.h>
#include <event2/thread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "lib/agent/agent_link.h"
#include "lib/agent/agent_state.h"
#include "lib/agent/metrics.h"
#include "lib/base/directory.h"
#include "lib/base/heap.h"
#include "lib/base/log.h"
#include "lib/base/notify.h"
#include "lib/wire/tls.h"

#define EXIT_REFUSED 1

static void on_stop(evutil_socket_t signal_number, short what, void *data)
{
	struct agent *agent = data;

	(void)what;
	log_info("%s: %s; the network stays as it is", agent->type->program,
		 strsignal((int)signal_number));
	event_base_loopexit(agent->base, NULL);
}

/* Only what this file started is reaped here; each child service watches its own process. */
static void on_child(evutil_socket_t signal_number, short what, void *data)
{
	struct agent *agent = data;
	int status;

	(void)signal_number;
	(void)what;
	if (agent->compactor && waitpid(agent->compactor, &status, WNOHANG) == agent->compactor)
		agent_compact_exited(agent, agent->compactor, status);
}

static void on_hangup(evutil_socket_t signal_number, short what, void *data)
{
	struct agent *agent = data;

	(void)signal_number;
	(void)what;
	log_info("SIGHUP: everything is looked at");
	agent_refresh(agent);
	drift_everything(agent, NULL, NULL);
}

static int watch_signals(struct agent *agent, struct err *err)
{
	static const struct {
		int number;
		event_callback_fn fn;
	} signals[] = { { SIGTERM, on_stop },
			{ SIGINT, on_stop },
			{ SIGCHLD, on_child },
			{ SIGHUP, on_hangup } };

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		agent->signals[i] =
			evsignal_new(agent->base, signals[i].number, signals[i].fn, agent);
		if (!agent->signals[i] || event_add(agent->signals[i], NULL) < 0)
			return err_set(err, -ENOMEM, "the event loop takes no more");
	}
	signal(SIGPIPE, SIG_IGN);
	return 0;
}

static int listen_all(struct agent *agent, struct err *err)
{
	const struct agent_options *options = &agent->options;
	struct wire_tls *tls = NULL;

	if (options->tls_ca || options->tls_certificate || options->tls_key) {
		if (!options->tls_ca || !options->tls_certificate || !options->tls_key)
			return err_set(err, -EINVAL,
				       "--tls-ca, --tls-certificate and --tls-key go together");
		if (wire_tls_new(options->tls_ca, options->tls_certificate, options->tls_key, &tls,
				 err) < 0)
			return err->code;
		wire_server_use_tls(agent->server, tls);
	}
	for (size_t i = 0; i < options->n_sockets; i++) {
		if (wire_server_listen(agent->server, options->sockets[i], err) < 0)
			return err_in(err, "%s", options->sockets[i]);
		log_info("%s: answers at %s", agent->type->program, options->sockets[i]);
	}
	return 0;
}

/* A document given by file counts only where none is kept: what was applied later is newer. It is
 * the document before the kernel is looked at, so that what is in place already stays: state that
 * was lost costs nothing but the document. */
static int take_config(struct agent *agent, struct err *err)
{
	const char *path = agent->options.config;
	struct document *document = NULL;
	json_error_t where;
	json_t *state;
	int ret;

	if (agent->document || !path)
		return 0;
	state = json_load_file(path, JSON_REJECT_DUPLICATES, &where);
	if (!state)
		return err_set(err, -EINVAL, "%s:%d: %s", path, where.line, where.text);
	ret = document_parse(agent->type->document, state, &document, err);
	json_decref(state);
	if (ret < 0 && err->path)
		err_in(err, "%s", err->path);
	if (ret < 0)
		return err_in(err, "%s", path);
	if (store_replace(agent->store, document, err) < 0) {
		document_free(document);
		return err->code;
	}
	agent->document = document;
	return 0;
}

/* The state and the sockets come first: where another agent has them, the kernel is not touched.
 * Clients who come early wait until the event loop runs. */
static int start(struct agent *agent, struct err *err)
{
	AUTO(free_ptr) char *text = agent->type->interface_text();
	struct plan plan = PLAN_NONE;
	int ret;

	agent->base = event_base_new();
	agent->engine = engine_new();
	agent->server = wire_server_new(agent->base, "weft", agent->type->program, WEFT_VERSION);
	agent->interface = wire_server_add_interface(agent->server, agent->type->interface, text);
	agent_methods_add(agent);
	/* The cutter while the agent is small. */
	if ((agent->type->cuts_connections && cutter_new(&agent->cutter, err) < 0) ||
	    directory_make_parents(agent->options.run_dir, err) < 0 ||
	    directory_make(agent->options.run_dir, 0755, err) < 0 ||
	    directory_make_parents(agent->options.state_dir, err) < 0 ||
	    store_open(agent->options.state_dir, agent->type->document, &agent->store,
		       &agent->document, err) < 0 ||
	    take_config(agent, err) < 0 || watch_signals(agent, err) < 0 ||
	    listen_all(agent, err) < 0 || metrics_open(agent, err) < 0 ||
	    agent_kernel_open(agent, err) < 0 ||
	    (agent->type->start && agent->type->start(agent, err) < 0) ||
	    agent_kernel_watch(agent, err) < 0)
		return err->code;
	if (agent->type->changed && agent->document)
		agent->type->changed(agent);
	ret = agent_start_document(agent, &plan, err);
	if (ret < 0)
		log_error("%s", err_text(err));
	log_info("%s: revision %lld in place after %zu changes", agent->type->program,
		 (long long)(agent->document ? document_revision(agent->document) : 0), plan.n);
	plan_clear(&plan);
	return agent_link_open(agent, err);
}

static void stop(struct agent *agent)
{
	metrics_close(agent);
	agent_link_close(agent);
	if (agent->type->stop)
		agent->type->stop(agent);
	wire_server_free(agent->server);
	agent_status_close(agent);
	agent_kernel_close(agent);
	drift_clear(agent);
	engine_free(agent->engine);
	store_close(agent->store);
	document_free(agent->document);
	notes_clear(&agent->notes);
	facts_clear(&agent->facts);
	for (size_t i = 0; i < ARRAY_SIZE(agent->signals); i++)
		if (agent->signals[i])
			event_free(agent->signals[i]);
	if (agent->compact_timer)
		event_free(agent->compact_timer);
	if (agent->base)
		event_base_free(agent->base);
	agent_options_clear(&agent->options);
}

int agent_main(const struct agent_type *type, int argc, char **argv)
{
	struct agent agent = { .type = type };
	struct err err = ERR_NONE;
	int status;

	heap_begin();
	status = agent_options_read(&agent, argc, argv);
	if (status >= 0) {
		agent_options_clear(&agent.options);
		return status;
	}
	status = EXIT_SUCCESS;
	if (start(&agent, &err) < 0) {
		log_error("%s: %s", type->program, err_text(&err));
		status = EXIT_REFUSED;
	} else {
		notify_manager("READY=1");
		event_base_dispatch(agent.base);
		notify_manager("STOPPING=1");
	}
	err_clear(&err);
	stop(&agent);
	return status;
}

void agent_add_method(struct agent *agent, const char *name, wire_method_fn *handler)
{
	wire_interface_add_method(agent->interface, name, handler, agent);
}

struct event_base *agent_base(const struct agent *agent)
{
	return agent->base;
}

struct engine *agent_engine(const struct agent *agent)
{
	return agent->engine;
}

struct wire_server *agent_server(const struct agent *agent)
{
	return agent->server;
}

struct facts *agent_facts(struct agent *agent)
{
	return &agent->facts;
}

const struct document *agent_document(const struct agent *agent)
{
	return agent->document;
}

const struct notes *agent_notes(const struct agent *agent)
{
	return &agent->notes;
}

struct nft *agent_nft(const struct agent *agent)
{
	return agent->nft;
}

struct rtnl *agent_rtnl(const struct agent *agent)
{
	return agent->rtnl;
}

const char *agent_state_dir(const struct agent *agent)
{
	return agent->options.state_dir;
}

const char *agent_run_dir(const struct agent *agent)
{
	return agent->options.run_dir;
}

void *agent_data(const struct agent *agent)
{
	return agent->data;
}

void agent_set_data(struct agent *agent, void *data)
{
	agent->data = data;
}
