/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/base/log.h"

#include <stdio.h>
#include <unistd.h>

static enum log_level log_limit = LOG_LEVEL_INFO;

void log_set_level(enum log_level level)
{
	log_limit = level;
}

void log_write(enum log_level level, const char *format, ...)
{
	AUTO(free_ptr) char *line = NULL;
	va_list args;

	if (level > log_limit)
		return;
	va_start(args, format);
	line = mem_vformat(format, args);
	va_end(args);
	for (unsigned char *at = (unsigned char *)line; *at; at++)
		if (*at < ' ' || *at == 0x7f)
			*at = '?';
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "%s\n", line);
	else
		fprintf(stderr, "<%d>%s\n", (int)level, line);
}
