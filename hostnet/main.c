/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hostnetd - gives the guests of the machine it is started on the networks that a document says. */
#include "hostnet/compile/compile.h"
#include "hostnet/probes.h"
#include "lib/agent/agent.h"

int main(int argc, char **argv)
{
	static const struct agent_type type = {
		.program = "hostnetd",
		.description =
			"Gives the guests of this machine the networks that a document says.",
		.interface = "io.weft.HostNet",
		.interface_text = host_interface_text,
		.default_state = "/var/lib/weft/hostnet",
		.default_run = "/run/weft",
		.default_socket = "unix:/run/weft/hostnet.sock",
		.table = "weft_host",
		.document = &host_document,
		.compile = host_compile,
		.compile_object = host_compile_object,
		.compile_local = host_compile_local,
		.affected = host_affected,
		.start = probes_start,
	};

	return agent_main(&type, argc, argv);
}
