/* SPDX-License-Identifier: GPL-2.0-or-later */
/* options.h - the command line of controllerd. */
#ifndef WEFT_CONTROLLER_OPTIONS_H
#define WEFT_CONTROLLER_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

struct options {
	const char *state_dir;
	const char **sockets; /* Owned, of the command line's texts. */
	size_t n_sockets, sockets_room;
	const char **agents; /* Likewise. */
	size_t n_agents, agents_room;
	int64_t certificate_s; /* How long agents' certificates hold. */
	const char *database;  /* NULL: a file in the state directory. */
	const char *tls_ca, *tls_certificate, *tls_key;
	const char *backup, *restore;                      /* Files; NULL: it serves. */
	const char *https, *https_certificate, *https_key; /* 'https' NULL: none. */
};

/* -1 means go on, else the exit status. */
int options_read(struct options *options, int argc, char **argv);
void options_clear(struct options *options);

#endif
