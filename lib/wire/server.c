/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/wire/server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/wire/address.h"
#include "lib/wire/server_state.h"
#include "lib/wire/tls.h"

struct wire_server *wire_server_new(struct event_base *base, const char *vendor,
				    const char *product, const char *version)
{
	struct wire_server *server = mem_alloc(sizeof(*server));

	server->base = base;
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

static void listener_free(struct wire_listener *listener)
{
	if (listener->listener)
		evconnlistener_free(listener->listener);
	if (listener->path)
		unlink(listener->path);
	free(listener->path);
	free(listener);
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

struct wire_interface *wire_server_add_interface(struct wire_server *server, const char *name,
						 const char *text)
{
	struct wire_interface *interface = mem_alloc(sizeof(*interface));

	interface->name = mem_text(name);
	interface->text = mem_text(text);
	interface->next = server->interfaces;
	server->interfaces = interface;
	return interface;
}

void wire_interface_add_method(struct wire_interface *interface, const char *name,
			       wire_method_fn *method, void *data)
{
	struct wire_method *entry = mem_alloc(sizeof(*entry));

	*entry = (struct wire_method){ mem_text(name), method, data, interface->methods };
	interface->methods = entry;
}

void wire_server_use_tls(struct wire_server *server, struct wire_tls *tls)
{
	wire_tls_free(server->tls);
	server->tls = tls;
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *peer,
		      int size, void *data)
{
	struct wire_listener *self = data;

	(void)listener;
	(void)peer;
	(void)size;
	if (self->server->n_connections >= WIRE_CONNECTIONS_MAX) {
		log_warning("%d clients are here already: one more is sent away",
			    WIRE_CONNECTIONS_MAX);
		close(fd);
		return;
	}
	connection_new(self->server, fd, self->is_tcp);
}

/* A socket that nobody answers on is left from a process that died. */
static int clear_path(const struct wire_address *address, struct err *err)
{
	AUTO(close_fd) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct stat stat;

	if (lstat(address->path, &stat) < 0)
		return 0;
	if (!S_ISSOCK(stat.st_mode))
		return err_set(err, -EEXIST, "something that is no socket is in its place");
	if (connect(fd, (const struct sockaddr *)&address->socket, address->size) == 0)
		return err_set(err, -EADDRINUSE, "another process answers there");
	if (unlink(address->path) < 0)
		return err_errno(err, -errno, "the dead socket in its place");
	return 0;
}

static int open_socket(const struct wire_address *address, struct err *err)
{
	int fd = socket(address->socket.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	const struct sockaddr *socket_address = (const void *)&address->socket;
	mode_t mask;
	int ret, yes = 1;

	if (fd < 0)
		return err_errno(err, -errno, "socket");
	if (address->is_tcp)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	mask = umask(0117);
	ret = bind(fd, socket_address, address->size) < 0 ? -errno : 0;
	umask(mask);
	if (ret == 0 && listen(fd, 512) < 0)
		ret = -errno;
	if (ret == 0)
		return fd;
	close(fd);
	return err_errno(err, ret, "cannot listen");
}

int wire_server_listen(struct wire_server *server, const char *text, struct err *err)
{
	struct wire_address address;
	struct wire_listener *listener;
	int fd;

	if (wire_address_parse(text, &address, err) < 0)
		return err->code;
	if (address.is_tcp && !server->tls)
		return err_set(err, -EINVAL, "a tcp address needs certificates: see --tls-ca");
	if (!address.is_tcp && clear_path(&address, err) < 0)
		return err->code;
	fd = open_socket(&address, err);
	if (fd < 0)
		return fd;
	listener = mem_alloc(sizeof(*listener));
	listener->server = server;
	listener->is_tcp = address.is_tcp;
	listener->path = address.is_tcp ? NULL : mem_text(address.path);
	listener->listener =
		evconnlistener_new(server->base, on_accept, listener,
				   LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, fd);
	listener->next = server->listeners;
	server->listeners = listener;
	return 0;
}
