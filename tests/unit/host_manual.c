/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host_manual.c - hostnet-document(5) says what the tables say, and its example is a document. */
#include "tests/unit/manual_file.h"

#include "hostnet/document/host.h"

static const struct manual manual = {
	.name = "hostnet-document",
	.summary = "what is wanted of a host's network",
	.about = "A host's document is the desired state that\n.BR hostnetd (8)\nmakes true: one "
		 "JSON\n"
		 "object with a member for each section below. Sections may be left out. The "
		 "document\n"
		 "is checked as a whole before anything is done: if anything in it cannot be, "
		 "nothing\n"
		 "is changed, and the error names the place (\\fIstate.ports[3].mac\\fR) and the "
		 "reason.\n"
		 ".PP\n"
		 "Objects have a \\fIuuid\\fR: 1 to 64 of A\\-Z a\\-z 0\\-9 . _ : \\-. Others "
		 "refer to\n"
		 "them by it; what is referred to cannot be removed alone. Fields that are not "
		 "named\n"
		 "here are refused. Addresses are IPv4 or IPv6. A port is 1 to 65535, as a number "
		 "or a\n"
		 "text; a range is a text, \"23\\-1024\". Behind the type of each field stands "
		 "whether\n"
		 "it is required, or what it is when it is left out.\n",
	.example =
		"{\n"
		"  \"revision\": 3,\n"
		"  \"host\": {\"uuid\": \"h-1\", \"name\": \"host1\", \"vtep\": \"192.0.2.21\"},\n"
		"  \"l2_networks\": [\n"
		"    {\"uuid\": \"l2-pub\", \"type\": \"novlan\", \"device\": \"em01\"},\n"
		"    {\"uuid\": \"l2-web\", \"type\": \"vlan\", \"device\": \"em01\", \"vlan\": "
		"2800},\n"
		"    {\"uuid\": \"l2-app\", \"type\": \"vxlan\", \"vni\": 900, \"mtu\": 1450,\n"
		"     \"peers\": [\"192.0.2.22\"],\n"
		"     \"remote\": [{\"mac\": \"fa:00:00:00:01:01\", \"address\": "
		"\"192.168.11.9\",\n"
		"                 \"vtep\": \"192.0.2.22\"}]}],\n"
		"  \"l3_networks\": [\n"
		"    {\"uuid\": \"l3-pub\", \"l2\": \"l2-pub\", \"cidr\": \"198.51.100.0/24\",\n"
		"     \"gateway\": \"198.51.100.1\"},\n"
		"    {\"uuid\": \"l3-web\", \"l2\": \"l2-web\", \"cidr\": \"192.168.10.0/24\",\n"
		"     \"gateway\": \"192.168.10.1\", \"mtu\": 1500, \"dns\": [\"192.168.10.1\"],\n"
		"     \"dhcp\": {\"enabled\": true, \"server\": \"192.168.10.2\"}, \"user_data\": "
		"true}],\n"
		"  \"vms\": [{\"uuid\": \"vm-1\", \"name\": \"web-1\", \"user_data_b64\": "
		"\"I2Nsb3VkLWNvbmZpZw==\"}],\n"
		"  \"security_groups\": [\n"
		"    {\"uuid\": \"sg-1\", \"members\": [\"192.168.10.226\"], \"rules\": [\n"
		"      {\"uuid\": \"r-1\", \"direction\": \"ingress\", \"protocol\": \"all\", "
		"\"peer_group\": \"sg-1\"},\n"
		"      {\"uuid\": \"r-2\", \"direction\": \"ingress\", \"protocol\": \"tcp\", "
		"\"ports\": \"23-1024\",\n"
		"       \"peer_cidr\": \"192.168.1.0/24\"}]}],\n"
		"  \"ports\": [\n"
		"    {\"uuid\": \"nic-1\", \"device\": \"vnic1.0\", \"l2\": \"l2-web\", \"mac\": "
		"\"fa:00:00:00:00:01\",\n"
		"     \"vm\": \"vm-1\", \"addresses\": [{\"l3\": \"l3-web\", \"address\": "
		"\"192.168.10.226\"}],\n"
		"     \"default\": true, \"anti_spoofing\": true, \"security_groups\": "
		"[\"sg-1\"]}],\n"
		"  \"eips\": [\n"
		"    {\"uuid\": \"eip-1\", \"address\": \"198.51.100.29\", \"l3\": \"l3-pub\", "
		"\"port\": \"nic-1\",\n"
		"     \"target\": \"192.168.10.226\", \"qos\": [{\"up_mbps\": 10, \"down_mbps\": "
		"10}]}],\n"
		"  \"routers\": [\n"
		"    {\"uuid\": \"r-1\", \"gateway_mac\": \"fa:00:00:00:00:fe\",\n"
		"     \"interfaces\": [{\"l3\": \"l3-web\", \"address\": \"192.168.10.1\"}]}]\n"
		"}",
	.see = ".BR hostnetd (8),\n.BR weft (1)",
};

static void the_page_is_what_the_tables_say(void **data)
{
	(void)data;
	manual_check(&manual, &host_document);
}

static void the_example_is_a_document(void **data)
{
	(void)data;
	manual_check_example(&manual, &host_document);
}

static void every_field_has_its_sentence(void **data)
{
	(void)data;
	for (const struct section_type *type = host_document.sections; type->name; type++) {
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
