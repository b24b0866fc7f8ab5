/* SPDX-License-Identifier: GPL-2.0-or-later */
/* explain, trace: a packet's way, in steps that name the objects. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "controller/cli/cli.h"
#include "controller/cli/field.h"
#include "controller/cli/table.h"
#include "lib/base/net.h"
#include "lib/base/text.h"

static int add_address(json_t *packet, const char *name, const char *text)
{
	struct err err = ERR_NONE;
	struct ip ip;

	if (ip_parse(text, &ip, &err) < 0) {
		cli_misused("%s", err_text(&err));
		err_clear(&err);
		return CLI_USAGE;
	}
	json_object_set_new(packet, name, json_string(ip_text(&ip).s));
	return CLI_DONE;
}

static int add_port(json_t *packet, const char *name, const char *text)
{
	struct port_range port;

	if (port_range_parse(text, &port, NULL) < 0 || port.first != port.last)
		return cli_misused("\"%s\" is not a port 1-65535", text);
	json_object_set_new(packet, name, json_integer(port.first));
	return CLI_DONE;
}

/* "tcp/80", "icmp". */
static int add_protocol(json_t *packet, const char *text)
{
	const char *slash = strchr(text, '/');
	size_t length = slash ? (size_t)(slash - text) : strlen(text);
	bool good = length > 0 && length <= 16;

	for (size_t i = 0; i < length; i++)
		good &= islower((unsigned char)text[i]) || isdigit((unsigned char)text[i]) ||
			text[i] == '-';
	if (!good)
		return cli_misused("\"%s\" is not PROTOCOL or PROTOCOL/PORT", text);
	json_object_set_new(packet, "protocol", json_stringn(text, length));
	return slash ? add_port(packet, "to_port", slash + 1) : CLI_DONE;
}

static bool is_given(const char *text, bool filter)
{
	return !filter || strcmp(text, "any") != 0;
}

/* On a host a packet may come from a port, which is no address: by its uuid or device. */
static bool is_port(const struct cli *cli, const char *from)
{
	struct ip ip;

	return strcmp(cli->service->word, "host") == 0 && ip_parse(from, &ip, NULL) < 0;
}

/* Reads the packet off the command line; in a filter, what may be anything is left out. */
static int read_packet(const struct cli *cli, bool filter, json_t *packet)
{
	static const char *const ends[] = { "from", "to" };
	int status = CLI_DONE;

	for (size_t i = 0; i < 2 && status == CLI_DONE; i++)
		if (!is_given(cli->arguments[i], filter))
			continue;
		else if (i == 0 && is_port(cli, cli->arguments[i]))
			json_object_set_new(packet, "interface", json_string(cli->arguments[i]));
		else
			status = add_address(packet, ends[i], cli->arguments[i]);
	if (status == CLI_DONE && cli->n_arguments > 2)
		status = add_protocol(packet, cli->arguments[2]);
	if (status == CLI_DONE && cli_has(cli, OPTION_FROM_PORT))
		status = add_port(packet, "from_port", cli->values[OPTION_FROM_PORT]);
	if (cli_has(cli, OPTION_INTERFACE))
		json_object_set_new(packet, "interface",
				    json_string(cli->values[OPTION_INTERFACE]));
	return status;
}

static void add_end(struct text *text, const json_t *packet, const char *address, const char *port)
{
	const char *at = field_text(packet, address);
	json_int_t number = field_number(packet, port);

	text_format(text, strchr(at ? at : "", ':') && number ? "[%s]" : "%s", at ? at : "any");
	if (number)
		text_format(text, ":%lld", (long long)number);
}

/* "tcp 192.168.10.7:40000 -> 10.0.0.1:80 on if-web" */
static char *packet_text(const json_t *packet)
{
	const char *interface = field_text(packet, "interface");
	const char *protocol = field_text(packet, "protocol");
	struct text text = TEXT_NONE;

	if (protocol)
		text_format(&text, "%s ", protocol);
	add_end(&text, packet, "from", "from_port");
	text_add(&text, " -> ");
	add_end(&text, packet, "to", "to_port");
	if (interface)
		text_format(&text, " on %s", interface);
	return text_take(&text);
}

