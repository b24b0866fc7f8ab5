/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wire_client.c - clients that wait and clients in a loop, over UNIX sockets and over TLS. */
#include "tests/unit/wire_bench.h"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

#include "lib/wire/client.h"
#include "lib/wire/link.h"
#include "lib/wire/tls.h"
#include "tests/unit/wire_certificates.h"

#define TCP "tcp:127.0.0.1:7001"

/* ---- a server in a process of its own ------------------------------------------------------ */

struct site {
	char *dir, *address;
	pid_t pid;
};

static struct wire_tls *site_tls(const struct site *site, const char *authority, const char *name,
				 struct err *err)
{
	AUTO(free_ptr) char *ca = mem_format("%s/%s.crt", site->dir, authority);
	AUTO(free_ptr) char *certificate = mem_format("%s/%s.crt", site->dir, name);
	AUTO(free_ptr) char *key = mem_format("%s/%s.key", site->dir, name);
	struct wire_tls *tls = NULL;

	wire_tls_new(ca, certificate, key, &tls, err);
	return tls;
}

static _Noreturn void site_serve(const struct site *site, const char *tcp, int ready)
{
	struct bench bench = { 0 };

	signal(SIGPIPE, SIG_IGN);
	bench_serve(&bench);
	if (wire_server_listen(bench.server, site->address, NULL) < 0)
		_exit(1);
	if (tcp) {
		wire_server_use_tls(bench.server, site_tls(site, "authority", "service", NULL));
		if (wire_server_listen(bench.server, tcp, NULL) < 0)
			_exit(1);
	}
	if (write(ready, "", 1) != 1)
		_exit(1);
	event_base_dispatch(bench.base);
	_exit(0);
}

static void site_open(struct site *site, const char *tcp)
{
	int ready[2];
	char byte;

	assert_int_equal(pipe(ready), 0);
	site->pid = fork();
	if (site->pid == 0)
		site_serve(site, tcp, ready[1]);
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
}

static void site_close(struct site *site)
{
	if (site->pid <= 0)
		return;
	kill(site->pid, SIGKILL);
	waitpid(site->pid, NULL, 0);
	site->pid = 0;
}

static int set_up(void **state)
{
	struct site *site = mem_alloc(sizeof(*site));

	signal(SIGPIPE, SIG_DFL);
	site->dir = bench_dir();
	site->address = mem_format("unix:%s/socket", site->dir);
	site_open(site, NULL);
	*state = site;
	return 0;
}

static int tear_down(void **state)
{
	static const char *const names[] = { "authority", "other",    "service",
					     "agent",     "stranger", "expired" };
	struct site *site = *state;

	site_close(site);
	unlink(site->address + 5);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		AUTO(free_ptr) char *certificate = mem_format("%s/%s.crt", site->dir, names[i]);
		AUTO(free_ptr) char *key = mem_format("%s/%s.key", site->dir, names[i]);

		unlink(certificate);
		unlink(key);
	}
	assert_int_equal(rmdir(site->dir), 0);
	free(site->dir);
	free(site->address);
	free(site);
	return 0;
}

static bool own_network(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	bool up;
	int fd;

	if (unshare(CLONE_NEWNET) < 0)
		return false;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	up = ioctl(fd, SIOCSIFFLAGS, &request) == 0;
	close(fd);
	return up;
}

static int set_up_tls(void **state)
{
	struct identity authority, other, service, agent, stranger, expired;
	struct site *site;

	if (!own_network())
		return 0;
	set_up(state);
	site = *state;
	site_close(site);
	authority = identity_new("weft authority", NULL, -3600, 7200);
	other = identity_new("another authority", NULL, -3600, 7200);
	service = identity_new("controller", &authority, -3600, 7200);
	agent = identity_new("host-1", &authority, -3600, 7200);
	stranger = identity_new("host-1", &other, -3600, 7200);
	expired = identity_new("host-1", &authority, -7200, 3600);
	identity_write(&authority, site->dir, "authority");
	identity_write(&other, site->dir, "other");
	identity_write(&service, site->dir, "service");
	identity_write(&agent, site->dir, "agent");
	identity_write(&stranger, site->dir, "stranger");
	identity_write(&expired, site->dir, "expired");
	identity_clear(&authority);
	identity_clear(&other);
	identity_clear(&service);
	identity_clear(&agent);
	identity_clear(&stranger);
	identity_clear(&expired);
	site_open(site, TCP);
	return 0;
}

