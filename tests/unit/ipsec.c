/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ipsec.c - tunnels: what is said of them in items, and to charon; what charon says of them. */
#include "tests/unit/router_bench.h"

#include <errno.h>

#include "lib/backend/conntrack/flow.h"
#include "lib/backend/nft/nft.h"
#include "vrouter/compile/compile.h"
#include "vrouter/document/ipsec_key.h"
#include "vrouter/service/charon_config.h"
#include "vrouter/service/charon_state.h"

/* --- From the document --- */

#define VIPS                                                            \
	"'vips':[{'uuid':'v','address':'10.1.0.1','network':'l3-pub'}," \
	"{'uuid':'w','address':'203.0.113.9','network':'l3-b'}],"

/* A tunnel with what every one has; 'rest' begins with a comma. */
#define TUNNEL(uuid, vip, local, remote, rest)                                          \
	"{'uuid':'" uuid "','vip':'" vip "','remote_address':'10.9.9.9','auth':{'psk':" \
	"'k'},'local_cidrs':[" local "],'remote_cidrs':[" remote "]" rest "}"

struct compiled {
	struct document *document;
	struct facts facts;
	struct item_set items;
	struct notes notes;
};

static void compile_with(struct compiled *compiled, const char *tunnels)
{
	AUTO(free_ptr) char *sections = mem_format(VIPS "'ipsec':[%s]", tunnels);

	compiled->document = bench_document_of("", BENCH_INTERFACES BENCH_PUBLIC_B, sections);
	bench_facts(&compiled->facts, 5);
	router_compile(compiled->document, &compiled->facts, &compiled->items, &compiled->notes);
}

static void compiled_clear(struct compiled *compiled)
{
	item_set_clear(&compiled->items);
	notes_clear(&compiled->notes);
	facts_clear(&compiled->facts);
	document_free(compiled->document);
}

static void has(const struct compiled *compiled, const char *kind, const char *key,
		const char *value)
{
	const struct item *item = item_set_find(&compiled->items, kind, key);

	if (!item)
		fail_msg("no %s \"%s\"", kind, key);
	assert_string_equal(item_value(item), value);
}

static void lacks(const struct compiled *compiled, const char *kind, const char *key)
{
	if (item_set_find(&compiled->items, kind, key))
		fail_msg("%s \"%s\" is there", kind, key);
}

#define ELEMENT "nft.element"
#define T       "inet weft "

static void defaults_are_the_platforms(void **state)
{
	AUTO(compiled_clear) struct compiled compiled = { 0 };
	struct ipsec_key_digest digest = ipsec_key_digest(&compiled.facts, "k");
	AUTO(free_ptr) char *value = NULL;

	(void)state;
	compile_with(&compiled, TUNNEL("t", "v", "'192.168.10.1/24','192.168.11.0/24'",
				       "'172.20.0.0/16','172.20.1.0/24','172.21.0.7'", ""));
	value = mem_format("10.1.0.1 10.9.9.9 ike 1 3des-sha1-modp1024 esp 3des-sha1-modp1024"
			   " local 192.168.10.0/24,192.168.11.0/24"
			   " remote 172.20.0.0/16,172.21.0.7/32 key %s",
			   digest.s);
	has(&compiled, "ipsec.connection", "t", value);
	has(&compiled, ELEMENT, T "ipsec_peers 10.1.0.1 . 10.9.9.9", "");
	has(&compiled, ELEMENT, T "ipsec_remote 172.20.0.0/16", "");
	has(&compiled, ELEMENT, T "ipsec_remote 172.21.0.7", "");
	lacks(&compiled, ELEMENT, T "ipsec_remote 172.20.1.0/24");
	has(&compiled, ELEMENT, T "ipsec_networks 192.168.10.0/24 . 172.21.0.7", "");
	lacks(&compiled, ELEMENT, T "ipsec_networks 192.168.10.0/24 . 172.20.1.0/24");
	has(&compiled, "connections", "t/192.168.11.0/24/172.20.0.0/16",
	    "between 192.168.11.0/24 172.20.0.0/16");
}

