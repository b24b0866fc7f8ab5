/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/backend/dnsmasq/dnsmasq_hosts.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/backend/child/service_file.h"
#include "lib/backend/dnsmasq/dnsmasq_config.h"

#define HOST_FILE_MOST 4096

/* Network and MAC are of [A-Za-z0-9._:-] and a space: a name without any slash. It ends in "=",
 * because dnsmasq passes over names that begin or end in certain characters. */
static char *path_of(const char *dir, const struct item *item, struct err *err)
{
	char *path = mem_format("%s/host %s=", dir, item_key(item));

	if (!strchr(item_key(item), '/'))
		return path;
	err_set(err, -EINVAL, "\"%s\" is no host", item_key(item));
	free(path);
	return NULL;
}

int dnsmasq_host_write(const char *dir, const struct item *item, struct err *err)
{
	AUTO(free_ptr) char *path = path_of(dir, item, err);
	AUTO(text_clear) struct text text = TEXT_NONE;

	if (!path || dnsmasq_host_text(item, &text, err) < 0)
		return -EINVAL;
	return service_file_write(path, text_view(&text), text.length, 0600, err);
}

int dnsmasq_host_remove(const char *dir, const struct item *item, struct err *err)
{
	AUTO(free_ptr) char *path = path_of(dir, item, err);

	if (!path)
		return -EINVAL;
	if (unlink(path) < 0 && errno != ENOENT)
		return err_errno(err, -errno, "%s", path);
	return 0;
}

static void read_one(const char *path, struct item_set *items)
{
	AUTO(free_ptr) char *text = NULL;
	size_t before = item_set_count(items);

	if (service_file_read(path, HOST_FILE_MOST, &text, NULL) == 0)
		service_marks_read(text, items);
	if (item_set_count(items) == before)
		unlink(path);
}

int dnsmasq_hosts_read(const char *dir, struct item_set *items, struct err *err)
{
	DIR *entries = opendir(dir);
	struct dirent *entry;

	if (!entries)
		return err_errno(err, -errno, "%s", dir);
	while ((entry = readdir(entries))) {
		AUTO(free_ptr) char *path = mem_format("%s/%s", dir, entry->d_name);

		if (entry->d_name[0] != '.')
			read_one(path, items);
	}
	closedir(entries);
	return 0;
}
