/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/compile/say.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

PRINTF(5, 0)
static void vsay(const struct compiler *compiler, const char *owner, const char *kind,
		 const char *value, const char *key, va_list args)
{
	AUTO(free_ptr) char *text = mem_vformat(key, args);

	item_set_say(compiler->items, kind, owner, text, value);
}

void say(const struct compiler *compiler, const char *owner, const char *kind, const char *value,
	 const char *key, ...)
{
	va_list args;

	va_start(args, key);
	vsay(compiler, owner, kind, value, key, args);
	va_end(args);
}

/* "TABLE NAME", and what 'rest' formats behind it. */
PRINTF(6, 0)
static void say_of_table(const struct compiler *compiler, const char *owner, const char *kind,
			 const char *value, const char *name, const char *rest, va_list args)
{
	AUTO(free_ptr) char *text = mem_vformat(rest, args);

	say(compiler, owner, kind, value, "%s%s%s %s", compiler->table, *name ? " " : "", name,
	    text);
}

void say_chain(const struct compiler *compiler, const char *owner, const char *hook,
	       const char *chain, ...)
{
	va_list args;

	va_start(args, chain);
	say_of_table(compiler, owner, "nft.chain", hook, "", chain, args);
	va_end(args);
}

void say_set(const struct compiler *compiler, const char *owner, const char *type, const char *set,
	     ...)
{
	va_list args;

	va_start(args, set);
	say_of_table(compiler, owner, "nft.set", type, "", set, args);
	va_end(args);
}

void say_element(const struct compiler *compiler, const char *owner, const char *set,
		 const char *data, const char *key, ...)
{
	va_list args;

	va_start(args, key);
	say_of_table(compiler, owner, "nft.element", data, set, key, args);
	va_end(args);
}

void say_rule(const struct compiler *compiler, const char *owner, const char *chain,
	      const char *order, const char *rule, ...)
{
	AUTO(free_ptr) char *text = NULL;
	va_list args;

	va_start(args, rule);
	text = mem_vformat(rule, args);
	va_end(args);
	say(compiler, owner, "nft.rule", text, "%s %s %s", compiler->table, chain, order);
}

void say_sysctl(const struct compiler *compiler, const char *owner, const char *value,
		const char *path, ...)
{
	va_list args;

	va_start(args, path);
	vsay(compiler, owner, "sysctl", value, path, args);
	va_end(args);
}

struct prefix_text network_text(const struct prefix *prefix)
{
	struct prefix network = prefix_network(prefix);
	struct prefix_text text = prefix_text(&network);

	if (network.length == ip_bits(&network.ip))
		*strchr(text.s, '/') = '\0';
	return text;
}

void say_rest(const struct compiler *compiler, const struct object *object, struct err *why)
{
	notes_say(compiler->notes, object->uuid,
		  why->code == -EOPNOTSUPP ? NOTE_NOT_SUPPORTED : NOTE_INACTIVE, "%s",
		  err_text(why));
	err_clear(why);
}