static void algorithms_have_charons_words(void **state)
{
	AUTO(compiled_clear) struct compiled compiled = { 0 };
	const struct item *item;

	(void)state;
	compile_with(&compiled,
		     TUNNEL("t", "v", "'192.168.10.0/24'", "'172.20.0.0/16'",
			    ",'ike_version':2,'ike':{'auth':'sha512','encryption':'aes-256',"
			    "'dh_group':20},'esp':{'auth':'sha256','encryption':'aes-192',"
			    "'pfs':'disabled'}"));
	item = item_set_find(&compiled.items, "ipsec.connection", "t");
	assert_non_null(item);
	assert_non_null(strstr(item_value(item), " ike 2 aes256-sha512-ecp384 esp aes192-sha256 "));
}

static void without_tunnels_no_packet_pays(void **state)
{
	AUTO(compiled_clear) struct compiled compiled = { 0 };

	(void)state;
	compile_with(&compiled, "");
	lacks(&compiled, "nft.set", T "ipsec_peers");
	lacks(&compiled, "nft.rule", T "forward 0050");
	lacks(&compiled, "nft.rule", T "snat 0100");
}

/* Of networks inside one another that are behind two peers, the outer stands for both. */
static void remote_networks_of_several_tunnels(void **state)
{
	AUTO(compiled_clear) struct compiled compiled = { 0 };

	(void)state;
	compile_with(&compiled,
		     TUNNEL("t1", "v", "'192.168.10.0/24'", "'172.20.1.0/24','172.22.0.0/16'",
			    "") "," TUNNEL("t2", "w", "'192.168.11.0/24'",
					   "'172.20.0.0/16','172.22.0.0/16'", ""));
	lacks(&compiled, ELEMENT, T "ipsec_remote 172.20.1.0/24");
	has(&compiled, ELEMENT, T "ipsec_remote 172.20.0.0/16", "");
	assert_string_equal(item_owner(item_set_find(&compiled.items, ELEMENT,
						     T "ipsec_remote 172.22.0.0/16")),
			    "t1");
	has(&compiled, ELEMENT, T "ipsec_networks 192.168.10.0/24 . 172.20.1.0/24", "");
	/* The second one's VIP is not where the default route is. */
	has(&compiled, ELEMENT, T "tunnel_link 203.0.113.9", "0x2000005");
	lacks(&compiled, ELEMENT, T "tunnel_link 10.1.0.1");
}

static void what_the_kernel_lacks_is_not_supported(void **state)
{
	AUTO(compiled_clear) struct compiled compiled = { 0 };
	const struct note *note;

	(void)state;
	facts_add_capability(&compiled.facts, "ipsec", true, NULL);
	facts_add_capability(&compiled.facts, "ipsec_3des", false, "why");
	compile_with(&compiled, TUNNEL("t1", "v", "'192.168.10.0/24'", "'172.20.0.0/16'", ""));
	note = notes_find(&compiled.notes, "t1");
	assert_non_null(note);
	assert_int_equal(note->health, NOTE_NOT_SUPPORTED);
	assert_string_equal(note->reason, "ipsec_3des");
	lacks(&compiled, "ipsec.connection", "t1");
	lacks(&compiled, ELEMENT, T "ipsec_remote 172.20.0.0/16");
}

static void digests_depend_on_the_salt(void **state)
{
	struct facts one = FACTS_NONE, other = FACTS_NONE;

	(void)state;
	other.salt[31] = 1;
	assert_string_equal(ipsec_key_digest(&one, "k").s, ipsec_key_digest(&one, "k").s);
	assert_string_not_equal(ipsec_key_digest(&one, "k").s, ipsec_key_digest(&one, "l").s);
	assert_string_not_equal(ipsec_key_digest(&one, "k").s, ipsec_key_digest(&other, "k").s);
	assert_int_equal(strlen(ipsec_key_digest(&one, "k").s), 32);
}

