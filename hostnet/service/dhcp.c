/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hostnet/service/dhcp.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/backend/dnsmasq/dnsmasq.h"
#include "lib/backend/netns/netns.h"
#include "lib/base/log.h"

#define NAME_BEGIN "dhcp-"

struct server {
	struct map_node by_network;
	struct dhcp *dhcp;
	char *network;
	struct dnsmasq *dnsmasq;
	size_t n_items; /* That it holds. */
};

struct dhcp {
	struct event_base *base;
	char *dir;
	const struct responders *responders;
	struct map servers;
	struct event *tidy;
	child_changed_fn *changed;
	void *data;
};

static void on_changed(void *data)
{
	struct server *server = data;

	/* It may have been the last that was waited for; not from within its own call. */
	event_active(server->dhcp->tidy, EV_TIMEOUT, 0);
	server->dhcp->changed(server->dhcp->data);
}

static bool has_network(const struct map_node *node, const void *key)
{
	return strcmp(CONTAINER_OF(node, struct server, by_network)->network, key) == 0;
}

static struct server *find(const struct dhcp *dhcp, const char *network)
{
	struct map_node *node =
		map_find(&dhcp->servers, map_hash_text(network), has_network, network);

	return node ? CONTAINER_OF(node, struct server, by_network) : NULL;
}

static struct server *need(struct dhcp *dhcp, const char *network, struct err *err)
{
	struct server *server = find(dhcp, network);
	AUTO(free_ptr) char *name = mem_format(NAME_BEGIN "%s", network);
	AUTO(free_ptr) char *netns = responders_path(dhcp->responders, network);
	struct dnsmasq_settings settings = {
		.run_dir = dhcp->dir, .name = name, .netns = netns, .changed = on_changed
	};

	if (server)
		return server;
	server = mem_alloc(sizeof(*server));
	server->dhcp = dhcp;
	settings.data = server;
	if (dnsmasq_new(dhcp->base, &settings, &server->dnsmasq, err) < 0) {
		free(server);
		return NULL;
	}
	server->network = mem_text(network);
	map_add(&dhcp->servers, &server->by_network, map_hash_text(network));
	return server;
}

static void server_free(struct server *server)
{
	dnsmasq_free(server->dnsmasq);
	free(server->network);
	free(server);
}

/* Those without anything to serve go when their process has ended. */
static void on_tidy(evutil_socket_t fd, short what, void *data)
{
	struct dhcp *dhcp = data;
	struct map_node *node, *after;

	(void)fd;
	(void)what;
	map_for_each (&dhcp->servers, node, after) {
		struct server *server = CONTAINER_OF(node, struct server, by_network);
		struct child_status status;

		dnsmasq_status(server->dnsmasq, &status);
		if (server->n_items || status.pid)
			continue;
		map_remove(&dhcp->servers, node);
		dnsmasq_forget(server->dnsmasq);
		server_free(server);
	}
}

/* The mount may have gone with the last agent's mount namespace; not the process in it. */
static void keep_namespace(const struct server *server)
{
	AUTO(free_ptr) char *path = responders_path(server->dhcp->responders, server->network);
	AUTO(err_clear) struct err err = ERR_NONE;
	struct child_status status;

	dnsmasq_status(server->dnsmasq, &status);
	if (status.pid && netns_keep(path, status.pid, &err) < 0)
		log_warning("l3_network %s: %s", server->network, err_text(&err));
}

/* Whatever the last agent left: it is read, so that what is not wanted of it goes. */
static int take_over(struct dhcp *dhcp, struct err *err)
{
	DIR *entries = opendir(dhcp->dir);
	struct dirent *entry;

	if (!entries)
		return err_errno(err, -errno, "%s", dhcp->dir);
	while (err->code == 0 && (entry = readdir(entries))) {
		const struct server *server;

		if (strncmp(entry->d_name, NAME_BEGIN, strlen(NAME_BEGIN)) != 0 ||
		    entry->d_type != DT_DIR)
			continue;
		server = need(dhcp, entry->d_name + strlen(NAME_BEGIN), err);
		if (server)
			keep_namespace(server);
	}
	closedir(entries);
	return err->code;
}

