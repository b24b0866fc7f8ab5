/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cli.c - the program weft against a server that answers as a daemon does. */
#include "tests/unit/wire_bench.h"

#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>

struct fake {
	char *dir, *address, *program;
	pid_t pid;
};

struct run {
	int status;
	char *out, *err;
};

/* ---- the daemon ---------------------------------------------------------------------------- */

static void fake_plan(struct wire_call *call, json_t *parameters, void *data)
{
	json_t *change =
		json_pack("{s:s, s:s, s:s, s:s, s:n, s:s}", "action", "add", "kind", "route", "key",
			  "10.0.0.0/8", "owner", "rt-1", "from", "to", "via 10.0.0.1");
	json_t *other = json_pack("{s:s, s:s, s:s, s:s}", "action", "change", "kind", "link.mtu",
				  "key", "eth\x1b[31m0", "owner", "if-1");
	json_t *third = json_pack("{s:s, s:s, s:s, s:s}", "action", "remove", "kind", "nft.element",
				  "key", "vip 10.1.1.1", "owner", "vip-1");
	json_t *failures =
		json_pack("[{s:s, s:s, s:s, s:i}]", "owner", "eip-1", "kind", "nft.element",
			  "message", "no such table", "retry_in_ms", 1000);

	(void)data;
	if (json_is_true(json_object_get(parameters, "dry_run")))
		json_array_clear(failures);
	wire_reply(call, json_pack("{s:i, s:[o, o, o], s:o}", "revision", 7, "plan", change, other,
				   third, "failures", failures));
}

static void fake_apply(struct wire_call *call, json_t *parameters, void *data)
{
	const json_t *state = json_object_get(parameters, "state");

	if (json_object_get(state, "revision")) {
		fake_plan(call, parameters, data);
		return;
	}
	wire_reply_error(call, "io.weft.VRouter.InvalidState",
			 json_pack("{s:s, s:s}", "path", "state.eips[3].vip", "reason",
				   "expected string"));
}

static void fake_patch(struct wire_call *call, json_t *parameters, void *data)
{
	(void)parameters;
	(void)data;
	wire_reply_error(call, "io.weft.VRouter.RevisionMismatch", json_pack("{s:i}", "held", 12));
}

static void fake_get(struct wire_call *call, json_t *parameters, void *data)
{
	(void)parameters;
	(void)data;
	wire_reply(call, json_pack("{s:{s:i}, s:i, s:s}", "state", "revision", 7, "revision", 7,
				   "hash", "abc"));
}

static json_t *status_answer(int revision)
{
	return json_pack(
		"{s:i, s:[{s:s,s:s,s:s}, {s:s,s:s,s:s,s:s}], s:[{s:s,s:s,s:i,s:i}], s:[{s:s,s:b}],"
		" s:[{s:s,s:s,s:s,s:i,s:s}]}",
		"revision", revision, "objects", "uuid", "eip-1", "section", "eips", "health",
		"ready", "uuid", "rt-1", "section", "routes", "health", "inactive", "reason",
		"its next hop is one of the router's own addresses", "services", "name", "haproxy",
		"state", "running", "pid", 4711, "restarts", 0, "capabilities", "name", "vxlan",
		"supported", 1, "drift", "kind", "route", "key", "10.0.0.0/8", "action", "add",
		"at_ms", 0, "process", "ip (pid 12)");
}

static void fake_status(struct wire_call *call, json_t *parameters, void *data)
{
	(void)parameters;
	(void)data;
	if (wire_call_wants_more(call))
		wire_reply_more(call, status_answer(7));
	wire_reply(call, status_answer(8));
}

static json_t *fake_counter(const char *uuid, const json_t *kind, json_int_t bytes)
{
	return json_pack("{s:[{s:s, s:s, s:s, s:I, s:i, s:i, s:i}]}", "counters", "uuid", uuid,
			 "section", "vips", "kind", kind ? json_string_value(kind) : "vip",
			 "bytes_up", bytes, "bytes_down", 5, "packets_up", 1, "packets_down", 0);
}

/* Two answers, with the filter's kind and uuids. */
static void fake_counters(struct wire_call *call, json_t *parameters, void *data)
{
	const json_t *filter = json_object_get(parameters, "filter");
	const json_t *kind = json_object_get(filter, "kind");
	const char *uuid = json_string_value(json_array_get(json_object_get(filter, "uuids"), 1));

	(void)data;
	wire_reply_more(call, fake_counter("vip-1", kind, 12345678901));
	wire_reply(call, fake_counter(uuid ? uuid : "v", kind, 6));
}

