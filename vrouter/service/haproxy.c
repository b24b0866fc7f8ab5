/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrouter/service/haproxy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "vrouter/service/haproxy_counting.h"
#include "vrouter/service/haproxy_port.h"
#include "vrouter/service/haproxy_sync.h"

#define KIND_LISTENER    "haproxy.listener"
#define KIND_MEMBER      "haproxy.member"
#define KIND_CERTIFICATE "haproxy.certificate"
#define CONFIG_MOST      (64 << 20)
#define PEM_MOST         (1 << 20)

static void on_child_changed(void *data)
{
	struct haproxy *haproxy = data;

	haproxy_sync_anew(haproxy);
	if (haproxy->changed)
		haproxy->changed(haproxy->data);
}

static void on_health(void *data, struct haproxy_member *member)
{
	struct haproxy *haproxy = data;

	member->listener->stale = true;
	haproxy_sync_soon(haproxy);
	if (haproxy->changed)
		haproxy->changed(haproxy->data);
}

/* A connection takes two files of the hard limit; the rest is for listeners and itself. */
static unsigned int connections_most(void)
{
	struct rlimit limit;
	rlim_t files = 20000;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
		files = limit.rlim_max;
	if (files > 2000000)
		files = 2000000;
	return files > 1000 ? (unsigned int)(files - files / 5) / 2 : 100;
}

static void paths_fill(struct haproxy_paths *paths, const char *run_dir)
{
	paths->dir = mem_format("%s/haproxy", run_dir);
	paths->config = mem_format("%s/haproxy.cfg", paths->dir);
	paths->candidate = mem_format("%s/candidate.cfg", paths->dir);
	paths->worker = mem_format("%s/worker.sock", paths->dir);
	paths->master = mem_format("%s/master.sock", paths->dir);
	paths->state = mem_format("%s/state", paths->dir);
	paths->counts = mem_format("%s/counts", paths->dir);
	paths->certificates = mem_format("%s/certificates", paths->dir);
	paths->connections_most = connections_most();
}

static void paths_clear(struct haproxy_paths *paths)
{
	free(paths->dir);
	free(paths->config);
	free(paths->candidate);
	free(paths->worker);
	free(paths->master);
	free(paths->state);
	free(paths->counts);
	free(paths->certificates);
}

static const char *const quiet[] = { "[NOTICE]",
				     " exited with code 0 ",
				     ", changed from CLI.",
				     "leaving forced maintenance",
				     " : Proxy ",
				     " maintenance.",
				     "global server state file",
				     NULL };

/* A port can be taken by another program between our look and HAProxy's bind. */
static void on_line(void *data, const char *line)
{
	struct haproxy *haproxy = data;
	const char *at = strstr(line, " for proxy l-");
	AUTO(free_ptr) char *uuid = NULL;
	struct haproxy_listener *listener;

	if (!at || !strstr(at, ": cannot bind socket"))
		return;
	at += strlen(" for proxy l-");
	uuid = mem_text_n(at, strcspn(at, " ") - 1);
	listener = haproxy_model_listener(&haproxy->model, uuid);
	if (listener)
		haproxy_sync_refuse(haproxy, listener, "its port is taken by another program here");
}

int haproxy_new(struct event_base *base, const struct haproxy_settings *settings,
		struct haproxy **ret, struct err *err)
{
	AUTO(free_ptr) char *run_dir = realpath(settings->run_dir, NULL);
	struct haproxy *haproxy;

