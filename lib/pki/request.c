/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a client asks an authority to sign. */
#include "lib/pki/pki_state.h"

int pki_request(const char *key_text, const char *name, char **ret, struct err *err)
{
	AUTO(pki_request_free) X509_REQ *request = X509_REQ_new();
	AUTO(pki_bio_free) BIO *bio = BIO_new(BIO_s_mem());
	AUTO(pki_key_free) EVP_PKEY *key = NULL;

	if (pki_key_read(key_text, &key, err) < 0)
		return err->code;
	if (!request || !bio || X509_REQ_set_version(request, 0) != 1 ||
	    X509_NAME_add_entry_by_txt(X509_REQ_get_subject_name(request), "CN", MBSTRING_UTF8,
				       (const unsigned char *)name, -1, -1, 0) != 1 ||
	    X509_REQ_set_pubkey(request, key) != 1 ||
	    X509_REQ_sign(request, key, EVP_sha256()) <= 0 ||
	    PEM_write_bio_X509_REQ(bio, request) != 1)
		return pki_failed(err, "a request for a certificate");
	*ret = pki_text(bio);
	return 0;
}
