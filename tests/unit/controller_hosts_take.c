/* SPDX-License-Identifier: GPL-2.0-or-later */
/* controller_hosts_take.c - whatever the model accepts, hosts take. */
#include <errno.h>

#include "controller_taken.h"

extern const struct document_type host_document;

static void taken(struct bench *bench, const struct attempt *attempt)
{
	for (int n = 1; n <= 2; n++) {
		AUTO(err_clear) struct err err = ERR_NONE;
		json_t *state;

		if (project_host(bench->model, n == 1 ? "h1" : "h2", &state, &err) < 0)
			fail_msg("no document: %s", err_text(&err));
		bench_is_taken(&host_document, state, attempt);
	}
}

#define TRY(attempts) bench_try(*data, attempts, ARRAY_SIZE(attempts), taken)

/* How many the document of the first host has in a section. */
static size_t n_of(struct bench *bench, const char *section)
{
	struct err err = ERR_NONE;
	json_t *state;
	size_t n;

	assert_int_equal(project_host(bench->model, "h1", &state, &err), 0);
	n = json_array_size(json_object_get(state, section));
	json_decref(state);
	return n;
}

static void names(void **data)
{
	static const struct attempt attempts[] = {
		{ "create", "l2_network", NULL,
		  "{'name': 'n', 'zone': 'z', 'type': 'novlan', 'device': 'em 01'}", "spec.device",
		  "cannot be the name of a link" },
		{ "create", "l2_network", NULL,
		  "{'name': 'n', 'zone': 'z', 'type': 'novlan', 'device': 'lo'}", "spec.device",
		  "cannot be the name of a link" },
		{ "create", "l2_network", NULL,
		  "{'name': 'n', 'zone': 'z', 'type': 'novlan', 'device': ''}", "spec.device", "" },
		{ "create", "host", NULL,
		  "{'name': 'n', 'cluster': 'c1', 'address': '10.12.0.9', 'devices': [{'name': "
		  "'em01'}, {'name': 'a/b'}]}",
		  "spec.devices[1].name", "cannot be the name of a link" },
		{ "update", "nic", "nic-web", "{'hostname': 'a b'}", "spec.hostname",
		  "is no host's name" },
		{ "update", "nic", "nic-web", "{'hostname': ''}", "spec.hostname",
		  "is no host's name" },
		{ "update", "nic", "nic-web", "{'hostname': 'web-1'}", NULL, NULL },
		{ "update", "nic", "nic-web", "{'hostname': null}", NULL, NULL },
		{ "create", "nic", NULL, "{'vm': 'vm-web', 'l3_network': 'app', 'hostname': '-a'}",
		  "spec.hostname", "is no host's name" },
	};

	TRY(attempts);
}

static void user_data_and_keys(void **data)
{
	static const struct attempt attempts[] = {
		{ "update", "vm", "vm-web", "{'user_data': 'not base64'}", "spec.user_data", "" },
		{ "update", "vm", "vm-web", "{'user_data': 'cGxhbnRlZA=='}", NULL, NULL },
		{ "update", "vm", "vm-web", "{'user_data': ''}", NULL, NULL },
		{ "update", "vm", "vm-web", "{'ssh_keys': ['']}", "spec.ssh_keys[0]", "1 to" },
		{ "update", "vm", "vm-web", "{'ssh_keys': ['a\\nb']}", "spec.ssh_keys[0]",
		  "control" },
		{ "update", "vm", "vm-web", "{'ssh_keys': ['ssh-ed25519 AAAA', 'x']}", NULL, NULL },
	};

	TRY(attempts);
}

/* What does not reach the host is not told it, and stops nothing else. */
static void networks_that_do_not_reach_the_host(void **data)
{
	static const struct attempt elsewhere[] = {
		{ "create", "l2_network", NULL,
		  "{'name': 'x', 'uuid': 'x', 'zone': 'z', 'type': 'vlan', 'device': 'em02', "
		  "'vlan': 5, 'clusters': ['c2']}",
		  NULL, NULL },
		{ "create", "l3_network", NULL,
		  "{'name': 'x3', 'uuid': 'x3', 'l2_network': 'x', 'category': 'private', "
		  "'architecture': 'flat', 'cidr': '172.16.0.0/24'}",
		  NULL, NULL },
		{ "create", "nic", NULL, "{'uuid': 'nic-x', 'vm': 'vm-web', 'l3_network': 'x3'}",
		  NULL, NULL },
		{ "create", "eip", NULL,
		  "{'name': 'e', 'uuid': 'e', 'network': 'public', 'nic': 'nic-flat'}", NULL,
		  NULL },
	};
	static const struct attempt attached[] = {
		{ "attach_cluster", "l2_network", "x", "{'cluster': 'c1'}", NULL, NULL },
	};
	static const struct attempt detached[] = {
		{ "detach_cluster", "l2_network", "l2-public", "{'cluster': 'c1'}", NULL, NULL },
		{ "detach_cluster", "l2_network", "l2-flat", "{'cluster': 'c1'}", NULL, NULL },
		{ "update", "vpc_router", "vpc", "{'distributed_routing': true}", NULL, NULL },
		{ "detach_cluster", "l2_network", "l2-web", "{'cluster': 'c1'}", NULL, NULL },
	};

	TRY(elsewhere);
	assert_int_equal(n_of(*data, "ports"), 3);
	assert_int_equal(n_of(*data, "eips"), 1);
	TRY(attached);
	assert_int_equal(n_of(*data, "ports"), 4);
	TRY(detached);
	assert_int_equal(n_of(*data, "ports"), 2);
	assert_int_equal(n_of(*data, "eips"), 0);
}

