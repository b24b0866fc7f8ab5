/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/document/interface_text.h"

#include <stdlib.h>

#include "lib/base/name.h"
#include "lib/base/text.h"

static const char common[] =
	"type Change (\n  action: string,\n  kind: string,\n  key: string,\n  owner: string,\n"
	"  from: ?string,\n  to: ?string\n)\n\n"
	"type Failure (\n  owner: string,\n  kind: string,\n  key: string,\n  message: string,\n"
	"  retry_in_ms: int\n)\n\n"
	"type ObjectHealth (\n  uuid: string,\n  section: string,\n  health: string,\n"
	"  reason: ?string\n)\n\n"
	"type ServiceHealth (\n  name: string,\n  state: string,\n  pid: ?int,\n  restarts: int,\n"
	"  reason: ?string\n)\n\n"
	"type Capability (\n  name: string,\n  supported: bool,\n  reason: ?string\n)\n\n"
	"type Drift (\n  kind: string,\n  key: string,\n  owner: string,\n  action: string,\n"
	"  at_ms: int,\n  process: ?string\n)\n\n"
	"# Makes everything as 'state' says, or with dry_run tells what that would change. Under "
	"a\n"
	"# controller it takes force, and lasts until the controller is there.\n"
	"method Apply(state: State, dry_run: ?bool, force: ?bool) -> (revision: int, plan: "
	"[]Change,\n"
	"  plan_omitted: ?int, failures: []Failure)\n\n"
	"# Changes the state that is held: 'upsert' maps sections to objects, 'remove' to uuids.\n"
	"method Patch(base_revision: int, revision: ?int, upsert: ?object, remove: ?object,\n"
	"  dry_run: ?bool, force: ?bool) -> (revision: int, plan: []Change, plan_omitted: ?int,\n"
	"  failures: []Failure)\n\n"
	"# What is held; secrets are masked.\n"
	"method Get() -> (state: State, revision: int, hash: string)\n\n"
	"# How everything is doing; with 'more' again whenever that changes.\n"
	"method Status() -> (revision: int, objects: []ObjectHealth, services: []ServiceHealth,\n"
	"  capabilities: []Capability, drift: []Drift, version: string)\n\n"
	"# Looks at everything there is and repairs the difference.\n"
	"method Reconcile(dry_run: ?bool) -> (revision: int, plan: []Change, plan_omitted: ?int,\n"
	"  failures: []Failure)\n\n"
	"error InvalidState (path: string, reason: string)\n\n"
	"error RevisionMismatch (held: int)\n\n"
	"# The document is a controller's.\n"
	"error ControllerHolds (controller: string, reason: string)\n\n"
	"error NotSupported (capability: string, reason: string)\n\n"
	"error Busy (reason: ?string)\n\n"
	"error NotFound (uuid: string)\n";

char *interface_text(const char *name, const char *about, const struct document_type *type,
		     const char *more)
{
	struct text text = TEXT_NONE, state = TEXT_NONE;

	text_format(&text, "# %s\ninterface %s\n\n", about, name);
	text_add(&state, "type State (\n  revision: ?int");
	for (const struct section_type *section = type->sections; section->name; section++) {
		AUTO(free_ptr) char *fields = field_interface(section->fields);
		AUTO(free_ptr) char *called = name_camel(section->name);

		text_format(&text, "type %s %s\n\n", called, fields);
		text_format(&state, ",\n  %s: %s%s%s", section->name, section->required ? "" : "?",
			    section->single ? "" : "[]", called);
	}
	text_add(&state, "\n)\n\n");
	text_add(&text, text_view(&state));
	text_add(&text, common);
	text_add(&text, more);
	text_clear(&state);
	return text_take(&text);
}
