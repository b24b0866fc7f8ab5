/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host_walk.c - ports that come, go and change their groups, several at once: what patches say of
 * what they name is, together, what the whole document says. */
#include "tests/unit/host_bench.h"

#include "lib/base/text.h"

#define STEPS 3000
#define PORTS 7

static unsigned int seed = 20261130;

static unsigned int pick(unsigned int n)
{
	seed = seed * 1103515245U + 12345U;
	return (seed >> 8) % n;
}

static void add_port(struct text *text, unsigned int n)
{
	static const char *const groups[] = {
		"", "'a'", "'b'", "'a','b'", "'b','a'", "'c','a','b'"
	};

	text_format(text,
		    "%s{'uuid':'p%u','device':'v%u','l2':'l2','mac':'fa:00:00:00:00:%02x',"
		    "'security_groups':[%s]}",
		    text->length ? "," : "", n, n, n + 1, groups[pick(ARRAY_SIZE(groups))]);
}

/* Of each port one of three things: it is said, it goes, nothing. */
static void random_patch(const struct document *document, json_t **upsert, json_t **remove)
{
	AUTO(text_clear) struct text said = TEXT_NONE;
	AUTO(free_ptr) char *text = NULL;
	json_t *gone = json_array();

	for (unsigned int n = 0; n < PORTS; n++) {
		AUTO(free_ptr) char *uuid = mem_format("p%u", n);

		if (pick(3) == 0)
			add_port(&said, n);
		else if (pick(4) == 0 && host_port(document, uuid))
			json_array_append_new(gone, json_string(uuid));
	}
	text = mem_format("{'ports':[%s]}", text_view(&said));
	*upsert = bench_json(text);
	*remove = json_pack("{s:o}", "ports", gone);
}

/* What a patch names, by name: objects come and go. */
struct names {
	const struct document *document;
	struct {
		const char *section;
		char *uuid;
	} all[64];
	size_t n;
};

static void name_one(void *data, struct object *object)
{
	struct names *names = data;

	for (size_t i = 0; i < names->n; i++)
		if (strcmp(names->all[i].section, object->section->name) == 0 &&
		    strcmp(names->all[i].uuid, object->uuid) == 0)
			return;
	assert_true(names->n < ARRAY_SIZE(names->all));
	names->all[names->n].section = object->section->name;
	names->all[names->n++].uuid = mem_text(object->uuid);
}

static void name_affected(void *data, struct object *object)
{
	const struct names *names = data;

	host_affected(names->document, object, name_one, data);
}

static void names_clear(struct names *names)
{
	while (names->n > 0)
		free(names->all[--names->n].uuid);
}

static void compile_named(const struct names *names, const struct facts *facts,
			  struct item_set *items)
{
	struct notes notes = NOTES_NONE;

	for (size_t i = 0; i < names->n; i++) {
		const struct object *object =
			document_find(names->document, names->all[i].section, names->all[i].uuid);

		if (object)
			host_compile_object(names->document, facts, object, items, &notes);
	}
	notes_clear(&notes);
}

/* As engine_change(): what was said and is no more goes. */
static void take_over(struct item_set *want, const struct item_set *before, struct item_set *after)
{
	struct item *item, *next;

	item_set_for_each (before, item, next)
		item_unref(item_set_take(want, item_set_like(want, item)));
	item_set_for_each (after, item, next) {
		struct item *held = item_set_like(want, item);

		if (held)
			item_unref(item_set_take(want, held));
		item_set_add(want, item_set_take(after, item));
	}
}

static void is_whole(const struct item_set *want, const struct compiled *compiled)
{
	struct item_set whole = ITEM_SET_NONE;
	struct notes notes = NOTES_NONE;
	struct item *item, *after;

	host_compile(compiled->document, &compiled->facts, &whole, &notes);
	item_set_for_each (&whole, item, after) {
		const struct item *same = item_set_find(want, item_kind(item), item_key(item));

		if (!same || strcmp(item_value(same), item_value(item)) != 0 ||
		    strcmp(item_owner(same), item_owner(item)) != 0)
			fail_msg("%s \"%s\" is not as the whole says", item_kind(item),
				 item_key(item));
	}
	assert_int_equal(item_set_count(want), item_set_count(&whole));
	item_set_clear(&whole);
	notes_clear(&notes);
}

static void walk_one(struct compiled *compiled)
{
	struct names names = { .document = compiled->document };
	struct item_set before = ITEM_SET_NONE, after = ITEM_SET_NONE;
	struct document_delta delta = DOCUMENT_DELTA_NONE;
	AUTO(err_clear) struct err err = ERR_NONE;
	json_t *upsert, *remove;

	random_patch(compiled->document, &upsert, &remove);
	document_patch_names(compiled->document, upsert, remove, name_affected, &names);
	compile_named(&names, &compiled->facts, &before);
	if (document_patch(compiled->document, upsert, remove, &delta, &err) < 0)
		fail_msg("%s: %s", err.path ? err.path : "", err_text(&err));
	for (size_t i = 0; i < delta.n; i++)
		if (delta.steps[i].is)
			name_affected(&names, delta.steps[i].is);
	if (pick(4) == 0) {
		/* Only tried. */
		document_take_back(&delta);
	} else {
		compile_named(&names, &compiled->facts, &after);
		document_keep(&delta);
		take_over(&compiled->items, &before, &after);
	}
	is_whole(&compiled->items, compiled);
	json_decref(upsert);
	json_decref(remove);
	item_set_clear(&before);
	item_set_clear(&after);
	names_clear(&names);
}

static void patches_say_what_the_whole_says(void **state)
{
	struct compiled compiled =
		compile("'l2_networks':[{'uuid':'l2','type':'novlan','device':'em01'}],"
			"'security_groups':[{'uuid':'a'},{'uuid':'b'},{'uuid':'c'}]");

	(void)state;
	for (int i = 0; i < STEPS; i++)
		walk_one(&compiled);
	compiled_clear(&compiled);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patches_say_what_the_whole_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
