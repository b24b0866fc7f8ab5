/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "controller/cli/token.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "controller/cli/cli.h"
#include "lib/base/directory.h"

/* NULL: there is no place for it. */
static char *file_path(void)
{
	const char *file = getenv("WEFT_SESSIONS"), *state = getenv("XDG_STATE_HOME");
	const char *home = getenv("HOME");

	if (file && *file)
		return mem_text(file);
	if (state && *state)
		return mem_format("%s/weft/sessions.json", state);
	return home && *home ? mem_format("%s/.local/state/weft/sessions.json", home) : NULL;
}

char *token_read(const char *address)
{
	AUTO(free_ptr) char *path = file_path();
	json_t *all = path ? json_load_file(path, 0, NULL) : NULL;
	char *token = mem_text(json_string_value(json_object_get(all, address)));

	json_decref(all);
	return token;
}

/* Written beside it and put in its place: it is never half a file, and never anybody else's. */
static int replace(const char *path, const char *text)
{
	AUTO(free_ptr) char *beside = mem_format("%s.XXXXXX", path);
	size_t length = strlen(text);
	int fd = mkostemp(beside, O_CLOEXEC), ret = 0; /* 0600. */

	if (fd < 0)
		return -errno;
	if (write(fd, text, length) != (ssize_t)length || fsync(fd) < 0)
		ret = -EIO;
	close(fd);
	if (ret == 0 && rename(beside, path) < 0)
		ret = -errno;
	if (ret < 0)
		unlink(beside);
	return ret;
}

int token_write(const char *address, const char *token)
{
	AUTO(free_ptr) char *path = file_path(), *text = NULL;
	struct err err = ERR_NONE;
	json_t *all;
	int ret;

	if (!path)
		return cli_refuse("HOME says no place for the session");
	if (directory_make_parents(path, &err) < 0)
		return cli_refuse_err(&err);
	all = json_load_file(path, 0, NULL);
	if (!json_is_object(all)) {
		json_decref(all);
		all = json_object();
	}
	if (token)
		json_object_set_new(all, address, json_string(token));
	else
		json_object_del(all, address);
	text = json_dumps(all, JSON_INDENT(2));
	json_decref(all);
	ret = replace(path, text);
	return ret < 0 ? cli_refuse("%s: %s", path, strerror(-ret)) : CLI_DONE;
}
