/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/link/authority.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/directory.h"
#include "lib/base/log.h"

#define DAY_S       ((int64_t)86400)
#define AUTHORITY_S (3650 * DAY_S)
#define SERVICE_S   (90 * DAY_S)

static char *path_of(const struct authority *authority, const char *name)
{
	return mem_format("%s/%s", authority->directory, name);
}

/* Its fingerprint is what tells two authorities apart; the name is for people. */
static int make(struct authority *authority, struct err *err)
{
	struct pki_subject subject = { .name = "weft authority",
				       .use = PKI_AUTHORITY,
				       .seconds = AUTHORITY_S };
	AUTO(free_ptr) char *certificate = path_of(authority, "authority.pem");
	AUTO(free_ptr) char *key = path_of(authority, "authority.key");

	if (pki_serial(&subject, 0, err) < 0 || pki_key_new(&authority->key, err) < 0 ||
	    pki_self_sign(authority->key, &subject, &authority->certificate, err) < 0 ||
	    pki_file_write(key, authority->key, err) < 0 ||
	    pki_file_write(certificate, authority->certificate, err) < 0)
		return err->code;
	log_info("controllerd: an authority for agents was made in %s", authority->directory);
	return 0;
}

/* The certificate is written last: without it there was no authority yet. */
static int read_or_make(struct authority *authority, struct err *err)
{
	AUTO(free_ptr) char *certificate = path_of(authority, "authority.pem");
	AUTO(free_ptr) char *key = path_of(authority, "authority.key");
	int ret = pki_file_read(certificate, &authority->certificate, err);

	if (ret == -ENOENT) {
		err_clear(err);
		return make(authority, err);
	}
	if (ret == 0)
		ret = pki_file_read(key, &authority->key, err);
	return ret == -ENOENT ? err->code = -EBADMSG : ret;
}

int authority_open(const char *state_directory, struct authority **ret, struct err *err)
{
	struct authority *authority = mem_alloc(sizeof(*authority));

	authority->directory = mem_format("%s/authority", state_directory);
	if (directory_make(authority->directory, 0700, err) < 0 ||
	    read_or_make(authority, err) < 0 ||
	    pki_fingerprint(authority->certificate, &authority->fingerprint, err) < 0) {
		authority_close(authority);
		return err->code;
	}
	*ret = authority;
	return 0;
}

void authority_close(struct authority *authority)
{
	if (!authority)
		return;
	free(authority->directory);
	free(authority->certificate);
	pki_forget(&authority->key);
	free(authority);
}

int authority_serve(const struct authority *authority, const char *addresses, struct wire_tls **ret,
		    struct err *err)
{
	AUTO(free_ptr)
	char *names = mem_format("DNS:" AUTHORITY_SERVICE "%s%s", *addresses ? "," : "", addresses);
	struct pki_subject subject = { .name = AUTHORITY_SERVICE,
				       .use = PKI_SERVICE,
				       .addresses = names,
				       .seconds = SERVICE_S };
	AUTO(free_ptr) char *authority_path = path_of(authority, "authority.pem");
	AUTO(free_ptr) char *path = path_of(authority, "service.pem");
	AUTO(free_ptr) char *key_path = path_of(authority, "service.key");
	AUTO(free_ptr) char *request = NULL, *certificate = NULL, *chain = NULL;
	AUTO(pki_forget) char *key = NULL;

	if (pki_serial(&subject, 0, err) < 0 || pki_key_new(&key, err) < 0 ||
	    pki_request(key, AUTHORITY_SERVICE, &request, err) < 0 ||
	    pki_sign(authority->certificate, authority->key, request, &subject, &certificate, err) <
		    0)
		return err->code;
	/* Who enrols knows the authority by its fingerprint alone: it is shown as well. */
	chain = mem_format("%s%s", certificate, authority->certificate);
	if (pki_file_write(key_path, key, err) < 0 || pki_file_write(path, chain, err) < 0 ||
	    wire_tls_new(authority_path, path, key_path, ret, err) < 0)
		return err->code;
	wire_tls_admit_strangers(*ret);
	return 0;
}

int authority_sign(const struct authority *authority, const char *request, const char *name,
		   const uint8_t *generation, size_t size, int64_t seconds, char **certificate,
		   struct err *err)
{
	struct pki_subject subject = { .name = name, .use = PKI_CLIENT, .seconds = seconds };

	memcpy(subject.serial, generation, size);
	if (pki_serial(&subject, size, err) < 0)
		return err->code;
	return pki_sign(authority->certificate, authority->key, request, &subject, certificate,
			err);
}
