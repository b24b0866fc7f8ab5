/* SPDX-License-Identifier: GPL-2.0-or-later */
/* certificate.c - certificates at the door, and the order in which a server sends them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "vrouter/document/router.h"

enum { ROOT, MIDDLE, LEAF, OTHER, N };

static EVP_PKEY *keys[N];
static char *pem[N], *key_pem[N], *locked_pem;

static char *text_of(BIO *bio)
{
	char *bytes, *text;
	long size = BIO_get_mem_data(bio, &bytes);

	text = mem_text_n(bytes, (size_t)size);
	BIO_free(bio);
	return text;
}

static char *certificate_new(int who, int issuer)
{
	static const char *const names[] = { "root", "middle", "leaf", "other" };
	X509 *certificate = X509_new();
	X509_NAME *name = X509_NAME_new(), *by = X509_NAME_new();
	BIO *bio = BIO_new(BIO_s_mem());

	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const void *)names[who], -1, -1, 0);
	X509_NAME_add_entry_by_txt(by, "CN", MBSTRING_ASC, (const void *)names[issuer], -1, -1, 0);
	ASN1_INTEGER_set(X509_get_serialNumber(certificate), who + 1);
	X509_set_subject_name(certificate, name);
	X509_set_issuer_name(certificate, by);
	X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
	X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
	X509_set_pubkey(certificate, keys[who]);
	assert_true(X509_sign(certificate, keys[issuer], EVP_sha256()) > 0);
	PEM_write_bio_X509(bio, certificate);
	X509_NAME_free(name);
	X509_NAME_free(by);
	X509_free(certificate);
	return text_of(bio);
}

static int make_all(void **data)
{
	BIO *bio = BIO_new(BIO_s_mem());

	(void)data;
	for (int i = 0; i < N; i++) {
		BIO *plain = BIO_new(BIO_s_mem());

		keys[i] = EVP_EC_gen("P-256");
		PEM_write_bio_PrivateKey(plain, keys[i], NULL, NULL, 0, NULL, NULL);
		key_pem[i] = text_of(plain);
	}
	PEM_write_bio_PrivateKey(bio, keys[LEAF], EVP_aes_128_cbc(), (const void *)"secret", 6,
				 NULL, NULL);
	locked_pem = text_of(bio);
	pem[ROOT] = certificate_new(ROOT, ROOT);
	pem[MIDDLE] = certificate_new(MIDDLE, ROOT);
	pem[LEAF] = certificate_new(LEAF, MIDDLE);
	pem[OTHER] = certificate_new(OTHER, OTHER);
	return 0;
}

static int free_all(void **data)
{
	(void)data;
	for (int i = 0; i < N; i++) {
		EVP_PKEY_free(keys[i]);
		free(pem[i]);
		free(key_pem[i]);
	}
	free(locked_pem);
	return 0;
}

static int parse(const char *first, const char *chain, const char *key, struct document **document,
		 struct err *err)
{
	json_t *state =
		json_pack("{s:[{s:s,s:s,s:s?,s:s}]}", "certificates", "uuid", "c-1",
			  "certificate_pem", first, "chain_pem", chain, "private_key_pem", key);
	int ret = document_parse(&router_document, state, document, err);

	json_decref(state);
	return ret;
}

static void refused(const char *first, const char *chain, const char *key, const char *path,
		    const char *sentence)
{
	AUTO(err_clear) struct err err = ERR_NONE;
	struct document *document;

	assert_true(parse(first, chain, key, &document, &err) < 0);
	assert_string_equal(err.path, path);
	assert_string_equal(err_text(&err), sentence);
}

static void what_cannot_be_used_is_refused(void **data)
{
	AUTO(free_ptr) char *cut = mem_text(pem[LEAF]);
	AUTO(free_ptr) char *second = NULL;

	(void)data;
	refused("no", NULL, key_pem[LEAF], "state.certificates[0].certificate_pem",
		"holds no certificate that can be read (PEM)");
	cut[strlen(cut) / 2] = '*';
	refused(cut, NULL, key_pem[LEAF], "state.certificates[0].certificate_pem",
		"holds no certificate that can be read (PEM)");
	second = mem_format("%s%s", pem[MIDDLE], cut);
	refused(pem[LEAF], second, key_pem[LEAF], "state.certificates[0].chain_pem",
		"holds no certificate that can be read (PEM)");
	refused(pem[LEAF], "x", key_pem[LEAF], "state.certificates[0].chain_pem",
		"holds no certificate that can be read (PEM)");
	refused(pem[LEAF], NULL, "x", "state.certificates[0].private_key_pem",
		"is no private key that can be read (PEM, no password)");
	refused(pem[LEAF], NULL, locked_pem, "state.certificates[0].private_key_pem",
		"is no private key that can be read (PEM, no password)");
	refused(pem[LEAF], pem[MIDDLE], key_pem[OTHER], "state.certificates[0].private_key_pem",
		"is not the key of any of the certificates");
}

static void ordered(const char *first, const char *chain, const char *wanted)
{
	AUTO(err_clear) struct err err = ERR_NONE;
	struct document *document;
	char *got;

	if (parse(first, chain, key_pem[LEAF], &document, &err) < 0)
		fail_msg("%s: %s", err.path, err_text(&err));
	got = certificate_ordered((const void *)document_first(document, SECTION_CERTIFICATES));
	assert_string_equal(got, wanted);
	free(got);
	document_free(document);
}

static void the_leaf_comes_first_and_its_issuers_follow(void **data)
{
	AUTO(free_ptr) char *right = mem_format("%s%s%s", pem[LEAF], pem[MIDDLE], pem[ROOT]);
	AUTO(free_ptr) char *wrong = mem_format("%s%s%s", pem[ROOT], pem[MIDDLE], pem[LEAF]);
	AUTO(free_ptr) char *chain = mem_format("%s%s", pem[ROOT], pem[MIDDLE]);
	AUTO(free_ptr) char *tail = mem_format("%s%s", pem[MIDDLE], pem[LEAF]);
	AUTO(free_ptr) char *more = mem_format("%s%s", pem[OTHER], pem[MIDDLE]);
	AUTO(free_ptr) char *last = mem_format("%s%s%s", pem[LEAF], pem[MIDDLE], pem[OTHER]);

	(void)data;
	ordered(pem[LEAF], NULL, pem[LEAF]);
	ordered(right, NULL, right);
	ordered(wrong, NULL, right);
	ordered(pem[LEAF], chain, right);
	ordered(pem[ROOT], tail, right);
	ordered(pem[LEAF], more, last);
}

/* The key is in the state on disk and nowhere else. */
static void the_key_is_masked(void **data)
{
	struct document *document;
	json_t *shown;
	char *text;

	(void)data;
	assert_int_equal(parse(pem[LEAF], NULL, key_pem[LEAF], &document, NULL), 0);
	shown = document_json(document, false);
	text = json_dumps(shown, 0);
	assert_null(strstr(text, "PRIVATE KEY"));
	assert_non_null(strstr(text, FIELD_MASK));
	free(text);
	json_decref(shown);
	document_free(document);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_cannot_be_used_is_refused),
		cmocka_unit_test(the_leaf_comes_first_and_its_issuers_follow),
		cmocka_unit_test(the_key_is_masked),
	};

	return cmocka_run_group_tests(tests, make_all, free_all);
}
