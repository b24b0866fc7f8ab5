/* SPDX-License-Identifier: GPL-2.0-or-later */
/* controller_routers_take.c - whatever the model accepts, routers take. */
#include <errno.h>

#include "controller_taken.h"

extern const struct document_type router_document;

static void taken_by_all(struct bench *bench, const char *type_name, const struct attempt *attempt)
{
	const struct model_type *type = bench_type(type_name);
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	AUTO(err_clear) struct err err = ERR_NONE;
	struct db_query query = { 0 };
	json_t *state;

	assert_int_equal(db_query(model_db(bench->model), &type->table, &query, &rows, &err), 0);
	for (size_t i = 0; i < rows.n; i++) {
		const char *uuid = ((struct resource *)db_row(&rows, i))->uuid;

		if (project_router(bench->model, type, uuid, true, &state, &err) < 0)
			fail_msg("%s %s: no document: %s", type_name, uuid, err_text(&err));
		bench_is_taken(&router_document, state, attempt);
	}
}

static void taken(struct bench *bench, const struct attempt *attempt)
{
	taken_by_all(bench, "router", attempt);
	taken_by_all(bench, "vpc_router", attempt);
}

#define TRY(attempts) bench_try(*data, attempts, ARRAY_SIZE(attempts), taken)

#define RANGE(first, last, mask, gateway)                                                 \
	"{'name': 'n', 'l2_network': 'l2-public', 'category': 'public', 'start': '" first \
	"', 'end': '" last "', 'netmask': '" mask "', 'gateway': '" gateway "'}"
#define CIDR(cidr) \
	"{'name': 'n', 'l2_network': 'l2-public', 'category': 'public', 'cidr': '" cidr "'}"
#define VPC(rest)                                                                          \
	"{'name': 'n', 'l2_network': 'l2-public', 'category': 'private', 'architecture': " \
	"'vpc', 'vpc_router': 'vpc', " rest "}"

static void addresses_that_nobody_can_have(void **data)
{
	static const struct attempt attempts[] = {
		{ "create", "l3_network", NULL, CIDR("224.0.0.0/8"), "spec.cidr",
		  "224.0.0.1 is no address of an interface" },
		{ "create", "l3_network", NULL, CIDR("127.0.0.0/24"), "spec.cidr",
		  "127.0.0.1 is no address of an interface" },
		{ "create", "l3_network", NULL, CIDR("0.0.0.0/1"), "spec.cidr",
		  "0.0.0.1 is no address of an interface" },
		{ "create", "l3_network", NULL, CIDR("64.0.0.0/1"), "spec.cidr",
		  "0.0.0.1 is no address of an interface" },
		{ "create", "l3_network", NULL, CIDR("240.0.0.0/4"), "spec.cidr", "240.0.0.1" },
		{ "create", "l3_network", NULL,
		  RANGE("126.0.0.9", "128.0.0.9", "128.0.0.0", "126.0.0.1"), "spec.end",
		  "128.0.0.9 is not in the gateway's subnet" },
		{ "create", "l3_network", NULL,
		  RANGE("64.0.0.9", "127.255.255.250", "192.0.0.0", "64.0.0.1"), "spec.end",
		  "127.255.255.250 is no address" },
		{ "create", "l3_network", NULL,
		  RANGE("192.0.0.9", "223.255.255.250", "192.0.0.0", "230.0.0.1"), "spec.gateway",
		  "230.0.0.1 is no address" },
		{ "create", "l3_network", NULL, VPC("'cidr': '127.0.0.0/24'"), "spec.cidr",
		  "127.0.0.1" },
		{ "create", "l3_network", NULL, VPC("'cidr': '223.255.255.0/24'"), NULL, NULL },
		{ "create", "l3_network", NULL, VPC("'cidr': '1.0.0.0/24'"), NULL, NULL },
	};

	TRY(attempts);
}

