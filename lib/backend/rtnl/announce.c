/* SPDX-License-Identifier: GPL-2.0-or-later */
/* announce.c - ARP announcements (RFC 5227 section 3), so that switches and neighbours learn at
 * once where an address is now. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "lib/backend/rtnl/message.h"
#include "lib/backend/rtnl/socket.h"

struct arp {
	uint16_t hardware, protocol;
	uint8_t hardware_size, protocol_size;
	uint16_t operation;
	uint8_t sender[6], sender_ip[4], target[6], target_ip[4];
} __attribute__((packed));

static int open_packets(struct rtnl *rtnl, struct err *err)
{
	if (rtnl->packet_fd < 0)
		rtnl->packet_fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	return rtnl->packet_fd < 0 ? err_errno(err, -errno, "a packet socket") : 0;
}

int rtnl_announce(struct rtnl *rtnl, const char *link, const struct ip *ip)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(ETH_P_ARP),
				  .sll_halen = 6,
				  .sll_addr = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } };
	struct arp arp = { htons(ARPHRD_ETHER),
			   htons(ETH_P_IP),
			   6,
			   4,
			   htons(ARPOP_REQUEST),
			   { 0 },
			   { 0 },
			   { 0 },
			   { 0 } };
	struct ifreq request = { 0 };

	if (ip->family != 4 || strlen(link) >= IFNAMSIZ)
		return 0;
	strcpy(request.ifr_name, link);
	if (ioctl(rtnl->ioctl_fd, SIOCGIFFLAGS, &request) < 0 ||
	    (request.ifr_flags & (IFF_UP | IFF_RUNNING)) != (IFF_UP | IFF_RUNNING) ||
	    request.ifr_flags & (IFF_NOARP | IFF_LOOPBACK))
		return -ENETDOWN;
	if (ioctl(rtnl->ioctl_fd, SIOCGIFHWADDR, &request) < 0 ||
	    request.ifr_hwaddr.sa_family != ARPHRD_ETHER)
		return 0;
	memcpy(arp.sender, request.ifr_hwaddr.sa_data, sizeof(arp.sender));
	memcpy(arp.sender_ip, ip->bytes, sizeof(arp.sender_ip));
	memcpy(arp.target_ip, ip->bytes, sizeof(arp.target_ip));
	to.sll_ifindex = rtnl_link_index(rtnl, link);
	if (open_packets(rtnl, NULL) < 0 || sendto(rtnl->packet_fd, &arp, sizeof(arp), 0,
						   (const struct sockaddr *)&to, sizeof(to)) < 0)
		return -errno;
	return 0;
}

void announce_link(struct rtnl *rtnl, int index)
{
	addresses_announce(rtnl, index);
	routes_announce(rtnl, index);
}

void announce_later(struct rtnl *rtnl, int index)
{
	for (size_t i = 0; i < rtnl->n_risen; i++)
		if (rtnl->risen[i] == index)
			return;
	mem_grow(&rtnl->risen, &rtnl->risen_room, rtnl->n_risen + 1, sizeof(*rtnl->risen));
	rtnl->risen[rtnl->n_risen++] = index;
}

void rtnl_announce_again(struct rtnl *rtnl)
{
	for (size_t i = 0; i < rtnl->n_risen; i++)
		if (link_table_index(&rtnl->known, rtnl->risen[i])) /* It is still there. */
			announce_link(rtnl, rtnl->risen[i]);
	rtnl->n_risen = 0;
}
