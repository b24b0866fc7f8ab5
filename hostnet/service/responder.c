/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hostnet/service/responder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/backend/child/service_file.h"
#include "lib/backend/netns/netns.h"
#include "lib/backend/rtnl/pair.h"
#include "lib/backend/rtnl/rtnl.h"
#include "lib/item/engine.h"

#define INNER     "eth0"
#define ITEM_MOST 4096
#define ITEM_END  ".item"
#define BROKEN    ",broken" /* Behind a value that was read. */

struct responders {
	char *dir;
};

int responders_new(const char *run_dir, struct responders **ret, struct err *err)
{
	/* Services that are started there do not run where we do. */
	AUTO(free_ptr) char *absolute = realpath(run_dir, NULL);
	AUTO(free_ptr) char *dir = NULL;

	if (!absolute)
		return err_errno(err, -errno, "%s", run_dir);
	dir = mem_format("%s/netns", absolute);
	if (mkdir(dir, 0700) < 0 && errno != EEXIST)
		return err_errno(err, -errno, "%s", dir);
	*ret = mem_alloc(sizeof(**ret));
	(*ret)->dir = STEAL(dir);
	return 0;
}

void responders_free(struct responders *responders)
{
	if (!responders)
		return;
	free(responders->dir);
	free(responders);
}

char *responders_path(const struct responders *responders, const char *network)
{
	return mem_format("%s/%s", responders->dir, network);
}

static char *item_path(const struct responders *responders, const char *network)
{
	return mem_format("%s/%s" ITEM_END, responders->dir, network);
}

/* An item's value, taken apart. */
struct place {
	char text[256];
	const char *device, *mtu, *addresses;
	struct mac mac;
};

static int place_parse(const struct item *item, struct place *place, struct err *err)
{
	char *rest = place->text, *mac;

	if (strlen(item_value(item)) >= sizeof(place->text))
		return err_set(err, -EINVAL, "\"%s\" is no responder", item_value(item));
	memcpy(place->text, item_value(item), strlen(item_value(item)) + 1);
	place->device = strsep(&rest, " ");
	mac = strsep(&rest, " ");
	place->mtu = strsep(&rest, " ");
	place->addresses = rest;
	if (!mac || !place->mtu || !rest)
		return err_set(err, -EINVAL, "\"%s\" is no responder", item_value(item));
	return mac_parse(mac, &place->mac, err);
}

/* What is there inside, as items of the namespace's own links and addresses. */
static void say_inside(const struct place *place, const char *owner, struct item_set *items)
{
	AUTO(free_ptr) char *copy = mem_text(place->addresses);
	char *rest = copy, *one;

	item_set_say(items, "link.mtu", owner, INNER, place->mtu);
	item_set_say(items, "link.mac", owner, INNER, mac_text(&place->mac).s);
	item_set_say(items, "link.raised", owner, INNER, "up");
	item_set_say(items, "link.raised", owner, "lo", "up"); /* For what it says to itself. */
	while ((one = strsep(&rest, ","))) {
		AUTO(free_ptr) char *key = mem_format(INNER " %s", one);

		item_set_say(items, "address", owner, key, "");
	}
}

static void first_failure(void *data, const struct engine_failure *failure)
{
	struct err *err = data;

	if (!err->code)
		err_set(err, -EIO, "%s", failure->text);
}

/* Links and addresses of the namespace that we are in become those of 'items' (emptied). */
static int settle_here(struct item_set *items, struct err *err)
{
	AUTO(err_clear) struct err why = ERR_NONE;
	struct plan plan = PLAN_NONE;
	struct engine *engine;
	struct provider links, addresses;
	struct rtnl *rtnl;

	if (rtnl_new(&rtnl, err) < 0)
		return err->code;
	links = rtnl_provider_links(rtnl);
	addresses = rtnl_provider_addresses(rtnl);
	engine = engine_new();
	engine_add_provider(engine, &links);
	engine_add_provider(engine, &addresses);
	engine_believe(engine, items);
	if (engine_reconcile(engine, NULL, false, 0, &plan, &why) < 0)
		err_move(err, &why);
	else
		engine_failures(engine, first_failure, err);
	plan_clear(&plan);
	engine_free(engine);
	rtnl_free(rtnl);
	return err->code;
}

static int settle(const struct responders *responders, const struct item *item,
		  const struct place *place, struct err *err)
{
	AUTO(free_ptr) char *path = responders_path(responders, item_key(item));
	struct item_set items = ITEM_SET_NONE;
	int home = netns_enter(path, err);

	if (home < 0)
		return home;
	say_inside(place, item_owner(item), &items);
	settle_here(&items, err);
	item_set_clear(&items);
	netns_leave(home);
	return err->code;
}

