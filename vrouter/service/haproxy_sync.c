/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrouter/service/haproxy_sync.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "vrouter/service/haproxy_counting.h"
#include "vrouter/service/haproxy_port.h"

#define HAPROXY_PROGRAM "/usr/sbin/haproxy"
/* What a start or a reload may take before it counts as failed, and when it is tried again. */
#define AWAIT_MS      15000
#define AWAIT_STEP_MS 50
#define RETRY_MS      10000
#define CHECK_MS      20000
/* Members that wait for their last connections are looked at again. */
#define LEAVING_MS 2000
/* Rounds over one listener's members before it counts as resisting. */
#define TURNS_MOST 4
#define SAVE_MS    1000

static void step_config(struct haproxy *haproxy);
static void step_members(struct haproxy *haproxy);
static void step_ask(struct haproxy *haproxy);

static void tell_changed(struct haproxy *haproxy)
{
	if (haproxy->changed)
		haproxy->changed(haproxy->data);
}

static void finish(struct haproxy *haproxy)
{
	haproxy->busy = false;
	if (haproxy->again)
		haproxy_sync_soon(haproxy);
}

static void wait_ms(struct event *timer, unsigned int ms)
{
	struct timeval timeout = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };

	event_add(timer, &timeout);
}

/* Ends this round and begins another one later. */
static void finish_for(struct haproxy *haproxy, unsigned int ms)
{
	haproxy->busy = false;
	wait_ms(haproxy->step, haproxy->again ? 0 : ms);
}

static void set_failure(struct haproxy *haproxy, struct haproxy_listener *listener,
			const char *failure)
{
	if (failure && listener->failure && strcmp(failure, listener->failure) == 0)
		return;
	if (!failure && !listener->failure)
		return;
	if (failure)
		log_error("load balancer %s: listener %s: %s", item_owner(listener->item),
			  listener->uuid, failure);
	free(listener->failure);
	listener->failure = mem_text(failure);
	tell_changed(haproxy);
}

static void set_failure_of_all(struct haproxy *haproxy, const char *failure)
{
	struct map_node *node, *after;

	map_for_each (&haproxy->model.listeners, node, after) {
		struct haproxy_listener *listener =
			CONTAINER_OF(node, struct haproxy_listener, by_uuid);

		/* A refused one has a reason of its own. */
		if (!listener->refused)
			set_failure(haproxy, listener, failure);
	}
}

/* Whether there is nothing to run. */
static bool is_empty(const struct haproxy *haproxy)
{
	struct map_node *node, *after;

	map_for_each (&haproxy->model.listeners, node, after)
		if (!CONTAINER_OF(node, struct haproxy_listener, by_uuid)->refused)
			return false;
	return true;
}

/* The configuration with its members, in place for the next start. */
static int save(struct haproxy *haproxy, const char *path, struct err *err)
{
	AUTO(text_clear) struct text text = TEXT_NONE;

	haproxy_config_text(&haproxy->model, &haproxy->paths, haproxy->wanted.s, true, &text);
	return service_file_write(path, text_view(&text), text.length, 0600, err);
}

static void save_later(struct haproxy *haproxy)
{
	if (!event_pending(haproxy->save, EV_TIMEOUT, NULL))
		wait_ms(haproxy->save, SAVE_MS);
}

/* --- Stop --- */

static void rest(struct haproxy *haproxy)
{
	child_process_stop(haproxy->process);
	memset(&haproxy->placed, 0, sizeof(haproxy->placed));
	memset(&haproxy->running, 0, sizeof(haproxy->running));
	unlink(haproxy->paths.state);
	save_later(haproxy);
	if (haproxy->model.listeners.n > 0)
		finish_for(haproxy, RETRY_MS);
	else
		finish(haproxy);
}

/* --- Configuration --- */

static bool digests_equal(const struct service_digest *a, const struct service_digest *b)
{
	return strcmp(a->s, b->s) == 0;
}

