/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrouter/service/haproxy_model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct item *copy_of(const struct item *item)
{
	return item_new(item_kind(item), item_key(item), item_value(item), item_owner(item));
}

static int parse_number(const char *text, unsigned int least, unsigned int most,
			unsigned int *number, struct err *err)
{
	char *end;
	unsigned long value;

	if (!text)
		return err_set(err, -EINVAL, "a number is missing");
	value = strtoul(text, &end, 10);
	if (end == text || *end || value < least || value > most)
		return err_set(err, -EINVAL, "\"%s\" is no number of %u-%u", text, least, most);
	*number = (unsigned int)value;
	return 0;
}

static int parse_port(const char *text, uint16_t *port, struct err *err)
{
	unsigned int number;

	if (parse_number(text, 1, 65535, &number, err) < 0)
		return -EINVAL;
	*port = (uint16_t)number;
	return 0;
}

/* The index of a word in a NULL-terminated list; -EINVAL. */
static int choose(const char *word, const char *const *choices, struct err *err)
{
	for (int i = 0; word && choices[i]; i++)
		if (strcmp(word, choices[i]) == 0)
			return i;
	return err_set(err, -EINVAL, "\"%s\" is not known", word ? word : "");
}

/* Uuids joined by commas become names of files. */
static bool are_uuids(const char *list)
{
	return list && *list &&
	       strspn(list, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
			    "0123456789._:-,") == strlen(list);
}

static int parse_option(struct haproxy_listener *listener, const char *word, const char *value,
			struct err *err)
{
	if (strcmp(word, "idle") == 0)
		return parse_number(value, 1, 1 << 21, &listener->idle_s, err);
	if (strcmp(word, "maxconn") == 0)
		return parse_number(value, 1, 10000000, &listener->max_connections, err);
	if (strcmp(word, "rise") == 0)
		return parse_number(value, 1, 1000, &listener->rise, err);
	if (strcmp(word, "fall") == 0)
		return parse_number(value, 1, 1000, &listener->fall, err);
	if (strcmp(word, "interval") == 0)
		return parse_number(value, 1, 86400, &listener->interval_s, err);
	if (strcmp(word, "certificates") == 0 && are_uuids(value)) {
		free(listener->certificates);
		listener->certificates = mem_text(value);
		return 0;
	}
	return err_set(err, -EINVAL, "\"%s\" is no setting of a listener", word);
}

static int parse_listener(struct haproxy_listener *listener, char *rest, struct err *err)
{
	static const char *const protocols[] = { "tcp", "http", "https", NULL };
	static const char *const algorithms[] = { "roundrobin", "leastconn", "source", NULL };
	int protocol = choose(strsep(&rest, " "), protocols, err), algorithm;
	const char *address = strsep(&rest, " ");
	char *word;

	if (protocol < 0)
		return protocol;
	listener->protocol = (enum haproxy_protocol)protocol;
	if (!address)
		return err_set(err, -EINVAL, "the address is missing");
	if (ip_parse(address, &listener->address, err) < 0 ||
	    parse_port(strsep(&rest, " "), &listener->port, err) < 0)
		return -EINVAL;
	algorithm = choose(strsep(&rest, " "), algorithms, err);
	if (algorithm < 0)
		return algorithm;
	listener->algorithm = algorithms[algorithm];
	while ((word = strsep(&rest, " ")))
		if (parse_option(listener, word, strsep(&rest, " "), err) < 0)
			return -EINVAL;
	if (listener->protocol == HAPROXY_HTTPS && !listener->certificates)
		return err_set(err, -EINVAL, "HTTPS without a certificate");
	return 0;
}

int haproxy_listener_parse(const struct item *item, struct haproxy_listener **ret, struct err *err)
{
	AUTO(free_ptr) char *value = mem_text(item_value(item));
	struct haproxy_listener *listener = mem_alloc(sizeof(*listener));

	listener->item = copy_of(item);
	listener->uuid = item_key(listener->item);
	listener->idle_s = 60;
	listener->max_connections = 5000;
	listener->rise = listener->fall = 2;
	listener->interval_s = 5;
	listener->stale = true;
	if (parse_listener(listener, value, err) < 0) {
		haproxy_listener_free(listener);
		return -EINVAL;
	}
	*ret = listener;
	return 0;
}

void haproxy_member_free(struct haproxy_member *member)
{
	if (!member)
		return;
	item_unref(member->item);
	free(member);
}

