/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who stands for a guest: the elastic IPs of each target, in the order of their uuids. */
#include <stdlib.h>
#include <string.h>

#include "vrouter/document/index.h"

struct target {
	struct map_node by_ip;
	struct ip ip;
	const struct eip **eips;
	size_t n, room;
};

static uint64_t ip_hash(const struct ip *ip)
{
	return map_hash(ip->bytes, ip_size(ip));
}

static bool is_target(const struct map_node *node, const void *ip)
{
	return ip_equal(&CONTAINER_OF(node, struct target, by_ip)->ip, ip);
}

static struct target *find(const struct map *targets, const struct ip *ip)
{
	struct map_node *node = map_find(targets, ip_hash(ip), is_target, ip);

	return node ? CONTAINER_OF(node, struct target, by_ip) : NULL;
}

static void target_free(struct map *targets, struct target *target)
{
	map_remove(targets, &target->by_ip);
	free(target->eips);
	free(target);
}

void targets_add(struct map *targets, const struct eip *eip)
{
	struct target *target = find(targets, &eip->target);
	size_t at = 0;

	if (!target) {
		target = mem_alloc(sizeof(*target));
		target->ip = eip->target;
		map_add(targets, &target->by_ip, ip_hash(&eip->target));
	}
	mem_grow(&target->eips, &target->room, target->n + 1, sizeof(*target->eips));
	while (at < target->n && strcmp(target->eips[at]->object.uuid, eip->object.uuid) < 0)
		at++;
	memmove(&target->eips[at + 1], &target->eips[at], (target->n - at) * sizeof(*target->eips));
	target->eips[at] = eip;
	target->n++;
}

void targets_remove(struct map *targets, const struct eip *eip)
{
	struct target *target = find(targets, &eip->target);

	for (size_t i = 0; target && i < target->n; i++) {
		if (target->eips[i] != eip)
			continue;
		memmove(&target->eips[i], &target->eips[i + 1],
			(target->n - i - 1) * sizeof(*target->eips));
		if (--target->n == 0)
			target_free(targets, target);
		return;
	}
}

void targets_clear(struct map *targets)
{
	struct map_node *node, *after;

	map_for_each (targets, node, after)
		target_free(targets, CONTAINER_OF(node, struct target, by_ip));
	map_clear(targets);
}

const struct eip *targets_eip(const struct map *targets, const struct ip *ip, size_t n)
{
	const struct target *target = find(targets, ip);

	return target && n < target->n ? target->eips[n] : NULL;
}
