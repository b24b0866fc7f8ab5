/* SPDX-License-Identifier: GPL-2.0-or-later */
/* charon.h - IPsec tunnels, by one strongSwan charon that is told over its control socket (VICI).
 *
 *   kind               key   value
 *   ipsec.connection   UUID  "LOCAL REMOTE ike VERSION PROPOSAL esp PROPOSAL local PREFIX,PREFIX
 * remote PREFIX,PREFIX key DIGEST": proposals in strongSwan's words ("3des-sha1-modp1024"); DIGEST
 * is ipsec_key_digest() of the key, which is asked for by callback and goes over the socket only
 *
 * charon runs while there is a tunnel. What it has been given stands, without the key, in a file
 * for each tunnel in RUN_DIR/charon, so that the next agent knows it; a charon that died is given
 * everything anew, after what it left in the kernel is gone. A tunnel that changes is taken away
 * and given again, the others are not touched.
 *
 * Policies stand as soon as a tunnel is given ("ready"); keys are agreed on then and whenever they
 * are missing, with growing distance, or at once when there is something to send. */
#ifndef WEFT_VROUTER_SERVICE_CHARON_H
#define WEFT_VROUTER_SERVICE_CHARON_H

#include <event2/event.h>
#include <jansson.h>

#include "lib/backend/child/child_process.h"
#include "lib/item/facts.h"
#include "lib/item/provider.h"

struct charon;

struct charon_settings {
	const char *run_dir;
	/* The key of a tunnel, or NULL; the caller's own. */
	const char *(*key)(void *data, const char *uuid);
	/* Something in the status or the failures changed. May be NULL. */
	child_changed_fn *changed;
	void *data;
};

/* Says in 'facts' (kept) what kernel and charon can, and the salt of key digests. */
int charon_new(struct event_base *base, const struct charon_settings *settings, struct facts *facts,
	       struct charon **ret, struct err *err);
/* The process runs on. */
void charon_free(struct charon *charon);

struct provider charon_provider(struct charon *charon);

void charon_child_status(const struct charon *charon, struct child_status *status);

/* Why a tunnel does not work as wanted, or NULL; charon's own. */
const char *charon_failure(const struct charon *charon, const char *owner);

/* Appends one object for each tunnel: {"connection", "state": "starting"|"ready"|"negotiated"|
 * "rekeying"|"failed", "reason"?}. */
void charon_status(const struct charon *charon, json_t *connections);

#endif
