/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host_explain.c - what is told of a packet's way over a host, in the words of the document. */
#include "tests/unit/host_bench.h"

#include "hostnet/explain/explain.h"
#include "lib/base/text.h"

#define SECTIONS                                                                                \
	"'l2_networks':[{'uuid':'l2','type':'novlan','device':'em01'},"                         \
	"{'uuid':'vx','type':'vxlan','vni':7,'peers':['10.9.9.9'],'remote':[{'mac':"            \
	"'fa:00:00:00:02:01','address':'10.0.7.9','vtep':'10.9.9.9'}]},"                        \
	"{'uuid':'vy','type':'vxlan','vni':8,'pool':'pool'}],"                                  \
	"'vteps':[{'uuid':'t1','pool':'pool','address':'10.9.9.9'},"                            \
	"{'uuid':'t2','pool':'pool','address':'192.168.29.21'},"                                \
	"{'uuid':'t3','pool':'other','address':'10.9.9.9'}],"                                   \
	"'l2_remotes':[{'uuid':'g1','l2':'vy','mac':'fa:00:00:00:02:02','address':'10.0.8.9',"  \
	"'vtep':'10.9.9.9'},{'uuid':'g2','l2':'vy','mac':'fa:00:00:00:02:03','address':"        \
	"'10.0.8.10','vtep':'192.168.29.21'}],"                                                 \
	"'security_group_members':[{'uuid':'m1','group':'db','address':'10.0.0.8'},"            \
	"{'uuid':'m2','group':'db','address':'fd00::8'}],"                                      \
	"'l3_networks':[{'uuid':'l3','l2':'l2','cidr':'10.0.0.0/24'},"                          \
	"{'uuid':'l6','l2':'l2','cidr':'fd00::/64'},{'uuid':'l7','l2':'vx','cidr':'10.0.7.0/"   \
	"24'},{'uuid':'l8','l2':'vy','cidr':'10.0.8.0/24'}],"                                   \
	"'security_groups':["                                                                   \
	"{'uuid':'web','members':['10.0.0.7'],'rules':["                                        \
	"{'uuid':'r1','direction':'ingress','protocol':'tcp','ports':'20-80'},"                 \
	"{'uuid':'r2','direction':'ingress','protocol':'icmp','peer_cidr':'10.0.0.9/32'},"      \
	"{'uuid':'r3','direction':'ingress','protocol':'udp','peer_group':'db'}]},"             \
	"{'uuid':'db','rules':["                                                                \
	"{'uuid':'e','direction':'egress','protocol':'tcp','ports':'22','peer_cidr':'10.0.0.7/" \
	"32'},"                                                                                 \
	"{'uuid':'b','direction':'ingress','peer_group':'db'},"                                 \
	"{'uuid':'c','direction':'ingress','peer_cidr':'fd00::/64'}]},"                         \
	"{'uuid':'own','members':[],'rules':["                                                  \
	"{'uuid':'d','direction':'egress','peer_group':'own'}]}],"                              \
	"'ports':["                                                                             \
	"{'uuid':'a','device':'va','l2':'l2','mac':'fa:00:00:00:01:01','anti_spoofing':true,"   \
	"'addresses':[{'l3':'l3','address':'10.0.0.7'},{'l3':'l6','address':'fd00::7'}],"       \
	"'security_groups':['own','web']},"                                                     \
	"{'uuid':'b','device':'vb','l2':'l2','mac':'fa:00:00:00:01:02',"                        \
	"'addresses':[{'l3':'l3','address':'10.0.0.8'},{'l3':'l6','address':'fd00::8'}],"       \
	"'security_groups':['db']},"                                                            \
	"{'uuid':'x','device':'vx0','l2':'vx','mac':'fa:00:00:00:01:03','anti_spoofing':true,"  \
	"'addresses':[{'l3':'l7','address':'10.0.7.7'}]},"                                      \
	"{'uuid':'y','device':'vy0','l2':'vy','mac':'fa:00:00:00:01:04','anti_spoofing':true,"  \
	"'addresses':[{'l3':'l8','address':'10.0.8.7'}]}]"

/* "ACTION OBJECT; ... VERDICT", or the error. 'texts' gets what the steps say. */
static struct text tell(const char *packet_text, struct text *texts)
{
	struct document *document = bench_document(SECTIONS);
	AUTO(facts_clear) struct facts facts = FACTS_NONE;
	AUTO(err_clear) struct err err = ERR_NONE;
	struct packet packet = { 0 };
	json_t *json = bench_json(packet_text), *told, *step;
	struct text text = TEXT_NONE;
	size_t i;

	assert_int_equal(field_decode(packet_fields, json, &packet, &err), 0);
	told = host_explain(document, &facts, NULL, &packet, &err);
	if (!told)
		text_format(&text, "%s: %s", err.path, err_text(&err));
	json_array_foreach (json_object_get(told, "steps"), i, step) {
		text_format(&text, "%s %s; ", json_string_value(json_object_get(step, "action")),
			    json_string_value(json_object_get(step, "object")));
		text_format(texts, "%s\n", json_string_value(json_object_get(step, "text")));
	}
	if (told)
		text_add(&text, json_string_value(json_object_get(told, "verdict")));
	json_decref(told);
	json_decref(json);
	field_clear(packet_fields, &packet);
	document_free(document);
	return text;
}

