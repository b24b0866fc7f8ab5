/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/wire/tls.h"

#include <errno.h>
#include <event2/bufferevent_ssl.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "lib/wire/tls_state.h"

const char *tls_reason(void)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	ERR_clear_error();
	return reason ? reason : "cannot be used";
}

static int refused(struct err *err, const char *file)
{
	return err_set(err, -EINVAL, "%s: %s", file, tls_reason());
}

static int load(SSL_CTX *context, const char *ca, const char *certificate, const char *key,
		struct err *err)
{
	if (SSL_CTX_load_verify_locations(context, ca, NULL) != 1)
		return refused(err, ca);
	if (SSL_CTX_use_certificate_chain_file(context, certificate) != 1)
		return refused(err, certificate);
	if (SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1 ||
	    SSL_CTX_check_private_key(context) != 1)
		return refused(err, key);
	return 0;
}

int wire_tls_new(const char *ca, const char *certificate, const char *key, struct wire_tls **ret,
		 struct err *err)
{
	struct wire_tls *tls = mem_alloc(sizeof(*tls));
	int done;

	ERR_clear_error();
	tls->context = SSL_CTX_new(TLS_method());
	done = tls->context ? load(tls->context, ca, certificate, key, err) : refused(err, "TLS");
	if (done < 0) {
		wire_tls_free(tls);
		return done;
	}
	SSL_CTX_set_min_proto_version(tls->context, TLS1_3_VERSION);
	SSL_CTX_set_verify(tls->context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	/* A resumed session would not look at certificates again; connections live long here. */
	SSL_CTX_set_session_cache_mode(tls->context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(tls->context, 0);
	SSL_CTX_set_mode(tls->context, SSL_MODE_ENABLE_PARTIAL_WRITE |
					       SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
					       SSL_MODE_RELEASE_BUFFERS);
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

struct wire_tls *tls_share(const struct wire_tls *tls)
{
	struct wire_tls *same = mem_alloc(sizeof(*same));

	SSL_CTX_up_ref(tls->context);
	same->context = tls->context;
	return same;
}

void wire_tls_expect(struct wire_tls *tls, const char *name)
{
	X509_VERIFY_PARAM *check = SSL_CTX_get0_param(tls->context);

	X509_VERIFY_PARAM_set_hostflags(check, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	X509_VERIFY_PARAM_set1_host(check, name, 0);
}

char *tls_peer_name(struct bufferevent *stream)
{
	X509 *certificate = SSL_get1_peer_certificate(bufferevent_openssl_get_ssl(stream));
	unsigned char *text = NULL;
	char *name = NULL;
	X509_NAME *subject;
	int at, length;

	if (!certificate)
		return NULL;
	subject = X509_get_subject_name(certificate);
	at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
	if (at >= 0) {
		length = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(
							    X509_NAME_get_entry(subject, at)));
		/* A name with a NUL in it reads as another one than it is: it is none. */
		if (length > 0 && !memchr(text, '\0', (size_t)length))
			name = mem_text_n((const char *)text, (size_t)length);
		OPENSSL_free(text);
	}
	X509_free(certificate);
	return name;
}

struct bufferevent *tls_stream(struct wire_tls *tls, struct event_base *base, int fd,
			       bool is_service)
{
	SSL *ssl = SSL_new(tls->context);
	struct bufferevent *stream;

	if (!ssl)
		return NULL;
	stream = bufferevent_openssl_socket_new(base, fd, ssl,
						is_service ? BUFFEREVENT_SSL_ACCEPTING
							   : BUFFEREVENT_SSL_CONNECTING,
						BEV_OPT_CLOSE_ON_FREE);
	if (!stream) {
		SSL_free(ssl);
		return NULL;
	}
	/* The end of the connection is the end of what was said: messages have their own ends. */
	bufferevent_openssl_set_allow_dirty_shutdown(stream, 1);
	return stream;
}

const char *tls_failure(struct bufferevent *stream)
{
	unsigned long code = bufferevent_get_openssl_error(stream);
	const char *reason = code ? ERR_reason_error_string(code) : NULL;

	ERR_clear_error();
	return reason;
}
