/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/base/err.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int err_set(struct err *err, int code, const char *format, ...)
{
	va_list args;
	char *text;

	if (!err)
		return code;
	va_start(args, format);
	text = mem_vformat(format, args);
	va_end(args);
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