/* --- To charon --- */

#define ITEM                                                                   \
	"10.1.0.1 10.9.9.9 ike %d aes128-sha1-modp2048 esp aes128-sha1 local " \
	"192.168.10.0/24,192.168.11.0/24 remote 172.20.0.0/16,172.21.0.0/16 key d1"

static struct charon_tunnel tunnel_of(int version)
{
	AUTO(free_ptr) char *value = mem_format(ITEM, version);
	AUTO(item_unref_auto) struct item *item = item_new("ipsec.connection", "t", value, "t");
	struct charon_tunnel tunnel;

	assert_int_equal(charon_tunnel_parse(item, &tunnel, NULL), 0);
	return tunnel;
}

static json_t *message_json(const struct vici_message *message)
{
	json_t *json;

	assert_false(message->is_too_long);
	json = vici_message_parse(message->bytes, message->length, NULL);
	assert_non_null(json);
	return json;
}

static void is_json(json_t *got, const char *wanted)
{
	json_t *json = bench_json(wanted);

	if (!json_equal(got, json))
		fail_msg("got %s", json_dumps(got, JSON_COMPACT));
	json_decref(json);
}

#define CHILD(local, remote)                                          \
	"{'mode':'tunnel','start_action':'trap','dpd_action':'trap'," \
	"'esp_proposals':['aes128-sha1'],'local_ts':[" local "],'remote_ts':[" remote "]}"

static void ikev1_has_a_child_for_each_pair(void **state)
{
	AUTO(charon_tunnel_clear) struct charon_tunnel tunnel = tunnel_of(1);
	AUTO(vici_message_clear) struct vici_message message = VICI_MESSAGE_NONE;
	json_t *json;

	(void)state;
	charon_tunnel_message(&tunnel, "t", &message);
	json = message_json(&message);
	is_json(json,
		"{'t':{'version':'1','local_addrs':['10.1.0.1'],'remote_addrs':['10.9.9.9'],"
		"'proposals':['aes128-sha1-modp2048'],'aggressive':'no','mobike':'no',"
		"'dpd_delay':'15s','dpd_timeout':'45s',"
		"'local':{'auth':'psk','id':'10.1.0.1'},'remote':{'auth':'psk','id':'10.9.9.9'},"
		"'children':{'1':" CHILD("'192.168.10.0/24'", "'172.20.0.0/16'") ",'2':" CHILD(
			"'192.168.10.0/24'",
			"'172.21.0.0/16'") ",'3':" CHILD("'192.168.11.0/24'",
							 "'172.20.0.0/16'") ",'4':" CHILD("'192."
											  "168.11."
											  "0/24'",
											  "'172.21."
											  "0.0/16'") "}}}");
	json_decref(json);
	assert_int_equal(charon_tunnel_children(&tunnel), 4);
}

static void ikev2_has_one_child(void **state)
{
	AUTO(charon_tunnel_clear) struct charon_tunnel tunnel = tunnel_of(2);
	AUTO(vici_message_clear) struct vici_message message = VICI_MESSAGE_NONE;
	json_t *json;

	(void)state;
	charon_tunnel_message(&tunnel, "t", &message);
	json = message_json(&message);
	is_json(json_object_get(json_object_get(json, "t"), "children"),
		"{'1':" CHILD("'192.168.10.0/24','192.168.11.0/24'",
			      "'172.20.0.0/16','172.21.0.0/16'") "}");
	json_decref(json);
	assert_int_equal(charon_tunnel_children(&tunnel), 1);
}