/* Its gateway is the router's address. */
static void a_network_that_a_router_is_on_keeps_a_range(void **data)
{
	static const struct attempt attempts[] = {
		{ "create", "l3_network", NULL, VPC("'uuid': 'n', 'cidr': '172.16.0.0/24'"), NULL,
		  NULL },
		{ "create", "l2_network", NULL,
		  "{'name': 'x', 'uuid': 'x', 'zone': 'z', 'type': 'vlan', 'device': 'em02', "
		  "'vlan': 5}",
		  NULL, NULL },
		{ "create", "l3_network", NULL,
		  "{'name': 'y', 'uuid': 'y', 'l2_network': 'x', 'category': 'private', "
		  "'architecture': 'vpc'}",
		  NULL, NULL },
		{ "create", "ip_range", NULL,
		  "{'name': 'r', 'uuid': 'r', 'l3_network': 'y', 'start': '172.17.0.2', 'end': "
		  "'172.17.0.9', 'netmask': '255.255.255.0', 'gateway': '172.17.0.1'}",
		  NULL, NULL },
		{ "attach_network", "vpc_router", "vpc", "{'network': 'y'}", NULL, NULL },
		{ "delete", "ip_range", "r", NULL, "routers_have_one", "the last one" },
		{ "create", "ip_range", NULL,
		  "{'name': 's', 'uuid': 's', 'l3_network': 'y', 'start': '172.17.0.12', 'end': "
		  "'172.17.0.19', 'netmask': '255.255.255.0', 'gateway': '172.17.0.1'}",
		  NULL, NULL },
		{ "delete", "ip_range", "r", NULL, NULL, NULL },
		{ "delete", "ip_range", "s", NULL, "routers_have_one", "the last one" },
		{ "detach_network", "vpc_router", "vpc", "{'network': 'y'}", NULL, NULL },
		{ "delete", "ip_range", "s", NULL, NULL, NULL },
	};

	TRY(attempts);
}

#define FORWARD(rest)                                                                             \
	"{'name': 'n', 'protocol': 'tcp', 'vip_ports': '99', 'nic': 'nic-web', 'vip': 'v', " rest \
	"}"

static void ports_and_their_clients(void **data)
{
	static const struct attempt attempts[] = {
		{ "create", "vip", NULL, "{'name': 'v', 'uuid': 'v', 'network': 'public'}", NULL,
		  NULL },
		{ "create", "port_forward", NULL, FORWARD("'allowed_cidr': '2001:db8::/32'"),
		  "spec.allowed_cidr", "another family" },
		{ "create", "port_forward", NULL, FORWARD("'allowed_cidr': '0.0.0.0/0'"), NULL,
		  NULL },
		/* Numbers, whatever the protocol. */
		{ "create", "port_forward", NULL,
		  "{'name': 'u', 'vip': 'v', 'protocol': 'udp', 'vip_ports': '53', 'nic': "
		  "'nic-web'}",
		  NULL, NULL },
		{ "create", "port_forward", NULL,
		  "{'name': 't', 'vip': 'v', 'protocol': 'tcp', 'vip_ports': '53', 'nic': "
		  "'nic-web'}",
		  NULL, NULL },
		{ "create", "load_balancer", NULL, "{'name': 'l', 'uuid': 'l', 'vip': 'v'}", NULL,
		  NULL },
		{ "create", "listener", NULL,
		  "{'name': 'x', 'load_balancer': 'l', 'port': 53, 'target_port': 53}", "port_free",
		  "has port 53 of the VIP" },
		{ "create", "listener", NULL,
		  "{'name': 'x', 'load_balancer': 'l', 'port': 80, 'target_port': 53, 'nics': "
		  "['nic-web', 'nic-app']}",
		  NULL, NULL },
		{ "create", "port_forward", NULL,
		  "{'name': 'u', 'vip': 'v', 'protocol': 'udp', 'vip_ports': '70-90', 'nic': "
		  "'nic-web'}",
		  "ports_free", "listener x has port 80" },
		{ "create", "listener", NULL,
		  "{'name': 'x', 'load_balancer': 'l', 'port': 81, 'target_port': 53, 'nics': "
		  "['nic-web', 'nic-web']}",
		  "spec.nics[1]", "named twice" },
	};

	TRY(attempts);
}

static void a_router_without_management_network_keeps_its_port(void **data)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	struct bench *bench = *data;
	struct err err = ERR_NONE;
	AUTO(free_ptr) char *forward = NULL, *udp = NULL, *balancer = NULL;
	const char *vip;

	assert_int_equal(model_find(bench->model, bench_type("vip"), &rows, &err, "own_vpc_router",
				    "m"),
			 0);
	vip = ((struct resource *)db_row(&rows, 0))->uuid;
	forward = mem_format("{'name': 'n', 'vip': '%s', 'protocol': 'tcp', 'vip_ports': '20-30'}",
			     vip);
	udp = mem_format("{'name': 'n', 'vip': '%s', 'protocol': 'udp', 'vip_ports': '20-30'}",
			 vip);
	balancer = mem_format("{'name': 'n', 'uuid': 'lm', 'vip': '%s'}", vip);

	const struct attempt attempts[] = {
		{ "create", "port_forward", NULL, forward, "management_reached",
		  "managed by TCP 22" },
		{ "create", "load_balancer", NULL, balancer, NULL, NULL },
		{ "create", "listener", NULL,
		  "{'name': 'n', 'load_balancer': 'lm', 'port': 22, 'target_port': 22}",
		  "management_reached", "managed by TCP 22" },
		{ "create", "port_forward", NULL, udp, NULL, NULL },
	};

	TRY(attempts);
}