static int tear_down_tls(void **state)
{
	return *state ? tear_down(state) : 0;
}

/* ---- the client that waits ----------------------------------------------------------------- */

static struct wire_client *client_of(const struct site *site)
{
	struct wire_client *client = NULL;
	struct err err = ERR_NONE;

	assert_int_equal(wire_client_new(site->address, NULL, &client, &err), 0);
	return client;
}

static void a_call_returns_its_answer(void **state)
{
	struct wire_client *client = client_of(*state);
	json_t *parameters = json_pack("{s:s}", "text", "grüße");
	struct wire_answer answer;
	struct err err = ERR_NONE;

	assert_int_equal(wire_client_call(client, "io.weft.Test.Echo", parameters, &answer, &err),
			 0);
	assert_true(json_equal(answer.parameters, parameters));
	wire_answer_clear(&answer);
	json_decref(parameters);
	wire_client_free(client);
}

static void a_large_answer_comes_whole(void **state)
{
	struct wire_client *client = client_of(*state);
	json_t *parameters = json_pack("{s:i}", "bytes", 20 << 20);
	struct wire_answer answer;
	struct err err = ERR_NONE;

	assert_int_equal(wire_client_call(client, "io.weft.Test.Large", parameters, &answer, &err),
			 0);
	assert_int_equal(json_string_length(json_object_get(answer.parameters, "text")), 20 << 20);
	wire_answer_clear(&answer);
	json_decref(parameters);
	wire_client_free(client);
}

static void a_large_call_goes_whole(void **state)
{
	struct wire_client *client = client_of(*state);
	AUTO(free_ptr) char *text = mem_alloc((20 << 20) + 1);
	struct wire_answer answer;
	struct err err = ERR_NONE;
	json_t *parameters;

	memset(text, 'x', 20 << 20);
	parameters = json_pack("{s:s}", "text", text);
	assert_int_equal(wire_client_call(client, "io.weft.Test.Echo", parameters, &answer, &err),
			 0);
	assert_true(json_equal(answer.parameters, parameters));
	wire_answer_clear(&answer);
	json_decref(parameters);
	wire_client_free(client);
}

static void an_error_is_a_sentence_and_can_be_looked_at(void **state)
{
	struct wire_client *client = client_of(*state);
	struct wire_answer answer;
	struct err err = ERR_NONE;

	assert_int_equal(wire_client_call(client, "io.weft.Test.Refuse", NULL, &answer, &err),
			 -EREMOTEIO);
	assert_string_equal(err_text(&err), "state.eips[3].vip: expected string");
	assert_string_equal(answer.error, "io.weft.Test.InvalidState");
	assert_string_equal(json_string_value(json_object_get(answer.parameters, "path")),
			    "state.eips[3].vip");
	wire_answer_clear(&answer);
	err_clear(&err);
	wire_client_free(client);
}

static void a_stream_is_received_answer_by_answer(void **state)
{
	struct wire_client *client = client_of(*state);
	json_t *parameters = json_pack("{s:i}", "to", 1000);
	struct wire_answer answer;
	struct err err = ERR_NONE;

	assert_int_equal(wire_client_send(client, "io.weft.Test.Count", parameters, true, &err), 0);
	for (int n = 1; n <= 1000; n++) {
		assert_int_equal(wire_client_receive(client, &answer, &err), 0);
		assert_int_equal(json_integer_value(json_object_get(answer.parameters, "n")), n);
		assert_int_equal(answer.continues, n < 1000);
		wire_answer_clear(&answer);
	}
	json_decref(parameters);
	wire_client_free(client);
}

