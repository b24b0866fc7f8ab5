/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the HTTPS server shows. Its own certificate is signed by itself: who wants to know whom he
 * speaks to names one of an authority. */
#include <errno.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "controller/http/http_state.h"
#include "lib/base/log.h"
#include "lib/pki/pki.h"

#define SECONDS ((int64_t)3650 * 86400)

static int refused(struct err *err, const char *what)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	ERR_clear_error();
	return err_set(err, -EINVAL, "%s: %s", what, reason ? reason : "cannot be used");
}

/* The one place where a certificate of our own comes from. The key is there first: a certificate
 * without one would not be made again. */
static int make(const char *certificate_path, const char *key_path, struct err *err)
{
	char host[64] = "controller";
	AUTO(free_ptr) char *names = NULL, *certificate = NULL;
	AUTO(pki_forget) char *key = NULL;
	struct pki_subject subject = { .name = host, .use = PKI_ALONE, .seconds = SECONDS };

	if (gethostname(host, sizeof(host)) < 0 || !memchr(host, '\0', sizeof(host)))
		strcpy(host, "controller");
	names = mem_format("DNS:%s,DNS:localhost,IP:127.0.0.1,IP:::1", host);
	subject.addresses = names;
	if (pki_serial(&subject, 0, err) < 0 || pki_key_new(&key, err) < 0 ||
	    pki_self_sign(key, &subject, &certificate, err) < 0 ||
	    pki_file_write(key_path, key, err) < 0 ||
	    pki_file_write(certificate_path, certificate, err) < 0)
		return err->code;
	log_info("controllerd: made the certificate %s", certificate_path);
	return 0;
}

static int load(const char *certificate, const char *key, SSL_CTX **ret, struct err *err)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());

	if (!context)
		return refused(err, "TLS");
	SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
					     SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
	if (SSL_CTX_use_certificate_chain_file(context, certificate) != 1)
		refused(err, certificate);
	else if (SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1 ||
		 SSL_CTX_check_private_key(context) != 1)
		refused(err, key);
	if (err->code < 0) {
		SSL_CTX_free(context);
		return err->code;
	}
	*ret = context;
	return 0;
}

int certificate_context(const struct http_options *options, SSL_CTX **ret, struct err *err)
{
	AUTO(free_ptr) char *certificate = mem_format("%s/https.pem", options->state_dir);
	AUTO(free_ptr) char *key = mem_format("%s/https.key", options->state_dir);

	if (!options->certificate != !options->key)
		return err_set(err, -EINVAL, "--https-certificate and --https-key go together");
	if (options->certificate)
		return load(options->certificate, options->key, ret, err);
	if (access(certificate, F_OK) < 0 && make(certificate, key, err) < 0)
		return err->code;
	return load(certificate, key, ret, err);
}