/* The sentence in what "haproxy -c" prints: "[ALERT] (123) : config : parsing [file:12] : ...". */
static char *alert_in(const char *output, unsigned int *line)
{
	const char *at = strstr(output, "[ALERT]"), *place, *text;
	size_t length;

	*line = 0;
	if (!at)
		return mem_text("HAProxy refuses its configuration");
	length = strcspn(at, "\n");
	place = memmem(at, length, "parsing [", 9);
	text = place ? memmem(place, (size_t)(at + length - place), "]", 1) : NULL;
	if (place && text) {
		const char *colon = memrchr(place, ':', (size_t)(text - place));

		*line = colon ? (unsigned int)strtoul(colon + 1, NULL, 10) : 0;
		text += strspn(text, "] :");
		return mem_text_n(text, length - (size_t)(text - at));
	}
	return mem_text_n(at, length);
}

static void refuse(struct haproxy *haproxy, const char *output)
{
	AUTO(free_ptr) char *text = NULL;
	AUTO(free_ptr) char *uuid = NULL;
	unsigned int line;
	AUTO(free_ptr) char *alert = alert_in(output, &line);
	struct haproxy_listener *listener;

	if (service_file_read(haproxy->paths.candidate, 64 << 20, &text, NULL) == 0)
		uuid = haproxy_config_listener_at(text, line);
	unlink(haproxy->paths.candidate);
	listener = uuid ? haproxy_model_listener(&haproxy->model, uuid) : NULL;
	if (listener && !listener->refused) {
		/* The others need not wait for it. */
		set_failure(haproxy, listener, alert);
		listener->refused = true;
		haproxy->config_stale = true;
	} else {
		set_failure_of_all(haproxy, alert);
		haproxy->refused = haproxy->wanted;
	}
}

static void on_checked(void *data, int wait_status, const char *output)
{
	struct haproxy *haproxy = data;

	haproxy->check = NULL;
	if (!WIFEXITED(wait_status) || WEXITSTATUS(wait_status) != 0) {
		refuse(haproxy, output);
		step_config(haproxy);
		return;
	}
	if (rename(haproxy->paths.candidate, haproxy->paths.config) < 0) {
		set_failure_of_all(haproxy, "its configuration cannot be put in place");
		haproxy->refused = haproxy->wanted;
	} else {
		haproxy->placed = haproxy->wanted;
	}
	step_config(haproxy);
}

/* Ports that others have are left out, before HAProxy would stumble over them. */
static void check_ports(struct haproxy *haproxy)
{
	struct map_node *node, *after;

	map_for_each (&haproxy->model.listeners, node, after) {
		struct haproxy_listener *listener =
			CONTAINER_OF(node, struct haproxy_listener, by_uuid);
		AUTO(err_clear) struct err err = ERR_NONE;

		if (listener->bound || listener->refused || haproxy_port_check(listener, &err) == 0)
			continue;
		listener->refused = listener->taken = true;
		set_failure(haproxy, listener, err_text(&err));
	}
}

static void step_check(struct haproxy *haproxy)
{
	const char *argv[] = { HAPROXY_PROGRAM, "-c", "-f", haproxy->paths.candidate, NULL };
	AUTO(err_clear) struct err err = ERR_NONE;

	if (save(haproxy, haproxy->paths.candidate, &err) == 0 &&
	    child_run_start(haproxy->base, argv, CHECK_MS, on_checked, haproxy, &haproxy->check,
			    &err) == 0)
		return;
	set_failure_of_all(haproxy, err_text(&err));
	finish_for(haproxy, RETRY_MS);
}

static void step_config(struct haproxy *haproxy)
{
	AUTO(text_clear) struct text skeleton = TEXT_NONE;

	if (haproxy->config_stale) {
		check_ports(haproxy);
		haproxy_config_text(&haproxy->model, &haproxy->paths, "", false, &skeleton);
		haproxy->wanted = service_digest(text_view(&skeleton), skeleton.length);
		haproxy->config_stale = false;
	}
	if (is_empty(haproxy)) {
		rest(haproxy);
		return;
	}
	if (!digests_equal(&haproxy->wanted, &haproxy->placed) &&
	    !digests_equal(&haproxy->wanted, &haproxy->refused)) {
		step_check(haproxy);
		return;
	}
	haproxy->deadline_ms = clock_ms() + AWAIT_MS;
	step_ask(haproxy);
}