static void fake_explain(struct wire_call *call, json_t *parameters, void *data)
{
	json_t *packet = json_object_get(parameters, "packet");

	(void)data;
	wire_reply(call, json_pack("{s:[{s:s,s:s,s:s,s:s,s:{s:s,s:s,s:s,s:i}}], s:s, s:O}", "steps",
				   "object", "pf-1", "section", "port_forwards", "action", "dnat",
				   "text", "forwards port 24", "packet", "protocol", "tcp", "from",
				   "10.9.9.9", "to", "192.168.10.7", "to_port", 22, "verdict",
				   "accept", "packet", packet));
}

static void fake_trace(struct wire_call *call, json_t *parameters, void *data)
{
	(void)data;
	for (int i = 0; i < json_integer_value(json_object_get(parameters, "count")); i++)
		wire_reply_more(call, json_pack("{s:[], s:s, s:O}", "steps", "verdict", "drop",
						"packet", json_object_get(parameters, "packet")));
	wire_reply_more(call, json_pack("{s:b}", "lost", 1));
	wire_reply(call, json_pack("{s:s, s:i}", "ended", "seconds", "packets", 2));
}

static const struct wire_method_entry methods[] = {
	{ "Apply", fake_apply },   { "Patch", fake_patch },       { "Get", fake_get },
	{ "Status", fake_status }, { "Counters", fake_counters }, { "Explain", fake_explain },
	{ "Trace", fake_trace },   { "Reconcile", fake_plan },    { NULL, NULL },
};

static const char interface_form[] =
	"interface %s\nmethod Apply(state: object) -> ()\nmethod Patch() -> ()\n"
	"method Get() -> ()\nmethod Status() -> ()\nmethod Counters() -> ()\n"
	"method Explain() -> ()\nmethod Trace() -> ()\nmethod Reconcile() -> ()\n";

static _Noreturn void serve(const char *address, const char *interface, int ready)
{
	AUTO(free_ptr) char *text = mem_format(interface_form, interface);
	struct event_base *base = event_base_new();
	struct wire_server *server = wire_server_new(base, "weft", "fake", "1");

	wire_interface_add_methods(wire_server_add_interface(server, interface, text), methods,
				   NULL);
	if (wire_server_listen(server, address, NULL) < 0 || write(ready, "", 1) != 1)
		_exit(1);
	event_base_dispatch(base);
	_exit(0);
}

static pid_t start(const char *address, const char *interface)
{
	int ready[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		signal(SIGPIPE, SIG_IGN);
		close(ready[0]);
		serve(address, interface, ready[1]);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return pid;
}

/* ---- the program --------------------------------------------------------------------------- */

static char *read_all(int fd)
{
	struct text text = TEXT_NONE;
	char bytes[4096];
	ssize_t n;

	lseek(fd, 0, SEEK_SET);
	while ((n = read(fd, bytes, sizeof(bytes))) > 0)
		text_add_n(&text, bytes, (size_t)n);
	close(fd);
	return text_take(&text);
}

static struct run spawn(char **argv, const char *input)
{
	int in = memfd_create("in", 0), out = memfd_create("out", 0), err = memfd_create("err", 0);
	posix_spawn_file_actions_t actions;
	struct run run = { 0 };
	int status;
	pid_t pid;

	assert_int_equal(write(in, input, strlen(input)), strlen(input));
	lseek(in, 0, SEEK_SET);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in, 0);
	posix_spawn_file_actions_adddup2(&actions, out, 1);
	posix_spawn_file_actions_adddup2(&actions, err, 2);
	assert_int_equal(posix_spawn(&pid, argv[0], &actions, NULL, argv, environ), 0);
	posix_spawn_file_actions_destroy(&actions);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	close(in);
	run.status = WEXITSTATUS(status);
	run.out = read_all(out);
	run.err = read_all(err);
	return run;
}

/* Runs weft with 'arguments', words between blanks, and 'input' on its standard input. */
static struct run run_with(const struct fake *fake, const char *arguments, const char *input)
{
	AUTO(free_ptr) char *words = mem_text(arguments);
	char *argv[32] = { fake->program }, *rest = words;
	int n = 1;

	while ((argv[n] = strsep(&rest, " ")))
		n += *argv[n] != '\0';
	return spawn(argv, input);
}

static void run_clear(struct run *run)
{
	free(run->out);
	free(run->err);
}

#define RUN(arguments) AUTO(run_clear) struct run run = run_with(*state, arguments, "")
#define RUN_WITH(arguments, input) \
	AUTO(run_clear) struct run run = run_with(*state, arguments, input)