static void a_service_that_dies_is_an_error(void **state)
{
	struct wire_client *client = client_of(*state);
	struct wire_answer answer;
	struct err err = ERR_NONE;

	assert_int_equal(wire_client_send(client, "io.weft.Test.Later", NULL, false, &err), 0);
	site_close(*state);
	assert_true(wire_client_receive(client, &answer, &err) < 0);
	err_clear(&err);
	assert_true(wire_client_call(client, "io.weft.Test.Echo", NULL, &answer, &err) < 0);
	assert_true(err.code < 0);
	wire_answer_clear(&answer);
	err_clear(&err);
	wire_client_free(client);
}

static void what_cannot_be_called_is_refused_here(void **state)
{
	struct site *site = *state;
	struct wire_client *client = client_of(site);
	json_t *list = json_array();
	struct err err = ERR_NONE;

	assert_int_equal(wire_client_send(client, "io.weft.Test.Echo", list, false, &err), -EINVAL);
	err_clear(&err);
	json_decref(list);
	wire_client_free(client);
	assert_int_equal(wire_client_new("tcp:127.0.0.1:7001", NULL, &client, &err), -EINVAL);
	err_clear(&err);
	assert_int_equal(wire_client_new("unix:/nowhere/at/all", NULL, &client, &err), -ENOENT);
	assert_string_equal(err_text(&err), "unix:/nowhere/at/all: cannot connect: "
					    "No such file or directory");
	err_clear(&err);
}

/* ---- over TLS ------------------------------------------------------------------------------ */

/* 0, or what went wrong, wherever that shows. */
static int whoami(const struct site *site, const char *authority, const char *name,
		  const char *expected_name, char **ret)
{
	struct wire_client *client = NULL;
	struct wire_answer answer = WIRE_ANSWER_NONE;
	struct err err = ERR_NONE;
	struct wire_tls *tls = site_tls(site, authority, name, &err);
	int done;

	assert_non_null(tls);
	if (expected_name)
		wire_tls_expect(tls, expected_name);
	done = wire_client_new(TCP, tls, &client, &err);
	if (done == 0)
		done = wire_client_call(client, "io.weft.Test.Whoami", NULL, &answer, &err);
	if (done == 0)
		*ret = mem_text(json_string_value(json_object_get(answer.parameters, "name")));
	else
		assert_true(strlen(err_text(&err)) > 0);
	wire_answer_clear(&answer);
	wire_client_free(client);
	wire_tls_free(tls);
	err_clear(&err);
	return done;
}

static void both_sides_know_each_other(void **state)
{
	AUTO(free_ptr) char *name = NULL;

	if (!*state)
		skip();
	assert_int_equal(whoami(*state, "authority", "agent", "controller", &name), 0);
	assert_string_equal(name, "host-1");
}

static void a_large_document_passes_through_tls(void **state)
{
	AUTO(free_ptr) char *text = mem_alloc((20 << 20) + 1);
	struct wire_client *client = NULL;
	struct wire_answer answer;
	struct err err = ERR_NONE;
	struct wire_tls *tls;
	json_t *parameters;

	if (!*state)
		skip();
	memset(text, 'x', 20 << 20);
	parameters = json_pack("{s:s}", "text", text);
	tls = site_tls(*state, "authority", "agent", &err);
	assert_int_equal(wire_client_new(TCP, tls, &client, &err), 0);
	assert_int_equal(wire_client_call(client, "io.weft.Test.Echo", parameters, &answer, &err),
			 0);
	assert_true(json_equal(answer.parameters, parameters));
	wire_answer_clear(&answer);
	json_decref(parameters);
	wire_client_free(client);
	wire_tls_free(tls);
}

static void a_client_of_another_authority_is_refused(void **state)
{
	char *name = NULL;

	if (!*state)
		skip();
	assert_true(whoami(*state, "authority", "stranger", NULL, &name) < 0);
	assert_true(whoami(*state, "authority", "expired", NULL, &name) < 0);
	assert_null(name);
}

static void a_service_of_another_authority_is_refused(void **state)
{
	char *name = NULL;

	if (!*state)
		skip();
	assert_int_equal(whoami(*state, "other", "agent", NULL, &name), -EPROTO);
	assert_int_equal(whoami(*state, "authority", "agent", "someone", &name), -EPROTO);
	assert_null(name);
}