	if (!run_dir)
		return err_errno(err, -errno, "%s", settings->run_dir);
	haproxy = mem_alloc(sizeof(*haproxy));
	haproxy->base = base;
	haproxy->certificate = settings->certificate;
	haproxy->changed = settings->changed;
	haproxy->data = settings->data;
	paths_fill(&haproxy->paths, run_dir);
	haproxy_sync_start(haproxy);
	haproxy->probe = haproxy_probe_new(base, on_health, haproxy);
	haproxy->counting = haproxy_counting_new(base, &haproxy->paths, &haproxy->model);
	if ((mkdir(haproxy->paths.dir, 0700) < 0 && errno != EEXIST) ||
	    (mkdir(haproxy->paths.certificates, 0700) < 0 && errno != EEXIST))
		err_errno(err, -errno, "%s", haproxy->paths.certificates);
	else if (child_process_new(base, run_dir, "haproxy", on_child_changed, haproxy,
				   &haproxy->process, err) == 0) {
		child_process_quieten(haproxy->process, quiet);
		child_process_listen(haproxy->process, on_line);
		*ret = haproxy;
		return 0;
	}
	haproxy_free(haproxy);
	return err->code;
}

static void unprobe_all(struct haproxy *haproxy, struct haproxy_listener *listener)
{
	for (struct haproxy_member *member = listener->members; member; member = member->next)
		haproxy_probe_remove(haproxy->probe, member);
}

void haproxy_free(struct haproxy *haproxy)
{
	struct map_node *node, *after;

	if (!haproxy)
		return;
	haproxy_sync_stop(haproxy);
	haproxy_counting_free(haproxy->counting);
	child_process_free(haproxy->process);
	map_for_each (&haproxy->model.listeners, node, after)
		unprobe_all(haproxy, CONTAINER_OF(node, struct haproxy_listener, by_uuid));
	haproxy_probe_free(haproxy->probe);
	haproxy_model_clear(&haproxy->model);
	paths_clear(&haproxy->paths);
	free(haproxy);
}

/* --- Certificates --- */

static char *certificate_path(const struct haproxy *haproxy, const char *uuid)
{
	return mem_format("%s/%s.pem", haproxy->paths.certificates, uuid);
}

static int write_certificate(struct haproxy *haproxy, const struct item *item, struct err *err)
{
	AUTO(free_ptr) char *path = certificate_path(haproxy, item_key(item));
	char *pem =
		haproxy->certificate ? haproxy->certificate(haproxy->data, item_key(item)) : NULL;
	int ret;

	if (!pem)
		return err_set(err, -ENOENT, "the certificate's text is not there");
	if (strcmp(service_digest(pem, strlen(pem)).s, item_value(item)) != 0)
		ret = err_set(err, -EAGAIN, "the certificate has changed since");
	else
		ret = service_file_write(path, pem, strlen(pem), 0600, err);
	explicit_bzero(pem, strlen(pem));
	free(pem);
	return ret;
}

static void change_certificate(struct haproxy *haproxy, struct change *change)
{
	const char *uuid = item_key(change_item(change));
	AUTO(free_ptr) char *path = certificate_path(haproxy, uuid);
	struct item *held;

	if (strchr(uuid, '/')) {
		err_set(&change->err, -EINVAL, "\"%s\" is no certificate", uuid);
		return;
	}
	if (change->want && write_certificate(haproxy, change->want, &change->err) < 0)
		return;
	if (!change->want && unlink(path) < 0 && errno != ENOENT) {
		err_errno(&change->err, -errno, "%s", path);
		return;
	}
	held = item_set_find(&haproxy->model.certificates, KIND_CERTIFICATE, uuid);
	if (held)
		item_unref(item_set_take(&haproxy->model.certificates, held));
	if (change->want)
		item_set_say(&haproxy->model.certificates, KIND_CERTIFICATE,
			     item_owner(change->want), uuid, item_value(change->want));
	haproxy->config_stale = true;
}

/* --- Listeners --- */

static void forget_listener(struct haproxy *haproxy, struct haproxy_listener *listener)
{
	unprobe_all(haproxy, listener);
	haproxy_model_remove(&haproxy->model, listener);
	haproxy_listener_free(listener);
}

/* The new one goes on with the old one's members. */
static void inherit(struct haproxy_listener *listener, struct haproxy_listener *old)
{
	listener->members = STEAL(old->members);
	listener->bound = old->bound && old->port == listener->port &&
			  ip_equal(&old->address, &listener->address);
	listener->counter = old->counter;
	for (struct haproxy_member *member = listener->members; member; member = member->next)
		member->listener = listener;
}

