/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/base/err.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* How many bytes the character at 'at' has; 0: it is none (RFC 3629). */
static size_t character(const unsigned char *at)
{
	size_t n = *at < 0x80                  ? 1
		   : *at >= 0xc2 && *at < 0xe0 ? 2
		   : *at >= 0xe0 && *at < 0xf0 ? 3
		   : *at >= 0xf0 && *at < 0xf5 ? 4
					       : 0;

	for (size_t i = 1; i < n; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	if ((at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] >= 0xa0) ||
	    (at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] >= 0x90))
		return 0;
	return n;
}

/* A value that was cut ("%.64s") may end within a character; no JSON could tell of it then. */
static void repair(char *text)
{
	for (unsigned char *at = (unsigned char *)text; *at;) {
		size_t n = character(at);

		if (!n)
			*at = '?';
		at += n ? n : 1;
	}
}

int err_set(struct err *err, int code, const char *format, ...)
{
	va_list args;
	char *text;

	if (!err)
		return code;
	va_start(args, format);
	text = mem_vformat(format, args);
	va_end(args);
	repair(text);
	err_clear(err);
	err->text = text;
	err->code = code;
	return code;
}

int err_errno(struct err *err, int code, const char *format, ...)
{
	AUTO(free_ptr) char *what = NULL;
	va_list args;

	if (!err)
		return code;
	va_start(args, format);
	what = mem_vformat(format, args);
	va_end(args);
	return err_set(err, code, "%s: %s", what, strerror(-code));
}

int err_in(struct err *err, const char *format, ...)
{
	AUTO(free_ptr) char *where = NULL;
	va_list args;
	char *text;

	if (!err)
		return -EINVAL;
	va_start(args, format);
	where = mem_vformat(format, args);
	va_end(args);
	repair(where);
	text = mem_format("%s: %s", where, err_text(err));
	free(err->text);
	err->text = text;
	return err->code;
}

int err_at(struct err *err, const char *format, ...)
{
	AUTO(free_ptr) char *place = NULL;
	va_list args;
	char *path;

	if (!err)
		return -EINVAL;
	va_start(args, format);
	place = mem_vformat(format, args);
	va_end(args);
	repair(place);
	if (!err->path)
		path = STEAL(place);
	else
		path = mem_format("%s%s%s", place, err->path[0] == '[' ? "" : ".", err->path);
	free(err->path);
	err->path = path;
	return err->code;
}

const char *err_text(const struct err *err)
{
	if (err->text)
		return err->text;
	return strerror(-err->code);
}

void err_move(struct err *to, struct err *from)
{
	err_clear(to);
	*to = *from;
	*from = (struct err)ERR_NONE;
}

void err_clear(struct err *err)
{
	free(err->text);
	free(err->path);
	*err = (struct err)ERR_NONE;
}
