/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hex.h - bytes as hexadecimal digits. */
#ifndef WEFT_BASE_HEX_H
#define WEFT_BASE_HEX_H

#include <stddef.h>

/* Two small digits of each byte, and a NUL: 'text' has 2 * n + 1 bytes. */
void hex_write(char *text, const void *bytes, size_t n);

#endif
