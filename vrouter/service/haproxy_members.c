/* SPDX-License-Identifier: GPL-2.0-or-later */
/* haproxy_members.c - what makes a running worker's members as wanted. Pure. */
#include <stdlib.h>
#include <string.h>

#include "vrouter/service/haproxy_model.h"

/* HAProxy management guide, "show servers state": the columns that we look at. */
enum column {
	COLUMN_NAME = 3,
	COLUMN_ADDRESS = 4,
	COLUMN_OPERATION = 5, /* 0: stopped, 2: running. */
	COLUMN_ADMIN = 6,     /* Bit 0: put into maintenance. */
	COLUMN_WEIGHT = 7,
	COLUMN_SECONDS = 9, /* Since it began or ceased to serve. */
	COLUMN_PORT = 18,
	COLUMNS
};

struct row {
	char *column[COLUMNS];
};

static bool row_read(char *line, struct row *row)
{
	if (line[0] == '#')
		return false;
	for (size_t i = 0; i < COLUMNS; i++) {
		row->column[i] = strsep(&line, " ");
		if (!row->column[i])
			return false;
	}
	return strncmp(row->column[COLUMN_NAME], "m-", 2) == 0;
}

static const struct haproxy_member *member_of(const struct haproxy_listener *listener,
					      const char *uuid)
{
	const struct haproxy_member *member = listener->members;

	while (member && strcmp(member->uuid, uuid) != 0)
		member = member->next;
	return member;
}

static bool has_address(const struct row *row, const struct haproxy_member *member)
{
	return strcmp(row->column[COLUMN_ADDRESS], ip_text(&member->address).s) == 0 &&
	       atoi(row->column[COLUMN_PORT]) == member->port;
}

static size_t change(const struct haproxy_listener *listener, const struct haproxy_member *member,
		     const struct row *row, struct text *commands)
{
	bool resting = atoi(row->column[COLUMN_ADMIN]) != 0;
	bool down = atoi(row->column[COLUMN_OPERATION]) == 0 && !resting;
	size_t n = 0;

	if (!has_address(row, member)) {
		text_format(commands, "set server l-%s/m-%s addr %s port %u;", listener->uuid,
			    member->uuid, ip_text(&member->address).s, member->port);
		n++;
	}
	if ((unsigned int)atoi(row->column[COLUMN_WEIGHT]) != member->weight) {
		text_format(commands, "set server l-%s/m-%s weight %u;", listener->uuid,
			    member->uuid, member->weight);
		n++;
	}
	if (resting) {
		text_format(commands, "set server l-%s/m-%s state ready;", listener->uuid,
			    member->uuid);
		n++;
	}
	if (resting ? member->health.down : down != member->health.down) {
		text_format(commands, "set server l-%s/m-%s health %s;", listener->uuid,
			    member->uuid, member->health.down ? "down" : "up");
		n++;
	}
	return n;
}

static size_t add(const struct haproxy_listener *listener, const struct haproxy_member *member,
		  struct text *commands)
{
	text_format(commands, "add server l-%s/m-%s ipv%d@%s:%u weight %u;", listener->uuid,
		    member->uuid, member->address.family, ip_text(&member->address).s, member->port,
		    member->weight);
	/* Down first: it must not serve for the moment between. */
	if (member->health.down)
		text_format(commands, "set server l-%s/m-%s health down;", listener->uuid,
			    member->uuid);
	text_format(commands, "set server l-%s/m-%s state ready;", listener->uuid, member->uuid);
	return 1;
}

/* In maintenance it gets nothing new; it can be deleted once its last connection has ended. HAProxy
 * before 2.6.16 takes a server for unused whose connection to it has ended while the client's still
 * goes on, and dies over it: whatever could go on has timed out by then. */
static size_t leave(const struct haproxy_listener *listener, const struct row *row,
		    struct text *commands, struct haproxy_leaving *leaving)
{
	const char *name = row->column[COLUMN_NAME];

	if (!(atoi(row->column[COLUMN_ADMIN]) & 1)) {
		text_format(commands, "set server l-%s/%s state maint;", listener->uuid, name);
		leaving->resting++;
		return 1;
	}
	if (strtoul(row->column[COLUMN_SECONDS], NULL, 10) <= listener->idle_s) {
		leaving->resting++;
		return 0;
	}
	text_format(commands, "del server l-%s/%s;", listener->uuid, name);
	leaving->deletions++;
	return 1;
}

static bool is_among(const char *uuid, const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(rows[i].column[COLUMN_NAME] + 2, uuid) == 0)
			return true;
	return false;
}

size_t haproxy_members_diff(const struct haproxy_listener *listener, const char *answer,
			    struct text *commands, struct haproxy_leaving *leaving)
{
	AUTO(free_ptr) char *copy = mem_text(answer);
	AUTO(free_ptr) struct row *rows = NULL;
	size_t n_rows = 0, room = 0, n = 0;
	char *rest = copy, *line;

	*leaving = (struct haproxy_leaving){ 0 };
	while ((line = strsep(&rest, "\n"))) {
		mem_grow(&rows, &room, n_rows + 1, sizeof(*rows));
		if (row_read(line, &rows[n_rows]))
			n_rows++;
	}
	for (size_t i = 0; i < n_rows; i++) {
		const struct haproxy_member *member =
			member_of(listener, rows[i].column[COLUMN_NAME] + 2);

		if (member)
			n += change(listener, member, &rows[i], commands);
		else
			n += leave(listener, &rows[i], commands, leaving);
	}
	for (const struct haproxy_member *member = listener->members; member; member = member->next)
		if (!is_among(member->uuid, rows, n_rows))
			n += add(listener, member, commands);
	return n;
}
