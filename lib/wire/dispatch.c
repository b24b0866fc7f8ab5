/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A message is a call of a method of an interface; the answer goes back in the same form. */
#include <stdlib.h>
#include <string.h>

#include "lib/wire/message.h"
#include "lib/wire/server_state.h"

#define SERVICE "org.varlink.service"

static const char service_text[] =
	"# What this service is.\ninterface org.varlink.service\n\n"
	"method GetInfo() -> (vendor: string, product: string, version: string, url: string,\n"
	"  interfaces: []string)\n\n"
	"method GetInterfaceDescription(interface: string) -> (description: string)\n\n"
	"error InterfaceNotFound (interface: string)\n\n"
	"error MethodNotFound (method: string)\n\n"
	"error MethodNotImplemented (method: string)\n\n"
	"error InvalidParameter (parameter: string)\n";

static void reply_text(struct wire_call *call, const char *error, const char *name,
		       const char *value)
{
	wire_reply_error(call, error, json_pack("{s:s}", name, value));
}

static void get_info(struct wire_call *call, const struct wire_server *server)
{
	json_t *interfaces = json_array();

	json_array_append_new(interfaces, json_string(SERVICE));
	for (const struct wire_interface *at = server->interfaces; at; at = at->next)
		json_array_append_new(interfaces, json_string(at->name));
	wire_reply(call, json_pack("{s:s, s:s, s:s, s:s, s:o}", "vendor", server->vendor, "product",
				   server->product, "version", server->version, "url", "",
				   "interfaces", interfaces));
}

static const struct wire_interface *interface_named(const struct wire_server *server,
						    const char *name, size_t length)
{
	for (const struct wire_interface *at = server->interfaces; at; at = at->next)
		if (strlen(at->name) == length && memcmp(at->name, name, length) == 0)
			return at;
	return NULL;
}

static void describe(struct wire_call *call, const struct wire_server *server, json_t *parameters)
{
	const char *name = json_string_value(json_object_get(parameters, "interface"));
	const struct wire_interface *interface;

	if (!name) {
		reply_text(call, SERVICE ".InvalidParameter", "parameter", "interface");
		return;
	}
	interface = interface_named(server, name, strlen(name));
	if (interface || strcmp(name, SERVICE) == 0)
		wire_reply(call, json_pack("{s:s}", "description",
					   interface ? interface->text : service_text));
	else
		reply_text(call, SERVICE ".InterfaceNotFound", "interface", name);
}

static void call_interface(struct wire_call *call, const char *full, size_t length,
			   json_t *parameters)
{
	const struct wire_interface *interface =
		interface_named(call->connection->server, full, length);
	const struct wire_method *method;

	if (!interface) {
		AUTO(free_ptr) char *name = mem_text_n(full, length);

		reply_text(call, SERVICE ".InterfaceNotFound", "interface", name);
		return;
	}
	method = interface->methods;
	while (method && strcmp(method->name, full + length + 1) != 0)
		method = method->next;
	if (!method)
		reply_text(call, SERVICE ".MethodNotFound", "method", full);
	else if (!method->method)
		reply_text(call, SERVICE ".MethodNotImplemented", "method", full);
	else
		method->method(call, parameters, method->data);
}

static void call_method(struct wire_call *call, const char *full, json_t *parameters)
{
	const struct wire_server *server = call->connection->server;
	const char *dot = strrchr(full, '.');
	bool is_own = dot && (size_t)(dot - full) == strlen(SERVICE) &&
		      strncmp(full, SERVICE, strlen(SERVICE)) == 0;

	if (strcmp(full, SERVICE ".GetInfo") == 0)
		get_info(call, server);
	else if (strcmp(full, SERVICE ".GetInterfaceDescription") == 0)
		describe(call, server, parameters);
	else if (!dot || is_own)
		reply_text(call, SERVICE ".MethodNotFound", "method", full);
	else
		call_interface(call, full, (size_t)(dot - full), parameters);
}

bool dispatch(struct connection *connection, json_t *message)
{
	const char *method = json_string_value(json_object_get(message, "method"));
	json_t *parameters = json_object_get(message, "parameters");
	json_t *none = NULL;
	struct wire_call *call;

	if (!method)
		return false;
	call = mem_alloc(sizeof(*call));
	call->connection = connection;
	call->more = json_is_true(json_object_get(message, "more"));
	call->oneway = json_is_true(json_object_get(message, "oneway"));
	connection->call = call;
	if (!parameters || json_is_null(parameters))
		parameters = none = json_object();
	if (json_is_object(parameters))
		call_method(call, method, parameters);
	else
		reply_text(call, SERVICE ".InvalidParameter", "parameter", "parameters");
	json_decref(none);
	return true;
}

static void finish(struct wire_call *call, json_t *message)
{
	struct connection *connection = call->connection;

	if (call->oneway)
		json_decref(message);
	else
		connection_send(connection, message);
	connection->call = NULL;
	free(call);
	/* A message that was cut while the call was open has its full time from now on. */
	connection->received++;
	if (!connection->in_turn)
		connection_wake(connection);
}

void wire_reply(struct wire_call *call, json_t *parameters)
{
	finish(call, json_pack("{s:o}", "parameters", parameters));
}

void wire_reply_more(struct wire_call *call, json_t *parameters)
{
	if (!call->more || call->oneway) {
		json_decref(parameters);
		return;
	}
	connection_send(call->connection,
			json_pack("{s:o, s:b}", "parameters", parameters, "continues", 1));
}

void wire_reply_more_text(struct wire_call *call, char *parameters)
{
	if (call->more && !call->oneway)
		connection_send_text(call->connection,
				     mem_format("{\"parameters\":%s,\"continues\":true}",
						parameters));
	message_forget(parameters);
}

void wire_reply_error(struct wire_call *call, const char *name, json_t *parameters)
{
	/* The name alone is worth sending, if the rest could not be made. */
	finish(call, json_pack("{s:s, s:o}", "error", name, "parameters",
			       parameters ? parameters : json_object()));
}

bool wire_call_wants_more(const struct wire_call *call)
{
	return call->more && !call->oneway;
}

void wire_call_on_gone(struct wire_call *call, wire_gone_fn *gone, void *data)
{
	call->gone = gone;
	call->gone_data = data;
}

size_t wire_call_unwritten(const struct wire_call *call)
{
	return connection_unwritten(call->connection);
}

void wire_call_on_written(struct wire_call *call, wire_written_fn *written, void *data)
{
	call->written = written;
	call->written_data = data;
}

const struct wire_peer *wire_call_peer(const struct wire_call *call)
{
	return &call->connection->peer;
}
