/* SPDX-License-Identifier: GPL-2.0-or-later */
/* load.h - a load of short HTTP requests, and who answers them: each failure is counted. */
#ifndef WEFT_TESTS_LOAD_LOAD_H
#define WEFT_TESTS_LOAD_LOAD_H

#include <netinet/in.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>

/* Answers on each port until the program is killed, with a page of 'body_bytes'. */
int serve(const uint16_t *ports, size_t n_ports, size_t body_bytes);

struct ask_settings {
	struct sockaddr_in to;
	struct in_addr
		source; /* The first of 'n_sources' that take turns; 0: the kernel's choice. */
	unsigned int n_sources;
	unsigned int rate;     /* New connections a second, whatever became of the others; or */
	unsigned int parallel; /* so many connections, each new one when one has ended. */
	bool keep;             /* A connection asks again and again. */
	SSL_CTX *tls;          /* NULL: none. */
	double seconds;        /* 0: until SIGTERM. */
};

/* What became of the connections. All but answered ones are failures. */
struct ask_result {
	uint64_t connections, requests, answered;
	uint64_t refused;     /* A RST in answer to the SYN. */
	uint64_t unreachable; /* An ICMP error, or no route. */
	uint64_t reset;       /* A RST afterwards. */
	uint64_t cut;         /* Ended before the whole answer was there. */
	uint64_t silent;      /* No whole answer within PATIENCE_US. */
	uint64_t wrong;       /* An answer that is no page with status 200. */
	uint64_t untrusted;   /* The TLS handshake failed. */
	uint64_t closed;      /* A kept connection ended between two answers: no failure. */
	uint64_t late;        /* Answered, but after more than LATE_US: a SYN was lost. */
	uint64_t unsent;      /* Never tried: the generator had no room. */
	double seconds;
	uint32_t *took_us; /* Of each that was answered, from connect() or the request's start. */
	size_t n_took, room;
};

#define PATIENCE_US 10000000
#define LATE_US     900000

/* 0, or -errno when it could not begin. */
int ask(const struct ask_settings *settings, struct ask_result *result);

#endif