/* 'before' is the packet as the last step left it. */
static void add_step(struct table *table, const json_t *step, size_t number, const json_t *before)
{
	const json_t *packet = json_object_get(step, "packet");
	bool changed = packet && !json_equal(packet, before);
	AUTO(free_ptr) char *now = changed ? packet_text(packet) : NULL;
	const char *said = field_text(step, "text");
	AUTO(free_ptr) char *all = NULL;

	if (now)
		all = mem_format("%s%s%s", said ? said : "", said ? "; now " : "", now);
	table_add_number(table, (int64_t)number + 1);
	table_add(table, field_text(step, "section"));
	table_add(table, field_text(step, "object"));
	table_add(table, field_text(step, "action"));
	table_add(table, all ? all : said);
}

static void print_steps(const struct cli *cli, const json_t *answer)
{
	static const char *const titles[] = {
		">STEP", "SECTION", "OBJECT", "ACTION", "WHAT", NULL
	};
	const char *verdict = field_text(answer, "verdict");
	const json_t *packet = json_object_get(answer, "packet");
	AUTO(free_ptr) char *last = packet ? packet_text(packet) : mem_text("");
	AUTO(free_ptr) char *said = mem_text(verdict);
	const json_t *step, *before = NULL;
	struct table table;
	size_t i;

	table_init(&table, titles);
	json_array_foreach (json_object_get(answer, "steps"), i, step) {
		add_step(&table, step, i, before);
		before = json_object_get(step, "packet");
	}
	table_print(&table, cli->out);
	table_clear(&table);
	text_make_plain(last);
	if (said) {
		text_make_plain(said);
		fprintf(cli->out, "verdict: %s%s%s\n", said, *last ? ": " : "", last);
	}
}

static void print_explanation(const struct cli *cli, const json_t *answer)
{
	if (cli_has(cli, OPTION_JSON))
		cli_print_json(cli, answer);
	else
		print_steps(cli, answer);
}

static void print_traced(const struct cli *cli, const json_t *answer)
{
	const char *ended = field_text(answer, "ended");

	if (cli_has(cli, OPTION_JSON)) {
		json_dumpf(answer, cli->out, JSON_COMPACT);
		fputc('\n', cli->out);
		return;
	}
	if (json_object_get(answer, "steps")) {
		print_steps(cli, answer);
		fputc('\n', cli->out);
	}
	if (json_is_true(json_object_get(answer, "lost")))
		fputs("lost: the kernel told more than could be read, packets may be missing\n",
		      cli->out);
	if (ended && strcmp(ended, "seconds") == 0)
		fprintf(cli->out, "ended: the time is over, %lld packets came\n",
			(long long)field_number(answer, "packets"));
}

int explain_run(struct cli *cli)
{
	json_t *packet = json_object();
	int status = read_packet(cli, false, packet);

	if (status == CLI_DONE)
		return cli_call(cli, "Explain", json_pack("{s:o}", "packet", packet),
				print_explanation);
	json_decref(packet);
	return status;
}

static int add_limit(const struct cli *cli, json_t *parameters, enum cli_option option)
{
	const char *text = cli->values[option];
	char *end;
	long n;

	if (!cli_has(cli, option))
		return CLI_DONE;
	errno = 0;
	n = strtol(text, &end, 10);
	if (errno || *end || end == text || n < 1 || n > 1000000000)
		return cli_misused("--%s: \"%s\" is not a number 1-1000000000",
				   option_types[option].name, text);
	json_object_set_new(parameters, option_types[option].name, json_integer(n));
	return CLI_DONE;
}

int trace_run(struct cli *cli)
{
	json_t *packet = json_object();
	json_t *parameters = json_pack("{s:o}", "packet", packet);
	int status = read_packet(cli, true, packet);

	if (status == CLI_DONE)
		status = add_limit(cli, parameters, OPTION_COUNT);
	if (status == CLI_DONE)
		status = add_limit(cli, parameters, OPTION_SECONDS);
	if (status == CLI_DONE)
		return cli_stream(cli, "Trace", parameters, print_traced);
	json_decref(parameters);
	return status;
}
