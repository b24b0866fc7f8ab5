/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/backend/conntrack/flow.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

static const char *const kinds[] = { "dnat", "snat", "local", "from", "to", "between" };

static int sides_parse(char *rest, struct flow *flow, struct err *err)
{
	const char *one = strsep(&rest, " ");

	if (!rest)
		return err_set(err, -EINVAL, "\"between\" takes two networks");
	if (prefix_parse(one, &flow->sides[0], err) < 0)
		return -EINVAL;
	return prefix_parse(rest, &flow->sides[1], err);
}

static int flow_parse(char *text, struct flow *flow, struct err *err)
{
	char *rest = text, *word = strsep(&rest, " ");
	size_t kind = 0;

	*flow = (struct flow){ 0 };
	while (kind < ARRAY_SIZE(kinds) && strcmp(kinds[kind], word) != 0)
		kind++;
	if (kind == ARRAY_SIZE(kinds) || !rest)
		return err_set(err, -EINVAL, "\"%s\" describes no connections", word);
	flow->kind = (enum flow_kind)kind;
	if (flow->kind == FLOW_BETWEEN)
		return sides_parse(rest, flow, err);
	if (ip_parse(strsep(&rest, " "), &flow->address, err) < 0)
		return err->code;
	while ((word = strsep(&rest, " "))) {
		if (strcmp(word, "tcp") == 0 || strcmp(word, "udp") == 0) {
			flow->protocol = *word == 't' ? IPPROTO_TCP : IPPROTO_UDP;
			if (!rest || port_range_parse(strsep(&rest, " "), &flow->ports, err) < 0)
				return -EINVAL;
		} else if (strcmp(word, "to") != 0 || !rest ||
			   ip_parse(strsep(&rest, " "), &flow->other, err) < 0) {
			return err_set(err, -EINVAL, "\"%s\" is not understood", word);
		}
	}
	return 0;
}

int flow_list_parse(const char *text, struct flow_list *list, struct err *err)
{
	AUTO(free_ptr) char *copy = mem_text(text);
	char *at = copy;

	*list = (struct flow_list){ 0 };
	while (at && *at) {
		char *end = strstr(at, " ; ");

		if (end)
			*end = '\0';
		mem_grow(&list->flows, &list->room, list->n + 1, sizeof(*list->flows));
		if (flow_parse(at, &list->flows[list->n++], err) < 0) {
			flow_list_clear(list);
			return -EINVAL;
		}
		at = end ? end + 3 : NULL;
	}
	return 0;
}

void flow_list_clear(struct flow_list *list)
{
	free(list->flows);
	*list = (struct flow_list){ 0 };
}

static bool ports_match(const struct flow *flow, const struct flow_seen *seen)
{
	if (flow->protocol && flow->protocol != seen->protocol)
		return false;
	return !flow->ports.first ||
	       (seen->to_port >= flow->ports.first && seen->to_port <= flow->ports.last);
}

static bool is_between(const struct flow *flow, const struct ip *from, const struct ip *to)
{
	return prefix_contains(&flow->sides[0], from) && prefix_contains(&flow->sides[1], to);
}

bool flow_matches(const struct flow *flow, const struct flow_seen *seen)
{
	switch (flow->kind) {
	case FLOW_DNAT:
		return ip_equal(&flow->address, &seen->to) && ports_match(flow, seen) &&
		       ip_equal(&flow->other, &seen->reply_from);
	case FLOW_SNAT:
		return ip_equal(&flow->address, &seen->from) &&
		       ip_equal(&flow->other, &seen->reply_to);
	case FLOW_LOCAL:
	case FLOW_TO:
		return ip_equal(&flow->address, &seen->to) && ports_match(flow, seen);
	case FLOW_FROM:
		return ip_equal(&flow->address, &seen->from);
	case FLOW_BETWEEN:
		return is_between(flow, &seen->from, &seen->to) ||
		       is_between(flow, &seen->to, &seen->from);
	}
	return false;
}

static bool is_source(const struct flow *flow)
{
	return flow->kind == FLOW_SNAT || flow->kind == FLOW_FROM;
}

/* Where flows with this address on this side stand. */
static int side_compare(bool source, const struct ip *address, const struct flow *flow)
{
	if (source != is_source(flow))
		return source ? 1 : -1;
	return ip_compare(address, &flow->address);
}

static int flow_compare(const void *one, const void *other)
{
	const struct flow *a = one;

	return side_compare(is_source(a), &a->address, other);
}

void flow_list_sort(struct flow_list *list)
{
	if (list->n)
		qsort(list->flows, list->n, sizeof(*list->flows), flow_compare);
}

static bool side_matches(const struct flow_list *list, bool source, const struct ip *address,
			 const struct flow_seen *seen)
{
	size_t low = 0, high = list->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (side_compare(source, address, &list->flows[middle]) > 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < list->n && side_compare(source, address, &list->flows[low]) == 0; low++)
		if (flow_matches(&list->flows[low], seen))
			return true;
	return false;
}

bool flow_list_leads(const struct flow_list *list, const struct flow_seen *seen)
{
	return side_matches(list, false, &seen->to, seen);
}

/* Those between networks have no address of their own, and stand first therefore. */
static bool networks_match(const struct flow_list *list, const struct flow_seen *seen)
{
	for (size_t i = 0; i < list->n && list->flows[i].kind == FLOW_BETWEEN; i++)
		if (flow_matches(&list->flows[i], seen))
			return true;
	return false;
}

bool flow_list_matches(const struct flow_list *list, const struct flow_seen *seen)
{
	return flow_list_leads(list, seen) || side_matches(list, true, &seen->from, seen) ||
	       networks_match(list, seen);
}

size_t flow_list_groups(const struct flow_list *list, struct flow_group *groups, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < list->n; i++) {
		const struct flow *flow = &list->flows[i];

		if (flow->kind == FLOW_BETWEEN)
			return max + 1;
		if (!i || flow_compare(flow, flow - 1) != 0) {
			if (n == max)
				return max + 1;
			groups[n++] =
				(struct flow_group){ is_source(flow), flow->address, flow->other };
		} else if (!ip_equal(&groups[n - 1].other, &flow->other)) {
			groups[n - 1].other.family = 0;
		}
	}
	return n;
}
