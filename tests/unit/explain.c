/* SPDX-License-Identifier: GPL-2.0-or-later */
/* explain.c - what is told of a packet's way, in the words of the document. */
#include "tests/unit/router_bench.h"

#include "lib/base/text.h"
#include "vrouter/explain/explain.h"

#define SECTIONS                                                                                   \
	"'dns':{'forwarders':['223.5.5.5']},"                                                      \
	"'dhcp':[{'uuid':'d','network':'l3-web','hosts':[]}],"                                     \
	"'vips':[{'uuid':'vip-1','address':'10.1.0.1','network':'l3-pub'},"                        \
	"{'uuid':'vip-2','address':'10.1.0.2','network':'l3-pub'},"                                \
	"{'uuid':'vip-b','address':'203.0.113.2','network':'l3-b'}],"                              \
	"'eips':[{'uuid':'eip-1','vip':'vip-1','target':'192.168.10.226'},"                        \
	"{'uuid':'eip-b','vip':'vip-b','target':'192.168.11.7'}],"                                 \
	"'port_forwards':["                                                                        \
	"{'uuid':'pf-1','vip':'vip-2','protocol':'tcp','vip_ports':'24',"                          \
	"'target':'192.168.10.167','target_ports':'22'},"                                          \
	"{'uuid':'pf-2','vip':'vip-2','protocol':'tcp','vip_ports':'30-40',"                       \
	"'target':'192.168.11.5','allowed_cidr':'10.0.79.0/24'}],"                                 \
	"'load_balancers':[{'uuid':'lb-1','vip':'vip-2','listeners':[{'uuid':'ls-1','port':80,"    \
	"'target_port':5000,'members':[]},{'uuid':'ls-2','protocol':'https','port':443,"           \
	"'target_port':5000,'members':[]}]}],"                                                     \
	"'ipsec':[{'uuid':'ips-1','vip':'vip-2','remote_address':'10.9.9.9','auth':{'psk':'k'},"   \
	"'local_cidrs':['192.168.10.0/24'],'remote_cidrs':['172.20.0.0/16']}],"                    \
	"'routes':["                                                                               \
	"{'uuid':'rt-1','destination':'172.18.0.0/24','type':'static','next_hop':'10.0.108.102'}," \
	"{'uuid':'rt-2','destination':'192.0.2.0/24','type':'blackhole','priority':10}],"          \
	"'firewall':["                                                                             \
	"{'uuid':'fw-1','interface':'if-pub','direction':'in','priority':20,'action':'drop',"      \
	"'protocol':'tcp','source':'10.0.80.0/24','destination_ports':['22']},"                    \
	"{'uuid':'fw-2','interface':'if-app','direction':'out','priority':7,'action':'reject',"    \
	"'protocol':'udp','destination':'192.168.11.9'}]"

struct told {
	json_t *json;
	struct text text; /* A step a line: "OBJECT ACTION". */
};

static void told_clear(struct told *told)
{
	json_decref(told->json);
	text_clear(&told->text);
}

static struct told tell_on(const char *interfaces, int nics, const char *packet_text)
{
	AUTO(bench_document_free)
	struct document *document = bench_document_of("", interfaces, SECTIONS);
	AUTO(facts_clear) struct facts facts = FACTS_NONE;
	AUTO(err_clear) struct err err = ERR_NONE;
	struct told told = { NULL, TEXT_NONE };
	struct packet packet = { 0 };
	json_t *json = bench_json(packet_text), *step;
	size_t i;

	bench_facts(&facts, nics);
	if (field_decode(packet_fields, json, &packet, &err) < 0)
		fail_msg("%s", err_text(&err));
	json_decref(json);
	told.json = router_explain(document, &facts, &packet, &err);
	if (!told.json)
		fail_msg("%s", err_text(&err));
	field_clear(packet_fields, &packet);
	json_array_foreach (json_object_get(told.json, "steps"), i, step)
		text_format(&told.text, "%s%s %s", i ? ", " : "",
			    json_string_value(json_object_get(step, "object")),
			    json_string_value(json_object_get(step, "action")));
	return told;
}

static struct told tell(const char *packet_text)
{
	return tell_on(BENCH_INTERFACES BENCH_PUBLIC_B, 4, packet_text);
}

static const char *text_at(const struct told *told, size_t i)
{
	json_t *steps = json_object_get(told->json, "steps");

	return json_string_value(json_object_get(json_array_get(steps, i), "text"));
}

static void ends(const struct told *told, const char *verdict, const char *steps)
{
	assert_string_equal(text_view(&told->text), steps);
	assert_string_equal(json_string_value(json_object_get(told->json, "verdict")), verdict);
}