static int set_up(void **state)
{
	struct fake *fake = mem_alloc(sizeof(*fake));
	char path[PATH_MAX] = "";
	char *slash;

	assert_true(readlink("/proc/self/exe", path, sizeof(path) - 1) > 0);
	for (int i = 0; i < 2; i++) {
		slash = strrchr(path, '/');
		assert_non_null(slash);
		*slash = '\0';
	}
	fake->program = mem_format("%s/bin/weft", path);
	fake->dir = bench_dir();
	fake->address = mem_format("unix:%s/vrouter.sock", fake->dir);
	fake->pid = start(fake->address, "io.weft.VRouter");
	setenv("WEFT_VROUTER_SOCKET", fake->address, 1);
	setenv("WEFT_HOSTNET_SOCKET", "unix:/nowhere/hostnet.sock", 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	setenv("TZ", "UTC", 1);
	*state = fake;
	return 0;
}

static int tear_down(void **state)
{
	struct fake *fake = *state;

	kill(fake->pid, SIGKILL);
	waitpid(fake->pid, NULL, 0);
	unlink(fake->address + 5);
	rmdir(fake->dir);
	free(fake->dir);
	free(fake->address);
	free(fake->program);
	free(fake);
	return 0;
}

/* ---- what it does -------------------------------------------------------------------------- */

static void apply_prints_the_changes_and_the_failures(void **state)
{
	RUN_WITH("router apply -", "{\"revision\": 7}");

	assert_string_equal(run.out, "+ route 10.0.0.0/8\n~ link.mtu eth?[31m0\n"
				     "- nft.element vip 10.1.1.1\nrevision 7: 3 changes\n");
	assert_string_equal(run.err,
			    "failed: eip-1: nft.element: no such table (next try in 1000 ms)\n");
	assert_int_equal(run.status, 0);
}

static void a_dry_run_prints_the_changes_alone(void **state)
{
	RUN_WITH("router apply - --dry-run", "{\"revision\": 7}");

	assert_string_equal(run.out, "+ route 10.0.0.0/8\n~ link.mtu eth?[31m0\n"
				     "- nft.element vip 10.1.1.1\n");
	assert_string_equal(run.err, "");
	assert_int_equal(run.status, 0);
}

static void a_document_comes_from_a_file_too(void **state)
{
	const struct fake *fake = *state;
	AUTO(free_ptr) char *path = mem_format("%s/document.json", fake->dir);
	AUTO(free_ptr) char *arguments = mem_format("router apply %s -n", path);
	FILE *file = fopen(path, "w");

	fputs("{\"revision\": 7}", file);
	fclose(file);
	{
		RUN(arguments);

		assert_int_equal(run.status, 0);
	}
	unlink(path);
	{
		RUN(arguments);

		assert_int_equal(run.status, 1);
		assert_non_null(strstr(run.err, "No such file"));
	}
}

static void a_refused_document_is_told_with_its_place(void **state)
{
	RUN_WITH("router apply -", "{}");

	assert_string_equal(run.err, "state.eips[3].vip: expected string\n");
	assert_string_equal(run.out, "");
	assert_int_equal(run.status, 1);
}

static void machines_get_the_error_as_json(void **state)
{
	RUN_WITH("router apply - --json", "{}");
	json_t *json = json_loads(run.out, 0, NULL);

	assert_string_equal(json_string_value(json_object_get(json, "error")),
			    "io.weft.VRouter.InvalidState");
	json_decref(json);
	assert_int_equal(run.status, 1);
}

static void a_file_that_is_no_json_is_told_with_its_place(void **state)
{
	{
		RUN_WITH("router apply -", "{\n  \"a\": ]\n}");

		assert_int_equal(run.status, 1);
		assert_non_null(strstr(run.err, "weft: standard input:2:"));
	}
	{
		RUN_WITH("router apply -", "[]");

		assert_int_equal(run.status, 1);
		assert_string_equal(run.err, "weft: standard input: a JSON object is expected\n");
	}
}

static void a_patch_on_another_revision_tells_which_is_held(void **state)
{
	RUN_WITH("router patch -", "{\"base_revision\": 1}");

	assert_string_equal(run.err, "revision 12 is held\n");
	assert_int_equal(run.status, 1);
}

static void show_prints_what_apply_takes(void **state)
{
	{
		RUN("router show");

		assert_string_equal(run.out, "{\n  \"revision\": 7\n}\n");
		assert_int_equal(run.status, 0);
	}
	{
		RUN("--json router show");
		json_t *json = json_loads(run.out, 0, NULL);

		assert_string_equal(json_string_value(json_object_get(json, "hash")), "abc");
		json_decref(json);
	}
}

static void status_is_a_table(void **state)
{
	RUN("router status");

	assert_string_equal(
		run.out,
		"revision 8\n\n"
		"OBJECT  SECTION  HEALTH    REASON\n"
		"eip-1   eips     ready     -\n"
		"rt-1    routes   inactive  its next hop is one of the router's own addresses\n\n"
		"SERVICE  STATE     PID  RESTARTS  REASON\n"
		"haproxy  running  4711         0  -\n\n"
		"CAPABILITY  SUPPORTED  REASON\n"
		"vxlan       yes        -\n\n"
		"REPAIRED             ACTION  KIND   KEY         PROCESS\n"
		"1970-01-01 00:00:00  add     route  10.0.0.0/8  ip (pid 12)\n");
	assert_int_equal(run.status, 0);
}

static void status_follows_until_the_stream_ends(void **state)
{
	RUN("router status --follow --json");
	char *second = strchr(run.out, '\n');

	assert_int_equal(run.status, 0);
	assert_non_null(second);
	assert_non_null(strstr(run.out, "\"revision\":7"));
	assert_non_null(strstr(second, "\"revision\":8"));
	assert_string_equal(strchr(second + 1, '\n'), "\n");
}

static void counters_are_a_table_and_can_be_filtered(void **state)
{
	{
		RUN("router counters --kind eip --uuid vip-1,vip-2");

		assert_string_equal(run.out,
				    "OBJECT  KIND  OF     BYTES UP  BYTES DOWN  PACKETS UP  "
				    "PACKETS DOWN  SESSIONS\n"
				    "vip-1   eip   -   12345678901           5           1   "
				    "          0         -\n"
				    "vip-2   eip   -             6           5           1   "
				    "          0         -\n");
		assert_int_equal(run.status, 0);
	}
	{
		RUN("router counters --json");

		assert_non_null(strstr(run.out, "12345678901"));
		assert_non_null(strstr(run.out, "\"uuid\": \"v\""));
	}
}

static void explain_tells_the_steps(void **state)
{
	RUN("router explain 10.9.9.9 10.1.1.1 tcp/24 --interface if-pub --from-port 4000");

	assert_string_equal(
		run.out,
		"STEP  SECTION        OBJECT  ACTION  WHAT\n"
		"   1  port_forwards  pf-1    dnat    forwards port 24; now tcp 10.9.9.9 -> "
		"192.168.10.7:22\n"
		"verdict: accept: tcp 10.9.9.9:4000 -> 10.1.1.1:24 on if-pub\n");
	assert_int_equal(run.status, 0);
}

static void trace_prints_each_packet(void **state)
{
	RUN("router trace any fd00:0::1 icmp --count 2");

	assert_string_equal(run.out,
			    "verdict: drop: icmp any -> fd00::1\n\n"
			    "verdict: drop: icmp any -> fd00::1\n\n"
			    "lost: the kernel told more than could be read, packets may be "
			    "missing\n"
			    "ended: the time is over, 2 packets came\n");
	assert_int_equal(run.status, 0);
}

static void any_method_can_be_called(void **state)
{
	const struct fake *fake = *state;
	AUTO(free_ptr) char *by_address = mem_format("-s %s call Get", fake->address);
	AUTO(free_ptr)
	char *by_path = mem_format("call org.varlink.service.GetInfo -s %s", fake->address + 5);

	{
		RUN("call io.weft.VRouter.Counters {\"filter\":{\"kind\":\"x\"}}");

		assert_int_equal(run.status, 0);
		assert_non_null(strstr(run.out, "\"kind\": \"x\""));
	}
	{
		RUN_WITH("call io.weft.VRouter.Counters -", "{\"filter\":{\"kind\":\"y\"}}");

		assert_non_null(strstr(run.out, "\"kind\": \"y\""));
	}
	{
		RUN("call io.weft.VRouter.Status --more");

		assert_int_equal(run.status, 0);
		assert_non_null(strstr(run.out, "\"revision\":8"));
	}
	{
		RUN(by_address);

		assert_int_equal(run.status, 0);
		assert_non_null(strstr(run.out, "\"hash\": \"abc\""));
	}
	{
		RUN(by_path);

		assert_non_null(strstr(run.out, "\"product\": \"fake\""));
	}
	{
		RUN("call io.weft.VRouter.Nothing");

		assert_int_equal(run.status, 1);
		assert_string_equal(run.err, "the service has no method io.weft.VRouter.Nothing\n");
	}
}

static void a_daemon_that_is_not_there_is_told(void **state)
{
	RUN("host status");

	assert_int_equal(run.status, 1);
	assert_string_equal(run.err, "weft: unix:/nowhere/hostnet.sock: cannot connect: "
				     "No such file or directory\n");
}

static void wrong_usage_is_status_2(void **state)
{
	static const char *const wrong[] = {
		"",
		"router",
		"router fly",
		"fly",
		"router apply",
		"router apply a b",
		"router show --dry-run",
		"router explain 10.0.0.1",
		"router explain 10.0.0.1 10.0.0",
		"router explain any 10.0.0.1",
		"router explain 10.0.0.1 10.0.0.2 tcp/0",
		"router explain 10.0.0.1 10.0.0.2 tcp/x",
		"router explain 10.0.0.1 10.0.0.2 /80",
		"router explain 10.0.0.1 10.0.0.2 --from-port 1-2",
		"router trace any any --count 0",
		"router status --fly",
		"router status -s",
		"call",
		"call Status",
		"call some.where.Else",
		"completion fish",
	};

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		RUN(wrong[i]);

		assert_int_equal(run.status, 2);
		assert_string_equal(run.out, "");
		assert_true(strlen(run.err) > 0);
	}
}

