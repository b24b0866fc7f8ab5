/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hostnet/service/metadata.h"

#include <ctype.h>
#include <string.h>

struct guest {
	const struct port *port;
	const struct vm *vm; /* May be NULL. */
	const struct ip *address;
};

static const char *instance(const struct guest *guest)
{
	return guest->vm ? guest->vm->object.uuid : guest->port->object.uuid;
}

static void add_hostname(const struct guest *guest, struct text *page)
{
	struct ip_text plain = ip_text(guest->address);

	if (guest->port->hostname) {
		text_add(page, guest->port->hostname);
		return;
	}
	for (char *dot = plain.s; (dot = strchr(dot, '.'));)
		*dot = '-';
	text_add(page, plain.s);
}

static bool add_user_data(const struct guest *guest, struct text *page)
{
	if (!guest->vm || !guest->vm->user_data.size)
		return false;
	text_add_n(page, (const char *)guest->vm->user_data.bytes, guest->vm->user_data.size);
	return true;
}

static size_t n_keys(const struct guest *guest)
{
	return guest->vm ? guest->vm->ssh_keys.n : 0;
}

static const char *key_at(const struct guest *guest, size_t i)
{
	char *const *keys = guest->vm->ssh_keys.items;

	return keys[i];
}

/* "0=key-0" for each; "0/" holds "openssh-key", which holds the key. */
static bool add_keys(const struct guest *guest, const char *path, struct text *page)
{
	size_t number = 0, digits = strspn(path, "0123456789");

	if (!*path) {
		for (size_t i = 0; i < n_keys(guest); i++)
			text_format(page, "%s%zu=key-%zu", i ? "\n" : "", i, i);
		return n_keys(guest);
	}
	for (size_t i = 0; i < digits && i < 6; i++)
		number = number * 10 + (size_t)(path[i] - '0');
	if (!digits || digits > 6 || number >= n_keys(guest))
		return false;
	path += digits;
	if (!*path || strcmp(path, "/") == 0)
		text_add(page, "openssh-key");
	else if (strcmp(path, "/openssh-key") == 0)
		text_add(page, key_at(guest, number));
	else
		return false;
	return true;
}

static bool add_metadata(const struct guest *guest, const char *path, struct text *page)
{
	if (!*path)
		text_format(page, "hostname\ninstance-id\nlocal-hostname\nlocal-ipv4\nmac%s",
			    n_keys(guest) ? "\npublic-keys/" : "");
	else if (strcmp(path, "instance-id") == 0)
		text_add(page, instance(guest));
	else if (strcmp(path, "hostname") == 0 || strcmp(path, "local-hostname") == 0)
		add_hostname(guest, page);
	else if (strcmp(path, "local-ipv4") == 0)
		text_add(page, ip_text(guest->address).s);
	else if (strcmp(path, "mac") == 0)
		text_add(page, mac_text(&guest->port->mac).s);
	else if (strcmp(path, "public-keys") == 0)
		return add_keys(guest, "", page);
	else if (strncmp(path, "public-keys/", 12) == 0)
		return add_keys(guest, path + 12, page);
	else
		return false;
	return true;
}

/* A text in YAML's double quotes, which are JSON's. */
static void add_quoted(struct text *page, const char *text)
{
	text_add(page, "\"");
	for (; *text; text++)
		if (*text == '"' || *text == '\\')
			text_format(page, "\\%c", *text);
		else if (iscntrl((unsigned char)*text))
			text_format(page, "\\u%04x", (unsigned char)*text);
		else
			text_add_n(page, text, 1);
	text_add(page, "\"");
}

static void add_nocloud(const struct guest *guest, struct text *page)
{
	text_add(page, "instance-id: ");
	add_quoted(page, instance(guest));
	text_add(page, "\nlocal-hostname: ");
	add_hostname(guest, page);
	text_add(page, "\n");
	if (n_keys(guest))
		text_add(page, "public-keys:\n");
	for (size_t i = 0; i < n_keys(guest); i++) {
		text_add(page, "  - ");
		add_quoted(page, key_at(guest, i));
		text_add(page, "\n");
	}
}

/* "latest", or a date ("2009-04-04"): all versions are the same. */
static const char *behind_version(const char *path)
{
	size_t length = strcspn(path, "/");

	if (strncmp(path, "latest", length) != 0 && strspn(path, "0123456789-.") < length)
		return NULL;
	return length ? path + length : NULL;
}

/* What stands beside the versions: their list, and the three files that NoCloud takes together. */
static bool add_root_file(const struct guest *guest, const char *path, struct text *page)
{
	if (!*path)
		text_add(page, "latest");
	else if (strcmp(path, "meta-data") == 0)
		add_nocloud(guest, page);
	else if (strcmp(path, "user-data") == 0)
		add_user_data(guest, page); /* None is an empty file. */
	else
		return strcmp(path, "vendor-data") == 0;
	return true;
}

bool metadata_page(const struct document *document, const struct port *port,
		   const struct ip *address, const char *path, struct text *page)
{
	const struct guest guest = { port, port->vm ? host_vm(document, port->vm) : NULL, address };
	const char *rest;

	path += strspn(path, "/");
	if (add_root_file(&guest, path, page))
		return true;
	rest = behind_version(path);
	if (!rest)
		return false;
	if (strcmp(rest, "") == 0 || strcmp(rest, "/") == 0) {
		text_format(page, "meta-data/%s",
			    guest.vm && guest.vm->user_data.size ? "\nuser-data" : "");
		return true;
	}
	if (strcmp(rest, "/user-data") == 0)
		return add_user_data(&guest, page);
	if (strcmp(rest, "/meta-data") == 0)
		return add_metadata(&guest, "", page);
	if (strncmp(rest, "/meta-data/", 11) == 0)
		return add_metadata(&guest, rest + 11, page);
	return false;
}
