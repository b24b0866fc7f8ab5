/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/wire/tls.h"

#include <errno.h>
#include <event2/bufferevent_ssl.h>
#include <openssl/err.h>
#include <stdlib.h>

#include "lib/wire/server_state.h"
#include "lib/wire/tls_state.h"

static int refused(struct err *err, const char *file)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	ERR_clear_error();
	return err_set(err, -EINVAL, "%s: %s", file, reason ? reason : "cannot be used");
}

int wire_tls_new(const char *ca, const char *certificate, const char *key, struct wire_tls **ret,
		 struct err *err)
{
	struct wire_tls *tls = mem_alloc(sizeof(*tls));
	int done = 0;

	tls->context = SSL_CTX_new(TLS_method());
	if (!tls->context)
		done = refused(err, "TLS");
	else if (SSL_CTX_load_verify_locations(tls->context, ca, NULL) != 1)
		done = refused(err, ca);
	else if (SSL_CTX_use_certificate_chain_file(tls->context, certificate) != 1)
		done = refused(err, certificate);
	else if (SSL_CTX_use_PrivateKey_file(tls->context, key, SSL_FILETYPE_PEM) != 1 ||
		 SSL_CTX_check_private_key(tls->context) != 1)
		done = refused(err, key);
	if (done < 0) {
		wire_tls_free(tls);
		return done;
	}
	SSL_CTX_set_min_proto_version(tls->context, TLS1_3_VERSION);
	SSL_CTX_set_verify(tls->context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	*ret = tls;
	return 0;
}

void wire_tls_free(struct wire_tls *tls)
{
	if (!tls)
		return;
	SSL_CTX_free(tls->context);
	free(tls);
}

struct bufferevent *tls_stream(struct wire_tls *tls, struct event_base *base, evutil_socket_t fd)
{
	SSL *ssl = SSL_new(tls->context);

	if (!ssl)
		return NULL;
	return bufferevent_openssl_socket_new(base, fd, ssl, BUFFEREVENT_SSL_ACCEPTING,
					      BEV_OPT_CLOSE_ON_FREE);
}
