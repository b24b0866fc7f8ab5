/* SPDX-License-Identifier: GPL-2.0-or-later */
/* log.h - one line an event on standard error.
 *
 * Form: "<N>message", where <N> is the syslog level that the journal
 * understands; it is left out when standard error is a terminal. Secrets never come here. */
#ifndef WEFT_BASE_LOG_H
#define WEFT_BASE_LOG_H

#include "lib/base/mem.h"

enum log_level {
	LOG_LEVEL_ERROR = 3,
	LOG_LEVEL_WARNING = 4,
	LOG_LEVEL_INFO = 6,
	LOG_LEVEL_DEBUG = 7,
};

/* What is above 'level' is not written. The default is LOG_LEVEL_INFO. */
void log_set_level(enum log_level level);

/* Writes one line; bytes that are no printable text become "?", so that what came from outside
 * cannot forge a second line. */
void log_write(enum log_level level, const char *format, ...) PRINTF(2, 3);

#define log_error(...)   log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_write(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...)    log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)   log_write(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
