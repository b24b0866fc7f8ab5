/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What there is to say to weft. */
#include "controller/cli/cli.h"

const struct service services[] = {
	{ "router", "io.weft.VRouter", "WEFT_VROUTER_SOCKET", "unix:/run/weft/vrouter.sock",
	  "the virtual router (vrouterd)" },
	{ "host", "io.weft.HostNet", "WEFT_HOSTNET_SOCKET", "unix:/run/weft/hostnet.sock",
	  "the host's network (hostnetd)" },
	{ NULL, "io.weft.Controller", "WEFT_CONTROLLER_SOCKET", "unix:/run/weft/controller.sock",
	  "the controller (controllerd)" },
	{ NULL, NULL, NULL, NULL, NULL },
};

#define DRY_RUN OPTION_BIT(OPTION_DRY_RUN)
#define FILTER  (OPTION_BIT(OPTION_INTERFACE) | OPTION_BIT(OPTION_FROM_PORT))

const struct command commands[] = {
	{ "apply", true, "FILE|-", 1, 1, DRY_RUN, NULL, true, apply_run,
	  "Make everything as the document says" },
	{ "patch", true, "FILE|-", 1, 1, DRY_RUN, NULL, true, patch_run,
	  "Change the document that is held" },
	{ "show", true, "", 0, 0, 0, NULL, false, show_run, "Show the document that is held" },
	{ "status", true, "", 0, 0, OPTION_BIT(OPTION_FOLLOW), NULL, false, status_run,
	  "Show how every object, service and capability is doing" },
	{ "counters", true, "", 0, 0, OPTION_BIT(OPTION_KIND) | OPTION_BIT(OPTION_UUID), NULL,
	  false, counters_run, "Show bytes, packets and sessions of each object" },
	{ "explain", true, "FROM TO [PROTOCOL[/PORT]]", 2, 3, FILTER, NULL, false, explain_run,
	  "Tell what would happen to a packet, and because of which object" },
	{ "trace", true, "FROM|any TO|any [PROTOCOL[/PORT]]", 2, 3,
	  FILTER | OPTION_BIT(OPTION_COUNT) | OPTION_BIT(OPTION_SECONDS), NULL, false, trace_run,
	  "Tell what does happen to packets in the kernel" },
	{ "reconcile", true, "", 0, 0, DRY_RUN, NULL, false, reconcile_run,
	  "Compare with everything there is and repair the difference" },
	{ "call", false, "METHOD [JSON|-]", 1, 2, OPTION_BIT(OPTION_MORE), NULL, false, call_run,
	  "Call any method of any daemon" },
	{ "completion", false, "bash|zsh", 1, 1, 0, "bash zsh", false, completion_run,
	  "Print the completion script of a shell" },
	{ .name = NULL },
};

const struct option_type option_types[N_OPTIONS] = {
	[OPTION_HELP] = { "help", 'h', NULL, true, false, "Say how it is used" },
	[OPTION_VERSION] = { "version", 0, NULL, true, false, "Say the version" },
	[OPTION_JSON] = { "json", 0, NULL, true, false, "Print the answer as JSON" },
	[OPTION_SOCKET] = { "socket", 's', "ADDRESS", true, true,
			    "Where the daemon is: unix:PATH or tcp:ADDRESS:PORT" },
	[OPTION_TLS_CA] = { "tls-ca", 0, "FILE", true, true,
			    "For tcp: the authority that signed the daemon's certificate" },
	[OPTION_TLS_CERTIFICATE] = { "tls-certificate", 0, "FILE", true, true,
				     "For tcp: the certificate to show" },
	[OPTION_TLS_KEY] = { "tls-key", 0, "FILE", true, true, "For tcp: its key" },
	[OPTION_TLS_NAME] = { "tls-name", 0, "NAME", true, false,
			      "For tcp: the name that the daemon's certificate must bear" },
	[OPTION_DRY_RUN] = { "dry-run", 'n', NULL, false, false,
			     "Only print the changes that it would make" },
	[OPTION_FOLLOW] = { "follow", 'f', NULL, false, false, "Go on: print each change" },
	[OPTION_MORE] = { "more", 0, NULL, false, false, "Ask for a stream of answers" },
	[OPTION_KIND] = { "kind", 0, "KIND", false, false,
			  "Only these: interface, vip, eip, port_forward, listener, member" },
	[OPTION_UUID] = { "uuid", 0, "UUID,...", false, false, "Only these objects" },
	[OPTION_INTERFACE] = { "interface", 'i', "UUID", false, false,
			       "The interface that the packet comes in on" },
	[OPTION_FROM_PORT] = { "from-port", 0, "N", false, false, "The packet's source port" },
	[OPTION_COUNT] = { "count", 'c', "N", false, false, "End after so many packets" },
	[OPTION_SECONDS] = { "seconds", 't', "N", false, false, "End after so many seconds" },
};
