/* SPDX-License-Identifier: GPL-2.0-or-later */
/* csv.h - objects as lines of comma-separated values (RFC 4180). */
#ifndef WEFT_BASE_CSV_H
#define WEFT_BASE_CSV_H

#include <jansson.h>

/* A line with 'names', then one for each object, with its members of these names: a list or an
 * object is its JSON, what is not there is empty. The caller's. */
char *csv_of(const json_t *objects, const json_t *names);

#endif
