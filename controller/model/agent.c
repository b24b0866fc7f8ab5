/* SPDX-License-Identifier: GPL-2.0-or-later */
/* agent: the program that makes a host's or a router's document true there. */
#include "controller/model/agent.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controller/model/parts.h"
#include "lib/base/clock.h"
#include "lib/base/hex.h"

#define TOKEN_BYTES 32

#define AT(member) offsetof(struct agent, member)

static const struct field agent_fields[] = {
	RESOURCE_UUID,
	RESOURCE_TIMES,
	{ "host", FIELD_REFERENCE, AT(host), .target = "host", .unique = true,
	  .at_end = FIELD_FOLLOWS, .doc = "Whose, if it is a host's." },
	{ "router", FIELD_REFERENCE, AT(router), .target = "router", .unique = true,
	  .at_end = FIELD_FOLLOWS, .doc = "Whose, if it is a router's." },
	{ "vpc_router", FIELD_REFERENCE, AT(vpc_router), .target = "vpc_router", .unique = true,
	  .at_end = FIELD_FOLLOWS, .doc = "Whose, if it is a VPC router's." },
	{ "token_digest", FIELD_TEXT, AT(token_digest), .secret = true,
	  .doc = "SHA-256 of the token that waits to be used." },
	{ "token_expires_ms", FIELD_NUMBER, AT(token_expires_ms), .min = 1, .max = INT64_MAX,
	  .unit = "ms", .doc = "Until when it can be, since 1970." },
	{ "generation", FIELD_TEXT, AT(generation),
	  .doc = "What the serial numbers of its certificates begin with; absent: it never "
		 "enrolled." },
	{ "revision", FIELD_NUMBER, AT(revision), .max = INT64_MAX,
	  .doc = "Of the document that it was sent last." },
	{ "version", FIELD_TEXT, AT(version), .doc = "Of its program." },
	{ "failure", FIELD_TEXT, AT(failure), .lines = true, .max = MODEL_SAID_MAX,
	  .doc = "Why it does not take its document; absent: it does." },
	{ 0 },
};

const struct model_type agent_type = {
	.table = { "agent", agent_fields, sizeof(struct agent), NULL },
	.doc = "The program that serves a host or a router; comes to be with its first token.",
	.internal = true,
};

bool agent_serves(const struct model_type *type)
{
	return type == &host_type || type == &router_type || type == &vpc_router_type;
}

const struct model_type *agent_object(const struct agent *agent, const char **uuid)
{
	const struct model_type *type = &host_type;

	*uuid = agent->host;
	if (agent->router) {
		*uuid = agent->router;
		type = &router_type;
	} else if (agent->vpc_router) {
		*uuid = agent->vpc_router;
		type = &vpc_router_type;
	}
	return type;
}

struct agent_name agent_name(const struct agent *agent)
{
	struct agent_name name;
	const char *uuid;
	const struct model_type *type = agent_object(agent, &uuid);

	snprintf(name.s, sizeof(name.s), "%s:%s", type->table.name, uuid);
	return name;
}

static char *hex_of(const uint8_t *bytes, size_t n)
{
	char *text = mem_alloc(2 * n + 1);

	hex_write(text, bytes, n);
	return text;
}

static char *digest_of(const char *token)
{
	unsigned char digest[SHA256_DIGEST_LENGTH];

	SHA256((const unsigned char *)token, strlen(token), digest);
	return hex_of(digest, sizeof(digest));
}

/* The agent of an object, as it is or new. 1: it is new. */
static int load_or_new(struct model *model, const struct model_type *type, const char *uuid,
		       struct agent *agent, struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;

	if (model_find(model, &agent_type, &rows, err, type->table.name, uuid) < 0)
		return err->code;
	if (rows.n)
		return model_load(model, &agent_type, ((struct resource *)db_row(&rows, 0))->uuid,
				  agent, err);
	if (type == &host_type)
		agent->host = mem_text(uuid);
	else if (type == &router_type)
		agent->router = mem_text(uuid);
	else
		agent->vpc_router = mem_text(uuid);
	return 1;
}

static int object_is_there(struct model *model, const struct model_type *type, const char *uuid,
			   struct err *err)
{
	AUTO(free_ptr) void *record = mem_alloc(type->table.size);
	int ret = model_load(model, type, uuid, record, err);

	model_clear(type, record);
	if (ret == 0 && strlen(type->table.name) + 1 + strlen(uuid) >= sizeof(struct agent_name)) {
		model_refuse(err, "its uuid is longer than %zu characters",
			     sizeof(struct agent_name) - 2 - strlen(type->table.name));
		return model_rule_failed(model, type, uuid, "certificate_name", err);
	}
	return ret;
}

