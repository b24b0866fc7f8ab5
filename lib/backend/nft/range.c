/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values, prefixes and ranges of a type: text <-> first and last. */
#include <errno.h>
#include <string.h>

#include "lib/backend/nft/type.h"

#define RANGE_TEXT_MAX 100

bool bytes_increment(uint8_t *bytes, size_t size)
{
	while (size > 0)
		if (++bytes[--size] != 0)
			return true;
	return false;
}

bool bytes_decrement(uint8_t *bytes, size_t size)
{
	while (size > 0)
		if (bytes[--size]-- != 0)
			return true;
	return false;
}

bool range_is_single(const struct type *type, const struct range *range)
{
	return memcmp(range->first, range->last, type->size) == 0;
}

int range_prefix_length(const struct type *type, const struct range *range)
{
	int length = 0, bits = 8 * type->size;

	if (!type->prefixes)
		return -1;
	while (length < bits &&
	       !((range->first[length / 8] ^ range->last[length / 8]) & 0x80 >> length % 8))
		length++;
	for (int bit = length; bit < bits; bit++) {
		uint8_t mask = (uint8_t)(0x80 >> bit % 8);

		if (range->first[bit / 8] & mask || !(range->last[bit / 8] & mask))
			return -1;
	}
	return length;
}

static int prefix_range(const struct type *type, char *text, char *slash, struct range *range)
{
	uint64_t length;

	*slash = '\0';
	if (!type->prefixes || !number_parse(slash + 1, 8U * type->size, &length) ||
	    !type_parse(type, text, range->first))
		return -EINVAL;
	for (unsigned int bit = 0; bit < 8U * type->size; bit++) {
		uint8_t mask = (uint8_t)(0x80 >> bit % 8);

		if (bit % 8 == 0)
			range->last[bit / 8] = range->first[bit / 8];
		if (bit < length)
			continue;
		range->first[bit / 8] &= (uint8_t)~mask;
		range->last[bit / 8] |= mask;
	}
	return 0;
}

int range_parse(const struct type *type, const char *text, struct range *range, struct err *err)
{
	char copy[RANGE_TEXT_MAX], *at;
	size_t length = strlen(text);

	*range = (struct range){ 0 };
	if (type_parse(type, text, range->first)) {
		memcpy(range->last, range->first, sizeof(range->last));
		return 0;
	}
	if (length >= sizeof(copy))
		return err_set(err, -EINVAL, "'%s' is too long for %s", text, type->name);
	memcpy(copy, text, length + 1);
	at = strchr(copy, '/');
	if (at && prefix_range(type, copy, at, range) == 0)
		return 0;
	at = strchr(copy, '-');
	if (!at || type->host_order)
		return err_set(err, -EINVAL, "'%s' is no %s", text, type->name);
	*at = '\0';
	if (!type_parse(type, copy, range->first) || !type_parse(type, at + 1, range->last) ||
	    memcmp(range->first, range->last, type->size) > 0)
		return err_set(err, -EINVAL, "'%s' is no range of %s", text, type->name);
	return 0;
}

void range_format(const struct type *type, const struct range *range, struct text *out)
{
	int length;

	type_format(type, range->first, out);
	if (range_is_single(type, range))
		return;
	length = range_prefix_length(type, range);
	if (length >= 0) {
		text_format(out, "/%d", length);
		return;
	}
	text_add(out, "-");
	type_format(type, range->last, out);
}