static void way_is(const char *packet, const char *way, const char *says)
{
	AUTO(text_clear) struct text texts = TEXT_NONE;
	AUTO(text_clear) struct text text = tell(packet, &texts);

	assert_string_equal(text_view(&text), way);
	if (says && !strstr(text_view(&texts), says))
		fail_msg("\"%s\" is not said in: %s", says, text_view(&texts));
}

static void groups_judge_both_ends(void **state)
{
	(void)state;
	way_is("{'interface':'b','to':'10.0.0.7','to_port':22}",
	       "enter b; guard b; egress db; ingress web; leave a; accept",
	       "e of db allows it: egress tcp 22 to 10.0.0.7/32");
	way_is("{'interface':'b','to':'10.0.0.7','to_port':23}",
	       "enter b; guard b; egress db; drop",
	       "none of the port's groups has one for tcp port 23");
	way_is("{'from':'10.0.0.5','to':'10.0.0.7','to_port':24}",
	       "enter l2; ingress web; leave a; accept", "r1 of web allows it: ingress tcp 20-80");
	way_is("{'from':'10.0.0.5','to':'10.0.0.7','to_port':81}", "enter l2; ingress a; drop",
	       "none of its groups (own, web) has an ingress rule for tcp port 81 of 10.0.0.7 from "
	       "10.0.0.5");
	way_is("{'from':'10.0.0.9','to':'10.0.0.7','protocol':'icmp'}",
	       "enter l2; ingress web; leave a; accept", NULL);
	way_is("{'from':'10.0.0.5','to':'10.0.0.7','protocol':'icmp'}", "enter l2; ingress a; drop",
	       NULL);
	/* Its own members alone make nothing strict. */
	way_is("{'interface':'a','to':'10.0.0.5','to_port':9}",
	       "enter a; guard a; egress a; leave l2; accept", "all goes out");
	way_is("{'interface':'a','to':'10.0.0.8','to_port':9}",
	       "enter a; guard a; egress a; ingress b; drop", NULL);
	way_is("{'from':'10.0.0.8','to':'10.0.0.7','protocol':'udp','to_port':9,'interface':'l2'}",
	       "enter l2; ingress web; leave a; accept", "from members of db");
}

static void families_are_apart(void **state)
{
	(void)state;
	way_is("{'interface':'a','to':'fd00::8','to_port':9}",
	       "enter a; guard a; egress a; ingress db; leave b; accept", "c of db");
	way_is("{'from':'fd00::9','to':'fd00::7','protocol':'icmp'}", "enter l2; ingress a; drop",
	       NULL);
	way_is("{'from':'fd00::9','to':'10.0.0.7'}",
	       "packet: source and destination are of two address families", NULL);
}

static void under_any_rules(void **state)
{
	(void)state;
	way_is("{'interface':'b','from':'10.0.0.8','to':'10.0.0.255','protocol':'udp','from_port':"
	       "68,'to_port':67}",
	       "enter b; guard b; filter b; leave l2; accept", "pass under any rules");
	way_is("{'from':'10.0.0.1','to':'10.0.0.7','protocol':'udp','from_port':67,'to_port':68}",
	       "enter l2; filter a; leave a; accept", NULL);
	way_is("{'interface':'a','to':'10.0.0.5','protocol':'udp','to_port':68}",
	       "enter a; guard a; drop", "answers DHCP clients");
}

static void a_vxlan_knows_who_is_where(void **state)
{
	(void)state;
	way_is("{'interface':'x','to':'10.0.7.9'}", "enter x; guard x; leave vx; accept",
	       "to VTEP 10.9.9.9, where fa:00:00:00:02:01 is");
	way_is("{'interface':'vx0','to':'10.0.7.10'}", "enter x; guard x; leave vx; accept",
	       "each of 1 peers");
	/* The same, of objects of their own. */
	way_is("{'interface':'y','to':'10.0.8.9'}", "enter y; guard y; leave vy; accept",
	       "to VTEP 10.9.9.9, where fa:00:00:00:02:02 is");
	way_is("{'interface':'y','to':'10.0.8.10'}", "enter y; guard y; leave vy; accept",
	       "each of 1 peers");
	way_is("{'interface':'x','to':'10.8.0.1'}", "enter x; guard x; route l7; drop",
	       "has no gateway");
	way_is("{'interface':'x','from':'10.0.7.8','to':'10.0.7.9'}", "enter x; guard x; drop",
	       "10.0.7.8 is none of its addresses");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups_judge_both_ends),
		cmocka_unit_test(families_are_apart),
		cmocka_unit_test(under_any_rules),
		cmocka_unit_test(a_vxlan_knows_who_is_where),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
