/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sysctl.c - kernel settings, as files below /proc/sys: "net/ipv4/ip_forward" is "1". */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/backend/rtnl/rtnl.h"

#define VALUE_MAX 256

static int sysctl_open(const char *key, int flags, struct err *err)
{
	AUTO(free_ptr) char *path = mem_format("/proc/sys/%s", key);
	int fd;

	if (strstr(key, ".."))
		return err_set(err, -EINVAL, "sysctl %s: no path", key);
	fd = open(path, flags | O_CLOEXEC);
	return fd < 0 ? err_errno(err, -errno, "%s", path) : fd;
}

static int sysctl_read(void *self, const struct item_set *want, struct item_set *have,
		       struct err *err)
{
	struct item *item, *after;

	(void)self;
	(void)err;
	item_set_for_each_of (want, "sysctl", item, after) {
		AUTO(close_fd) int fd = -1;
		char value[VALUE_MAX];
		ssize_t n;

		fd = sysctl_open(item_key(item), O_RDONLY, NULL);
		n = fd < 0 ? -1 : read(fd, value, sizeof(value) - 1);
		if (n < 0)
			continue; /* It is missing, and the change will say why. */
		value[n] = '\0';
		value[strcspn(value, "\n")] = '\0';
		item_set_say(have, "sysctl", item_owner(item), item_key(item), value);
	}
	return 0;
}

static void set_one(struct change *change)
{
	const char *value = item_value(change->want);
	AUTO(close_fd) int fd = sysctl_open(item_key(change->want), O_WRONLY, &change->err);

	if (fd >= 0 && write(fd, value, strlen(value)) < 0)
		err_errno(&change->err, -errno, "sysctl %s", item_key(change->want));
}

static void sysctl_apply(void *self, struct change **changes, size_t n)
{
	(void)self;
	for (size_t i = 0; i < n; i++)
		if (changes[i]->want)
			set_one(changes[i]);
}

struct provider sysctl_provider(void)
{
	static const char *const kinds[] = { "sysctl", NULL };

	return (struct provider){
		.name = "sysctls", .kinds = kinds, .read = sysctl_read, .apply = sysctl_apply
	};
}
