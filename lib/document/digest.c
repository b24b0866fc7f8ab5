/* SPDX-License-Identifier: GPL-2.0-or-later */
/* digest.c - the digest of a state: the sum of its objects' digests, so that their order does not
 * count and a change costs what it changes. */
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/hex.h"
#include "lib/document/document_state.h"

struct digest {
	uint64_t lanes[SHA256_DIGEST_LENGTH / sizeof(uint64_t)];
};

/* The section's name stands for the object's kind: the same fields elsewhere mean something else.
 * Fields are written in the order of their table, so one object has one text. */
static struct digest object_digest(const struct object *object)
{
	json_t *json = field_encode(object->section->fields, object, true);
	AUTO(free_ptr) char *text = json_dumps(json, JSON_COMPACT);
	AUTO(free_ptr) char *whole = mem_format("%s %s", object->section->name, text);
	struct digest digest;

	json_decref(json);
	SHA256((const unsigned char *)whole, strlen(whole), (unsigned char *)digest.lanes);
	explicit_bzero(text, strlen(text));
	explicit_bzero(whole, strlen(whole));
	return digest;
}

void digest_add(struct document *document, const struct object *object)
{
	struct digest digest = object_digest(object);

	for (size_t i = 0; i < ARRAY_SIZE(digest.lanes); i++)
		document->sum[i] += digest.lanes[i];
}

void digest_remove(struct document *document, const struct object *object)
{
	struct digest digest = object_digest(object);

	for (size_t i = 0; i < ARRAY_SIZE(digest.lanes); i++)
		document->sum[i] -= digest.lanes[i];
}

struct document_hash document_hash(const struct document *document)
{
	unsigned char digest[SHA256_DIGEST_LENGTH];
	struct document_hash hash = { "" };

	SHA256((const unsigned char *)document->sum, sizeof(document->sum), digest);
	hex_write(hash.s, digest, sizeof(digest));
	return hash;
}
