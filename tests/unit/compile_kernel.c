/* SPDX-License-Identifier: GPL-2.0-or-later */
/* compile_kernel.c - what the compiler says, a kernel takes, and gives back in the same words.
 *
 * In a network namespace of the test's own; skipped where none can be made. */
#include "tests/unit/router_bench.h"

#include <sched.h>
#include <unistd.h>

#include "lib/backend/nft/nft.h"
#include "lib/backend/rtnl/rtnl.h"
#include "lib/backend/tc/tc.h"
#include "lib/item/engine.h"
#include "vrouter/compile/compile.h"

struct machine {
	struct nft *nft;
	struct rtnl *rtnl;
	struct tc *tc;
	struct engine *engine;
	struct facts facts;
};

static int machine_up(void **state)
{
	static const char *const nics = "for i in 1 2 3 4 5; do ip link add eth$i address "
					"fa:00:00:00:00:0$i type veth peer name peer$i && "
					"ip link set peer$i up || exit 1; done";
	struct machine *machine = mem_alloc(sizeof(*machine));
	AUTO(err_clear) struct err err = ERR_NONE;
	struct provider sysctl = sysctl_provider(), links, addresses, routes, nft, tc;
	bool changed;

	*state = machine;
	if (unshare(CLONE_NEWNET) < 0)
		return 0;
	if (system(nics) != 0) /* NOLINT: a test's own machine */
		return 0;
	if (nft_new("weft", &machine->nft, &err) < 0 || rtnl_new(&machine->rtnl, &err) < 0 ||
	    tc_new(machine->rtnl, &machine->tc, &err) < 0 || tc_probe(&machine->facts, &err) < 0 ||
	    rtnl_facts(machine->rtnl, &machine->facts, &changed, &err) < 0)
		fail_msg("%s", err_text(&err));
	machine->engine = engine_new();
	links = rtnl_provider_links(machine->rtnl);
	addresses = rtnl_provider_addresses(machine->rtnl);
	routes = rtnl_provider_routes(machine->rtnl);
	nft = nft_provider(machine->nft);
	engine_add_provider(machine->engine, &links);
	engine_add_provider(machine->engine, &addresses);
	engine_add_provider(machine->engine, &routes);
	engine_add_provider(machine->engine, &sysctl);
	engine_add_provider(machine->engine, &nft);
	tc = tc_provider(machine->tc);
	engine_add_provider(machine->engine, &tc);
	return 0;
}

static int machine_down(void **state)
{
	struct machine *machine = *state;

	if (machine->engine)
		engine_free(machine->engine);
	nft_free(machine->nft);
	tc_free(machine->tc);
	rtnl_free(machine->rtnl);
	facts_clear(&machine->facts);
	free(machine);
	return 0;
}

static void check_plan(const struct plan *plan, const char *what)
{
	for (size_t i = 0; i < plan->n; i++) {
		const struct change *change = &plan->changes[i];
		const struct item *item = change_item(change);

		if (change->err.code)
			fail_msg("%s: %s \"%s\": %s", what, item_kind(item), item_key(item),
				 err_text(&change->err));
	}
}

/* Puts the items into the kernel and looks: there is nothing left to do. */
static void settle(struct machine *machine, struct item_set *items)
{
	struct plan plan = PLAN_NONE, again = PLAN_NONE;
	AUTO(err_clear) struct err err = ERR_NONE;
	struct item *item, *after;

	/* Whose backends are elsewhere. */
	item_set_for_each (items, item, after)
		if (item_is(item, "connections") || strncmp(item_kind(item), "haproxy.", 8) == 0 ||
		    item_is(item, "ipsec.connection") ||
		    strncmp(item_kind(item), "dhcp.", 5) == 0 ||
		    strncmp(item_kind(item), "dns.", 4) == 0)
			item_unref(item_set_take(items, item));
	engine_replace(machine->engine, items, 0, &plan);
	check_plan(&plan, "made");
	if (engine_reconcile(machine->engine, NULL, true, 0, &again, &err) < 0)
		fail_msg("%s", err_text(&err));
	for (size_t i = 0; i < again.n; i++) {
		const struct change *change = &again.changes[i];

		fail_msg("not as wanted: %s \"%s\": \"%s\", is \"%s\"",
			 item_kind(change_item(change)), item_key(change_item(change)),
			 change->want ? item_value(change->want) : "",
			 change->have ? item_value(change->have) : "");
	}
	plan_clear(&plan);
	plan_clear(&again);
}

static void put(struct machine *machine, const char *router, const char *interfaces,
		const char *sections)
{
	AUTO(bench_document_free)
	struct document *document = bench_document_of(router, interfaces, sections);
	AUTO(err_clear) struct err err = ERR_NONE;
	bool changed;

	/* Links of ours are facts once they are there. */
	for (int i = 0; i < 2; i++) {
		struct item_set items = ITEM_SET_NONE;
		struct notes notes = NOTES_NONE;

		router_compile(document, &machine->facts, &items, &notes);
		settle(machine, &items);
		notes_clear(&notes);
		if (rtnl_facts(machine->rtnl, &machine->facts, &changed, &err) < 0)
			fail_msg("%s", err_text(&err));
	}
}

