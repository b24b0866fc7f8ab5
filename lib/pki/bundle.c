/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/pki/bundle.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "lib/pki/pki_state.h"

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

static int wrong(struct err *err, const char *member, const char *sentence)
{
	err_set(err, -EINVAL, "%s", sentence);
	return err_at(err, "%s", member);
}

static int pile_read(struct pile *pile, const char *pem, const char *member, struct err *err)
{
	AUTO(pki_bio_free) BIO *bio = pki_reader(pem);
	size_t before = pile->n;
	X509 *certificate;

	while (pile->n < CERTIFICATES_MAX &&
	       (certificate = PEM_read_bio_X509(bio, NULL, no_password, NULL)))
		pile->certificates[pile->n++] = certificate;
	if (pile->n == CERTIFICATES_MAX) {
		err_set(err, -EINVAL, "holds more than %d certificates", CERTIFICATES_MAX - 1);
		return err_at(err, "%s", member);
	}
	if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE || pile->n == before)
		return wrong(err, member, "holds no certificate that can be read (PEM)");
	ERR_clear_error();
	return 0;
}

static int pile_read_all(struct pile *pile, const struct pki_bundle *bundle, struct err *err)
{
	ERR_clear_error();
	if (pile_read(pile, bundle->certificate_pem, "certificate_pem", err) < 0)
		return -EINVAL;
	if (!bundle->chain_pem)
		return 0;
	return pile_read(pile, bundle->chain_pem, "chain_pem", err);
}

static EVP_PKEY *read_key(const char *pem)
{
	AUTO(pki_bio_free) BIO *bio = pki_reader(pem);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);

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

int pki_bundle_check(const struct pki_bundle *bundle, struct err *err)
{
	AUTO(pile_clear) struct pile pile = { .n = 0 };
	AUTO(pki_key_free) EVP_PKEY *key = NULL;

	if (pile_read_all(&pile, bundle, err) < 0)
		return -EINVAL;
	key = read_key(bundle->private_key_pem);
	if (!key)
		return wrong(err, "private_key_pem",
			     "is no private key that can be read (PEM, no password)");
	if (!pile_put_leaf_first(&pile, key))
		return wrong(err, "private_key_pem", "is not the key of any of the certificates");
	return 0;
}

char *pki_bundle_ordered(const struct pki_bundle *bundle)
{
	AUTO(pile_clear) struct pile pile = { .n = 0 };
	AUTO(pki_key_free) EVP_PKEY *key = read_key(bundle->private_key_pem);
	AUTO(pki_bio_free) BIO *bio = BIO_new(BIO_s_mem());

	if (pile_read_all(&pile, bundle, NULL) == 0 && key && pile_put_leaf_first(&pile, key))
		pile_order(&pile);
	for (size_t i = 0; i < pile.n; i++)
		PEM_write_bio_X509(bio, pile.certificates[i]);
	return pki_text(bio);
}