/* A connection of its own to rtnetlink: the agent is to hear of the device as of any other. */
static int with_pair(const struct place *place, int netns, struct err *err)
{
	struct rtnl *rtnl;

	if (rtnl_new(&rtnl, err) < 0)
		return err->code;
	if (netns >= 0)
		rtnl_pair_make(rtnl, place->device, INNER, &place->mac, netns, err);
	else
		rtnl_pair_remove(rtnl, place->device, err);
	rtnl_free(rtnl);
	return err->code;
}

static int join(const struct responders *responders, const struct item *item,
		const struct place *place, struct err *err)
{
	AUTO(free_ptr) char *path = responders_path(responders, item_key(item));
	AUTO(close_fd) int netns = -1;
	bool was_there = netns_is_there(path);

	if (was_there && if_nametoindex(place->device))
		return 0;
	/* A link into a namespace that nobody finds any more leads nowhere. */
	if (netns_make(path, err) < 0 || (!was_there && with_pair(place, -1, err) < 0))
		return err->code;
	netns = open(path, O_RDONLY | O_CLOEXEC);
	if (netns < 0)
		return err_errno(err, -errno, "%s", path);
	return with_pair(place, netns, err);
}

/* Written last: what is not whole is not read, and made again. */
static int remember(const struct responders *responders, const struct item *item, struct err *err)
{
	AUTO(free_ptr) char *path = item_path(responders, item_key(item));
	AUTO(text_clear) struct text text = TEXT_NONE;

	service_mark_add(&text, item);
	return service_file_write(path, text_view(&text), text.length, 0600, err);
}

static int take_away(const struct responders *responders, const struct item *item, struct err *err)
{
	AUTO(free_ptr) char *path = responders_path(responders, item_key(item));
	AUTO(free_ptr) char *record = item_path(responders, item_key(item));
	struct place place;

	/* What runs there keeps the namespace for a while: its link goes at once. */
	if (place_parse(item, &place, err) < 0 || with_pair(&place, -1, err) < 0 ||
	    netns_remove(path, err) < 0)
		return err->code;
	if (unlink(record) < 0 && errno != ENOENT)
		return err_errno(err, -errno, "%s", record);
	return 0;
}

static void change_one(const struct responders *responders, struct change *change)
{
	const struct item *item = change->want;
	struct place place;

	if (!item) {
		take_away(responders, change->have, &change->err);
		return;
	}
	if (strchr(item_key(item), '/') || place_parse(item, &place, &change->err) < 0) {
		if (!change->err.code)
			err_set(&change->err, -EINVAL, "\"%s\" is no network", item_key(item));
		return;
	}
	if (join(responders, item, &place, &change->err) == 0 &&
	    settle(responders, item, &place, &change->err) == 0)
		remember(responders, item, &change->err);
}

static void responders_apply(void *self, struct change **changes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		change_one(self, changes[i]);
}

/* One that lacks its link or namespace is another than the one that is wanted: it is made whole. */
static void read_one(const struct responders *responders, const char *network,
		     struct item_set *have)
{
	AUTO(free_ptr) char *path = responders_path(responders, network);
	AUTO(free_ptr) char *record = item_path(responders, network);
	AUTO(free_ptr) char *text = NULL;
	struct item_set read = ITEM_SET_NONE;
	struct item *item;
	struct place place;

	if (service_file_read(record, ITEM_MOST, &text, NULL) == 0)
		service_marks_read(text, &read);
	item = item_set_first(&read);
	if (item && place_parse(item, &place, NULL) == 0) {
		bool whole = netns_is_there(path) && if_nametoindex(place.device);
		AUTO(free_ptr)
		char *value = mem_format("%s%s", item_value(item), whole ? "" : BROKEN);

		item_set_say(have, item_kind(item), item_owner(item), item_key(item), value);
	}
	item_set_clear(&read);
}

static int responders_read(void *self, const struct item_set *want, struct item_set *have,
			   struct err *err)
{
	const struct responders *responders = self;
	DIR *entries = opendir(responders->dir);
	struct dirent *entry;

	(void)want;
	if (!entries)
		return err_errno(err, -errno, "%s", responders->dir);
	while ((entry = readdir(entries))) {
		size_t length = strlen(entry->d_name), end = strlen(ITEM_END);
		AUTO(free_ptr) char *network = mem_text(entry->d_name);

		if (entry->d_name[0] == '.' || length <= end ||
		    strcmp(entry->d_name + length - end, ITEM_END) != 0)
			continue;
		network[length - end] = '\0';
		read_one(responders, network, have);
	}
	closedir(entries);
	return 0;
}

struct provider responders_provider(struct responders *responders)
{
	static const char *const kinds[] = { "responder", NULL };

	return (struct provider){
		.name = "responders",
		.kinds = kinds,
		.self = responders,
		.read = responders_read,
		.apply = responders_apply,
	};
}
