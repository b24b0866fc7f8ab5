/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table, and what each command asks for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controller/cli/command.h"

const struct target targets[] = {
	{ "router", "io.weft.VRouter", "unix:/run/weft/vrouter.sock", "WEFT_VROUTER_SOCKET" },
	{ "host", "io.weft.HostNet", "unix:/run/weft/hostnet.sock", "WEFT_HOSTNET_SOCKET" },
	{ NULL, NULL, NULL, NULL },
};

const struct target *target_find(const char *word)
{
	for (const struct target *target = targets; target->word; target++)
		if (strcmp(target->word, word) == 0)
			return target;
	return NULL;
}

static int run_apply(const struct call *call)
{
	json_t *state = read_json(call->words[0]);

	if (!state)
		return EXIT_REFUSED;
	return call_method(call, "Apply",
			   json_pack("{s:o, s:b}", "state", state, "dry_run",
				     call->options->dry_run),
			   false, show_plan);
}

static int run_patch(const struct call *call)
{
	json_t *patch = read_json(call->words[0]);

	if (!patch)
		return EXIT_REFUSED;
	if (json_is_object(patch) && call->options->dry_run)
		json_object_set_new(patch, "dry_run", json_true());
	return call_method(call, "Patch", patch, false, show_plan);
}

static void show_state(const struct call *call, json_t *reply)
{
	show_json(call, json_object_get(reply, "state"));
}

static int run_show(const struct call *call)
{
	return call_method(call, "Get", NULL, false, show_state);
}

static int run_status(const struct call *call)
{
	return call_method(call, "Status", NULL, call->options->follow, show_status);
}

static int run_counters(const struct call *call)
{
	return call_method(call, "Counters", NULL, false, show_counters);
}

static int run_reconcile(const struct call *call)
{
	return call_method(call, "Reconcile", json_pack("{s:b}", "dry_run", call->options->dry_run),
			   false, show_plan);
}

/* "FROM TO [PROTOCOL[/PORT]]" */
static json_t *packet_of(const struct call *call)
{
	json_t *packet = json_pack("{s:s, s:s}", "from", call->words[0], "to", call->words[1]);
	AUTO(free_ptr) char *protocol = mem_text(call->n > 2 ? call->words[2] : "icmp");
	char *slash = strchr(protocol, '/');

	if (slash) {
		*slash = '\0';
		json_object_set_new(packet, "to_port", json_integer(atoi(slash + 1)));
	}
	json_object_set_new(packet, "protocol", json_string(protocol));
	if (call->options->from_port)
		json_object_set_new(packet, "from_port",
				    json_integer(atoi(call->options->from_port)));
	if (call->options->interface)
		json_object_set_new(packet, "interface", json_string(call->options->interface));
	return packet;
}

static int run_explain(const struct call *call)
{
	return call_method(call, "Explain", json_pack("{s:o}", "packet", packet_of(call)), false,
			   show_steps);
}

const struct command commands[] = {
	{ "apply", "FILE [--dry-run]", "Make everything as the document says.", 1, 1, run_apply },
	{ "patch", "FILE [--dry-run]", "Change the document that is held.", 1, 1, run_patch },
	{ "show", "", "The document that is held, secrets masked.", 0, 0, run_show },
	{ "status", "[--follow]", "How everything is doing.", 0, 0, run_status },
	{ "counters", "", "Bytes and packets.", 0, 0, run_counters },
	{ "explain", "FROM TO [PROTOCOL/PORT]", "What would happen to a packet, and why.", 2, 3,
	  run_explain },
	{ "reconcile", "[--dry-run]", "Look at everything and repair the difference.", 0, 0,
	  run_reconcile },
	{ NULL, NULL, NULL, 0, 0, NULL },
};

const struct command *command_find(const char *word)
{
	for (const struct command *command = commands; command->word; command++)
		if (strcmp(command->word, word) == 0)
			return command;
	return NULL;
}
