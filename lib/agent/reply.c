/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/agent/reply.h"

#include <errno.h>
#include <string.h>

#include "lib/agent/agent_state.h"

static void reply_named(const struct agent *agent, struct wire_call *call, const char *name,
			json_t *parameters)
{
	AUTO(free_ptr) char *full = mem_format("%s.%s", agent->type->interface, name);

	wire_reply_error(call, full, parameters);
}

void reply_invalid(const struct agent *agent, struct wire_call *call, const char *path,
		   const char *reason)
{
	reply_named(agent, call, "InvalidState",
		    json_pack("{s:s, s:s}", "path", path, "reason", reason));
}

bool reply_unknown(const struct agent *agent, struct wire_call *call, json_t *parameters,
		   const char *const *names)
{
	const char *given;
	json_t *value;

	json_object_foreach (parameters, given, value) {
		const char *const *name = names;

		while (*name && strcmp(*name, given) != 0)
			name++;
		if (*name)
			continue;
		reply_invalid(agent, call, given, "unknown parameter");
		return true;
	}
	return false;
}

void reply_revision_mismatch(const struct agent *agent, struct wire_call *call, int64_t held)
{
	reply_named(agent, call, "RevisionMismatch", json_pack("{s:I}", "held", (json_int_t)held));
}

void reply_not_supported(const struct agent *agent, struct wire_call *call, const char *capability,
			 const char *reason)
{
	reply_named(agent, call, "NotSupported",
		    json_pack("{s:s, s:s}", "capability", capability, "reason", reason));
}

void reply_not_found(const struct agent *agent, struct wire_call *call, const char *uuid)
{
	reply_named(agent, call, "NotFound", json_pack("{s:s}", "uuid", uuid));
}

void reply_controller_holds(const struct agent *agent, struct wire_call *call,
			    const char *controller)
{
	reply_named(agent, call, "ControllerHolds",
		    json_pack("{s:s, s:s}", "controller", controller, "reason",
			      "the document is the controller's; by force it is changed until "
			      "the controller is there"));
}

void reply_error(const struct agent *agent, struct wire_call *call, const struct err *err)
{
	switch (err->code) {
	case -EBUSY:
	case -ENOSPC:
	case -EDQUOT:
	case -EROFS:
	case -EIO:
	case -ENOMEM:
	case -ENOBUFS:
	case -EAGAIN:
	case -EINTR:
		reply_named(agent, call, "Busy", json_pack("{s:s}", "reason", err_text(err)));
		break;
	default:
		reply_invalid(agent, call, err->path ? err->path : "state", err_text(err));
	}
}