/* '*token' becomes "AGENT.SECRET": an agent's own uuid, never given by anyone, has no dots. */
static int set_token(struct model *model, const struct model_type *type, const char *uuid,
		     const char *secret, int64_t expires_ms, char **token, struct err *err)
{
	struct agent agent = { 0 };
	int ret = object_is_there(model, type, uuid, err);

	if (ret == 0)
		ret = load_or_new(model, type, uuid, &agent, err);
	free(agent.token_digest);
	agent.token_digest = digest_of(secret);
	agent.token_expires_ms = expires_ms;
	if (ret >= 0)
		ret = ret ? model_add(model, &agent_type, &agent, err)
			  : model_write(model, &agent_type, &agent, err);
	if (ret == 0)
		*token = mem_format("%s.%s", agent.resource.uuid, secret);
	model_clear(&agent_type, &agent);
	return ret;
}

int agent_grant(struct model *model, const struct model_type *type, const char *uuid,
		int64_t seconds, char **token, int64_t *expires_ms, struct err *err)
{
	AUTO(free_ptr) char *secret = NULL;
	uint8_t bytes[TOKEN_BYTES];
	int ret;

	if (RAND_bytes(bytes, sizeof(bytes)) != 1)
		return err_set(err, -EIO, "there is no randomness");
	secret = hex_of(bytes, sizeof(bytes));
	*expires_ms = (int64_t)clock_wall_ms() + seconds * 1000;
	ret = set_token(model, type, uuid, secret, *expires_ms, token, err);
	explicit_bzero(secret, strlen(secret));
	return ret;
}

/* The first digit is 4-7: a serial number that begins so is positive, and keeps all its digits. */
static int new_generation(uint8_t generation[AGENT_GENERATION_BYTES], struct err *err)
{
	if (RAND_bytes(generation, AGENT_GENERATION_BYTES) != 1)
		return err_set(err, -EIO, "there is no randomness");
	generation[0] = (uint8_t)((generation[0] & 0x3f) | 0x40);
	return 0;
}

/* What is given may be no uuid at all: nobody has it. */
static int find_given(struct model *model, const char *field, const char *uuid,
		      struct db_rows *rows, struct err *err)
{
	int ret = model_find(model, &agent_type, rows, err, field, uuid);

	if (ret == -EINVAL)
		err_clear(err);
	return ret == -EINVAL ? 0 : ret;
}

int agent_redeem(struct model *model, const char *token, struct agent_name *name,
		 uint8_t generation[AGENT_GENERATION_BYTES], struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	const char *dot = strchr(token, '.');
	AUTO(free_ptr) char *uuid = mem_text_n(token, dot ? (size_t)(dot - token) : 0);
	AUTO(free_ptr) char *digest = digest_of(dot ? dot + 1 : "");
	struct agent *agent;

	if (find_given(model, "uuid", uuid, &rows, err) < 0)
		return err->code;
	agent = rows.n ? db_row(&rows, 0) : NULL;
	if (!agent || !agent->token_digest ||
	    CRYPTO_memcmp(agent->token_digest, digest, strlen(digest)) != 0)
		return err_set(err, -EACCES, "there is no such token, or it was used");
	if (agent->token_expires_ms < (int64_t)clock_wall_ms())
		return err_set(err, -EACCES, "the token's time is over");
	if (new_generation(generation, err) < 0)
		return err->code;
	free(agent->token_digest);
	agent->token_digest = NULL;
	agent->token_expires_ms = 0;
	free(agent->generation);
	agent->generation = hex_of(generation, AGENT_GENERATION_BYTES);
	*name = agent_name(agent);
	return model_write(model, &agent_type, agent, err);
}

static int foreign(const char *name, struct err *err)
{
	return err_set(err, -EACCES, "the certificate of \"%.80s\" is not, or no more, an agent's",
		       name ? name : "");
}

int agent_of(struct model *model, const char *name, const char *serial, struct agent *record,
	     struct err *err)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	const char *colon = name ? strchr(name, ':') : NULL;
	const struct model_type *type;
	const struct agent *agent;

	if (!colon || !serial)
		return foreign(name, err);
	AUTO(free_ptr) char *type_name = mem_text_n(name, (size_t)(colon - name));
	type = model_type(model, type_name);
	if (!type || !agent_serves(type))
		return foreign(name, err);
	if (find_given(model, type_name, colon + 1, &rows, err) < 0)
		return err->code;
	agent = rows.n ? db_row(&rows, 0) : NULL;
	if (!agent || !agent->generation ||
	    strncasecmp(serial, agent->generation, strlen(agent->generation)) != 0)
		return foreign(name, err);
	return model_load(model, &agent_type, agent->resource.uuid, record, err);
}
