/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/agent/identity.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/directory.h"

#define TOKEN_LINE  "token "
#define BEGIN       "-----BEGIN "
#define CERTIFICATE "CERTIFICATE-----"
#define KEY         "PRIVATE KEY-----"
/* What the controller's certificate bears. */
#define SERVICE "controllerd"

static char *path_of(const struct identity *identity)
{
	return mem_format("%s/agent.pem", identity->directory);
}

/* The next PEM block of a kind in '*at', which is moved behind it; NULL: there is none. */
static char *next_block(const char **at, const char *kind)
{
	const char *begin = strstr(*at, BEGIN), *end;

	if (!begin || strncmp(begin + strlen(BEGIN), kind, strlen(kind)) != 0)
		return NULL;
	end = strstr(begin + strlen(BEGIN), "-----END ");
	end = end ? strchr(end, '\n') : NULL;
	if (!end)
		return NULL;
	*at = end + 1;
	return mem_text_n(begin, (size_t)(end + 1 - begin));
}

static int read_text(struct identity *identity, const char *text, struct err *err)
{
	const char *at = text;
	int64_t at_ms;

	if (strncmp(at, TOKEN_LINE, strlen(TOKEN_LINE)) != 0 || strcspn(at, "\n") != 6 + 64)
		return err_set(err, -EBADMSG, "it is damaged");
	memcpy(identity->token.s, at + 6, 64);
	identity->certificate = next_block(&at, CERTIFICATE);
	identity->key = identity->certificate ? next_block(&at, KEY) : NULL;
	identity->authority = identity->key ? next_block(&at, CERTIFICATE) : NULL;
	if (!identity->authority || identity_renew_ms(identity, &at_ms, err) < 0)
		return err_set(err, -EBADMSG, "it is damaged");
	return 0;
}

int identity_open(struct identity *identity, const char *directory, struct err *err)
{
	AUTO(free_ptr) char *path = NULL;
	AUTO(pki_forget) char *text = NULL;
	int ret = directory_make(directory, 0700, err);

	identity->directory = mem_text(directory);
	path = path_of(identity);
	if (ret == 0)
		ret = pki_file_read(path, &text, err);
	if (ret == -ENOENT) {
		err_clear(err);
		return 0;
	}
	if (ret == 0 && read_text(identity, text, err) < 0)
		ret = err_in(err, "%s", path);
	return ret;
}

static void forget(struct identity *identity)
{
	pki_forget(&identity->key);
	free(identity->certificate);
	free(identity->authority);
	identity->certificate = identity->authority = NULL;
}

void identity_close(struct identity *identity)
{
	forget(identity);
	free(identity->directory);
}

/* One file is all three: the certificate comes first, and what is its own issuer is trusted. */
int identity_tls(const struct identity *identity, struct wire_tls **ret, struct err *err)
{
	AUTO(free_ptr) char *path = path_of(identity);
	int64_t end_ms, length_ms;

	if (pki_validity(identity->certificate, &end_ms, &length_ms, err) < 0)
		return err->code;
	if (end_ms < (int64_t)clock_wall_ms())
		return err_set(err, -EKEYEXPIRED,
			       "the certificate's time is over: it takes another token");
	if (wire_tls_new(path, path, path, ret, err) < 0)
		return err->code;
	wire_tls_expect(*ret, SERVICE);
	return 0;
}

int identity_replace(struct identity *identity, char **key, const char *certificate,
		     const char *authority, const struct pki_fingerprint *token, struct err *err)
{
	AUTO(free_ptr) char *path = path_of(identity);
	AUTO(pki_forget)
	char *text = mem_format(TOKEN_LINE "%s\n%s%s%s", token->s, certificate, *key, authority);
	struct identity next = { .directory = identity->directory };

	if (read_text(&next, text, err) < 0 || pki_file_write(path, text, err) < 0) {
		forget(&next);
		return err->code;
	}
	forget(identity);
	*identity = next;
	pki_forget(key);
	return 0;
}

int identity_renew_ms(const struct identity *identity, int64_t *at_ms, struct err *err)
{
	int64_t end_ms, length_ms;

	if (pki_validity(identity->certificate, &end_ms, &length_ms, err) < 0)
		return err->code;
	*at_ms = end_ms - length_ms / 3;
	return 0;
}
