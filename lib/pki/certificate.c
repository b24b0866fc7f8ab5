/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an authority signs, and what a certificate tells. */
#include <errno.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <time.h>

#include "lib/base/clock.h"
#include "lib/base/hex.h"
#include "lib/pki/pki_state.h"

/* Clocks differ: it holds from a little before it is made. */
#define BEFORE_S 300

static int read_certificate(const char *text, X509 **certificate, struct err *err)
{
	AUTO(pki_bio_free) BIO *bio = pki_reader(text);

	*certificate = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
	return *certificate ? 0 : pki_failed(err, "the certificate");
}

static bool extend(X509 *certificate, X509V3_CTX *context, int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, context, nid, value);
	bool done = extension && X509_add_ext(certificate, extension, -1) == 1;

	X509_EXTENSION_free(extension);
	return done;
}

static bool say_use(X509 *certificate, X509V3_CTX *context, const struct pki_subject *subject)
{
	if (subject->use == PKI_AUTHORITY)
		return extend(certificate, context, NID_basic_constraints,
			      "critical,CA:TRUE,pathlen:0") &&
		       extend(certificate, context, NID_key_usage, "critical,keyCertSign");
	if (subject->use == PKI_ALONE)
		/* Of who may not sign, its own signature would not count. */
		return extend(certificate, context, NID_basic_constraints, "critical,CA:FALSE") &&
		       extend(certificate, context, NID_ext_key_usage, "serverAuth");
	return extend(certificate, context, NID_basic_constraints, "critical,CA:FALSE") &&
	       extend(certificate, context, NID_key_usage, "critical,digitalSignature") &&
	       extend(certificate, context, NID_ext_key_usage,
		      subject->use == PKI_SERVICE ? "serverAuth" : "clientAuth") &&
	       extend(certificate, context, NID_authority_key_identifier, "keyid");
}

static bool say_serial(X509 *certificate, const struct pki_subject *subject)
{
	BIGNUM *number = BN_bin2bn(subject->serial, sizeof(subject->serial), NULL);
	bool done = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));

	BN_free(number);
	return done;
}

/* All but the signature. 'issuer' NULL: itself. */
static bool fill(X509 *certificate, X509 *issuer, EVP_PKEY *key, const struct pki_subject *subject)
{
	X509 *by = issuer ? issuer : certificate;
	X509V3_CTX context;

	X509V3_set_ctx(&context, by, certificate, NULL, NULL, 0);
	return X509_set_version(certificate, 2) == 1 && say_serial(certificate, subject) &&
	       X509_gmtime_adj(X509_getm_notBefore(certificate), -BEFORE_S) &&
	       X509_time_adj_ex(X509_getm_notAfter(certificate), (int)(subject->seconds / 86400),
				(long)(subject->seconds % 86400), NULL) &&
	       X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
					  (const unsigned char *)subject->name, -1, -1, 0) == 1 &&
	       X509_set_issuer_name(certificate, X509_get_subject_name(by)) == 1 &&
	       X509_set_pubkey(certificate, key) == 1 &&
	       extend(certificate, &context, NID_subject_key_identifier, "hash") &&
	       say_use(certificate, &context, subject) &&
	       (!subject->addresses ||
		extend(certificate, &context, NID_subject_alt_name, subject->addresses));
}

static int write_certificate(X509 *certificate, EVP_PKEY *signer, char **ret, struct err *err)
{
	AUTO(pki_bio_free) BIO *bio = BIO_new(BIO_s_mem());

	if (X509_sign(certificate, signer, EVP_sha256()) <= 0 || !bio ||
	    PEM_write_bio_X509(bio, certificate) != 1)
		return pki_failed(err, "a new certificate");
	*ret = pki_text(bio);
	return 0;
}

int pki_serial(struct pki_subject *subject, size_t from, struct err *err)
{
	if (RAND_bytes(subject->serial + from, (int)(sizeof(subject->serial) - from)) != 1)
		return err_set(err, -EIO, "there is no randomness");
	if (!from)
		subject->serial[0] = (uint8_t)((subject->serial[0] & 0x3f) | 0x40);
	return 0;
}

