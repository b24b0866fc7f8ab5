/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/base/name.h"

#include <ctype.h>
#include <net/if.h>
#include <stddef.h>
#include <string.h>

#include "lib/base/mem.h"

static bool is_label(const char *name, size_t length)
{
	if (!length || length > 63 || name[0] == '-' || name[length - 1] == '-')
		return false;
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)name[i]) && name[i] != '-')
			return false;
	return true;
}

bool name_is_host(const char *name)
{
	return is_label(name, strlen(name));
}

bool name_is_domain(const char *name)
{
	if (strlen(name) > 253)
		return false;
	while (true) {
		size_t length = strcspn(name, ".");

		if (!is_label(name, length))
			return false;
		if (!name[length])
			return true;
		name += length + 1;
	}
}

bool name_is_link(const char *name)
{
	size_t length = strlen(name);

	if (!length || length >= IFNAMSIZ)
		return false;
	/* '%' is no name for the kernel: it would put a number there. */
	for (const char *at = name; *at; at++)
		if (strchr("/:%", *at) || isspace((unsigned char)*at))
			return false;
	return strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && strcmp(name, "lo") != 0;
}

char *name_camel(const char *given)
{
	char *name = mem_text(given), *to = name;
	bool upper = true;

	for (const char *from = given; *from; from++) {
		if (*from == '_') {
			upper = true;
			continue;
		}
		*to++ = (char)(upper ? toupper((unsigned char)*from) : *from);
		upper = false;
	}
	*to = '\0';
	return name;
}
