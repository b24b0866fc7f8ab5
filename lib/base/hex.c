/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/base/hex.h"

void hex_write(char *text, const void *bytes, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *at = bytes;

	for (size_t i = 0; i < n; i++) {
		*text++ = digits[at[i] >> 4];
		*text++ = digits[at[i] & 0xf];
	}
	*text = '\0';
}
