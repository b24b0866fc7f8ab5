/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/wire/server.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/log.h"
#include "lib/wire/interface.h"
#include "lib/wire/server_state.h"
#include "lib/wire/tls.h"

struct wire_server *wire_server_new(struct event_base *base, const char *vendor,
				    const char *product, const char *version)
{
	struct wire_server *server = mem_alloc(sizeof(*server));

	server->base = base;
	server->limits = (struct wire_limits)WIRE_LIMITS_DEFAULT;
	server->vendor = mem_text(vendor);
	server->product = mem_text(product);
	server->version = mem_text(version);
	return server;
}

static void interface_free(struct wire_interface *interface)
{
	while (interface->methods) {
		struct wire_method *method = interface->methods;

		interface->methods = method->next;
		free(method->name);
		free(method);
	}
	free(interface->name);
	free(interface->text);
	free(interface);
}

void wire_server_free(struct wire_server *server)
{
	if (!server)
		return;
	while (server->connections)
		connection_free(server->connections);
	while (server->listeners) {
		struct wire_listener *listener = server->listeners;

		server->listeners = listener->next;
		listener_free(listener);
	}
	while (server->interfaces) {
		struct wire_interface *interface = server->interfaces;

		server->interfaces = interface->next;
		interface_free(interface);
	}
	wire_tls_free(server->tls);
	free(server->vendor);
	free(server->product);
	free(server->version);
	free(server);
}

static struct wire_method *method_named(struct wire_interface *interface, const char *name)
{
	struct wire_method *method = interface->methods;

	while (method && strcmp(method->name, name) != 0)
		method = method->next;
	if (method)
		return method;
	method = mem_alloc(sizeof(*method));
	method->name = mem_text(name);
	method->next = interface->methods;
	interface->methods = method;
	return method;
}

static void note_member(enum wire_member member, const char *name, void *data)
{
	if (member == WIRE_MEMBER_METHOD)
		method_named(data, name);
}

struct wire_interface *wire_server_add_interface(struct wire_server *server, const char *name,
						 const char *text)
{
	struct wire_interface *interface = mem_alloc(sizeof(*interface));
	struct err err = ERR_NONE;

	interface->name = mem_text(name);
	interface->text = mem_text(text);
	if (wire_interface_read(text, NULL, note_member, interface, &err) < 0)
		log_error("the text of interface %s: %s", name, err_text(&err));
	err_clear(&err);
	interface->next = server->interfaces;
	server->interfaces = interface;
	return interface;
}

void wire_interface_add_method(struct wire_interface *interface, const char *name,
			       wire_method_fn *method, void *data)
{
	struct wire_method *entry = method_named(interface, name);

	entry->method = method;
	entry->data = data;
}

void wire_interface_add_methods(struct wire_interface *interface,
				const struct wire_method_entry *table, void *data)
{
	for (; table->name; table++)
		wire_interface_add_method(interface, table->name, table->method, data);
}

void wire_server_set_limits(struct wire_server *server, const struct wire_limits *limits)
{
	server->limits = *limits;
}

size_t wire_server_n_connections(const struct wire_server *server)
{
	return server->n_connections;
}

void wire_server_use_tls(struct wire_server *server, struct wire_tls *tls)
{
	wire_tls_free(server->tls);
	server->tls = tls;
}
