/* SPDX-License-Identifier: GPL-2.0-or-later */
/* changes.h - who subscribes hears of each transaction which resources it made, changed and
 * deleted.
 *
 * It is told once the transaction is on the disk, before the call that made it returns: whatever
 * one call changed (what follows, what is cleared, what is counted) comes as one list, in which a
 * resource stands once, as it was before the first and is after the last change. What came to be
 * and went within one transaction is not told, nor what was written as it was, nor anything of a
 * dry run or of a transaction that failed. Nothing is kept: who was not there asks the model. */
#ifndef WEFT_MODEL_CHANGES_H
#define WEFT_MODEL_CHANGES_H

#include "controller/model/model.h"

/* One resource that is another now. Everything is borrowed until the function returns. */
struct model_event {
	const struct model_type *type;
	const char *uuid;
	const void *was; /* Its record; NULL: it was made. */
	const void *is;  /* NULL: it was deleted. */
};

/* The model may be asked, not changed: who wants to change it does so in the event loop's next
 * turn. Subscriptions may be ended, also the own one. */
typedef void model_changed_fn(const struct model_event *events, size_t n, void *data);

struct model_subscription;

/* Of several, who came first hears first. */
struct model_subscription *model_subscribe(struct model *model, model_changed_fn *changed,
					   void *data);
void model_unsubscribe(struct model_subscription *subscription);

/* "created", "updated" or "deleted". */
const char *model_event_name(const struct model_event *event);

/* Whether one of the named fields (the list ends with NULL) is another now; of a resource that was
 * made or deleted always. */
bool model_event_concerns(const struct model_event *event, const char *const *fields);

#endif