/* --- Start and reload --- */

static void on_reloading(void *data, const char *answer)
{
	struct haproxy *haproxy = data;

	(void)answer;
	haproxy->call = NULL;
	haproxy->reloaded_ms = clock_ms();
	wait_ms(haproxy->step, AWAIT_STEP_MS);
}

/* The new worker begins with what the old one knows of its members. */
static void on_state(void *data, const char *answer)
{
	struct haproxy *haproxy = data;
	AUTO(err_clear) struct err err = ERR_NONE;

	haproxy->call = NULL;
	if (answer &&
	    service_file_write(haproxy->paths.state, answer, strlen(answer), 0600, &err) < 0)
		log_warning("members' health is not handed on: %s", err_text(&err));
	haproxy->call = haproxy_call_start(haproxy->base, haproxy->paths.master, "reload",
					   on_reloading, haproxy);
}

/* What the old worker has counted ends here. */
static void on_counts(void *data, const char *answer)
{
	struct haproxy *haproxy = data;

	if (answer)
		haproxy_count_read(&haproxy->model, answer);
	haproxy->call = haproxy_call_start(haproxy->base, haproxy->paths.worker,
					   "show servers state", on_state, haproxy);
}

static void reload_failed(struct haproxy *haproxy)
{
	struct child_status status;
	AUTO(free_ptr) char *failure = NULL;

	child_process_status(haproxy->process, &status);
	failure = mem_format("HAProxy does not take its new configuration: %s",
			     status.last_line[0] ? status.last_line : status.last_exit);
	set_failure_of_all(haproxy, failure);
	finish_for(haproxy, RETRY_MS);
}

/* "Description: weft-DIGEST" of "show info". */
static void read_running(struct haproxy *haproxy, const char *answer)
{
	const char *at = answer ? strstr(answer, "escription: weft-") : NULL;

	memset(&haproxy->running, 0, sizeof(haproxy->running));
	if (at)
		snprintf(haproxy->running.s, sizeof(haproxy->running.s), "%.64s", at + 17);
	haproxy->running.s[strcspn(haproxy->running.s, "\n")] = '\0';
}

/* The worker has the ports of the configuration that it runs. */
static void mark_bound(struct haproxy *haproxy)
{
	struct map_node *node, *after;

	map_for_each (&haproxy->model.listeners, node, after) {
		struct haproxy_listener *listener =
			CONTAINER_OF(node, struct haproxy_listener, by_uuid);

		listener->bound = !listener->refused;
	}
}

static void mark_all_stale(struct haproxy *haproxy)
{
	struct map_node *node, *after;

	map_for_each (&haproxy->model.listeners, node, after)
		CONTAINER_OF(node, struct haproxy_listener, by_uuid)->stale = true;
}

static void on_info(void *data, const char *answer)
{
	struct haproxy *haproxy = data;
	struct service_digest before = haproxy->running;

	haproxy->call = NULL;
	read_running(haproxy, answer);
	if (answer && digests_equal(&haproxy->running, &haproxy->placed)) {
		if (!digests_equal(&haproxy->running, &before))
			mark_all_stale(haproxy);
		haproxy->reloaded_ms = 0;
		if (digests_equal(&haproxy->placed, &haproxy->wanted)) {
			mark_bound(haproxy);
			set_failure_of_all(haproxy, NULL);
		}
		step_members(haproxy);
	} else if (clock_ms() >= haproxy->deadline_ms) {
		haproxy->reloaded_ms = 0;
		if (haproxy->again)
			finish(haproxy); /* Something else is wanted by now. */
		else
			reload_failed(haproxy);
	} else if (answer && haproxy->reloaded_ms == 0) {
		haproxy->call = haproxy_call_start(haproxy->base, haproxy->paths.worker,
						   HAPROXY_COUNT_COMMAND, on_counts, haproxy);
	} else {
		/* It is not up yet. */
		wait_ms(haproxy->step, AWAIT_STEP_MS);
	}
}

