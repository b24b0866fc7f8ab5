/* SPDX-License-Identifier: GPL-2.0-or-later */
/* request.h - many requests at once, each with its own answer; and whole dumps.
 *
 * The kernel works a batch off within the sending call, and acknowledges each request. */
#ifndef WEFT_BACKEND_RTNL_REQUEST_H
#define WEFT_BACKEND_RTNL_REQUEST_H

#include <libmnl/libmnl.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/base/net.h"

struct rtnl;

struct rtnl_request {
	size_t at;   /* Where its message begins. */
	void *about; /* The caller's. */
	int code;    /* 0, or the kernel's refusal. What is to go and is not there is no refusal. */
	char *text;  /* The kernel's own words about it, or NULL. */
};

struct rtnl_batch {
	struct rtnl *rtnl;
	char *bytes;
	size_t size, room;
	struct rtnl_request *requests;
	size_t n, requests_room;
};

/* Begins a message of 'type' with a fixed header of 'header' bytes, zeroed, behind it (mnl's
 * mnl_nlmsg_get_payload()). Flags are those beside NLM_F_REQUEST and NLM_F_ACK. The message may
 * grow by RTNL_MESSAGE_MAX; batch_end() before the next one. */
#define RTNL_MESSAGE_MAX 2048
struct nlmsghdr *batch_begin(struct rtnl_batch *batch, uint16_t type, uint16_t flags, size_t header,
			     void *about);
void batch_end(struct rtnl_batch *batch, struct nlmsghdr *message);
void batch_cancel(struct rtnl_batch *batch); /* Takes back the one that was begun last. */

/* Sends everything and files the answers. Only a broken socket is an error. */
int batch_send(struct rtnl_batch *batch, struct err *err);
void batch_clear(struct rtnl_batch *batch);

/* Puts an attribute that holds 'ip'. */
void put_ip(struct nlmsghdr *message, uint16_t type, const struct ip *ip);
/* Takes an address out of an attribute of 4 or 16 bytes; family 0 if it is neither. */
struct ip get_ip(const struct nlattr *attribute);
/* False if the attribute is NULL or no Ethernet address. */
bool get_mac(const struct nlattr *attribute, struct mac *mac);
int family_of(const struct ip *ip); /* AF_INET or AF_INET6. */

/* A whole dump: messages one after the other. */
struct dump {
	char *bytes;
	size_t size, room;
};

#define DUMP_NONE \
	{         \
		0 \
	}

/* A request for a dump, to be filled in with attributes. */
struct dump_request {
	_Alignas(struct nlmsghdr) char bytes[512];
};
struct nlmsghdr *dump_begin(struct dump_request *request, uint16_t type, size_t header);

/* Reads the dump; again if it was overtaken by a change. 'dump' belongs to the caller. */
int dump_read(struct rtnl *rtnl, struct dump_request *request, struct dump *dump, struct err *err);
/* Asks for a single thing instead: 'dump' then holds the one answer, or none if there is no such
 * thing. Returns 0, or a refusal of the kernel without a sentence. */
int dump_read_single(struct rtnl *rtnl, struct dump_request *request, struct dump *dump);
void dump_clear(struct dump *dump);

/* The first message, and the one after 'message'; NULL at the end. */
const struct nlmsghdr *dump_next(const struct dump *dump, const struct nlmsghdr *message);

/* Stores the attributes behind the fixed header by their type; those above 'max' are left out. */
void get_attributes(const struct nlmsghdr *message, size_t header, const struct nlattr **attributes,
		    uint16_t max);
void get_nested(const struct nlattr *nest, const struct nlattr **attributes, uint16_t max);
uint32_t get_u32(const struct nlattr *attribute); /* 0 if it is NULL or too short. */
uint16_t get_u16(const struct nlattr *attribute);
uint8_t get_u8(const struct nlattr *attribute);

#endif