static void leaves_as(const struct told *told, const char *from, const char *to)
{
	json_t *packet = json_object_get(told->json, "packet");

	assert_string_equal(json_string_value(json_object_get(packet, "from")), from);
	assert_string_equal(json_string_value(json_object_get(packet, "to")), to);
}

static void an_elastic_ip_leads_to_its_guest(void **state)
{
	AUTO(told_clear)
	struct told told = tell("{'from':'10.0.79.68','to':'10.1.0.1','to_port':22}");

	(void)state;
	ends(&told, "accept", "if-pub enter, eip-1 dnat, if-web route, r-1 filter, if-web leave");
	leaves_as(&told, "10.0.79.68", "192.168.10.226");
	assert_string_equal(text_at(&told, 1), "10.1.0.1 stands for eip-1: to 192.168.10.226");
}

static void a_guest_leaves_as_its_elastic_ip_or_as_the_router(void **state)
{
	AUTO(told_clear) struct told own = tell("{'from':'192.168.10.226','to':'8.8.8.8'}");
	AUTO(told_clear) struct told shared = tell("{'from':'192.168.10.5','to':'8.8.8.8'}");

	(void)state;
	ends(&own, "accept", "if-web enter, if-pub route, r-1 filter, eip-1 snat, if-pub leave");
	leaves_as(&own, "10.1.0.1", "8.8.8.8");
	ends(&shared, "accept",
	     "if-web enter, if-pub route, r-1 filter, if-web snat, if-pub leave");
	leaves_as(&shared, "10.108.13.216", "8.8.8.8");
}

static void an_elastic_ip_elsewhere_chooses_the_way_out(void **state)
{
	AUTO(told_clear)
	struct told told = tell_on(BENCH_INTERFACES BENCH_PUBLIC_B, 5,
				   "{'from':'192.168.11.7','to':'8.8.8.8'}");

	(void)state;
	ends(&told, "accept", "if-app enter, eip-b route, r-1 filter, eip-b snat, if-b leave");
	leaves_as(&told, "203.0.113.2", "8.8.8.8");
}

static void a_port_forward_asks_for_port_and_client(void **state)
{
	AUTO(told_clear)
	struct told open = tell("{'from':'10.0.79.68','to':'10.1.0.2','to_port':24}");
	AUTO(told_clear)
	struct told allowed = tell("{'from':'10.0.79.68','to':'10.1.0.2','to_port':35}");
	AUTO(told_clear)
	struct told refused = tell("{'from':'10.0.81.5','to':'10.1.0.2','to_port':35}");

	(void)state;
	ends(&open, "accept", "if-pub enter, pf-1 dnat, if-web route, r-1 filter, if-web leave");
	assert_int_equal(json_integer_value(
				 json_object_get(json_object_get(open.json, "packet"), "to_port")),
			 22);
	leaves_as(&allowed, "10.0.79.68", "192.168.11.5");
	ends(&refused, "drop", "if-pub enter, pf-2 miss, r-1 filter");
	assert_string_equal(text_at(&refused, 1),
			    "10.0.81.5 is not in 10.0.79.0/24, which alone pf-2 allows");
}

static void a_near_miss_is_told(void **state)
{
	AUTO(told_clear)
	struct told told = tell("{'from':'10.0.79.68','to':'10.1.0.2','to_port':25}");

	(void)state;
	ends(&told, "drop", "if-pub enter, r-1 filter");
	assert_string_equal(
		text_at(&told, 1),
		"tcp port 25 of vip-2 (10.1.0.2): no port forward or listener; pf-1 has "
		"tcp 24, pf-2 has tcp 30-40, ls-1 of lb-1 has tcp 80, ls-2 of lb-1 has "
		"tcp 443");
}

static void a_neighbour_behind_a_vip_answers_through_the_router(void **state)
{
	AUTO(told_clear)
	struct told same = tell("{'from':'192.168.10.5','to':'10.1.0.2','to_port':24}");
	AUTO(told_clear)
	struct told other = tell("{'from':'192.168.11.5','to':'10.1.0.2','to_port':24}");

	(void)state;
	ends(&same, "accept",
	     "if-web enter, pf-1 dnat, if-web route, r-1 filter, if-web snat, if-web leave");
	leaves_as(&same, "192.168.10.1", "192.168.10.167");
	leaves_as(&other, "192.168.11.5", "192.168.10.167");
}

static void listeners_are_for_outside_unless_the_router_says_so(void **state)
{
	AUTO(told_clear)
	struct told outside = tell("{'from':'10.0.79.68','to':'10.1.0.2','to_port':80}");
	AUTO(told_clear)
	struct told inside = tell("{'from':'192.168.10.5','to':'10.1.0.2','to_port':80}");
	AUTO(told_clear)
	struct told inactive = tell("{'from':'10.0.79.68','to':'10.1.0.2','to_port':443}");

	(void)state;
	ends(&outside, "accept", "if-pub enter, lb-1 deliver");
	ends(&inside, "drop", "if-web enter, r-1 filter");
	assert_string_equal(text_at(&inside, 1),
			    "listener ls-1 of lb-1 is not for private clients: private_default is "
			    "reject");
	ends(&inactive, "drop", "if-pub enter, lb-1 rest, r-1 filter");
}

