/* SPDX-License-Identifier: GPL-2.0-or-later */
/* http.h - the controller's methods as REST over HTTPS: https://HOST:8443/api/v1/.
 *
 * Every request ends as an api_call(); its answer, or its error in the form that the Varlink socket
 * has, is the body. Who calls says so by "Authorization: Bearer TOKEN". */
#ifndef WEFT_HTTP_HTTP_H
#define WEFT_HTTP_HTTP_H

#include "controller/api/api.h"

struct http_server;

struct http_options {
	const char *address;           /* HOST:PORT */
	const char *certificate, *key; /* PEM files; NULL: those of the state directory, which are
					  made if they are not there. */
	const char *state_dir;
};

/* The api outlives it. */
int http_server_new(struct event_base *base, struct api *api, const struct http_options *options,
		    struct http_server **ret, struct err *err);
void http_server_free(struct http_server *server);

#endif
