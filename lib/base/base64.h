/* SPDX-License-Identifier: GPL-2.0-or-later */
/* base64.h - RFC 4648 section 4, with padding. */
#ifndef WEFT_BASE_BASE64_H
#define WEFT_BASE_BASE64_H

#include <stdint.h>

#include "lib/base/err.h"

/* '*bytes' is the caller's. -EINVAL: not base64. */
int base64_decode(const char *text, uint8_t **bytes, size_t *size, struct err *err);
char *base64_encode(const uint8_t *bytes, size_t size);

#endif