static void keys_are_of_both_ends(void **state)
{
	AUTO(charon_tunnel_clear) struct charon_tunnel tunnel = tunnel_of(1);
	AUTO(vici_message_clear) struct vici_message message = VICI_MESSAGE_NONE;
	json_t *json;

	(void)state;
	charon_key_message(&tunnel, "t", "a key \\u00e4 #", &message);
	json = message_json(&message);
	is_json(json, "{'id':'t','type':'IKE','data':'a key \\\\u00e4 #',"
		      "'owners':['10.1.0.1','10.9.9.9']}");
	json_decref(json);
}

static void odd_items_are_refused(void **state)
{
	static const char *const odd[] = {
		"",
		"10.1.0.1",
		"10.1.0.1 10.9.9.9",
		"x 10.9.9.9 ike 1 a esp b local 10.0.0.0/8 remote 10.0.0.0/8 key d",
		"10.1.0.1 10.9.9.9 ike 3 a esp b local 10.0.0.0/8 remote 10.0.0.0/8 key d",
		"10.1.0.1 10.9.9.9 ike 1 a esp b local 10.0.0/8 remote 10.0.0.0/8 key d",
		"10.1.0.1 10.9.9.9 ike 1 a esp b local 10.0.0.0/8 remote  key d",
		"10.1.0.1 10.9.9.9 ike 1 a esp b local 10.0.0.0/8 remote 10.0.0.0/8 key",
		"10.1.0.1 10.9.9.9 ike 1 a esp b remote 10.0.0.0/8 local 10.0.0.0/8 key d",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(odd); i++) {
		AUTO(item_unref_auto)
		struct item *item = item_new("ipsec.connection", "t", odd[i], "t");
		AUTO(err_clear) struct err err = ERR_NONE;
		struct charon_tunnel tunnel;

		if (charon_tunnel_parse(item, &tunnel, &err) == 0)
			fail_msg("taken: %s", odd[i]);
		assert_true(strlen(err_text(&err)) > 0);
	}
}

static void what_charon_lacks_is_named(void **state)
{
	AUTO(charon_tunnel_clear) struct charon_tunnel tunnel = tunnel_of(1);
	json_t *offered = bench_json("{'encryption':{'AES_CBC':'p'},'prf':{'PRF_HMAC_SHA1':'p'},"
				     "'dh':{'MODP_2048':'p'}}");
	AUTO(err_clear) struct err err = ERR_NONE;

	(void)state;
	assert_int_equal(charon_tunnel_offered(&tunnel, offered, &err), 0);
	json_object_del(json_object_get(offered, "dh"), "MODP_2048");
	assert_int_equal(charon_tunnel_offered(&tunnel, offered, &err), -EOPNOTSUPP);
	assert_string_equal(err_text(&err), "not supported: charon has no modp2048");
	json_object_set_new(offered, "ke", bench_json("{'MODP_2048':'p'}"));
	assert_int_equal(charon_tunnel_offered(&tunnel, offered, &err), 0);
	json_decref(offered);
}

/* --- From charon --- */

static void children_that_are_up(void **state)
{
	AUTO(charon_sas_clear) struct charon_sas sas = { 0 };
	json_t *event = bench_json("{'t':{'state':'ESTABLISHED','child-sas':{"
				   "'1-7':{'name':'1','state':'INSTALLED'},"
				   "'3-8':{'name':'3','state':'REKEYED'},"
				   "'3-9':{'name':'3','state':'INSTALLED'},"
				   "'2-1':{'name':'2','state':'DELETING'},"
				   "'0-1':{'name':'0','state':'INSTALLED'},"
				   "'x-1':{'name':'9999999','state':'INSTALLED'}}}}");

	(void)state;
	charon_sas_add(&sas, "other", event);
	assert_int_equal(sas.n_up, 0);
	charon_sas_add(&sas, "t", event);
	assert_int_equal(sas.n_up, 2);
	assert_true(charon_sas_up(&sas, 0));
	assert_false(charon_sas_up(&sas, 1));
	assert_true(charon_sas_up(&sas, 2));
	assert_false(charon_sas_up(&sas, 3));
	assert_false(sas.is_connecting || sas.is_rekeying);
	json_decref(event);
	event = bench_json("{'t':{'state':'CONNECTING'}}");
	charon_sas_add(&sas, "t", event);
	assert_true(sas.is_connecting);
	json_decref(event);
	sas.is_connecting = false;
	event = bench_json("{'t':{'state':'ESTABLISHED','tasks-active':['QUICK_MODE']}}");
	charon_sas_add(&sas, "t", event);
	assert_true(sas.is_connecting);
	json_decref(event);
}