static void routes_are_followed(void **state)
{
	AUTO(told_clear) struct told out = tell("{'from':'192.168.10.5','to':'172.18.0.9'}");
	AUTO(told_clear) struct told in = tell("{'from':'172.18.0.9','to':'192.168.10.5'}");
	AUTO(told_clear) struct told hole = tell("{'from':'192.168.10.5','to':'192.0.2.1'}");

	(void)state;
	ends(&out, "accept", "if-web enter, rt-1 route, r-1 filter, rt-1 filter, if-pub leave");
	leaves_as(&out, "192.168.10.5", "172.18.0.9");
	assert_string_equal(text_at(&out, 1),
			    "172.18.0.9 is in 172.18.0.0/24: by if-pub, to 10.0.108.102");
	ends(&in, "accept", "if-pub enter, if-web route, rt-1 filter, if-web leave");
	ends(&hole, "drop", "if-web enter, rt-2 drop");
}

static void private_networks_are_closed(void **state)
{
	AUTO(told_clear) struct told outside = tell("{'from':'10.0.79.68','to':'192.168.10.5'}");
	AUTO(told_clear)
	struct told forged = tell("{'from':'192.168.11.9','to':'192.168.10.5','interface':'eth1'}");
	AUTO(told_clear)
	struct told foreign =
		tell("{'from':'172.16.9.9','to':'192.168.11.5','interface':'if-web'}");
	AUTO(told_clear) struct told between = tell("{'from':'192.168.10.5','to':'192.168.11.5'}");
	AUTO(told_clear)
	struct told management = tell("{'from':'192.168.10.5','to':'192.168.29.7'}");

	(void)state;
	ends(&outside, "drop", "if-pub enter, if-web route, r-1 filter");
	ends(&forged, "drop", "if-pub enter, if-web route, r-1 filter");
	assert_string_equal(text_at(&forged, 2),
			    "192.168.11.9 belongs to a private network and comes from if-pub");
	ends(&foreign, "drop", "if-web enter, if-web drop");
	ends(&between, "accept", "if-web enter, if-app route, r-1 filter, if-app leave");
	ends(&management, "drop", "if-web enter, if-mgt route, r-1 filter");
}

static void tunnels_are_sealed_at_both_ends(void **state)
{
	AUTO(told_clear) struct told in = tell("{'from':'192.168.10.226','to':'172.20.1.1'}");
	AUTO(told_clear) struct told stranger = tell("{'from':'192.168.11.5','to':'172.20.1.1'}");
	AUTO(told_clear) struct told out = tell("{'from':'172.20.1.1','to':'192.168.10.9'}");
	AUTO(told_clear)
	struct told clear = tell("{'from':'172.20.1.1','to':'192.168.10.9','interface':'if-pub'}");
	AUTO(told_clear) struct told other = tell("{'from':'172.20.1.1','to':'192.168.11.9'}");
	AUTO(told_clear) struct told by_vip = tell("{'from':'172.20.1.1','to':'10.1.0.1'}");

	(void)state;
	ends(&in, "accept", "if-web enter, if-pub route, r-1 filter, ips-1 leave");
	leaves_as(&in, "192.168.10.226", "172.20.1.1");
	assert_string_equal(text_at(&in, 3),
			    "goes sealed from 10.1.0.2 to 10.9.9.9, with its own source");
	ends(&stranger, "drop", "if-app enter, if-pub route, ips-1 drop");
	ends(&out, "accept", "if-pub enter, if-web route, ips-1 enter, ips-1 filter, if-web leave");
	ends(&clear, "drop", "if-pub enter, if-web route, ips-1 drop");
	ends(&other, "drop", "if-pub enter, if-app route, r-1 filter");
	ends(&by_vip, "drop", "if-pub enter, eip-1 dnat, if-web route, ips-1 drop");
}

static void a_peer_speaks_ike(void **state)
{
	AUTO(told_clear)
	struct told peer =
		tell("{'from':'10.9.9.9','to':'10.1.0.2','protocol':'udp','to_port':500}");
	AUTO(told_clear)
	struct told stranger =
		tell("{'from':'10.9.9.8','to':'10.1.0.2','protocol':'udp','to_port':500}");

	(void)state;
	ends(&peer, "accept", "if-pub enter, ips-1 deliver");
	ends(&stranger, "drop", "if-pub enter, r-1 filter");
	assert_non_null(strstr(text_at(&stranger, 1), "ips-1 has udp 500 for 10.9.9.9"));
}