static void change_listener(struct haproxy *haproxy, struct change *change)
{
	struct haproxy_listener *old =
		haproxy_model_listener(&haproxy->model, item_key(change_item(change)));
	struct haproxy_listener *listener;

	if (!change->want) {
		if (old)
			forget_listener(haproxy, old);
	} else {
		if (haproxy_listener_parse(change->want, &listener, &change->err) < 0)
			return;
		if (haproxy_port_check(listener, &change->err) < 0) {
			haproxy_listener_free(listener);
			return;
		}
		if (old) {
			inherit(listener, old);
			haproxy_model_remove(&haproxy->model, old);
			haproxy_listener_free(old);
		}
		haproxy_model_add(&haproxy->model, listener);
	}
	haproxy->config_stale = true;
}

/* --- Members --- */

static void change_member(struct haproxy *haproxy, struct change *change)
{
	const struct item *item = change_item(change);
	struct haproxy_listener *listener =
		haproxy_model_listener_of(&haproxy->model, item_key(item));
	struct haproxy_member *member = NULL, **at;
	const char *space = strchr(item_key(item), ' ');

	if (change->want && haproxy_member_parse(change->want, &member, &change->err) < 0)
		return;
	if (!listener) {
		haproxy_member_free(member);
		if (change->want)
			err_set(&change->err, -ENOENT, "its listener is not there");
		return;
	}
	at = haproxy_listener_find(listener, space ? space + 1 : "");
	if (*at) {
		struct haproxy_member *old = *at;

		*at = old->next;
		haproxy_probe_remove(haproxy->probe, old);
		if (member && member->port == old->port &&
		    ip_equal(&member->address, &old->address))
			member->health = old->health;
		if (member)
			member->counter = old->counter;
		haproxy_member_free(old);
	}
	if (member) {
		/* At the end: the order of joining is the order of turns. */
		while (*at)
			at = &(*at)->next;
		*at = member;
		member->listener = listener;
		haproxy_probe_add(haproxy->probe, member);
	}
	listener->stale = true;
}

/* --- The provider --- */

static void change_kind(struct haproxy *haproxy, struct change **changes, size_t n,
			const char *kind, bool removals,
			void (*make)(struct haproxy *haproxy, struct change *change))
{
	for (size_t i = 0; i < n; i++)
		if (item_is(change_item(changes[i]), kind) && !changes[i]->want == removals)
			make(haproxy, changes[i]);
}

/* A certificate is there before its listener and goes after it; likewise listener and member. */
static void haproxy_apply(void *self, struct change **changes, size_t n)
{
	struct haproxy *haproxy = self;

	change_kind(haproxy, changes, n, KIND_MEMBER, true, change_member);
	change_kind(haproxy, changes, n, KIND_LISTENER, true, change_listener);
	change_kind(haproxy, changes, n, KIND_CERTIFICATE, true, change_certificate);
	change_kind(haproxy, changes, n, KIND_CERTIFICATE, false, change_certificate);
	change_kind(haproxy, changes, n, KIND_LISTENER, false, change_listener);
	change_kind(haproxy, changes, n, KIND_MEMBER, false, change_member);
	haproxy->file_stale = true;
	haproxy_sync_soon(haproxy);
}

static void load_certificate(struct haproxy *haproxy, const struct item *item)
{
	AUTO(free_ptr) char *path = certificate_path(haproxy, item_key(item));
	AUTO(free_ptr) char *pem = NULL;

	if (service_file_read(path, PEM_MOST, &pem, NULL) < 0)
		return;
	item_set_say(&haproxy->model.certificates, KIND_CERTIFICATE, item_owner(item),
		     item_key(item), service_digest(pem, strlen(pem)).s);
	explicit_bzero(pem, strlen(pem));
}

