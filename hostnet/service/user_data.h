/* SPDX-License-Identifier: GPL-2.0-or-later */
/* user_data.h - tells each guest who it is: an HTTP server at 169.254.169.254 in the namespace of
 * each L3 network (responder.h), as cloud-init's data sources read it.
 *
 *   kind        key          value
 *   user_data   L3_NETWORK   empty
 *
 * A guest is known by its address in the network; that it has it is held by the bridge. The socket
 * ends with the agent, and is made again by the next one. */
#ifndef WEFT_HOSTNET_SERVICE_USER_DATA_H
#define WEFT_HOSTNET_SERVICE_USER_DATA_H

#include <event2/event.h>

#include "hostnet/document/host.h"
#include "hostnet/service/responder.h"

struct user_data;

/* The document as it is at each request; NULL: there is none. */
typedef const struct document *user_data_document_fn(void *data);

struct user_data *user_data_new(struct event_base *base, const struct responders *responders,
				user_data_document_fn *document, void *data);
void user_data_free(struct user_data *user_data);

struct provider user_data_provider(struct user_data *user_data);

#endif
