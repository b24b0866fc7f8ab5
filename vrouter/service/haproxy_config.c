/* SPDX-License-Identifier: GPL-2.0-or-later */
/* haproxy_config.c - the text that HAProxy starts with. Pure. */
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "lib/backend/child/service_file.h"
#include "vrouter/service/haproxy_model.h"

/* HAProxy takes the last colon for the port's, whatever the address. */
static void add_address(struct text *text, const struct ip *address, uint16_t port)
{
	text_format(text, "ipv%d@%s:%u", address->family, ip_text(address).s, port);
}

static void add_global(const struct haproxy_model *model, const struct haproxy_paths *paths,
		       const char *digest, struct text *text)
{
	uint64_t connections = 2000;
	struct map_node *node, *after;

	map_for_each (&model->listeners, node, after)
		connections +=
			CONTAINER_OF(node, struct haproxy_listener, by_uuid)->max_connections;
	text_add(text, "# Written by weft: changes are lost.\nglobal\n");
	text_format(text, "\tdescription weft-%s\n", digest);
	text_format(text, "\tstats socket %s mode 600 level admin\n", paths->worker);
	text_format(text, "\tserver-state-file %s\n", paths->state);
	/* Files are read and sockets bound before it gives up being root. */
	text_add(text, "\tuser haproxy\n\tgroup haproxy\n");
	if (connections > paths->connections_most)
		connections = paths->connections_most;
	text_format(text, "\tmaxconn %llu\n\tno strict-limits\n", (unsigned long long)connections);
	text_add(text, "\tssl-default-bind-options ssl-min-ver TLSv1.2\n");
	text_add(text, "\ttune.ssl.default-dh-param 2048\n\n");
	text_add(text, "defaults\n"
		       "\tload-server-state-from-file global\n"
		       "\ttimeout connect 5s\n"
		       "\tretries 3\n"
		       "\toption redispatch 1\n"
		       "\toption dontlognull\n");
}

static void add_certificates(struct text *text, const struct haproxy_listener *listener,
			     const char *dir)
{
	AUTO(free_ptr) char *list = mem_text(listener->certificates);
	char *rest = list, *one;

	text_add(text, " ssl");
	while ((one = strsep(&rest, ",")))
		text_format(text, " crt %s/%s.pem", dir, one);
	text_add(text, " alpn h2,http/1.1");
}

static void add_listener(struct text *text, const struct haproxy_listener *listener,
			 const struct haproxy_paths *paths)
{
	text_format(text, "\nlisten l-%s\n", listener->uuid);
	text_format(text, "\tmode %s\n", listener->protocol == HAPROXY_TCP ? "tcp" : "http");
	text_add(text, "\tbind ");
	add_address(text, &listener->address, listener->port);
	/* The address may come later, or go for a while. */
	text_add(text, " transparent");
	if (listener->protocol == HAPROXY_HTTPS)
		add_certificates(text, listener, paths->certificates);
	text_add(text, "\n");
	text_format(text, "\tbalance %s\n", listener->algorithm);
	/* Only a consistent hash lets members come and go while it runs. */
	if (strcmp(listener->algorithm, "source") == 0)
		text_add(text, "\thash-type consistent\n");
	/* What is above the limit waits, in the kernel. */
	text_format(text, "\tmaxconn %u\n\tbacklog 4096\n", listener->max_connections);
	text_format(text, "\ttimeout client %us\n\ttimeout server %us\n", listener->idle_s,
		    listener->idle_s);
	if (listener->protocol == HAPROXY_TCP)
		return;
	text_format(text, "\ttimeout http-request %us\n", listener->idle_s);
	text_add(text, "\toption forwardfor\n");
	text_format(text, "\thttp-request set-header X-Forwarded-Proto %s\n",
		    listener->protocol == HAPROXY_HTTPS ? "https" : "http");
}

static void add_members(struct text *text, const struct haproxy_listener *listener)
{
	for (const struct haproxy_member *member = listener->members; member;
	     member = member->next) {
		service_mark_add(text, member->item);
		text_format(text, "\tserver m-%s ", member->uuid);
		add_address(text, &member->address, member->port);
		text_format(text, " weight %u\n", member->weight);
	}
}

static void add_certificate_marks(struct text *text, const struct haproxy_model *model)
{
	struct item *item, *after;

	item_set_for_each (&model->certificates, item, after)
		service_mark_add(text, item);
}

/* A certificate that changed is read by a new worker: its digest is part of what a reload is for.
 */
static void add_certificate_digests(struct text *text, const struct haproxy_model *model,
				    const struct haproxy_listener *listener)
{
	AUTO(free_ptr) char *list = mem_text(listener->certificates);
	char *rest = list, *one;
	const struct item *item;

	while ((one = strsep(&rest, ","))) {
		item = item_set_find(&model->certificates, "haproxy.certificate", one);
		text_format(text, "# %s %s\n", one, item ? item_value(item) : "");
	}
}

void haproxy_config_text(const struct haproxy_model *model, const struct haproxy_paths *paths,
			 const char *digest, bool with_members, struct text *text)
{
	AUTO(free_ptr) struct haproxy_listener **list = haproxy_model_sorted(model);

	add_global(model, paths, digest, text);
	if (with_members)
		add_certificate_marks(text, model);
	for (size_t i = 0; list[i]; i++) {
		if (list[i]->refused)
			continue;
		if (list[i]->certificates)
			add_certificate_digests(text, model, list[i]);
		if (with_members)
			service_mark_add(text, list[i]->item);
		add_listener(text, list[i], paths);
		if (with_members)
			add_members(text, list[i]);
	}
}

char *haproxy_config_listener_at(const char *text, unsigned int line)
{
	const char *found = NULL;

	for (unsigned int i = 1; text && i <= line; i++) {
		if (strncmp(text, "listen l-", 9) == 0)
			found = text + 9;
		text = strchr(text, '\n');
		text = text ? text + 1 : NULL;
	}
	return found ? mem_text_n(found, strcspn(found, "\n")) : NULL;
}
