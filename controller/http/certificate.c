/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the HTTPS server shows. Its own certificate is signed by itself: who wants to know whom he
 * speaks to names one of an authority. */
#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "controller/http/http_state.h"
#include "lib/base/log.h"

#define YEARS 10

static int refused(struct err *err, const char *what)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	ERR_clear_error();
	return err_set(err, -EINVAL, "%s: %s", what, reason ? reason : "cannot be used");
}

static int add_extension(X509 *certificate, int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
	int done = extension ? X509_add_ext(certificate, extension, -1) : 0;

	X509_EXTENSION_free(extension);
	return done;
}

/* A random number, the machine's name, ten years. */
static int fill(X509 *certificate, EVP_PKEY *key)
{
	char host[64] = "controller";
	AUTO(free_ptr) char *names = NULL;
	X509_NAME *subject = X509_get_subject_name(certificate);
	uint64_t serial;

	if (gethostname(host, sizeof(host)) < 0 || !memchr(host, '\0', sizeof(host)))
		strcpy(host, "controller");
	names = mem_format("DNS:%s,DNS:localhost,IP:127.0.0.1,IP:::1", host);
	return RAND_bytes((uint8_t *)&serial, sizeof(serial)) == 1 &&
	       ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1) &&
	       X509_set_version(certificate, X509_VERSION_3) &&
	       X509_gmtime_adj(X509_getm_notBefore(certificate), -3600) &&
	       X509_time_adj_ex(X509_getm_notAfter(certificate), 365 * YEARS, 0, NULL) &&
	       X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8,
					  (const unsigned char *)host, -1, -1, 0) &&
	       X509_set_issuer_name(certificate, subject) && X509_set_pubkey(certificate, key) &&
	       add_extension(certificate, NID_subject_alt_name, names) &&
	       add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE") &&
	       add_extension(certificate, NID_ext_key_usage, "serverAuth") &&
	       X509_sign(certificate, key, EVP_sha256());
}

static int write_pem(const char *path, mode_t mode, X509 *certificate, EVP_PKEY *key,
		     struct err *err)
{
	AUTO(free_ptr) char *beside = mem_format("%s.new", path);
	int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
	int done;

	if (!file) {
		close_fd(&fd);
		return err_errno(err, -errno, "%s", beside);
	}
	done = certificate ? PEM_write_X509(file, certificate)
			   : PEM_write_PKCS8PrivateKey(file, key, NULL, NULL, 0, NULL, NULL);
	done = done && fflush(file) == 0 && fsync(fd) == 0;
	if (fclose(file) != 0 || !done)
		return err_set(err, -EIO, "%s: it cannot be written", beside);
	return rename(beside, path) < 0 ? err_errno(err, -errno, "%s", path) : 0;
}

/* The one place where a certificate of our own comes from. The key is there first: a certificate
 * without one would not be made again. */
static int make(const char *certificate_path, const char *key_path, struct err *err)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *certificate = X509_new();
	int ret = 0;

	if (!key || !certificate || !fill(certificate, key))
		ret = refused(err, "a certificate");
	if (ret == 0)
		ret = write_pem(key_path, 0600, NULL, key, err);
	if (ret == 0)
		ret = write_pem(certificate_path, 0644, certificate, NULL, err);
	X509_free(certificate);
	EVP_PKEY_free(key);
	if (ret == 0)
		log_info("controllerd: made the certificate %s", certificate_path);
	return ret;
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