static void load_item(struct haproxy *haproxy, struct item *item, const char *kind)
{
	struct haproxy_listener *listener;
	struct haproxy_member *member, **at;

	if (!item_is(item, kind))
		return;
	if (item_is(item, KIND_CERTIFICATE)) {
		load_certificate(haproxy, item);
	} else if (item_is(item, KIND_LISTENER)) {
		if (haproxy_listener_parse(item, &listener, NULL) == 0)
			haproxy_model_add(&haproxy->model, listener);
	} else if (item_is(item, KIND_MEMBER)) {
		listener = haproxy_model_listener_of(&haproxy->model, item_key(item));
		if (!listener || haproxy_member_parse(item, &member, NULL) < 0)
			return;
		for (at = &listener->members; *at; at = &(*at)->next)
			;
		*at = member;
		member->listener = listener;
		haproxy_probe_add(haproxy->probe, member);
	}
}

static int load_counts(struct haproxy *haproxy, struct err *err)
{
	AUTO(free_ptr) char *text = NULL;
	int ret = service_file_read(haproxy->paths.counts, CONFIG_MOST, &text, err);

	if (ret == 0)
		haproxy_count_load(&haproxy->model, text);
	if (ret != -ENOENT)
		return ret;
	err_clear(err);
	return 0;
}

/* What the last agent left. */
static int load(struct haproxy *haproxy, struct err *err)
{
	AUTO(free_ptr) char *text = NULL;
	struct item_set items = ITEM_SET_NONE;
	struct item *item, *after;
	const char *digest;
	int ret = service_file_read(haproxy->paths.config, CONFIG_MOST, &text, err);

	if (ret == -ENOENT) {
		err_clear(err);
		return 0;
	}
	if (ret < 0)
		return ret;
	digest = strstr(text, "\n\tdescription weft-");
	if (digest && strlen(digest) > 19 + 64)
		memcpy(haproxy->placed.s, digest + 19, 64);
	service_marks_read(text, &items);
	item_set_for_each (&items, item, after)
		load_item(haproxy, item, KIND_CERTIFICATE);
	item_set_for_each (&items, item, after)
		load_item(haproxy, item, KIND_LISTENER);
	item_set_for_each (&items, item, after)
		load_item(haproxy, item, KIND_MEMBER);
	item_set_clear(&items);
	return load_counts(haproxy, err);
}

static void say(struct item_set *have, const struct item *item)
{
	item_set_say(have, item_kind(item), item_owner(item), item_key(item), item_value(item));
}

static int haproxy_read(void *self, const struct item_set *want, struct item_set *have,
			struct err *err)
{
	struct haproxy *haproxy = self;
	struct map_node *node, *after;
	struct item *item, *next;

	(void)want;
	if (!haproxy->was_read && load(haproxy, err) < 0)
		return err->code;
	haproxy->was_read = true;
	item_set_for_each (&haproxy->model.certificates, item, next)
		say(have, item);
	map_for_each (&haproxy->model.listeners, node, after) {
		const struct haproxy_listener *listener =
			CONTAINER_OF(node, struct haproxy_listener, by_uuid);

		if (!listener->refused)
			say(have, listener->item);
		for (struct haproxy_member *member = listener->members; member;
		     member = member->next)
			say(have, member->item);
	}
	/* What runs is looked at as well, and brought to it. */
	haproxy->config_stale = true;
	haproxy_sync_anew(haproxy);
	return 0;
}

struct haproxy_look *haproxy_look(struct haproxy *haproxy, haproxy_looked_fn *done, void *data)
{
	return haproxy_counting_look(haproxy->counting, done, data);
}

struct provider haproxy_provider(struct haproxy *haproxy)
{
	static const char *const kinds[] = { KIND_CERTIFICATE, KIND_LISTENER, KIND_MEMBER, NULL };

	return (struct provider){
		.name = "haproxy",
		.kinds = kinds,
		.self = haproxy,
		.read = haproxy_read,
		.apply = haproxy_apply,
		.at_once = true,
	};
}
