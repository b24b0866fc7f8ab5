# SPDX-License-Identifier: GPL-2.0-or-later
"""Part eip: from the call that makes an elastic IP to the first echo that comes back from it.

The client asks all the time, also before the address is there: its neighbour entry waits for an
answer then, as that of any client that was told the address too early."""
import random
import select
import socket
import struct
import time

import scene
from namespaces import Inside
from priority import RealTime
from stream import SO_TIMESTAMPNS

RUNS = 100
EVERY_S = 0.0005
PATIENCE_S = 30


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total >> 16) + (total & 0xffff)
    return ~(total + (total >> 16)) & 0xffff


def echo(identifier, number):
    head = struct.pack("!BBHHH", 8, 0, 0, identifier, number)
    return struct.pack("!BBHHH", 8, 0, checksum(head), identifier, number)


class Asking:
    """Echo requests to one address, and the first answer."""

    def __init__(self, namespace, address):
        with Inside(namespace):
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.address, self.number = address, 0
        self.identifier = random.randrange(1, 1 << 16)

    def ask(self):
        self.number = (self.number + 1) & 0xffff
        try:
            self.socket.sendto(echo(self.identifier, self.number), (self.address, 0))
        except OSError:
            pass  # No way there yet.

    def answer(self):
        """The kernel's time of an answer, or None."""
        data, ancillary, _, peer = self.socket.recvmsg(2048, 128)
        if peer[0] != self.address or data[20] != 0:
            return None
        seconds, nanoseconds = struct.unpack("=qq", ancillary[0][2][:16])
        return seconds * 1_000_000_000 + nanoseconds

    def first_answer(self):
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            self.ask()
            if select.select([self.socket], [], [], EVERY_S)[0]:
                at = self.answer()
                if at:
                    return at
        raise RuntimeError(f"{self.address} does not answer")


def measure(figures, sizes):
    for objects in sizes:
        agent = scene.Agent(f"h{objects}")
        agent.apply(scene.document(objects))
        spent = []
        for turn in range(RUNS):
            spent.append(attach(agent, scene.address("10.200.0.1", turn)))
            agent.patch(remove={"eips": ["eip-new"], "vips": ["vip-new"]})
        figures.note("eip", "call to first answer", "weft", objects, "ms", spent)
        agent.close()
    p99 = sorted(spent)[-1 - RUNS // 100]
    figures.target(f"an EIP made, first answer, {objects} objects", "p99 < 50 ms",
                   f"{p99:.1f} ms", p99 < 50)


def attach(agent, address):
    """Milliseconds."""
    asking = Asking(agent.client, address)
    base, agent.revision = agent.revision, agent.revision + 1
    patch = {"base_revision": base, "revision": agent.revision, "upsert": {
        "vips": [{"uuid": "vip-new", "address": address, "network": "l3-pub"}],
        "eips": [{"uuid": "eip-new", "vip": "vip-new", "target": scene.SPARE_GUEST}]}}
    with RealTime():
        for _ in range(3):
            asking.ask()
            time.sleep(EVERY_S)
        began = time.time_ns()
        agent.router.client.send("Patch", patch)
        at = asking.first_answer()
    asking.socket.close()
    if agent.router.client.receive().get("failures"):
        raise RuntimeError(f"{address} has failures")
    return (at - began) / 1e6