static void files_that_do_not_fit_are_named(void **state)
{
	AUTO(free_ptr) char *expected = NULL;
	const struct site *site = *state;
	struct wire_tls *tls = NULL;
	struct err err = ERR_NONE;
	AUTO(free_ptr) char *ca = NULL, *certificate = NULL, *key = NULL;

	if (!site)
		skip();
	assert_null(site_tls(site, "nobody", "agent", &err));
	assert_int_equal(err.code, -EINVAL);
	err_clear(&err);
	ca = mem_format("%s/authority.crt", site->dir);
	certificate = mem_format("%s/agent.crt", site->dir);
	key = mem_format("%s/service.key", site->dir);
	assert_int_equal(wire_tls_new(ca, certificate, key, &tls, &err), -EINVAL);
	expected = mem_format("%s: key values mismatch", key);
	assert_string_equal(err_text(&err), expected);
	err_clear(&err);
}

static void tcp_without_certificates_is_refused(void **state)
{
	struct bench bench = { 0 };
	struct err err = ERR_NONE;

	(void)state;
	bench_serve(&bench);
	assert_int_equal(wire_server_listen(bench.server, TCP, &err), -EINVAL);
	assert_string_equal(err_text(&err), "a tcp address needs certificates (TLS)");
	err_clear(&err);
	wire_server_free(bench.server);
	event_base_free(bench.base);
}

/* A client that says nothing of TLS, in this process, so that its end is seen. */
static void a_handshake_that_does_not_end_is_waited_for_only_so_long(void **state)
{
	struct wire_limits limits = WIRE_LIMITS_DEFAULT;
	struct bench bench = { 0 };
	struct wire_address address;
	int fd;

	if (!*state)
		skip();
	bench_serve(&bench);
	limits.pause_ms = 20;
	wire_server_set_limits(bench.server, &limits);
	wire_server_use_tls(bench.server, site_tls(*state, "authority", "service", NULL));
	assert_int_equal(wire_server_listen(bench.server, "tcp:127.0.0.1:7002", NULL), 0);
	assert_int_equal(wire_address_parse("tcp:127.0.0.1:7002", &address, NULL), 0);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&address.socket, address.size), 0);
	bench_until(&bench, wire_server_n_connections(bench.server) == 1);
	bench_until(&bench, wire_server_n_connections(bench.server) == 0);
	close(fd);

	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&address.socket, address.size), 0);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	bench_say(&bench, fd, "{\"method\":\"io.weft.Test.Echo\"}");
	free(bench_hear(&bench, fd)); /* TLS's own words for it, if any. */
	bench_until(&bench, wire_server_n_connections(bench.server) == 0);
	assert_int_equal(bench.n_echo, 0);
	close(fd);
	wire_server_free(bench.server);
	event_base_free(bench.base);
}

/* ---- the client in a loop ------------------------------------------------------------------ */

struct caller {
	struct bench bench; /* The server in the same loop. */
	struct wire_link *link;
	unsigned int n_opened, n_answers, n_closed;
	json_int_t last;
	bool last_continues, free_on_answer;
	char *error, *why;
};

static void caller_opened(struct wire_link *link, void *data)
{
	struct caller *caller = data;

	assert_ptr_equal(link, caller->link);
	caller->n_opened++;
}

static void caller_closed(struct wire_link *link, const struct err *why, void *data)
{
	struct caller *caller = data;

	caller->n_closed++;
	caller->why = mem_text(err_text(why));
	assert_int_equal(wire_link_call(link, "io.weft.Test.Echo", NULL, false, NULL, NULL, NULL),
			 -ENOTCONN);
	wire_link_free(link);
	caller->link = NULL;
}

static const struct wire_link_events caller_events = { caller_opened, caller_closed };

static void caller_answer(struct wire_link *link, const struct wire_answer *answer, void *data)
{
	struct caller *caller = data;

	caller->n_answers++;
	caller->last = json_integer_value(json_object_get(answer->parameters, "n"));
	caller->last_continues = answer->continues;
	if (answer->error)
		caller->error = mem_text(answer->error);
	if (caller->free_on_answer) {
		wire_link_free(link);
		caller->link = NULL;
	}
}

