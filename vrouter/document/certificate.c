/* SPDX-License-Identifier: GPL-2.0-or-later */
/* certificate.c - certificates are looked at before they are accepted: can they be read, whose is
 * the key, in which order does a server send them. */
#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "vrouter/document/check.h"

#define CERTIFICATES_MAX 32

/* What certificate_pem and chain_pem hold together, as they stand there. */
struct pile {
	X509 *certificates[CERTIFICATES_MAX];
	size_t n;
};

static void pile_clear(struct pile *pile)
{
	for (size_t i = 0; i < pile->n; i++)
		X509_free(pile->certificates[i]);
	ERR_clear_error();
}

/* Nobody is asked for a password. */
static int no_password(char *buffer, int size, int writing, void *data)
{
	(void)buffer;
	(void)size;
	(void)writing;
	(void)data;
	return 0;
}

static int pile_read(struct pile *pile, const char *pem, const char *path, struct err *err)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	size_t before = pile->n;
	X509 *certificate;

	while (pile->n < CERTIFICATES_MAX &&
	       (certificate = PEM_read_bio_X509(bio, NULL, no_password, NULL)))
		pile->certificates[pile->n++] = certificate;
	BIO_free(bio);
	if (pile->n == CERTIFICATES_MAX)
		return check_failed(err, path, "holds more than %d certificates",
				    CERTIFICATES_MAX - 1);
	if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE || pile->n == before)
		return check_failed(err, path, "holds no certificate that can be read (PEM)");
	ERR_clear_error();
	return 0;
}

static int pile_read_all(struct pile *pile, const struct certificate *certificate, struct err *err)
{
	ERR_clear_error();
	if (pile_read(pile, certificate->certificate_pem, "certificate_pem", err) < 0)
		return -EINVAL;
	if (!certificate->chain_pem)
		return 0;
	return pile_read(pile, certificate->chain_pem, "chain_pem", err);
}

static EVP_PKEY *read_key(const char *pem)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);

	BIO_free(bio);
	ERR_clear_error();
	return key;
}

/* The certificate that the key belongs to is taken to the front. */
static bool pile_put_leaf_first(struct pile *pile, EVP_PKEY *key)
{
	for (size_t i = 0; i < pile->n; i++) {
		X509 *leaf = pile->certificates[i];

		if (X509_check_private_key(leaf, key) != 1)
			continue;
		memmove(&pile->certificates[1], &pile->certificates[0],
			i * sizeof(*pile->certificates));
		pile->certificates[0] = leaf;
		ERR_clear_error();
		return true;
	}
	ERR_clear_error();
	return false;
}

/* Behind each one its issuer, as far as it is there. */
static void pile_order(struct pile *pile)
{
	for (size_t i = 1; i < pile->n; i++)
		for (size_t j = i; j < pile->n; j++) {
			X509 *issuer = pile->certificates[j];

			if (X509_check_issued(issuer, pile->certificates[i - 1]) != X509_V_OK)
				continue;
			pile->certificates[j] = pile->certificates[i];
			pile->certificates[i] = issuer;
			break;
		}
}

int check_certificate(const struct document *document, const struct object *object, struct err *err)
{
	const struct certificate *certificate = (const void *)object;
	AUTO(pile_clear) struct pile pile = { .n = 0 };
	EVP_PKEY *key;
	bool found;

	(void)document;
	if (pile_read_all(&pile, certificate, err) < 0)
		return -EINVAL;
	key = read_key(certificate->private_key_pem);
	if (!key)
		return check_failed(err, "private_key_pem",
				    "is no private key that can be read (PEM, no password)");
	found = pile_put_leaf_first(&pile, key);
	EVP_PKEY_free(key);
	if (!found)
		return check_failed(err, "private_key_pem",
				    "is not the key of any of the certificates");
	return 0;
}

char *certificate_ordered(const struct certificate *certificate)
{
	AUTO(pile_clear) struct pile pile = { .n = 0 };
	EVP_PKEY *key = read_key(certificate->private_key_pem);
	BIO *bio = BIO_new(BIO_s_mem());
	char *bytes, *bundle;
	long size;

	if (pile_read_all(&pile, certificate, NULL) == 0 && key && pile_put_leaf_first(&pile, key))
		pile_order(&pile);
	for (size_t i = 0; i < pile.n; i++)
		PEM_write_bio_X509(bio, pile.certificates[i]);
	size = BIO_get_mem_data(bio, &bytes);
	bundle = mem_text_n(bytes, (size_t)size);
	BIO_free(bio);
	EVP_PKEY_free(key);
	return bundle;
}