#define POOL(uuid, start, end)                                                      \
	"{'name': '" uuid "', 'uuid': '" uuid "', 'zone': 'z', 'start_vni': " start \
	", 'end_vni': " end "}"
#define VXLAN(uuid, pool, rest)                                                                   \
	"{'name': '" uuid "', 'uuid': '" uuid "', 'type': 'vxlan', 'vxlan_pool': '" pool "'" rest \
	"}"

static void vxlans(void **data)
{
	static const struct attempt attempts[] = {
		{ "create", "vxlan_pool", NULL, POOL("p", "100", "101"), NULL, NULL },
		{ "attach_cluster", "vxlan_pool", "p",
		  "{'cluster': 'c1', 'vtep_cidr': 'fd00::/64'}", "parameters.vtep_cidr",
		  "VXLAN goes over IPv4" },
		{ "attach_cluster", "vxlan_pool", "p",
		  "{'cluster': 'c1', 'vtep_cidr': '10.0.0.0/8'}", NULL, NULL },
		{ "create", "l2_network", NULL, VXLAN("p100", "p", ", 'vni': 100"), NULL, NULL },
		{ "create", "vxlan_pool", NULL, POOL("q", "100", "102"), NULL, NULL },
		{ "create", "l2_network", NULL, VXLAN("q100", "q", ", 'vni': 100"), NULL, NULL },
		{ "attach_cluster", "vxlan_pool", "q",
		  "{'cluster': 'c1', 'vtep_cidr': '10.0.0.0/8'}", "vnis_apart",
		  "VNI 100, that of l2_network q100" },
		{ "attach_cluster", "vxlan_pool", "q",
		  "{'cluster': 'c2', 'vtep_cidr': '10.0.0.0/8'}", NULL, NULL },
		{ "delete", "l2_network", "q100", NULL, NULL, NULL },
		{ "attach_cluster", "vxlan_pool", "q",
		  "{'cluster': 'c1', 'vtep_cidr': '10.0.0.0/8'}", NULL, NULL },
		{ "create", "l2_network", NULL, VXLAN("n", "q", ", 'vni': 100"), "vni_once",
		  "another one with VNI 100" },
		/* Those that nobody names are free on all clusters. */
		{ "create", "l2_network", NULL, VXLAN("q1", "q", ""), NULL, NULL },
		{ "create", "l2_network", NULL, VXLAN("q2", "q", ""), NULL, NULL },
		{ "create", "l2_network", NULL, VXLAN("n", "q", ""), "spec.vxlan_pool",
		  "no free VNI" },
	};

	TRY(attempts);
}

#define FLAT(uuid)                                                                       \
	"{'name': '" uuid "', 'uuid': '" uuid "', 'l2_network': 'l2-flat', 'category': " \
	"'private', 'architecture': 'flat', 'cidr': '172.16.0.0/29'}"

/* Three networks of the same five addresses: each has one for its DHCP server. */
static void networks_with_the_same_addresses(void **data)
{
	static const struct attempt attempts[] = {
		{ "create", "l3_network", NULL, FLAT("f1"), NULL, NULL },
		{ "create", "l3_network", NULL, FLAT("f2"), NULL, NULL },
		{ "create", "l3_network", NULL, FLAT("f3"), NULL, NULL },
		{ "create", "nic", NULL, "{'vm': 'vm-flat', 'l3_network': 'f1'}", NULL, NULL },
		{ "create", "nic", NULL, "{'vm': 'vm-flat', 'l3_network': 'f2'}", NULL, NULL },
		{ "create", "nic", NULL, "{'vm': 'vm-flat', 'l3_network': 'f3'}", NULL, NULL },
	};

	TRY(attempts);
}

static void groups(void **data)
{
	static const struct attempt attempts[] = {
		{ "create", "security_group", NULL,
		  "{'name': 'g', 'uuid': 'g', 'l3_networks': ['web'], 'nics': ['nic-web']}", NULL,
		  NULL },
		{ "create", "security_group_rule", NULL,
		  "{'security_group': 'g', 'direction': 'ingress', 'protocol': 'tcp', "
		  "'start_port': 1, 'end_port': 65535, 'cidr': '2001:db8::1/64'}",
		  NULL, NULL },
		{ "create", "security_group_rule", NULL,
		  "{'security_group': 'g', 'direction': 'egress', 'protocol': 'icmp', 'cidr': "
		  "'0.0.0.0/0'}",
		  NULL, NULL },
		{ "create", "security_group", NULL,
		  "{'name': 'h', 'l3_networks': ['web'], 'nics': ['nic-web', 'nic-web']}",
		  "spec.nics[1]", "named twice" },
	};

	TRY(attempts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(names, bench_open, bench_close),
		cmocka_unit_test_setup_teardown(user_data_and_keys, bench_open, bench_close),
		cmocka_unit_test_setup_teardown(networks_that_do_not_reach_the_host, bench_open,
						bench_close),
		cmocka_unit_test_setup_teardown(vxlans, bench_open, bench_close),
		cmocka_unit_test_setup_teardown(networks_with_the_same_addresses, bench_open,
						bench_close),
		cmocka_unit_test_setup_teardown(groups, bench_open, bench_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