static void caller_call(struct caller *caller, const char *method, int to, bool more)
{
	json_t *parameters = json_pack("{s:i}", "to", to);

	assert_int_equal(wire_link_call(caller->link, method, parameters, more, caller_answer,
					caller, NULL),
			 0);
	json_decref(parameters);
}

static void caller_open(struct caller *caller, const struct site *site, const char *address)
{
	struct wire_tls *tls = NULL;

	signal(SIGPIPE, SIG_IGN);
	*caller = (struct caller){ 0 };
	bench_serve(&caller->bench);
	caller->bench.address = mem_format("unix:%s/loop", site->dir);
	assert_int_equal(wire_server_listen(caller->bench.server, caller->bench.address, NULL), 0);
	if (address) {
		wire_server_use_tls(caller->bench.server,
				    site_tls(site, "authority", "service", NULL));
		assert_int_equal(wire_server_listen(caller->bench.server, address, NULL), 0);
		tls = site_tls(site, "authority", "agent", NULL);
		wire_tls_expect(tls, "controller");
	}
	assert_int_equal(wire_link_new(caller->bench.base,
				       address ? address : caller->bench.address, tls,
				       &caller_events, caller, &caller->link, NULL),
			 0);
	wire_tls_free(tls);
}

static void caller_close(struct caller *caller)
{
	wire_link_free(caller->link);
	wire_server_free(caller->bench.server);
	event_base_free(caller->bench.base);
	free(caller->bench.address);
	free(caller->error);
	free(caller->why);
}

static void a_link_calls_and_hears_in_order(void **state)
{
	struct caller caller;

	caller_open(&caller, *state, NULL);
	caller_call(&caller, "io.weft.Test.Count", 3, true);
	caller_call(&caller, "io.weft.Test.Refuse", 0, false);
	bench_until(&caller.bench, caller.n_answers == 4);
	assert_false(caller.last_continues);
	assert_string_equal(caller.error, "io.weft.Test.InvalidState");
	assert_int_equal(caller.n_opened, 1);
	assert_null(wire_link_peer_name(caller.link));
	caller_close(&caller);
}

static void a_link_hears_of_its_end(void **state)
{
	struct caller caller;

	caller_open(&caller, *state, NULL);
	caller_call(&caller, "io.weft.Test.Watch", 0, true);
	bench_until(&caller.bench, caller.bench.later);
	wire_server_free(STEAL(caller.bench.server));
	bench_until(&caller.bench, caller.n_closed == 1);
	assert_string_equal(caller.why, "the service closed the connection");
	assert_int_equal(caller.n_answers, 0);
	caller_close(&caller);
}

static void a_link_may_be_freed_in_its_answer(void **state)
{
	struct caller caller;

	caller_open(&caller, *state, NULL);
	caller.free_on_answer = true;
	caller_call(&caller, "io.weft.Test.Count", 3, true);
	bench_until(&caller.bench, !caller.link);
	bench_until(&caller.bench, wire_server_n_connections(caller.bench.server) == 0);
	assert_int_equal(caller.n_answers, 1);
	assert_int_equal(caller.n_closed, 0);
	caller_close(&caller);
}

static void a_link_to_nobody_is_refused_with_the_reason(void **state)
{
	struct err err = ERR_NONE;
	struct caller caller;

	caller_open(&caller, *state, NULL);
	wire_link_free(caller.link);
	caller.link = NULL;
	assert_int_equal(wire_link_new(caller.bench.base, "unix:/nowhere/at/all", NULL,
				       &caller_events, &caller, &caller.link, &err),
			 -ENOENT);
	assert_string_equal(err_text(&err), "cannot connect: No such file or directory");
	err_clear(&err);
	caller_close(&caller);
}

