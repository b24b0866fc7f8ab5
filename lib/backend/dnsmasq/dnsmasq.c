/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/backend/dnsmasq/dnsmasq.h"

#include <errno.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/backend/child/service_file.h"
#include "lib/backend/dnsmasq/dhcp_release.h"
#include "lib/backend/dnsmasq/dns_probe.h"
#include "lib/backend/dnsmasq/dnsmasq_config.h"
#include "lib/backend/dnsmasq/dnsmasq_hosts.h"
#include "lib/backend/netns/netns.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

#define DNSMASQ_PROGRAM "/usr/sbin/dnsmasq"
#define CONFIG_MOST     (64 << 20)
/* Reading everything again costs dnsmasq about 0.1 ms for each host, in which it answers nobody:
 * never more than a fifth of its time goes there. */
#define RELOAD_DISTANCE_MS      500
#define RELOAD_DISTANCE_HOST_US 500

struct dnsmasq {
	char *dir, *main_path, *servers_path, *hosts_dir;
	char *netns; /* NULL: ours. */
	struct child_process *process;
	struct item_set items;          /* Ours but the hosts, as they are in the files. */
	bool main_stale, servers_stale; /* A file is behind the items. */
	struct dns_probe *probe;
	bool was_read;
	size_t n_hosts, n_second; /* Second NICs among them. */
	bool tagged;              /* The process has read of some. */
	bool outdated;            /* It may know hosts that are gone. */
	struct event *reload;
	uint64_t reloaded_ms;
};

static void on_first_changed(void *data);

/* SIGHUP as soon as it may be. While the process starts it would be lost: it is sent again then. */
static void reload_later(struct dnsmasq *dnsmasq)
{
	uint64_t next_ms = dnsmasq->reloaded_ms + RELOAD_DISTANCE_MS +
			   dnsmasq->n_hosts * RELOAD_DISTANCE_HOST_US / 1000;
	uint64_t now_ms = clock_ms();
	uint64_t wait_ms = next_ms > now_ms ? next_ms - now_ms : 0;
	struct timeval timeout = { .tv_sec = (time_t)(wait_ms / 1000),
				   .tv_usec = (suseconds_t)(wait_ms % 1000 * 1000) };

	if (!event_pending(dnsmasq->reload, EV_TIMEOUT, NULL))
		event_add(dnsmasq->reload, &timeout);
}

static void on_reload(evutil_socket_t fd, short what, void *data)
{
	struct dnsmasq *dnsmasq = data;
	uint64_t alive_ms = child_process_alive_ms(dnsmasq->process);

	(void)fd;
	(void)what;
	dnsmasq->reloaded_ms = clock_ms();
	if (dnsmasq->tagged) {
		/* dnsmasq 2.90 frees a host's tag together with the tags that it hung behind it for
		 * a client: a reload would end it. The leases are in its file. */
		if (dnsmasq->outdated)
			child_process_restart(dnsmasq->process);
		dnsmasq->tagged = dnsmasq->n_second > 0;
		dnsmasq->outdated = false;
		return;
	}
	dnsmasq->outdated = false;
	if (child_process_signal(dnsmasq->process, SIGHUP) && alive_ms < 2 * RELOAD_DISTANCE_MS)
		reload_later(dnsmasq);
}

/* What it says about each file and server whenever it reads them again. */
static const char *const quiet[] = { ": read /",
				     ": inotify: ",
				     ": using nameserver ",
				     ": cleared cache",
				     ": compile time options: ",
				     ": warning: no upstream servers configured",
				     NULL };

/* It takes its group again when it starts. */
static const uint64_t capabilities =
	1 << CAP_NET_BIND_SERVICE | 1 << CAP_NET_RAW | 1 << CAP_NET_ADMIN | 1 << CAP_SETGID;

int dnsmasq_new(struct event_base *base, const struct dnsmasq_settings *settings,
		struct dnsmasq **ret, struct err *err)
{
	const char *run_dir = settings->run_dir;
	/* The process does not run where we do. */
	AUTO(free_ptr) char *absolute = realpath(run_dir, NULL);
	struct dnsmasq *dnsmasq;