static void reasons_are_heard(void **state)
{
	static const struct {
		const char *line, *reason;
	} lines[] = {
		{ "received NO_PROPOSAL_CHOSEN error notify",
		  "no common proposal: received NO_PROPOSAL_CHOSEN error notify" },
		{ "tried 1 shared key for 'a' - 'b', but MAC mismatched",
		  "authentication: tried 1 shared key for 'a' - 'b', but MAC mismatched" },
		{ "generating INFORMATIONAL_V1 request 1 [ HASH N(AUTH_FAILED) ]", NULL },
		{ "CHILD_SA 1{1} established with SPIs", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		AUTO(free_ptr) char *reason = charon_log_reason(lines[i].line);

		if (lines[i].reason)
			assert_string_equal(reason, lines[i].reason);
		else
			assert_null(reason);
	}
	assert_true(charon_log_silence("giving up after 4 retransmits"));
	assert_false(charon_log_silence("sending retransmit 1 of request"));
}

static void initiators_are_heard(void **state)
{
	AUTO(free_ptr)
	char *peer = charon_log_initiator("10.9.9.9 is initiating a Main Mode IKE_SA");

	(void)state;
	assert_string_equal(peer, "10.9.9.9");
	assert_null(charon_log_initiator("initiating Main Mode IKE_SA t[1] to 10.9.9.9"));
}

/* --- Connections --- */

static bool is_between(const char *from, const char *to)
{
	struct flow_list flows;
	struct flow_seen seen = { 0 };
	bool matches;

	assert_int_equal(flow_list_parse("between 192.168.10.0/24 172.20.0.0/16", &flows, NULL), 0);
	assert_int_equal(ip_parse(from, &seen.from, NULL), 0);
	assert_int_equal(ip_parse(to, &seen.to, NULL), 0);
	matches = flow_list_matches(&flows, &seen);
	flow_list_clear(&flows);
	return matches;
}

static void connections_between_networks(void **state)
{
	struct flow_list flows;

	(void)state;
	assert_true(is_between("192.168.10.9", "172.20.3.4"));
	assert_true(is_between("172.20.3.4", "192.168.10.9"));
	assert_false(is_between("192.168.10.9", "172.21.3.4"));
	assert_false(is_between("192.168.10.9", "192.168.10.8"));
	assert_int_equal(flow_list_parse("between 192.168.10.0/24", &flows, NULL), -EINVAL);
	assert_int_equal(flow_list_parse("between x 172.20.0.0/16", &flows, NULL), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_the_platforms),
		cmocka_unit_test(algorithms_have_charons_words),
		cmocka_unit_test(without_tunnels_no_packet_pays),
		cmocka_unit_test(remote_networks_of_several_tunnels),
		cmocka_unit_test(what_the_kernel_lacks_is_not_supported),
		cmocka_unit_test(digests_depend_on_the_salt),
		cmocka_unit_test(ikev1_has_a_child_for_each_pair),
		cmocka_unit_test(ikev2_has_one_child),
		cmocka_unit_test(keys_are_of_both_ends),
		cmocka_unit_test(odd_items_are_refused),
		cmocka_unit_test(what_charon_lacks_is_named),
		cmocka_unit_test(children_that_are_up),
		cmocka_unit_test(reasons_are_heard),
		cmocka_unit_test(initiators_are_heard),
		cmocka_unit_test(connections_between_networks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
