/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wire_certificates.h - authorities and certificates, made for one test. */
#ifndef WEFT_TESTS_WIRE_CERTIFICATES_H
#define WEFT_TESTS_WIRE_CERTIFICATES_H

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>

#include "lib/base/mem.h"

struct identity {
	EVP_PKEY *key;
	X509 *certificate;
};

static inline void identity_extend(X509 *certificate, int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	assert_non_null(extension);
	X509_add_ext(certificate, extension, -1);
	X509_EXTENSION_free(extension);
}

/* 'by' signs it; NULL: it is an authority and signs itself. Valid from 'from_s' on, counted from
 * now, for 'seconds'. */
static inline struct identity identity_new(const char *name, const struct identity *by, long from_s,
					   long seconds)
{
	struct identity own = { EVP_EC_gen("P-256"), X509_new() };
	X509_NAME *subject = X509_get_subject_name(own.certificate);
	static long serial = 1;

	X509_set_version(own.certificate, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(own.certificate), serial++);
	X509_gmtime_adj(X509_getm_notBefore(own.certificate), from_s);
	X509_gmtime_adj(X509_getm_notAfter(own.certificate), from_s + seconds);
	X509_set_pubkey(own.certificate, own.key);
	X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1,
				   -1, 0);
	X509_set_issuer_name(own.certificate,
			     by ? X509_get_subject_name(by->certificate) : subject);
	if (!by)
		identity_extend(own.certificate, NID_basic_constraints, "critical,CA:TRUE");
	assert_true(X509_sign(own.certificate, by ? by->key : own.key, EVP_sha256()) > 0);
	return own;
}

static inline void identity_clear(struct identity *identity)
{
	EVP_PKEY_free(identity->key);
	X509_free(identity->certificate);
}

/* DIR/NAME.crt and DIR/NAME.key */
static inline void identity_write(const struct identity *identity, const char *dir,
				  const char *name)
{
	AUTO(free_ptr) char *certificate = mem_format("%s/%s.crt", dir, name);
	AUTO(free_ptr) char *key = mem_format("%s/%s.key", dir, name);
	FILE *file = fopen(certificate, "w");

	assert_int_equal(PEM_write_X509(file, identity->certificate), 1);
	fclose(file);
	file = fopen(key, "w");
	assert_int_equal(PEM_write_PrivateKey(file, identity->key, NULL, NULL, 0, NULL, NULL), 1);
	fclose(file);
}

#endif
