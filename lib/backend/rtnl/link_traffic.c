/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link_traffic.c - bytes and packets of one link. */
#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "lib/backend/rtnl/request.h"
#include "lib/backend/rtnl/socket.h"

int rtnl_link_traffic(struct rtnl *rtnl, int index, struct rtnl_traffic *traffic, struct err *err)
{
	struct dump_request request;
	struct nlmsghdr *message = dump_begin(&request, RTM_GETLINK, sizeof(struct ifinfomsg));
	AUTO(dump_clear) struct dump dump = DUMP_NONE;
	const struct nlattr *attributes[IFLA_STATS64 + 1];
	struct rtnl_link_stats64 stats = { 0 };
	const struct nlmsghdr *answer;
	int code;

	((struct ifinfomsg *)mnl_nlmsg_get_payload(message))->ifi_index = index;
	code = dump_read_single(rtnl, &request, &dump);
	if (code < 0)
		return err_errno(err, code, "cannot read the link");
	answer = dump_next(&dump, NULL);
	if (!answer || answer->nlmsg_type != RTM_NEWLINK)
		return err_set(err, -ENODEV, "the link is not there");
	get_attributes(answer, sizeof(struct ifinfomsg), attributes, IFLA_STATS64);
	if (attributes[IFLA_STATS64]) {
		size_t size = mnl_attr_get_payload_len(attributes[IFLA_STATS64]);

		/* Newer kernels tell more behind what we know. */
		memcpy(&stats, mnl_attr_get_payload(attributes[IFLA_STATS64]),
		       size < sizeof(stats) ? size : sizeof(stats));
	}
	*traffic = (struct rtnl_traffic){ stats.rx_bytes, stats.rx_packets, stats.tx_bytes,
					  stats.tx_packets };
	return 0;
}
