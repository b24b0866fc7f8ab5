/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrouter/metrics.h"

#include <stdlib.h>

#include "vrouter/counters.h"

struct answer {
	struct metrics *metrics;
	struct metrics_family *bytes, *packets, *sessions, *sessions_total;
	struct counters_reading *reading;
};

/* Uuids and kinds need no quoting. */
static char *labels_of(const struct counter *counter, const char *direction)
{
	return mem_format("kind=\"%s\",uuid=\"%s\"%s%s%s%s%s%s", counter_kinds[counter->kind],
			  counter->uuid, counter->of ? ",of=\"" : "",
			  counter->of ? counter->of : "", counter->of ? "\"" : "",
			  direction ? ",direction=\"" : "", direction ? direction : "",
			  direction ? "\"" : "");
}

static void add_direction(struct answer *answer, const struct counter *counter,
			  enum counter_direction direction)
{
	AUTO(free_ptr)
	char *labels = labels_of(counter, direction == COUNTER_UP ? "up" : "down");

	metrics_add(answer->bytes, labels, counter->bytes[direction]);
	if (counter->kind != COUNTER_MEMBER)
		metrics_add(answer->packets, labels, counter->packets[direction]);
}

static void add_counter(struct answer *answer, const struct counter *counter)
{
	AUTO(free_ptr) char *labels = labels_of(counter, NULL);

	if (counter->counts) {
		add_direction(answer, counter, COUNTER_UP);
		add_direction(answer, counter, COUNTER_DOWN);
	}
	if (counter->has_sessions) {
		metrics_add(answer->sessions, labels, counter->sessions);
		metrics_add(answer->sessions_total, labels, counter->sessions_total);
	}
}

static void on_counters(void *data, const struct counter *counters, size_t n, bool last,
			const struct err *err)
{
	struct answer *answer = data;

	for (size_t i = 0; i < n; i++)
		add_counter(answer, &counters[i]);
	if (!last)
		return;
	metrics_done(answer->metrics, err ? err_text(err) : NULL);
	free(answer);
}

static void on_gone(void *data)
{
	struct answer *answer = data;

	counters_cancel(answer->reading);
	free(answer);
}

static void count_failure(void *data, const struct engine_failure *failure)
{
	(void)failure;
	++*(uint64_t *)data;
}

static void add_agent(struct agent *agent, struct metrics *metrics)
{
	const struct document *document = agent_document(agent);
	uint64_t failures = 0;

	engine_failures(agent_engine(agent), count_failure, &failures);
	metrics_add(metrics_family(metrics, "weft_revision", "gauge",
				   "The revision that is in place."),
		    "", document ? (uint64_t)document_revision(document) : 0);
	metrics_add(metrics_family(metrics, "weft_failures", "gauge",
				   "Changes that failed and are tried again."),
		    "", failures);
}

void router_metrics(struct agent *agent, struct metrics *metrics)
{
	const struct counter_filter everything = { .kind = COUNTER_ALL };
	struct answer *answer = mem_alloc(sizeof(*answer));

	add_agent(agent, metrics);
	*answer = (struct answer){
		.metrics = metrics,
		.bytes = metrics_family(metrics, "weft_bytes_total", "counter",
					"Bytes carried; up is away from the guest."),
		.packets = metrics_family(metrics, "weft_packets_total", "counter",
					  "Packets carried."),
		.sessions = metrics_family(metrics, "weft_sessions", "gauge",
					   "Sessions of load balancing now."),
		.sessions_total = metrics_family(metrics, "weft_sessions_total", "counter",
						 "Sessions of load balancing that there were."),
	};
	metrics_on_gone(metrics, on_gone, answer);
	answer->reading = counters_read(agent, &everything, on_counters, answer, NULL);
}