static void firewall_rules_are_named(void **state)
{
	AUTO(told_clear)
	struct told dropped = tell("{'from':'10.0.80.5','to':'10.1.0.1','to_port':22}");
	AUTO(told_clear)
	struct told other_port = tell("{'from':'10.0.80.5','to':'10.1.0.1','to_port':23}");
	AUTO(told_clear)
	struct told rejected =
		tell("{'from':'192.168.10.5','to':'192.168.11.9','protocol':'udp','to_port':9}");

	(void)state;
	ends(&dropped, "drop", "if-pub enter, eip-1 dnat, if-web route, fw-1 firewall");
	assert_string_equal(text_at(&dropped, 3), "fw-1 in of if-pub, priority 20: drop");
	assert_string_equal(json_string_value(json_object_get(other_port.json, "verdict")),
			    "accept");
	ends(&rejected, "reject", "if-web enter, if-app route, fw-2 firewall");
}

static void the_router_itself_is_asked(void **state)
{
	AUTO(told_clear)
	struct told dns =
		tell("{'from':'192.168.10.5','to':'192.168.10.1','protocol':'udp','to_port':53}");
	AUTO(told_clear)
	struct told echo = tell("{'from':'10.0.79.68','to':'10.108.13.216','protocol':'icmp'}");
	AUTO(told_clear)
	struct told ssh = tell("{'from':'192.168.29.7','to':'192.168.29.10','to_port':22}");
	AUTO(told_clear)
	struct told no_ssh = tell("{'from':'192.168.10.5','to':'192.168.10.1','to_port':22}");
	AUTO(told_clear)
	struct told dhcp = tell("{'from':'0.0.0.0','to':'255.255.255.255','protocol':'udp',"
				"'to_port':67,'interface':'if-web'}");
	AUTO(told_clear) struct told own = tell("{'from':'10.108.13.216','to':'223.5.5.5'}");

	(void)state;
	ends(&dns, "accept", "if-web enter, dns deliver");
	ends(&echo, "accept", "if-pub enter, if-pub deliver");
	ends(&ssh, "accept", "if-mgt enter, if-mgt deliver");
	ends(&no_ssh, "drop", "if-web enter, r-1 filter");
	ends(&dhcp, "accept", "if-web enter, d deliver");
	ends(&own, "accept", "r-1 enter, if-pub route, if-pub leave");
}

static void what_rests_is_told(void **state)
{
	AUTO(told_clear)
	struct told told = tell_on(BENCH_INTERFACES BENCH_PUBLIC_B, 3,
				   "{'from':'10.0.79.68','to':'10.1.0.2','to_port':35}");

	(void)state;
	ends(&told, "drop", "if-pub enter, pf-2 rest, r-1 filter");
	assert_string_equal(text_at(&told, 1),
			    "pf-2 rests: interface if-app of target 192.168.11.5: no NIC with MAC "
			    "fa:00:00:00:00:04 is there");
}

static void nonsense_is_refused(void **state)
{
	AUTO(bench_document_free) struct document *document = bench_document("");
	AUTO(facts_clear) struct facts facts = FACTS_NONE;
	AUTO(err_clear) struct err err = ERR_NONE;
	struct packet packet = { .interface = (char *)"eth9" };

	(void)state;
	ip_parse("10.0.0.1", &packet.from, NULL);
	ip_parse("10.0.0.2", &packet.to, NULL);
	assert_null(router_explain(document, &facts, &packet, &err));
	assert_string_equal(err_text(&err), "there is no interface \"eth9\"");
	ip_parse("fd00::1", &packet.to, NULL);
	assert_null(router_explain(document, &facts, &packet, &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_elastic_ip_leads_to_its_guest),
		cmocka_unit_test(a_guest_leaves_as_its_elastic_ip_or_as_the_router),
		cmocka_unit_test(an_elastic_ip_elsewhere_chooses_the_way_out),
		cmocka_unit_test(a_port_forward_asks_for_port_and_client),
		cmocka_unit_test(a_near_miss_is_told),
		cmocka_unit_test(a_neighbour_behind_a_vip_answers_through_the_router),
		cmocka_unit_test(listeners_are_for_outside_unless_the_router_says_so),
		cmocka_unit_test(routes_are_followed),
		cmocka_unit_test(private_networks_are_closed),
		cmocka_unit_test(tunnels_are_sealed_at_both_ends),
		cmocka_unit_test(a_peer_speaks_ike),
		cmocka_unit_test(firewall_rules_are_named),
		cmocka_unit_test(the_router_itself_is_asked),
		cmocka_unit_test(what_rests_is_told),
		cmocka_unit_test(nonsense_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