int pki_self_sign(const char *key_text, const struct pki_subject *subject, char **ret,
		  struct err *err)
{
	AUTO(pki_certificate_free) X509 *certificate = X509_new();
	AUTO(pki_key_free) EVP_PKEY *key = NULL;

	if (pki_key_read(key_text, &key, err) < 0)
		return err->code;
	if (!certificate || !fill(certificate, NULL, key, subject))
		return pki_failed(err, "a new certificate");
	return write_certificate(certificate, key, ret, err);
}

/* The key that is asked for, where the request is whole. */
static int read_request(const char *text, EVP_PKEY **key, struct err *err)
{
	AUTO(pki_bio_free) BIO *bio = pki_reader(text);
	AUTO(pki_request_free)
	X509_REQ *request = bio ? PEM_read_bio_X509_REQ(bio, NULL, NULL, NULL) : NULL;

	*key = request ? X509_REQ_get_pubkey(request) : NULL;
	if (!*key || X509_REQ_verify(request, *key) != 1)
		return pki_failed(err, "the request");
	if (EVP_PKEY_get_base_id(*key) != EVP_PKEY_EC)
		return err_set(err, -EINVAL, "the request: its key is not of an elliptic curve");
	return 0;
}

int pki_sign(const char *authority_text, const char *authority_key, const char *request,
	     const struct pki_subject *subject, char **ret, struct err *err)
{
	AUTO(pki_certificate_free) X509 *certificate = X509_new(), *authority = NULL;
	AUTO(pki_key_free) EVP_PKEY *signer = NULL, *key = NULL;

	if (read_certificate(authority_text, &authority, err) < 0 ||
	    pki_key_read(authority_key, &signer, err) < 0 || read_request(request, &key, err) < 0)
		return err->code;
	if (!certificate || !fill(certificate, authority, key, subject))
		return pki_failed(err, "a new certificate");
	return write_certificate(certificate, signer, ret, err);
}

static struct pki_fingerprint hex_of(const unsigned char *digest)
{
	struct pki_fingerprint text = { "" };

	hex_write(text.s, digest, SHA256_DIGEST_LENGTH);
	return text;
}

int pki_fingerprint(const char *text, struct pki_fingerprint *fingerprint, struct err *err)
{
	AUTO(pki_certificate_free) X509 *certificate = NULL;
	unsigned char digest[SHA256_DIGEST_LENGTH];

	if (read_certificate(text, &certificate, err) < 0)
		return err->code;
	if (X509_digest(certificate, EVP_sha256(), digest, NULL) != 1)
		return pki_failed(err, "the certificate");
	*fingerprint = hex_of(digest);
	return 0;
}

struct pki_fingerprint pki_digest(const char *text)
{
	unsigned char digest[SHA256_DIGEST_LENGTH];

	SHA256((const unsigned char *)text, strlen(text), digest);
	return hex_of(digest);
}

static int time_ms(const ASN1_TIME *time, int64_t *ms, struct err *err)
{
	struct tm broken;

	if (ASN1_TIME_to_tm(time, &broken) != 1)
		return pki_failed(err, "the certificate");
	*ms = (int64_t)timegm(&broken) * 1000;
	return 0;
}

int pki_validity(const char *text, int64_t *end_ms, int64_t *length_ms, struct err *err)
{
	AUTO(pki_certificate_free) X509 *certificate = NULL;
	int64_t begin_ms = 0;

	if (read_certificate(text, &certificate, err) < 0 ||
	    time_ms(X509_get0_notBefore(certificate), &begin_ms, err) < 0 ||
	    time_ms(X509_get0_notAfter(certificate), end_ms, err) < 0)
		return err->code;
	*length_ms = *end_ms - begin_ms - BEFORE_S * 1000;
	return 0;
}
