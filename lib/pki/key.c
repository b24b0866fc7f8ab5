/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys, and their texts. */
#include <errno.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

#include "lib/pki/pki_state.h"

int pki_failed(struct err *err, const char *what)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	ERR_clear_error();
	return err_set(err, -EINVAL, "%s: %s", what, reason ? reason : "cannot be used");
}

BIO *pki_reader(const char *text)
{
	return BIO_new_mem_buf(text, -1);
}

char *pki_text(BIO *bio)
{
	char *bytes;
	long length = BIO_get_mem_data(bio, &bytes);

	return mem_text_n(bytes, (size_t)length);
}

int pki_key_read(const char *text, EVP_PKEY **key, struct err *err)
{
	AUTO(pki_bio_free) BIO *bio = pki_reader(text);

	*key = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) : NULL;
	return *key ? 0 : pki_failed(err, "the key");
}

int pki_key_new(char **ret, struct err *err)
{
	AUTO(pki_key_free) EVP_PKEY *key = EVP_EC_gen("P-256");
	AUTO(pki_bio_free) BIO *bio = BIO_new(BIO_s_secmem());

	if (!key || !bio || PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) != 1)
		return pki_failed(err, "a new key");
	*ret = pki_text(bio);
	return 0;
}

void pki_forget(char **text)
{
	if (*text)
		explicit_bzero(*text, strlen(*text));
	free(*text);
	*text = NULL;
}

void pki_bio_free(BIO **bio)
{
	BIO_free(*bio);
}

void pki_key_free(EVP_PKEY **key)
{
	EVP_PKEY_free(*key);
}

void pki_request_free(X509_REQ **request)
{
	X509_REQ_free(*request);
}

void pki_certificate_free(X509 **certificate)
{
	X509_free(*certificate);
}
