# SPDX-License-Identifier: GPL-2.0-or-later
"""Ways to a document: a walk of patches ends where one Apply ends, and so does a daemon that was
killed on the way."""
import random
import time

import packet as packets
from daemon import Router, differences
from generate import NICS, Generator, patch, sentinels
from world import World


class Fresh:
    """A router that never saw anything but one document; the state that it comes to."""

    serial = 0

    @classmethod
    def state_of(cls, binary, document):
        cls.serial += 1
        world = World(f"f{cls.serial}", NICS)
        router = Router(binary, world.namespace)
        try:
            router.start()
            router.call("Apply", {"state": document})
            return router.kernel_state()
        finally:
            router.close()
            world.close()


def walk(router, binary, seed, revision, steps=8):
    """Returns (revision held, [differences])."""
    generator = Generator(random.Random(seed))
    document = generator.document()
    document["revision"] = revision + 1
    router.call("Apply", {"state": document})
    for _ in range(steps):
        wanted = generator.change(document)
        router.call("Patch", patch(document, wanted))
        document = wanted
    found = differences(router.kernel_state(), Fresh.state_of(binary, document))
    if not found:
        plan = router.call("Apply", {"state": document, "dry_run": True}).get("plan", [])
        found = [f"a second Apply would change {change}" for change in plan]
    return document["revision"], found


class Connection:
    """From the internet to an elastic IP that every document of a test has; once established it
    must go on whatever happens."""

    def __init__(self, world):
        self.world, self.number = world, 0
        self.macs = {name: packets.mac_bytes(mac) for name, mac in NICS}

    def start(self, document):
        """Adds what it needs to the document, which is then applied."""
        public = next(link for link in document["interfaces"] if link["role"] == "public")
        private = next(link for link in document["interfaces"] if link["role"] == "private")
        names = {mac: name for name, mac in NICS}
        outside = packets.network(public["addresses"][0])
        self.public, self.private = names[public["mac"]], names[private["mac"]]
        self.vip, self.client = str(outside[5]), str(outside[6])
        self.target = str(packets.network(private["addresses"][0])[3])
        document.setdefault("vips", []).append(
            {"uuid": "keep-vip", "address": self.vip, "network": public["network"]})
        document.setdefault("eips", []).append(
            {"uuid": "keep-eip", "vip": "keep-vip", "target": self.target})
        self.kept = (public["uuid"], private["uuid"])
        self.number += 1

    def keeps(self, document):
        """Whether a changed document still has all of it, and no firewall in its way."""
        uuids = {link["uuid"] for link in document["interfaces"]}
        return (set(self.kept) <= uuids and not document.get("firewall")
                and any(eip == {"uuid": "keep-eip", "vip": "keep-vip", "target": self.target}
                        for eip in document["eips"]))

    def through(self, kind="ack"):
        """One packet there and one back; returns what is wrong."""
        port = 40000 + self.number
        ask = packets.Packet(self.client, self.vip, "tcp", port, 80, 7, kind)
        there = self.one(self.public, ask, self.client, self.target)
        if not there or (there.dst, there.src) != (self.target, self.client):
            return f"no way in: {there}"
        back = self.one(self.private, there.answer(), self.target, self.client)
        if not back or (back.src, back.dport) != (self.vip, port):
            return f"no way back: {back}"
        return None

    def one(self, nic, packet, sender, receiver):
        data = packets.frame(packet, packets.mac_of(sender), self.macs[nic])
        for _, _, came in self.world.exchange([(nic, data)]) or []:
            if came.tag == 7 and came.dst == receiver:
                return came
        return None


def kill(router, world, binary, seed, revision):
    """One connection, then changes with kills at random moments; returns (revision, [faults])."""
    rng = random.Random(seed)
    generator = Generator(rng)
    document = generator.document()
    document.pop("firewall", None)
    connection = Connection(world)
    connection.start(document)
    connection.number = revision % 20000
    document["revision"] = revision + 1
    router.call("Apply", {"state": document})
    world.set_links(sentinels(document))
    wrong = connection.through("syn") or connection.through()
    if wrong:
        return document["revision"], [f"before any kill: {wrong}"]
    for _ in range(3):
        wanted = generator.change(document)
        if not connection.keeps(wanted):
            continue
        held = kill_once(router, rng, document, wanted)
        if held is None:
            return wanted["revision"], ["neither the old nor the new revision is held"]
        document = held
        world.set_links(sentinels(document))
        wrong = connection.through()
        if wrong:
            return document["revision"], [f"after a kill: {wrong}"]
    found = differences(router.kernel_state(), Fresh.state_of(binary, document))
    return document["revision"], found


def kill_once(router, rng, document, wanted):
    """Kills while the change is on its way; the document that the next daemon holds, or None."""
    if rng.random() < 0.5:
        router.client.send("Patch", patch(document, wanted))
    else:
        router.client.send("Apply", {"state": wanted})
    acknowledged = rng.random() < 0.25
    if acknowledged:
        router.client.receive()
    else:
        time.sleep(rng.random() * rng.choice([0.0005, 0.003, 0.02]))
    router.kill()
    revision = router.start()["revision"]
    if revision == wanted["revision"]:
        return wanted
    return document if revision == document["revision"] and not acknowledged else None
