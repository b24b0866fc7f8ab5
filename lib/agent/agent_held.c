/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which of the controller's documents is held: its revision and digest there, beside the hash that
 * it has here. What was changed otherwise since has another hash, and is sent anew. The file need
 * not be on the disk: without it the whole document is sent. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/agent/agent_link_state.h"
#include "lib/base/log.h"

static char *path_of(const struct agent_link *link, const char *end)
{
	return mem_format("%s/held.json%s", link->identity.directory, end);
}

static bool is_so(json_t *held, const char *name, const char *wanted)
{
	const char *text = json_string_value(json_object_get(held, name));

	return text && strcmp(text, wanted) == 0;
}

void agent_held_read(struct agent_link *link)
{
	AUTO(free_ptr) char *path = path_of(link, "");
	const struct document *document = link->agent->document;
	json_t *held = json_load_file(path, 0, NULL);
	const char *digest = json_string_value(json_object_get(held, "digest"));

	link->digest[0] = '\0';
	if (document && digest && strlen(digest) < sizeof(link->digest) &&
	    json_integer_value(json_object_get(held, "revision")) == document_revision(document) &&
	    is_so(held, "hash", document_hash(document).s))
		strcpy(link->digest, digest);
	json_decref(held);
}

void agent_held_write(struct agent_link *link, const char *digest)
{
	AUTO(free_ptr) char *path = path_of(link, ""), *beside = path_of(link, ".new");
	const struct document *document = link->agent->document;
	json_t *held;

	snprintf(link->digest, sizeof(link->digest), "%s", digest);
	if (!*digest) {
		unlink(path);
		return;
	}
	held = json_pack("{s:I, s:s, s:s}", "revision", (json_int_t)document_revision(document),
			 "hash", document_hash(document).s, "digest", digest);
	if (json_dump_file(held, beside, JSON_COMPACT) < 0 || rename(beside, path) < 0)
		log_warning("%s: %s; the controller will send the whole document after a restart",
			    path, strerror(errno));
	json_decref(held);
}
