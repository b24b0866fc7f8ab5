/* SPDX-License-Identifier: GPL-2.0-or-later */
/* touch.h - marking members whose document a transaction may have made another: what it is about is
 * said in touch.c, whom it finds here. */
#ifndef WEFT_LINK_TOUCH_H
#define WEFT_LINK_TOUCH_H

#include "controller/link/agents_state.h"

struct touching {
	struct agents *agents;
	struct model *model;
	struct err *err;
};

/* The job of the call waits for it. Of who is not there, and may not even be concerned, only if the
 * change names him. */
void touch_member(const struct touching *to, struct member *member, unsigned int parts, bool named);

/* The agent of this object, if it ever was there; 'uuid' NULL: nobody's. */
void touch_object(const struct touching *to, const struct model_type *type, const char *uuid,
		  unsigned int parts);
void touch_hosts(const struct touching *to, unsigned int parts);
void touch_routers(const struct touching *to);
/* Hosts whose document has the object. */
void touch_holders(const struct touching *to, const char *section, const char *uuid,
		   unsigned int parts);

/* Hosts whose document has the list; it is asked for anew. */
void touch_list(const struct touching *to, enum list_kind kind, const char *uuid);
/* The same for all of a kind, and all hosts. */
void touch_lists(const struct touching *to, enum list_kind kind);

#endif
