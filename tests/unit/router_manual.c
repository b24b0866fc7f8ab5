/* SPDX-License-Identifier: GPL-2.0-or-later */
/* router_manual.c - vrouter-document(5) says what the tables say, and its example is a document. */
#include "tests/unit/manual_file.h"

#include "vrouter/document/router.h"

static const struct manual manual = {
	.name = "vrouter-document",
	.summary = "what is wanted of a router",
	.about = "A router's document is the desired state that\n.BR vrouterd (8)\nmakes true: one "
		 "JSON\n"
		 "object with a member for each section below. Sections may be left out. The "
		 "document\n"
		 "is checked as a whole before anything is done: if anything in it cannot be, "
		 "nothing\n"
		 "is changed, and the error names the place (\\fIstate.eips[3].vip\\fR) and the "
		 "reason.\n"
		 ".PP\n"
		 "Objects have a \\fIuuid\\fR: 1 to 64 of A\\-Z a\\-z 0\\-9 . _ : \\-. Others "
		 "refer to\n"
		 "them by it; what is referred to cannot be removed alone. Fields that are not "
		 "named\n"
		 "here are refused. Addresses are IPv4 or IPv6. A port is 1 to 65535, as a number "
		 "or a\n"
		 "text; a range is a text, \"5900\\-5910\". Behind the type of each field stands "
		 "whether\n"
		 "it is required, or what it is when it is left out.\n"
		 ".PP\n"
		 "Secrets are shown as \"********\". Given back so, they stay as they are.\n",
	.example =
		"{\n"
		"  \"revision\": 7,\n"
		"  \"router\": {\"uuid\": \"r-1\", \"name\": \"vpc-1\"},\n"
		"  \"interfaces\": [\n"
		"    {\"uuid\": \"if-pub\", \"mac\": \"fa:00:00:00:00:01\", \"role\": \"public\",\n"
		"     \"network\": \"l3-pub\", \"addresses\": [\"198.51.100.2/24\"],\n"
		"     \"gateway\": \"198.51.100.1\", \"default_route\": true},\n"
		"    {\"uuid\": \"if-web\", \"mac\": \"fa:00:00:00:00:02\", \"role\": "
		"\"private\",\n"
		"     \"network\": \"l3-web\", \"addresses\": [\"192.168.10.1/24\"], \"snat\": "
		"true}],\n"
		"  \"dns\": {\"forwarders\": [\"192.0.2.53\"]},\n"
		"  \"vips\": [\n"
		"    {\"uuid\": \"vip-1\", \"address\": \"198.51.100.20\", \"network\": "
		"\"l3-pub\",\n"
		"     \"qos\": [{\"uuid\": \"q-1\", \"up_mbps\": 50, \"down_mbps\": 50}]},\n"
		"    {\"uuid\": \"vip-2\", \"address\": \"198.51.100.21\", \"network\": "
		"\"l3-pub\"}],\n"
		"  \"eips\": [{\"uuid\": \"eip-1\", \"vip\": \"vip-1\", \"target\": "
		"\"192.168.10.226\"}],\n"
		"  \"port_forwards\": [\n"
		"    {\"uuid\": \"pf-1\", \"vip\": \"vip-2\", \"protocol\": \"tcp\", "
		"\"vip_ports\": \"24\",\n"
		"     \"target\": \"192.168.10.167\", \"target_ports\": \"22\",\n"
		"     \"allowed_cidr\": \"203.0.113.0/24\"}],\n"
		"  \"load_balancers\": [\n"
		"    {\"uuid\": \"lb-1\", \"vip\": \"vip-2\", \"listeners\": [\n"
		"      {\"uuid\": \"ls-1\", \"protocol\": \"tcp\", \"port\": 80, \"target_port\": "
		"5000,\n"
		"       \"members\": [{\"uuid\": \"nic-1\", \"address\": "
		"\"192.168.10.226\"}]}]}],\n"
		"  \"ipsec\": [\n"
		"    {\"uuid\": \"ips-1\", \"vip\": \"vip-2\", \"local_cidrs\": "
		"[\"192.168.10.0/24\"],\n"
		"     \"remote_address\": \"203.0.113.126\", \"remote_cidrs\": "
		"[\"192.168.100.0/24\"],\n"
		"     \"auth\": {\"psk\": \"a long and random text\"}}],\n"
		"  \"routes\": [\n"
		"    {\"uuid\": \"rt-1\", \"destination\": \"172.18.0.0/24\", \"next_hop\": "
		"\"198.51.100.9\"},\n"
		"    {\"uuid\": \"rt-2\", \"destination\": \"192.0.2.0/24\", \"type\": "
		"\"blackhole\"}],\n"
		"  \"firewall\": [\n"
		"    {\"uuid\": \"fw-1\", \"interface\": \"if-pub\", \"direction\": \"in\", "
		"\"priority\": 1001,\n"
		"     \"action\": \"drop\", \"protocol\": \"tcp\", \"destination_ports\": "
		"\"22,8000-8080\"}]\n"
		"}",
	.see = ".BR vrouterd (8),\n.BR weft (1)",
};

static void the_page_is_what_the_tables_say(void **data)
{
	(void)data;
	manual_check(&manual, &router_document);
}

static void the_example_is_a_document(void **data)
{
	(void)data;
	manual_check_example(&manual, &router_document);
}

static void every_field_has_its_sentence(void **data)
{
	(void)data;
	for (const struct section_type *type = router_document.sections; type->name; type++) {
		assert_non_null(type->doc);
		manual_check_fields(type->fields);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_page_is_what_the_tables_say),
		cmocka_unit_test(the_example_is_a_document),
		cmocka_unit_test(every_field_has_its_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