	if (!absolute)
		return err_errno(err, -errno, "%s", run_dir);
	dnsmasq = mem_alloc(sizeof(*dnsmasq));
	dnsmasq->dir = mem_format("%s/%s", absolute, settings->name);
	dnsmasq->main_path = mem_format("%s/main.conf", dnsmasq->dir);
	dnsmasq->servers_path = mem_format("%s/servers.conf", dnsmasq->dir);
	dnsmasq->hosts_dir = mem_format("%s/hosts", dnsmasq->dir);
	dnsmasq->reload = evtimer_new(base, on_reload, dnsmasq);
	dnsmasq->probe = dns_probe_new(base, on_first_changed, dnsmasq);
	if ((mkdir(dnsmasq->dir, 0700) < 0 && errno != EEXIST) ||
	    (mkdir(dnsmasq->hosts_dir, 0700) < 0 && errno != EEXIST))
		err_errno(err, -errno, "%s", dnsmasq->hosts_dir);
	else if (child_process_new(base, run_dir, settings->name, settings->changed, settings->data,
				   &dnsmasq->process, err) == 0) {
		if (settings->netns) {
			dnsmasq->netns = mem_text(settings->netns);
			child_process_enter(dnsmasq->process, settings->netns);
		}
		child_process_quieten(dnsmasq->process, quiet);
		child_process_confine(dnsmasq->process, capabilities);
		*ret = dnsmasq;
		return 0;
	}
	dnsmasq_free(dnsmasq);
	return err->code;
}

void dnsmasq_free(struct dnsmasq *dnsmasq)
{
	if (!dnsmasq)
		return;
	event_free(dnsmasq->reload);
	dns_probe_free(dnsmasq->probe);
	child_process_free(dnsmasq->process);
	item_set_clear(&dnsmasq->items);
	free(dnsmasq->netns);
	free(dnsmasq->dir);
	free(dnsmasq->main_path);
	free(dnsmasq->servers_path);
	free(dnsmasq->hosts_dir);
	free(dnsmasq);
}

/* Lets the process run with what the main file says, or rest. */
static void settle(struct dnsmasq *dnsmasq, const struct text *config)
{
	AUTO(free_ptr) char *option = mem_format("--conf-file=%s", dnsmasq->main_path);
	const char *argv[] = { DNSMASQ_PROGRAM, "--keep-in-foreground", option, NULL };
	struct service_digest digest = service_digest(text_view(config), config->length);

	if (dnsmasq_is_needed(&dnsmasq->items))
		child_process_want(dnsmasq->process, argv, digest.s);
	else
		child_process_stop(dnsmasq->process);
}

static int write_main(struct dnsmasq *dnsmasq, struct err *err)
{
	AUTO(text_clear) struct text config = TEXT_NONE;

	if (!dnsmasq->main_stale)
		return 0;
	dnsmasq_main_text(&dnsmasq->items, dnsmasq->dir, &config);
	if (service_file_write(dnsmasq->main_path, text_view(&config), config.length, 0600, err) <
	    0)
		return err->code;
	dnsmasq->main_stale = false;
	settle(dnsmasq, &config);
	return 0;
}

static int write_servers(struct dnsmasq *dnsmasq, struct err *err)
{
	AUTO(text_clear) struct text servers = TEXT_NONE;

	if (!dnsmasq->servers_stale)
		return 0;
	dnsmasq_servers_text(&dnsmasq->items, dns_probe_first(dnsmasq->probe), &servers);
	if (service_file_write(dnsmasq->servers_path, text_view(&servers), servers.length, 0600,
			       err) < 0)
		return err->code;
	dnsmasq->servers_stale = false;
	reload_later(dnsmasq);
	return 0;
}

/* Another forwarder is the first that answers. */
static void on_first_changed(void *data)
{
	struct dnsmasq *dnsmasq = data;
	AUTO(err_clear) struct err err = ERR_NONE;
	AUTO(free_ptr) struct ip *servers = NULL;
	size_t n, first = dns_probe_first(dnsmasq->probe);

	servers = dnsmasq_servers(&dnsmasq->items, &n);
	if (first > 0 && first < n)
		log_warning("DNS server %s does not answer: %s is asked first",
			    ip_text(&servers[0]).s, ip_text(&servers[first]).s);
	else if (n > 0)
		log_info("DNS server %s answers again", ip_text(&servers[0]).s);
	dnsmasq->servers_stale = true;
	if (write_servers(dnsmasq, &err) < 0)
		log_error("%s", err_text(&err));
}

