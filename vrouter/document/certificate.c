/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Certificates are looked at before they are accepted: can they be read, is the key theirs. */
#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

#include "vrouter/document/index.h"

static int no_password(char *buffer, int size, int writing, void *data)
{
	(void)buffer;
	(void)size;
	(void)writing;
	(void)data;
	return 0;
}

static X509 *read_certificate(const char *pem)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	X509 *certificate = PEM_read_bio_X509(bio, NULL, no_password, NULL);

	BIO_free(bio);
	return certificate;
}

static EVP_PKEY *read_key(const char *pem)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);

	BIO_free(bio);
	return key;
}

int certificate_check(const struct certificate *certificate, struct err *err)
{
	X509 *leaf = read_certificate(certificate->certificate_pem);
	EVP_PKEY *key = read_key(certificate->private_key_pem);
	X509 *issuer = certificate->chain_pem ? read_certificate(certificate->chain_pem) : NULL;
	const char *path = NULL;

	if (!leaf) {
		err_set(err, -EINVAL, "is no certificate in PEM form");
		path = "certificate_pem";
	} else if (!key) {
		err_set(err, -EINVAL, "is no private key in PEM form without a password");
		path = "private_key_pem";
	} else if (X509_check_private_key(leaf, key) != 1) {
		err_set(err, -EINVAL, "is not the key of the certificate");
		path = "private_key_pem";
	} else if (certificate->chain_pem && !issuer) {
		err_set(err, -EINVAL, "holds no certificate in PEM form");
		path = "chain_pem";
	}
	X509_free(leaf);
	X509_free(issuer);
	EVP_PKEY_free(key);
	ERR_clear_error();
	return path ? err_at(err, "%s", path) : 0;
}
