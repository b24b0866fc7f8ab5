/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/backend/dnsmasq/dhcp_release.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* RFC 2131 section 2. */
struct dhcp_packet {
	uint8_t op, htype, hlen, hops;
	uint32_t xid;
	uint16_t secs, flags;
	uint8_t ciaddr[4], yiaddr[4], siaddr[4], giaddr[4];
	uint8_t chaddr[16], sname[64], file[128];
	uint8_t cookie[4];
	uint8_t options[64];
};

#define DHCP_SERVER_PORT     67
#define DHCP_BOOT_REQUEST    1
#define DHCP_ETHERNET        1
#define DHCP_MESSAGE_TYPE    53
#define DHCP_RELEASE         7
#define DHCP_SERVER_IDENTITY 54
#define DHCP_END             255

static void fill(struct dhcp_packet *packet, const struct ip *server, const struct ip *address,
		 const struct mac *mac)
{
	static const uint8_t cookie[4] = { 99, 130, 83, 99 };
	uint8_t *option = packet->options;

	packet->op = DHCP_BOOT_REQUEST;
	packet->htype = DHCP_ETHERNET;
	packet->hlen = 6;
	memcpy(packet->ciaddr, address->bytes, 4);
	memcpy(packet->chaddr, mac->bytes, 6);
	memcpy(packet->cookie, cookie, 4);
	*option++ = DHCP_MESSAGE_TYPE;
	*option++ = 1;
	*option++ = DHCP_RELEASE;
	*option++ = DHCP_SERVER_IDENTITY;
	*option++ = 4;
	memcpy(option, server->bytes, 4);
	option[4] = DHCP_END;
}

int dhcp_release_send(const struct ip *server, const struct ip *address, const struct mac *mac,
		      struct err *err)
{
	AUTO(close_fd) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(DHCP_SERVER_PORT) };
	struct dhcp_packet packet = { 0 };

	if (server->family != 4 || address->family != 4)
		return err_set(err, -EINVAL, "DHCP serves IPv4 only");
	if (fd < 0)
		return err_errno(err, -errno, "socket");
	fill(&packet, server, address, mac);
	memcpy(&to.sin_addr, server->bytes, 4);
	if (sendto(fd, &packet, sizeof(packet), 0, (struct sockaddr *)&to, sizeof(to)) < 0)
		return err_errno(err, -errno, "DHCPRELEASE to %s", ip_text(server).s);
	return 0;
}
