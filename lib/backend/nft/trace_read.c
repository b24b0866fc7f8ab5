/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel tells, put together packet by packet.
 *
 * It names packets by a number that the next packet of the flow may have again: one that is armed
 * anew is another. All of a packet is told in one go where it is handled, but for what waits on
 * purpose (a neighbour's address is asked for behind all chains): silence means that it is gone. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <libnftnl/trace.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "lib/backend/nft/trace_state.h"

/* Longer than a packet takes from chain to chain on a busy machine. */
#define SILENCE_MS 50
/* What is on its way at once: a flood of packets that vanish has no more of the memory. */
#define FLIGHTS_MAX 4096
#define STEPS_MAX   512

static void traced_clear(struct nft_traced *traced)
{
	for (size_t i = 0; i < traced->n; i++) {
		free(traced->steps[i].table);
		free(traced->steps[i].chain);
		free(traced->steps[i].jump);
	}
	free(traced->steps);
	free(traced->packets);
}

static void flight_free(struct flight *flight)
{
	traced_clear(&flight->traced);
	free(flight->base);
	free(flight->traces);
	free(flight);
}

void flights_forget(struct nft_tracer *tracer)
{
	while (tracer->flights) {
		struct flight *next = tracer->flights->next;

		flight_free(tracer->flights);
		tracer->flights = next;
	}
}

void flights_leave(struct nft_tracer *tracer, const struct nft_trace *trace)
{
	for (struct flight *flight = tracer->flights; flight; flight = flight->next)
		for (size_t i = 0; i < flight->n_traces; i++)
			if (flight->traces[i] == trace)
				flight->traces[i] = NULL;
}

static struct flight *flight_find(struct nft_tracer *tracer, uint32_t id)
{
	struct flight *flight = tracer->flights;

	while (flight && flight->id != id)
		flight = flight->next;
	return flight;
}

/* Takes it out of the list and hands it to those who chose it. */
static void finish(struct nft_tracer *tracer, struct flight *flight, enum nft_trace_end end)
{
	struct flight **at = &tracer->flights;

	flight->traced.end = end;
	/* It stays in the list meanwhile: who is removed by one of the calls is not called. */
	for (size_t i = 0; i < flight->n_traces; i++)
		if (flight->traces[i])
			flight->traces[i]->fn(flight->traces[i]->data, &flight->traced);
	while (*at != flight)
		at = &(*at)->next;
	*at = flight->next;
	flight_free(flight);
}

/* Nothing more will come of it. A reply ends where it was unmarked: it was never asked for. */
static void close_silent(struct nft_tracer *tracer, struct flight *flight)
{
	if (!flight->told)
		for (size_t i = 0; i < flight->n_traces; i++)
			flight->traces[i] = NULL;
	finish(tracer, flight, NFT_TRACE_VANISHED);
}

static struct nft_trace *trace_of(const struct nft_tracer *tracer, uint64_t handle)
{
	struct nft_trace *trace = tracer->traces;

	while (trace && trace->handles[0] != handle && trace->handles[1] != handle)
		trace = trace->next;
	return trace;
}

static bool is_chain(const struct nft_trace_step *step, const char *name)
{
	return strcmp(step->chain, name) == 0;
}

static bool is_arming(const struct nft_trace_step *step)
{
	return is_chain(step, TRACE_ARM) || is_chain(step, TRACE_ARM_OUTPUT);
}

/* The flight that a step in a chain that arms belongs to: a new one for each packet. */
static struct flight *arm(struct nft_tracer *tracer, uint32_t id, const struct nft_trace_step *step)
{
	struct flight *flight = flight_find(tracer, id);
	struct nft_trace *trace;
	size_t n = 0;

	if (flight && flight->armed && step->kind == NFT_TRACE_RULE) {
		close_silent(tracer, flight);
		flight = NULL;
	}
	if (step->kind == NFT_TRACE_POLICY) {
		if (flight)
			flight->armed = true;
		return flight;
	}
	trace = trace_of(tracer, step->handle);
	if (!trace)
		return flight;
	if (!flight) {
		for (const struct flight *at = tracer->flights; at; at = at->next)
			n++;
		if (n >= FLIGHTS_MAX)
			return NULL;
		flight = mem_alloc(sizeof(*flight));
		flight->id = id;
		flight->traced.routed = is_chain(step, TRACE_ARM_OUTPUT);
		flight->next = tracer->flights;
		tracer->flights = flight;
	}
	mem_grow(&flight->traces, &flight->traces_room, flight->n_traces + 1,
		 sizeof(struct nft_trace *));
	flight->traces[flight->n_traces++] = trace;
	return flight;
}

static size_t take_header(const struct nftnl_trace *told, uint16_t attribute, uint8_t *to,
			  size_t room)
{
	uint32_t size = 0;
	const void *bytes;

	if (!nftnl_trace_is_set(told, attribute))
		return 0;
	bytes = nftnl_trace_get_data(told, attribute, &size);
	size = MIN(size, (uint32_t)room);
	memcpy(to, bytes, size);
	return size;
}

static uint32_t number(const struct nftnl_trace *told, uint16_t attribute)
{
	return nftnl_trace_is_set(told, attribute) ? nftnl_trace_get_u32(told, attribute) : 0;
}

/* The kernel shows the packet with the first step of each base chain; what lies beside (links, a
 * mark) comes then, too. */
static size_t take_packet(struct nft_traced *traced, const struct nftnl_trace *told)
{
	struct nft_trace_packet packet = {
		.iif = (int)number(told, NFTNL_TRACE_IIF),
		.oif = (int)number(told, NFTNL_TRACE_OIF),
		.mark = number(told, NFTNL_TRACE_MARK),
	};

	packet.n_network = take_header(told, NFTNL_TRACE_NETWORK_HEADER, packet.network,
				       sizeof(packet.network));
	packet.n_transport = take_header(told, NFTNL_TRACE_TRANSPORT_HEADER, packet.transport,
					 sizeof(packet.transport));
	if (packet.n_network || !traced->n_packets) {
		mem_grow(&traced->packets, &traced->packets_room, traced->n_packets + 1,
			 sizeof(*traced->packets));
		traced->packets[traced->n_packets++] = packet;
	}
	return traced->n_packets - 1;
}

static void step_clear(struct nft_trace_step *step)
{
	free(step->table);
	free(step->chain);
	free(step->jump);
}

static bool read_step(const struct nftnl_trace *told, struct nft_trace_step *step)
{
	const char *family = family_name((int)number(told, NFTNL_TRACE_FAMILY));
	uint32_t kind = number(told, NFTNL_TRACE_TYPE);

	if (!family || !nftnl_trace_is_set(told, NFTNL_TRACE_TABLE) ||
	    !nftnl_trace_is_set(told, NFTNL_TRACE_CHAIN))
		return false;
	*step = (struct nft_trace_step){
		.kind = kind == NFT_TRACETYPE_RULE     ? NFT_TRACE_RULE
			: kind == NFT_TRACETYPE_RETURN ? NFT_TRACE_RETURN
						       : NFT_TRACE_POLICY,
		.table = mem_format("%s %s", family, nftnl_trace_get_str(told, NFTNL_TRACE_TABLE)),
		.chain = mem_text(nftnl_trace_get_str(told, NFTNL_TRACE_CHAIN)),
		.verdict =
			(int32_t)number(told, kind == NFT_TRACETYPE_POLICY ? NFTNL_TRACE_POLICY
									   : NFTNL_TRACE_VERDICT),
	};
	/* Kernels differ in what they call a rule that returns, and the end of a chain: only a rule
	 * has a handle. */
	if (nftnl_trace_is_set(told, NFTNL_TRACE_RULE_HANDLE)) {
		step->handle = nftnl_trace_get_u64(told, NFTNL_TRACE_RULE_HANDLE);
		step->kind = NFT_TRACE_RULE;
	} else if (step->kind == NFT_TRACE_RULE) {
		step->kind = NFT_TRACE_RETURN;
	}
	if (nftnl_trace_is_set(told, NFTNL_TRACE_JUMP_TARGET))
		step->jump = mem_text(nftnl_trace_get_str(told, NFTNL_TRACE_JUMP_TARGET));
	return true;
}

/* What a step says of the way in the tracer's own chains; true: it was the last. */
static bool take_own(struct flight *flight, const struct nft_trace_step *step,
		     enum nft_trace_end *end)
{
	if (is_chain(step, TRACE_TELL) || is_chain(step, TRACE_TELL_OUTPUT))
		flight->told = true;
	else if (is_chain(step, TRACE_ROUTE))
		flight->traced.routed = true;
	else if (is_chain(step, TRACE_DELIVERED))
		*end = NFT_TRACE_DELIVERED;
	else if (is_chain(step, TRACE_LEFT))
		*end = NFT_TRACE_LEFT;
	return is_chain(step, TRACE_DELIVERED) || is_chain(step, TRACE_LEFT);
}

static void take(struct nft_tracer *tracer, const struct nftnl_trace *told, uint64_t now_ms)
{
	enum nft_trace_end end = NFT_TRACE_DROPPED;
	struct nft_trace_step step;
	struct nft_traced *traced;
	struct flight *flight;
	bool last = false, own;

	if (!read_step(told, &step))
		return;
	own = strcmp(step.table, tracer->table) == 0;
	flight = own && is_arming(&step) ? arm(tracer, number(told, NFTNL_TRACE_ID), &step)
					 : flight_find(tracer, number(told, NFTNL_TRACE_ID));
	if (!flight || flight->traced.n >= STEPS_MAX) {
		step_clear(&step);
		return;
	}
	traced = &flight->traced;
	flight->last_ms = now_ms;
	step.packet = take_packet(traced, told);
	if (own)
		last = take_own(flight, &step, &end);
	else if (step.kind != NFT_TRACE_RETURN && step.verdict == NF_DROP)
		last = true;
	mem_grow(&traced->steps, &traced->room, traced->n + 1, sizeof(*traced->steps));
	traced->steps[traced->n++] = step;
	if (last)
		finish(tracer, flight, end);
}

static void take_message(struct nft_tracer *tracer, const struct nlmsghdr *message, uint64_t now_ms)
{
	struct nftnl_trace *told;

	if ((message->nlmsg_type & 0xff) != NFT_MSG_TRACE ||
	    message->nlmsg_type >> 8 != NFNL_SUBSYS_NFTABLES)
		return;
	told = nftnl_trace_alloc();
	if (nftnl_trace_nlmsg_parse(message, told) == 0)
		take(tracer, told, now_ms);
	nftnl_trace_free(told);
}

int nft_tracer_read(struct nft_tracer *tracer, uint64_t now_ms, struct err *err)
{
	char *bytes = mem_room((size_t)1 << 16);
	int ret = 0;

	for (;;) {
		ssize_t n = recv(nft_tracer_fd(tracer), bytes, (size_t)1 << 16, 0);
		const struct nlmsghdr *message = (const void *)bytes;
		int left = (int)n;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == ENOBUFS) {
			flights_forget(tracer);
			ret = err_set(err, -ENOBUFS, "some of what the kernel told was lost");
			continue;
		}
		if (n < 0 && errno != EAGAIN)
			ret = err_errno(err, -errno, "the kernel's traces");
		if (n <= 0)
			break;
		for (; mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left))
			take_message(tracer, message, now_ms);
	}
	free(bytes);
	return ret;
}

uint64_t nft_tracer_due_ms(const struct nft_tracer *tracer)
{
	uint64_t due = UINT64_MAX;

	for (const struct flight *at = tracer->flights; at; at = at->next)
		due = MIN(due, at->last_ms + SILENCE_MS);
	return due;
}

void nft_tracer_settle(struct nft_tracer *tracer, uint64_t now_ms)
{
	struct flight *flight = tracer->flights;

	/* From the beginning after each: what is called may change the list. */
	while (flight) {
		if (now_ms < flight->last_ms + SILENCE_MS) {
			flight = flight->next;
			continue;
		}
		close_silent(tracer, flight);
		flight = tracer->flights;
	}
}