#define EVERYTHING                                                                               \
	"'dns':{'forwarders':['223.5.5.5']},"                                                    \
	"'dhcp':[{'uuid':'d','network':'l3-web','hosts':[]}],"                                   \
	"'vips':[{'uuid':'v1','address':'10.1.0.1','network':'l3-pub',"                          \
	"'qos':[{'uuid':'q1','up_mbps':1,'down_mbps':100000},{'uuid':'q2','port':'80',"          \
	"'up_mbps':33},{'uuid':'q3','port':'90','down_mbps':7}]},"                               \
	"{'uuid':'v2','address':'203.0.113.2','network':'l3-b'},"                                \
	"{'uuid':'v3','address':'10.1.0.3','network':'l3-pub'},"                                 \
	"{'uuid':'v4','address':'203.0.113.4','network':'l3-b'},"                                \
	"{'uuid':'s','address':'10.108.13.216','network':'l3-pub','system':true}],"              \
	"'eips':[{'uuid':'e1','vip':'v1','target':'192.168.10.5'},"                              \
	"{'uuid':'e0','vip':'v2','target':'192.168.10.5'}],"                                     \
	"'port_forwards':["                                                                      \
	"{'uuid':'f1','vip':'v3','protocol':'tcp','vip_ports':'24','target':'192.168.10.6',"     \
	"'target_ports':'22'},"                                                                  \
	"{'uuid':'f2','vip':'v3','protocol':'tcp','vip_ports':'30-40','target':'192.168.10.6'}," \
	"{'uuid':'f3','vip':'s','protocol':'udp','vip_ports':'30-33','target':'192.168.11.6',"   \
	"'target_ports':'130-133'},"                                                             \
	"{'uuid':'f4','vip':'s','protocol':'tcp','vip_ports':'50','target':'192.168.11.6',"      \
	"'allowed_cidr':'10.0.79.0/24'},"                                                        \
	"{'uuid':'f5','vip':'s','protocol':'tcp','vip_ports':'51-59','target':'192.168.11.6',"   \
	"'allowed_cidr':'10.0.79.9'},"                                                           \
	"{'uuid':'f6','vip':'s','protocol':'tcp','vip_ports':'60-63','target':'192.168.11.6',"   \
	"'target_ports':'160-163','allowed_cidr':'10.0.79.9'}],"                                 \
	"'ipsec':[{'uuid':'t1','vip':'v3','remote_address':'10.9.9.9','auth':{'psk':'k'},"       \
	"'local_cidrs':['192.168.10.0/24'],'remote_cidrs':['172.20.0.0/16','172.20.1.0/24']},"   \
	"{'uuid':'t2','vip':'v4','remote_address':'203.0.113.9','auth':{'psk':'k'},"             \
	"'local_cidrs':['192.168.11.0/24'],'remote_cidrs':['172.20.0.0/16']}],"                  \
	"'load_balancers':[{'uuid':'l','vip':'v3','listeners':[{'uuid':'ls','port':80,"          \
	"'target_port':80,'members':[]}]}],"                                                     \
	"'routes':["                                                                             \
	"{'uuid':'r1','destination':'172.16.0.0/12','type':'static','next_hop':'10.0.0.9'},"     \
	"{'uuid':'r2','destination':'172.16.5.0/24','type':'static','next_hop':'10.0.0.8'},"     \
	"{'uuid':'r3','destination':'172.16.0.0/12','type':'static','next_hop':'203.0.113.9',"   \
	"'priority':7},"                                                                         \
	"{'uuid':'r4','destination':'198.18.0.1/32','type':'static','next_hop':'10.0.0.8'},"     \
	"{'uuid':'r5','destination':'192.0.2.0/24','type':'blackhole','priority':10}],"          \
	"'firewall':["                                                                           \
	"{'uuid':'w1','interface':'if-pub','direction':'in','priority':20,'action':'drop',"      \
	"'protocol':'tcp','source':'10.0.80.0/24','destination_ports':['22','8000-8080']},"      \
	"{'uuid':'w2','interface':'if-pub','direction':'in','priority':1001,"                    \
	"'action':'reject','protocol':'icmp','states':['new','established']},"                   \
	"{'uuid':'w3','interface':'if-web','direction':'out','priority':7,'action':'reject',"    \
	"'protocol':'tcp','destination':'192.168.10.9'},"                                        \
	"{'uuid':'w4','interface':'if-web','direction':'out','priority':9,'action':'accept',"    \
	"'protocol':'udp','source_ports':['53-54'],'states':['invalid','related']}]"

/* The second public interface, whose NIC is not there. */
#define PUBLIC_GONE                                                                   \
	",{'uuid':'if-b','mac':'fa:00:00:00:00:09','role':'public','network':'l3-b'," \
	"'addresses':['203.0.113.16/24'],'gateway':'203.0.113.1'}"

static void the_kernel_takes_all_that_is_said(void **state)
{
	struct machine *machine = *state;

	if (!machine->engine)
		skip();
	put(machine, "", BENCH_INTERFACES, "");
	put(machine, ",'private_default':'accept'", BENCH_INTERFACES BENCH_PUBLIC_B, EVERYTHING);
	put(machine, "", BENCH_INTERFACES PUBLIC_GONE, EVERYTHING);
	put(machine, "", BENCH_INTERFACES BENCH_PUBLIC_B, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_kernel_takes_all_that_is_said, machine_up,
						machine_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
