/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From sections to those who compile them. */
#include "hostnet/compile/compile.h"

#include <string.h>

#include "hostnet/compile/order.h"
#include "hostnet/compile/parts.h"

/* Nothing by itself. */
static void compile_vm(const struct compiler *compiler, const struct object *object)
{
	(void)compiler;
	(void)object;
}

static const struct {
	const char *section;
	compile_fn *compile;
	bool local;
} compilers[] = {
	{ SECTION_HOST, compile_host, false },
	{ SECTION_L2_NETWORKS, compile_l2, false },
	{ SECTION_L3_NETWORKS, compile_l3, true },
	{ SECTION_VMS, compile_vm, true },
	{ SECTION_SECURITY_GROUPS, compile_group, true },
	{ SECTION_PORTS, compile_port, true },
	{ SECTION_EIPS, compile_eip, true },
	{ SECTION_ROUTERS, compile_router, false },
	{ SECTION_VTEPS, compile_vtep, true },
	{ SECTION_L2_REMOTES, compile_l2_guest, true },
	{ SECTION_GROUP_MEMBERS, compile_group_member, true },
	{ SECTION_COMBINATIONS, compile_combination, true },
};

bool host_compile_local(const struct section_type *section)
{
	for (size_t i = 0; i < ARRAY_SIZE(compilers); i++)
		if (strcmp(compilers[i].section, section->name) == 0)
			return compilers[i].local;
	return false;
}

void host_compile_object(const struct document *document, const struct facts *facts,
			 const struct object *object, struct item_set *items, struct notes *notes)
{
	const struct compiler compiler = { TABLE, document, facts, items, notes };

	if (!host_of(document)) {
		if (object->section->derived)
			return;
		notes_say(notes, object->uuid, NOTE_INACTIVE, "the document has no section host");
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(compilers); i++)
		if (strcmp(compilers[i].section, object->section->name) == 0) {
			compilers[i].compile(&compiler, object);
			return;
		}
}

struct compiling {
	const struct document *document;
	const struct facts *facts;
	struct item_set *items;
	struct notes *notes;
};

static void compile_derived(void *data, struct object *object)
{
	const struct compiling *compiling = data;

	host_compile_object(compiling->document, compiling->facts, object, compiling->items,
			    compiling->notes);
}

void host_compile(const struct document *document, const struct facts *facts,
		  struct item_set *items, struct notes *notes)
{
	struct compiling compiling = { document, facts, items, notes };
	const struct section_type *section = host_document.sections;
	const struct object *object;

	for (; section->name; section++)
		section_for_each (document, section->name, object)
			host_compile_object(document, facts, object, items, notes);
	host_combinations(document, compile_derived, &compiling);
}
