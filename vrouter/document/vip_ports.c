/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrouter/document/vip_ports.h"

#include <stdlib.h>
#include <string.h>

struct taken {
	struct port_range range;
	const struct object *object;
};

struct space {
	struct taken *taken; /* By their ports. */
	size_t n, room;
};

struct vip_ports {
	struct map_node by_vip;
	struct space spaces[SPACES];
	char vip[];
};

static bool is_vip(const struct map_node *node, const void *key)
{
	return strcmp(CONTAINER_OF(node, struct vip_ports, by_vip)->vip, key) == 0;
}

static struct vip_ports *find(const struct map *ports, const char *vip)
{
	struct map_node *node = map_find(ports, map_hash_text(vip), is_vip, vip);

	return node ? CONTAINER_OF(node, struct vip_ports, by_vip) : NULL;
}

/* The first range that does not end before 'port'. */
static size_t place(const struct space *space, uint16_t port)
{
	size_t low = 0, high = space->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (space->taken[middle].range.last < port)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct object *vip_ports_holder(const struct map *ports, const char *vip,
				      enum port_space space, const struct port_range *range)
{
	const struct vip_ports *of = find(ports, vip);
	size_t i;

	if (!of)
		return NULL;
	i = place(&of->spaces[space], range->first);
	if (i == of->spaces[space].n || of->spaces[space].taken[i].range.first > range->last)
		return NULL;
	return of->spaces[space].taken[i].object;
}

void vip_ports_take(struct map *ports, const char *vip, enum port_space in,
		    const struct port_range *range, const struct object *object)
{
	struct vip_ports *of = find(ports, vip);
	struct space *space;
	size_t i;

	if (!of) {
		of = mem_alloc(sizeof(*of) + strlen(vip) + 1);
		memcpy(of->vip, vip, strlen(vip) + 1);
		map_add(ports, &of->by_vip, map_hash_text(vip));
	}
	space = &of->spaces[in];
	i = place(space, range->first);
	mem_grow(&space->taken, &space->room, space->n + 1, sizeof(*space->taken));
	memmove(&space->taken[i + 1], &space->taken[i], (space->n - i) * sizeof(*space->taken));
	space->taken[i] = (struct taken){ *range, object };
	space->n++;
}

static void vip_ports_free(struct vip_ports *of)
{
	for (size_t i = 0; i < SPACES; i++)
		free(of->spaces[i].taken);
	free(of);
}

void vip_ports_give(struct map *ports, const char *vip, enum port_space in,
		    const struct port_range *range, const struct object *object)
{
	struct vip_ports *of = find(ports, vip);
	struct space *space;
	size_t i;

	if (!of)
		return;
	space = &of->spaces[in];
	i = place(space, range->first);
	if (i == space->n || space->taken[i].object != object ||
	    space->taken[i].range.first != range->first ||
	    space->taken[i].range.last != range->last)
		return;
	space->n--;
	memmove(&space->taken[i], &space->taken[i + 1], (space->n - i) * sizeof(*space->taken));
	for (i = 0; i < SPACES; i++)
		if (of->spaces[i].n)
			return;
	map_remove(ports, &of->by_vip);
	vip_ports_free(of);
}

void vip_ports_clear(struct map *ports)
{
	struct map_node *node, *after;

	map_for_each (ports, node, after)
		vip_ports_free(CONTAINER_OF(node, struct vip_ports, by_vip));
	map_clear(ports);
}