/* Which configuration runs? */
static void step_ask(struct haproxy *haproxy)
{
	const char *argv[] = { HAPROXY_PROGRAM,       "-W", "-S", haproxy->paths.master, "-f",
			       haproxy->paths.config, NULL };

	if (!haproxy->placed.s[0]) {
		/* There was never one that HAProxy takes. */
		finish_for(haproxy, RETRY_MS);
		return;
	}
	child_process_want(haproxy->process, argv, "1");
	haproxy->call = haproxy_call_start(haproxy->base, haproxy->paths.worker, "show info",
					   on_info, haproxy);
}

/* --- Members --- */

static void on_commanded(void *data, const char *answer)
{
	struct haproxy *haproxy = data;

	haproxy->call = NULL;
	if (answer)
		log_debug("haproxy: %s", answer);
	step_members(haproxy);
}

/* Commands are cut where HAProxy's buffer ends. */
#define COMMANDS_MOST 8000

static void cut(struct text *commands)
{
	while (commands->length > COMMANDS_MOST) {
		char *end = memrchr(commands->bytes, ';', COMMANDS_MOST);

		if (!end)
			return;
		end[1] = '\0';
		commands->length = (size_t)(end + 1 - commands->bytes);
	}
}

static void on_members(void *data, const char *answer)
{
	struct haproxy *haproxy = data;
	AUTO(free_ptr) char *uuid = STEAL(haproxy->listener);
	struct haproxy_listener *listener = haproxy_model_listener(&haproxy->model, uuid);
	AUTO(text_clear) struct text commands = TEXT_NONE;
	struct haproxy_leaving leaving;
	size_t n;

	haproxy->call = NULL;
	if (!answer) {
		finish_for(haproxy, AWAIT_STEP_MS);
		return;
	}
	/* Two workers share the socket for the moment in which one follows the other: what the
	 * former one has says nothing, and its follower is there already. */
	read_running(haproxy, answer);
	if (!digests_equal(&haproxy->running, &haproxy->placed)) {
		haproxy->reloaded_ms = clock_ms();
		haproxy->deadline_ms = haproxy->reloaded_ms + AWAIT_MS;
		wait_ms(haproxy->step, AWAIT_STEP_MS);
		return;
	}
	if (!listener) {
		step_members(haproxy);
		return;
	}
	n = haproxy_members_diff(listener, answer, &commands, &leaving);
	if (n == 0 || (n == leaving.deletions && haproxy->turns > 0) ||
	    haproxy->turns >= TURNS_MOST) {
		/* What still serves connections is asked again later. */
		listener->leaving = n > 0 || leaving.resting > 0;
		listener->stale = false;
		haproxy->turns = 0;
		step_members(haproxy);
		return;
	}
	/* A long list takes several turns, each of which is shorter. */
	if (commands.length <= COMMANDS_MOST)
		haproxy->turns++;
	cut(&commands);
	haproxy->call = haproxy_call_start(haproxy->base, haproxy->paths.worker,
					   text_view(&commands), on_commanded, haproxy);
}

static struct haproxy_listener *next_stale(struct haproxy *haproxy, bool *leaving)
{
	struct map_node *node, *after;

	*leaving = false;
	map_for_each (&haproxy->model.listeners, node, after) {
		struct haproxy_listener *listener =
			CONTAINER_OF(node, struct haproxy_listener, by_uuid);

		if (listener->stale && !listener->refused)
			return listener;
		*leaving |= listener->leaving || listener->taken;
	}
	return NULL;
}

