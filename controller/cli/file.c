/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Documents from files. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "controller/cli/cli.h"
#include "lib/base/text.h"

/* A daemon takes no longer message. */
#define FILE_BYTES_MAX ((size_t)64 << 20)

json_t *cli_parse_object(const char *text, size_t length, const char *place)
{
	json_error_t error;
	json_t *json = json_loadb(text, length, JSON_REJECT_DUPLICATES, &error);

	if (!json) {
		cli_refuse("%s:%d:%d: %s", place, error.line, error.column, error.text);
		return NULL;
	}
	if (json_is_object(json))
		return json;
	cli_refuse("%s: a JSON object is expected", place);
	json_decref(json);
	return NULL;
}

static int read_all(int fd, struct text *text)
{
	char bytes[65536];
	ssize_t n;

	while ((n = read(fd, bytes, sizeof(bytes))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (text->length + (size_t)n > FILE_BYTES_MAX)
			return -EFBIG;
		text_add_n(text, bytes, (size_t)n);
	}
	return 0;
}

json_t *cli_read_object(const char *path)
{
	bool standard = strcmp(path, "-") == 0;
	const char *place = standard ? "standard input" : path;
	int fd = standard ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
	struct text text = TEXT_NONE;
	json_t *json = NULL;
	int done;

	if (fd < 0) {
		cli_refuse("%s: %s", place, strerror(errno));
		return NULL;
	}
	done = read_all(fd, &text);
	close(fd);
	if (done < 0)
		cli_refuse("%s: %s", place, strerror(-done));
	else
		json = cli_parse_object(text_view(&text), text.length, place);
	/* A document holds keys and passwords. */
	if (text.bytes)
		explicit_bzero(text.bytes, text.length);
	text_clear(&text);
	return json;
}