#define IPSEC(uuid, rest) \
	"{'name': '" uuid "', 'uuid': '" uuid "', 'vip': 'v', 'psk': 'k', " rest "}"

static void tunnels_and_what_is_behind_them(void **data)
{
	AUTO(db_rows_clear) struct db_rows rows = DB_ROWS_NONE;
	struct bench *bench = *data;
	struct err err = ERR_NONE;
	AUTO(free_ptr) char *own = NULL;

	assert_int_equal(model_find(bench->model, bench_type("router_nic"), &rows, &err,
				    "vpc_router", "vpc", "role", "public"),
			 0);
	own = mem_format(IPSEC("n", "'local_networks': ['web'], 'remote_cidrs': ['172.30.0.0/16'], "
				    "'remote_address': '%s'"),
			 ip_text(&((struct router_nic *)db_row(&rows, 0))->address).s);

	const struct attempt attempts[] = {
		{ "create", "vip", NULL,
		  "{'name': 'v', 'uuid': 'v', 'network': 'public', 'address': '10.108.10.9'}", NULL,
		  NULL },
		{ "create", "vip", NULL, "{'name': 'w', 'uuid': 'w', 'network': 'public'}", NULL,
		  NULL },
		{ "create", "ipsec_connection", NULL,
		  IPSEC("n", "'local_networks': ['web'], 'remote_cidrs': ['172.30.0.0/16'], "
			     "'remote_address': '2001:db8::1'"),
		  "spec.remote_address", "another family" },
		{ "create", "ipsec_connection", NULL,
		  IPSEC("n", "'local_networks': ['web'], 'remote_cidrs': ['172.30.0.0/16'], "
			     "'remote_address': '10.108.10.9'"),
		  "apart_from_router", "10.108.10.9 is its VIP's own address" },
		{ "create", "ipsec_connection", NULL, own, "apart_from_router",
		  "is its router's own address" },
		{ "create", "ipsec_connection", NULL,
		  IPSEC("n", "'local_networks': ['web'], 'remote_cidrs': ['2001:db8::/32'], "
			     "'remote_address': '10.9.9.9'"),
		  "sides_differ", "2001:db8::/32 is of another family" },
		{ "create", "ipsec_connection", NULL,
		  IPSEC("n", "'local_networks': ['web'], 'remote_cidrs': ['192.168.11.128/25'], "
			     "'remote_address': '10.9.9.9'"),
		  "apart_from_router", "192.168.11.128/25 overlaps l3_network app" },
		{ "create", "ipsec_connection", NULL,
		  IPSEC("n", "'local_networks': ['web'], 'remote_cidrs': ['192.168.0.0/16'], "
			     "'remote_address': '10.9.9.9'"),
		  "sides_differ", "overlaps the local subnet" },
		{ "create", "ipsec_connection", NULL,
		  IPSEC("n", "'local_networks': ['web'], 'remote_cidrs': ['192.168.29.0/24'], "
			     "'remote_address': '10.9.9.9'"),
		  "apart_from_router", "overlaps l3_network mgt" },
		{ "create", "ipsec_connection", NULL,
		  IPSEC("one", "'local_networks': ['web'], 'remote_cidrs': ['172.30.0.0/16', "
			       "'172.30.1.0/24', '10.0.0.0/8'], 'remote_address': '10.9.9.9'"),
		  NULL, NULL },
		{ "create", "ipsec_connection", NULL,
		  IPSEC("n", "'local_networks': ['app'], 'remote_cidrs': ['172.30.2.0/24'], "
			     "'remote_address': '10.9.9.8'"),
		  "apart_from_others",
		  "172.30.2.0/24 is behind the peer of ipsec_connection one too" },
		{ "create", "ipsec_connection", NULL,
		  "{'name': 'n', 'vip': 'w', 'psk': 'k', 'local_networks': ['app', 'web'], "
		  "'remote_cidrs': ['172.30.2.0/24'], 'remote_address': '10.9.9.8'}",
		  "apart_from_others", "behind the peer of ipsec_connection one too" },
		{ "create", "ipsec_connection", NULL,
		  "{'name': 'two', 'uuid': 'two', 'vip': 'w', 'psk': 'k', 'local_networks': "
		  "['app'], 'remote_cidrs': ['172.30.2.0/24'], 'remote_address': '10.9.9.8'}",
		  NULL, NULL },
		{ "attach_network", "ipsec_connection", "two", "{'network': 'web'}",
		  "apart_from_others", "ipsec_connection one" },
		{ "add_remote_cidr", "ipsec_connection", "two", "{'cidr': '192.168.10.0/28'}",
		  "apart_from_router", "l3_network web" },
		/* One is in the other's place. */
		{ "disable", "ipsec_connection", "one", NULL, NULL, NULL },
		{ "attach_network", "ipsec_connection", "two", "{'network': 'web'}", NULL, NULL },
		{ "enable", "ipsec_connection", "one", NULL, "apart_from_others",
		  "172.30.0.0/16 is behind the peer of ipsec_connection two too" },
		{ "create", "l3_network", NULL, VPC("'cidr': '172.30.0.0/24'"), "apart_on_router",
		  "172.30.0.0/16 is behind the peer of ipsec_connection one" },
		{ "create", "l3_network", NULL, VPC("'cidr': '172.31.0.0/24'"), NULL, NULL },
	};

	TRY(attempts);
}

