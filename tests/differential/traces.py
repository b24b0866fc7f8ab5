# SPDX-License-Identifier: GPL-2.0-or-later
"""What Trace tells of packets on their way through the kernel is what Explain says of them from the
document: the same objects do the same things in the same order, with the same end."""
import json
import random
import socket

import packet as packets
import varlink
from evaluator import Evaluator
from generate import NICS, Generator, sentinels

PER_DOCUMENT = 100
PATIENCE = 30
# What Explain says beside the way: objects that do nothing.
BESIDE = {"rest"}


class Stream:
    """A Trace of all packets. The daemon follows them from the first answer on."""

    def __init__(self, path, **options):
        self.client = varlink.Client(path, timeout=PATIENCE, **options)
        self.client.send("Trace", {"count": 100000, "seconds": 600}, more=True)
        if not self.client.receive().get("begun"):
            raise RuntimeError("the trace did not begin")

    def collect(self, wanted):
        """Takes answers until there are as many for each key as WANTED says (key -> number)."""
        wanted, found = dict(wanted), {}
        try:
            while wanted:
                answer = self.client.receive()
                if answer.get("lost"):
                    raise RuntimeError("the kernel told more than could be read")
                key = key_of(answer)
                if key not in wanted:
                    continue
                found.setdefault(key, []).append(answer)
                wanted[key] -= 1
                if not wanted[key]:
                    del wanted[key]
        except socket.timeout:
            pass
        return found

    def close(self):
        self.client.close()


def key_of(answer):
    """Where a packet came in and what it was then."""
    step = answer["steps"][0]
    return (step["object"], *packet_of(step["packet"]))


def packet_of(packet):
    return (packet["from"], packet["to"], packet["protocol"], packet.get("from_port", 0),
            packet.get("to_port", 0))


def asked(link, packet):
    """The same for Explain."""
    question = {"from": packet.src, "to": packet.dst, "protocol": packet.protocol,
                "interface": link}
    if packet.protocol in ("tcp", "udp"):
        question |= {"from_port": packet.sport, "to_port": packet.dport}
    return question


def summary(answer):
    way = [(step["action"], step["object"]) for step in answer["steps"]
           if step["action"] not in BESIDE]
    return (*way, answer["verdict"], packet_of(answer["packet"]))


def shown(answer):
    return "\n".join([f"  {step['action']} {step['object']}: {step['text']}"
                      for step in answer["steps"]]
                     + [f"  {answer['verdict']} {packet_of(answer['packet'])}"])


def add_services(generator, document):
    """What the evaluator's documents have not."""
    for link in document["interfaces"]:
        if link["role"] == "private" and generator.chance(0.1):
            document.setdefault("dhcp", []).append(
                {"uuid": generator.uuid("dhcp"), "network": link["network"]})


def make(generator, document, evaluator):
    """Packets that each begin a connection: [(link, packet, MAC of the sender)]."""
    sent, others = [], set()
    for tag in range(1, PER_DOCUMENT + 1):
        one = generator.packet(document, evaluator, tag)
        if not one or (one[1].protocol == "other" and others):
            continue
        others |= {one[1].protocol} & {"other"}
        sent.append(one)
    return sent


def follow(run, document, stream, sent):
    """Sends; what was told, by the keys of the packets."""
    nic = {link["uuid"]: next(name for name, mac in NICS if mac == link["mac"])
           for link in document["interfaces"]}
    macs = {name: packets.mac_bytes(mac) for name, mac in NICS}
    frames = [(nic[link], packets.frame(packet, mac, macs[nic[link]]))
              for link, packet, mac in sent]
    if run.world.exchange(frames) is None:
        raise RuntimeError(f"no answer to ARP on {run.world.other}")
    wanted = {}
    for link, packet, _ in sent:
        ports = ((packet.sport, packet.dport) if packet.protocol in ("tcp", "udp") else (0, 0))
        key = (link, packet.src, packet.dst, packet.protocol, *ports)
        wanted[key] = wanted.get(key, 0) + 1
    return stream.collect(wanted)


def compare(said, told, link, packet):
    """What is wrong, or None."""
    if told and summary(told) == summary(said):
        return None
    return (f"packet on {link}: {packet.text()}\nexplained:\n{shown(said)}\ntraced:\n"
            f"{shown(told) if told else '  nothing was told'}\n"
            f"{json.dumps(asked(link, packet))}")


def trace(run, seed):
    """One document; returns (how many agree, [what is wrong], the document)."""
    generator = Generator(random.Random(seed))
    document = generator.document()
    add_services(generator, document)
    run.apply(document)
    run.world.forget_connections()
    run.world.set_links(sentinels(document))
    run.world.settle()
    sent = make(generator, document, Evaluator(document))
    stream = Stream(run.router.socket)
    try:
        found = follow(run, document, stream, sent)
    finally:
        stream.close()
    wrong = []
    for link, packet, _ in sent:
        said = run.router.call("Explain", {"packet": asked(link, packet)})
        told = found.get((link, *packet_of(asked(link, packet))), [])
        wrong.append(compare(said, told.pop() if told else None, link, packet))
    faults = [what for what in wrong if what]
    return len(wrong) - len(faults), faults, document
