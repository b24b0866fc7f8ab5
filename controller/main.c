/* SPDX-License-Identifier: GPL-2.0-or-later */
/* controllerd - keeps the model of a cloud. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "controller/api/api.h"
#include "controller/backup/backup.h"
#include "controller/count/count.h"
#include "controller/http/http.h"
#include "controller/job/job.h"
#include "controller/link/agents.h"
#include "controller/model/types.h"
#include "controller/options.h"
#include "lib/base/directory.h"
#include "lib/base/heap.h"
#include "lib/base/log.h"
#include "lib/base/notify.h"
#include "lib/wire/tls.h"

struct controller {
	struct options options;
	struct event_base *base;
	struct event *signals[2];
	struct model *model;
	struct jobs *jobs;
	struct counts *counts;
	struct api *api;
	struct wire_server *server;
	struct agents *agents;    /* NULL: none dial. */
	struct http_server *http; /* NULL: none. */
};

static void on_stop(evutil_socket_t signal_number, short what, void *data)
{
	struct controller *controller = data;

	(void)what;
	log_info("controllerd: %s", strsignal((int)signal_number));
	event_base_loopexit(controller->base, NULL);
}

static int watch_signals(struct controller *controller, struct err *err)
{
	static const int numbers[] = { SIGTERM, SIGINT };

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		controller->signals[i] =
			evsignal_new(controller->base, numbers[i], on_stop, controller);
		if (!controller->signals[i] || event_add(controller->signals[i], NULL) < 0)
			return err_set(err, -ENOMEM, "the event loop takes no more");
	}
	signal(SIGPIPE, SIG_IGN);
	return 0;
}

static int use_tls(struct controller *controller, struct err *err)
{
	const struct options *options = &controller->options;
	struct wire_tls *tls;

	if (!options->tls_ca && !options->tls_certificate && !options->tls_key)
		return 0;
	if (!options->tls_ca || !options->tls_certificate || !options->tls_key)
		return err_set(err, -EINVAL,
			       "--tls-ca, --tls-certificate and --tls-key go together");
	if (wire_tls_new(options->tls_ca, options->tls_certificate, options->tls_key, &tls, err) <
	    0)
		return err->code;
	wire_server_use_tls(controller->server, tls);
	return 0;
}

static int listen_all(struct controller *controller, struct err *err)
{
	const struct options *options = &controller->options;

	if (use_tls(controller, err) < 0)
		return err->code;
	for (size_t i = 0; i < options->n_sockets; i++) {
		const char *address = options->sockets[i];

		if (strncmp(address, "unix:", 5) == 0 &&
		    directory_make_parents(address + 5, err) < 0)
			return err->code;
		if (wire_server_listen(controller->server, address, err) < 0)
			return err_in(err, "%s", address);
		log_info("controllerd: answers at %s", address);
	}
	return 0;
}

static int listen_for_agents(struct controller *controller, struct err *err)
{
	const struct options *options = &controller->options;
	struct agents_options wanted = { options->agents, options->n_agents,
					 options->certificate_s };

	return options->n_agents
		       ? agents_open(controller->base, controller->model, controller->jobs,
				     controller->counts, options->state_dir, &wanted,
				     &controller->agents, err)
		       : 0;
}

static int serve_https(struct controller *controller, struct err *err)
{
	const struct options *options = &controller->options;
	struct http_options http = { options->https, options->https_certificate, options->https_key,
				     options->state_dir };

	if (!options->https)
		return 0;
	if (http_server_new(controller->base, controller->api, &http, &controller->http, err) < 0)
		return err_in(err, "https %s", options->https);
	log_info("controllerd: serves https at %s", options->https);
	return 0;
}

static int start(struct controller *controller, struct err *err)
{
	const char *state = controller->options.state_dir;
	const char *database = controller->options.database;

	controller->base = event_base_new();
	/* Everything has the middle one but what says otherwise. */
	if (event_base_priority_init(controller->base, 3) < 0)
		return err_set(err, -EINVAL, "the event loop has no priorities");
	controller->jobs = jobs_new();
	controller->counts = counts_new();
	if (directory_make_parents(state, err) < 0 || directory_make(state, 0700, err) < 0 ||
	    model_open(database ? database : state, all_types, &controller->model, err) < 0 ||
	    api_new(controller->base, controller->model, controller->jobs, controller->counts,
		    &controller->api, err) < 0)
		return err->code;
	controller->server = wire_server_new(controller->base, "weft", "controllerd", WEFT_VERSION);
	api_serve(controller->server, controller->api);
	if (watch_signals(controller, err) < 0 || listen_for_agents(controller, err) < 0 ||
	    serve_https(controller, err) < 0)
		return err->code;
	return listen_all(controller, err);
}

static void stop(struct controller *controller)
{
	if (controller->server)
		wire_server_free(controller->server);
	http_server_free(controller->http);
	api_free(controller->api);
	agents_close(controller->agents);
	jobs_free(controller->jobs);
	counts_free(controller->counts);
	model_close(controller->model);
	for (size_t i = 0; i < ARRAY_SIZE(controller->signals); i++)
		if (controller->signals[i])
			event_free(controller->signals[i]);
	if (controller->base)
		event_base_free(controller->base);
	options_clear(&controller->options);
}

/* Writes a backup, or reads one: the exit status. */
static int keep(const struct options *options, struct err *err)
{
	AUTO(free_ptr) const struct db_table **tables = model_tables(all_types);
	struct backup_place place = { options->database ? options->database : options->state_dir,
				      options->state_dir, tables };
	int64_t n;
	int ret;

	ret = options->backup ? backup_write(&place, options->backup, &n, err)
			      : backup_restore(&place, options->restore, &n, err);
	if (ret < 0) {
		log_error("controllerd: %s: %s", options->backup ? "backup" : "restore",
			  err_text(err));
		return EXIT_FAILURE;
	}
	log_info("controllerd: %lld objects are %s", (long long)n,
		 options->backup ? "written" : "restored");
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	struct controller controller = { 0 };
	struct err err = ERR_NONE;
	int status;

	heap_begin();
	status = options_read(&controller.options, argc, argv);
	if (status >= 0) {
		options_clear(&controller.options);
		return status;
	}
	if (controller.options.backup || controller.options.restore) {
		status = keep(&controller.options, &err);
		err_clear(&err);
		options_clear(&controller.options);
		return status;
	}
	status = EXIT_SUCCESS;
	if (start(&controller, &err) < 0) {
		log_error("controllerd: %s", err_text(&err));
		status = EXIT_FAILURE;
	} else {
		notify_manager("READY=1");
		event_base_dispatch(controller.base);
		notify_manager("STOPPING=1");
	}
	err_clear(&err);
	stop(&controller);
	return status;
}
