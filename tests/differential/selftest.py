#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Is the judge just? The evaluator by hand-made examples; the generator by what it promises; the
packet engine against a plain kernel router, which it must also find guilty."""
import copy
import random
import sys
import unittest

import packet as packets
from evaluator import Evaluator
from generate import MACS, NICS, Generator, patch, sentinels
from judge import Judge
from world import World, enter_world, run

DOCUMENT = {
    "revision": 1, "router": {"uuid": "r", "name": "r"},
    "interfaces": [
        {"uuid": "pub", "mac": MACS["pub0"], "role": "public", "network": "l3-pub",
         "addresses": ["10.0.0.10/8"], "gateway": "10.0.0.1"},
        {"uuid": "two", "mac": MACS["pub1"], "role": "public", "network": "l3-two",
         "addresses": ["203.0.113.10/24"], "gateway": "203.0.113.1"},
        {"uuid": "mgt", "mac": MACS["mgt"], "role": "management", "network": "l3-mgt",
         "addresses": ["192.168.29.10/24"]},
        {"uuid": "web", "mac": MACS["pri0"], "role": "private", "network": "l3-web",
         "addresses": ["192.168.10.1/24"], "snat": True},
        {"uuid": "app", "mac": MACS["pri1"], "role": "private", "network": "l3-app",
         "addresses": ["192.168.11.1/24"], "snat": False}],
    "vips": [{"uuid": "v1", "address": "10.0.0.50", "network": "l3-pub"},
             {"uuid": "v2", "address": "10.0.0.51", "network": "l3-pub"},
             {"uuid": "v3", "address": "203.0.113.50", "network": "l3-two"},
             {"uuid": "v4", "address": "10.0.0.52", "network": "l3-pub"}],
    "eips": [{"uuid": "e2", "vip": "v4", "target": "192.168.10.20"},
             {"uuid": "e1", "vip": "v1", "target": "192.168.10.20"},
             {"uuid": "e3", "vip": "v3", "target": "192.168.11.30"}],
    "port_forwards": [
        {"uuid": "p1", "vip": "v2", "protocol": "tcp", "vip_ports": "30-40",
         "target": "192.168.11.9", "target_ports": "130-140"},
        {"uuid": "p2", "vip": "v2", "protocol": "udp", "vip_ports": "24", "target": "192.168.10.9",
         "target_ports": "22", "allowed_cidr": "10.0.79.0/24"}],
    "routes": [
        {"uuid": "r1", "destination": "172.18.0.0/24", "type": "static", "next_hop": "10.0.0.3",
         "priority": 128},
        {"uuid": "r2", "destination": "172.18.0.0/28", "type": "blackhole", "priority": 200},
        {"uuid": "r3", "destination": "172.19.0.0/24", "type": "static", "next_hop": "10.0.0.10",
         "priority": 1},
        {"uuid": "r4", "destination": "192.168.11.0/24", "type": "static",
         "next_hop": "10.0.0.3", "priority": 1}],
}
PLAIN = {"interfaces": [dict(link, snat=False) for link in DOCUMENT["interfaces"][3:]]}


def say(document, link, src, dst, protocol="tcp", dport=80):
    kind = {"icmp": "request", "tcp": "syn"}.get(protocol, "")
    packet = packets.Packet(src, dst, protocol, 1234, dport, 1, kind)
    verdict = Evaluator(document).decide(link, packet)
    if verdict.action != "forward":
        return verdict.action
    return (verdict.out, verdict.via, *sorted(verdict.sources), verdict.dst, verdict.dport)


class Evaluating(unittest.TestCase):
    def check(self, wanted, *packet, document=DOCUMENT):
        self.assertEqual(wanted, say(document, *packet))

    def test_an_elastic_ip_goes_both_ways(self):
        self.check(("web", "192.168.10.20", "8.8.8.8", "192.168.10.20", 80),
                   "pub", "8.8.8.8", "10.0.0.50")
        self.check(("pub", "10.0.0.1", "10.0.0.50", "8.8.8.8", 80),
                   "web", "192.168.10.20", "8.8.8.8")
        self.check("drop", "mgt", "192.168.29.5", "10.0.0.50")

    def test_a_guest_leaves_by_the_link_of_its_elastic_ip(self):
        self.check(("two", "203.0.113.1", "203.0.113.50", "8.8.8.8", 80),
                   "app", "192.168.11.30", "8.8.8.8")
        self.check(("pub", "10.2.3.4", "192.168.11.30", "10.2.3.4", 80),
                   "app", "192.168.11.30", "10.2.3.4")

    def test_ports_are_forwarded_one_to_one(self):
        self.check(("app", "192.168.11.9", "8.8.8.8", "192.168.11.9", 135),
                   "pub", "8.8.8.8", "10.0.0.51", "tcp", 35)
        for dport in (29, 41):
            self.check("drop", "pub", "8.8.8.8", "10.0.0.51", "tcp", dport)
        self.check("drop", "pub", "8.8.8.8", "10.0.0.51", "udp", 35)

    def test_an_allowed_cidr_keeps_others_out(self):
        self.check(("web", "192.168.10.9", "10.0.79.68", "192.168.10.9", 22),
                   "pub", "10.0.79.68", "10.0.0.51", "udp", 24)
        self.check("drop", "pub", "10.0.80.5", "10.0.0.51", "udp", 24)

    def test_neighbours_meet_as_the_router(self):
        self.check(("app", "192.168.11.9", "192.168.11.1", "192.168.11.9", 130),
                   "app", "192.168.11.77", "10.0.0.51", "tcp", 30)
        self.check(("app", "192.168.11.9", "192.168.10.77", "192.168.11.9", 130),
                   "web", "192.168.10.77", "10.0.0.51", "tcp", 30)

    def test_sources_are_translated_where_asked_for(self):
        self.check(("pub", "10.0.0.1", "10.0.0.10", "8.8.8.8", 80),
                   "web", "192.168.10.5", "8.8.8.8")
        self.check(("two", "203.0.113.9", "203.0.113.10", "203.0.113.9", 80),
                   "web", "192.168.10.5", "203.0.113.9")
        self.check(("pub", "10.0.0.1", "192.168.11.5", "8.8.8.8", 80),
                   "app", "192.168.11.5", "8.8.8.8")

    def test_private_networks_are_closed_but_to_routed_destinations(self):
        self.check("drop", "pub", "8.8.8.8", "192.168.10.5")
        self.check(("web", "192.168.10.5", "172.18.0.77", "192.168.10.5", 80),
                   "pub", "172.18.0.77", "192.168.10.5")
        self.check("drop", "two", "172.18.0.77", "192.168.10.5")
        self.check(("pub", "10.0.0.3", "192.168.10.20", "172.18.0.77", 80),
                   "web", "192.168.10.20", "172.18.0.77")

    def test_routes_are_chosen_as_promised(self):
        self.check("drop", "web", "192.168.10.5", "172.18.0.3")
        self.check(("pub", "10.0.0.1", "10.0.0.10", "172.19.0.3", 80),
                   "web", "192.168.10.5", "172.19.0.3")
        self.check(("app", "192.168.11.5", "192.168.10.5", "192.168.11.5", 80),
                   "web", "192.168.10.5", "192.168.11.5")

    def test_the_router_answers_little(self):
        self.check("answer", "pub", "8.8.8.8", "10.0.0.10", "icmp")
        self.check("drop", "pub", "8.8.8.8", "10.0.0.10", "tcp", 22)
        self.check("answer", "mgt", "192.168.29.5", "192.168.29.10", "tcp", 22)
        self.check("drop", "web", "192.168.10.5", "192.168.10.1", "udp", 53)
        self.check("drop", "pub", "8.8.8.8", "10.0.0.51", "icmp")
        self.check("drop", "web", "192.168.10.5", "192.168.29.7")

    def test_the_first_rule_decides(self):
        document = copy.deepcopy(DOCUMENT)
        document["firewall"] = [
            {"uuid": "f2", "interface": "pub", "direction": "in", "priority": 2, "action": "drop"},
            {"uuid": "f1", "interface": "pub", "direction": "in", "priority": 1,
             "action": "accept", "protocol": "tcp", "destination_ports": "22,130-135"},
            {"uuid": "f3", "interface": "web", "direction": "out", "priority": 1,
             "action": "reject", "protocol": "udp"}]
        self.check(("app", "192.168.11.9", "8.8.8.8", "192.168.11.9", 130),
                   "pub", "8.8.8.8", "10.0.0.51", "tcp", 30, document=document)
        self.check("drop", "pub", "8.8.8.8", "10.0.0.51", "tcp", 36, document=document)
        self.check("drop", "pub", "8.8.8.8", "10.0.0.10", "icmp", document=document)
        self.check("reject", "two", "8.8.8.8", "10.0.0.50", "udp", document=document)


class Generating(unittest.TestCase):
    def test_documents_and_packets_are_of_every_kind(self):
        seen = set()
        for seed in range(150):
            generator = Generator(random.Random(seed))
            document = generator.document()
            evaluator = Evaluator(document)
            for tag in range(1, 30):
                one = generator.packet(document, evaluator, tag)
                if one:
                    seen.add(evaluator.decide(one[0], one[1]).why)
        self.assertLessEqual({"elastic IP", "SNAT", "hairpin", "translated", "routed", "blackhole",
                              "to a static route's destination", "management ssh", "no route",
                              "echo of the router"}, seen)

    def test_a_patch_is_the_difference(self):
        for seed in range(100):
            generator = Generator(random.Random(seed))
            have = generator.document()
            want = generator.change(have)
            change = patch(have, want)
            for section in change["upsert"] | change["remove"]:
                left = {value["uuid"]: value for value in have.get(section, [])
                        if value["uuid"] not in change["remove"].get(section, [])}
                left |= {value["uuid"]: value for value in change["upsert"].get(section, [])}
                self.assertEqual(left, {v["uuid"]: v for v in want.get(section, [])})


class Engine(unittest.TestCase):
    """Two networks and a kernel that forwards."""

    @classmethod
    def setUpClass(cls):
        cls.world = World("plain", NICS)
        for link in PLAIN["interfaces"]:
            nic = next(name for name, mac in NICS if mac == link["mac"])
            run("ip", "-n", "plain", "link", "set", nic, "up")
            run("ip", "-n", "plain", "addr", "add", link["addresses"][0], "dev", nic)
        run("ip", "netns", "exec", "plain", "sysctl", "-qw", "net.ipv4.ip_forward=1")
        cls.world.set_links(sentinels(PLAIN))

    def judge(self, document):
        rng, sent = random.Random(1), []
        for tag in range(1, 201):
            generator = Generator(rng)
            one = generator.packet(PLAIN, Evaluator(PLAIN), tag)
            if one and one[1].protocol == "udp" and one[1].dst not in ("192.168.10.1",
                                                                       "192.168.11.1"):
                sent.append(one)
        right, wrong = Judge(self.world, document, Evaluator(document), NICS).judge(sent)
        self.assertGreater(len(sent), 20)
        return right, wrong

    def test_a_plain_router_is_found_right(self):
        right, wrong = self.judge(PLAIN)
        self.assertEqual([], wrong)
        self.assertGreater(right, 20)

    def test_a_wrong_router_is_found_out(self):
        document = copy.deepcopy(PLAIN)
        document["firewall"] = [{"uuid": "f", "interface": "web", "direction": "in",
                                 "priority": 1, "action": "drop"}]
        _, wrong = self.judge(document)
        self.assertTrue(wrong)


if __name__ == "__main__":
    enter_world()
    sys.exit(not unittest.main(exit=False).result.wasSuccessful())