static void a_link_over_tcp_to_nobody_is_closed_with_the_reason(void **state)
{
	struct wire_tls *tls;
	struct caller caller;

	if (!*state)
		skip();
	caller_open(&caller, *state, NULL);
	wire_link_free(caller.link);
	tls = site_tls(*state, "authority", "agent", NULL);
	assert_int_equal(wire_link_new(caller.bench.base, "tcp:127.0.0.1:7009", tls, &caller_events,
				       &caller, &caller.link, NULL),
			 0);
	wire_tls_free(tls);
	bench_until(&caller.bench, caller.n_closed == 1);
	assert_string_equal(caller.why, "Connection refused");
	caller_close(&caller);
}

static void a_link_over_tls_knows_the_service(void **state)
{
	struct caller caller;

	if (!*state)
		skip();
	caller_open(&caller, *state, "tcp:127.0.0.1:7003");
	caller_call(&caller, "io.weft.Test.Count", 100, true);
	bench_until(&caller.bench, caller.n_answers == 100);
	assert_string_equal(wire_link_peer_name(caller.link), "controller");
	wire_server_free(STEAL(caller.bench.server));
	bench_until(&caller.bench, caller.n_closed == 1);
	caller_close(&caller);
}

static void a_link_over_tls_to_a_stranger_is_closed(void **state)
{
	struct wire_tls *tls;
	struct caller caller;

	if (!*state)
		skip();
	caller_open(&caller, *state, "tcp:127.0.0.1:7003");
	wire_link_free(caller.link);
	tls = site_tls(*state, "other", "agent", NULL);
	assert_int_equal(wire_link_new(caller.bench.base, "tcp:127.0.0.1:7003", tls, &caller_events,
				       &caller, &caller.link, NULL),
			 0);
	wire_tls_free(tls);
	caller_call(&caller, "io.weft.Test.Echo", 0, false);
	bench_until(&caller.bench, caller.n_closed == 1);
	assert_string_equal(caller.why, "certificate verify failed");
	assert_int_equal(caller.n_opened, 0);
	assert_int_equal(caller.bench.n_echo, 0);
	caller_close(&caller);
}

static void a_link_over_tls_that_is_not_let_in_is_closed(void **state)
{
	struct wire_tls *tls;
	struct caller caller;

	if (!*state)
		skip();
	caller_open(&caller, *state, "tcp:127.0.0.1:7003");
	wire_link_free(caller.link);
	tls = site_tls(*state, "authority", "stranger", NULL);
	assert_int_equal(wire_link_new(caller.bench.base, "tcp:127.0.0.1:7003", tls, &caller_events,
				       &caller, &caller.link, NULL),
			 0);
	wire_tls_free(tls);
	caller_call(&caller, "io.weft.Test.Echo", 0, false);
	bench_until(&caller.bench, caller.n_closed == 1);
	assert_int_equal(caller.n_answers, 0);
	assert_int_equal(caller.bench.n_echo, 0);
	caller_close(&caller);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define TLS(name)  cmocka_unit_test_setup_teardown(name, set_up_tls, tear_down_tls)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_call_returns_its_answer),
		TEST(a_large_answer_comes_whole),
		TEST(a_large_call_goes_whole),
		TEST(an_error_is_a_sentence_and_can_be_looked_at),
		TEST(a_stream_is_received_answer_by_answer),
		TEST(a_service_that_dies_is_an_error),
		TEST(what_cannot_be_called_is_refused_here),
		TEST(a_link_calls_and_hears_in_order),
		TEST(a_link_hears_of_its_end),
		TEST(a_link_may_be_freed_in_its_answer),
		TEST(a_link_to_nobody_is_refused_with_the_reason),
		cmocka_unit_test(tcp_without_certificates_is_refused),
		TLS(both_sides_know_each_other),
		TLS(a_large_document_passes_through_tls),
		TLS(a_client_of_another_authority_is_refused),
		TLS(a_service_of_another_authority_is_refused),
		TLS(files_that_do_not_fit_are_named),
		TLS(a_handshake_that_does_not_end_is_waited_for_only_so_long),
		TLS(a_link_over_tcp_to_nobody_is_closed_with_the_reason),
		TLS(a_link_over_tls_knows_the_service),
		TLS(a_link_over_tls_to_a_stranger_is_closed),
		TLS(a_link_over_tls_that_is_not_let_in_is_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