/* The forwarders are others now. */
static void probe_servers(struct dnsmasq *dnsmasq)
{
	AUTO(free_ptr) struct ip *servers = NULL;
	size_t n;

	servers = dnsmasq_servers(&dnsmasq->items, &n);
	dns_probe_set(dnsmasq->probe, servers, n);
}

static int read_file(const char *path, struct item_set *items, struct text *text, struct err *err)
{
	AUTO(free_ptr) char *bytes = NULL;
	int ret = service_file_read(path, CONFIG_MOST, &bytes, err);

	if (ret == -ENOENT) {
		err_clear(err);
		return 0;
	}
	if (ret < 0)
		return ret;
	text_add(text, bytes);
	service_marks_read(bytes, items);
	return 0;
}

static bool is_second(const struct item *item)
{
	return item_is(item, "dhcp.host") && dnsmasq_host_is_second(item);
}

static int dnsmasq_read(void *self, const struct item_set *want, struct item_set *have,
			struct err *err)
{
	struct dnsmasq *dnsmasq = self;
	AUTO(text_clear) struct text config = TEXT_NONE;
	AUTO(text_clear) struct text servers = TEXT_NONE;
	struct item *item, *after;

	(void)want;
	item_set_clear(&dnsmasq->items);
	if (read_file(dnsmasq->main_path, &dnsmasq->items, &config, err) < 0 ||
	    read_file(dnsmasq->servers_path, &dnsmasq->items, &servers, err) < 0)
		return err->code;
	dnsmasq->main_stale = config.length == 0;
	dnsmasq->servers_stale = servers.length == 0;
	item_set_for_each (&dnsmasq->items, item, after)
		item_set_say(have, item_kind(item), item_owner(item), item_key(item),
			     item_value(item));
	settle(dnsmasq, &config);
	if (!dnsmasq->was_read) {
		/* The last agent may have known the first forwarder as dead. */
		dnsmasq->servers_stale = true;
		probe_servers(dnsmasq);
		if (write_servers(dnsmasq, err) < 0)
			return err->code;
	}
	/* Whoever wrote the files last may not have lived to say so. */
	if (!dnsmasq->was_read) {
		dnsmasq->outdated = child_process_alive_ms(dnsmasq->process) > 0;
		reload_later(dnsmasq);
	}
	dnsmasq->was_read = true;
	if (dnsmasq_hosts_read(dnsmasq->hosts_dir, have, err) < 0)
		return err->code;
	dnsmasq->n_second = 0;
	item_set_for_each (have, item, after)
		dnsmasq->n_second += is_second(item);
	dnsmasq->tagged = dnsmasq->tagged || dnsmasq->n_second;
	dnsmasq->n_hosts = item_set_count(have) - item_set_count(&dnsmasq->items);
	return 0;
}

/* The router's address in the network that 'address' is in; NULL if no range has it. */
static bool server_of(const struct dnsmasq *dnsmasq, const struct ip *address,
		      struct dnsmasq_range *range)
{
	struct item *item, *after;

	item_set_for_each_of (&dnsmasq->items, "dhcp.range", item, after)
		if (dnsmasq_range_parse(item, range, NULL) == 0 &&
		    prefix_contains(&range->network, address))
			return true;
	return false;
}

static void release(const struct dnsmasq *dnsmasq, const struct item *host)
{
	AUTO(err_clear) struct err err = ERR_NONE;
	AUTO(free_ptr) char *value = mem_text(item_value(host));
	const char *mac_at = strrchr(item_key(host), ' ');
	struct dnsmasq_range range;
	struct ip address;
	struct mac mac;
	int home = -1;

	value[strcspn(value, " ")] = '\0';
	if (!mac_at || mac_parse(mac_at + 1, &mac, NULL) < 0 ||
	    ip_parse(value, &address, NULL) < 0 || !server_of(dnsmasq, &address, &range))
		return;
	if (dnsmasq->netns)
		home = netns_enter(dnsmasq->netns, &err);
	if (err.code < 0 || dhcp_release_send(&range.server, &address, &mac, &err) < 0)
		log_warning("the lease of %s stays until it ends: %s", value, err_text(&err));
	if (home >= 0)
		netns_leave(home);
}