void haproxy_listener_free(struct haproxy_listener *listener)
{
	struct haproxy_member *member;

	if (!listener)
		return;
	while ((member = listener->members)) {
		listener->members = member->next;
		haproxy_member_free(member);
	}
	item_unref(listener->item);
	free(listener->certificates);
	free(listener->failure);
	free(listener);
}

static int parse_member(struct haproxy_member *member, char *rest, struct err *err)
{
	const char *address = strsep(&rest, " "), *word;

	if (ip_parse(address, &member->address, err) < 0 ||
	    parse_port(strsep(&rest, " "), &member->port, err) < 0)
		return -EINVAL;
	member->weight = 100;
	word = strsep(&rest, " ");
	if (word && (strcmp(word, "weight") != 0 || !rest))
		return err_set(err, -EINVAL, "\"%s\" is no setting of a member", word);
	return word ? parse_number(rest, 0, 256, &member->weight, err) : 0;
}

int haproxy_member_parse(const struct item *item, struct haproxy_member **ret, struct err *err)
{
	AUTO(free_ptr) char *value = mem_text(item_value(item));
	struct haproxy_member *member = mem_alloc(sizeof(*member));
	const char *space;

	member->item = copy_of(item);
	space = strchr(item_key(member->item), ' ');
	if (!space) {
		haproxy_member_free(member);
		return err_set(err, -EINVAL, "\"%s\" has no listener", item_key(item));
	}
	member->uuid = space + 1;
	if (parse_member(member, value, err) < 0) {
		haproxy_member_free(member);
		return -EINVAL;
	}
	*ret = member;
	return 0;
}

struct key {
	const char *uuid;
	size_t length;
};

static bool has_uuid(const struct map_node *node, const void *data)
{
	const struct haproxy_listener *listener =
		CONTAINER_OF(node, struct haproxy_listener, by_uuid);
	const struct key *key = data;

	return strncmp(listener->uuid, key->uuid, key->length) == 0 && !listener->uuid[key->length];
}

static struct haproxy_listener *find(const struct haproxy_model *model, const char *uuid,
				     size_t length)
{
	struct key key = { uuid, length };
	struct map_node *node = map_find(&model->listeners, map_hash(uuid, length), has_uuid, &key);

	return node ? CONTAINER_OF(node, struct haproxy_listener, by_uuid) : NULL;
}

struct haproxy_listener *haproxy_model_listener(const struct haproxy_model *model, const char *uuid)
{
	return find(model, uuid, strlen(uuid));
}

struct haproxy_listener *haproxy_model_listener_of(const struct haproxy_model *model,
						   const char *member_key)
{
	return find(model, member_key, strcspn(member_key, " "));
}

void haproxy_model_add(struct haproxy_model *model, struct haproxy_listener *listener)
{
	map_add(&model->listeners, &listener->by_uuid,
		map_hash(listener->uuid, strlen(listener->uuid)));
}

void haproxy_model_remove(struct haproxy_model *model, struct haproxy_listener *listener)
{
	map_remove(&model->listeners, &listener->by_uuid);
}

struct haproxy_member **haproxy_listener_find(struct haproxy_listener *listener, const char *uuid)
{
	struct haproxy_member **at = &listener->members;

	while (*at && strcmp((*at)->uuid, uuid) != 0)
		at = &(*at)->next;
	return at;
}

static int compare(const void *one, const void *other)
{
	const struct haproxy_listener *const *a = one, *const *b = other;

	return strcmp((*a)->uuid, (*b)->uuid);
}

struct haproxy_listener **haproxy_model_sorted(const struct haproxy_model *model)
{
	struct haproxy_listener **list =
		mem_array(model->listeners.n + 1, sizeof(struct haproxy_listener *));
	struct map_node *node, *after;
	size_t n = 0;

	map_for_each (&model->listeners, node, after)
		list[n++] = CONTAINER_OF(node, struct haproxy_listener, by_uuid);
	qsort(list, n, sizeof(struct haproxy_listener *), compare);
	return list;
}

void haproxy_model_clear(struct haproxy_model *model)
{
	struct map_node *node, *after;

	map_for_each (&model->listeners, node, after) {
		map_remove(&model->listeners, node);
		haproxy_listener_free(CONTAINER_OF(node, struct haproxy_listener, by_uuid));
	}
	map_clear(&model->listeners);
	item_set_clear(&model->certificates);
}
