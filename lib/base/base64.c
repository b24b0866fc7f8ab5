/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/base/base64.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int base64_decode(const char *text, uint8_t **bytes, size_t *size, struct err *err)
{
	size_t length = strlen(text), padding = 0, n = 0;
	AUTO(free_ptr) uint8_t *out = mem_alloc(length / 4 * 3 + 1);

	if (length % 4)
		return err_set(err, -EINVAL, "not base64: its length is no multiple of 4");
	while (padding < 2 && padding < length && text[length - 1 - padding] == '=')
		padding++;
	for (size_t i = 0; i < length; i += 4) {
		uint32_t group = 0;

		for (size_t j = 0; j < 4; j++) {
			bool pad = i + j >= length - padding;
			const char *digit = pad ? digits : strchr(digits, text[i + j]);

			if (!digit)
				return err_set(err, -EINVAL, "not base64 at byte %zu", i + j);
			group = group << 6 | (uint32_t)(digit - digits);
		}
		out[n++] = (uint8_t)(group >> 16);
		out[n++] = (uint8_t)(group >> 8);
		out[n++] = (uint8_t)group;
	}
	*size = n - padding;
	*bytes = STEAL(out);
	return 0;
}

char *base64_encode(const uint8_t *bytes, size_t size)
{
	char *text = mem_alloc((size + 2) / 3 * 4 + 1), *at = text;

	for (size_t i = 0; i < size; i += 3) {
		size_t left = size - i;
		uint32_t group = (uint32_t)bytes[i] << 16;

		group |= left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0;
		group |= left > 2 ? bytes[i + 2] : 0;
		*at++ = digits[group >> 18];
		*at++ = digits[group >> 12 & 63];
		*at++ = left > 1 ? digits[group >> 6 & 63] : '=';
		*at++ = left > 2 ? digits[group & 63] : '=';
	}
	return text;
}