static void change_host(struct dnsmasq *dnsmasq, struct change *change)
{
	if (change->want) {
		if (dnsmasq_host_write(dnsmasq->hosts_dir, change->want, &change->err) < 0)
			return;
		dnsmasq->n_hosts += !change->have;
	} else {
		if (dnsmasq_host_remove(dnsmasq->hosts_dir, change->have, &change->err) < 0)
			return;
		dnsmasq->n_hosts -= dnsmasq->n_hosts > 0;
	}
	if (change->want && is_second(change->want)) {
		dnsmasq->n_second++;
		dnsmasq->tagged = true;
	}
	if (change->have && is_second(change->have) && dnsmasq->n_second)
		dnsmasq->n_second--;
	if (change->have) {
		dnsmasq->outdated = true;
		release(dnsmasq, change->have);
		reload_later(dnsmasq);
	}
}

static int check(const struct item *item, struct err *err)
{
	struct dnsmasq_range range;
	struct ip ip;

	if (item_is(item, "dhcp.range"))
		return dnsmasq_range_parse(item, &range, err);
	return ip_parse(item_is(item, "dns.listen") ? item_key(item) : item_value(item), &ip, err);
}

static void change_setting(struct dnsmasq *dnsmasq, struct change *change)
{
	const struct item *item = change_item(change);
	struct item *held;

	if (change->want && check(change->want, &change->err) < 0)
		return;
	held = item_set_find(&dnsmasq->items, item_kind(item), item_key(item));
	if (held)
		item_unref(item_set_take(&dnsmasq->items, held));
	if (change->want)
		item_set_say(&dnsmasq->items, item_kind(item), item_owner(item), item_key(item),
			     item_value(item));
	if (item_is(item, "dns.forwarder"))
		dnsmasq->servers_stale = true;
	else
		dnsmasq->main_stale = true;
}

/* Tells every change of settings what kept the files from being written. */
static void blame(struct change **changes, size_t n, const struct err *err)
{
	for (size_t i = 0; i < n; i++)
		if (!item_is(change_item(changes[i]), "dhcp.host") && changes[i]->err.code == 0)
			err_set(&changes[i]->err, err->code, "%s", err_text(err));
}

static void dnsmasq_apply(void *self, struct change **changes, size_t n)
{
	struct dnsmasq *dnsmasq = self;
	AUTO(err_clear) struct err err = ERR_NONE;

	for (size_t i = 0; i < n; i++) {
		if (item_is(change_item(changes[i]), "dhcp.host"))
			change_host(dnsmasq, changes[i]);
		else
			change_setting(dnsmasq, changes[i]);
	}
	if (dnsmasq->servers_stale)
		probe_servers(dnsmasq);
	if (write_servers(dnsmasq, &err) < 0 || write_main(dnsmasq, &err) < 0)
		blame(changes, n, &err);
}

void dnsmasq_forget(struct dnsmasq *dnsmasq)
{
	AUTO(free_ptr) char *leases = mem_format("%s/leases", dnsmasq->dir);

	unlink(leases);
	unlink(dnsmasq->main_path);
	unlink(dnsmasq->servers_path);
	rmdir(dnsmasq->hosts_dir);
	rmdir(dnsmasq->dir);
	child_process_forget(dnsmasq->process);
}

struct provider dnsmasq_provider(struct dnsmasq *dnsmasq)
{
	static const char *const kinds[] = { "dns.listen", "dns.forwarder", "dhcp.range",
					     "dhcp.host", NULL };

	return (struct provider){
		.name = "dnsmasq",
		.kinds = kinds,
		.self = dnsmasq,
		.read = dnsmasq_read,
		.apply = dnsmasq_apply,
		.at_once = true,
	};
}

void dnsmasq_status(const struct dnsmasq *dnsmasq, struct child_status *status)
{
	child_process_status(dnsmasq->process, status);
}

bool dnsmasq_serves(const struct dnsmasq *dnsmasq, const char *owner)
{
	struct item *item, *after;

	item_set_for_each (&dnsmasq->items, item, after)
		if (strcmp(item_owner(item), owner) == 0)
			return true;
	return false;
}
