/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sort.c - three-way radix quicksort (Bentley and Sedgewick, Fast Algorithms for Sorting and
 * Searching Strings, 1997). */
#include "lib/base/sort.h"

#include <string.h>

#define FEW 12 /* From here on comparing is as fast. */

static void swap(struct sort_entry *one, struct sort_entry *other)
{
	struct sort_entry held = *one;

	*one = *other;
	*other = held;
}

static void insert(struct sort_entry *entries, size_t n, size_t depth)
{
	for (size_t i = 1; i < n; i++)
		for (size_t j = i;
		     j && strcmp(entries[j - 1].text + depth, entries[j].text + depth) > 0; j--)
			swap(&entries[j - 1], &entries[j]);
}

static unsigned char at(const struct sort_entry *entry, size_t depth)
{
	return (unsigned char)entry->text[depth];
}

static unsigned char median(const struct sort_entry *entries, size_t n, size_t depth)
{
	unsigned char a = at(&entries[0], depth), b = at(&entries[n / 2], depth),
		      c = at(&entries[n - 1], depth);

	if (a < b)
		return b < c ? b : a < c ? c : a;
	return a < c ? a : b < c ? c : b;
}

/* All texts are the same before 'depth'. */
static void sort_from(struct sort_entry *entries, size_t n, size_t depth)
{
	while (n > FEW) {
		unsigned char middle = median(entries, n, depth);
		size_t less = 0, i = 0, more = n;

		while (i < more) {
			unsigned char byte = at(&entries[i], depth);

			if (byte < middle)
				swap(&entries[less++], &entries[i++]);
			else if (byte > middle)
				swap(&entries[i], &entries[--more]);
			else
				i++;
		}
		sort_from(entries, less, depth);
		sort_from(entries + more, n - more, depth);
		if (!middle)
			return; /* Those in the middle ended here: they are the same. */
		entries += less;
		n = more - less;
		depth++;
	}
	insert(entries, n, depth);
}

void sort_by_text(struct sort_entry *entries, size_t n)
{
	sort_from(entries, n, 0);
}
