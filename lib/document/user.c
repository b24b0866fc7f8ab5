/* SPDX-License-Identifier: GPL-2.0-or-later */
/* user.c - who refers to an object.
 *
 * Most objects have one user or none: 'users' is then that user itself, marked by its lowest bit,
 * and costs nothing. Else it is a list. */
#include <stdlib.h>
#include <string.h>

#include "lib/document/document_state.h"

struct users {
	struct object **list;
	size_t n, room;
};

static bool has_only(const struct object *object)
{
	return (uintptr_t)object->users & 1;
}

static struct object *only_user(const struct object *object)
{
	return (struct object *)((uintptr_t)object->users - 1);
}

static void *as_only(struct object *user)
{
	return (void *)((uintptr_t)user | 1);
}

size_t document_user_count(const struct object *object)
{
	const struct users *users = object->users;

	if (!users)
		return 0;
	return has_only(object) ? 1 : users->n;
}

struct object *document_user(const struct object *object, size_t i)
{
	const struct users *users = object->users;

	return has_only(object) ? only_user(object) : users->list[i];
}

void document_users(const struct document *document, const struct object *object,
		    document_visit_fn *visit, void *data)
{
	(void)document;
	for (size_t i = 0; i < document_user_count(object); i++)
		visit(data, document_user(object, i));
}

/* The references of one user are added one after the other: a second one finds the first last. */
void users_add(struct object *object, struct object *user)
{
	struct users *users = object->users;

	if (!users) {
		object->users = as_only(user);
		return;
	}
	if (document_user(object, document_user_count(object) - 1) == user)
		return;
	if (has_only(object)) {
		users = mem_alloc(sizeof(*users));
		mem_grow(&users->list, &users->room, 2, sizeof(struct object *));
		users->list[users->n++] = only_user(object);
		object->users = users;
	}
	mem_grow(&users->list, &users->room, users->n + 1, sizeof(struct object *));
	users->list[users->n++] = user;
}

void users_remove(struct object *object, const struct object *user)
{
	struct users *users = object->users;

	if (!users)
		return;
	if (has_only(object)) {
		if (only_user(object) == user)
			object->users = NULL;
		return;
	}
	for (size_t i = users->n; i-- > 0;) {
		if (users->list[i] != user)
			continue;
		memmove(&users->list[i], &users->list[i + 1],
			(users->n - i - 1) * sizeof(struct object *));
		if (!--users->n)
			users_free(object);
		return;
	}
}

void users_free(struct object *object)
{
	struct users *users = object->users;

	if (users && !has_only(object)) {
		free(users->list);
		free(users);
	}
	object->users = NULL;
}
