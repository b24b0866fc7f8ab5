/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hostnet/service/user_data.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hostnet/service/metadata.h"
#include "lib/backend/netns/netns.h"

#define METADATA_ADDRESS 0xa9fea9fe /* 169.254.169.254 */
#define HEADERS_MOST     8192
#define IDLE_S           10
#define CONNECTIONS_MOST 256

struct site {
	struct site *next;
	struct user_data *user_data;
	struct item *item;
	struct evhttp *http;
};

struct user_data {
	struct event_base *base;
	const struct responders *responders;
	user_data_document_fn *document;
	void *data;
	struct site *sites;
};

struct user_data *user_data_new(struct event_base *base, const struct responders *responders,
				user_data_document_fn *document, void *data)
{
	struct user_data *user_data = mem_alloc(sizeof(*user_data));

	*user_data = (struct user_data){ base, responders, document, data, NULL };
	return user_data;
}

static void site_free(struct site *site)
{
	if (site->http)
		evhttp_free(site->http);
	item_unref(site->item);
	free(site);
}

void user_data_free(struct user_data *user_data)
{
	if (!user_data)
		return;
	while (user_data->sites) {
		struct site *site = user_data->sites;

		user_data->sites = site->next;
		site_free(site);
	}
	free(user_data);
}

/* Who asks; false where the page is nobody's. */
static bool find_page(const struct site *site, struct evhttp_request *request, struct text *page)
{
	const struct document *document = site->user_data->document(site->user_data->data);
	const char *path = evhttp_uri_get_path(evhttp_request_get_evhttp_uri(request));
	const struct port *port;
	struct ip address;
	char *peer = NULL;
	ev_uint16_t peer_port;

	evhttp_connection_get_peer(evhttp_request_get_connection(request), &peer, &peer_port);
	if (!document || !path || !peer || ip_parse(peer, &address, NULL) < 0)
		return false;
	port = host_port_of_address(document, item_key(site->item), &address);
	return port && metadata_page(document, port, &address, path, page);
}

static void on_request(struct evhttp_request *request, void *data)
{
	AUTO(text_clear) struct text page = TEXT_NONE;

	if (!find_page(data, request, &page)) {
		evhttp_send_error(request, HTTP_NOTFOUND, NULL);
		return;
	}
	evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Type", "text/plain");
	evbuffer_add(evhttp_request_get_output_buffer(request), text_view(&page), page.length);
	evhttp_send_reply(request, HTTP_OK, "OK", NULL);
}

/* A socket stays in the namespace that it was made in. */
static int listen_at(const char *netns, struct err *err)
{
	const struct sockaddr_in address = { .sin_family = AF_INET,
					     .sin_port = htons(80),
					     .sin_addr.s_addr = htonl(METADATA_ADDRESS) };
	int home = netns_enter(netns, err), fd, one = 1;

	if (home < 0)
		return home;
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	netns_leave(home);
	if (fd < 0)
		return err_errno(err, -errno, "socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(fd, CONNECTIONS_MOST) < 0) {
		err_errno(err, -errno, "169.254.169.254 port 80");
		close(fd);
		return err->code;
	}
	return fd;
}

static void add(struct user_data *user_data, struct item *item, struct err *err)
{
	AUTO(free_ptr) char *netns = responders_path(user_data->responders, item_key(item));
	int fd = listen_at(netns, err);
	struct site *site;

	if (fd < 0)
		return;
	site = mem_alloc(sizeof(*site));
	site->user_data = user_data;
	site->item = item_ref(item);
	site->http = evhttp_new(user_data->base);
	if (!site->http || evhttp_accept_socket(site->http, fd) < 0) {
		err_set(err, -EIO, "169.254.169.254 cannot be served");
		close(fd);
		site_free(site);
		return;
	}
	evhttp_set_allowed_methods(site->http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD);
	evhttp_set_max_headers_size(site->http, HEADERS_MOST);
	evhttp_set_max_body_size(site->http, HEADERS_MOST);
	evhttp_set_timeout(site->http, IDLE_S);
	evhttp_set_gencb(site->http, on_request, site);
	site->next = user_data->sites;
	user_data->sites = site;
}

static void drop(struct user_data *user_data, const struct item *item)
{
	for (struct site **at = &user_data->sites; *at; at = &(*at)->next)
		if (strcmp(item_key((*at)->item), item_key(item)) == 0) {
			struct site *site = *at;

			*at = site->next;
			site_free(site);
			return;
		}
}

static void user_data_apply(void *self, struct change **changes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (changes[i]->have)
			drop(self, changes[i]->have);
		if (changes[i]->want)
			add(self, changes[i]->want, &changes[i]->err);
	}
}

static int user_data_read(void *self, const struct item_set *want, struct item_set *have,
			  struct err *err)
{
	const struct user_data *user_data = self;

	(void)want;
	(void)err;
	for (const struct site *site = user_data->sites; site; site = site->next)
		item_set_say(have, item_kind(site->item), item_owner(site->item),
			     item_key(site->item), item_value(site->item));
	return 0;
}

struct provider user_data_provider(struct user_data *user_data)
{
	static const char *const kinds[] = { "user_data", NULL };

	return (struct provider){
		.name = "user data",
		.kinds = kinds,
		.self = user_data,
		.read = user_data_read,
		.apply = user_data_apply,
	};
}