int dhcp_new(struct event_base *base, const char *run_dir, const struct responders *responders,
	     child_changed_fn *changed, void *data, struct dhcp **ret, struct err *err)
{
	struct dhcp *dhcp = mem_alloc(sizeof(*dhcp));

	dhcp->base = base;
	dhcp->dir = mem_format("%s/dhcp", run_dir);
	dhcp->responders = responders;
	dhcp->changed = changed;
	dhcp->data = data;
	dhcp->tidy = event_new(base, -1, 0, on_tidy, dhcp);
	if (mkdir(dhcp->dir, 0700) < 0 && errno != EEXIST)
		err_errno(err, -errno, "%s", dhcp->dir);
	else if (take_over(dhcp, err) == 0) {
		*ret = dhcp;
		return 0;
	}
	dhcp_free(dhcp);
	return err->code;
}

void dhcp_free(struct dhcp *dhcp)
{
	struct map_node *node, *after;

	if (!dhcp)
		return;
	map_for_each (&dhcp->servers, node, after) {
		map_remove(&dhcp->servers, node);
		server_free(CONTAINER_OF(node, struct server, by_network));
	}
	map_clear(&dhcp->servers);
	event_free(dhcp->tidy);
	free(dhcp->dir);
	free(dhcp);
}

static int dhcp_read(void *self, const struct item_set *want, struct item_set *have,
		     struct err *err)
{
	struct dhcp *dhcp = self;
	struct map_node *node, *after;

	map_for_each (&dhcp->servers, node, after) {
		struct server *server = CONTAINER_OF(node, struct server, by_network);
		struct provider provider = dnsmasq_provider(server->dnsmasq);
		struct item_set held = ITEM_SET_NONE;
		struct item *item, *next;
		int ret = provider.read(provider.self, want, &held, err);

		server->n_items = item_set_count(&held);
		item_set_for_each (&held, item, next)
			item_set_add(have, item_set_take(&held, item));
		item_set_clear(&held);
		if (ret < 0)
			return ret;
	}
	event_active(dhcp->tidy, EV_TIMEOUT, 0);
	return 0;
}

static char *network_of(const struct item *item)
{
	return mem_format("%.*s", (int)strcspn(item_key(item), " "), item_key(item));
}

/* The changes from 'first' on that are of the same network, in one call. */
static void apply_network(struct dhcp *dhcp, struct change **changes, size_t n, size_t first,
			  bool *done)
{
	AUTO(free_ptr) char *network = network_of(change_item(changes[first]));
	AUTO(free_ptr) struct change **of = mem_array(n, sizeof(*of));
	AUTO(err_clear) struct err err = ERR_NONE;
	struct server *server = strchr(network, '/') ? NULL : need(dhcp, network, &err);
	struct provider provider;
	size_t n_of = 0;

	for (size_t i = first; i < n; i++) {
		AUTO(free_ptr) char *other = network_of(change_item(changes[i]));

		if (done[i] || strcmp(other, network) != 0)
			continue;
		done[i] = true;
		of[n_of++] = changes[i];
		if (!server)
			err_set(&changes[i]->err, -EIO, "%s", err_text(&err));
	}
	if (!server)
		return;
	provider = dnsmasq_provider(server->dnsmasq);
	provider.apply(provider.self, of, n_of);
	for (size_t i = 0; i < n_of; i++) {
		if (of[i]->err.code)
			continue;
		server->n_items += of[i]->want && !of[i]->have;
		server->n_items -= !of[i]->want && server->n_items > 0;
	}
}

static void dhcp_apply(void *self, struct change **changes, size_t n)
{
	struct dhcp *dhcp = self;
	AUTO(free_ptr) bool *done = mem_array(n + 1, sizeof(*done));

	for (size_t i = 0; i < n; i++)
		if (!done[i])
			apply_network(dhcp, changes, n, i, done);
	event_active(dhcp->tidy, EV_TIMEOUT, 0);
}

struct provider dhcp_provider(struct dhcp *dhcp)
{
	static const char *const kinds[] = { "dhcp.range", "dhcp.host", NULL };

	return (struct provider){
		.name = "dhcp",
		.kinds = kinds,
		.self = dhcp,
		.read = dhcp_read,
		.apply = dhcp_apply,
		.at_once = true,
	};
}

void dhcp_status(const struct dhcp *dhcp, dhcp_visit_fn *visit, void *data)
{
	struct map_node *node, *after;
	struct child_status status;

	map_for_each (&dhcp->servers, node, after) {
		dnsmasq_status(CONTAINER_OF(node, struct server, by_network)->dnsmasq, &status);
		visit(data, &status);
	}
}

bool dhcp_status_of(const struct dhcp *dhcp, const char *network, struct child_status *status)
{
	const struct server *server = find(dhcp, network);

	if (server)
		dnsmasq_status(server->dnsmasq, status);
	return server;
}
