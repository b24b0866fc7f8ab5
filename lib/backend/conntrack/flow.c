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

static int flow_compare(const void *one, const void *other)
{
	const struct flow *a = one, *b = other;

	return ip_compare(&a->address, &b->address);
}

void flow_list_sort(struct flow_list *list)
{
	if (list->n)
		qsort(list->flows, list->n, sizeof(*list->flows), flow_compare);
}

bool flow_list_leads(const struct flow_list *list, const struct flow_seen *seen)
{
	size_t low = 0, high = list->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (ip_compare(&list->flows[middle].address, &seen->to) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < list->n && ip_equal(&list->flows[low].address, &seen->to); low++)
		if (flow_matches(&list->flows[low], seen))
			return true;
	return false;
}

bool flow_list_matches(const struct flow_list *list, const struct flow_seen *seen)
{
	for (size_t i = 0; i < list->n; i++)
		if (flow_matches(&list->flows[i], seen))
			return true;
	return false;
}