#define ROUTE(table, rest) "{'route_table': '" table "', 'next_hop': '10.0.0.9', " rest "}"

static void routes_that_are_there_already(void **data)
{
	static const struct attempt attempts[] = {
		{ "create", "route_table", NULL,
		  "{'name': 't', 'uuid': 't', 'vpc_routers': ['vpc']}", NULL, NULL },
		{ "create", "route_entry", NULL, ROUTE("t", "'destination': '172.18.0.0/24'"), NULL,
		  NULL },
		{ "create", "route_entry", NULL, ROUTE("t", "'destination': '172.18.0.9/24'"),
		  "routes_once", "route_table t has a route to 172.18.0.0/24 of priority 128" },
		{ "create", "route_entry", NULL,
		  ROUTE("t", "'destination': '172.18.0.0/24', 'priority': 2"), NULL, NULL },
		{ "create", "route_entry", NULL, ROUTE("t", "'destination': '172.18.0.0/25'"), NULL,
		  NULL },
		{ "create", "route_table", NULL, "{'name': 'u', 'uuid': 'u'}", NULL, NULL },
		{ "create", "route_entry", NULL, ROUTE("u", "'destination': '172.18.0.0/24'"), NULL,
		  NULL },
		{ "attach_router", "route_table", "u", "{'vpc_router': 'vpc'}", "routes_once",
		  "route_table t has a route" },
		{ "attach_router", "route_table", "u", "{'vpc_router': 'm'}", NULL, NULL },
		{ "create", "route_table", NULL,
		  "{'name': 'w', 'uuid': 'w', 'vpc_routers': ['vpc', 'm']}", NULL, NULL },
		{ "create", "route_entry", NULL, ROUTE("w", "'destination': '172.18.0.0/24'"),
		  "routes_once", "has a route to 172.18.0.0/24 of priority 128" },
		{ "create", "route_entry", NULL, ROUTE("w", "'destination': '0.0.0.0/0'"), NULL,
		  NULL },
		{ "create", "route_entry", NULL, ROUTE("w", "'destination': '255.255.255.255/32'"),
		  NULL, NULL },
		{ "create", "route_entry", NULL,
		  "{'route_table': 'w', 'destination': '::/0', 'type': 'blackhole'}", NULL, NULL },
	};

	TRY(attempts);
}

/* Also of what came along with something else. */
static void of_what_is_new_nobody_has_said_anything(void **data)
{
	static const char *const types[] = { "vip", "nic", "vpc_router" };
	struct bench *bench = *data;
	json_t *objects, *object;
	size_t n;

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		AUTO(err_clear) struct err err = ERR_NONE;
		struct db_query query = { 0 };

		assert_int_equal(model_query(bench->model, bench_type(types[i]), &query, NULL,
					     &objects, NULL, &err),
				 0);
		assert_true(json_array_size(objects) > 0);
		json_array_foreach (objects, n, object) {
			const char *connection =
				json_string_value(json_object_get(object, "connection"));

			assert_null(json_object_get(object, "health"));
			assert_true(!connection || strcmp(connection, "disconnected") == 0);
		}
		json_decref(objects);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(addresses_that_nobody_can_have, bench_open,
						bench_close),
		cmocka_unit_test_setup_teardown(a_network_that_a_router_is_on_keeps_a_range,
						bench_open, bench_close),
		cmocka_unit_test_setup_teardown(ports_and_their_clients, bench_open, bench_close),
		cmocka_unit_test_setup_teardown(a_router_without_management_network_keeps_its_port,
						bench_open, bench_close),
		cmocka_unit_test_setup_teardown(tunnels_and_what_is_behind_them, bench_open,
						bench_close),
		cmocka_unit_test_setup_teardown(routes_that_are_there_already, bench_open,
						bench_close),
		cmocka_unit_test_setup_teardown(of_what_is_new_nobody_has_said_anything, bench_open,
						bench_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
