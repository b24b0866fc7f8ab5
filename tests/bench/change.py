# SPDX-License-Identifier: GPL-2.0-or-later
"""Part change: one object changed with N present, from the call to the reply, on one connection.

The agents of all sizes live at once and take turns by blocks, so that whatever else the machine
does falls on all of them."""
import os
import random
import time

import peers
import scene
from figures import percentile
from memory import processor_ns

PATCHES = 500
BLOCK = 50
PEER_RUNS = {"nft program": 50, "nft -f whole": 5, "iptables": 5}


class Changing(scene.Agent):
    def __init__(self, objects):
        super().__init__(f"c{objects}")
        self.objects, self.moved = objects, set()
        self.random = random.Random(objects)
        self.spent = {"port forward": [], "EIP": [], "empty call": []}
        self.processor = {"port forward": [], "EIP": []}
        self.apply(scene.document(objects))

    def turn(self, what):
        eips, forwards = peers.counts(self.objects)
        section, make, count = (("eips", scene.eip, eips) if what == "EIP" else
                                ("port_forwards", scene.forward, forwards))
        pid, used = self.router.process.pid, -processor_ns(self.router.process.pid)
        for _ in range(BLOCK):
            number = self.random.randrange(count)
            wanted = make(number, (what, number) not in self.moved)
            self.moved ^= {(what, number)}
            began = time.monotonic()
            reply = self.patch({section: [wanted]})
            self.spent[what].append((time.monotonic() - began) * 1000)
            if not reply["plan"]:
                raise RuntimeError(f"the patch of {wanted['uuid']} changed nothing")
        self.processor[what].append((used + processor_ns(pid)) / BLOCK / 1e6)

    def empty_calls(self):
        """What connection and scheduler cost without any work."""
        for _ in range(BLOCK):
            began = time.monotonic()
            self.settle()
            self.spent["empty call"].append((time.monotonic() - began) * 1000)


def synced_appends():
    """What the disk takes for a record of a journal as long as a patch's, without any agent."""
    spent = []
    with open(scene.STATE / "appended", "ab", buffering=0) as file:
        for _ in range(BLOCK):
            began = time.monotonic()
            file.write(b"x" * 300)
            os.fdatasync(file.fileno())
            spent.append((time.monotonic() - began) * 1000)
    return spent


def measure(figures, sizes):
    agents, appends = [Changing(objects) for objects in sizes], []
    for _ in range(PATCHES // BLOCK):
        appends += synced_appends()
        for what in ("port forward", "EIP"):
            for agent in agents:
                agent.turn(what)
        for agent in agents:
            agent.empty_calls()
    for agent in agents:
        for what, spent in agent.spent.items():
            figures.note("change", what, "weft", agent.objects, "ms", spent)
        for what, used in agent.processor.items():
            figures.note("change", f"{what}, processor", "weft", agent.objects, "ms", used)
        agent.close()
    figures.note("change", "synced append", "the disk alone", 0, "ms", appends)
    judge(figures, agents)
    for objects in sizes:
        measure_peers(figures, objects)


def judge(figures, agents):
    first, last = agents[0], agents[-1]
    for what in ("port forward", "EIP"):
        small, large = sorted(first.spent[what]), sorted(last.spent[what])
        p99 = percentile(large, 0.99)
        figures.target(f"change one {what} with {last.objects} objects", "p99 <= 5 ms",
                       f"{p99:.2f} ms", p99 <= 5)
        if first is not last:
            ratio = large[len(large) // 2] / small[len(small) // 2]
            figures.target(f"the same, beside {first.objects} objects", "<= 1.1x (p50)",
                           f"{ratio:.2f}x", ratio <= 1.1)


def measure_peers(figures, objects):
    whole = peers.nft_table(objects)
    for program in peers.IPTABLES:
        one = scene.Scene(f"p{objects}")
        spent = [peers.restore(one.name, program, peers.iptables_table(objects, {run} - {0}))
                 for run in range(PEER_RUNS["iptables"] + 1)]
        figures.note("change", "port forward", f"{program}-restore", objects, "ms", spent[1:])
        one.close()
    one = scene.Scene(f"p{objects}")
    spent = [peers.nft(one.name, whole) for _ in range(PEER_RUNS["nft -f whole"] + 1)]
    figures.note("change", "port forward", "nft -f whole", objects, "ms", spent[1:])
    spent = [peers.nft(one.name, peers.nft_change(run, True))
             for run in range(PEER_RUNS["nft program"])]
    figures.note("change", "port forward", "nft program", objects, "ms", spent)
    one.close()