static void help_is_everywhere(void **state)
{
	static const char *const asked[] = {
		"-h",      "router -h",    "host --help", "router apply -h", "host trace -h",
		"call -h", "completion -h"
	};

	for (size_t i = 0; i < ARRAY_SIZE(asked); i++) {
		RUN(asked[i]);

		assert_int_equal(run.status, 0);
		assert_string_equal(run.err, "");
		assert_memory_equal(run.out, "Usage: weft ", 12);
	}
	{
		RUN("--version");

		assert_string_equal(run.out, "weft " WEFT_VERSION "\n");
	}
}

/* What bash offers for a line whose last word is cut off at the cursor. */
static void bash_offers(const struct fake *fake, const char *line, const char *expected)
{
	AUTO(free_ptr)
	char *script = mem_format("eval \"$(%s completion bash)\"; COMP_WORDS=(%s); "
				  "COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _weft; "
				  "echo -n \"${COMPREPLY[*]}\"",
				  fake->program, line);
	char bash[] = "/bin/bash", option[] = "-c";
	char *argv[] = { bash, option, script, NULL };
	AUTO(run_clear) struct run run = spawn(argv, "");

	assert_string_equal(run.err, "");
	assert_string_equal(run.out, expected);
}

static void bash_completes_from_the_table(void **state)
{
	const struct fake *fake = *state;
	AUTO(free_ptr) char *line = mem_format("weft router apply %s/vr", fake->dir);

	if (access("/bin/bash", X_OK) < 0)
		skip();
	bash_offers(fake, "weft ''",
		    "login logout password create get query watch update delete do counters "
		    "document enroll "
		    "describe call "
		    "completion router host");
	bash_offers(fake, "weft ro", "router");
	bash_offers(fake, "weft router re", "reconcile");
	bash_offers(fake, "weft -s unix : /x host st", "status"); /* As bash cuts it. */
	bash_offers(fake, "weft --socket = unix : /x host st", "status");
	bash_offers(fake, "weft router apply --dr", "--dry-run");
	bash_offers(fake, "weft router show --dr", "");
	bash_offers(fake, "weft completion ''", "bash zsh");
	bash_offers(fake, line, fake->address + 5);
	bash_offers(fake, "weft router counters --uuid x --k", "--kind");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(apply_prints_the_changes_and_the_failures),
		cmocka_unit_test(a_dry_run_prints_the_changes_alone),
		cmocka_unit_test(a_document_comes_from_a_file_too),
		cmocka_unit_test(a_refused_document_is_told_with_its_place),
		cmocka_unit_test(machines_get_the_error_as_json),
		cmocka_unit_test(a_file_that_is_no_json_is_told_with_its_place),
		cmocka_unit_test(a_patch_on_another_revision_tells_which_is_held),
		cmocka_unit_test(show_prints_what_apply_takes),
		cmocka_unit_test(status_is_a_table),
		cmocka_unit_test(status_follows_until_the_stream_ends),
		cmocka_unit_test(counters_are_a_table_and_can_be_filtered),
		cmocka_unit_test(explain_tells_the_steps),
		cmocka_unit_test(trace_prints_each_packet),
		cmocka_unit_test(any_method_can_be_called),
		cmocka_unit_test(a_daemon_that_is_not_there_is_told),
		cmocka_unit_test(wrong_usage_is_status_2),
		cmocka_unit_test(help_is_everywhere),
		cmocka_unit_test(bash_completes_from_the_table),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