static void step_members(struct haproxy *haproxy)
{
	bool leaving;
	struct haproxy_listener *listener = next_stale(haproxy, &leaving);
	AUTO(free_ptr) char *command = NULL;

	if (!listener) {
		if (haproxy->file_stale)
			save_later(haproxy);
		if (leaving)
			finish_for(haproxy, LEAVING_MS);
		else
			finish(haproxy);
		return;
	}
	haproxy->listener = mem_text(listener->uuid);
	command = mem_format("show info;show servers state l-%s", listener->uuid);
	haproxy->call = haproxy_call_start(haproxy->base, haproxy->paths.worker, command,
					   on_members, haproxy);
}

/* --- Rounds --- */

/* Ports that were taken are looked at again, not too often: each try may cost a reload. */
static void retry_taken(struct haproxy *haproxy)
{
	struct map_node *node, *after;

	if (clock_ms() < haproxy->taken_ms)
		return;
	haproxy->taken_ms = clock_ms() + RETRY_MS;
	map_for_each (&haproxy->model.listeners, node, after) {
		struct haproxy_listener *listener =
			CONTAINER_OF(node, struct haproxy_listener, by_uuid);

		if (!listener->taken)
			continue;
		listener->taken = listener->refused = false;
		haproxy->config_stale = true;
	}
}

void haproxy_sync_refuse(struct haproxy *haproxy, struct haproxy_listener *listener,
			 const char *failure)
{
	listener->refused = listener->taken = true;
	set_failure(haproxy, listener, failure);
	haproxy->taken_ms = clock_ms() + RETRY_MS;
	haproxy->config_stale = true;
	/* Whatever is waited for does not come. */
	haproxy->deadline_ms = 0;
	haproxy_sync_soon(haproxy);
}

static void begin(struct haproxy *haproxy)
{
	struct map_node *node, *after;

	haproxy->busy = true;
	haproxy->again = false;
	haproxy->turns = 0;
	if (haproxy->model.listeners.n == 0) {
		rest(haproxy);
		return;
	}
	retry_taken(haproxy);
	map_for_each (&haproxy->model.listeners, node, after) {
		struct haproxy_listener *listener =
			CONTAINER_OF(node, struct haproxy_listener, by_uuid);

		listener->stale |= listener->leaving;
	}
	step_config(haproxy);
}

static void on_step(evutil_socket_t fd, short what, void *data)
{
	struct haproxy *haproxy = data;

	(void)fd;
	(void)what;
	if (haproxy->busy)
		step_ask(haproxy);
	else
		begin(haproxy);
}

static void on_save(evutil_socket_t fd, short what, void *data)
{
	struct haproxy *haproxy = data;
	AUTO(err_clear) struct err err = ERR_NONE;

	(void)fd;
	(void)what;
	/* A file that HAProxy would not take never gets there; a later round saves. */
	if (!is_empty(haproxy) && !digests_equal(&haproxy->wanted, &haproxy->placed))
		return;
	if (save(haproxy, haproxy->paths.config, &err) < 0)
		log_error("%s, keeping the old text", err_text(&err));
	else
		haproxy->file_stale = false;
}

void haproxy_sync_start(struct haproxy *haproxy)
{
	haproxy->step = evtimer_new(haproxy->base, on_step, haproxy);
	haproxy->save = evtimer_new(haproxy->base, on_save, haproxy);
}

void haproxy_sync_soon(struct haproxy *haproxy)
{
	if (haproxy->busy)
		haproxy->again = true;
	else
		wait_ms(haproxy->step, 0);
}

void haproxy_sync_anew(struct haproxy *haproxy)
{
	memset(&haproxy->running, 0, sizeof(haproxy->running));
	mark_all_stale(haproxy);
	haproxy->config_stale = true;
	haproxy_sync_soon(haproxy);
}

void haproxy_sync_stop(struct haproxy *haproxy)
{
	haproxy_call_cancel(haproxy->call);
	child_run_cancel(haproxy->check);
	if (haproxy->file_stale)
		on_save(-1, 0, haproxy);
	event_free(haproxy->step);
	event_free(haproxy->save);
	free(haproxy->listener);
}
