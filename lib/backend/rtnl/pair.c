/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/backend/rtnl/pair.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <string.h>

#include "lib/backend/rtnl/kind.h"

int rtnl_pair_make(struct rtnl *rtnl, const char *name, const char *peer, const struct mac *mac,
		   int netns, struct err *err)
{
	struct rtnl_batch batch = { .rtnl = rtnl };
	struct nlmsghdr *message = batch_begin(&batch, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL,
					       sizeof(struct ifinfomsg), NULL);
	struct nlattr *info, *data, *other;
	int code;

	mnl_attr_put_strz(message, IFLA_IFNAME, name);
	info = mnl_attr_nest_start(message, IFLA_LINKINFO);
	mnl_attr_put_strz(message, IFLA_INFO_KIND, "veth");
	data = mnl_attr_nest_start(message, IFLA_INFO_DATA);
	other = mnl_attr_nest_start(message, VETH_INFO_PEER);
	memset(mnl_nlmsg_put_extra_header(message, sizeof(struct ifinfomsg)), 0,
	       sizeof(struct ifinfomsg));
	mnl_attr_put_strz(message, IFLA_IFNAME, peer);
	mnl_attr_put(message, IFLA_ADDRESS, sizeof(mac->bytes), mac->bytes);
	mnl_attr_put_u32(message, IFLA_NET_NS_FD, (uint32_t)netns);
	mnl_attr_nest_end(message, other);
	mnl_attr_nest_end(message, data);
	mnl_attr_nest_end(message, info);
	batch_end(&batch, message);
	code = rtnl_send_one(&batch);
	return code < 0 ? err_errno(err, code, "link %s", name) : 0;
}

int rtnl_pair_remove(struct rtnl *rtnl, const char *name, struct err *err)
{
	struct rtnl_batch batch = { .rtnl = rtnl };
	struct nlmsghdr *message =
		batch_begin(&batch, RTM_DELLINK, 0, sizeof(struct ifinfomsg), NULL);
	int code;

	mnl_attr_put_strz(message, IFLA_IFNAME, name);
	batch_end(&batch, message);
	code = rtnl_send_one(&batch);
	return code < 0 && code != -ENODEV ? err_errno(err, code, "link %s", name) : 0;
}
