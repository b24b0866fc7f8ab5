/* SPDX-License-Identifier: GPL-2.0-or-later */
/* main.c - a load of HTTP requests for tests and measurements.
 *
 *   load serve [-b BODY_BYTES] PORT...
 *   load ask [-r RATE | -p PARALLEL] [-k] [-t] [-s SECONDS] [-f FIRST_SOURCE -n COUNT] ADDRESS PORT
 *
 * serve says "serves" once it does. ask says "asks" when it begins, and at its end, by SIGTERM or
 * after SECONDS, one line of JSON: what became of each connection (load.h). -k keeps connections,
 * -t speaks TLS and takes any certificate. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "tests/load/load.h"

static int usage(void)
{
	fputs("usage: load serve [-b BODY_BYTES] PORT...\n"
	      "       load ask [-r RATE | -p PARALLEL] [-k] [-t] [-s SECONDS]\n"
	      "                [-f FIRST_SOURCE -n COUNT] ADDRESS PORT\n",
	      stderr);
	return 2;
}

static int main_serve(int argc, char **argv)
{
	size_t body_bytes = 100, n;
	AUTO(free_ptr) uint16_t *ports = NULL;
	int option, ret;

	while ((option = getopt(argc, argv, "+b:")) != -1) {
		if (option != 'b')
			return usage();
		body_bytes = strtoul(optarg, NULL, 10);
	}
	if (optind == argc)
		return usage();
	n = (size_t)(argc - optind);
	ports = mem_array(n, sizeof(*ports));
	for (size_t i = 0; i < n; i++)
		ports[i] = (uint16_t)strtoul(argv[optind + (int)i], NULL, 10);
	ret = serve(ports, n, body_bytes);
	fprintf(stderr, "load: %s\n", strerror(-ret));
	return 1;
}

static int by_time(const void *one, const void *other)
{
	const uint32_t *a = one, *b = other;

	return *a < *b ? -1 : *a > *b;
}

static uint32_t part_of(const struct ask_result *result, double part)
{
	return result->n_took ? result->took_us[(size_t)((double)(result->n_took - 1) * part)] : 0;
}

static void show(struct ask_result *result)
{
	const struct {
		const char *name;
		uint64_t count;
	} counts[] = { { "connections", result->connections },
		       { "requests", result->requests },
		       { "answered", result->answered },
		       { "refused", result->refused },
		       { "unreachable", result->unreachable },
		       { "reset", result->reset },
		       { "cut", result->cut },
		       { "silent", result->silent },
		       { "wrong", result->wrong },
		       { "untrusted", result->untrusted },
		       { "closed", result->closed },
		       { "late", result->late },
		       { "unsent", result->unsent } };

	qsort(result->took_us, result->n_took, sizeof(*result->took_us), by_time);
	printf("{");
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++)
		printf("\"%s\": %llu, ", counts[i].name, (unsigned long long)counts[i].count);
	printf("\"failed\": %llu, \"seconds\": %.3f, \"p50_us\": %u, \"p99_us\": %u, "
	       "\"max_us\": %u}\n",
	       (unsigned long long)(result->refused + result->unreachable + result->reset +
				    result->cut + result->silent + result->wrong +
				    result->untrusted),
	       result->seconds, part_of(result, 0.5), part_of(result, 0.99), part_of(result, 1));
}

static bool settings_read(int argc, char **argv, struct ask_settings *settings)
{
	int option;

	settings->n_sources = 1;
	settings->to.sin_family = AF_INET;
	while ((option = getopt(argc, argv, "+r:p:kts:f:n:")) != -1) {
		if (option == 'r')
			settings->rate = (unsigned int)strtoul(optarg, NULL, 10);
		else if (option == 'p')
			settings->parallel = (unsigned int)strtoul(optarg, NULL, 10);
		else if (option == 'k')
			settings->keep = true;
		else if (option == 't')
			settings->tls = SSL_CTX_new(TLS_client_method());
		else if (option == 's')
			settings->seconds = strtod(optarg, NULL);
		else if (option == 'n')
			settings->n_sources = (unsigned int)strtoul(optarg, NULL, 10);
		else if (option != 'f' || inet_pton(AF_INET, optarg, &settings->source) != 1)
			return false;
	}
	if (argc - optind != 2 || !settings->n_sources || !settings->rate == !settings->parallel ||
	    inet_pton(AF_INET, argv[optind], &settings->to.sin_addr) != 1)
		return false;
	settings->to.sin_port = htons((uint16_t)strtoul(argv[optind + 1], NULL, 10));
	return true;
}

static int main_ask(int argc, char **argv)
{
	struct ask_settings settings = { 0 };
	struct ask_result result;
	int ret;

	if (!settings_read(argc, argv, &settings))
		return usage();
	puts("asks");
	fflush(stdout);
	ret = ask(&settings, &result);
	SSL_CTX_free(settings.tls);
	if (ret < 0) {
		fprintf(stderr, "load: %s\n", strerror(-ret));
		return 1;
	}
	show(&result);
	free(result.took_us);
	return 0;
}

int main(int argc, char **argv)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	if (argc > 1 && strcmp(argv[1], "serve") == 0)
		return main_serve(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "ask") == 0)
		return main_ask(argc - 1, argv + 1);
	return usage();
}
