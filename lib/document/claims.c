/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/document/claims.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct entry {
	struct map_node by_what;
	const char *who; /* Behind 'what'. */
	char what[];
};

struct claims {
	struct map by_what;
};

static bool is_entry(const struct map_node *node, const void *key)
{
	return strcmp(CONTAINER_OF(node, struct entry, by_what)->what, key) == 0;
}

static struct entry *find(const struct claims *claims, const char *what)
{
	struct map_node *node = map_find(&claims->by_what, map_hash_text(what), is_entry, what);

	return node ? CONTAINER_OF(node, struct entry, by_what) : NULL;
}

struct claims *claims_new(void)
{
	return mem_alloc(sizeof(struct claims));
}

void claims_free(struct claims *claims)
{
	struct map_node *node, *after;

	if (!claims)
		return;
	map_for_each (&claims->by_what, node, after)
		free(CONTAINER_OF(node, struct entry, by_what));
	map_clear(&claims->by_what);
	free(claims);
}

/* -EEXIST if another holds it; '*holder' is then the other, the claims' own. */
static int claim(struct claims *claims, const char *what, const char *who, const char **holder)
{
	size_t what_size = strlen(what) + 1, who_size = strlen(who) + 1;
	struct entry *entry = find(claims, what);

	if (entry) {
		*holder = entry->who;
		return -EEXIST;
	}
	entry = mem_alloc(sizeof(*entry) + what_size + who_size);
	memcpy(entry->what, what, what_size);
	memcpy(entry->what + what_size, who, who_size);
	entry->who = entry->what + what_size;
	map_add(&claims->by_what, &entry->by_what, map_hash_text(what));
	return 0;
}

static void unclaim(struct claims *claims, const char *what, const char *who)
{
	struct entry *entry = find(claims, what);

	if (!entry || strcmp(entry->who, who) != 0)
		return;
	map_remove(&claims->by_what, &entry->by_what);
	free(entry);
}

int claims_say(const struct claiming *claiming, const char *sentence, const char *format, ...)
{
	AUTO(free_ptr) char *what = NULL;
	const char *holder, *place = strstr(sentence, "%s");
	va_list args;

	va_start(args, format);
	what = mem_vformat(format, args);
	va_end(args);
	if (!claiming->take) {
		unclaim(claiming->claims, what, claiming->who);
		return 0;
	}
	if (claim(claiming->claims, what, claiming->who, &holder) == 0)
		return 0;
	return err_set(claiming->err, -EINVAL, "%.*s%s%s", (int)(place - sentence), sentence,
		       holder, place + 2);
}

int claims_take(struct claims *claims, claims_fn *each, const struct object *object,
		struct err *err)
{
	struct object_text who = object_text(object);
	const struct claiming claiming = { claims, who.s, true, err };
	int ret = each(&claiming, object);

	if (ret < 0)
		claims_give(claims, each, object);
	return ret;
}

void claims_give(struct claims *claims, claims_fn *each, const struct object *object)
{
	struct object_text who = object_text(object);
	const struct claiming claiming = { claims, who.s, false, NULL };

	each(&claiming, object);
}

const char *claims_holder(const struct claims *claims, const char *format, ...)
{
	AUTO(free_ptr) char *what = NULL;
	const struct entry *entry;
	va_list args;

	va_start(args, format);
	what = mem_vformat(format, args);
	va_end(args);
	entry = find(claims, what);
	return entry ? entry->who : NULL;
}
