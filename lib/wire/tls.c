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

/* SHA-256 of the authority that is believed; goes with its context. */
struct pin {
	unsigned char digest[32];
};

static void free_pin(void *parent, void *pin, CRYPTO_EX_DATA *data, int index, long arg, void *more)
{
	(void)parent;
	(void)data;
	(void)index;
	(void)arg;
	(void)more;
	free(pin);
}

/* Where a context keeps it. */
static int pin_index(void)
{
	static int index = -1;

	if (index < 0)
		index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, free_pin);
	return index;
}

/* What holds for every side. */
static void set_rules(struct wire_tls *tls)
{
	SSL_CTX_set_min_proto_version(tls->context, TLS1_3_VERSION);
	SSL_CTX_set_verify(tls->context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	/* A resumed session would not look at certificates again; connections live long here. */
	SSL_CTX_set_session_cache_mode(tls->context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(tls->context, 0);
	SSL_CTX_set_mode(tls->context, SSL_MODE_ENABLE_PARTIAL_WRITE |
					       SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
					       SSL_MODE_RELEASE_BUFFERS);
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
	set_rules(tls);
	*ret = tls;
	return 0;
}

/* The certificate of the chain that has the fingerprint is what is trusted; all else is looked at
 * as ever. */
static int verify_pinned(X509_STORE_CTX *store, void *data)
{
	const struct pin *pin = data;
	STACK_OF(X509) *chain = X509_STORE_CTX_get0_untrusted(store);
	STACK_OF(X509) *trusted = sk_X509_new_null();
	int done;

	for (int i = 0; trusted && i < sk_X509_num(chain); i++) {
		unsigned char digest[sizeof(pin->digest)];
		unsigned int size = 0;

		if (X509_digest(sk_X509_value(chain, i), EVP_sha256(), digest, &size) == 1 &&
		    size == sizeof(digest) && memcmp(digest, pin->digest, size) == 0)
			sk_X509_push(trusted, sk_X509_value(chain, i));
	}
	X509_STORE_CTX_set0_trusted_stack(store, trusted);
	done = X509_verify_cert(store);
	/* The chain that was found holds its own references. */
	sk_X509_free(trusted);
	return done;
}

static int read_pin(const char *fingerprint, struct pin *pin, struct err *err)
{
	long length = 0;
	unsigned char *bytes = OPENSSL_hexstr2buf(fingerprint, &length);
	bool whole = bytes && length == (long)sizeof(pin->digest);

	if (whole)
		memcpy(pin->digest, bytes, sizeof(pin->digest));
	OPENSSL_free(bytes);
	ERR_clear_error();
	return whole ? 0 : err_set(err, -EINVAL, "it is no fingerprint of an authority");
}

int wire_tls_new_pinned(const char *fingerprint, struct wire_tls **ret, struct err *err)
{
	AUTO(free_ptr) struct pin *pin = mem_alloc(sizeof(*pin));
	struct wire_tls *tls;

	if (read_pin(fingerprint, pin, err) < 0)
		return err->code;
	tls = mem_alloc(sizeof(*tls));
	tls->context = SSL_CTX_new(TLS_method());
	if (!tls->context || SSL_CTX_set_ex_data(tls->context, pin_index(), pin) != 1) {
		wire_tls_free(tls);
		return refused(err, "TLS");
	}
	set_rules(tls);
	SSL_CTX_set_cert_verify_callback(tls->context, verify_pinned, STEAL(pin));
	*ret = tls;
	return 0;
}

void wire_tls_admit_strangers(struct wire_tls *tls)
{
	SSL_CTX_set_verify(tls->context, SSL_VERIFY_PEER, NULL);
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

char *tls_peer_serial(struct bufferevent *stream)
{
	X509 *certificate = SSL_get1_peer_certificate(bufferevent_openssl_get_ssl(stream));
	BIGNUM *number;
	char *hex, *serial;

	if (!certificate)
		return NULL;
	number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), NULL);
	hex = number ? BN_bn2hex(number) : NULL;
	serial = mem_text(hex);
	OPENSSL_free(hex);
	BN_free(number);
	X509_free(certificate);
	return serial;
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
